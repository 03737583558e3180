//! Where a table comes from: the text of a CSV file, or a sheet of a workbook.

use std::borrow::Cow;

use csv::StringRecord;

use super::decode;
use super::layout::Layout;
use super::quotes;
use super::table::Table;
use super::workbook::{self, Kind, SheetText, cell_name, sheet_name};
use super::{Options, Quote};
use crate::error::{Error, Result};

/// A file whose text can be read, and how.
pub(super) struct Source<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether a file made from this one has to say that it is UTF-8, so that spreadsheets read it right.
    pub(super) marked: bool,
    /// The sheet whose text it was; `None` for CSV.
    pub(super) sheet: Option<SheetText>,
    /// What was asked for, and what holds for the text of any sheet.
    pub(super) options: Cow<'a, Options>,
    pub(super) layout: Layout,
}

impl<'a> Source<'a> {
    /// By content, whatever the file is called. An error, usage: neither text nor a spreadsheet, options for the other, or
    /// a header line that is not there.
    pub(super) fn open(bytes: &'a [u8], options: &'a Options) -> Result<Source<'a>> {
        let source = match workbook::kind(bytes) {
            None => Source::of_text(bytes, options)?,
            Some(kind) => Source::of_workbook(bytes, kind, options)?,
        };
        // Lines are counted, and texts are found again, by numbers of thirty-two bits.
        match u32::try_from(source.text.len()) {
            Ok(_) => Ok(source),
            Err(_) => {
                Err(Error::usage("the file is larger than 4 GiB")
                    .hinted("cut it into several files"))
            }
        }
    }

    fn of_text(bytes: &'a [u8], options: &'a Options) -> Result<Source<'a>> {
        if let Some(sheet) = &options.sheet {
            return Err(
                Error::usage(format!("--sheet {sheet}: the file is not a spreadsheet"))
                    .hinted("leave --sheet out for CSV"),
            );
        }
        let (mut text, marked) = decode::text(bytes, options.encoding.as_deref())?;
        if options.quote == Some(Quote::Double) {
            quotes::open_cells(&mut text, options.delimiter);
        }
        Ok(Source {
            layout: Layout::find(&text, options)?,
            text,
            marked,
            sheet: None,
            options: Cow::Borrowed(options),
        })
    }

    fn of_workbook(bytes: &[u8], kind: Kind, options: &Options) -> Result<Source<'a>> {
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
        let mut sheet = workbook::read(bytes, kind, options)?;
        let text = std::mem::take(&mut sheet.text);
        // Its quotes and commas are our own.
        let options = Options {
            quote: Some(Quote::Double),
            delimiter: Some(b','),
            ..options.clone()
        };
        Ok(Source {
            layout: Layout::of_sheet(&text, &options)?,
            text: text.into(),
            marked: true,
            sheet: Some(sheet),
            options: Cow::Owned(options),
        })
    }

    pub(super) fn table(&self) -> Table<'_> {
        let mut table = Table::new(&self.text, &self.layout);
        table.sheet = self.sheet.as_ref();
        table
    }

    /// The first rows below the header, for whoever has to guess.
    pub(super) fn first_rows(&self) -> Vec<StringRecord> {
        const ROWS: usize = 20;
        let mut table = self.table();
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
        let Some(SheetText { name, .. }) = &self.sheet else {
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
