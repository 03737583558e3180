//! One bulk run per store at a time on a machine: an OS file lock, released by any death.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// How often a waiting run looks whether the other one is done.
const LOOK: Duration = Duration::from_millis(200);

/// Held for as long as a bulk run writes to a store.
pub struct StoreLock(File);

impl StoreLock {
    /// Takes the lock of the store `key`, whose file stands in the state folder. `wait` waits for another run to end;
    /// otherwise one under way is an error, refused, that names it.
    pub fn take(
        folder: &Path,
        key: &str,
        run: &str,
        wait: Option<&Interrupt>,
    ) -> Result<StoreLock> {
        let name: String = Sha256::digest(key.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = folder.join(format!("run-{name}.lock"));
        let failed = |e: std::io::Error| {
            Error::internal(format!("can't lock {}; nothing was sent", path.display())).caused_by(e)
        };
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(failed(e)),
                Err(TryLockError::WouldBlock) => {}
            }
            match wait {
                None => {
                    let mut holder = String::new();
                    // What the other wrote about itself; not knowing it changes nothing.
                    let _ = file.read_to_string(&mut holder);
                    let holder = match holder.trim() {
                        "" => "another one".to_owned(),
                        holder => holder.to_owned(),
                    };
                    return Err(Error::refused(format!(
                        "a bulk run is under way on this store: {holder}; nothing was sent"
                    ))
                    .hinted("wait until it is done, or say --wait"));
                }
                Some(interrupt) => {
                    if interrupt.wait(LOOK) {
                        let signal = interrupt.raised().map_or(2, |raised| raised.signal);
                        return Err(Error::new(
                            crate::error::Kind::Interrupted(signal),
                            "interrupted while waiting for another run",
                        ));
                    }
                }
            }
        }
        let since = ZonedDateTime::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
        let about = format!("run {run}, pid {}, since {since}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(about.as_bytes()))
            .map_err(failed)?;
        Ok(StoreLock(file))
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // The lock falls with the file; an empty file tells the next reader nothing wrong.
        let _ = self.0.set_len(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_second_run_is_refused_and_told_which_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = StoreLock::take(folder.path(), "shop", "r1", None).unwrap();
        let second = StoreLock::take(folder.path(), "shop", "r2", None).err().unwrap();
        assert_eq!(second.kind(), Kind::Refused);
        let pid = format!("run r1, pid {}, since ", std::process::id());
        assert!(second.message().contains(&pid), "{second}");
        StoreLock::take(folder.path(), "other", "r3", None).unwrap();
        drop(first);
        StoreLock::take(folder.path(), "shop", "r2", None).unwrap();
    }

    #[test]
    fn waiting_ends_with_the_other_run_or_with_a_signal() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::new();
        let first = StoreLock::take(folder.path(), "shop", "r1", None).unwrap();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                StoreLock::take(folder.path(), "shop", "r2", Some(&interrupt)).map(drop)
            });
            drop(first);
            waiter.join().unwrap().unwrap();
        });
        let _first = StoreLock::take(folder.path(), "shop", "r1", None).unwrap();
        interrupt.raise(15);
        let error = StoreLock::take(folder.path(), "shop", "r2", Some(&interrupt)).err();
        assert_eq!(error.unwrap().kind(), Kind::Interrupted(15));
    }
}
