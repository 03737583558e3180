//! Killed at any instant, a run is finished by `--resume`, and nothing happens twice.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sxinv::sandbox::Options;

use crate::scripted::{self, Answer, Server};
use crate::shop::{Ran, Shop};

/// The whole life of a variant behind a server that kills its client at a chosen moment.
struct Shelf {
    stock: Mutex<i64>,
    posts: AtomicU32,
}

/// When the client is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// Reading for the plan: nothing was intended yet.
    Plan,
    /// The request is there, and was not processed.
    Unprocessed,
    /// The request was processed, and the answer never leaves.
    Processed,
    /// The answer has left.
    Answered,
    /// The second row's request is there, so the first one's outcome is on disk.
    Second,
}

fn kill(pid: &Mutex<Option<u32>>) {
    let pid = loop {
        // Known as soon as the test has started the program.
        if let Some(pid) = *pid.lock().unwrap() {
            break pid;
        }
        std::thread::yield_now();
    };
    std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()
        .unwrap();
}

fn product(stock: i64) -> String {
    format!(
        r#"{{"data":{{"product_id":150,"name":"R","variants":[{{"sku_id":450,"sku_code":"A","quantity":{stock}}}]}},"status":200}}"#
    )
}

/// A run of two adjustments (or sets) of one variant, killed at `moment`, then resumed; the outcomes, the stock and
/// how often something was posted.
fn killed(file: &str, moment: Moment) -> (Value, i64, u32) {
    killed_and(file, moment, &[], |_| {})
}

/// The same; `meanwhile` happens between the kill and the resuming, which has these words more.
fn killed_and(
    file: &str,
    moment: Moment,
    words: &[&str],
    meanwhile: impl FnOnce(&Shop),
) -> (Value, i64, u32) {
    let more = words;
    let shelf = Arc::new(Shelf {
        stock: Mutex::new(10),
        posts: AtomicU32::new(0),
    });
    let pid: Arc<Mutex<Option<u32>>> = Arc::default();
    let (behind, victim) = (Arc::clone(&shelf), Arc::clone(&pid));
    let struck = AtomicBool::new(false);
    let server = Server::start(move |_, request| {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let mut stock = behind.stock.lock().unwrap();
        if request.method == "GET" {
            if moment == Moment::Plan && !struck.swap(true, Ordering::SeqCst) {
                kill(&victim);
                return Answer::Hangup;
            }
            return scripted::json(200, &product(*stock));
        }
        let n = behind.posts.fetch_add(1, Ordering::SeqCst);
        let strike = |when: Moment, nth: u32| when == moment && n == nth;
        if strike(Moment::Unprocessed, 0) || strike(Moment::Second, 1) {
            kill(&victim);
            return Answer::Hangup;
        }
        let before = *stock;
        let answer = if request.method == "PUT" {
            *stock = body["variants"][0]["quantity"].as_i64().unwrap();
            product(*stock)
        } else {
            let by = body["adjustment"].as_i64().unwrap();
            *stock += by;
            json!({"data":{"sku_id":450,"product_id":150,"previous_quantity":before,"quantity":*stock,
                "adjustment":by,"available":1},"message":"Stock adjusted.","status":200})
            .to_string()
        };
        if strike(Moment::Processed, 0) {
            kill(&victim);
            return Answer::Hangup;
        }
        if strike(Moment::Answered, 0) {
            let victim = Arc::clone(&victim);
            // On its way, then the end: whether the client still saw it is anybody's guess.
            std::thread::spawn(move || kill(&victim));
        }
        scripted::json(200, &answer)
    });
    let shop = Shop::at(&server.url);
    let file = shop.file("rows.csv", file);
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--concurrency",
        "1",
    ];
    let child = shop.start(&words);
    *pid.lock().unwrap() = Some(child.id());
    let ran = Ran::of(child.wait_with_output().unwrap());
    if moment == Moment::Plan {
        assert_eq!(ran.code, 137, "{ran:#?}");
        assert_eq!(shop.run(&["history", "-o", "json"]).json(), json!([]));
        let ran = shop.run(&words).ends(0);
        let posts = shelf.posts.load(Ordering::SeqCst);
        return (ran.json(), *shelf.stock.lock().unwrap(), posts);
    }
    if moment != Moment::Answered {
        assert_eq!(ran.code, 137, "{ran:#?}");
    }
    let listed = shop.run(&["history", "-o", "json"]).json();
    let run = listed[0]["run"].as_str().unwrap().to_owned();
    if listed[0]["status"] == "open" {
        let again = format!("sxinv -p sandbox --api-url {}", shop.url);
        let way = format!("{run} was cut off; go on with: {again} import-csv --resume {run}");
        shop.run(&["history"]).ends(0).says(&way);
    }
    meanwhile(&shop);
    let resume = ["import-csv", "--resume", &run, "-o", "json"];
    let ran = shop.run(&[&resume, more].concat());
    assert!([0, 8].contains(&ran.code), "{moment:?}: {ran:#?}");
    let posts = shelf.posts.load(Ordering::SeqCst);
    (ran.json(), *shelf.stock.lock().unwrap(), posts)
}

fn outcomes(document: &Value) -> Vec<&str> {
    let results = document["results"].as_array().unwrap();
    results
        .iter()
        .map(|row| row["outcome"].as_str().unwrap())
        .collect()
}

const ADJUST: &str = "product_id,sku_id,adjustment\n150,450,5\n150,450,7\n";
const SET: &str = "product_id,sku_id,quantity\n150,450,50\n";

#[test]
fn adjustments_killed_at_each_instant_are_finished_and_never_doubled() {
    let (document, stock, posts) = killed(ADJUST, Moment::Plan);
    assert_eq!(
        (outcomes(&document), stock, posts),
        (vec!["applied", "applied"], 22, 2)
    );

    // Not processed: the stock is as before, so nobody can tell, and it is not sent again.
    let (document, stock, posts) = killed(ADJUST, Moment::Unprocessed);
    assert_eq!(
        (outcomes(&document), stock, posts),
        (vec!["unknown", "applied"], 17, 2)
    );

    let (document, stock, posts) = killed(ADJUST, Moment::Processed);
    assert_eq!(
        (outcomes(&document), stock, posts),
        (vec!["applied", "applied"], 22, 2)
    );
    assert_eq!(document["results"][0]["read_back"], true);

    // The end comes a moment after the answer: the second row may or may not have been under way by then.
    let (document, stock, posts) = killed(ADJUST, Moment::Answered);
    let second = outcomes(&document)[1];
    assert_eq!(outcomes(&document)[0], "applied");
    match stock {
        22 => assert_eq!((second, posts), ("applied", 2)),
        15 => assert_eq!((second, posts), ("unknown", 1)),
        other => panic!("{other}: {document}"),
    }

    let (document, stock, posts) = killed(ADJUST, Moment::Second);
    assert_eq!(
        (outcomes(&document), stock, posts),
        (vec!["applied", "unknown"], 15, 2)
    );
}

#[test]
fn sets_killed_at_each_instant_are_finished() {
    for moment in [
        Moment::Plan,
        Moment::Unprocessed,
        Moment::Processed,
        Moment::Answered,
    ] {
        let (document, stock, posts) = killed(SET, moment);
        assert_eq!(
            (outcomes(&document), stock),
            (vec!["applied"], 50),
            "{moment:?}"
        );
        assert!(posts <= 2);
    }
}

#[test]
fn what_another_run_wrote_meanwhile_proves_nothing_and_is_not_written_over() {
    let one = "product_id,sku_id,adjustment\n150,450,-3\n";
    let set = "product_id,sku_id,quantity\n150,450,50\n";
    let again: &[&str] = &["--resend-unknown", "--yes"];
    for (file, moment, typed, words, stock, writes) in [
        // It never arrived; who saw that typed the same by hand.
        (one, Moment::Unprocessed, "adjust 150 450 -3", &[][..], 7, 2),
        (set, Moment::Unprocessed, "set 150 450=50", &[], 50, 2),
        // It did, and was taken back by hand: as before is no sign that it was lost.
        (one, Moment::Processed, "adjust 150 450 +3", &[], 10, 2),
        (one, Moment::Processed, "adjust 150 450 +3", again, 10, 2),
        (set, Moment::Processed, "set 150 450=10", &[], 10, 2),
        (set, Moment::Processed, "set 150 450=10", again, 10, 2),
    ] {
        let typed: Vec<&str> = typed.split(' ').collect();
        let (document, left, sent) = killed_and(file, moment, words, |shop| {
            shop.run(&typed).ends(0);
        });
        let case = format!("{file} {moment:?} {words:?}: {document:#}");
        assert_eq!(
            (outcomes(&document), left, sent),
            (vec!["unknown"], stock, writes),
            "{case}"
        );
        let error = document["results"][0]["error"].as_str().unwrap();
        assert!(error.contains("another run has written"), "{case}");
    }
}

#[test]
fn stock_that_is_read_over_a_minute_later_does_not_tell_what_became_of_an_adjustment() {
    let one = "product_id,sku_id,adjustment\n150,450,-3\n";
    let older = |shop: &Shop| {
        let state = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
        let changed = state.execute("UPDATE rows SET read_at = read_at - 61000", []);
        assert_eq!(changed.unwrap(), 1);
    };
    let (document, ..) = killed_and(one, Moment::Processed, &[], older);
    assert_eq!(outcomes(&document), ["unknown"]);
    let error = document["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("over a minute later"), "{error}");
    // Nor where nobody knows how much later it is: the clock was set back, or another machine started.
    for earlier in [
        "UPDATE rows SET read_at = read_at + 600000",
        "UPDATE runs SET clocks = 'another ' || substr(clocks, instr(clocks, ' ') + 1)",
    ] {
        let set_back = |shop: &Shop| {
            let state = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
            assert_eq!(state.execute(earlier, []).unwrap(), 1);
        };
        if cfg!(target_os = "linux") || earlier.contains("read_at") {
            let (document, ..) = killed_and(one, Moment::Processed, &[], set_back);
            assert_eq!(outcomes(&document), ["unknown"], "{earlier}");
            let error = document["results"][0]["error"].as_str().unwrap();
            assert!(error.contains("nobody knows that it was read"), "{error}");
        }
        let set = "product_id,sku_id,quantity\n150,450,50\n";
        let (document, stock, _) = killed_and(set, Moment::Unprocessed, &[], set_back);
        assert_eq!((outcomes(&document), stock), (vec!["applied"], 50));
    }
    // A quantity is there or not, and is set once more where the stock is as it was.
    let set = "product_id,sku_id,quantity\n150,450,50\n";
    for moment in [Moment::Processed, Moment::Unprocessed] {
        let (document, stock, _) = killed_and(set, moment, &[], older);
        assert_eq!((outcomes(&document), stock), (vec!["applied"], 50));
    }
}

#[test]
fn a_dry_run_of_what_is_in_doubt_exits_as_that() {
    let one = "product_id,sku_id,adjustment\n150,450,-3\n150,450,-2\n";
    let (document, _, posts) = killed_and(one, Moment::Processed, &["--dry-run"], |shop| {
        let run = shop.run(&["history", "-o", "json"]).json()[0]["run"].clone();
        let words = ["import-csv", "--dry-run", "--resume", run.as_str().unwrap()];
        let said = "1 of 2 rows may or may not have been applied";
        shop.run(&words).ends(8).says(said);
        shop.run(&[&words[..], &["--resend-unknown"]].concat());
    });
    assert_eq!(
        (outcomes(&document), posts),
        (vec!["unknown", "planned"], 1)
    );
}

#[test]
fn resuming_a_finished_run_says_so_and_sends_nothing() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", "sku_code,quantity\nPRB-SM-RED,50\n");
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
        .ends(0);
    let run = ran.json()["run"].as_str().unwrap().to_owned();
    let ran = shop
        .run(&["import-csv", "--resume", &run, "-o", "json"])
        .ends(0)
        .says("is finished");
    assert_eq!(ran.json()["applied"], 1);
    assert_eq!(shop.store().movements().unwrap().len(), 1);
    shop.run(&["import-csv", "--resume", "2000"])
        .ends(4)
        .says("no run 2000");
    shop.run(&["import-csv", "--resume", &run, "--mode", "set"])
        .ends(2);
}

#[test]
fn a_run_is_resumed_only_on_its_own_store() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", "sku_code,quantity\nPRB-SM-RED,50\n");
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
        .ends(0);
    let run = ran.json()["run"].as_str().unwrap().to_owned();
    let mut command = shop.bare(&["--api-url", &shop.url, "import-csv", "--resume", &run]);
    command.env("SELORAX_TOKEN", "sx_at_sandbox");
    Ran::of(command.output().unwrap())
        .ends(5)
        .says("another store");
}

#[test]
fn rows_in_doubt_are_sent_again_only_when_the_user_says_so_and_the_stock_is_as_before() {
    let mut shop = Shop::with_faults("lost-request=1,writes-only");
    let file = shop.file(
        "moves.csv",
        "sku_id,product_id,adjustment\n450,150,-3\n451,150,-3\n",
    );
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
        .ends(8);
    assert_eq!(ran.json()["unknown"], 2);
    assert!(
        ran.error()["hint"]
            .as_str()
            .unwrap()
            .contains("--resend-unknown")
    );
    let run = ran.json()["run"].as_str().unwrap().to_owned();
    shop.serve_again(Options::default());
    shop.run(&["import-csv", "--resume", &run])
        .ends(8)
        .says("is finished");
    assert!(shop.store().movements().unwrap().is_empty());
    // Meanwhile somebody sells one of the second variant.
    shop.run(&["adjust", "150", "451", "-1"]).ends(0);
    let ran = shop
        .run(&[
            "import-csv",
            "--resume",
            &run,
            "--resend-unknown",
            "-o",
            "json",
        ])
        .ends(8)
        .says("1 in doubt sent again");
    assert_eq!(outcomes(&ran.json()), ["applied", "unknown"]);
    assert_eq!((shop.stock(450), shop.stock(451)), (22, 11));
}

#[test]
fn a_resumed_run_writes_rejects_in_our_own_columns() {
    let shop = Shop::new();
    let file = shop.file("moves.csv", "sku_id,product_id,adjustment\n450,150,-500\n");
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
        .ends(7);
    let run = ran.json()["run"].as_str().unwrap().to_owned();
    shop.run(&["import-csv", "--resume", &run, "--rejects", "r.csv"])
        .ends(7);
    let rejects = shop.read("r.csv");
    assert!(
        rejects.starts_with("product_id,sku_id,sku_code,adjustment,expected_quantity,reason,error\n150,450,PRB-SM-RED,-500,,,the stock is 25"),
        "{rejects}"
    );
}

#[test]
fn what_the_stock_of_today_decides_is_recorded_too() {
    let shop = Shop::new();
    let text = "product_id,sku_id,quantity,expected_quantity\n149,99,7,\n150,450,50,25\n150,451,20,\n150,452,3,\n";
    let file = shop.file("rows.csv", text);
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--on-error",
        "stop",
        "--concurrency",
        "1",
    ];
    let ran = shop.run(&words).ends(7);
    assert_eq!(outcomes(&ran.json())[1..], ["skipped"; 3]);
    let run = ran.json()["run"].as_str().unwrap().to_owned();
    // The ledger tells of each what the run told.
    let told = |ran: &Ran| {
        let document = ran.json();
        let results = document["results"].as_array().unwrap().iter();
        results.map(|row| row["error"].clone()).collect::<Vec<_>>()
    };
    let words = ["history", &run, "--rejects", "r.csv", "-o", "json"];
    assert_eq!(told(&shop.run(&words).ends(0)), told(&ran));
    let rejects = shop.read("r.csv");
    assert_eq!(
        rejects.matches("the run ended before this row: ").count(),
        3
    );
    // Somebody else writes two of them, and we the third.
    shop.moves(450, -1);
    shop.moves(451, 8);
    shop.run(&["set", "150", "452=2"]).ends(0);
    let ran = shop
        .run(&["import-csv", "--resume", &run, "-o", "json"])
        .ends(7);
    assert_eq!(
        outcomes(&ran.json()),
        ["failed", "conflict", "unchanged", "skipped"]
    );
    assert!(ran.stdout.contains("newer: "), "{ran:#?}");
    shop.run(&["import-csv", "--resume", &run])
        .ends(7)
        .says("is finished");
}

#[test]
fn the_list_of_runs_says_what_undid_what() {
    let shop = Shop::new();
    shop.run(&["adjust", "PRB-SM-RED", "1"]).ends(0);
    shop.run(&["undo", "--last", "--yes"]).ends(0);
    let runs = shop.run(&["history", "-o", "json"]).ends(0).json();
    let undo = runs[0]["run"].as_str().unwrap();
    let ran = shop.run(&["history"]).ends(0);
    assert_eq!(ran.stdout.matches(undo).count(), 2, "{ran:#?}");
    assert!(!ran.stderr.contains("go on with"), "{ran:#?}");
}
