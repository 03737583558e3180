//! What holds for every file: tables read back, nothing panics, no row is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Code, whole number and a free text; codes as a store may have them.
type Line = (String, i64, String);

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let code = "[A-Za-z0-9](([ -~]|[éßজ🌹;\t\n\r\"]){0,8}[A-Za-z0-9é\"])?";
    let text = "([ -~]|[\n\r\";,é]){0,12}";
    prop::collection::vec(
        (code, any::<i64>().prop_map(|n| n.max(-i64::MAX)), text),
        1..12,
    )
    .prop_map(|mut lines| {
        // 0 asks for nothing, and `1E+5` is refused: both have tests of their own.
        lines.retain(|(code, units, _)| *units != 0 && !code.contains('+'));
        lines.push(("last".to_owned(), 1, String::new()));
        lines
    })
}

#[derive(Clone, Debug)]
struct Form {
    delimiter: u8,
    quotes: csv::QuoteStyle,
    terminator: csv::Terminator,
    marked: bool,
    /// 0: UTF-8, 1: UTF-16LE, 2: UTF-16BE
    encoding: u8,
}

fn form() -> impl Strategy<Value = Form> {
    let delimiter = prop::sample::select(vec![b',', b';', b'\t', b'|']);
    let quotes = prop_oneof![
        Just(csv::QuoteStyle::Always),
        Just(csv::QuoteStyle::Necessary),
        Just(csv::QuoteStyle::NonNumeric),
    ];
    let terminator = prop::sample::select(vec![
        csv::Terminator::CRLF,
        csv::Terminator::Any(b'\n'),
        csv::Terminator::Any(b'\r'),
    ]);
    (delimiter, quotes, terminator, any::<bool>(), 0u8..3).prop_map(
        |(delimiter, quotes, terminator, marked, encoding)| Form {
            delimiter,
            quotes,
            terminator,
            marked: marked || encoding > 0,
            encoding,
        },
    )
}

fn written(lines: &[Line], form: &Form) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(form.delimiter)
        .quote_style(form.quotes)
        .terminator(form.terminator)
        .from_writer(Vec::new());
    writer
        .write_record(["Text", "sku_code", "adjustment"])
        .unwrap();
    for (code, units, text) in lines {
        writer
            .write_record([text, code, &units.to_string()])
            .unwrap();
    }
    let mut text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    if form.marked {
        text.insert(0, '\u{FEFF}');
    }
    match form.encoding {
        1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        2 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => text.into_bytes(),
    }
}

fn meant(sheet: &Read) -> Vec<(String, i64)> {
    let row = |row: &RunRow| {
        (
            row.sku_code.as_deref().unwrap_or_default().to_owned(),
            row.wanted,
        )
    };
    sheet.rows.iter().map(row).collect()
}

fn expected(lines: &[Line]) -> Vec<(String, i64)> {
    lines
        .iter()
        .map(|(code, units, _)| (code.clone(), *units))
        .collect()
}

/// Texts of letters at random may look like rows of their own.
fn quotes_are_right() -> Options {
    Options {
        quote: Some(Quote::Double),
        max_quantity: Some(u64::MAX),
        ..Options::default()
    }
}

proptest! {
    #[test]
    fn any_table_reads_back(lines in lines(), form in form()) {
        let bytes = written(&lines, &form);
        let sheet = read(&bytes, &quotes_are_right());
        prop_assert_eq!(meant(&sheet.unwrap()), expected(&lines));
    }

    #[test]
    fn rejects_of_all_rows_read_back(lines in lines(), form in form()) {
        let bytes = written(&lines, &form);
        let options = quotes_are_right();
        let first = read(&bytes, &options).unwrap();
        let all: BTreeMap<u32, String> =
            first.rows.iter().map(|row| (row.line, "it, \"said\"\nso; ".to_owned())).collect();
        let mut once = Vec::new();
        write_rejects(&bytes, &options, &all, &mut once).unwrap();
        let second = read(&once, &options).unwrap();
        prop_assert_eq!(meant(&second), meant(&first));
        let all = second.rows.iter().map(|row| (row.line, String::new())).collect();
        let mut twice = Vec::new();
        write_rejects(&once, &options, &all, &mut twice).unwrap();
        prop_assert_eq!(meant(&read(&twice, &options).unwrap()), meant(&first));
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, thousands: Option<char>, delimiter: Option<u8>) {
        let options = Options { thousands, delimiter, ..Options::default() };
        let _ = read(&bytes, &options);
        let _ = write_rejects(&bytes, &options, &BTreeMap::new(), &mut Vec::new());
    }

    #[test]
    fn no_damage_panics(
        lines in lines(),
        form in form(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = written(&lines, &form);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(sheet) = read(&bytes, &Options::default()) {
            let all = sheet.rows.iter().map(|row| (row.line, String::new())).collect();
            let mut out = Vec::new();
            write_rejects(&bytes, &Options::default(), &all, &mut out).unwrap();
            prop_assert!(sheet.rows.is_empty() || !out.is_empty());
        }
    }

    #[test]
    fn every_row_ends_in_exactly_one_way(
        kinds in prop::collection::vec(0u8..5, 1..40),
    ) {
        let mut text = "sku_code,Location,quantity\n".to_owned();
        for (i, kind) in kinds.iter().enumerate() {
            let (place, quantity) = match kind {
                0 => ("Main", "4"),
                1 => ("Main", ""),
                2 => ("Annex", "not a number"),
                3 => ("Main", "not a number"),
                _ => ("Main", "Not stocked"),
            };
            text.push_str(&format!("S{i},{place},{quantity}\n"));
        }
        let options = Options { only: vec![("Location".into(), "Main".into())], ..Options::default() };
        let count = |wanted: &[u8]| kinds.iter().filter(|kind| wanted.contains(kind)).count();
        match read(text.as_bytes(), &options) {
            Ok(sheet) => {
                prop_assert_eq!(count(&[3]), 0);
                prop_assert_eq!(sheet.rows.len(), count(&[0]));
                prop_assert_eq!(sheet.left_alone, count(&[1, 4]) as u64);
                prop_assert_eq!(sheet.filtered, count(&[2]) as u64);
            }
            Err(error) if count(&[2]) == kinds.len() => prop_assert!(error.faults().is_empty()),
            Err(error) => prop_assert_eq!(error.faults().len(), count(&[3])),
        }
    }
}

/// Not a test but a measurement: `cargo test --release --lib import -- --ignored --nocapture`.
#[test]
#[ignore = "measures; says nothing in a debug build"]
#[allow(clippy::print_stderr)]
fn a_million_rows_are_read_fast() {
    for (what, stride) in [("sorted", 1), ("shuffled", 7_919)] {
        let mut text = "sku_id,quantity\n".to_owned();
        for i in 0..1_000_000u64 {
            text.push_str(&format!(
                "{},{}\n",
                100_000 + i * stride % 1_000_003,
                i % 500
            ));
        }
        for _ in 0..3 {
            let begun = std::time::Instant::now();
            let sheet = read(text.as_bytes(), &Options::default()).unwrap();
            assert_eq!(sheet.rows.len(), 1_000_000);
            eprintln!("1,000,000 rows, {what}: {:?}", begun.elapsed());
        }
    }
    let mut text = "sku_code,quantity\n".to_owned();
    for i in 0..1_000_000u64 {
        text.push_str(&format!("CODE-{},{}\n", i * 7_919 % 1_000_003, i % 500));
    }
    let begun = std::time::Instant::now();
    assert_eq!(
        read(text.as_bytes(), &Options::default())
            .unwrap()
            .rows
            .len(),
        1_000_000
    );
    eprintln!("1,000,000 rows by code: {:?}", begun.elapsed());
}
