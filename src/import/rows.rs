//! Rows become wanted changes or faults: one pass over the file, and every fault of every row.

use csv::StringRecord;

use super::Options;
use super::cells::{asks_nothing, shown, trimmed};
use super::columns::Columns;
use super::faults::Faults;
use super::numbers::is_number;
use super::rivals::Rivals;
use super::shape::Shape;
use super::table::{ON_QUOTES, Row, Table};
use super::values::Values;
use super::workbook::SheetText;
use crate::error::{Error, Result};
use crate::shell::option;
use crate::wanted::{Mode, Take};

/// How many rows there are of each kind.
#[derive(Clone, Copy, Default)]
pub(super) struct Read {
    /// Those that ask for something.
    pub(super) rows: u64,
    pub(super) left_alone: u64,
    /// Whether some of these are to stay at a quantity below 0.
    pub(super) stays_below_zero: bool,
    pub(super) filtered: u64,
    /// Those with a quantity below 0.
    pub(super) below_zero: u64,
}

/// Reads all rows below the header. An error, usage: faults in rows, no rows, or none that is meant.
pub(super) fn read(
    table: &mut Table<'_>,
    header: &Row,
    columns: &Columns,
    options: &Options,
    to: &mut dyn Take,
) -> Result<Read> {
    let mut rows = Rows {
        columns,
        options,
        sheet: table.sheet,
        buffer: options.buffer.map_or(0, i64::from),
        largest: 0,
        to,
        read: Read::default(),
        faults: Faults::default(),
        shape: Shape::new(columns, options),
        rivals: Rivals::new(columns),
        seen: columns.filters.iter().map(|_| Values::default()).collect(),
        places: columns.places.iter().map(|_| Values::default()).collect(),
    };
    rows.shape.header(table, header, &mut rows.faults);
    let mut record = StringRecord::new();
    let mut count = 0u64;
    while let Some(row) = table.next(&mut record)? {
        count += 1;
        rows.take(table, &row, &record)?;
    }
    if count == 0 {
        // Not a success: a feed that came out empty is a fault of whoever made it, and a nightly job has to say so.
        return Err(Error::usage("the file has no rows, only a header line"));
    }
    rows.finish(count)
}

/// The rows read so far.
pub(super) struct Rows<'a> {
    pub(super) columns: &'a Columns,
    pub(super) options: &'a Options,
    /// The sheet of a workbook that they are in.
    pub(super) sheet: Option<&'a SheetText>,
    /// How many units are kept back of each quantity.
    pub(super) buffer: i64,
    /// The largest quantity or adjustment that was not believed, in units.
    pub(super) largest: u64,
    /// Takes the rows; of those with faults the ones whose variant is known all the same, so that one named twice is found
    /// in the same pass.
    pub(super) to: &'a mut dyn Take,
    pub(super) read: Read,
    pub(super) faults: Faults,
    /// Whether cells and headers line up.
    shape: Shape<'a>,
    /// Whether another column could be the quantity.
    rivals: Rivals<'a>,
    /// For each filter, values that it left out.
    seen: Vec<Values>,
    /// For each place column, its values.
    places: Vec<Values>,
}

impl Rows<'_> {
    fn take(&mut self, table: &Table<'_>, row: &Row, record: &StringRecord) -> Result<()> {
        if let Some(torn) = &row.torn {
            self.faults.add(torn.line, None, torn.message.as_str());
            self.faults.hint(ON_QUOTES);
            return Ok(());
        }
        if !self.shape.fits(table, row, record, &mut self.faults) {
            return Ok(());
        }
        if self.filter(record) {
            self.read.filtered += 1;
            return Ok(());
        }
        for (at, values) in self.columns.places.iter().zip(&mut self.places) {
            let cell = record.get(*at).unwrap_or_default();
            // Numbers are stock at a place, and no place.
            if !is_number(cell) && !asks_nothing(trimmed(cell)) {
                values.add(cell);
            }
        }
        self.rivals.look(record);
        self.row(row.line, record)
    }

    /// Whether a filter leaves the row out. A row too short for that is no row of this table, and a fault.
    fn filter(&mut self, record: &StringRecord) -> bool {
        for (filter, seen) in self.columns.filters.iter().zip(&mut self.seen) {
            if let Some(cell) = record.get(filter.at)
                && !filter.values.iter().any(|value| trimmed(cell) == value)
            {
                seen.add(cell);
                return true;
            }
        }
        false
    }

    /// Notes a fault; there is no value then.
    pub(super) fn fault<T>(
        &mut self,
        line: u32,
        at: Option<usize>,
        message: impl Into<String>,
    ) -> Option<T> {
        let column = at.and_then(|at| self.columns.headers.get(at));
        self.faults.add(line, column.map(String::as_str), message);
        None
    }

    /// Lots of one variant add up. Those that expect another stock than an earlier one are faults.
    fn add_up(&mut self) -> Result<()> {
        for lot in self.to.add_up(self.buffer)? {
            self.fault::<()>(lot.line, self.columns.expected, lot.in_words());
        }
        Ok(())
    }

    /// An error, usage, where `--only` leaves nothing of `count` rows, or they are about several places.
    fn check_places(&self, count: u64) -> Result<()> {
        let header = |at: usize| &self.columns.headers[at];
        if self.read.filtered == count {
            // The first filter may have let rows through that the next one stopped.
            let stopped = self.columns.filters.iter().zip(&self.seen).rev();
            let mut error = Error::usage("--only leaves no row of the file");
            for (filter, seen) in stopped.filter(|(_, seen)| !seen.shown.is_empty()).take(1) {
                error = error.hinted(format!("{} is {}", header(filter.at), seen.in_words("or")));
            }
            return Err(error);
        }
        for (at, places) in self.columns.places.iter().zip(&self.places) {
            if let [first, _, ..] = &places.shown[..] {
                return Err(Error::usage(format!(
                    "the file is about several places: {} is {}",
                    header(*at),
                    places.in_words("and")
                ))
                .hinted(format!(
                    "say which one is meant: {}",
                    option("only", &format!("{}={first}", header(*at)))
                )));
            }
        }
        Ok(())
    }

    /// Rows of one variant that neither add up nor are adjustments are faults.
    fn refuse_twice(&mut self) -> Result<()> {
        let mut twice = Faults::default();
        for row in self.to.named_twice()? {
            let (at, name) = match row.by_id {
                true => (self.columns.sku_id, format!("sku id {}", row.name)),
                false => (self.columns.sku_code, shown(&row.name).to_string()),
            };
            let header = at.map(|at| self.columns.headers[at].as_str());
            let message = format!("{name} is in line {} too", row.first);
            twice.add(row.line, header, message);
            twice.hint("where rows of one variant are lots of it: --sum-duplicates adds them up");
        }
        self.faults.merge(twice);
        Ok(())
    }

    fn finish(mut self, count: u64) -> Result<Read> {
        self.check_places(count)?;
        self.rivals.refuse()?;
        self.shape.finish(&mut self.faults);
        if self.options.sum_duplicates {
            self.add_up()?;
        } else if self.columns.mode != Mode::Adjust {
            self.refuse_twice()?;
        }
        if self.largest > 0 {
            self.faults.hint(format!(
                "is it a barcode or a price? where it is right: --max-quantity {}",
                self.largest
            ));
        }
        if self.faults.count() > 0 {
            return Err(self.faults.into_error());
        }
        Ok(self.read)
    }
}
