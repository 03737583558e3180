//! What was scanned, on disk line by line: after a power cut the scan goes on where it was.
//!
//! A file of one JSON value a line beside the file that the scan will write. Each line that was typed or scanned is on
//! disk before anything comes of it; what it came to follows. So a line means the same when the scan goes on, whatever
//! the store's codes are by then, and only lines whose meaning did not reach the disk are looked up again.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::Mode;
use super::tally::{Meaning, Tally};
use crate::error::{Error, Kind, Result};
use crate::file::folder_of;
use crate::model::SkuId;

/// The form of the journals that this program writes and reads.
const FORM: u32 = 1;

/// A journal that is being written, by several threads.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

/// What a scan was begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// What is scanned for.
    pub mode: Mode,
    /// Of which store ([`crate::settings::Connection::store`]).
    pub store: String,
    /// The file of aliases.
    pub aliases: Option<PathBuf>,
}

/// One line of a journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Entry {
    /// The first.
    Scan { form: u32, begun: Begun },
    /// A line was typed or scanned.
    Line(String),
    /// What the line of this number, from 0, came to.
    Means(usize, Meaning),
    /// What the stock of a variant was, and whether it was read when the variant was scanned first and not later.
    Stock {
        sku: SkuId,
        quantity: i64,
        in_time: bool,
    },
}

/// The stock of a variant that was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stocked {
    /// In units.
    pub quantity: i64,
    /// Whether it was read when the variant was scanned first, and not later.
    pub in_time: bool,
}

/// What a journal says.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// What the scan was begun with.
    pub begun: Begun,
    /// The lines as they came, and what each came to where that is known.
    pub lines: Vec<(String, Option<Meaning>)>,
    /// What the stock of variants was.
    pub stock: HashMap<SkuId, Stocked>,
}

/// Where the journal of a scan into this file stands.
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".scan");
    PathBuf::from(name)
}

impl Journal {
    /// Begins the journal of a scan into `file`. One that is there already is an error, usage, where it has a line; `resume`
    /// is the command that goes on with it.
    pub fn create(file: &Path, begun: &Begun, resume: &str) -> Result<Journal> {
        let path = beside(file);
        let opened = File::options().append(true).create(true).open(&path);
        let opened = locked(&path, opened.map_err(|e| failed(&path, e))?)?;
        let text = fs::read(&path).map_err(|e| failed(&path, e))?;
        match read(&text) {
            Some(kept) if kept.lines.is_empty() => {}
            None if text.is_empty() => {}
            Some(_) => {
                let message = format!("a scan into {} is not finished", file.display());
                let hint = format!("to go on with it: {resume}\nname another file for a new one");
                return Err(Error::usage(message).hinted(hint));
            }
            None => {
                let message = format!("{} is in the way", path.display());
                return Err(Error::usage(message).hinted("name another file"));
            }
        }
        opened.set_len(0).map_err(|e| failed(&path, e))?;
        let journal = Journal {
            file: Mutex::new(opened),
            path,
        };
        let begun = begun.clone();
        journal.write(&[Entry::Scan { form: FORM, begun }], true)?;
        // The name is on disk when its folder is; where a folder can't be opened, the file system sees to it.
        if let Ok(folder) = File::open(folder_of(&journal.path)) {
            let _ = folder.sync_all();
        }
        Ok(journal)
    }

    /// Reads the journal of a scan into `file`, and goes on with it. A last line that is not whole never counted. An error,
    /// usage: there is none, or another program scans into the file at this moment.
    pub fn resume(file: &Path) -> Result<(Journal, Kept)> {
        let path = beside(file);
        let opened = File::options().read(true).append(true).open(&path);
        let opened = opened.map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => {
                let message = format!("no scan into {} was cut off", file.display());
                Error::usage(message).hinted(format!("it would be in {}", path.display()))
            }
            _ => failed(&path, e),
        })?;
        let opened = locked(&path, opened)?;
        let text = fs::read(&path).map_err(|e| failed(&path, e))?;
        let kept = read(&text).ok_or_else(|| {
            Error::usage(format!("{} is not a journal of a scan", path.display()))
        })?;
        opened
            .set_len(whole(&text).len() as u64)
            .map_err(|e| failed(&path, e))?;
        let file = Mutex::new(opened);
        Ok((Journal { path, file }, kept))
    }

    /// Lines were typed or scanned: they are on disk when this returns.
    pub fn lines(&self, lines: &[String]) -> Result<()> {
        let entries: Vec<Entry> = lines.iter().cloned().map(Entry::Line).collect();
        self.write(&entries, true)
    }

    /// What the line of this number, from 0, came to. On disk with the next line: were it lost, the line would be looked up
    /// again.
    pub fn means(&self, number: usize, meaning: &Meaning) -> Result<()> {
        self.write(&[Entry::Means(number, meaning.clone())], false)
    }

    /// What the stock of a variant is: on disk when this returns.
    pub fn stock(&self, sku: SkuId, stocked: Stocked) -> Result<()> {
        let entry = Entry::Stock {
            sku,
            quantity: stocked.quantity,
            in_time: stocked.in_time,
        };
        self.write(&[entry], true)
    }

    /// It is not needed any more.
    pub fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|e| failed(&self.path, e))
    }

    fn write(&self, entries: &[Entry], sync: bool) -> Result<()> {
        let failed = |e| failed(&self.path, e);
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).map_err(|e| failed(e.into()))?;
            lines.push(b'\n');
        }
        let mut file = self.file();
        file.write_all(&lines).map_err(failed)?;
        if sync {
            file.sync_data().map_err(failed)?;
        }
        Ok(())
    }

    fn file(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    /// A child that is being started at this moment still holds what we have open, and would hold the lock too.
    fn drop(&mut self) {
        let _ = self.file().unlock();
    }
}

/// The file, held for as long as it is open.
fn locked(path: &Path, file: File) -> Result<File> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::usage(format!(
            "somebody scans into {} already",
            path.with_extension("").display()
        ))),
        Err(TryLockError::Error(e)) => Err(failed(path, e)),
    }
}

/// Without a last line that is torn.
fn whole(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| *b == b'\n');
    &text[..end.map_or(0, |at| at + 1)]
}

fn read(text: &[u8]) -> Option<Kept> {
    let text = whole(text);
    let mut lines = text.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let entry = |line| serde_json::from_slice(line).ok();
    let Entry::Scan { form: FORM, begun } = entry(lines.next()?)? else {
        return None;
    };
    let mut kept = Kept {
        begun,
        lines: Vec::new(),
        stock: HashMap::new(),
    };
    let mut tally = Tally::default();
    for line in lines {
        match entry(line)? {
            Entry::Scan { .. } => return None,
            Entry::Line(line) => kept.lines.push((line, None)),
            Entry::Means(number, meaning) => {
                // All of it was taken back: its first scan is one that comes.
                if let Some(none) = tally.count(&meaning).filter(|total| total.scans == 0) {
                    kept.stock.remove(&none.variant.sku);
                }
                kept.lines.get_mut(number)?.1 = Some(meaning);
            }
            Entry::Stock {
                sku,
                quantity,
                in_time,
            } => {
                let stocked = Stocked { quantity, in_time };
                kept.stock.entry(sku).or_insert(stocked);
            }
        }
    }
    Some(kept)
}

fn failed(path: &Path, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::NotADirectory => Kind::Usage,
        _ => Kind::Internal,
    };
    Error::new(kind, format!("can't write {}", path.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Begun {
        Begun {
            mode: Mode::Count,
            store: "a store".to_owned(),
            aliases: None,
        }
    }

    #[test]
    fn every_whole_line_comes_back_and_a_torn_one_never_counted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("count.csv");
        let journal = Journal::create(&file, &begun(), "").unwrap();
        let lines = ["PRB-SM-RED", "12", "-", "a\t\"b"].map(str::to_owned);
        journal.lines(&lines[..3]).unwrap();
        journal.lines(&lines[3..]).unwrap();
        journal.means(1, &Meaning::Units(12)).unwrap();
        let sku = SkuId::new(450).unwrap();
        for (quantity, in_time) in [(25, true), (24, false)] {
            journal.stock(sku, Stocked { quantity, in_time }).unwrap();
        }
        assert!(Journal::resume(&file).is_err(), "somebody scans");
        drop(journal);
        assert!(Journal::create(&file, &begun(), "").is_err());
        let mut torn = File::options().append(true).open(beside(&file)).unwrap();
        torn.write_all(b"{\"line\":\"PRB-").unwrap();
        let (journal, kept) = Journal::resume(&file).unwrap();
        assert_eq!(kept.begun, begun());
        let lines: Vec<&str> = kept.lines.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(lines, ["PRB-SM-RED", "12", "-", "a\t\"b"]);
        assert_eq!(kept.lines[1].1, Some(Meaning::Units(12)));
        assert_eq!(kept.lines[0].1, None);
        assert_eq!(
            (kept.stock[&sku].quantity, kept.stock[&sku].in_time),
            (25, true)
        );
        journal.lines(&["next".to_owned()]).unwrap();
        drop(journal);
        let (journal, kept) = Journal::resume(&file).unwrap();
        assert_eq!(kept.lines.len(), 5);
        journal.remove().unwrap();
        assert!(Journal::resume(&file).is_err());
    }

    #[test]
    fn what_is_no_journal_is_not_taken_for_one() {
        for text in [
            "",
            "PRB-SM-RED\n",
            "{\"line\":\"A\"}\n",
            "{\"scan\":{\"form\":2,\"begun\":{\"mode\":\"count\",\"store\":\"s\",\"aliases\":null}}}\n",
        ] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
