//! From the rows of a run to their outcomes: hands out the work, and ends the run when there is no point in going on. What
//! one request does is [`super::send`]'s.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::value::RawValue;

use super::jobs::Jobs;
use super::ledger::Ledger;
use super::lots::lot;
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
    mut ledger: Ledger,
    options: &Options,
    watch: Watch<'_>,
) -> Result<Ended> {
    let state = ledger.reader()?;
    let run = runs::find(&state, ledger.run())?;
    let mut telling = Telling {
        watch,
        rows: runs::totals(&state, run.number)?.rows(),
    };
    let shared = Shared::new(client, &ledger, &run, options, &state)?;
    let left = Jobs::of(state, &run, options.resend_unknown)?;
    let (jobs, rows) = left.count()?;
    let failed = match telling.rows > rows.into() {
        true => telling.tell_planned(&left.state, &run, options)?,
        false => None,
    };
    let work = Work {
        shared,
        jobs: Mutex::new(left),
        unavailable: AtomicU32::new(0),
        stop_on_error: options.stop_on_error,
    };
    if let Some(refused) = client.writable().err().filter(|_| rows > 0) {
        work.shared.stop(refused);
    }
    if let Some(why) = failed.filter(|_| options.stop_on_error) {
        work.shared.stop(why);
    }
    // Beside a single row nothing is done.
    let threads = match rows {
        0 | 1 => 0,
        _ => options.concurrency.clamp(1, jobs as usize),
    };
    work.send_all(client, threads, &mut telling);
    let Work { shared, jobs, .. } = work;
    let stopped = shared.stopped().take().or_else(|| client.interrupted());
    let (recorded, written) = ledger.finish(stopped.as_ref());
    let mut jobs = jobs.into_inner().unwrap_or_else(PoisonError::into_inner);
    telling.tell_left(&mut jobs, stopped.as_ref())?;
    let (unrecorded, connection) = written.map(|w| (w.unrecorded, w.state)).unzip();
    let unrecorded = unrecorded.unwrap_or_default().into_iter();
    let unrecorded =
        unrecorded.filter_map(|(row, settled)| Some((u32::try_from(row).ok()?, settled)));
    Ok(Ended {
        run,
        state: jobs.state,
        stopped: why_ended(stopped, recorded.err()),
        unrecorded: unrecorded.collect(),
        _connection: connection,
    })
}

/// Tells of each row as it ends, and of the other lines that went into it.
struct Telling<'w> {
    watch: Watch<'w>,
    /// How many rows the run has.
    rows: u64,
}

impl Telling<'_> {
    fn tell(&mut self, row: &RunRow, answer: Option<&RawValue>, lines: &[u32]) {
        (self.watch)(&Settling {
            row,
            rows: self.rows,
            answer,
        });
        for line in lines {
            self.tell(&lot(row, *line), None, &[]);
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
            self.tell(row, None, &[]);
            Ok(())
        })?;
        Ok(failed)
    }

    /// Tells of the rows whose turn never came, and why.
    fn tell_left(&mut self, jobs: &mut Jobs, stopped: Option<&Error>) -> Result<()> {
        loop {
            let rows = jobs.next()?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                let row = row.unsettled(stopped.map(Error::message));
                self.tell(&row, None, &jobs.lines(row.row));
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
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the rows of every job by this many threads, or as many as there is room for; with none, by this one, and tells of
    /// them then.
    fn send_all(&self, client: &'a Client, many: usize, telling: &mut Telling<'_>) {
        let (results, inbox) = mpsc::channel();
        thread::scope(|scope| {
            let mut begun = 0;
            while begun < many {
                let at_work = results.clone();
                let work = move || self.work(client.worker(), &at_work);
                if threads::begin_in(scope, work).is_err() {
                    break;
                }
                begun += 1;
            }
            if begun == 0 {
                self.work(client.worker(), &results);
            }
            drop(results);
            for Settlement { row, answer, .. } in inbox {
                let lines = self.jobs().lines(row.row);
                telling.tell(&row, answer.as_deref(), &lines);
            }
        });
    }

    fn work(&self, mut worker: Worker<'a>, results: &Sender<Settlement>) {
        while !self.shared.is_over() {
            let next = self.jobs().next();
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
