//! What differs between two snapshots, from what changed after the older one alone: neither side is put together for it.

use std::collections::HashSet;

use rusqlite::{Connection, Row};

use super::Memory;
use super::diff::Difference;
use super::snapshot::{Moment, Snapshot};
use super::standing::{AtTwo, between};
use crate::error::Result;

/// What differs between two snapshots.
#[derive(Debug, Default)]
pub struct Between {
    /// The variants whose stock differs, by product and id.
    pub differences: Vec<Difference>,
    /// The variants whose code is another one: that of the earlier moment and that of the later.
    pub renamed: Vec<(String, String)>,
}

/// Where more than one in this many variants is asked for, going through all labels is faster than looking each up.
const MANY: i64 = 4;

/// A variant's product and code at a snapshot.
type Label = (i64, String);

impl Memory {
    /// What differs between two snapshots of a store; the first need not be the older one.
    pub fn between(&self, store: &str, before: &Snapshot, after: &Snapshot) -> Result<Between> {
        let Some(store) = self.store(store)? else {
            return Ok(Between::default());
        };
        let is_backwards = before.snapshot > after.snapshot;
        let range = match is_backwards {
            false => (before.snapshot, after.snapshot),
            true => (after.snapshot, before.snapshot),
        };
        self.ask(|c| {
            // One transaction: SQLite would lock the file anew for each label.
            let look = c.unchecked_transaction()?;
            let stock = stock(&look, store, range)?;
            let many = stock.len() as i64 > before.variants.max(after.variants) / MANY;
            let (before, after) = (Moment::of(&look, before)?, Moment::of(&look, after)?);
            let mut found = Between::default();
            each_labelled(&look, (store, range), &stock, many, |sku, units, labels| {
                let (units, labels) = match is_backwards {
                    false => (units, labels),
                    true => ((units.1, units.0), (labels.1, labels.0)),
                };
                found.add(sku, units, labels, (&before, &after));
            })?;
            found.differences.sort_by_key(|d| (d.product, d.sku));
            Ok(found)
        })
    }
}

impl Between {
    /// Adds a variant with its units and labels at both moments.
    fn add(
        &mut self,
        sku: i64,
        (before, after): AtTwo,
        labels: (Option<Label>, Option<Label>),
        moments: (&Moment<'_>, &Moment<'_>),
    ) {
        // A variant that was not there has no label of that moment, whatever it was called before.
        let old = labels.0.filter(|_| before.is_some());
        let new = labels.1.filter(|_| after.is_some());
        if before != after {
            let label = new.as_ref().or(old.as_ref());
            self.differences.push(Difference {
                product: label.map(|(product, _)| *product),
                sku: Some(sku),
                sku_code: label.map(|(_, code)| code.clone()),
                before,
                after,
                read_at: (
                    Some(moments.0.read_at(product_of(&old))),
                    Some(moments.1.read_at(product_of(&new))),
                ),
                ours: None,
            });
        }
        if let (Some((_, old)), Some((_, new))) = (old, new)
            && old != new
        {
            self.renamed.push((old, new));
        }
    }
}

fn product_of(label: &Option<Label>) -> Option<i64> {
    label.as_ref().map(|(product, _)| *product)
}

/// The variants whose units differ, or that have other labels since, with their units at both snapshots, by id.
fn stock(c: &Connection, store: i64, range: (i64, i64)) -> rusqlite::Result<Vec<(i64, AtTwo)>> {
    let mut labelled = c.prepare(
        "SELECT sku_id FROM labels WHERE store = ?1 AND snapshot > ?2 AND snapshot <= ?3",
    )?;
    let labelled = labelled.query_map([store, range.0, range.1], |found| found.get(0))?;
    let labelled: HashSet<i64> = labelled.collect::<rusqlite::Result<_>>()?;
    let stock = between(c, store, range, labelled.iter().copied())?;
    let mut stock: Vec<_> = stock.into_iter().collect();
    stock.retain(|(sku, (first, second))| first != second || labelled.contains(sku));
    stock.sort_unstable_by_key(|(sku, _)| *sku);
    Ok(stock)
}

/// Each of these variants with its labels at both snapshots. Read in the order of the labels: whoever jumps about in them reads
/// each page many times.
fn each_labelled(
    c: &Connection,
    (store, range): (i64, (i64, i64)),
    stock: &[(i64, AtTwo)],
    many: bool,
    mut each: impl FnMut(i64, AtTwo, (Option<Label>, Option<Label>)),
) -> rusqlite::Result<()> {
    const COLUMNS: &str = "SELECT sku_id, snapshot, product_id, sku_code FROM labels";
    let mut all;
    let mut rows = None;
    if many {
        all = c.prepare(&format!(
            "{COLUMNS} WHERE store = ?1 AND snapshot <= ?2 ORDER BY sku_id, snapshot"
        ))?;
        rows = Some(all.query([store, range.1])?);
    }
    let mut one = c.prepare(&format!(
        "{COLUMNS} WHERE store = ?1 AND snapshot <= ?2 AND sku_id = ?3 ORDER BY snapshot"
    ))?;
    // The label that was read last, where it is another variant's.
    let mut ahead: Option<(i64, i64, Label)> = None;
    for (sku, units) in stock {
        let mut labels = (None, None);
        let mut take = |(_, snapshot, label): (i64, i64, Label)| {
            if snapshot <= range.0 {
                labels.0 = Some(label.clone());
            }
            labels.1 = Some(label);
        };
        match &mut rows {
            Some(rows) => loop {
                if ahead.is_none() {
                    ahead = rows.next()?.map(labelled).transpose()?;
                }
                match ahead.take() {
                    Some(found) if found.0 < *sku => {}
                    Some(found) if found.0 == *sku => take(found),
                    other => {
                        ahead = other;
                        break;
                    }
                }
            },
            None => {
                let mut rows = one.query([store, range.1, *sku])?;
                while let Some(found) = rows.next()? {
                    take(labelled(found)?);
                }
            }
        }
        each(*sku, *units, labels);
    }
    Ok(())
}

/// A variant, the snapshot, and its label from that one on.
fn labelled(found: &Row<'_>) -> rusqlite::Result<(i64, i64, Label)> {
    Ok((found.get(0)?, found.get(1)?, (found.get(2)?, found.get(3)?)))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::memory::side::Side;
    use crate::memory::snapshot::Reading;
    use crate::model::{Product, ProductId};

    /// Variants by id: product, code, units.
    type Store = BTreeMap<i64, (i64, String, i64)>;

    fn take(memory: &mut Memory, at: i64, store: &Store) -> Snapshot {
        let mut variants: BTreeMap<i64, Vec<serde_json::Value>> = BTreeMap::new();
        for (sku, (product, code, quantity)) in store {
            variants
                .entry(*product)
                .or_default()
                .push(serde_json::json!({"sku_id": sku, "sku_code": code, "quantity": quantity}));
        }
        memory.sides().unwrap();
        for (id, variants) in variants {
            let product = serde_json::json!({"product_id": id, "name": "P", "variants": variants});
            let product: Product = serde_json::from_value(product).unwrap();
            memory.add_product(Side::After, &product, at - 1).unwrap();
        }
        let written = BTreeSet::from([ProductId::new(1).unwrap()]);
        let reading = Reading {
            store: "shop",
            began: at - 5,
            ended: at,
            unread: &[],
            written: &written,
        };
        memory.keep_snapshot(&reading).unwrap()
    }

    #[test]
    fn two_snapshots_differ_as_both_of_their_sides_do() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        let mut store: Store = (1..40)
            .map(|sku| (sku, (sku % 7 + 1, format!("C{sku}"), sku)))
            .collect();
        let mut random = fastrand::Rng::with_seed(1);
        let mut snapshots = Vec::new();
        for night in 1..8 {
            snapshots.push(take(&mut memory, night * 100, &store));
            // Few or many of them: sold, renamed, moved, gone; and some that are new or come back.
            let moves = if night % 2 == 0 { 2 } else { 25 };
            for _ in 0..moves {
                let sku = random.i64(1..50);
                match random.u8(0..6) {
                    0 => drop(store.remove(&sku)),
                    1 => drop(store.insert(sku, (sku % 5 + 1, format!("N{night}"), 3))),
                    2 => {
                        if let Some((product, code, _)) = store.get_mut(&sku) {
                            (*product, *code) = (9, format!("M{sku}"));
                        }
                    }
                    _ => {
                        if let Some((.., units)) = store.get_mut(&sku) {
                            *units = random.i64(0..9);
                        }
                    }
                }
            }
        }
        for before in &snapshots {
            for after in &snapshots {
                let between = memory.between("shop", before, after).unwrap();
                memory.sides().unwrap();
                memory.add_snapshot(Side::Before, "shop", before).unwrap();
                memory.add_snapshot(Side::After, "shop", after).unwrap();
                let ended = |snapshot: &Snapshot| Some(snapshot.ended_at.as_millis());
                let wanted = memory.differences((ended(before), ended(after))).unwrap();
                let pair = (before.snapshot, after.snapshot);
                assert_eq!(between.differences, wanted, "{pair:?}");
                assert_eq!(between.renamed, memory.renamed().unwrap(), "{pair:?}");
            }
        }
    }
}
