//! The rows of one store's catalogue in the state database.
//!
//! Every write is one short transaction, so that several processes can refresh at once and nobody waits for long. None
//! of them relies on what another process left alone meanwhile: a reading never replaces a newer one, and the
//! watermark is only moved by who saw the updates below it.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::stamp::Stamp;
use crate::error::Result;
use crate::model::{Product, ProductId, SkuId};
use crate::near::folded;
use crate::state::State;
use crate::time::UtcTime;

/// A product that was read, and what the catalogue knew of it before it was asked for.
pub struct Reading {
    /// The product.
    pub product: Product,
    /// Its stamp in the catalogue when the request was decided on.
    pub before: Option<Stamp>,
    /// When it was updated; none where that is not known, or another update may bear the same time.
    pub read: Option<Stamp>,
}

/// The variant of a product that has no other.
pub struct OnlyVariant {
    /// When the product was last updated before it was read.
    pub updated_at: Stamp,
    /// Which variant.
    pub sku_id: SkuId,
    /// Its code.
    pub sku_code: String,
    /// Its name.
    pub name: String,
}

/// An open catalogue.
pub struct Rows {
    state: State,
    /// The store's number in the database.
    number: i64,
}

impl Rows {
    /// Opens the catalogue of a store, an empty one at first.
    pub fn open(mut state: State, store: &str) -> Result<Rows> {
        let number = number(state.connection(), store).map_err(|e| state.failed(e))?;
        Ok(Rows { state, number })
    }

    /// The connection to it.
    pub fn close(self) -> State {
        self.state
    }

    /// Looks into the database; `look` is told the store's number.
    pub fn look<T>(&self, look: impl FnOnce(&Connection, i64) -> rusqlite::Result<T>) -> Result<T> {
        self.state.ask(|rows| look(rows, self.number))
    }

    fn change<T>(
        &mut self,
        make: impl FnOnce(&Transaction<'_>, i64) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let number = self.number;
        self.state.change(|rows| make(rows, number))
    }

    /// Whether the whole store was read once, and up to which moment its updates are known.
    pub fn watermark(&self) -> Result<(bool, Option<Stamp>)> {
        self.look(|rows, number| {
            rows.prepare_cached(
                "SELECT walked_at IS NOT NULL AS walked, watermark FROM catalogues WHERE number = ?1",
            )?
            .query_row([number], |row| Ok((row.get("walked")?, row.get("watermark")?)))
            .optional()
        })
        // A catalogue that was forgotten under our hands is an empty one.
        .map(Option::unwrap_or_default)
    }

    /// How many products are known.
    pub fn count(&self) -> Result<u64> {
        let count: Option<i64> = self.look(|rows, number| {
            rows.prepare_cached("SELECT products FROM catalogues WHERE number = ?1")?
                .query_row([number], |row| row.get("products"))
                .optional()
        })?;
        Ok(count.map_or(0, i64::unsigned_abs))
    }

    /// Every product that is known, by id.
    pub fn products(&self) -> Result<Vec<ProductId>> {
        self.look(|rows, number| {
            rows.prepare(
                "SELECT product_id FROM products WHERE catalogue = ?1 ORDER BY product_id",
            )?
            .query_map([number], |row| row.get("product_id"))?
            .collect()
        })
    }

    /// When a product was last updated as far as is known; the outer `None` where it is not known at all.
    pub fn stamp(&self, id: ProductId) -> Result<Option<Option<Stamp>>> {
        self.look(|rows, number| stamp(rows, number, id))
    }

    /// The only variant of a product that is known to have one, and when it was updated.
    pub fn only_variant(&self, id: ProductId) -> Result<Option<OnlyVariant>> {
        self.look(|rows, number| {
            let mut query = rows.prepare_cached(
                "SELECT updated_at, sku_id, sku_code, v.name AS name
                 FROM variants AS v JOIN products AS p USING (catalogue, product_id)
                 WHERE catalogue = ?1 AND product_id = ?2 AND updated_at IS NOT NULL LIMIT 2",
            )?;
            let mut found = query.query(params![number, id])?;
            let only = match found.next()? {
                None => return Ok(None),
                Some(row) => OnlyVariant {
                    updated_at: row.get("updated_at")?,
                    sku_id: row.get("sku_id")?,
                    sku_code: row.get("sku_code")?,
                    name: row.get("name")?,
                },
            };
            Ok(found.next()?.is_none().then_some(only))
        })
    }

    /// Whether the catalogue has this product exactly as it was read.
    pub fn has(&self, product: &Product) -> Result<bool> {
        let stamp = self.stamp(product.product_id)?;
        let same = stamp == Some(Stamp::read(product.updated_at.as_deref()));
        Ok(same
            && self.look(|rows, number| variants(rows, number, product.product_id))?
                == variants_of(product))
    }

    /// Takes in products that were read. `true` where a variant came, went or got another code or name.
    pub fn put(&mut self, readings: &[Reading]) -> Result<bool> {
        self.change(|rows, catalogue| {
            let mut moved = false;
            let mut new = 0;
            for reading in readings {
                let product = &reading.product;
                let id = product.product_id;
                let read = reading.read;
                let known = stamp(rows, catalogue, id)?;
                // Somebody else read it later than we did.
                if let Some(now) = known
                    && now != reading.before
                    && now > read
                {
                    continue;
                }
                new += i64::from(known.is_none());
                let others = variants(rows, catalogue, id)? != variants_of(product);
                moved |= known.is_none() || others;
                insert(rows, catalogue, product, read, others)?;
            }
            count(rows, catalogue, new)?;
            Ok(moved)
        })
    }

    /// Takes note of a product that can't be read. What is known of its variants stays.
    pub fn set_unread(&mut self, id: ProductId) -> Result<()> {
        self.change(|rows, catalogue| {
            let new = stamp(rows, catalogue, id)?.is_none();
            rows.execute(
                "INSERT INTO products (catalogue, product_id, updated_at, name) VALUES (?1, ?2, NULL, '')
                 ON CONFLICT DO UPDATE SET updated_at = NULL",
                params![catalogue, id],
            )?;
            count(rows, catalogue, i64::from(new))
        })
    }

    /// Products that could not be read, or of which it is not known when they were updated.
    pub fn unread(&self, most: usize) -> Result<Vec<ProductId>> {
        self.look(|rows, number| {
            // A limit that is bound later is planned for once more.
            rows.prepare_cached(&format!(
                "SELECT product_id FROM products WHERE catalogue = ?1 AND updated_at IS NULL LIMIT {most}",
            ))?
            .query_map([number], |row| row.get("product_id"))?
            .collect()
        })
    }

    /// Forgets products that the store does not have any more. `true` where one was known.
    pub fn remove(&mut self, ids: &[ProductId]) -> Result<bool> {
        if ids.is_empty() {
            return Ok(false);
        }
        self.change(|rows, catalogue| {
            let mut gone = 0;
            for id in ids {
                let key = (catalogue, id);
                rows.prepare_cached(
                    "DELETE FROM variants WHERE catalogue = ?1 AND product_id = ?2",
                )?
                .execute(key)?;
                gone += rows
                    .prepare_cached(
                        "DELETE FROM products WHERE catalogue = ?1 AND product_id = ?2",
                    )?
                    .execute(key)?;
            }
            count(rows, catalogue, -(gone as i64))?;
            Ok(gone > 0)
        })
    }

    /// Moves the watermark from where it `was` to `now`, unless somebody else put it elsewhere meanwhile and lower.
    /// `walked` where the whole store was seen.
    pub fn set_watermark(
        &mut self,
        was: Option<Stamp>,
        now: Option<Stamp>,
        walked: bool,
    ) -> Result<()> {
        if was == now && !walked {
            return Ok(());
        }
        self.change(|rows, catalogue| {
            if was != now {
                rows.execute(
                    "UPDATE catalogues SET watermark = ?3
                     WHERE number = ?1 AND (watermark IS ?2 OR watermark > ?3)",
                    params![catalogue, was, now],
                )?;
            }
            if walked {
                rows.execute(
                    "UPDATE catalogues SET walked_at = ?2 WHERE number = ?1",
                    params![catalogue, UtcTime::now()],
                )?;
            }
            Ok(())
        })
    }
}

/// Forgets the catalogue of every store whose key matches, a GLOB pattern.
pub fn forget(state: &mut State, stores: &str) -> Result<()> {
    state.change(|rows| {
        for table in ["variants", "products"] {
            rows.execute(
                &format!(
                    "DELETE FROM {table} WHERE catalogue IN
                        (SELECT number FROM catalogues WHERE store GLOB ?1)"
                ),
                [stores],
            )?;
        }
        rows.execute("DELETE FROM catalogues WHERE store GLOB ?1", [stores])?;
        Ok(())
    })
}

fn number(rows: &mut Connection, store: &str) -> rusqlite::Result<i64> {
    // It can be read again from the store, and needs not survive a power cut.
    rows.execute_batch("PRAGMA synchronous = NORMAL")?;
    let known = |rows: &Connection| {
        rows.query_row(
            "SELECT number FROM catalogues WHERE store = ?1",
            [store],
            |row| row.get("number"),
        )
        .optional()
    };
    if let Some(number) = known(rows)? {
        return Ok(number);
    }
    let change = rows.transaction_with_behavior(TransactionBehavior::Immediate)?;
    change.execute(
        "INSERT INTO catalogues (store) VALUES (?1) ON CONFLICT DO NOTHING",
        [store],
    )?;
    let number = known(&change)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    change.commit()?;
    Ok(number)
}

fn stamp(
    rows: &Connection,
    catalogue: i64,
    id: ProductId,
) -> rusqlite::Result<Option<Option<Stamp>>> {
    rows.prepare_cached("SELECT updated_at FROM products WHERE catalogue = ?1 AND product_id = ?2")?
        .query_row(params![catalogue, id], |row| row.get("updated_at"))
        .optional()
}

/// Id, code and name of each of a product's variants, by id.
type Variants = Vec<(SkuId, String, String)>;

fn variants(rows: &Connection, catalogue: i64, id: ProductId) -> rusqlite::Result<Variants> {
    // Not `= ?2`, or SQLite plans it anew for each product: by another index, a small id might be better looked for.
    rows.prepare_cached(
        "SELECT sku_id, sku_code, name FROM variants WHERE catalogue = ?1 AND product_id = ?2 + 0
         ORDER BY sku_id",
    )?
    .query_map(params![catalogue, id], |row| {
        Ok((row.get("sku_id")?, row.get("sku_code")?, row.get("name")?))
    })?
    .collect()
}

fn variants_of(product: &Product) -> Variants {
    let variants = product.variants.iter();
    let mut variants: Variants = variants
        .map(|v| (v.sku_id, v.sku_code.clone(), v.variant_name.clone()))
        .collect();
    variants.sort_unstable();
    variants
}

/// Keeps a product; its variants are written again where they are `others` than those that are known.
fn insert(
    rows: &Connection,
    catalogue: i64,
    product: &Product,
    read: Option<Stamp>,
    others: bool,
) -> rusqlite::Result<()> {
    let id = product.product_id;
    rows.prepare_cached(
        "INSERT INTO products (catalogue, product_id, updated_at, name) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at, name = excluded.name",
    )?
    .execute(params![catalogue, id, read, product.name])?;
    if !others {
        return Ok(());
    }
    rows.prepare_cached("DELETE FROM variants WHERE catalogue = ?1 AND product_id = ?2")?
        .execute(params![catalogue, id])?;
    let mut insert = rows.prepare_cached(
        "INSERT OR REPLACE INTO variants (catalogue, product_id, sku_id, sku_code, folded, name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for variant in &product.variants {
        insert.execute(params![
            catalogue,
            id,
            variant.sku_id,
            variant.sku_code,
            folded(&variant.sku_code),
            variant.variant_name,
        ])?;
    }
    Ok(())
}

/// Keeps the number of products, which is compared with the store's own before every look-up.
fn count(rows: &Connection, catalogue: i64, by: i64) -> rusqlite::Result<()> {
    if by != 0 {
        rows.prepare_cached("UPDATE catalogues SET products = products + ?2 WHERE number = ?1")?
            .execute([catalogue, by])?;
    }
    Ok(())
}
