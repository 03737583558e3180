//! Goes on where a run was cut off, without its file: the draft is the run's own rows. What had ended stays as it ended,
//! what was in flight is settled by [`super::doubt`], and what had not been sent is planned anew.

use rusqlite::params;

use super::draft::Draft;
use super::lots;
use super::runs::StoredRun;
use crate::error::Result;
use crate::state::State;
use crate::wanted::Mode;

/// Rows that are done or in flight take part as they stand, so that the draft tells how the whole run would end.
const OPEN_ROWS: &str = "
    INSERT INTO temp.draft (row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment, previous, read_at,
            intent_at, attempts, outcome, quantity, read_back, settled_at, kind, status, code, error, event_id, tagged_at,
            resends)
        SELECT row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment, previous, NULL,
            intent_at, attempts, coalesce(outcome, iif(intent_at IS NULL, NULL, 'unknown')), quantity, read_back, settled_at,
            kind, status, code, coalesce(error, iif(outcome IS NULL AND intent_at IS NOT NULL,
                'the run was cut off while this was under way', NULL)), event_id, tagged_at, resends
        FROM rows WHERE number = ?1";

/// What was typed and not sent is typed again where it is still wanted.
const OVER: &str = "
    UPDATE temp.draft SET outcome = 'skipped', kind = 'partial', error = 'the run ended before this row'
        WHERE outcome IS NULL";

/// A quantity that a later run of ours has written since is not written over, and what a later count has told is not counted
/// once more. `?3`: any later run will do.
const NEWER: &str = "
    UPDATE temp.draft SET outcome = 'skipped', kind = 'refused', error = 'newer: ' || later.run
        FROM (SELECT sku_id, max(run) AS run FROM rows JOIN runs USING (number)
              WHERE number > ?1 AND store = ?2 AND (?3 OR mode IN ('set', 'stocktake'))
                AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL))
                AND sku_id IN (SELECT sku_id FROM temp.draft WHERE outcome IS NULL)
              GROUP BY sku_id) AS later
        WHERE later.sku_id = draft.sku_id AND draft.outcome IS NULL";

/// The draft of what is left of a run, to be planned.
pub fn draft(state: State, run: &StoredRun) -> Result<Draft> {
    let mut draft = Draft::new(state, run.mode)?;
    draft.on_conflict = run.on_conflict;
    draft.reason = run.reason.clone();
    draft.resumes = Some(run.number);
    draft.ask(|c| {
        c.execute(OPEN_ROWS, [run.number])?;
        c.execute(&run.reopen("temp.draft"), [])?;
        if run.is_typed() {
            c.execute(OVER, [])?;
        }
        c.execute(lots::AGAIN, [run.number])?;
        if run.mode != Mode::Adjust {
            let any = run.mode == Mode::Set;
            c.execute(NEWER, params![run.number, run.store, any])?;
        }
        Ok(())
    })?;
    draft.counted()?;
    Ok(draft)
}

#[cfg(test)]
mod tests;
