//! What is read from a file and what is refused, rule by rule.

mod cells;
mod form;
mod headers;

use super::*;
use crate::error::Kind;

fn only(header: &str, value: &str) -> Vec<(String, String)> {
    vec![(header.to_owned(), value.to_owned())]
}

fn sheet(text: impl AsRef<[u8]>) -> Sheet {
    read(text.as_ref(), &Options::default()).unwrap()
}

fn mapped(theirs: &str, column: Column) -> Options {
    Options {
        map: vec![(theirs.to_owned(), column)],
        ..Options::default()
    }
}

fn in_mode(mode: Mode) -> Options {
    Options {
        mode: Some(mode),
        ..Options::default()
    }
}

fn refusal_with(text: impl AsRef<[u8]>, options: &Options) -> String {
    let error = read(text.as_ref(), options).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    let mut said = error.message().to_owned();
    for fault in error.faults() {
        said.push_str(&format!("\n{fault}"));
    }
    if let Some(hint) = error.hint() {
        said.push_str(&format!("\nhint: {hint}"));
    }
    said
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    refusal_with(text, &Options::default())
}

#[track_caller]
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

/// The rows that fail as they stand: line, and why.
fn failing(sheet: &Sheet) -> Vec<(u32, &str)> {
    let rows = sheet.rows.iter();
    rows.filter_map(|row| Some((row.line(), row.fault()?)))
        .collect()
}

/// Line, code and value of each row.
fn rows(sheet: &Sheet) -> Vec<(u32, &str, i64)> {
    let rows = sheet.rows.iter();
    rows.map(|row| (row.line(), row.code().unwrap_or_default(), row.value()))
        .collect()
}
