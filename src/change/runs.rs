//! Runs as the ledger holds them: found by name, listed, their rows read again, and what took what back.

use std::collections::HashSet;

use jiff::SignedDuration;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::decide::OnConflict;
use super::lock::RunLock;
use super::lots;
use super::outcome::Totals;
use super::row::{self, RunRow, misread};
use crate::catalogue::SkuName;
use crate::error::{Error, Kind, Result};
use crate::file::file_id;
use crate::model::SkuId;
use crate::state::State;
use crate::time::UtcTime;
use crate::wanted::Mode;

/// A run as it was recorded.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Its number in the database.
    pub number: i64,
    /// Its id.
    pub run: String,
    /// When it began.
    pub started_at: UtcTime,
    /// When it ended; none for a run that was killed or is under way.
    pub ended_at: Option<UtcTime>,
    /// Under which profile.
    pub profile: String,
    /// On which store: the key that locks and repeats go by.
    pub store: String,
    /// `set`, `adjust`, `import-csv`, `undo`.
    pub command: String,
    /// What was typed.
    pub command_line: String,
    /// The input file.
    pub file: Option<String>,
    /// What its rows' numbers mean.
    pub mode: Mode,
    /// What it does about conflicts.
    pub on_conflict: OnConflict,
    /// The reason of adjustments that have none of their own.
    pub reason: Option<String>,
    /// Rows that named no quantity.
    pub left_alone: u64,
    /// The run that it takes back.
    pub undo_of: Option<String>,
    /// Why it ended before its last row.
    pub stopped: Option<String>,
    /// The kind of failure that ended it, `interrupted` for a signal, `given_up` where nobody is to go on with it.
    pub stopped_by: Option<String>,
    /// Which file the ledger was when the run began: a copy of it is another one.
    pub ledger: Option<String>,
    /// Units that were kept back of each quantity of the file.
    pub buffer: u32,
    /// How the clocks stood when the newest process began with it; see [`super::clock`].
    pub(super) clocks: Option<String>,
}

/// Nobody is to go on with a run.
pub(super) const GIVEN_UP: &str = "given_up";

/// That a run of `runs` is one change that a person typed; see [`StoredRun::is_typed`].
pub(super) const TYPED: &str = "command IN ('set', 'adjust')";

impl StoredRun {
    /// Reads one from a row of `runs`.
    pub(super) fn read(found: &SqlRow<'_>) -> rusqlite::Result<StoredRun> {
        let mode: String = found.get("mode")?;
        let on_conflict: String = found.get("on_conflict")?;
        Ok(StoredRun {
            number: found.get("number")?,
            run: found.get("run")?,
            started_at: found.get("started_at")?,
            ended_at: found.get("ended_at")?,
            profile: found.get("profile")?,
            store: found.get("store")?,
            command: found.get("command")?,
            command_line: found.get("command_line")?,
            file: found.get("file")?,
            mode: match mode.as_str() {
                "set" => Mode::Set,
                "adjust" => Mode::Adjust,
                "stocktake" => Mode::Stocktake,
                _ => return Err(misread(&mode)),
            },
            on_conflict: match on_conflict.as_str() {
                "report" => OnConflict::Report,
                "overwrite" => OnConflict::Overwrite,
                _ => return Err(misread(&on_conflict)),
            },
            reason: found.get("reason")?,
            left_alone: found.get::<_, i64>("left_alone")?.unsigned_abs(),
            undo_of: found.get("undo_of")?,
            stopped: found.get("stopped")?,
            stopped_by: found.get("stopped_by")?,
            ledger: found.get("ledger")?,
            buffer: found.get("buffer")?,
            clocks: found.get("clocks")?,
        })
    }

    /// An error, refused, where the run is about another store than the one that is connected to.
    pub fn check_store(&self, store: &str) -> Result<()> {
        if self.store == store {
            return Ok(());
        }
        Err(Error::refused(format!(
            "run {} is about another store ({}), and this is {store}; nothing was sent",
            self.run, self.store
        )))
    }

    /// The server that it was made on: an address, or `sandbox`.
    pub fn server(&self) -> &str {
        self.store.split(' ').next().unwrap_or_default()
    }

    /// Whether it is one change that a person typed, `set` or `adjust`.
    pub fn is_typed(&self) -> bool {
        matches!(self.command.as_str(), "set" | "adjust")
    }

    /// Which rows are left to do, in SQL. Of what was typed only what was in flight: the rest is typed again where it is still
    /// wanted, and must not be done beside that.
    pub(super) fn open(&self) -> &'static str {
        match self.is_typed() {
            true => "(outcome IS NULL AND intent_at IS NOT NULL)",
            false => OPEN,
        }
    }

    /// Forgets in SQL how those rows of a table ended that are left to do: the store refused the credentials, and did nothing.
    pub(super) fn reopen(&self, table: &str) -> String {
        format!(
            "UPDATE {table} SET outcome = NULL, quantity = NULL, settled_at = NULL, intent_at = NULL, kind = NULL,
                status = NULL, code = NULL, error = NULL
             WHERE outcome IS NOT NULL AND {}",
            self.open()
        )
    }

    /// Whether it began longer ago than that.
    pub fn is_older_than(&self, age: SignedDuration) -> bool {
        self.started_at < UtcTime::now().earlier(age)
    }

    /// Whether the ledger is another file than when the run began: a copy, or one that was moved to another disk.
    pub fn is_copied(&self, state: &State) -> bool {
        let now = file_id(&State::path_in(state.folder()));
        self.ledger.is_some() && now.is_some() && self.ledger != now
    }

    /// Whether somebody said that nobody is to go on with it.
    pub fn is_given_up(&self) -> bool {
        self.stopped_by.as_deref() == Some(GIVEN_UP)
    }
}

/// A run in a few words.
pub struct Glimpse {
    /// Its id.
    pub run: String,
    /// When it began.
    pub started_at: UtcTime,
    /// `set`, `adjust`, `import-csv`, `undo`.
    pub command: String,
    /// The input file.
    pub file: Option<String>,
}

/// The newest runs whose id begins so: those on `store` before others, and with `open_first` those that were cut off before
/// those that are done; newest first.
pub fn newest(
    state: &State,
    prefix: &str,
    store: Option<&str>,
    open_first: bool,
    most: u32,
) -> Result<Vec<Glimpse>> {
    let glimpse = |found: &SqlRow<'_>| {
        Ok(Glimpse {
            run: found.get("run")?,
            started_at: found.get("started_at")?,
            command: found.get("command")?,
            file: found.get("file")?,
        })
    };
    state.all(
        "SELECT run, started_at, command, file FROM runs
         WHERE substr(run, 1, length(?1)) = ?1
         ORDER BY store IS ?2 DESC,
             ?3 AND (ended_at IS NULL OR (stopped IS NOT NULL AND stopped_by IS NOT 'given_up')) DESC,
             number DESC
         LIMIT ?4",
        params![prefix, store, open_first, most],
        glimpse,
    )
}

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not more than this many.
    pub limit: Option<u32>,
    /// Begun at or after this time.
    pub since: Option<UtcTime>,
    /// With a row about this variant.
    pub sku: Option<SkuName>,
}

/// The runs, newest first, with their rows by outcome.
pub fn runs(state: &mut State, filter: &Filter) -> Result<Vec<(StoredRun, Totals)>> {
    // One moment, so that a run and its counts agree while others write.
    state.view(|c| {
        let (sku_id, code) = filter.sku.as_ref().map_or((None, None), SkuName::parts);
        let limit = filter.limit.map_or(-1, i64::from);
        let found: Vec<StoredRun> = c
            .prepare(
                "SELECT * FROM runs
                 WHERE (?1 IS NULL OR started_at >= ?1)
                   AND ((?2 IS NULL AND ?3 IS NULL)
                        OR EXISTS (SELECT 1 FROM rows_by_sku_code AS r WHERE r.number = runs.number AND sku_code = ?2)
                        OR EXISTS (SELECT 1 FROM rows_by_sku_id AS r WHERE r.number = runs.number AND sku_id = ?3))
                 ORDER BY number DESC LIMIT ?4",
            )?
            .query_map(params![filter.since, code, sku_id, limit], StoredRun::read)?
            .collect::<rusqlite::Result<_>>()?;
        found
            .into_iter()
            .map(|run| {
                let totals = count(c, run.number)?;
                Ok((run, totals))
            })
            .collect()
    })
}

/// The rows of a run by outcome, each as often as lines went into it.
pub fn totals(state: &State, number: i64) -> Result<Totals> {
    state.ask(|c| count(c, number))
}

fn count(c: &Connection, number: i64) -> rusqlite::Result<Totals> {
    let mut count = c.prepare_cached(
        "SELECT coalesce(outcome, iif(intent_at IS NULL, 'skipped', 'unknown')) FROM rows WHERE number = ?1
         UNION ALL SELECT coalesce(outcome, iif(intent_at IS NULL, 'skipped', 'unknown'))
         FROM lots JOIN rows USING (number, row) WHERE number = ?1",
    )?;
    row::totals(count.query([number])?)
}

/// How many rows of a run webhook events prove.
pub fn proved(state: &State, number: i64) -> Result<u64> {
    let counted = "SELECT count(event_id) FROM rows WHERE number = ?1";
    state.count(counted, [number])
}

/// A row that is left to do: it has not ended, or it is the credentials alone that were refused, so that better ones may
/// go on with it.
pub(super) const OPEN: &str = "(outcome IS NULL OR (outcome = 'failed' AND kind = 'auth'))";

/// Whether anything of a run is left to do.
pub fn is_open(state: &State, run: &StoredRun) -> Result<bool> {
    let open = run.open();
    let rows = format!("SELECT 1 FROM rows WHERE number = ?1 AND {open}");
    state.exists(&rows, [run.number])
}

/// How often rows of a run were sent again by the user's decision.
pub fn resent(state: &State, number: i64) -> Result<u64> {
    let counted = "SELECT coalesce(sum(resends), 0) FROM rows WHERE number = ?1";
    state.count(counted, [number])
}

/// The run of that id, or the only one whose id begins or ends so. [`Kind::NotFound`] where there is none.
pub fn find(state: &State, id: &str) -> Result<StoredRun> {
    // As `history -o csv` ends its lines, by a carriage return.
    let id = id.trim();
    if id.is_empty() {
        return Err(Error::usage("the name of the run is empty").hinted("the runs: sxinv history"));
    }
    let mut found = state.ask(|c| {
        let exact = c
            .query_row("SELECT * FROM runs WHERE run = ?1", [id], StoredRun::read)
            .optional()?;
        if let Some(exact) = exact {
            return Ok(vec![exact]);
        }
        c.prepare(
            "SELECT * FROM runs WHERE substr(run, 1, length(?1)) = ?1 OR substr(run, -length(?1)) = ?1 LIMIT 2",
        )?
        .query_map([id], StoredRun::read)?
        .collect::<rusqlite::Result<Vec<_>>>()
    })?;
    match (found.pop(), found.is_empty()) {
        (Some(run), true) => Ok(run),
        (Some(_), false) => Err(Error::usage(format!("several runs begin or end with {id}"))
            .hinted("the runs: sxinv history")),
        _ => Err(no_run(id)),
    }
}

/// No such run on this machine.
pub fn no_run(id: &str) -> Error {
    let error = Error::new(Kind::NotFound, format!("no run {id} on this machine"));
    match id {
        "last" | "newest" => {
            error.hinted("to take the newest one back: sxinv undo --last\nthe runs: sxinv history")
        }
        _ => error.hinted("the runs: sxinv history"),
    }
}

/// Each row of a run in its order, and behind it the other lines that went into it.
pub fn each_row(state: &State, number: i64, each: impl FnMut(&RunRow) -> Result<()>) -> Result<()> {
    each_row_where(state, number, "TRUE", each)
}

/// The same for those for which this condition in SQL holds.
pub(super) fn each_row_where(
    state: &State,
    number: i64,
    condition: &str,
    each: impl FnMut(&RunRow) -> Result<()>,
) -> Result<()> {
    let sql = format!(
        "SELECT {} FROM rows WHERE number = {number} AND {condition} ORDER BY row",
        row::COLUMNS
    );
    lots::each_row(state, Some(number), &sql, RunRow::read, each)
}

/// The variants of which a row of one of these runs is in doubt: what their stock does proves nothing.
pub fn in_doubt(state: &State, run: &StoredRun) -> Result<HashSet<SkuId>> {
    state.all(
        "SELECT DISTINCT sku_id FROM rows JOIN runs USING (number)
         WHERE (number = ?1 OR run = ?2) AND sku_id IS NOT NULL
           AND (outcome = 'unknown' OR (number <> ?1 AND outcome IS NULL AND intent_at IS NOT NULL))",
        params![run.number, run.undo_of],
        |found| found.get(0),
    )
}

/// Whether anything of a run is in doubt, by what an earlier process left.
pub(super) fn any_doubt(state: &State, run: &StoredRun) -> Result<bool> {
    let doubt = "SELECT 1 FROM rows WHERE number = ?1 AND (outcome = 'unknown' OR (outcome IS NULL AND intent_at IS NOT NULL))";
    state.exists(doubt, [run.number])
}

/// Forgets the runs on the stores whose keys match this GLOB pattern: the stores are gone. An error, refused, where one of them
/// is under way.
pub fn forget(state: &mut State, stores: &str) -> Result<()> {
    let open: Vec<String> = state.all(
        "SELECT run FROM runs WHERE store GLOB ?1 AND ended_at IS NULL",
        [stores],
        |found| found.get(0),
    )?;
    let locks = open.iter().map(|run| RunLock::take(state.folder(), run));
    let _locks: Vec<RunLock> = locks.collect::<Result<_>>()?;
    state.change(|c| {
        c.execute(
            "DELETE FROM rows WHERE number IN (SELECT number FROM runs WHERE store GLOB ?1)",
            [stores],
        )?;
        c.execute("DELETE FROM runs WHERE store GLOB ?1", [stores])?;
        Ok(())
    })
}

#[cfg(test)]
mod tests;
