//! Whole numbers, as people and programs write them. What could be read in two ways is not read at all.

use std::borrow::Cow;

use super::cells::{refuse_error, shown, trimmed};

/// A whole number of units, with a sign or without. What is wrong, in one sentence, where it isn't one or could be two.
pub(super) fn whole(text: &str, thousands: Option<char>) -> Result<i64, String> {
    if let Some(number) = digits(text) {
        return Ok(number);
    }
    let text = trimmed(text);
    refuse_error(text)?;
    let (negative, body) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let integer = match thousands {
        None => ungrouped(body),
        Some(c) => grouped(body, c),
    };
    let Some(integer) = integer else {
        return Err(why_not(text, body, thousands));
    };
    match integer.parse::<i64>() {
        Ok(number) if negative => Ok(-number),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("{} is too large", shown(text))),
    }
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
    let text = trimmed(cell);
    let body = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    let separates = |c: char| matches!(c, '.' | ',' | '\'' | '\u{2019}') || c.is_whitespace();
    body.starts_with(|c: char| c.is_ascii_digit())
        && body.chars().all(|c| c.is_ascii_digit() || separates(c))
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

/// The digits of a number in a file that groups thousands by `c`: all of them in groups of three, or none.
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
        [first, ref rest @ ..] => {
            let fine = all_digits(first)
                && first.len() <= 3
                && !first.starts_with('0')
                && rest
                    .iter()
                    .all(|group| group.len() == 3 && all_digits(group));
            fine.then(|| Cow::Owned(groups.concat()))
        }
        [] => None,
    }
}

/// What a reader of the message has to know to mend the cell.
fn why_not(text: &str, body: &str, thousands: Option<char>) -> String {
    let this = shown(text);
    if text.is_empty() {
        return "the cell is empty".to_owned();
    }
    if text.starts_with('=') {
        return format!("{this} is a formula, not a number: save the file with its result");
    }
    if text.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        return format!("{this} has to be written with the digits 0 to 9");
    }
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
    {
        return format!("{this} is not a number here: write -{}", shown(inner));
    }
    let strange = |c: char| !c.is_ascii_digit();
    if !body.starts_with(|c: char| c.is_ascii_digit())
        || !body.ends_with(|c: char| c.is_ascii_digit())
    {
        return format!("{this} is not a whole number");
    }
    let exponent = body
        .split_once(['e', 'E'])
        .is_some_and(|(mantissa, power)| {
            let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-');
            mantissa.chars().all(number) && power.chars().all(number)
        });
    if exponent {
        return format!("{this} is in scientific notation: write all its digits");
    }
    let Some(separator) = body.chars().find(|c| strange(*c)) else {
        return format!("{this} is not a whole number");
    };
    let parts: Vec<&str> = body.split(strange).collect();
    let one_kind = body.chars().all(|c| c.is_ascii_digit() || c == separator);
    let decimals = *parts.last().unwrap_or(&"");
    let spaced = matches!(separator, ' ' | '\u{A0}' | '\u{202F}');
    let groups = parts[0].len() <= 3 && parts[1..].iter().all(|part| part.len() == 3);
    match (separator, thousands) {
        ('.' | ',', None) if one_kind && groups && parts.len() == 2 => {
            let fraction = decimals.trim_end_matches('0');
            let other = if fraction.is_empty() {
                parts[0].to_owned()
            } else {
                format!("{}.{fraction}", parts[0])
            };
            format!(
                "{this} could mean {} or {other}; say --thousands {separator} for the first",
                parts.concat()
            )
        }
        (_, None)
            if one_kind
                && groups
                && (spaced || matches!(separator, '.' | ',' | '\'' | '\u{2019}')) =>
        {
            let c = if spaced { ' ' } else { separator };
            format!("{this} has its thousands grouped; say --thousands \"{c}\"")
        }
        ('.' | ',', _)
            if parts.len() == 2 && !all_zeros(decimals) && thousands != Some(separator) =>
        {
            format!("{this} is not whole: stock counts whole units")
        }
        (',', None) if parts.len() == 2 => {
            format!("{this} has a decimal comma: write {}", parts[0])
        }
        ('.' | ',', None) if parts.len() > 2 && !one_kind => {
            format!("{this} has its thousands grouped; say --thousands {separator}")
        }
        (_, Some(c)) => format!("{this} is not a whole number with its thousands grouped by {c:?}"),
        _ => format!("{this} is not a whole number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read() {
        for (text, number) in [
            ("12", 12),
            ("+12", 12),
            ("-3", -3),
            ("\u{2212}3", -3),
            ("12.0", 12),
            ("12.00", 12),
            ("-0", 0),
            ("007", 7),
            ("1234.000", 1234),
            ("0.000", 0),
            ("12.0000", 12),
            (" 12\u{A0}", 12),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(whole(text, None), Ok(number), "{text}");
        }
    }

    #[test]
    fn thousands_are_read_where_they_are_said_to_be() {
        for (c, text, number) in [
            (',', "1,200", 1200),
            (',', "1,200,000", 1_200_000),
            (',', "10.000", 10),
            (',', "1,200.00", 1200),
            (',', "12", 12),
            (',', "-1,200", -1200),
            (',', "1200", 1200),
            ('.', "10.000", 10_000),
            ('.', "1.200,00", 1200),
            ('.', "12,0", 12),
            (' ', "1 200", 1200),
            (' ', "1\u{202F}200,0", 1200),
            ('\'', "1'200", 1200),
            ('\'', "1\u{2019}200.00", 1200),
        ] {
            assert_eq!(whole(text, Some(c)), Ok(number), "{text} by {c}");
        }
        for (c, text) in [
            (',', "12,00"),
            (',', "1,20"),
            (',', "1,2000"),
            (',', "0,123"),
            (',', "1,200.5"),
            (',', ",200"),
            (',', "1.200,00"),
            ('.', "1,200"),
            ('.', "1.2"),
            (' ', "10.000"),
            (' ', "10,000"),
            (',', "1,200."),
        ] {
            assert!(whole(text, Some(c)).is_err(), "{text} by {c}");
        }
    }

    #[test]
    fn what_is_no_whole_number_says_why() {
        for (text, why) in [
            ("12.5", "not whole"),
            ("12,5", "not whole"),
            ("1e3", "scientific"),
            ("1.2E+12", "scientific"),
            ("1,200", "could mean 1200 or 1.2; say --thousands ,"),
            ("1.200", "could mean 1200 or 1.2; say --thousands ."),
            ("-10.000", "could mean 10000 or 10; say --thousands ."),
            ("1,200,000", "say --thousands \",\""),
            ("1 200", "say --thousands \" \""),
            ("1\u{A0}200", "say --thousands \" \""),
            ("1'200", "say --thousands \"'\""),
            ("1,200.00", "say --thousands ,"),
            ("12,00", "decimal comma: write 12"),
            ("١٢", "digits 0 to 9"),
            ("１２", "digits 0 to 9"),
            ("0x1F", "not a whole number"),
            ("", "empty"),
            ("-", "not a whole number"),
            ("--3", "not a whole number"),
            ("+-3", "not a whole number"),
            ("3-", "not a whole number"),
            ("(3)", "write -3"),
            ("$12", "not a whole number"),
            ("12 pcs", "not a whole number"),
            ("=A1+2", "formula"),
            ("#DIV/0!", "spreadsheet's error"),
            ("9223372036854775808", "too large"),
            ("1..0", "not a whole number"),
            ("1.", "not a whole number"),
            ("- 3", "not a whole number"),
            ("NaN", "not a whole number"),
        ] {
            let said = whole(text, None).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
