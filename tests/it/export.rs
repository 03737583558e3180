//! `sxinv export-csv`: the whole store in a file that stands under its name only when it is whole.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use crate::house::{House, errors, text};
use crate::moving::Shop;
use crate::scripted::{Answer, Server, json};

const HEADER: &str =
    "product_id,product_name,sku_id,sku_code,variant_name,price,expected_quantity,quantity";

type Row = BTreeMap<String, String>;

fn rows(csv: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

/// The shop's variants as the database has them, in the columns of an export.
fn truth(house: &House) -> Vec<Row> {
    let shop = house.shop();
    let mut variants = shop
        .prepare(
            "SELECT product_id, name, sku_id, sku_code, variant_name, price, quantity
             FROM variants JOIN products USING (product_id) ORDER BY product_id, sku_id",
        )
        .unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let number = |n: usize| row.get::<_, i64>(n).map(|n| n.to_string());
        let cells = [
            number(0)?,
            row.get(1)?,
            number(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
            number(6)?,
            number(6)?,
        ];
        Ok(HEADER.split(',').map(str::to_owned).zip(cells).collect())
    };
    variants
        .query_map([], row)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn every_variant_stands_in_it_once_as_it_was_sent() {
    let house = House::new(Some(400));
    let output = house.run(&["export-csv", "stock.csv"]);
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(text(&output), "");
    let file = fs::read_to_string(house.path("stock.csv")).unwrap();
    assert_eq!(file.lines().next(), Some(HEADER));
    let truth = truth(&house);
    assert_eq!(rows(&file), truth);
    let prices: Vec<&str> = truth.iter().map(|row| &*row["price"]).collect();
    assert!(prices.contains(&"12.50"), "digits are kept");
    assert_eq!(
        errors(&output),
        format!(
            "{} variants of 400 products in stock.csv\n",
            separated(truth.len())
        )
    );
    for other in ["-", "-o=json"] {
        assert_eq!(house.reads(&["export-csv", other]), file, "{other}");
    }
}

fn separated(n: usize) -> String {
    match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", n / 1000, n % 1000),
    }
}

#[test]
fn filters_and_fields_choose() {
    let house = House::new(None);
    let sold_out = rows(&house.reads(&["export-csv", "--status", "out_of_stock"]));
    assert!(!sold_out.is_empty() && sold_out.iter().all(|row| row["quantity"] == "0"));
    let roses = rows(&house.reads(&["export-csv", "--search", "rose", "--concurrency", "1"]));
    assert!(!roses.is_empty());
    assert!(
        roses
            .iter()
            .all(|row| row["product_name"].to_lowercase().contains("rose"))
    );
    let labels = house.reads(&["export-csv", "--fields", "sku_code,price,available"]);
    assert_eq!(labels.lines().next(), Some("sku_code,price,available"));
}

#[test]
fn spreadsheets_get_nothing_to_run_or_to_change() {
    let house = House::new(None);
    house
        .shop()
        .execute_batch(
            "UPDATE products SET name = '=cmd|''/C calc''!A0' WHERE product_id = 150;
             UPDATE variants SET sku_code = '@SUM(A1)', variant_name = '+1' WHERE sku_id = 450;
             UPDATE variants SET sku_code = '1-2' WHERE sku_id = 451;
             UPDATE variants SET sku_code = '4006381333931' WHERE sku_id = 452;",
        )
        .unwrap();
    let file = house.reads(&["export-csv", "--excel"]);
    assert!(file.starts_with(&format!("\u{FEFF}{HEADER}\r\n")));
    let rows = rows(&file);
    let of = |sku: &str| rows.iter().find(|row| row["sku_id"] == sku).unwrap();
    assert_eq!(of("450")["product_name"], "'=cmd|'/C calc'!A0");
    assert_eq!(
        (&*of("450")["sku_code"], &*of("450")["variant_name"]),
        ("'@SUM(A1)", "'+1")
    );
    assert_eq!(of("451")["sku_code"], "'1-2");
    assert_eq!(of("452")["sku_code"], "'4006381333931");
    assert!(rows.iter().any(|row| row["sku_code"] == "'00123"));
    for row in &rows {
        for (field, cell) in row {
            let active = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!active, "{field}: {cell:?}");
        }
    }
}

#[test]
fn a_product_that_is_gone_when_it_is_read_is_passed_over() {
    let shop = Arc::new(Mutex::new(Shop::new(3)));
    let server = Server::start(move |_, request| match request.target.rsplit_once('/') {
        Some((_, id)) if !id.contains('?') => match id {
            "2" => json(404, r#"{"message":"Product not found.","status":404}"#),
            id => json(200, &product(id)),
        },
        _ => shop.lock().unwrap().answer(request),
    });
    let house = House::at(&server.url);
    let output = house.run(&["export-csv", "stock.csv"]);
    assert_eq!(errors(&output), "2 variants of 2 products in stock.csv\n");
    let listed = house.reads(&["list", "--all", "--variants", "-o", "jsonl"]);
    assert_eq!(listed.lines().count(), 2);
}

fn product(id: &str) -> String {
    format!(
        r#"{{"data":{{"product_id":{id},"name":"Rose","variants":[{{"sku_id":{id},"sku_code":"R","price":1.50,"quantity":3}}]}},"status":200}}"#
    )
}

#[test]
fn a_folder_that_cannot_be_written_to_is_found_out_before_anything_is_asked_for() {
    let server = Server::untouched();
    let house = House::at(&server.url);
    for file in ["none/stock.csv", "."] {
        let output = house.run(&["export-csv", file]);
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    }
    let output = house.run(&["export-csv", "stock.csv", "--fields", "sku_cod"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("did you mean sku_code?"));
    assert!(server.requests().is_empty());
    assert!(!house.path("stock.csv").exists());
}

/// A server that holds back the answer about the last product, and tells that it was asked for it.
fn holding_back() -> (Server, mpsc::Receiver<()>) {
    let (asked, told) = mpsc::channel();
    let shop = Arc::new(Mutex::new(Shop::new(20)));
    let server = Server::start(move |_, request| match request.target.rsplit_once('/') {
        Some((_, "20")) => {
            asked.send(()).unwrap();
            Answer::Silence
        }
        Some((_, id)) if !id.contains('?') => json(200, &product(id)),
        _ => shop.lock().unwrap().answer(request),
    });
    (server, told)
}

#[test]
fn a_killed_export_leaves_the_old_file_alone() {
    let (server, asked) = holding_back();
    let house = House::at(&server.url);
    fs::write(house.path("stock.csv"), "old").unwrap();
    let mut child = house
        .command(&["export-csv", "stock.csv", "--force", "--concurrency", "1"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    asked.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read_to_string(house.path("stock.csv")).unwrap(), "old");
}

#[cfg(unix)]
#[test]
fn an_interrupted_export_leaves_nothing_behind() {
    let (server, asked) = holding_back();
    let house = House::at(&server.url);
    let child = house
        .command(&["export-csv", "stock.csv", "--timeout", "1s"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    asked.recv().unwrap();
    let kill = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", errors(&output));
    let left: Vec<_> = fs::read_dir(house.folder()).unwrap().collect();
    assert!(
        left.iter()
            .all(|entry| entry.as_ref().unwrap().file_name() == "state"),
        "{left:?}"
    );
}

#[test]
fn an_export_that_fails_half_way_leaves_the_old_file_alone() {
    let shop = Arc::new(Mutex::new(Shop::new(20)));
    let server = Server::start(move |_, request| match request.target.rsplit_once('/') {
        Some((_, "15")) => json(
            403,
            r#"{"message":"No.","code":"insufficient_scope","status":403}"#,
        ),
        Some((_, id)) if !id.contains('?') => json(200, &product(id)),
        _ => shop.lock().unwrap().answer(request),
    });
    let house = House::at(&server.url);
    fs::write(house.path("stock.csv"), "old").unwrap();
    let output = house.run(&["export-csv", "stock.csv", "--force"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(fs::read_to_string(house.path("stock.csv")).unwrap(), "old");
    let left = fs::read_dir(house.folder()).unwrap().count();
    assert_eq!(left, 1, "no half file either");
}
