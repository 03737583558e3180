//! Where the table begins, and what separates its cells: a `sep=` line, the options, or what makes most sense of the
//! header line.

use csv::StringRecord;

use super::columns::{Column, builtin, plain};
use super::table::{Table, line_length};
use super::{Options, Quote};
use crate::error::{Error, Result};

/// What may separate cells where nobody says what does.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How far down a header is looked for under titles and notes, in lines.
const LOOKED_AT: usize = 100;

/// Where the table begins in the text, and what separates its cells.
pub(super) struct Layout {
    /// What stands before the table, in bytes with its last line end: a `sep=` line, lines above the header.
    pub(super) skip: usize,
    /// What separates cells.
    pub(super) delimiter: u8,
    /// Whether quotes hold cells together.
    pub(super) quoting: bool,
}

impl Layout {
    /// An error, usage, where `--header-line` names a line that is not there.
    pub(super) fn find(text: &str, options: &Options) -> Result<Layout> {
        let (said, sep) = sep_line(text);
        let skip = match options.header_line {
            None | Some(1) => sep,
            Some(line) => before(text, line)?,
        };
        let quoting = options.quote != Some(Quote::None);
        let with = |delimiter| Layout {
            skip,
            delimiter,
            quoting,
        };
        let delimiter = options.delimiter.or(said).unwrap_or_else(|| {
            // Of the separators that make several headers of the line, the one whose headers are best known; in a draw
            // the one with most headers, then the first of these.
            DELIMITERS
                .into_iter()
                .map(|delimiter| (delimiter, score(text, with(delimiter), options)))
                .rev()
                .max_by_key(|(_, score)| *score)
                .map_or(b',', |(delimiter, _)| delimiter)
        });
        Ok(with(delimiter))
    }

    /// Of the text that a sheet became.
    pub(super) fn of_sheet(text: &str, options: &Options) -> Result<Layout> {
        Ok(Layout {
            skip: options
                .header_line
                .map_or(Ok(0), |line| before(text, line))?,
            delimiter: b',',
            quoting: true,
        })
    }
}

/// Length of the lines before this one, in bytes.
fn before(text: &str, line: u32) -> Result<usize> {
    let mut skip = 0;
    for above in 1..line {
        if skip == text.len() {
            let there = above - 1;
            return Err(Error::usage(format!(
                "--header-line {line}: the file has {there} lines"
            )));
        }
        skip += line_length(&text[skip..]);
    }
    Ok(skip)
}

/// The error that the headers are not what is needed, with the line that looks like the header, where one does.
pub(super) fn elsewhere(error: Error, text: &str, options: &Options) -> Error {
    let whole = header_line(text, options, names_columns);
    match whole.or_else(|| header_line(text, options, names_variants)) {
        Some(line) => error.hinted(format!(
            "line {line} looks like the header: --header-line {line}"
        )),
        None => error,
    }
}

/// The first line with headers of this kind, where it is not the one that was taken for the header.
fn header_line(text: &str, options: &Options, kind: Kind) -> Option<usize> {
    let said = options
        .header_line
        .and_then(|line| usize::try_from(line).ok());
    let mut taken = None;
    let (_, mut at) = sep_line(text);
    let first = if at > 0 { 2 } else { 1 };
    for line in first..first + LOOKED_AT {
        let length = line_length(&text[at..]);
        if length == 0 {
            return None;
        }
        let alone = &text[at..at + length];
        if line >= said.unwrap_or(1) && taken.is_none() && !alone.trim().is_empty() {
            taken = Some(line);
        }
        if is_header(alone, options, kind) {
            return Some(line).filter(|line| taken != Some(*line));
        }
        at += length;
    }
    None
}

/// Whether a line is the header of a table that can be read.
fn is_header(line: &str, options: &Options, kind: Kind) -> bool {
    let separated = |delimiter| {
        let layout = Layout {
            skip: 0,
            delimiter,
            quoting: options.quote != Some(Quote::None),
        };
        let headers = Table::new(line, &layout).headers();
        headers.is_ok_and(|(_, headers)| kind(&meanings(&headers, options)))
    };
    match options.delimiter {
        Some(delimiter) => separated(delimiter),
        None => DELIMITERS.into_iter().any(separated),
    }
}

/// Whether headers that mean these columns are those of a table.
type Kind = fn(&[Column]) -> bool;

/// Whether headers that mean these columns say which variant is meant, and what becomes of it.
pub(super) fn names_columns(meanings: &[Column]) -> bool {
    let becomes = [Column::Quantity, Column::Adjustment];
    names_variants(meanings) && meanings.iter().any(|column| becomes.contains(column))
}

/// Whether headers say which variant is meant.
fn names_variants(meanings: &[Column]) -> bool {
    let variant = [Column::SkuId, Column::SkuCode];
    meanings.iter().any(|column| variant.contains(column))
}

/// What those of the headers mean that mean something; none where one header stands alone.
fn meanings(headers: &StringRecord, options: &Options) -> Vec<Column> {
    let named = headers.iter().map(plain).filter(|name| !name.is_empty());
    let named: Vec<String> = named.collect();
    match named.len() {
        0 | 1 => Vec::new(),
        _ => named.iter().filter_map(|h| options.meaning(h)).collect(),
    }
}

/// Excel's own first line, such as `sep=;`, and its length in bytes.
fn sep_line(text: &str) -> (Option<u8>, usize) {
    let length = line_length(text);
    let line = text[..length].trim_end_matches(['\r', '\n']);
    let inner = line.strip_prefix('"').and_then(|l| l.strip_suffix('"'));
    match inner.unwrap_or(line).as_bytes() {
        [s, e, p, b'=', c]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep")
                && c.is_ascii()
                && !c.is_ascii_alphanumeric()
                && *c != b'"' =>
        {
            (Some(*c), length)
        }
        _ => (None, 0),
    }
}

fn score(text: &str, layout: Layout, options: &Options) -> (usize, usize) {
    let headers = match Table::new(text, &layout).headers() {
        Ok((_, headers)) if headers.len() > 1 => headers,
        _ => return (0, 0),
    };
    let named = |header: &str| {
        let map = options.map.iter().map(|(theirs, _)| theirs);
        let only = options.only.iter().map(|(theirs, _)| theirs);
        let mut asked = map.chain(only).chain(&options.ignore);
        asked.any(|theirs| plain(theirs) == header)
    };
    let known = headers.iter().map(plain);
    let known = known.filter(|header| builtin(header).is_some() || named(header));
    (known.count(), headers.len())
}
