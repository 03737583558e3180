//! One row becomes a wanted change: what its cells say, and what is wrong with them.

use std::borrow::Cow;

use csv::StringRecord;

use super::MAX_QUANTITY;
use super::cells::{self, asks_nothing, shown, trimmed, unwrapped};
use super::columns::{Column, map_option};
use super::numbers;
use super::rows::Rows;
use super::workbook::Odd;
use crate::error::Result;
use crate::model::{ProductId, SkuId};
use crate::wanted::{Mode, Wanted};
use crate::words::grouped;

/// Longest reason, in characters (docs/api.md: Adjust Stock).
const LONGEST_REASON: usize = 255;

/// What is said of a row with neither a code nor an id.
const NO_VARIANT: &str = "no variant is named";

/// What may be meant by a cell over several rows.
const LOTS: &str = "where rows of one variant are lots of it: once each has its code, --sum-duplicates adds them up";

impl Rows<'_> {
    /// Takes in what a row asks for, or its faults.
    pub(super) fn row(&mut self, line: u32, record: &StringRecord) -> Result<()> {
        let columns = self.columns;
        let mode = columns.mode;
        let value = unwrapped(record.get(columns.value).unwrap_or_default());
        if asks_nothing(trimmed(&value)) && self.odd(line, columns.value).is_none() {
            self.read.left_alone += 1;
            return Ok(());
        }
        if !self.names_a_variant(record) && !self.is_named_oddly(line) {
            return self.take_nameless(line, &value);
        }
        if self.is_odd(line, record) {
            return Ok(());
        }
        let before = self.faults.count();
        let value = match mode != Mode::Adjust && self.says_how_many_more(line, &value) {
            true => None,
            false => self.whole(line, columns.value, &value),
        };
        if mode == Mode::Adjust && value == Some(0) {
            // Changes nothing, and the API refuses to be asked for it; lists of all articles have many such rows.
            self.read.left_alone += 1;
            return Ok(());
        }
        if value.is_some_and(|value| self.stays_below_zero(record, value)) {
            self.read.left_alone += 1;
            self.read.stays_below_zero = true;
            return Ok(());
        }
        let unnamed = self.faults.count();
        let id = self
            .id(line, record, columns.sku_id, "sku id")
            .and_then(SkuId::new);
        let code = self.code(line, record);
        let product = self.product(line, record);
        let known = self.faults.count() == unnamed;
        let expected = self.expected(line, record);
        self.refuse_too_many(line, value, expected);
        let reason = self.reason(line, record);
        let units = self.units(value.unwrap_or_default());
        let code = Some(code.as_ref()).filter(|code| !code.is_empty());
        let fault = alone(mode, units, reason);
        self.read.below_zero += u64::from(mode != Mode::Adjust && units < 0);
        if self.faults.count() > before && !(known && self.faults.has_room()) {
            return Ok(());
        }
        self.read.rows += 1;
        self.to.take(&Wanted {
            line,
            product,
            sku: id,
            code,
            either: false,
            value: units,
            expected,
            reason,
            fault: fault.as_deref(),
        })
    }

    /// Such as a total line, whatever number stands in it: nothing follows from it. An adjustment of 0 asks for nothing, here too.
    fn take_nameless(&mut self, line: u32, value: &str) -> Result<()> {
        let value = numbers::whole(value, self.options.thousands);
        if self.columns.mode == Mode::Adjust && value == Ok(0) {
            self.read.left_alone += 1;
            return Ok(());
        }
        self.read.rows += 1;
        self.to.take(&Wanted {
            line,
            value: value.unwrap_or_default(),
            fault: Some(NO_VARIANT),
            ..Wanted::default()
        })
    }

    /// What is asked for, after what is kept back. Of rows that add up the buffer is kept back once.
    fn units(&self, units: i64) -> i64 {
        if self.columns.mode != Mode::Adjust && units < 0 && self.options.negative_as_zero {
            return 0;
        }
        match units > 0 && !self.options.sum_duplicates {
            true => (units - self.buffer).max(0),
            false => units,
        }
    }

    fn names_a_variant(&self, record: &StringRecord) -> bool {
        let mut cells = self.columns.naming().filter_map(|at| record.get(at));
        cells.any(|cell| !trimmed(&unwrapped(cell)).is_empty())
    }

    /// Whether a cell that names the variant looks empty and need not be: a formula without its value, or one that is merged
    /// with the cell above, whose variant the number may belong to.
    fn is_named_oddly(&self, line: u32) -> bool {
        let mut naming = self.columns.naming();
        naming.any(|at| self.odd(line, at).is_some())
    }

    /// What is odd about a cell in its sheet.
    fn odd(&self, line: u32, at: usize) -> Option<Odd> {
        self.sheet.and_then(|sheet| sheet.odd(line, at))
    }

    /// Whether a cell that is read is a date, an error and so on in its sheet. Such a row can't be read.
    fn is_odd(&mut self, line: u32, record: &StringRecord) -> bool {
        if self.sheet.is_none() {
            return false;
        }
        let columns = self.columns;
        let before = self.faults.count();
        for at in columns.deciding().chain(columns.reason) {
            let Some(odd) = self.odd(line, at) else {
                continue;
            };
            let fine = match odd {
                // A reason may be any text, and so any number.
                Odd::Fraction => columns.reason == Some(at),
                // Nothing is missing where these stand above alone.
                Odd::Merged(_) => [columns.reason, columns.product_id].contains(&Some(at)),
                _ => false,
            };
            if !fine {
                if let Odd::Merged(_) = odd {
                    self.faults.hint(LOTS);
                }
                let text = shown(record.get(at).unwrap_or_default());
                self.fault::<()>(line, Some(at), odd.in_words(&text));
            }
        }
        self.faults.count() > before
    }

    /// A store may hold a quantity below 0, and an export of it says so; nobody asks for one, and the row that leaves it
    /// as it is asks for nothing.
    fn stays_below_zero(&self, record: &StringRecord, value: i64) -> bool {
        let options = self.options;
        if value >= 0 || options.negative_as_zero || options.states_stock {
            return false;
        }
        let expected = self.columns.expected.and_then(|at| record.get(at));
        expected.is_some_and(|e| numbers::whole(&unwrapped(e), options.thousands) == Ok(value))
    }

    /// A barcode or a price in the column of quantities. Who expects as many has as many.
    fn refuse_too_many(&mut self, line: u32, value: Option<i64>, expected: Option<i64>) {
        let most = self.options.max_quantity.unwrap_or(MAX_QUANTITY);
        let Some(value) = value.filter(|value| value.unsigned_abs() > most) else {
            return;
        };
        if expected.is_some_and(|expected| expected.unsigned_abs() >= value.unsigned_abs()) {
            return;
        }
        let what = match self.columns.mode {
            Mode::Adjust => "an adjustment",
            Mode::Set | Mode::Stocktake => "a quantity",
        };
        let most = grouped(most.cast_signed());
        let message = format!("{value} is more than {what} may be, {most} units");
        self.fault::<()>(line, Some(self.columns.value), message);
        self.largest = self.largest.max(value.unsigned_abs());
    }

    /// Whether a quantity has a plus sign, which is for what is added. A fault, unless somebody said what the rows do.
    fn says_how_many_more(&mut self, line: u32, value: &str) -> bool {
        let value = trimmed(value);
        let doubted =
            self.options.mode.is_none() && value.starts_with('+') && numbers::is_number(value);
        if doubted {
            let at = self.columns.value;
            let message = format!(
                "{} says how many more, and the column how many there are",
                shown(value)
            );
            self.fault::<()>(line, Some(at), message);
            let header = &self.columns.headers[at];
            self.faults.hint(format!(
                "where the numbers are to be added: {}; where they are what there is: --mode {}",
                map_option(header, Column::Adjustment),
                self.columns.mode.name()
            ));
        }
        doubted
    }

    fn whole(&mut self, line: u32, at: usize, text: &str) -> Option<i64> {
        match numbers::whole(text, self.options.thousands) {
            Ok(number) => Some(number),
            Err(_) if trimmed(text) == self.columns.headers[at] => {
                let message = "the header stands here again: take the line out";
                self.fault(line, Some(at), message)
            }
            Err(message) => self.fault(line, Some(at), message),
        }
    }

    fn product(&mut self, line: u32, record: &StringRecord) -> Option<ProductId> {
        let at = self.columns.product_id?;
        let before = self.faults.count();
        let product = self.id(line, record, Some(at), "product id");
        if self.faults.count() > before {
            let header = &self.columns.headers[at];
            self.faults.hint(format!(
                "where the column has another program's ids, {}",
                self.options.leaving_out(header, Column::ProductId)
            ));
        }
        product.and_then(ProductId::new)
    }

    fn id(
        &mut self,
        line: u32,
        record: &StringRecord,
        at: Option<usize>,
        what: &str,
    ) -> Option<i64> {
        match cells::id(record.get(at?)?, what) {
            Ok(id) => id,
            Err(message) => self.fault(line, at, message),
        }
    }

    /// Empty where there is none.
    fn code<'r>(&mut self, line: u32, record: &'r StringRecord) -> Cow<'r, str> {
        let at = self.columns.sku_code;
        match cells::code(at.and_then(|at| record.get(at)).unwrap_or_default()) {
            Ok(code) => code,
            Err(message) => self.fault(line, at, message).unwrap_or_default(),
        }
    }

    fn expected(&mut self, line: u32, record: &StringRecord) -> Option<i64> {
        let at = self.columns.expected?;
        let text = unwrapped(record.get(at)?);
        if !asks_nothing(trimmed(&text)) {
            return self.whole(line, at, &text);
        }
        if self.columns.mode == Mode::Stocktake {
            return self.fault(
                line,
                Some(at),
                "a counted quantity needs the expected one beside it",
            );
        }
        None
    }

    fn reason<'r>(&mut self, line: u32, record: &'r StringRecord) -> Option<&'r str> {
        let at = self.columns.reason?;
        let reason = Some(trimmed(record.get(at)?)).filter(|reason| !reason.is_empty())?;
        if let Err(message) = cells::refuse_error(reason) {
            return self.fault(line, Some(at), message);
        }
        Some(reason)
    }
}

/// What is wrong with a row alone, however the rest of the file is read: it fails, and the others go on.
fn alone(mode: Mode, units: i64, reason: Option<&str>) -> Option<String> {
    if mode != Mode::Adjust && units < 0 {
        return Some(format!(
            "{units}: a quantity can't be below 0; --negative-as-zero reads it as 0"
        ));
    }
    // Bytes are never fewer than characters, and counting characters takes time.
    let characters = reason
        .filter(|reason| reason.len() > LONGEST_REASON)
        .map_or(0, |reason| reason.chars().count());
    (characters > LONGEST_REASON).then(|| {
        format!("the reason has {characters} characters; at most {LONGEST_REASON} are recorded")
    })
}
