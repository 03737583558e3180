//! From a plan to outcomes: workers send what the plan says, and find out what became of every write in doubt.
//!
//! The rules are the contract's "Never twice, never lost, never a guess": an adjustment in doubt is read back, never
//! sent again; a `PUT` in doubt is read back and sent again only where the stock is still what it was.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::value::RawValue;

use super::guard::Approved;
use super::ledger::Ledger;
use super::outcome::{Outcome, Settled, Trouble};
use super::plan::{Plan, Row, Step, step};
use crate::api::{Client, Failure, Fate};
use crate::error::{Error, Kind, Result};
use crate::model::{Product, ProductId, Raw, SkuId};
use crate::wanted::{Mode, Quantity};

/// A product whose rows say what they expect is read again when its reading is older than this (the contract:
/// import-csv, step 5).
const STALE: Duration = Duration::from_secs(5);

/// So many writes in a row that the server was not there for end the run: it is down, not busy.
const MANY_UNAVAILABLE: u32 = 10;

/// How a plan is applied.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Writes under way at once.
    pub concurrency: usize,
    /// The first row that fails ends the run.
    pub stop_on_error: bool,
}

/// What became of a plan.
pub struct Applied {
    /// The plan as it was.
    pub plan: Plan,
    /// How each of its rows ended, in their order.
    pub settled: Vec<Settled>,
    /// Why the run ended before its last row, if it did.
    pub stopped: Option<Error>,
}

/// A row that has just settled.
pub struct Settling<'a> {
    /// The plan it is part of.
    pub plan: &'a Plan,
    /// The row.
    pub row: &'a Row,
    /// How it ended.
    pub settled: &'a Settled,
    /// The API's own words about an adjustment that it answered.
    pub answer: Option<&'a RawValue>,
}

/// Told of each row as it settles, on the calling thread.
pub type Watch<'a> = &'a mut dyn FnMut(Settling<'_>);

/// Sends everything that the plan says. Rows that ended in the plan are told first, those whose turn never came last.
pub fn apply(
    client: &Client,
    approved: Approved,
    options: Options,
    ledger: &Ledger,
    watch: Watch<'_>,
) -> Result<Applied> {
    let plan = approved.into_plan();
    let jobs = Jobs::of(&plan);
    if jobs.count() > 0 {
        client.writable()?;
    }
    let mut settled: Vec<Option<Settled>> = Vec::with_capacity(plan.rows.len());
    for row in &plan.rows {
        let done = match &row.step {
            Step::Done(done) => {
                watch(Settling {
                    plan: &plan,
                    row,
                    settled: done,
                    answer: None,
                });
                Some((**done).clone())
            }
            _ => None,
        };
        settled.push(done);
    }
    let (results, inbox) = mpsc::channel();
    let run = Run {
        client,
        ledger,
        plan: &plan,
        jobs: &jobs,
        next: AtomicUsize::new(0),
        unavailable: AtomicU32::new(0),
        stop_on_error: options.stop_on_error,
        stopped: Mutex::new(None),
    };
    thread::scope(|scope| {
        for _ in 0..options.concurrency.clamp(1, jobs.count().max(1)) {
            let (run, results) = (&run, results.clone());
            scope.spawn(move || run.work(&results));
        }
        drop(results);
        for Settlement {
            index,
            settled: result,
            answer,
        } in inbox
        {
            watch(Settling {
                plan: &plan,
                row: &plan.rows[index],
                settled: &result,
                answer: answer.as_deref(),
            });
            settled[index] = Some(result);
        }
    });
    let stopped = run
        .stopped
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .or_else(|| client.interrupted());
    let why = match &stopped {
        Some(error) => format!("the run ended before this row: {}", error.message()),
        None => "the run ended before this row".to_owned(),
    };
    let settled = settled
        .into_iter()
        .enumerate()
        .map(|(index, settled)| {
            settled.unwrap_or_else(|| {
                let row = &plan.rows[index];
                let skipped = Settled::skipped(plan.stock(row), &why);
                watch(Settling {
                    plan: &plan,
                    row,
                    settled: &skipped,
                    answer: None,
                });
                skipped
            })
        })
        .collect();
    Ok(Applied {
        plan,
        settled,
        stopped,
    })
}

/// The plan's rows in the portions that are sent one after another: a product's rows in one `PUT`, a variant's
/// adjustments in file order. Portions stand in the order of their first rows.
struct Jobs {
    order: Vec<u32>,
    portions: Vec<Range<u32>>,
}

impl Jobs {
    fn of(plan: &Plan) -> Jobs {
        let key = |row: &Row| match (row.variant, plan.mode) {
            (Some((product, _)), Mode::Set) => product.get(),
            (Some((_, sku)), _) => sku.get(),
            (None, _) => 0,
        };
        let mut keyed: Vec<(i64, u32)> = plan
            .rows
            .iter()
            .zip(0..)
            .filter(|(row, _)| row.step.sends())
            .map(|(row, index)| (key(row), index))
            .collect();
        keyed.sort_unstable();
        let mut portions: Vec<Range<u32>> = Vec::new();
        let mut last = None;
        for (position, (key, _)) in (0..).zip(&keyed) {
            match portions.last_mut() {
                Some(portion) if last == Some(*key) => portion.end = position + 1,
                _ => portions.push(position..position + 1),
            }
            last = Some(*key);
        }
        let order: Vec<u32> = keyed.into_iter().map(|(_, index)| index).collect();
        portions.sort_unstable_by_key(|portion| order[portion.start as usize]);
        Jobs { order, portions }
    }

    fn count(&self) -> usize {
        self.portions.len()
    }

    fn rows(&self, job: usize) -> Option<&[u32]> {
        let portion = self.portions.get(job)?;
        Some(&self.order[portion.start as usize..portion.end as usize])
    }
}

/// What the workers of one run share.
struct Run<'a> {
    client: &'a Client,
    ledger: &'a Ledger,
    plan: &'a Plan,
    jobs: &'a Jobs,
    next: AtomicUsize,
    /// Writes in a row that the server was not there for.
    unavailable: AtomicU32,
    stop_on_error: bool,
    stopped: Mutex<Option<Error>>,
}

/// What a worker reports of a row.
struct Settlement {
    index: usize,
    settled: Settled,
    answer: Option<Box<RawValue>>,
}

/// One variant's part of a `PUT`.
struct Change {
    index: usize,
    sku: SkuId,
    previous: i64,
    target: Quantity,
}

impl Run<'_> {
    fn work(&self, results: &Sender<Settlement>) {
        while !self.is_over() {
            let job = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(rows) = self.jobs.rows(job) else {
                return;
            };
            let settle = |settlement: Settlement| {
                self.judge(&settlement.settled);
                self.ledger
                    .settle(settlement.index as u32, &settlement.settled);
                // The receiver outlives every worker.
                let _ = results.send(settlement);
            };
            match self.plan.mode {
                Mode::Set => self.set(rows, &|index, settled| {
                    settle(Settlement {
                        index,
                        settled,
                        answer: None,
                    });
                }),
                Mode::Adjust | Mode::Stocktake => self.adjust(rows, &settle),
            }
        }
    }

    fn is_over(&self) -> bool {
        self.client.interrupt().raised().is_some()
            || self
                .stopped
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_some()
    }

    /// Ends the run where a row shows that there is no point in going on.
    fn judge(&self, settled: &Settled) {
        let trouble = match settled.outcome {
            Outcome::Failed | Outcome::Unknown => settled.trouble.as_deref(),
            Outcome::Applied => {
                self.unavailable.store(0, Ordering::Relaxed);
                None
            }
            _ => None,
        };
        let Some(trouble) = trouble else { return };
        let kind = trouble.kind;
        let error = || Error::from(trouble.clone());
        if kind == Kind::Auth {
            self.stop(error());
        } else if kind == Kind::Unavailable || settled.outcome == Outcome::Unknown {
            let row = self.unavailable.fetch_add(1, Ordering::Relaxed) + 1;
            if row >= MANY_UNAVAILABLE {
                let message = format!("{row} writes in a row failed: {}", trouble.message);
                self.stop(
                    Error::new(Kind::Unavailable, message)
                        .hinted("the server seems to be down; run it again when it is back"),
                );
            }
        } else {
            self.unavailable.store(0, Ordering::Relaxed);
        }
        if self.stop_on_error {
            let message = format!("a row failed and --on-error is stop: {}", trouble.message);
            self.stop(Error::new(Kind::Partial, message));
        }
    }

    fn stop(&self, why: Error) {
        self.stopped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
    }

    /// One `PUT` with a product's changed variants.
    fn set(&self, rows: &[u32], settle: &dyn Fn(usize, Settled)) {
        let Some((product, mut changes)) = self.changes(rows, settle) else {
            return;
        };
        let mut attempt = 0;
        while !changes.is_empty() {
            let wanted: Vec<(SkuId, Quantity)> =
                changes.iter().map(|c| (c.sku, c.target)).collect();
            let evidence = changes.iter().map(|c| (c.index as u32, c.previous));
            if let Err(error) = self.ledger.intend(evidence.collect()) {
                for c in &changes {
                    settle(c.index, unrecorded(&error, c.previous));
                }
                return self.stop(error);
            }
            let failure = match self.client.set(product, &wanted) {
                Ok(_) => {
                    for c in changes {
                        settle(
                            c.index,
                            Settled::well(Outcome::Applied, c.previous, c.target.get()),
                        );
                    }
                    return;
                }
                Err(failure) => failure,
            };
            if failure.fate != Fate::InDoubt {
                for c in changes {
                    settle(c.index, surely_not(&failure.error, c.previous));
                }
                return;
            }
            match self.read_back(product, &changes, &failure.error) {
                ReadBack::Applied => {
                    for c in changes {
                        let mut settled =
                            Settled::well(Outcome::Applied, c.previous, c.target.get());
                        settled.read_back = true;
                        settle(c.index, settled);
                    }
                    return;
                }
                ReadBack::AsBefore
                    if attempt < self.client.retries()
                        && self.client.wait_to_resend(attempt, &failure) =>
                {
                    attempt += 1;
                }
                ReadBack::AsBefore => {
                    for c in changes.drain(..) {
                        let seen = format!(
                            "reading back, the stock is still {}, but the change may yet arrive",
                            c.previous
                        );
                        settle(c.index, unknown(&failure.error, &seen, c.previous));
                    }
                }
                ReadBack::Unclear(seen) => {
                    for (c, seen) in changes.drain(..).zip(seen) {
                        settle(c.index, unknown(&failure.error, &seen, c.previous));
                    }
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
        let (product, _) = plan.rows.get(*rows.first()? as usize)?.variant?;
        let reading = plan.shelf().reading(product)?;
        let guarded = rows
            .iter()
            .any(|&index| plan.rows[index as usize].wanted.expected().is_some());
        let fresh = if guarded && reading.at.elapsed() > STALE {
            match self.client.product(product) {
                Ok(fresh) => Some(fresh.value),
                Err(error) => {
                    for &index in rows {
                        let stock = plan.stock(&plan.rows[index as usize]);
                        settle(
                            index as usize,
                            surely_not(&error, stock.unwrap_or_default()),
                        );
                    }
                    return None;
                }
            }
        } else {
            None
        };
        let now: &Product = fresh.as_ref().unwrap_or(&reading.product);
        let mut changes = Vec::with_capacity(rows.len());
        for &index in rows {
            let index = index as usize;
            let row = &plan.rows[index];
            let Some((_, sku)) = row.variant else {
                continue;
            };
            let Some(variant) = now.variant(sku) else {
                let gone = Error::new(
                    Kind::NotFound,
                    format!("product {product} has no sku {sku} any more"),
                );
                settle(index, surely_not(&gone, 0));
                continue;
            };
            match step(plan.mode, &row.wanted, variant.quantity, plan.on_conflict) {
                Step::Done(done) => settle(index, *done),
                _ => match Quantity::new(row.wanted.value()) {
                    Some(target) => changes.push(Change {
                        index,
                        sku,
                        previous: variant.quantity,
                        target,
                    }),
                    None => settle(
                        index,
                        surely_not(
                            &Error::refused("a quantity can't be below 0"),
                            variant.quantity,
                        ),
                    ),
                },
            }
        }
        Some((product, changes))
    }

    /// Finds out what became of a `PUT` in doubt. It is all or nothing, so the variants are judged together.
    fn read_back(&self, product: ProductId, changes: &[Change], doubt: &Error) -> ReadBack {
        let now = match self.client.read_back(product) {
            Ok(now) => now.value,
            Err(e) => {
                let seen = format!("reading back failed too: {}", same_or(&e, doubt));
                return ReadBack::Unclear(vec![seen; changes.len()]);
            }
        };
        let stock = |c: &Change| now.variant(c.sku).map(|variant| variant.quantity);
        if changes.iter().all(|c| stock(c) == Some(c.target.get())) {
            return ReadBack::Applied;
        }
        if changes.iter().all(|c| stock(c) == Some(c.previous)) {
            return ReadBack::AsBefore;
        }
        ReadBack::Unclear(
            changes
                .iter()
                .map(|c| match stock(c) {
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
                })
                .collect(),
        )
    }

    /// A variant's adjustments, one `POST` each, in file order.
    fn adjust(&self, rows: &[u32], settle: &dyn Fn(Settlement)) {
        // What the stock was last known to be: the evidence against which a lost answer is judged.
        let mut known: Option<i64> = None;
        for &index in rows {
            let index = index as usize;
            let row = &self.plan.rows[index];
            let (Some((product, sku)), Step::Adjust(by)) = (row.variant, &row.step) else {
                continue;
            };
            if self.is_over() {
                return;
            }
            let before = known.or_else(|| self.plan.stock(row)).unwrap_or_default();
            let reason = row.wanted.reason().or(self.plan.reason.as_deref());
            if let Err(error) = self.ledger.intend(vec![(index as u32, before)]) {
                settle(Settlement {
                    index,
                    settled: unrecorded(&error, before),
                    answer: None,
                });
                return self.stop(error);
            }
            let (settled, answer) = match self.client.adjust(product, sku, *by, reason) {
                Ok(Raw { value, raw }) => {
                    known = Some(value.quantity);
                    let settled =
                        Settled::well(Outcome::Applied, value.previous_quantity, value.quantity);
                    (settled, Some(raw))
                }
                Err(failure) if failure.fate != Fate::InDoubt => {
                    (surely_not(&failure.error, before), None)
                }
                Err(failure) => {
                    let (now, settled) = self.adjusted(product, sku, *by, before, &failure);
                    known = now.or(known);
                    (settled, None)
                }
            };
            settle(Settlement {
                index,
                settled,
                answer,
            });
        }
    }

    /// Finds out what became of an adjustment in doubt: applied if the stock moved by exactly as much, else unknown.
    /// It is never sent again.
    fn adjusted(
        &self,
        product: ProductId,
        sku: SkuId,
        by: i64,
        before: i64,
        doubt: &Failure,
    ) -> (Option<i64>, Settled) {
        let now = match self.client.read_back(product) {
            Ok(now) => now.value.variant(sku).map(|variant| variant.quantity),
            Err(e) => {
                let seen = format!("reading back failed too: {}", same_or(&e, &doubt.error));
                return (None, unknown(&doubt.error, &seen, before));
            }
        };
        let settled = match now {
            Some(now) if before.checked_add(by) == Some(now) => {
                let mut settled = Settled::well(Outcome::Applied, before, now);
                settled.read_back = true;
                settled
            }
            Some(now) => {
                let seen =
                    format!("reading back, the stock is {now}; it was {before} before {by:+}");
                unknown(&doubt.error, &seen, before)
            }
            None => unknown(&doubt.error, "reading back, the variant is gone", before),
        };
        (now, settled)
    }
}

/// What reading back a `PUT` in doubt showed.
enum ReadBack {
    /// Everything at its target.
    Applied,
    /// Everything as it was before.
    AsBefore,
    /// Anything else: what was seen, a change each.
    Unclear(Vec<String>),
}

/// A row that surely was not applied; one that an interrupt kept from being sent was skipped.
fn surely_not(error: &Error, previous: i64) -> Settled {
    let outcome = match error.kind() {
        Kind::Interrupted(_) => Outcome::Skipped,
        _ => Outcome::Failed,
    };
    Settled::badly(outcome, Some(previous), Trouble::from(error))
}

/// A row that was not sent because the ledger could not hold it.
fn unrecorded(error: &Error, previous: i64) -> Settled {
    Settled::badly(Outcome::Skipped, Some(previous), Trouble::from(error))
}

fn unknown(doubt: &Error, seen: &str, previous: i64) -> Settled {
    let trouble = Trouble {
        kind: Kind::UnknownOutcome,
        message: format!("{}; {seen}", doubt.full_message()),
        hint: Some(
            "look at the stock before doing anything: the change may or may not have happened"
                .to_owned(),
        ),
        ..Trouble::from(doubt)
    };
    Settled::badly(Outcome::Unknown, Some(previous), trouble)
}

/// The second failure in words, without saying the same twice.
fn same_or(second: &Error, first: &Error) -> String {
    if second.message() == first.message() {
        "the same".to_owned()
    } else {
        second.full_message()
    }
}
