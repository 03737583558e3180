//! What the stock was: webhook events and snapshots, in a database of their own beside the ledger, so that thousands of
//! events a second never make a run wait.

pub mod between;
pub mod diff;
pub mod event;
pub mod keeper;
mod labels;
pub mod lock;
pub mod pace;
pub mod packed;
pub mod reorder;
pub mod side;
pub mod snapshot;
pub mod standing;
pub mod survey;
pub mod tag;
pub mod tagged;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::sqlite::{Database, Schema};

static SCHEMA: Schema = Schema {
    name: "the memory of the stock",
    migrations: &[
        |change| change.execute_batch(EVENTS),
        |change| change.execute_batch(SNAPSHOTS),
        |change| change.execute_batch(BY_CODE),
    ],
    durable: true,
    when_unusable: Some("SXINV_STATE_DIR names another folder"),
    when_full: "make room, and run it again; SeloraX sends events again that were not kept",
    when_damaged: "move it away to begin a new one; the ledger is another file and is not touched",
    when_newer: "update sxinv, or name another folder with SXINV_STATE_DIR",
};

/// An event is kept once for each store: the id alone is what its sender says. Times are Unix milliseconds, `signed_at`
/// seconds. `printed` and `handed_on` say what was done about it.
const EVENTS: &str = "CREATE TABLE stores (
        number      INTEGER PRIMARY KEY,
        store       TEXT NOT NULL UNIQUE,
        store_id    INTEGER
    ) STRICT;
    CREATE TABLE events (
        number      INTEGER PRIMARY KEY,
        store       INTEGER NOT NULL REFERENCES stores (number),
        event_id    TEXT NOT NULL,
        topic       TEXT NOT NULL,
        signed_at   INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        body        TEXT NOT NULL,
        printed     INTEGER NOT NULL DEFAULT 0,
        UNIQUE (store, event_id)
    ) STRICT;
    CREATE TABLE handed_on (
        event       INTEGER NOT NULL REFERENCES events (number),
        hand_over   TEXT NOT NULL,
        PRIMARY KEY (event, hand_over)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE movements (
        event       INTEGER NOT NULL REFERENCES events (number),
        place       INTEGER NOT NULL,
        product_id  INTEGER,
        sku_id      INTEGER,
        sku_code    TEXT,
        previous    INTEGER,
        quantity    INTEGER,
        adjustment  INTEGER,
        reason      TEXT,
        tag         TEXT,
        PRIMARY KEY (event, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX movements_by_sku ON movements (sku_id) WHERE sku_id IS NOT NULL;
    CREATE INDEX movements_by_tag ON movements (tag) WHERE tag IS NOT NULL;";

/// The levels of a snapshot are the variants whose stock is another than in the snapshot before, as [`packed`] writes them.
/// They stand until the next ones of the same variants, and so do labels. Of
/// most products it is enough to know when the snapshot began and ended; `readings` has those that we wrote to meanwhile.
const SNAPSHOTS: &str = "CREATE TABLE snapshots (
        number      INTEGER PRIMARY KEY AUTOINCREMENT,
        store       INTEGER NOT NULL REFERENCES stores (number),
        started_at  INTEGER NOT NULL,
        ended_at    INTEGER NOT NULL,
        products    INTEGER NOT NULL,
        variants    INTEGER NOT NULL,
        units       INTEGER NOT NULL,
        changed     INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE levels (
        snapshot    INTEGER PRIMARY KEY,
        store       INTEGER NOT NULL,
        packed      BLOB NOT NULL
    ) STRICT;
    CREATE TABLE labels (
        store       INTEGER NOT NULL,
        sku_id      INTEGER NOT NULL,
        snapshot    INTEGER NOT NULL,
        product_id  INTEGER NOT NULL,
        sku_code    TEXT NOT NULL,
        product_name TEXT NOT NULL,
        variant_name TEXT NOT NULL,
        price       TEXT,
        PRIMARY KEY (store, sku_id, snapshot)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX labels_by_snapshot ON labels (store, snapshot);
    CREATE TABLE readings (
        snapshot    INTEGER NOT NULL,
        product_id  INTEGER NOT NULL,
        read_at     INTEGER NOT NULL,
        PRIMARY KEY (snapshot, product_id)
    ) STRICT, WITHOUT ROWID;";

/// Events that name a variant by its code alone.
const BY_CODE: &str =
    "CREATE INDEX movements_by_code ON movements (sku_code) WHERE sku_id IS NULL;";

/// An open database of what the stock was.
pub struct Memory(Database);

impl Memory {
    /// The database's file in a state folder.
    pub fn path_in(folder: &Path) -> PathBuf {
        folder.join("memory.db")
    }

    /// Opens the database in `folder`, and makes folder and database where there are none. Errors are internal: the
    /// folder can't be written, the file is damaged, or a newer sxinv made it.
    pub fn open(folder: &Path) -> Result<Memory> {
        Database::open(&SCHEMA, &Memory::path_in(folder)).map(Memory)
    }

    /// Like [`Memory::open`], but makes nothing; `None` where there is no database yet.
    pub fn open_existing(folder: &Path) -> Result<Option<Memory>> {
        Ok(Database::open_existing(&SCHEMA, &Memory::path_in(folder))?.map(Memory))
    }

    /// Forgets the events and snapshots of the stores whose keys match this GLOB pattern: the stores are gone. Who listens
    /// for one goes on.
    pub fn forget(&mut self, pattern: &str) -> Result<()> {
        self.change(|c| {
            let stores = "SELECT number FROM stores WHERE store GLOB ?1";
            let events = format!("SELECT number FROM events WHERE store IN ({stores})");
            let snapshots = format!("SELECT number FROM snapshots WHERE store IN ({stores})");
            for (table, column, of) in [
                ("handed_on", "event", events.as_str()),
                ("movements", "event", &events),
                ("readings", "snapshot", &snapshots),
                ("events", "store", stores),
                ("labels", "store", stores),
                ("levels", "store", stores),
                ("snapshots", "store", stores),
            ] {
                let forget = format!("DELETE FROM {table} WHERE {column} IN ({of})");
                c.execute(&forget, [pattern])?;
            }
            Ok(())
        })
    }
}

impl Deref for Memory {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.0
    }
}

impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut Database {
        &mut self.0
    }
}

/// By how many units stock moved; `None` where either is not known, or it is more than a number of units can be.
pub fn moved(before: Option<i64>, after: Option<i64>) -> Option<i64> {
    after?.checked_sub(before?)
}
