//! What completions ask the catalogue: a few rows by how they begin, offline and at once.

use std::path::Path;

use rusqlite::{Row, params};

use super::SkuName;
use crate::model::ProductId;
use crate::state::State;

/// The most answers: more are of no help at a prompt.
const MOST: usize = 200;

/// A catalogue that is only looked at.
pub struct Glance {
    state: State,
    number: i64,
}

/// Something that begins as asked.
pub struct Glimpse {
    /// The SKU code, or the id of a variant or a product.
    pub text: String,
    /// What it is, in words.
    pub name: String,
}

impl Glance {
    /// The catalogue of a store as it was left; `None` where there is none.
    pub fn open(folder: &Path, store: &str) -> Option<Glance> {
        let state = State::glance(folder)?;
        let number = state
            .look()
            .query_row(
                "SELECT number FROM catalogues WHERE store = ?1",
                [store],
                |row| row.get("number"),
            )
            .ok()?;
        Some(Glance { state, number })
    }

    /// The SKU codes that begin so, in order; those that begin so but for case and punctuation where there are none.
    pub fn codes(&self, prefix: &str) -> Vec<Glimpse> {
        let exact = self.beginning("v.sku_code", "variants_by_code", prefix);
        let folded = crate::near::folded(prefix);
        if !exact.is_empty() || folded.is_empty() {
            return exact;
        }
        self.beginning("v.folded", "variants_by_folded", &folded)
    }

    fn beginning(&self, column: &str, index: &str, prefix: &str) -> Vec<Glimpse> {
        // A name is only fetched for what is shown.
        let query = format!(
            "SELECT v.sku_code AS text, p.name AS product, v.name AS variant
             FROM variants v INDEXED BY {index} LEFT JOIN products p USING (catalogue, product_id)
             WHERE v.catalogue = ?1 AND v.sku_code <> '' AND {column} >= ?2 AND {column} < ?3
             ORDER BY {column} LIMIT {MOST}"
        );
        let end = format!("{prefix}\u{10ffff}");
        self.glimpses(&query, params![self.number, prefix, end])
    }

    /// The SKU codes of a product that begin so.
    pub fn codes_of(&self, product: ProductId, prefix: &str) -> Vec<Glimpse> {
        let query = "SELECT v.sku_code AS text, p.name AS product, v.name AS variant
             FROM variants v LEFT JOIN products p USING (catalogue, product_id)
             WHERE v.catalogue = ?1 AND v.product_id = ?2 AND v.sku_code <> ''
             ORDER BY v.sku_code";
        let mut codes = self.glimpses(query, params![self.number, product]);
        let folded = crate::near::folded(prefix);
        let is_exact = folded.is_empty() || codes.iter().any(|code| code.text.starts_with(prefix));
        codes.retain(|code| match is_exact {
            true => code.text.starts_with(prefix),
            false => crate::near::folded(&code.text).starts_with(&folded),
        });
        codes.truncate(MOST);
        codes
    }

    /// The variants whose sku id begins so.
    pub fn ids(&self, prefix: &str) -> Vec<Glimpse> {
        let query = format!(
            "SELECT CAST(v.sku_id AS TEXT) AS text, p.name AS product, v.name AS variant
             FROM variants v LEFT JOIN products p USING (catalogue, product_id)
             WHERE v.catalogue = ?1 AND v.sku_id BETWEEN ?2 AND ?3 ORDER BY v.sku_id LIMIT {MOST}"
        );
        self.numbers(&query, prefix)
    }

    /// The one product that has a variant of this name; `None` where several have, or none.
    pub fn product_of(&self, sku: &SkuName) -> Option<ProductId> {
        let (id, code) = sku.parts();
        let query = "SELECT min(product_id), max(product_id) FROM variants
             WHERE catalogue = ?1 AND (sku_code = ?2 OR sku_id = ?3)";
        let values = params![self.number, code, id];
        let found: (Option<ProductId>, Option<ProductId>) = self
            .state
            .look()
            .query_row(query, values, |row| Ok((row.get(0)?, row.get(1)?)))
            .ok()?;
        found.0.filter(|_| found.0 == found.1)
    }

    /// The products whose id begins so; every product may be meant by nothing.
    pub fn products(&self, prefix: &str) -> Vec<Glimpse> {
        let query = format!(
            "SELECT CAST(product_id AS TEXT) AS text, name AS product, '' AS variant FROM products
             WHERE catalogue = ?1 AND product_id BETWEEN ?2 AND ?3 ORDER BY product_id LIMIT {MOST}"
        );
        self.numbers(&query, prefix)
    }

    /// What has a number that begins so; everything may be meant by nothing.
    fn numbers(&self, query: &str, prefix: &str) -> Vec<Glimpse> {
        if prefix.is_empty() {
            return self.glimpses(query, params![self.number, 1, i64::MAX]);
        }
        let Ok(id) = prefix.parse::<ProductId>() else {
            return Vec::new();
        };
        // 15, then 150 to 159, then 1500 to 1599 and so on: each is one stretch of the index.
        let mut found = Vec::new();
        let (mut from, mut to) = (id.get(), id.get());
        while found.len() < MOST {
            found.extend(self.glimpses(query, params![self.number, from, to]));
            let more = (
                from.checked_mul(10),
                to.checked_mul(10).and_then(|to| to.checked_add(9)),
            );
            let (Some(next), Some(last)) = more else {
                break;
            };
            (from, to) = (next, last);
        }
        found.truncate(MOST);
        found
    }

    fn glimpses(&self, query: &str, values: impl rusqlite::Params) -> Vec<Glimpse> {
        let glimpse = |row: &Row<'_>| {
            let (product, variant): (Option<String>, String) =
                (row.get("product")?, row.get("variant")?);
            let names = [product.unwrap_or_default(), variant];
            let names: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty())
                .collect();
            Ok(Glimpse {
                text: row.get("text")?,
                name: names.join(", "),
            })
        };
        let rows = self
            .state
            .look()
            .prepare_cached(query)
            .and_then(|mut query| {
                query
                    .query_map(values, glimpse)?
                    .collect::<rusqlite::Result<Vec<_>>>()
            });
        // Whatever is wrong with the database, a prompt is not the place to say it.
        rows.unwrap_or_default()
    }
}
