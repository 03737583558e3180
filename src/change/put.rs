//! Absolute quantities: a product's changed variants in one `PUT`, and what became of it where that is in doubt.
//!
//! A `PUT` in doubt is read back: at its target it is applied; still at what it was it is sent again; anything else is
//! unknown, for a resend would wipe out somebody's sale (the contract: Never twice, rule 1). Whatever has to be waited
//! for is waited for before the stock is read, so that what was read is as new as can be when the request leaves.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::apply::{Run, Settlement, surely_not, unknown, unread, unrecorded};
use super::outcome::{Outcome, Settled};
use super::plan::{Step, conflict, step};
use crate::api::{Fate, Turn, Worker};
use crate::error::{Error, Kind};
use crate::model::{Product, ProductId, SkuId};
use crate::wanted::Quantity;

/// A product whose rows say what they expect, or of which an attempt is in doubt, is read again when its reading is
/// older than this (the contract: import-csv, step 5).
const STALE: Duration = Duration::from_secs(5);

/// So often a reading is made anew for one attempt. Where the server spaces requests out by more than [`STALE`], no
/// reading could ever be new enough.
const MOST_READINGS: u32 = 3;

/// One variant's part of a `PUT`.
pub(super) struct Change {
    pub(super) index: usize,
    pub(super) sku: SkuId,
    pub(super) previous: i64,
    pub(super) target: Quantity,
}

/// A newer reading than the plan's.
struct Fresh {
    product: Product,
    at: Instant,
}

/// What is to be done next.
enum Due<'a> {
    /// Send these, now.
    Send(Turn<'a>, Vec<Change>),
    /// An earlier attempt has come to this.
    Seen(Worker<'a>, ReadBack, Vec<Change>),
    /// A signal came.
    Interrupted(Worker<'a>, Vec<Change>),
    /// Every row has ended.
    Nothing(Worker<'a>),
}

type Settle<'a> = &'a dyn Fn(usize, Settled);

impl Run<'_> {
    /// A product's changed variants in one `PUT`; those that were sent before and are in doubt in another.
    pub(super) fn put<'a>(
        &self,
        worker: Worker<'a>,
        rows: &[u32],
        settle: &dyn Fn(Settlement),
    ) -> Worker<'a> {
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
        let earlier = |index: &&u32| self.plan.earlier(**index as usize).is_some();
        let again: Vec<u32> = rows.iter().filter(earlier).copied().collect();
        let fresh: Vec<u32> = rows.iter().filter(|row| !earlier(row)).copied().collect();
        let worker = self.put_together(worker, fresh, None, &settle);
        let doubt = again
            .first()
            .and_then(|row| self.plan.earlier(*row as usize));
        let doubt = doubt.and_then(|settled| settled.trouble.as_deref());
        self.put_together(
            worker,
            again,
            doubt.map(|t| Error::from(t.clone())),
            &settle,
        )
    }

    /// One `PUT`, as often as may be. `doubt` is why an attempt of an earlier process may yet arrive.
    fn put_together<'a>(
        &self,
        mut worker: Worker<'a>,
        mut rows: Vec<u32>,
        mut doubt: Option<Error>,
        settle: Settle<'_>,
    ) -> Worker<'a> {
        let first = rows
            .first()
            .and_then(|row| self.plan.row(*row as usize).variant);
        let Some(product) = first.map(|variant| variant.product_id) else {
            return worker;
        };
        let mut attempts = worker.attempts();
        let mut fresh: Option<Fresh> = None;
        // What was last sent, or was by an earlier process.
        let mut sent: Option<Vec<Change>> = doubt.is_some().then(|| self.sent_before(&rows));
        let (seen, changes) = loop {
            let due = match (&doubt, sent.take()) {
                (Some(_), Some(sent)) => self.still_due(worker, product, sent, &mut fresh),
                _ => self.due(worker, product, &mut rows, &mut fresh, settle),
            };
            let (turn, changes) = match due {
                Due::Send(turn, changes) => (turn, changes),
                Due::Seen(back, seen, changes) => {
                    worker = back;
                    break (seen, changes);
                }
                Due::Nothing(worker) => return worker,
                Due::Interrupted(back, changes) => match &doubt {
                    Some(doubt) => {
                        worker = back;
                        break (read_back(&worker, product, &changes, doubt), changes);
                    }
                    None => {
                        self.skip(&back, &rows, settle);
                        return back;
                    }
                },
            };
            let evidence = changes.iter().map(|c| (c.index, Some(c.previous)));
            if let Err(error) = self.ledger.intend(evidence.collect()) {
                for c in &changes {
                    settle(c.index, unrecorded(&error, c.previous));
                }
                self.stop(error);
                return turn.give_up();
            }
            let wanted: Vec<(SkuId, Quantity)> =
                changes.iter().map(|c| (c.sku, c.target)).collect();
            let request_id = self.ledger.request_id(changes[0].index);
            let sent_now;
            (worker, sent_now) = turn.set(product, &wanted, &request_id);
            let failure = match sent_now {
                Ok(_) => {
                    for c in changes {
                        settle(c.index, applied(&c));
                    }
                    return worker;
                }
                Err(failure) => failure,
            };
            let may_help = failure.fate.is_in_doubt() || failure.transient;
            let again = failure.fate != Fate::Refused && may_help && attempts.another(&failure);
            // What the server or our own back-off wants waited for comes before any reading.
            let waited = again && worker.wait_for(&attempts, &failure);
            let interrupted = worker.interrupted();
            if !failure.fate.is_in_doubt() {
                if waited {
                    sent = Some(changes);
                    continue;
                }
                let error = interrupted.filter(|_| again);
                let error = error.unwrap_or_else(|| attempts.give_up(failure).error);
                if let Some(doubt) = &doubt {
                    break (read_back(&worker, product, &changes, doubt), changes);
                }
                for c in changes {
                    settle(c.index, surely_not(&error, Some(c.previous)));
                }
                return worker;
            }
            // The API itself answered that it failed: once nothing is there, nothing is on its way any more.
            let answered = failure.fate == Fate::Failed;
            let seen = read_back(&worker, product, &changes, &failure.error);
            let as_before = matches!(seen, ReadBack::AsBefore);
            if as_before && answered && doubt.is_none() && !waited {
                let error = interrupted.filter(|_| again);
                let error = error.unwrap_or_else(|| attempts.give_up(failure).error);
                for c in changes {
                    settle(c.index, surely_not(&error, Some(c.previous)));
                }
                return worker;
            }
            if !(as_before && answered) {
                doubt.get_or_insert(failure.error);
            }
            if !as_before || !waited {
                break (seen, changes);
            }
            fresh = None;
            sent = Some(changes);
        };
        self.settle_doubt(seen, changes, doubt, settle);
        worker
    }

    /// How rows end of which an attempt was in doubt.
    fn settle_doubt(
        &self,
        seen: ReadBack,
        changes: Vec<Change>,
        doubt: Option<Error>,
        settle: Settle<'_>,
    ) {
        let doubt = doubt
            .unwrap_or_else(|| Error::new(Kind::UnknownOutcome, "an earlier attempt is in doubt"));
        match seen {
            ReadBack::Applied => {
                for c in changes {
                    let mut settled = applied(&c);
                    settled.read_back = true;
                    settle(c.index, settled);
                }
            }
            ReadBack::AsBefore => {
                for c in changes {
                    let seen = still_as_before(c.previous);
                    settle(c.index, unknown(&doubt, &seen, c.previous));
                }
            }
            ReadBack::Unclear(seen) => {
                for (c, seen) in changes.into_iter().zip(seen) {
                    settle(c.index, unknown(&doubt, &seen, c.previous));
                }
            }
        }
    }

    /// Rows that an interrupt kept from being sent, though an attempt of theirs may be on record.
    fn skip(&self, worker: &Worker<'_>, rows: &[u32], settle: Settle<'_>) {
        if let Some(error) = worker.interrupted() {
            for row in rows {
                let row = self.plan.row(*row as usize);
                settle(row.index, surely_not(&error, row.stock()));
            }
        }
    }

    /// The changes that an earlier process sent, or was about to.
    fn sent_before(&self, rows: &[u32]) -> Vec<Change> {
        rows.iter()
            .filter_map(|index| {
                let row = self.plan.row(*index as usize);
                let earlier = self.plan.earlier(row.index)?;
                Some(Change {
                    index: row.index,
                    sku: row.variant?.sku_id,
                    previous: earlier.previous?,
                    target: Quantity::new(row.wanted.value())?,
                })
            })
            .collect()
    }

    /// Changes in doubt may be sent again while the stock is still what it was, seen just now.
    fn still_due<'a>(
        &self,
        mut worker: Worker<'a>,
        product: ProductId,
        sent: Vec<Change>,
        fresh: &mut Option<Fresh>,
    ) -> Due<'a> {
        if sent.is_empty() {
            return Due::Nothing(worker);
        }
        for reading in 0.. {
            let new_enough =
                |fresh: &Fresh| fresh.at.elapsed() <= STALE || reading >= MOST_READINGS;
            if fresh.as_ref().is_some_and(new_enough) {
                let turn = match worker.turn() {
                    Ok(turn) => turn,
                    Err(worker) => return Due::Interrupted(worker, sent),
                };
                if fresh.as_ref().is_some_and(new_enough) {
                    return Due::Send(turn, sent);
                }
                worker = turn.give_up();
            } else if worker.interrupt().raised().is_some() {
                return Due::Interrupted(worker, sent);
            }
            match worker.read_back(product) {
                Err(e) => {
                    let seen = format!("reading back failed: {}", e.full_message());
                    let seen = ReadBack::Unclear(vec![seen; sent.len()]);
                    return Due::Seen(worker, seen, sent);
                }
                Ok(now) => match judge(|sku| stock(&now.value, sku), &sent) {
                    ReadBack::AsBefore => {
                        *fresh = Some(Fresh {
                            product: now.value,
                            at: Instant::now(),
                        });
                    }
                    seen => return Due::Seen(worker, seen, sent),
                },
            }
        }
        Due::Nothing(worker)
    }

    /// The changes of one `PUT`, compared with a fresh reading where rows expect a quantity and the one there is has got
    /// old. Rows that turn out otherwise are settled, and no longer among `rows`.
    fn due<'a>(
        &self,
        mut worker: Worker<'a>,
        product: ProductId,
        rows: &mut Vec<u32>,
        fresh: &mut Option<Fresh>,
        settle: Settle<'_>,
    ) -> Due<'a> {
        let planned = |index: &u32| self.plan.row(*index as usize);
        let read_at = rows
            .iter()
            .filter_map(|row| planned(row).variant)
            .map(|v| v.read_at)
            .min();
        let guarded = rows
            .iter()
            .any(|row| planned(row).wanted.expected().is_some());
        let mut readings = 0;
        let turn = loop {
            let turn = match worker.turn() {
                Ok(turn) => turn,
                Err(worker) => return Due::Interrupted(worker, Vec::new()),
            };
            let at = fresh.as_ref().map(|fresh| fresh.at).or(read_at);
            let stale = at.is_none_or(|at| at.elapsed() > STALE);
            if !(guarded && stale && readings < MOST_READINGS) {
                break turn;
            }
            worker = turn.give_up();
            readings += 1;
            match worker.product(product) {
                Ok(now) => {
                    *fresh = Some(Fresh {
                        product: now.value,
                        at: Instant::now(),
                    });
                }
                Err(error) => {
                    for row in rows.drain(..) {
                        let row = planned(&row);
                        settle(row.index, surely_not(&error, row.stock()));
                    }
                    return Due::Nothing(worker);
                }
            }
        };
        let mut changes = Vec::new();
        for row in rows.iter().map(planned) {
            let Some(variant) = row.variant else { continue };
            let stock = match fresh
                .as_ref()
                .map(|fresh| stock(&fresh.product, variant.sku_id))
            {
                None => variant.quantity,
                Some(Some(now)) => now,
                Some(None) => {
                    let sku = variant.sku_id;
                    let message = format!("product {product} has no sku {sku} any more");
                    let gone = Error::new(Kind::NotFound, message);
                    settle(row.index, surely_not(&gone, None));
                    continue;
                }
            };
            if let Some(conflict) =
                conflict(self.plan.mode, &row.wanted, stock, self.plan.on_conflict)
            {
                settle(row.index, conflict);
                continue;
            }
            match step(self.plan.mode, &row.wanted, stock) {
                Step::Set(target) => changes.push(Change {
                    index: row.index,
                    sku: variant.sku_id,
                    previous: stock,
                    target,
                }),
                _ => settle(row.index, Settled::well(Outcome::Unchanged, stock, stock)),
            }
        }
        *rows = changes.iter().map(|c| c.index as u32).collect();
        if changes.is_empty() {
            return Due::Nothing(turn.give_up());
        }
        Due::Send(turn, changes)
    }
}

/// What was seen of a change that may yet arrive.
pub(super) fn still_as_before(previous: i64) -> String {
    format!("reading back, the stock is still {previous}, but the change may yet arrive")
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
fn read_back(
    worker: &Worker<'_>,
    product: ProductId,
    changes: &[Change],
    doubt: &Error,
) -> ReadBack {
    match worker.read_back(product) {
        Ok(now) => judge(|sku| stock(&now.value, sku), changes),
        Err(e) => ReadBack::Unclear(vec![unread(&e, doubt); changes.len()]),
    }
}

/// Compares the stock that is there `now` with what a `PUT` wanted and what was there before.
pub(super) fn judge(now: impl Fn(SkuId) -> Option<i64>, changes: &[Change]) -> ReadBack {
    let stock = |c: &Change| now(c.sku);
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
