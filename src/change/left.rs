//! What a run left: rows that surely were not applied, and how they come to be imported by themselves; and which run imported a
//! file.

use std::path::Path;

use super::runs::StoredRun;
use crate::error::{Error, Result};
use crate::outputs;
use crate::state::State;
use crate::time::UtcTime;

/// The command that writes the rows of a run that surely were not applied, to be mended and imported by themselves.
pub fn rejects_of(run: &str) -> String {
    format!("sxinv history {run} --rejects mend.csv")
}

/// An error, usage, for a run that takes another one back: rows of it that were imported would be taken back without that being
/// known of the other run, and then once more.
pub fn may_be_imported(run: &StoredRun) -> Result<()> {
    match &run.undo_of {
        None => Ok(()),
        Some(of) => Err(Error::usage(format!(
            "--rejects: run {} takes run {of} back, and what it left is not to be imported",
            run.run
        ))
        .hinted(format!(
            "to take that back when it can be done: sxinv undo {of}"
        ))),
    }
}

/// Whether rows of a run are made of several lines of its file, so that one that failed may belong to one that did not.
pub fn has_lots(state: &State, number: i64) -> Result<bool> {
    state.exists("SELECT 1 FROM lots WHERE number = ?1", [number])
}

/// The newest import of a file since then.
pub fn newest_of_file(state: &State, file: &Path, since: UtcTime) -> Result<Option<String>> {
    let runs: Vec<(String, String)> = state.all(
        "SELECT run, file FROM runs WHERE command = 'import-csv' AND file IS NOT NULL AND started_at >= ?1
         ORDER BY number DESC",
        [since],
        |found| Ok((found.get(0)?, found.get(1)?)),
    )?;
    let mut of_it = runs.into_iter();
    let of_it = of_it.find(|(_, read)| outputs::is_same(Path::new(read), file));
    Ok(of_it.map(|(run, _)| run))
}
