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

#[test]
fn a_cell_that_says_no_type_is_not_empty() {
    let typed = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let with = |quantity: &str| {
        let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
        ods_by_hand(&(row(typed("SKU") + &typed("Qty")) + &row(typed("A1") + quantity)))
    };
    let said = refusal(with(
        "<table:table-cell><text:p>30</text:p></table:table-cell>",
    ));
    says(
        &said,
        &[
            "Stock!B2, column Qty: the cell does not say what it is: open the file in a spreadsheet and save it",
        ],
    );
    // A note on it, and a drawing over it, are not in it.
    for on_it in ["office:annotation", "draw:custom-shape"] {
        let quantity =
            format!("<table:table-cell><{on_it}><text:p>30</text:p></{on_it}></table:table-cell>");
        let read = sheet(with(&quantity));
        assert_eq!(read.sheet.left_alone, 1, "{on_it}");
    }
}
