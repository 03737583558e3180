//! Workbooks as spreadsheets and programs make them, each with what must come of it.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// A workbook of one sheet that is called Stock.
pub(super) fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Stock").unwrap();
    sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
    fill(sheet);
    book.save_to_buffer().unwrap()
}

/// What is said about a workbook with this below its headers.
pub(super) fn refused(fill: impl FnOnce(&mut Worksheet)) -> String {
    refusal(workbook(fill))
}

pub(super) const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
pub(super) const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Stock" sheetId="1" r:id="r1"/></sheets></workbook>"#;
pub(super) const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
pub(super) const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c><c r="B1" t="inlineStr"><is><t>Qty</t></is></c></row>"#;

/// An xlsx by hand: these rows of XML below the header, and further parts.
pub(super) fn by_hand(rows: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{HEADER}{rows}</sheetData></worksheet>"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let stored = packed.compression_method(CompressionMethod::Stored);
    let fixed: [(&str, &[u8]); 4] = [
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    for (name, content) in fixed.iter().chain(parts) {
        let options = if content.len() > 1 << 20 {
            stored
        } else {
            packed
        };
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An ods by hand: these rows of XML in its only table.
pub(super) fn ods_by_hand(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"Stock\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", &content),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn texts_stay_texts_and_numbers_in_a_code_column_are_their_digits() {
    let zeros = Format::new().set_num_format("00000");
    let two = Format::new().set_num_format("0.00");
    let bytes = workbook(|sheet| {
        sheet.write(1, 0, "00123").unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(2, 0, 4_006_381_333_931.0).unwrap();
        sheet.write(2, 1, 12.0).unwrap();
        sheet.write_with_format(3, 0, 42, &zeros).unwrap();
        sheet.write_with_format(3, 1, 7, &two).unwrap();
        sheet.write(4, 0, "1.0").unwrap();
        sheet.write(4, 1, "8").unwrap();
        sheet.write(5, 0, "a, \"b\"").unwrap();
        sheet.write(5, 1, 9).unwrap();
    });
    let read = sheet(bytes);
    assert_eq!(read.sheet.sheet.as_deref(), Some("Stock"));
    assert_eq!(
        rows(&read),
        [
            (2, "00123", 5),
            (3, "4006381333931", 12),
            (4, "00042", 7),
            (5, "1.0", 8),
            (6, "a, \"b\"", 9)
        ]
    );
}

#[test]
fn what_is_no_number_of_units_is_a_fault_that_names_the_cell() {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let time = Format::new().set_num_format("[h]:mm");
    let percent = Format::new().set_num_format("0%");
    let said = refused(|sheet| {
        for row in 1..=9 {
            sheet.write(row, 0, format!("A{row}")).unwrap();
        }
        sheet.write_with_format(1, 1, 45_000, &date).unwrap();
        sheet.write_with_format(2, 1, 1.5, &time).unwrap();
        sheet.write_with_format(3, 1, 0.5, &percent).unwrap();
        sheet.write(4, 1, true).unwrap();
        sheet.write(5, 1, 12.5).unwrap();
        sheet.write(6, 1, 10.125).unwrap();
        sheet.write(7, 1, 9_007_199_254_740_992.0).unwrap();
        sheet
            .write(8, 1, Formula::new("=1/0").set_result("#DIV/0!"))
            .unwrap();
        sheet.write_with_format(9, 1, 1, &percent).unwrap();
    });
    says(
        &said,
        &[
            "9 faults",
            "Stock!B2, column Qty: 2023-03-15 is a date",
            "Stock!B3, column Qty: 1.5 days is a date or a time",
            "Stock!B4, column Qty: 0.5 is shown as a percentage",
            "Stock!B5, column Qty: TRUE is true or false",
            "Stock!B6, column Qty: 12.5 is not whole",
            "Stock!B7, column Qty: 10.125 is not whole",
            "Stock!B8, column Qty: 9007199254740992 has more digits",
            "Stock!B9, column Qty: #DIV/0! is a spreadsheet's error",
            "Stock!B10, column Qty: 1 is shown as a percentage",
        ],
    );
}

#[test]
fn a_code_that_a_spreadsheet_rounded_is_a_fault() {
    let said = refused(|sheet| {
        sheet.write(1, 0, 12_345_678_901_234_567_890.0).unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(2, 0, 1.1).unwrap();
        sheet.write(2, 1, 5).unwrap();
    });
    says(
        &said,
        &["Stock!A2, column SKU", "Stock!A3, column SKU: 1.1"],
    );
}

#[test]
fn odd_cells_that_nobody_reads_do_no_harm() {
    let bytes = workbook(|sheet| {
        sheet.write(0, 2, "Checked").unwrap();
        sheet.write(1, 0, "A").unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(1, 2, true).unwrap();
        sheet.write(2, 0, "B").unwrap();
        sheet.write(2, 2, 1.5).unwrap();
    });
    let read = sheet(&bytes);
    assert_eq!((rows(&read), read.left_alone), (vec![(2, "A", 5)], 1));
    let options = Options {
        only: only("Checked", "TRUE"),
        ..Options::default()
    };
    assert_eq!(super::read(&bytes, &options).unwrap().filtered, 1);
}

#[test]
fn formulas_count_as_their_last_value() {
    let bytes = workbook(|sheet| {
        sheet
            .write(1, 0, Formula::new("=\"A\"&1").set_result("A1"))
            .unwrap();
        sheet
            .write(1, 1, Formula::new("=2+3").set_result("5"))
            .unwrap();
    });
    assert_eq!(rows(&sheet(bytes)), [(2, "A1", 5)]);
    let never = include_bytes!("../../../tests/data/workbooks/openpyxl-never-calculated.xlsx");
    says(
        &refusal(never),
        &["Stock!B2, column Qty: the formula has no value"],
    );
}

#[test]
fn rich_texts_and_line_breaks_are_read() {
    let bold = Format::new().set_bold();
    let bytes = workbook(|sheet| {
        let parts = [(&bold, "PRB-"), (&Format::new(), "SM")];
        sheet.write_rich_string(1, 0, &parts).unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(1, 2, "two\nlines").unwrap();
        sheet.write(0, 2, "Name\nof it").unwrap();
        sheet.write(2, 0, "B").unwrap();
        sheet.write(2, 1, 6).unwrap();
    });
    assert_eq!(rows(&sheet(bytes)), [(2, "PRB-SM", 5), (3, "B", 6)]);
}

#[test]
fn the_sheet_is_the_first_in_sight_with_a_header_or_the_one_that_is_named() {
    let mut book = Workbook::new();
    let fill = |sheet: &mut Worksheet, name: &str, code: &str| {
        sheet.set_name(name).unwrap();
        sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
        sheet.write(1, 0, code).unwrap();
        sheet.write(1, 1, 1).unwrap();
    };
    book.add_worksheet()
        .write(0, 0, "How to fill this in")
        .unwrap();
    let hidden = book.add_worksheet();
    fill(hidden, "Old", "OLD");
    hidden.set_hidden(true);
    fill(book.add_worksheet(), "My stock", "A");
    fill(book.add_worksheet(), "Depot", "D");
    let bytes = book.save_to_buffer().unwrap();
    let named = |name: &str| Options {
        sheet: Some(name.to_owned()),
        ..Options::default()
    };
    assert_eq!(rows(&sheet(&bytes)), [(2, "A", 1)]);
    assert_eq!(rows(&read(&bytes, &named("depot")).unwrap()), [(2, "D", 1)]);
    assert_eq!(rows(&read(&bytes, &named("Old")).unwrap()), [(2, "OLD", 1)]);
    says(
        &refusal_with(&bytes, &named("Stock")),
        &["no sheet Stock", "Sheet1, Old, My stock, Depot"],
    );
    says(
        &refusal_with("SKU,Qty\nA,1\n", &named("Stock")),
        &["not a spreadsheet"],
    );
    let said = refusal_with(
        &bytes,
        &Options {
            delimiter: Some(b';'),
            ..Options::default()
        },
    );
    says(&said, &["--delimiter: the file is a spreadsheet"]);
}

#[test]
fn a_sheet_with_titles_is_not_passed_over() {
    let with_titles = |titles: u32, headers: [&str; 2]| {
        let mut book = Workbook::new();
        let stock = book.add_worksheet().set_name("Stock").unwrap();
        for row in 0..titles {
            stock.write(row, 0, format!("Title {row}")).unwrap();
        }
        stock.write_row(titles, 0, headers).unwrap();
        stock.write_row(titles + 1, 0, ["A", "5"]).unwrap();
        let archive = book.add_worksheet().set_name("Archive").unwrap();
        archive.write_row(0, 0, ["SKU", "Qty"]).unwrap();
        archive.write_row(1, 0, ["B", "1"]).unwrap();
        book.save_to_buffer().unwrap()
    };
    for titles in [9, 10, 98] {
        let line = titles + 1;
        says(
            &refusal(with_titles(titles, ["SKU", "Qty"])),
            &[&format!(
                "line {line} looks like the header: --header-line {line}"
            )],
        );
    }
    // One in foreign words is named.
    let foreign = sheet(with_titles(2, ["Artikel", "Menge"]));
    assert_eq!(rows(&foreign), [(2, "B", 1)]);
    assert_eq!(foreign.other_sheets, ["Stock"]);
    assert_eq!(foreign.sheet.sheet.as_deref(), Some("Archive"));
}

#[test]
fn empty_workbooks_and_those_hidden_throughout_are_refused() {
    let mut book = Workbook::new();
    book.add_worksheet();
    says(
        &refusal(book.save_to_buffer().unwrap()),
        &["the workbook is empty"],
    );
    says(&refused(|_| {}), &["no rows"]);
}

#[test]
fn files_of_other_programs_are_read() {
    let openpyxl = sheet(include_bytes!(
        "../../../tests/data/workbooks/openpyxl.xlsx"
    ));
    assert_eq!(
        rows(&openpyxl),
        [(2, "00123", 5), (3, "4006381333931", 7), (4, "00042", 3)]
    );
    let xls = sheet(include_bytes!("../../../tests/data/workbooks/xlwt.xls"));
    assert_eq!(xls.sheet.sheet.as_deref(), Some("Bestand"));
    assert_eq!(rows(&xls), [(2, "00123", 5), (4, "4006381333931", 7)]);
    let ods = sheet(include_bytes!("../../../tests/data/workbooks/odfpy.ods"));
    assert_eq!(rows(&ods), [(2, "00123", 5), (4, "4006381333931", 7)]);
    says(
        &refusal(include_bytes!(
            "../../../tests/data/workbooks/xlwt-date.xls"
        )),
        &["Stock!B2, column Qty: 2026-11-01 is a date"],
    );
    says(
        &refusal(include_bytes!(
            "../../../tests/data/workbooks/odfpy-percent.ods"
        )),
        &[
            "'Stock list'!B2, column Qty: 0.5 is shown as a percentage",
            "'Stock list'!B3, column Qty: 2026-11-01 is a date",
            "'Stock list'!B4, column Qty: TRUE is true or false",
        ],
    );
}

#[test]
fn dates_of_1904_are_dates() {
    let book = BOOK.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let rows = r#"<row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c><c r="B2" s="1"><v>1</v></c></row>"#;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/styles.xml", styles),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData>{HEADER}{rows}</sheetData></worksheet>"),
        ),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    says(
        &refusal(bytes),
        &["Stock!B2, column Qty: 1904-01-02 is a date"],
    );
}

#[test]
fn inline_texts_and_cells_without_names_are_read() {
    let rows_of = |xml| by_hand(xml, &[]);
    let bytes = rows_of("<row><c t=\"inlineStr\"><is><t>A</t></is></c><c><v>5</v></c></row>");
    assert_eq!(rows(&sheet(bytes)), [(2, "A", 5)]);
    let bytes = rows_of(
        "<row r=\"3\"><c r=\"A3\" t=\"str\"><v>A&amp;B</v></c><c r=\"B3\" t=\"n\"><v>5.0E0</v></c></row>",
    );
    assert_eq!(rows(&sheet(bytes)), [(3, "A&B", 5)]);
}

#[test]
fn rejects_of_a_workbook_are_csv_with_its_columns() {
    let bytes = workbook(|sheet| {
        sheet.write(0, 2, "Checked").unwrap();
        sheet.write(1, 0, "00123").unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(1, 2, true).unwrap();
        sheet.write(2, 0, "B").unwrap();
        sheet.write(2, 1, 6).unwrap();
    });
    let mut out = Vec::new();
    let rejected = [(2, "no such code".to_owned())].into_iter().collect();
    write_rejects(&bytes, &Options::default(), &rejected, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "\u{FEFF}SKU,Qty,Checked,error\n00123,5,TRUE,no such code\n"
    );
}

#[test]
fn a_workbook_may_come_with_any_name_and_without_styles() {
    let rows_of = "<row r=\"2\"><c r=\"A2\"><v>7</v></c><c r=\"B2\" s=\"9\"><v>3</v></c></row>";
    assert_eq!(rows(&sheet(by_hand(rows_of, &[]))), [(2, "7", 3)]);
}

#[test]
fn the_headers_may_stand_below_blank_rows_and_beside_blank_columns() {
    let mut book = Workbook::new();
    let table = book.add_worksheet();
    table.write_row(3, 2, ["SKU", "Qty"]).unwrap();
    table.write(5, 2, "A").unwrap();
    table.write(5, 3, 4).unwrap();
    assert_eq!(rows(&sheet(book.save_to_buffer().unwrap())), [(6, "A", 4)]);
}
