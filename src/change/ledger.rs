//! What this machine wrote: a run for every command that writes, a row for every change, on disk before the write
//! leaves and again after.
//!
//! One thread writes. Workers hand it an intent and wait until the commit that holds it is on disk; everything that
//! waits by then goes into the same commit. Outcomes ride along with the next commit: one that is lost with the
//! machine is an intent in flight, and is read back when the run is resumed.

use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::outcome::{Outcome, Settled};
use super::plan::{OnConflict, Plan, Step};
use crate::error::{Error, Result};
use crate::state::State;
use crate::wanted::Mode;

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
}

/// A run under way. Dropped before [`Ledger::finish`], it looks like a run that was killed: it can be resumed.
pub struct Ledger {
    number: i64,
    to_writer: Sender<Entry>,
    writer: Option<JoinHandle<()>>,
    /// The first commit that failed, in words.
    failure: std::sync::Arc<Mutex<Option<String>>>,
}

/// What workers hand to the writer.
enum Entry {
    /// These rows are about to be sent; the stock before each is the evidence for reading back.
    Intent {
        rows: Vec<(u32, i64)>,
        done: SyncSender<Result<(), String>>,
    },
    /// A row ended.
    Outcome { row: u32, settled: Box<Settled> },
    /// Nothing more comes.
    End {
        stopped: Option<String>,
        done: SyncSender<Result<(), String>>,
    },
}

impl Ledger {
    /// Puts a run with all its rows on disk. Nothing may be sent when this fails.
    pub fn begin(mut state: State, run: &NewRun<'_>, plan: &Plan) -> Result<Ledger> {
        let begun = record(state.connection(), run, plan);
        let number = begun.map_err(|e| state.failed(e))?;
        Ok(Ledger::writing(state, number))
    }

    /// Goes on with a run whose rows are on disk already.
    pub fn resume(state: State, number: i64) -> Ledger {
        Ledger::writing(state, number)
    }

    fn writing(state: State, number: i64) -> Ledger {
        let (to_writer, entries) = mpsc::channel();
        let failure = std::sync::Arc::new(Mutex::new(None));
        let failed = std::sync::Arc::clone(&failure);
        let writer = thread::spawn(move || write(state, number, &entries, &failed));
        Ledger {
            number,
            to_writer,
            writer: Some(writer),
            failure,
        }
    }

    /// The run's number in the database.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Returns when it is on disk that these rows are about to be sent, with the stock before each. When it fails,
    /// they must not be sent.
    pub fn intend(&self, rows: Vec<(u32, i64)>) -> Result<()> {
        self.ask(|done| Entry::Intent { rows, done })
    }

    /// Takes note of how a row ended. It gets to the disk with the next commit, the last of all in
    /// [`Ledger::finish`].
    pub fn settle(&self, row: u32, settled: &Settled) {
        // The writer lives until the end of the run.
        let _ = self.to_writer.send(Entry::Outcome {
            row,
            settled: Box::new(settled.clone()),
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

/// Writes entries until the end, as many as have gathered in each commit.
fn write(
    mut state: State,
    number: i64,
    entries: &Receiver<Entry>,
    failure: &Mutex<Option<String>>,
) {
    // Outcomes whose commit failed are kept for the next one.
    let mut outcomes: Vec<(u32, Box<Settled>)> = Vec::new();
    while let Ok(first) = entries.recv() {
        let mut intents: Vec<(u32, i64)> = Vec::new();
        let mut waiting: Vec<SyncSender<Result<(), String>>> = Vec::new();
        let mut end: Option<Option<String>> = None;
        for entry in std::iter::once(first).chain(entries.try_iter()) {
            match entry {
                Entry::Intent { rows, done } => {
                    intents.extend(rows);
                    waiting.push(done);
                }
                Entry::Outcome { row, settled } => outcomes.push((row, settled)),
                Entry::End { stopped, done } => {
                    end = Some(stopped);
                    waiting.push(done);
                }
            }
        }
        if waiting.is_empty() && outcomes.len() < 1000 {
            // Outcomes alone wait for company.
            continue;
        }
        let committed = commit(state.connection(), number, &outcomes, &intents, end.as_ref());
        let result = match committed {
            Ok(()) => {
                outcomes.clear();
                Ok(())
            }
            Err(e) => {
                let why = state.failed(e).full_message();
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
                Err(why)
            }
        };
        for done in waiting {
            let _ = done.send(result.clone());
        }
        if end.is_some() {
            return;
        }
    }
}

fn commit(
    connection: &mut Connection,
    number: i64,
    outcomes: &[(u32, Box<Settled>)],
    intents: &[(u32, i64)],
    end: Option<&Option<String>>,
) -> rusqlite::Result<()> {
    let change =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
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
            let trouble = settled.trouble.as_deref();
            settle.execute(params![
                number,
                row,
                // A row whose turn never came is still to be done, and surely nothing of it is under way.
                Some(settled.outcome)
                    .filter(|outcome| *outcome != Outcome::Skipped)
                    .map(Outcome::name),
                settled.previous,
                settled.quantity,
                settled.read_back,
                now,
                trouble.map(|t| t.kind.name()),
                trouble.and_then(|t| t.status),
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
            intend.execute(params![number, row, previous, now])?;
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
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn record(connection: &mut Connection, run: &NewRun<'_>, plan: &Plan) -> rusqlite::Result<i64> {
    let change =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let now = now();
    change.execute(
        "INSERT INTO runs (run, started_at, profile, store, command, command_line, file, mode, on_conflict, left_alone, undo_of)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
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
        ],
    )?;
    let number = change.last_insert_rowid();
    {
        let mut insert = change.prepare_cached(
            "INSERT INTO rows (number, row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment,
                previous, outcome, quantity, settled_at, kind, status, code, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        for (index, row) in plan.rows.iter().enumerate() {
            let done = match &row.step {
                Step::Done(settled) => Some(&**settled),
                _ => None,
            };
            let trouble = done.and_then(|done| done.trouble.as_deref());
            let code = plan
                .variant(row)
                .map(|(_, variant)| variant.sku_code.as_str())
                .or(row.wanted.code());
            insert.execute(params![
                number,
                index as i64,
                row.wanted.line(),
                row.variant.map_or(row.wanted.product_id(), |v| Some(v.0)).map(|id| id.get()),
                row.variant.map_or(row.wanted.sku_id(), |v| Some(v.1)).map(|id| id.get()),
                code,
                row.wanted.value(),
                row.wanted.expected().map(|expected| expected.get()),
                row.wanted.reason().or(plan.reason.as_deref()).filter(|_| plan.mode != Mode::Set),
                match row.step {
                    Step::Adjust(by) => Some(by),
                    _ => None,
                },
                done.map_or_else(|| plan.stock(row), |done| done.previous),
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
    change.commit()?;
    Ok(number)
}
