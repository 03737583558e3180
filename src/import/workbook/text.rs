//! The cells of a sheet as the text of a table: a line for each of its rows, so that line 7 is row 7.

use std::borrow::Cow;
use std::fmt::Write as _;

use calamine::{DataRef, ExcelDateTime};

use super::super::faults::Faults;
use super::super::numbers::all_digits;
use super::super::table::BREAK;
use super::merged::Merged;
use super::shown::Shown;
use super::{broken, too_large};
use crate::error::{Error, Result};

/// Rows that a sheet can have.
const ROWS: u32 = 1_048_576;

/// Columns that are read.
pub(super) const COLUMNS: u32 = 1_024;

/// The longest text that a sheet may come to, in bytes: one long text can stand in a million cells.
const TEXT: usize = if cfg!(test) { 1 << 20 } else { 128 << 20 };

/// From here on a number in a spreadsheet need not be the one that was meant.
const INEXACT: f64 = 9_007_199_254_740_992.0;

/// What a cell is that is neither a text nor a number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Odd {
    /// A date, a time or both.
    Date,
    /// True or false.
    Boolean,
    /// The spreadsheet's own error.
    Error,
    /// A number shown in hundredths.
    Percentage,
    /// A number that is not whole.
    Fraction,
    /// A number so large that a spreadsheet rounds it.
    Rounded,
    /// A number shown as a word.
    Word,
    /// A number shown as another one.
    Scaled,
    /// A formula without its last value.
    NoValue,
    /// A text in an OpenDocument cell that says no type.
    NoType,
    /// Merged with a cell above it, in this row (from 1): whether what stands there is meant here too can't be told.
    Merged(u32),
}

impl Odd {
    /// What is wrong with such a cell where a number of units or a code is needed; `text` is what stands in it.
    pub(in crate::import) fn in_words(self, text: &str) -> String {
        let what = match self {
            Odd::Date => "is a date or a time: format the cell as text and fill it again",
            Odd::Boolean => "is true or false, not a number or a text",
            Odd::Error => "is a spreadsheet's error: mend the formula and save the file again",
            Odd::Percentage => "is shown as a percentage: format the cell as a number",
            Odd::Word => "is shown as a word, such as TRUE: format the cell as a number",
            Odd::Scaled => "is shown as another number: format the cell as a number",
            Odd::Fraction => {
                "is not whole: stock counts whole units, and a code with a point in it has to be a text"
            }
            Odd::Rounded => {
                "has more digits than a spreadsheet keeps: format the cell as text and fill it again"
            }
            Odd::Merged(row) => {
                return format!(
                    "the cell is merged with the one in row {row}: unmerge it and fill in each row"
                );
            }
            Odd::NoType => {
                return "the cell does not say what it is: open the file in a spreadsheet and save it"
                    .to_owned();
            }
            Odd::NoValue => {
                return "the formula has no value: open the file in a spreadsheet and save it"
                    .to_owned();
            }
        };
        let text = if text.is_empty() { "the cell" } else { text };
        format!("{text} {what}")
    }
}

/// The text that a sheet became.
#[derive(Debug, Default)]
pub(in crate::import) struct SheetText {
    /// The sheet's name.
    pub(in crate::import) name: String,
    /// Cells separated by commas, quoted where they need it.
    pub(in crate::import) text: String,
    /// What its cells are that are neither texts nor numbers of units: row and column, from 0, in their order.
    odd: Vec<((u32, u32), Odd)>,
    /// Cells that look empty and are not, likewise.
    valueless: Vec<((u32, u32), Odd)>,
    /// Cells over several rows.
    merged: Merged,
    /// Other sheets of the workbook that could have been read.
    pub(in crate::import) others: Vec<String>,
    /// Whether rows with something in them can't be seen.
    pub(in crate::import) hidden: bool,
    /// Where the next cell goes.
    row: u32,
    next: u32,
    /// Commas in the row so far.
    commas: u32,
    /// The most cells of a row so far: a row without cells at its end has empty ones.
    width: u32,
}

impl SheetText {
    pub(super) fn new(name: &str, merged: Merged) -> SheetText {
        SheetText {
            name: name.to_owned(),
            merged,
            ..SheetText::default()
        }
    }

    /// What stands oddly in the cell on this line (from 1) and in this column (from 0).
    pub(in crate::import) fn odd(&self, line: u32, column: usize) -> Option<Odd> {
        let place = (line.checked_sub(1)?, u32::try_from(column).ok()?);
        if let Some(first) = self.merged.begins(place.0, place.1) {
            return Some(Odd::Merged(first + 1));
        }
        [&self.valueless, &self.odd].into_iter().find_map(|odd| {
            let found = odd.binary_search_by_key(&place, |(place, _)| *place);
            odd.get(found.ok()?).map(|(_, odd)| *odd)
        })
    }

    /// Whether a cell on this line (from 1) looks empty and is not.
    pub(in crate::import) fn looks_blank(&self, line: u32) -> bool {
        let row = line.saturating_sub(1);
        let at = self
            .valueless
            .partition_point(|(place, _)| *place < (row, 0));
        let next = self.valueless.get(at).map(|((row, _), _)| *row);
        next == Some(row)
    }

    /// What stands here can't be read, as `odd` says.
    pub(super) fn lacks_value(&mut self, row: u32, column: u32, odd: Odd) -> Result<()> {
        within(&self.name, row, column)?;
        let last = self.valueless.last().map(|(place, _)| *place);
        if last >= Some((row, column)) {
            return Err(self.out_of_order(row, column));
        }
        self.valueless.push(((row, column), odd));
        Ok(())
    }

    /// Takes the next cell; `shown` is how a number in it looks.
    pub(super) fn put(
        &mut self,
        row: u32,
        column: u32,
        value: &DataRef<'_>,
        shown: Option<Shown>,
    ) -> Result<()> {
        let Some(mut text) = of(value) else {
            return Ok(());
        };
        within(&self.name, row, column)?;
        if (row, column) < (self.row, self.next) {
            return Err(self.out_of_order(row, column));
        }
        if let Some(odd) = odd(value, shown) {
            self.odd.push(((row, column), odd));
        } else if let (DataRef::Float(_) | DataRef::Int(_), Some(Shown::Filled(digits))) =
            (value, shown)
            && all_digits(&text)
        {
            text = Cow::Owned(format!("{text:0>width$}", width = digits.into()));
        }
        while self.row < row {
            self.end_row();
        }
        if self.text.len() + text.len() > TEXT {
            return Err(too_large("its sheet comes to over 128 MiB of text"));
        }
        self.commas_up_to(column);
        quoted(&text, &mut self.text);
        self.next = column + 1;
        self.width = self.width.max(self.next);
        Ok(())
    }

    fn out_of_order(&self, row: u32, column: u32) -> Error {
        let cell = cell_name(&self.name, row, column);
        broken(format!("the cell {cell} stands behind later ones"))
    }

    pub(super) fn finish(mut self) -> SheetText {
        let last = self.valueless.last().map(|((row, _), _)| *row);
        self.end_row();
        while last.is_some_and(|last| self.row <= last) {
            self.end_row();
        }
        self
    }

    fn end_row(&mut self) {
        let looks_blank = self.next == 0 && self.looks_blank(self.row + 1);
        if looks_blank && self.width > 0 {
            // No blank line, which would be passed over.
            self.text.push_str("\"\"");
        }
        if (self.next > 0 || looks_blank) && self.width > 0 {
            self.commas_up_to(self.width - 1);
        }
        self.text.push('\n');
        (self.row, self.next, self.commas) = (self.row + 1, 0, 0);
    }

    fn commas_up_to(&mut self, column: u32) {
        while self.commas < column {
            self.text.push(',');
            self.commas += 1;
        }
    }
}

/// The cell's text; `None` where there is nothing in it. A line break in a cell becomes [`BREAK`], so that each row is a line.
pub(super) fn of<'v>(value: &'v DataRef<'_>) -> Option<Cow<'v, str>> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::String(text) => Cow::Borrowed(text.as_str()),
        DataRef::SharedString(text) => Cow::Borrowed(*text),
        DataRef::Int(n) => Cow::Owned(n.to_string()),
        // Most numbers are whole, and whole numbers are written faster; it also makes a 0 of -0.
        DataRef::Float(n) if n.fract() == 0.0 && n.abs() < INEXACT => {
            Cow::Owned((*n as i64).to_string())
        }
        // Rust writes every digit and no power of ten.
        DataRef::Float(n) => Cow::Owned(n.to_string()),
        DataRef::Bool(true) => Cow::Borrowed("TRUE"),
        DataRef::Bool(false) => Cow::Borrowed("FALSE"),
        DataRef::DateTime(at) => Cow::Owned(date(at)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cow::Borrowed(text.as_str()),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
    };
    if text.is_empty() {
        return None;
    }
    Some(match text.contains(['\r', '\n']) {
        true => Cow::Owned(
            text.replace("\r\n", "\n")
                .replace(['\r', '\n'], BREAK.encode_utf8(&mut [0; 4])),
        ),
        false => text,
    })
}

fn date(at: &ExcelDateTime) -> String {
    if at.is_duration() {
        return format!("{} days", at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) != (0, 0, 0) {
        let _ = write!(text, " {hour:02}:{minute:02}:{second:02}");
    }
    text
}

fn odd(value: &DataRef<'_>, shown: Option<Shown>) -> Option<Odd> {
    match value {
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Some(Odd::Date),
        DataRef::Bool(_) => Some(Odd::Boolean),
        DataRef::Error(_) => Some(Odd::Error),
        DataRef::Int(_) | DataRef::Float(_) if shown == Some(Shown::Percentage) => {
            Some(Odd::Percentage)
        }
        DataRef::Int(_) | DataRef::Float(_) if shown == Some(Shown::Word) => Some(Odd::Word),
        DataRef::Int(_) | DataRef::Float(_) if shown == Some(Shown::Scaled) => Some(Odd::Scaled),
        DataRef::Int(n) => (n.unsigned_abs() >= INEXACT as u64).then_some(Odd::Rounded),
        DataRef::Float(n) if !n.is_finite() || n.abs() >= INEXACT => Some(Odd::Rounded),
        DataRef::Float(n) if n.fract() != 0.0 => Some(Odd::Fraction),
        _ => None,
    }
}

/// Whether the cell is in a part of a sheet that is read.
fn within(sheet: &str, row: u32, column: u32) -> Result<()> {
    if row < ROWS && column < COLUMNS {
        return Ok(());
    }
    let mut faults = Faults::default();
    let message =
        "the cell is too far from the table: rows are read up to 1,048,576, columns up to AMJ";
    faults.add(row.saturating_add(1), None, message);
    faults.in_cell(cell_name(sheet, row, column));
    Err(faults
        .into_error()
        .reworded("the workbook has a fault")
        .hinted("clear what lies right of the table and below it, and save the file again"))
}

/// A cell as spreadsheets name it: `Stock!C7`, from row and column from 0.
pub(in crate::import) fn cell_name(sheet: &str, row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{}!{letters}{}", sheet_name(sheet), u64::from(row) + 1)
}

/// A sheet's name, quoted where a spreadsheet would.
pub(in crate::import) fn sheet_name(name: &str) -> Cow<'_, str> {
    if !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
    {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("'{}'", name.replace('\'', "''")))
}

/// A cell of CSV.
fn quoted(text: &str, to: &mut String) {
    if text.contains([',', '"']) || text.starts_with(' ') {
        to.push('"');
        to.push_str(&text.replace('"', "\"\""));
        to.push('"');
    } else {
        to.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cells: &[(u32, u32, DataRef<'_>, &str)]) -> SheetText {
        let mut sheet = SheetText::new("Stock", Merged::default());
        for (row, column, value, shown) in cells {
            let shown = Shown::of_format(shown);
            sheet.put(*row, *column, value, shown).unwrap();
        }
        sheet.finish()
    }

    #[test]
    fn a_row_is_a_line_and_as_wide_as_the_header() {
        let string = |text: &'static str| DataRef::SharedString(text);
        let sheet = text(&[
            (1, 0, string("sku"), ""),
            (1, 2, string("qty, \"all\""), ""),
            (3, 0, string("a\r\nb"), ""),
            (4, 1, DataRef::Float(12.0), ""),
        ]);
        assert_eq!(
            sheet.text,
            "\nsku,,\"qty, \"\"all\"\"\"\n\na\u{2028}b,,\n,12,\n"
        );
    }

    #[test]
    fn numbers_are_their_digits() {
        for (number, shown, digits, odd) in [
            (123.0, "General", "123", None),
            (123.0, "00000", "00123", None),
            (-0.0, "General", "0", None),
            (4_006_381_333_931.0, "General", "4006381333931", None),
            (9_007_199_254_740_991.0, "0", "9007199254740991", None),
            (
                9_007_199_254_740_992.0,
                "0",
                "9007199254740992",
                Some(Odd::Rounded),
            ),
            (1e20, "0", "100000000000000000000", Some(Odd::Rounded)),
            (12.5, "General", "12.5", Some(Odd::Fraction)),
            (1.0, "0%", "1", Some(Odd::Percentage)),
        ] {
            let sheet = text(&[(0, 0, DataRef::Float(number), shown)]);
            assert_eq!(sheet.text.trim_end(), digits);
            assert_eq!(sheet.odd(1, 0), odd, "{number}");
        }
    }

    #[test]
    fn cells_are_named_as_spreadsheets_do() {
        assert_eq!(cell_name("Stock", 6, 2), "Stock!C7");
        assert_eq!(cell_name("My stock", 0, 26), "'My stock'!AA1");
        assert_eq!(cell_name("O'Neill", 0, 16_383), "'O''Neill'!XFD1");
    }

    #[test]
    fn cells_far_off_and_out_of_order_are_refused() {
        let mut sheet = SheetText::new("Stock", Merged::default());
        assert!(sheet.put(0, 1_024, &DataRef::Bool(true), None).is_err());
        assert!(sheet.put(1_048_576, 0, &DataRef::Bool(true), None).is_err());
        assert!(sheet.put(0, 1_024, &DataRef::Empty, None).is_ok());
        sheet.put(3, 3, &DataRef::Bool(true), None).unwrap();
        assert!(sheet.put(3, 3, &DataRef::Bool(true), None).is_err());
        assert!(sheet.put(2, 4, &DataRef::Bool(true), None).is_err());
    }
}
