//! What this machine wrote: a run for every command that writes, a row for every change, on disk before the write
//! leaves and again after.
//!
//! One thread writes. Workers hand it an intent and wait until the commit that holds it is on disk; everything that
//! waits by then goes into the same commit. Outcomes ride along with the next commit: one that is lost with the
//! machine is an intent in flight, and is read back when the run is resumed.

mod commit;
mod entered;
mod files;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Transaction, params};
use signal_hook::consts::SIGINT;

use super::clock;
use super::doubt::Intent;
use super::draft::Draft;
use super::guard::Approved;
use super::lock::{RunLock, StoreLock};
use super::lost::{self, Mark};
use super::lots;
use super::outcome::Settled;
use super::runs::StoredRun;
use super::same_store;
use crate::error::{Error, Kind, Result};
use crate::file::file_id;
use crate::state::State;
use crate::threads;
use crate::time::UtcTime;
use crate::wanted::Mode;

pub(super) use commit::settle;
use entered::{AGAIN, BY_SKU, ROWS, reopened};
use files::Files;

/// How long an outcome waits for an intent to be committed with.
const COMPANY: Duration = Duration::from_millis(100);

/// How many outcomes are committed without company.
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
    /// Units that were kept back of each quantity of the file.
    pub buffer: u32,
}

/// A run under way. Dropped before it is finished, it looks like a run that was killed: it can be resumed.
pub struct Ledger {
    run: String,
    folder: PathBuf,
    /// A connection to read it by, for [`Ledger::reader`].
    reader: Mutex<Option<State>>,
    _locks: (RunLock, Option<StoreLock>),
    to_writer: Sender<Entry>,
    writer: Option<JoinHandle<Written>>,
}

/// What the thread that commits hands back at the end.
pub(super) struct Written {
    /// The outcomes that no commit holds.
    pub(super) unrecorded: Vec<(usize, Settled)>,
    /// Its connection. Where it is the last to be closed, SQLite has synced the folder of the log already, and does not do it
    /// again (docs/design.md: Seven syncs).
    pub(super) state: State,
}

/// A row that is about to be sent.
#[derive(Clone, Copy)]
pub(super) struct Leaving {
    /// Which one, and on what stock.
    pub(super) intent: Intent,
    /// When that stock was read; see [`super::clock`].
    pub(super) read_at: Option<i64>,
    /// Since when an event may prove it, where it bears a tag.
    pub(super) tagged_at: Option<UtcTime>,
}

/// What workers hand to the writer.
enum Entry {
    /// These rows are about to be sent.
    Intent {
        rows: Vec<Leaving>,
        done: SyncSender<Result<(), String>>,
    },
    /// A row ended.
    Outcome { row: usize, settled: Settled },
    /// Nothing more comes.
    End {
        stopped: Option<(String, &'static str)>,
        done: SyncSender<Result<(), String>>,
    },
}

impl Ledger {
    /// Puts a run with all its rows on disk. Nothing may be sent when this fails.
    pub fn begin(approved: Approved, run: &NewRun<'_>, store: Option<StoreLock>) -> Result<Ledger> {
        let mut draft = approved.0;
        let lock = RunLock::take(draft.state.folder(), run.run)?;
        let (mode, on_conflict) = (draft.mode, draft.on_conflict);
        let reason = draft.reason.take().filter(|_| mode != Mode::Set);
        let ledger = file_id(&State::path_in(draft.state.folder()));
        Ledger::open(draft, run.run, (lock, store), |c| {
            c.execute(
                "INSERT INTO runs (run, started_at, profile, store, command, command_line, file, mode, on_conflict, reason,
                    left_alone, undo_of, ledger, buffer, clocks)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                params![
                    run.run,
                    UtcTime::now(),
                    run.profile,
                    run.store,
                    run.command,
                    run.command_line,
                    run.file,
                    mode.name(),
                    on_conflict.name(),
                    reason,
                    i64::try_from(run.left_alone).unwrap_or(i64::MAX),
                    run.undo_of,
                    ledger,
                    run.buffer,
                    clock::stand(),
                ],
            )?;
            let number = c.last_insert_rowid();
            c.execute(ROWS, params![number, UtcTime::now()])?;
            c.execute(lots::KEEP, [number])?;
            same_store::keep_names(c, number)?;
            for by_sku in BY_SKU {
                c.execute(by_sku, [number])?;
            }
            Ok(number)
        })
    }

    /// Goes on with the run that the draft is of; it counts as under way again. `lock` is that run's. Where nobody knows how long
    /// ago an earlier process read the stock of adjustments in doubt, that is no evidence any more.
    pub fn resume(
        approved: Approved,
        run: &StoredRun,
        lock: RunLock,
        store: Option<StoreLock>,
    ) -> Result<Ledger> {
        Ledger::open(approved.0, &run.run, (lock, store), |c| {
            let clocks = clock::stand();
            let set_back = clock::was_set_back(run.clocks.as_deref(), clocks.as_deref());
            c.execute(
                "UPDATE rows SET read_at = NULL WHERE number = ?1 AND outcome IS NULL AND intent_at IS NOT NULL
                   AND adjustment IS NOT NULL AND (?2 OR read_at > ?3)",
                params![run.number, set_back, clock::stamp()],
            )?;
            c.execute(
                "UPDATE runs SET ended_at = NULL, stopped = NULL, stopped_by = NULL, clocks = ?2 WHERE number = ?1",
                params![run.number, clocks],
            )?;
            c.execute(&reopened(run), [run.number])?;
            c.execute(AGAIN, params![run.number, UtcTime::now()])?;
            Ok(run.number)
        })
    }

    /// Makes the first commit, which says the number of the run, and begins the thread that makes the others.
    fn open(
        draft: Draft,
        run: &str,
        locks: (RunLock, Option<StoreLock>),
        first: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<i64>,
    ) -> Result<Ledger> {
        let mut state = draft.state;
        let mut mark = Mark::of(state.folder());
        let noted = mark.read()?;
        let (number, count) = state.change(|c| Ok((first(c)?, lost::count(c, noted.as_ref())?)))?;
        mark.write(&count);
        let mut kept = vec![locks.0.file()];
        kept.extend(locks.1.as_ref().map(StoreLock::file));
        let mut writer = Writer {
            number,
            files: Files::new(state.file().clone(), kept),
            mark,
            state,
            outcomes: Vec::new(),
        };
        // The database may have gone since it was opened: planning takes its time, and so does a question.
        writer.stand().map_err(unwritten)?;
        let (to_writer, entries) = mpsc::channel();
        Ok(Ledger {
            run: run.to_owned(),
            folder: writer.state.folder().to_owned(),
            reader: Mutex::new(draft.reader),
            _locks: locks,
            to_writer,
            writer: Some(threads::begin("ledger", move || writer.write(&entries))?),
        })
    }

    /// The run's id.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The folder that the ledger stands in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A connection to read the run by, whatever its writer does.
    pub(super) fn reader(&mut self) -> Result<State> {
        let reader = self
            .reader
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        reader
            .take()
            .map_or_else(|| State::reader(&self.folder), Ok)
    }

    /// What a row is called on the wire: the run's id, and the row's place in it from 0.
    pub fn request_id(&self, row: usize) -> String {
        format!("{}-{row}", self.run)
    }

    /// Returns when it is on disk that these rows are about to be sent. When it fails, they must not be sent.
    pub(super) fn intend(&self, rows: Vec<Leaving>) -> Result<()> {
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
    pub(super) fn finish(mut self, stopped: Option<&Error>) -> (Result<()>, Option<Written>) {
        let stopped = stopped.map(|error| (error.full_message(), stopped_by(error.kind())));
        let ended = self.ask(|done| Entry::End { stopped, done });
        let written = self.writer.take().and_then(|writer| writer.join().ok());
        (ended, written)
    }

    fn ask(&self, entry: impl FnOnce(SyncSender<Result<(), String>>) -> Entry) -> Result<()> {
        let (done, answer) = mpsc::sync_channel(1);
        // The writer lives until the end of the run, and answers.
        let _ = self.to_writer.send(entry(done));
        let answer = answer.recv();
        let written = answer.unwrap_or_else(|_| Err("its writer ended".to_owned()));
        written.map_err(unwritten)
    }
}

fn unwritten(why: String) -> Error {
    Error::internal(format!("the ledger can't be written: {why}"))
        .hinted("nothing is sent that is not in the ledger; make room or mend the folder, then resume the run")
}

/// The thread that commits.
struct Writer {
    state: State,
    number: i64,
    /// What the run stands on.
    files: Files,
    /// How far the ledger has come.
    mark: Mark,
    /// Those that no commit holds yet.
    outcomes: Vec<(usize, Settled)>,
}

impl Writer {
    /// Commits entries until the end, as many as have gathered each time. Outcomes that no commit holds.
    fn write(mut self, entries: &Receiver<Entry>) -> Written {
        loop {
            // Outcomes wait for the company of an intent, but not for long.
            let first = if self.outcomes.is_empty() {
                entries.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                entries.recv_timeout(COMPANY)
            };
            let mut intents: Vec<Leaving> = Vec::new();
            let mut waiting: Vec<SyncSender<Result<(), String>>> = Vec::new();
            let mut end: Option<Option<(String, &'static str)>> = None;
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
                return Written {
                    unrecorded: self.outcomes,
                    state: self.state,
                };
            }
        }
    }

    /// Outcomes whose commit fails are kept for the next one.
    fn commit(
        &mut self,
        intents: &[Leaving],
        end: Option<&Option<(String, &'static str)>>,
    ) -> Result<(), String> {
        self.stand()?;
        let committed = commit::commit(
            self.state.connection(),
            self.number,
            &self.outcomes,
            intents,
            end,
        );
        let count = committed.map_err(|e| self.state.failed(e).full_message())?;
        self.mark.write(&count);
        // What was taken away meanwhile may not hold the commit.
        self.stand()?;
        self.outcomes.clear();
        Ok(())
    }

    /// An error, in words, where a file that the run stands on was removed, replaced or cut off.
    fn stand(&mut self) -> Result<(), String> {
        let stands = self.files.stand();
        if stands.is_err() {
            self.files.rescue(self.state.look());
        }
        stands
    }
}

/// What ended a run, for who looks for runs to go on with: a person's own decision, or something that befell it.
fn stopped_by(kind: Kind) -> &'static str {
    match kind {
        Kind::Interrupted(signal) if signal != SIGINT => "terminated",
        kind => kind.name(),
    }
}

#[cfg(test)]
mod tests;
