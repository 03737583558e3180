//! One request under way: waits, reads, records and sends as [`super::doubt`] says, and tells it what happened.

use std::sync::atomic::Ordering;

use serde_json::value::RawValue;

use super::clock;
use super::doubt::{
    Action, Decision, EVIDENT, Ending, Event, Failures, Intent, Known, Now, Proof, Request,
};
use super::ledger::Leaving;
use super::outcome::{Outcome, Settled};
use super::overtaken;
use super::row::RunRow;
use super::send::{Settle, Settlement, Shared};
use crate::api::{Attempts, Failure, Fate, Turn, Worker};
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, Quantity, SkuId};
use crate::state::State;
use crate::time::UtcTime;
use crate::wanted::Mode;

/// One request under way.
pub(super) struct Sending<'s, 'c> {
    shared: &'s Shared<'c>,
    rows: Vec<RunRow>,
    settle: Settle<'s>,
    /// When the newest reading arrived.
    pub(super) read_at: Option<i64>,
    /// When the stock arrived that it was sent on.
    based_on: Option<i64>,
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
    pub(super) fn of(
        shared: &'s Shared<'c>,
        rows: Vec<RunRow>,
        settle: Settle<'s>,
    ) -> Sending<'s, 'c> {
        let read_at = rows.iter().map(|row| row.read_at).min().flatten();
        Sending {
            shared,
            based_on: read_at.filter(|_| rows.iter().any(RunRow::in_flight)),
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
    pub(super) fn drive(
        &mut self,
        worker: Worker<'c>,
        mut request: Request,
    ) -> (Worker<'c>, Known) {
        let mut hands = Hands::Free(worker);
        let mut event = self.proof(&request).unwrap_or(Event::Begun);
        loop {
            let Decision { endings, action } = request.next(event);
            for (row, ending) in endings {
                self.end(row, &ending);
            }
            // Once before anything is done about it, and once after: an event ends every doubt.
            if let (false, Some(proof)) = (action == Action::Done, self.proof(&request)) {
                event = proof;
                continue;
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
                Action::Pause { in_flight } => {
                    let worker = hands.free();
                    if !in_flight {
                        self.withdraw(request.open());
                    }
                    let event = self.pause(&worker);
                    (Hands::Free(worker), event)
                }
                Action::AwaitProof => {
                    let worker = hands.free();
                    let event = self.await_proof(&request);
                    (Hands::Free(worker), event)
                }
            };
            event = self.proof(&request).unwrap_or(event);
        }
    }

    /// The event that proves an adjustment in doubt, where it is there.
    fn proof(&mut self, request: &Request) -> Option<Event> {
        let row = request.open().next().filter(|_| request.may_be_proved())?;
        let looked = self.shared.proofs.look(self.row(row)?);
        self.proved(looked)
    }

    fn await_proof(&mut self, request: &Request) -> Event {
        let interrupt = self.shared.client.interrupt();
        let row = request.open().next().and_then(|row| self.row(row));
        let waited = row.map(|row| self.shared.proofs.wait(row, interrupt));
        let proved = waited.and_then(|waited| self.proved(waited));
        proved.unwrap_or(Event::Unproved)
    }

    /// Events that can't be looked at prove nothing.
    fn proved(&mut self, looked: Result<Option<Proof>>) -> Option<Event> {
        match looked {
            Ok(proof) => proof.map(Event::Proved),
            Err(error) => {
                self.failures.last = Some(error);
                None
            }
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
                    let row = self.row(*row)?;
                    let variant = product.value.variant(row.sku?)?;
                    // What was sent is found by its id; what is about to be sent is meant for who bears the code.
                    let code = row.sku_code.as_deref().filter(|code| !code.is_empty());
                    let is_meant = code.is_none_or(|code| code == variant.sku_code);
                    let is_sent = back && row.would_be() == Some(variant.quantity);
                    (is_meant || is_sent).then_some(variant.quantity)
                };
                let stocks = rows.iter().map(stock).collect();
                Event::Read {
                    stocks,
                    late: self.based_on.is_some_and(|at| clock::age(at) > EVIDENT),
                    overtaken: back && self.shared.run.mode != Mode::Set && self.is_overtaken(rows),
                }
            }
            Err(_) if !back && worker.interrupted().is_some() => self.interrupted(),
            Err(error) => {
                self.fails(error);
                Event::Unread
            }
        }
    }

    /// Whether another run of ours wrote a variant since the stock that its row was sent on was read. Where that can't be
    /// told, nothing is proved.
    fn is_overtaken(&mut self, rows: &[usize]) -> bool {
        let Some(since) = self.based_on.map(UtcTime::from_millis) else {
            return false;
        };
        let skus = rows.iter().filter_map(|row| self.row(*row)?.sku);
        let found = State::reader(self.shared.ledger.folder()).and_then(|state| {
            for sku in skus {
                if overtaken::is_since(&state, self.shared.run, sku, since)? {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        found.unwrap_or(true)
    }

    /// Takes note of a failure. Credentials that are refused end the run, whatever the row comes to.
    fn fails(&mut self, error: Error) {
        if error.kind() == Kind::Auth {
            self.shared.stop(error.clone());
        }
        self.failures.last = Some(error);
    }

    /// These surely were not processed: a kill while they wait for another attempt leaves nothing in doubt.
    fn withdraw(&self, rows: impl Iterator<Item = usize>) {
        for row in rows {
            let waits = Settled::skipped(None, "it waits for another attempt");
            self.shared.ledger.settle(row, &waits);
        }
    }

    fn record(&mut self, intents: &[Intent]) -> Event {
        self.based_on = self.read_at;
        let leaving = intents.iter().map(|intent| self.leaving(*intent)).collect();
        match self.shared.ledger.intend(leaving) {
            Ok(()) => Event::Recorded(self.now()),
            Err(error) => {
                self.failures.last = Some(error.clone());
                self.shared.stop(error);
                Event::Unrecorded
            }
        }
    }

    /// A row as its intent is recorded. A resend has a tag of its own.
    fn leaving(&mut self, intent: Intent) -> Leaving {
        let mut rows = self.rows.iter_mut();
        let row = rows.find(|row| row.row as usize == intent.row);
        let tagged_at = row.and_then(|row| {
            row.resends += u32::from(intent.resend);
            let adjusts = self.shared.run.mode != Mode::Set;
            if adjusts && row.tagged_at.is_none() && self.shared.tagged(row).is_some() {
                row.tagged_at = Some(UtcTime::now());
            }
            row.tagged_at
        });
        Leaving {
            intent,
            read_at: self.read_at,
            tagged_at,
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
        let tagged = self.shared.tagged(row);
        let reason = tagged.as_deref().or(self.shared.reason(row));
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
        let again = !failure.waits_too_long();
        let event = match failure.fate {
            Fate::Refused => Event::Refused,
            Fate::NotProcessed => Event::NotProcessed {
                again: again && failure.transient,
            },
            fate => {
                self.shared.wary.store(true, Ordering::Relaxed);
                self.failures.doubt.get_or_insert(failure.error.clone());
                Event::InDoubt {
                    own: fate == Fate::Failed,
                    again,
                }
            }
        };
        self.fails(self.attempts.in_words(&failure));
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
        let mut settled = ending.settled(wanted, &self.failures, row.settled.as_ref());
        settled.previous = settled.previous.or(row.previous);
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
            row: row.ended(settled),
            answer: self.answer.take(),
            counts,
        });
    }
}
