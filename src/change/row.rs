//! A row of a run, from what was asked for to what became of it. The draft of a run and the ledger keep rows in the same
//! columns, so that one question serves both.

use std::str::FromStr;

use rusqlite::Row as SqlRow;
use rusqlite::types::Type;

use super::outcome::{CUT_OFF, MOVED_TWICE, Outcome, Settled, Totals, Trouble};
use crate::error::Kind;
use crate::model::{ProductId, SkuId};
use crate::time::UtcTime;

/// The columns of a row, in the draft and in the ledger.
pub(super) const COLUMNS: &str = "row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment, \
     previous, read_at, intent_at, attempts, outcome, quantity, read_back, settled_at, kind, status, code, error, \
     event_id, tagged_at, resends";

/// How many columns these are.
pub(super) const WIDTH: usize = 24;

/// One row of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its place in the run, from 0.
    pub row: u32,
    /// Line in the input, from 1.
    pub line: u32,
    /// The product, as the store has it or else as the row names it.
    pub product: Option<ProductId>,
    /// The variant, likewise.
    pub sku: Option<SkuId>,
    /// Its code, likewise.
    pub sku_code: Option<String>,
    /// Units: the wanted quantity (*set*), the adjustment (*adjust*), the counted quantity (*stocktake*).
    pub wanted: i64,
    /// What the stock was when the file was made, in units.
    pub expected: Option<i64>,
    /// The row's own reason.
    pub reason: Option<String>,
    /// The adjustment to send, in units, not 0; none for a row that sets a quantity or sends nothing.
    pub adjustment: Option<i64>,
    /// Units before: as planned, or the evidence that the last intent recorded.
    pub previous: Option<i64>,
    /// When `previous` was read, by the clock of [`super::clock`]; none where it proves nothing.
    pub read_at: Option<i64>,
    /// When its last intent was recorded, UTC, ISO 8601.
    pub intent_at: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// How it ended; none while it is to be done or in flight.
    pub settled: Option<Settled>,
    /// When it ended, UTC, ISO 8601.
    pub settled_at: Option<String>,
    /// The HTTP status of the last answer that settled it.
    pub status: Option<u16>,
    /// When it was first about to be sent with a tag: an event that was signed before proves nothing about it.
    pub tagged_at: Option<UtcTime>,
    /// How often the user decided to send it again although it may have been applied.
    pub resends: u32,
}

impl RunRow {
    /// It was about to be sent, and nothing is known about what became of it.
    pub fn in_flight(&self) -> bool {
        self.settled.is_none() && self.intent_at.is_some()
    }

    /// How it stands: a row that is still to be done was skipped so far, one in flight is in doubt.
    pub fn outcome(&self) -> Outcome {
        match &self.settled {
            Some(settled) => settled.outcome,
            None if self.in_flight() => Outcome::Unknown,
            None => Outcome::Skipped,
        }
    }

    /// Whether only reading the stock back showed that it was applied.
    pub fn was_read_back(&self) -> bool {
        self.settled
            .as_ref()
            .is_some_and(|settled| settled.read_back)
    }

    /// The webhook event that proves that it was applied.
    pub fn proved_by(&self) -> Option<&str> {
        self.settled.as_ref()?.event_id.as_deref()
    }

    /// Two events say that it was applied: the stock moved twice.
    pub fn moved_twice(&self) -> bool {
        let trouble = self.settled.as_ref().and_then(|s| s.trouble.as_deref());
        trouble.is_some_and(|trouble| trouble.code.as_deref() == Some(MOVED_TWICE))
    }

    /// The row once it has ended like this.
    pub fn ended(mut self, settled: Settled) -> RunRow {
        self.previous = settled.previous.or(self.previous);
        self.settled = Some(settled);
        self
    }

    /// The row as it is reported when its run is over and it has no outcome: skipped, or in doubt.
    pub fn unsettled(mut self, stopped: Option<&str>) -> RunRow {
        let message = match self.in_flight() {
            true => CUT_OFF.to_owned(),
            false => not_reached(stopped),
        };
        let outcome = self.outcome();
        let mut settled = Settled::skipped(self.previous, &message);
        settled.outcome = outcome;
        self.settled = Some(settled);
        self
    }

    /// Why it did not end well, in words.
    pub fn error(&self) -> Option<&str> {
        let trouble = self.settled.as_ref()?.trouble.as_deref()?;
        Some(&trouble.message)
    }

    /// Units once it is applied to the stock that it was sent on.
    pub(super) fn would_be(&self) -> Option<i64> {
        match self.adjustment {
            None => Some(self.wanted),
            Some(by) => self.previous?.checked_add(by),
        }
    }

    /// Units after, where it changed them or found them as wanted.
    pub fn quantity(&self) -> Option<i64> {
        self.settled.as_ref().and_then(|settled| settled.quantity)
    }

    /// The row that a query whose first columns are [`COLUMNS`] found. By their places: a million rows are read so.
    pub(super) fn read(found: &SqlRow<'_>) -> rusqlite::Result<RunRow> {
        let previous: Option<i64> = found.get(9)?;
        let status: Option<u16> = found.get(18)?;
        let settled = match found.get_ref(13)?.as_str_or_null()? {
            None => None,
            Some(name) => Some(Settled {
                outcome: Outcome::from_str(name).map_err(|()| misread(name))?,
                previous,
                quantity: found.get(14)?,
                read_back: found.get(15)?,
                event_id: found.get(21)?,
                trouble: trouble(found, status)?,
            }),
        };
        Ok(RunRow {
            row: found.get(0)?,
            line: found.get(1)?,
            product: found.get(2)?,
            sku: found.get(3)?,
            sku_code: found.get(4)?,
            wanted: found.get(5)?,
            expected: found.get(6)?,
            reason: found.get(7)?,
            adjustment: found.get(8)?,
            previous,
            read_at: found.get(10)?,
            intent_at: found.get(11)?,
            attempts: found.get(12)?,
            settled,
            settled_at: found.get(16)?,
            status,
            tagged_at: found.get(22)?,
            resends: found.get(23)?,
        })
    }
}

/// Why a row was not begun by a run that ended before it.
pub fn not_reached(stopped: Option<&str>) -> String {
    match stopped {
        Some(why) => format!("the run ended before this row: {why}"),
        None => "the run ended before this row".to_owned(),
    }
}

fn trouble(found: &SqlRow<'_>, status: Option<u16>) -> rusqlite::Result<Option<Box<Trouble>>> {
    let Some(message) = found.get::<_, Option<String>>(20)? else {
        return Ok(None);
    };
    let kind = found.get_ref(17)?.as_str_or_null()?;
    Ok(Some(Box::new(Trouble {
        kind: kind.map_or(Kind::Internal, Kind::named),
        status,
        code: found.get(19)?,
        message,
        hint: None,
    })))
}

/// A word in the database that this program does not know.
pub(super) fn misread(word: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(0, format!("`{word}`"), Type::Text)
}

/// The totals over the outcomes that a query found. Counted here: to group a million rows SQLite would sort them.
pub(super) fn totals(mut outcomes: rusqlite::Rows<'_>) -> rusqlite::Result<Totals> {
    let mut totals = Totals::default();
    while let Some(found) = outcomes.next()? {
        let outcome = found.get_ref(0)?.as_str()?;
        totals.add(Outcome::from_str(outcome).map_err(|()| misread(outcome))?);
    }
    Ok(totals)
}
