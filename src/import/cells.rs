//! What stands in cells: what a spreadsheet wrapped around a text is taken off, ids and codes are read, and what a
//! spreadsheet destroyed is refused.

use std::borrow::Cow;

use super::numbers::{all_digits, digits};
pub(super) use crate::invisible::is_blank;
pub(super) use crate::sku_code::trimmed;

/// More of a cell is not repeated in a message.
const SHOWN: usize = 40;

/// Errors of spreadsheets that don't end as the others do.
const SPREADSHEET_ERRORS: [&str; 5] = ["#NV", "#YOK", "#GETTING_DATA", "#BUSY", "#\u{41D}/\u{414}"];

/// The text that is meant: `="00123"` and `'00123` are how spreadsheets are kept from reading `00123` as a number, and
/// `'=A` is how `export-csv --excel` keeps them from running it as a formula. A tab behind the apostrophe is
/// what it protects, so it stays.
pub(super) fn unwrapped(cell: &str) -> Cow<'_, str> {
    let text = trimmed(cell);
    if text.starts_with('\'') {
        // What stands behind it stands as it is, blanks at its end too.
        return Cow::Borrowed(&cell.trim_start_matches(is_blank)[1..]);
    }
    let inner = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"'));
    match inner {
        None => Cow::Borrowed(text),
        Some(inner) if !inner.contains('"') => Cow::Borrowed(inner),
        Some(inner) if inner.replace("\"\"", "").contains('"') => Cow::Borrowed(text),
        Some(inner) => Cow::Owned(inner.replace("\"\"", "\"")),
    }
}

/// Whether a quantity cell asks for nothing.
pub(super) fn asks_nothing(text: &str) -> bool {
    text.is_empty() || text.eq_ignore_ascii_case("not stocked")
}

/// A sku code; empty where there is none. What is wrong, in one sentence, where a spreadsheet destroyed it.
pub(super) fn code(cell: &str) -> Result<Cow<'_, str>, String> {
    let text = trimmed(cell);
    refuse_destroyed(text)?;
    let code = unwrapped(cell);
    Ok(if trimmed(&code).is_empty() {
        Cow::Borrowed("")
    } else if code == text {
        // A code of the store may begin or end with a blank.
        Cow::Borrowed(cell)
    } else {
        code
    })
}

/// A sku or product id, digits alone; `None` where there is none. `what` names it in messages.
pub(super) fn id(cell: &str, what: &str) -> Result<Option<i64>, String> {
    let text = trimmed(cell);
    if let Some(id) = digits(text).filter(|id| *id > 0) {
        return Ok(Some(id));
    }
    refuse_destroyed(text)?;
    let unwrapped = unwrapped(cell);
    let inner = trimmed(&unwrapped);
    if inner.is_empty() {
        return Ok(None);
    }
    // Programs write whole numbers as `450.0` where a cell of the column is empty.
    let digits = inner.strip_suffix(".0").unwrap_or(inner);
    match digits.parse() {
        Ok(id) if id > 0 && all_digits(digits) => Ok(Some(id)),
        _ => Err(format!(
            "{} is not a {what}: a whole number above zero, only digits",
            shown(inner)
        )),
    }
}

/// `1.2E+12`: what a spreadsheet makes of a long code that it takes for a number.
fn is_rounded(text: &str) -> bool {
    let Some((mantissa, power)) = text.split_once(['E', 'e']) else {
        return false;
    };
    // One digit, decimals, a signed power: other codes with an E in them are codes.
    let (integer, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    integer.len() == 1
        && all_digits(integer)
        && all_digits(decimals)
        && power.strip_prefix('+').is_some_and(all_digits)
}

/// An error where a spreadsheet made something else of a code or an id.
fn refuse_destroyed(text: &str) -> Result<(), String> {
    if !is_rounded(text) {
        return refuse_error(text);
    }
    Err(format!(
        "{} is what a spreadsheet made of a longer number, whose digits are lost: format the column as text and fill it again",
        shown(text)
    ))
}

/// An error where a spreadsheet left its own error in the cell.
pub(super) fn refuse_error(text: &str) -> Result<(), String> {
    if !is_spreadsheet_error(text) {
        return Ok(());
    }
    Err(format!(
        "{text} is a spreadsheet's error: mend the formula and save the file again"
    ))
}

/// `#REF!`, `#NAME?`, `#N/A` and what they are in other languages: `#BEZUG!`, `#\u{bf}NOMBRE?`, `#N/D`.
fn is_spreadsheet_error(text: &str) -> bool {
    let Some(word) = text.strip_prefix('#') else {
        return false;
    };
    let letter = |c: char| c.is_alphabetic() || matches!(c, '/' | '0' | '\u{A1}' | '\u{BF}' | '_');
    let named = word.strip_suffix(['!', '?']);
    let named = named.is_some_and(|word| word.chars().count() > 1 && word.chars().all(letter));
    let missing = word.strip_prefix("N/").unwrap_or_default();
    let missing = missing.chars().count() == 1 && missing.chars().all(char::is_alphabetic);
    let mut others = SPREADSHEET_ERRORS.iter();
    named || missing || others.any(|error| text.eq_ignore_ascii_case(error))
}

/// The beginning of a cell that is too long for a message.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}
