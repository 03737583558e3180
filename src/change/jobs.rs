//! Hands out the rows of a run that are to be sent: a product's rows at once for *set*, a variant's otherwise, in file
//! order, in the order of their first rows.

use std::collections::VecDeque;

use rusqlite::Row;

use super::lots;
use super::outcome::MOVED_TWICE;
use super::row::{self, RunRow};
use super::runs::StoredRun;
use crate::error::Result;
use crate::state::State;
use crate::wanted::Mode;

/// How many rows are read at once.
const PORTION: usize = 256;

/// The rows that are left to send, as the ledger has them.
pub(super) struct Jobs {
    /// What the run is read by.
    pub(super) state: State,
    number: i64,
    /// Rows that were read and not handed out, each with the job that it belongs to.
    ahead: VecDeque<(i64, RunRow)>,
    /// The last place in the order that was read; none where nothing is left.
    at: Option<i64>,
}

impl Jobs {
    /// Those of a run that have no outcome; with `resend`, the ones in doubt too.
    pub(super) fn of(state: State, run: &StoredRun, resend: bool) -> Result<Jobs> {
        let key = match run.mode {
            Mode::Set => "product_id",
            Mode::Adjust | Mode::Stocktake => "sku_id",
        };
        // A table of its own, so that no old view of the ledger is held open while others write to it.
        let order = format!(
            "CREATE TEMP TABLE jobs AS
                SELECT row, job FROM (
                    SELECT row, min(row) OVER (PARTITION BY {key}) AS job FROM rows
                    WHERE number = {} AND (outcome IS NULL OR ({resend} AND outcome = 'unknown' AND code IS NOT '{MOVED_TWICE}')))
                ORDER BY job, row",
            run.number
        );
        state.keep_drafts()?;
        state.ask(|c| c.execute_batch(&order))?;
        Ok(Jobs {
            state,
            number: run.number,
            ahead: VecDeque::new(),
            at: Some(0),
        })
    }

    /// How many jobs there are, and how many rows.
    pub(super) fn count(&self) -> Result<(u32, u32)> {
        let counted = "SELECT count(DISTINCT job), count(*) FROM temp.jobs";
        let both = |found: &Row<'_>| Ok((found.get(0)?, found.get(1)?));
        self.state.ask(|c| c.query_row(counted, [], both))
    }

    /// The lines that went into a row besides its own. What can't be read is in the report all the same.
    pub(super) fn lines(&self, row: u32) -> Vec<u32> {
        let lines = self.state.ask(|c| lots::lines(c, Some(self.number), row));
        lines.unwrap_or_default()
    }

    /// The rows of the next job; empty after the last.
    pub(super) fn next(&mut self) -> Result<Vec<RunRow>> {
        loop {
            let job = self.ahead.front().map(|(job, _)| *job);
            let other = self.ahead.iter().position(|(other, _)| Some(*other) != job);
            // The last job ends where there is nothing more to read.
            if other.is_some() || !self.read()? {
                let rows = other.unwrap_or(self.ahead.len());
                return Ok(self.ahead.drain(..rows).map(|(_, row)| row).collect());
            }
        }
    }

    /// Reads on; whether there was anything.
    fn read(&mut self) -> Result<bool> {
        let Some(at) = self.at else {
            return Ok(false);
        };
        // Numbers that are bound later would have it planned once more for each of them.
        let sql = format!(
            "SELECT {}, jobs.rowid AS place, job FROM temp.jobs AS jobs
             CROSS JOIN rows USING (row) WHERE jobs.rowid > {at} AND number = {} ORDER BY jobs.rowid LIMIT {PORTION}",
            row::COLUMNS, self.number
        );
        let rows: Vec<(i64, i64, RunRow)> = self.state.all(&sql, [], |found| {
            Ok((found.get("place")?, found.get("job")?, RunRow::read(found)?))
        })?;
        let last = rows.last().map(|(place, ..)| *place);
        self.at = last.filter(|_| rows.len() == PORTION);
        let rows = rows.into_iter().map(|(_, job, row)| (job, row));
        self.ahead.extend(rows);
        Ok(last.is_some())
    }
}
