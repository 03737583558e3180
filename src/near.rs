//! Codes that a person may have meant: what hands and spreadsheets do to a code.

use crate::sku_code::composed;

/// How many suggestions are of help.
const MOST: usize = 3;

/// What hands and spreadsheets keep of a code: letters and digits without regard to case, and no leading zeros.
pub fn folded(code: &str) -> String {
    let folded: String = composed(code)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    folded.trim_start_matches('0').to_owned()
}

/// Up to three codes that a person may have meant: the same but for case, spaces and leading zeros, what a spreadsheet
/// rounded, or a typing error away; else codes that begin so.
pub fn near_misses<'a>(asked: &str, codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut nearest = Nearest::to(asked);
    for code in codes {
        nearest.consider(code, &folded(code));
    }
    nearest.best()
}

/// The hint for a name that nothing has: the nearest of those that there are, or `otherwise` where none is near.
pub fn did_you_mean<'a>(
    asked: &str,
    known: impl Iterator<Item = &'a str>,
    otherwise: impl Into<String>,
) -> String {
    match near_misses(asked, known).first() {
        Some(near) => format!("did you mean {near}?"),
        None => otherwise.into(),
    }
}

/// The codes nearest to one that was asked for, of those that were considered.
pub struct Nearest<'a> {
    asked: &'a str,
    folded: String,
    letters: u64,
    rounded: Option<Rounded>,
    /// How far away the codes in `found` are; farther ones only confuse beside them.
    distance: usize,
    found: Vec<String>,
    /// Codes that begin as asked: meant where nothing is a typing error away.
    longer: Vec<String>,
}

/// How much of a code has to be typed before longer ones are thought of, in letters and digits.
const BEGINNING: usize = 3;

impl<'a> Nearest<'a> {
    /// Nothing is considered yet.
    pub fn to(asked: &'a str) -> Nearest<'a> {
        let folded = folded(asked);
        Nearest {
            asked,
            letters: letters(&folded),
            rounded: Rounded::read(asked),
            // One error in a short code, two in a longer one.
            distance: if folded.chars().count() < 6 { 1 } else { 2 },
            folded,
            found: Vec::new(),
            longer: Vec::new(),
        }
    }

    /// A code and what [`folded`] makes of it.
    pub fn consider(&mut self, code: &str, folded: &str) {
        if code.is_empty() || code == self.asked {
            return;
        }
        let begins = self.folded.len() >= BEGINNING && folded.starts_with(&self.folded);
        if begins && folded != self.folded && self.longer.len() < MOST {
            self.longer.push(code.to_owned());
        }
        let rounded = |rounded: &Rounded| rounded.is_of(code);
        let same =
            folded == self.folded || number(code).is_some_and(|n| Some(n) == number(self.asked));
        let distance = if same || self.rounded.as_ref().is_some_and(rounded) {
            0
        } else if folded.len().abs_diff(self.folded.len()) > 2
            // An error changes which letters there are by two at most: the one that went and the one that came.
            || (letters(folded) ^ self.letters).count_ones() as usize > 2 * self.distance
        {
            return;
        } else {
            strsim::damerau_levenshtein(folded, &self.folded)
        };
        if distance > self.distance {
            return;
        }
        if distance < self.distance {
            self.found.clear();
            self.distance = distance;
        }
        self.found.push(code.to_owned());
    }

    /// Those that are nearest.
    pub fn best(mut self) -> Vec<String> {
        if self.found.is_empty() {
            self.found = self.longer;
        }
        self.found.sort_unstable();
        self.found.dedup();
        self.found.truncate(MOST);
        self.found
    }
}

/// The number that a code looks like, without the zeros that a spreadsheet takes away: `12.5` of `12.50`.
fn number(code: &str) -> Option<&str> {
    let (integer, decimals) = code.trim().split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = code.trim().trim_start_matches('0').trim_end_matches('0');
    (digits(integer) && digits(decimals)).then_some(number)
}

/// Which letters there are, several of them on one bit.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |set, c| set | 1 << (c as u32 % 64))
}

/// A long number as a spreadsheet shows it: `1.23E+11`.
struct Rounded {
    /// As Rust writes it with as many decimals: `1.23e11`.
    shown: String,
    decimals: usize,
    /// How many digits the number had.
    digits: usize,
}

impl Rounded {
    fn read(text: &str) -> Option<Rounded> {
        let (mantissa, exponent) = text.trim().split_once(['e', 'E'])?;
        let exponent: usize = exponent
            .strip_prefix('+')
            .unwrap_or(exponent)
            .parse()
            .ok()?;
        let mantissa = mantissa.replace(',', ".");
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() != 1 || !digits(whole) || !digits(decimals) || exponent > 30 {
            return None;
        }
        Some(Rounded {
            shown: format!("{mantissa}e{exponent}"),
            decimals: decimals.len(),
            digits: exponent + 1,
        })
    }

    fn is_of(&self, code: &str) -> bool {
        let number = code.trim_start_matches('0');
        number.len() == self.digits
            && number.bytes().all(|b| b.is_ascii_digit())
            && number
                .parse::<f64>()
                .is_ok_and(|number| format!("{number:.*e}", self.decimals) == self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_what_a_hand_or_a_spreadsheet_does() {
        let codes = ["PRB-SM-RED", "PRB-LG-RED", "00123", "GEN-1", "", "TULIP"];
        let near = |asked| near_misses(asked, codes.into_iter());
        assert_eq!(near("prb-sm-red"), ["PRB-SM-RED"]);
        assert_eq!(near("PRB SM RED"), ["PRB-SM-RED"]);
        assert_eq!(near("PRB-SM-RDE"), ["PRB-SM-RED"]);
        assert_eq!(near("123"), ["00123"]);
        assert_eq!(near("TULPI"), ["TULIP"]);
        assert_eq!(near("PRB-SM"), ["PRB-SM-RED"]);
        assert!(near("PR").is_empty());
        assert!(near("ROSES").is_empty());
        let prices = ["12.50", "12.51", "12.5X"];
        assert_eq!(near_misses("12.5", prices.into_iter()), ["12.50"]);
    }

    #[test]
    fn what_a_spreadsheet_rounded_is_recognised() {
        let codes = [
            "123456789012",
            "0123456789012",
            "124456789012",
            "12345678901",
            "1.23E+11",
        ];
        let near = |asked| near_misses(asked, codes.into_iter());
        assert_eq!(near("1.23457E+11"), ["0123456789012", "123456789012"]);
        assert_eq!(near("1,23457E+11"), ["0123456789012", "123456789012"]);
        assert_eq!(near("1.24E+11"), ["124456789012"]);
        assert_eq!(near("1E+10"), ["12345678901"]);
        assert!(near("9.9E+11").is_empty());
    }
}
