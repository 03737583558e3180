//! Rows become wanted changes or faults: one pass over the file, and every fault of every row.

use std::borrow::Cow;

use csv::StringRecord;

use super::cells::{self, asks_nothing, shown, trimmed, unwrapped};
use super::columns::Columns;
use super::faults::Faults;
use super::numbers;
use super::table::Table;
use super::values::Values;
use crate::error::{Error, Result};
use crate::model::{ProductId, SkuId};
use crate::wanted::{Mode, Take, Wanted};

/// Longest reason, in characters (docs/api.md: Adjust Stock).
const LONGEST_REASON: usize = 255;

/// What the rows of a file ask for.
pub(super) struct Read {
    pub(super) rows: u64,
    pub(super) left_alone: u64,
    pub(super) filtered: u64,
}

/// Reads all rows. An error, usage: faults in rows, no rows, or none that is meant.
pub(super) fn read(
    table: &mut Table<'_>,
    columns: &Columns,
    thousands: Option<char>,
    to: &mut dyn Take,
) -> Result<Read> {
    let mut rows = Rows {
        columns,
        thousands,
        to,
        taken: 0,
        faults: Faults::default(),
        left_alone: 0,
        filtered: 0,
        seen: columns.filters.iter().map(|_| Values::default()).collect(),
        places: columns.places.iter().map(|_| Values::default()).collect(),
    };
    let mut record = StringRecord::new();
    let mut count = 0u64;
    while let Some(row) = table.next(&mut record)? {
        count += 1;
        match row.torn {
            Some(torn) => rows.faults.add(torn.line, None, torn.message),
            None => rows.take(row.line, &record)?,
        }
    }
    if count == 0 {
        // Not a success: a feed that came out empty is a fault of whoever made it, and a nightly job has to say so.
        return Err(Error::usage("the file has no rows, only a header line"));
    }
    rows.finish(count)
}

/// The rows read so far.
struct Rows<'a> {
    columns: &'a Columns,
    thousands: Option<char>,
    /// Takes the rows; of those with faults the ones whose variant is known all the same, so that one named twice is found
    /// in the same pass.
    to: &'a mut dyn Take,
    taken: u64,
    faults: Faults,
    left_alone: u64,
    filtered: u64,
    /// For each filter, values that it left out.
    seen: Vec<Values>,
    /// For each place column, its values.
    places: Vec<Values>,
}

impl Rows<'_> {
    fn take(&mut self, line: u32, record: &StringRecord) -> Result<()> {
        if self.filter(record) {
            self.filtered += 1;
            return Ok(());
        }
        if let Err(message) = self.fits(record) {
            self.faults.add(line, None, message);
            return Ok(());
        }
        for (at, values) in self.columns.places.iter().zip(&mut self.places) {
            values.add(record.get(*at).unwrap_or_default());
        }
        self.row(line, record)
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

    /// Spreadsheets write empty cells at the end of rows as they please; anything else shifts cells under wrong headers.
    fn fits(&self, record: &StringRecord) -> Result<(), String> {
        let headers = &self.columns.headers;
        let named = headers
            .iter()
            .rposition(|h| !h.is_empty())
            .map_or(0, |last| last + 1);
        let beyond = record.iter().skip(headers.len());
        if record.len() >= named && beyond.map(trimmed).all(str::is_empty) {
            return Ok(());
        }
        let cells = if record.len() == 1 { "cell" } else { "cells" };
        Err(format!(
            "has {} {cells}, the header has {}",
            record.len(),
            headers.len()
        ))
    }

    fn row(&mut self, line: u32, record: &StringRecord) -> Result<()> {
        let columns = self.columns;
        let mode = columns.mode;
        let value = unwrapped(record.get(columns.value).unwrap_or_default());
        if asks_nothing(trimmed(&value)) {
            self.left_alone += 1;
            return Ok(());
        }
        if mode != Mode::Adjust && self.stays_below_zero(record, &value) {
            self.left_alone += 1;
            return Ok(());
        }
        let before = self.faults.count();
        let value = self.whole(line, columns.value, &value);
        if mode == Mode::Adjust && value == Some(0) {
            // Changes nothing, and the API refuses to be asked for it; lists of all articles have many such rows.
            self.left_alone += 1;
            return Ok(());
        }
        let unnamed = self.faults.count();
        let id = self
            .id(line, record, columns.sku_id, "sku id")
            .and_then(SkuId::new);
        let code = self.code(line, record);
        let product = self
            .id(line, record, columns.product_id, "product id")
            .and_then(ProductId::new);
        let known = self.faults.count() == unnamed;
        let expected = self.expected(line, record);
        let reason = self.reason(line, record);
        let units = value.unwrap_or_default();
        let code = Some(code.as_ref()).filter(|code| !code.is_empty());
        let fault = alone(mode, id.is_some() || code.is_some(), units, reason);
        if self.faults.count() > before && !(known && self.faults.has_room()) {
            return Ok(());
        }
        self.taken += 1;
        self.to.take(&Wanted {
            line,
            product,
            sku: id,
            code,
            either: false,
            value: units,
            expected,
            reason,
            fault: fault.as_deref(),
        })
    }

    /// A store may hold a quantity below 0, and an export of it says so; nobody asks for one, and the row that leaves it
    /// as it is asks for nothing.
    fn stays_below_zero(&self, record: &StringRecord, value: &str) -> bool {
        let expected = self.columns.expected.and_then(|at| record.get(at));
        value.starts_with('-') && expected.is_some_and(|expected| unwrapped(expected) == value)
    }

    fn whole(&mut self, line: u32, at: usize, text: &str) -> Option<i64> {
        match numbers::whole(text, self.thousands) {
            Ok(number) => Some(number),
            Err(message) => self.fault(line, Some(at), message),
        }
    }

    fn id(
        &mut self,
        line: u32,
        record: &StringRecord,
        at: Option<usize>,
        what: &str,
    ) -> Option<i64> {
        match cells::id(record.get(at?)?, what) {
            Ok(id) => id,
            Err(message) => self.fault(line, at, message),
        }
    }

    /// Empty where there is none.
    fn code<'r>(&mut self, line: u32, record: &'r StringRecord) -> Cow<'r, str> {
        let at = self.columns.sku_code;
        match cells::code(at.and_then(|at| record.get(at)).unwrap_or_default()) {
            Ok(code) => code,
            Err(message) => self.fault(line, at, message).unwrap_or_default(),
        }
    }

    fn expected(&mut self, line: u32, record: &StringRecord) -> Option<i64> {
        let at = self.columns.expected?;
        let text = unwrapped(record.get(at)?);
        if !asks_nothing(trimmed(&text)) {
            return self.whole(line, at, &text);
        }
        if self.columns.mode == Mode::Stocktake {
            return self.fault(
                line,
                Some(at),
                "a counted quantity needs the expected one beside it",
            );
        }
        None
    }

    fn reason<'r>(&mut self, line: u32, record: &'r StringRecord) -> Option<&'r str> {
        let at = self.columns.reason?;
        let reason = Some(trimmed(record.get(at)?)).filter(|reason| !reason.is_empty())?;
        if let Err(message) = cells::refuse_error(reason) {
            return self.fault(line, Some(at), message);
        }
        Some(reason)
    }

    /// Notes a fault; there is no value then.
    fn fault<T>(&mut self, line: u32, at: Option<usize>, message: impl Into<String>) -> Option<T> {
        let column = at.and_then(|at| self.columns.headers.get(at));
        self.faults.add(line, column.map(String::as_str), message);
        None
    }

    fn finish(mut self, count: u64) -> Result<Read> {
        let header = |at: usize| &self.columns.headers[at];
        if self.filtered == count {
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
                    "say which one is meant: --only '{}={first}'",
                    header(*at)
                )));
            }
        }
        if self.columns.mode != Mode::Adjust {
            let mut twice = Faults::default();
            for row in self.to.named_twice()? {
                let at = if row.by_id {
                    self.columns.sku_id
                } else {
                    self.columns.sku_code
                };
                let name = match row.by_id {
                    true => format!("sku id {}", row.name),
                    false => shown(&row.name).to_string(),
                };
                let message = format!("{name} is in line {} too", row.first);
                twice.add(row.line, at.map(|at| header(at).as_str()), message);
            }
            self.faults.merge(twice);
        }
        if self.faults.count() > 0 {
            return Err(self.faults.into_error());
        }
        Ok(Read {
            rows: self.taken,
            left_alone: self.left_alone,
            filtered: self.filtered,
        })
    }
}

/// What is wrong with a row alone, however the rest of the file is read: it fails, and the others go on.
fn alone(mode: Mode, named: bool, units: i64, reason: Option<&str>) -> Option<String> {
    if !named {
        return Some("no variant is named".to_owned());
    }
    if mode != Mode::Adjust && units < 0 {
        return Some(format!("{units}: a quantity can't be below 0"));
    }
    // Bytes are never fewer than characters, and counting characters takes time.
    let characters = reason
        .filter(|reason| reason.len() > LONGEST_REASON)
        .map_or(0, |reason| reason.chars().count());
    (characters > LONGEST_REASON).then(|| {
        format!("the reason has {characters} characters; at most {LONGEST_REASON} are recorded")
    })
}
