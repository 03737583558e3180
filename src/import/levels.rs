//! A file of levels: how many units of each variant there should be at least, and up to how many are ordered
//! (docs/memory.md: reorder). It is read as a file of stock changes is, CSV or spreadsheet.

use std::borrow::Cow;
use std::collections::HashMap;

use csv::StringRecord;

use super::Options;
use super::cells::{self, trimmed, unwrapped};
use super::columns::{self, plain};
use super::faults::Faults;
use super::numbers;
use super::shape::holds_a_line;
use super::source::Source;
use super::table::{Row, Table};
use crate::error::{Error, Result};
use crate::model::SkuId;
use crate::wanted::Level;

/// The largest level, in units: more is a slip of the keyboard, or a barcode in the wrong column.
const LARGEST: i64 = 1_000_000_000;

/// What a column of the file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    SkuId,
    SkuCode,
    Supplier,
    Min,
    Target,
    Pack,
}

impl Meaning {
    fn name(self) -> &'static str {
        match self {
            Meaning::SkuId => "sku_id",
            Meaning::SkuCode => "sku_code",
            Meaning::Supplier => "supplier",
            Meaning::Min => "min",
            Meaning::Target => "target",
            Meaning::Pack => "pack",
        }
    }

    /// Of a header as [`plain`] writes it.
    fn of(header: &str) -> Option<Meaning> {
        let own = match header {
            "supplier" | "vendor" => Some(Meaning::Supplier),
            "min" | "minimum" | "minstock" | "reorderpoint" | "reorderlevel" => Some(Meaning::Min),
            "target" | "targetstock" | "max" | "maximum" | "par" | "parlevel" | "orderupto" => {
                Some(Meaning::Target)
            }
            "pack" | "packsize" | "casesize" => Some(Meaning::Pack),
            _ => None,
        };
        own.or(match columns::builtin(header) {
            Some(columns::Column::SkuId) => Some(Meaning::SkuId),
            Some(columns::Column::SkuCode) => Some(Meaning::SkuCode),
            _ => None,
        })
    }
}

/// Reads a whole CSV file, or the first sheet of a workbook that has such headers.
///
/// All faults of its rows are in one usage error, each with line and column, or with its cell. What is wrong with the file
/// as a whole is a usage error of its own. Rows with neither `min` nor `target` are left alone: lists of all articles have
/// many of them.
pub fn read_levels(bytes: &[u8]) -> Result<Vec<Level>> {
    let options = Options::default();
    let mut headers = StringRecord::new();
    let mut read = || -> Result<Vec<Level>> {
        let source = Source::open(bytes, &options)?;
        super::check_size(source.text().len())?;
        let layout = source.layout(&source.options(&options))?;
        let mut table = source.table(&layout);
        read_table(&mut table, &mut headers).map_err(|error| source.located(error, &headers))
    };
    read().map_err(without_options)
}

fn read_table(table: &mut Table<'_>, headers: &mut StringRecord) -> Result<Vec<Level>> {
    let (_, found) = table.headers().map_err(|error| match error.faults() {
        [] => error.hinted(HOW_IT_LOOKS),
        _ => error,
    })?;
    *headers = found;
    let mut rows = Rows {
        places: places(headers)?,
        headers: headers.iter().map(|h| trimmed(h).to_owned()).collect(),
        faults: Faults::default(),
        levels: Vec::new(),
        ids: HashMap::new(),
        codes: HashMap::new(),
    };
    let mut record = StringRecord::new();
    let mut any = false;
    while let Some(row) = table.next(&mut record)? {
        any = true;
        rows.take(table, &row, &record);
    }
    if rows.faults.count() > 0 {
        return Err(rows.faults.into_error());
    }
    match (any, rows.levels.is_empty()) {
        (_, false) => Ok(rows.levels),
        (false, true) => {
            Err(Error::usage("the file has no rows, only a header line").hinted(HOW_IT_LOOKS))
        }
        (true, true) => {
            Err(Error::usage("no row of the file has a min and a target").hinted(HOW_IT_LOOKS))
        }
    }
}

const HOW_IT_LOOKS: &str =
    "it needs the columns sku_code (or sku_id), min and target, and may have supplier and pack";

/// In which column each meaning is.
fn places(headers: &StringRecord) -> Result<Vec<(Meaning, usize)>> {
    let mut places: Vec<(Meaning, usize)> = Vec::new();
    for (at, header) in headers.iter().enumerate() {
        let Some(meaning) = Meaning::of(&plain(header)) else {
            continue;
        };
        if let Some((_, before)) = places.iter().find(|(other, _)| *other == meaning) {
            let before = trimmed(headers.get(*before).unwrap_or_default());
            return Err(Error::usage(format!(
                "{before} and {} would both be {}",
                trimmed(header),
                meaning.name()
            ))
            .hinted("take one of the columns out, or give it another name"));
        }
        places.push((meaning, at));
    }
    let has = |meaning| places.iter().any(|(other, _)| *other == meaning);
    let names_variant = has(Meaning::SkuId) || has(Meaning::SkuCode);
    let missing = match (names_variant, has(Meaning::Min), has(Meaning::Target)) {
        (true, true, true) => return Ok(places),
        (false, ..) => "sku_code or sku_id",
        (_, false, _) => Meaning::Min.name(),
        (.., false) => Meaning::Target.name(),
    };
    let written: Vec<&str> = headers
        .iter()
        .map(trimmed)
        .filter(|h| !h.is_empty())
        .collect();
    Err(Error::usage(format!(
        "the file has no column {missing}; its headers are {}",
        written.join(", ")
    ))
    .hinted(HOW_IT_LOOKS))
}

/// The rows read so far.
struct Rows {
    places: Vec<(Meaning, usize)>,
    /// As the file writes them.
    headers: Vec<String>,
    faults: Faults,
    levels: Vec<Level>,
    /// The line that first named each variant.
    ids: HashMap<SkuId, u32>,
    codes: HashMap<String, u32>,
}

impl Rows {
    /// A fault where the row does not line up with the headers.
    fn is_torn(&mut self, table: &Table<'_>, row: &Row, record: &StringRecord) -> bool {
        let is_empty = |at: &usize| record.get(*at).is_none_or(|cell| cell.trim().is_empty());
        let line = row.line;
        if let Some(torn) = &row.torn {
            self.faults.add(torn.line, None, torn.message.as_str());
            self.faults.hint("mend the quotes");
        } else if table.swallows_rows(row, self.headers.len()) {
            let message = "a quoted cell runs over lines that are rows of their own: a quote is missing or one too many";
            self.faults.add(line, None, message);
            self.faults.hint("mend the quotes");
        } else if record.len() == 1 && self.headers.len() > 1 && holds_a_line(&record[0]) {
            let message = "the row is one cell: quotes stand around the whole line, or something else separates its cells";
            self.faults.add(line, None, message);
        } else if let Some(beyond) = (self.headers.len()..record.len()).find(|at| !is_empty(at)) {
            let cell = beyond + 1;
            let message = format!("cell {cell} has no header: a comma or a quote too many");
            self.faults.add(line, None, message);
        } else {
            return false;
        }
        true
    }

    fn take(&mut self, table: &Table<'_>, row: &Row, record: &StringRecord) {
        let (before, line) = (self.faults.count(), row.line);
        if self.is_torn(table, row, record) {
            return;
        }
        if trimmed(&self.cell(record, Meaning::Min)).is_empty()
            && trimmed(&self.cell(record, Meaning::Target)).is_empty()
        {
            return;
        }
        self.oddities(table, line, record);
        if self.faults.count() > before {
            return;
        }
        let (sku, sku_code) = (self.sku(line, record), self.code(line, record));
        let min = self.units(line, record, Meaning::Min, 0);
        let target = self.units(line, record, Meaning::Target, 0);
        let pack = match trimmed(&self.cell(record, Meaning::Pack)) {
            "" => Some(1),
            _ => self.units(line, record, Meaning::Pack, 1),
        };
        if let (Some(min), Some(target)) = (min, target)
            && target < min
        {
            let message = format!("{target} is below min, which is {min}");
            self.fault(line, Meaning::Target, message);
        }
        if sku.is_none() && sku_code.is_none() && self.faults.count() == before {
            let named = [Meaning::SkuCode, Meaning::SkuId];
            let named = named.into_iter().find(|of| self.at(*of).is_some());
            let named = named.unwrap_or(Meaning::SkuCode);
            self.fault(line, named, "the row names no variant");
        }
        self.twice(line, sku, sku_code.as_deref());
        let (Some(min), Some(target), Some(pack)) = (min, target, pack) else {
            return;
        };
        let supplier = trimmed(&self.cell(record, Meaning::Supplier)).to_owned();
        self.levels.push(Level {
            line,
            sku,
            sku_code,
            supplier: Some(supplier).filter(|supplier| !supplier.is_empty()),
            min,
            target,
            pack,
        });
    }

    fn at(&self, meaning: Meaning) -> Option<usize> {
        let mut places = self.places.iter();
        places
            .find(|(other, _)| *other == meaning)
            .map(|(_, at)| *at)
    }

    fn cell<'r>(&self, record: &'r StringRecord, meaning: Meaning) -> Cow<'r, str> {
        let cell = self.at(meaning).and_then(|at| record.get(at));
        unwrapped(cell.unwrap_or_default())
    }

    fn fault(&mut self, line: u32, meaning: Meaning, message: impl Into<String>) {
        let header = self.at(meaning).and_then(|at| self.headers.get(at));
        self.faults.add(line, header.map(String::as_str), message);
    }

    /// Cells that are a date, an error and so on in their sheet.
    fn oddities(&mut self, table: &Table<'_>, line: u32, record: &StringRecord) {
        let Some(sheet) = table.sheet else { return };
        for (meaning, at) in self.places.clone() {
            if let Some(odd) = sheet.odd(line, at) {
                let text = cells::shown(record.get(at).unwrap_or_default());
                self.fault(line, meaning, odd.in_words(&text));
            }
        }
    }

    fn sku(&mut self, line: u32, record: &StringRecord) -> Option<SkuId> {
        let cell = record.get(self.at(Meaning::SkuId)?)?;
        match cells::id(cell, "sku id") {
            Ok(id) => id.and_then(SkuId::new),
            Err(message) => {
                self.fault(line, Meaning::SkuId, message);
                None
            }
        }
    }

    fn code(&mut self, line: u32, record: &StringRecord) -> Option<String> {
        let cell = record.get(self.at(Meaning::SkuCode)?)?;
        match cells::code(cell) {
            Ok(code) => Some(code.into_owned()).filter(|code| !code.is_empty()),
            Err(message) => {
                self.fault(line, Meaning::SkuCode, message);
                None
            }
        }
    }

    fn units(
        &mut self,
        line: u32,
        record: &StringRecord,
        meaning: Meaning,
        least: i64,
    ) -> Option<i64> {
        let cell = self.cell(record, meaning);
        let message = match numbers::whole(&cell, None) {
            Ok(number) if number < least && meaning == Meaning::Pack => {
                format!("{number}: a pack holds at least 1 unit")
            }
            Ok(number) if number < least => format!("{number}: it can't be below 0"),
            Ok(number) if number > LARGEST => format!("{number} is too large"),
            Ok(number) => return Some(number),
            Err(message) => message,
        };
        self.fault(line, meaning, message);
        None
    }

    /// A variant has one level.
    fn twice(&mut self, line: u32, sku: Option<SkuId>, code: Option<&str>) {
        let by_id =
            sku.and_then(|sku| Some((self.ids.get(&sku).copied()?, format!("sku id {sku}"))));
        let by_code =
            || code.and_then(|code| Some((self.codes.get(code).copied()?, code.to_owned())));
        // Where there are ids, a code may be shared by several variants.
        let (first, meaning) = match sku {
            Some(_) => (by_id, Meaning::SkuId),
            None => (by_code(), Meaning::SkuCode),
        };
        if let Some((first, name)) = first {
            let name = cells::shown(&name).into_owned();
            self.fault(line, meaning, format!("{name} is in line {first} too"));
            self.faults.hint("keep one row for each variant");
        }
        if let Some(sku) = sku {
            self.ids.entry(sku).or_insert(line);
        } else if let Some(code) = code {
            self.codes.entry(code.to_owned()).or_insert(line);
        }
    }
}

/// The same error without the options of `import-csv`, which there are none of here.
fn without_options(error: Error) -> Error {
    let has_option = error.hint().is_some_and(|hint| hint.contains("--"));
    let error = error.with_each_fault(|fault| {
        const OPTION: &str = " (--thousands ";
        while let Some((before, (_, behind))) = fault
            .message
            .split_once(OPTION)
            .and_then(|(before, option)| Some((before, option.split_once(')')?)))
        {
            fault.message = format!("{before}{behind}");
        }
    });
    match has_option {
        true => error.hinted("save it as CSV (UTF-8) or as an .xlsx workbook"),
        false => error,
    }
}
