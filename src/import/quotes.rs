//! The quotes of a row, followed the way the `csv` crate follows them: RFC 4180, and lenient beyond it. One quote too
//! many or too few shifts what stands in which cell, so that a quote which neither opens nor closes a cell casts doubt
//! on the file.

use std::borrow::Cow;

/// What the quotes of a row make of it.
#[derive(Default)]
pub(super) struct Quotes {
    /// Whether a cell is quoted.
    pub(super) quoted: bool,
    /// Cells with quotes that hold nothing together, or with text behind those that do.
    pub(super) odd: Vec<Odd>,
    /// The quote that is never closed.
    pub(super) unclosed: Option<usize>,
    /// Quoted cells with a delimiter or a line break in them.
    pub(super) wide: Vec<Wide>,
}

/// A cell whose quotes are odd.
pub(super) struct Odd {
    /// Which cell of the row.
    pub(super) cell: usize,
    /// In which way.
    pub(super) how: How,
}

/// In which way quotes are odd.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A quote stands inside a cell that is not quoted.
    Inside,
    /// Only blanks stand before the quote that should open the cell.
    BlankBefore,
    /// The text goes on behind the closing quote of the cell between these bytes.
    GoesOn(usize, usize),
}

/// A quoted cell that took in what may not be its own: where its quotes are, in bytes of the text.
pub(super) struct Wide {
    pub(super) open: usize,
    pub(super) close: usize,
}

impl Quotes {
    /// Of the row between these bytes, line end excluded.
    pub(super) fn of(text: &[u8], start: usize, end: usize, delimiter: u8) -> Quotes {
        let mut quotes = Quotes::default();
        let (mut at, mut cell) = (start, 0);
        while at < end {
            if text[at] == b'"' {
                quotes.quoted = true;
                let Some(close) = closing(text, at, end) else {
                    quotes.unclosed = Some(at);
                    return quotes;
                };
                let holds = |b: &u8| *b == delimiter || matches!(b, b'\r' | b'\n');
                if text[at..close].iter().any(holds) {
                    quotes.wide.push(Wide { open: at, close });
                }
                let open = at;
                at = close + 1;
                // Blanks between the closing quote and the next cell do no harm.
                while at < end && text[at] == b' ' && delimiter != b' ' {
                    at += 1;
                }
                if at < end && text[at] != delimiter {
                    let how = How::GoesOn(open, close);
                    quotes.odd.push(Odd { cell, how });
                }
                at = next(text, at, end, delimiter);
            } else {
                let begin = at;
                at = next(text, at, end, delimiter);
                if let Some(how) = odd(&text[begin..at]) {
                    quotes.odd.push(Odd { cell, how });
                }
            }
            at += 1;
            cell += 1;
        }
        quotes
    }
}

/// Takes out the blanks between a delimiter and the quote behind it, where quotes are said to be right: `"a", "b"`. Lines
/// stay where they are.
pub(super) fn open_cells(text: &mut Cow<'_, str>, delimiter: Option<u8>) {
    let begins = |b: u8| match delimiter {
        Some(delimiter) => b == delimiter,
        None => matches!(b, b',' | b';' | b'\t' | b'|'),
    };
    let bytes = text.as_bytes();
    let (mut kept, mut from, mut at) = (String::new(), 0, 0);
    let mut begin = true;
    while at < bytes.len() {
        match bytes[at] {
            b' ' if begin => {
                let blanks = bytes[at..].iter().take_while(|b| **b == b' ').count();
                if bytes.get(at + blanks) == Some(&b'"') {
                    kept.push_str(&text[from..at]);
                    from = at + blanks;
                }
                begin = bytes.get(at + blanks) == Some(&b'"');
                at += blanks;
                continue;
            }
            b'"' if begin => at = closing(bytes, at, bytes.len()).unwrap_or(bytes.len()),
            _ => {}
        }
        begin = bytes
            .get(at)
            .is_some_and(|b| begins(*b) || matches!(b, b'\r' | b'\n'));
        at += 1;
    }
    if from > 0 {
        kept.push_str(&text[from..]);
        *text = Cow::Owned(kept);
    }
}

/// Where the quote that closes the one at `open` stands.
fn closing(text: &[u8], open: usize, end: usize) -> Option<usize> {
    let mut at = open + 1;
    while at < end {
        if text[at] == b'"' {
            if at + 1 == end || text[at + 1] != b'"' {
                return Some(at);
            }
            at += 1;
        }
        at += 1;
    }
    None
}

/// Where the cell ends that goes on at `at`.
fn next(text: &[u8], at: usize, end: usize, delimiter: u8) -> usize {
    let rest = text[at..end].iter();
    at + rest.take_while(|b| **b != delimiter).count()
}

/// What is odd about a cell that is not quoted. `="00123"` is how spreadsheets are kept from reading a number.
fn odd(cell: &[u8]) -> Option<How> {
    if !cell.contains(&b'"') {
        return None;
    }
    let cell = cell.trim_ascii();
    if cell.starts_with(b"\"") {
        return Some(How::BlankBefore);
    }
    let inner = cell
        .strip_prefix(b"=\"")
        .and_then(|cell| cell.strip_suffix(b"\""));
    match inner {
        Some(inner) if !inner.contains(&b'"') => None,
        _ => Some(How::Inside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotes(row: &str) -> Quotes {
        Quotes::of(row.as_bytes(), 0, row.len(), b',')
    }

    #[test]
    fn what_is_odd_about_quotes_is_found_in_its_cell() {
        for fine in [
            "a,b",
            "\"a\",b",
            "a,\"b \"\"c\"\"\"",
            "\"\",x",
            "\"a\" ,b",
            "=\"00123\",b",
            "a,\"b,c\"",
        ] {
            let quotes = quotes(fine);
            assert!(quotes.odd.is_empty() && quotes.unclosed.is_none(), "{fine}");
        }
        for (row, cell, how) in [
            ("a,5\" pot", 1, How::Inside),
            ("a,b\"", 1, How::Inside),
            ("=\"1\"2\",b", 0, How::Inside),
            ("a, \"b\"", 1, How::BlankBefore),
            ("x,\"a\"b,c", 1, How::GoesOn(2, 4)),
            ("\"a \"b\"\",c", 0, How::GoesOn(0, 3)),
        ] {
            let odd = &quotes(row).odd[0];
            assert!((odd.cell, odd.how) == (cell, how), "{row}");
        }
        assert_eq!(quotes("5\",5\",\"a\"b").odd.len(), 3);
        assert_eq!(quotes("a,\"b").unclosed, Some(2));
        assert_eq!(quotes("a,\"b\"\",c").unclosed, Some(2));
        for (text, opened) in [
            (
                "\"a\", \"b\"\n \"c\",  \"d, \"\"e\", f\n",
                "\"a\",\"b\"\n\"c\",\"d, \"\"e\", f\n",
            ),
            ("a b, c\n", "a b, c\n"),
            (" \"a", "\"a"),
        ] {
            let mut read = Cow::Borrowed(text);
            open_cells(&mut read, None);
            assert_eq!(read, opened);
        }
        let wide = quotes("\"a\",\"b,c\",\"d\ne\"").wide;
        let places: Vec<_> = wide.iter().map(|wide| (wide.open, wide.close)).collect();
        assert_eq!(places, [(4, 8), (10, 14)]);
    }
}
