//! Which runs took what of other runs back.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::runs::StoredRun;
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
            fill(c, &found.run, true)?;
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
