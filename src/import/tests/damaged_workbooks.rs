//! Workbooks as nobody should make them: damaged, locked, far too large, or lying about their size.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::workbooks::{BOOK, BOOK_RELS, HEADER, RELS, by_hand, ods_by_hand};
use super::*;

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
