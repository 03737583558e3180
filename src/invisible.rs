//! Characters that nobody sees: blanks of every kind, zero-width characters, marks for the direction of text. They come
//! along when codes are copied from web pages and spreadsheets, and make two of what looks like one.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character is white space or can't be seen at all. Variation selectors are part of what they follow.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_hidden(c)
}

/// Characters that take no room: soft hyphens, joiners, marks of direction, byte order marks.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// Whether a text could be taken for another: a blank stands at one of its ends, or something in it can't be told from
/// an ordinary space or from nothing.
fn is_deceptive(text: &str) -> bool {
    text.starts_with(is_blank)
        || text.ends_with(is_blank)
        || text.contains(|c: char| c != ' ' && (is_blank(c) || c.is_control()))
}

/// A code as messages write it: as it is, or in quotes with what can't be seen in it named.
pub fn shown(code: &str) -> Cow<'_, str> {
    if !is_deceptive(code) {
        return Cow::Borrowed(code);
    }
    let begins = code.starts_with(' ');
    let ends = code.trim_start_matches(' ').ends_with(' ');
    let mut named: Vec<String> = Vec::new();
    match (begins, ends) {
        (true, true) => named.push("a blank at both ends".to_owned()),
        (true, false) => named.push("a blank before it".to_owned()),
        (false, true) => named.push("a blank at its end".to_owned()),
        (false, false) => {}
    }
    for c in code.chars() {
        if c != ' ' && (is_blank(c) || c.is_control()) {
            let name = name(c);
            if !named.contains(&name) {
                named.push(name);
            }
        }
    }
    let mut shown = String::with_capacity(code.len() + 32);
    shown.push('"');
    shown.extend(
        code.chars()
            .map(|c| if c.is_control() { '\u{FFFD}' } else { c }),
    );
    // Writing to a text can't fail.
    let _ = write!(shown, "\" (with {})", named.join(" and "));
    Cow::Owned(shown)
}

fn name(c: char) -> String {
    let name = match c {
        '\t' => return "a tab".to_owned(),
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => return "a line break".to_owned(),
        '\u{A0}' | '\u{202F}' => "a no-break space",
        '\u{AD}' => "a soft hyphen",
        '\u{200B}' => "a zero-width space",
        '\u{200C}' => "a zero-width non-joiner",
        '\u{200D}' => "a zero-width joiner",
        '\u{2060}' | '\u{FEFF}' => "a zero-width no-break space",
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            "a mark of text direction"
        }
        c if c.is_whitespace() => "an unusual space",
        c if c.is_control() => "a control character",
        _ => "an invisible character",
    };
    format!("{name}, U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_named() {
        for (code, said) in [
            ("TUL RED", "TUL RED"),
            ("গোলাপ-১", "গোলাপ-১"),
            ("TUL RED ", "\"TUL RED \" (with a blank at its end)"),
            (" X ", "\" X \" (with a blank at both ends)"),
            ("  X", "\"  X\" (with a blank before it)"),
            ("", ""),
            (" ", "\" \" (with a blank before it)"),
            (
                "A\u{200B}B",
                "\"A\u{200B}B\" (with a zero-width space, U+200B)",
            ),
            (
                "A\u{A0}B\u{A0}",
                "\"A\u{A0}B\u{A0}\" (with a no-break space, U+00A0)",
            ),
            (
                "A\t \u{FEFF}",
                "\"A\u{FFFD} \u{FEFF}\" (with a tab and a zero-width no-break space, U+FEFF)",
            ),
            (
                "A\u{2003}B",
                "\"A\u{2003}B\" (with an unusual space, U+2003)",
            ),
        ] {
            assert_eq!(shown(code), said);
        }
    }
}
