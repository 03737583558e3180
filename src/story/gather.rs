//! What the ledger, the events and the snapshots each tell of a variant.

use std::str::FromStr;

use rusqlite::{Row, params};

use super::Variant;
use crate::change::outcome::Outcome;
use crate::error::Result;
use crate::memory::{Memory, moved};
use crate::state::State;
use crate::time::UtcTime;

/// A row of ours. Times are Unix milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    pub(super) run: String,
    pub(super) row: u32,
    pub(super) sent: i64,
    pub(super) settled: i64,
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
    pub(super) change: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) event_id: Option<String>,
}

/// A movement that an event tells of.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: i64,
    pub(super) id: String,
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
    pub(super) change: Option<i64>,
    pub(super) reason: Option<String>,
    /// The run and the row that its tag names.
    pub(super) tagged: Option<(String, u32)>,
}

/// The stock as a snapshot read it, at some moment from `from` to `to`; none where the variant was not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) quantity: Option<i64>,
}

/// Rows that were sent, or would have been but for a conflict.
const OURS: &str = "
    SELECT runs.run, rows.row, intent_at, settled_at, outcome, previous, quantity, adjustment,
        coalesce(rows.reason, runs.reason) AS reason, event_id
    FROM runs CROSS JOIN rows_by_sku_id AS r USING (number) JOIN rows USING (number, row)
    WHERE runs.store = ?1 AND r.sku_id = ?2
      AND (outcome IN ('applied', 'unknown', 'failed', 'conflict') OR (outcome IS NULL AND intent_at IS NOT NULL))";

pub(super) fn ours(state: &State, store: &str, variant: &Variant) -> Result<Vec<Ours>> {
    state.ask(|c| {
        c.prepare(OURS)?
            .query_map(params![store, variant.sku], read_ours)?
            .collect()
    })
}

fn read_ours(found: &Row<'_>) -> rusqlite::Result<Ours> {
    let millis = |time: Option<UtcTime>| time.map(|time| time.as_millis());
    let outcome: Option<String> = found.get("outcome")?;
    let outcome = outcome.and_then(|name| Outcome::from_str(&name).ok());
    let outcome = outcome.unwrap_or(Outcome::Unknown);
    let sent = millis(found.get("intent_at")?);
    let settled = millis(found.get("settled_at")?);
    let (before, quantity): (Option<i64>, Option<i64>) =
        (found.get("previous")?, found.get("quantity")?);
    let after = quantity.filter(|_| outcome == Outcome::Applied);
    let moved = moved(before, after);
    let adjustment: Option<i64> = found.get("adjustment")?;
    Ok(Ours {
        run: found.get("run")?,
        row: found.get("row")?,
        sent: sent.or(settled).unwrap_or_default(),
        settled: settled.or(sent).unwrap_or_default(),
        before,
        after,
        change: adjustment.or(moved).filter(|_| outcome == Outcome::Applied),
        reason: found.get("reason")?,
        outcome,
        event_id: found.get("event_id")?,
    })
}

/// An event that names no id names the code.
const EVENTS: &str = "
    SELECT event_id, signed_at, iif(json_valid(body), body ->> '$.timestamp', NULL) AS at, previous, quantity, adjustment,
        reason, tag
    FROM movements JOIN events ON events.number = movements.event JOIN stores ON stores.number = events.store
    WHERE stores.store = ?1 AND (sku_id = ?2 OR (sku_id IS NULL AND sku_code = ?3))";

pub(super) fn events(memory: &Memory, store: &str, variant: &Variant) -> Result<Vec<Event>> {
    memory.ask(|c| {
        c.prepare(EVENTS)?
            .query_map(params![store, variant.sku, variant.code], |found| {
                let at: Option<String> = found.get("at")?;
                let at = at.and_then(|at| at.parse::<UtcTime>().ok());
                let signed_at: i64 = found.get("signed_at")?;
                let (before, after): (Option<i64>, Option<i64>) =
                    (found.get("previous")?, found.get("quantity")?);
                let adjustment: Option<i64> = found.get("adjustment")?;
                let moved = moved(before, after);
                let tag: Option<String> = found.get("tag")?;
                Ok(Event {
                    at: at.map_or(signed_at.saturating_mul(1000), |at| at.as_millis()),
                    id: found.get("event_id")?,
                    before,
                    after,
                    change: adjustment.or(moved),
                    reason: found.get("reason")?,
                    tagged: tag.as_deref().and_then(crate::memory::tag::named),
                })
            })?
            .collect()
    })
}

/// Every snapshot of a store, and when it read the variant's product, if that is known.
const READINGS: &str = "
    SELECT s.number, started_at, ended_at,
        (SELECT read_at FROM readings AS r WHERE r.snapshot = s.number AND r.product_id =
            (SELECT product_id FROM labels AS b WHERE b.store = s.store AND b.sku_id = ?2 AND b.snapshot <= s.number
             ORDER BY b.snapshot DESC LIMIT 1)) AS read_at
    FROM snapshots AS s JOIN stores ON stores.number = s.store WHERE stores.store = ?1 ORDER BY s.number";

pub(super) fn readings(memory: &Memory, store: &str, variant: &Variant) -> Result<Vec<Reading>> {
    let levels = memory.levels_of(store, [variant.sku.get()])?;
    let levels: Vec<_> = levels.into_values().flatten().collect();
    let mut readings: Vec<Reading> = memory.ask(|c| {
        c.prepare(READINGS)?
            .query_map(params![store, variant.sku], |found| {
                let number: i64 = found.get("number")?;
                let read_at: Option<i64> = found.get("read_at")?;
                let level = levels.iter().rev().find(|(since, _)| *since <= number);
                Ok(Reading {
                    from: read_at.map_or_else(|| found.get("started_at"), Ok)?,
                    to: read_at.map_or_else(|| found.get("ended_at"), Ok)?,
                    quantity: level.and_then(|(_, quantity)| *quantity),
                })
            })?
            .collect()
    })?;
    // A clock that went back since dates snapshots after later ones; they were taken in the order of their numbers.
    let mut next = i64::MAX;
    for reading in readings.iter_mut().rev() {
        reading.to = reading.to.min(next);
        reading.from = reading.from.min(reading.to);
        next = reading.from;
    }
    Ok(readings)
}
