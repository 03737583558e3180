//! When a SKU code that somebody wrote is the code of a variant: as it stands, without what can't be seen at its ends,
//! or with its letters composed another way (docs/commands.md: Naming a variant).

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::invisible::is_blank;

/// How a written code and a variant's are the same; the closest that there is in a store decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// Character by character.
    AsItStands,
    /// But for blanks and invisible characters at their ends.
    Trimmed,
    /// Both without these and in Unicode's composed form (NFC).
    Composed,
}

impl Closeness {
    /// Of a written code to a variant's; none where they are different codes.
    pub fn of(written: &str, code: &str) -> Option<Closeness> {
        if written == code {
            return Some(Closeness::AsItStands);
        }
        let trimmed = (trimmed(written), trimmed(code));
        if trimmed.0.is_empty() {
            return None;
        }
        if trimmed.0 == trimmed.1 {
            return Some(Closeness::Trimmed);
        }
        // Letters that are written in one way only can't be composed in another.
        let plain = trimmed.0.is_ascii() && trimmed.1.is_ascii();
        (!plain && composed(written) == composed(code)).then_some(Closeness::Composed)
    }
}

/// Of what was found, what is closest to what was written; `of` says how close each is.
pub fn closest<T>(found: Vec<T>, of: impl Fn(&T) -> Option<Closeness>) -> Vec<T> {
    let Some(least) = found.iter().filter_map(&of).min() else {
        return Vec::new();
    };
    let mut found = found;
    found.retain(|one| of(one) == Some(least));
    found
}

/// What codes that are the same in any way have in common.
pub fn composed(code: &str) -> Cow<'_, str> {
    let code = trimmed(code);
    if code.is_ascii() || is_nfc(code) {
        return Cow::Borrowed(code);
    }
    Cow::Owned(code.nfc().collect())
}

/// Without blanks and invisible characters at its ends.
pub fn trimmed(code: &str) -> &str {
    match code.as_bytes() {
        [] => code,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => code,
        _ => code.trim_matches(is_blank),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_codes_are_meant() {
        use Closeness::{AsItStands, Composed, Trimmed};
        for (written, code, closeness) in [
            ("A", "A", Some(AsItStands)),
            ("A ", "A ", Some(AsItStands)),
            ("A", "A ", Some(Trimmed)),
            ("\u{200B}A\u{A0}", "A", Some(Trimmed)),
            ("e\u{301}", "\u{E9}", Some(Composed)),
            (" e\u{301}", "\u{E9}\u{FEFF}", Some(Composed)),
            ("A B", "AB", None),
            ("a", "A", None),
            ("A\u{200B}B", "AB", None),
            (" ", "", None),
        ] {
            assert_eq!(
                Closeness::of(written, code),
                closeness,
                "{written:?} {code:?}"
            );
        }
        let all = || vec!["A", "A ", "B"];
        assert_eq!(closest(all(), |code| Closeness::of("A", code)), ["A"]);
        assert_eq!(closest(all(), |code| Closeness::of("A ", code)), ["A "]);
        assert_eq!(
            closest(all(), |code| Closeness::of(" A", code)),
            ["A", "A "]
        );
        assert!(closest(all(), |code| Closeness::of("C", code)).is_empty());
    }
}
