//! For tests: a ledger in memory whose runs and rows stand there as the test writes them.

use jiff::SignedDuration;
use rusqlite::params;

use super::runs::{self, StoredRun};
use crate::state::State;
use crate::time::UtcTime;

/// A run as it is written; the rest of it is of no interest.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) run: &'a str,
    pub(super) store: &'a str,
    pub(super) command: &'a str,
    pub(super) mode: &'a str,
    pub(super) undo_of: Option<&'a str>,
    /// Hours since it began, and since its rows ended.
    pub(super) hours: i64,
    pub(super) ended: bool,
    pub(super) stopped_by: Option<&'a str>,
}

/// An import of adjustments that was killed.
pub(super) const KILLED: Run<'static> = Run {
    run: "r1",
    store: "host shop",
    command: "import-csv",
    mode: "adjust",
    undo_of: None,
    hours: 0,
    ended: false,
    stopped_by: None,
};

/// How a row stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Is {
    Applied,
    Unknown,
    Failed,
    /// The credentials were refused.
    Auth,
    Skipped,
    Unchanged,
    InFlight,
    /// Not sent yet.
    Open,
}

impl Is {
    /// Outcome and kind, and whether an intent was recorded.
    fn columns(self) -> (Option<&'static str>, Option<&'static str>, bool) {
        match self {
            Is::Applied => (Some("applied"), None, true),
            Is::Unknown => (Some("unknown"), Some("unknown_outcome"), true),
            Is::Failed => (Some("failed"), Some("refused"), true),
            Is::Auth => (Some("failed"), Some("auth"), true),
            Is::Skipped => (Some("skipped"), Some("partial"), false),
            Is::Unchanged => (Some("unchanged"), None, false),
            Is::InFlight => (None, None, true),
            Is::Open => (None, None, false),
        }
    }
}

/// The ledger.
pub(super) struct Written(pub(super) State);

impl Written {
    pub(super) fn new() -> Written {
        Written(State::in_memory().unwrap())
    }

    /// Adds a run with these lines. Line 2 is about variant 20 of product 2, with the code `C2`, and so on; each is +5, or
    /// for *set* from 10 to 15 units.
    pub(super) fn with(mut self, run: Run<'_>, rows: &[(u32, Is)]) -> Written {
        let then = UtcTime::now().earlier(SignedDuration::from_hours(run.hours));
        let written = self.0.change(|c| {
            c.execute(
                "INSERT INTO runs (run, started_at, ended_at, profile, store, command, command_line, mode, on_conflict,
                    left_alone, undo_of, stopped_by)
                 VALUES (?1, ?2, ?3, 'p', ?4, ?5, '', ?6, 'report', 0, ?7, ?8)",
                params![
                    run.run,
                    then,
                    run.ended.then_some(then),
                    run.store,
                    run.command,
                    run.mode,
                    run.undo_of,
                    run.stopped_by
                ],
            )?;
            let number = c.last_insert_rowid();
            for (row, (line, is)) in rows.iter().enumerate() {
                let (outcome, kind, intent) = is.columns();
                c.execute(
                    "INSERT INTO rows (number, row, line, product_id, sku_id, sku_code, wanted, adjustment, previous, quantity,
                        intent_at, settled_at, outcome, kind, error)
                     VALUES (?1, ?2, ?3, ?3, ?3 * 10, 'C' || ?3, ?4, ?5, 10, ?6, ?7, ?8, ?9, ?10, ?11)",
                    params![
                        number,
                        row as i64,
                        line,
                        if run.mode == "set" { 15 } else { 5 },
                        (run.mode != "set").then_some(5),
                        outcome.map(|_| 15),
                        intent.then_some(then),
                        outcome.map(|_| then),
                        outcome,
                        kind,
                        kind.map(|_| "why"),
                    ],
                )?;
            }
            Ok(())
        });
        written.unwrap();
        self
    }

    /// The same with something changed in SQL.
    pub(super) fn but(mut self, sql: &str) -> Written {
        self.0.change(|c| c.execute_batch(sql)).unwrap();
        self
    }

    pub(super) fn run(&self, run: &str) -> StoredRun {
        runs::find(&self.0, run).unwrap()
    }
}
