//! A file of levels: how many units of each variant there should be at least, and up to how many are ordered
//! (docs/memory.md: reorder).

use std::borrow::Cow;
use std::collections::HashMap;

use csv::StringRecord;

use super::cells::{self, trimmed};
use super::columns::{Column, builtin, plain};
use super::numbers;
use super::small::{self, Cells};
use crate::error::{Error, Result};
use crate::model::SkuId;
use crate::wanted::Level;

/// The largest level, in units: more is a slip of the keyboard, or a barcode in the wrong column.
const LARGEST: i64 = 1_000_000_000;

/// The columns that it needs.
const HOW_IT_LOOKS: &str =
    "it needs the columns sku_code (or sku_id), min and target, and may have supplier and pack";

/// The column that a header names; the header as [`plain`] writes it.
fn column(header: &str) -> Option<&'static str> {
    match header {
        "supplier" | "vendor" => Some("supplier"),
        "min" | "minimum" | "minstock" | "reorderpoint" | "reorderlevel" => Some("min"),
        "target" | "targetstock" | "max" | "maximum" | "par" | "parlevel" | "orderupto" => {
            Some("target")
        }
        "pack" | "packsize" | "casesize" => Some("pack"),
        _ => builtin(header)
            .filter(|column| matches!(column, Column::SkuId | Column::SkuCode))
            .map(Column::name),
    }
}

/// Reads the levels of a file. Rows with neither `min` nor `target` are left alone: lists of all articles have many of them.
/// An error, usage: other headers, a cell that can't be read, a variant with two levels, or no level at all.
pub fn read_levels(bytes: &[u8]) -> Result<Vec<Level>> {
    let read = small::read(bytes, HOW_IT_LOOKS, Levels::of, Levels::take)?;
    let what = match (read.any, read.levels.is_empty()) {
        (_, false) => return Ok(read.levels),
        (false, true) => "the file has no rows, only a header line",
        (true, true) => "no row of the file has a min and a target",
    };
    Err(Error::usage(what).hinted(HOW_IT_LOOKS))
}

/// The levels read so far.
struct Levels {
    /// All that are read, in the file's order.
    columns: Vec<usize>,
    sku_id: Option<usize>,
    sku_code: Option<usize>,
    supplier: Option<usize>,
    min: usize,
    target: usize,
    pack: Option<usize>,
    /// Whether there are rows.
    any: bool,
    levels: Vec<Level>,
    /// The line that first named each variant, by its column and what it is in words.
    lines: HashMap<(usize, String), u32>,
}

impl Levels {
    /// An error, usage, where a column is missing or named twice.
    fn of(headers: &StringRecord) -> Result<Levels> {
        let mut found: HashMap<&str, usize> = HashMap::new();
        for (at, header) in headers.iter().enumerate() {
            let Some(name) = column(&plain(header)) else {
                continue;
            };
            if let Some(before) = found.insert(name, at) {
                let before = trimmed(headers.get(before).unwrap_or_default());
                let header = trimmed(header);
                let message = format!("{before} and {header} would both be {name}");
                return Err(Error::usage(message)
                    .hinted("take one of the columns out, or give it another name"));
            }
        }
        let at = |name| found.get(name).copied();
        let missing = |name| {
            let what = format!("the file has no column {name}");
            small::other_headers(&what, headers, HOW_IT_LOOKS)
        };
        if at("sku_id").or(at("sku_code")).is_none() {
            return Err(missing("sku_code or sku_id"));
        }
        let mut columns: Vec<usize> = found.values().copied().collect();
        columns.sort_unstable();
        Ok(Levels {
            sku_id: at("sku_id"),
            sku_code: at("sku_code"),
            supplier: at("supplier"),
            min: at("min").ok_or_else(|| missing("min"))?,
            target: at("target").ok_or_else(|| missing("target"))?,
            pack: at("pack"),
            columns,
            any: false,
            levels: Vec::new(),
            lines: HashMap::new(),
        })
    }

    fn take(&mut self, row: &mut Cells<'_>) {
        self.any = true;
        let says = |at| !trimmed(&row.text(at)).is_empty();
        if !says(self.min) && !says(self.target) {
            return;
        }
        let pack = self.pack.filter(|at| says(*at));
        if row.has_odd(self.columns.iter().copied()) {
            return;
        }
        let before = row.faults.count();
        let (sku, sku_code) = (self.sku(row), self.code(row));
        let min = units(row, self.min, 0);
        let target = units(row, self.target, 0);
        let pack = pack.map_or(Some(1), |at| units(row, at, 1));
        if let (Some(min), Some(target)) = (min, target)
            && target < min
        {
            let message = format!("{target} is below min, which is {min}");
            row.fault(self.target, message);
        }
        if let Some(named) = self.sku_code.or(self.sku_id)
            && sku.is_none()
            && sku_code.is_none()
            && row.faults.count() == before
        {
            row.fault(named, "the row names no variant");
        }
        self.twice(row, sku, sku_code.as_deref());
        let (Some(min), Some(target), Some(pack)) = (min, target, pack) else {
            return;
        };
        let supplier = self.supplier.map(|at| trimmed(&row.text(at)).to_owned());
        self.levels.push(Level {
            line: row.line,
            sku,
            sku_code,
            supplier: supplier.filter(|supplier| !supplier.is_empty()),
            min,
            target,
            pack,
        });
    }

    fn sku(&self, row: &mut Cells<'_>) -> Option<SkuId> {
        let at = self.sku_id?;
        let id = cells::id(row.cell(at), "sku id");
        SkuId::new(row.or_fault(at, id)??)
    }

    fn code(&self, row: &mut Cells<'_>) -> Option<String> {
        let at = self.sku_code?;
        let code = cells::code(row.cell(at)).map(Cow::into_owned);
        row.or_fault(at, code).filter(|code| !code.is_empty())
    }

    /// A variant has one level. Where there are ids, a code may be shared by several variants.
    fn twice(&mut self, row: &mut Cells<'_>, sku: Option<SkuId>, code: Option<&str>) {
        let (at, name) = match (self.sku_id.zip(sku), self.sku_code.zip(code)) {
            (Some((at, sku)), _) => (at, format!("sku id {sku}")),
            (None, Some((at, code))) => (at, code.to_owned()),
            (None, None) => return,
        };
        let shown = cells::shown(&name).into_owned();
        let first = *self.lines.entry((at, name)).or_insert(row.line);
        if first != row.line {
            row.fault(at, format!("{shown} is in line {first} too"));
            row.faults.hint("keep one row for each variant");
        }
    }
}

/// So many units, `least` or more; a fault where they can't be read.
fn units(row: &mut Cells<'_>, at: usize, least: i64) -> Option<i64> {
    let units = match numbers::whole(&row.text(at), None) {
        Ok(number) if number < least && least > 0 => {
            Err(format!("{number}: a pack holds at least 1 unit"))
        }
        Ok(number) if number < least => Err(format!("{number}: it can't be below 0")),
        Ok(number) if number > LARGEST => Err(format!("{number} is too large")),
        read => read,
    };
    row.or_fault(at, units)
}
