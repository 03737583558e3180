//! The sandbox's store on disk: one SQLite file, opened by as many processes as like to.
//!
//! What was answered survives `kill -9` of the process, for it is in the operating system's hands by then; it need
//! not survive a power cut, for a rehearsal shop is brought back with one command. Hence a write-ahead log without
//! full synchronisation, which never waits for the disk in a commit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Transaction, TransactionBehavior};

use super::seed;
use crate::error::Result;
use crate::sqlite::{Database, Schema};

/// Read connections that are kept for the next request.
const KEPT_READERS: usize = 8;

static SCHEMA: Schema = Schema {
    name: "the sandbox's store",
    migrations: &[|change| build(change, seed::PRODUCTS)],
    durable: false,
    when_unusable: None,
    when_full: "make room, or name another folder with SXINV_STATE_DIR",
    when_damaged: "delete it to begin a new one",
    when_newer: "update sxinv, or delete it to begin a new one",
};

const TABLES: &str = "
    DROP TABLE IF EXISTS products;
    DROP TABLE IF EXISTS variants;
    DROP TABLE IF EXISTS movements;
    DROP TABLE IF EXISTS faults;
    -- Totals are kept by the writes, so that a list never has to add up variants. Times are Unix milliseconds.
    CREATE TABLE products (
        product_id     INTEGER PRIMARY KEY,
        name           TEXT NOT NULL,
        folded         TEXT NOT NULL,
        is_active      INTEGER NOT NULL,
        updated_at     INTEGER NOT NULL,
        total_quantity INTEGER NOT NULL,
        variant_count  INTEGER NOT NULL
    ) STRICT;
    -- A price is the JSON text that it was written in.
    CREATE TABLE variants (
        sku_id       INTEGER PRIMARY KEY,
        product_id   INTEGER NOT NULL,
        sku_code     TEXT NOT NULL,
        variant_name TEXT NOT NULL,
        price        TEXT NOT NULL,
        quantity     INTEGER NOT NULL CHECK (quantity >= 0),
        is_default   INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE movements (
        id                INTEGER PRIMARY KEY AUTOINCREMENT,
        at                TEXT NOT NULL,
        kind              TEXT NOT NULL,
        product_id        INTEGER NOT NULL,
        sku_id            INTEGER NOT NULL,
        previous_quantity INTEGER NOT NULL,
        quantity          INTEGER NOT NULL,
        adjustment        INTEGER NOT NULL,
        reason            TEXT,
        request_id        TEXT NOT NULL
    ) STRICT;
    CREATE TABLE faults (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        at         TEXT NOT NULL,
        kind       TEXT NOT NULL,
        method     TEXT NOT NULL,
        target     TEXT NOT NULL,
        applied    INTEGER NOT NULL,
        request_id TEXT NOT NULL
    ) STRICT;";

/// Made after the rows, which is faster. Each list order is read off an index that also holds what is filtered by.
const INDEXES: &str = "
    CREATE INDEX products_by_time ON products (updated_at, product_id, total_quantity);
    CREATE INDEX products_by_name ON products (folded, product_id, total_quantity);
    CREATE INDEX products_by_stock ON products (total_quantity, product_id);
    CREATE INDEX variants_by_product ON variants (product_id, sku_id);";

/// An open store. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    writer: Mutex<Database>,
    readers: Mutex<Vec<Database>>,
}

impl Store {
    /// Opens the store in the file `path`. Where there is none, folder (0700) and file (0600) are made, and the shop
    /// opens; several processes may do so at once. Errors are internal: the file can't be written, is damaged, or was
    /// made by a newer sxinv.
    pub fn open(path: &Path) -> Result<Store> {
        Ok(Store {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                writer: Mutex::new(Database::open(&SCHEMA, path)?),
                readers: Mutex::default(),
            }),
        })
    }

    /// Brings the shop back, or makes one of that many products; `movements` and `faults` begin anew. Who reads
    /// meanwhile sees the old shop.
    pub fn reset(&self, products: Option<u32>) -> Result<()> {
        let mut writer = self.writer();
        writer.change(|change| build(change, products.unwrap_or(seed::PRODUCTS)))?;
        // A large shop's log is large; somebody who still reads it only puts this off.
        let _ = writer
            .look()
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        Ok(())
    }

    /// Reads what is of one moment.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let kept = self.readers().pop();
        let mut reader = match kept {
            Some(reader) => reader,
            None => {
                let reader = Database::reader(&SCHEMA, &self.shared.path)?;
                // The index that a large shop's list is read off stays in memory, instead of being read for each page.
                let cached = reader.look().execute_batch("PRAGMA cache_size = -16000");
                cached.map_err(|e| reader.failed(e))?;
                reader
            }
        };
        let seen = reader.view(look)?;
        let mut readers = self.readers();
        if readers.len() < KEPT_READERS {
            readers.push(reader);
        }
        Ok(seen)
    }

    /// Changes stock in one transaction; nothing is written when `make` refuses.
    pub(super) fn write<T, E>(
        &self,
        make: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<Result<T, E>>,
    ) -> Result<Result<T, E>> {
        let mut writer = self.writer();
        let changed = writer
            .connection()
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|change| {
                let made = make(&change)?;
                if made.is_ok() {
                    change.commit()?;
                }
                Ok(made)
            });
        changed.map_err(|e| writer.failed(e))
    }

    pub(super) fn writer(&self) -> std::sync::MutexGuard<'_, Database> {
        // A panic under the lock rolls its transaction back, so the connection is as good as before.
        self.shared
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Database>> {
        self.shared
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What names are searched and sorted by, so that case never matters: `ß` is `ss`, and every sigma is one.
pub(super) fn fold(name: &str) -> String {
    name.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

fn build(change: &Transaction<'_>, products: u32) -> rusqlite::Result<()> {
    change.execute_batch(TABLES)?;
    seed::fill(change, products)?;
    change.execute_batch(INDEXES)
}
