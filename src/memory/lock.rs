//! Held while a listener runs for a store: an OS file lock, released by any death.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::file::regular_or_none;
use crate::interrupt::Interrupt;
use crate::lock_file::{self, LockFile};

/// Whoever only looks holds the lock for a moment: this often and this long it is tried again.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 25;

/// What its files are called.
const KIND: &str = "listen";

/// The lock of one store's listener.
#[derive(Debug)]
pub struct ListenLock {
    _lock: LockFile,
}

impl ListenLock {
    /// Takes it for the store `key`; `about` says where it listens. Another listener is an error, refused, that names it.
    pub fn take(
        folder: &Path,
        key: &str,
        about: &str,
        interrupt: &Interrupt,
    ) -> Result<ListenLock> {
        let path = lock_file::path(folder, KIND, key);
        let failed = |e| Error::internal(format!("can't lock {}", path.display())).caused_by(e);
        for _ in 0..LOOKS {
            if let Some(lock) = LockFile::try_take_as(&path, about).map_err(failed)? {
                return Ok(ListenLock { _lock: lock });
            }
            interrupt.wait(LOOK);
        }
        Err(Error::refused(format!(
            "a listener runs for this store already: {}",
            lock_file::holder(&path)
        ))
        .hinted("one is enough: it keeps every event once"))
    }

    /// What the listener of a store says about itself; `None` where none runs, as far as can be told.
    pub fn holder(folder: &Path, key: &str) -> Option<String> {
        let path = lock_file::path(folder, KIND, key);
        regular_or_none(&path).ok()?;
        match File::open(&path).ok()?.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(lock_file::holder(&path)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_seen_for_as_long_as_it_runs_and_is_the_only_one() {
        let folder = tempfile::tempdir().unwrap();
        let take = |key| ListenLock::take(folder.path(), key, "at X", &Interrupt::new());
        assert_eq!(ListenLock::holder(folder.path(), "shop"), None);
        let lock = take("shop").unwrap();
        let holder = ListenLock::holder(folder.path(), "shop").unwrap();
        assert!(holder.starts_with("at X, pid "), "{holder}");
        assert!(take("shop").unwrap_err().message().contains(&holder));
        take("other").unwrap();
        drop(lock);
        // A process that another test begins just now has it too until it becomes its program.
        let freed = (0..1_000_000).any(|_| {
            std::thread::yield_now();
            ListenLock::holder(folder.path(), "shop").is_none()
        });
        assert!(freed);
        take("shop").unwrap();
    }
}
