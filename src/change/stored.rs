//! Runs as the ledger holds them: read again to be resumed, undone, compared and shown.

use std::collections::HashSet;
use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, TransactionBehavior, params};

use super::outcome::{Outcome, Settled, Totals, Trouble};
use super::plan::OnConflict;
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, SkuId};
use crate::state::State;
use crate::wanted::{Batch, Mode, SkuRef, Wanted};

/// A run as it was recorded.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Its number in the database.
    pub number: i64,
    /// Its id.
    pub run: String,
    /// When it began, UTC, ISO 8601.
    pub started_at: String,
    /// When it ended; none for a run that was killed or is under way.
    pub ended_at: Option<String>,
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
    /// Rows that named no quantity.
    pub left_alone: u64,
    /// The run that it takes back.
    pub undo_of: Option<String>,
    /// Why it ended before its last row.
    pub stopped: Option<String>,
}

impl StoredRun {
    /// An error, refused, where the run is about another store than the one that is connected to.
    pub fn check_store(&self, store: &str) -> Result<()> {
        if self.store == store {
            return Ok(());
        }
        Err(Error::refused(format!(
            "run {} is about another store ({}), and this is {store}; nothing was sent",
            self.run, self.store
        ))
        .hinted(format!(
            "its profile was {}: -p {}",
            self.profile, self.profile
        )))
    }
}

/// The rows of a run as they were recorded, in their order.
#[derive(Clone, Debug, Default)]
pub struct StoredRows {
    /// What was asked for; codes and reasons included.
    pub wanted: Batch,
    /// What became of each.
    pub rows: Vec<StoredRow>,
}

impl StoredRows {
    /// What was asked for, and what became of it.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Wanted<'_>, &StoredRow)> {
        self.wanted.iter().zip(&self.rows)
    }
}

/// What became of a row.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// The variant that was meant.
    pub variant: Option<(ProductId, SkuId)>,
    /// The adjustment that was to be sent, in units.
    pub adjustment: Option<i64>,
    /// Units before, at the reading or at the intent.
    pub previous: Option<i64>,
    /// When its last intent was recorded.
    pub intent_at: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// How it ended; none while it is to be done or in flight.
    pub settled: Option<Settled>,
    /// When it ended.
    pub settled_at: Option<String>,
    /// The HTTP status of the last answer that settled it.
    pub status: Option<u16>,
}

impl StoredRow {
    /// It was about to be sent, and nothing is known about what became of it.
    pub fn in_flight(&self) -> bool {
        self.settled.is_none() && self.intent_at.is_some()
    }

    /// Its outcome as a person sees it: a row that is still to be done was skipped so far.
    pub fn outcome(&self) -> Outcome {
        match &self.settled {
            Some(settled) => settled.outcome,
            None if self.in_flight() => Outcome::Unknown,
            None => Outcome::Skipped,
        }
    }
}

/// A run in a few words.
pub struct Glimpse {
    /// Its id.
    pub run: String,
    /// When it began, UTC, ISO 8601.
    pub started_at: String,
    /// `set`, `adjust`, `import-csv`, `undo`.
    pub command: String,
    /// The input file.
    pub file: Option<String>,
}

/// The newest runs whose id begins so, newest first.
pub fn newest(state: &State, prefix: &str, most: u32) -> Result<Vec<Glimpse>> {
    let glimpse = |row: &SqlRow<'_>| {
        Ok(Glimpse {
            run: row.get(0)?,
            started_at: row.get(1)?,
            command: row.get(2)?,
            file: row.get(3)?,
        })
    };
    let runs = || {
        state
            .look()
            .prepare(
                "SELECT run, started_at, command, file FROM runs
                 WHERE substr(run, 1, length(?1)) = ?1 ORDER BY number DESC LIMIT ?2",
            )?
            .query_map(params![prefix, most], glimpse)?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    runs().map_err(|e| state.failed(e))
}

const RUN_COLUMNS: &str = "number, run, started_at, ended_at, profile, store, command, file, mode, on_conflict, \
     left_alone, undo_of, stopped, command_line";

fn run(row: &SqlRow<'_>) -> rusqlite::Result<StoredRun> {
    let mode: String = row.get(8)?;
    let on_conflict: String = row.get(9)?;
    Ok(StoredRun {
        number: row.get(0)?,
        run: row.get(1)?,
        started_at: row.get(2)?,
        ended_at: row.get(3)?,
        profile: row.get(4)?,
        store: row.get(5)?,
        command: row.get(6)?,
        file: row.get(7)?,
        mode: match mode.as_str() {
            "set" => Mode::Set,
            "adjust" => Mode::Adjust,
            "stocktake" => Mode::Stocktake,
            _ => return Err(misread(8)),
        },
        on_conflict: match on_conflict.as_str() {
            "report" => OnConflict::Report,
            "overwrite" => OnConflict::Overwrite,
            _ => return Err(misread(9)),
        },
        left_alone: row.get::<_, i64>(10)?.unsigned_abs(),
        undo_of: row.get(11)?,
        stopped: row.get(12)?,
        command_line: row.get(13)?,
    })
}

fn misread(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "an unknown word".to_owned(), Type::Text)
}

/// Adds the row that was asked for to `asked`, and tells what became of it.
fn stored_row(row: &SqlRow<'_>, asked: &mut Batch) -> rusqlite::Result<StoredRow> {
    let line: u32 = row.get(0)?;
    let product: Option<ProductId> = row.get::<_, Option<i64>>(1)?.and_then(ProductId::new);
    let sku: Option<SkuId> = row.get::<_, Option<i64>>(2)?.and_then(SkuId::new);
    let code: Option<String> = row.get(3)?;
    let value: i64 = row.get(4)?;
    let expected: Option<i64> = row.get(5)?;
    let reason: Option<String> = row.get(6)?;
    let named = match (sku, &code) {
        (Some(id), _) => Some(SkuRef::Id(id)),
        (None, code) => code.as_deref().map(SkuRef::Code),
    };
    let mut wanted = Wanted::row(line, named, value)
        .of_product(product)
        .expecting(expected)
        .because(reason.as_deref());
    if let (Some(_), Some(code)) = (sku, &code) {
        wanted = wanted.also_coded(code);
    }
    asked.push(wanted);
    let outcome: Option<String> = row.get(11)?;
    let outcome = match outcome {
        None => None,
        Some(name) => Some(Outcome::from_str(&name).map_err(|()| misread(11))?),
    };
    let previous: Option<i64> = row.get(8)?;
    let error: Option<String> = row.get(18)?;
    let kind: Option<String> = row.get(15)?;
    let trouble = match error {
        None => None,
        Some(message) => Some(Box::new(Trouble {
            kind: kind.as_deref().map_or(Kind::Internal, Kind::named),
            status: row.get(16)?,
            code: row.get(17)?,
            message,
            hint: None,
        })),
    };
    let settled = match outcome {
        None => None,
        Some(outcome) => Some(Settled {
            outcome,
            previous,
            quantity: row.get(12)?,
            read_back: row.get(13)?,
            trouble,
        }),
    };
    Ok(StoredRow {
        variant: product.zip(sku),
        adjustment: row.get(7)?,
        previous,
        intent_at: row.get(9)?,
        attempts: row.get(10)?,
        settled,
        settled_at: row.get(14)?,
        status: row.get(16)?,
    })
}

const ROW_COLUMNS: &str = "line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment, previous, \
     intent_at, attempts, outcome, quantity, read_back, settled_at, kind, status, code, error";

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not more than this many.
    pub limit: Option<u32>,
    /// Begun at or after this time, UTC, ISO 8601.
    pub since: Option<String>,
    /// With a row about this sku id or code.
    pub sku: Option<String>,
}

/// The runs, newest first, with their rows by outcome.
pub fn runs(state: &mut State, filter: &Filter) -> Result<Vec<(StoredRun, Totals)>> {
    let read = |connection: &mut Connection| -> rusqlite::Result<Vec<(StoredRun, Totals)>> {
        // One snapshot, so that a run and its counts agree while others write.
        let view = connection.transaction()?;
        let mut listed = view.prepare(&format!(
            "SELECT {RUN_COLUMNS} FROM runs
             WHERE (?1 IS NULL OR started_at >= ?1)
               AND (?2 IS NULL
                    OR EXISTS (SELECT 1 FROM rows_by_sku_code AS r WHERE r.number = runs.number AND sku_code = ?2)
                    OR EXISTS (SELECT 1 FROM rows_by_sku_id AS r WHERE r.number = runs.number AND sku_id = ?3))
             ORDER BY number DESC LIMIT ?4"
        ))?;
        let limit = filter.limit.map_or(-1, i64::from);
        let sku_id: Option<SkuId> = filter.sku.as_ref().and_then(|sku| sku.parse().ok());
        // `007` is a code alone.
        let sku_id = sku_id.filter(|id| Some(id.to_string()) == filter.sku);
        let found: Vec<StoredRun> = listed
            .query_map(params![filter.since, filter.sku, sku_id, limit], run)?
            .collect::<rusqlite::Result<_>>()?;
        let mut counted = Vec::with_capacity(found.len());
        let mut count = view.prepare_cached(
            "SELECT coalesce(outcome, iif(intent_at IS NULL, 'skipped', 'unknown')), count(*)
             FROM rows WHERE number = ?1 GROUP BY 1",
        )?;
        for run in found {
            let mut totals = Totals::default();
            let mut counts = count.query([run.number])?;
            while let Some(row) = counts.next()? {
                let outcome: String = row.get(0)?;
                let outcome = Outcome::from_str(&outcome).map_err(|()| misread(0))?;
                totals.add_many(outcome, row.get::<_, i64>(1)?.unsigned_abs());
            }
            counted.push((run, totals));
        }
        Ok(counted)
    };
    let found = read(state.connection());
    found.map_err(|e| state.failed(e))
}

/// The run of that id, or the only one whose id starts so. [`Kind::NotFound`] where there is none.
pub fn find(state: &mut State, id: &str) -> Result<StoredRun> {
    let read = |connection: &mut Connection| -> rusqlite::Result<Vec<StoredRun>> {
        let exact = connection
            .query_row(
                &format!("SELECT {RUN_COLUMNS} FROM runs WHERE run = ?1"),
                [id],
                run,
            )
            .optional()?;
        if let Some(exact) = exact {
            return Ok(vec![exact]);
        }
        connection
            .prepare(&format!(
                "SELECT {RUN_COLUMNS} FROM runs WHERE substr(run, 1, length(?1)) = ?1 LIMIT 2"
            ))?
            .query_map([id], run)?
            .collect()
    };
    let mut found = match read(state.connection()) {
        Ok(found) => found,
        Err(e) => return Err(state.failed(e)),
    };
    match (found.pop(), found.is_empty()) {
        (Some(run), true) if !id.is_empty() => Ok(run),
        (Some(_), false) => Err(Error::usage(format!("several runs begin with {id}"))
            .hinted("`sxinv history` lists them")),
        _ => Err(no_run(id)),
    }
}

/// No such run on this machine.
pub fn no_run(id: &str) -> Error {
    Error::new(Kind::NotFound, format!("no run {id} on this machine"))
        .hinted("`sxinv history` lists the runs")
}

/// The rows of a run in their order.
pub fn rows(state: &mut State, number: i64) -> Result<StoredRows> {
    let read = |connection: &mut Connection| -> rusqlite::Result<StoredRows> {
        let mut wanted = Batch::default();
        let rows = connection
            .prepare_cached(&format!(
                "SELECT {ROW_COLUMNS} FROM rows WHERE number = ?1 ORDER BY row"
            ))?
            .query_map([number], |row| stored_row(row, &mut wanted))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(StoredRows { wanted, rows })
    };
    let found = read(state.connection());
    found.map_err(|e| state.failed(e))
}

/// The newest run that took something of `id` back, or may have.
pub fn undone_by(state: &mut State, id: &str) -> Result<Option<String>> {
    let read = |connection: &mut Connection| {
        connection
            .query_row(
                "SELECT run FROM runs WHERE undo_of = ?1 AND EXISTS (
                    SELECT 1 FROM rows WHERE rows.number = runs.number
                    AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL)))
                 ORDER BY number DESC LIMIT 1",
                [id],
                |row| row.get(0),
            )
            .optional()
    };
    let found = read(state.connection());
    found.map_err(|e| state.failed(e))
}

/// The variants of which a row of this run is in doubt.
pub fn in_doubt(state: &mut State, id: &str) -> Result<HashSet<SkuId>> {
    let run = find(state, id)?;
    let rows = rows(state, run.number)?;
    let in_doubt = rows
        .rows
        .iter()
        .filter(|row| row.outcome() == Outcome::Unknown);
    Ok(in_doubt.filter_map(|row| Some(row.variant?.1)).collect())
}

/// A later run that took back something of the run that this undo run takes back, or may have.
pub fn undone_otherwise(state: &mut State, undo: &StoredRun) -> Result<Option<String>> {
    match &undo.undo_of {
        None => Ok(None),
        Some(original) => Ok(undone_by(state, original)?.filter(|other| *other != undo.run)),
    }
}

/// The lines of a run that other runs have taken back, or may have: those of its undo runs that were applied or are in
/// doubt, less what was taken back of these in turn.
pub fn inverted(state: &mut State, id: &str) -> Result<HashSet<u32>> {
    let found = inverted_lines(state.connection(), id, true);
    found.map_err(|e| state.failed(e))
}

/// See [`inverted`]; `doubtful` says whether lines in doubt are among them.
pub(super) fn inverted_lines(
    connection: &Connection,
    id: &str,
    doubtful: bool,
) -> rusqlite::Result<HashSet<u32>> {
    let mut undos = connection.prepare_cached("SELECT number, run FROM runs WHERE undo_of = ?1")?;
    let undos: Vec<(i64, String)> = undos
        .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut inverted = HashSet::new();
    for (number, run) in undos {
        let mut lines = connection.prepare_cached(
            "SELECT line FROM rows WHERE number = ?1 AND (outcome = 'applied'
                OR (?2 AND (outcome = 'unknown' OR (outcome IS NULL AND intent_at IS NOT NULL))))",
        )?;
        let lines: HashSet<u32> = lines
            .query_map(params![number, doubtful], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        // What may have been put back again is not surely inverted, and the other way round.
        let back = inverted_lines(connection, &run, !doubtful)?;
        inverted.extend(lines.difference(&back));
    }
    Ok(inverted)
}

/// Forgets the runs on the stores whose keys match this GLOB pattern: the stores are gone.
pub fn forget(state: &mut State, stores: &str) -> Result<()> {
    let forget = |connection: &mut Connection| {
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute(
            "DELETE FROM rows WHERE number IN (SELECT number FROM runs WHERE store GLOB ?1)",
            [stores],
        )?;
        change.execute("DELETE FROM runs WHERE store GLOB ?1", [stores])?;
        change.commit()
    };
    let forgotten = forget(state.connection());
    forgotten.map_err(|e| state.failed(e))
}
