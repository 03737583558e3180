//! Whether the store is the one that a run was made on (docs/promises.md: The store that it was made on): another token may
//! stand under the same name.

use rusqlite::{Connection, params};

use super::runs::StoredRun;
use crate::api::Client;
use crate::catalogue;
use crate::error::{Error, Result};
use crate::model::{Product, ProductId, SkuId};
use crate::progress::{OnProgress, Phase, Progress};
use crate::state::State;

/// How many products of a run are looked at.
const LOOKED_AT: usize = 20;

/// How many of those that differ are named.
const NAMED: usize = 3;

/// A product of a run, as the ledger has it.
struct Known {
    id: ProductId,
    /// What it was called; none for runs of earlier versions.
    name: Option<String>,
    codes: Vec<(SkuId, String)>,
}

/// An error, refused, where of up to twenty of the run's products fewer than half carry codes that the ledger has. Of those
/// that don't, one that still has its name is forgiven: of a run about one product it may be the only one.
pub fn check(
    state: &State,
    run: &StoredRun,
    client: &Client,
    progress: OnProgress<'_>,
) -> Result<()> {
    let known = state.ask(|c| known(c, run.number))?;
    let products: Vec<ProductId> = known.iter().map(|known| known.id).collect();
    let mut differ: Vec<String> = Vec::new();
    let mut renamed = false;
    let checking = |at: Progress| {
        progress(Progress {
            phase: Phase::CheckingStore,
            ..at
        });
    };
    let unreadable =
        catalogue::products(client, &products, LOOKED_AT, &checking, |id, product| {
            if let Some(known) = known.iter().find(|known| known.id == id) {
                let (difference, is_called_so) =
                    known.difference(product.as_ref().map(|product| &product.value));
                renamed |= is_called_so;
                differ.extend(difference);
            }
        })?;
    let looked_at = products.len() - unreadable.len();
    // One whose codes are others, and that still has its name, is told from another store's.
    let others = differ.len() - usize::from(renamed);
    if others * 2 <= looked_at {
        return Ok(());
    }
    let more = match differ.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = differ[..differ.len().min(NAMED)].join(", ");
    Err(Error::refused(format!(
        "run {} was made on another store: {} of {looked_at} of its products are others here ({named}{more}); nothing was sent",
        run.run,
        differ.len(),
    ))
    .hinted(format!(
        "if the token of {} was another one then, use that\nif these were renamed or removed since, what to change by hand: sxinv history {}",
        run.profile, run.run
    )))
}

impl Known {
    /// What is different about a product; none where a variant of the run still has the code that it had. And whether it has
    /// its name and a variant of the run all the same.
    fn difference(&self, now: Option<&Product>) -> (Option<String>, bool) {
        let Some(now) = now else {
            return (Some(format!("product {} is not here", self.id)), false);
        };
        let code = |sku: SkuId| Some(now.variant(sku)?.sku_code.as_str());
        let carries = |(sku, was): &(SkuId, String)| code(*sku) == Some(was);
        if self.codes.iter().any(carries) {
            return (None, false);
        }
        let is_called = self.name.as_deref() == Some(&now.name) && !now.name.is_empty();
        let is_there = self.codes.iter().any(|(sku, _)| code(*sku).is_some());
        let first = self.codes.first().map(|(sku, was)| match code(*sku) {
            Some("") => format!("{was} has no code here"),
            Some(code) => format!("{was} is {code} here"),
            None => format!("{was} is not here"),
        });
        (first, is_called && is_there)
    }
}

/// The first products of a run, each with the codes that the ledger has of its variants.
fn known(c: &Connection, number: i64) -> rusqlite::Result<Vec<Known>> {
    let mut rows = c.prepare(
        "SELECT product_id, sku_id, sku_code, name FROM rows LEFT JOIN run_products USING (number, product_id)
         WHERE number = ?1 AND product_id IS NOT NULL AND sku_id IS NOT NULL AND sku_code IS NOT NULL
           AND outcome IS NOT 'failed' ORDER BY row",
    )?;
    let mut rows = rows.query([number])?;
    let mut all: Vec<Known> = Vec::new();
    while let Some(found) = rows.next()? {
        let id: ProductId = found.get(0)?;
        let code = (found.get(1)?, found.get(2)?);
        match all.iter().position(|known| known.id == id) {
            Some(at) => all[at].codes.push(code),
            None if all.len() == LOOKED_AT => break,
            None => all.push(Known {
                id,
                name: found.get(3)?,
                codes: vec![code],
            }),
        }
    }
    Ok(all)
}

/// Keeps what the first products of a run are called, as they were read for its draft.
pub(super) fn keep_names(c: &Connection, number: i64) -> rusqlite::Result<()> {
    for known in known(c, number)? {
        c.execute(
            "INSERT INTO run_products (number, product_id, name)
             SELECT ?1, product_id, name FROM temp.seen_products WHERE product_id = ?2",
            params![number, known.id],
        )?;
    }
    Ok(())
}
