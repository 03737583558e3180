//! `import-csv`, from the file to the report.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::scripted::store::Store;
use crate::scripted::{self, Answer, Server};
use crate::shop::Shop;

const RESTOCK: &str = "sku_code,quantity\nPRB-SM-RED,50\nPRB-LG-RED,20\nPRB-LG-WHT,0\n";

fn outcomes(document: &Value) -> Vec<String> {
    let results = document["results"].as_array().unwrap();
    results
        .iter()
        .map(|row| row["outcome"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_restock_is_applied_and_the_second_time_all_is_unchanged() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", RESTOCK);
    let words = ["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"];
    let ran = shop.run(&words).ends(0);
    let document = ran.json();
    assert_eq!(document["mode"], "set");
    assert_eq!(
        (
            &document["rows"],
            &document["applied"],
            &document["unchanged"]
        ),
        (&json!(3), &json!(2), &json!(1))
    );
    assert_eq!(
        document["results"][0],
        json!({"line":2,"sku_id":450,"sku_code":"PRB-SM-RED","product_id":150,
            "previous_quantity":25,"quantity":50,"outcome":"applied","error":null,"read_back":false,"event_id":null})
    );
    assert!(document["run"].is_string());
    let movements = shop.store().movements().unwrap();
    assert_eq!(movements.len(), 2, "changed variants alone, in one PUT");
    assert_eq!(movements[0].request_id, movements[1].request_id);
    let ran = shop.run(&words).ends(0);
    assert_eq!(ran.json()["unchanged"], 3);
    assert_eq!(shop.store().movements().unwrap().len(), 2);
}

#[test]
fn the_example_restock_runs_and_runs_again() {
    let shop = Shop::new();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/restock.csv");
    let ran = shop.run(&["import-csv", file, "--yes"]).ends(0);
    assert!(ran.stdout.contains("applied"), "{ran:#?}");
    shop.run(&["import-csv", file, "--yes"])
        .ends(0)
        .says("24 unchanged");
}

#[test]
fn the_other_examples_run_too() {
    let shop = Shop::new();
    let example = |name: &str| format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let stocktake = example("stock-take-semicolons.csv");
    shop.run(&["import-csv", &stocktake, "--mode", "stocktake", "--yes"])
        .ends(0);
    let ran = shop
        .run(&["import-csv", &example("adjustments.csv"), "--yes"])
        .ends(0);
    ran.says("4 applied");
    let shop = Shop::new();
    shop.run(&["import-csv", &example("shopify-export.csv"), "--yes"])
        .ends(0);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    let file = shop.file("restock.csv", RESTOCK);
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "-o", "json"])
        .ends(2);
    assert!(ran.error()["hint"].as_str().unwrap().contains("--yes"));
    assert!(server.requests().is_empty());
}

#[test]
fn every_bad_file_ends_with_2_names_the_place_and_sends_nothing() {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    for (text, says) in [
        ("sku_code,quantity\nA,12.5\n", "line 2, column quantity: "),
        (
            "sku_code,quantity\nA,1\nB,1e3\n",
            "line 3, column quantity: ",
        ),
        ("sku_code,quantity\nA,\"1,200\"\n", "--thousands"),
        ("sku_code,quantity\nA,10.000\n", "--thousands"),
        ("sku_code,quantity\n1.2E+12,1\n", "spreadsheet"),
        ("sku_code,quantity\nA,1\nB,2\nA,3\n", "line"),
        ("sku_code,quantity\nA,1,2\n", "line 2"),
        ("sku_code,quantity,adjustment\nA,1,1\n", "--mode"),
        ("sku_code,qty,stock\nA,1,1\n", "qty"),
        ("code,quantity\nA,1\n", "--map"),
        ("sku_code\nA\n", "quantity"),
        (
            "sku_code,quantity,location\nA,1,Main\nB,1,Depot\n",
            "--only",
        ),
        ("", "empty"),
        ("sku_code,quantity\n", "no rows"),
        ("PK\u{3}\u{4}rest", "CSV"),
    ] {
        let file = shop.file("bad.csv", text);
        let ran = shop
            .run(&["import-csv", file.to_str().unwrap(), "--yes"])
            .ends(2);
        assert!(ran.stderr.contains(says), "no `{says}` in {ran:#?}");
        assert_eq!(ran.stdout, "");
        let ran = shop
            .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
            .ends(2);
        assert_eq!(ran.error()["kind"], "usage");
    }
    for words in [
        &["import-csv", "none.csv", "--yes"][..],
        &["import-csv", ".", "--yes"],
        &["import-csv", "--yes"],
        &["import-csv", "bad.csv", "--yes", "--max-drop", "101"],
        &["import-csv", "bad.csv", "--yes", "--concurrency", "0"],
        &["import-csv", "bad.csv", "--yes", "--concurrency", "65"],
        &["import-csv", "bad.csv", "--yes", "--encoding", "klingon"],
        &["import-csv", "bad.csv", "--yes", "--map", "x"],
        &[
            "import-csv",
            "bad.csv",
            "--yes",
            "--report",
            "none/report.csv",
        ],
        &["import-csv", "bad.csv", "--resume", "r"],
    ] {
        shop.run(words).ends(2);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_first_twenty_faults_are_shown_and_all_are_counted() {
    let shop = Shop::at("http://127.0.0.1:9");
    let mut text = "sku_code,quantity\n".to_owned();
    for n in 0..30 {
        text += &format!("A{n},x\n");
    }
    let file = shop.file("bad.csv", text);
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes"])
        .ends(2);
    assert!(
        ran.stderr.contains("30 faults") && ran.stderr.contains("line 21,"),
        "{ran:#?}"
    );
    assert!(!ran.stderr.contains("line 22,"), "{ran:#?}");
}

#[test]
fn a_bad_row_fails_alone_and_its_rejects_can_be_mended() {
    let shop = Shop::new();
    let file = shop.file(
        "restock.csv",
        "Item;SKU;Qty\nrose;PRB-SM-RED;50\ntypo;PRB-SM-RDE;5\nshared;ROSE-BUSH;7\nnone;NO-SUCH-THING;1\n",
    );
    let path = file.to_str().unwrap();
    let dry = shop.run(&["import-csv", path, "--dry-run", "-o", "json"]);
    let dry = dry.ends(7).json();
    let ran = shop
        .run(&[
            "import-csv",
            file.to_str().unwrap(),
            "--yes",
            "-o",
            "json",
            "--rejects",
            "rejects.csv",
            "--report",
            "report.csv",
        ])
        .ends(7);
    assert_eq!(ran.error()["kind"], "partial");
    let document = ran.json();
    assert_eq!(
        outcomes(&document),
        ["applied", "failed", "failed", "failed"]
    );
    let error = |n: usize| document["results"][n]["error"].as_str().unwrap().to_owned();
    assert!(
        error(1).contains("did you mean PRB-SM-RED?"),
        "{}",
        error(1)
    );
    for n in 1..4 {
        assert_eq!(dry["results"][n]["error"], error(n));
    }
    assert!(error(2).contains("2 variants"), "{}", error(2));
    let rejects = shop.read("rejects.csv");
    assert!(rejects.starts_with("Item;SKU;Qty;error"), "{rejects}");
    assert_eq!(rejects.lines().count(), 4);
    assert!(shop.read("report.csv").starts_with("line,sku_id,sku_code,"));
    // Mended and imported again.
    let mended = rejects
        .lines()
        .take(2)
        .collect::<Vec<_>>()
        .join("\n")
        .replace("typo;PRB-SM-RDE;5", "typo;PRB-LG-RED;5");
    let file = shop.file("mended.csv", mended);
    shop.run(&["import-csv", file.to_str().unwrap(), "--yes"])
        .ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (50, 5));
}

#[test]
fn what_is_wrong_with_one_row_leaves_the_others_alone() {
    let shop = Shop::new();
    let rest = "PRB-SM-RED,50\nPRB-LG-RED,-3\n,127\nPRB-LG-WHT,9\n";
    let file = shop.file("restock.csv", format!("sku_code,quantity\n{rest}"));
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--rejects",
        "rejects.csv",
    ];
    let ran = shop.run(&words).ends(7);
    let document = ran.json();
    assert_eq!(
        outcomes(&document),
        ["applied", "failed", "failed", "applied"]
    );
    assert_eq!(
        document["results"][1]["error"],
        "-3: a quantity can't be below 0; --negative-as-zero reads it as 0"
    );
    assert_eq!(
        document["results"][2],
        json!({"line":4,"sku_id":null,"sku_code":null,"product_id":null,"previous_quantity":null,
            "quantity":null,"outcome":"failed","error":"no variant is named","read_back":false,"event_id":null})
    );
    assert_eq!((shop.stock(450), shop.stock(452)), (50, 9));
    assert_eq!(
        shop.read("rejects.csv"),
        "sku_code,quantity,error\nPRB-LG-RED,-3,-3: a quantity can't be below 0; --negative-as-zero reads it as 0\n,127,no variant is named\n"
    );
    // The ledger has such rows like any other.
    let run = document["run"].as_str().unwrap();
    let shown = shop.run(&["history", run, "-o", "json"]).ends(0);
    assert_eq!(shown.json()["failed"], 2);
    shop.run(&["import-csv", "--resume", run]).ends(7);
    let reason = "x".repeat(256);
    let moves = format!("sku_code,adjustment,reason\nPRB-SM-RED,1,{reason}\nPRB-SM-RED,2,ok\n");
    let file = shop.file("moves.csv", moves);
    shop.run(&["import-csv", file.to_str().unwrap(), "--dry-run"])
        .ends(7);
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
        .ends(7);
    assert_eq!(outcomes(&ran.json()), ["failed", "applied"]);
    assert_eq!(shop.stock(450), 52);
}

#[test]
fn stock_that_is_not_as_expected_is_a_conflict_unless_overwritten() {
    let shop = Shop::new();
    let text = "sku_code,expected_quantity,quantity\nPRB-SM-RED,24,50\nPRB-LG-RED,12,20\n";
    let file = shop.file("count.csv", text);
    let file = file.to_str().unwrap();
    let ran = shop
        .run(&["import-csv", file, "--yes", "-o", "json"])
        .ends(7);
    assert_eq!(outcomes(&ran.json()), ["conflict", "applied"]);
    assert_eq!((shop.stock(450), shop.stock(451)), (25, 20));
    shop.run(&["import-csv", file, "--yes", "--on-conflict", "overwrite"])
        .ends(0);
    assert_eq!(shop.stock(450), 50);
}

#[test]
fn a_stocktake_keeps_what_was_sold_while_people_counted() {
    let shop = Shop::new();
    let text = "sku_code,expected_quantity,counted quantity\nPRB-SM-RED,25,20\nPRB-LG-RED,12,12\n";
    let file = shop.file("count.csv", text);
    shop.run(&["adjust", "PRB-SM-RED", "-2", "--reason", "sold"])
        .ends(0);
    let ran = shop
        .run(&[
            "import-csv",
            file.to_str().unwrap(),
            "--mode",
            "stocktake",
            "--yes",
            "-o",
            "json",
        ])
        .ends(0);
    assert_eq!(outcomes(&ran.json()), ["applied", "unchanged"]);
    assert_eq!(shop.stock(450), 18);
}

#[test]
fn adjustments_go_out_in_file_order_with_their_reasons() {
    let shop = Shop::new();
    // The second of each pair is only possible after the first.
    let text = "sku_code,adjustment,reason\nPRB-LG-WHT,+5,New\nPRB-LG-WHT,-5,\nPRB-LG-WHT,7,\nPRB-LG-WHT,-7,Back\n";
    let file = shop.file("moves.csv", text);
    let ran = shop
        .run(&[
            "import-csv",
            file.to_str().unwrap(),
            "--yes",
            "--reason",
            "Night run",
            "--concurrency",
            "16",
        ])
        .ends(0);
    ran.says("4 applied");
    let reasons: Vec<Option<String>> = shop
        .store()
        .movements()
        .unwrap()
        .into_iter()
        .map(|m| m.reason)
        .collect();
    let expected = ["New", "Night run", "Night run", "Back"].map(|r| Some(r.to_owned()));
    assert_eq!(reasons, expected);
}

#[test]
fn a_file_that_would_empty_the_shop_is_refused_even_under_yes() {
    let shop = Shop::new();
    let listed = shop.run(&[
        "list",
        "--all",
        "-o",
        "json",
        "--variants",
        "--fields",
        "sku_id,quantity",
    ]);
    let mut text = "sku_id,quantity\n".to_owned();
    for row in listed.json().as_array().unwrap() {
        text += &format!("{},0\n", row["sku_id"]);
    }
    let file = shop.file("empty.csv", text);
    let file = file.to_str().unwrap();
    let ran = shop
        .run(&["import-csv", file, "--yes", "-o", "json"])
        .ends(5);
    assert_eq!(ran.error()["kind"], "refused");
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("down by 100 %")
    );
    assert!(shop.store().movements().unwrap().is_empty());
    shop.run(&["import-csv", file, "--dry-run"]).ends(5);
    shop.run(&["import-csv", file, "--yes", "--max-drop", "100"])
        .ends(0);
    // Fewer than ten changes are what somebody typed.
    let shop = Shop::new();
    let file = shop.file("few.csv", "sku_code,quantity\nPRB-SM-RED,0\nPRB-LG-RED,0\n");
    shop.run(&["import-csv", file.to_str().unwrap(), "--yes"])
        .ends(0);
}

#[test]
fn a_dry_run_says_what_it_would_do_and_writes_nothing() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", RESTOCK);
    let ran = shop
        .run(&[
            "import-csv",
            file.to_str().unwrap(),
            "--dry-run",
            "-o",
            "json",
        ])
        .ends(0);
    assert_eq!(outcomes(&ran.json()), ["planned", "planned", "unchanged"]);
    assert_eq!(ran.json()["run"], Value::Null);
    assert!(shop.store().movements().unwrap().is_empty());
    assert_eq!(shop.run(&["history", "-o", "json"]).json(), json!([]));
}

#[test]
fn jsonl_prints_each_row_as_it_settles_and_then_the_totals() {
    let shop = Shop::new();
    let ran = shop
        .run_with(
            &["import-csv", "-", "--yes", "-o", "jsonl"],
            RESTOCK.as_bytes(),
        )
        .ends(0);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[3]["applied"], 2);
    assert!(lines[3].get("results").is_none());
    let ran = shop.run_with(
        &["import-csv", "-", "--yes", "-o", "csv"],
        RESTOCK.as_bytes(),
    );
    assert_eq!(ran.stdout.lines().count(), 4);
    let ran = shop.run_with(
        &[
            "import-csv",
            "-",
            "--yes",
            "-o",
            "json",
            "--fields",
            "line,outcome",
        ],
        RESTOCK.as_bytes(),
    );
    assert_eq!(
        ran.json()["results"][0],
        json!({"line":2,"outcome":"unchanged"})
    );
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", RESTOCK);
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "jsonl",
        "--report",
        "report.csv",
    ];
    let mut child = shop.start(&words);
    drop(child.stdout.take());
    crate::shop::Ran::of(child.wait_with_output().unwrap()).ends(0);
    assert_eq!(shop.stock(450), 50);
    assert_eq!(shop.read("report.csv").lines().count(), 4);
}

#[test]
fn refused_credentials_end_the_run_and_the_rest_is_skipped() {
    let shop = Shop::new();
    let file = shop.file(
        "moves.csv",
        "sku_id,product_id,adjustment\n450,150,1\n451,150,1\n452,150,1\n",
    );
    let mut command = shop.bare(&[
        "--api-url",
        &shop.url,
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--concurrency",
        "1",
    ]);
    command.env("SELORAX_TOKEN", "sx_at_sandbox_readonly");
    let ran = crate::shop::Ran::of(command.output().unwrap()).ends(3);
    assert_eq!(outcomes(&ran.json()), ["failed", "skipped", "skipped"]);
    assert!(ran.error()["hint"].as_str().unwrap().contains("--resume"));
}

#[test]
fn a_server_that_is_down_ends_the_run_after_some_rows() {
    let shop = Shop::with_faults("500-before=1,writes-only");
    let mut text = "sku_id,product_id,adjustment\n".to_owned();
    for n in 0..40 {
        text += &format!("450,150,{}\n", n + 1);
    }
    let file = shop.file("moves.csv", text);
    let ran = shop
        .run(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"])
        .ends(8);
    let skipped = ran.json()["skipped"].as_u64().unwrap();
    assert_eq!(ran.json()["unknown"].as_u64().unwrap() + skipped, 40);
    assert!(skipped >= 25, "{ran:#?}");
    let shop = Shop::with_faults("429=1,writes-only");
    let file = shop.file("moves.csv", "sku_id,product_id,adjustment\n450,150,1\n");
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--retries",
        "1",
    ];
    shop.run(&words).ends(7);
}

#[test]
fn an_answer_between_writes_that_nobody_was_there_for_shows_that_the_server_is_not_down() {
    let store = Store::new(40, 20);
    let posts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "GET" => store.answer(request),
        // Nine get lost, one is refused; nine get lost, one is applied; the rest get lost.
        _ => match posts.fetch_add(1, Ordering::SeqCst) {
            9 => scripted::json(400, r#"{"message":"No.","code":"refused","status":400}"#),
            19 => store.answer(request),
            _ => Answer::Hangup,
        },
    });
    let mut text = "product_id,sku_id,adjustment\n".to_owned();
    for product in 1..=40 {
        text += &format!("{product},{product}0,1\n");
    }
    let shop = Shop::at(&server.url);
    let ran = crate::shop::import(&shop, "a.csv", &text, &["--concurrency", "1"]).ends(8);
    let document = ran.json();
    let counts = ["unknown", "failed", "applied", "skipped"].map(|outcome| &document[outcome]);
    assert_eq!(counts, [&json!(28), &json!(1), &json!(1), &json!(10)]);
    ran.says("10 writes in a row failed");
}

#[test]
fn on_error_stop_skips_the_rest() {
    let shop = Shop::new();
    let file = shop.file(
        "moves.csv",
        "sku_id,product_id,adjustment\n450,150,-500\n451,150,1\n452,150,1\n",
    );
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
    assert_eq!(outcomes(&ran.json()), ["failed", "skipped", "skipped"]);
}

#[test]
fn the_mapping_and_what_was_not_used_are_shown() {
    let shop = Shop::new();
    let text = "Their code,Bin Qty,Handle\nPRB-SM-RED,50,rose\nPRB-LG-RED,,rose\n";
    let file = shop.file("theirs.csv", text);
    let ran = shop
        .run(&[
            "import-csv",
            file.to_str().unwrap(),
            "--yes",
            "--map",
            "Their code=sku_code",
            "--map",
            "bin qty=quantity",
        ])
        .ends(0);
    ran.says("\"Their code\" is sku_code")
        .says("not used: \"Handle\"")
        .says("1 left alone");
}
