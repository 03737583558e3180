//! The commands that people type: `list`, `show`, `set`, `adjust`.

use serde_json::json;

use crate::scripted::{self, Answer, Server};
use crate::shop::Shop;

#[test]
fn list_shows_a_page_and_says_which() {
    let shop = Shop::new();
    let ran = shop
        .run(&["list", "--limit", "2", "--sort", "name"])
        .ends(0);
    assert_eq!(ran.stdout.lines().count(), 3, "{ran:#?}");
    let ran = ran.says("page 1 of 60 (120 products); the next: --page 2");
    assert!(!ran.stdout.contains('\u{1b}'));
    let ran = shop
        .run(&[
            "list",
            "-o",
            "json",
            "--limit",
            "1",
            "--search",
            "premium rose",
        ])
        .ends(0);
    assert_eq!(
        ran.json(),
        json!([{"product_id":150,"name":"Premium Rose Bouquet","is_active":1,
            "updated_at":"2025-06-12T14:30:00.000Z","total_quantity":37,"variant_count":3,"has_stock":1}])
    );
    assert_eq!(ran.stderr, "");
    let ran = shop
        .run(&["list", "-o", "jsonl", "--status", "out_of_stock", "--all"])
        .ends(0);
    for line in ran.stdout.lines() {
        let product: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(product["has_stock"], 0);
    }
    let ran = shop.run(&[
        "-q",
        "list",
        "-o",
        "csv",
        "--fields",
        "product_id,total_quantity",
        "--limit",
        "1",
    ]);
    assert_eq!(ran.stdout, "product_id,total_quantity\r\n150,37\r\n");
    shop.run(&["list", "--page", "99"])
        .ends(0)
        .says("past the last one");
    shop.run(&["list", "--search", "no such thing"])
        .ends(0)
        .says("no products match");
}

#[test]
fn what_is_wrong_with_a_list_is_found_before_anything_is_sent() {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    for words in [
        &["list", "--limit", "0"][..],
        &["list", "--limit", "251"],
        &["list", "--page", "0"],
        &["list", "--sort", "price"],
        &["list", "--status", "low"],
        &["list", "--all", "--page", "2"],
        &["list", "--fields", "a,,b"],
        &["list", "--timeout", "never"],
        &["list", "-q", "-v"],
        &["list", "--color", "blue"],
        &["lsit"],
    ] {
        let ran = shop.run(words).ends(2);
        assert!(ran.stderr.starts_with("error: "), "{ran:#?}");
        let ran = shop.run(&[words, &["-o", "json"]].concat()).ends(2);
        assert_eq!(ran.error()["kind"], "usage");
        assert_eq!(ran.stdout, "");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn show_finds_by_product_sku_id_and_code() {
    let shop = Shop::new();
    for name in ["150", "PRB-SM-RED", "id:450", "code:PRB-LG-WHT"] {
        let ran = shop.run(&["show", name, "-o", "json"]).ends(0);
        assert_eq!(ran.json()["product_id"], 150, "{name}");
        assert_eq!(ran.json()["variants"][0]["price"], 500);
    }
    let ran = shop.run(&["show", "150"]).ends(0);
    assert!(ran.stdout.contains("PRB-LG-WHT"), "{ran:#?}");
    let ran = shop.run(&["show", "150", "-o", "csv"]).ends(0);
    assert!(
        ran.stdout.starts_with("product_id,product_name,sku_id,"),
        "{ran:#?}"
    );
    let ran = shop.run(&[
        "show",
        "150",
        "-o",
        "json",
        "--fields",
        "name,sku_code,quantity",
    ]);
    assert_eq!(
        ran.json()["variants"][1],
        json!({"sku_code":"PRB-LG-RED","quantity":12})
    );
    let ran = shop.run(&["show", "PRB-SM-RDE", "-o", "json"]).ends(4);
    assert_eq!(ran.error()["kind"], "not_found");
    assert_eq!(ran.error()["hint"], "did you mean PRB-SM-RED?");
    shop.run(&["show", "999999"]).ends(4);
}

#[test]
fn show_takes_fields_of_the_product_and_of_its_variants_in_every_format() {
    let shop = Shop::new();
    let show = |fields: &str, format: &str| {
        let words = ["-q", "show", "150", "-o", format, "--fields", fields];
        shop.run(&words).ends(0).stdout
    };
    assert_eq!(show("name", "csv"), "name\r\nPremium Rose Bouquet\r\n");
    assert_eq!(show("name", "table"), "NAME\nPremium Rose Bouquet\n");
    assert_eq!(
        show("is_active,product_id", "csv"),
        "is_active,product_id\r\n1,150\r\n",
        "nothing is asked of the variants"
    );
    let both = show("quantity,name,sku_code", "csv");
    assert_eq!(
        both.lines().nth(1),
        Some("25,Premium Rose Bouquet,PRB-SM-RED")
    );
    assert_eq!(both.lines().count(), 4);
    let table = show("sku_code,updated_at", "table");
    assert!(table.contains("2025-06-12T14:30:00.000Z"), "{table}");
    assert_eq!(table.lines().count(), 4);
    for format in ["table", "csv", "json", "jsonl"] {
        for (fields, hint) in [
            ("nam", "did you mean name?"),
            ("sku_cod", "did you mean sku_code?"),
        ] {
            let words = ["show", "150", "-o", format, "--fields", fields];
            let ran = shop.run(&words).ends(2);
            assert!(ran.stderr.contains(hint), "{ran:#?}");
            assert_eq!(ran.stdout, "");
        }
    }
    shop.run(&["show", "150", "--fields", ""])
        .ends(2)
        .says("--fields names no field");
}

#[test]
fn set_changes_what_it_says_and_shows_before_and_after() {
    let shop = Shop::new();
    let ran = shop
        .run(&["set", "150", "PRB-SM-RED=50", "id:452=7", "-o", "json"])
        .ends(0);
    assert_eq!(
        ran.json(),
        json!({"product_id":150,"changes":[
            {"sku_id":450,"sku_code":"PRB-SM-RED","previous_quantity":25,"quantity":50,"outcome":"applied"},
            {"sku_id":452,"sku_code":"PRB-LG-WHT","previous_quantity":0,"quantity":7,"outcome":"applied"}]})
    );
    let movements = shop.store().movements().unwrap();
    assert_eq!(movements.len(), 2);
    assert_eq!(movements[0].request_id, movements[1].request_id, "one PUT");
    shop.run(&["set", "PRB-SM-RED=50"])
        .ends(0)
        .says("already so; nothing was sent");
    assert_eq!(shop.store().movements().unwrap().len(), 2);
    let ran = shop.run(&["set", "PRB-SM-RED=9", "--dry-run"]).ends(0);
    assert!(ran.says("nothing was sent").stdout.contains('9'));
    assert_eq!(shop.stock(450), 50);
}

#[test]
fn a_dry_run_says_in_its_result_that_it_was_one() {
    let shop = Shop::new();
    for words in [
        ["set", "PRB-SM-RED=40"].as_slice(),
        &["adjust", "PRB-SM-RED", "+15"],
    ] {
        let dry = |more: &[&str]| {
            let ran = shop
                .run(&[words, &["-q", "--dry-run"], more].concat())
                .ends(0);
            assert_eq!(ran.stderr, "");
            ran
        };
        let table = dry(&[]).stdout;
        assert!(!table.contains("NOW") && table.contains("THEN"), "{table}");
        assert!(table.contains("planned"), "{table}");
        let csv = dry(&["-o", "csv"]).stdout;
        assert!(csv.lines().next().unwrap().ends_with(",outcome"), "{csv}");
        assert!(csv.contains(",planned"), "{csv}");
        let json = dry(&["-o", "json"]).json();
        let change = json.get("changes").map_or(&json, |changes| &changes[0]);
        assert_eq!(
            (&change["quantity"], &change["outcome"]),
            (&json!(40), &json!("planned"))
        );
        let some = dry(&["-o", "json", "--fields", "outcome"]).json();
        assert!(
            some.to_string().contains(r#"{"outcome":"planned"}"#),
            "{some}"
        );
    }
    let so = shop
        .run(&["-q", "set", "PRB-SM-RED=25", "--dry-run", "-o", "json"])
        .ends(0);
    assert_eq!(so.json()["changes"][0]["outcome"], "unchanged");
    assert_eq!(shop.stock(450), 25);
    let done = shop.run(&["-q", "set", "PRB-SM-RED=40"]).ends(0).stdout;
    assert!(done.contains("NOW") && !done.contains("OUTCOME"), "{done}");
}

#[test]
fn set_refuses_what_is_not_the_products_before_it_writes() {
    let shop = Shop::new();
    for (words, code) in [
        (&["set", "150", "SFB-STD=1"][..], 4),
        (&["set", "150", "PRB-SM-RED=1", "SFB-STD=1"], 4),
        (&["set", "PRB-SM-RED=1", "SFB-STD=1"], 2),
        (&["set", "150", "PRB-SM-RED=1", "id:450=2"], 2),
        (&["set", "150", "PRB-SM-RED=-1"], 2),
        (&["set", "150", "PRB-SM-RED=1.5"], 2),
        (&["set", "150"], 2),
        (&["set", "99999", "PRB-SM-RED=1"], 4),
    ] {
        let ran = shop.run(words).ends(code);
        assert!(ran.stderr.starts_with("error: "), "{ran:#?}");
    }
    assert!(shop.store().movements().unwrap().is_empty());
}

#[test]
fn adjust_prints_the_apis_own_words() {
    let shop = Shop::new();
    let ran = shop
        .run(&[
            "adjust",
            "PRB-SM-RED",
            "-3",
            "--reason",
            "Damaged",
            "-o",
            "json",
        ])
        .ends(0);
    assert_eq!(
        ran.json(),
        json!({"sku_id":450,"product_id":150,"previous_quantity":25,"quantity":22,"adjustment":-3,"available":1})
    );
    let movements = shop.store().movements().unwrap();
    assert_eq!(movements[0].reason.as_deref(), Some("Damaged"));
    let ran = shop.run(&["adjust", "150", "452", "+10"]).ends(0);
    assert!(ran.stdout.contains("10"), "{ran:#?}");
    assert_eq!(shop.stock(452), 10);
    let ran = shop
        .run(&["adjust", "PRB-SM-RED", "-500", "-o", "json"])
        .ends(5);
    assert_eq!(ran.error()["kind"], "refused");
    assert_eq!(ran.error()["code"], "negative_quantity");
    assert_eq!(ran.error()["status"], 400);
    let ran = shop
        .run(&["adjust", "PRB-SM-RED", "-500", "--dry-run"])
        .ends(5);
    ran.says("would take it below 0");
}

#[test]
fn adjust_refuses_nothing_and_too_long_a_reason_before_sending() {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    let long = "x".repeat(256);
    for words in [
        &["adjust", "PRB-SM-RED", "0"][..],
        &["adjust", "PRB-SM-RED", "1.5"],
        &["adjust", "PRB-SM-RED"],
        &["adjust", "PRB-SM-RED", "-1", "--reason", &long],
        &["adjust", "-1"],
        &["adjust", "id:x", "-1"],
    ] {
        shop.run(words).ends(2);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_lost_answer_is_read_back_and_never_sent_again() {
    let shop = Shop::with_faults("lost-answer=1,writes-only");
    let ran = shop.run(&["adjust", "150", "450", "-3"]).ends(0);
    ran.says("the answer was lost");
    assert_eq!(shop.stock(450), 22);
    assert_eq!(shop.store().movements().unwrap().len(), 1);

    let shop = Shop::with_faults("lost-request=1,writes-only");
    let ran = shop
        .run(&["adjust", "150", "450", "-3", "-o", "json"])
        .ends(8);
    assert_eq!(ran.error()["kind"], "unknown_outcome");
    assert!(
        ran.stderr.contains("the stock is 25; it was 25 before -3"),
        "{ran:#?}"
    );
    assert!(shop.store().movements().unwrap().is_empty());
    assert_eq!(shop.store().faults().unwrap().len(), 1, "sent once");
}

#[test]
fn a_set_in_doubt_is_read_back_and_sent_again_where_nothing_changed() {
    for faults in [
        "lost-answer=1,writes-only",
        "500-after=1,writes-only",
        "garbage=1,writes-only",
    ] {
        let shop = Shop::with_faults(faults);
        shop.run(&["set", "150", "450=50"])
            .ends(0)
            .says("reading the stock back");
        assert_eq!(shop.store().movements().unwrap().len(), 1);
    }
    let shop = Shop::with_faults("500-before=1,writes-only");
    shop.run(&["set", "150", "450=50", "--retries", "1"])
        .ends(6);
    assert_eq!(shop.store().faults().unwrap().len(), 2);
    assert_eq!(shop.stock(450), 25);
}

#[test]
fn somebody_elses_sale_is_never_wiped_out_by_a_resend() {
    // The answer to the PUT is an error, and meanwhile the stock is neither as before nor as wanted.
    let product = |quantity: i64| {
        format!(
            r#"{{"data":{{"product_id":150,"name":"R","variants":[{{"sku_id":450,"sku_code":"A","quantity":{quantity}}}]}},"status":200}}"#
        )
    };
    let server = Server::start(move |n, request| match (request.method.as_str(), n) {
        ("PUT", _) => scripted::json(500, "{\"message\":\"Internal error.\",\"status\":500}"),
        (_, 0) => scripted::json(200, &product(25)),
        _ => scripted::json(200, &product(24)),
    });
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["set", "150", "A=50", "-o", "json"]).ends(8);
    assert!(
        ran.stderr.contains("neither 25 as before nor 50"),
        "{ran:#?}"
    );
    let puts = server
        .requests()
        .iter()
        .filter(|r| r.method == "PUT")
        .count();
    assert_eq!(puts, 1);
}

#[test]
fn names_never_drive_a_terminal_and_json_keeps_them() {
    let evil = "Rose\\u001b[31m\\u202e\\nline";
    let list = format!(
        r#"{{"data":[{{"product_id":1,"name":"{evil}","is_active":1,"updated_at":"2025-06-12T14:30:00.000Z","total_quantity":1,"variant_count":1,"has_stock":1,"new_field":1.50}}],"pagination":{{"page":1,"limit":50,"total":1}},"status":200}}"#
    );
    let server = Server::start(move |_, _| scripted::json(200, &list));
    let shop = Shop::at(&server.url);
    let table = shop.run(&["list"]).ends(0).stdout;
    assert!(
        !table.contains(['\u{1b}', '\u{202e}']) && table.lines().count() == 2,
        "{table}"
    );
    let ran = shop.run(&["list", "-o", "json"]).ends(0);
    assert_eq!(ran.json()[0]["name"], "Rose\u{1b}[31m\u{202e}\nline");
    assert!(ran.stdout.contains("\"new_field\":1.50"));
    // Nor do errors, in whatever form.
    let error = "{\"message\":\"No\u{9b}\u{202e}.\",\"code\":\"a\u{9b}\",\"status\":400}";
    let server = Server::start(move |_, _| scripted::json(400, error));
    let shop = Shop::at(&server.url);
    for format in ["table", "json"] {
        let ran = shop.run(&["list", "-o", format]).ends(5);
        assert!(!ran.stderr.contains(['\u{9b}', '\u{202e}']), "{ran:#?}");
    }
}

#[test]
fn every_failure_has_its_exit_code() {
    for (answer, code, kind) in [
        (
            (
                401,
                r#"{"message":"Expired.","code":"invalid_token","status":401}"#,
            ),
            3,
            "auth",
        ),
        (
            (
                403,
                r#"{"message":"No.","code":"insufficient_scope","status":403}"#,
            ),
            3,
            "auth",
        ),
        (
            (404, r#"{"message":"Product not found.","status":404}"#),
            4,
            "not_found",
        ),
        (
            (400, r#"{"message":"Bad page.","status":400}"#),
            5,
            "refused",
        ),
        ((410, r#"{"message":"Gone.","status":410}"#), 5, "refused"),
        ((429, ""), 6, "unavailable"),
        ((500, "<html>Oops</html>"), 6, "unavailable"),
        ((200, "<html>Log in</html>"), 6, "unavailable"),
        ((200, ""), 6, "unavailable"),
    ] {
        let (status, body) = (answer.0, answer.1.to_owned());
        let server = Server::start(move |_, _| {
            let headers = vec!["retry-after: 0".to_owned()];
            Answer::Reply(status, headers, body.clone().into_bytes())
        });
        let shop = Shop::at(&server.url);
        let ran = shop
            .run(&["show", "150", "-o", "json", "--retries", "0"])
            .ends(code);
        assert_eq!(ran.error()["kind"], kind);
        assert_eq!(ran.error()["status"], status);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn verbose_shows_every_request_and_no_secret() {
    let shop = Shop::new();
    let mut command = shop.bare(&["-v", "list", "--limit", "1"]);
    command
        .env("SELORAX_TOKEN", "sx_at_sandbox")
        .env("SELORAX_API_URL", format!("{}/api/", shop.url));
    let ran = crate::shop::Ran::of(command.output().unwrap()).ends(0);
    assert!(
        ran.stderr.contains("GET /api/apps/v1/inventory?page=1"),
        "{ran:#?}"
    );
    assert!(!ran.stderr.contains("sx_at_sandbox"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    use std::io::Read;
    let shop = Shop::new();
    let mut child = shop.start(&["list", "--all", "-o", "jsonl"]);
    let mut first = [0; 1];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let ran = crate::shop::Ran::of(child.wait_with_output().unwrap()).ends(0);
    assert!(!ran.stderr.contains("error"), "{ran:#?}");
}

#[test]
fn what_was_nearly_right_is_answered_with_the_command_that_is_meant() {
    let shop = Shop::new();
    let sxinv = format!("sxinv -p sandbox --api-url {}", shop.url);
    for (typed, code, message, meant) in [
        // A code that begins like an option, and no request for the version.
        (
            "adjust -VOUCH-500 -3",
            2,
            "begins like an option",
            "adjust -- -VOUCH-500 -3",
        ),
        (
            "set -VOUCH-500=3",
            2,
            "begins like an option",
            "set -- -VOUCH-500=3",
        ),
        ("show -h500", 2, "begins like an option", "show -- -h500"),
        (
            "adjust -RED-5 +2",
            2,
            "begins like an option",
            "adjust -- -RED-5 +2",
        ),
        (
            "adjust SUN-MD -1 --reason -Very",
            2,
            "begins like an option",
            "adjust SUN-MD -1 --reason=-Very",
        ),
        (
            "adjust SUN-MD \u{2013}5",
            2,
            "is not a SKU and an adjustment",
            "adjust SUN-MD -5",
        ),
        // A product where a variant belongs.
        (
            "adjust 150 +3",
            4,
            "150 is a product (Premium Rose Bouquet), and no variant; it has PRB-SM-RED",
            "adjust 150 SKU +3",
        ),
        ("set code:150=50", 4, "150 is a product", "set 150 SKU=50"),
        ("set 150 50", 2, "may be a product", "set 150 SKU=50"),
        // A number that is none.
        (
            "set SUN-MD 1.000",
            2,
            "`1.000` in `SUN-MD 1.000` is not a quantity",
            "",
        ),
        ("set SUN-MD O", 2, "is not a quantity", ""),
        (
            "set SUN-MD 50 SUN-LG 20",
            2,
            "is not SKU=QUANTITY",
            "set SUN-MD=50 SUN-LG=20",
        ),
        (
            "set 150 PRB-SM-RED 50 PRB-LG-RED 20",
            2,
            "is not SKU=QUANTITY",
            "set 150 PRB-SM-RED=50 PRB-LG-RED=20",
        ),
        (
            "set 150 PRB-SM-RED=5 id:450=6",
            2,
            "sku 450 names a variant that was named before",
            "",
        ),
        // In words, and no more than what is near.
        ("list --limit 500", 2, "500 is not from 1 to 250", ""),
        ("list --page 0", 2, "0 is less than 1", ""),
        ("lst", 2, "there is no command lst", "list"),
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let ran = shop.run(&words).ends(code).says(message);
        if !meant.is_empty() {
            ran.says(&format!("{sxinv} {meant}\n"));
        }
    }
    // What is proposed is right.
    shop.run(&["adjust", "--", "-VOUCH-500", "-3"]).ends(0);
    shop.run(&["adjust", "SUN-MD", "-1", "--reason=-Very"])
        .ends(0);
    assert!(shop.run(&["-qV"]).ends(0).stdout.starts_with("sxinv "));
}
