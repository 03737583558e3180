//! Which variant is meant, by what this machine knows of the store; nothing is asked of the server.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::catalogue::SkuName;
use crate::error::{Error, Kind, Result};
use crate::memory::Memory;
use crate::model::SkuId;
use crate::near::folded;
use crate::sku_code::{Closeness, closest, composed};
use crate::state::State;

/// A variant whose story is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its id.
    pub sku: SkuId,
    /// The code that it bears, or bore when it was seen last.
    pub code: Option<String>,
}

/// The variants that bear a code today, as far as the catalogue knows.
const BEARS: &str = "
    SELECT sku_id FROM variants JOIN catalogues ON catalogues.number = variants.catalogue
    WHERE store = ?1 AND sku_code = ?2";

/// The codes that fold as one does (`near::folded`): codes that are the same in any way are among them.
const FOLDS: &str = "
    SELECT DISTINCT sku_code FROM variants JOIN catalogues ON catalogues.number = variants.catalogue
    WHERE store = ?1 AND folded = ?2";

/// The variants that rows of ours named by a code.
const NAMED: &str = "
    SELECT DISTINCT rows.sku_id FROM runs CROSS JOIN rows_by_sku_code AS r USING (number) JOIN rows USING (number, row)
    WHERE runs.store = ?1 AND r.sku_code = ?2 AND rows.sku_id IS NOT NULL";

/// Those that bore it in a snapshot, or in an event.
const BORE: &str = "
    SELECT sku_id FROM labels JOIN stores ON stores.number = labels.store WHERE stores.store = ?1 AND sku_code = ?2
    UNION SELECT sku_id FROM movements JOIN events ON events.number = movements.event
        JOIN stores ON stores.number = events.store
        WHERE stores.store = ?1 AND sku_id IS NOT NULL AND movements.sku_code = ?2";

const CODE: &str = "
    SELECT sku_code FROM labels JOIN stores ON stores.number = labels.store
    WHERE stores.store = ?1 AND sku_id = ?2 ORDER BY snapshot DESC LIMIT 1";

const CODE_TODAY: &str = "
    SELECT sku_code FROM variants JOIN catalogues ON catalogues.number = variants.catalogue
    WHERE store = ?1 AND sku_id = ?2";

impl Variant {
    /// The variant of a store that a person means. Errors: not found, where nothing is known of it; usage, where several
    /// variants bear the code, which is never guessed.
    pub fn find(
        state: Option<&State>,
        memory: Option<&Memory>,
        store: &str,
        name: &SkuName,
    ) -> Result<Variant> {
        let mut found = BTreeSet::new();
        if let SkuName::Code(code) | SkuName::Either(_, code) = name {
            found = by_code(state, memory, store, code)?;
            if found.is_empty() {
                for close in close_codes(state, store, code)? {
                    found.extend(by_code(state, memory, store, &close)?);
                }
            }
        }
        if let SkuName::Id(id) | SkuName::Either(id, _) = name {
            found.insert(*id);
        }
        // Digits that no code is are an id; digits that are a code are both, until somebody says which.
        let mut known = Vec::new();
        for sku in found {
            let code = code(state, memory, store, sku)?;
            known.push(Variant { sku, code });
        }
        if let (SkuName::Either(id, _), true) = (name, known.len() > 1) {
            known.retain(|variant| variant.sku != *id || variant.code.is_some());
        }
        match (known.pop(), known.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(last), false) => {
                let ids: Vec<String> = known
                    .iter()
                    .chain([&last])
                    .map(|variant| format!("id:{}", variant.sku))
                    .collect();
                Err(
                    Error::usage(format!("several variants bear {name}: {}", ids.join(", ")))
                        .hinted("say which one by its id"),
                )
            }
            (None, _) => Err(unknown(name)),
        }
    }
}

/// The codes of the catalogue that are meant by one that no variant bears to the letter; that one composed, where the
/// catalogue knows none.
fn close_codes(state: Option<&State>, store: &str, code: &str) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    if let Some(state) = state {
        found = state.ask(|c| {
            c.prepare(FOLDS)?
                .query_map(params![store, folded(code)], |found| found.get(0))?
                .collect()
        })?;
    }
    found = closest(found, |other| Closeness::of(code, other));
    if found.is_empty() {
        found.push(composed(code).into_owned());
    }
    Ok(found)
}

/// The variants that bear a code today; where none does, those that bore it.
fn by_code(
    state: Option<&State>,
    memory: Option<&Memory>,
    store: &str,
    code: &str,
) -> Result<BTreeSet<SkuId>> {
    let mut found = BTreeSet::new();
    if let Some(state) = state {
        let ids = |sql| state.ask(|c| ids(c, sql, store, code));
        found.extend(ids(BEARS)?);
        if found.is_empty() {
            found.extend(ids(NAMED)?);
        }
    }
    if let (true, Some(memory)) = (found.is_empty(), memory) {
        found.extend(memory.ask(|c| ids(c, BORE, store, code))?);
    }
    Ok(found)
}

/// Nothing is known of such a variant here.
pub fn unknown(name: &SkuName) -> Error {
    let message = format!("nothing is known of {name} on this machine");
    Error::new(Kind::NotFound, message)
        .hinted("to look in the store: sxinv show SKU\nto remember what it has: sxinv snapshot")
}

fn ids(c: &Connection, sql: &str, store: &str, code: &str) -> rusqlite::Result<Vec<SkuId>> {
    c.prepare(sql)?
        .query_map(params![store, code], |found| found.get(0))?
        .collect()
}

fn code(
    state: Option<&State>,
    memory: Option<&Memory>,
    store: &str,
    sku: SkuId,
) -> Result<Option<String>> {
    let look = |c: &Connection, sql: &str| {
        c.query_row(sql, params![store, sku], |found| found.get(0))
            .optional()
    };
    if let Some(state) = state {
        let code = state.ask(|c| look(c, CODE_TODAY))?;
        if code.is_some() {
            return Ok(code);
        }
    }
    match memory {
        Some(memory) => memory.ask(|c| look(c, CODE)),
        None => Ok(None),
    }
}
