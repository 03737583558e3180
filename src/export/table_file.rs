//! A table for people beside a run's output: CSV, or a workbook where its name ends in `.xlsx`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use csv::StringRecord;

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
    /// How many rows of it stand above the header.
    titles: usize,
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
        Ok(TableFile {
            file,
            csv,
            titles: 0,
        })
    }

    /// Whether what is written is to become a workbook; it is CSV with commas then.
    pub fn is_workbook(&self) -> bool {
        self.csv.is_some()
    }

    /// So many rows stand above the header.
    pub fn has_titles(&mut self, rows: usize) {
        self.titles = rows;
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
            convert(csv, self.titles, &mut self.file)?;
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

/// CSV of ours becomes a workbook; so many rows stand above its header.
fn convert(csv: impl Read, titles: usize, to: impl Write + Send) -> Result<()> {
    let unread = |e: csv::Error| Error::internal("can't write the workbook").caused_by(e);
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::new(csv));
    let mut rows = rows.records().map(|row| row.map_err(unread));
    let titles: Vec<StringRecord> = rows.by_ref().take(titles).collect::<Result<_>>()?;
    let headers = rows.next().transpose()?.unwrap_or_default();
    let columns: Vec<(&str, Content)> = headers
        .iter()
        .map(|header| match is_number_column(header) {
            true => (header, Content::Number),
            false => (header, Content::Text),
        })
        .collect();
    let mut book = Book::new("Rows", &titles, &columns)?;
    for row in rows {
        book.push(row?.iter().map(Cow::Borrowed), false)?;
    }
    book.finish(to)
}
