//! Hands out the rows of a run that are to be sent: a product's rows at once for *set*, a variant's otherwise, in file
//! order, in the order of their first rows.

use std::collections::VecDeque;

use rusqlite::params;

use super::outcome::MOVED_TWICE;
use super::row::{self, RunRow};
use super::runs::StoredRun;
use crate::error::Result;
use crate::state::State;
use crate::wanted::Mode;

/// How many rows are read at once.
const PORTION: i64 = 256;

/// The rows that are left to send, as the ledger has them.
pub(super) struct Jobs {
    state: State,
    number: i64,
    /// Rows that were read and not handed out, each with the job that it belongs to.
    ahead: VecDeque<(i64, RunRow)>,
    /// The last place in the order that was read.
    at: i64,
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
            at: 0,
        })
    }

    /// How many jobs there are.
    pub(super) fn count(&self) -> Result<u64> {
        let counted = "SELECT count(DISTINCT job) FROM temp.jobs";
        self.state.count(counted, [])
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
        let sql = format!(
            "SELECT {}, jobs.rowid AS place, job FROM temp.jobs AS jobs
             CROSS JOIN rows USING (row) WHERE jobs.rowid > ?1 AND number = ?2 ORDER BY jobs.rowid LIMIT {PORTION}",
            row::COLUMNS
        );
        let left = params![self.at, self.number];
        let rows: Vec<(i64, i64, RunRow)> = self.state.all(&sql, left, |found| {
            Ok((found.get("place")?, found.get("job")?, RunRow::read(found)?))
        })?;
        let any = !rows.is_empty();
        for (place, job, row) in rows {
            self.at = place;
            self.ahead.push_back((job, row));
        }
        Ok(any)
    }
}
