//! Spreadsheets, in and out, as a user has them.

use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;

use crate::shop::Shop;

/// A workbook with these rows of code and quantity.
fn workbook(rows: &[(&str, f64)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Stock").unwrap();
    sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
    for (row, (code, quantity)) in (1..).zip(rows) {
        sheet.write(row, 0, *code).unwrap();
        sheet.write(row, 1, *quantity).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_spreadsheet_restocks_under_any_name_and_from_a_pipe() {
    let shop = Shop::new();
    let bytes = workbook(&[("PRB-SM-RED", 50.0), ("PRB-LG-RED", 20.0)]);
    let file = shop.file("restock.csv", &bytes);
    let ran = shop.run(&["import-csv", file.to_str().unwrap(), "--yes"]);
    ran.ends(0)
        .says("2 rows of sheet Stock to set: \"SKU\" is sku_code");
    assert_eq!((shop.stock(450), shop.stock(451)), (50, 20));
    let again = shop.run_with(&["import-csv", "-", "--yes"], &bytes);
    again.ends(0).says("2 unchanged");
}

#[test]
fn a_fault_names_the_cell_and_nothing_is_sent() {
    let shop = Shop::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("My stock").unwrap();
    sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
    sheet.write(1, 0, "PRB-SM-RED").unwrap();
    let date = Format::new().set_num_format("dd.mm.yyyy");
    sheet.write_with_format(1, 1, 45_000, &date).unwrap();
    let file = shop.file("restock.xlsx", book.save_to_buffer().unwrap());
    let words = ["import-csv", file.to_str().unwrap(), "--yes"];
    let ran = shop.run(&words).ends(2);
    assert!(
        ran.stderr
            .contains("'My stock'!B2, column Qty: 2023-03-15 is a date"),
        "{ran:#?}"
    );
    let ran = shop.run(&[&words[..], &["-o", "json"]].concat()).ends(2);
    assert_eq!(
        (
            &ran.error()["faults"][0]["cell"],
            &ran.error()["faults"][0]["line"]
        ),
        (&json!("'My stock'!B2"), &json!(2))
    );
    assert_eq!(shop.store().movements().unwrap().len(), 0);
}
