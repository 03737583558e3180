//! Whole numbers, as people and programs write them. What could be read in two ways is not read at all.

use std::borrow::Cow;

use super::cells::{refuse_error, shown, trimmed};

/// A whole number of units, with a sign or without. What is wrong, in one sentence, where it isn't one or could be two.
pub(super) fn whole(text: &str, thousands: Option<char>) -> Result<i64, String> {
    if let Some(number) = digits(text) {
        return Ok(number);
    }
    let text = &*with_our_digits(trimmed(text));
    refuse_error(text)?;
    match signed(text, thousands) {
        Some(Some(number)) => Ok(number),
        Some(None) => Err(format!("{} is too large", shown(text))),
        None => Err(why_not(text, thousands)),
    }
}

/// The zeros of the digits that shops write beside 0 to 9: Arabic, Persian, Devanagari, Bengali, Gurmukhi, Gujarati, Odia,
/// Tamil, Telugu, Kannada, Malayalam, Thai, Lao, Burmese, Khmer and the wide ones of East Asia. The other nine follow each.
const ZEROS: [u32; 16] = [
    0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0,
    0x1040, 0x17E0, 0xFF10,
];

/// The text with the digits of another script as 0 to 9, which is all that they can mean. As it is where it has digits of
/// two scripts.
fn with_our_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let value = |c: char, zero: u32| char::from_digit(u32::from(c).checked_sub(zero)?, 10);
    let foreign = |zero: &u32| text.chars().any(|c| value(c, *zero).is_some());
    let mut zeros = ZEROS.into_iter().filter(foreign);
    let (Some(zero), None) = (zeros.next(), zeros.next()) else {
        return Cow::Borrowed(text);
    };
    if text.contains(|c: char| c.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let digits = text.chars().map(|c| value(c, zero).unwrap_or(c));
    Cow::Owned(digits.collect())
}

/// The number with its sign. `None` where it is none, `Some(None)` where it is too large.
fn signed(text: &str, thousands: Option<char>) -> Option<Option<i64>> {
    let (sign, body) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(body) => (-1, body),
        None => (1, unsigned(text)),
    };
    let integer = match thousands {
        None => ungrouped(body)?,
        Some(c) => grouped(body, c)?,
    };
    Some(integer.parse::<i64>().ok().map(|number| sign * number))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text)
}

/// The common case: digits alone, few enough that they can't overflow.
pub(super) fn digits(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    bytes.iter().try_fold(0, |number, b| {
        b.is_ascii_digit()
            .then(|| number * 10 + i64::from(b - b'0'))
    })
}

/// Whether there is at least one character and all are digits 0 to 9.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a cell holds a number of any kind, whole or not, however it is written.
pub(super) fn is_number(cell: &str) -> bool {
    let text = with_our_digits(trimmed(cell));
    let body = unsigned(&text);
    let separates = |c: char| matches!(c, '.' | ',' | '\'' | '\u{2019}') || c.is_whitespace();
    body.starts_with(|c: char| c.is_ascii_digit())
        && body.chars().all(|c| c.is_ascii_digit() || separates(c))
}

/// Whether a cell holds a number to a reader, if not to us: `23 pcs`, `(3)`, `3-`, `1E+02`, digits of other scripts.
pub(super) fn is_like_number(cell: &str) -> bool {
    let text = trimmed(cell);
    let foreign = |c: char| c.is_numeric() && !c.is_ascii();
    is_number(text)
        || below_zero(text).is_some()
        || beside_unit(text).is_some()
        || is_scientific(unsigned(text))
        || text.contains(foreign) && text.chars().all(|c| c.is_numeric() || !c.is_alphabetic())
}

/// Whether a number is surely not whole: `12.5`, `3,99`.
pub(super) fn is_part(cell: &str) -> bool {
    let text = with_our_digits(trimmed(cell));
    let parts = unsigned(&text).split_once(['.', ',']);
    parts.is_some_and(|(integer, decimals)| decimals.len() != 3 && is_fraction((integer, decimals)))
}

fn all_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'0')
}

/// `10.000` is ten to some and ten thousand to others.
fn is_ambiguous(integer: &str, decimals: &str) -> bool {
    decimals.len() == 3 && integer.len() <= 3 && !integer.starts_with('0')
}

/// The digits of a number in a file that groups no thousands: `12`, and `12.0` as spreadsheets and programs write it.
fn ungrouped(body: &str) -> Option<Cow<'_, str>> {
    let (integer, decimals) = body.split_once('.').unwrap_or((body, "0"));
    let fine = all_digits(integer) && all_zeros(decimals) && !is_ambiguous(integer, decimals);
    fine.then_some(Cow::Borrowed(integer))
}

/// The digits of a number in a file that groups thousands by `c`: all of them in groups, or none.
fn grouped(body: &str, c: char) -> Option<Cow<'_, str>> {
    let marks: &[char] = match c {
        '.' => &[','],
        ',' => &['.'],
        _ => &['.', ','],
    };
    let (integer, decimals) = body.rsplit_once(marks).unwrap_or((body, "0"));
    if !all_zeros(decimals) {
        return None;
    }
    let same = |other: char| match c {
        ' ' => matches!(other, ' ' | '\u{A0}' | '\u{202F}'),
        '\'' => matches!(other, '\'' | '\u{2019}'),
        _ => other == c,
    };
    let groups: Vec<&str> = integer.split(same).collect();
    match groups[..] {
        // Neither `.` nor `,` groups this file's thousands, and yet this could be such a group.
        [one] if marks.len() == 2 && is_ambiguous(one, decimals) => None,
        [one] => all_digits(one).then_some(Cow::Borrowed(one)),
        [first, ref middle @ .., last] => {
            let sized = |most: usize| {
                first.len() <= most && last.len() == 3 && middle.iter().all(|one| one.len() == most)
            };
            // By three, or, as in India, by two before the last three.
            let fine = (sized(3) || sized(2))
                && !first.starts_with('0')
                && groups.iter().all(|group| all_digits(group));
            fine.then(|| Cow::Owned(groups.concat()))
        }
        [] => None,
    }
}

/// What may group thousands; each is tried on a number that can't be read.
const GROUPING: [char; 4] = [',', '.', ' ', '\''];

/// Currencies and units are told from words that begin with a number by how short they are.
const LONGEST_UNIT: usize = 8;

/// What a reader of the message has to know to mend the cell.
fn why_not(text: &str, thousands: Option<char>) -> String {
    let (this, body) = (shown(text), unsigned(text));
    if text.is_empty() {
        return "the cell is empty".to_owned();
    }
    if text.starts_with('=') {
        return format!("{this} is a formula, not a number: save the file with its result");
    }
    if text.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        return format!("{this} has to be written with the digits 0 to 9");
    }
    if let Some(readings) = readings(text, thousands) {
        return readings;
    }
    if let Some(number) = below_zero(text)
        && (signed(number, thousands).is_some() || readings(number, thousands).is_some())
    {
        return format!("{this} is not a number here: write -{number}");
    }
    if is_scientific(body) {
        return match written_out(text) {
            Some(number) => format!(
                "{this} is in scientific notation, {number} if nothing was rounded: write all its digits"
            ),
            None => format!("{this} is in scientific notation: write all its digits"),
        };
    }
    if is_number(text) && body.split_once(['.', ',']).is_some_and(is_fraction) {
        return format!("{this} is not whole: stock counts whole units");
    }
    if let Some(number) = beside_unit(text) {
        return format!("{this} is not a number alone: write {number}");
    }
    match thousands {
        Some(c) if is_number(text) => {
            format!("{this} is not a whole number with its thousands grouped by {c:?}")
        }
        _ => format!("{this} is not a whole number"),
    }
}

/// Signs that look like a minus sign, and that word processors and phones make of one.
pub const DASHES: [char; 9] = [
    '-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}', '\u{FE63}',
    '\u{FF0D}',
];

/// `(3)`, `3-` and numbers behind a dash that is no minus sign: three below zero, as bookkeepers and word processors
/// write it.
fn below_zero(text: &str) -> Option<&str> {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .or_else(|| text.strip_suffix(DASHES))
        .or_else(|| text.strip_prefix(DASHES));
    inner
        .map(trimmed)
        .filter(|inner| inner.starts_with(|c: char| c.is_ascii_digit()) && is_number(inner))
}

fn is_scientific(body: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-');
    body.split_once(['e', 'E'])
        .is_some_and(|(mantissa, power)| {
            let digits = |text: &str| text.contains(|c: char| c.is_ascii_digit());
            digits(mantissa)
                && digits(power)
                && mantissa.chars().all(number)
                && power.chars().all(number)
        })
}

/// The whole number that one in scientific notation stands for.
fn written_out(text: &str) -> Option<f64> {
    const EXACT: f64 = 1e15;
    let text = text.replace(',', ".").replace('\u{2212}', "-");
    let number = text.parse::<f64>().ok()?;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number)
}

/// Whether one side of a single mark says that the number isn't whole.
fn is_fraction((integer, decimals): (&str, &str)) -> bool {
    all_digits(integer) && all_digits(decimals) && !all_zeros(decimals)
}

/// `12 pcs`, `$12`: the number in it, where that is all there is.
fn beside_unit(text: &str) -> Option<&str> {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    let at = text.find(number)?;
    let (before, behind) = (&text[..at], &text[at + number.len()..]);
    let unit = |text: &str| {
        text.chars().count() <= LONGEST_UNIT
            && !text.contains([
                '-', '+', '\u{2212}', '#', '.', ',', '<', '>', '~', '?', '%', '=', '/', '*',
                '\u{2264}', '\u{2265}', '\u{2248}', '\u{2030}',
            ])
            && !text.eq_ignore_ascii_case("e")
    };
    // A letter in front is more likely a code than a currency.
    let currency = |text: &str| !text.contains(char::is_alphanumeric);
    let beside = unit(before) && currency(before) && unit(behind);
    (all_digits(number) && beside && before.is_empty() != behind.is_empty()).then_some(number)
}

/// What the number could be, each with the option that makes it so.
fn readings(text: &str, said: Option<char>) -> Option<String> {
    let mut readings: Vec<(i64, char)> = Vec::new();
    for c in GROUPING.into_iter().filter(|c| Some(*c) != said) {
        if let Some(Some(number)) = signed(text, Some(c))
            && !readings.iter().any(|(other, _)| *other == number)
        {
            readings.push((number, c));
        }
    }
    let option = |(number, c): &(i64, char)| match c {
        ',' | '.' => format!("{number} (--thousands {c})"),
        c => format!("{number} (--thousands \"{c}\")"),
    };
    let mut each: Vec<String> = readings.iter().map(option).collect();
    // What `1,200` is to whoever writes decimals so.
    if let (true, Some((integer, decimals))) = (!each.is_empty(), text.split_once(['.', ',']))
        && is_fraction((unsigned(integer), decimals))
    {
        let decimals = decimals.trim_end_matches('0');
        each.push(format!("{integer}.{decimals}, which is not whole"));
    }
    (!each.is_empty()).then(|| format!("{} could be {}", shown(text), each.join(" or ")))
}

#[cfg(test)]
mod tests;
