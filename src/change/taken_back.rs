//! Which runs took what of other runs back.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::runs::{OPEN, StoredRun};
use crate::error::Result;
use crate::state::State;

/// The newest run that took something of `id` back, or may have.
pub fn undone_by(state: &State, id: &str) -> Result<Option<String>> {
    let newest = "SELECT run FROM runs WHERE undo_of = ?1 AND EXISTS (
            SELECT 1 FROM rows WHERE rows.number = runs.number
            AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL)))
         ORDER BY number DESC LIMIT 1";
    state.ask(|c| c.query_row(newest, [id], |found| found.get(0)).optional())
}

/// Fills the TEMP table `taken_back` with the lines of a run that other runs have taken back, less what was taken back of
/// these in turn. `doubtful` says whether lines that may have been taken back are among them.
pub(super) fn fill(c: &Connection, id: &str, doubtful: bool) -> rusqlite::Result<u64> {
    c.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS taken_back (line INTEGER PRIMARY KEY);
         DELETE FROM temp.taken_back;",
    )?;
    let lines = inverted(c, id, doubtful)?;
    let mut insert = c.prepare_cached("INSERT INTO temp.taken_back (line) VALUES (?1)")?;
    for line in &lines {
        insert.execute([line])?;
    }
    Ok(lines.len() as u64)
}

/// The lines of a run of which nobody knows whether other runs have taken them back, in order.
pub(super) fn perhaps(c: &Connection, id: &str) -> rusqlite::Result<Vec<u32>> {
    let sure = inverted(c, id, false)?;
    let mut lines: Vec<u32> = inverted(c, id, true)?.difference(&sure).copied().collect();
    lines.sort_unstable();
    Ok(lines)
}

/// The newest run that took a run back and left one of these lines in doubt.
pub(super) fn in_doubt_about(
    c: &Connection,
    id: &str,
    lines: &[u32],
) -> rusqlite::Result<Option<String>> {
    let mut doubts = c.prepare(
        "SELECT run, line FROM runs JOIN rows USING (number)
         WHERE undo_of = ?1 AND (outcome = 'unknown' OR (outcome IS NULL AND intent_at IS NOT NULL))
         ORDER BY number DESC",
    )?;
    let mut doubts = doubts.query([id])?;
    while let Some(found) = doubts.next()? {
        if lines.binary_search(&found.get("line")?).is_ok() {
            return found.get("run").map(Some);
        }
    }
    Ok(None)
}

/// A run that has taken back, or may have, what an undo that was cut off has still to take back: `resends` counts what the
/// undo has in doubt among that.
pub fn overtaken_by(state: &State, undo: &StoredRun, resends: bool) -> Result<Option<String>> {
    let other = format!(
        "SELECT run FROM runs JOIN rows USING (number)
         WHERE undo_of = ?2 AND number <> ?1
           AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL))
           AND line IN (SELECT line FROM rows WHERE number = ?1 AND ({OPEN} OR (?3 AND outcome = 'unknown')))
         ORDER BY number DESC LIMIT 1"
    );
    state.ask(|c| {
        let run = params![undo.number, undo.undo_of, resends];
        c.query_row(&other, run, |found| found.get(0)).optional()
    })
}

/// Whether nothing of a run was taken back, and, where it is an undo, whether it has a line left that no other undo of the
/// same run surely took back.
pub(super) fn has_own_left(c: &Connection, run: &StoredRun) -> rusqlite::Result<bool> {
    if !inverted(c, &run.run, true)?.is_empty() {
        return Ok(false);
    }
    let Some(original) = &run.undo_of else {
        return Ok(true);
    };
    c.prepare_cached(&format!(
        "SELECT 1 FROM rows WHERE number = ?1 AND {OPEN} AND line NOT IN (
            SELECT line FROM runs AS other JOIN rows USING (number)
            WHERE other.undo_of = ?2 AND other.number <> ?1 AND outcome = 'applied')"
    ))?
    .exists(params![run.number, original])
}

fn inverted(c: &Connection, id: &str, doubtful: bool) -> rusqlite::Result<HashSet<u32>> {
    let undos: Vec<(i64, String)> = c
        .prepare_cached("SELECT number, run FROM runs WHERE undo_of = ?1")?
        .query_map([id], |found| Ok((found.get(0)?, found.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut all = HashSet::new();
    for (number, run) in undos {
        let lines: HashSet<u32> = c
            .prepare_cached(
                "SELECT line FROM rows WHERE number = ?1 AND (outcome = 'applied'
                    OR (?2 AND (outcome = 'unknown' OR (outcome IS NULL AND intent_at IS NOT NULL))))",
            )?
            .query_map(params![number, doubtful], |found| found.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        // What may have been put back again is not surely taken back, and the other way round.
        let back = inverted(c, &run, !doubtful)?;
        all.extend(lines.difference(&back));
    }
    Ok(all)
}

/// The newest run on a store that applied something, is no undo, and is not wholly taken back.
pub fn last_to_undo(state: &State, store: &str) -> Result<Option<StoredRun>> {
    state.ask(|c| {
        let mut applied = c.prepare(
            "SELECT * FROM runs AS r WHERE store = ?1 AND undo_of IS NULL
               AND EXISTS (SELECT 1 FROM rows WHERE number = r.number AND outcome = 'applied')
             ORDER BY number DESC",
        )?;
        for found in applied.query_map([store], StoredRun::read)? {
            let found = found?;
            // What may not have been taken back is not over: an older run is not taken back in its place.
            fill(c, &found.run, false)?;
            let left = c
                .prepare_cached(
                    "SELECT 1 FROM rows WHERE number = ?1 AND outcome = 'applied'
                       AND line NOT IN (SELECT line FROM temp.taken_back)",
                )?
                .exists([found.number])?;
            if left {
                return Ok(Some(found));
            }
        }
        Ok(None)
    })
}

#[cfg(test)]
mod tests;
