//! How fast variants sell: the falls between snapshots that are not ours, per day.

use std::collections::HashMap;

use rusqlite::params;

use super::Memory;
use super::diff::each_of_ours;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::state::State;

/// Sales are looked at this far back.
const BACK: i64 = 28 * DAY;

/// Less than this says nothing about the pace.
const LEAST: i64 = 7 * DAY;

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What happened to a variant between two snapshots that follow each other.
#[derive(Clone, Copy, Default)]
struct Between {
    change: i64,
    ours: i64,
    /// A row of ours in between is in doubt, or the variant came or went.
    unclear: bool,
}

impl Between {
    fn sold(self) -> i64 {
        match self.unclear {
            true => 0,
            false => self.ours.saturating_sub(self.change).max(0),
        }
    }
}

/// Units sold per day of these variants over the last 28 days before `now` (Unix milliseconds); empty where the snapshots don't
/// reach back seven days.
pub fn sold_per_day(
    memory: &Memory,
    state: &State,
    store: &str,
    skus: &[i64],
    now: i64,
) -> Result<HashMap<i64, f64>> {
    let mut snapshots = memory.snapshots(store)?;
    snapshots.reverse();
    let ends: Vec<i64> = snapshots
        .iter()
        .map(|s| s.ended_at.as_micros() / 1000)
        .collect();
    // The last one that is old enough, or the first there is.
    let first = ends.iter().rposition(|end| *end <= now - BACK).unwrap_or(0);
    let (snapshots, ends) = (&snapshots[first..], &ends[first..]);
    let (Some(began), Some(ended)) = (ends.first(), ends.last()) else {
        return Ok(HashMap::new());
    };
    if ended - began < LEAST {
        return Ok(HashMap::new());
    }
    let mut between: HashMap<i64, Vec<Between>> = HashMap::new();
    for sku in skus {
        between.insert(*sku, changes(memory, store, *sku, snapshots)?);
    }
    each_of_ours(state, store, *began, *ended, |row| {
        let Some(between) = between.get_mut(&row.sku) else {
            return;
        };
        // The interval that it settled in; all from when it was sent where it is in doubt.
        let of = |time: i64| ends.partition_point(|end| *end < time).saturating_sub(1);
        match row.change {
            Some(change) => {
                if let Some(between) = between.get_mut(of(row.settled)) {
                    between.ours = between.ours.saturating_add(change);
                }
            }
            None => {
                let doubtful = between
                    .iter_mut()
                    .skip(of(row.sent))
                    .take(of(row.settled) - of(row.sent) + 1);
                doubtful.for_each(|between| between.unclear = true);
            }
        }
    })?;
    let days = (ended - began) as f64 / DAY as f64;
    let pace = |between: &[Between]| {
        let sold: i64 = between.iter().map(|between| between.sold()).sum();
        sold as f64 / days
    };
    Ok(between
        .iter()
        .map(|(sku, between)| (*sku, pace(between)))
        .collect())
}

/// What happened to a variant from each of the snapshots to the next.
fn changes(memory: &Memory, store: &str, sku: i64, snapshots: &[Snapshot]) -> Result<Vec<Between>> {
    let levels: Vec<(i64, Option<i64>)> = memory.ask(|c| {
        c.prepare_cached(
            "SELECT snapshot, quantity FROM levels
             WHERE store = (SELECT number FROM stores WHERE store = ?1) AND sku_id = ?2 ORDER BY snapshot",
        )?
        .query_map(params![store, sku], |found| Ok((found.get(0)?, found.get(1)?)))?
        .collect()
    })?;
    let at = |snapshot: &Snapshot| {
        let until = levels.partition_point(|(number, _)| *number <= snapshot.snapshot);
        levels[..until].last().and_then(|(_, quantity)| *quantity)
    };
    let pairs = snapshots
        .windows(2)
        .map(|pair| match (at(&pair[0]), at(&pair[1])) {
            (Some(before), Some(after)) => Between {
                change: after.saturating_sub(before),
                ..Between::default()
            },
            _ => Between {
                unclear: true,
                ..Between::default()
            },
        });
    Ok(pairs.collect())
}
