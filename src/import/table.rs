//! The rows of a text with the lines they stand on. The `csv` crate splits cells; lines are counted here, because it
//! counts neither the lone CR of old Mac files nor where a row starts after blank lines. So are quotes left open, which
//! it closes silently at the end of the file.

use csv::StringRecord;

use super::faults::Faults;
use super::layout::Layout;
use super::quotes::{How, Quotes, Wide};
use super::workbook::SheetText;
use crate::error::{Error, Result};

/// A row that was read into a record.
pub(super) struct Row {
    /// The line it starts on, from 1.
    pub(super) line: u32,
    /// What is wrong with its quotes: its cells, and rows after it, can't be told apart.
    pub(super) torn: Option<Torn>,
    /// What its quotes say; `None` where it has none that count.
    pub(super) quotes: Option<Quotes>,
    /// Where it stands in the text, in bytes without its line end.
    start: usize,
    end: usize,
}

/// A quoted cell that runs over rows which it should not have in it.
pub(super) struct Torn {
    /// The line of the opening quote.
    pub(super) line: u32,
    /// What is wrong, in one sentence.
    pub(super) message: String,
}

/// What a file says in which a quote is missing or one too many.
pub(super) const ON_QUOTES: &str =
    "mend the quotes; or --quote none where they are part of the texts";

/// A line break within a cell of a sheet, so that each row of it is a line of the text.
pub(super) const BREAK: char = '\u{2028}';

/// Reads a text row by row.
pub(super) struct Table<'a> {
    text: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    delimiter: u8,
    quoting: bool,
    /// The sheet that the text was, which knows what is odd about its cells.
    pub(super) sheet: Option<&'a SheetText>,
    /// Bytes whose line breaks are counted in `line`.
    at: usize,
    line: u64,
}

impl<'a> Table<'a> {
    pub(super) fn new(text: &'a str, layout: &Layout) -> Table<'a> {
        let (before, text) = text.as_bytes().split_at(layout.skip);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(layout.delimiter)
            .quoting(layout.quoting)
            .from_reader(text);
        Table {
            text,
            reader,
            delimiter: layout.delimiter,
            quoting: layout.quoting,
            sheet: None,
            at: 0,
            line: 1 + breaks(before, 0, before.len()),
        }
    }

    /// The first row that is not blank, with its cells. An error, usage, where there is none.
    pub(super) fn headers(&mut self) -> Result<(Row, StringRecord)> {
        let mut headers = StringRecord::new();
        match self.next(&mut headers)? {
            None => Err(Error::usage("the file is empty").hinted(
                "it needs a header line, such as sku_id,quantity, and a row for each variant",
            )),
            Some(Row {
                torn: Some(torn), ..
            }) => {
                let mut faults = Faults::default();
                faults.add(torn.line, None, torn.message);
                let error = faults.into_error().hinted(ON_QUOTES);
                Err(error.reworded("the file's header line has a fault"))
            }
            Some(row) => Ok((row, headers)),
        }
    }

    /// Reads the next row that has anything in it; `None` at the end.
    pub(super) fn next(&mut self, record: &mut StringRecord) -> Result<Option<Row>> {
        loop {
            let more = self
                .reader
                .read_record(record)
                .map_err(|e| Error::internal("can't split the file into rows").caused_by(e))?;
            if !more {
                return Ok(None);
            }
            let row = self.place();
            if self.sheet.is_some() && record.iter().any(|cell| cell.contains(BREAK)) {
                *record = record
                    .iter()
                    .map(|cell| cell.replace(BREAK, "\n"))
                    .collect();
            }
            let is_blank = record.iter().all(|cell| cell.trim().is_empty());
            let looks_so = |sheet: &SheetText| sheet.looks_blank(row.line);
            if row.torn.is_some() || !is_blank || self.sheet.is_some_and(looks_so) {
                return Ok(Some(row));
            }
        }
    }

    /// Where the row that was just read stands.
    fn place(&mut self) -> Row {
        let end = usize::try_from(self.reader.position().byte())
            .map_or(self.text.len(), |end| end.clamp(self.at, self.text.len()));
        // Blank lines, and the LF of the CRLF whose CR ended the row before, are passed over first.
        let mut start = self.at;
        while start < end && matches!(self.text[start], b'\r' | b'\n') {
            start += 1;
        }
        let line = self.line + breaks(self.text, self.at, start);
        let body = match self.text[start..end].last() {
            Some(b'\r' | b'\n') => end - 1,
            _ => end,
        };
        let quotes = (self.quoting && self.text[start..body].contains(&b'"'))
            .then(|| Quotes::of(self.text, start, body, self.delimiter));
        let torn = quotes.as_ref().and_then(|quotes| {
            self.torn(quotes, |at| {
                line_number(line + breaks(self.text, start, at))
            })
        });
        self.line = line + breaks(self.text, start, end);
        self.at = end;
        Row {
            line: line_number(line),
            torn,
            quotes,
            start,
            end: body,
        }
    }

    fn torn(&self, quotes: &Quotes, line_at: impl Fn(usize) -> u32) -> Option<Torn> {
        if let Some(open) = quotes.unclosed {
            return Some(Torn {
                line: line_at(open),
                message: "a quote is opened here and never closed".to_owned(),
            });
        }
        quotes.odd.iter().find_map(|odd| match odd.how {
            How::GoesOn(open, close) if line_at(close) > line_at(open) => Some(Torn {
                line: line_at(open),
                message: format!(
                    "the quoted cell that begins here ends in the middle of a cell on line {}: a quote is missing",
                    line_at(close)
                ),
            }),
            _ => None,
        })
    }

    /// The line that this place in a row stands on.
    pub(super) fn line_of(&self, row: &Row, at: usize) -> u32 {
        line_number(u64::from(row.line) + breaks(self.text, row.start, at))
    }

    /// The lines that a row would be, were it not for the quote that opens this cell; blank ones are left out. `see` is
    /// also told whether the line lies within the quotes as a whole, and says whether to go on.
    pub(super) fn lines(
        &self,
        row: &Row,
        wide: &Wide,
        mut see: impl FnMut(&StringRecord, bool) -> bool,
    ) {
        let is_break = |b: &u8| matches!(b, b'\r' | b'\n');
        let break_at = |from: usize| {
            let at = self.text[from..wide.close].iter().position(is_break)?;
            Some(from + at)
        };
        let mut see = |text: &[u8], within: bool| {
            let record = self.first_row(text);
            record.iter().all(|cell| cell.trim().is_empty()) || see(&record, within)
        };
        let inside = wide.open + 1;
        let mut end = break_at(inside);
        let before = &self.text[row.start..wide.open];
        let first = [before, &self.text[inside..end.unwrap_or(row.end)]].concat();
        let mut more = see(&first, false);
        while let (Some(at), true) = (end, more) {
            end = break_at(at + 1);
            more = match end {
                Some(end) => see(&self.text[at + 1..end], true),
                // The last line goes on behind the quote that closes the cell, and may have quotes of its own.
                None => see(&self.text[at + 1..], false),
            };
        }
    }

    /// Whether a quoted cell of the row runs over a line that has as many cells as a row.
    pub(super) fn swallows_rows(&self, row: &Row, cells: usize) -> bool {
        let wide = row.quotes.iter().flat_map(|quotes| &quotes.wide);
        let mut found = false;
        for wide in wide.take_while(|_| cells > 1) {
            let mut lines = 0;
            self.lines(row, wide, |record, _| {
                found |= lines > 0 && record.len() == cells;
                lines += 1;
                !found
            });
        }
        found
    }

    fn first_row(&self, text: &[u8]) -> StringRecord {
        let mut record = StringRecord::new();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(text);
        // A text that can't be read has no cells.
        let _ = reader.read_record(&mut record);
        record
    }
}

/// Line breaks that begin at these bytes: LF, CRLF as one, and CR alone. Counts of neighbouring ranges add up.
pub(super) fn breaks(text: &[u8], from: usize, to: usize) -> u64 {
    let count = |(i, b): (usize, &u8)| match b {
        b'\n' => 1,
        b'\r' => u64::from(text.get(from + i + 1) != Some(&b'\n')),
        _ => 0,
    };
    text[from..to].iter().enumerate().map(count).sum()
}

/// Length of the first line in bytes, with its line end.
pub(super) fn line_length(text: &str) -> usize {
    match text.find(['\r', '\n']) {
        None => text.len(),
        Some(at) if text[at..].starts_with("\r\n") => at + 2,
        Some(at) => at + 1,
    }
}

/// A file with more lines than fit would be larger than four gigabytes; its last lines then share a number.
pub(super) fn line_number(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
