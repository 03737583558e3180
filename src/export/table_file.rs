//! A table for people beside a run's output: CSV, or a workbook where its name ends in `.xlsx`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::workbook::{Book, Content};
use crate::error::{Error, Result};
use crate::file::NewFile;
use crate::import::is_number_column;

/// What nobody expects CSV under.
const OTHERS: [&str; 9] = [
    "xls", "xlsm", "xlsb", "ods", "numbers", "json", "jsonl", "parquet", "pdf",
];

/// Whether a file of this name is to be a workbook. An error, usage, for a name that promises something else than CSV or a
/// workbook, and for `-`, where results go already.
pub fn is_workbook(path: &Path) -> Result<bool> {
    if path.as_os_str() == "-" {
        return Err(
            Error::usage("- is no file: standard output has the results")
                .hinted("name a file, or print every row with -o csv"),
        );
    }
    let ends_in = |end: &str| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(end))
    };
    match OTHERS.iter().find(|end| ends_in(end)) {
        Some(end) => Err(Error::usage(format!(
            "{}: a file that ends in .{end} can't be written",
            path.display()
        ))
        .hinted("let its name end in .csv or .xlsx")),
        None => Ok(ends_in("xlsx")),
    }
}

/// A file that is written as CSV.
pub struct TableFile {
    file: NewFile,
    /// Where the CSV waits to become a workbook.
    csv: Option<BufWriter<File>>,
}

impl TableFile {
    /// Begins the file. An error, before anything else was done, when its folder can't be written to.
    pub fn create(path: &Path) -> Result<TableFile> {
        let is_workbook = is_workbook(path)?;
        let file = NewFile::create(path)?;
        let csv = match is_workbook {
            true => Some(BufWriter::new(tempfile::tempfile().map_err(failed)?)),
            false => None,
        };
        Ok(TableFile { file, csv })
    }

    /// The same error about this file, whatever it says could not be written.
    pub fn unwritten(&self, error: Error) -> Error {
        self.file.unwritten(error)
    }

    /// Everything is written: to the disk, and under its name.
    pub fn finish(mut self) -> Result<()> {
        if let Some(csv) = self.csv.take() {
            let mut csv = csv.into_inner().map_err(|e| failed(e.into_error()))?;
            csv.rewind().map_err(failed)?;
            convert(csv, &mut self.file)?;
        }
        self.file.finish()
    }
}

impl Write for TableFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.csv {
            Some(csv) => csv.write(bytes),
            None => self.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.csv {
            Some(csv) => csv.flush(),
            None => self.file.flush(),
        }
    }
}

fn failed(error: io::Error) -> Error {
    Error::internal("can't write the workbook").caused_by(error)
}

/// CSV of ours becomes a workbook.
fn convert(csv: impl Read, to: impl Write + Send) -> Result<()> {
    let mut csv = BufReader::new(csv);
    let mut first = String::new();
    csv.read_line(&mut first).map_err(failed)?;
    if first
        .trim_start_matches('\u{FEFF}')
        .to_ascii_lowercase()
        .starts_with("sep=")
    {
        first.clear();
        csv.read_line(&mut first).map_err(failed)?;
    }
    let first = first.trim_start_matches('\u{FEFF}').to_owned();
    let delimiter = delimiter(&first);
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(io::Cursor::new(first.into_bytes()).chain(csv));
    let unread = |e: csv::Error| Error::internal("can't write the workbook").caused_by(e);
    let headers = rows.headers().map_err(unread)?.clone();
    let columns: Vec<(&str, Content)> = headers
        .iter()
        .map(|header| match is_number_column(header) {
            true => (header, Content::Number),
            false => (header, Content::Text),
        })
        .collect();
    let mut book = Book::new("Rows", &columns)?;
    for row in rows.records() {
        let row = row.map_err(unread)?;
        book.push(row.iter().map(Cow::Borrowed), false)?;
    }
    book.finish(to)
}

/// What separates cells: rejects end in `error`, and what stands before it tells.
fn delimiter(header: &str) -> u8 {
    let header = header.trim_end_matches(['\r', '\n']);
    match header
        .strip_suffix("error")
        .and_then(|rest| rest.bytes().last())
    {
        Some(delimiter)
            if delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && delimiter != b'_' =>
        {
            delimiter
        }
        _ => b',',
    }
}
