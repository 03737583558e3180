//! Cells and rows that the screen shows otherwise than they are kept.

use rust_xlsxwriter::Format;

use super::workbooks::{ods_by_hand, refused, workbook};
use super::*;

#[test]
fn a_number_that_is_shown_as_another_one_is_a_fault() {
    let thousands = Format::new().set_num_format("#,##0,");
    let hundreds = Format::new().set_num_format("0\"00\"");
    let said = refused(|sheet| {
        sheet.write_row(1, 0, ["A1"]).unwrap();
        sheet.write_with_format(1, 1, 12_000, &thousands).unwrap();
        sheet.write_row(2, 0, ["A2"]).unwrap();
        sheet.write_with_format(2, 1, 3, &hundreds).unwrap();
    });
    let as_another = "is shown as another number: format the cell as a number";
    says(
        &said,
        &[
            &format!("Stock!B2, column Qty: 12000 {as_another}"),
            &format!("Stock!B3, column Qty: 3 {as_another}"),
        ],
    );
}

#[test]
fn rows_that_can_not_be_seen_are_told_of() {
    let hidden = |row: Option<u32>| {
        let bytes = workbook(|sheet| {
            for at in 1..=3 {
                sheet.write(at, 0, format!("A{at}")).unwrap();
                sheet.write(at, 1, 5).unwrap();
            }
            // One with nothing in it is nobody's.
            sheet.set_row_hidden(7).unwrap();
            if let Some(row) = row {
                sheet.set_row_hidden(row).unwrap();
            }
        });
        sheet(bytes).sheet.hidden_rows
    };
    assert!(hidden(Some(2)));
    assert!(!hidden(None));
    let text = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let row = |how: &str, code: &str, units: &str| {
        format!(
            "<table:table-row{how}>{}{}</table:table-row>",
            text(code),
            text(units)
        )
    };
    for (how, told) in [("", false), (" table:visibility=\"filter\"", true)] {
        let rows = row("", "SKU", "Qty") + &row(how, "A1", "5");
        assert_eq!(sheet(ods_by_hand(&rows)).sheet.hidden_rows, told, "{how}");
    }
}

/// A sheet with this cell beside a code.
fn with(quantity: &str) -> Vec<u8> {
    let typed = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    ods_by_hand(&(row(typed("SKU") + &typed("Qty")) + &row(typed("A1") + quantity)))
}

#[test]
fn a_formula_that_was_never_calculated_and_an_error_are_not_empty() {
    for (cell, what) in [
        (
            "<table:table-cell table:formula=\"of:=2+3\"/>",
            "the formula has no value: open the file in a spreadsheet and save it",
        ),
        (
            "<table:table-cell table:formula=\"of:=2+3\"><text:p>5</text:p></table:table-cell>",
            "the formula has no value",
        ),
        (
            "<table:table-cell table:formula=\"of:=2+3\" office:value-type=\"float\"/>",
            "the formula has no value",
        ),
        (
            "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\"><text:p>#DIV/0!</text:p></table:table-cell>",
            "the cell is a spreadsheet's error: mend the formula",
        ),
    ] {
        says(
            &refusal(with(cell)),
            &[&format!("Stock!B2, column Qty: {what}")],
        );
    }
    // A formula whose value is an empty text asks for nothing.
    let empty = "<table:table-cell table:formula=\"of:=&quot;&quot;\" office:value-type=\"string\" office:string-value=\"\"><text:p/></table:table-cell>";
    assert_eq!(sheet(with(empty)).left_alone, 1);
    let five = "<table:table-cell table:formula=\"of:=2+3\" office:value-type=\"float\" office:value=\"5\"><text:p>5</text:p></table:table-cell>";
    assert_eq!(rows(&sheet(with(five))), [(2, "A1", 5)]);
    // Nor is a code that was never calculated no code.
    let cell = |what: &str| format!("<table:table-cell {what}/>");
    let head = "<table:table-cell office:value-type=\"string\"><text:p>SKU</text:p></table:table-cell><table:table-cell office:value-type=\"string\"><text:p>Qty</text:p></table:table-cell>";
    let row =
        cell("table:formula=\"of:=A9\"") + &cell("office:value-type=\"float\" office:value=\"5\"");
    let rows = format!(
        "<table:table-row>{head}</table:table-row><table:table-row>{row}</table:table-row>"
    );
    let says_code = "Stock!A2, column SKU: the formula has no value";
    says(&refusal(ods_by_hand(&rows)), &["a fault", says_code]);
}

#[test]
fn a_cell_that_says_no_type_is_not_empty() {
    let said = refusal(with(
        "<table:table-cell><text:p>30</text:p></table:table-cell>",
    ));
    says(
        &said,
        &[
            "Stock!B2, column Qty: the cell does not say what it is: open the file in a spreadsheet and save it",
        ],
    );
    // Nor are those that it is repeated in.
    let rows = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>SKU</text:p></table:table-cell><table:table-cell office:value-type=\"string\"><text:p>Qty</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated=\"2\"><table:table-cell office:value-type=\"string\"><text:p>A1</text:p></table:table-cell><table:table-cell table:number-columns-repeated=\"2\"><text:p>30</text:p></table:table-cell></table:table-row>";
    says(
        &refusal(ods_by_hand(rows)),
        &["2 faults", "Stock!B2,", "Stock!B3,"],
    );
    // A note on it, and a drawing over it, are not in it.
    for on_it in ["office:annotation", "draw:custom-shape"] {
        let quantity =
            format!("<table:table-cell><{on_it}><text:p>30</text:p></{on_it}></table:table-cell>");
        let read = sheet(with(&quantity));
        assert_eq!(read.sheet.left_alone, 1, "{on_it}");
    }
}
