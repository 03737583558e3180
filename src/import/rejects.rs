//! The rows that were not applied, in the file's own columns plus `error`, ready to be mended and imported again.

use std::collections::BTreeMap;
use std::io::{self, Write};

use csv::StringRecord;

use super::Options;
use super::columns::plain;
use super::source::Source;
use super::table::line_length;
use crate::error::{Error, Result};

/// The column that is added, where no option reads one of that name.
const ERROR: &str = "error";

/// Writes the rows of `bytes` that start on the lines `rejected`, each with why. Headers, their order, what separates
/// cells and the line ends stay the file's own, so that the same options read it again; an `error` column that is there
/// already, from the import before, is replaced. The encoding is UTF-8, marked as such unless the file was unmarked UTF-8.
///
/// An error: usage where `bytes` are no CSV, internal where it can't be written.
pub fn write_rejects(
    bytes: &[u8],
    options: &Options,
    rejected: &BTreeMap<u32, String>,
    to: &mut impl Write,
) -> Result<()> {
    let source = Source::open(bytes, options)?;
    let layout = &source.layout;
    let (above, table) = source.text.split_at(layout.skip);
    let mark = if source.marked { "\u{FEFF}" } else { "" };
    for text in [mark, above] {
        to.write_all(text.as_bytes()).map_err(unwritten)?;
    }
    let first = &table[..line_length(table)];
    let writer = csv::WriterBuilder::new()
        .flexible(true)
        .delimiter(layout.delimiter)
        .quote_style(match layout.quoting {
            true => csv::QuoteStyle::Necessary,
            false => csv::QuoteStyle::Never,
        })
        .terminator(match first.ends_with('\n') && !first.ends_with("\r\n") {
            true => csv::Terminator::Any(b'\n'),
            false => csv::Terminator::CRLF,
        })
        .from_writer(to);
    rejected_rows(&source, rejected, layout.quoting, writer)
}

/// The same as CSV of ours that becomes a workbook: what stands above the header is rows, too. How many those are.
pub fn write_rejected_rows(
    bytes: &[u8],
    options: &Options,
    rejected: &BTreeMap<u32, String>,
    to: &mut impl Write,
) -> Result<usize> {
    let source = Source::open(bytes, options)?;
    let titles = titles(&source.text[..source.layout.skip], source.layout.delimiter);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(to);
    for title in &titles {
        writer.write_record(title).map_err(unwritten)?;
    }
    rejected_rows(&source, rejected, true, writer)?;
    Ok(titles.len())
}

/// The header and the rows that were rejected. Without quotes nothing else holds a cell together.
fn rejected_rows(
    source: &Source<'_>,
    rejected: &BTreeMap<u32, String>,
    quoting: bool,
    mut writer: csv::Writer<impl Write>,
) -> Result<()> {
    let mut table = source.table();
    let (_, headers) = table.headers()?;
    let error = added(&source.options);
    let kept = |at: &usize| headers.get(*at).map(plain) != Some(plain(&error));
    let columns: Vec<usize> = (0..headers.len()).filter(kept).collect();
    let ends_cell = [char::from(source.layout.delimiter), '\r', '\n'];
    let mut write = |record: &StringRecord, last: &str| {
        let cells = columns.iter().map(|at| record.get(*at).unwrap_or_default());
        let last = match quoting {
            true => last.to_owned(),
            false => last.replace(ends_cell, " "),
        };
        let cells = cells.chain([last.as_str()]);
        writer.write_record(cells).map_err(unwritten)
    };
    write(&headers, &error)?;
    let mut record = StringRecord::new();
    while let Some(row) = table.next(&mut record)? {
        if let Some(why) = rejected.get(&row.line) {
            write(&record, why)?;
        }
    }
    writer.flush().map_err(unwritten)
}

/// The lines above a header, in cells; a `sep=` line is none.
fn titles(mut text: &str, delimiter: u8) -> Vec<StringRecord> {
    let mut titles = Vec::new();
    while !text.is_empty() {
        let (line, rest) = text.split_at(line_length(text));
        text = rest;
        let mut title = StringRecord::new();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .from_reader(line.as_bytes());
        if !reader.read_record(&mut title).unwrap_or(false) {
            title.push_field("");
        }
        let is_sep = titles.is_empty() && line.to_ascii_lowercase().starts_with("sep=");
        if !is_sep {
            titles.push(title);
        }
    }
    titles
}

fn unwritten(error: impl Into<io::Error>) -> Error {
    Error::internal("can't write the rejected rows").caused_by(error.into())
}

/// What the added column is called, so that the same options read the file again: `error`, or where the file has its own column
/// of that name that `--map` or `--only` reads, `error_2`. All others but one of that name, of the import before, stay.
fn added(options: &Options) -> String {
    let read = || options.map.iter().map(|(theirs, _)| theirs);
    let only = || options.only.iter().map(|(theirs, _)| theirs);
    let numbered = (2..).map(|n| format!("{ERROR}_{n}"));
    std::iter::once(ERROR.to_owned())
        .chain(numbered)
        .find(|name| {
            !read()
                .chain(only())
                .any(|theirs| plain(theirs) == plain(name))
        })
        .unwrap_or_default()
}
