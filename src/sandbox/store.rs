//! The sandbox's store on disk: one SQLite file, opened by as many processes as like to.
//!
//! What was answered survives `kill -9` of the process, for it is in the operating system's hands by then; it need
//! not survive a power cut, for a rehearsal shop is brought back with one command. Hence a write-ahead log without
//! full synchronisation, which never waits for the disk in a commit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::seed;
use crate::error::{Error, Result};

/// How long one process waits for another's commit; a reset of a large shop takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Read connections that are kept for the next request.
const KEPT_READERS: usize = 8;

/// The version of the schema below; the file keeps it.
const VERSION: i64 = 1;

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
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the store in the file `path`. Where there is none, folder (0700) and file (0600) are made, and the shop
    /// opens; several processes may do so at once. Errors are internal: the file can't be written, is damaged, or is
    /// of another version of sxinv.
    pub fn open(path: &Path) -> Result<Store> {
        crate::file::private_database(path).map_err(|e| unusable(path, e))?;
        let mut writer = connect(path, false).map_err(|e| broken(path, e))?;
        let version = prepare(&writer).map_err(|e| broken(path, e))?;
        match version {
            VERSION => {}
            0 => first_use(&mut writer, path)?,
            _ => {
                let message = format!(
                    "the sandbox's store {} is of another version of sxinv",
                    path.display()
                );
                return Err(Error::internal(message).hinted("delete it to begin a new one"));
            }
        }
        Ok(Store {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                writer: Mutex::new(writer),
                readers: Mutex::default(),
            }),
        })
    }

    /// Brings the shop back, or makes one of so many products; `movements` and `faults` begin anew. Who reads
    /// meanwhile sees the old shop.
    pub fn reset(&self, products: Option<u32>) -> Result<()> {
        let mut writer = self.writer();
        let change = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| self.failed(e))?;
        build(
            &change,
            products.unwrap_or(seed::PRODUCTS),
            &self.shared.path,
        )?;
        change.commit().map_err(|e| self.failed(e))?;
        // A large shop's log is large; somebody who still reads it only puts this off.
        let _ = writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
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
            None => connect(&self.shared.path, true).map_err(|e| self.failed(e))?,
        };
        let seen = reader
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .and_then(|moment| look(&moment))
            .map_err(|e| self.failed(e))?;
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
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|change| {
                let made = make(&change)?;
                if made.is_ok() {
                    change.commit()?;
                }
                Ok(made)
            });
        changed.map_err(|e| self.failed(e))
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Connection> {
        // A panic under the lock rolls its transaction back, so the connection is as good as before.
        self.shared
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.shared
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        broken(&self.shared.path, error)
    }
}

/// What names are searched and sorted by, so that case never matters: `ß` is `ss`, and every sigma is one.
pub(super) fn fold(name: &str) -> String {
    name.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// A time as the API writes it (seed: `2025-06-12T14:30:00.000Z`).
pub(super) fn iso(millis: i64) -> String {
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn connect(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let mode = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    };
    let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Sets a write connection up, and tells the schema's version; 0 in a new file.
fn prepare(writer: &Connection) -> rusqlite::Result<i64> {
    let begun = Instant::now();
    loop {
        // While another process makes the file a WAL one, SQLite may say that it is busy without waiting.
        match set_up(writer) {
            Err(e) if is_busy(&e) && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn set_up(writer: &Connection) -> rusqlite::Result<i64> {
    writer.execute_batch("PRAGMA synchronous = NORMAL")?;
    let mode: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        writer.execute_batch("PRAGMA journal_mode = WAL")?;
    }
    version(writer)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn first_use(writer: &mut Connection, path: &Path) -> Result<()> {
    let failed = |e| broken(path, e);
    let change = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have been first while we waited.
    if version(&change).map_err(failed)? == 0 {
        build(&change, seed::PRODUCTS, path)?;
    }
    change.commit().map_err(failed)
}

fn build(change: &Transaction<'_>, products: u32, path: &Path) -> Result<()> {
    let failed = |e| broken(path, e);
    change.execute_batch(TABLES).map_err(failed)?;
    seed::fill(change, products)?;
    change.execute_batch(INDEXES).map_err(failed)?;
    change
        .pragma_update(None, "user_version", VERSION)
        .map_err(failed)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn unusable(path: &Path, cause: anyhow::Error) -> Error {
    Error::internal(format!("can't use the sandbox's store {}", path.display())).caused_by(cause)
}

fn broken(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::internal(format!("the sandbox's store {} is damaged", path.display()))
                .caused_by(error)
                .hinted("delete it to begin a new one")
        }
        _ => unusable(path, error.into()),
    }
}
