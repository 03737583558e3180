//! What is read from a file and what is refused, rule by rule.

mod cells;
mod damage;
mod damaged_workbooks;
mod doubts;
mod form;
mod headers;
mod levels;
mod merchants;
mod merged;
mod properties;
mod rejects;
mod rivals;
mod seen_on_screen;
mod workbooks;

use super::*;
use crate::change::draft::Draft;
use crate::change::row::RunRow;
use crate::error::Kind;
use crate::state::State;

fn only(header: &str, value: &str) -> Vec<(String, String)> {
    vec![(header.to_owned(), value.to_owned())]
}

/// A file as it was read, with its rows.
#[derive(Debug)]
struct Read {
    sheet: Sheet,
    rows: Vec<RunRow>,
}

impl std::ops::Deref for Read {
    type Target = Sheet;

    fn deref(&self) -> &Sheet {
        &self.sheet
    }
}

/// Reads a file into a draft, and takes its rows out again.
fn read(bytes: &[u8], options: &Options) -> Result<Read> {
    let mut draft = Draft::new(State::in_memory()?, Mode::Set)?;
    let sheet = draft.fill(|to| super::read(bytes, options, to))?;
    let mut rows = Vec::new();
    draft.each(|row| {
        rows.push(row.clone());
        Ok(())
    })?;
    Ok(Read { sheet, rows })
}

fn sheet(text: impl AsRef<[u8]>) -> Read {
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
fn failing(sheet: &Read) -> Vec<(u32, &str)> {
    let rows = sheet.rows.iter();
    rows.filter_map(|row| Some((row.line, row.error()?)))
        .collect()
}

/// Line, code and value of each row.
fn rows(sheet: &Read) -> Vec<(u32, &str, i64)> {
    let rows = sheet.rows.iter();
    rows.map(|row| {
        (
            row.line,
            row.sku_code.as_deref().unwrap_or_default(),
            row.wanted,
        )
    })
    .collect()
}
