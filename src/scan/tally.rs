//! What was scanned so far: totals by variant, and what the next line means.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::Known;
use crate::model::SkuId;

/// The most digits of a number that says how many a scan counts for; what is longer is a code.
const DIGITS: usize = 4;

/// What one variant comes to.
#[derive(Clone, Debug)]
pub struct Total {
    /// Which variant.
    pub variant: Known,
    /// Units.
    pub units: i64,
    /// Scans that count.
    pub scans: u64,
}

/// Everything that was scanned.
#[derive(Debug, Default)]
pub struct Tally {
    totals: Vec<Total>,
    at: HashMap<SkuId, usize>,
    /// Scans that count: of which total each is, and its units.
    scans: Vec<(usize, i64)>,
    /// Whether the line before was a scan that counts, so that a number now is about it.
    open: bool,
}

/// A line that is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nothing: scanners send CR and LF.
    Nothing,
    /// It is over.
    End,
    /// The last scan is taken back.
    Back,
}

/// What a line came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// One more of this variant.
    Scan(Known),
    /// The scan before counts for this many units.
    Units(i64),
    /// The last scan is taken back.
    Back,
    /// Nothing.
    Nothing,
}

/// What a line is, where it is no code.
pub fn word(line: &str) -> Option<Word> {
    match line.trim() {
        "" => Some(Word::Nothing),
        "-" => Some(Word::Back),
        end if end.eq_ignore_ascii_case("end") => Some(Word::End),
        _ => None,
    }
}

/// How many the scan before is to count for, where a line that is no code says so.
pub fn how_many(line: &str) -> Option<i64> {
    let digits = !line.is_empty() && line.len() <= DIGITS;
    let digits = digits && line.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| line.parse().ok()).flatten()
}

impl Tally {
    /// Counts a line; what the variant that it is about comes to, where it changed anything.
    pub fn count(&mut self, meaning: &Meaning) -> Option<&Total> {
        let at = match meaning {
            Meaning::Scan(variant) => self.add(variant),
            Meaning::Units(units) => self.counts_for(*units)?,
            Meaning::Back => {
                self.open = false;
                self.take_back()?
            }
            Meaning::Nothing => {
                self.open = false;
                return None;
            }
        };
        self.totals.get(at)
    }

    /// Whether a number would be about the line before.
    pub fn takes_a_number(&self) -> bool {
        self.open
    }

    fn add(&mut self, variant: &Known) -> usize {
        let sku = variant.sku;
        let at = *self.at.entry(sku).or_insert(self.totals.len());
        if at == self.totals.len() {
            self.totals.push(Total {
                variant: variant.clone(),
                units: 0,
                scans: 0,
            });
        }
        self.totals[at].units += 1;
        self.totals[at].scans += 1;
        self.scans.push((at, 1));
        self.open = true;
        at
    }

    fn counts_for(&mut self, units: i64) -> Option<usize> {
        let (at, before) = self.scans.last_mut().filter(|_| self.open)?;
        self.totals[*at].units += units - *before;
        *before = units;
        Some(*at)
    }

    fn take_back(&mut self) -> Option<usize> {
        let (at, units) = self.scans.pop()?;
        self.totals[at].units -= units;
        self.totals[at].scans -= 1;
        Some(at)
    }

    /// The variants that were scanned and not taken back, in the order of their first scans.
    pub fn totals(&self) -> impl Iterator<Item = &Total> {
        self.totals.iter().filter(|total| total.scans > 0)
    }

    /// Scans that count.
    pub fn scans(&self) -> usize {
        self.scans.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(id: i64) -> Meaning {
        Meaning::Scan(Known {
            product: serde_json::from_str("1").unwrap(),
            sku: SkuId::new(id).unwrap(),
            code: format!("C{id}"),
            name: String::new(),
        })
    }

    fn units(tally: &Tally) -> Vec<(i64, i64)> {
        let totals = tally.totals();
        totals.map(|t| (t.variant.sku.get(), t.units)).collect()
    }

    fn after(tally: &mut Tally, meaning: &Meaning) -> Option<i64> {
        tally.count(meaning).map(|total| total.units)
    }

    #[test]
    fn scans_add_up_and_the_last_can_be_changed_or_taken_back() {
        let mut tally = Tally::default();
        assert_eq!(after(&mut tally, &Meaning::Units(5)), None);
        assert_eq!(after(&mut tally, &Meaning::Back), None);
        assert_eq!(after(&mut tally, &scan(7)), Some(1));
        assert_eq!(after(&mut tally, &scan(7)), Some(2));
        tally.count(&scan(8));
        assert_eq!(after(&mut tally, &Meaning::Units(12)), Some(12));
        assert_eq!(after(&mut tally, &Meaning::Units(10)), Some(10));
        assert_eq!(units(&tally), [(7, 2), (8, 10)]);
        assert_eq!(after(&mut tally, &Meaning::Back), Some(0));
        assert_eq!(units(&tally), [(7, 2)]);
        assert_eq!(after(&mut tally, &scan(7)), Some(3));
        assert_eq!(after(&mut tally, &Meaning::Back), Some(2));
        assert_eq!(tally.scans(), 2);
    }

    #[test]
    fn a_number_is_about_the_line_before_and_no_other() {
        let mut tally = Tally::default();
        tally.count(&scan(7));
        assert!(tally.takes_a_number());
        for other in [Meaning::Nothing, Meaning::Back] {
            tally.count(&scan(8));
            tally.count(&other);
            assert!(!tally.takes_a_number());
            assert_eq!(after(&mut tally, &Meaning::Units(12)), None, "{other:?}");
        }
        assert_eq!(units(&tally), [(7, 1), (8, 1)]);
        tally.count(&scan(7));
        tally.count(&Meaning::Units(0));
        assert_eq!(units(&tally), [(7, 1), (8, 1)]);
    }

    #[test]
    fn nothing_there_was_counted_too() {
        let mut tally = Tally::default();
        tally.count(&scan(7));
        tally.count(&Meaning::Units(0));
        assert_eq!(units(&tally), [(7, 0)]);
    }

    #[test]
    fn lines_that_are_no_codes_are_told_apart() {
        assert_eq!(word("  "), Some(Word::Nothing));
        assert_eq!(word("-"), Some(Word::Back));
        assert_eq!(word("END"), Some(Word::End));
        assert_eq!(word("A-1"), None);
        assert_eq!(how_many("12"), Some(12));
        assert_eq!(how_many("9999"), Some(9999));
        for code in ["", "10000", "1a", "-3", "1.0"] {
            assert_eq!(how_many(code), None, "{code}");
        }
    }
}
