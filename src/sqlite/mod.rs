//! What every SQLite file of this program shares: how it is opened, brought to the newest schema, changed and read, and
//! how its failures are told.
//!
//! Every file has a write-ahead log, so that readers never wait for a writer, and belongs to its owner alone (0600).
//! Several processes may open, create or migrate one at the same moment. Nothing is ever repaired by force.

mod failures;
mod values;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Params, Row, Transaction, TransactionBehavior};

use crate::error::Result;
use crate::file::{Kept, private_database, regular_or_none};

/// How long one process waits for another's commit; resetting a large sandbox takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// How soon it is tried again where SQLite says "busy" without having waited.
const RETRY: Duration = Duration::from_millis(5);

/// Takes the schema one version up.
pub type Migration = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// What one kind of file holds, and what its failures mean to the user.
pub struct Schema {
    /// What messages call the file, such as `the state database`.
    pub name: &'static str,
    /// From an empty file to the newest schema. They are never edited, only added to: `user_version` counts those
    /// that a file has seen.
    pub migrations: &'static [Migration],
    /// Whether a commit survives a power cut, at the price of a sync.
    pub durable: bool,
    /// What to do when the file can't be used.
    pub when_unusable: Option<&'static str>,
    /// What to do when the disk is full.
    pub when_full: &'static str,
    /// What to do when the file is damaged.
    pub when_damaged: &'static str,
    /// What to do when a newer sxinv made the file.
    pub when_newer: &'static str,
}

/// An open file, or one in memory.
pub struct Database {
    schema: &'static Schema,
    file: Kept,
    connection: Connection,
}

/// What was found when a connection was set up.
enum Found {
    Ready,
    /// The file's schema is one that this program does not know.
    Newer,
    /// The file system can't hold a write-ahead log.
    NoLog,
}

impl Database {
    /// Opens the file at `path`; folder (0700), file (0600) and schema are made where they are missing. Errors are
    /// internal: it can't be written, is damaged, or was made by a newer sxinv.
    pub fn open(schema: &'static Schema, path: &Path) -> Result<Database> {
        private_database(path).map_err(|e| failures::unusable(schema, path, e))?;
        let mut database = Database::connect(schema, path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // SQLite takes a file that can't be written for one to read.
        if database.connection.is_readonly("main").unwrap_or(false) {
            let why = anyhow::anyhow!("it can't be written to");
            return Err(failures::unusable(schema, path, why));
        }
        match database.set_up() {
            Ok(Found::Ready) => Ok(database),
            Ok(Found::Newer) => Err(failures::newer(schema, path)),
            Ok(Found::NoLog) => Err(failures::no_log(schema, path)),
            Err(e) => Err(database.failed(e)),
        }
    }

    /// Like [`Database::open`], but makes nothing: `None` where there is no such file. That it can't be told whether
    /// there is one is an error.
    pub fn open_existing(schema: &'static Schema, path: &Path) -> Result<Option<Database>> {
        match path.metadata() {
            Ok(_) => Database::open(schema, path).map(Some),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failures::unusable(schema, path, e.into())),
        }
    }

    /// A database of this process alone: what it learns is forgotten.
    pub fn in_memory(schema: &'static Schema) -> Result<Database> {
        let path = PathBuf::from(":memory:");
        let opened = Connection::open_in_memory();
        let connection = opened.map_err(|e| failures::in_words(schema, &path, e))?;
        let mut database = Database {
            schema,
            file: Kept::new(path),
            connection,
        };
        database.migrate().map_err(|e| database.failed(e))?;
        Ok(database)
    }

    /// Opens the file to look something up and nothing else: nothing is made, migrated or waited for. `None` where
    /// there is none that can be read: for completions, which would rather say nothing.
    pub fn glance(schema: &'static Schema, path: &Path) -> Option<Database> {
        Database::connect(schema, path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()
    }

    /// Opens a file that is in use already, for reading alone.
    pub fn reader(schema: &'static Schema, path: &Path) -> Result<Database> {
        let reader = Database::connect(schema, path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let patient = reader.connection.busy_timeout(PATIENCE);
        patient.map_err(|e| reader.failed(e))?;
        Ok(reader)
    }

    fn connect(schema: &'static Schema, path: &Path, mode: OpenFlags) -> Result<Database> {
        for end in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(end);
            regular_or_none(Path::new(&file))
                .map_err(|e| failures::unusable(schema, path, e.into()))?;
        }
        // A connection is never used by two threads at once, so SQLite needs no locks of its own.
        let opened = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        Ok(Database {
            schema,
            file: Kept::new(path.to_owned()),
            connection: opened.map_err(|e| failures::in_words(schema, path, e))?,
        })
    }

    /// Sets the connection up and migrates the file, and waits while others do the same.
    fn set_up(&mut self) -> rusqlite::Result<Found> {
        let begun = Instant::now();
        loop {
            // Changing to a write-ahead log does not wait for others as everything else does.
            match self.try_set_up() {
                Err(e) if failures::is_busy(&e) && begun.elapsed() < PATIENCE => {
                    thread::sleep(RETRY);
                }
                done => return done,
            }
        }
    }

    fn try_set_up(&mut self) -> rusqlite::Result<Found> {
        let connection = &self.connection;
        connection.busy_timeout(PATIENCE)?;
        if version(connection)? > self.newest() {
            return Ok(Found::Newer);
        }
        // On macOS a sync leaves the data in the drive's own cache unless it is a full one; elsewhere both do nothing.
        connection.execute_batch(if self.schema.durable {
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
        } else {
            "PRAGMA synchronous = NORMAL;"
        })?;
        // A file keeps the log that it was given once.
        let is_log = |row: &rusqlite::Row<'_>| Ok(row.get_ref(0)?.as_str()? == "wal");
        let has_log = connection.pragma_query_value(None, "journal_mode", is_log)?
            || connection.pragma_update_and_check(None, "journal_mode", "WAL", is_log)?;
        if !has_log {
            return Ok(Found::NoLog);
        }
        self.migrate()?;
        Ok(Found::Ready)
    }

    fn newest(&self) -> i64 {
        self.schema.migrations.len() as i64
    }

    /// Takes the schema to the newest version; another process may be doing the same.
    fn migrate(&mut self) -> rusqlite::Result<()> {
        let newest = self.newest();
        if version(&self.connection)? >= newest {
            return Ok(());
        }
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let seen = usize::try_from(version(&change)?).unwrap_or(0);
        for migration in self.schema.migrations.iter().skip(seen) {
            migration(&change)?;
        }
        if (seen as i64) < newest {
            change.pragma_update(None, "user_version", newest)?;
        }
        change.commit()
    }

    /// An error, internal, where the file is damaged anywhere or lacks a column of its schema. Reads it from one end to the
    /// other.
    pub fn check_whole(&self) -> Result<()> {
        let damaged =
            |why| failures::damaged(self.schema, self.file.path(), anyhow::Error::msg(why));
        let found: String =
            self.ask(|c| c.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        if found != "ok" {
            return Err(damaged(found.replace('\n', " ")));
        }
        let here = self.columns()?;
        let missing = Database::in_memory(self.schema)?.columns()?;
        match missing.difference(&here).next() {
            None => Ok(()),
            Some(column) => Err(damaged(format!("it has no {column}"))),
        }
    }

    /// Each column of each table.
    fn columns(&self) -> Result<BTreeSet<String>> {
        self.ask(|c| {
            c.prepare(
                "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
                 WHERE t.type = 'table'",
            )?
            .query_map([], |found| found.get(0))?
            .collect()
        })
    }

    /// Makes this connection ready for large TEMP tables: they live in an unlinked file, gone with the process, and no
    /// more than a megabyte of each of the two databases stays in memory. With two it was no faster.
    pub fn keep_drafts(&self) -> Result<()> {
        self.connection
            .execute_batch(
                "PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -1000; PRAGMA main.cache_size = -1000;",
            )
            .map_err(|e| self.failed(e))
    }

    /// Reads something.
    pub fn ask<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        ask(&self.connection).map_err(|e| self.failed(e))
    }

    /// All that `sql` finds, each as `read` has it.
    pub fn all<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<C> {
        self.ask(|c| c.prepare(sql)?.query_map(values, read)?.collect())
    }

    /// Whether `sql` finds anything.
    pub fn exists(&self, sql: &str, values: impl Params) -> Result<bool> {
        self.ask(|c| c.prepare(sql)?.exists(values))
    }

    /// Counts something: the one number that `sql` finds.
    pub fn count(&self, sql: &str, values: impl Params) -> Result<u64> {
        let count = self.ask(|c| c.query_row(sql, values, |found| found.get::<_, i64>(0)));
        count.map(i64::unsigned_abs)
    }

    /// Changes the file in one transaction, which takes its place among the writers at once; nothing of it is kept
    /// when `make` fails.
    pub fn change<T>(
        &mut self,
        make: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let begun = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        begun
            .and_then(|change| {
                let made = make(&change)?;
                change.commit()?;
                Ok(made)
            })
            .map_err(|e| self.failed(e))
    }

    /// Reads several things as they were at one moment, whatever others write meanwhile.
    pub fn view<T>(
        &mut self,
        look: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let moment = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Deferred);
        moment
            .and_then(|moment| look(&moment))
            .map_err(|e| self.failed(e))
    }

    /// The connection, for what [`Database::change`] and [`Database::view`] are too narrow for.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The connection, for look-ups alone.
    pub fn look(&self) -> &Connection {
        &self.connection
    }

    /// The file, as it stood there when it was opened.
    pub fn file(&self) -> &Kept {
        &self.file
    }

    /// The folder that the file is in.
    pub fn folder(&self) -> &Path {
        self.file.path().parent().unwrap_or(Path::new("."))
    }

    /// A failure of this file in words.
    pub fn failed(&self, error: rusqlite::Error) -> crate::error::Error {
        failures::in_words(self.schema, self.file.path(), error)
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests;
