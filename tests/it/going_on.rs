//! Runs that were cut off and what becomes of them: by `--resume`, `--resume-all`, `--give-up`, on the same store and on
//! another one, with their files and without.

#[cfg(unix)]
use std::{
    fs,
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
};

use serde_json::{Value, json};
use sxinv::sandbox::Options;

#[cfg(unix)]
use crate::scripted::store::Store;
use crate::scripted::{self, Answer, Server};
#[cfg(unix)]
use crate::shop::Ran;
use crate::shop::{Shop, import, run_of};

/// A run of three adjustments of which the server was not there for the last: ended by unavailable answers.
fn cut_off(shop: &mut Shop, name: &str, add: i64) -> String {
    let text = &file(shop, add);
    shop.serve_again(Options {
        faults: "500-before=1,writes-only".parse().unwrap(),
        ..Options::default()
    });
    let ran = import(shop, name, text, &["--retries", "0", "--concurrency", "1"]);
    shop.serve_again(Options::default());
    run_of(&ran)
}

/// Quantities for the first variants of twelve products, so that ten failures in a row end the run with two rows open.
fn file(shop: &Shop, add: i64) -> String {
    let listed = shop
        .run(&["list", "--all", "--variants", "-o", "json"])
        .ends(0)
        .json();
    let mut text = "product_id,sku_id,quantity\n".to_owned();
    let mut last = Value::Null;
    for row in listed.as_array().unwrap() {
        if row["product_id"] != last && text.lines().count() < 13 {
            text += &format!("{},{},{}\n", row["product_id"], row["sku_id"], 400 + add);
            last = row["product_id"].clone();
        }
    }
    text
}

#[test]
fn what_was_begun_again_goes_on_though_the_first_time_is_known() {
    let mut shop = Shop::new();
    let listed = shop.run(&["list", "--all", "--variants", "-o", "json"]);
    let listed = listed.ends(0).json();
    // Ten failures in a row leave more than the guard lets pass.
    let mut file = "sku_id,adjustment\n".to_owned();
    for row in listed.as_array().unwrap().iter().take(25) {
        file += &format!("{},1\n", row["sku_id"]);
    }
    import(&shop, "a.csv", &file, &[]).ends(0);
    shop.serve_again(Options {
        faults: "503=1,writes-only".parse().unwrap(),
        ..Options::default()
    });
    let again = ["--again", "--retries", "0", "--concurrency", "1"];
    let run = run_of(&import(&shop, "a.csv", &file, &again).ends(8));
    shop.serve_again(Options::default());
    let resume = ["import-csv", "--resume", &run, "--yes", "-o", "json"];
    let ran = shop.run(&[&resume[..], &["--resend-unknown"]].concat());
    assert_eq!(ran.ends(0).json()["applied"], 25);
    // The file once more is one time too many.
    import(&shop, "a.csv", &file, &[]).ends(5);
}

#[test]
fn resume_all_goes_on_with_what_was_cut_off_and_with_nothing_else() {
    let mut shop = Shop::new();
    let words = ["import-csv", "--resume-all", "-o", "json"];
    assert_eq!(shop.run(&words).ends(0).json(), json!([]));
    let first = cut_off(&mut shop, "a.csv", 0);
    let second = cut_off(&mut shop, "b.csv", 1);
    // Stopped by a person: --on-error stop.
    let stopped = import(
        &shop,
        "c.csv",
        "product_id,sku_id,adjustment\n150,99,1\n150,451,1\n",
        &["--on-error", "stop"],
    )
    .ends(7);
    let given_up = cut_off(&mut shop, "d.csv", 2);
    shop.run(&["history", &given_up, "--give-up"])
        .ends(0)
        .says("given up");
    let ran = shop.run(&words);
    let runs: Vec<Value> = ran.json().as_array().unwrap().clone();
    let of = |n: usize| runs[n]["run"].as_str().unwrap().to_owned();
    assert_eq!((runs.len(), of(0), of(1)), (2, first, second), "{ran:#?}");
    assert!(!runs.iter().any(|run| run["run"] == run_of(&stopped)));
    shop.run(&["import-csv", "--resume", &given_up])
        .ends(5)
        .says("given up");
    assert_eq!(shop.run(&words).ends(0).json(), json!([]));
}

#[test]
fn resume_all_prints_one_csv_with_one_header() {
    let mut shop = Shop::new();
    cut_off(&mut shop, "a.csv", 0);
    cut_off(&mut shop, "b.csv", 1);
    let ran = shop.run(&["import-csv", "--resume-all", "-o", "csv"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let headers = lines.iter().filter(|line| line.starts_with("line,"));
    assert_eq!((headers.count(), lines.len()), (1, 25), "{ran:#?}");
}

#[test]
fn of_several_runs_that_go_on_each_has_its_own_files() {
    let mut shop = Shop::new();
    let runs = [
        cut_off(&mut shop, "a.csv", 0),
        cut_off(&mut shop, "b.csv", 1),
    ];
    let words = [
        "import-csv",
        "--resume-all",
        "--rejects",
        "r.csv",
        "--report",
        "all.csv",
    ];
    let ran = shop.run(&words).ends(7);
    for run in &runs {
        let rejects = shop.read(&format!("r-{run}.csv"));
        assert_eq!(rejects.lines().count(), 11, "{rejects}");
        assert_eq!(shop.read(&format!("all-{run}.csv")).lines().count(), 13);
    }
    ran.says(".csv: mend them and import that file");
    assert!(!shop.folder.path().join("r.csv").exists());
}

#[test]
fn a_refused_repeat_names_the_command_for_the_server_that_was_typed() {
    let shop = Shop::new();
    let text = "product_id,sku_id,adjustment\n150,451,1\n";
    let run = run_of(&import(&shop, "a.csv", text, &[]).ends(0));
    let url = shop.url.clone();
    import(&shop, "a.csv", text, &["--api-url", &url])
        .ends(5)
        .says(&format!("--api-url {url} history {run}"));
}

#[test]
fn a_run_over_a_day_old_is_left_and_told() {
    let mut shop = Shop::new();
    let run = cut_off(&mut shop, "a.csv", 0);
    rusqlite::Connection::open(shop.state().join("state.db"))
        .unwrap()
        .execute(
            "UPDATE runs SET started_at = '2026-01-01T00:00:00.000Z'",
            [],
        )
        .unwrap();
    shop.run(&["import-csv", "--resume-all"]).ends(7).says(&run);
    shop.run(&["import-csv", "--resume", &run])
        .ends(2)
        .says("over a day ago");
    let ran = shop.run(&["import-csv", "--resume-all", "--yes", "-o", "json"]);
    assert_eq!(ran.json()[0]["run"], run.as_str(), "{ran:#?}");
}

#[test]
fn undo_last_takes_back_the_newest_run_that_is_no_undo() {
    let shop = Shop::new();
    shop.run(&["undo", "--last", "--yes"])
        .ends(4)
        .says("no run on this store");
    shop.run(&["adjust", "PRB-SM-RED", "3"]).ends(0);
    shop.run(&["adjust", "PRB-LG-RED", "4"]).ends(0);
    shop.run(&["undo", "--last", "--yes"]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (28, 12));
    shop.run(&["undo", "--last", "--yes"]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (25, 12));
    shop.run(&["undo", "--last", "--yes"]).ends(4);
}

#[test]
fn a_run_is_found_by_how_its_id_begins_or_ends() {
    let shop = Shop::new();
    shop.run(&["adjust", "PRB-SM-RED", "3"]).ends(0);
    let listed = shop.run(&["history", "-o", "json"]).ends(0).json();
    let run = listed[0]["run"].as_str().unwrap();
    for part in [&run[..10], &run[run.len() - 4..], run] {
        let ran = shop.run(&["history", part, "-o", "json"]).ends(0);
        assert_eq!(ran.json()["run"], run);
    }
    shop.run(&["history", "zzzz"]).ends(4);
}

/// A server whose products carry these codes, and that counts what was sent.
fn store(code: &'static str) -> Server {
    let stock = std::sync::Mutex::new(std::collections::HashMap::new());
    Server::start(move |_, request| {
        let product: i64 = request
            .target
            .split('/')
            .filter_map(|part| part.parse().ok())
            .next()
            .unwrap_or(1);
        let mut stock = stock.lock().unwrap();
        let quantity = stock.entry(product).or_insert(25i64);
        if request.method == "POST" {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let by = body["adjustment"].as_i64().unwrap();
            let before = *quantity;
            *quantity += by;
            return scripted::json(
                200,
                &json!({"data": {"product_id": product, "sku_id": product + 1000, "previous_quantity": before,
                    "quantity": *quantity, "adjustment": by, "available": 1}, "status": 200})
                .to_string(),
            );
        }
        scripted::json(
            200,
            &json!({"data": {"product_id": product, "name": "P", "variants": [
                {"sku_id": product + 1000, "sku_code": format!("{code}-{product}"), "quantity": *quantity}]},
                "status": 200})
            .to_string(),
        )
    })
}

#[test]
fn another_store_under_the_same_name_is_refused() {
    let first = store("A");
    let shop = Shop::at(&first.url);
    let text = "product_id,sku_id,adjustment\n1,1001,5\n2,1002,5\n3,1003,5\n";
    let run = run_of(&import(&shop, "a.csv", text, &[]).ends(0));
    // The same address and profile, and a token of another store.
    let other = store("B");
    let mut elsewhere = shop;
    elsewhere.url.clone_from(&other.url);
    rusqlite::Connection::open(elsewhere.state().join("state.db"))
        .unwrap()
        .execute(
            "UPDATE runs SET store = replace(store, ?1, ?2)",
            [&first.url, &other.url],
        )
        .unwrap();
    elsewhere
        .run(&["undo", &run, "--yes"])
        .ends(5)
        .says("was made on another store");
    rusqlite::Connection::open(elsewhere.state().join("state.db"))
        .unwrap()
        .execute(
            "UPDATE rows SET outcome = NULL, intent_at = NULL WHERE row = 2",
            [],
        )
        .unwrap();
    elsewhere
        .run(&["import-csv", "--resume", &run])
        .ends(5)
        .says("was made on another store");
    assert!(
        other
            .requests()
            .iter()
            .all(|request| request.method == "GET")
    );
}

/// Imports two adjustments one after the other, and does something to the state folder at the first request of this method:
/// while they are planned, or while the first is under way.
#[cfg(unix)]
fn meanwhile(
    method: &'static str,
    act: impl Fn(&Path) + Send + Sync + 'static,
) -> (Shop, Ran, usize) {
    let store = Store::new(2, 25);
    let folder: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let state = Arc::clone(&folder);
    let server = Server::start(move |_, request| {
        if request.method == method
            && let Some(folder) = state.lock().unwrap().take()
        {
            act(&folder);
        }
        store.answer(request)
    });
    let shop = Shop::at(&server.url);
    *folder.lock().unwrap() = Some(shop.state());
    let text = "product_id,sku_id,adjustment\n1,10,1\n2,20,1\n";
    let ran = import(&shop, "a.csv", text, &["--concurrency", "1"]);
    let posts = server.requests();
    let posts = posts.iter().filter(|request| request.method == "POST");
    (shop, ran, posts.count())
}

#[cfg(unix)]
#[test]
fn a_file_that_is_removed_under_a_run_ends_it_before_its_next_write() {
    for pattern in ["state.db", ".lock", "state.db-wal"] {
        let (shop, ran, posts) = meanwhile("POST", move |folder| {
            // Somebody tidies up.
            for file in fs::read_dir(folder).unwrap().flatten() {
                if file.file_name().to_string_lossy().ends_with(pattern) {
                    fs::remove_file(file.path()).unwrap();
                }
            }
        });
        assert_eq!(ran.code, 1, "{pattern}: {ran:#?}");
        ran.says("was removed or replaced");
        assert_eq!(posts, 1, "{pattern}");
        if pattern == "state.db-wal" {
            // What the log held is in the database: the same file does not go out twice.
            let text = shop.read("a.csv");
            import(&shop, "a.csv", &text, &[]).ends(5).says("--resume");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_ledger_that_is_removed_or_replaced_while_a_run_is_planned_sends_nothing() {
    for replaced in [false, true] {
        let (shop, ran, posts) = meanwhile("GET", move |folder| {
            let path = folder.join("state.db");
            let copy = folder.join("copy.db");
            fs::copy(&path, &copy).unwrap();
            fs::remove_file(&path).unwrap();
            if replaced {
                fs::rename(copy, path).unwrap();
            }
        });
        assert_eq!(ran.code, 1, "{replaced}: {ran:#?}");
        ran.says("was removed or replaced");
        assert_eq!(posts, 0, "{replaced}");
        let stock = shop.run(&["show", "1", "-o", "json"]).ends(0).json();
        assert_eq!(stock["variants"][0]["quantity"], 25, "{replaced}");
    }
}

/// The run that an error says was cut off.
#[cfg(unix)]
fn cut_off_run(ran: &Ran) -> Option<String> {
    let (_, after) = ran.stderr.split_once("import-csv --resume ")?;
    after.split(['"', '\\', ' ']).next().map(str::to_owned)
}

#[cfg(unix)]
#[test]
fn a_ledger_that_is_cut_off_or_written_over_under_a_run_ends_it_before_its_next_write() {
    for (name, keep) in [
        ("state.db-wal", 0),
        ("state.db", 0),
        ("state.db-wal", 32),
        ("state.db-wal", u64::MAX),
    ] {
        let (shop, ran, posts) = meanwhile("POST", move |folder| {
            let path = folder.join(name);
            let mut file = fs::File::options().write(true).open(path).unwrap();
            match keep {
                u64::MAX => file.write_all(&[0; 32]).unwrap(),
                keep => file.set_len(keep).unwrap(),
            }
        });
        assert_eq!(ran.code, 1, "{name} {keep}: {ran:#?}");
        ran.says("state.db");
        assert_eq!(posts, 1, "{name} {keep}");
        // Whatever is left of the ledger: neither the same file nor its run doubles what was sent.
        let text = shop.read("a.csv");
        let again = import(&shop, "a.csv", &text, &[]);
        match (again.code, cut_off_run(&again)) {
            (5, Some(run)) => {
                let ran = shop.run(&["import-csv", "--resume", &run]);
                assert!(ran.code == 0 || ran.stderr.contains("has lost"), "{ran:#?}");
            }
            (5, None) => drop(again.says("has lost what it recorded last")),
            _ => drop(again.ends(1).says("is damaged")),
        }
        let stock = shop.run(&["show", "1", "-o", "json"]).ends(0).json();
        assert_eq!(stock["variants"][0]["quantity"], 26, "{name} {keep}");
    }
}

#[cfg(unix)]
#[test]
fn a_look_at_the_history_leaves_a_run_its_log() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let store = Store::new(2, 25);
    let server = Server::start(move |_, request| {
        if request.method == "POST" && arrived.send(()).is_ok() {
            let _ = released.lock().unwrap().recv();
        }
        store.answer(request)
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,1\n2,20,1\n";
    let path = shop.file("a.csv", text);
    let words = ["import-csv", path.to_str().unwrap(), "--yes"];
    let child = shop.start(&[&words[..], &["--concurrency", "1"]].concat());
    arrival.recv().unwrap();
    let log = shop.state().join("state.db-wal");
    let before = fs::metadata(&log).unwrap().ino();
    shop.run(&["history"]).ends(0);
    let after = fs::metadata(&log).map(|log| log.ino());
    assert_eq!(after.ok(), Some(before));
    drop(release);
    Ran::of(child.wait_with_output().unwrap()).ends(0);
}

#[test]
fn the_same_file_after_a_kill_is_to_be_resumed() {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let server = Server::start(move |n, request| match request.method.as_str() {
        "GET" => scripted::json(
            200,
            r#"{"data":{"product_id":150,"name":"R","variants":[{"sku_id":450,"sku_code":"A","quantity":25},
                {"sku_id":451,"sku_code":"B","quantity":25}]},"status":200}"#,
        ),
        _ if n < 2 => scripted::json(
            200,
            r#"{"data":{"product_id":150,"sku_id":450,"previous_quantity":25,"quantity":26,"adjustment":1,"available":1},"status":200}"#,
        ),
        _ => {
            arrived.send(()).unwrap();
            Answer::Silence
        }
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n150,450,1\n150,451,1\n";
    let path = shop.file("a.csv", text);
    let mut child = shop.start(&[
        "import-csv",
        path.to_str().unwrap(),
        "--yes",
        "--concurrency",
        "1",
    ]);
    arrival.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = import(&shop, "a.csv", text, &[]).ends(5);
    let hint = ran.error()["hint"].as_str().unwrap().to_owned();
    assert!(
        hint.contains("--resume") && !hint.contains("--again"),
        "{hint}"
    );
}

#[test]
fn two_halves_applied_are_the_whole_file_applied() {
    let shop = Shop::new();
    let rows: Vec<String> = (1..=6).map(|n| format!("150,450,{n}\n")).collect();
    let of = |rows: &[String]| format!("product_id,sku_id,adjustment\n{}", rows.concat());
    import(&shop, "a.csv", &of(&rows[..3]), &[]).ends(0);
    import(&shop, "b.csv", &of(&rows[3..]), &[]).ends(0);
    import(&shop, "c.csv", &of(&rows), &[]).ends(5);
    // A reason that has the time in it is no other row.
    let with = |time: &str| ["--reason".to_owned(), format!("Restock {time}")];
    let moves = "product_id,sku_id,adjustment\n150,452,7\n";
    let first = with("10:00");
    import(&shop, "d.csv", moves, &[&first[0], &first[1]]).ends(0);
    let second = with("11:00");
    import(&shop, "e.csv", moves, &[&second[0], &second[1]]).ends(5);
}

#[test]
fn selling_out_the_shop_is_refused_though_one_large_item_hides_it() {
    let shop = Shop::new();
    let listed = shop
        .run(&["list", "--all", "--variants", "-o", "json"])
        .ends(0)
        .json();
    let mut text = "product_id,sku_id,quantity\n".to_owned();
    let mut large = true;
    for row in listed.as_array().unwrap() {
        let quantity = if std::mem::take(&mut large) {
            900_000
        } else {
            0
        };
        text += &format!("{},{},{quantity}\n", row["product_id"], row["sku_id"]);
    }
    let ran = import(&shop, "a.csv", &text, &[]).ends(5);
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("sell out"),
        "{ran:#?}"
    );
}

#[test]
fn what_a_finished_run_rejected_can_be_had_later() {
    let shop = Shop::new();
    let text = "sku_code,adjustment\nPRB-SM-RED,2\nNOT-THERE,3\n";
    let run = run_of(&import(&shop, "a.csv", text, &[]).ends(7));
    shop.run(&["history", &run, "--rejects", "mend.csv"])
        .ends(0);
    let rejects = shop.read("mend.csv");
    assert!(rejects.contains("NOT-THERE,3,"), "{rejects}");
    assert!(!rejects.contains("PRB-SM-RED"), "{rejects}");
}
