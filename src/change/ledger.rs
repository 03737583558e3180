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
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::params;
use signal_hook::consts::SIGINT;

use super::doubt::Intent;
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
use crate::time::UtcTime;
use crate::wanted::Mode;

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
    _locks: (RunLock, Option<StoreLock>),
    to_writer: Sender<Entry>,
    writer: Option<JoinHandle<Written>>,
    /// The first commit that failed, in words.
    failure: Arc<Mutex<Option<String>>>,
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
        let reason = draft.reason.as_deref().filter(|_| mode != Mode::Set);
        let ledger = file_id(&State::path_in(draft.state.folder()));
        let mark = Mark::of(draft.state.folder());
        let noted = mark.read()?;
        let (number, count) = draft.state.change(|c| {
            c.execute(
                "INSERT INTO runs (run, started_at, profile, store, command, command_line, file, mode, on_conflict, reason,
                    left_alone, undo_of, ledger, buffer)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
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
                ],
            )?;
            let number = c.last_insert_rowid();
            c.execute(ROWS, params![number, UtcTime::now()])?;
            c.execute(lots::KEEP, [number])?;
            same_store::keep_names(c, number)?;
            for by_sku in BY_SKU {
                c.execute(by_sku, [number])?;
            }
            Ok((number, lost::count(c, noted.as_ref())?))
        })?;
        let mark = mark.at(&count);
        Ok(Ledger::writing(
            draft.state,
            number,
            run.run,
            (lock, store),
            mark,
        ))
    }

    /// Goes on with the run that the draft is of; it counts as under way again. `lock` is that run's.
    pub fn resume(
        approved: Approved,
        run: &StoredRun,
        lock: RunLock,
        store: Option<StoreLock>,
    ) -> Result<Ledger> {
        let mut draft = approved.0;
        let number = run.number;
        let mark = Mark::of(draft.state.folder());
        let noted = mark.read()?;
        let count = draft.state.change(|c| {
            c.execute(
                "UPDATE runs SET ended_at = NULL, stopped = NULL, stopped_by = NULL WHERE number = ?1",
                [number],
            )?;
            c.execute(&reopened(run), [number])?;
            c.execute(AGAIN, params![number, UtcTime::now()])?;
            lost::count(c, noted.as_ref())
        })?;
        let mark = mark.at(&count);
        Ok(Ledger::writing(
            draft.state,
            number,
            &run.run,
            (lock, store),
            mark,
        ))
    }

    /// The run's id.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The folder that the ledger stands in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn writing(
        state: State,
        number: i64,
        run: &str,
        locks: (RunLock, Option<StoreLock>),
        mark: Mark,
    ) -> Ledger {
        let (to_writer, entries) = mpsc::channel();
        let failure = Arc::new(Mutex::new(None));
        let mut kept = vec![locks.0.file()];
        kept.extend(locks.1.as_ref().map(StoreLock::file));
        let writer = Writer {
            number,
            files: Files::new(&State::path_in(state.folder()), kept),
            mark,
            state,
            outcomes: Vec::new(),
            failure: Arc::clone(&failure),
        };
        Ledger {
            run: run.to_owned(),
            folder: writer.state.folder().to_owned(),
            _locks: locks,
            to_writer,
            writer: Some(thread::spawn(move || writer.write(&entries))),
            failure,
        }
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
    /// What the run stands on.
    files: Files,
    /// How far the ledger has come.
    mark: Mark,
    /// Those that no commit holds yet.
    outcomes: Vec<(usize, Settled)>,
    failure: Arc<Mutex<Option<String>>>,
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
        if let Err(why) = self.files.stand() {
            self.files.rescue(self.state.look());
            return self.fail(why);
        }
        let committed = commit::commit(
            self.state.connection(),
            self.number,
            &self.outcomes,
            intents,
            end,
        );
        match committed {
            Ok(count) => self.mark.write(&count),
            Err(e) => return self.fail(self.state.failed(e).full_message()),
        }
        // What was taken away meanwhile may not hold the commit.
        if let Err(why) = self.files.stand() {
            self.files.rescue(self.state.look());
            return self.fail(why);
        }
        self.outcomes.clear();
        Ok(())
    }

    fn fail(&self, why: String) -> Result<(), String> {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
        Err(why)
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
