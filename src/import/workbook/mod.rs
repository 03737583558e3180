//! Spreadsheets (xlsx, xlsm, xls, ods) become the text of the same table that a CSV file is (docs/files.md).
//!
//! Whoever sends a workbook decides what is in it. [`bounds`], [`old`] and [`open`] see that it unpacks to no more than we
//! take before [`calamine`] reads it, [`text`] writes its cells, and [`shown`] knows how numbers are shown.

mod bounds;
mod merged;
mod odf;
mod old;
mod shown;
mod text;

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, DataRef, Ods, Reader, SheetType, SheetVisible, Xls, Xlsx};

use super::Options;
use super::columns::{Column, plain};
use super::layout::names_columns;
use crate::contained;
use crate::error::{Error, Result};
use crate::shell::option;
use merged::Merged;
use shown::{Formats, Shown};

pub(super) use bounds::has_too_many_parts;
pub(super) use text::{Odd, SheetText, cell_name, sheet_name};

/// How far down a sheet a header is looked for that names all that is needed, in rows that are not blank; and one that names
/// a part of it, which prose may do as well.
const HEADER_WITHIN: usize = 100;
const PART_WITHIN: usize = 10;

/// Other sheets than the one that is read are looked at in workbooks with at most this many.
const MOST_SHEETS: usize = 20;

/// A kind of workbook that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Excel since 2007: xlsx and xlsm.
    Xlsx,
    /// Excel before 2007.
    Xls,
    /// OpenDocument.
    Ods,
}

/// What a sheet's cells are handed to: row, column, value, and how it is shown. It says whether to go on.
type Each<'a> = dyn FnMut(u32, u32, DataRef<'_>, Option<Shown>) -> Result<bool> + 'a;

/// Which kind of workbook these bytes are; `None` where they are none.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Some(Kind::Xls);
    }
    bounds::kind(bytes)
}

/// The text of the sheet that is meant. An error, usage: broken, locked by a password, too large, or no such sheet.
pub(super) fn read(bytes: &[u8], kind: Kind, options: &Options) -> Result<SheetText> {
    contained::run(|| {
        let mut book = Book::open(bytes, kind)?;
        let (name, others) = match &options.sheet {
            Some(asked) => (book.named(asked)?, Vec::new()),
            None => book.with_headers(options)?,
        };
        let mut text = book.text(&name)?;
        text.others = others;
        Ok(text)
    })
    .unwrap_or_else(|_| Err(broken("it can't be read")))
}

/// A workbook that was opened.
enum Book<'a> {
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>, bounds::Seen),
    Xls(Xls<Cursor<&'a [u8]>>, Vec<Formats>),
    Ods(Ods<Cursor<&'a [u8]>>, HashMap<String, odf::Table>),
}

impl<'a> Book<'a> {
    fn open(bytes: &'a [u8], kind: Kind) -> Result<Book<'a>> {
        let cursor = Cursor::new(bytes);
        match kind {
            Kind::Xlsx => {
                let seen = bounds::check(bytes)?;
                let book = Xlsx::new(cursor).map_err(broken)?;
                Ok(Book::Xlsx(Box::new(book), seen))
            }
            Kind::Xls => {
                let formats = old::check(bytes)?;
                Ok(Book::Xls(Xls::new(cursor).map_err(broken)?, formats))
            }
            Kind::Ods => {
                let tables = odf::check(bytes)?;
                let book = Ods::new(cursor).map_err(broken)?;
                Ok(Book::Ods(book, tables))
            }
        }
    }

    /// The worksheets and whether each can be seen, in their order.
    fn sheets(&self) -> Vec<(String, bool)> {
        let metadata = match self {
            Book::Xlsx(book, _) => book.sheets_metadata(),
            Book::Xls(book, _) => book.sheets_metadata(),
            Book::Ods(book, _) => book.sheets_metadata(),
        };
        let tables = metadata
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet);
        tables
            .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
            .collect()
    }

    fn named(&self, asked: &str) -> Result<String> {
        let sheets = self.sheets();
        let exact = sheets.iter().find(|(name, _)| name == asked);
        let mut alike = sheets
            .iter()
            .filter(|(name, _)| name.trim().to_lowercase() == asked.trim().to_lowercase());
        let only = match (alike.next(), alike.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        };
        if let Some((name, _)) = exact.or(only) {
            return Ok(name.clone());
        }
        let all: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        Err(Error::usage(format!("the workbook has no sheet {asked}"))
            .hinted(format!("its sheets are {}", all.join(", "))))
    }

    /// The first sheet in sight that has headers of ours, or else the first that is not empty; and the other sheets in
    /// sight that could be read as well, or that are passed over on the way.
    fn with_headers(&mut self, options: &Options) -> Result<(String, Vec<String>)> {
        let sheets = self.sheets();
        let (mut found, mut filled) = (None, None);
        let mut others = Vec::new();
        for (name, _) in sheets.iter().filter(|(_, visible)| *visible) {
            if found.is_some() && sheets.len() > MOST_SHEETS {
                break;
            }
            match self.looks(name, options)? {
                Looks::LikeATable | Looks::Readable if found.is_none() => found = Some(name),
                Looks::Readable => others.push(name.clone()),
                Looks::Foreign if found.is_none() => {
                    filled = filled.or(Some(name));
                    others.push(name.clone());
                }
                Looks::Filled => filled = filled.or(Some(name)),
                Looks::LikeATable | Looks::Foreign | Looks::Empty => {}
            }
        }
        if let Some(name) = found.or(filled) {
            others.retain(|other| other != name);
            return Ok((name.clone(), others));
        }
        Err(match sheets.iter().find(|(_, visible)| !visible) {
            Some((hidden, _)) => Error::usage(
                "every sheet of the workbook that can be seen is empty",
            )
            .hinted(format!(
                "a hidden sheet is read when it is named: {}",
                option("sheet", hidden)
            )),
            None => Error::usage("the workbook is empty").hinted(
                "it needs a header row, such as sku_id and quantity, and a row for each variant",
            ),
        })
    }

    fn looks(&mut self, name: &str, options: &Options) -> Result<Looks> {
        let mut looks = Looks::Empty;
        let (mut at, mut rows, mut cells, mut wide) = (u32::MAX, 0, 0, 0);
        let mut known: Vec<Column> = Vec::new();
        self.each(name, &mut |row, _, value, _| {
            let Some(text) = text::of(&value) else {
                return Ok(true);
            };
            if row != at {
                if looks == Looks::LikeATable || rows == HEADER_WITHIN {
                    return Ok(false);
                }
                (at, rows, cells) = (row, rows + 1, 0);
                known.clear();
            }
            known.extend(options.meaning(&plain(&text)));
            cells += 1;
            wide += usize::from(cells == 2);
            looks = if cells > 1 && names_columns(&known) {
                Looks::Readable
            } else if cells > 1 && rows <= PART_WITHIN && !known.is_empty() {
                Looks::LikeATable
            } else if wide > 1 {
                Looks::Foreign
            } else {
                Looks::Filled
            };
            Ok(looks != Looks::Readable)
        })?;
        Ok(looks)
    }

    fn text(&mut self, name: &str) -> Result<SheetText> {
        let mut text = SheetText::new(name, self.merged(name)?);
        if let Book::Xlsx(book, seen) = self
            && seen.formulas
        {
            let mut cells = book.worksheet_cells_reader(name).map_err(broken)?;
            while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(broken)? {
                if cell.formula.is_some() && cell.value == DataRef::Empty {
                    text.lacks_value(cell.pos.0, cell.pos.1, Odd::NoValue)?;
                }
            }
        }
        if let Book::Ods(_, tables) = self {
            for (row, column, odd) in tables.get(name).iter().flat_map(|table| &table.unread) {
                text.lacks_value(*row, *column, *odd)?;
            }
        }
        text.hidden = match self {
            Book::Xlsx(_, seen) => seen.hidden,
            Book::Xls(..) | Book::Ods(..) => self.formats(name).is_some_and(|known| known.hidden),
        };
        self.each(name, &mut |row, column, value, shown| {
            text.put(row, column, &value, shown)?;
            Ok(true)
        })?;
        Ok(text.finish())
    }

    fn merged(&mut self, name: &str) -> Result<Merged> {
        match self {
            Book::Xlsx(_, seen) if !seen.merged => Ok(Merged::default()),
            Book::Xlsx(book, _) => {
                Merged::of(book.merge_cells_by_sheet_name(name).map_err(broken)?)
            }
            Book::Xls(book, _) => Merged::of(book.merge_cells_by_sheet_name(name).map_err(broken)?),
            Book::Ods(_, tables) => {
                let table = tables.get_mut(name);
                Ok(table
                    .map(|t| std::mem::take(&mut t.merged))
                    .unwrap_or_default())
            }
        }
    }

    /// What is known of the cells of a sheet in an old or an OpenDocument workbook.
    fn formats(&self, name: &str) -> Option<&Formats> {
        match self {
            Book::Xlsx(..) => None,
            Book::Xls(book, formats) => {
                let mut sheets = book.sheets_metadata().iter();
                formats.get(sheets.position(|sheet| sheet.name == name)?)
            }
            Book::Ods(_, tables) => tables.get(name).map(|table| &table.formats),
        }
    }

    /// The cells of a sheet, row by row.
    fn each(&mut self, name: &str, each: &mut Each<'_>) -> Result<()> {
        let range = match self {
            Book::Xlsx(book, _) => return each_streamed(book, name, each),
            Book::Xls(book, _) => book.worksheet_range(name).map_err(broken)?,
            Book::Ods(book, _) => book.worksheet_range(name).map_err(broken)?,
        };
        let formats = self.formats(name);
        let (row, column) = range.start().unwrap_or_default();
        for (r, c, value) in range.used_cells() {
            let (row, column) = (row + r as u32, column + c as u32);
            let shown = formats.and_then(|formats| formats.of(row, column));
            if !each(row, column, borrowed(value), shown)? {
                break;
            }
        }
        Ok(())
    }
}

fn each_streamed(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, each: &mut Each<'_>) -> Result<()> {
    let mut cells = book.worksheet_cells_reader(name).map_err(broken)?;
    // The cells borrow the reader that holds the formats.
    let shown: Vec<Option<Shown>> = cells
        .styles()
        .iter()
        .map(|style| Shown::of_format(&style.number_format.as_ref()?.format_code))
        .collect();
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
        let (row, column) = cell.get_position();
        let shown = shown.get(style).copied().flatten();
        if !each(row, column, cell.get_value().clone(), shown)? {
            break;
        }
    }
    Ok(())
}

/// What a look at the top of a sheet found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// Headers that say which variant is meant and what becomes of it.
    Readable,
    /// A header of ours.
    LikeATable,
    /// Rows of several cells, and no header of ours.
    Foreign,
    Filled,
    Empty,
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(n) => DataRef::Int(*n),
        Data::Float(n) => DataRef::Float(*n),
        Data::Bool(b) => DataRef::Bool(*b),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// What can't be read as a workbook.
fn broken(error: impl std::fmt::Display) -> Error {
    let why = error.to_string();
    if why.contains("password protected") {
        return locked();
    }
    let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
    Error::usage(format!("the workbook is broken: {why}"))
        .hinted("open it in a spreadsheet and save it again, or save it as CSV UTF-8")
}

fn locked() -> Error {
    Error::usage("the workbook is protected by a password")
        .hinted("open it in a spreadsheet and save it without one")
}

/// A workbook that is larger than what is read.
fn too_large(what: impl std::fmt::Display) -> Error {
    Error::usage(format!("the workbook is too large: {what}"))
        .hinted("save the sheet that is meant as CSV UTF-8, and import that file")
}
