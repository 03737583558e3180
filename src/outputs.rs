//! Files that this program wrote: it replaces them again only while nobody edited them (docs/commands.md: export-csv).

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::file::file_id;
use crate::state::State;

/// An error, usage, where the file is there, holds something, and is not what we wrote last. Nothing is in the way of pipes,
/// devices and empty files. `force` is what the hint proposes to replace it all the same; none where there is no such option.
pub fn may_replace(state: Option<&State>, path: &Path, force: Option<&str>) -> Result<()> {
    let Ok(there) = fs::metadata(path) else {
        return Ok(());
    };
    if !there.is_file() || there.len() == 0 {
        return Ok(());
    }
    let ours = match state {
        Some(state) => known(state, path)?,
        None => None,
    };
    if ours.is_some() && ours == hash(path).ok() {
        return Ok(());
    }
    let what = match ours {
        Some(_) => "was edited since it was written",
        None => "is there already, and sxinv did not write it",
    };
    let error = Error::usage(format!("{} {what}; nothing was done", path.display()));
    Err(error.hinted(match force {
        Some(force) => format!("name another file, or replace it with {force}"),
        None => "name another file, or move that one away".to_owned(),
    }))
}

/// Whether two names mean one file: by whatever way, and also where it is not there yet.
pub fn is_same(one: &Path, other: &Path) -> bool {
    let there = |path: &Path| {
        fs::canonicalize(path)
            .or_else(|_| std::path::absolute(path))
            .ok()
    };
    let id = file_id(one).filter(|_| one.is_file());
    (id.is_some() && id == file_id(other))
        || there(one).is_some_and(|one| there(other) == Some(one))
}

/// Takes note of what stands in a file now. That it can't be noted is no error: the file is refused the next time, that
/// is all.
pub fn remember(state: &mut State, path: &Path) {
    if !fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return;
    }
    let (Some(key), Ok(hash)) = (key(path), hash(path)) else {
        return;
    };
    let _ = state.change(|c| {
        c.execute(
            "INSERT INTO outputs (path, hash) VALUES (?1, ?2) ON CONFLICT (path) DO UPDATE SET hash = excluded.hash",
            (key, hash),
        )
    });
}

/// What we wrote there last.
fn known(state: &State, path: &Path) -> Result<Option<Vec<u8>>> {
    let Some(key) = key(path) else {
        return Ok(None);
    };
    let hash = "SELECT hash FROM outputs WHERE path = ?1";
    state.ask(|c| c.query_row(hash, [key], |found| found.get(0)).optional())
}

/// The file's one name.
fn key(path: &Path) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    Some(path.to_str()?.to_owned())
}

fn hash(path: &Path) -> io::Result<Vec<u8>> {
    let mut digest = Sha256::new();
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    loop {
        let bytes = file.fill_buf()?;
        let read = bytes.len();
        if read == 0 {
            break;
        }
        digest.update(bytes);
        file.consume(read);
    }
    Ok(digest.finalize().to_vec())
}
