//! A file of levels: how many units of each variant there should be at least, and up to how many are ordered
//! (docs/memory.md: reorder).

use std::borrow::Cow;
use std::collections::HashMap;

use csv::StringRecord;

use super::cells::{self, trimmed};
use super::columns::{self, plain};
use super::numbers;
use super::small::{self, Cells, Small};
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

/// Reads the levels of a file. Rows with neither `min` nor `target` are left alone: lists of all articles have many of them.
/// An error, usage: other headers, a cell that can't be read, a variant with two levels, or no level at all.
pub fn read_levels(bytes: &[u8]) -> Result<Vec<Level>> {
    small::read::<Levels>(bytes)
}

/// The levels read so far.
struct Levels {
    places: Vec<(Meaning, usize)>,
    levels: Vec<Level>,
    /// The line that first named each variant.
    ids: HashMap<SkuId, u32>,
    codes: HashMap<String, u32>,
}

impl Small for Levels {
    const HOW_IT_LOOKS: &str =
        "it needs the columns sku_code (or sku_id), min and target, and may have supplier and pack";

    type Content = Vec<Level>;

    fn of(headers: &StringRecord) -> Result<Levels> {
        Ok(Levels {
            places: places(headers)?,
            levels: Vec::new(),
            ids: HashMap::new(),
            codes: HashMap::new(),
        })
    }

    fn take(&mut self, row: &mut Cells<'_>) {
        let says = |meaning| !trimmed(&row.text(self.at(meaning))).is_empty();
        if !says(Meaning::Min) && !says(Meaning::Target) {
            return;
        }
        if row.has_odd(self.places.iter().map(|(_, at)| *at)) {
            return;
        }
        let before = row.faults.count();
        let (sku, sku_code) = (self.sku(row), self.code(row));
        let min = self.units(row, Meaning::Min, 0);
        let target = self.units(row, Meaning::Target, 0);
        let pack = match trimmed(&row.text(self.at(Meaning::Pack))) {
            "" => Some(1),
            _ => self.units(row, Meaning::Pack, 1),
        };
        if let (Some(min), Some(target)) = (min, target)
            && target < min
        {
            let message = format!("{target} is below min, which is {min}");
            self.fault(row, Meaning::Target, message);
        }
        if sku.is_none() && sku_code.is_none() && row.faults.count() == before {
            let named = [Meaning::SkuCode, Meaning::SkuId];
            let named = named.into_iter().find(|of| self.at(*of).is_some());
            let named = named.unwrap_or(Meaning::SkuCode);
            self.fault(row, named, "the row names no variant");
        }
        self.twice(row, sku, sku_code.as_deref());
        let (Some(min), Some(target), Some(pack)) = (min, target, pack) else {
            return;
        };
        let supplier = trimmed(&row.text(self.at(Meaning::Supplier))).to_owned();
        self.levels.push(Level {
            line: row.line,
            sku,
            sku_code,
            supplier: Some(supplier).filter(|supplier| !supplier.is_empty()),
            min,
            target,
            pack,
        });
    }

    fn end(self, any: bool) -> Result<Vec<Level>> {
        let what = match (any, self.levels.is_empty()) {
            (_, false) => return Ok(self.levels),
            (false, true) => "the file has no rows, only a header line",
            (true, true) => "no row of the file has a min and a target",
        };
        Err(Error::usage(what).hinted(Levels::HOW_IT_LOOKS))
    }
}

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
    let what = format!("the file has no column {missing}");
    Err(small::other_headers::<Levels>(&what, headers))
}

impl Levels {
    fn at(&self, meaning: Meaning) -> Option<usize> {
        let mut places = self.places.iter();
        places
            .find(|(other, _)| *other == meaning)
            .map(|(_, at)| *at)
    }

    fn fault(&self, row: &mut Cells<'_>, meaning: Meaning, message: impl Into<String>) {
        // A column that is not there has no name: the fault is the row's.
        row.fault(self.at(meaning).unwrap_or(usize::MAX), message);
    }

    fn sku(&self, row: &mut Cells<'_>) -> Option<SkuId> {
        let at = self.at(Meaning::SkuId)?;
        let id = cells::id(row.cell(at), "sku id");
        SkuId::new(row.or_fault(at, id)??)
    }

    fn code(&self, row: &mut Cells<'_>) -> Option<String> {
        let at = self.at(Meaning::SkuCode)?;
        let code = cells::code(row.cell(at)).map(Cow::into_owned);
        row.or_fault(at, code).filter(|code| !code.is_empty())
    }

    fn units(&self, row: &mut Cells<'_>, meaning: Meaning, least: i64) -> Option<i64> {
        let message = match numbers::whole(&row.text(self.at(meaning)), None) {
            Ok(number) if number < least && meaning == Meaning::Pack => {
                format!("{number}: a pack holds at least 1 unit")
            }
            Ok(number) if number < least => format!("{number}: it can't be below 0"),
            Ok(number) if number > LARGEST => format!("{number} is too large"),
            Ok(number) => return Some(number),
            Err(message) => message,
        };
        self.fault(row, meaning, message);
        None
    }

    /// A variant has one level.
    fn twice(&mut self, row: &mut Cells<'_>, sku: Option<SkuId>, code: Option<&str>) {
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
            self.fault(row, meaning, format!("{name} is in line {first} too"));
            row.faults.hint("keep one row for each variant");
        }
        if let Some(sku) = sku {
            self.ids.entry(sku).or_insert(row.line);
        } else if let Some(code) = code {
            self.codes.entry(code.to_owned()).or_insert(row.line);
        }
    }
}
