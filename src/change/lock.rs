//! One bulk run per store at a time on a machine, and one process per run: OS file locks, released by any death.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::file::Kept;
use crate::interrupt::Interrupt;
use crate::lock_file::{self, LockFile, holder};

/// How often a waiting run looks whether the other one is done.
const LOOK: Duration = Duration::from_millis(200);

/// Held for as long as a bulk run plans and writes. What its file says is only good while somebody holds it.
#[derive(Debug)]
pub struct StoreLock {
    lock: LockFile,
}

impl StoreLock {
    /// The file that it is the lock of.
    pub fn file(&self) -> Kept {
        Kept::new(self.lock.path().to_owned())
    }

    /// Takes the lock of the store `key`, whose file stands in the state folder. Another run under way is an error,
    /// refused, that names it.
    pub fn take(folder: &Path, key: &str, run: &str) -> Result<StoreLock> {
        let path = path(folder, key);
        match try_take(&path, run)? {
            Some(lock) => Ok(StoreLock { lock }),
            None => Err(Error::refused(format!(
                "a bulk run is under way on this store: {}; nothing was sent",
                holder(&path)
            ))
            .hinted("wait until it is done, or say --wait")),
        }
    }

    /// Takes the lock, and waits for another run to end first; `told` hears once which one.
    pub fn wait(
        folder: &Path,
        key: &str,
        run: &str,
        interrupt: &Interrupt,
        told: &dyn Fn(&str),
    ) -> Result<StoreLock> {
        let path = path(folder, key);
        let mut tell = Some(told);
        loop {
            if let Some(lock) = try_take(&path, run)? {
                return Ok(StoreLock { lock });
            }
            if let Some(tell) = tell.take() {
                tell(&holder(&path));
            }
            if interrupt.wait(LOOK) {
                let signal = interrupt.raised().map_or(2, |raised| raised.signal);
                return Err(Error::new(
                    Kind::Interrupted(signal),
                    "interrupted while waiting for another run; nothing was sent",
                ));
            }
        }
    }
}

/// Held by the process that a run belongs to, for as long as it may send: nobody else goes on with that run or takes it
/// back meanwhile.
#[derive(Debug)]
pub struct RunLock {
    lock: LockFile,
}

impl RunLock {
    /// The file that it is the lock of.
    pub fn file(&self) -> Kept {
        Kept::new(self.lock.path().to_owned())
    }

    /// Whether no process has the run just now, as far as can be told.
    pub fn is_free(folder: &Path, run: &str) -> bool {
        RunLock::take(folder, run).is_ok()
    }

    /// Takes the lock of a run. A process that still has it is an error, refused, that names it.
    pub fn take(folder: &Path, run: &str) -> Result<RunLock> {
        let path = path(folder, &format!("run {run}"));
        match try_take(&path, run)? {
            // Its file is of no use to any other run.
            Some(lock) => Ok(RunLock { lock: lock.brief() }),
            None => Err(Error::refused(format!(
                "run {run} is still under way: {}; nothing was sent",
                holder(&path)
            ))
            .hinted("wait until it is done")),
        }
    }
}

fn path(folder: &Path, key: &str) -> PathBuf {
    lock_file::path(folder, "run", key)
}

fn try_take(path: &Path, run: &str) -> Result<Option<LockFile>> {
    LockFile::try_take_as(path, &format!("run {run}")).map_err(|e| {
        Error::internal(format!("can't lock {}; nothing was sent", path.display())).caused_by(e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_refused_and_told_which_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = StoreLock::take(folder.path(), "shop", "r1").unwrap();
        let second = StoreLock::take(folder.path(), "shop", "r2").unwrap_err();
        assert_eq!(second.kind(), Kind::Refused);
        let pid = format!("run r1, pid {}, since ", std::process::id());
        assert!(second.message().contains(&pid), "{second}");
        StoreLock::take(folder.path(), "other", "r3").unwrap();
        drop(first);
        StoreLock::take(folder.path(), "shop", "r2").unwrap();
    }

    #[test]
    fn a_run_belongs_to_one_process_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let first = RunLock::take(folder.path(), "r1").unwrap();
        let error = RunLock::take(folder.path(), "r1").unwrap_err();
        assert!(
            error
                .message()
                .starts_with("run r1 is still under way: run r1, pid"),
            "{error}"
        );
        RunLock::take(folder.path(), "r2").unwrap();
        let is_free = |run| RunLock::is_free(folder.path(), run);
        assert_eq!((is_free("r1"), is_free("r2")), (false, true));
        drop(first);
        assert!(is_free("r1"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn waiting_ends_with_the_other_run_or_with_a_signal() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::new();
        let first =
            std::cell::Cell::new(Some(StoreLock::take(folder.path(), "shop", "r1").unwrap()));
        // Told which one it waits for, the test lets it end.
        let told = |holder: &str| {
            assert!(holder.starts_with("run r1, pid "), "{holder}");
            drop(first.take());
        };
        let second = StoreLock::wait(folder.path(), "shop", "r2", &interrupt, &told).unwrap();
        let raise = |_: &str| interrupt.raise(15);
        let error = StoreLock::wait(folder.path(), "shop", "r3", &interrupt, &raise);
        assert_eq!(error.unwrap_err().kind(), Kind::Interrupted(15));
        drop(second);
    }
}
