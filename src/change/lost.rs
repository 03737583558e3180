//! What the ledger lost: one that was replaced by an older copy, or whose log was cut off, has forgotten what was sent.
//!
//! Each commit of the ledger counts itself, and the count is noted in a file beside it, `state.mark`. The note is written
//! when its commit is on disk and is never synced: it is never ahead of a ledger that is whole, and a power cut makes it
//! late at most (docs/design.md: A ledger that forgot).

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::runs::StoredRun;
use crate::error::{Error, Result};
use crate::file::regular_or_none;
use crate::state::State;
use crate::time::UtcTime;

/// The note's file in a state folder.
const FILE: &str = "state.mark";

/// How long a note is, in bytes, with the end of its line: each is written over the one before.
const LENGTH: usize = 80;

/// How far a ledger had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Which ledger: another one began anew.
    ledger: String,
    /// Its commits.
    commits: i64,
    /// When the last of them was made.
    at: UtcTime,
}

impl Count {
    /// Its line, of [`LENGTH`] bytes, which ends in a sum: nobody takes half of one for a whole one.
    fn line(&self) -> String {
        let said = format!("{} {} {}", self.ledger, self.commits, self.at);
        let width = LENGTH - SUM - 2;
        format!("{said:<width$} {}\n", sum(&said))
    }

    fn read(line: &str) -> Option<Count> {
        let (said, found) = line.strip_suffix('\n')?.rsplit_once(' ')?;
        let said = said.trim_end();
        let mut words = said.split(' ');
        let count = Count {
            ledger: words.next()?.to_owned(),
            commits: words.next()?.parse().ok()?,
            at: words.next()?.parse().ok()?,
        };
        (found == sum(said) && words.next().is_none()).then_some(count)
    }
}

/// How long a sum is, in characters.
const SUM: usize = 8;

fn sum(said: &str) -> String {
    let sum = Sha256::digest(said.as_bytes());
    let sum = sum.iter().take(SUM / 2);
    sum.map(|byte| format!("{byte:02x}")).collect()
}

/// The note beside a ledger.
pub(super) struct Mark {
    path: PathBuf,
    file: Option<File>,
}

impl Mark {
    /// The note of the ledger in a state folder.
    pub(super) fn of(folder: &Path) -> Mark {
        Mark {
            path: folder.join(FILE),
            file: None,
        }
    }

    /// What was noted last; `None` where nothing was, or a power cut left half of it. An error is internal: something else
    /// stands there, or it can't be read.
    pub(super) fn read(&self) -> Result<Option<Count>> {
        let failed = |e: io::Error| {
            Error::internal(format!("can't read {}; nothing was sent", self.path.display()))
                .caused_by(e)
                .hinted("it tells whether the ledger is whole; mend it, or remove it when you know that it is")
        };
        regular_or_none(&self.path).map_err(failed)?;
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let mut line = String::new();
        let read = file.take(LENGTH as u64).read_to_string(&mut line);
        match read {
            Err(e) if e.kind() != io::ErrorKind::InvalidData => Err(failed(e)),
            _ => Ok(Count::read(&line)),
        }
    }

    /// Notes a count whose commit is on disk. That it can't be written leaves the one before, which is late and not wrong.
    pub(super) fn write(&mut self, count: &Count) {
        if self.file.is_none() {
            let mut options = File::options();
            options.write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            self.file = options.open(&self.path).ok();
        }
        if let Some(file) = &mut self.file {
            let _ = file
                .rewind()
                .and_then(|()| file.write_all(count.line().as_bytes()));
        }
    }
}

/// Counts the commit that is about to be made. Where the ledger is behind the note, it remembers until when it lost what it
/// recorded.
pub(super) fn count(change: &Connection, noted: Option<&Count>) -> rusqlite::Result<Count> {
    let (ledger, commits) = reached(change)?;
    let lost = noted.filter(|noted| is_ahead(noted, &ledger, commits));
    let commits = lost.map_or(commits, |lost| commits.max(lost.commits)) + 1;
    change
        .prepare_cached("UPDATE ledger SET commits = ?1, lost_until = max(coalesce(lost_until, ?2), coalesce(?2, lost_until))")?
        .execute(params![commits, lost.map(|lost| lost.at)])?;
    Ok(Count {
        ledger,
        commits,
        at: UtcTime::now(),
    })
}

/// Until when the ledger lost what it recorded, where it did: the last commit that it should have and may not have.
pub fn until(state: &State) -> Result<Option<UtcTime>> {
    if state.folder().as_os_str().is_empty() {
        // In memory, for a dry run.
        return Ok(None);
    }
    // First the note: what others commit meanwhile makes the ledger come further, and never the other way round.
    let noted = Mark::of(state.folder()).read()?;
    state.ask(|c| {
        let (ledger, commits) = reached(c)?;
        let known: Option<UtcTime> =
            c.query_row("SELECT lost_until FROM ledger", [], |found| found.get(0))?;
        let lost = noted.filter(|noted| is_ahead(noted, &ledger, commits));
        Ok(known.max(lost.map(|lost| lost.at)))
    })
}

/// The same within the last `hours`, for what is remembered that long. A clock that went back forgets nothing.
pub fn lately(state: &State, hours: i64) -> Result<Option<UtcTime>> {
    let since = UtcTime::now().earlier(SignedDuration::from_hours(hours));
    Ok(until(state)?.filter(|until| *until >= since))
}

/// What to say of a ledger that lost what it recorded until then.
pub fn in_words(until: UtcTime) -> String {
    format!(
        "the ledger has lost what it recorded last, until {until}: it is an older copy or a new one, or its log was cut off"
    )
}

/// An error, refused, where the ledger lost what it recorded since the run began: it may have been taken back meanwhile.
pub fn refuse_undo(state: &State, run: &StoredRun) -> Result<()> {
    match until(state)?.filter(|until| run.started_at <= *until) {
        None => Ok(()),
        Some(until) => Err(Error::refused(format!(
            "{}; whether run {} was taken back already can't be told, and nothing was sent",
            in_words(until),
            run.run
        ))
        .hinted("compare the stock first; --again takes it back")),
    }
}

fn is_ahead(noted: &Count, ledger: &str, commits: i64) -> bool {
    noted.ledger != ledger || noted.commits > commits
}

fn reached(c: &Connection) -> rusqlite::Result<(String, i64)> {
    c.prepare_cached("SELECT id, commits FROM ledger")?
        .query_row([], |found| Ok((found.get(0)?, found.get(1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(commits: i64) -> Count {
        Count {
            ledger: "0123456789abcdef".to_owned(),
            commits,
            at: UtcTime::from_millis(1_764_000_000_000),
        }
    }

    #[test]
    fn a_note_is_whole_or_none() {
        for commits in [0, 7, i64::MAX] {
            let line = counted(commits).line();
            assert_eq!(line.len(), LENGTH, "{line}");
            assert_eq!(Count::read(&line), Some(counted(commits)));
            // Torn at any place between two notes, it is one of them or none.
            let other = counted(commits / 2 + 1).line();
            for at in 0..LENGTH {
                let torn = format!("{}{}", &line[..at], &other[at..]);
                let read = Count::read(&torn);
                assert!(read.is_none() || torn == line || torn == other, "{torn}");
            }
        }
        for junk in ["", "\n", "a b c d\n", "\0\0\0\0"] {
            assert_eq!(Count::read(junk), None);
        }
    }

    #[test]
    fn a_ledger_that_is_behind_its_note_has_lost_what_lies_between() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::open(folder.path()).unwrap();
        let mut mark = Mark::of(folder.path());
        assert_eq!(until(&state).unwrap(), None);
        let older = state.change(|c| count(c, None)).unwrap();
        mark.write(&older);
        assert_eq!(until(&state).unwrap(), None);
        let noted = Count {
            commits: older.commits + 3,
            at: UtcTime::from_millis(1_764_000_000_000),
            ..older
        };
        mark.write(&noted);
        assert_eq!(until(&state).unwrap(), Some(noted.at));
        // What was lost stays known when the ledger goes on.
        let next = state.change(|c| count(c, Some(&noted))).unwrap();
        assert_eq!(next.commits, noted.commits + 1);
        mark.write(&next);
        let next = state.change(|c| count(c, Some(&next))).unwrap();
        mark.write(&next);
        assert_eq!(until(&state).unwrap(), Some(noted.at));
        // Another ledger in its place knows nothing of it.
        let other = tempfile::tempdir().unwrap();
        let state = State::open(other.path()).unwrap();
        Mark::of(other.path()).write(&next);
        let lost = until(&state).unwrap().unwrap();
        assert_eq!(lost.as_millis(), next.at.as_millis());
    }
}
