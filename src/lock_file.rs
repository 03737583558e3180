//! A lock on a file that its holder may remove: released by any death, and never held on a file that is gone.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::file::{id_of, regular_or_none};
use crate::time::{SECOND, UtcTime};
use crate::words::hex;

/// A lock that this process holds on a file.
#[derive(Debug)]
pub struct LockFile {
    file: File,
    path: PathBuf,
    brief: bool,
}

impl LockFile {
    /// Takes the lock; `None` where another holds it.
    pub fn try_take(path: &Path) -> io::Result<Option<LockFile>> {
        loop {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(e)) => return Err(e),
            }
            if let Some(lock) = LockFile::of(file, path)? {
                return Ok(Some(lock));
            }
        }
    }

    /// Takes the lock and writes into the file who has it: `about`, the process, and since when. `None` where another holds
    /// it.
    pub fn try_take_as(path: &Path, about: &str) -> io::Result<Option<LockFile>> {
        let Some(mut lock) = LockFile::try_take(path)? else {
            return Ok(None);
        };
        let since = UtcTime::now().here(SECOND);
        let text = format!("{about}, pid {}, since {since}\n", std::process::id());
        lock.file.write_all(text.as_bytes())?;
        lock.file.set_len(text.len() as u64)?;
        Ok(Some(lock))
    }

    /// Takes the lock, after whoever holds it.
    pub fn wait(path: &Path) -> io::Result<LockFile> {
        loop {
            let file = open(path)?;
            file.lock()?;
            if let Some(lock) = LockFile::of(file, path)? {
                return Ok(lock);
            }
        }
    }

    /// A file that is locked, where it still is the one of its name: its last holder may have removed it after it was
    /// opened here, and the next one locks another.
    fn of(file: File, path: &Path) -> io::Result<Option<LockFile>> {
        let lock = LockFile {
            file,
            path: path.to_owned(),
            brief: false,
        };
        Ok(lock.stands()?.then_some(lock))
    }

    /// Whether the file is still the one of its name. Where it is not, somebody else may hold the lock as well.
    pub fn stands(&self) -> io::Result<bool> {
        let held = self.file.metadata()?;
        match fs::metadata(&self.path) {
            // Where files have no number, one that is open can't be removed.
            Ok(named) => Ok(id_of(&held) == id_of(&named)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file goes with the lock.
    pub fn brief(mut self) -> LockFile {
        self.brief = true;
        self
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if self.brief {
            // One that is left behind is taken like any other.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// What the process that has the lock wrote about itself; not knowing it changes nothing.
pub fn holder(path: &Path) -> String {
    // A pipe would keep us waiting.
    let holder = regular_or_none(path).and_then(|()| fs::read_to_string(path));
    let holder = holder.unwrap_or_default();
    match holder.trim() {
        "" => "another one".to_owned(),
        holder => holder.to_owned(),
    }
}

/// The lock file of this kind for whatever `key` names, a store or a run.
pub fn path(folder: &Path, kind: &str, key: &str) -> PathBuf {
    let name = hex(&Sha256::digest(key.as_bytes())[..8]);
    folder.join(format!("{kind}-{name}.lock"))
}

/// Opens the file of a lock, and makes it where there is none.
fn open(path: &Path) -> io::Result<File> {
    regular_or_none(path)?;
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_never_taken_on_a_file_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let first = LockFile::try_take(&path).unwrap().unwrap().brief();
        assert!(LockFile::try_take(&path).unwrap().is_none());
        // Another opens the file while it is held, and gets the lock once it was removed.
        let opened = open(&path).unwrap();
        drop(first);
        opened.lock().unwrap();
        assert!(cfg!(not(unix)) || LockFile::of(opened, &path).unwrap().is_none());
        // A third one holds the file of that name alone.
        let third = LockFile::wait(&path).unwrap();
        assert!(third.stands().unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!third.stands().unwrap());
        fs::write(&path, "").unwrap();
        assert!(!third.stands().unwrap());
    }

    #[test]
    fn many_who_take_and_remove_it_hold_it_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let counted = std::sync::Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _lock = LockFile::wait(&path).unwrap().brief();
                        let mut counted = counted.try_lock().expect("two hold the lock");
                        *counted += 1;
                    }
                });
            }
        });
        assert_eq!(*counted.lock().unwrap(), 400);
    }
}
