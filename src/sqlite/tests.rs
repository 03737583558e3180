//! Opening, migrating, failing.

use std::fs;

use rusqlite::ffi;

use super::*;
use crate::model::{ProductId, Quantity, SkuId};
use crate::time::UtcTime;

static NOTES: Schema = Schema {
    name: "the notes",
    migrations: &[
        |change| change.execute_batch("CREATE TABLE notes (note TEXT) STRICT"),
        |change| change.execute_batch("INSERT INTO notes VALUES ('second')"),
    ],
    durable: true,
    when_unusable: None,
    when_full: "make room",
    when_damaged: "begin anew",
    when_newer: "update",
};

fn notes(database: &Database) -> i64 {
    database
        .look()
        .query_row("SELECT count(*) AS many FROM notes", [], |row| {
            row.get("many")
        })
        .unwrap()
}

fn pragma(database: &Database, name: &str) -> String {
    let value = |row: &rusqlite::Row<'_>| {
        let value: rusqlite::types::Value = row.get(0)?;
        Ok(format!("{value:?}"))
    };
    database
        .look()
        .query_row(&format!("PRAGMA {name}"), [], value)
        .unwrap()
}

#[test]
fn each_migration_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/notes.db");
    assert!(Database::open_existing(&NOTES, &path).unwrap().is_none());
    for _ in 0..3 {
        assert_eq!(notes(&Database::open(&NOTES, &path).unwrap()), 1);
    }
    assert!(Database::open_existing(&NOTES, &path).unwrap().is_some());
    assert_eq!(notes(&Database::in_memory(&NOTES).unwrap()), 1);
}

#[test]
fn a_failed_change_leaves_nothing() {
    let mut database = Database::in_memory(&NOTES).unwrap();
    let failed = database.change(|change| {
        change.execute_batch("INSERT INTO notes VALUES ('third')")?;
        change.execute_batch("INSERT INTO nowhere VALUES (1)")
    });
    assert!(failed.is_err());
    assert_eq!(notes(&database), 1);
}

#[test]
fn a_durable_file_is_synced_in_full_and_has_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&NOTES, &folder.path().join("notes.db")).unwrap();
    for (name, value) in [
        ("synchronous", "Integer(2)"),
        ("fullfsync", "Integer(1)"),
        ("checkpoint_fullfsync", "Integer(1)"),
        ("journal_mode", "Text(\"wal\")"),
    ] {
        assert_eq!(pragma(&database, name), value, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_can_not_have_a_log_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // This way of locking knows no shared memory, as some network drives.
    let connection = Connection::open_with_flags_and_vfs(
        folder.path().join("notes.db"),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        "unix-dotfile",
    );
    let mut database = Database {
        schema: &NOTES,
        file: Kept::new(PathBuf::new()),
        connection: connection.unwrap(),
    };
    assert!(matches!(database.try_set_up(), Ok(Found::NoLog)));
}

#[test]
fn what_another_holds_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    fs::write(&path, "").unwrap();
    // Still without a log, so that this lock keeps everybody from making one.
    let holder = Connection::open(&path).unwrap();
    holder
        .execute_batch("BEGIN EXCLUSIVE; CREATE TABLE in_the_way (x);")
        .unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let opening = {
        let path = path.clone();
        thread::spawn(move || {
            tell.send(()).unwrap();
            Database::open(&NOTES, &path).map(|database| notes(&database))
        })
    };
    told.recv().unwrap();
    holder.execute_batch("COMMIT").unwrap();
    assert_eq!(opening.join().unwrap().unwrap(), 1);
}

#[test]
fn many_that_meet_no_file_at_once_all_open_it() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..40 {
        let path = folder.path().join(format!("notes {round}.db"));
        let start = std::sync::Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    assert_eq!(notes(&Database::open(&NOTES, &path).unwrap()), 1);
                });
            }
        });
    }
}

#[test]
fn a_draft_is_no_part_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    let database = Database::open(&NOTES, &path).unwrap();
    database.keep_drafts().unwrap();
    database
        .look()
        .execute_batch("CREATE TEMP TABLE draft (x); INSERT INTO draft VALUES (1)")
        .unwrap();
    assert_eq!(pragma(&database, "temp_store"), "Integer(1)");
    assert_eq!(pragma(&database, "temp.cache_size"), "Integer(-1000)");
    let other = Database::reader(&NOTES, &path).unwrap();
    assert!(other.look().prepare("SELECT * FROM draft").is_err());
}

#[test]
fn failures_in_words() {
    let words = |code| {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let error = failures::in_words(&NOTES, Path::new("n.db"), error);
        format!("{} ({})", error.message(), error.hint().unwrap_or_default())
    };
    for (code, told) in [
        (
            ffi::SQLITE_FULL,
            "the disk is full; the notes n.db can't be written (make room)",
        ),
        (
            ffi::SQLITE_IOERR,
            "the disk failed; the notes n.db can't be read or written (make room)",
        ),
        (
            ffi::SQLITE_IOERR_SHMSIZE,
            "the disk is full; the notes n.db can't be written (make room)",
        ),
        (
            ffi::SQLITE_IOERR_WRITE,
            "the notes n.db can't be written: the disk failed, or a limit (ulimit -f, a quota) was reached (make room)",
        ),
        (
            ffi::SQLITE_CORRUPT,
            "the notes n.db is damaged; nothing was done to it (begin anew)",
        ),
        (
            ffi::SQLITE_NOTADB,
            "the notes n.db is damaged; nothing was done to it (begin anew)",
        ),
        (
            ffi::SQLITE_BUSY,
            "another process has been writing to the notes n.db for 30 seconds (try again when it is done)",
        ),
        (ffi::SQLITE_CANTOPEN, "can't use the notes n.db ()"),
        (ffi::SQLITE_READONLY, "can't use the notes n.db ()"),
    ] {
        assert_eq!(words(code), told);
    }
}

#[test]
fn our_own_types_come_back_as_they_were() {
    let database = Database::in_memory(&NOTES).unwrap();
    let look = |values: [&dyn rusqlite::ToSql; 4]| {
        database
            .look()
            .query_row("SELECT ?1 AS p, ?2 AS s, ?3 AS q, ?4 AS t", values, |row| {
                Ok((row.get("p")?, row.get("s")?, row.get("q")?, row.get("t")?))
            })
    };
    let (product, sku) = (ProductId::MAX, SkuId::new(1).unwrap());
    let (none, time) = (Quantity::new(0).unwrap(), UtcTime::from_millis(1));
    assert_eq!(
        look([&product, &sku, &none, &time]).unwrap(),
        (product, sku, none, time)
    );
    for wrong in [0i64, -1] {
        assert!(look([&wrong, &sku, &none, &time]).is_err());
    }
    assert!(look([&product, &sku, &-1, &time]).is_err());
    assert!(look([&product, &sku, &none, &"yesterday"]).is_err());
}
