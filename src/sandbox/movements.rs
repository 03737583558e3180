//! The record of what requests did: every applied movement of stock, and every fault on purpose. Tests hold what a client
//! reported against it, and anybody can read it with an SQLite tool.

use rusqlite::{Transaction, params};

use super::store::Store;
use crate::error::Result;
use crate::time::UtcTime;

/// One applied change of one variant: what tests hold against every answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// In the order of application, from 1.
    pub id: i64,
    /// When, ISO 8601.
    pub at: String,
    /// `set` or `adjust`.
    pub kind: String,
    /// Whose variant.
    pub product_id: i64,
    /// Which variant.
    pub sku_id: i64,
    /// Units before.
    pub previous_quantity: i64,
    /// Units after.
    pub quantity: i64,
    /// Units after less units before.
    pub adjustment: i64,
    /// As sent with an adjustment.
    pub reason: Option<String>,
    /// The request's `X-Request-Id`, or one by chance.
    pub request_id: String,
}

/// One fault on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultMade {
    /// The kind's name.
    pub kind: String,
    /// `GET`, `PUT`, `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Whether a write had been applied nonetheless.
    pub applied: bool,
    /// As in [`Movement::request_id`].
    pub request_id: String,
}

impl Store {
    /// Every applied change since the last reset, in order.
    pub fn movements(&self) -> Result<Vec<Movement>> {
        self.read(|moment| {
            moment
                .prepare(
                    "SELECT id, at, kind, product_id, sku_id, previous_quantity, quantity, adjustment, reason,
                        request_id FROM movements ORDER BY id",
                )?
                .query_map([], |row| {
                    Ok(Movement {
                        id: row.get("id")?,
                        at: row.get("at")?,
                        kind: row.get("kind")?,
                        product_id: row.get("product_id")?,
                        sku_id: row.get("sku_id")?,
                        previous_quantity: row.get("previous_quantity")?,
                        quantity: row.get("quantity")?,
                        adjustment: row.get("adjustment")?,
                        reason: row.get("reason")?,
                        request_id: row.get("request_id")?,
                    })
                })?
                .collect()
        })
    }

    /// Every fault made since the last reset, in order.
    pub fn faults(&self) -> Result<Vec<FaultMade>> {
        self.read(|moment| {
            moment
                .prepare(
                    "SELECT kind, method, target, applied, request_id FROM faults ORDER BY id",
                )?
                .query_map([], |row| {
                    Ok(FaultMade {
                        kind: row.get("kind")?,
                        method: row.get("method")?,
                        target: row.get("target")?,
                        applied: row.get("applied")?,
                        request_id: row.get("request_id")?,
                    })
                })?
                .collect()
        })
    }

    /// Takes note of a fault.
    pub(super) fn record_fault(&self, fault: &FaultMade) -> Result<()> {
        self.writer().change(|change| {
            change
                .prepare_cached(
                    "INSERT INTO faults (at, kind, method, target, applied, request_id)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    UtcTime::now(),
                    fault.kind,
                    fault.method,
                    fault.target,
                    fault.applied,
                    fault.request_id
                ])
                .map(drop)
        })
    }
}

/// A change that is being applied.
pub(super) struct Moved {
    /// `set` or `adjust`.
    pub kind: &'static str,
    pub product: i64,
    pub sku: i64,
    /// Units.
    pub before: i64,
    /// Units.
    pub after: i64,
}

/// Keeps the product's total, and takes note of a movement at `now`, Unix milliseconds.
pub(super) fn book(
    change: &Transaction<'_>,
    now: i64,
    moved: &Moved,
    reason: Option<&str>,
    request_id: &str,
) -> rusqlite::Result<()> {
    let by = moved.after - moved.before;
    change
        .prepare_cached(
            "UPDATE products SET total_quantity = total_quantity + ?2 WHERE product_id = ?1",
        )?
        .execute([moved.product, by])?;
    change
        .prepare_cached(
            "INSERT INTO movements (at, kind, product_id, sku_id, previous_quantity, quantity, adjustment, reason,
                request_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            UtcTime::from_millis(now),
            moved.kind,
            moved.product,
            moved.sku,
            moved.before,
            moved.after,
            by,
            reason,
            request_id
        ])?;
    Ok(())
}
