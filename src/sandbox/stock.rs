//! Reading and writing stock: what the four endpoints do once a request is known to be sound.

use rusqlite::{OptionalExtension, Row, ToSql, Transaction};
use serde_json::value::RawValue;

use super::movements::{Moved, book};
use super::store::{Store, fold};
use crate::error::Result;
use crate::model::{Adjusted, Flag, Product, ProductId, ProductSummary, Variant};
use crate::time::UtcTime;

/// The most units a variant can have: what a signed 32-bit column holds.
pub(super) const MOST_UNITS: i64 = i32::MAX as i64;

/// What a list is ordered by (docs/api.md: List Inventory).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    UpdatedAt,
    Name,
    TotalQuantity,
}

/// A sound list request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// From 1.
    pub page: i64,
    /// From 1 to 250.
    pub limit: i64,
    pub sort: Column,
    pub descending: bool,
    /// `Some(true)` for `in_stock`.
    pub in_stock: Option<bool>,
    pub search: Option<String>,
}

/// Why a write changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoProduct,
    NoVariant,
    Negative { current: i64, adjustment: i64 },
    TooMany,
}

impl Store {
    /// A page of products, and how many there are in all.
    pub(super) fn list(&self, listing: &Listing) -> Result<(Vec<ProductSummary>, i64)> {
        let mut matches = String::from("1");
        match listing.in_stock {
            Some(true) => matches += " AND total_quantity > 0",
            Some(false) => matches += " AND total_quantity <= 0",
            None => {}
        }
        let search = listing.search.as_deref().map(fold);
        if search.is_some() {
            // Not LIKE: `%` and `_` in a search are themselves.
            matches += " AND instr(folded, ?) > 0";
        }
        // Names are sorted without regard to case, as people read lists.
        let column = match listing.sort {
            Column::UpdatedAt => "updated_at",
            Column::Name => "folded",
            Column::TotalQuantity => "total_quantity",
        };
        let direction = if listing.descending { "DESC" } else { "ASC" };
        // Ties go by id in the same direction, so that the order is total and an index has it either way.
        let order = format!("{column} {direction}, product_id {direction}");
        // The ids of the page come from an index alone; only its own rows are then fetched.
        let page = format!(
            "SELECT product_id, name, is_active, updated_at, total_quantity, variant_count FROM products
             WHERE product_id IN (SELECT product_id FROM products WHERE {matches} ORDER BY {order}
                LIMIT ? OFFSET ?)
             ORDER BY {order}"
        );
        let count = format!("SELECT count(*) FROM products WHERE {matches}");
        let offset = (listing.page - 1).saturating_mul(listing.limit);
        self.read(|moment| {
            let mut count = moment.prepare_cached(&count)?;
            let mut page = moment.prepare_cached(&page)?;
            let mut values: Vec<&dyn ToSql> = search.iter().map(|text| text as _).collect();
            let total = count.query_row(&values[..], |row| row.get(0))?;
            values.extend([&listing.limit as &dyn ToSql, &offset]);
            let rows = page.query_map(&values[..], summary)?;
            Ok((rows.collect::<rusqlite::Result<_>>()?, total))
        })
    }

    /// A product with its variants.
    pub(super) fn product(&self, id: i64) -> Result<Option<Product>> {
        self.read(|moment| {
            let mut product = moment.prepare_cached(
                "SELECT product_id, name, is_active, updated_at FROM products WHERE product_id = ?1",
            )?;
            let found = product
                .query_row([id], |row| {
                    Ok(Product {
                        product_id: row.get("product_id")?,
                        name: row.get("name")?,
                        is_active: Some(Flag(row.get("is_active")?)),
                        updated_at: Some(updated_at(row)?),
                        variants: Vec::new(),
                    })
                })
                .optional()?;
            match found {
                None => Ok(None),
                Some(product) => {
                    let variants = variants(moment, id)?;
                    Ok(Some(Product { variants, ..product }))
                }
            }
        })
    }

    /// Sets the quantities of a product's variants, all or none; the answer has every variant.
    pub(super) fn set(
        &self,
        id: i64,
        wanted: &[(i64, i64)],
        request_id: &str,
    ) -> Result<Result<Product, Refused>> {
        self.write(|change| {
            let now = next_moment(change)?;
            let Some(product_id) = touch(change, id, now)? else {
                return Ok(Err(Refused::NoProduct));
            };
            for (sku, quantity) in wanted {
                let mut before = change.prepare_cached(
                    "SELECT quantity FROM variants WHERE sku_id = ?1 AND product_id = ?2",
                )?;
                let Some(before) = before
                    .query_row([sku, &id], |row| row.get::<_, i64>(0))
                    .optional()?
                else {
                    return Ok(Err(Refused::NoVariant));
                };
                change
                    .prepare_cached("UPDATE variants SET quantity = ?2 WHERE sku_id = ?1")?
                    .execute([sku, quantity])?;
                let moved = Moved {
                    kind: "set",
                    product: id,
                    sku: *sku,
                    before,
                    after: *quantity,
                };
                book(change, now, &moved, None, request_id)?;
            }
            Ok(Ok(Product {
                product_id,
                name: String::new(),
                is_active: None,
                updated_at: None,
                variants: variants(change, id)?,
            }))
        })
    }

    /// Moves a variant's stock by `by` units, in one atomic `UPDATE` (docs/api.md: Adjust Stock).
    pub(super) fn adjust(
        &self,
        id: i64,
        sku: i64,
        by: i64,
        reason: Option<&str>,
        request_id: &str,
    ) -> Result<Result<Adjusted, Refused>> {
        self.write(|change| {
            let adjusted = change
                .prepare_cached(
                    // Far beyond 64 bits SQLite goes on with a float, which is not in the range either.
                    "UPDATE variants SET quantity = quantity + ?3
                     WHERE sku_id = ?1 AND product_id = ?2 AND quantity + ?3 BETWEEN 0 AND ?4
                     RETURNING product_id, sku_id, quantity",
                )?
                .query_row([sku, id, by, MOST_UNITS], |row| {
                    let quantity: i64 = row.get("quantity")?;
                    Ok(Adjusted {
                        sku_id: row.get("sku_id")?,
                        product_id: row.get("product_id")?,
                        previous_quantity: quantity - by,
                        quantity,
                        adjustment: by,
                        available: Flag(quantity > 0),
                    })
                })
                .optional()?;
            let Some(adjusted) = adjusted else {
                return why_not(change, id, sku, by).map(Err);
            };
            let now = next_moment(change)?;
            touch(change, id, now)?;
            let moved = Moved {
                kind: "adjust",
                product: id,
                sku,
                before: adjusted.previous_quantity,
                after: adjusted.quantity,
            };
            book(change, now, &moved, reason, request_id)?;
            Ok(Ok(adjusted))
        })
    }

    /// Units in stock of a variant; `None` when there is no such variant.
    pub fn quantity(&self, sku_id: i64) -> Result<Option<i64>> {
        self.read(|moment| {
            moment
                .query_row(
                    "SELECT quantity FROM variants WHERE sku_id = ?1",
                    [sku_id],
                    |row| row.get(0),
                )
                .optional()
        })
    }
}

fn why_not(
    change: &Transaction<'_>,
    id: i64,
    sku: i64,
    adjustment: i64,
) -> rusqlite::Result<Refused> {
    let exists = change
        .prepare_cached("SELECT 1 FROM products WHERE product_id = ?1")?
        .exists([id])?;
    let current = change
        .prepare_cached("SELECT quantity FROM variants WHERE sku_id = ?1 AND product_id = ?2")?
        .query_row([sku, id], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(match current {
        _ if !exists => Refused::NoProduct,
        None => Refused::NoVariant,
        Some(current) if adjustment < 0 => Refused::Negative {
            current,
            adjustment,
        },
        Some(_) => Refused::TooMany,
    })
}

/// The moment of a write: now, but always after the last one, so that no two products were updated at the same. Under
/// more than a thousand writes a second it therefore runs ahead of the clock.
fn next_moment(change: &Transaction<'_>) -> rusqlite::Result<i64> {
    let last: i64 = change
        .prepare_cached("SELECT coalesce(max(updated_at), 0) FROM products")?
        .query_row([], |row| row.get(0))?;
    Ok(UtcTime::now().as_millis().max(last + 1))
}

/// A stock write counts as an update of its product; `None` when there is no such product.
fn touch(change: &Transaction<'_>, id: i64, now: i64) -> rusqlite::Result<Option<ProductId>> {
    change
        .prepare_cached(
            "UPDATE products SET updated_at = ?2 WHERE product_id = ?1 RETURNING product_id",
        )?
        .query_row([id, now], |row| row.get("product_id"))
        .optional()
}

fn variants(moment: &Transaction<'_>, id: i64) -> rusqlite::Result<Vec<Variant>> {
    moment
        .prepare_cached(
            "SELECT sku_id, sku_code, variant_name, price, quantity, is_default FROM variants
             WHERE product_id = ?1 ORDER BY sku_id",
        )?
        .query_map([id], |row| {
            let quantity: i64 = row.get("quantity")?;
            Ok(Variant {
                sku_id: row.get("sku_id")?,
                sku_code: row.get("sku_code")?,
                variant_name: row.get("variant_name")?,
                price: RawValue::from_string(row.get("price")?).ok(),
                quantity,
                available: Flag(quantity > 0),
                is_default: Flag(row.get("is_default")?),
            })
        })?
        .collect()
}

fn summary(row: &Row<'_>) -> rusqlite::Result<ProductSummary> {
    let total_quantity: i64 = row.get("total_quantity")?;
    Ok(ProductSummary {
        product_id: row.get("product_id")?,
        name: row.get("name")?,
        is_active: Flag(row.get("is_active")?),
        updated_at: Some(updated_at(row)?),
        total_quantity: Some(total_quantity),
        variant_count: row.get("variant_count")?,
        has_stock: Flag(total_quantity > 0),
        odd: None,
    })
}

/// As the API writes it, such as `2025-06-12T14:30:00.000Z`.
fn updated_at(row: &Row<'_>) -> rusqlite::Result<String> {
    Ok(UtcTime::from_millis(row.get("updated_at")?).to_string())
}
