//! What a reviewer who wants the program to break its word would try.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use serde_json::{Value, json};
use sxinv::sandbox::Options;

use crate::scripted::store::{Store, product_of};
use crate::scripted::{self, Answer, Server};
use crate::shop::{Ran, Shop, import, run_of};

fn product(stock: i64) -> Answer {
    scripted::json(
        200,
        &format!(
            r#"{{"data":{{"product_id":150,"name":"R","variants":[{{"sku_id":450,"sku_code":"A","quantity":{stock}}}]}},"status":200}}"#
        ),
    )
}

fn token(shop: &Shop, token: &str, words: &[&str]) -> Ran {
    let mut command = shop.bare(&["--api-url", &shop.url]);
    command.args(words).env("SELORAX_TOKEN", token);
    Ran::of(command.output().unwrap())
}

#[test]
fn an_undo_that_was_cut_off_and_made_anew_is_not_resumed_on_top() {
    let shop = Shop::new();
    let words = ["import-csv", "rows.csv", "--yes", "-o", "json"];
    shop.file(
        "rows.csv",
        "product_id,sku_id,adjustment\n150,450,5\n150,451,5\n150,452,5\n",
    );
    let run = run_of(&token(&shop, "sx_at_sandbox", &words).ends(0));
    let undo = ["undo", &run, "--yes", "-o", "json", "--concurrency", "1"];
    // The token lost its right to write.
    let first = run_of(&token(&shop, "sx_at_sandbox_readonly", &undo).ends(3));
    token(&shop, "sx_at_sandbox", &undo).ends(0);
    assert_eq!(
        (shop.stock(450), shop.stock(451), shop.stock(452)),
        (25, 12, 0)
    );
    let ran = token(
        &shop,
        "sx_at_sandbox",
        &["import-csv", "--resume", &first, "--yes"],
    );
    ran.ends(5).says("has taken back the same run since");
    assert_eq!(shop.stock(451), 12);
}

#[test]
fn an_undo_that_failed_in_part_is_finished_by_another_one() {
    let shop = Shop::new();
    let text = "product_id,sku_id,adjustment\n150,450,5\n150,452,5\n";
    let run = run_of(&import(&shop, "rows.csv", text, &[]).ends(0));
    // What came is sold again: it can't be taken back yet.
    shop.run(&["adjust", "150", "452", "-5"]).ends(0);
    shop.run(&["undo", &run, "--yes"]).ends(7).says(" history ");
    assert_eq!(shop.stock(450), 25);
    // Half taken back is not taken back: the other half is still the same adjustment.
    let half = "product_id,sku_id,adjustment\n150,452,5\n";
    import(&shop, "rows.csv", half, &[]).ends(5);
    shop.run(&["adjust", "150", "452", "5"]).ends(0);
    shop.run(&["undo", &run, "--yes"])
        .ends(0)
        .says("1 row taken back before");
    assert_eq!((shop.stock(450), shop.stock(452)), (25, 0));
    shop.run(&["undo", &run, "--yes"]).ends(5).says("already");
    import(&shop, "rows.csv", half, &[]).ends(0);
}

#[test]
fn what_any_undo_of_a_run_left_in_doubt_is_named_until_it_is_settled() {
    let store = Store::new(3, 50);
    let (shelf, faulty) = (Arc::clone(&store), Arc::new(AtomicBool::new(false)));
    let fault = Arc::clone(&faulty);
    let server = Server::start(move |_, request| {
        let bad = request.method == "POST" && fault.load(Ordering::SeqCst);
        match product_of(&request.target) {
            Some(1) if bad => Answer::Hangup,
            Some(2) if bad => {
                scripted::json(404, r#"{"message":"Product not found.","status":404}"#)
            }
            _ => shelf.answer(request),
        }
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,3\n2,20,3\n3,30,3\n";
    let run = run_of(&import(&shop, "rows.csv", text, &[]).ends(0));
    faulty.store(true, Ordering::SeqCst);
    let first = run_of(&shop.run(&["undo", &run, "--yes", "-o", "json"]).ends(8));
    faulty.store(false, Ordering::SeqCst);
    let units = || [1, 2, 3].map(|product| store.units(product));
    assert_eq!(units(), [53, 53, 50]);
    // What was refused is taken back now, and what is in doubt is said to be so: now and every other time.
    let doubt = format!("run {first} may or may not have taken them back already: line 2");
    for words in [&["undo", &run][..], &["undo", &run], &["undo", "--last"]] {
        let ran = shop.run(&[words, &["-q", "--yes"]].concat()).ends(7);
        ran.says(&doubt).says("--resend-unknown");
        assert_eq!(units(), [53, 50, 50]);
    }
    shop.run(&["undo", &run, "--dry-run"]).ends(7).says(&doubt);
    let resend = [
        "import-csv",
        "--resume",
        &first,
        "--resend-unknown",
        "--yes",
    ];
    shop.run(&resend).ends(7);
    assert_eq!(units(), [50, 50, 50]);
    shop.run(&["undo", &run, "--yes"]).ends(5).says("already");
}

#[test]
fn a_put_that_may_yet_arrive_stays_in_doubt_whatever_becomes_of_its_resend() {
    // The first attempt is lost, the second one is put off until nobody tries any more.
    let puts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "GET" => product(20),
        _ if puts.fetch_add(1, Ordering::SeqCst) == 0 => Answer::Hangup,
        _ => scripted::json(429, ""),
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,quantity\n150,450,50\n";
    let ran = import(
        &shop,
        "rows.csv",
        text,
        &["--rejects", "rejects.csv", "--retries", "1"],
    )
    .ends(8);
    assert_eq!(ran.json()["unknown"], 1);
    assert_eq!(
        shop.read("rejects.csv").lines().count(),
        1,
        "only the header"
    );
    let history = shop.run(&["history", &run_of(&ran), "-o", "json"]).json();
    assert_eq!(history["results"][0]["outcome"], "unknown");
}

#[test]
fn nobody_goes_on_with_a_run_that_is_still_under_way() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |_, request| {
        if request.method == "GET" {
            return product(20);
        }
        let _ = arrived.send(());
        let _ = released.lock().unwrap().recv();
        let body = json!({"data":{"sku_id":450,"product_id":150,"previous_quantity":20,"quantity":25,"adjustment":5,"available":1},"status":200});
        scripted::json(200, &body.to_string())
    });
    let shop = Shop::at(&server.url);
    let child = shop.start(&["adjust", "150", "450", "5", "-o", "json"]);
    arrival.recv().unwrap();
    let runs = shop.run(&["history", "-o", "json"]).json();
    let run = runs[0]["run"].as_str().unwrap();
    for words in [
        &["import-csv", "--resume", run, "--resend-unknown", "--yes"][..],
        &["undo", run, "--yes"],
    ] {
        shop.run(words).ends(5).says(&format!("pid {}", child.id()));
    }
    drop(release);
    Ran::of(child.wait_with_output().unwrap()).ends(0);
    let posts = server
        .requests()
        .iter()
        .filter(|r| r.method == "POST")
        .count();
    assert_eq!(posts, 1);
    let locks = std::fs::read_dir(shop.state()).unwrap();
    let runs = locks.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".lock")
    });
    assert!(runs.count() <= 1, "the store's alone is left");
}

#[test]
fn our_own_adjustment_of_as_much_meanwhile_is_no_evidence() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let store = Store::new(1, 25);
    let behind = Arc::clone(&store);
    let held = AtomicBool::new(false);
    let server = Server::start(move |_, request| {
        if request.method == "POST" && !held.swap(true, Ordering::SeqCst) {
            // The first one never gets there.
            let _ = arrived.send(());
            let _ = released.lock().unwrap().recv();
            return Answer::Hangup;
        }
        behind.answer(request)
    });
    let shop = Shop::at(&server.url);
    let words = ["adjust", "1", "10", "1", "-o", "json"];
    let first = shop.start(&words);
    arrival.recv().unwrap();
    shop.run(&words).ends(0);
    drop(release);
    let first = Ran::of(first.wait_with_output().unwrap()).ends(8);
    let message = first.error()["message"].clone();
    let message = message.as_str().unwrap();
    assert!(message.contains("another run has written"), "{message}");
    assert_eq!(store.units(1), 26);
}

#[test]
fn a_quantity_is_not_sent_again_to_a_variant_that_bears_another_code_by_now() {
    let puts = Arc::new(AtomicUsize::new(0));
    let sent = Arc::clone(&puts);
    let server = Server::start(move |_, request| {
        let read = |code: &str| {
            let variant = json!({"sku_id": 450, "sku_code": code, "quantity": 20});
            let product = json!({"product_id": 150, "name": "R", "variants": [variant]});
            scripted::json(200, &json!({"data": product, "status": 200}).to_string())
        };
        match (request.method.as_str(), sent.load(Ordering::SeqCst)) {
            ("GET", 0) => read("A"),
            ("GET", _) => read("B"),
            _ => {
                sent.fetch_add(1, Ordering::SeqCst);
                Answer::Hangup
            }
        }
    });
    let shop = Shop::at(&server.url);
    let ran = import(
        &shop,
        "a.csv",
        "product_id,sku_id,quantity\n150,450,5\n",
        &[],
    )
    .ends(8);
    assert_eq!(puts.load(Ordering::SeqCst), 1, "{ran:#?}");
}

#[test]
fn evidence_that_a_refusal_disproves_is_not_used() {
    // The plan read 40; meanwhile the shop sold down to 5. The second adjustment gets lost, unprocessed.
    let server = Server::start(|n, request| {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        match (request.method.as_str(), body["adjustment"].as_i64()) {
            ("GET", _) if n == 0 => product(40),
            ("GET", _) => product(5),
            (_, Some(-30)) => scripted::json(
                400,
                r#"{"message":"Adjustment would result in negative quantity. Current: 5, adjustment: -30","code":"negative_quantity","status":400}"#,
            ),
            _ => Answer::Hangup,
        }
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n150,450,-30\n150,450,20\n";
    let ran = import(&shop, "rows.csv", text, &[]).ends(8);
    assert_eq!(
        (&ran.json()["failed"], &ran.json()["unknown"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn one_store_under_two_profiles_is_still_one_store_for_repeats() {
    let shop = Shop::new();
    let text = "product_id,sku_id,adjustment\n150,450,5\n";
    import(&shop, "rows.csv", text, &[]).ends(0);
    let words = ["import-csv", "rows.csv", "--yes", "-o", "json"];
    let ran = token(&shop, "sx_at_sandbox", &words).ends(5);
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("applied by run")
    );
}

#[test]
fn a_proxys_404_says_nothing_about_the_store() {
    let server =
        Server::start(|_, _| Answer::Reply(404, Vec::new(), b"<html>No such page</html>".to_vec()));
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["show", "150", "-o", "json"]).ends(6);
    assert_eq!(ran.error()["status"], 404);
}

#[test]
fn one_request_that_fails_is_one_however_many_rows_it_has() {
    let many = |n: i64| {
        let variants: Vec<Value> = (1..=12)
            .map(|k| json!({"sku_id": n * 100 + k, "sku_code": format!("C{n}-{k}"), "quantity": 5}))
            .collect();
        json!({"data":{"product_id":n,"name":"P","variants":variants},"status":200})
    };
    let server = Server::start(move |_, request| {
        let n: i64 = request.target.rsplit('/').next().unwrap().parse().unwrap();
        if request.method == "GET" {
            return scripted::json(200, &many(n).to_string());
        }
        if n == 1 {
            return Answer::Hangup;
        }
        let mut answer = many(n);
        for variant in answer["data"]["variants"].as_array_mut().unwrap() {
            variant["quantity"] = json!(9);
        }
        scripted::json(200, &answer.to_string())
    });
    let shop = Shop::at(&server.url);
    let mut text = "product_id,sku_id,quantity\n".to_owned();
    for n in 1..=3 {
        for k in 1..=12 {
            text += &format!("{n},{},9\n", n * 100 + k);
        }
    }
    let ran = import(
        &shop,
        "rows.csv",
        &text,
        &["--retries", "0", "--concurrency", "1"],
    )
    .ends(8);
    let document = ran.json();
    assert_eq!(
        (&document["unknown"], &document["applied"]),
        (&json!(12), &json!(24))
    );
}

#[test]
fn an_answer_that_echoes_the_credentials_is_not_repeated() {
    for status in [400, 500, 200] {
        let server = Server::start(move |_, request| {
            let token = request.header("authorization").unwrap().to_owned();
            let body = format!("{{\"message\":\"you sent {token}\",\"status\":{status}}}");
            scripted::json(status, &body)
        });
        let shop = Shop::at(&server.url);
        for words in [&["list"][..], &["-v", "adjust", "150", "450", "1"]] {
            let words = [words, &["--retries", "0"]].concat();
            let ran = token(&shop, "sx_at_hidden_from_all", &words);
            assert_ne!(ran.code, 0);
            let all = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!all.contains("hidden_from_all"), "{all}");
        }
    }
}

#[test]
fn a_pause_of_no_length_is_not_hammered() {
    let server = Server::start(|n, _| match n {
        0..4 => Answer::Reply(429, vec!["retry-after: 0".to_owned()], Vec::new()),
        _ => product(5),
    });
    let shop = Shop::at(&server.url);
    let begun = std::time::Instant::now();
    shop.run(&["show", "150"]).ends(0);
    assert!(
        begun.elapsed() > std::time::Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn fields_choose_among_the_changes_of_a_set() {
    let shop = Shop::new();
    let words = [
        "set",
        "150",
        "450=50",
        "-o",
        "json",
        "--fields",
        "sku_code,quantity",
    ];
    assert_eq!(
        shop.run(&words).ends(0).json(),
        json!({"product_id":150,"changes":[{"sku_code":"PRB-SM-RED","quantity":50}]})
    );
    let words = [
        "adjust",
        "150",
        "450",
        "1",
        "-o",
        "json",
        "--fields",
        "sku_code,quantity",
    ];
    assert_eq!(
        shop.run(&words).ends(0).json(),
        json!({"sku_code":"PRB-SM-RED","quantity":51})
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_can_not_be_written_does_not_look_like_nothing_happened() {
    let shop = Shop::new();
    let full = || {
        std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let mut command = shop.command(&["adjust", "150", "450", "1"]);
    let ran = Ran::of(command.stdout(full()).output().unwrap()).ends(1);
    ran.says("the change was applied, but").says(" history ");
    assert_eq!(shop.stock(450), 26);
    // What became of the rows outranks a report that could not be printed.
    let file = shop.file("rows.csv", "product_id,sku_id,adjustment\n150,450,-900\n");
    let mut command = shop.command(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "jsonl"]);
    Ran::of(command.stdout(full()).output().unwrap()).ends(7);
    let file = shop.file("rows.csv", "product_id,sku_id,adjustment\n150,450,2\n");
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--report",
        "/dev/full",
    ];
    let ran = shop.run(&words).ends(1);
    assert_eq!(ran.json()["applied"], 1);
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("the run went well, but")
    );
}

#[cfg(unix)]
#[test]
fn a_typed_change_that_a_signal_meets_in_flight_is_settled_and_said() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |_, request| {
        if request.method == "GET" {
            return product(20);
        }
        let _ = arrived.send(());
        let _ = released.lock().unwrap().recv();
        let body = json!({"data":{"sku_id":450,"product_id":150,"previous_quantity":20,"quantity":25,"adjustment":5,"available":1},"status":200});
        scripted::json(200, &body.to_string())
    });
    let shop = Shop::at(&server.url);
    let mut child = shop.start(&["adjust", "150", "450", "5", "-o", "json"]);
    arrival.recv().unwrap();
    let pid = child.id().to_string();
    std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .unwrap();
    let mut rest = crate::runs::wait_until_seen(&mut child);
    drop(release);
    let mut ran = Ran::of(child.wait_with_output().unwrap()).ends(143);
    std::io::Read::read_to_string(&mut rest, &mut ran.stderr).unwrap();
    assert_eq!(ran.json()["quantity"], 25);
    assert_eq!(ran.error()["kind"], "interrupted");
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("the change was applied")
    );
}

#[test]
fn a_resumed_run_counts_from_when_it_was_resumed() {
    let mut shop = Shop::with_faults("500-before=1,writes-only");
    let text = "product_id,sku_id,adjustment\n150,450,5\n150,451,5\n";
    let ran = import(
        &shop,
        "rows.csv",
        text,
        &["--concurrency", "1", "--on-error", "stop"],
    )
    .ends(8);
    let run = run_of(&ran);
    // It began long ago.
    let state = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
    state
        .execute(
            "UPDATE runs SET started_at = '2020-01-01T00:00:00.000Z'",
            [],
        )
        .unwrap();
    shop.serve_again(Options::default());
    // Nobody is there to confirm it once more.
    shop.run(&["import-csv", "--resume", &run])
        .ends(2)
        .says("over a day ago");
    shop.run(&["import-csv", "--resume", &run, "--yes"]).ends(8);
    assert_eq!(shop.stock(451), 17);
    import(&shop, "rows.csv", text, &[]).ends(5);
}

/// Three adjustments whose requests were lost: all in doubt.
fn in_doubt(shop: &Shop) -> String {
    let text = "product_id,sku_id,adjustment\n150,450,5\n150,451,5\n150,452,5\n";
    let ran = import(shop, "rows.csv", text, &[]).ends(8);
    assert_eq!(ran.json()["unknown"], 3);
    run_of(&ran)
}

#[test]
fn a_row_in_doubt_that_is_sent_again_in_vain_stays_in_doubt() {
    let mut shop = Shop::with_faults("lost-request=1,writes-only");
    let run = in_doubt(&shop);
    // The server refuses every write by now.
    shop.serve_again(Options {
        faults: "429=1,writes-only".parse().unwrap(),
        ..Options::default()
    });
    let words = [
        "import-csv",
        "--resume",
        &run,
        "--resend-unknown",
        "--yes",
        "-o",
        "json",
    ];
    let words = [
        &words[..],
        &[
            "--retries",
            "0",
            "--rejects",
            "rejects.csv",
            "--on-error",
            "stop",
        ],
    ]
    .concat();
    let ran = shop.run(&words).ends(8);
    assert_eq!(ran.json()["unknown"], 3, "{ran:#?}");
    assert_eq!(
        shop.read("rejects.csv").lines().count(),
        1,
        "only the header"
    );
    let history = shop.run(&["history", &run, "-o", "json"]).json();
    assert_eq!(history["unknown"], 3);
    // Nothing of it is sent without being asked for.
    shop.serve_again(Options::default());
    shop.run(&["import-csv", "--resume", &run]).ends(8);
    assert!(shop.store().movements().unwrap().is_empty());
    shop.run(&["import-csv", "--resume", &run, "--resend-unknown", "--yes"])
        .ends(0);
    assert_eq!((shop.stock(450), shop.stock(452)), (30, 5));
}

#[test]
fn a_put_of_a_killed_process_stays_in_doubt_when_it_can_not_be_sent_again() {
    let (arrived, arrival) = mpsc::channel();
    let killed = AtomicUsize::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "GET" => product(20),
        _ if killed.fetch_add(1, Ordering::SeqCst) == 0 => {
            let _ = arrived.send(());
            Answer::Silence
        }
        _ => scripted::json(
            401,
            r#"{"message":"Expired.","code":"invalid_token","status":401}"#,
        ),
    });
    let shop = Shop::at(&server.url);
    let file = shop.file("rows.csv", "product_id,sku_id,quantity\n150,450,50\n");
    let mut child = shop.start(&["import-csv", file.to_str().unwrap(), "--yes"]);
    arrival.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let run = shop.run(&["history", "-o", "json"]).json()[0]["run"]
        .as_str()
        .unwrap()
        .to_owned();
    let words = [
        "import-csv",
        "--resume",
        &run,
        "-o",
        "json",
        "--rejects",
        "rejects.csv",
    ];
    let ran = shop.run(&words).ends(8);
    assert_eq!(ran.json()["unknown"], 1);
    assert_eq!(
        shop.read("rejects.csv").lines().count(),
        1,
        "only the header"
    );
}

#[test]
fn the_stock_is_looked_at_once_more_when_a_row_in_doubt_may_leave() {
    let mut shop = Shop::with_faults("lost-request=1,writes-only");
    let run = in_doubt(&shop);
    shop.serve_again(Options::default());
    // Between the plan and the sending the first attempt arrives after all: a server in between sees to it.
    let behind = shop.url.clone();
    let reads = AtomicUsize::new(0);
    let through = Server::start(move |_, request| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::blocking::Client::new();
        let url = format!("{behind}{}", request.target);
        if request.method == "GET" && reads.fetch_add(1, Ordering::SeqCst) == 1 {
            let late = client.post(format!("{behind}/api/apps/v1/inventory/150/adjust"));
            let late = late
                .bearer_auth("sx_at_sandbox")
                .header("content-type", "application/json");
            late.body(r#"{"sku_id":450,"adjustment":5}"#)
                .send()
                .unwrap();
        }
        let method = request.method.parse().unwrap();
        let sent = client.request(method, url).bearer_auth("sx_at_sandbox");
        let sent = sent
            .header("content-type", "application/json")
            .body(request.body.clone());
        let answer = sent.send().unwrap();
        let status = answer.status().as_u16();
        scripted::json(status, &answer.text().unwrap())
    });
    // The run belongs to its store, and that is known by its address.
    let state = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
    let key = format!("{} profile sandbox", through.url);
    state.execute("UPDATE runs SET store = ?1", [&key]).unwrap();
    drop(state);
    let mut command = shop.bare(&["-p", "sandbox", "--api-url", &through.url]);
    command.args([
        "import-csv",
        "--resume",
        &run,
        "--resend-unknown",
        "--yes",
        "-o",
        "json",
        "--concurrency",
        "1",
    ]);
    let ran = Ran::of(command.output().unwrap()).ends(8);
    let outcomes: Vec<&str> = ran.json()["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            if row["outcome"] == "unknown" {
                "unknown"
            } else {
                "applied"
            }
        })
        .collect();
    assert_eq!(outcomes, ["unknown", "applied", "applied"]);
    assert_eq!(shop.stock(450), 30, "once");
}

#[test]
fn a_sale_made_while_the_server_makes_us_wait_is_not_wiped_out() {
    // Guarded by what the file expects; the server asks for six seconds, and meanwhile five are sold.
    let puts = AtomicUsize::new(0);
    let server = Server::start(move |n, request| match request.method.as_str() {
        "GET" if n == 0 => product(25),
        "GET" => product(20),
        _ if puts.fetch_add(1, Ordering::SeqCst) == 0 => {
            Answer::Reply(429, vec!["retry-after: 6".to_owned()], Vec::new())
        }
        _ => product(50),
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,quantity,expected_quantity\n150,450,50,25\n";
    let ran = import(&shop, "rows.csv", text, &[]).ends(7);
    assert_eq!(ran.json()["conflict"], 1);
    // And a resend of one in doubt looks after the wait, not before it.
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |n, request| match request.method.as_str() {
        "GET" if n == 0 => product(25),
        "GET" => product(20),
        _ if asked.fetch_add(1, Ordering::SeqCst) == 0 => {
            Answer::Reply(503, vec!["retry-after: 1".to_owned()], Vec::new())
        }
        _ => product(50),
    });
    let shop = Shop::at(&server.url);
    let ran = import(
        &shop,
        "rows.csv",
        "product_id,sku_id,quantity\n150,450,50\n",
        &[],
    )
    .ends(8);
    assert_eq!(ran.json()["unknown"], 1);
    let puts = server
        .requests()
        .iter()
        .filter(|r| r.method == "PUT")
        .count();
    assert_eq!(puts, 1);
}

#[test]
fn a_proxys_503_is_no_proof_that_nothing_happened() {
    let answer = |body: &'static str| {
        let server = Server::start(move |_, request| match request.method.as_str() {
            "GET" => product(25),
            _ => scripted::json(503, body),
        });
        let shop = Shop::at(&server.url);
        shop.run(&["set", "150", "450=50", "--retries", "0"]).code
    };
    assert_eq!(answer("upstream reset before headers"), 8);
    assert_eq!(answer(r#"{"message":"Try later.","status":503}"#), 6);
}

#[test]
fn requests_that_are_spaced_out_leave_at_the_rate_that_the_server_allows() {
    let sent = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let times = std::sync::Arc::clone(&sent);
    let server = Server::start(move |_, request| {
        let headers = [
            "x-ratelimit-limit: 100",
            "x-ratelimit-remaining: 10",
            "x-ratelimit-reset: 3",
        ];
        let headers = headers.map(str::to_owned).to_vec();
        if request.method == "GET" {
            let body = r#"{"data":{"product_id":150,"name":"R","variants":[{"sku_id":450,"sku_code":"A","quantity":5}]},"status":200}"#;
            return Answer::Reply(200, headers, body.as_bytes().to_vec());
        }
        times.lock().unwrap().push(std::time::Instant::now());
        let n = times.lock().unwrap().len() as i64;
        let body = json!({"data":{"sku_id":450,"product_id":150,"previous_quantity":4 + n,"quantity":5 + n,"adjustment":1,"available":1},"status":200});
        Answer::Reply(200, headers, body.to_string().into_bytes())
    });
    let shop = Shop::at(&server.url);
    let text = format!("product_id,sku_id,adjustment\n{}", "150,450,1\n".repeat(6));
    import(&shop, "rows.csv", &text, &[]).ends(0);
    let times = sent.lock().unwrap();
    let between = times[5].duration_since(times[0]);
    // Five gaps of 300 ms, and not ten.
    assert!(between.as_millis() < 2500, "{between:?}");
    assert!(between.as_millis() >= 1300, "{between:?}");
}
