//! The stock of all variants at a snapshot, put together from what changed up to it.

use std::collections::HashMap;

use rusqlite::types::Type;
use rusqlite::{Connection, Error};

use super::packed::{Level, unpack};

/// The stock of all variants of a store at one moment.
#[derive(Debug, Default)]
pub struct Standing(HashMap<i64, Stood>);

/// A variant's stock, and since when it is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stood {
    /// Units.
    pub quantity: i64,
    /// The number of the snapshot that first showed it.
    pub since: i64,
}

impl Standing {
    /// The stock at the snapshot with this number, of the store with this number.
    pub(super) fn at(c: &Connection, store: i64, snapshot: i64) -> rusqlite::Result<Standing> {
        let mut standing = HashMap::new();
        each_level(c, store, (0, snapshot), |since, (sku, quantity)| {
            match quantity {
                Some(quantity) => standing.insert(sku, Stood { quantity, since }),
                None => standing.remove(&sku),
            };
        })?;
        Ok(Standing(standing))
    }

    /// Units of a variant; `None` where it was not there.
    pub fn quantity(&self, sku: i64) -> Option<i64> {
        self.stood(sku).map(|stood| stood.quantity)
    }

    /// Units of a variant, and since when.
    pub fn stood(&self, sku: i64) -> Option<Stood> {
        self.0.get(&sku).copied()
    }

    /// Takes a variant out. Units that it had.
    pub(super) fn forget(&mut self, sku: i64) -> Option<i64> {
        self.0.remove(&sku).map(|stood| stood.quantity)
    }

    /// All of it, by id.
    pub(super) fn sorted(self) -> impl Iterator<Item = Level> {
        let mut levels: Vec<Level> = self
            .0
            .into_iter()
            .map(|(sku, stood)| (sku, Some(stood.quantity)))
            .collect();
        levels.sort_unstable_by_key(|(sku, _)| *sku);
        levels.into_iter()
    }
}

/// A variant's units at two snapshots; `None` where it was not there.
pub(super) type AtTwo = (Option<i64>, Option<i64>);

/// The variants whose stock changed after the first of these snapshots and up to the second, and those in `others`, with
/// their stock at both; it may be the same.
pub(super) fn between(
    c: &Connection,
    store: i64,
    (first, second): (i64, i64),
    others: impl Iterator<Item = i64>,
) -> rusqlite::Result<HashMap<i64, AtTwo>> {
    let mut latest: HashMap<i64, Option<Option<i64>>> = others.map(|sku| (sku, None)).collect();
    each_level(c, store, (first, second), |_, (sku, quantity)| {
        latest.insert(sku, Some(quantity));
    })?;
    let mut earlier: HashMap<i64, Option<i64>> = HashMap::new();
    each_level(c, store, (0, first), |_, (sku, quantity)| {
        if latest.contains_key(&sku) {
            earlier.insert(sku, quantity);
        }
    })?;
    let at_two = |(sku, latest): (i64, Option<Option<i64>>)| {
        let earlier = earlier.get(&sku).copied().flatten();
        (sku, (earlier, latest.unwrap_or(earlier)))
    };
    Ok(latest.into_iter().map(at_two).collect())
}

/// Every change of a level after the first of these snapshots and up to the second, the oldest snapshot first.
pub(super) fn each_level(
    c: &Connection,
    store: i64,
    (after, until): (i64, i64),
    mut each: impl FnMut(i64, Level),
) -> rusqlite::Result<()> {
    let mut ask = c.prepare_cached(
        "SELECT snapshot, packed FROM levels WHERE store = ?1 AND snapshot > ?2 AND snapshot <= ?3 ORDER BY snapshot",
    )?;
    let mut rows = ask.query([store, after, until])?;
    while let Some(found) = rows.next()? {
        let snapshot = found.get(0)?;
        let mut levels = unpack(found.get_ref(1)?.as_blob()?);
        levels.by_ref().for_each(|level| each(snapshot, level));
        if !levels.is_whole() {
            let why = format!("the levels of snapshot {snapshot} are damaged");
            return Err(Error::FromSqlConversionFailure(1, Type::Blob, why.into()));
        }
    }
    Ok(())
}
