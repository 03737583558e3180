//! The rows of a text with the lines they stand on. The `csv` crate splits cells; lines are counted here, because it
//! counts neither the lone CR of old Mac files nor where a row starts after blank lines. So are quotes left open, which
//! it closes silently at the end of the file.

use csv::StringRecord;

use super::layout::Layout;
use crate::error::{Error, Fault, Result};

/// A row that was read into a record.
pub(super) struct Row {
    /// The line it starts on, from 1.
    pub(super) line: u32,
    /// What is wrong with its quotes: its cells, and rows after it, can't be told apart.
    pub(super) torn: Option<Torn>,
}

/// A quoted cell that runs over rows which it should not have in it.
pub(super) struct Torn {
    /// The line of the opening quote.
    pub(super) line: u32,
    /// What is wrong, in one sentence.
    pub(super) message: String,
}

/// Reads a text row by row.
pub(super) struct Table<'a> {
    text: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    delimiter: u8,
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
            .from_reader(text);
        Table {
            text,
            reader,
            delimiter: layout.delimiter,
            at: 0,
            line: if before.is_empty() { 1 } else { 2 },
        }
    }

    /// The first row that is not blank. An error, usage, where there is none.
    pub(super) fn headers(&mut self) -> Result<StringRecord> {
        let mut headers = StringRecord::new();
        match self.next(&mut headers)? {
            None => Err(Error::usage("the file is empty").hinted(
                "it needs a header line, such as sku_id,quantity, and a row for each variant",
            )),
            Some(Row {
                torn: Some(torn), ..
            }) => {
                let fault = Fault {
                    line: Some(u64::from(torn.line)),
                    column: None,
                    message: torn.message,
                };
                Err(Error::usage("the file's header line has a fault").with_faults(vec![fault]))
            }
            Some(_) => Ok(headers),
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
            if row.torn.is_some() || !record.iter().all(|cell| cell.trim().is_empty()) {
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
        let within = breaks(self.text, start, body);
        // Only a cell over several lines, or the last one, can have taken in what isn't its own.
        let torn = if within > 0 || end == self.text.len() {
            self.torn(line, start, body)
        } else {
            None
        };
        self.line = line + within + breaks(self.text, body, end);
        self.at = end;
        Row {
            line: line_number(line),
            torn,
        }
    }

    /// Follows the quotes of the row at these bytes the way the `csv` crate does (RFC 4180, and lenient beyond it).
    fn torn(&self, line: u64, start: usize, end: usize) -> Option<Torn> {
        let line_at = |at| line + breaks(self.text, start, at);
        let torn = |opened, message| {
            Some(Torn {
                line: line_number(line_at(opened)),
                message,
            })
        };
        let mut at = start;
        while at < end {
            if self.text[at] == b'"' {
                let opened = at;
                loop {
                    at += 1;
                    match (self.text.get(at), self.text.get(at + 1)) {
                        _ if at >= end => {
                            let message = "a quote is opened here and never closed".to_owned();
                            return torn(opened, message);
                        }
                        (Some(b'"'), Some(b'"')) if at + 1 < end => at += 1,
                        (Some(b'"'), _) => break,
                        _ => {}
                    }
                }
                at += 1;
                // Blanks between the closing quote and the next cell do no harm.
                let rest = self.text[at..end].iter().find(|b| **b != b' ');
                let goes_on = rest.is_some_and(|b| *b != self.delimiter);
                if goes_on && line_at(at) > line_at(opened) {
                    let message = format!(
                        "the quoted cell that begins here ends in the middle of a cell on line {}: a quote is missing",
                        line_at(at)
                    );
                    return torn(opened, message);
                }
            }
            while at < end && self.text[at] != self.delimiter {
                at += 1;
            }
            at += 1;
        }
        None
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
