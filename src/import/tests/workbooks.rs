//! Workbooks, as spreadsheets and programs make them and as nobody should: each with what must come of it.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// A workbook of one sheet that is called Stock.
fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Stock").unwrap();
    sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
    fill(sheet);
    book.save_to_buffer().unwrap()
}

/// What is said about a workbook with this below its headers.
fn refused(fill: impl FnOnce(&mut Worksheet)) -> String {
    refusal(workbook(fill))
}

const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Stock" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c><c r="B1" t="inlineStr"><is><t>Qty</t></is></c></row>"#;

/// An xlsx by hand: these rows of XML below the header, and further parts.
fn by_hand(rows: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
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
fn ods_by_hand(rows: &str) -> Vec<u8> {
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
    // The second row of a merged cell has no code of its own.
    let read = sheet(workbook(|sheet| {
        sheet.merge_range(1, 0, 2, 0, "A", &Format::new()).unwrap();
        sheet.write(1, 1, 5).unwrap();
        sheet.write(2, 1, 6).unwrap();
    }));
    assert_eq!(failing(&read), [(3, "no variant is named")]);
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
        &["no spreadsheet"],
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
fn broken_workbooks_are_named_as_such() {
    let whole = by_hand("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>", &[]);
    for (bytes, says_so) in [
        (whole[..whole.len() / 2].to_vec(), "cut off or damaged"),
        (
            by_hand("<row r=\"2\"><c r=\"A2\" t=\"s\"><v>7</v></c></row>", &[]),
            "is broken",
        ),
        (
            by_hand("<row r=\"2\"><c r=\"A2\"><v>1</v>", &[]),
            "is broken",
        ),
        (
            by_hand("<row r=\"2\"><c r=\"!!\"><v>1</v></c></row>", &[]),
            "is broken",
        ),
        (
            by_hand(
                "<row r=\"3\"><c r=\"A3\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row>",
                &[],
            ),
            "Stock!A2 stands behind later ones",
        ),
        (
            by_hand(
                "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c></row>",
                &[("xl/sharedStrings.xml", b"<sst><si/><si><t>B</t></si></sst>")],
            ),
            "a shared text has no text",
        ),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and nothing more".to_vec(),
            "is broken",
        ),
    ] {
        says(&refusal(bytes), &[says_so, "hint: "]);
    }
}

#[test]
fn workbooks_with_a_password_are_named_as_such() {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage")
        .unwrap()
        .write_all(b"locked")
        .unwrap();
    file.create_stream("/EncryptionInfo")
        .unwrap()
        .write_all(b"locked")
        .unwrap();
    let bytes = file.into_inner().into_inner();
    says(&refusal(bytes), &["protected by a password", "without one"]);
}

#[test]
fn cells_far_off_are_faults() {
    let far = |cell: &str| {
        by_hand(
            &format!("<row r=\"2\"><c r=\"{cell}\"><v>1</v></c></row>"),
            &[],
        )
    };
    says(&refusal(far("XFD2")), &["Stock!XFD2: the cell is too far"]);
    says(&refusal(far("AMK2")), &["Stock!AMK2: the cell is too far"]);
    says(&refusal(far("A1048577")), &["hint: "]);
    says(
        &refusal(include_bytes!("../../../tests/data/workbooks/xlwt-far.xls")),
        &["its cells lie too far apart"],
    );
    for rows in [
        "<table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"16384\"/></table:table-row>",
        "<table:table-row table:number-rows-repeated=\"999999999999\"><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row>",
        "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"100\"/></table:table-row>",
        "<table:table-row><table:table-cell office:value-type=\"string\"><text:p><text:s text:c=\"2000000000\"/></text:p></table:table-cell></table:table-row>",
    ] {
        says(&refusal(ods_by_hand(rows)), &["too large", "hint: "]);
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let blanks = vec![b' '; 65 << 20];
    says(
        &refusal(by_hand("", &[("xl/sharedStrings.xml", &blanks)])),
        &["too large: its texts and formats unpack to over 64 MiB"],
    );
    let blanks = vec![b' '; 2 << 20];
    says(
        &refusal(by_hand("", &[("xl/styles.xml", &blanks)])),
        &["a cell is longer than any spreadsheet allows"],
    );
    let formats = "<xf/>".repeat(200_001);
    says(
        &refusal(by_hand("", &[("xl/styles.xml", formats.as_bytes())])),
        &["200,000 formats"],
    );
    let runs = "<r><t>a</t></r>".repeat(1_200_000);
    let rows = format!("<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is>{runs}</is></c></row>");
    says(
        &refusal(by_hand(&rows, &[])),
        &["a cell is longer than any spreadsheet allows"],
    );
    // A text of 32,767 letters that stands in every row.
    let shared = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(32_767));
    let rows: String = (2..60)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
        .collect();
    says(
        &refusal(by_hand(
            &rows,
            &[("xl/sharedStrings.xml", shared.as_bytes())],
        )),
        &["over 128 MiB of text"],
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in 0..10_001 {
        zip.start_file(format!("xl/{part}"), SimpleFileOptions::default())
            .unwrap();
    }
    says(
        &refusal(zip.finish().unwrap().into_inner()),
        &["over 10,000 parts"],
    );
}

#[test]
fn an_archive_that_lies_about_its_sizes_is_refused() {
    let blanks = vec![b' '; 1 << 20];
    let mut bytes = by_hand("", &[("xl/sharedStrings.xml", &blanks)]);
    let size = (1u32 << 20).to_le_bytes();
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, &size).collect();
    for at in places {
        bytes[at..at + 4].copy_from_slice(&7u32.to_le_bytes());
    }
    says(&refusal(bytes), &["the workbook is broken"]);
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

/// Files to damage: packed ones, one that is stored as it is, so that damage reaches what is in it, and an old one.
fn healthy() -> Vec<Vec<u8>> {
    let rows =
        "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\"><f>1+2</f><v>3</v></c></row>";
    let mut stored = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let sheet = format!("<worksheet><sheetData>{HEADER}{rows}</sheetData></worksheet>");
    for (name, content) in [
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/sharedStrings.xml", "<sst><si><t>B</t></si></sst>"),
        ("xl/worksheets/sheet1.xml", &sheet),
    ] {
        stored.start_file(name, options).unwrap();
        stored.write_all(content.as_bytes()).unwrap();
    }
    vec![
        stored.finish().unwrap().into_inner(),
        include_bytes!("../../../tests/data/workbooks/openpyxl.xlsx").to_vec(),
        include_bytes!("../../../tests/data/workbooks/xlwt.xls").to_vec(),
        include_bytes!("../../../tests/data/workbooks/odfpy.ods").to_vec(),
    ]
}

proptest! {
    #[test]
    fn a_damaged_workbook_is_an_error_or_a_table(
        file in select(healthy()),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<Index>()),
    ) {
        let mut bytes = file;
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Err(error) = read(&bytes, &Options::default()) {
            prop_assert_eq!(error.kind(), Kind::Usage);
        }
    }
}
