//! Lines from a scanner, read and on disk at once, whatever the rest of the program waits for.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::error::{Error, Result};
use crate::scan::journal::Journal;
use crate::scan::tally::{self, Word};

/// Bytes of a line that are looked at; what is longer is no code.
const LONGEST: usize = 1024;

/// Reads standard input to its end, or to the word that ends a scan, on a thread of its own: a terminal keeps only a few
/// thousand bytes that nobody reads. Each line is handed on when it is on disk. An error is internal.
pub fn lines(journal: &Arc<Journal>) -> Result<Receiver<Result<String>>> {
    let (send, lines) = mpsc::channel();
    let journal = Arc::clone(journal);
    thread::Builder::new()
        .name("scanner".to_owned())
        .spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let line = match next_line(&mut input) {
                    Ok(Some(line)) => line.trim().to_owned(),
                    Ok(None) => return,
                    Err(e) => return drop(send.send(Err(e))),
                };
                match tally::word(&line) {
                    Some(Word::Nothing) => continue,
                    Some(Word::End) => return,
                    Some(Word::Back) | None => {}
                }
                let kept = journal.line(&line).map(|()| line);
                let failed = kept.is_err();
                if send.send(kept).is_err() || failed {
                    return;
                }
            }
        })
        .map_err(|e| Error::internal("can't begin to read standard input").caused_by(e))?;
    Ok(lines)
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
        let text = || String::from_utf8_lossy(&line).into_owned();
        if bytes.is_empty() {
            return Ok(Some(text()).filter(|text| !text.is_empty()));
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
