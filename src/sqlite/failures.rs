//! What SQLite's failures are to a user, and what to do about them.

use std::path::Path;

use rusqlite::{ErrorCode, ffi};

use super::{PATIENCE, Schema};
use crate::error::Error;

/// Whether another process is in the way just now.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

pub(super) fn in_words(schema: &Schema, path: &Path, error: rusqlite::Error) -> Error {
    let file = format!("{} {}", schema.name, path.display());
    let Some(code) = error.sqlite_error_code() else {
        return unusable(schema, path, error.into());
    };
    let extended = error.sqlite_error().map(|e| e.extended_code);
    match code {
        ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => damaged(schema, path, in_short(&error)),
        ErrorCode::DiskFull => full(schema, &file),
        // The memory that its readers share is a file too.
        ErrorCode::SystemIoFailure if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => {
            full(schema, &file)
        }
        ErrorCode::SystemIoFailure if extended == Some(ffi::SQLITE_IOERR_WRITE) => {
            Error::internal(format!(
                "{file} can't be written: the disk failed, or a limit (ulimit -f, a quota) was reached"
            ))
            .hinted(schema.when_full)
        }
        ErrorCode::SystemIoFailure => {
            Error::internal(format!("the disk failed; {file} can't be read or written"))
                .caused_by(in_short(&error))
                .hinted(schema.when_full)
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::internal(format!(
            "another process has been writing to {file} for {} seconds",
            PATIENCE.as_secs()
        ))
        .caused_by(error)
        .hinted("try again when it is done"),
        _ => unusable(schema, path, in_short(&error)),
    }
}

/// What SQLite says, once, with the number that tells more than its words.
fn in_short(error: &rusqlite::Error) -> anyhow::Error {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            anyhow::anyhow!("SQLite says: {error} ({})", failure.extended_code)
        }
        _ => anyhow::anyhow!("{error}"),
    }
}

fn full(schema: &Schema, file: &str) -> Error {
    Error::internal(format!("the disk is full; {file} can't be written")).hinted(schema.when_full)
}

pub(super) fn damaged(schema: &Schema, path: &Path, cause: anyhow::Error) -> Error {
    let file = format!("{} {}", schema.name, path.display());
    Error::internal(format!("{file} is damaged; nothing was done to it"))
        .caused_by(cause)
        .hinted(schema.when_damaged)
}

pub(super) fn unusable(schema: &Schema, path: &Path, cause: anyhow::Error) -> Error {
    let error = Error::internal(format!("can't use {} {}", schema.name, path.display()));
    let error = error.caused_by(cause);
    match schema.when_unusable {
        Some(hint) => error.hinted(hint),
        None => error,
    }
}

pub(super) fn newer(schema: &Schema, path: &Path) -> Error {
    Error::internal(format!(
        "{} {} was made by a newer sxinv; nothing was done to it",
        schema.name,
        path.display()
    ))
    .hinted(schema.when_newer)
}

pub(super) fn no_log(schema: &Schema, path: &Path) -> Error {
    let error = Error::internal(format!(
        "{} {} is on a file system where several programs can't share it (SQLite has no write-ahead log there)",
        schema.name,
        path.display()
    ));
    error.hinted("SXINV_STATE_DIR names another folder: take one on a disk of this machine")
}
