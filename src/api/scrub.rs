//! Our own credentials in what a server sends back: a proxy or an error page may echo the request, and an answer reaches
//! screens, files and the database.
//!
//! An echo need not be letter by letter. Only letters and digits are compared, in lower case, after escapes of JSON, of
//! URLs and of HTML are undone, so that other spellings and pieces with something in between are found as well; base64
//! and hexadecimal digits are looked for beside the text itself, and the text backwards. Where there is mark-up it is read
//! once more without its tags. A piece is enough.

mod letters;

use std::collections::HashSet;
use std::ops::Range;

use memchr::{memchr, memmem};

use letters::Letters;

use crate::words::hex;

/// What stands where a secret stood.
const INSTEAD: &str = "[secret]";

/// This many letters and digits of a secret in a row are no accident.
const PIECE: usize = 12;

/// How many letters are remembered by where they start: a power of two, and a whole piece.
const RING: usize = PIECE.next_power_of_two();

/// What is shorter is no secret, and can't be told from other words.
const SHORTEST: usize = 8;

/// Bits that a letter or digit takes in a packed piece.
const BITS: usize = 6;

/// Finds our credentials in answers.
pub struct Scrubber {
    /// One for each length that is looked for.
    pieces: Vec<Pieces>,
}

/// Everything of one length that gives a secret away.
struct Pieces {
    length: usize,
    /// The bits that a piece of that length takes.
    mask: u128,
    /// A bit for each of them, by [`Pieces::bit`]: rarely set for what is none, so that looking costs little.
    filter: [u64; 64],
    packed: HashSet<u128>,
}

impl Scrubber {
    /// Looks for these texts.
    pub fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Scrubber {
        let mut scrubber = Scrubber { pieces: Vec::new() };
        for secret in secrets.filter(|secret| secret.len() >= SHORTEST) {
            scrubber.look_for(secret.as_bytes());
            let backwards: Vec<u8> = secret.bytes().rev().collect();
            scrubber.look_for(&backwards);
            scrubber.look_for(hex(secret.as_bytes()).as_bytes());
            for offset in 0..3 {
                scrubber.look_for(base64(secret.as_bytes(), offset).as_bytes());
            }
        }
        scrubber
    }

    fn look_for(&mut self, text: &[u8]) {
        let letters = Letters::of(text).flatten();
        let letters: Vec<u8> = letters.map(|letter| letter.value).collect();
        if letters.len() < SHORTEST {
            return;
        }
        let length = letters.len().min(PIECE);
        let at = self.pieces.iter().position(|found| found.length == length);
        let at = at.unwrap_or_else(|| {
            self.pieces.push(Pieces {
                length,
                mask: (1 << (BITS * length)) - 1,
                filter: [0; 64],
                packed: HashSet::new(),
            });
            self.pieces.len() - 1
        });
        for piece in letters.windows(length) {
            let packed = piece.iter().fold(0, |packed, letter| pack(packed, *letter));
            self.pieces[at].add(packed);
        }
    }

    /// The body without our credentials.
    pub fn clean(&self, body: Vec<u8>) -> Vec<u8> {
        let mut found = self.find(Letters::of_long(&body, self.shortest()));
        let escaped = |at: usize| matches!(body.get(at + 4), Some(b'c' | b'C'));
        if memchr(b'<', &body).is_some() || memmem::find_iter(&body, "u003").any(escaped) {
            found.extend(self.find(Letters::between_tags(&body)));
        }
        if found.is_empty() {
            return body;
        }
        let mut clean = Vec::with_capacity(body.len());
        let mut from = 0;
        for range in merged(found) {
            clean.extend_from_slice(&body[from..range.start]);
            clean.extend_from_slice(INSTEAD.as_bytes());
            from = range.end;
        }
        clean.extend_from_slice(&body[from..]);
        clean
    }

    /// How many letters and digits the shortest piece has.
    fn shortest(&self) -> usize {
        self.pieces
            .iter()
            .map(|pieces| pieces.length)
            .min()
            .unwrap_or_default()
    }

    /// Where pieces of them stand among these letters.
    fn find(&self, letters: Letters<'_>) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        // Where the last letters started, by their number.
        let mut starts = [0; RING];
        let (mut count, mut run, mut packed) = (0_usize, 0_usize, 0_u128);
        for letter in letters {
            let Some(letter) = letter else {
                run = 0;
                continue;
            };
            starts[count % RING] = letter.at.start;
            count += 1;
            run += 1;
            packed = pack(packed, letter.value);
            for pieces in &self.pieces {
                if run >= pieces.length && pieces.has(packed) {
                    found.push(starts[(count - pieces.length) % RING]..letter.at.end);
                }
            }
        }
        found
    }
}

impl Pieces {
    fn bit(packed: u128) -> (usize, u64) {
        let folded = (packed as u64) ^ ((packed >> 64) as u64);
        let hash = folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52;
        ((hash / 64) as usize, 1 << (hash % 64))
    }

    fn add(&mut self, packed: u128) {
        let (word, bit) = Pieces::bit(packed);
        self.filter[word] |= bit;
        self.packed.insert(packed);
    }

    fn has(&self, packed: u128) -> bool {
        let packed = packed & self.mask;
        let (word, bit) = Pieces::bit(packed);
        self.filter[word] & bit != 0 && self.packed.contains(&packed)
    }
}

/// Adds a letter or digit to those before it.
fn pack(packed: u128, letter: u8) -> u128 {
    let value = match letter {
        b'0'..=b'9' => letter - b'0' + 1,
        _ => letter - b'a' + 11,
    };
    (packed << BITS) | u128::from(value)
}

/// In order, none touching another.
fn merged(mut all: Vec<Range<usize>>) -> Vec<Range<usize>> {
    all.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in all {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The base64 digits that a text has where it stands `offset` bytes behind a multiple of three, whatever stands around
/// it: those that it shares with its neighbours are left out.
fn base64(bytes: &[u8], offset: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |n: usize| (bytes[n / 8] >> (7 - n % 8)) & 1;
    let (first, last) = (8 * offset, 8 * (offset + bytes.len()));
    (first.div_ceil(6)..last / 6)
        .map(|digit| {
            let bits = (6 * digit..6 * digit + 6).map(|n| bit(n - first));
            let value = bits.fold(0, |value, bit| value << 1 | bit);
            char::from(DIGITS[usize::from(value)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "sx_at_4fGh7JkLmN0pQrStUvWxYz12";
    const PLAIN: &str = "hunter2-correct-horse";

    fn cleaned(text: &str) -> String {
        let scrubber = Scrubber::new([TOKEN, PLAIN, "22"].into_iter());
        String::from_utf8(scrubber.clean(text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let escape = |secret: &str, spell: &dyn Fn(char) -> String| -> String {
            secret.chars().map(spell).collect()
        };
        for secret in [TOKEN, PLAIN] {
            let spellings = [
                secret.to_owned(),
                secret.to_uppercase(),
                escape(secret, &|c| format!("\\u{:04x}", u32::from(c))),
                escape(secret, &|c| format!("\\\\u{:04X}", u32::from(c))),
                escape(secret, &|c| format!("\\x{:02x}", u32::from(c))),
                escape(secret, &|c| format!("%{:02X}", u32::from(c))),
                escape(secret, &|c| format!("%25{:02x}", u32::from(c))),
                escape(secret, &|c| format!("&#{};", u32::from(c))),
                escape(secret, &|c| format!("&amp;#x{:x};", u32::from(c))),
                escape(secret, &|c| format!("{c} ")),
                escape(secret, &|c| format!("{c}\\n")),
                escape(secret, &|c| format!("{c}\u{200b}")),
                escape(secret, &|c| format!("{c}&nbsp;")),
                escape(secret, &|c| format!("{c}\0")),
                secret.replace(['_', '-'], "\\u005f"),
                secret.replace(['_', '-'], ""),
                hex(secret.as_bytes()),
            ];
            for spelling in spellings {
                let text = format!(r#"{{"message":"Wrong: {spelling}","status":401}}"#);
                let clean = cleaned(&text);
                assert!(
                    clean.starts_with(r#"{"message":"Wrong: [secret]"#),
                    "{text} -> {clean}"
                );
                assert!(clean.ends_with(r#"","status":401}"#), "{clean}");
                assert!(!clean.contains("Gh7") && !clean.contains("corr"), "{clean}");
            }
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_whatever_stands_around_it() {
        for before in ["", "a", "ab", "Bearer ", "sx_app_1:"] {
            for after in ["", ".", "..", "\n"] {
                let text = format!("{before}{TOKEN}{after}");
                let spelled = base64(text.as_bytes(), 0);
                for spelled in [spelled.replace(['+', '/'], "-"), spelled] {
                    let clean = cleaned(&format!("got {spelled} here"));
                    assert!(clean.contains("[secret]"), "{spelled} -> {clean}");
                    // At most the few digits that it shares with what stands around it.
                    assert!(clean.len() < "got  here".len() + 8 + 20, "{clean}");
                }
            }
        }
    }

    #[test]
    fn half_a_secret_in_each_of_two_fields_is_found() {
        let (one, two) = TOKEN.split_at(15);
        let clean = cleaned(&format!(r#"{{"a":"{one}","b":"{two}"}}"#));
        assert_eq!(clean, r#"{"a":"[secret]","b":"[secret]"}"#);
    }

    #[test]
    fn a_secret_is_found_between_tags_and_backwards() {
        let (one, rest) = TOKEN.split_at(6);
        let (two, three) = rest.split_at(11);
        for text in [
            format!("<p>{one}<b class=\"x\">{two}</b>{three}</p>"),
            format!(
                "<p>{one}<style>b {{ color: red }}</style>{two}<SCRIPT>x()</script>{three}</p>"
            ),
            format!(r#"{{"message":"{one}<i>{two}</i>{three}"}}"#),
            format!(r#"{{"message":"{one}\u003ci\u003E{two}\u003c/i\u003e{three}"}}"#),
            TOKEN.chars().rev().collect(),
        ] {
            let clean = cleaned(&text);
            assert!(clean.contains("[secret]"), "{text} -> {clean}");
            assert!(!clean.contains(two), "{text} -> {clean}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            r#"{"name":"sx_at_ is how tokens start","n":"\u00e9\\ \"","p":50%,"e":"&amp; & &#"}"#,
            r#"["22",22,"hunter2","correct","horse","4fGh7JkL"]"#,
            "\\",
            "\\u",
            "\\u00",
            "%",
            "%2",
            "&",
            "&#;",
            "&#x;",
            "100%25",
            "",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn texts_of_any_bytes_are_read() {
        let scrubber = Scrubber::new([TOKEN].into_iter());
        let mut dice = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let alphabet = b"\\\\%%&&#x;ua25\"sxat_4fGh7JkLmN0\xff\xc3";
            let text: Vec<u8> = (0..dice.usize(..40))
                .map(|_| alphabet[dice.usize(..alphabet.len())])
                .collect();
            scrubber.clean(text);
        }
    }

    #[test]
    fn strings_that_are_too_short_for_a_secret_are_passed_over_and_no_others() {
        let scrubber = Scrubber::new([TOKEN, "hunter-22"].into_iter());
        let mut dice = fastrand::Rng::with_seed(7);
        let pieces = [
            "\"",
            "\"",
            "\\",
            "%68",
            "&#104;",
            "hun",
            "ter-22",
            "\\\"",
            "hunter-22",
            "\\u0068unter22",
            "22",
            &TOKEN[..13],
            &TOKEN[13..],
            ",",
        ];
        let mut any = 0;
        for _ in 0..50_000 {
            let text: String = (0..dice.usize(..12))
                .map(|_| pieces[dice.usize(..pieces.len())])
                .collect();
            let all = scrubber.find(Letters::of(text.as_bytes()));
            any += all.len();
            let long = Letters::of_long(text.as_bytes(), scrubber.shortest());
            assert_eq!(scrubber.find(long), all, "{text}");
        }
        assert!(any > 1000);
    }
}
