//! One bulk run per store at a time on a machine, and one process per run: OS file locks, released by any death.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};

use crate::error::{Error, Kind, Result};
use crate::file::Kept;
use crate::interrupt::Interrupt;

/// How often a waiting run looks whether the other one is done.
const LOOK: Duration = Duration::from_millis(200);

/// Held for as long as a bulk run plans and writes. What its file says is only good while somebody holds it.
#[derive(Debug)]
pub struct StoreLock {
    _file: File,
    path: PathBuf,
}

impl StoreLock {
    /// The file that it is the lock of.
    pub fn file(&self) -> Kept {
        Kept::new(self.path.clone())
    }

    /// Takes the lock of the store `key`, whose file stands in the state folder. Another run under way is an error,
    /// refused, that names it.
    pub fn take(folder: &Path, key: &str, run: &str) -> Result<StoreLock> {
        let mut lock = Candidate::open(folder, key)?;
        if lock.try_take(run)? {
            return Ok(StoreLock {
                _file: lock.file,
                path: lock.path,
            });
        }
        Err(Error::refused(format!(
            "a bulk run is under way on this store: {}; nothing was sent",
            lock.holder()
        ))
        .hinted("wait until it is done, or say --wait"))
    }

    /// Takes the lock, and waits for another run to end first; `told` hears once which one.
    pub fn wait(
        folder: &Path,
        key: &str,
        run: &str,
        interrupt: &Interrupt,
        told: &dyn Fn(&str),
    ) -> Result<StoreLock> {
        let mut lock = Candidate::open(folder, key)?;
        let mut tell = Some(told);
        loop {
            if lock.try_take(run)? {
                return Ok(StoreLock {
                    _file: lock.file,
                    path: lock.path,
                });
            }
            if let Some(tell) = tell.take() {
                tell(&lock.holder());
            }
            if interrupt.wait(LOOK) {
                let signal = interrupt.raised().map_or(2, |raised| raised.signal);
                return Err(Error::new(
                    Kind::Interrupted(signal),
                    "interrupted while waiting for another run",
                ));
            }
        }
    }
}

/// Held by the process that a run belongs to, for as long as it may send: nobody else goes on with that run or takes it
/// back meanwhile.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
    path: PathBuf,
}

impl RunLock {
    /// The file that it is the lock of.
    pub fn file(&self) -> Kept {
        Kept::new(self.path.clone())
    }

    /// Whether no process has the run just now, as far as can be told.
    pub fn is_free(folder: &Path, run: &str) -> bool {
        RunLock::take(folder, run).is_ok()
    }

    /// Takes the lock of a run. A process that still has it is an error, refused, that names it.
    pub fn take(folder: &Path, run: &str) -> Result<RunLock> {
        let mut lock = Candidate::open(folder, &format!("run {run}"))?;
        if !lock.try_take(run)? {
            return Err(Error::refused(format!(
                "run {run} is still under way: {}; nothing was sent",
                lock.holder()
            ))
            .hinted("wait until it is done"));
        }
        Ok(RunLock {
            _file: lock.file,
            path: lock.path,
        })
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Its name is of no use to any other run. One that is left behind is taken like any other.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The lock's file, open and perhaps another's.
struct Candidate {
    file: File,
    path: PathBuf,
}

impl Candidate {
    fn open(folder: &Path, key: &str) -> Result<Candidate> {
        let name: String = Sha256::digest(key.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = folder.join(format!("run-{name}.lock"));
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => Ok(Candidate { file, path }),
            Err(e) => Err(unlockable(&path, e)),
        }
    }

    fn try_take(&mut self, run: &str) -> Result<bool> {
        match self.file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(e)) => return Err(unlockable(&self.path, e)),
        }
        let since = ZonedDateTime::now().strftime("%Y-%m-%d %H:%M:%S");
        let about = format!("run {run}, pid {}, since {since}\n", std::process::id());
        self.file
            .rewind()
            .and_then(|()| self.file.write_all(about.as_bytes()))
            .and_then(|()| self.file.set_len(about.len() as u64))
            .map_err(|e| unlockable(&self.path, e))?;
        Ok(true)
    }

    /// What the run that has the lock wrote about itself; not knowing it changes nothing.
    fn holder(&mut self) -> String {
        let mut holder = String::new();
        let _ = self
            .file
            .rewind()
            .and_then(|()| self.file.read_to_string(&mut holder));
        match holder.trim() {
            "" => "another one".to_owned(),
            holder => holder.to_owned(),
        }
    }
}

fn unlockable(path: &Path, error: std::io::Error) -> Error {
    Error::internal(format!("can't lock {}; nothing was sent", path.display())).caused_by(error)
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
        drop(first);
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
