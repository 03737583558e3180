//! The rows that were not applied, in the file's own columns plus `error`, ready to be mended and imported again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use csv::StringRecord;

use super::Options;
use super::columns::plain;
use super::source::Source;
use super::table::line_length;
use crate::error::{Error, Result};

/// The column that is added.
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
    let layout = source.layout(options)?;
    let mut table = source.table(&layout);
    let (_, headers) = table.headers()?;
    let failed = |e: io::Error| Error::internal("can't write the rejected rows").caused_by(e);
    if source.marked() {
        to.write_all("\u{FEFF}".as_bytes()).map_err(failed)?;
    }
    let (before, rest) = source.text().split_at(layout.skip);
    to.write_all(before.as_bytes()).map_err(failed)?;
    let first = &rest[..line_length(rest)];
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .delimiter(layout.delimiter)
        .quote_style(if layout.quoting {
            csv::QuoteStyle::Necessary
        } else {
            csv::QuoteStyle::Never
        })
        .terminator(if first.ends_with('\n') && !first.ends_with("\r\n") {
            csv::Terminator::Any(b'\n')
        } else {
            csv::Terminator::CRLF
        })
        .from_writer(to);
    let columns = kept(&headers, options);
    let mut write = |record: &StringRecord, last: &str| {
        let cells = columns.iter().map(|at| record.get(*at).unwrap_or_default());
        writer.write_record(cells.chain([last]))
    };
    let unwritten = |e: csv::Error| failed(e.into());
    write(&headers, ERROR).map_err(unwritten)?;
    let mut record = StringRecord::new();
    while let Some(row) = table.next(&mut record)? {
        if let Some(why) = rejected.get(&row.line) {
            let why = if layout.quoting {
                Cow::Borrowed(why.as_str())
            } else {
                Cow::Owned(in_a_cell(why, layout.delimiter))
            };
            write(&record, &why).map_err(unwritten)?;
        }
    }
    writer.flush().map_err(failed)
}

/// A text without what would end a cell that no quotes hold together.
fn in_a_cell(text: &str, delimiter: u8) -> String {
    text.replace([char::from(delimiter), '\r', '\n'], " ")
}

/// All columns but the error of the import before. One that `--map` reads as ours is not such a column.
fn kept(headers: &StringRecord, options: &Options) -> Vec<usize> {
    let mapped = options.map.iter().any(|(theirs, _)| plain(theirs) == ERROR);
    (0..headers.len())
        .filter(|&at| mapped || headers.get(at).is_none_or(|header| plain(header) != ERROR))
        .collect()
}
