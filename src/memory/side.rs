//! The stock of the whole store at one moment, as a temporary table: read just now, kept in a snapshot, or said by a file.
//! Two of them, *before* and *after*, are what a snapshot and a difference are made of.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Memory;
use crate::error::{Error, Result};
use crate::model::{Product, ProductId, SkuId};
use crate::sku_code::{Closeness, closest, composed};

/// One of the two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

impl Side {
    /// The table.
    pub(super) fn table(self) -> &'static str {
        match self {
            Side::Before => "temp.before",
            Side::After => "temp.after",
        }
    }

    fn other(self) -> Side {
        match self {
            Side::Before => Side::After,
            Side::After => Side::Before,
        }
    }
}

/// A variant as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// Its product.
    pub product: i64,
    /// Its id.
    pub sku: i64,
    /// Its code.
    pub sku_code: String,
    /// Units.
    pub quantity: i64,
    /// When its product was read, in Unix milliseconds.
    pub read_at: i64,
}

impl Here {
    pub(super) fn read(found: &Row<'_>) -> rusqlite::Result<Here> {
        let code: Option<String> = found.get("sku_code")?;
        Ok(Here {
            product: found.get("product_id")?,
            sku: found.get("sku_id")?,
            sku_code: code.unwrap_or_default(),
            quantity: found.get("quantity")?,
            read_at: found.get("read_at")?,
        })
    }
}

/// A row of a stock file.
#[derive(Clone, Debug)]
pub struct FileRow {
    /// Its line, from 1.
    pub line: u32,
    /// The product, where the file says it.
    pub product: Option<ProductId>,
    /// The variant, where the file says its id.
    pub sku: Option<SkuId>,
    /// The variant's code, where the file says it.
    pub sku_code: Option<String>,
    /// Units.
    pub quantity: i64,
}

/// A row of one side and one of the other bear the same code, and no other product where both say one.
const SAME_CODE: &str = "o.composed = s.composed AND coalesce(o.product_id = s.product_id, TRUE)";

impl Memory {
    /// Makes both tables, empty.
    pub fn sides(&mut self) -> Result<()> {
        self.keep_drafts()?;
        self.ask(|c| {
            for side in [Side::Before, Side::After] {
                let name = side.table();
                let index = name.trim_start_matches("temp.");
                c.execute_batch(&format!(
                    "DROP TABLE IF EXISTS {name};
                     CREATE TEMP TABLE {index} (
                        place       INTEGER PRIMARY KEY,
                        product_id  INTEGER,
                        sku_id      INTEGER UNIQUE,
                        sku_code    TEXT,
                        composed    TEXT,
                        product_name TEXT,
                        variant_name TEXT,
                        price       TEXT,
                        quantity    INTEGER NOT NULL,
                        read_at     INTEGER,
                        line        INTEGER
                     ) STRICT;"
                ))?;
            }
            Ok(())
        })
    }

    /// So that codes are found: an index costs time that most don't need it for.
    pub(super) fn index_codes(&self) -> Result<()> {
        self.ask(|c| {
            c.execute_batch(
                "CREATE INDEX IF NOT EXISTS temp.before_by_code ON before (composed);
                 CREATE INDEX IF NOT EXISTS temp.after_by_code ON after (composed);",
            )
        })
    }

    /// Puts rows into the sides. In one transaction: SQLite would lock the file anew for each row.
    pub(super) fn fill(
        &self,
        fill: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<()> {
        self.ask(|c| {
            let change = c.unchecked_transaction()?;
            fill(c)?;
            change.commit()
        })
    }

    /// Adds a product as it was read, at this time in Unix milliseconds.
    pub fn add_product(&self, side: Side, product: &Product, read_at: i64) -> Result<()> {
        self.fill(|c| {
            // A variant that moved to another product meanwhile is met twice: the newer reading stands.
            let mut add = c.prepare_cached(&format!(
                "INSERT OR REPLACE INTO {} (product_id, sku_id, sku_code, composed, product_name, variant_name, price, quantity, read_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                side.table()
            ))?;
            for variant in &product.variants {
                add.execute(params![
                    product.product_id,
                    variant.sku_id,
                    variant.sku_code,
                    composed(&variant.sku_code),
                    product.name,
                    variant.variant_name,
                    variant.price.as_ref().map(|price| price.get()),
                    variant.quantity,
                    read_at
                ])?;
            }
            Ok(())
        })
    }

    /// Adds the rows of a stock file.
    pub fn add_file(&self, side: Side, rows: &[FileRow]) -> Result<()> {
        self.fill(|c| {
            let mut add = c.prepare_cached(&format!(
                "INSERT OR REPLACE INTO {} (product_id, sku_id, sku_code, composed, quantity, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                side.table()
            ))?;
            for row in rows {
                let composed = row.sku_code.as_deref().map(composed);
                let row = params![row.product, row.sku, row.sku_code, composed, row.quantity, row.line];
                add.execute(row)?;
            }
            Ok(())
        })
    }

    /// What was read as the later moment is the earlier one.
    pub fn swap_sides(&self) -> Result<()> {
        self.ask(|c| {
            c.execute_batch(
                "INSERT INTO temp.before SELECT * FROM temp.after; DELETE FROM temp.after;",
            )
        })
    }

    /// The products that snapshots of this store know and [`Side::After`] has not.
    pub fn not_read(&self, store: &str) -> Result<Vec<ProductId>> {
        let products: Vec<i64> = self.ask(|c| {
            c.prepare(
                "SELECT DISTINCT product_id FROM labels JOIN stores ON stores.number = labels.store
                 WHERE stores.store = ?1 AND product_id NOT IN (SELECT product_id FROM temp.after WHERE product_id IS NOT NULL)",
            )?
            .query_map([store], |found| found.get(0))?
            .collect()
        })?;
        Ok(products.into_iter().filter_map(ProductId::new).collect())
    }

    /// Leaves products out of both sides: they could not be read, which says nothing about them.
    pub fn leave_out(&self, products: &[ProductId]) -> Result<()> {
        self.ask(|c| {
            for side in [Side::Before, Side::After] {
                let mut remove = c.prepare(&format!(
                    "DELETE FROM {} WHERE product_id = ?1",
                    side.table()
                ))?;
                for product in products {
                    remove.execute([product])?;
                }
            }
            Ok(())
        })
    }

    /// Finds the variants of rows that say a code alone, on the other side. How many codes belong to several variants.
    pub fn resolve_codes(&self) -> Result<u64> {
        self.index_codes()?;
        let same = SAME_CODE;
        self.ask(|c| {
            let mut shared = 0;
            for side in [Side::Before, Side::After] {
                let (name, other) = (side.table(), side.other().table());
                c.execute_batch(&format!(
                    "UPDATE OR IGNORE {name} AS s SET (sku_id, product_id) =
                        (SELECT sku_id, coalesce(s.product_id, product_id) FROM {other} AS o WHERE {same} AND o.sku_id IS NOT NULL)
                     WHERE sku_id IS NULL
                       AND (SELECT count(*) FROM {other} AS o WHERE {same} AND o.sku_id IS NOT NULL) = 1"
                ))?;
                shared += c.query_row(
                    &format!(
                        "SELECT count(*) FROM {name} AS s WHERE sku_id IS NULL
                         AND (SELECT count(*) FROM {other} AS o WHERE {same} AND o.sku_id IS NOT NULL) > 1"
                    ),
                    [],
                    |found| found.get::<_, i64>(0),
                )?;
            }
            // Two files that say codes alone: numbers below 0 bring them together.
            c.execute_batch(
                "UPDATE temp.after AS a SET sku_id = (
                    SELECT -place FROM temp.before AS b WHERE b.sku_id IS NULL AND b.composed = a.composed LIMIT 1)
                 WHERE sku_id IS NULL;
                 UPDATE temp.before SET sku_id = -place WHERE sku_id IS NULL;",
            )?;
            Ok(shared.unsigned_abs())
        })
    }

    /// The rows of a file that say the code alone of a variant which another row of it names, once the codes were found: line,
    /// the other line, and the variant.
    pub fn named_twice(&self, side: Side) -> Result<Vec<(u64, u64, i64)>> {
        let (name, other, same) = (side.table(), side.other().table(), SAME_CODE);
        self.ask(|c| {
            c.prepare(&format!(
                "SELECT max(s.line, twin.line), min(s.line, twin.line), twin.sku_id
                 FROM {name} AS s JOIN {other} AS o ON {same} JOIN {name} AS twin ON twin.sku_id = o.sku_id
                 WHERE coalesce(s.sku_id, 0) <= 0 AND o.sku_id > 0 AND twin.line IS NOT NULL
                   AND (SELECT count(*) FROM {other} AS o WHERE {same} AND o.sku_id IS NOT NULL) = 1
                 ORDER BY 1 LIMIT 100"
            ))?
            .query_map([], |found| {
                let line = |at: usize| found.get::<_, i64>(at).map(i64::unsigned_abs);
                Ok((line(0)?, line(1)?, found.get(2)?))
            })?
            .collect()
        })
    }

    /// The variants on the later side with this id, or else those that are meant by this code.
    pub fn here(&self, sku: Option<SkuId>, code: Option<&str>) -> Result<Vec<Here>> {
        let found: Vec<Here> = self.ask(|c| {
            c.prepare_cached(
                "SELECT product_id, sku_id, sku_code, quantity, read_at FROM temp.after
                 WHERE sku_id = ?1 OR (?1 IS NULL AND composed = ?2)",
            )?
            .query_map(params![sku, code.map(composed)], Here::read)?
            .collect()
        })?;
        Ok(match (sku, code) {
            (None, Some(code)) => closest(found, |here| Closeness::of(code, &here.sku_code)),
            _ => found,
        })
    }

    /// The number that a store has here; `None` where nothing was kept of it.
    pub fn store(&self, key: &str) -> Result<Option<i64>> {
        self.ask(|c| {
            c.query_row(
                "SELECT number FROM stores WHERE store = ?1",
                [key],
                |found| found.get(0),
            )
            .optional()
        })
    }
}

/// No snapshot that could be compared with.
pub fn no_snapshot(of: &str) -> Error {
    Error::new(crate::error::Kind::NotFound, format!("no snapshot {of}"))
        .hinted("a cron job takes one every night; now: sxinv snapshot")
}
