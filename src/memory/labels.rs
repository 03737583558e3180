//! What the variants of a snapshot are called, and what they cost: their labels, which stand until others are kept.

use std::collections::HashSet;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};

use super::side::Side;
use super::snapshot::Snapshot;
use super::standing::Standing;
use crate::sku_code::composed;

/// Keeps the labels of variants that are new or have others than before (`?1` the store, `?2` the snapshot).
pub(super) const KEEP: &str =
    "INSERT INTO labels (store, sku_id, snapshot, product_id, sku_code, product_name, variant_name, price)
     SELECT ?1, a.sku_id, ?2, a.product_id, a.sku_code, a.product_name, a.variant_name, a.price
     FROM temp.after AS a LEFT JOIN (
        SELECT sku_id, max(snapshot), product_id, sku_code, product_name, variant_name, price FROM labels
        WHERE store = ?1 GROUP BY sku_id) AS b USING (sku_id)
     WHERE (a.product_id, a.sku_code, a.product_name, a.variant_name, a.price)
        IS NOT (b.product_id, b.sku_code, b.product_name, b.variant_name, b.price)
     ORDER BY 2";

/// Products that could not be read stay as they were before: so they are no change, and count in the snapshot's sums.
pub(super) fn stay(
    c: &Connection,
    (store, snapshot): (i64, i64),
    unread: &HashSet<i64>,
    before: &mut Standing,
) -> rusqlite::Result<()> {
    let (mut products, mut variants, mut units) = (HashSet::new(), 0_i64, 0_i64);
    for (sku, product) in of_products(c, store, unread)? {
        if let Some(quantity) = before.forget(sku) {
            products.insert(product);
            variants += 1;
            units = units.saturating_add(quantity);
        }
    }
    c.execute(
        "UPDATE snapshots SET products = products + ?2, variants = variants + ?3, units = units + ?4 WHERE number = ?1",
        params![snapshot, products.len() as i64, variants, units],
    )
    .map(drop)
}

/// The variants of these products, each with its product, by their last labels.
fn of_products(
    c: &Connection,
    store: i64,
    products: &HashSet<i64>,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let mut ask = c.prepare(
        "SELECT sku_id, max(snapshot), product_id FROM labels WHERE store = ?1 GROUP BY sku_id",
    )?;
    let mut rows = ask.query([store])?;
    let mut variants = Vec::new();
    while let Some(found) = rows.next()? {
        let product = found.get(2)?;
        if products.contains(&product) {
            variants.push((found.get(0)?, product));
        }
    }
    Ok(variants)
}

/// Adds variants to a side with their labels at a snapshot and this stock; those without one are left out. A product that we
/// did not write to while the snapshot was taken may as well have been read at its end.
pub(super) fn add(
    c: &Connection,
    side: Side,
    (store, snapshot): (i64, &Snapshot),
    stock: impl Fn(i64) -> Option<i64>,
) -> rusqlite::Result<()> {
    let mut ask = c.prepare(
        "SELECT product_id, sku_code, product_name, variant_name, price,
            coalesce((SELECT read_at FROM readings AS r WHERE r.snapshot = ?2 AND r.product_id = l.product_id), ?3),
            sku_id, max(snapshot) FROM labels AS l
         WHERE store = ?1 AND snapshot <= ?2 GROUP BY sku_id",
    )?;
    let mut add = c.prepare(&format!(
        "INSERT INTO {} (product_id, sku_code, product_name, variant_name, price, read_at, sku_id, quantity, composed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        side.table()
    ))?;
    let mut rows = ask.query([store, snapshot.snapshot, snapshot.ended_at.as_millis()])?;
    while let Some(found) = rows.next()? {
        let Some(quantity) = stock(found.get("sku_id")?) else {
            continue;
        };
        for column in 0..7 {
            add.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(found.get_ref(column)?))?;
        }
        add.raw_bind_parameter(8, quantity)?;
        add.raw_bind_parameter(9, composed(found.get_ref("sku_code")?.as_str()?))?;
        add.raw_execute()?;
    }
    Ok(())
}
