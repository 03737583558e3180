//! How fast variants sell: the falls between snapshots that are not ours, per day (docs/memory.md: reorder).

use std::collections::HashMap;

use super::Memory;
use super::diff::{Ours, each_of_ours};
use super::side::Here;
use super::snapshot::{Moment, Snapshot};
use crate::error::Result;
use crate::state::State;

/// Sales are looked at this far back, in milliseconds.
const BACK: i64 = 28 * DAY;

/// Less than this, in milliseconds, says nothing about the pace.
const LEAST: i64 = 7 * DAY;

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What was sold of a variant, and in how much time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Units.
    pub sold: i64,
    /// Milliseconds.
    pub time: i64,
}

impl Pace {
    /// For how many whole days this many units last; `None` where nothing was sold, or the time is too short to tell.
    pub fn days_left(self, units: i64) -> Option<i64> {
        if self.sold <= 0 || self.time < LEAST {
            return None;
        }
        let days = i128::from(units.max(0)) * i128::from(self.time)
            / (i128::from(self.sold) * i128::from(DAY));
        i64::try_from(days).ok()
    }
}

/// A variant's stock at one moment.
#[derive(Clone, Copy)]
struct Point {
    /// When it was read, in Unix milliseconds.
    read_at: i64,
    /// Units; `None` where it was not there.
    quantity: Option<i64>,
}

/// What was sold of these variants, as they are now, over the last 28 days.
pub fn paces(
    memory: &Memory,
    state: &State,
    store: &str,
    variants: &[Here],
) -> Result<HashMap<i64, Pace>> {
    let Some(now) = variants.iter().map(|here| here.read_at).max() else {
        return Ok(HashMap::new());
    };
    let snapshots = window(memory.snapshots(store)?, now);
    let Some(first) = snapshots.first() else {
        return Ok(HashMap::new());
    };
    let moments: Vec<Moment<'_>> =
        memory.ask(|c| snapshots.iter().map(|one| Moment::of(c, one)).collect())?;
    let mut levels = memory.levels_of(store, variants.iter().map(|here| here.sku))?;
    let mut stories: HashMap<i64, (Vec<Point>, Vec<Ours>)> = HashMap::new();
    for here in variants {
        let levels = levels.remove(&here.sku).unwrap_or_default();
        let points = points(here, &levels, &moments);
        let between = vec![Ours::default(); points.len() - 1];
        stories.insert(here.sku, (points, between));
    }
    // Rows that settled while the first snapshot was taken, too: which products were read by then, the points know.
    let from = first.started_at.as_millis();
    each_of_ours(state, store, from, now, |row| {
        let Some((points, between)) = stories.get_mut(&row.sku) else {
            return;
        };
        // The number of the interval that a time is in; those before the first are in none.
        let of = |time: i64| points.partition_point(|point| point.read_at < time);
        match row.change {
            Some(change) => {
                let at = of(row.settled).checked_sub(1);
                if let Some(between) = at.and_then(|at| between.get_mut(at)) {
                    between.units = between.units.saturating_add(change);
                }
            }
            // It may have arrived at any time since it was sent.
            None => {
                let (sent, settled) = (of(row.sent).saturating_sub(1), of(row.settled));
                let doubtful = between.iter_mut().take(settled).skip(sent);
                doubtful.for_each(|between| between.doubtful = true);
            }
        }
    })?;
    let paces = stories
        .iter()
        .map(|(sku, (points, between))| (*sku, pace(points, between)));
    Ok(paces.collect())
}

/// Of a store's snapshots, newest first, those that tell of the last 28 days before `now` (Unix milliseconds), oldest first.
/// None where they don't reach back seven days.
pub fn window(mut snapshots: Vec<Snapshot>, now: i64) -> Vec<Snapshot> {
    snapshots.reverse();
    // The last one that is old enough, or the first there is.
    let old = |snapshot: &Snapshot| millis(snapshot) <= now - BACK;
    let first = snapshots.iter().rposition(old).unwrap_or(0);
    snapshots.drain(..first);
    let reaches = |snapshot: &Snapshot| now - millis(snapshot) >= LEAST;
    if !snapshots.first().is_some_and(reaches) {
        snapshots.clear();
    }
    snapshots
}

fn millis(snapshot: &Snapshot) -> i64 {
    snapshot.ended_at.as_millis()
}

/// Intervals in which a variant came or went, or that a row in doubt is in, say nothing.
fn pace(points: &[Point], between: &[Ours]) -> Pace {
    let mut pace = Pace::default();
    for (pair, between) in points.windows(2).zip(between) {
        if let (Some(before), Some(after), false) =
            (pair[0].quantity, pair[1].quantity, between.doubtful)
        {
            let others = after.saturating_sub(before).saturating_sub(between.units);
            pace.sold = pace.sold.saturating_add(others.saturating_neg().max(0));
            pace.time += pair[1].read_at - pair[0].read_at;
        }
    }
    pace
}

/// A variant's stock at each of the snapshots, and now.
fn points(here: &Here, levels: &[(i64, Option<i64>)], moments: &[Moment<'_>]) -> Vec<Point> {
    let at = |moment: &Moment<'_>| {
        let until = levels.partition_point(|(since, _)| *since <= moment.snapshot.snapshot);
        Point {
            read_at: moment.read_at(Some(here.product)),
            quantity: levels[..until].last().and_then(|(_, quantity)| *quantity),
        }
    };
    let now = Point {
        read_at: here.read_at,
        quantity: Some(here.quantity),
    };
    moments.iter().map(at).chain([now]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_how_long() {
        let week = |sold| Pace {
            sold,
            time: 7 * DAY,
        };
        assert_eq!(week(7).days_left(10), Some(10));
        assert_eq!(week(2).days_left(10), Some(35));
        assert_eq!(week(700).days_left(10), Some(0));
        assert_eq!(week(1).days_left(-3), Some(0));
        assert_eq!(week(0).days_left(10), None);
        let short = Pace {
            sold: 7,
            time: 7 * DAY - 1,
        };
        assert_eq!(short.days_left(10), None);
        assert_eq!(week(i64::MAX).days_left(i64::MAX), Some(7));
    }

    #[test]
    fn sales_are_falls_that_are_not_ours() {
        let point = |day: i64, quantity| Point {
            read_at: day * DAY,
            quantity,
        };
        let points = [
            point(0, None),
            point(1, Some(10)),
            point(2, Some(4)),
            point(3, Some(24)),
            point(4, Some(20)),
            point(9, Some(1)),
        ];
        let ours = |units| Ours {
            units,
            doubtful: false,
        };
        let doubt = Ours {
            units: 0,
            doubtful: true,
        };
        // It came; 6 fell, 2 of them by us; we brought 21 and one was sold; in doubt; 19 fell, all of them ours and one more.
        let between = [ours(0), ours(-2), ours(21), doubt, ours(-20)];
        assert_eq!(
            pace(&points, &between),
            Pace {
                sold: 4 + 1,
                time: 7 * DAY
            }
        );
    }
}
