//! What `export-csv` writes comes back through `import-csv`: unedited it sends nothing, edited it is guarded, and what
//! spreadsheets do to files on the way changes no meaning.

use std::fs;
use std::process::Output;

use proptest::prelude::*;
use serde_json::Value;
use sxinv::change::draft::Draft;
use sxinv::export::{Dialect, Sheet};
use sxinv::import;
use sxinv::model::Product;
use sxinv::state::State;
use sxinv::wanted::Mode;

use crate::house::{House, errors, text};

/// Codes that a spreadsheet, a shell or we ourselves could take for something else.
const CODES: [&str; 16] = [
    "'00123",
    "=\"5\"",
    "=1+1",
    "+5",
    "-5",
    "@X",
    "#N/A",
    "1.2E+12",
    "00007",
    "1-2",
    "TRUE",
    " lead",
    "a,b;c",
    "\"q\"",
    "line\nbreak",
    "''",
];

fn writes(house: &House) -> i64 {
    let count = "SELECT count(*) FROM movements";
    house.shop().query_row(count, [], |row| row.get(0)).unwrap()
}

fn stock(house: &House, sku: i64) -> i64 {
    let quantity = "SELECT quantity FROM variants WHERE sku_id = ?1";
    house
        .shop()
        .query_row(quantity, [sku], |row| row.get(0))
        .unwrap()
}

fn sell(house: &House, sku: i64, units: i64) {
    let sale = "UPDATE variants SET quantity = quantity - ?2 WHERE sku_id = ?1";
    house.shop().execute(sale, [sku, units]).unwrap();
}

fn imported(house: &House, more: &[&str]) -> (Output, Value) {
    let args = [&["import-csv", "stock.csv", "--yes", "-o", "json"], more].concat();
    let output = house.run(&args);
    let report = serde_json::from_str(&text(&output));
    let report = report.unwrap_or_else(|_| panic!("{}", errors(&output)));
    (output, report)
}

fn assert_unchanged(house: &House, more: &[&str]) {
    let (output, report) = imported(house, more);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let rows = report["rows"].as_i64().unwrap();
    assert!(rows > 250, "{rows}");
    assert_eq!(report["unchanged"], rows, "{}", text(&output));
    assert_eq!(writes(house), 0);
}

fn house_of_odd_codes() -> House {
    let house = House::new(None);
    let shop = house.shop();
    for (sku, code) in (450..).zip(CODES) {
        let done = shop.execute(
            "UPDATE variants SET sku_code = ?2 WHERE sku_id = (SELECT min(sku_id) FROM variants WHERE sku_id >= ?1)",
            rusqlite::params![sku, code],
        );
        assert_eq!(done.unwrap(), 1);
    }
    house
}

#[test]
fn unedited_it_sends_nothing() {
    let house = house_of_odd_codes();
    for excel in [&[][..], &["--excel"]] {
        house.reads(&[&["export-csv", "stock.csv"], excel].concat());
        assert_unchanged(&house, &[]);
        assert_unchanged(&house, &["--mode", "stocktake"]);
    }
}

/// The table as a spreadsheet would save it: other separators, everything quoted, columns moved and added.
fn damaged(csv: &str, order: &[usize], added: bool) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for (n, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let mut cells: Vec<&str> = order.iter().map(|at| &row[*at]).collect();
        if added {
            cells.insert(2, if n == 0 { "Shelf" } else { "B 4; top" });
            cells.push("");
        }
        writer.write_record(cells).unwrap();
    }
    format!(
        "\u{FEFF}{}",
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    )
}

#[test]
fn what_a_spreadsheet_does_to_the_file_changes_no_meaning() {
    let house = house_of_odd_codes();
    for excel in [&[][..], &["--excel"]] {
        let file = house.reads(&[&["export-csv"], excel].concat());
        for (order, added) in [
            (&[0, 1, 2, 3, 4, 5, 6, 7][..], false),
            (&[7, 3, 1, 6, 5, 4, 2, 0], true),
            (&[2, 7, 6], true),
        ] {
            fs::write(house.path("stock.csv"), damaged(&file, order, added)).unwrap();
            assert_unchanged(&house, &[]);
        }
    }
}

/// The file with another quantity for some variants.
fn edit(house: &House, edits: &[(i64, i64)]) {
    let path = house.path("stock.csv");
    let mut file = fs::read_to_string(&path).unwrap();
    for (sku, quantity) in edits {
        let id = format!(",{sku},");
        let line = file
            .lines()
            .find(|line| line.contains(&id))
            .unwrap()
            .to_owned();
        let (kept, _) = line.rsplit_once(',').unwrap();
        file = file.replace(&line, &format!("{kept},{quantity}"));
    }
    fs::write(path, file).unwrap();
}

#[test]
fn an_edited_row_is_written_unless_the_stock_moved_meanwhile() {
    let house = House::new(None);
    house.reads(&["export-csv", "stock.csv"]);
    edit(&house, &[(450, 40), (453, 30)]);
    sell(&house, 453, 2);
    let sold = stock(&house, 453);
    let (output, report) = imported(&house, &[]);
    assert_eq!(output.status.code(), Some(7), "{}", errors(&output));
    assert_eq!(
        (&report["applied"], &report["conflict"]),
        (&1.into(), &1.into())
    );
    assert_eq!((stock(&house, 450), stock(&house, 453)), (40, sold));
}

#[test]
fn what_was_sold_while_people_counted_stays_sold() {
    let house = House::new(None);
    house.reads(&["export-csv", "stock.csv"]);
    let expected = stock(&house, 450);
    edit(&house, &[(450, expected - 3)]);
    sell(&house, 450, 2);
    let (output, report) = imported(&house, &["--mode", "stocktake"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(report["applied"], 1);
    assert_eq!(stock(&house, 450), expected - 5);
}

proptest! {
    /// White space at the end of a cell is nobody's: no reader of CSV files keeps it.
    #[test]
    fn any_code_comes_back_as_it_was(code in "\\PC{0,12}|[0-9=+@'\"#eE. -]{1,8}", excel: bool) {
        let product = serde_json::json!({"product_id": 1, "name": &code, "variants": [
            {"sku_id": 7, "sku_code": &code, "variant_name": &code, "quantity": 4}]});
        let product: Product = serde_json::from_value(product).unwrap();
        let dialect = if excel { Dialect::Excel } else { Dialect::Plain };
        let mut sheet = Sheet::new(Vec::new(), None, dialect).unwrap();
        sheet.push(&product).unwrap();
        let (bytes, _) = sheet.finish().unwrap();
        let mut draft = Draft::new(State::in_memory().unwrap(), Mode::Set).unwrap();
        let read = draft.fill(|to| import::read(&bytes, &import::Options::default(), to)).unwrap();
        prop_assert_eq!((read.mode, read.rows), (Mode::Set, 1));
        draft.each(|row| {
            assert_eq!(row.sku.map(|id| id.get()), Some(7));
            assert_eq!(row.product.map(|id| id.get()), Some(1));
            assert_eq!(row.expected, Some(4));
            let meant = Some(code.as_str()).filter(|code| !code.trim().is_empty());
            assert_eq!(row.sku_code.as_deref(), meant);
            Ok(())
        }).unwrap();
    }
}
