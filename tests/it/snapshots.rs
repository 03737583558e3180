//! `snapshot` and `diff`: the whole store remembered, and what changed.

use serde_json::{Value, json};

use crate::scripted::store::Store;
use crate::scripted::{self, Server};
use crate::shop::{Ran, Shop};

fn snapshot(shop: &Shop) -> Value {
    shop.run(&["snapshot", "-o", "json"]).ends(0).json()[0].clone()
}

fn diff(shop: &Shop, more: &[&str]) -> Ran {
    shop.run(&[&["diff", "-o", "json"], more].concat())
}

/// Somebody changes the shop past the API.
fn changes(shop: &Shop, sql: &str) {
    let store = rusqlite::Connection::open(shop.folder.path().join("shop.db")).unwrap();
    store.execute_batch(sql).unwrap();
}

#[test]
fn a_difference_tells_ours_from_others() {
    let shop = Shop::new();
    let first = snapshot(&shop);
    assert_eq!(first["changed"], first["variants"], "all of it is new");
    assert_eq!(snapshot(&shop)["changed"], 0);
    assert_eq!(diff(&shop, &["--exit-code"]).ends(0).json(), json!([]));
    shop.run(&["adjust", "150", "450", "-3"]).ends(0);
    shop.run(&["set", "150", "451=7"]).ends(0);
    shop.moves(450, -2);
    shop.moves(452, 4);
    let found = diff(&shop, &["--exit-code"]).ends(9).json();
    let sums = |rows: &Value| -> Vec<(i64, i64, i64)> {
        let rows = rows.as_array().unwrap().iter();
        let number = |value: &Value| value.as_i64().unwrap();
        rows.map(|row| {
            (
                number(&row["sku_id"]),
                number(&row["ours"]),
                number(&row["others"]),
            )
        })
        .collect()
    };
    let before = found[1]["before"].as_i64().unwrap();
    assert_eq!(
        sums(&found),
        [(450, -3, -2), (451, 7 - before, 0), (452, 0, 4)]
    );
    assert_eq!(
        (&found[0]["before"], &found[0]["after"], &found[0]["change"]),
        (&json!(25), &json!(20), &json!(-5))
    );

    // Backwards it is the same with the signs turned.
    let back = diff(&shop, &["now", "0s"]).ends(0).json();
    assert_eq!(
        sums(&back),
        [(450, 3, 2), (451, before - 7, 0), (452, 0, -4)]
    );

    // The same between two snapshots, and backwards in time nothing is older than the first.
    assert_eq!(snapshot(&shop)["changed"], 3);
    diff(&shop, &[]).ends(0);
    assert_eq!(
        shop.run(&["snapshot", "--list", "-o", "json"])
            .ends(0)
            .json()
            .as_array()
            .unwrap()
            .len(),
        3
    );
    diff(&shop, &["2020-01-01"])
        .ends(4)
        .says("no snapshot before 2020-01-01");
    let table = shop.run(&["diff", "--fields", "sku_id,others"]).ends(0);
    assert!(table.stderr.ends_with("nothing differs\n"), "{table:#?}");

    // In doubt, neither can be told.
    shop.run(&["adjust", "150", "450", "-1"]).ends(0);
    let ledger = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
    ledger.execute("UPDATE rows SET outcome = 'unknown', quantity = NULL WHERE sku_id = 450 AND adjustment = -1", []).unwrap();
    let ran = diff(&shop, &[])
        .ends(0)
        .says("a row in between is in doubt: PRB-SM-RED in line 1 of run ");
    assert_eq!(
        (
            &ran.json()[0]["change"],
            &ran.json()[0]["ours"],
            &ran.json()[0]["others"]
        ),
        (&json!(-1), &Value::Null, &Value::Null)
    );
}

#[test]
fn new_gone_and_renamed_variants_are_told_apart() {
    let shop = Shop::new();
    snapshot(&shop);
    changes(
        &shop,
        "DELETE FROM variants WHERE sku_id = 451; UPDATE variants SET sku_code = 'NEW-CODE' WHERE sku_id = 450;",
    );
    let ran = diff(&shop, &[])
        .ends(0)
        .says("renamed: PRB-SM-RED is now NEW-CODE");
    let rows = ran.json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(
        (&rows[0]["sku_id"], &rows[0]["after"]),
        (&json!(451), &Value::Null)
    );
    assert_eq!(rows[0]["others"], rows[0]["change"]);
    let csv = shop.run(&["diff", "-o", "csv"]).ends(0).stdout;
    assert!(
        csv.starts_with("product_id,sku_id,sku_code,before,after,change,ours,others\r\n"),
        "{csv}"
    );
}

#[test]
fn a_store_of_more_units_than_a_number_holds_has_snapshots() {
    let store = Store::new(3, i64::MAX - 1);
    let server = Server::start(move |_, request| store.answer(request));
    let shop = Shop::at(&server.url);
    let kept = shop.run(&["snapshot", "-o", "json"]).ends(0).json();
    assert_eq!(kept[0]["units"], i64::MAX);
    shop.run(&["diff"]).ends(0);
}

#[test]
fn a_time_that_is_printed_can_be_typed() {
    let shop = Shop::new();
    snapshot(&shop);
    shop.run(&["adjust", "150", "450", "-3"]).ends(0);
    let list = shop
        .run(&["snapshot", "--list", "-o", "json"])
        .ends(0)
        .json();
    let ended = list[0]["ended_at"].as_str().unwrap();
    assert_eq!(diff(&shop, &[ended]).ends(0).json()[0]["change"], -3);
    for (typed, says) in [
        ("12.11.2026", "is not a point in time"),
        ("11/12/2026", "is not a point in time"),
        ("12.11.2026.csv", "can't read 12.11.2026.csv"),
    ] {
        diff(&shop, &[typed]).ends(2).says(says);
    }
    shop.file("12.11.2026", "sku_code,quantity\nPRB-SM-RED,1\n");
    let found = diff(&shop, &["12.11.2026"]).ends(0).json();
    let found = found.as_array().unwrap();
    assert!(
        found
            .iter()
            .any(|row| row["sku_id"] == 450 && row["change"] == 21)
    );
}

#[test]
fn a_file_is_a_moment_too() {
    let shop = Shop::new();
    shop.run(&["export-csv", "stock.csv"]).ends(0);
    assert_eq!(diff(&shop, &["./stock.csv"]).ends(0).json(), json!([]));
    shop.run(&["adjust", "150", "450", "-3"]).ends(0);
    let found = diff(&shop, &["stock.csv"]).ends(0).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    let row = &found[0];
    assert_eq!(
        (&row["sku_id"], &row["change"], &row["ours"], &row["others"]),
        (&json!(450), &json!(-3), &Value::Null, &Value::Null)
    );
    // By code alone, on both sides, and against a snapshot.
    shop.file("a.csv", "sku_code,quantity\nA,1\nB,2\n");
    shop.file("b.csv", "sku_code,quantity\nB,3\nC,2\n");
    let found = diff(&shop, &["a.csv", "b.csv"]).ends(0).json();
    let codes: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["sku_code"].as_str().unwrap())
        .collect();
    assert_eq!(codes.len(), 3);
    let b = found
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["sku_code"] == "B")
        .unwrap();
    assert_eq!(
        (&b["before"], &b["after"], &b["sku_id"]),
        (&json!(2), &json!(3), &Value::Null)
    );
    // A file of codes alone and a snapshot.
    snapshot(&shop);
    shop.file("c.csv", "sku_code,quantity\nPRB-SM-RED,21\n");
    let found = diff(&shop, &["c.csv", "2999-01-01"]).ends(0).json();
    let red = found
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["sku_code"] == "PRB-SM-RED")
        .unwrap();
    assert_eq!(
        (&red["sku_id"], &red["before"], &red["after"]),
        (&json!(450), &json!(21), &json!(22))
    );
    diff(&shop, &["stock.csv", "yesterday"]).ends(2);
    diff(&shop, &["now", "now"]).ends(2);
    diff(&Shop::new(), &[]).ends(4).says("no snapshot");
}

#[test]
fn a_file_names_each_variant_once_in_whatever_words() {
    let shop = Shop::new();
    for (text, told) in [
        (
            "sku_id,quantity\n450,1\n451,2\n450,3\n",
            "line 4, column sku_id: sku id 450 is in line 2 too",
        ),
        (
            "sku_code,quantity\nPRB-SM-RED,1\n PRB-SM-RED,2\n",
            "line 3, column sku_code: ",
        ),
        (
            "sku_id,sku_code,quantity\n,PRB-LG-RED,5\n450,,1\n,PRB-SM-RED,3\n",
            "line 4: the same variant (sku 450) as in line 3",
        ),
    ] {
        let file = shop.file("twice.csv", text);
        let ran = shop.run(&["diff", file.to_str().unwrap(), "now"]).ends(2);
        assert!(ran.stderr.contains(told), "{ran:#?}");
        assert!(ran.stderr.contains("twice.csv"), "{ran:#?}");
        assert!(!ran.stderr.contains("--sum-duplicates"), "{ran:#?}");
    }
}

#[test]
fn a_code_that_two_products_share_is_told_apart_by_them() {
    let shop = Shop::new();
    let all = shop
        .run(&["list", "--variants", "--all", "-o", "json"])
        .ends(0)
        .json();
    let bushes = all.as_array().unwrap().iter();
    let mut text = "product_id,sku_code,quantity\n".to_owned();
    let mut ids = Vec::new();
    for variant in bushes.filter(|variant| variant["sku_code"] == "ROSE-BUSH") {
        text += &format!("{},ROSE-BUSH,1000\n", variant["product_id"]);
        ids.push(variant["sku_id"].clone());
    }
    assert_eq!(ids.len(), 2);
    let file = shop.file("shared.csv", text);
    let found = diff(&shop, &[file.to_str().unwrap(), "now"]).ends(0).json();
    let found = found.as_array().unwrap().iter();
    let before = found.filter(|row| row["before"] == 1000);
    let mut named: Vec<Value> = before.map(|row| row["sku_id"].clone()).collect();
    named.sort_by_key(Value::as_i64);
    ids.sort_by_key(Value::as_i64);
    assert_eq!(named, ids);
}

#[test]
fn a_file_tells_stock_below_0() {
    let shop = Shop::new();
    changes(
        &shop,
        "PRAGMA ignore_check_constraints = ON; UPDATE variants SET quantity = -3 WHERE sku_id = 450",
    );
    let file = shop.folder.path().join("all.csv");
    let path = file.to_str().unwrap();
    shop.run(&["export-csv", path]).ends(0);
    assert_eq!(diff(&shop, &[path]).ends(0).json(), json!([]));
    changes(&shop, "UPDATE variants SET quantity = 2 WHERE sku_id = 450");
    let moved = diff(&shop, &[path]).ends(0).json();
    assert_eq!(
        (&moved[0]["before"], &moved[0]["after"]),
        (&json!(-3), &json!(2))
    );
}

#[test]
fn a_snapshot_that_is_cut_off_is_no_snapshot() {
    let list = r#"{"data":[{"product_id":150,"name":"R","total_quantity":5,"variant_count":2}],"pagination":{"page":1,"limit":250,"total":1},"status":200}"#;
    let server = Server::start(move |_, request| match request.target.contains("150") {
        true => scripted::json(401, r#"{"message":"no","status":401}"#),
        false => scripted::json(200, list),
    });
    let shop = Shop::at(&server.url);
    shop.run(&["snapshot"]).ends(3);
    let listed = shop.run(&["snapshot", "--list", "-o", "json"]).ends(0);
    assert_eq!(listed.json(), json!([]));
}

#[test]
fn two_snapshots_differ_as_the_store_did() {
    let shop = Shop::new();
    snapshot(&shop);
    let memory = rusqlite::Connection::open(shop.state().join("memory.db")).unwrap();
    let two_days = 2 * 24 * 60 * 60 * 1000;
    memory
        .execute_batch(&format!(
            "UPDATE snapshots SET started_at = started_at - {two_days}, ended_at = ended_at - {two_days}"
        ))
        .unwrap();
    shop.run(&["adjust", "150", "452", "4"]).ends(0);
    shop.moves(452, -1);
    changes(
        &shop,
        "DELETE FROM variants WHERE sku_id = 451; UPDATE variants SET sku_code = 'NEW-CODE' WHERE sku_id = 450;",
    );
    snapshot(&shop);
    let then = diff(&shop, &["1d", "2999-01-01"])
        .ends(0)
        .says("renamed: PRB-SM-RED is now NEW-CODE");
    assert_eq!(then.json(), diff(&shop, &["1d", "now"]).ends(0).json());
    let seen: Vec<Value> = then
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["sku_id"],
                row["before"],
                row["after"],
                row["ours"],
                row["others"]
            ])
        })
        .collect();
    assert_eq!(
        seen,
        [json!([451, 12, null, 0, -12]), json!([452, 0, 3, 4, -1])]
    );
    // Backwards, what came is what goes.
    let back = diff(&shop, &["2999-01-01", "1d"]).ends(0).json();
    assert_eq!(
        (&back[0]["before"], &back[0]["after"]),
        (&Value::Null, &json!(12))
    );
    // Forgotten, the last one is all that there is, and says the same.
    shop.run(&["snapshot", "--keep", "1d", "-q"]).ends(0);
    diff(&shop, &["1d"]).ends(4);
    diff(&shop, &["--exit-code"]).ends(0);
}

#[test]
fn a_difference_says_what_was_compared() {
    let shop = Shop::new();
    let minute = |snapshot: &Value| {
        let at = snapshot["ended_at"].as_str().unwrap();
        at[..16].replace('T', " ")
    };
    snapshot(&shop);
    let second = minute(&snapshot(&shop));
    shop.file("s.csv", "sku,quantity\nPRB-SM-RED,25\n");
    let says = |words: &[&str], span: String| {
        shop.run(&[&["diff"], words].concat()).ends(0).says(&span);
    };
    says(&[], format!("from the snapshot of {second} (2) to now\n"));
    // A slip in the year is seen.
    says(
        &["2030-01-01", "s.csv"],
        format!("from the snapshot of {second} (2) to s.csv\n"),
    );
    says(
        &["now", "0s"],
        format!("from now to the snapshot of {second} (2)\n"),
    );
}
