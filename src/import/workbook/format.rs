//! What a number format says about the number in a cell.

/// Whether the number is shown in hundredths.
pub(super) fn is_percentage(format: &str) -> bool {
    format.contains('%') && bare(format).contains('%')
}

/// Whether the number is shown as a word, as LibreOffice shows TRUE and FALSE.
pub(super) fn is_word(format: &str) -> bool {
    let bare = bare(format);
    let shows_number = |c: char| c.is_alphanumeric() || matches!(c, '#' | '?' | '@' | '%');
    !bare.contains(shows_number) && format.contains(char::is_alphabetic)
}

/// How many digits the number is filled up to with zeros, as by `00000`.
pub(super) fn filled_to(format: &str) -> Option<usize> {
    let zeros = format.len();
    (zeros > 1 && zeros <= 30 && format.bytes().all(|b| b == b'0')).then_some(zeros)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_count_where_they_are_no_text() {
        for (format, percent) in [
            ("0%", true),
            ("0.00 %", true),
            ("General", false),
            ("0\"%\"", false),
            ("0\\%", false),
            ("#,##0_%", false),
        ] {
            assert_eq!(is_percentage(format), percent, "{format}");
        }
    }

    #[test]
    fn words_are_no_numbers() {
        for (format, word) in [
            ("\"TRUE\";\"TRUE\";\"FALSE\"", true),
            ("\"sold out\"", true),
            ("General", false),
            ("0 \"pcs\"", false),
            ("@", false),
            (";;;", false),
            ("yyyy", false),
        ] {
            assert_eq!(is_word(format), word, "{format}");
        }
    }

    #[test]
    fn zeros_alone_fill_up() {
        assert_eq!(filled_to("00000"), Some(5));
        for other in ["0", "0.00", "#,##0", "General", "000-00", ""] {
            assert_eq!(filled_to(other), None, "{other}");
        }
    }
}
