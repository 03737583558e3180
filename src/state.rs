//! The state database: one SQLite file in the state folder, shared by every process of this user.
//!
//! It holds the ledger of writes and the catalogues of stores. It is opened with a write-ahead log and full synchronisation, so that what was
//! committed is on disk; 0600, because it tells what a shop has in stock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};
use crate::file::private_database;

/// How long one process waits for another's commit.
const PATIENCE: Duration = Duration::from_secs(20);

/// Each takes the schema one version up. They are never edited, only added to.
const MIGRATIONS: &[&str] = &[
    // 1: the ledger.
    "CREATE TABLE runs (
        number      INTEGER PRIMARY KEY AUTOINCREMENT,
        run         TEXT NOT NULL UNIQUE,
        started_at  TEXT NOT NULL,
        ended_at    TEXT,
        profile     TEXT NOT NULL,
        store       TEXT NOT NULL,
        command     TEXT NOT NULL,
        command_line TEXT NOT NULL,
        file        TEXT,
        mode        TEXT NOT NULL,
        on_conflict TEXT NOT NULL,
        left_alone  INTEGER NOT NULL,
        undo_of     TEXT,
        fingerprint BLOB,
        stopped     TEXT
    ) STRICT;
    CREATE INDEX runs_by_store ON runs (store, started_at);
    CREATE TABLE rows (
        number      INTEGER NOT NULL REFERENCES runs (number),
        row         INTEGER NOT NULL,
        line        INTEGER NOT NULL,
        product_id  INTEGER,
        sku_id      INTEGER,
        sku_code    TEXT,
        wanted      INTEGER NOT NULL,
        expected    INTEGER,
        reason      TEXT,
        adjustment  INTEGER,
        previous    INTEGER,
        intent_at   TEXT,
        attempts    INTEGER NOT NULL DEFAULT 0,
        outcome     TEXT,
        quantity    INTEGER,
        read_back   INTEGER NOT NULL DEFAULT 0,
        settled_at  TEXT,
        kind        TEXT,
        status      INTEGER,
        code        TEXT,
        error       TEXT,
        PRIMARY KEY (number, row)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rows_by_sku ON rows (sku_id, number);",
    // 2: the catalogues. Times of products are Unix microseconds, null where the server tells none that can be read.
    // A number is never given out twice, so that what a process still writes into a forgotten catalogue shows nowhere.
    "CREATE TABLE catalogues (
        number      INTEGER PRIMARY KEY AUTOINCREMENT,
        store       TEXT NOT NULL UNIQUE,
        products    INTEGER NOT NULL DEFAULT 0,
        watermark   INTEGER,
        walked_at   TEXT
    ) STRICT;
    CREATE TABLE products (
        catalogue   INTEGER NOT NULL,
        product_id  INTEGER NOT NULL,
        updated_at  INTEGER,
        name        TEXT NOT NULL,
        PRIMARY KEY (catalogue, product_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE variants (
        catalogue   INTEGER NOT NULL,
        product_id  INTEGER NOT NULL,
        sku_id      INTEGER NOT NULL,
        sku_code    TEXT NOT NULL,
        folded      TEXT NOT NULL,
        name        TEXT NOT NULL,
        PRIMARY KEY (catalogue, product_id, sku_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX variants_by_sku ON variants (catalogue, sku_id);
    CREATE INDEX variants_by_code ON variants (catalogue, sku_code);
    CREATE INDEX variants_by_folded ON variants (catalogue, folded, sku_code);",
];

/// The schema version that this program writes.
const NEWEST: i64 = MIGRATIONS.len() as i64;

/// An open state database.
pub struct State {
    path: PathBuf,
    connection: Connection,
}

impl State {
    /// The database's file in a state folder.
    pub fn path_in(folder: &Path) -> PathBuf {
        folder.join("state.db")
    }

    /// Opens the database in `folder`, and makes folder and database where there are none. Errors are internal: the
    /// folder can't be written, the file is damaged, or a newer sxinv made it. Nothing is ever repaired by force.
    pub fn open(folder: &Path) -> Result<State> {
        let path = State::path_in(folder);
        private_database(&path).map_err(|e| unusable(&path, e))?;
        let connection = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|e| broken(&path, e))?;
        let mut state = State { path, connection };
        state.prepare()?;
        Ok(state)
    }

    /// Opens the database for looking only; `None` where there is none yet.
    pub fn open_existing(folder: &Path) -> Result<Option<State>> {
        if State::path_in(folder).exists() {
            State::open(folder).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A database of this process alone, for when the one on disk can't be used: what it learns is forgotten.
    pub fn in_memory() -> Result<State> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|e| broken(&path, e))?;
        let mut state = State { path, connection };
        state.prepare()?;
        Ok(state)
    }

    /// Opens the database in `folder` to look something up and nothing else: nothing is made, migrated or waited for.
    /// `None` where there is none, or none that can be read: for completions, which would rather say nothing.
    pub fn glance(folder: &Path) -> Option<State> {
        let path = State::path_in(folder);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).ok()?;
        Some(State { path, connection })
    }

    fn prepare(&mut self) -> Result<()> {
        let path = self.path.clone();
        let failed = |e| broken(&path, e);
        self.connection.busy_timeout(PATIENCE).map_err(failed)?;
        let version: i64 = self
            .connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(failed)?;
        if version > NEWEST {
            return Err(Error::internal(format!(
                "{} was made by a newer sxinv; nothing was sent",
                path.display()
            ))
            .hinted("update sxinv, or name another folder with SXINV_STATE_DIR"));
        }
        // Both are properties of the connection or cheap to repeat; WAL is kept in the file.
        self.connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
            )
            .map_err(failed)?;
        if version < NEWEST {
            self.migrate().map_err(failed)?;
        }
        Ok(())
    }

    /// Takes the schema to the newest version; another process may be doing the same.
    fn migrate(&mut self) -> rusqlite::Result<()> {
        let change = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let version: i64 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for migration in MIGRATIONS
            .iter()
            .skip(usize::try_from(version).unwrap_or(0))
        {
            change.execute_batch(migration)?;
        }
        change.pragma_update(None, "user_version", NEWEST)?;
        change.commit()
    }

    /// The connection, for the modules that keep tables here.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The connection, for look-ups alone.
    pub fn look(&self) -> &Connection {
        &self.connection
    }

    /// The folder that the database stands in.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// A failure of this database in words.
    pub fn failed(&self, error: rusqlite::Error) -> Error {
        broken(&self.path, error)
    }
}

fn unusable(path: &Path, cause: anyhow::Error) -> Error {
    Error::internal(format!(
        "can't use the state database {}; nothing was sent",
        path.display()
    ))
    .caused_by(cause)
    .hinted("SXINV_STATE_DIR names another folder; without a ledger nothing is written to a store")
}

fn broken(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Error::internal(format!(
            "the state database {} is damaged; nothing was done to it",
            path.display()
        ))
        .caused_by(error)
        .hinted("move it away to begin a new one; the old one still tells what was written"),
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Error::internal(format!(
            "the disk is full or failed: {} can't be written",
            path.display()
        ))
        .caused_by(error)
        .hinted("make room; sxinv history shows what was written so far"),
        _ => unusable(path, error.into()),
    }
}
