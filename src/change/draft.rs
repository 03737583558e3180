//! The draft of a run: its rows in a temporary table, before anything is promised. It is private to this process, on
//! disk, and gone with the process; a dry run ends here. Once a person or `--yes` agreed, the ledger copies it into the
//! rows of a run (docs/design.md: one run, one table).

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::decide::OnConflict;
use super::effect::Effect;
use super::lost;
use super::lots;
use super::outcome::{MOVED_TWICE, Outcome, Settled, Totals, Trouble};
use super::row::{self, RunRow};
use crate::error::{Error, Kind, Result};
use crate::memory::tag;
use crate::state::State;
use crate::time::UtcTime;
use crate::wanted::Mode;

/// `read_at` is null where a list page told its stock, which proves nothing (docs/design.md: Reading less).
/// `either`: the row names a variant by a number that may be an id or a code. `place`: its variant's among those that were
/// seen, once it was planned. A row that will be sent has no outcome, and in `quantity` what the stock will be. Lots are the lines
/// that went into an earlier row.
const TABLES: &str = "
    CREATE TEMP TABLE draft (
        row         INTEGER PRIMARY KEY,
        line        INTEGER NOT NULL,
        product_id  INTEGER,
        sku_id      INTEGER,
        sku_code    TEXT,
        either      INTEGER NOT NULL DEFAULT 0,
        wanted      INTEGER NOT NULL,
        expected    INTEGER,
        reason      TEXT,
        place       INTEGER,
        adjustment  INTEGER,
        previous    INTEGER,
        read_at     INTEGER,
        intent_at   TEXT,
        attempts    INTEGER NOT NULL DEFAULT 0,
        outcome     TEXT,
        quantity    INTEGER,
        read_back   INTEGER NOT NULL DEFAULT 0,
        settled_at  TEXT,
        kind        TEXT,
        status      INTEGER,
        code        TEXT,
        error       TEXT,
        hint        TEXT,
        event_id    TEXT,
        tagged_at   TEXT,
        resends     INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TEMP TABLE seen_products (
        product_id  INTEGER PRIMARY KEY,
        name        TEXT NOT NULL
    ) STRICT;
    CREATE TEMP TABLE seen_variants (
        place       INTEGER PRIMARY KEY,
        product_id  INTEGER NOT NULL,
        sku_id      INTEGER NOT NULL,
        sku_code    TEXT NOT NULL,
        composed    TEXT,
        name        TEXT NOT NULL,
        quantity    INTEGER NOT NULL,
        read_at     INTEGER,
        UNIQUE (product_id, sku_id)
    ) STRICT;
    CREATE TEMP TABLE draft_lots (
        row         INTEGER NOT NULL,
        line        INTEGER NOT NULL,
        PRIMARY KEY (row, line)
    ) STRICT, WITHOUT ROWID;";

/// The rows of a run that nothing was sent of yet, and what was seen of the store to plan them.
pub struct Draft {
    pub(super) state: State,
    /// A second connection, which planning is done with: the run is read by it while the first one writes.
    pub(super) reader: Option<State>,
    /// What the rows' numbers mean.
    pub mode: Mode,
    /// What is done about rows that expect another stock than there is.
    pub on_conflict: OnConflict,
    /// The reason sent with adjustments that have none of their own.
    pub(super) reason: Option<String>,
    /// How many reasons ended in text that looks like a tag of ours, which was taken off.
    pub(super) looked_tagged: u32,
    /// Whether the rows are those of a file, which name variants in its columns.
    pub of_file: bool,
    /// A file's column of product ids, where it has one.
    pub product_ids: Option<Ids>,
    /// The file's column of sku ids, where it has codes as well.
    pub sku_ids: Option<Ids>,
    /// Whether an adjustment below 0 fails here, as the API would have it. A person who types one hears it from the API.
    pub foresees_refusals: bool,
    /// The run that these are the open rows of.
    pub(super) resumes: Option<i64>,
    /// Rows in doubt are looked at too: they may be sent again.
    pub resends: bool,
    /// Rows about one variant add up, and this many units of each sum are kept back.
    pub(super) adds_up: Option<i64>,
    /// What it does to the stock, once it was planned.
    pub(super) effect: Effect,
    pub(super) rows: u32,
}

/// A column of a file with ids, which may be another program's.
pub struct Ids {
    /// Its header.
    pub header: String,
    /// The option by which the column is left out, and what to do with it.
    pub leaving_out: String,
}

impl Draft {
    /// An empty one. Errors are internal: the state database failed.
    pub fn new(state: State, mode: Mode) -> Result<Draft> {
        state.keep_drafts()?;
        state.ask(|c| c.execute_batch(TABLES))?;
        Ok(Draft {
            state,
            reader: None,
            mode,
            on_conflict: OnConflict::Report,
            reason: None,
            looked_tagged: 0,
            of_file: false,
            product_ids: None,
            sku_ids: None,
            foresees_refusals: true,
            resumes: None,
            resends: false,
            adds_up: None,
            effect: Effect::default(),
            rows: 0,
        })
    }

    /// The reason sent with adjustments that have none of their own.
    pub fn give_reason(&mut self, reason: Option<&str>) {
        let (reason, looked_tagged) = reason.map_or((None, false), tag::cleaned);
        self.reason = reason.map(str::to_owned);
        self.looked_tagged += u32::from(looked_tagged);
    }

    /// How many reasons ended in text of the form that our tags have. It was taken off: an event that bears it would be
    /// taken for another adjustment's (docs/memory.md: Proof).
    pub fn looked_tagged(&self) -> u64 {
        u64::from(self.looked_tagged)
    }

    /// How many adjustments are to be sent whose reason leaves no room for a tag.
    pub fn without_room(&self, run: &str) -> Result<u64> {
        let long = tag::LONGEST.saturating_sub(tag::tag(run, u32::MAX as usize, u32::MAX).len());
        self.ask(|c| {
            let mut rows = c.prepare(
                "SELECT row, coalesce(reason, ?1), resends FROM temp.draft
                 WHERE outcome IS NULL AND adjustment IS NOT NULL AND length(coalesce(reason, ?1)) >= ?2",
            )?;
            let mut rows = rows.query(params![self.reason, long as i64])?;
            let mut count = 0;
            while let Some(found) = rows.next()? {
                let (row, reason, resends): (u32, String, u32) =
                    (found.get(0)?, found.get(1)?, found.get(2)?);
                let tag = tag::tag(run, row as usize, resends + 1);
                count += u64::from(tag::tagged(Some(&reason), &tag).is_none());
            }
            Ok(count)
        })
    }

    /// The draft of the open rows of a run; see [`super::resume`] and [`super::undo`], which fill it.
    pub(super) fn counted(&mut self) -> Result<()> {
        self.rows =
            self.ask(|c| c.query_row("SELECT count(*) FROM temp.draft", [], |found| found.get(0)))?;
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> u64 {
        u64::from(self.rows)
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Asks the database something.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.state.ask(question)
    }

    /// How many rows in doubt have the stock that they had before: only those are sent again.
    pub fn resendable(&self) -> Result<u64> {
        self.state.count(
            "SELECT count(*) FROM temp.draft AS d JOIN temp.seen_variants AS v USING (product_id, sku_id)
             WHERE d.outcome = 'unknown' AND d.code IS NOT ?1 AND d.previous = v.quantity",
            [MOVED_TWICE],
        )
    }

    /// Until when the ledger lost what it recorded, where that is not longer ago than so many hours; see [`lost::lately`].
    pub fn lost_lately(&self, hours: i64) -> Result<Option<UtcTime>> {
        lost::lately(&self.state, hours)
    }

    /// What it does to the stock; nothing before it was planned.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// How many rows will be sent.
    pub fn sends(&self) -> Result<u64> {
        self.state
            .count("SELECT count(*) FROM temp.draft WHERE outcome IS NULL", [])
    }

    /// The rows by how they would end, each as often as lines went into it.
    pub fn totals(&self) -> Result<Totals> {
        self.ask(|c| {
            let mut outcomes = c.prepare(
                "SELECT coalesce(outcome, 'planned') FROM temp.draft
                 UNION ALL SELECT coalesce(outcome, 'planned') FROM temp.draft_lots JOIN temp.draft USING (row)",
            )?;
            row::totals(outcomes.query([])?)
        })
    }

    /// Each row in its order, as it would end, and behind it the other lines that went into it.
    pub fn each(&self, each: impl FnMut(&RunRow) -> Result<()>) -> Result<()> {
        let planned = |found: &SqlRow<'_>| {
            let mut row = RunRow::read(found)?;
            if row.settled.is_none() {
                let quantity: Option<i64> = found.get(row::WIDTH)?;
                row.settled = Some(Settled::well(Outcome::Planned, row.previous, quantity));
            }
            // As the ledger would have it.
            let hint: Option<String> = found.get(row::WIDTH + 1)?;
            let settled = row.settled.as_mut();
            let hint = hint.filter(|hint| !hint.contains("sxinv "));
            if let (Some(hint), Some(trouble)) = (hint, settled.and_then(|s| s.trouble.as_mut())) {
                trouble.message = format!("{}; {hint}", trouble.message);
            }
            Ok(row)
        };
        let sql = format!(
            "SELECT {}, quantity, hint FROM temp.draft ORDER BY row",
            row::COLUMNS
        );
        lots::each_row(&self.state, None, &sql, planned, each)
    }

    /// Under `--on-error stop` a row that has failed already keeps all others from being sent.
    pub fn stop_at_failures(&self) -> Result<()> {
        self.ask(|c| {
            c.execute(
                "UPDATE temp.draft SET outcome = 'skipped', kind = 'partial', error = 'a row failed and --on-error is stop'
                 WHERE outcome IS NULL AND EXISTS (SELECT 1 FROM temp.draft WHERE outcome = 'failed')",
                [],
            )
        })?;
        Ok(())
    }

    /// The first rows that would end like this: line and reason.
    pub fn troubles(&self, most: usize) -> Result<Vec<(u32, String)>> {
        self.state.all(
            "SELECT line, error || iif(instr(hint, 'sxinv ') = 0, '; ' || hint, '') FROM temp.draft WHERE outcome IN ('conflict', 'failed')
             ORDER BY outcome, row LIMIT ?1",
            [most as i64],
            |found| Ok((found.get(0)?, found.get(1)?)),
        )
    }

    /// The first row that would not end well, as the error of a command that is about this one change.
    pub fn first_trouble(&self) -> Result<Option<Error>> {
        let found = self.ask(|c| {
            c.query_row(
                "SELECT kind, error, hint, code FROM temp.draft WHERE outcome IN ('conflict', 'failed')
                 ORDER BY outcome = 'conflict', row LIMIT 1",
                [],
                |found| {
                    Ok(Trouble {
                        kind: Kind::named(found.get_ref(0)?.as_str()?),
                        status: None,
                        code: found.get(3)?,
                        message: found.get(1)?,
                        hint: found.get(2)?,
                    })
                },
            )
            .optional()
        })?;
        Ok(found.map(Error::from))
    }
}

#[cfg(test)]
mod tests;
