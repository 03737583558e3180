//! `import-csv --sum-duplicates`: lots of one variant add up, and each row gets the outcome of all.

use serde_json::{Value, json};

use crate::shop::{Shop, import, run_of};

fn outcomes(document: &Value) -> Vec<(u64, &str, &Value)> {
    let rows = document["results"].as_array().unwrap().iter();
    rows.map(|row| {
        let outcome = row["outcome"].as_str().unwrap();
        (row["line"].as_u64().unwrap(), outcome, &row["quantity"])
    })
    .collect()
}

#[test]
fn lots_add_up_and_each_row_gets_the_outcome_of_all() {
    let shop = Shop::new();
    let file = shop.file(
        "lots.csv",
        "sku_code,quantity,lot\nPRB-SM-RED,30,A\nPRB-LG-RED,12,A\nPRB-SM-RED,5,B\nNO-SUCH,1,A\nNO-SUCH,2,B\nPRB-SM-RED,0,C\n",
    );
    let path = file.to_str().unwrap();
    let twice = shop.run(&["import-csv", path, "--yes"]).ends(2);
    assert!(
        twice.stderr.contains("PRB-SM-RED is in line 2 too"),
        "{twice:#?}"
    );
    let words = [
        "import-csv",
        path,
        "--sum-duplicates",
        "--yes",
        "-o",
        "json",
    ];
    let dry = shop
        .run(&[&words[..], &["--dry-run"]].concat())
        .ends(7)
        .json();
    assert_eq!(dry["planned"], 3);
    assert_eq!(dry["failed"], 2);
    let ran = shop.run(&words).ends(7).json();
    let (null, fifteen) = (json!(null), json!(35));
    assert_eq!(
        outcomes(&ran),
        [
            (2, "applied", &fifteen),
            (4, "applied", &fifteen),
            (7, "applied", &fifteen),
            (3, "unchanged", &json!(12)),
            (5, "failed", &null),
            (6, "failed", &null),
        ]
    );
    assert_eq!(ran["rows"], 6);
    assert_eq!(ran["applied"], 3);
    assert_eq!(shop.stock(450), 35);
    assert_eq!(shop.store().movements().unwrap().len(), 1);
    // The ledger has the same to say, and what is taken back is taken back once.
    let run = ran["run"].as_str().unwrap();
    let rows = shop.run(&["history", run, "-o", "jsonl"]).ends(0).stdout;
    assert_eq!(rows.matches("\"outcome\":\"applied\"").count(), 3, "{rows}");
    shop.run(&["undo", run, "--yes"]).ends(0);
    assert_eq!(shop.stock(450), 25);
}

#[test]
fn lots_in_a_stocktake_expect_the_whole_stock_and_a_bad_one_fails_all() {
    let shop = Shop::new();
    let take = |text: &str| {
        let file = shop.file("count.csv", text);
        let path = file.to_str().unwrap().to_owned();
        shop.run(&[
            "import-csv",
            &path,
            "--mode=stocktake",
            "--sum-duplicates",
            "--yes",
            "-o",
            "jsonl",
        ])
    };
    let unequal =
        take("sku_code,quantity,expected_quantity\nPRB-SM-RED,20,25\nPRB-SM-RED,4,20\n").ends(2);
    assert!(
        unequal
            .stderr
            .contains("20 is expected here and 25 in line 2"),
        "{unequal:#?}"
    );
    assert!(shop.store().movements().unwrap().is_empty());
    let below =
        take("sku_code,quantity,expected_quantity\nPRB-SM-RED,20,25\nPRB-SM-RED,-4,25\n").ends(7);
    let told = "line 3, which it adds up with: -4: a quantity can't be below 0";
    assert!(below.stdout.contains(told), "{below:#?}");
    assert_eq!(
        below.stdout.matches("\"outcome\":\"failed\"").count(),
        2,
        "{below:#?}"
    );
    let counted =
        take("sku_code,quantity,expected_quantity\nPRB-SM-RED,20,25\nPRB-SM-RED,4,25\n").ends(0);
    // As they settle: a line for each row, and then the totals.
    assert_eq!(counted.stdout.lines().count(), 3, "{counted:#?}");
    assert_eq!(
        counted.stdout.matches("\"outcome\":\"applied\"").count(),
        2,
        "{counted:#?}"
    );
    assert_eq!(shop.stock(450), 24);
}

#[test]
fn a_run_of_lots_that_was_cut_off_goes_on() {
    let shop = Shop::new();
    // Two shelves, one behind the other: the second half of each variant's stock stands far below the first.
    let codes = [
        "PRB-SM-RED",
        "PRB-LG-RED",
        "PRB-LG-WHT",
        "SUN-SM",
        "SUN-MD",
        "SUN-LG",
    ];
    let shelf = codes.map(|code| format!("{code},70\n")).concat();
    let file = shop.file(
        "lots.csv",
        format!("sku_code,quantity\n{shelf}{shelf}NO-SUCH,1\n"),
    );
    let path = file.to_str().unwrap();
    let words = [
        "import-csv",
        path,
        "--sum-duplicates",
        "--on-error=stop",
        "--yes",
        "-o",
        "json",
    ];
    let cut = shop.run(&words).ends(7).json();
    assert_eq!(
        (&cut["skipped"], &cut["failed"]),
        (&json!(12), &json!(1)),
        "{cut}"
    );
    let run = cut["run"].as_str().unwrap();
    let ran = shop
        .run(&["import-csv", "--resume", run, "-o", "json"])
        .ends(7)
        .json();
    assert_eq!(
        (&ran["rows"], &ran["applied"]),
        (&json!(13), &json!(12)),
        "{ran}"
    );
    for sku in [450, 451, 452, 456, 457, 458] {
        assert_eq!(shop.stock(sku), 140);
    }
}

#[test]
fn what_is_kept_back_is_kept_back_of_the_sum() {
    let shop = Shop::new();
    let text = "sku_code,quantity\nPRB-SM-RED,3\nPRB-SM-RED,4\nPRB-LG-RED,1\nPRB-LG-RED,1\n";
    let file = shop.file("lots.csv", text);
    let path = file.to_str().unwrap();
    shop.run(&[
        "import-csv",
        path,
        "--sum-duplicates",
        "--buffer=5",
        "--yes",
    ])
    .ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (2, 0));
    let file = shop.file("in.csv", "sku_code,adjustment\nPRB-SM-RED,3\n");
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--sum-duplicates",
        "--yes",
    ];
    let meaningless = shop.run(&words).ends(2);
    assert!(
        meaningless.stderr.contains("leave --sum-duplicates out"),
        "{meaningless:#?}"
    );
}

/// Runs a file whose rows add up, and tells how it ended: exit code, and each row's line, outcome and quantity.
fn summed(shop: &Shop, text: &str, code: i32) -> Vec<(u64, String, Value)> {
    let file = shop.file("named.csv", text);
    let path = file.to_str().unwrap();
    let words = [
        "import-csv",
        path,
        "--sum-duplicates",
        "--yes",
        "-o",
        "json",
    ];
    let document = shop.run(&words).ends(code).json();
    let mut rows: Vec<_> = outcomes(&document)
        .into_iter()
        .map(|(line, outcome, quantity)| (line, outcome.to_owned(), quantity.clone()))
        .collect();
    rows.sort_by_key(|row| row.0);
    rows
}

fn applied(lines: &[u64], quantity: u64) -> Vec<(u64, String, Value)> {
    let row = |line: &u64| (*line, "applied".to_owned(), json!(quantity));
    lines.iter().map(row).collect()
}

#[test]
fn one_variant_in_other_words_adds_up_too() {
    let shop = Shop::new();
    // By id, by code, by both, with its product and without.
    let by = "product_id,sku_id,sku_code,quantity\n,450,,30\n,,PRB-SM-RED,5\n150,450,PRB-SM-RED,2\n150,,PRB-SM-RED,3\n,,PRB-SM-RED,1\n";
    assert_eq!(summed(&shop, by, 0), applied(&[2, 3, 4, 5, 6], 41));
    assert_eq!(shop.stock(450), 41);
    // With blanks and invisible characters around the code.
    let blanks = "sku_code,quantity\n  PRB-SM-RED,30\n\u{200b}PRB-SM-RED\u{a0},12\nPRB-SM-RED,1\n";
    assert_eq!(summed(&shop, blanks, 0), applied(&[2, 3, 4], 43));
    assert_eq!(shop.store().movements().unwrap().len(), 2);
    // What is kept back is kept back once.
    let file = shop.file(
        "kept.csv",
        "sku_id,sku_code,quantity\n450,,30\n,PRB-SM-RED,5\n",
    );
    let path = file.to_str().unwrap();
    shop.run(&[
        "import-csv",
        path,
        "--sum-duplicates",
        "--buffer=10",
        "--yes",
    ])
    .ends(0);
    assert_eq!(shop.stock(450), 25);
}

#[test]
fn lots_in_other_words_expect_the_same_or_nothing() {
    let shop = Shop::new();
    let one =
        "sku_id,sku_code,quantity,expected_quantity\n450,,20,\n,PRB-SM-RED,4,25\n,PRB-SM-RED,2,\n";
    assert_eq!(summed(&shop, one, 0), applied(&[2, 3, 4], 26));
    let late = "sku_code,quantity,expected_quantity\nPRB-SM-RED,20,\nPRB-SM-RED,4,25\n";
    let conflict = summed(&shop, late, 7);
    assert!(
        conflict.iter().all(|row| row.1 == "conflict"),
        "{conflict:?}"
    );
    let two = "sku_id,sku_code,quantity,expected_quantity\n450,,20,26\n,PRB-SM-RED,4,25\n";
    let file = shop.file("two.csv", two);
    let path = file.to_str().unwrap();
    let refused = shop
        .run(&["import-csv", path, "--sum-duplicates", "--yes"])
        .ends(2);
    let told = "line 3: 25 is expected here and 26 in line 2";
    assert!(refused.stderr.contains(told), "{refused:#?}");
    assert_eq!(shop.stock(450), 26);
}

#[test]
fn a_lot_that_is_not_certain_fails_those_that_it_may_belong_to() {
    let shop = Shop::new();
    let below = "sku_id,sku_code,quantity\n450,,20\n,PRB-SM-RED,-4\n,PRB-LG-RED,9\n,PRB-SM-RED,5\n";
    let ended = summed(&shop, below, 7);
    let outcome: Vec<&str> = ended.iter().map(|row| row.1.as_str()).collect();
    assert_eq!(outcome, ["failed", "failed", "applied", "failed"]);
    // An id of one variant with the code of another: either may be what was meant.
    let torn =
        "sku_id,sku_code,quantity\n450,,20\n450,PRB-LG-WHT,4\n,PRB-LG-WHT,9\n,PRB-LG-RED,7\n";
    let ended = summed(&shop, torn, 7);
    let outcome: Vec<&str> = ended.iter().map(|row| row.1.as_str()).collect();
    assert_eq!(outcome, ["failed", "failed", "failed", "applied"]);
    let file = shop.file("torn.csv", torn);
    let path = file.to_str().unwrap();
    let told = shop
        .run(&["import-csv", path, "--sum-duplicates", "--dry-run"])
        .ends(7)
        .stdout;
    let why = "line 3, which it adds up with: sku 450 has the code PRB-SM-RED and not PRB-LG-WHT";
    assert_eq!(told.matches(why).count(), 2, "{told}");
    assert_eq!((shop.stock(450), shop.stock(452)), (25, 0));
}

#[test]
fn rejects_from_the_ledger_ask_for_the_sum_of_lots_once() {
    let shop = Shop::new();
    let text = "sku_code,quantity,expected_quantity\nPRB-SM-RED,20,30\nPRB-SM-RED,18,30\n";
    let ran = import(&shop, "lots.csv", text, &["--sum-duplicates"]).ends(7);
    assert_eq!(ran.json()["conflict"], 2);
    let run = run_of(&ran);
    shop.run(&["history", &run, "--rejects", "mend.csv"])
        .ends(0);
    let rejects = shop.read("mend.csv");
    let rows: Vec<&str> = rejects.lines().skip(1).collect();
    assert_eq!(rows.len(), 1, "{rejects}");
    assert!(rows[0].contains(",38,30,"), "{rejects}");
}

#[test]
fn lots_that_add_up_to_more_than_a_number_holds_fail() {
    let shop = Shop::new();
    let most = i64::MAX.to_string();
    let text = format!("sku_code,quantity\nPRB-SM-RED,{most}\nPRB-SM-RED,{most}\nPRB-LG-RED,5\n");
    let more = ["--sum-duplicates", "--max-quantity", &most, "--dry-run"];
    let ran = import(&shop, "lots.csv", &text, &more).ends(7).json();
    assert_eq!((&ran["failed"], &ran["planned"]), (&json!(2), &json!(1)));
    let too_large = "the rows of this variant add up to too large a number";
    let failed = ran["results"].as_array().unwrap().iter();
    let failed: Vec<&Value> = failed.filter(|row| row["line"] != 4).collect();
    assert!(
        failed.iter().all(|row| row["error"] == too_large),
        "{ran:#}"
    );
}
