//! Bytes become text: byte order marks, UTF-8, UTF-16, and what `--encoding` names.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::faults::Faults;
use super::foreign;
use super::table::{breaks, line_number};
use crate::error::{Error, Result};

/// How many bytes decide whether a file without a byte order mark is UTF-16.
const SAMPLE: usize = 1024;

/// A file's text without byte order mark, and without the Ctrl-Z that DOS ends files with; and whether a file made from
/// this one has to say that it is UTF-8, so that spreadsheets read it right.
///
/// An error, usage: no CSV, an encoding that doesn't exist, or bytes that are not in the encoding, with their lines.
pub(super) fn text<'a>(bytes: &'a [u8], asked: Option<&str>) -> Result<(Cow<'a, str>, bool)> {
    let asked = asked.map(named).transpose()?;
    foreign::refuse_bytes(bytes)?;
    // A byte order mark says what the file is, whatever else was said: a rejects file made from a windows-1252 file
    // is UTF-8 with a mark, and is imported with the same options.
    let (encoding, marked, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, true, &bytes[length..]),
        None => {
            let encoding = asked.or_else(|| unmarked_utf_16(bytes)).unwrap_or(UTF_8);
            (encoding, encoding != UTF_8, bytes)
        }
    };
    let text = if encoding == UTF_8 {
        Cow::Borrowed(std::str::from_utf8(bytes).map_err(|_| not_utf_8(bytes))?)
    } else {
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        if had_errors {
            return Err(not_in(encoding, &text));
        }
        text
    };
    foreign::refuse_text(&text)?;
    refuse_nul(&text)?;
    Ok((without_ctrl_z(text), marked))
}

fn named(label: &str) -> Result<&'static Encoding> {
    Encoding::for_label_no_replacement(label.trim().as_bytes()).ok_or_else(|| {
        Error::usage(format!("there is no encoding named {label}")).hinted(
            "--encoding takes names such as utf-8, utf-16le, windows-1252, iso-8859-15, shift_jis or gbk",
        )
    })
}

/// Headers are mostly ASCII, and every second byte of ASCII in UTF-16 is NUL; text in any other encoding has none.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let pairs = sample.chunks_exact(2).len();
    let nuls = |at: usize| sample.chunks_exact(2).filter(|pair| pair[at] == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    if pairs == 0 {
        None
    } else if odd * 2 > pairs && even * 10 < pairs {
        Some(UTF_16LE)
    } else if even * 2 > pairs && odd * 10 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn not_utf_8(bytes: &[u8]) -> Error {
    // No text of a single-byte encoding has one either.
    if bytes.contains(&0) {
        return Error::usage("the file is neither text nor a spreadsheet")
            .hinted("save the table as CSV UTF-8 or xlsx, then import that file");
    }
    let mut faults = Faults::default();
    let (mut at, mut line, mut told) = (0, 1, 0);
    for chunk in bytes.utf8_chunks() {
        let bad = at + chunk.valid().len();
        line += breaks(bytes, at, bad);
        if let Some(&byte) = chunk.invalid().first()
            && told != line
        {
            told = line;
            let (maybe, _) = WINDOWS_1252.decode_without_bom_handling(chunk.invalid());
            let message = format!("byte 0x{byte:02X} is not UTF-8 (in windows-1252 it is {maybe})");
            faults.add(line_number(line), None, message);
        }
        at = bad + chunk.invalid().len();
    }
    faults
        .into_error()
        .reworded("the file is not UTF-8")
        .hinted("say what it is, such as --encoding windows-1252, or save it as CSV UTF-8")
}

fn not_in(encoding: &'static Encoding, text: &str) -> Error {
    let name = encoding.name();
    let message = format!("bytes that are not {name}");
    lines_with(text, '\u{FFFD}', &message)
        .into_error()
        .reworded(format!("the file is not {name}"))
        .hinted("say what it is with --encoding NAME, or save it as CSV UTF-8")
}

fn refuse_nul(text: &str) -> Result<()> {
    if !text.as_bytes().contains(&0) {
        return Ok(());
    }
    let faults = lines_with(text, '\0', "a NUL byte: the line is damaged");
    Err(faults
        .into_error()
        .hinted("the file is damaged or no text; if it is UTF-16, say so with --encoding utf-16le"))
}

/// A fault for each line with this character in it.
fn lines_with(text: &str, bad: char, message: &str) -> Faults {
    let mut faults = Faults::default();
    let (mut from, mut line, mut told) = (0, 1, 0);
    for (at, _) in text.match_indices(bad) {
        line += breaks(text.as_bytes(), from, at);
        from = at;
        if told != line {
            told = line;
            faults.add(line_number(line), None, message);
        }
    }
    faults
}

fn without_ctrl_z(text: Cow<'_, str>) -> Cow<'_, str> {
    const CTRL_Z: char = '\u{1A}';
    let end = text.trim_end_matches([CTRL_Z, '\r', '\n', ' ']).len();
    let Some(at) = text[end..].find(CTRL_Z) else {
        return text;
    };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end + at]),
        Cow::Owned(mut text) => {
            text.truncate(end + at);
            Cow::Owned(text)
        }
    }
}
