//! Absolute quantities: a product's changed variants in one `PUT`, and what became of it where that is in doubt.
//!
//! A `PUT` in doubt is read back: at its target it is applied; still at what it was it is sent again; anything else is
//! unknown, for a resend would wipe out somebody's sale (the contract: Never twice, rule 1).

use std::cell::Cell;
use std::time::Duration;

use super::apply::{Run, Settlement, surely_not, unknown, unread, unrecorded};
use super::outcome::{Outcome, Settled};
use super::plan::{Step, conflict, step};
use crate::api::{Client, Fate};
use crate::error::{Error, Kind, Result};
use crate::model::{Product, ProductId, SkuId};
use crate::wanted::Quantity;

/// A product whose rows say what they expect is read again when its reading is older than this (the contract:
/// import-csv, step 5).
const STALE: Duration = Duration::from_secs(5);

/// One variant's part of a `PUT`.
pub(super) struct Change {
    pub(super) index: usize,
    pub(super) sku: SkuId,
    pub(super) previous: i64,
    pub(super) target: Quantity,
}

impl Run<'_> {
    /// One `PUT` with a product's changed variants.
    pub(super) fn put(&self, rows: &[u32], settle: &dyn Fn(Settlement)) {
        // The rows of one request count once when it is asked whether the server is still there.
        let counted = Cell::new(false);
        let settle = |index, settled: Settled| {
            let judged = matches!(
                settled.outcome,
                Outcome::Applied | Outcome::Failed | Outcome::Unknown
            );
            let first = judged && !counted.replace(true);
            settle(Settlement {
                counts: first,
                ..Settlement::new(index, settled)
            });
        };
        let Some((product, changes)) = self.changes(rows, &settle) else {
            return;
        };
        if changes.is_empty() {
            return;
        }
        let wanted: Vec<(SkuId, Quantity)> = changes.iter().map(|c| (c.sku, c.target)).collect();
        let request_id = self.ledger.request_id(changes[0].index);
        if !self.client.await_turn() {
            // Interrupted: their turn never came.
            return;
        }
        let mut attempt = 0;
        // The first attempt in doubt that may yet arrive, whatever becomes of the later ones.
        let mut doubt: Option<Error> = None;
        let last = loop {
            let evidence = changes.iter().map(|c| (c.index, c.previous)).collect();
            if let Err(error) = self.ledger.intend(evidence) {
                if doubt.is_none() {
                    for c in &changes {
                        settle(c.index, unrecorded(&error, c.previous));
                    }
                    return self.stop(error);
                }
                self.stop(error);
                break read_back(self.client, product, &changes, &cut_short());
            }
            let failure = match self.client.set(product, &wanted, &request_id) {
                Ok(_) => {
                    for c in changes {
                        settle(c.index, applied(&c));
                    }
                    return;
                }
                Err(failure) => failure,
            };
            if failure.fate != Fate::InDoubt {
                if doubt.is_none() {
                    for c in changes {
                        settle(c.index, surely_not(&failure.error, Some(c.previous)));
                    }
                    return;
                }
                break read_back(self.client, product, &changes, &failure.error);
            }
            // It answered that it failed: once nothing is there, nothing is on its way any more.
            let answered = matches!(failure.error.status(), Some(500 | 503));
            let seen = read_back(self.client, product, &changes, &failure.error);
            let as_before = matches!(seen, ReadBack::AsBefore);
            let again = as_before
                && attempt < self.client.retries()
                && self.client.wait_to_resend(attempt, &failure);
            if as_before && answered && doubt.is_none() && !again {
                for c in changes {
                    settle(c.index, surely_not(&failure.error, Some(c.previous)));
                }
                return;
            }
            if !answered || !again {
                doubt.get_or_insert(failure.error);
            }
            if !again {
                break seen;
            }
            attempt += 1;
        };
        let doubt = doubt.unwrap_or_else(cut_short);
        let unknown = |c: &Change, seen: &str| unknown(&doubt, seen, c.previous);
        match last {
            ReadBack::Applied => {
                for c in changes {
                    let mut settled = applied(&c);
                    settled.read_back = true;
                    settle(c.index, settled);
                }
            }
            ReadBack::AsBefore => {
                for c in changes {
                    let seen = format!(
                        "reading back, the stock is still {}, but the change may yet arrive",
                        c.previous
                    );
                    settle(c.index, unknown(&c, &seen));
                }
            }
            ReadBack::Unclear(seen) => {
                for (c, seen) in changes.into_iter().zip(seen) {
                    settle(c.index, unknown(&c, &seen));
                }
            }
        }
    }

    /// The changes of one `PUT`, compared with a fresh reading where rows expect a quantity and the plan's reading is
    /// old. Rows that turn out otherwise are settled.
    fn changes(
        &self,
        rows: &[u32],
        settle: &dyn Fn(usize, Settled),
    ) -> Option<(ProductId, Vec<Change>)> {
        let plan = self.plan;
        let rows = || rows.iter().map(|index| plan.row(*index as usize));
        let first = rows().next()?.variant?;
        let product = first.product_id;
        let guarded = rows().any(|row| row.wanted.expected().is_some());
        let fresh = if guarded && first.read_at.elapsed() > STALE {
            match self.client.product(product) {
                Ok(fresh) => Some(fresh.value),
                Err(error) => {
                    for row in rows() {
                        settle(row.index, surely_not(&error, row.stock()));
                    }
                    return None;
                }
            }
        } else {
            None
        };
        let mut changes = Vec::new();
        for row in rows() {
            let Some(variant) = row.variant else { continue };
            let stock = match fresh.as_ref().map(|fresh| stock(fresh, variant.sku_id)) {
                None => variant.quantity,
                Some(Some(now)) => now,
                Some(None) => {
                    let sku = variant.sku_id;
                    let message = format!("product {product} has no sku {sku} any more");
                    settle(
                        row.index,
                        surely_not(&Error::new(Kind::NotFound, message), None),
                    );
                    continue;
                }
            };
            if let Some(conflict) = conflict(plan.mode, row.wanted, stock, plan.on_conflict) {
                settle(row.index, conflict);
                continue;
            }
            match step(plan.mode, row.wanted, stock) {
                Step::Set(target) => changes.push(Change {
                    index: row.index,
                    sku: variant.sku_id,
                    previous: stock,
                    target,
                }),
                _ => settle(row.index, Settled::well(Outcome::Unchanged, stock, stock)),
            }
        }
        Some((product, changes))
    }
}

/// The run was cut short between two attempts.
fn cut_short() -> Error {
    Error::new(Kind::UnknownOutcome, "an earlier attempt is in doubt")
}

fn applied(change: &Change) -> Settled {
    Settled::well(Outcome::Applied, change.previous, change.target.get())
}

fn stock(product: &Product, sku: SkuId) -> Option<i64> {
    product.variant(sku).map(|variant| variant.quantity)
}

/// What reading back a `PUT` in doubt showed.
pub(super) enum ReadBack {
    /// Everything at its target.
    Applied,
    /// Everything as it was before.
    AsBefore,
    /// Anything else: what was seen, a change each.
    Unclear(Vec<String>),
}

/// Finds out what became of a `PUT` in doubt. It is all or nothing, so the variants are judged together.
fn read_back(client: &Client, product: ProductId, changes: &[Change], doubt: &Error) -> ReadBack {
    match client.read_back(product) {
        Ok(now) => judge(&now.value, changes),
        Err(e) => ReadBack::Unclear(vec![unread(&e, doubt); changes.len()]),
    }
}

/// Compares the stock that is there now with what a `PUT` wanted and what was there before.
pub(super) fn judge(now: &Product, changes: &[Change]) -> ReadBack {
    let stock = |c: &Change| stock(now, c.sku);
    if changes.iter().all(|c| stock(c) == Some(c.target.get())) {
        return ReadBack::Applied;
    }
    if changes.iter().all(|c| stock(c) == Some(c.previous)) {
        return ReadBack::AsBefore;
    }
    let seen = |c: &Change| match stock(c) {
        Some(now) if now == c.target.get() => format!(
            "reading back, the stock is {now} as wanted, but another variant of the same request is not"
        ),
        Some(now) if now == c.previous => format!(
            "reading back, the stock is {now} as before, but another variant of the same request is not"
        ),
        Some(now) => format!(
            "reading back, the stock is {now}, neither {} as before nor {} as wanted",
            c.previous, c.target
        ),
        None => "reading back, the variant is gone".to_owned(),
    };
    ReadBack::Unclear(changes.iter().map(seen).collect())
}

/// Reads a product back for a resumed run; see [`judge`].
pub(super) fn found_again(
    client: &Client,
    product: ProductId,
    changes: &[Change],
) -> Result<ReadBack> {
    Ok(judge(&client.product(product)?.value, changes))
}
