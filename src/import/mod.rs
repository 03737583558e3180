//! A CSV file or a spreadsheet becomes wanted stock changes, or a complete list of its faults (docs/files.md).
//!
//! In reading order: [`source`] turns bytes into text, of CSV by [`decode`] and of a spreadsheet by [`workbook`],
//! [`layout`] finds what separates its cells, [`table`] counts lines,
//! [`columns`] and [`headers`] say what is in which column, [`rows`] and [`row`] read it with [`cells`] and [`numbers`];
//! [`shape`] and [`quotes`] see that cells and headers line up. [`small`] reads the
//! small tables of [`levels`] and [`labels`].

mod cells;
mod columns;
mod decode;
mod faults;
mod foreign;
mod headers;
mod labels;
mod layout;
mod levels;
mod likely;
mod numbers;
mod quotes;
mod rejects;
mod rivals;
mod row;
mod rows;
mod shape;
mod small;
mod source;
mod table;
mod values;
mod workbook;

#[cfg(test)]
mod tests;

pub use columns::{Column, is_number_column};
pub use labels::read_labels;
pub use levels::read_levels;
pub use numbers::DASHES;
pub use rejects::{write_rejected_rows, write_rejects};

use csv::StringRecord;

use crate::error::{Error, Result};
use crate::shell::option;
use crate::wanted::{Mode, Take};

use columns::{Columns, builtin, map_option, plain};
use source::Source;

/// More units than this are taken for a barcode or a price in the wrong column (docs/files.md: What spreadsheets do to
/// numbers).
pub const MAX_QUANTITY: u64 = 1_000_000;

/// How a file is read, beyond what it says itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the rows do; `None`: what the headers say.
    pub mode: Option<Mode>,
    /// Headers of theirs that are to be read as columns of ours.
    pub map: Vec<(String, Column)>,
    /// Headers of columns that are not read, whatever they could mean.
    pub ignore: Vec<String>,
    /// Which line the header is, from 1; `None`: the first that is not blank.
    pub header_line: Option<u32>,
    /// What separates cells, an ASCII character; `None`: recognised from the header line.
    pub delimiter: Option<u8>,
    /// A label of the WHATWG Encoding Standard; `None`: UTF-8 or UTF-16. A byte order mark in the file wins.
    pub encoding: Option<String>,
    /// What the file's quotes are; `None`: recognised, and doubted where they are odd.
    pub quote: Option<Quote>,
    /// Which sheet of a workbook; `None`: the first in sight with a header.
    pub sheet: Option<String>,
    /// What groups thousands in the file's numbers; `None`: nothing does.
    pub thousands: Option<char>,
    /// By how many units less than the file says is set, but never below 0.
    pub buffer: Option<u32>,
    /// Whether a quantity below 0 is 0.
    pub negative_as_zero: bool,
    /// Whether rows about one variant add up.
    pub sum_duplicates: bool,
    /// Whether the file says what there is, and asks for nothing: stock below 0 is told as well.
    pub states_stock: bool,
    /// The largest quantity or adjustment, in units, that is no mistake; `None`: [`MAX_QUANTITY`].
    pub max_quantity: Option<u64>,
    /// Header and value: other rows are left out. Values of one header are alternatives, headers must all agree.
    pub only: Vec<(String, String)>,
}

/// What quotes in a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// A letter like any other.
    None,
    /// What holds a cell together, and right wherever it stands.
    Double,
}

/// What a file asks for. Each of its rows is in `rows`, or counted in `left_alone` or `filtered`.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What the rows' numbers mean.
    pub mode: Mode,
    /// How many rows ask for something.
    pub rows: u64,
    /// The file's headers that were read, and as what, in file order.
    pub mapping: Vec<(String, Column)>,
    /// The file's other headers, each once.
    pub unused: Vec<String>,
    /// Rows that ask for nothing: no quantity, `not stocked`, an adjustment of 0, or a quantity below 0 that is expected to be
    /// there already.
    pub left_alone: u64,
    /// Whether there is one of the last kind.
    pub stays_below_zero: bool,
    /// Whether each row has a quantity below 0, so that they look like differences.
    pub all_below_zero: bool,
    /// Rows that `only` left out; nothing else in them was looked at.
    pub filtered: u64,
    /// The sheet of a workbook that was read.
    pub sheet: Option<String>,
    /// Other sheets of it that could have been read; none where one was asked for.
    pub other_sheets: Vec<String>,
    /// Whether rows of the workbook that have something in them can't be seen: a filter or a person hid them.
    pub hidden_rows: bool,
}

impl Sheet {
    /// The header that was read as this column.
    pub fn header(&self, column: Column) -> Option<&str> {
        let mut mapping = self.mapping.iter();
        let (header, _) = mapping.find(|(_, read)| *read == column)?;
        Some(header)
    }
}

/// Reads a whole CSV file or one sheet of a workbook; `to` takes its rows.
///
/// All faults of its rows are in one usage error, the first 1,000 of them with line and column and the true count in the
/// message. What is wrong with the file as a whole (its kind, its encoding, its headers) is a usage error of its own,
/// because the rows can't be read before it is mended.
pub fn read(bytes: &[u8], options: &Options, to: &mut dyn Take) -> Result<Sheet> {
    options.check()?;
    let source = Source::open(bytes, options)?;
    let mut headers = StringRecord::new();
    read_table(&source, &mut headers, to).map_err(|error| source.located(error, &headers))
}

/// `headers` are left behind for those who name cells.
fn read_table(source: &Source<'_>, headers: &mut StringRecord, to: &mut dyn Take) -> Result<Sheet> {
    let options = &*source.options;
    let mut table = source.table();
    let found = table.headers().and_then(|(header, found)| {
        *headers = found;
        Ok((header, Columns::find(headers, source)?))
    });
    let (header, columns) =
        found.map_err(|error| layout::elsewhere(error, &source.text, options))?;
    options.suit(&columns)?;
    let read = rows::read(&mut table, &header, &columns, options, to)?;
    let sheet = source.sheet.as_ref();
    Ok(Sheet {
        mode: columns.mode,
        rows: read.rows,
        mapping: columns.mapping,
        unused: columns.unused,
        left_alone: read.left_alone,
        stays_below_zero: read.stays_below_zero,
        all_below_zero: read.rows > 0 && read.below_zero == read.rows,
        filtered: read.filtered,
        sheet: sheet.map(|sheet| sheet.name.clone()),
        other_sheets: sheet.map(|sheet| sheet.others.clone()).unwrap_or_default(),
        hidden_rows: sheet.is_some_and(|sheet| sheet.hidden),
    })
}

impl Options {
    /// What a header means by `--map`, or else by itself; the header as [`plain`] writes it.
    fn meaning(&self, header: &str) -> Option<Column> {
        let mut map = self.map.iter();
        let mapped = map.find(|(theirs, _)| plain(theirs) == header);
        mapped
            .map(|(_, column)| *column)
            .or_else(|| builtin(header))
    }

    /// How a column is left out that is read as `column`, to stand behind what it should be left out for.
    pub fn leaving_out(&self, header: &str, column: Column) -> String {
        let mut map = self.map.iter();
        match map.any(|(theirs, _)| plain(theirs) == plain(header)) {
            true => format!("leave this out: {}", map_option(header, column)),
            false => format!("leave it out: {}", option("ignore", header)),
        }
    }

    /// An error, usage, for an option that means nothing for this file.
    fn suit(&self, columns: &Columns) -> Result<()> {
        let meaningless = |option: &str, why: &str| {
            Err(Error::usage(format!("{option}: {why}")).hinted(format!("leave {option} out")))
        };
        if columns.mode == Mode::Adjust && self.negative_as_zero {
            let why = "the file has adjustments, which may be below 0";
            return meaningless("--negative-as-zero", why);
        }
        if columns.mode == Mode::Adjust && self.sum_duplicates {
            let why = "the file has adjustments, of which each counts in any case";
            return meaningless("--sum-duplicates", why);
        }
        if self.buffer.is_some() && columns.mode != Mode::Set {
            let why = "it keeps back a part of quantities that are set";
            return meaningless("--buffer", why);
        }
        if self.buffer.is_some() && columns.expected.is_some() {
            let why =
                "the file has expected quantities, so that it is not a list of what a supplier has";
            return meaningless("--buffer", why);
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if let Some(c) = self.thousands
            && (c.is_alphanumeric() || matches!(c, '"' | '+' | '-' | '(' | ')'))
        {
            return Err(Error::usage(format!("{c} can't group thousands"))
                .hinted("--thousands takes what stands in the file's numbers, such as , or ."));
        }
        Ok(())
    }
}
