//! Files that are no CSV, recognised by how they begin, and what to do with them instead.

use memchr::memmem;

use super::workbook;
use crate::error::{Error, Result};

const SAVE_AS_CSV: &str = "open it and save it as CSV UTF-8, then import that file";

const UNPACK: &str = "unpack it, then import what was in it";

const TABLE_ALONE: &str =
    "ask for the table as CSV, or copy it into a spreadsheet and save that as CSV UTF-8";

/// How other files begin (so long that no header begins so), what they are, and what to do.
const BEGINNINGS: [(&[u8], &str, &str); 14] = [
    (b"%PDF", "a PDF document", TABLE_ALONE),
    (b"{\\rtf", "a text document (RTF)", TABLE_ALONE),
    (
        &[0x1F, 0x8B],
        "packed with gzip",
        "unpack it with gunzip, then import what was in it",
    ),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"BZh91AY&SY", "packed with bzip2", UNPACK),
    (b"\xFD7zXZ\0", "packed with xz", UNPACK),
    (b"\x28\xB5\x2F\xFD", "packed with zstd", UNPACK),
    (b"SQLite format 3\0", "an SQLite database", TABLE_ALONE),
    (b"\x89PNG\r\n", "a picture", TABLE_ALONE),
    (b"\xFF\xD8\xFF", "a picture", TABLE_ALONE),
    (b"GIF89a", "a picture", TABLE_ALONE),
    (b"PAR1", "a Parquet file", TABLE_ALONE),
    (b"\x7FELF", "a program", TABLE_ALONE),
];

/// Where an archive of tar says what it is, and what it says.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// An error, usage, where the bytes are a spreadsheet, a PDF or something packed.
pub(super) fn refuse_bytes(bytes: &[u8]) -> Result<()> {
    let (what, hint) = if bytes.starts_with(b"PK\x03\x04") {
        in_zip(bytes)
    } else if let Some(kind) = BEGINNINGS.iter().find(|kind| bytes.starts_with(kind.0)) {
        (kind.1, kind.2)
    } else if bytes
        .get(TAR.0..)
        .is_some_and(|from| from.starts_with(TAR.1))
    {
        ("a tar archive", UNPACK)
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
    let text = text.trim_start();
    if is_json(text) {
        return Err(Error::usage("the file is JSON, not CSV").hinted(
            "make a CSV of it, a header line and a row for each variant, such as with jq's @csv",
        ));
    }
    let mut beginning = text.bytes();
    let markup = beginning.next() == Some(b'<')
        && beginning
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'!' | b'?'));
    if markup {
        return Err(Error::usage("the file is HTML or XML, not CSV").hinted(SAVE_AS_CSV));
    }
    Ok(())
}

/// Whether a text begins as an object or an array of JSON does: no header of ours has such a beginning.
fn is_json(text: &str) -> bool {
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    let object = inner.strip_prefix('{').map(str::trim_start);
    object.is_some_and(|object| object.starts_with(['"', '}']))
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
