//! From the rows of a run to their outcomes: hands out the work, and ends the run when there is no point in going on. What
//! one request does is [`super::send`]'s.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::value::RawValue;

use super::jobs::Jobs;
use super::ledger::Ledger;
use super::lots::{Lots, lot};
use super::outcome::{MOVED_TWICE, Outcome, Settled};
use super::row::RunRow;
use super::runs::{self, StoredRun};
use super::send::{Settlement, Shared};
use crate::api::{Client, Worker};
use crate::error::{Error, Kind, Result};
use crate::state::State;
use crate::threads;

/// How many writes in a row that the server was not there for end the run: it is down, not busy.
const MANY_UNAVAILABLE: u32 = 10;

/// How a run is applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Writes under way at once; one at least.
    pub concurrency: usize,
    /// The first row that fails ends the run.
    pub stop_on_error: bool,
    /// Rows in doubt are sent again: the user's own decision.
    pub resend_unknown: bool,
    /// The reason of an adjustment ends in a tag, by which its event proves it (docs/memory.md: Proof).
    pub tag_reasons: bool,
}

/// How a run ended.
pub struct Ended {
    /// The run, as it was entered.
    pub run: StoredRun,
    /// What the ledger is read by. It was opened before the first row was sent, so that the run is read to its end even
    /// where its file is taken away meanwhile.
    pub state: State,
    /// Why it ended before its last row, or that the ledger could not hold what happened.
    pub stopped: Option<Error>,
    /// Outcomes that the ledger does not hold, by row: its disk or its file failed.
    pub unrecorded: HashMap<u32, Settled>,
    /// What the ledger was written by, to be closed behind what it was read by; see [`super::ledger::Written`].
    _connection: Option<State>,
}

/// A row that has just ended.
pub struct Settling<'a> {
    /// The row, with how it ended.
    pub row: &'a RunRow,
    /// How many rows the run has.
    pub rows: u64,
    /// The API's own words about an adjustment that it answered.
    pub answer: Option<&'a RawValue>,
}

/// Told of each row as it settles, on the calling thread.
pub type Watch<'a> = &'a mut dyn FnMut(&Settling<'_>);

/// Sends every row of the run that is to be sent, each write recorded before it leaves. Rows that ended in the plan are told
/// first, those whose turn never came last. Once this returns, the ledger holds every outcome, but for those that are said
/// to be missing.
pub fn apply(
    client: &Client,
    ledger: Ledger,
    options: &Options,
    watch: Watch<'_>,
) -> Result<Ended> {
    let state = State::open(ledger.folder())?;
    let run = runs::find(&state, ledger.run())?;
    let mut telling = Telling {
        watch,
        rows: runs::totals(&state, run.number)?.rows(),
        lots: Lots::of_run(state.look(), run.number).map_err(|e| state.failed(e))?,
    };
    let failed = telling.tell_planned(&state, &run, options)?;
    let jobs = Jobs::of(State::open(ledger.folder())?, &run, options.resend_unknown)?;
    let count = jobs.count()?;
    let work = Work {
        shared: Shared::new(client, &ledger, &run, options, &state)?,
        jobs: Mutex::new(jobs),
        unavailable: AtomicU32::new(0),
        stop_on_error: options.stop_on_error,
    };
    if let Some(refused) = client.writable().err().filter(|_| count > 0) {
        work.shared.stop(refused);
    }
    if let Some(why) = failed.filter(|_| options.stop_on_error) {
        work.shared.stop(why);
    }
    let most = usize::try_from(count).unwrap_or(usize::MAX).max(1);
    work.send_all(client, options.concurrency.clamp(1, most), &mut telling);
    let Work { shared, jobs, .. } = work;
    let stopped = shared.stopped().take().or_else(|| client.interrupted());
    let (recorded, written) = ledger.finish(stopped.as_ref());
    let jobs = jobs.into_inner().unwrap_or_else(PoisonError::into_inner);
    telling.tell_left(jobs, stopped.as_ref())?;
    let (unrecorded, connection) = written.map(|w| (w.unrecorded, w.state)).unzip();
    let unrecorded = unrecorded.unwrap_or_default().into_iter();
    let unrecorded =
        unrecorded.filter_map(|(row, settled)| Some((u32::try_from(row).ok()?, settled)));
    drop(telling);
    Ok(Ended {
        run,
        state,
        stopped: why_ended(stopped, recorded.err()),
        unrecorded: unrecorded.collect(),
        _connection: connection,
    })
}

/// Tells of each row as it ends, and of the other lines that went into it.
struct Telling<'a, 'w> {
    watch: Watch<'w>,
    /// How many rows the run has.
    rows: u64,
    lots: Lots<'a>,
}

impl Telling<'_, '_> {
    fn tell(&mut self, row: &RunRow, answer: Option<&RawValue>) {
        (self.watch)(&Settling {
            row,
            rows: self.rows,
            answer,
        });
    }

    fn tell_with_lots(&mut self, row: &RunRow, answer: Option<&RawValue>) {
        self.tell(row, answer);
        // What can't be read is in the report all the same.
        for line in self.lots.lines(row.row).unwrap_or_default() {
            self.tell(&lot(row, line), None);
        }
    }

    /// Tells of the rows that ended in the plan. The first that failed, as the error that ends a run which stops there.
    fn tell_planned(
        &mut self,
        state: &State,
        run: &StoredRun,
        options: &Options,
    ) -> Result<Option<Error>> {
        let done = match options.resend_unknown {
            true => format!("(outcome <> 'unknown' OR code IS '{MOVED_TWICE}')"),
            false => "outcome IS NOT NULL".to_owned(),
        };
        let mut failed = None;
        runs::each_row_where(state, run.number, &done, |row| {
            if row.outcome() == Outcome::Failed {
                failed.get_or_insert_with(|| stop_on_error(row.error().unwrap_or_default()));
            }
            self.tell(row, None);
            Ok(())
        })?;
        Ok(failed)
    }

    /// Tells of the rows whose turn never came, and why.
    fn tell_left(&mut self, mut jobs: Jobs, stopped: Option<&Error>) -> Result<()> {
        loop {
            let rows = jobs.next()?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                self.tell_with_lots(&row.unsettled(stopped.map(Error::message)), None);
            }
        }
    }
}

/// What happened is known and reported all the same; that it is not on disk ends the command.
fn why_ended(stopped: Option<Error>, unrecorded: Option<Error>) -> Option<Error> {
    match (stopped, unrecorded) {
        // What ended it may be that very failure.
        (Some(stopped), Some(unrecorded))
            if stopped.full_message() != unrecorded.full_message() =>
        {
            let message = format!("{}; {}", stopped.message(), unrecorded.full_message());
            Some(stopped.reworded(message))
        }
        (stopped, unrecorded) => stopped.or(unrecorded),
    }
}

/// What the workers of one run share.
struct Work<'a> {
    shared: Shared<'a>,
    jobs: Mutex<Jobs>,
    /// Writes in a row that the server was not there for.
    unavailable: AtomicU32,
    stop_on_error: bool,
}

impl<'a> Work<'a> {
    /// Sends the rows of every job, with this many workers.
    fn send_all(&self, client: &'a Client, workers: usize, telling: &mut Telling<'_, '_>) {
        let (results, inbox) = mpsc::channel();
        thread::scope(|scope| {
            for n in 0..workers {
                let at_work = results.clone();
                let begun = threads::begin_in(scope, move || self.work(client.worker(), &at_work));
                // As many as there is room for; at the least this thread.
                if begun.is_err() {
                    if n == 0 {
                        self.work(client.worker(), &results);
                    }
                    break;
                }
            }
            drop(results);
            for Settlement { row, answer, .. } in inbox {
                telling.tell_with_lots(&row, answer.as_deref());
            }
        });
    }

    fn work(&self, mut worker: Worker<'a>, results: &Sender<Settlement>) {
        while !self.shared.is_over() {
            let next = self
                .jobs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            let rows = match next {
                Ok(rows) => rows,
                Err(error) => return self.shared.stop(error),
            };
            if rows.is_empty() {
                return;
            }
            worker = self.shared.send(worker, rows, &|settlement: Settlement| {
                if let (true, Some(settled)) = (settlement.counts, &settlement.row.settled) {
                    self.judge(settled);
                }
                // The receiver outlives every worker.
                let _ = results.send(settlement);
            });
        }
    }

    /// Ends the run where a row shows that there is no point in going on.
    fn judge(&self, settled: &Settled) {
        // What was not applied says why.
        let Some(trouble) = settled.trouble.as_deref() else {
            return self.unavailable.store(0, Ordering::Relaxed);
        };
        if trouble.kind == Kind::Unavailable || settled.outcome == Outcome::Unknown {
            let row = self.unavailable.fetch_add(1, Ordering::Relaxed) + 1;
            if row >= MANY_UNAVAILABLE {
                let message = format!("{row} writes in a row failed: {}", trouble.message);
                self.shared.stop(
                    Error::new(Kind::Unavailable, message)
                        .hinted("the server seems to be down; go on when it is back"),
                );
            }
        } else {
            self.unavailable.store(0, Ordering::Relaxed);
        }
        if self.stop_on_error {
            self.shared.stop(stop_on_error(&trouble.message));
        }
    }
}

/// The first failure ends the run, also one that the plan found: nothing of it is sent then.
fn stop_on_error(why: &str) -> Error {
    Error::new(
        Kind::Partial,
        format!("a row failed and --on-error is stop: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_a_run_and_what_is_not_on_disk_are_both_told_and_each_once() {
        let error = |message: &str| Some(Error::new(Kind::Auth, message));
        let told = |stopped, unrecorded| {
            let why = why_ended(stopped, unrecorded);
            why.map(|error| error.message().to_owned())
        };
        assert_eq!(told(None, None), None);
        assert_eq!(told(error("a"), None).as_deref(), Some("a"));
        assert_eq!(told(None, error("b")).as_deref(), Some("b"));
        assert_eq!(told(error("a"), error("a")).as_deref(), Some("a"));
        assert_eq!(told(error("a"), error("b")).as_deref(), Some("a; b"));
    }
}
