//! What other runs of ours did to the variants of one meanwhile: after that, what their stock does proves nothing.

use std::collections::HashSet;

use jiff::SignedDuration;
use rusqlite::params;

use super::runs::StoredRun;
use crate::error::Result;
use crate::model::SkuId;
use crate::state::State;
use crate::time::UtcTime;

/// How long a write of another process may have been under way, with all its attempts.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(10);

/// Rows in doubt whose variant another run of ours on the store has written since, or perhaps: what their stock does proves
/// nothing.
pub(super) fn rows(state: &State, run: &StoredRun) -> Result<HashSet<u32>> {
    state.all(
        "SELECT row FROM rows AS mine WHERE number = ?1 AND intent_at IS NOT NULL AND (outcome IS NULL OR outcome = 'unknown')
           AND EXISTS (SELECT 1 FROM runs CROSS JOIN rows_by_sku_id AS r ON r.number = runs.number AND r.sku_id = mine.sku_id
                       JOIN rows AS theirs ON theirs.number = r.number AND theirs.row = r.row
                       WHERE runs.store = ?2 AND runs.number <> ?1
                         AND (runs.number > ?1 OR runs.ended_at IS NULL OR runs.ended_at > mine.intent_at)
                         AND (runs.number > ?1 OR theirs.intent_at > mine.intent_at)
                         AND (theirs.outcome IN ('applied', 'unknown') OR (theirs.outcome IS NULL AND theirs.intent_at IS NOT NULL)))",
        params![run.number, run.store],
        |found| found.get(0),
    )
}

/// Whether another run of ours on the store has written a variant since then, or perhaps: what is under way may have been
/// begun some minutes before.
pub(super) fn is_since(state: &State, run: &StoredRun, sku: SkuId, since: UtcTime) -> Result<bool> {
    let begun = since.earlier(UNDER_WAY);
    state.exists(
        "SELECT 1 FROM runs CROSS JOIN rows_by_sku_id AS r ON r.number = runs.number AND r.sku_id = ?3
         JOIN rows ON rows.number = r.number AND rows.row = r.row
         WHERE runs.store = ?2 AND runs.number <> ?1 AND coalesce(runs.ended_at, '9') >= ?4
           AND (rows.outcome IN ('applied', 'unknown') AND rows.settled_at >= ?4
                OR rows.outcome IS NULL AND rows.intent_at >= ?5)",
        params![run.number, run.store, sku, since, begun],
    )
}

#[cfg(test)]
mod tests;
