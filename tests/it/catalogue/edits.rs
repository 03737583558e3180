//! What merchants do in the dashboard, done to the sandbox's file.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::{Connection, params};

/// What merchants do to their products in the dashboard, done to the sandbox's file. Each edit moves `updated_at`.
#[derive(Clone)]
pub struct Edits(Arc<Mutex<Connection>>);

impl Edits {
    pub fn of(file: &Path) -> Edits {
        let file = Connection::open(file).unwrap();
        file.busy_timeout(std::time::Duration::from_secs(20))
            .unwrap();
        // No power is cut here.
        file.pragma_update(None, "synchronous", "OFF").unwrap();
        Edits(Arc::new(Mutex::new(file)))
    }

    fn file(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap()
    }

    fn touch(file: &Connection, product: i64) {
        file.execute(
            "UPDATE products SET
                updated_at = max((SELECT max(updated_at) FROM products) + 1, unixepoch() * 1000),
                variant_count = (SELECT count(*) FROM variants v WHERE v.product_id = products.product_id),
                total_quantity = (SELECT coalesce(sum(quantity), 0) FROM variants v
                    WHERE v.product_id = products.product_id)
             WHERE product_id = ?1",
            [product],
        )
        .unwrap();
    }

    /// Anything at all.
    pub fn sql(&self, sql: &str) {
        self.file().execute_batch(sql).unwrap();
    }

    /// Every variant with its product and code.
    pub fn variants(&self) -> Vec<(i64, i64, String)> {
        let file = self.file();
        let mut query = file
            .prepare("SELECT sku_id, product_id, sku_code FROM variants ORDER BY sku_id")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub fn bearers(&self, code: &str) -> BTreeSet<i64> {
        let variants = self.variants().into_iter();
        variants.filter(|v| v.2 == code).map(|v| v.0).collect()
    }

    pub fn products(&self) -> Vec<i64> {
        let file = self.file();
        let mut query = file
            .prepare("SELECT product_id FROM products ORDER BY 1")
            .unwrap();
        query
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    pub fn rename(&self, sku: i64, code: &str) {
        let file = self.file();
        let product: i64 = file
            .query_row(
                "UPDATE variants SET sku_code = ?2 WHERE sku_id = ?1 RETURNING product_id",
                params![sku, code],
                |row| row.get(0),
            )
            .unwrap();
        Edits::touch(&file, product);
    }

    pub fn delete_variant(&self, sku: i64) {
        let file = self.file();
        let product: i64 = file
            .query_row(
                "DELETE FROM variants WHERE sku_id = ?1 RETURNING product_id",
                [sku],
                |row| row.get(0),
            )
            .unwrap();
        Edits::touch(&file, product);
    }

    pub fn delete_product(&self, product: i64) {
        let file = self.file();
        file.execute("DELETE FROM variants WHERE product_id = ?1", [product])
            .unwrap();
        file.execute("DELETE FROM products WHERE product_id = ?1", [product])
            .unwrap();
    }

    pub fn add_variant(&self, product: i64, code: &str) {
        let file = self.file();
        file.execute(
            "INSERT INTO variants (sku_id, product_id, sku_code, variant_name, price, quantity, is_default)
             VALUES ((SELECT max(sku_id) + 1 FROM variants), ?1, ?2, 'New', '100', 7, 0)",
            params![product, code],
        )
        .unwrap();
        Edits::touch(&file, product);
    }

    pub fn add_product(&self, product: i64, codes: &[String]) {
        self.file()
            .execute(
                "INSERT INTO products VALUES (?1, 'Made anew', 'made anew', 1, 0, 0, 0)",
                [product],
            )
            .unwrap();
        for code in codes {
            self.add_variant(product, code);
        }
    }
}
