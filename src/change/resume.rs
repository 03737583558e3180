//! Goes on where a run was cut off, without its file: the draft is the run's own rows. What had ended stays as it ended,
//! what was in flight is settled by [`super::doubt`], and what had not been sent is planned anew.

use rusqlite::{Connection, params};

use super::draft::Draft;
use super::lots;
use super::runs::{OPEN, StoredRun};
use crate::api::Client;
use crate::catalogue;
use crate::error::{Error, Result};
use crate::model::{ProductId, SkuId};
use crate::progress::{OnProgress, Phase, Progress};
use crate::state::State;
use crate::wanted::Mode;

/// How many products of a run are looked at to know its store again.
const LOOKED_AT: usize = 20;

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

/// Rows that the store refused for the credentials are planned anew.
fn open_again() -> String {
    format!(
        "UPDATE temp.draft SET outcome = NULL, quantity = NULL, intent_at = NULL, settled_at = NULL, kind = NULL,
                status = NULL, code = NULL, error = NULL
            WHERE outcome IS NOT NULL AND {OPEN}"
    )
}

/// A quantity that a later run of ours has written since is not written over.
const NEWER: &str = "
    UPDATE temp.draft SET outcome = 'skipped', kind = 'refused', error = 'newer: ' || later.run
        FROM (SELECT sku_id, max(run) AS run FROM rows JOIN runs USING (number)
              WHERE number > ?1 AND store = ?2
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
        c.execute(&open_again(), [])?;
        c.execute(lots::AGAIN, [run.number])?;
        if run.mode == Mode::Set {
            c.execute(NEWER, params![run.number, run.store])?;
        }
        Ok(())
    })?;
    draft.counted()?;
    Ok(draft)
}

/// An error, refused, where the store is not the one that the run was made on: of up to twenty of its products at least
/// half must carry the codes that the ledger has, because another token may stand under the same name (docs/promises.md:
/// The store that it was made on).
pub fn same_store(
    state: &State,
    run: &StoredRun,
    client: &Client,
    progress: OnProgress<'_>,
) -> Result<()> {
    let known = state.ask(|c| known_codes(c, run))?;
    let products: Vec<ProductId> = known.iter().map(|(product, _)| *product).collect();
    let mut same = 0;
    let checking = |at: Progress| {
        progress(Progress {
            phase: Phase::CheckingStore,
            ..at
        });
    };
    let unreadable =
        catalogue::products(client, &products, LOOKED_AT, &checking, |id, product| {
            let codes = known.iter().find(|(product, _)| *product == id);
            let (Some((_, codes)), Some(product)) = (codes, product) else {
                return;
            };
            let carries = |(sku, code): &(SkuId, String)| {
                let variant = product.value.variant(*sku);
                variant.is_some_and(|variant| variant.sku_code == *code)
            };
            same += usize::from(codes.iter().all(carries));
        })?;
    let looked_at = products.len() - unreadable.len();
    if same * 2 >= looked_at {
        return Ok(());
    }
    Err(Error::refused(format!(
        "run {} was made on another store: {} of {} of its products carry other codes here, or are not here; nothing was sent",
        run.run,
        looked_at - same,
        looked_at
    ))
    .hinted(format!(
        "the profile {} had another token then; use that one",
        run.profile
    )))
}

/// A product of a run, and the codes of its variants as the ledger has them.
type Known = (ProductId, Vec<(SkuId, String)>);

/// The first products of a run, each with the codes that the ledger has of its variants.
fn known_codes(c: &Connection, run: &StoredRun) -> rusqlite::Result<Vec<Known>> {
    let mut rows = c.prepare(
        "SELECT product_id, sku_id, sku_code FROM rows
         WHERE number = ?1 AND product_id IS NOT NULL AND sku_id IS NOT NULL AND sku_code IS NOT NULL
           AND outcome IS NOT 'failed' ORDER BY row",
    )?;
    let mut rows = rows.query([run.number])?;
    let mut known: Vec<Known> = Vec::new();
    while let Some(found) = rows.next()? {
        let product: ProductId = found.get(0)?;
        let code = (found.get(1)?, found.get(2)?);
        match known.iter().position(|(known, _)| *known == product) {
            Some(at) => known[at].1.push(code),
            None if known.len() == LOOKED_AT => break,
            None => known.push((product, vec![code])),
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests;
