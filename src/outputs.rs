//! Files that this program wrote: it replaces them again only while nobody edited them (docs/commands.md: export-csv).

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::file::file_id;
use crate::state::State;

/// What a file was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// The store's stock, which can be had again.
    Export,
    /// Rows to be mended.
    Rejects,
    /// What was scanned.
    Scan,
}

impl Made {
    fn name(self) -> &'static str {
        match self {
            Made::Export => "export",
            Made::Rejects => "rejects",
            Made::Scan => "scan",
        }
    }

    fn named(name: &str) -> Made {
        let all = [Made::Rejects, Made::Scan].into_iter();
        all.clone()
            .find(|made| made.name() == name)
            .unwrap_or(Made::Export)
    }
}

/// An error, usage, where the file is there, holds something, and is not what we wrote last: an export, or what is to be
/// written now. Nothing is in the way of pipes, devices and empty files. `force` is what the hint proposes to replace it all the
/// same; none where there is no such option. What the file was written as that will be replaced, where one will.
pub fn may_replace(
    state: Option<&State>,
    path: &Path,
    make: Made,
    force: Option<&str>,
) -> Result<Option<Made>> {
    let Ok(there) = fs::metadata(path) else {
        return Ok(None);
    };
    if !there.is_file() || there.len() == 0 {
        return Ok(None);
    }
    let ours = match state {
        Some(state) => known(state, path)?,
        None => None,
    };
    let what = match &ours {
        Some((written, _)) if Some(written) != hash(path).ok().as_ref() => {
            "was edited since it was written"
        }
        Some((_, made)) if *made == make || *made == Made::Export => return Ok(Some(*made)),
        Some((_, Made::Scan)) => "has what was scanned",
        Some(_) => "has rows to be mended",
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
pub fn remember(state: &mut State, path: &Path, made: Made) {
    if !fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return;
    }
    let (Some(key), Ok(hash)) = (key(path), hash(path)) else {
        return;
    };
    let _ = state.change(|c| {
        c.execute(
            "INSERT OR REPLACE INTO outputs (path, hash, made) VALUES (?1, ?2, ?3)",
            (key, hash, made.name()),
        )
    });
}

/// The hash of what we wrote there last, and what that was.
fn known(state: &State, path: &Path) -> Result<Option<(Vec<u8>, Made)>> {
    let Some(key) = key(path) else {
        return Ok(None);
    };
    let ours = "SELECT hash, made FROM outputs WHERE path = ?1";
    state.ask(|c| {
        c.query_row(ours, [key], |found| {
            Ok((found.get(0)?, Made::named(found.get_ref(1)?.as_str()?)))
        })
        .optional()
    })
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
