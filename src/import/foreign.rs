//! Files that are no CSV, recognised by how they begin, and what to do with them instead.

use crate::error::{Error, Result};

const SAVE_AS_CSV: &str = "open it and save it as CSV UTF-8, then import that file";

/// How far into a ZIP archive the names of its parts are looked for, in bytes.
const ZIP_BEGINNING: usize = 4096;

/// An error, usage, where the bytes are a spreadsheet, a PDF or something packed.
pub(super) fn refuse_bytes(bytes: &[u8]) -> Result<()> {
    let (what, hint) = if bytes.starts_with(b"PK\x03\x04") {
        in_zip(&bytes[..bytes.len().min(ZIP_BEGINNING)])
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        ("an Excel workbook (xls)", SAVE_AS_CSV)
    } else if bytes.starts_with(b"%PDF") {
        (
            "a PDF document",
            "ask for the table as CSV, or copy it into a spreadsheet and save that as CSV UTF-8",
        )
    } else if bytes.starts_with(&[0x1F, 0x8B]) {
        (
            "packed with gzip",
            "unpack it with gunzip, then import what was in it",
        )
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("the file is {what}, not CSV")).hinted(hint))
}

/// An error, usage, where the text is a web page or other markup: some shops export tables as HTML named `.xls`.
pub(super) fn refuse_text(text: &str) -> Result<()> {
    let mut beginning = text.trim_start().bytes();
    let markup = beginning.next() == Some(b'<')
        && beginning
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'!' | b'?'));
    if markup {
        return Err(Error::usage("the file is HTML or XML, not CSV").hinted(SAVE_AS_CSV));
    }
    Ok(())
}

fn in_zip(beginning: &[u8]) -> (&'static str, &'static str) {
    let names = |part: &[u8]| beginning.windows(part.len()).any(|w| w == part);
    if names(b"application/vnd.oasis.opendocument") {
        ("an OpenDocument spreadsheet (ods)", SAVE_AS_CSV)
    } else if names(b"[Content_Types].xml") || names(b"xl/") || names(b"_rels/") {
        ("an Excel workbook (xlsx)", SAVE_AS_CSV)
    } else {
        (
            "a ZIP archive or a spreadsheet",
            "unpack it, or open it in a spreadsheet and save it as CSV UTF-8",
        )
    }
}
