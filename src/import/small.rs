//! Small tables that other commands read beside the files of stock changes: levels, labels. They come as CSV or spreadsheet,
//! are read whole, and take no options.

use std::borrow::Cow;

use csv::StringRecord;

use super::Options;
use super::cells::{self, trimmed, unwrapped};
use super::faults::Faults;
use super::shape::SEPARATES;
use super::source::Source;
use super::table::{Row, Table};
use crate::error::{Error, Result};

/// Reads a whole CSV file, or the first sheet of a workbook that has a header: `begin` finds its columns, `take` takes each
/// row whose cells line up with the headers. `how_it_looks` says in one sentence which columns it needs.
///
/// All faults of its rows are in one usage error, each with line and column, or with its cell. What is wrong with the file
/// as a whole is a usage error of its own.
pub(super) fn read<T>(
    bytes: &[u8],
    how_it_looks: &str,
    begin: impl FnOnce(&StringRecord) -> Result<T>,
    take: impl Fn(&mut T, &mut Cells<'_>),
) -> Result<T> {
    let options = Options::default();
    let source = Source::open(bytes, &options).map_err(without_options)?;
    let mut table = source.table();
    let (_, headers) = table.headers().map_err(|error| match error.faults() {
        [] => error.hinted(how_it_looks),
        _ => without_options(error),
    })?;
    let mut small = begin(&headers)?;
    let mut faults = Faults::default();
    let mut record = StringRecord::new();
    while let Some(row) = table.next(&mut record)? {
        if lines_up(&table, &row, &record, headers.len(), &mut faults) {
            take(
                &mut small,
                &mut Cells {
                    line: row.line,
                    record: &record,
                    headers: &headers,
                    table: &table,
                    faults: &mut faults,
                },
            );
        }
    }
    match faults.count() {
        0 => Ok(small),
        _ => Err(without_options(
            source.located(faults.into_error(), &headers),
        )),
    }
}

/// Whether the row lines up with so many headers; a fault where it does not.
fn lines_up(
    table: &Table<'_>,
    row: &Row,
    record: &StringRecord,
    headers: usize,
    faults: &mut Faults,
) -> bool {
    let is_filled = |at: &usize| !record.get(*at).unwrap_or_default().trim().is_empty();
    if let Some(torn) = &row.torn {
        faults.add(torn.line, None, torn.message.as_str());
        faults.hint("mend the quotes");
    } else if table.swallows_rows(row, headers) {
        let message = "a quoted cell runs over lines that are rows of their own: a quote is missing or one too many";
        faults.add(row.line, None, message);
        faults.hint("mend the quotes");
    } else if record.len() == 1 && headers > 1 && record[0].contains(SEPARATES) {
        let message = "the row is one cell: quotes stand around the whole line, or something else separates its cells";
        faults.add(row.line, None, message);
    } else if let Some(beyond) = (headers..record.len()).find(is_filled) {
        let cell = beyond + 1;
        let message = format!("cell {cell} has no header: a comma or a quote too many");
        faults.add(row.line, None, message);
    } else {
        return true;
    }
    false
}

/// A row of a small table, and where its faults go.
pub(super) struct Cells<'a> {
    /// Where it stands, from 1.
    pub(super) line: u32,
    record: &'a StringRecord,
    headers: &'a StringRecord,
    table: &'a Table<'a>,
    pub(super) faults: &'a mut Faults,
}

impl Cells<'_> {
    /// As it stands, without the signs by which spreadsheets keep a text a text.
    pub(super) fn text(&self, at: usize) -> Cow<'_, str> {
        unwrapped(self.cell(at))
    }

    /// As it stands.
    pub(super) fn cell(&self, at: usize) -> &str {
        self.record.get(at).unwrap_or_default()
    }

    /// The value of a cell that was read; a fault where it could not be.
    pub(super) fn or_fault<T>(&mut self, at: usize, read: Result<T, String>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(at, message);
                None
            }
        }
    }

    /// Adds a fault of a column.
    pub(super) fn fault(&mut self, at: usize, message: impl Into<String>) {
        let header = self.headers.get(at).map(trimmed);
        self.faults.add(self.line, header, message);
    }

    /// Whether one of these cells is a date, an error and so on in its sheet: a fault each.
    pub(super) fn has_odd(&mut self, columns: impl Iterator<Item = usize>) -> bool {
        let before = self.faults.count();
        for at in columns {
            let sheet = self.table.sheet;
            if let Some(odd) = sheet.and_then(|sheet| sheet.odd(self.line, at)) {
                let text = cells::shown(self.cell(at)).into_owned();
                self.fault(at, odd.in_words(&text));
            }
        }
        self.faults.count() > before
    }
}

/// An error, usage: these headers are not what is needed.
pub(super) fn other_headers(what: &str, headers: &StringRecord, how_it_looks: &str) -> Error {
    let written = headers.iter().map(trimmed).filter(|h| !h.is_empty());
    let written: Vec<&str> = written.collect();
    let message = format!("{what}; its headers are {}", written.join(", "));
    Error::usage(message).hinted(how_it_looks)
}

/// The same error without the options of `import-csv`, which there are none of here.
fn without_options(error: Error) -> Error {
    let has_option = error.hint().is_some_and(|hint| hint.contains("--"));
    let error = error.with_each_fault(|fault| {
        const OPTION: &str = " (--thousands ";
        while let Some((before, (_, behind))) = fault
            .message
            .split_once(OPTION)
            .and_then(|(before, option)| Some((before, option.split_once(')')?)))
        {
            fault.message = format!("{before}{behind}");
        }
    });
    match has_option {
        true => error.hinted("save it as CSV (UTF-8) or as an .xlsx workbook"),
        false => error,
    }
}
