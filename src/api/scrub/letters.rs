//! The letters and digits of a text, through its escapes and past its tags.

use std::ops::Range;

/// A letter or digit that was read, in lower case, and what it took up.
pub(super) struct Letter {
    pub(super) value: u8,
    pub(super) at: Range<usize>,
}

/// The letters and digits of a text with its escapes undone; `None` where a string of JSON or an attribute of HTML
/// begins or ends: no secret goes on behind it. Where tags are skipped, so is what stands in scripts and styles.
pub(super) struct Letters<'a> {
    text: &'a [u8],
    at: usize,
    /// Strings of fewer bytes are passed over.
    least: usize,
    tags: Option<Tags>,
}

impl<'a> Letters<'a> {
    /// Those of any string.
    pub(super) fn of(text: &'a [u8]) -> Letters<'a> {
        Letters {
            text,
            at: 0,
            least: 0,
            tags: None,
        }
    }

    /// Those of strings with at least so many letters and digits; some of shorter ones may be among them.
    pub(super) fn of_long(text: &'a [u8], least: usize) -> Letters<'a> {
        Letters {
            least,
            ..Letters::of(text)
        }
    }

    /// Those that stand outside of tags, scripts and styles.
    pub(super) fn between_tags(text: &'a [u8]) -> Letters<'a> {
        Letters {
            tags: Some(Tags::default()),
            ..Letters::of(text)
        }
    }

    /// Goes past strings that end before there can be enough in them: no escape is shorter than what it stands for.
    fn pass_short(&mut self) {
        loop {
            let mut ahead = self.text[self.at..].iter().take(self.least);
            match ahead.position(|byte| *byte == b'"') {
                Some(0) => self.at += 1,
                // Where that one is escaped the string goes on behind it.
                Some(length) if self.text[self.at + length - 1] != b'\\' => self.at += length + 1,
                _ => return,
            }
        }
    }
}

impl Iterator for Letters<'_> {
    type Item = Option<Letter>;

    #[inline]
    fn next(&mut self) -> Option<Option<Letter>> {
        loop {
            let start = self.at;
            let mut value = *self.text.get(start)?;
            self.at += 1;
            match value {
                b'"' => {
                    if self.tags.as_ref().is_none_or(Tags::are_over) {
                        self.pass_short();
                        return Some(None);
                    }
                    continue;
                }
                b'\\' | b'%' | b'&' => {
                    let (stands_for, length) = escaped(&self.text[start..]);
                    self.at = start + length;
                    match stands_for {
                        Some(stands_for) => value = stands_for,
                        None => continue,
                    }
                }
                _ => {}
            }
            let shown = self.tags.as_mut().is_none_or(|tags| tags.shows(value));
            if shown && value.is_ascii_alphanumeric() {
                return Some(Some(Letter {
                    value: value.to_ascii_lowercase(),
                    at: start..self.at,
                }));
            }
        }
    }
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
