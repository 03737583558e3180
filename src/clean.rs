//! Nothing invisible or active reaches a terminal: control characters, bidi overrides and line breaks are replaced.

use std::borrow::Cow;

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

    proptest! {
        #[test]
        fn nothing_active_is_left(text: String) {
            prop_assert!(!clean(&text).contains(is_active));
        }
    }
}
