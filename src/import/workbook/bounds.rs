//! What an xlsx file may unpack to. Sizes are counted while unpacking, for what an archive says of itself may be a lie.

use std::io::{BufRead, BufReader, Cursor, Read};

use memchr::memmem;
use zip::ZipArchive;

use super::{Kind, broken, locked, too_large};
use crate::error::Result;

/// Parts of an archive.
const PARTS: usize = 10_000;

/// A worksheet may unpack to this many bytes.
const SHEET: u64 = 512 << 20;

/// All worksheets together.
const SHEETS: u64 = 1 << 30;

/// All other parts that are read when a workbook is opened, together.
const REST: u64 = 64 << 20;

/// A tag with the text behind it.
const PIECE: usize = 1 << 20;

/// One cell with all that is in it.
const CELL: usize = 16 << 20;

/// Formats, fonts, fills and borders; each is kept.
const STYLES: usize = 200_000;

/// Merged cells that a sheet may have.
const MERGED: usize = 500_000;

/// Marks each part in the directory at the end of an archive.
const IN_DIRECTORY: &[u8] = b"PK\x01\x02";

/// Parts that are never read: pictures, and what pivot tables remember.
const UNREAD: [&str; 12] = [
    ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".svg", ".bin",
    ".vml",
];

/// What was seen while counting.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Whether a worksheet has a formula in it.
    pub(super) formulas: bool,
    /// Whether a worksheet has merged cells.
    pub(super) merged: bool,
    /// Whether a worksheet has a row with something in it that can't be seen.
    pub(super) hidden: bool,
}

/// Which kind of workbook an archive is.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    if !bytes.starts_with(b"PK\x03\x04") || has_too_many_parts(bytes) {
        return None;
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let has = |end: &str| {
        archive
            .file_names()
            .flatten()
            .any(|name| name.to_ascii_lowercase().ends_with(end))
    };
    if has("workbook.xml") || has("worksheets/sheet1.xml") {
        return Some(Kind::Xlsx);
    }
    let mut mimetype = String::new();
    let part = archive.by_name("mimetype").ok()?;
    part.take(100).read_to_string(&mut mimetype).ok()?;
    mimetype
        .starts_with("application/vnd.oasis.opendocument.spreadsheet")
        .then_some(Kind::Ods)
}

/// Whether an archive has more parts than any workbook; to open it would take much memory.
pub(in crate::import) fn has_too_many_parts(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, IN_DIRECTORY).nth(PARTS).is_some()
}

/// Unpacks everything that will be read, and keeps nothing.
pub(super) fn check(bytes: &[u8]) -> Result<Seen> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let (mut sheets, mut rest) = (0, 0);
    let mut seen = Seen::default();
    for at in 0..archive.len() {
        let mut part = archive.by_index_raw(at).map_err(broken)?;
        if part.encrypted() {
            return Err(locked());
        }
        let name = part.name().map_err(broken)?.to_ascii_lowercase();
        if UNREAD.iter().any(|end| name.ends_with(end)) || name.contains("pivotcache/") {
            continue;
        }
        let is_sheet = name.contains("worksheets/") && name.ends_with(".xml");
        let said = part.size();
        drop(part);
        if is_sheet && said > SHEET {
            return Err(too_large("a sheet unpacks to over 512 MiB"));
        }
        let (total, most) = match is_sheet {
            true => (&mut sheets, SHEETS),
            false => (&mut rest, REST),
        };
        *total += said;
        if *total > most {
            return Err(too_large(match is_sheet {
                true => "its sheets unpack to over 1 GiB",
                false => "its texts and formats unpack to over 64 MiB",
            }));
        }
        part = archive.by_index(at).map_err(broken)?;
        let mut count = Count {
            is_sheet,
            is_styles: name.ends_with("styles.xml"),
            is_strings: name.ends_with("sharedstrings.xml"),
            ..Count::default()
        };
        count.all(part, said)?;
        seen.formulas |= is_sheet && count.formulas;
        seen.merged |= is_sheet && count.merged > 0;
        seen.hidden |= is_sheet && count.hidden;
    }
    Ok(seen)
}

/// Whether an attribute of a row says that it can't be seen.
fn hides(attribute: &[u8]) -> bool {
    let said = attribute.strip_prefix(b"hidden=");
    said.is_some_and(|said| matches!(said.get(1), Some(b'1' | b't')))
}

/// Counts a part while it is unpacked, and follows its tags.
#[derive(Default)]
struct Count {
    is_sheet: bool,
    is_styles: bool,
    is_strings: bool,
    /// Bytes since the last cell or shared text began.
    cell: usize,
    /// Whether a cell or shared text is open.
    open: bool,
    /// Whether the shared text that is open has had no text so far.
    no_text: bool,
    styles: usize,
    formulas: bool,
    merged: usize,
    /// Whether the row that is read can't be seen, and whether one of those has something in it.
    unseen: bool,
    hidden: bool,
}

impl Count {
    /// Reads the part to its end, from tag to tag.
    fn all(&mut self, part: impl Read, said: u64) -> Result<()> {
        let mut part = BufReader::with_capacity(1 << 16, part.take(said + 1));
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let mut next = part.by_ref().take(PIECE as u64 + 1);
            let read = next.read_until(b'<', &mut piece).map_err(broken)?;
            if part.get_ref().limit() == 0 {
                return Err(broken("a part unpacks to more than the archive says"));
            }
            if read == 0 {
                return Ok(());
            }
            let ends = |b: &u8| matches!(b, b'>' | b'<');
            self.tagged(piece.split(ends).next().unwrap_or_default())?;
            self.cell += read;
            if read > PIECE || self.open && self.cell > CELL {
                return Err(too_large("a cell is longer than any spreadsheet allows"));
            }
        }
    }

    /// A tag with its attributes, whatever its namespace is called.
    fn tagged(&mut self, tag: &[u8]) -> Result<()> {
        let mut words = tag.split(u8::is_ascii_whitespace);
        let word = words.next().unwrap_or_default();
        let closes = word.first() == Some(&b'/');
        let name = word.strip_prefix(b"/").unwrap_or(word);
        let alone = name.last() == Some(&b'/');
        let name = name.strip_suffix(b"/").unwrap_or(name);
        let name = name.rsplit(|b| *b == b':').next().unwrap_or(name);
        match name {
            b"row" if self.is_sheet => {
                (self.open, self.cell) = (true, 0);
                self.unseen = words.any(hides);
            }
            b"c" if self.is_sheet => (self.open, self.cell) = (true, 0),
            b"v" | b"is" if self.is_sheet => self.hidden |= self.unseen,
            b"sheetData" if closes => self.open = false,
            b"f" if self.is_sheet => self.formulas = true,
            b"mergeCell" if self.is_sheet && !closes => {
                self.merged += 1;
                if self.merged > MERGED {
                    return Err(too_large("it has over 500,000 merged cells"));
                }
            }
            b"si" if self.is_strings => {
                // Such a text is passed over, and every one behind it would be taken for the one before it.
                if alone || self.no_text && closes {
                    return Err(broken("a shared text has no text in it"));
                }
                (self.open, self.cell, self.no_text) = (true, 0, !closes);
            }
            b"t" if self.is_strings => self.no_text = false,
            b"xf" | b"font" | b"fill" | b"border" | b"numFmt" | b"dxf"
                if self.is_styles && !closes =>
            {
                self.styles += 1;
                if self.styles > STYLES {
                    return Err(too_large("it has over 200,000 formats"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
