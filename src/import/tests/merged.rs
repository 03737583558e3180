//! Cells that are merged, hidden or filtered in a workbook.

use rust_xlsxwriter::{Format, Worksheet};

use super::workbooks::{refused, workbook};
use super::*;

#[test]
fn merged_empty_hidden_and_filtered_rows_are_what_they_look_like_in_csv() {
    let bytes = workbook(|sheet| {
        sheet.merge_range(1, 0, 2, 0, "A", &Format::new()).unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(5, 0, "B").unwrap();
        sheet.write(5, 1, 6).unwrap();
        sheet.set_row_hidden(5).unwrap();
        sheet.autofilter(0, 0, 5, 1).unwrap();
        sheet.protect();
        sheet.set_freeze_panes(1, 0).unwrap();
    });
    assert_eq!(rows(&sheet(bytes)), [(2, "A", 5), (6, "B", 6)]);
}

#[test]
fn a_cell_merged_over_rows_that_say_something_refuses_the_file() {
    let format = Format::new();
    let two = |sheet: &mut Worksheet| {
        for (row, code, units) in [(1, "A", 5), (2, "B", 6)] {
            sheet.write(row, 0, code).unwrap();
            sheet.write(row, 1, units).unwrap();
            sheet.write(row, 2, "why").unwrap();
        }
        sheet.write(0, 2, "reason").unwrap();
    };
    says(
        &refused(|sheet| {
            two(sheet);
            sheet.merge_range(1, 0, 2, 0, "A", &format).unwrap();
        }),
        &[
            "Stock!A3, column SKU: the cell is merged with the one in row 2: unmerge it and fill in each row",
        ],
    );
    // One quantity for two variants.
    says(
        &refused(|sheet| {
            two(sheet);
            sheet.merge_range(1, 1, 2, 1, "5", &format).unwrap();
        }),
        &[
            "Stock!B3, column Qty: the cell is merged with the one in row 2: unmerge it and fill in each row",
        ],
    );
    // A total line has no code, whatever is merged beside it or above it.
    let read = sheet(workbook(|sheet| {
        two(sheet);
        sheet.merge_range(1, 2, 2, 2, "why", &format).unwrap();
        sheet.merge_range(3, 2, 4, 3, "all", &format).unwrap();
        sheet.write(3, 1, 11).unwrap();
    }));
    assert_eq!(failing(&read), [(4, "no variant is named")]);
}
