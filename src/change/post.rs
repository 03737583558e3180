//! Relative adjustments: one `POST` each, a variant's in file order, and what became of one in doubt.
//!
//! An adjustment in doubt is never sent again. It is read back: when the stock moved by exactly as much it is applied,
//! and said to be so by reading back; otherwise it is unknown (the contract: Never twice, rule 2).

use super::apply::{Run, Settlement, adjustment, surely_not, unknown, unread, unrecorded};
use super::outcome::{Outcome, Settled};
use crate::api::{Attempts, Failure, Fate, Turn, Worker};
use crate::error::Error;
use crate::model::{Adjusted, ProductId, Raw, SkuId};

/// What is known of a variant's stock: the evidence against which a lost answer is judged.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// So many units, read or answered, and nothing of ours is in doubt.
    Stock(i64),
    /// An earlier adjustment of ours is in doubt and may yet arrive: what the stock does proves nothing any more.
    Doubtful(i64),
}

impl Known {
    /// The units last seen.
    pub(super) fn units(self) -> i64 {
        match self {
            Known::Stock(units) | Known::Doubtful(units) => units,
        }
    }

    /// The same with a newer number.
    fn now(self, units: i64) -> Known {
        match self {
            Known::Stock(_) => Known::Stock(units),
            Known::Doubtful(_) => Known::Doubtful(units),
        }
    }
}

impl Run<'_> {
    /// A variant's adjustments.
    pub(super) fn post<'a>(
        &self,
        mut worker: Worker<'a>,
        rows: &[u32],
        settle: &dyn Fn(Settlement),
    ) -> Worker<'a> {
        let mut known: Option<Known> = None;
        // A refusal says that the stock is not what we took it for: no evidence for the next one.
        let mut disproved = false;
        let mut looked = false;
        'rows: for index in rows {
            let row = self.plan.row(*index as usize);
            let (Some(variant), Some(by)) = (row.variant, adjustment(&row)) else {
                continue;
            };
            if self.is_over() {
                return worker;
            }
            let before = known.unwrap_or(if self.plan.is_doubtful(variant.sku_id) {
                Known::Doubtful(variant.quantity)
            } else {
                Known::Stock(variant.quantity)
            });
            let before = if std::mem::take(&mut disproved) {
                look_again(&worker, variant.product_id, variant.sku_id, before)
            } else {
                before
            };
            let (product, sku) = (variant.product_id, variant.sku_id);
            let earlier = self.plan.earlier(row.index);
            let turn = loop {
                let turn = match worker.turn() {
                    Ok(turn) => turn,
                    Err(worker) => return worker,
                };
                let Some(earlier) = earlier.filter(|_| !looked) else {
                    break turn;
                };
                // The user's decision was about the stock as it was: it is looked at when the request may leave.
                worker = turn.give_up();
                looked = true;
                let now = worker.product(product).map(|now| {
                    let variant = now.value.variant(sku).map(|variant| variant.quantity);
                    variant.map_or("gone".to_owned(), |units| units.to_string())
                });
                let as_before = earlier.previous.map(|units| units.to_string());
                let seen = match now {
                    Ok(now) if Some(&now) == as_before.as_ref() => continue,
                    Ok(now) => format!("the stock is {now} now: not sent again"),
                    Err(e) => format!("not sent again: {}", e.full_message()),
                };
                let why = earlier.trouble.as_deref().map(|t| Error::from(t.clone()));
                let why = why.unwrap_or_else(|| Error::internal("in doubt"));
                let settled = unknown(&why, &seen, earlier.previous.unwrap_or_default());
                settle(Settlement::new(row.index, settled));
                looked = false;
                continue 'rows;
            };
            looked = false;
            let evidence = match before {
                Known::Stock(units) => Some(units),
                Known::Doubtful(_) => None,
            };
            if let Err(error) = self.ledger.intend(vec![(row.index, evidence)]) {
                settle(Settlement::new(
                    row.index,
                    unrecorded(&error, before.units()),
                ));
                self.stop(error);
                return turn.give_up();
            }
            let reason = self.plan.reason(&row);
            let request_id = self.ledger.request_id(row.index);
            let sent;
            (worker, sent) = adjust(turn, product, sku, (by, reason), &request_id);
            match sent {
                Ok(Raw { value, raw }) => {
                    known = Some(before.now(value.quantity));
                    let settled =
                        Settled::well(Outcome::Applied, value.previous_quantity, value.quantity);
                    settle(Settlement {
                        answer: Some(raw),
                        ..Settlement::new(row.index, settled)
                    });
                }
                Err(failure) if !failure.fate.is_in_doubt() => {
                    known = Some(before);
                    disproved = true;
                    let settled = surely_not(&failure.error, Some(before.units()));
                    settle(Settlement::new(row.index, settled));
                }
                Err(failure) => {
                    let (now, settled) =
                        in_doubt(&worker, product, sku, by, before, &failure.error);
                    known = Some(now);
                    settle(Settlement::new(row.index, settled));
                }
            }
        }
        worker
    }
}

/// Reads a variant's stock anew; where that fails, what was known proves nothing.
fn look_again(worker: &Worker<'_>, product: ProductId, sku: SkuId, before: Known) -> Known {
    let now = worker.product(product).ok();
    match now.as_ref().and_then(|now| now.value.variant(sku)) {
        Some(variant) => before.now(variant.quantity),
        None => Known::Doubtful(before.units()),
    }
}

/// Finds out what became of an adjustment in doubt.
fn in_doubt(
    worker: &Worker<'_>,
    product: ProductId,
    sku: SkuId,
    by: i64,
    before: Known,
    doubt: &Error,
) -> (Known, Settled) {
    match worker.read_back(product) {
        Ok(now) => {
            let now = now.value.variant(sku).map(|variant| variant.quantity);
            let settled = judge(now, by, before, doubt);
            let known = match (settled.outcome, now) {
                (Outcome::Applied, Some(now)) => before.now(now),
                (_, now) => Known::Doubtful(now.unwrap_or(before.units())),
            };
            (known, settled)
        }
        Err(e) => (
            Known::Doubtful(before.units()),
            unknown(doubt, &unread(&e, doubt), before.units()),
        ),
    }
}
/// Sends an adjustment, and again while it surely was not processed.
fn adjust<'a>(
    mut turn: Turn<'a>,
    product: ProductId,
    sku: SkuId,
    (by, reason): (i64, Option<&str>),
    request_id: &str,
) -> (Worker<'a>, Result<Raw<Adjusted>, Failure>) {
    let mut attempts = None;
    loop {
        let (worker, sent) = turn.adjust(product, sku, by, reason, request_id);
        let failure = match sent {
            Ok(adjusted) => return (worker, Ok(adjusted)),
            Err(failure) => failure,
        };
        let attempts: &mut Attempts = attempts.get_or_insert_with(|| worker.attempts());
        let again =
            failure.fate == Fate::NotProcessed && failure.transient && attempts.another(&failure);
        if !again {
            return (worker, Err(attempts.give_up(failure)));
        }
        let interrupted = |worker: Worker<'a>| {
            let error = worker.interrupted();
            let error = error.unwrap_or_else(|| Error::internal("a wait ended early"));
            (worker, Err(Failure::not_sent(error)))
        };
        if !worker.wait_for(attempts, &failure) {
            return interrupted(worker);
        }
        turn = match worker.turn() {
            Ok(turn) => turn,
            Err(worker) => return interrupted(worker),
        };
    }
}

/// What an adjustment in doubt came to, by the stock that is there now.
pub(super) fn judge(now: Option<i64>, by: i64, before: Known, doubt: &Error) -> Settled {
    let Some(now) = now else {
        return unknown(doubt, "reading back, the variant is gone", before.units());
    };
    match before {
        Known::Stock(units) if units.checked_add(by) == Some(now) => {
            let mut settled = Settled::well(Outcome::Applied, units, now);
            settled.read_back = true;
            settled
        }
        Known::Stock(units) => {
            let seen = format!("reading back, the stock is {now}; it was {units} before {by:+}");
            unknown(doubt, &seen, units)
        }
        Known::Doubtful(units) => {
            let seen = format!(
                "reading back, the stock is {now}, which proves nothing: an earlier adjustment of this variant is in doubt"
            );
            unknown(doubt, &seen, units)
        }
    }
}
