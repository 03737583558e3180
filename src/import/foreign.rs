//! Files that are no CSV, recognised by how they begin, and what to do with them instead.

use memchr::memmem;

use super::workbook;
use crate::error::{Error, Result};

const SAVE_AS_CSV: &str = "open it and save it as CSV UTF-8, then import that file";

/// An error, usage, where the bytes are a spreadsheet, a PDF or something packed.
pub(super) fn refuse_bytes(bytes: &[u8]) -> Result<()> {
    let (what, hint) = if bytes.starts_with(b"PK\x03\x04") {
        in_zip(bytes)
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
    Err(Error::usage(format!(
        "the file is {what}, not CSV or a spreadsheet that can be read"
    ))
    .hinted(hint))
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

/// Workbooks that can be read are no longer here.
fn in_zip(bytes: &[u8]) -> (&'static str, &'static str) {
    let names = |part: &[u8]| memmem::find(bytes, part).is_some();
    if workbook::has_too_many_parts(bytes) {
        (
            "a ZIP archive of over 10,000 parts",
            "unpack it, and import the file that is meant",
        )
    } else if names(b"xl/workbook.bin") {
        (
            "an Excel binary workbook (xlsb)",
            "save it as xlsx or as CSV UTF-8, then import that file",
        )
    } else if names(b"xl/") || names(b"application/vnd.oasis.opendocument.spreadsheet") {
        ("a spreadsheet that is cut off or damaged", SAVE_AS_CSV)
    } else if names(b"word/") || names(b"application/vnd.oasis.opendocument") {
        ("an office document", SAVE_AS_CSV)
    } else {
        ("a ZIP archive", "unpack it, then import what was in it")
    }
}
