//! From a plan to outcomes: workers send what the plan says, and find out what became of every write in doubt.
//!
//! The rules are the contract's "Never twice, never lost, never a guess": [`super::put`] and [`super::post`] keep them,
//! this file hands out the work, and ends the run when there is no point in going on.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::value::RawValue;

use super::guard::Approved;
use super::ledger::Ledger;
use super::outcome::{Outcome, Settled, Trouble};
use super::plan::{Plan, Row, Step};
use crate::api::{Client, Worker};
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::wanted::Mode;

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
    pub row: &'a Row<'a>,
    /// How it ended.
    pub settled: &'a Settled,
    /// The API's own words about an adjustment that it answered.
    pub answer: Option<&'a RawValue>,
}

/// Told of each row as it settles, on the calling thread.
pub type Watch<'a> = &'a mut dyn FnMut(&Settling<'_>);

/// Sends everything that the plan says, each write recorded before it leaves. Rows that ended in the plan are told
/// first, those whose turn never came last. Once this returns, the ledger holds every outcome; an error is that it
/// could not be told so, after everything that was under way had settled.
pub fn apply(
    client: &Client,
    approved: Approved,
    options: Options,
    ledger: Ledger,
    watch: Watch<'_>,
) -> Result<Applied> {
    let plan = approved.into_plan();
    let jobs = Jobs::of(&plan);
    let mut settled: Vec<Option<Settled>> = Vec::with_capacity(plan.len());
    for row in plan.rows() {
        let done = (!row.step.sends()).then(|| row.foreseen());
        if let Some(done) = &done {
            watch(&Settling {
                plan: &plan,
                row: &row,
                settled: done,
                answer: None,
            });
        }
        settled.push(done);
    }
    let (results, inbox) = mpsc::channel();
    let run = Run {
        interrupt: client.interrupt(),
        ledger: &ledger,
        plan: &plan,
        jobs: &jobs,
        next: AtomicUsize::new(0),
        unavailable: AtomicU32::new(0),
        stop_on_error: options.stop_on_error,
        stopped: Mutex::new(client.writable().err().filter(|_| jobs.count() > 0)),
    };
    thread::scope(|scope| {
        for _ in 0..options.concurrency.clamp(1, jobs.count().max(1)) {
            let (run, results) = (&run, results.clone());
            scope.spawn(move || run.work(client.worker(), &results));
        }
        drop(results);
        for Settlement {
            index,
            settled: result,
            answer,
            ..
        } in inbox
        {
            watch(&Settling {
                plan: &plan,
                row: &plan.row(index),
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
    let recorded = ledger.finish(stopped.as_ref());
    let why = match &stopped {
        Some(error) => format!("the run ended before this row: {}", error.message()),
        None => "the run ended before this row".to_owned(),
    };
    let settled = settled
        .into_iter()
        .enumerate()
        .map(|(index, settled)| {
            settled.unwrap_or_else(|| {
                let row = plan.row(index);
                let skipped = match plan.earlier(index) {
                    Some(earlier) => still_unknown(earlier, None),
                    None => Settled::skipped(row.stock(), &why),
                };
                watch(&Settling {
                    plan: &plan,
                    row: &row,
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
        // What happened is known and reported all the same; that it is not on disk ends the command.
        stopped: match (stopped, recorded.err()) {
            (Some(stopped), Some(unrecorded)) => {
                let message = format!("{}; {}", stopped.message(), unrecorded.full_message());
                Some(stopped.reworded(message))
            }
            (stopped, unrecorded) => stopped.or(unrecorded),
        },
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
        let mut keyed: Vec<(i64, u32)> = plan
            .to_send()
            .map(|row| {
                let key = match (&row.variant, plan.mode) {
                    (Some(variant), Mode::Set) => variant.product_id.get(),
                    (Some(variant), _) => variant.sku_id.get(),
                    (None, _) => 0,
                };
                (key, u32::try_from(row.index).unwrap_or(u32::MAX))
            })
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
pub(super) struct Run<'a> {
    interrupt: &'a Interrupt,
    pub(super) ledger: &'a Ledger,
    pub(super) plan: &'a Plan,
    jobs: &'a Jobs,
    next: AtomicUsize,
    /// Writes in a row that the server was not there for.
    unavailable: AtomicU32,
    stop_on_error: bool,
    stopped: Mutex<Option<Error>>,
}

/// What a worker reports of a row.
pub(super) struct Settlement {
    pub(super) index: usize,
    pub(super) settled: Settled,
    pub(super) answer: Option<Box<RawValue>>,
    /// It stands for its request when it is asked whether the server is still there.
    pub(super) counts: bool,
}

impl Settlement {
    pub(super) fn new(index: usize, settled: Settled) -> Settlement {
        Settlement {
            index,
            settled,
            answer: None,
            counts: true,
        }
    }
}

impl Run<'_> {
    fn work(&self, mut worker: Worker<'_>, results: &Sender<Settlement>) {
        while !self.is_over() {
            let job = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(rows) = self.jobs.rows(job) else {
                return;
            };
            let settle = |mut settlement: Settlement| {
                settlement.settled = self.with_doubt(settlement.index, settlement.settled);
                if settlement.counts {
                    self.judge(&settlement.settled);
                }
                self.ledger.settle(settlement.index, &settlement.settled);
                // The receiver outlives every worker.
                let _ = results.send(settlement);
            };
            worker = match self.plan.mode {
                Mode::Set => self.put(worker, rows, &settle),
                Mode::Adjust | Mode::Stocktake => self.post(worker, rows, &settle),
            };
        }
    }

    /// A row that an earlier process sent, and of which nobody knows what became, has surely not failed and was surely
    /// not skipped, whatever becomes of sending it again.
    fn with_doubt(&self, index: usize, settled: Settled) -> Settled {
        match (self.plan.earlier(index), settled.outcome) {
            (None, _) | (Some(_), Outcome::Applied | Outcome::Unknown) => settled,
            (Some(earlier), _) => still_unknown(earlier, settled.trouble.as_deref()),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.interrupt.raised().is_some()
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
                        .hinted("the server seems to be down; go on when it is back"),
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

    pub(super) fn stop(&self, why: Error) {
        self.stopped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
    }
}

/// A row that surely was not applied; one that an interrupt kept from being sent was skipped.
pub(super) fn surely_not(error: &Error, previous: Option<i64>) -> Settled {
    let outcome = match error.kind() {
        Kind::Interrupted(_) => Outcome::Skipped,
        _ => Outcome::Failed,
    };
    Settled::badly(outcome, previous, Trouble::from(error))
}

/// A row that was not sent because the ledger could not hold it.
pub(super) fn unrecorded(error: &Error, previous: i64) -> Settled {
    Settled::badly(Outcome::Skipped, Some(previous), Trouble::from(error))
}

/// A row that may or may not have been applied: why that is in doubt, and what was seen afterwards.
pub(super) fn unknown(doubt: &Error, seen: &str, previous: i64) -> Settled {
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

/// The outcome that a row in doubt had before, and what became of sending it again, if it was.
fn still_unknown(earlier: &Settled, now: Option<&Trouble>) -> Settled {
    let mut settled = earlier.clone();
    if let (Some(trouble), Some(now)) = (&mut settled.trouble, now) {
        trouble.message = format!("{}; sent again: {}", trouble.message, now.message);
        trouble.status = now.status;
        trouble.code.clone_from(&now.code);
    }
    settled
}

/// Reading back failed as well: in words, without saying the same twice.
pub(super) fn unread(second: &Error, first: &Error) -> String {
    if second.message() == first.message() {
        "reading back failed in the same way".to_owned()
    } else {
        format!("reading back failed too: {}", second.full_message())
    }
}

/// What a row's step sends, where it is an adjustment.
pub(super) fn adjustment(row: &Row<'_>) -> Option<i64> {
    match row.step {
        Step::Adjust(by) => Some(by),
        _ => None,
    }
}
