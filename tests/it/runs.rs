//! Runs: the same adjustments again, one at a time, history, undo, signals and rate limits.

use std::io::Read;
use std::sync::mpsc;

use serde_json::{Value, json};
use sxinv::sandbox::Options;

use crate::scripted::{self, Answer, Server};
use crate::shop::{Ran, Shop, import, run_of};

const MOVES: &str = "sku_code,adjustment,reason\nPRB-SM-RED,2,New\nPRB-LG-RED,3,New\n";

#[test]
fn the_same_adjustments_are_refused_however_the_file_is_written() {
    let shop = Shop::new();
    let first = run_of(&import(&shop, "a.csv", MOVES, &[]).ends(0));
    let by_id = "Note;sku_id;Delta\nnew;451;+3\nNEW;450;2\n";
    for (name, text) in [("b.csv", MOVES), ("c.csv", by_id)] {
        let ran = import(&shop, name, text, &[]).ends(5);
        assert!(
            ran.error()["message"].as_str().unwrap().contains(&first),
            "{ran:#?}"
        );
        assert!(ran.error()["hint"].as_str().unwrap().contains("--again"));
    }
    assert_eq!(shop.store().movements().unwrap().len(), 2);
    import(&shop, "e.csv", &MOVES.replace("New", "Newer"), &[]).ends(0);
    import(&shop, "f.csv", MOVES, &["--again"]).ends(0);
    assert_eq!(shop.store().movements().unwrap().len(), 6);
    // What a dry run would end in, it ends in.
    import(&shop, "g.csv", MOVES, &["--dry-run"]).ends(5);
}

#[test]
fn rows_that_failed_do_not_count_as_applied() {
    let shop = Shop::new();
    let text = "sku_code,adjustment\nPRB-SM-RED,2\nPRB-LG-WHT,-3\n";
    import(&shop, "a.csv", text, &["--rejects", "r.csv"]).ends(7);
    shop.run(&["adjust", "PRB-LG-WHT", "5"]).ends(0);
    let rejects = shop.read("r.csv");
    import(&shop, "b.csv", &rejects, &[]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(452)), (27, 2));
    // The whole file once more is still the same file.
    import(&shop, "c.csv", text, &[]).ends(5);
    // A stocktake is made of adjustments as well.
    let count = "sku_code,expected_quantity,counted quantity\nPRB-SM-RED,27,20\n";
    import(&shop, "d.csv", count, &["--mode", "stocktake"]).ends(0);
    import(&shop, "d.csv", count, &["--mode", "stocktake"]).ends(5);
}

#[test]
fn most_of_a_larger_file_is_the_same_file() {
    let shop = Shop::new();
    let rows = |from: i64, to: i64| -> String {
        let mut text = "product_id,sku_id,adjustment\n".to_owned();
        for n in from..to {
            text += &format!("150,450,{n}\n");
        }
        text
    };
    import(&shop, "a.csv", &rows(1, 13), &[]).ends(0);
    let ran = import(&shop, "b.csv", &rows(1, 15), &[]).ends(5);
    assert!(ran.stderr.contains("12 of these 14"), "{ran:#?}");
    import(&shop, "c.csv", &rows(12, 20), &[]).ends(0);
}

#[test]
fn one_bulk_run_per_store_at_a_time() {
    let (held, hold) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |n, _| {
        if n == 0 {
            held.send(()).unwrap();
            let _ = released.lock().unwrap().recv();
        }
        scripted::json(
            200,
            r#"{"data":{"product_id":150,"name":"R","variants":[{"sku_id":450,"sku_code":"A","quantity":5}]},"status":200}"#,
        )
    });
    let shop = Shop::at(&server.url);
    let file = shop.file("same.csv", "product_id,sku_id,quantity\n150,450,5\n");
    let words = ["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"];
    let first = shop.start(&words);
    hold.recv().unwrap();
    let ran = shop.run(&words).ends(5);
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains(&format!("pid {}", first.id())) && message.contains("since"),
        "{message}"
    );
    let waiting = shop.start(&[&words[..], &["--wait"]].concat());
    release.send(()).unwrap();
    Ran::of(first.wait_with_output().unwrap()).ends(0);
    Ran::of(waiting.wait_with_output().unwrap()).ends(0);
}

#[test]
fn history_shows_runs_and_rows_in_every_format() {
    let shop = Shop::new();
    assert_eq!(
        shop.run(&["history", "-o", "json"]).ends(0).json(),
        json!([])
    );
    shop.run(&["history"]).ends(0).says("no runs");
    let run = run_of(&import(&shop, "a.csv", MOVES, &[]).ends(0));
    shop.run(&["set", "PRB-LG-WHT=9"]).ends(0);
    let runs = shop.run(&["history", "-o", "json"]).ends(0).json();
    assert_eq!(runs.as_array().unwrap().len(), 2);
    assert_eq!(
        (&runs[0]["command"], &runs[1]["command"]),
        (&json!("set"), &json!("import-csv"))
    );
    assert_eq!(
        (&runs[1]["applied"], &runs[1]["rows"]),
        (&json!(2), &json!(2))
    );
    assert!(
        runs[1]["command_line"]
            .as_str()
            .unwrap()
            .starts_with("sxinv -p sandbox ")
    );
    let rows = shop.run(&["history", &run, "-o", "json"]).ends(0).json();
    assert_eq!(rows["results"][0]["adjustment"], 2);
    assert_eq!(rows["results"][0]["previous_quantity"], 25);
    assert_eq!(rows["results"][0]["status"], 200);
    assert_eq!(rows["results"][1]["reason"], "New");
    let ran = shop.run(&["history", &run]).ends(0);
    assert!(
        ran.stdout.contains("PRB-SM-RED") && ran.stderr.contains("2 applied"),
        "{ran:#?}"
    );
    let ran = shop
        .run(&["history", &run, "-o", "csv", "--sku", "PRB-LG-RED"])
        .ends(0);
    assert_eq!(ran.stdout.lines().count(), 2);
    // Also with what stands around a code that was pasted.
    let pasted = ["history", "--sku", "PRB-LG-RED\u{200b} ", "-o", "jsonl"];
    for (more, lines) in [(&["--runs"][..], 1), (&[&run], 2)] {
        let ran = shop.run(&[&pasted[..], more].concat()).ends(0);
        assert_eq!(ran.stdout.lines().count(), lines, "{ran:#?}");
    }
    let ran = shop
        .run(&["history", "--sku", "452", "--runs", "-o", "jsonl"])
        .ends(0);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(
        shop.run(&["history", "--limit", "1", "-o", "jsonl"])
            .stdout
            .lines()
            .count(),
        1
    );
    assert_eq!(
        shop.run(&["history", "--since", "2999-01-01", "-o", "jsonl"])
            .stdout,
        ""
    );
    assert_eq!(
        shop.run(&["history", "--since", "1h", "-o", "jsonl"])
            .stdout
            .lines()
            .count(),
        2
    );
    shop.run(&["history", "nothing-like-it"]).ends(4);
    // The beginning of an id is enough where it names one run.
    shop.run(&["history", &run[..run.len() - 1]]).ends(0);
}

#[test]
fn every_kind_of_run_can_be_taken_back_once_and_sales_stay() {
    let shop = Shop::new();
    let sets = run_of(
        &import(
            &shop,
            "s.csv",
            "sku_code,quantity\nPRB-SM-RED,50\nPRB-LG-RED,12\n",
            &[],
        )
        .ends(0),
    );
    shop.run(&["adjust", "PRB-SM-RED", "-4", "--reason", "sold"])
        .ends(0);
    let ran = shop
        .run(&["undo", &sets, "--dry-run", "-o", "json"])
        .ends(0);
    assert_eq!(ran.json()["planned"], 1);
    assert_eq!(shop.stock(450), 46);
    shop.run(&["undo", &sets]).ends(2).says("--yes");
    let ran = shop.run(&["undo", &sets, "--yes", "-o", "json"]).ends(0);
    assert_eq!(shop.stock(450), 21, "25 less the 4 that were sold");
    let undo = run_of(&ran);
    let ran = shop.run(&["undo", &sets, "--yes", "-o", "json"]).ends(5);
    assert!(
        ran.error()["message"].as_str().unwrap().contains(&undo),
        "{ran:#?}"
    );
    let runs = shop.run(&["history", "-o", "json"]).json();
    assert_eq!(runs[0]["undo_of"], json!(sets));
    // What was taken back may be taken back too, and a file that was taken back may come again.
    shop.run(&["undo", &undo, "--yes"]).ends(0);
    assert_eq!(shop.stock(450), 46);
    let moves = run_of(&import(&shop, "m.csv", MOVES, &[]).ends(0));
    shop.run(&["undo", &moves, "--yes"]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (46, 12));
    import(&shop, "m.csv", MOVES, &[]).ends(0);
    // A typed change is a run like any other.
    shop.run(&["set", "PRB-LG-WHT=9"]).ends(0);
    let typed = shop.run(&["history", "--limit", "1", "-o", "json"]).json()[0]["run"].clone();
    shop.run(&["undo", typed.as_str().unwrap(), "--yes"])
        .ends(0);
    assert_eq!(shop.stock(452), 0);
    shop.run(&["undo", "nothing-like-it", "--yes"]).ends(4);
}

#[test]
fn an_undo_goes_backwards_and_leaves_out_what_is_in_doubt() {
    let mut shop = Shop::new();
    let file = "product_id,sku_id,adjustment\n150,452,10\n150,452,-8\n";
    let run = run_of(&import(&shop, "a.csv", file, &["--concurrency", "1"]).ends(0));
    shop.run(&["undo", &run, "--yes"]).ends(0);
    assert_eq!(shop.stock(452), 0);
    shop.serve_again(Options {
        faults: "lost-request=1,writes-only".parse().unwrap(),
        ..Options::default()
    });
    let run = run_of(
        &import(
            &shop,
            "b.csv",
            "product_id,sku_id,adjustment\n150,450,-1\n",
            &[],
        )
        .ends(8),
    );
    shop.serve_again(Options::default());
    shop.run(&["undo", &run, "--yes", "-q"])
        .ends(7)
        .says("line 2")
        .says("left out");
    assert_eq!(shop.stock(450), 25);
}

#[cfg(unix)]
#[test]
fn a_signal_settles_what_is_under_way_and_names_the_resume() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (arrived, arrival) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = std::sync::Mutex::new(released);
        let stock = std::sync::Mutex::new(5i64);
        let server = Server::start(move |_, request| {
            let mut stock = stock.lock().unwrap();
            if request.method == "GET" {
                let body = format!(
                    r#"{{"data":{{"product_id":150,"name":"R","variants":[{{"sku_id":450,"sku_code":"A","quantity":{stock}}}]}},"status":200}}"#
                );
                return scripted::json(200, &body);
            }
            let by = serde_json::from_str::<Value>(&request.body).unwrap()["adjustment"]
                .as_i64()
                .unwrap();
            let _ = arrived.send(());
            // The test has sent its signal by then; the answer still counts.
            let _ = released.lock().unwrap().recv();
            let before = *stock;
            *stock += by;
            let body = json!({"data":{"sku_id":450,"product_id":150,"previous_quantity":before,"quantity":*stock,"adjustment":by,"available":1},"status":200});
            scripted::json(200, &body.to_string())
        });
        let shop = Shop::at(&server.url);
        let file = shop.file(
            "a.csv",
            "product_id,sku_id,adjustment\n150,450,1\n150,450,2\n150,450,4\n",
        );
        let mut child = shop.start(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"]);
        arrival.recv().unwrap();
        let kill = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        // Let go only once the program has seen it: it stops handing out rows.
        let mut rest = wait_until_seen(&mut child);
        drop(release);
        let mut ran = Ran::of(child.wait_with_output().unwrap()).ends(code);
        rest.read_to_string(&mut ran.stderr).unwrap();
        assert_eq!(ran.json()["applied"], 1, "{signal}: {ran:#?}");
        assert_eq!(ran.json()["skipped"], 2, "{signal}");
        assert_eq!(ran.error()["kind"], "interrupted");
        let run = run_of(&ran);
        let again = format!("sxinv -p sandbox --api-url {}", shop.url);
        let hint = format!("go on with: {again} import-csv --resume {run}");
        assert_eq!(ran.error()["hint"], json!(hint));
        let ran = shop
            .run(&["import-csv", "--resume", &run, "-o", "json"])
            .ends(0);
        assert_eq!(ran.json()["applied"], 3);
    }
}

/// Reads what the program says until it says that it has seen the signal; the rest is still to be read.
#[cfg(unix)]
pub fn wait_until_seen(child: &mut std::process::Child) -> impl std::io::BufRead + use<> {
    use std::io::BufRead;
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("stopping") {
        line.clear();
        assert_ne!(
            stderr.read_line(&mut line).unwrap(),
            0,
            "it ended without a word"
        );
    }
    stderr
}

#[cfg(unix)]
#[test]
fn a_second_signal_leaves_at_once_and_the_ledger_still_knows() {
    let (arrived, arrival) = mpsc::channel();
    let server = Server::start(move |_, request| {
        if request.method == "GET" {
            return scripted::json(
                200,
                r#"{"data":{"product_id":150,"name":"R","variants":[{"sku_id":450,"sku_code":"A","quantity":5}]},"status":200}"#,
            );
        }
        let _ = arrived.send(());
        Answer::Silence
    });
    let shop = Shop::at(&server.url);
    let file = shop.file("a.csv", "product_id,sku_id,adjustment\n150,450,1\n");
    let mut child = shop.start(&["import-csv", file.to_str().unwrap(), "--yes"]);
    arrival.recv().unwrap();
    let pid = child.id().to_string();
    let kill = || {
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
    };
    kill();
    let _rest = wait_until_seen(&mut child);
    kill();
    Ran::of(child.wait_with_output().unwrap()).ends(130);
    let runs = shop.run(&["history", "-o", "json"]).json();
    assert_eq!(
        (&runs[0]["status"], &runs[0]["unknown"]),
        (&json!("open"), &json!(1))
    );
}

#[cfg(unix)]
#[test]
fn a_signal_that_is_sent_to_the_program_and_its_group_is_one() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |_, request| {
        if request.method == "GET" {
            return scripted::json(
                200,
                r#"{"data":{"product_id":150,"name":"R","variants":[{"sku_id":450,"sku_code":"A","quantity":5}]},"status":200}"#,
            );
        }
        let _ = arrived.send(());
        let _ = released.lock().unwrap().recv();
        scripted::json(
            200,
            r#"{"data":{"sku_id":450,"product_id":150,"previous_quantity":5,"quantity":6,"adjustment":1,"available":1},"message":"Stock adjusted.","status":200}"#,
        )
    });
    let shop = Shop::at(&server.url);
    let file = shop.file("a.csv", "product_id,sku_id,adjustment\n150,450,1\n");
    let mut child = shop.start(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"]);
    arrival.recv().unwrap();
    // As GNU `timeout` sends it.
    let pid = child.id().to_string();
    let kill = || {
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-TERM", &pid]).status().unwrap().success());
    };
    kill();
    let _rest = wait_until_seen(&mut child);
    kill();
    drop(release);
    let ran = Ran::of(child.wait_with_output().unwrap()).ends(143);
    assert_eq!(ran.json()["applied"], 1);
}

#[test]
fn a_rate_limit_fails_no_row() {
    // Sixty a minute would take a test too long; sixty in two seconds is the same arithmetic.
    let shop = Shop::with(Options {
        rate_limit: Some("30/s".parse().unwrap()),
        ..Options::default()
    });
    let mut text = "product_id,sku_id,adjustment\n".to_owned();
    for n in 1..=120 {
        text += &format!("150,{},{n}\n", 450 + n % 3);
    }
    let ran = import(&shop, "a.csv", &text, &["--concurrency", "16"]).ends(0);
    assert_eq!(ran.json()["applied"], 120);
    // Without a word of when to come back.
    let shop = Shop::with_faults("429=0.3,seed=7,writes-only");
    let few: Vec<&str> = text.lines().take(17).collect();
    let ran = import(&shop, "a.csv", &few.join("\n"), &["--concurrency", "16"]).ends(0);
    assert_eq!(ran.json()["applied"], 16);
}

#[test]
fn a_run_of_another_address_is_named_with_that_address() {
    let shop = Shop::new();
    let other = Shop::new();
    let run = import(&shop, "a.csv", "sku,quantity\nSUN-MD,5\n", &[]).ends(0);
    let run = run_of(&run);
    for (words, typed) in [
        (["undo", &run, "--yes"].as_slice(), format!("undo {run}")),
        (
            &["import-csv", "--resume", &run],
            format!("import-csv --resume {run}"),
        ),
    ] {
        for elsewhere in [
            vec!["-p", "sandbox", "--api-url", &other.url],
            vec!["-p", "sandbox"],
        ] {
            let refused = shop.bare(&elsewhere).args(words).output().unwrap();
            let own = format!(
                "hint: on its own store: sxinv -p sandbox --api-url {} {typed}\n",
                shop.url
            );
            let refused = Ran::of(refused).ends(5);
            assert!(refused.stderr.ends_with(&own), "{refused:#?}");
        }
    }
    // What is hinted at does it.
    let hinted = [
        "-p",
        "sandbox",
        "--api-url",
        &shop.url,
        "undo",
        &run,
        "--yes",
    ];
    Ran::of(shop.bare(&hinted).output().unwrap()).ends(0);
    // Credentials of the environment can't be named.
    let run = Ran::of(
        shop.bare(&["--api-url", &shop.url, "adjust", "SUN-MD", "+1", "-q"])
            .env("SELORAX_TOKEN", "sx_at_sandbox")
            .output()
            .unwrap(),
    );
    run.ends(0);
    let runs = shop
        .run(&["history", "--limit", "1", "-o", "json"])
        .ends(0)
        .json();
    shop.run(&["undo", runs[0]["run"].as_str().unwrap(), "--yes"])
        .ends(5)
        .says("its credentials were those of the environment");
}

#[test]
fn undo_alone_names_the_ways_to_say_which_run() {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    let alone = shop.run(&["undo"]).ends(2);
    assert_eq!(
        alone.stderr,
        "error: no run is named; nothing was sent\nhint: the newest one: sxinv -p sandbox undo --last\n      to find one: sxinv -p sandbox history\n"
            .replace("-p sandbox", &format!("-p sandbox --api-url {}", server.url))
    );
    assert!(server.requests().is_empty());
}
