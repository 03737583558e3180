//! Held while a listener runs for a store: an OS file lock, released by any death.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// Whoever only looks holds the lock for a moment: this often and this long it is tried again.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 25;

/// The lock of one store's listener.
#[derive(Debug)]
pub struct ListenLock {
    _file: File,
}

impl ListenLock {
    /// Takes it for the store `key`; `about` says where it listens. Another listener is an error, refused, that names it.
    pub fn take(
        folder: &Path,
        key: &str,
        about: &str,
        interrupt: &Interrupt,
    ) -> Result<ListenLock> {
        let path = path(folder, key);
        let failed = |e| Error::internal(format!("can't lock {}", path.display())).caused_by(e);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed)?;
        let mut looks = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(failed(e)),
                Err(TryLockError::WouldBlock) if looks < LOOKS => {
                    looks += 1;
                    interrupt.wait(LOOK);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::refused(format!(
                        "a listener runs for this store already: {}",
                        said(&mut file)
                    ))
                    .hinted("one is enough: it keeps every event once"));
                }
            }
        }
        let since = ZonedDateTime::now().strftime("%Y-%m-%d %H:%M:%S");
        let text = format!("{about}, pid {}, since {since}\n", std::process::id());
        file.rewind()
            .and_then(|()| file.write_all(text.as_bytes()))
            .and_then(|()| file.set_len(text.len() as u64))
            .map_err(failed)?;
        Ok(ListenLock { _file: file })
    }

    /// What the listener of a store says about itself; `None` where none runs, as far as can be told.
    pub fn holder(folder: &Path, key: &str) -> Option<String> {
        let mut file = File::open(path(folder, key)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(said(&mut file)),
            _ => None,
        }
    }
}

fn said(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match text.trim() {
        "" => "another one".to_owned(),
        text => text.to_owned(),
    }
}

fn path(folder: &Path, key: &str) -> PathBuf {
    let name: String = Sha256::digest(key.as_bytes())
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    folder.join(format!("listen-{name}.lock"))
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
        assert_eq!(ListenLock::holder(folder.path(), "shop"), None);
        take("shop").unwrap();
    }
}
