//! The files that a run stands on. Without its locks somebody else may be writing the same run, and without the database and
//! its log nothing of what is written is there after a kill.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::file::Kept;

/// How a write-ahead log begins, whatever its checksums (SQLite's file format, section 4.1).
const LOG: [u8; 3] = [0x37, 0x7f, 0x06];

/// The locks, the database and its log, as they stood when the run began.
pub(super) struct Files {
    locks: Vec<Kept>,
    database: Growing,
    log: Growing,
}

/// A file that gets longer or stays as it is: a log that begins anew is written over and not cut, and nothing makes the
/// database smaller.
struct Growing {
    file: Kept,
    length: u64,
}

impl Files {
    /// The database is the file that is open, whatever stands there by now. It was written to, so that its log is there.
    pub(super) fn new(database: Kept, locks: Vec<Kept>) -> Files {
        let mut log = database.path().as_os_str().to_owned();
        log.push("-wal");
        Files {
            locks,
            database: Growing::new(database),
            log: Growing::new(Kept::new(PathBuf::from(log))),
        }
    }

    /// An error, in words, where one of them was removed, replaced or cut off since this was last asked.
    pub(super) fn stand(&mut self) -> Result<(), String> {
        if let Some(gone) = self.locks.iter().find(|lock| !lock.is_there()) {
            return Err(format!("{} was removed or replaced", gone.path().display()));
        }
        self.database.stands()?;
        self.log.stands()?;
        if self.log.length == 0 {
            // Nothing was written yet: a run that goes on may begin with what it had.
            return Ok(());
        }
        // The database itself is never opened beside SQLite: closing it would give up SQLite's locks.
        let mut begins = [0; LOG.len()];
        let path = self.log.file.path();
        let read = File::open(path).and_then(|mut log| log.read_exact(&mut begins));
        match read {
            Ok(()) if begins == LOG => Ok(()),
            Ok(()) => Err(lost(&format!("{} was written over", path.display()))),
            Err(e) => Err(lost(&format!("{} can't be read: {e}", path.display()))),
        }
    }

    /// Where the log alone was removed, SQLite still has it open: what it holds goes into the database while it can.
    pub(super) fn rescue(&self, database: &Connection) {
        let log = self.log.file.path();
        if self.database.file.is_there() && !log.exists() {
            // Nothing is lost that was not lost before.
            let _ = database.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()));
        }
    }
}

impl Growing {
    fn new(file: Kept) -> Growing {
        Growing {
            length: length(file.path()),
            file,
        }
    }

    fn stands(&mut self) -> Result<(), String> {
        let path = self.file.path();
        if !self.file.is_there() {
            return Err(lost(&format!("{} was removed or replaced", path.display())));
        }
        let length = length(path);
        if length < self.length {
            return Err(lost(&format!("{} was cut off", path.display())));
        }
        self.length = length;
        Ok(())
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |there| there.len())
}

fn lost(what: &str) -> String {
    format!(
        "{what}, and what this run did may be missing from it; compare the stock before anything is sent again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the database's own file holds what was written last, apart from its log.
    fn holds(database: &Path) -> bool {
        let copy = database.with_extension("copy");
        fs::copy(database, &copy).unwrap();
        let copy = Connection::open(copy).unwrap();
        copy.query_row("SELECT count(*) = 1 FROM kept", [], |found| found.get(0))
            .unwrap_or(false)
    }

    #[test]
    fn what_a_log_held_that_somebody_removed_goes_into_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let database = Connection::open(&path).unwrap();
        let begins = "PRAGMA journal_mode = WAL; CREATE TABLE kept (row INTEGER);
            PRAGMA wal_checkpoint; INSERT INTO kept VALUES (1);";
        database.execute_batch(begins).unwrap();
        let files = Files::new(Kept::new(path.clone()), Vec::new());
        // While the log is there SQLite does that by itself, when it is time.
        files.rescue(&database);
        assert!(!holds(&path));
        fs::remove_file(folder.path().join("state.db-wal")).unwrap();
        files.rescue(&database);
        assert!(holds(&path));
    }
}
