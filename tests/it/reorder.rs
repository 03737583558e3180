//! `reorder`: what to order by a file of levels, and how long the stock lasts.

use serde_json::{Value, json};

use crate::shop::{Ran, Shop};

const LEVELS: &str = "sku_code,min,target,pack,supplier\nPRB-SM-RED,30,60,12,Rosen\nPRB-LG-RED,0,5,,Rosen\nPRB-SM-RD,1,2,,Other\n";

fn reorder(shop: &Shop, more: &[&str]) -> Ran {
    shop.run(&[&["reorder", "levels.csv", "-o", "json"], more].concat())
}

/// The snapshots that there are were taken so many days earlier.
fn earlier(shop: &Shop, days: i64) {
    let memory = rusqlite::Connection::open(shop.state().join("memory.db")).unwrap();
    let by = days * 24 * 60 * 60 * 1000;
    memory
        .execute_batch(&format!(
            "UPDATE snapshots SET started_at = started_at - {by}, ended_at = ended_at - {by};
             UPDATE readings SET read_at = read_at - {by};"
        ))
        .unwrap();
    // And so was what we wrote.
    let ledger = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
    let at = |column: &str| {
        format!("{column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '-{days} days')")
    };
    ledger
        .execute_batch(&format!(
            "UPDATE rows SET {}, {}; UPDATE runs SET {};",
            at("intent_at"),
            at("settled_at"),
            at("started_at")
        ))
        .unwrap();
}

#[test]
fn what_is_low_is_ordered_in_whole_packs() {
    let shop = Shop::new();
    shop.file("levels.csv", LEVELS);
    let ran = reorder(&shop, &["--exit-code"]).ends(9).says(
        "levels.csv: 1 row is not in the store: PRB-SM-RD (line 4; did you mean PRB-SM-RED?)",
    );
    assert_eq!(
        ran.json(),
        json!([{"product_id": 150, "sku_id": 450, "sku_code": "PRB-SM-RED", "supplier": "Rosen", "quantity": 25, "min": 30,
            "target": 60, "pack": 12, "order": 36, "days_left": null}])
    );
    shop.run(&["reorder", "levels.csv", "-o", "csv", "--supplier", "rosen"])
        .ends(0)
        .stdout
        .starts_with("product_id,sku_id,sku_code,supplier,quantity,min,target,pack,order,days_left\r\n150,450,PRB-SM-RED,Rosen,25,30,60,12,36,\r\n")
        .then_some(())
        .unwrap();
    let table = shop.run(&["reorder", "levels.csv"]).ends(0);
    assert!(table.stdout.contains("PRB-SM-RED"), "{table:?}");
    table.says("order 36 units of 1 variant; of 1 variant there is enough");
    // The same by a sheet, and on standard input.
    let ran = shop
        .run_with(&["reorder", "-", "-o", "jsonl"], LEVELS.as_bytes())
        .ends(0);
    assert_eq!(ran.stdout.lines().count(), 1);
    shop.file(
        "levels.csv",
        "sku_id,sku_code,min,target\n450,,0,5\n451,,0,1\n",
    );
    let none = reorder(&shop, &["--exit-code"]).ends(0);
    assert_eq!(none.json(), json!([]));
}

#[test]
fn a_file_that_can_not_be_meant_is_told_with_line_and_column() {
    let shop = Shop::new();
    let refused = |text: &str, code: i32, said: &str| {
        shop.file("levels.csv", text);
        let ran = shop.run(&["reorder", "levels.csv"]).ends(code);
        ran.says(said)
    };
    refused(
        "sku_code,min,target\nPRB-SM-RED,5,4\n",
        2,
        "line 2, column target: 4 is below min",
    );
    refused(
        "sku_code,min,target,pack\nPRB-SM-RED,5,9,0\n",
        2,
        "a pack holds at least 1 unit",
    );
    refused(
        "sku_code,min,target\nA,1,2\nA,1,3\n",
        2,
        "A is in line 2 too",
    );
    refused("sku_code,min,target\n", 2, "no rows");
    refused("", 2, "the file is empty");
    refused(
        "sku_code,min,target\nNO,1,2\nNONE,1,2\n",
        4,
        "no row of levels.csv is about a variant",
    );
    refused(
        "sku_id,sku_code,min,target\n450,,1,2\n,PRB-SM-RED,1,2\n",
        2,
        "line 3: PRB-SM-RED: the row means sku 450, as line 2 does",
    );
    refused(
        "sku_id,sku_code,min,target\n450,PRB-LG-RED,1,2\n451,,1,2\n",
        0,
        "PRB-LG-RED (sku 450)",
    );
    let other = Value::from("Other");
    shop.file("levels.csv", LEVELS);
    let ran = reorder(&shop, &["--supplier", "nobody"]).ends(2);
    assert!(
        ran.error()["hint"]
            .as_str()
            .unwrap()
            .contains(other.as_str().unwrap())
    );
    shop.run(&["reorder", "nowhere.csv"])
        .ends(2)
        .says("can't read nowhere.csv");
}

#[test]
fn the_stock_lasts_as_long_as_it_sells() {
    let shop = Shop::new();
    shop.file("levels.csv", LEVELS);
    let days = || reorder(&shop, &[]).ends(0).json()[0]["days_left"].clone();
    // Twenty days ago there were 25; we brought 10, of which 15 days ago all but 3 were there: 3 were sold by then.
    shop.run(&["snapshot"]).ends(0);
    earlier(&shop, 3);
    assert_eq!(days(), Value::Null, "three days are too few to tell");
    earlier(&shop, 2);
    shop.run(&["adjust", "150", "450", "10"]).ends(0);
    shop.moves(450, -3);
    shop.run(&["snapshot"]).ends(0);
    assert_eq!(days(), Value::Null, "five days are too few to tell");
    // 32 are left, 3 sold in the five days. In the fifteen days since, 7 were sold: ten in twenty days.
    earlier(&shop, 15);
    shop.moves(450, -7);
    assert_eq!(days(), json!(50));
    // What came from others is no sale, and takes none away.
    shop.run(&["snapshot"]).ends(0);
    shop.moves(450, 5);
    assert_eq!(days(), json!(60));
    // In doubt, the interval says nothing: what is left of the time is too short.
    shop.run(&["adjust", "150", "450", "-1"]).ends(0);
    let ledger = rusqlite::Connection::open(shop.state().join("state.db")).unwrap();
    ledger
        .execute(
            "UPDATE rows SET outcome = 'unknown' WHERE sku_id = 450 AND adjustment = 10",
            [],
        )
        .unwrap();
    let expected = (25 - 3 + 10 - 7 + 5 - 1) * 15 / 7;
    assert_eq!(days(), json!(expected));
}
