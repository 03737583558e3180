//! How numbers are shown in the cells of old and OpenDocument workbooks: calamine tells it of xlsx alone.

use super::format;

/// Formats that say something about the number, of the cells of one sheet.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// Row, column and format, in this order once they are [`Formats::settled`].
    cells: Vec<(u32, u32, Shown)>,
}

/// What a number format says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// It is shown in hundredths.
    Percentage,
    /// It is filled up with zeros to this many digits.
    Filled(u8),
    /// It is shown as a word, such as TRUE.
    Word,
}

/// As many zeros as a number is filled up with at the most.
const ZEROS: &str = "000000000000000000000000000000";

impl Shown {
    /// What this format says; `None` for one that shows a number as it is.
    pub(super) fn of_format(format: &str) -> Option<Shown> {
        if format::is_percentage(format) {
            return Some(Shown::Percentage);
        }
        if format::is_word(format) {
            return Some(Shown::Word);
        }
        let digits = format::filled_to(format)?;
        u8::try_from(digits).ok().map(Shown::Filled)
    }

    /// What the screen says of this number: zeros in front of it were filled in, or a word stands for it.
    pub(super) fn of_text(value: &str, digits: &str) -> Option<Shown> {
        if digits.contains(char::is_alphabetic) && !digits.contains(char::is_numeric) {
            return Some(Shown::Word);
        }
        let filled = digits.starts_with('0') && digits.len() > 1 && digits.len() <= ZEROS.len();
        let same = digits.bytes().all(|b| b.is_ascii_digit())
            && digits.trim_start_matches('0') == value.trim_start_matches('0');
        let digits = u8::try_from(digits.len()).ok()?;
        (filled && same).then_some(Shown::Filled(digits))
    }

    /// A format that says it.
    fn format(self) -> &'static str {
        match self {
            Shown::Percentage => "0%",
            Shown::Word => "\"word\"",
            Shown::Filled(digits) => ZEROS.get(..usize::from(digits)).unwrap_or(ZEROS),
        }
    }
}

impl Formats {
    pub(super) fn add(&mut self, row: u32, column: u32, shown: Shown) {
        self.cells.push((row, column, shown));
    }

    /// All of them are there.
    pub(super) fn settled(mut self) -> Formats {
        self.cells.sort_unstable();
        self
    }

    /// The format of a cell, where it says something about its number.
    pub(super) fn of(&self, row: u32, column: u32) -> Option<&'static str> {
        let place = |(r, c, _): &(u32, u32, Shown)| (*r, *c);
        let at = self
            .cells
            .binary_search_by_key(&(row, column), place)
            .ok()?;
        self.cells.get(at).map(|(_, _, shown)| shown.format())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_digits_say_the_same() {
        assert_eq!(Shown::of_format("00000"), Some(Shown::Filled(5)));
        assert_eq!(Shown::of_format("0.00%"), Some(Shown::Percentage));
        assert_eq!(Shown::of_text("0", "FALSE"), Some(Shown::Word));
        assert_eq!(Shown::of_format("General"), None);
        assert_eq!(Shown::of_text("123", "00123"), Some(Shown::Filled(5)));
        assert_eq!(Shown::of_text("0", "000"), Some(Shown::Filled(3)));
        for (value, digits) in [
            ("123", "123"),
            ("0", "0"),
            ("12.5", "012.5"),
            ("12", "0013"),
            ("", ""),
        ] {
            assert_eq!(Shown::of_text(value, digits), None, "{digits}");
        }
        let mut formats = Formats::default();
        formats.add(3, 1, Shown::Filled(5));
        formats.add(2, 7, Shown::Percentage);
        let formats = formats.settled();
        assert_eq!(formats.of(3, 1), Some("00000"));
        assert_eq!(formats.of(2, 7), Some("0%"));
        assert_eq!(formats.of(2, 1), None);
    }
}
