//! One commit of the ledger: outcomes, intents, and perhaps the end of the run.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::Leaving;
use crate::change::lost::{self, Count};
use crate::change::outcome::{Outcome, Settled};
use crate::change::runs::TYPED;
use crate::time::UtcTime;

/// Outcomes first: a row that is sent again has the outcome of its last attempt before the new intent. What comes back is
/// how far the ledger has come by it.
pub(super) fn commit(
    connection: &mut Connection,
    number: i64,
    outcomes: &[(usize, Settled)],
    intents: &[Leaving],
    end: Option<&Option<(String, &'static str)>>,
) -> rusqlite::Result<Count> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = UtcTime::now();
    for (row, settled) in outcomes {
        settle(&change, number, *row, settled, now)?;
    }
    intend(&change, number, intents, now)?;
    if let Some(stopped) = end {
        let (why, by) = stopped.as_ref().map(|(why, by)| (why, by)).unzip();
        change.execute(
            "UPDATE runs SET ended_at = ?2, stopped = ?3, stopped_by = ?4 WHERE number = ?1",
            params![number, now, why, by],
        )?;
        change.execute(&over(), params![number, now, why])?;
    }
    let count = lost::count(&change, None)?;
    change.commit()?;
    Ok(count)
}

/// What was typed is typed again where it is still wanted: what of it was not sent ends with the run.
fn over() -> String {
    format!(
        "UPDATE rows SET outcome = 'skipped', settled_at = ?2, kind = 'partial', error = coalesce(error, ?3)
         WHERE number = ?1 AND outcome IS NULL AND intent_at IS NULL
           AND EXISTS (SELECT 1 FROM runs WHERE number = ?1 AND {TYPED})"
    )
}

/// Takes note of how a row ended, and when.
pub(in crate::change) fn settle(
    change: &Transaction<'_>,
    number: i64,
    row: usize,
    settled: &Settled,
    at: UtcTime,
) -> rusqlite::Result<()> {
    let mut settle = change.prepare_cached(
        "UPDATE rows SET outcome = ?3, previous = coalesce(?4, previous), quantity = ?5, read_back = ?6,
            settled_at = ?7, kind = ?8, status = ?9, code = ?10, error = ?11, event_id = ?12,
            intent_at = iif(?3 IS NULL, NULL, intent_at)
         WHERE number = ?1 AND row = ?2",
    )?;
    // A row whose turn never came is still to be done, and surely nothing of it is under way.
    let ended = settled.outcome != Outcome::Skipped;
    let trouble = settled.trouble.as_deref().filter(|_| ended);
    let seen = settled.read_back || settled.event_id.is_some();
    let answered = settled.outcome == Outcome::Applied && !seen;
    let settled = settle.execute(params![
        number,
        row as i64,
        ended.then(|| settled.outcome.name()),
        settled.previous,
        settled.quantity,
        settled.read_back,
        ended.then_some(at),
        trouble.map(|t| t.kind.name()),
        trouble.and_then(|t| t.status).or(answered.then_some(200)),
        trouble.and_then(|t| t.code.as_deref()),
        trouble.map(|t| t.message.as_str()),
        settled.event_id,
    ])?;
    is_there(settled)
}

/// An error where a row that was to be changed is not in the ledger any more.
fn is_there(changed: usize) -> rusqlite::Result<()> {
    match changed {
        1 => Ok(()),
        _ => Err(rusqlite::Error::UserFunctionError(
            "a row of the run is gone from it".into(),
        )),
    }
}

fn intend(
    change: &Transaction<'_>,
    number: i64,
    intents: &[Leaving],
    now: UtcTime,
) -> rusqlite::Result<()> {
    let mut intend = change.prepare_cached(
        "UPDATE rows SET previous = ?3, read_at = ?4, intent_at = ?5, attempts = attempts + 1, outcome = NULL,
            settled_at = NULL, kind = NULL, status = NULL, code = NULL, error = NULL,
            tagged_at = coalesce(tagged_at, ?6), resends = resends + ?7
         WHERE number = ?1 AND row = ?2",
    )?;
    for leaving in intents {
        let intent = leaving.intent;
        let stock = intent.basis.map(|basis| basis.stock);
        let proves = intent.basis.is_some_and(|basis| basis.proves);
        let intended = intend.execute(params![
            number,
            intent.row as i64,
            stock,
            leaving.read_at.filter(|_| proves),
            now,
            leaving.tagged_at,
            intent.resend,
        ])?;
        is_there(intended)?;
    }
    Ok(())
}
