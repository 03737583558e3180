//! What an OpenDocument spreadsheet (ods) may unpack to: it can say "a million times this row" in a few letters.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::ops::Range;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::merged::Merged;
use super::shown::{Formats, Shown};
use super::text::Odd;
use super::{broken, too_large};
use crate::error::Result;

/// The largest `content.xml`, in bytes.
const CONTENT: u64 = 32 << 20;

/// Cells of the smallest rectangles around what is in the sheets, together.
const CELLS: u64 = 4_000_000;

/// The largest row and column, from 0.
const LAST_ROW: u64 = 1_048_575;
const LAST_COLUMN: u64 = 1_023;

/// Blanks in one cell that are written as a number.
const BLANKS: u64 = 32_767;

/// What is known of a sheet beside its values.
#[derive(Default)]
pub(super) struct Table {
    /// How its numbers are shown.
    pub(super) formats: Formats,
    /// Its cells over several rows.
    pub(super) merged: Merged,
    /// Cells that look empty and are not, row and column, in their order: nobody reads those but the screen.
    pub(super) unread: Vec<(u32, u32, Odd)>,
}

/// What is known of each sheet. An error, usage: too large, or broken.
pub(super) fn check(bytes: &[u8]) -> Result<HashMap<String, Table>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut content = Vec::new();
    for name in ["META-INF/manifest.xml", "styles.xml", "content.xml"] {
        let Ok(part) = archive.by_name(name) else {
            continue;
        };
        content.clear();
        part.take(CONTENT + 1)
            .read_to_end(&mut content)
            .map_err(broken)?;
        if content.len() as u64 > CONTENT {
            return Err(too_large("an ods file may unpack to 32 MiB"));
        }
    }
    let mut tables = Tables::default();
    let mut reader = Reader::from_reader(content.as_slice());
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) => {
                tables.open(&tag);
                tables.tag(&tag)?;
            }
            Event::Empty(tag) => {
                tables.tag(&tag)?;
                tables.close(tag.name().as_ref());
            }
            Event::Text(text) => tables.text(text.as_ref())?,
            Event::End(tag) => tables.close(tag.name().as_ref()),
            Event::Eof => break,
            _ => {}
        }
    }
    let settled = |(name, mut table): (String, Table)| {
        table.formats = table.formats.settled();
        table.merged.finish();
        table
            .unread
            .sort_unstable_by_key(|(row, column, _)| (*row, *column));
        (name, table)
    };
    Ok(tables.known.into_iter().map(settled).collect())
}

/// Digits of a number on the screen that are looked at.
const DIGITS: usize = 31;

/// A number in the cells that are read, and what the screen shows of it.
struct Number {
    cells: Cells,
    value: String,
    shown: String,
}

/// The cells that one element stands for: from row to row, and from column to column, without the last.
#[derive(Clone)]
struct Cells {
    rows: Range<u64>,
    columns: Range<u64>,
}

/// Where in which table the reader is.
#[derive(Default)]
struct Tables {
    name: String,
    /// The next row, and how often the one that is read stands there.
    row: u64,
    repeated: u64,
    column: u64,
    /// The rectangle of this table, and of those before it.
    rows: u64,
    columns: u64,
    before: u64,
    /// The number in the cell that is read.
    number: Option<Number>,
    /// The cell that is read, where it looks empty, and what it is if the screen shows something.
    unread: Option<(Cells, Odd)>,
    /// How many notes and drawings are open, which stand on a cell, and not in it.
    above: usize,
    /// Whether the row that is read can't be seen.
    hidden: bool,
    known: HashMap<String, Table>,
}

impl Tables {
    fn open(&mut self, tag: &BytesStart<'_>) {
        self.above += usize::from(is_above(tag.name().as_ref()));
    }

    fn text(&mut self, text: &str) -> Result<()> {
        if self.above > 0 {
            return Ok(());
        }
        if !text.trim().is_empty()
            && let Some((cells, odd)) = self.unread.take()
        {
            self.looks_empty(&cells, odd)?;
        }
        if let Some(number) = &mut self.number
            && number.shown.len() + text.len() <= DIGITS
        {
            number.shown.push_str(text);
        }
        Ok(())
    }

    fn looks_empty(&mut self, cells: &Cells, odd: Odd) -> Result<()> {
        self.take_up(cells)?;
        let unread = &mut self.known().unread;
        for row in cells.rows.clone() {
            let columns = cells.columns.clone();
            unread.extend(columns.map(|column| (row as u32, column as u32, odd)));
        }
        Ok(())
    }

    /// There is something in these cells, which all lie in a sheet that is not too large.
    fn take_up(&mut self, cells: &Cells) -> Result<()> {
        if cells.rows.end > LAST_ROW + 1 || cells.columns.end > LAST_COLUMN + 1 {
            return Err(too_large(format!(
                "sheet {} has cells beyond row 1,048,576 or column AMJ",
                self.name
            )));
        }
        self.rows = self.rows.max(cells.rows.end);
        self.columns = self.columns.max(cells.columns.end);
        if self.before + self.rows * self.columns > CELLS {
            return Err(too_large("its cells lie too far apart"));
        }
        Ok(())
    }

    /// A number that the screen fills up with zeros is known when all of its cell was read.
    fn close(&mut self, tag: &str) {
        match tag {
            above if is_above(above) => self.above = self.above.saturating_sub(1),
            "table:table-cell" | "table:covered-table-cell" => {
                self.unread = None;
                if let Some(number) = self.number.take()
                    && let Some(shown) = Shown::of_text(&number.value, &number.shown)
                {
                    self.shows(&number.cells, shown);
                }
            }
            _ => {}
        }
    }

    fn known(&mut self) -> &mut Table {
        self.known.entry(self.name.clone()).or_default()
    }

    fn shows(&mut self, cells: &Cells, shown: Shown) {
        let formats = &mut self.known().formats;
        for row in cells.rows.clone() {
            for column in cells.columns.clone() {
                formats.add(row as u32, column as u32, shown);
            }
        }
    }

    fn tag(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        match tag.name().as_ref() {
            "table:table" => {
                self.name = attribute(tag, "table:name").unwrap_or_default();
                self.before += self.rows * self.columns;
                (self.row, self.repeated, self.column) = (0, 0, 0);
                (self.rows, self.columns) = (0, 0);
            }
            "table:table-row" => {
                self.row = self.row.saturating_add(self.repeated);
                self.repeated = times(tag, "table:number-rows-repeated")?;
                self.column = 0;
                let visibility = attribute(tag, "table:visibility");
                self.hidden = visibility.is_some_and(|said| said != "visible");
            }
            "table:table-cell" | "table:covered-table-cell" => self.cell(tag)?,
            "text:s" if times(tag, "text:c")? > BLANKS => {
                return Err(too_large(
                    "a cell has more blanks than any spreadsheet allows",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        let times = times(tag, "table:number-columns-repeated")?;
        let cells = Cells {
            rows: self.row..self.row.saturating_add(self.repeated),
            columns: self.column..self.column.saturating_add(times),
        };
        self.column = cells.columns.end;
        let kind = attribute(tag, "office:value-type");
        let formula = attribute(tag, "table:formula").is_some();
        if kind.is_none() && !formula {
            self.unread = Some((cells, Odd::NoType));
            return Ok(());
        }
        if self.hidden {
            self.known().formats.hidden = true;
        }
        self.take_up(&cells)?;
        self.merge(tag, &cells)?;
        let value = || VALUES.iter().find_map(|name| attribute(tag, name));
        match kind.as_deref() {
            // It was never calculated.
            other if formula && other != Some("string") && value().is_none() => {
                self.looks_empty(&cells, Odd::NoValue)?;
            }
            Some("percentage") => self.shows(&cells, Shown::Percentage),
            Some("float") => {
                self.number = value().map(|value| Number {
                    cells,
                    value,
                    shown: String::new(),
                });
            }
            // An error, as programs write it that have no type for one.
            Some("string") if formula && value().as_deref() == Some("") => {
                self.unread = Some((cells, Odd::Error));
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes note of a cell over several rows.
    fn merge(&mut self, tag: &BytesStart<'_>, cells: &Cells) -> Result<()> {
        let over = times(tag, "table:number-rows-spanned")?.min(LAST_ROW + 1);
        if over < 2 {
            return Ok(());
        }
        let beside = times(tag, "table:number-columns-spanned")?.clamp(1, LAST_COLUMN + 1);
        let (row, column) = (cells.rows.start, cells.columns.start);
        let rows = (row as u32, (row + over - 1) as u32);
        let columns = (column as u32, (column + beside - 1) as u32);
        self.known().merged.add(rows, columns)
    }
}

/// Where a cell's value stands, by its type; that of a text may stand in the cell alone.
const VALUES: [&str; 5] = [
    "office:value",
    "office:string-value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
];

/// Whether what is in such an element stands on a cell, and not in it.
fn is_above(tag: &str) -> bool {
    tag == "office:annotation" || tag.starts_with("draw:")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = tag.try_get_attribute(name).ok().flatten()?;
    Some(
        value
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()?
            .into_owned(),
    )
}

/// How often something is repeated.
fn times(tag: &BytesStart<'_>, name: &str) -> Result<u64> {
    match attribute(tag, name) {
        None => Ok(1),
        Some(times) => times
            .trim()
            .parse()
            .map_err(|_| broken(format!("{times} is not how often"))),
    }
}
