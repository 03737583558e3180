//! Where a table comes from: the text of a CSV file, or a sheet of a workbook.

use std::borrow::Cow;

use csv::StringRecord;

use super::decode::Decoded;
use super::layout::Layout;
use super::quotes;
use super::table::Table;
use super::workbook::{self, SheetText, cell_name, sheet_name};
use super::{Options, Quote};
use crate::error::{Error, Result};

/// A file whose text can be read.
pub(super) enum Source<'a> {
    Text(Decoded<'a>),
    Sheet(SheetText),
}

impl<'a> Source<'a> {
    /// By content, whatever the file is called. An error, usage: neither text nor a spreadsheet, or options for the other.
    pub(super) fn open(bytes: &'a [u8], options: &Options) -> Result<Source<'a>> {
        let Some(kind) = workbook::kind(bytes) else {
            if let Some(sheet) = &options.sheet {
                return Err(Error::usage(format!(
                    "--sheet {sheet}: the file is not a spreadsheet"
                ))
                .hinted("leave --sheet out for CSV"));
            }
            let mut decoded = Decoded::new(bytes, options.encoding.as_deref())?;
            if options.quote == Some(Quote::Double) {
                quotes::open_cells(&mut decoded.text, options.delimiter);
            }
            return Ok(Source::Text(decoded));
        };
        let meaningless = [
            ("--delimiter", options.delimiter.is_some()),
            ("--encoding", options.encoding.is_some()),
            ("--quote", options.quote.is_some()),
        ];
        if let Some((option, _)) = meaningless.iter().find(|(_, said)| *said) {
            return Err(Error::usage(format!(
                "{option}: the file is a spreadsheet, which needs none"
            ))
            .hinted(format!("leave {option} out")));
        }
        workbook::read(bytes, kind, options).map(Source::Sheet)
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Source::Text(decoded) => &decoded.text,
            Source::Sheet(sheet) => &sheet.text,
        }
    }

    pub(super) fn encoding(&self) -> &'static str {
        match self {
            Source::Text(decoded) => decoded.encoding,
            Source::Sheet(_) => "UTF-8",
        }
    }

    /// Whether a file made from this one has to say that it is UTF-8, so that spreadsheets read it right.
    pub(super) fn marked(&self) -> bool {
        match self {
            Source::Text(decoded) => decoded.marked,
            Source::Sheet(_) => true,
        }
    }

    /// The name of the sheet; `None` for CSV.
    pub(super) fn sheet(&self) -> Option<&str> {
        match self {
            Source::Text(_) => None,
            Source::Sheet(sheet) => Some(&sheet.name),
        }
    }

    /// How it is read: the quotes and commas in the text of a sheet are our own.
    pub(super) fn options<'o>(&self, options: &'o Options) -> Cow<'o, Options> {
        match self {
            Source::Text(_) => Cow::Borrowed(options),
            Source::Sheet(_) => Cow::Owned(Options {
                quote: Some(Quote::Double),
                delimiter: Some(b','),
                ..options.clone()
            }),
        }
    }

    /// An error, usage, where `--header-line` names a line that is not there.
    pub(super) fn layout(&self, options: &Options) -> Result<Layout> {
        match self {
            Source::Text(decoded) => Layout::find(&decoded.text, options),
            Source::Sheet(sheet) => Layout::of_sheet(&sheet.text, options),
        }
    }

    pub(super) fn table(&self, layout: &Layout) -> Table<'_> {
        let mut table = Table::new(self.text(), layout);
        if let Source::Sheet(sheet) = self {
            table.sheet = Some(sheet);
        }
        table
    }

    /// Other sheets that could have been read.
    pub(super) fn other_sheets(&self) -> &[String] {
        match self {
            Source::Text(_) => &[],
            Source::Sheet(sheet) => &sheet.others,
        }
    }

    /// The first rows below the header, for whoever has to guess.
    pub(super) fn first_rows(&self, layout: &Layout) -> Vec<StringRecord> {
        const ROWS: usize = 20;
        let mut table = self.table(layout);
        let mut rows = Vec::new();
        let mut record = StringRecord::new();
        if table.headers().is_ok() {
            while rows.len() < ROWS && matches!(table.next(&mut record), Ok(Some(_))) {
                rows.push(record.clone());
            }
        }
        rows
    }

    /// The error with the name of the cell in each of its faults, where the file is a workbook.
    pub(super) fn located(&self, error: Error, headers: &StringRecord) -> Error {
        let Some(name) = self.sheet() else {
            return error;
        };
        error.with_each_fault(|fault| {
            let row = fault
                .line
                .and_then(|line| u32::try_from(line).ok()?.checked_sub(1));
            let (None, Some(row)) = (&fault.cell, row) else {
                return;
            };
            let header = fault.column.as_deref();
            let column = header.and_then(|named| headers.iter().position(|h| h.trim() == named));
            fault.cell = Some(match column.and_then(|at| u32::try_from(at).ok()) {
                Some(column) => cell_name(name, row, column),
                None => format!("{}, row {}", sheet_name(name), row + 1),
            });
        })
    }
}
