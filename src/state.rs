//! The state database: one SQLite file in the state folder, shared by every process of this user.
//!
//! It holds the ledger of writes and the catalogues of stores.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::sqlite::{Database, Schema};

static SCHEMA: Schema = Schema {
    name: "the state database",
    migrations: &[
        |change| change.execute_batch(LEDGER),
        |change| change.execute_batch(CATALOGUES),
        |change| change.execute_batch(INDEXES),
        |change| change.execute_batch(ONE_TABLE),
        |change| change.execute_batch(OUTPUTS),
        |change| change.execute_batch(PROOFS),
        |change| change.execute_batch(LOTS),
        |change| change.execute_batch(FOLDED_ANEW),
        |change| change.execute_batch(COUNTED),
        |change| change.execute_batch(KNOWN_AGAIN),
        |change| change.execute_batch(MADE_AND_WHEN),
    ],
    durable: true,
    when_unusable: Some(
        "SXINV_STATE_DIR names another folder; without a ledger nothing is written to a store",
    ),
    when_full: "make room\nwhat was written so far: sxinv history",
    when_damaged: "move it away to begin a new one; the old one still tells what was written",
    when_newer: "update sxinv, or name another folder with SXINV_STATE_DIR",
};

const LEDGER: &str = "CREATE TABLE runs (
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
    CREATE INDEX rows_by_sku ON rows (sku_id, number);";

/// Times of products are Unix microseconds, null where the server tells none that can be read. A number is never given
/// out twice, so that what a process still writes into a forgotten catalogue shows nowhere.
const CATALOGUES: &str = "CREATE TABLE catalogues (
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
    CREATE INDEX variants_by_folded ON variants (catalogue, folded, sku_code);";

/// Two indexes that served no query go; others for what `undo` and `history --sku` look for come.
///
/// The rows of a variant or code are found run by run. A run's entries are written in order and behind those of earlier
/// runs, which for a million rows takes a tenth of the time of an index over all runs that is kept row by row.
const INDEXES: &str = "
    DROP INDEX runs_by_store;
    DROP INDEX rows_by_sku;
    CREATE INDEX runs_by_undone ON runs (undo_of) WHERE undo_of IS NOT NULL;
    CREATE TABLE rows_by_sku_id (
        number      INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        sku_id      INTEGER NOT NULL,
        row         INTEGER NOT NULL,
        PRIMARY KEY (number, sku_id, row)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE rows_by_sku_code (
        number      INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        sku_code    TEXT NOT NULL,
        row         INTEGER NOT NULL,
        PRIMARY KEY (number, sku_code, row)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO rows_by_sku_id
        SELECT number, sku_id, row FROM rows WHERE sku_id IS NOT NULL ORDER BY 1, 2, 3;
    INSERT INTO rows_by_sku_code
        SELECT number, sku_code, row FROM rows WHERE sku_code IS NOT NULL ORDER BY 1, 2, 3;";

/// What a run goes on by: the reason of rows without one, who or what stopped it, which file its ledger was, and when the
/// stock of a row was read (milliseconds; null where it proves nothing).
const ONE_TABLE: &str = "
    ALTER TABLE runs DROP COLUMN fingerprint;
    ALTER TABLE runs ADD COLUMN reason TEXT;
    ALTER TABLE runs ADD COLUMN stopped_by TEXT;
    ALTER TABLE runs ADD COLUMN ledger TEXT;
    ALTER TABLE rows ADD COLUMN read_at INTEGER;";

/// Codes are folded in their composed form: the catalogues are read again.
const FOLDED_ANEW: &str = "
    DELETE FROM variants;
    DELETE FROM products;
    DELETE FROM catalogues;";

/// Which ledger this is, how many commits it has, and until when it lost what it recorded, where it did
/// (`crate::change::lost`).
const COUNTED: &str = "
    CREATE TABLE ledger (
        id          TEXT NOT NULL,
        commits     INTEGER NOT NULL,
        lost_until  TEXT
    ) STRICT;
    INSERT INTO ledger VALUES (lower(hex(randomblob(8))), 0, NULL);";

/// Files that we wrote, by their canonical names, and the SHA-256 of what was in them.
const OUTPUTS: &str = "
    CREATE TABLE outputs (
        path        TEXT PRIMARY KEY,
        hash        BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;";

/// The event that proves a row; since when an event may, which is when it was first about to be sent with a tag; how often
/// the user decided to send it again.
const PROOFS: &str = "
    ALTER TABLE rows ADD COLUMN event_id TEXT;
    ALTER TABLE rows ADD COLUMN tagged_at TEXT;
    ALTER TABLE rows ADD COLUMN resends INTEGER NOT NULL DEFAULT 0;";

/// Lines of a file that went into a row of a run which an earlier line began.
const LOTS: &str = "
    CREATE TABLE lots (
        number      INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        row         INTEGER NOT NULL,
        line        INTEGER NOT NULL,
        PRIMARY KEY (number, row, line)
    ) STRICT, WITHOUT ROWID;";

/// What the first products of a run were called, to know its store again; how many units it kept back of each quantity.
const KNOWN_AGAIN: &str = "
    ALTER TABLE runs ADD COLUMN buffer INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE run_products (
        number      INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        product_id  INTEGER NOT NULL,
        name        TEXT NOT NULL,
        PRIMARY KEY (number, product_id)
    ) STRICT, WITHOUT ROWID;";

/// What a file was written as: see [`crate::outputs::Made`]. How the clocks stood when a process began with a run.
const MADE_AND_WHEN: &str = "
    ALTER TABLE outputs ADD COLUMN made TEXT NOT NULL DEFAULT 'export';
    ALTER TABLE runs ADD COLUMN clocks TEXT;";

/// An open state database.
pub struct State(Database);

impl State {
    /// The database's file in a state folder.
    pub fn path_in(folder: &Path) -> PathBuf {
        folder.join("state.db")
    }

    /// Opens the database in `folder`, and makes folder and database where there are none. Errors are internal: the
    /// folder can't be written, the file is damaged, or a newer sxinv made it.
    pub fn open(folder: &Path) -> Result<State> {
        Database::open(&SCHEMA, &State::path_in(folder)).map(State)
    }

    /// Like [`State::open`], but makes nothing; `None` where there is no database yet.
    pub fn open_existing(folder: &Path) -> Result<Option<State>> {
        let opened = Database::open_existing(&SCHEMA, &State::path_in(folder))?;
        Ok(opened.map(State))
    }

    /// Opens the database in `folder`, which this process has open already, for reading alone; see [`Database::reader`].
    pub fn reader(folder: &Path) -> Result<State> {
        Database::reader(&SCHEMA, &State::path_in(folder)).map(State)
    }

    /// A database of this process alone, for when the one on disk can't be used: what it learns is forgotten.
    pub fn in_memory() -> Result<State> {
        Database::in_memory(&SCHEMA).map(State)
    }

    /// Opens the database in `folder` to look something up and nothing else; see [`Database::glance`].
    pub fn glance(folder: &Path) -> Option<State> {
        Database::glance(&SCHEMA, &State::path_in(folder)).map(State)
    }
}

impl Deref for State {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.0
    }
}

impl DerefMut for State {
    fn deref_mut(&mut self) -> &mut Database {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_database_keeps_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let older = rusqlite::Connection::open(State::path_in(folder.path())).unwrap();
        older.execute_batch(LEDGER).unwrap();
        older
            .execute_batch(
                "INSERT INTO runs (run, started_at, profile, store, command, command_line, mode, on_conflict, left_alone)
                 VALUES ('r', 't', 'p', 's', 'set', 'set', 'set', 'report', 0);
                 INSERT INTO rows (number, row, line, sku_id, sku_code, wanted)
                 VALUES (1, 0, 2, 450, 'A', 1), (1, 1, 3, NULL, 'A', 2);
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        drop(older);
        for _ in 0..2 {
            let state = State::open(folder.path()).unwrap();
            let rows: String = state
                .look()
                .query_row(
                    "SELECT group_concat(run || line || sku_code, ' ' ORDER BY row) AS rows
                     FROM runs JOIN rows_by_sku_code USING (number) JOIN rows USING (number, row, sku_code)",
                    [],
                    |row| row.get("rows"),
                )
                .unwrap();
            assert_eq!(rows, "r2A r3A");
        }
    }

    #[test]
    fn what_is_looked_for_has_an_index() {
        let state = State::in_memory().unwrap();
        for query in [
            "SELECT 1 FROM rows_by_sku_id WHERE number = 1 AND sku_id = ?1",
            "SELECT 1 FROM rows_by_sku_code WHERE number = 1 AND sku_code = ?1",
            "SELECT 1 FROM rows WHERE number = ?1",
            "SELECT 1 FROM runs WHERE run = ?1",
            "SELECT 1 FROM runs WHERE undo_of = ?1",
            "SELECT 1 FROM products WHERE catalogue = 1 AND product_id = ?1",
            "SELECT 1 FROM variants WHERE catalogue = 1 AND sku_id = ?1",
            "SELECT 1 FROM variants WHERE catalogue = 1 AND sku_code = ?1",
            "SELECT 1 FROM variants WHERE catalogue = 1 AND folded = ?1",
        ] {
            let plan: String = state
                .look()
                .query_row(&format!("EXPLAIN QUERY PLAN {query}"), [1], |row| {
                    row.get("detail")
                })
                .unwrap();
            assert!(plan.starts_with("SEARCH"), "{query}: {plan}");
        }
    }
}
