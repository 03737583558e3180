//! Takes a run back: the inverse adjustment of each row that was applied, so that later sales stay.

use rusqlite::{OptionalExtension, params};

use super::draft::Draft;
use super::runs::StoredRun;
use super::taken_back;
use crate::error::{Error, Result};
use crate::state::State;
use crate::wanted::Mode;

/// What taking a run back comes to.
pub struct Undo {
    /// The inverse adjustments, the last row first: what was added last is there to be taken first.
    pub draft: Draft,
    /// What may or may not have happened, and so is left out.
    pub left_out: LeftOut,
    /// Rows that were surely taken back before.
    pub before: u64,
}

/// The lines of a run that are not taken back because nobody knows what became of them.
#[derive(Default)]
pub struct LeftOut {
    /// The run.
    pub of: String,
    /// May or may not have been applied.
    pub unknown: Vec<u32>,
    /// Were applied, and may or may not be taken back by earlier runs.
    pub perhaps: Vec<u32>,
    /// The newest of these runs, and whether it would have put them back rather than taken them back.
    pub by: Option<(String, bool)>,
}

impl LeftOut {
    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.unknown.is_empty() && self.perhaps.is_empty()
    }
}

/// For *set*, the inverse is previous less new. Rows with numbers that have no inverse are left to the check below.
const INVERSE: &str = "
    INSERT INTO temp.draft (row, line, product_id, sku_id, sku_code, wanted)
        SELECT row_number() OVER (ORDER BY row DESC) - 1, line, product_id, sku_id, sku_code,
               coalesce(-adjustment, previous - quantity)
        FROM rows
        WHERE number = ?1 AND outcome = 'applied' AND line NOT IN (SELECT line FROM temp.taken_back)
          AND typeof(coalesce(-adjustment, previous - quantity)) = 'integer'
          AND coalesce(-adjustment, previous - quantity) <> 0";

/// The draft that takes back what `run` applied and nobody took back yet.
pub fn inverse(state: State, run: &StoredRun) -> Result<Undo> {
    let mut draft = Draft::new(state, Mode::Adjust)?;
    draft.give_reason(Some(&format!("Undo of {}", run.run)));
    let (left_out, before) = draft.ask(|c| {
        let before = taken_back::fill(c, &run.run, true)?;
        let perhaps = taken_back::perhaps(c, &run.run)?;
        c.execute(INVERSE, [run.number])?;
        let unknown = c
            .prepare(
                "WITH doubt AS (
                    SELECT row, line FROM rows WHERE number = ?1 AND line NOT IN (SELECT line FROM temp.taken_back)
                      AND (outcome = 'unknown' OR (outcome IS NULL AND intent_at IS NOT NULL)))
                 SELECT row, line FROM doubt
                 UNION ALL SELECT row, lots.line FROM lots JOIN doubt USING (row) WHERE number = ?1 ORDER BY 1, 2",
            )?
            .query_map(params![run.number], |found| found.get(1))?
            .collect::<rusqlite::Result<Vec<u32>>>()?;
        let left_out = LeftOut {
            of: run.run.clone(),
            unknown,
            by: taken_back::in_doubt_about(c, &run.run, &perhaps)?,
            perhaps,
        };
        let before = before - left_out.perhaps.len() as u64;
        Ok((left_out, before))
    })?;
    draft.counted()?;
    draft.check_inverse(run)?;
    Ok(Undo {
        draft,
        left_out,
        before,
    })
}

impl Draft {
    /// An error, internal: a row of the run has numbers that no adjustment takes back.
    fn check_inverse(&self, run: &StoredRun) -> Result<()> {
        let odd: Option<u32> = self.ask(|c| {
            c.query_row(
                "SELECT line FROM rows WHERE number = ?1 AND outcome = 'applied'
                   AND (sku_id IS NULL OR product_id IS NULL
                        OR typeof(coalesce(-adjustment, previous - quantity)) <> 'integer')",
                [run.number],
                |found| found.get(0),
            )
            .optional()
        })?;
        match odd {
            None => Ok(()),
            Some(line) => Err(Error::internal(format!(
                "line {line} of run {} can't be taken back: its numbers have no inverse",
                run.run
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
