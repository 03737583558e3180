//! Lines from a scanner, read and on disk at once, whatever the rest of the program waits for.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use crate::error::{Error, Result};
use crate::scan::journal::Journal;
use crate::scan::tally::{self, Word};
use crate::threads;

/// Bytes of a line that are looked at; what is longer is no code.
const LONGEST: usize = 1024;

/// Reads standard input to its end, or to the word that ends a scan. Each line is handed on when it is on disk. An error is
/// internal.
///
/// One thread reads, for a terminal keeps only a few thousand bytes that nobody reads; another puts on disk what has come
/// meanwhile, all of it at once, so that a slow disk holds nobody up.
pub fn lines(journal: &Arc<Journal>) -> Result<Receiver<Result<String>>> {
    let (typed, read) = mpsc::channel();
    let (kept, lines) = mpsc::channel();
    let journal = Arc::clone(journal);
    let begun = threads::begin("scanner", move || read_all(&mut io::stdin().lock(), &typed));
    begun.and_then(|_| threads::begin("journal", move || keep_all(&read, &journal, &kept)))?;
    Ok(lines)
}

/// Hands on each line that says something, up to the word that ends a scan.
fn read_all(input: &mut impl BufRead, typed: &Sender<Result<String>>) {
    loop {
        let line = match next_line(input) {
            Ok(Some(line)) => line.trim().to_owned(),
            Ok(None) => return,
            Err(e) => return drop(typed.send(Err(e))),
        };
        match tally::word(&line) {
            Some(Word::Nothing) => continue,
            Some(Word::End) => return,
            Some(Word::Back) | None => {}
        }
        if typed.send(Ok(line)).is_err() {
            return;
        }
    }
}

/// Puts lines on disk, as many at once as have come, and then hands them on.
fn keep_all(read: &Receiver<Result<String>>, journal: &Journal, kept: &Sender<Result<String>>) {
    while let Ok(first) = read.recv() {
        let mut lines = Vec::new();
        let mut failed = None;
        for line in std::iter::once(first).chain(read.try_iter()) {
            match line {
                Ok(line) => lines.push(line),
                Err(e) => failed = failed.or(Some(e)),
            }
        }
        if let Err(e) = journal.lines(&lines) {
            return drop(kept.send(Err(e)));
        }
        if lines.into_iter().any(|line| kept.send(Ok(line)).is_err()) {
            return;
        }
        if let Some(e) = failed {
            return drop(kept.send(Err(e)));
        }
    }
}

/// The next line, whichever way it ends; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> Result<Option<String>> {
    let unread = |e: io::Error| Error::internal("can't read standard input").caused_by(e);
    let mut line = Vec::new();
    loop {
        let bytes = match input.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes.map_err(unread)?,
        };
        if bytes.is_empty() {
            let text = String::from_utf8_lossy(&line).into_owned();
            return Ok(Some(text).filter(|text| !text.is_empty()));
        }
        let end = bytes.iter().position(|b| matches!(b, b'\r' | b'\n'));
        let part = &bytes[..end.unwrap_or(bytes.len())];
        line.extend_from_slice(&part[..part.len().min(LONGEST.saturating_sub(line.len()))]);
        let used = end.map_or(bytes.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_every_way_and_long_ones_are_cut() {
        let mut input = "A\r\nB\rC\n\nend".as_bytes();
        let lines = std::iter::from_fn(|| next_line(&mut input).unwrap());
        assert_eq!(lines.collect::<Vec<_>>(), ["A", "", "B", "C", "", "end"]);
        let long = "x".repeat(5000);
        let mut input = io::BufReader::with_capacity(700, long.as_bytes());
        assert_eq!(next_line(&mut input).unwrap().unwrap().len(), LONGEST);
    }
}
