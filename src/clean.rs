//! Nothing invisible or active reaches a terminal: control characters, bidi overrides and line breaks are replaced.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character could drive a terminal, reorder its text or hide in it. Joiners and variation selectors stay:
/// emoji and several scripts need them.
pub fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// The text as a terminal may have it: line breaks and tabs as spaces, other active characters as `�`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        c if is_active(c) => '\u{FFFD}',
        c => c,
    });
    Cow::Owned(replaced.collect())
}

/// A JSON text as a terminal may have it: active characters of its strings as `\\u` escapes, which is the same value.
pub fn escaped(json: &str) -> Cow<'_, str> {
    if !json.contains(is_active) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match is_active(c) {
            // All of them are in the basic plane, so one escape is enough. Writing to a text can't fail.
            true => drop(write!(shown, "\\u{:04x}", u32::from(c))),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_drives_a_terminal_is_replaced() {
        assert_eq!(
            clean("Rose\n\u{1b}[31mred\u{7}"),
            "Rose \u{FFFD}[31mred\u{FFFD}"
        );
        assert_eq!(
            clean("a\u{202E}b\u{2066}c\u{9b}d"),
            "a\u{FFFD}b\u{FFFD}c\u{FFFD}d"
        );
        for fine in ["Rosé 🌹", "গোলাপ", "👩‍🌾", "バラ"] {
            assert!(matches!(clean(fine), Cow::Borrowed(same) if same == fine));
        }
    }

    #[test]
    fn a_json_text_keeps_its_values() {
        let sent = "{\"a\":\"b\u{202E}c\u{9b}d\u{7f}\u{2028}é\"}";
        let shown = escaped(sent);
        assert_eq!(shown, "{\"a\":\"b\\u202ec\\u009bd\\u007f\\u2028é\"}");
        assert!(matches!(escaped("\"é\""), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_active_is_left(text: String) {
            prop_assert!(!clean(&text).contains(is_active));
        }
    }
}
