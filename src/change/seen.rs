//! What was seen of the store to plan a run: its products and variants in temporary tables, each as it was when it was
//! read.

use rusqlite::{Row as SqlRow, ToSql, params};

use super::clock;
use super::draft::Draft;
use crate::catalogue::{Candidate, SkuName};
use crate::error::Result;
use crate::model::{Product, ProductId, SkuId};
use crate::sku_code::{closest, composed};

/// For fewer rows than this, variants are looked through one by one sooner than an index of them is made.
const FEW: u64 = 16;

/// A variant as it was read.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Its place among all that were read, from 1.
    pub(super) place: u32,
    pub(super) product: ProductId,
    pub(super) sku: SkuId,
    pub(super) sku_code: String,
    /// Units.
    pub(super) quantity: i64,
    /// When it was read; see [`clock`]. None where a list page told it.
    pub(super) read_at: Option<i64>,
    /// Product and variant in words; empty where it was found in passing.
    pub(super) name: String,
}

impl Seen {
    fn read(found: &SqlRow<'_>) -> rusqlite::Result<Seen> {
        let (name, product_name): (String, String) = (found.get(6)?, found.get(7)?);
        let mut seen = Seen::in_passing(found, 0)?;
        seen.name = match (product_name.as_str(), name.as_str()) {
            (_, "") => product_name,
            ("", _) => name,
            _ => format!("{product_name}, {name}"),
        };
        Ok(seen)
    }

    /// From these six columns on: place, product, variant, code, units, and when it was read. By their places: a million
    /// rows ask for it.
    pub(super) fn in_passing(found: &SqlRow<'_>, first: usize) -> rusqlite::Result<Seen> {
        Ok(Seen {
            place: found.get(first)?,
            product: found.get(first + 1)?,
            sku: found.get(first + 2)?,
            sku_code: found.get(first + 3)?,
            quantity: found.get(first + 4)?,
            read_at: found.get(first + 5)?,
            name: String::new(),
        })
    }

    pub(super) fn candidate(self) -> Candidate {
        Candidate {
            product_id: self.product,
            sku_id: self.sku,
            sku_code: self.sku_code,
            name: self.name,
        }
    }
}

impl Draft {
    /// Takes in a product that was read just now, in the place of an earlier reading.
    pub(super) fn see(&self, product: &Product) -> Result<()> {
        self.take_in(product, Some(clock::stamp()))
    }

    /// Takes in a product whose stock a list page told.
    pub(super) fn see_on_page(&self, product: &Product) -> Result<()> {
        self.take_in(product, None)
    }

    fn take_in(&self, product: &Product, read_at: Option<i64>) -> Result<()> {
        self.ask(|c| {
            let id = product.product_id.get();
            let mut seen = c.prepare_cached("SELECT 1 FROM temp.seen_products WHERE product_id = ?1")?;
            if seen.exists([id])? {
                c.prepare_cached("DELETE FROM temp.seen_variants WHERE product_id = ?1")?
                    .execute([id])?;
            }
            c.prepare_cached("INSERT OR REPLACE INTO temp.seen_products (product_id, name) VALUES (?1, ?2)")?
                .execute(params![id, product.name])?;
            let mut insert = c.prepare_cached(
                "INSERT OR REPLACE INTO temp.seen_variants (product_id, sku_id, sku_code, composed, name, quantity, read_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for v in &product.variants {
                // Kept for the few codes only that have another form.
                let composed = Some(composed(&v.sku_code)).filter(|composed| *composed != v.sku_code);
                insert.execute(params![
                    id,
                    v.sku_id.get(),
                    v.sku_code,
                    composed,
                    v.variant_name,
                    v.quantity,
                    read_at
                ])?;
            }
            Ok(())
        })
    }

    /// The store does not have the product any more.
    pub(super) fn unsee(&self, product: ProductId) -> Result<()> {
        self.ask(|c| {
            for table in ["seen_variants", "seen_products"] {
                c.execute(
                    &format!("DELETE FROM temp.{table} WHERE product_id = ?1"),
                    [product.get()],
                )?;
            }
            Ok(())
        })
    }

    /// Whether the product was read.
    pub(super) fn has_seen(&self, product: ProductId) -> Result<bool> {
        self.ask(|c| {
            c.prepare_cached("SELECT 1 FROM temp.seen_products WHERE product_id = ?1")?
                .exists([product.get()])
        })
    }

    /// Makes the look-ups by id and by code fast, once everything was read. For a few rows they are.
    pub(super) fn index_seen(&self) -> Result<()> {
        if self.len() < FEW {
            return Ok(());
        }
        self.ask(|c| {
            c.execute_batch(
                "CREATE INDEX IF NOT EXISTS temp.seen_by_sku ON seen_variants (sku_id, product_id);
                 CREATE INDEX IF NOT EXISTS temp.seen_by_code ON seen_variants (sku_code, product_id);
                 CREATE INDEX IF NOT EXISTS temp.seen_by_composed ON seen_variants (composed)
                    WHERE composed IS NOT NULL;",
            )
        })
    }

    /// The variants that were read and are meant by this name, of one product where it is given.
    pub(super) fn candidates(&self, name: &SkuName, of: Option<ProductId>) -> Result<Vec<Seen>> {
        let (id, code) = name.parts();
        self.ask(|c| {
            let bearers = |column: &str, value: &dyn ToSql| -> rusqlite::Result<Vec<Seen>> {
                c.prepare_cached(&format!(
                    "SELECT v.place, v.product_id, v.sku_id, v.sku_code, v.quantity, v.read_at, v.name, p.name
                     FROM temp.seen_variants AS v JOIN temp.seen_products AS p USING (product_id)
                     WHERE v.{column} = ?1 AND (?2 IS NULL OR v.product_id = ?2)"
                ))?
                .query_map(params![value, of], Seen::read)?
                .collect()
            };
            let mut found = Vec::new();
            if let Some(id) = &id {
                found.extend(bearers("sku_id", id)?);
            }
            if let Some(code) = &code {
                found.extend(bearers("sku_code", code)?);
            }
            if let (Some(code), true) = (code, found.is_empty()) {
                let composed = composed(code);
                found.extend(bearers("sku_code", &composed)?);
                found.extend(bearers("composed", &composed)?);
                found = closest(found, |seen| name.closeness(seen.sku, &seen.sku_code));
            }
            found.sort_by_key(|seen| (seen.product, seen.sku));
            found.dedup_by_key(|seen| seen.place);
            Ok(found)
        })
    }

    /// What the rows' products and variants are called, where they were found.
    pub fn names(&self) -> Result<Vec<(String, String)>> {
        self.state.all(
            "SELECT p.name, v.name FROM temp.draft AS d JOIN temp.seen_variants AS v USING (product_id, sku_id)
             JOIN temp.seen_products AS p USING (product_id) ORDER BY d.row",
            [],
            |found| Ok((found.get(0)?, found.get(1)?)),
        )
    }

    /// The codes of a product's variants.
    pub(super) fn codes_of(&self, product: ProductId) -> Result<Vec<String>> {
        let codes = "SELECT sku_code FROM temp.seen_variants WHERE product_id = ?1";
        self.state.all(codes, [product], |found| found.get(0))
    }
}

#[cfg(test)]
mod tests;
