//! Snapshots: the whole store's stock at one moment, kept as what changed since the one before.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::packed::pack;
use super::side::{Side, no_snapshot};
use super::standing::{Standing, each_level};
use super::{Memory, labels};
use crate::error::Result;
use crate::model::ProductId;
use crate::time::UtcTime;

/// One snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub snapshot: i64,
    /// When the reading of the store began.
    pub started_at: UtcTime,
    /// When it was over.
    pub ended_at: UtcTime,
    /// Products in it.
    pub products: i64,
    /// Variants in it.
    pub variants: i64,
    /// Units of stock over all variants.
    pub units: i64,
    /// Variants whose stock is another than in the snapshot before, or that were not there.
    pub changed: i64,
}

fn read(found: &Row<'_>) -> rusqlite::Result<Snapshot> {
    Ok(Snapshot {
        snapshot: found.get("number")?,
        started_at: UtcTime::from_millis(found.get("started_at")?),
        ended_at: UtcTime::from_millis(found.get("ended_at")?),
        products: found.get("products")?,
        variants: found.get("variants")?,
        units: found.get("units")?,
        changed: found.get("changed")?,
    })
}

/// A snapshot, and when products that we wrote to meanwhile were read for it, in Unix milliseconds.
pub(super) struct Moment<'a> {
    pub(super) snapshot: &'a Snapshot,
    readings: HashMap<i64, i64>,
}

impl Moment<'_> {
    pub(super) fn of<'a>(c: &Connection, snapshot: &'a Snapshot) -> rusqlite::Result<Moment<'a>> {
        let readings = c
            .prepare_cached("SELECT product_id, read_at FROM readings WHERE snapshot = ?1")?
            .query_map([snapshot.snapshot], |found| {
                Ok((found.get(0)?, found.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Moment { snapshot, readings })
    }

    /// When a product was read. One that we did not write to may as well have been read at the end.
    pub(super) fn read_at(&self, product: Option<i64>) -> i64 {
        let own = product.and_then(|product| self.readings.get(&product));
        own.copied()
            .unwrap_or_else(|| self.snapshot.ended_at.as_millis())
    }
}

/// A variant's stock by the number of the snapshot from which on it was so, the oldest first; `None` where it was gone.
pub type Levels = Vec<(i64, Option<i64>)>;

/// What there is to say about a reading of the whole store.
pub struct Reading<'a> {
    /// The key of the store.
    pub store: &'a str,
    /// When it began and ended, in Unix milliseconds.
    pub began: i64,
    /// See `began`.
    pub ended: i64,
    /// Products that could not be read: they stay as they were, and were read when that was read.
    pub unread: &'a [ProductId],
    /// Products that we wrote to meanwhile: when each was read matters for what was ours.
    pub written: &'a BTreeSet<ProductId>,
}

/// Units over all variants that were read; where that is more than a number of units can be, the largest there is.
fn units(c: &Connection) -> rusqlite::Result<i64> {
    // A sum in one go would end in an error.
    let halves = "SELECT coalesce(sum(quantity >> 32), 0), coalesce(sum(quantity & 0xffffffff), 0) FROM temp.after";
    let (high, low): (i64, i64) =
        c.query_row(halves, [], |found| Ok((found.get(0)?, found.get(1)?)))?;
    let units = (i128::from(high) << 32) + i128::from(low);
    Ok(units.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
}

impl Memory {
    /// Keeps what was read into [`Side::After`] as a snapshot, all of it or nothing.
    pub fn keep_snapshot(&mut self, reading: &Reading<'_>) -> Result<Snapshot> {
        self.change(|c| {
            c.execute("INSERT OR IGNORE INTO stores (store) VALUES (?1)", [reading.store])?;
            let store: i64 =
                c.query_row("SELECT number FROM stores WHERE store = ?1", [reading.store], |found| found.get(0))?;
            c.execute(
                "INSERT INTO snapshots (store, started_at, ended_at, products, variants, units, changed)
                 SELECT ?1, ?2, ?3, count(DISTINCT product_id), count(*), ?4, 0 FROM temp.after",
                params![store, reading.began, reading.ended, units(c)?],
            )?;
            let number = c.last_insert_rowid();
            let mut before = Standing::at(c, store, i64::MAX)?;
            let unread: HashSet<i64> = reading.unread.iter().map(|id| id.get()).collect();
            labels::stay(c, (store, number), &unread, &mut before)?;
            let changed = changes(c, before)?;
            c.execute("UPDATE snapshots SET changed = ?2 WHERE number = ?1", params![number, changed.len() as i64])?;
            c.execute(
                "INSERT INTO levels (snapshot, store, packed) VALUES (?1, ?2, ?3)",
                params![number, store, pack(changed)],
            )?;
            c.execute(labels::KEEP, params![store, number])?;
            let mut read_at = c.prepare(
                "INSERT INTO readings (snapshot, product_id, read_at)
                 SELECT ?1, product_id, max(read_at) FROM temp.after WHERE product_id = ?2 GROUP BY product_id",
            )?;
            for product in reading.written {
                read_at.execute(params![number, product])?;
            }
            let mut as_before = c.prepare(
                "INSERT OR IGNORE INTO readings (snapshot, product_id, read_at)
                 SELECT ?1, ?2, coalesce(
                    (SELECT read_at FROM readings AS r WHERE r.snapshot = s.number AND r.product_id = ?2), ended_at)
                 FROM snapshots AS s WHERE store = ?3 AND number < ?1 ORDER BY number DESC LIMIT 1",
            )?;
            for product in reading.unread {
                as_before.execute(params![number, product, store])?;
            }
            c.query_row("SELECT * FROM snapshots WHERE number = ?1", [number], read)
        })
    }

    /// The snapshots of a store, newest first.
    pub fn snapshots(&self, store: &str) -> Result<Vec<Snapshot>> {
        self.ask(|c| {
            c.prepare(
                "SELECT snapshots.* FROM snapshots JOIN stores ON stores.number = snapshots.store
                 WHERE stores.store = ?1 ORDER BY snapshots.number DESC",
            )?
            .query_map([store], read)?
            .collect()
        })
    }

    /// The last snapshot of a store that was taken before this moment; the last of all where none is said.
    pub fn last_snapshot(&self, store: &str, before: Option<UtcTime>) -> Result<Snapshot> {
        let until = before.map_or(i64::MAX, |before| before.as_millis());
        let found = self.ask(|c| {
            c.query_row(
                "SELECT snapshots.* FROM snapshots JOIN stores ON stores.number = snapshots.store
                 WHERE stores.store = ?1 AND ended_at <= ?2 ORDER BY snapshots.number DESC LIMIT 1",
                params![store, until],
                read,
            )
            .optional()
        })?;
        found.ok_or_else(|| match before {
            None => no_snapshot("of this store yet"),
            Some(before) => no_snapshot(&format!("before {before}")),
        })
    }

    /// Puts the stock of a snapshot into a side.
    pub fn add_snapshot(&self, side: Side, store: &str, snapshot: &Snapshot) -> Result<()> {
        let Some(store) = self.store(store)? else {
            return Ok(());
        };
        self.fill(|c| {
            let standing = Standing::at(c, store, snapshot.snapshot)?;
            labels::add(c, side, (store, snapshot), |sku| standing.quantity(sku))
        })
    }

    /// Forgets the snapshots of a store that began before this moment, but never the last one. How many those were.
    pub fn forget_snapshots(&mut self, store: &str, before: UtcTime) -> Result<u64> {
        let Some(store) = self.store(store)? else {
            return Ok(0);
        };
        let before = before.as_millis();
        self.change(|c| {
            let oldest: Option<i64> = c.query_row(
                "SELECT coalesce(min(number) FILTER (WHERE started_at >= ?2), max(number)) FROM snapshots WHERE store = ?1",
                params![store, before],
                |found| found.get(0),
            )?;
            let forgotten = c.execute(
                "DELETE FROM snapshots WHERE store = ?1 AND number < ?2",
                params![store, oldest],
            )?;
            let (Some(oldest), true) = (oldest, forgotten > 0) else {
                return Ok(0);
            };
            // What the oldest one that stays is made of is all its own now.
            let packed = pack(Standing::at(c, store, oldest)?.sorted());
            c.execute("DELETE FROM levels WHERE store = ?1 AND snapshot < ?2", [store, oldest])?;
            c.execute("UPDATE levels SET packed = ?2 WHERE snapshot = ?1", params![oldest, packed])?;
            c.execute(
                "DELETE FROM labels AS old WHERE store = ?1 AND snapshot < ?2 AND EXISTS (
                    SELECT 1 FROM labels AS new WHERE new.store = old.store AND new.sku_id = old.sku_id
                    AND new.snapshot > old.snapshot AND new.snapshot <= ?2)",
                [store, oldest],
            )?;
            c.execute("DELETE FROM readings WHERE snapshot NOT IN (SELECT number FROM snapshots)", [])?;
            Ok(forgotten as u64)
        })
    }

    /// The stock of these variants over the snapshots of a store.
    pub fn levels_of(
        &self,
        store: &str,
        variants: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Levels>> {
        let mut levels: HashMap<i64, Levels> =
            variants.into_iter().map(|sku| (sku, Vec::new())).collect();
        if let Some(store) = self.store(store)? {
            self.ask(|c| {
                each_level(c, store, (0, i64::MAX), |snapshot, (sku, quantity)| {
                    if let Some(levels) = levels.get_mut(&sku) {
                        levels.push((snapshot, quantity));
                    }
                })
            })?;
        }
        Ok(levels)
    }
}

/// The variants whose stock on the later side is another than it was, and those that are gone, by id.
fn changes(c: &Connection, mut before: Standing) -> rusqlite::Result<Vec<(i64, Option<i64>)>> {
    let mut changed = Vec::new();
    let mut ask = c.prepare("SELECT sku_id, quantity FROM temp.after ORDER BY sku_id")?;
    let mut rows = ask.query([])?;
    while let Some(found) = rows.next()? {
        let (sku, quantity): (i64, i64) = (found.get(0)?, found.get(1)?);
        if before.forget(sku) != Some(quantity) {
            changed.push((sku, Some(quantity)));
        }
    }
    // What is left was not read.
    changed.extend(before.sorted().map(|(sku, _)| (sku, None)));
    changed.sort_unstable_by_key(|(sku, _)| *sku);
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Product;

    fn product(id: i64, stock: &[(i64, i64)]) -> Product {
        let variants: Vec<_> = stock
            .iter()
            .map(|(sku, quantity)| {
                serde_json::json!({"sku_id": sku, "sku_code": format!("C{sku}"), "quantity": quantity})
            })
            .collect();
        serde_json::from_value(
            serde_json::json!({"product_id": id, "name": "P", "variants": variants}),
        )
        .unwrap()
    }

    fn take(memory: &mut Memory, at: i64, products: &[Product], unread: &[ProductId]) -> Snapshot {
        memory.sides().unwrap();
        for product in products {
            memory.add_product(Side::After, product, at).unwrap();
        }
        let reading = Reading {
            store: "shop",
            began: at,
            ended: at,
            unread,
            written: &BTreeSet::new(),
        };
        memory.keep_snapshot(&reading).unwrap()
    }

    fn stock(memory: &mut Memory, snapshot: &Snapshot) -> Vec<(i64, i64)> {
        memory.sides().unwrap();
        memory.add_snapshot(Side::Before, "shop", snapshot).unwrap();
        memory
            .ask(|c| {
                c.prepare("SELECT sku_id, quantity FROM temp.before ORDER BY 1")?
                    .query_map([], |found| Ok((found.get(0)?, found.get(1)?)))?
                    .collect()
            })
            .unwrap()
    }

    /// Three of them: 10 moves, 11 goes, 21 comes; product 2 can't be read once, and stays.
    fn three(memory: &mut Memory) -> [Snapshot; 3] {
        let first = take(
            memory,
            1,
            &[product(1, &[(10, 5), (11, 6)]), product(2, &[(20, 7)])],
            &[],
        );
        let second = take(
            memory,
            2,
            &[product(1, &[(10, 4)])],
            &[ProductId::new(2).unwrap()],
        );
        let third = take(
            memory,
            3,
            &[
                product(1, &[(10, 4), (11, 1)]),
                product(2, &[(20, 7), (21, 0)]),
            ],
            &[],
        );
        [first, second, third]
    }

    #[test]
    fn a_snapshot_is_the_whole_store_and_keeps_what_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        let [first, second, third] = three(&mut memory);
        assert_eq!(
            (first.products, first.variants, first.units, first.changed),
            (2, 3, 18, 3)
        );
        assert_eq!((second.changed, third.changed), (2, 2));
        assert_eq!(
            (second.products, second.variants, second.units),
            (2, 2, 11),
            "what could not be read counts with what it had"
        );
        assert_eq!(stock(&mut memory, &first), [(10, 5), (11, 6), (20, 7)]);
        assert_eq!(stock(&mut memory, &second), [(10, 4), (20, 7)]);
        assert_eq!(
            stock(&mut memory, &third),
            [(10, 4), (11, 1), (20, 7), (21, 0)]
        );
        assert_eq!(memory.last_snapshot("shop", None).unwrap(), third);
        assert_eq!(
            memory
                .last_snapshot("shop", Some(UtcTime::from_millis(2)))
                .unwrap(),
            second
        );
        for (store, before) in [("other", None), ("shop", Some(UtcTime::from_millis(0)))] {
            let error = memory.last_snapshot(store, before).unwrap_err();
            assert_eq!(error.kind(), crate::error::Kind::NotFound);
        }
    }

    #[test]
    fn those_that_stay_are_whole_when_older_ones_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        let [_, second, third] = three(&mut memory);
        assert_eq!(
            memory
                .forget_snapshots("shop", UtcTime::from_millis(2))
                .unwrap(),
            1
        );
        assert_eq!(stock(&mut memory, &second), [(10, 4), (20, 7)]);
        assert_eq!(
            stock(&mut memory, &third),
            [(10, 4), (11, 1), (20, 7), (21, 0)]
        );
        // The last one stays.
        assert_eq!(
            memory
                .forget_snapshots("shop", UtcTime::from_millis(9))
                .unwrap(),
            1
        );
        assert_eq!(
            memory.snapshots("shop").unwrap(),
            std::slice::from_ref(&third)
        );
        assert_eq!(
            stock(&mut memory, &third),
            [(10, 4), (11, 1), (20, 7), (21, 0)]
        );
    }
}
