//! The lines that were scanned, on disk one by one: after a power cut the scan goes on where it was.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Mode;
use crate::error::{Error, Kind, Result};
use crate::model::SkuId;

/// The first word of a journal.
const HEAD: &str = "sxinv-scan-1";

/// A journal that is being written.
pub struct Journal {
    path: PathBuf,
    file: File,
}

/// What a journal says.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was scanned for.
    pub mode: Mode,
    /// Of which store.
    pub store: String,
    /// The lines as they came.
    pub lines: Vec<String>,
    /// What the stock of variants was when they were scanned first.
    pub stock: HashMap<SkuId, i64>,
}

/// Where the journal of a scan into this file stands.
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".scan");
    PathBuf::from(name)
}

impl Journal {
    /// Begins the journal of a scan into `file`. An error, usage, where there is one already.
    pub fn create(file: &Path, mode: Mode, store: &str) -> Result<Journal> {
        let path = beside(file);
        let created = File::options().append(true).create_new(true).open(&path);
        let opened = created.map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                let message = format!("a scan into {} was cut off", file.display());
                Error::usage(message).hinted(format!(
                    "go on with it: sxinv scan --resume {}; or remove {}",
                    file.display(),
                    path.display()
                ))
            }
            _ => failed(&path, e),
        })?;
        let mut journal = Journal { path, file: opened };
        journal.line(&format!("{HEAD}\t{}\t{store}", mode.name()))?;
        Ok(journal)
    }

    /// Reads the journal of a scan into `file`, and goes on with it. A last line that is not whole never counted.
    pub fn resume(file: &Path) -> Result<(Journal, Kept)> {
        let path = beside(file);
        let text = fs::read_to_string(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => {
                let message = format!("no scan into {} was cut off", file.display());
                Error::usage(message).hinted(format!("{} is not there", path.display()))
            }
            _ => failed(&path, e),
        })?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let kept = read(&text[..whole])
            .ok_or_else(|| Error::usage(format!("{} is no journal of a scan", path.display())))?;
        let opened = File::options().append(true).open(&path);
        let opened = opened.and_then(|file| file.set_len(whole as u64).map(|()| file));
        let file = opened.map_err(|e| failed(&path, e))?;
        Ok((Journal { path, file }, kept))
    }

    /// A line was scanned: it is on disk when this returns.
    pub fn scanned(&mut self, line: &str) -> Result<()> {
        self.line(&format!("line\t{line}"))
    }

    /// The stock of a variant was read.
    pub fn stock(&mut self, sku: SkuId, quantity: i64) -> Result<()> {
        self.line(&format!("stock\t{sku}\t{quantity}"))
    }

    /// It is not needed any more.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|e| failed(&self.path, e))
    }

    fn line(&mut self, text: &str) -> Result<()> {
        let written = self.file.write_all(format!("{text}\n").as_bytes());
        let written = written.and_then(|()| self.file.sync_data());
        written.map_err(|e| failed(&self.path, e))
    }
}

fn read(text: &str) -> Option<Kept> {
    let mut lines = text.lines();
    let mut head = lines.next()?.splitn(3, '\t');
    let mut kept = Kept {
        mode: match head.next()? {
            HEAD => Mode::named(head.next()?)?,
            _ => return None,
        },
        store: head.next()?.to_owned(),
        lines: Vec::new(),
        stock: HashMap::new(),
    };
    for line in lines {
        match line.split_once('\t')? {
            ("line", text) => kept.lines.push(text.to_owned()),
            ("stock", text) => {
                let (sku, quantity) = text.split_once('\t')?;
                let sku = sku.parse().ok().and_then(SkuId::new)?;
                kept.stock.entry(sku).or_insert(quantity.parse().ok()?);
            }
            _ => return None,
        }
    }
    Some(kept)
}

fn failed(path: &Path, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Kind::Usage,
        _ => Kind::Internal,
    };
    Error::new(kind, format!("can't write {}", path.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_whole_line_comes_back_and_a_torn_one_never_counted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("count.csv");
        let mut journal = Journal::create(&file, Mode::Count, "a store").unwrap();
        for line in ["PRB-SM-RED", "12", "-", "a\tb"] {
            journal.scanned(line).unwrap();
        }
        let sku = SkuId::new(450).unwrap();
        journal.stock(sku, 25).unwrap();
        journal.stock(sku, 24).unwrap();
        drop(journal);
        assert!(Journal::create(&file, Mode::Count, "a store").is_err());
        let mut torn = File::options().append(true).open(beside(&file)).unwrap();
        torn.write_all(b"line\tPRB-").unwrap();
        let (mut journal, kept) = Journal::resume(&file).unwrap();
        assert_eq!(kept.lines, ["PRB-SM-RED", "12", "-", "a\tb"]);
        assert_eq!(
            (kept.mode, kept.store.as_str(), kept.stock[&sku]),
            (Mode::Count, "a store", 25)
        );
        journal.scanned("next").unwrap();
        drop(journal);
        let (journal, kept) = Journal::resume(&file).unwrap();
        assert_eq!(kept.lines.len(), 5);
        journal.remove().unwrap();
        assert!(Journal::resume(&file).is_err());
    }
}
