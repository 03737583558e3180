//! How a spreadsheet shows the numbers in its cells, where that says something about the number.

/// What is known of the cells of one sheet in an old or an OpenDocument workbook: calamine tells it of xlsx alone.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// Row, column and what is shown there, in this order once they are [`Formats::settled`].
    cells: Vec<(u32, u32, Shown)>,
    /// Whether a row with something in it can't be seen.
    pub(super) hidden: bool,
}

/// What a number format says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// It is shown in hundredths.
    Percentage,
    /// It is filled up with zeros to this many digits.
    Filled(u8),
    /// It is shown as a word, as LibreOffice shows TRUE and FALSE.
    Word,
    /// Another number is shown: thousands of it, or more digits behind it.
    Scaled,
}

/// As many digits as a number is filled up to at the most.
const MOST_DIGITS: usize = 30;

impl Shown {
    /// What this format says; `None` for one that shows a number as it is.
    pub(super) fn of_format(format: &str) -> Option<Shown> {
        let bare = bare(format);
        let shows_number = |c: char| c.is_alphanumeric() || matches!(c, '#' | '?' | '@');
        if bare.contains('%') {
            Some(Shown::Percentage)
        } else if scales(format) {
            Some(Shown::Scaled)
        } else if !bare.contains(shows_number) && format.contains(char::is_alphabetic) {
            Some(Shown::Word)
        } else {
            let zeros = format.bytes().all(|b| b == b'0');
            filled(format).filter(|_| zeros)
        }
    }

    /// What the screen says of this number: zeros in front of it were filled in, or a word stands for it.
    pub(super) fn of_text(value: &str, digits: &str) -> Option<Shown> {
        if digits.contains(char::is_alphabetic) && !digits.contains(char::is_numeric) {
            return Some(Shown::Word);
        }
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
        let same = digits.trim_start_matches('0') == value.trim_start_matches('0');
        match number(digits) {
            true if same => filled(digits).filter(|_| digits.starts_with('0')),
            true if number(value) => Some(Shown::Scaled),
            _ => None,
        }
    }
}

/// Filled up to as many digits as these.
fn filled(digits: &str) -> Option<Shown> {
    let digits = Some(digits.len()).filter(|digits| (2..=MOST_DIGITS).contains(digits))?;
    u8::try_from(digits).ok().map(Shown::Filled)
}

/// Whether it shows another number: commas behind the last digit leave three digits out each, and digits in a text next to the
/// number's own look like these.
fn scales(format: &str) -> bool {
    let mut chars = format.chars();
    // Whether what is before is one of the number's digits, or a digit of a text.
    let (mut own, mut foreign, mut quoted, mut commas) = (false, false, false, false);
    while let Some(c) = chars.next() {
        let (c, in_text) = match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            '\\' if !quoted => (chars.next().unwrap_or_default(), true),
            '_' | '*' if !quoted => {
                chars.next();
                (' ', false)
            }
            c => (c, quoted),
        };
        let digit = !in_text && matches!(c, '0' | '#' | '?');
        let like_digit = in_text && c.is_ascii_digit();
        if own && like_digit || foreign && digit {
            return true;
        }
        // A comma between two digits groups them.
        let comma = !in_text && c == ',';
        if commas && !digit && !comma {
            return true;
        }
        commas = comma && (own || commas);
        (own, foreign) = (digit, like_digit);
    }
    commas
}

/// The format without the texts in it.
fn bare(format: &str) -> String {
    let mut bare = String::new();
    let mut chars = format.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => drop(chars.next()),
            _ if quoted => {}
            c => bare.push(c),
        }
    }
    bare
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

    /// How a cell is shown, where that says something about its number.
    pub(super) fn of(&self, row: u32, column: u32) -> Option<Shown> {
        let place = |(r, c, _): &(u32, u32, Shown)| (*r, *c);
        let at = self.cells.binary_search_by_key(&(row, column), place);
        self.cells.get(at.ok()?).map(|(_, _, shown)| *shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_say_what_is_no_text_in_them() {
        use Shown::{Filled, Percentage, Scaled, Word};
        for (format, shown) in [
            ("0%", Some(Percentage)),
            ("0.00 %", Some(Percentage)),
            ("General", None),
            ("0\"%\"", None),
            ("0\\%", None),
            ("#,##0_%", None),
            ("\"TRUE\";\"TRUE\";\"FALSE\"", Some(Word)),
            ("\"sold out\"", Some(Word)),
            ("0 \"pcs\"", None),
            ("@", None),
            (";;;", None),
            ("yyyy", None),
            ("00000", Some(Filled(5))),
            ("0", None),
            ("0.00", None),
            ("#,##0", None),
            ("000-00", None),
            ("#,##0,", Some(Scaled)),
            ("0,,\" M\"", Some(Scaled)),
            ("#,##0_);(#,##0)", None),
            ("0.0,;-0.0", Some(Scaled)),
            ("0\"00\"", Some(Scaled)),
            ("0\\0", Some(Scaled)),
            ("\"20\"00", Some(Scaled)),
            ("0\" x 12\"", None),
            ("\"No. 7: \"0", None),
            ("#,##0.00\\ \"kr\"", None),
            ("0.00E+00", None),
            ("[$-409]#,##0", None),
            ("", None),
        ] {
            assert_eq!(Shown::of_format(format), shown, "{format}");
        }
    }

    #[test]
    fn digits_on_the_screen_say_the_same() {
        assert_eq!(Shown::of_text("0", "FALSE"), Some(Shown::Word));
        assert_eq!(Shown::of_text("123", "00123"), Some(Shown::Filled(5)));
        assert_eq!(Shown::of_text("0", "000"), Some(Shown::Filled(3)));
        assert_eq!(Shown::of_text("12000", "12"), Some(Shown::Scaled));
        assert_eq!(Shown::of_text("3", "300"), Some(Shown::Scaled));
        for (value, digits) in [("123", "123"), ("0", "0"), ("12.5", "012.5"), ("", "")] {
            assert_eq!(Shown::of_text(value, digits), None, "{digits}");
        }
        let mut formats = Formats::default();
        formats.add(3, 1, Shown::Filled(5));
        formats.add(2, 7, Shown::Percentage);
        let formats = formats.settled();
        assert_eq!(formats.of(3, 1), Some(Shown::Filled(5)));
        assert_eq!(formats.of(2, 7), Some(Shown::Percentage));
        assert_eq!(formats.of(2, 1), None);
    }
}
