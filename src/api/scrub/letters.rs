//! The letters and digits of a text, through its escapes and past its tags.

use std::ops::Range;

/// A letter or digit that was read, in lower case, and what it took up.
pub(super) struct Letter {
    pub(super) value: u8,
    pub(super) at: Range<usize>,
}

/// The letters and digits of a text with its escapes undone; `None` where a string of JSON or an attribute of HTML
/// begins or ends: no secret goes on behind it. Where tags are skipped, so is what stands in scripts and styles.
pub(super) fn letters(text: &[u8], skips_tags: bool) -> impl Iterator<Item = Option<Letter>> {
    let mut at = 0;
    let mut tags = Tags::default();
    std::iter::from_fn(move || {
        loop {
            let start = at;
            let byte = *text.get(at)?;
            let (value, length) = match byte {
                b'"' => {
                    at += 1;
                    if tags.are_over() {
                        return Some(None);
                    }
                    continue;
                }
                b'\\' | b'%' | b'&' => escaped(&text[at..]),
                _ => (Some(byte), 1),
            };
            at += length;
            let Some(value) = value else { continue };
            let shown = !skips_tags || tags.shows(value);
            if shown && value.is_ascii_alphanumeric() {
                let value = value.to_ascii_lowercase();
                return Some(Some(Letter {
                    value,
                    at: start..at,
                }));
            }
        }
    })
}

/// Which bytes of a mark-up stand outside its tags, and outside scripts and styles.
#[derive(Default)]
struct Tags {
    /// How the tag begins that is being read.
    tag: Option<Vec<u8>>,
    /// A script or a style is being read.
    hides: bool,
}

impl Tags {
    fn are_over(&self) -> bool {
        self.tag.is_none()
    }

    fn shows(&mut self, byte: u8) -> bool {
        match (&mut self.tag, byte) {
            (None, b'<') => self.tag = Some(Vec::new()),
            (None, _) => return !self.hides,
            (Some(tag), b'>') => {
                let begins = |name: &str| tag.starts_with(name.as_bytes());
                if begins("script") || begins("style") {
                    self.hides = true;
                } else if begins("/script") || begins("/style") {
                    self.hides = false;
                }
                self.tag = None;
            }
            (Some(tag), byte) if tag.len() < "/script".len() => tag.push(byte.to_ascii_lowercase()),
            _ => {}
        }
        false
    }
}

/// What an escape at the beginning of a text stands for, where that is ASCII, and how long it is. An escape that was
/// escaped once more is read through.
fn escaped(text: &[u8]) -> (Option<u8>, usize) {
    let number = |digits: &[u8], radix| {
        let digits = std::str::from_utf8(digits).ok()?;
        u32::from_str_radix(digits, radix).ok()
    };
    let ascii = |number: Option<u32>| number.and_then(|n| u8::try_from(n).ok());
    match text[0] {
        b'\\' => {
            let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
            let digits = match text.get(slashes) {
                Some(b'u') => 4,
                Some(b'x') => 2,
                // An odd one escapes the letter behind it, which is none then.
                _ => return (None, slashes + slashes % 2),
            };
            let end = slashes + 1 + digits;
            let code = text.get(slashes + 1..end).and_then(|code| number(code, 16));
            match code {
                Some(_) => (ascii(code), end),
                None => (None, slashes),
            }
        }
        b'%' => {
            let again = text[1..].chunks(2).take_while(|pair| pair == b"25").count();
            let end = 1 + 2 * again + 2;
            let code = text.get(end - 2..end).and_then(|code| number(code, 16));
            match code {
                Some(_) => (ascii(code), end),
                None => (None, 1),
            }
        }
        _ => {
            let mut from = 1;
            while text[from..].starts_with(b"amp;") {
                from += 4;
            }
            let name = &text[from..text.len().min(from + 10)];
            let end = name.iter().position(|byte| *byte == b';');
            let code = match (name, end) {
                ([b'#', b'x' | b'X', ..], Some(end)) => number(&name[2..end], 16),
                ([b'#', ..], Some(end)) => number(&name[1..end], 10),
                // A named one stands for no letter and no digit.
                (_, Some(end)) if name[..end].iter().all(u8::is_ascii_alphanumeric) => Some(0),
                _ => None,
            };
            match (code, end) {
                (Some(_), Some(end)) => (ascii(code), from + end + 1),
                _ => (None, 1),
            }
        }
    }
}
