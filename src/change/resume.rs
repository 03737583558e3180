//! Goes on where a run was cut off, without its file.
//!
//! What had settled stays settled. What was in flight is read and compared: a `PUT` at its target is applied, one still
//! at its recorded previous is sent, anything else is unknown; an adjustment is judged as one in doubt always is. What
//! had not been sent is compared with the stock as it is now and sent (the contract: Never twice, rule 3).

use std::collections::{HashMap, HashSet};

use super::apply::unknown;
use super::outcome::{Outcome, Settled};
use super::plan::Plan;
use super::post::{self, Known};
use super::put::{self, Change, ReadBack};
use super::read;
use super::shelf::Shelf;
use super::stored::{StoredRow, StoredRows, StoredRun};
use crate::api::Client;
use crate::catalogue::OnProgress;
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, SkuId};
use crate::wanted::{Batch, Mode, Quantity};

/// A run that is ready to go on.
pub struct Resumed {
    /// Its rows, those that ended as they ended.
    pub plan: Plan,
    /// Open rows that have ended by now without being sent, as was found out by reading: for the ledger.
    pub found: Vec<(usize, Settled)>,
    /// Rows in doubt that will be sent again.
    pub resent: usize,
}

/// Whether anything of a run is left to do.
pub fn is_open(rows: &StoredRows) -> bool {
    rows.rows.iter().any(|row| row.settled.is_none())
}

/// Reads what the open rows are about and decides what becomes of them. `resend_unknown` takes up the rows in doubt
/// whose stock is still what it was before; `others` are variants of which an adjustment of another run is in doubt.
pub fn take_up(
    client: &Client,
    run: &StoredRun,
    stored: StoredRows,
    resend_unknown: bool,
    others: HashSet<SkuId>,
    workers: usize,
    progress: OnProgress<'_>,
) -> Result<Resumed> {
    let StoredRows { wanted, rows } = stored;
    let again = |row: &StoredRow| resend_unknown && row.outcome() == Outcome::Unknown;
    let open = |row: &StoredRow| row.settled.is_none() || again(row);
    let mut seen = HashSet::new();
    let products: Vec<ProductId> = rows
        .iter()
        .filter(|row| open(row))
        .filter_map(|row| row.variant)
        .map(|(product, _)| product)
        .filter(|product| seen.insert(*product))
        .collect();
    let mut shelf = read::products(client, &products, rows.len(), workers, progress)?;
    shelf.index(false);

    let mut found: HashMap<usize, Settled> = HashMap::new();
    // Rows that are sent although an attempt of theirs may yet arrive.
    let mut earlier: HashMap<usize, Settled> = HashMap::new();
    match run.mode {
        Mode::Set => puts(&wanted, &rows, &shelf, &mut found, &mut earlier),
        Mode::Adjust | Mode::Stocktake => posts(&rows, &shelf, &mut found),
    }
    let mut resent = 0;
    let mut ended = Vec::with_capacity(rows.len());
    let was_open: Vec<bool> = rows.iter().map(&open).collect();
    for (index, row) in rows.into_iter().enumerate() {
        let outcome = found
            .get(&index)
            .or(row.settled.as_ref())
            .map(|s| s.outcome);
        // In a run of sets, a row that was found as before has no outcome and is sent as a matter of course.
        let resend = resend_unknown
            && outcome == Some(Outcome::Unknown)
            && stock(&shelf, row.variant).is_some_and(|now| Some(now) == row.previous);
        let settled = if resend {
            resent += 1;
            let before = found.remove(&index).or(row.settled);
            earlier.extend(before.map(|before| (index, before)));
            None
        } else {
            found.get(&index).cloned().or(row.settled)
        };
        ended.push(settled);
    }
    let mut doubtful = doubtful(&wanted, &ended);
    doubtful.extend(earlier.keys().filter_map(|row| wanted.get(*row).sku_id()));
    doubtful.extend(others);
    let (mode, on_conflict) = (run.mode, run.on_conflict);
    let plan = Plan::resumed(mode, on_conflict, wanted, ended, shelf, doubtful).after(earlier);
    // Those that were in flight, and those that the stock of today makes unchanged, a conflict or impossible.
    let found = plan
        .rows()
        .filter(|row| was_open[row.index] && !row.step.sends())
        .map(|row| (row.index, row.foreseen()))
        .collect();
    Ok(Resumed {
        plan,
        found,
        resent,
    })
}

fn stock(shelf: &Shelf, variant: Option<(ProductId, SkuId)>) -> Option<i64> {
    let slot = shelf.by_id(variant?.1)?;
    Some(shelf.get(slot)?.quantity)
}

/// Variants of which a row is in doubt, or was: the request may yet arrive.
fn doubtful(wanted: &Batch, ended: &[Option<Settled>]) -> HashSet<SkuId> {
    let in_doubt = |settled: &Option<Settled>| {
        settled
            .as_ref()
            .is_some_and(|s| s.outcome == Outcome::Unknown)
    };
    let rows = wanted.iter().zip(ended);
    rows.filter(|(_, settled)| in_doubt(settled))
        .filter_map(|(wanted, _)| wanted.sku_id())
        .collect()
}

/// The run was cut off while these were under way.
fn cut_off() -> Error {
    Error::new(
        Kind::UnknownOutcome,
        "the run was cut off while this was under way",
    )
}

/// `PUT`s in flight, a product's rows together, judged by the reading that the plan is made with.
fn puts(
    wanted: &Batch,
    rows: &[StoredRow],
    shelf: &Shelf,
    found: &mut HashMap<usize, Settled>,
    earlier: &mut HashMap<usize, Settled>,
) {
    let mut in_flight: HashMap<ProductId, Vec<Change>> = HashMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.in_flight()) {
        if let (Some((product, sku)), Some(previous), Some(target)) = (
            row.variant,
            row.previous,
            Quantity::new(wanted.get(index).value()),
        ) {
            in_flight.entry(product).or_default().push(Change {
                index,
                sku,
                previous,
                target,
            });
        }
    }
    let stock = |sku| Some(shelf.get(shelf.by_id(sku)?)?.quantity);
    for changes in in_flight.into_values() {
        match put::judge(stock, &changes) {
            ReadBack::Applied => {
                for c in changes {
                    let mut settled = Settled::well(Outcome::Applied, c.previous, c.target.get());
                    settled.read_back = true;
                    found.insert(c.index, settled);
                }
            }
            // Sent again, and looked at once more before.
            ReadBack::AsBefore => {
                for c in changes {
                    let seen = put::still_as_before(c.previous);
                    earlier.insert(c.index, unknown(&cut_off(), &seen, c.previous));
                }
            }
            ReadBack::Unclear(seen) => {
                for (c, seen) in changes.into_iter().zip(seen) {
                    found.insert(c.index, unknown(&cut_off(), &seen, c.previous));
                }
            }
        }
    }
}

/// Adjustments in flight: at most one a variant, for they are sent one after another.
fn posts(rows: &[StoredRow], shelf: &Shelf, found: &mut HashMap<usize, Settled>) {
    let mut doubtful: HashSet<SkuId> = rows
        .iter()
        .filter(|row| {
            row.settled
                .as_ref()
                .is_some_and(|s| s.outcome == Outcome::Unknown)
        })
        .filter_map(|row| Some(row.variant?.1))
        .collect();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.in_flight()) {
        let (Some((_, sku)), Some(by)) = (row.variant, row.adjustment) else {
            continue;
        };
        let previous = row.previous.unwrap_or_default();
        let before = if doubtful.contains(&sku) || row.previous.is_none() {
            Known::Doubtful(previous)
        } else {
            Known::Stock(previous)
        };
        let mut settled = post::judge(stock(shelf, row.variant), by, before, &cut_off());
        // What proved nothing then proves nothing later on.
        settled.previous = row.previous;
        if settled.outcome == Outcome::Unknown {
            doubtful.insert(sku);
        }
        found.insert(index, settled);
    }
}
