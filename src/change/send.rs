//! Sends a job: waits, reads, records and sends as [`super::doubt`] says, and tells it what happened.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::value::RawValue;

use super::clock;
use super::decide::OnConflict;
use super::doubt::{
    Action, Asked, Basis, Decision, Ending, Event, Failures, Intent, Known, Left, Now, Request,
    Terms, Wanted,
};
use super::ledger::Ledger;
use super::outcome::{Outcome, Settled};
use super::row::RunRow;
use super::runs::StoredRun;
use crate::api::{Attempts, Client, Failure, Fate, Turn, Worker};
use crate::error::Error;
use crate::model::{ProductId, Quantity, SkuId};
use crate::wanted::Mode;

/// What the workers of one run share about sending.
pub(super) struct Shared<'a> {
    client: &'a Client,
    ledger: &'a Ledger,
    run: &'a StoredRun,
    terms: Terms,
    /// Variants of which an earlier adjustment is in doubt.
    doubtful: HashSet<SkuId>,
    /// A write of the run was in doubt by now.
    wary: AtomicBool,
    stopped: Mutex<Option<Error>>,
}

/// What a worker reports of a row.
pub(super) struct Settlement {
    pub(super) row: RunRow,
    pub(super) settled: Settled,
    pub(super) answer: Option<Box<RawValue>>,
    /// It stands for its request when it is asked whether the server is still there.
    pub(super) counts: bool,
}

/// Told of each row as it settles.
type Settle<'a> = &'a dyn Fn(Settlement);

impl<'a> Shared<'a> {
    pub(super) fn new(
        client: &'a Client,
        ledger: &'a Ledger,
        run: &'a StoredRun,
        resend: bool,
    ) -> Shared<'a> {
        Shared {
            client,
            ledger,
            run,
            terms: Terms {
                retries: client.retries(),
                resend,
                listening: false,
            },
            wary: AtomicBool::new(false),
            doubtful: HashSet::new(),
            stopped: Mutex::new(None),
        }
    }

    /// With variants of which an adjustment is in doubt. What an earlier process left in doubt (`any`) counts as much as what
    /// this one does.
    pub(super) fn doubting(mut self, variants: HashSet<SkuId>, any: bool) -> Shared<'a> {
        self.wary = AtomicBool::new(any || !variants.is_empty());
        self.doubtful = variants;
        self
    }

    /// Whether nothing more is to be sent.
    pub(super) fn is_over(&self) -> bool {
        self.client.interrupt().raised().is_some() || self.stopped().is_some()
    }

    /// Ends the run; the first reason stands.
    pub(super) fn stop(&self, why: Error) {
        self.stopped().get_or_insert(why);
    }

    fn stopped(&self) -> std::sync::MutexGuard<'_, Option<Error>> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the run ended, where something ended it.
    pub(super) fn into_stopped(self) -> Option<Error> {
        self.stopped
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the rows of one job: a product's by `PUT`, a variant's by one `POST` after another.
    pub(super) fn send(
        &self,
        worker: Worker<'a>,
        rows: Vec<RunRow>,
        settle: Settle<'_>,
    ) -> Worker<'a> {
        match self.run.mode {
            Mode::Set => self.puts(worker, rows, settle),
            Mode::Adjust | Mode::Stocktake => self.posts(worker, rows, settle),
        }
    }

    /// What an earlier process left is settled by a request of its own.
    fn puts(&self, mut worker: Worker<'a>, rows: Vec<RunRow>, settle: Settle<'_>) -> Worker<'a> {
        let (in_flight, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(RunRow::in_flight);
        let (unknown, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.settled.is_some());
        for rows in [in_flight, unknown, rows] {
            if rows.is_empty() || self.is_over() {
                continue;
            }
            let asked: Vec<Asked> = rows.iter().map(|row| self.asked(row)).collect();
            let request = Request::put(&asked, self.terms);
            (worker, _) = Sending::of(self, rows, settle).drive(worker, request);
        }
        worker
    }

    fn posts(&self, mut worker: Worker<'a>, rows: Vec<RunRow>, settle: Settle<'_>) -> Worker<'a> {
        let mut known: Option<Known> = None;
        let mut read_at = None;
        for row in rows {
            if self.is_over() {
                break;
            }
            let before = known.unwrap_or_else(|| {
                read_at = row.read_at;
                Known {
                    stock: row
                        .previous
                        .filter(|_| row.read_at.is_some() && row.intent_at.is_none()),
                    doubtful: row.sku.is_some_and(|sku| self.doubtful.contains(&sku)),
                    ..Known::default()
                }
            });
            let request = Request::post(self.asked(&row), before, self.terms);
            let mut sending = Sending::of(self, vec![row], settle);
            sending.read_at = read_at;
            let after;
            (worker, after) = sending.drive(worker, request);
            known = Some(after);
            read_at = sending.read_at;
        }
        worker
    }

    fn asked(&self, row: &RunRow) -> Asked {
        let left = match (&row.settled, row.in_flight()) {
            (Some(_), _) => Left::Unknown(row.previous),
            (None, true) => Left::InFlight(row.previous.map(|stock| Basis {
                stock,
                proves: row.read_at.is_some(),
            })),
            (None, false) => Left::Nothing,
        };
        Asked {
            row: row.row as usize,
            wanted: match self.run.mode {
                Mode::Set => Wanted::Set {
                    quantity: row.wanted,
                    expected: row
                        .expected
                        .filter(|_| self.run.on_conflict == OnConflict::Report),
                },
                Mode::Adjust | Mode::Stocktake => Wanted::Adjust {
                    by: row.adjustment.unwrap_or_default(),
                },
            },
            stock: row.previous,
            left,
        }
    }
}

/// One request under way.
struct Sending<'s, 'c> {
    shared: &'s Shared<'c>,
    rows: Vec<RunRow>,
    settle: Settle<'s>,
    /// When the newest reading arrived.
    read_at: Option<i64>,
    attempts: Attempts,
    failures: Failures,
    /// The last failure while it may be tried again.
    failure: Option<Failure>,
    answer: Option<Box<RawValue>>,
    /// A row of it was counted when it was asked whether the server is still there.
    counted: bool,
}

/// What the worker may do next: anything, or send one write now.
enum Hands<'c> {
    Free(Worker<'c>),
    Turn(Turn<'c>),
}

impl<'c> Hands<'c> {
    fn free(self) -> Worker<'c> {
        match self {
            Hands::Free(worker) => worker,
            Hands::Turn(turn) => turn.give_up(),
        }
    }
}

impl<'s, 'c> Sending<'s, 'c> {
    fn of(shared: &'s Shared<'c>, rows: Vec<RunRow>, settle: Settle<'s>) -> Sending<'s, 'c> {
        let read_at = rows.iter().map(|row| row.read_at).min().flatten();
        Sending {
            shared,
            read_at: read_at.filter(|_| rows.iter().all(|row| row.intent_at.is_none())),
            rows,
            settle,
            attempts: shared.client.attempts(),
            failures: Failures::default(),
            failure: None,
            answer: None,
            counted: false,
        }
    }

    /// Does what the request says until every row has ended; what is known of the variant then.
    fn drive(&mut self, worker: Worker<'c>, mut request: Request) -> (Worker<'c>, Known) {
        let mut hands = Hands::Free(worker);
        let mut event = Event::Begun;
        loop {
            let Decision { endings, action } = request.next(event);
            for (row, ending) in endings {
                self.end(row, &ending);
            }
            (hands, event) = match action {
                Action::Done => return (hands.free(), request.known()),
                Action::AwaitTurn => self.await_turn(hands.free()),
                Action::Read { back } => {
                    let worker = hands.free();
                    let rows: Vec<usize> = request.open().collect();
                    let event = self.read(&worker, &rows, back);
                    (Hands::Free(worker), event)
                }
                Action::Record(intents) => (hands, self.record(&intents)),
                Action::Send(rows) => self.send(hands, &rows),
                Action::Pause { .. } => {
                    let worker = hands.free();
                    let event = self.pause(&worker);
                    (Hands::Free(worker), event)
                }
                Action::AwaitProof => (hands, Event::Unproved),
            };
        }
    }

    fn row(&self, row: usize) -> Option<&RunRow> {
        self.rows.iter().find(|other| other.row as usize == row)
    }

    fn product(&self) -> Option<ProductId> {
        self.rows.first()?.product
    }

    fn now(&self) -> Now {
        Now {
            age: self.read_at.map(clock::age),
            wary: self.shared.wary.load(Ordering::Relaxed),
        }
    }

    fn interrupted(&mut self) -> Event {
        self.failures.last = self.shared.client.interrupted();
        Event::Interrupted
    }

    fn await_turn(&mut self, worker: Worker<'c>) -> (Hands<'c>, Event) {
        match worker.turn() {
            Ok(turn) => (Hands::Turn(turn), Event::Due(self.now())),
            Err(worker) => (Hands::Free(worker), self.interrupted()),
        }
    }

    /// Reads the product; the stock of these rows.
    fn read(&mut self, worker: &Worker<'c>, rows: &[usize], back: bool) -> Event {
        let Some(product) = self.product() else {
            return Event::Unread;
        };
        let read = match back {
            true => worker.read_back(product),
            false => worker.product(product),
        };
        match read {
            Ok(product) => {
                self.read_at = Some(clock::stamp());
                let stock = |row: &usize| {
                    let sku = self.row(*row)?.sku?;
                    product.value.variant(sku).map(|variant| variant.quantity)
                };
                Event::Read(rows.iter().map(stock).collect())
            }
            Err(_) if !back && worker.interrupted().is_some() => self.interrupted(),
            Err(error) => {
                self.failures.last = Some(error);
                Event::Unread
            }
        }
    }

    fn record(&mut self, intents: &[Intent]) -> Event {
        match self.shared.ledger.intend(intents, self.read_at) {
            Ok(()) => Event::Recorded(self.now()),
            Err(error) => {
                self.failures.last = Some(error.clone());
                self.shared.stop(error);
                Event::Unrecorded
            }
        }
    }

    fn send(&mut self, hands: Hands<'c>, rows: &[usize]) -> (Hands<'c>, Event) {
        let (Hands::Turn(turn), Some(product)) = (hands, self.product()) else {
            // A request never asks to be sent without a turn, nor is one made for rows without a product.
            return (
                Hands::Free(self.shared.client.worker()),
                Event::NotProcessed { again: false },
            );
        };
        let first = rows.first().copied().unwrap_or_default();
        let request_id = self.shared.ledger.request_id(first);
        let (worker, event) = match self.shared.run.mode {
            Mode::Set => self.set(turn, product, rows, &request_id),
            Mode::Adjust | Mode::Stocktake => self.adjust(turn, product, first, &request_id),
        };
        (Hands::Free(worker), event)
    }

    fn set(
        &mut self,
        turn: Turn<'c>,
        product: ProductId,
        rows: &[usize],
        request_id: &str,
    ) -> (Worker<'c>, Event) {
        let change = |row: &usize| {
            let row = self.row(*row)?;
            Some((row.sku?, Quantity::new(row.wanted)?))
        };
        let changes: Vec<(SkuId, Quantity)> = rows.iter().filter_map(change).collect();
        let (worker, sent) = turn.set(product, &changes, request_id);
        let event = match sent {
            Ok(_) => Event::Answered { stock: None },
            Err(failure) => self.failed(failure),
        };
        (worker, event)
    }

    fn adjust(
        &mut self,
        turn: Turn<'c>,
        product: ProductId,
        row: usize,
        request_id: &str,
    ) -> (Worker<'c>, Event) {
        let row = self.row(row);
        let (Some(row), Some(sku)) = (row, row.and_then(|row| row.sku)) else {
            return (turn.give_up(), Event::NotProcessed { again: false });
        };
        let by = row.adjustment.unwrap_or_default();
        let reason = row.reason.as_deref().or(self.shared.run.reason.as_deref());
        let (worker, sent) = turn.adjust(product, sku, by, reason, request_id);
        let event = match sent {
            Ok(adjusted) => {
                self.read_at = Some(clock::stamp());
                self.answer = Some(adjusted.raw);
                let stock = (adjusted.value.previous_quantity, adjusted.value.quantity);
                Event::Answered { stock: Some(stock) }
            }
            Err(failure) => self.failed(failure),
        };
        (worker, event)
    }

    fn failed(&mut self, failure: Failure) -> Event {
        let again = failure.transient && !failure.waits_too_long();
        let event = match failure.fate {
            Fate::Refused => Event::Refused,
            Fate::NotProcessed => Event::NotProcessed { again },
            fate => {
                self.shared.wary.store(true, Ordering::Relaxed);
                self.failures.doubt.get_or_insert(failure.error.clone());
                Event::InDoubt {
                    own: fate == Fate::Failed,
                    again,
                }
            }
        };
        self.failures.last = Some(self.attempts.in_words(&failure));
        self.failure = Some(failure);
        event
    }

    /// Waits as long as the server asked to, or our own back-off.
    fn pause(&mut self, worker: &Worker<'c>) -> Event {
        let Some(failure) = self.failure.take() else {
            return Event::Waited;
        };
        self.attempts.another(&failure);
        match worker.wait_for(&self.attempts, &failure) {
            true => Event::Waited,
            false => self.interrupted(),
        }
    }

    /// Tells how a row ended, and takes note of it in the ledger.
    fn end(&mut self, row: usize, ending: &Ending) {
        let Some(row) = self.row(row) else { return };
        let row = row.clone();
        let wanted = self.shared.asked(&row).wanted;
        let settled = ending.settled(wanted, &self.failures, row.settled.as_ref());
        // What an earlier process left stays as it is on disk, for another look.
        if !matches!(ending, Ending::Kept { .. }) {
            self.shared.ledger.settle(row.row as usize, &settled);
        }
        let judged = matches!(
            settled.outcome,
            Outcome::Applied | Outcome::Failed | Outcome::Unknown
        );
        let counts = judged && !std::mem::replace(&mut self.counted, true);
        (self.settle)(Settlement {
            row,
            settled,
            answer: self.answer.take(),
            counts,
        });
    }
}
