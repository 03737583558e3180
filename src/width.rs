//! How much room a text takes on a terminal, and cutting it to that.
//!
//! Terminals agree on letters, digits and CJK. They don't on scripts whose letters join or stack (Bengali, Hindi, Arabic) and
//! on emoji made of several: of those only the most they can take is known.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether every terminal gives this text the same room.
pub fn is_certain(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_ascii()
            || matches!(c,
                '\u{A0}'..='\u{2FF}' | '\u{370}'..='\u{58F}' | '\u{1E00}'..='\u{1FFF}' | '\u{2010}'..='\u{2027}'
                | '\u{2030}'..='\u{205E}' | '\u{20A0}'..='\u{20BF}' | '\u{2100}'..='\u{21FF}' | '\u{3000}'..='\u{30FF}'
                | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{FF00}'..='\u{FF60}'
                | '\u{FFFD}')
    })
}

/// The most columns of a terminal that a text takes.
pub fn most(text: &str) -> usize {
    match is_certain(text) {
        true => text.width(),
        false => text.chars().map(most_of).sum(),
    }
}

/// A mark may be drawn beside its letter, and each part of a joined emoji by itself.
fn most_of(c: char) -> usize {
    // The last of the selectors asks for a picture, which is wider.
    let joins = matches!(c, '\u{200B}'..='\u{200D}' | '\u{FE00}'..='\u{FE0E}');
    match c.width().unwrap_or_default() {
        0 if !joins => 1,
        width => width,
    }
}

/// The text cut to at most `width` columns of a terminal, with `…` where something is missing.
pub fn shortened(text: &str, width: usize) -> String {
    if most(text) <= width {
        return text.to_owned();
    }
    let room = |c: char| match c.is_ascii() {
        true => 1,
        false => most_of(c),
    };
    let mut left = width.saturating_sub(1);
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let wide = room(c);
        if wide > left {
            break;
        }
        left -= wide;
        end = at + c.len_utf8();
    }
    // A letter is not parted from the marks on it.
    while text[end..]
        .chars()
        .next()
        .is_some_and(|c| c.width() == Some(0))
    {
        let Some(last) = text[..end].chars().next_back() else {
            break;
        };
        end -= last.len_utf8();
    }
    format!("{}…", text[..end].trim_end())
}

/// The text in lines of at most `width` columns, broken between words. A longer word has a line of its own, whole: it may
/// be a code.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if most(line) + 1 + most(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cut_by_what_a_terminal_shows() {
        assert_eq!(shortened("Rose", 4), "Rose");
        assert_eq!(shortened("Roses", 4), "Ros…");
        assert_eq!(shortened("花束花束", 6), "花束…");
        assert_eq!(shortened("花束花束", 5), "花束…");
        assert_eq!(shortened("গোলাপ ফুল", 4), "গো…");
    }

    #[test]
    fn what_terminals_disagree_on_is_known_to_be_so() {
        for certain in ["Rosé – 24", "バラの花束", "Ελλάδα", "5 €"] {
            assert!(is_certain(certain), "{certain}");
        }
        for uncertain in ["গোলাপ", "गुलाब", "وردة", "👩‍🌾 Farm", "❤️"]
        {
            assert!(!is_certain(uncertain), "{uncertain}");
            assert!(most(uncertain) >= uncertain.width(), "{uncertain}");
        }
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        assert_eq!(wrapped("the stock is 25", 9), ["the stock", "is 25"]);
        assert_eq!(
            wrapped("a VERY-LONG-CODE b", 5),
            ["a", "VERY-LONG-CODE", "b"]
        );
    }

    proptest! {
        #[test]
        fn a_cut_text_fits(text: String, width in 1_usize..40) {
            prop_assert!(most(&shortened(&text, width)) <= width);
        }
    }
}
