//! Events that bear one of our own tags: what they say of the adjustments of a run (docs/memory.md: Proof).

use rusqlite::{Row, params};

use super::Memory;
use super::tag;
use crate::error::Result;
use crate::model::{ProductId, SkuId};
use crate::time::UtcTime;

/// A kept event that tells of one of our adjustments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The row of its run, from 0.
    pub row: u32,
    /// The how manieth time it was sent by the user's decision, from 1.
    pub time: u32,
    /// The event's id.
    pub event: String,
    /// When it was signed, in Unix seconds, by the clock of its sender.
    pub signed_at: i64,
    /// When it says that the stock moved; where it does not, when it was signed.
    pub at: UtcTime,
    /// The product, where it says so.
    pub product: Option<ProductId>,
    /// The variant's id, where it says so.
    pub sku: Option<SkuId>,
    /// The variant's code, where it says so.
    pub sku_code: Option<String>,
    /// Units before.
    pub previous: i64,
    /// Units after.
    pub quantity: i64,
    /// The adjustment, in units.
    pub adjustment: i64,
}

impl Memory {
    /// The events of a store that tell of one row of a run, in the order in which they were kept.
    pub fn tagged_row(&self, store: &str, run: &str, row: u32) -> Result<Vec<Tagged>> {
        let first = tag::tag(run, row as usize, 1);
        let mut found = Vec::new();
        // `.` comes before `/`, and every digit after it: the resends of this row, and no other one.
        self.each_tagged(store, run, &first, &format!("{first}/"), |tagged| {
            found.push(tagged);
            Ok(())
        })?;
        Ok(found)
    }

    /// Each event of a store that tells of a row of a run; those of one row come one after another.
    pub fn tagged_run(
        &self,
        store: &str,
        run: &str,
        each: impl FnMut(Tagged) -> Result<()>,
    ) -> Result<()> {
        // `0` is what comes after `/`.
        let (from, below) = (tag::of_run(run, '/'), tag::of_run(run, '0'));
        self.each_tagged(store, run, &from, &below, each)
    }

    fn each_tagged(
        &self,
        store: &str,
        run: &str,
        from: &str,
        below: &str,
        mut each: impl FnMut(Tagged) -> Result<()>,
    ) -> Result<()> {
        let failed = |e| self.failed(e);
        let mut rows = self.look().prepare_cached(TAGGED).map_err(failed)?;
        let mut rows = rows.query(params![from, below, store]).map_err(failed)?;
        while let Some(found) = rows.next().map_err(failed)? {
            let tag: String = found.get("tag").map_err(failed)?;
            let Some(named) = tag::row_of(&tag, run) else {
                continue;
            };
            if let Some(tagged) = read(named, found).map_err(failed)? {
                each(tagged)?;
            }
        }
        Ok(())
    }
}

const TAGGED: &str = "
    SELECT tag, event_id, signed_at, iif(json_valid(body), body ->> '$.timestamp', NULL) AS at, product_id, sku_id, sku_code, previous, quantity, adjustment
    FROM movements JOIN events ON events.number = movements.event JOIN stores ON stores.number = events.store
    WHERE tag >= ?1 AND tag < ?2 AND stores.store = ?3 ORDER BY tag, events.number";

/// None where it says neither what the stock was nor what it is, or not by how much it was moved.
fn read((row, time): (u32, u32), found: &Row<'_>) -> rusqlite::Result<Option<Tagged>> {
    let (previous, quantity): (Option<i64>, Option<i64>) =
        (found.get("previous")?, found.get("quantity")?);
    let adjustment: Option<i64> = found.get("adjustment")?;
    let Some(adjustment) = adjustment else {
        return Ok(None);
    };
    let previous = previous.or_else(|| quantity?.checked_sub(adjustment));
    let quantity = quantity.or_else(|| previous?.checked_add(adjustment));
    let (Some(previous), Some(quantity)) = (previous, quantity) else {
        return Ok(None);
    };
    let signed_at: i64 = found.get("signed_at")?;
    let at: Option<String> = found.get("at")?;
    Ok(Some(Tagged {
        row,
        time,
        event: found.get("event_id")?,
        signed_at,
        at: at
            .and_then(|at| at.parse().ok())
            .unwrap_or_else(|| UtcTime::from_millis(signed_at.saturating_mul(1000))),
        product: found.get("product_id")?,
        sku: found.get("sku_id")?,
        sku_code: found.get("sku_code")?,
        previous,
        quantity,
        adjustment,
    }))
}
