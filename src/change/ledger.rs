//! What this machine wrote: a run for every command that writes, a row for every change, on disk before the write
//! leaves and again after.
//!
//! One thread writes. Workers hand it an intent and wait until the commit that holds it is on disk; everything that
//! waits by then goes into the same commit. Outcomes ride along with the next commit: one that is lost with the
//! machine is an intent in flight, and is read back when the run is resumed.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::lock::RunLock;
use super::outcome::{Outcome, Settled};
use super::plan::{OnConflict, Plan, Step};
use crate::error::{Error, Result};
use crate::state::State;
use crate::wanted::Mode;

/// How long an outcome waits for an intent to be committed with.
const COMPANY: Duration = Duration::from_millis(100);

/// So many outcomes are committed without company.
const MANY: usize = 1000;

/// What is known of a run when it begins.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// Its id.
    pub run: &'a str,
    /// The profile, or where else the credentials are from.
    pub profile: &'a str,
    /// Which store: the key that locks and repeats go by.
    pub store: &'a str,
    /// `set`, `adjust`, `import-csv`, `undo`.
    pub command: &'a str,
    /// The command line; secrets are never on it.
    pub command_line: &'a str,
    /// The input file, where there is one.
    pub file: Option<&'a str>,
    /// Rows that named no quantity.
    pub left_alone: u64,
    /// The run that this one takes back.
    pub undo_of: Option<&'a str>,
    /// What the adjustments of a file come to, whatever its order or name; see [`super::repeat`].
    pub fingerprint: Option<Vec<u8>>,
}

/// A run under way. Dropped before [`Ledger::finish`], it looks like a run that was killed: it can be resumed.
pub struct Ledger {
    run: String,
    _lock: RunLock,
    to_writer: Sender<Entry>,
    writer: Option<JoinHandle<()>>,
    /// The first commit that failed, in words.
    failure: Arc<Mutex<Option<String>>>,
}

/// What workers hand to the writer.
enum Entry {
    /// These rows are about to be sent; the stock before each is the evidence for reading back.
    Intent {
        rows: Vec<(usize, Option<i64>)>,
        done: SyncSender<Result<(), String>>,
    },
    /// A row ended.
    Outcome { row: usize, settled: Settled },
    /// Nothing more comes.
    End {
        stopped: Option<String>,
        done: SyncSender<Result<(), String>>,
    },
}

impl Ledger {
    /// Puts a run with all its rows on disk. Nothing may be sent when this fails.
    pub fn begin(mut state: State, run: &NewRun<'_>, plan: &Plan) -> Result<Ledger> {
        let lock = RunLock::take(state.folder(), run.run)?;
        let begun = record(state.connection(), run, plan);
        let number = begun.map_err(|e| state.failed(e))?;
        Ok(Ledger::writing(state, number, run.run, lock))
    }

    /// Goes on with a run whose rows are on disk already; it counts as under way again. `lock` is that run's.
    pub fn resume(mut state: State, number: i64, run: &str, lock: RunLock) -> Result<Ledger> {
        let resumed = state.connection().execute(
            "UPDATE runs SET ended_at = NULL, stopped = NULL WHERE number = ?1",
            [number],
        );
        resumed.map_err(|e| state.failed(e))?;
        Ok(Ledger::writing(state, number, run, lock))
    }

    fn writing(state: State, number: i64, run: &str, lock: RunLock) -> Ledger {
        let (to_writer, entries) = mpsc::channel();
        let failure = Arc::new(Mutex::new(None));
        let writer = Writer {
            state,
            number,
            outcomes: Vec::new(),
            failure: Arc::clone(&failure),
        };
        Ledger {
            run: run.to_owned(),
            _lock: lock,
            to_writer,
            writer: Some(thread::spawn(move || writer.write(&entries))),
            failure,
        }
    }

    /// What a row is called on the wire: the run's id, and the row's place in it from 0.
    pub fn request_id(&self, row: usize) -> String {
        format!("{}-{row}", self.run)
    }

    /// Returns when it is on disk that these rows are about to be sent, with the stock before each, where that proves
    /// anything. When it fails,
    /// they must not be sent.
    pub fn intend(&self, rows: Vec<(usize, Option<i64>)>) -> Result<()> {
        self.ask(|done| Entry::Intent { rows, done })
    }

    /// Takes note of how a row ended. It gets to the disk with the next commit, soon, and at the latest in
    /// [`Ledger::finish`].
    pub fn settle(&self, row: usize, settled: &Settled) {
        // The writer lives until the end of the run.
        let _ = self.to_writer.send(Entry::Outcome {
            row,
            settled: settled.clone(),
        });
    }

    /// The run is over; returns when everything is on disk. An error is internal: some outcomes are not recorded.
    pub fn finish(mut self, stopped: Option<&Error>) -> Result<()> {
        let stopped = stopped.map(Error::full_message);
        let ended = self.ask(|done| Entry::End { stopped, done });
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        ended
    }

    fn ask(&self, entry: impl FnOnce(SyncSender<Result<(), String>>) -> Entry) -> Result<()> {
        let (done, answer) = mpsc::sync_channel(1);
        let answer = match self.to_writer.send(entry(done)) {
            Ok(()) => answer.recv().ok(),
            Err(_) => None,
        };
        match answer {
            Some(Ok(())) => Ok(()),
            Some(Err(why)) => Err(unwritten(&why)),
            None => {
                let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                Err(unwritten(failure.as_deref().unwrap_or("its writer ended")))
            }
        }
    }
}

fn unwritten(why: &str) -> Error {
    Error::internal(format!("the ledger can't be written: {why}"))
        .hinted("nothing is sent that is not in the ledger; make room or mend the folder, then resume the run")
}

/// The thread that commits.
struct Writer {
    state: State,
    number: i64,
    /// Those that no commit holds yet.
    outcomes: Vec<(usize, Settled)>,
    failure: Arc<Mutex<Option<String>>>,
}

impl Writer {
    /// Commits entries until the end, as many as have gathered each time.
    fn write(mut self, entries: &Receiver<Entry>) {
        loop {
            // Outcomes wait for the company of an intent, but not for long.
            let first = if self.outcomes.is_empty() {
                entries.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                entries.recv_timeout(COMPANY)
            };
            let mut intents: Vec<(usize, Option<i64>)> = Vec::new();
            let mut waiting: Vec<SyncSender<Result<(), String>>> = Vec::new();
            let mut end: Option<Option<String>> = None;
            let gone = matches!(first, Err(RecvTimeoutError::Disconnected));
            let idle = first.is_err();
            for entry in first.into_iter().chain(entries.try_iter()) {
                match entry {
                    Entry::Intent { rows, done } => {
                        intents.extend(rows);
                        waiting.push(done);
                    }
                    Entry::Outcome { row, settled } => self.outcomes.push((row, settled)),
                    Entry::End { stopped, done } => {
                        end = Some(stopped);
                        waiting.push(done);
                    }
                }
            }
            if !waiting.is_empty() || idle || self.outcomes.len() >= MANY {
                let result = self.commit(&intents, end.as_ref());
                for done in waiting {
                    let _ = done.send(result.clone());
                }
            }
            if gone || end.is_some() {
                return;
            }
        }
    }

    /// Outcomes whose commit fails are kept for the next one.
    fn commit(
        &mut self,
        intents: &[(usize, Option<i64>)],
        end: Option<&Option<String>>,
    ) -> Result<(), String> {
        let committed = commit(
            self.state.connection(),
            self.number,
            &self.outcomes,
            intents,
            end,
        );
        match committed {
            Ok(()) => {
                self.outcomes.clear();
                Ok(())
            }
            Err(e) => {
                let why = self.state.failed(e).full_message();
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
                Err(why)
            }
        }
    }
}

fn commit(
    connection: &mut Connection,
    number: i64,
    outcomes: &[(usize, Settled)],
    intents: &[(usize, Option<i64>)],
    end: Option<&Option<String>>,
) -> rusqlite::Result<()> {
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let now = now();
    {
        // Outcomes first: a row that is sent again has the outcome of its last attempt before the new intent.
        let mut settle = change.prepare_cached(
            "UPDATE rows SET outcome = ?3, previous = coalesce(?4, previous), quantity = ?5, read_back = ?6,
                settled_at = ?7, kind = ?8, status = ?9, code = ?10, error = ?11,
                intent_at = iif(?3 IS NULL, NULL, intent_at)
             WHERE number = ?1 AND row = ?2",
        )?;
        for (row, settled) in outcomes {
            // A row whose turn never came is still to be done, and surely nothing of it is under way.
            let ended = settled.outcome != Outcome::Skipped;
            let trouble = settled.trouble.as_deref().filter(|_| ended);
            let answered = settled.outcome == Outcome::Applied && !settled.read_back;
            settle.execute(params![
                number,
                *row as i64,
                ended.then(|| settled.outcome.name()),
                settled.previous,
                settled.quantity,
                settled.read_back,
                ended.then_some(&now),
                trouble.map(|t| t.kind.name()),
                trouble.and_then(|t| t.status).or(answered.then_some(200)),
                trouble.and_then(|t| t.code.as_deref()),
                trouble.map(|t| t.message.as_str()),
            ])?;
        }
        let mut intend = change.prepare_cached(
            "UPDATE rows SET previous = ?3, intent_at = ?4, attempts = attempts + 1, outcome = NULL,
                settled_at = NULL, kind = NULL, status = NULL, code = NULL, error = NULL
             WHERE number = ?1 AND row = ?2",
        )?;
        for (row, previous) in intents {
            intend.execute(params![number, *row as i64, previous, now])?;
        }
        if let Some(stopped) = end {
            change.execute(
                "UPDATE runs SET ended_at = ?2, stopped = ?3 WHERE number = ?1",
                params![number, now, stopped],
            )?;
        }
    }
    change.commit()
}

/// The time of an entry, UTC.
fn now() -> String {
    Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

fn record(connection: &mut Connection, run: &NewRun<'_>, plan: &Plan) -> rusqlite::Result<i64> {
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let now = now();
    change.execute(
        "INSERT INTO runs (run, started_at, profile, store, command, command_line, file, mode, on_conflict, left_alone, undo_of,
            fingerprint)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            run.run,
            now,
            run.profile,
            run.store,
            run.command,
            run.command_line,
            run.file,
            plan.mode.name(),
            match plan.on_conflict {
                OnConflict::Report => "report",
                OnConflict::Overwrite => "overwrite",
            },
            i64::try_from(run.left_alone).unwrap_or(i64::MAX),
            run.undo_of,
            run.fingerprint,
        ],
    )?;
    let number = change.last_insert_rowid();
    {
        let mut insert = change.prepare_cached(
            "INSERT INTO rows (number, row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment,
                previous, outcome, quantity, settled_at, kind, status, code, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        for row in plan.rows() {
            let foreseen = (!row.step.sends()).then(|| row.foreseen());
            let done = foreseen.as_ref();
            let trouble = done.and_then(|done| done.trouble.as_deref());
            let (product, sku) = row.ids();
            insert.execute(params![
                number,
                row.index as i64,
                row.wanted.line(),
                product.map(|id| id.get()),
                sku.map(|id| id.get()),
                row.code(),
                row.wanted.value(),
                row.wanted.expected(),
                plan.reason(&row).filter(|_| plan.mode != Mode::Set),
                match row.step {
                    Step::Adjust(by) => Some(by),
                    _ => None,
                },
                done.map_or_else(|| row.stock(), |done| done.previous),
                done.map(|done| done.outcome.name()),
                done.and_then(|done| done.quantity),
                done.map(|_| now.as_str()),
                trouble.map(|t| t.kind.name()),
                trouble.and_then(|t| t.status),
                trouble.and_then(|t| t.code.as_deref()),
                trouble.map(|t| t.message.as_str()),
            ])?;
        }
    }
    for by_sku in [
        "INSERT INTO rows_by_sku_id
         SELECT number, sku_id, row FROM rows WHERE number = ?1 AND sku_id IS NOT NULL ORDER BY 2, 3",
        "INSERT INTO rows_by_sku_code
         SELECT number, sku_code, row FROM rows WHERE number = ?1 AND sku_code IS NOT NULL ORDER BY 2, 3",
    ] {
        change.execute(by_sku, [number])?;
    }
    change.commit()?;
    Ok(number)
}
