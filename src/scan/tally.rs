//! What was scanned so far: totals by variant, and what the next line means.

use std::collections::HashMap;

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

/// A scan that counts.
#[derive(Clone, Copy, Debug)]
struct Scan {
    sku: SkuId,
    units: i64,
}

/// Everything that was scanned.
#[derive(Debug, Default)]
pub struct Tally {
    totals: Vec<Total>,
    at: HashMap<SkuId, usize>,
    scans: Vec<Scan>,
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
    /// One more of this variant; what it comes to.
    pub fn add(&mut self, variant: Known) -> &Total {
        let sku = variant.sku;
        self.scans.push(Scan { sku, units: 1 });
        let at = *self.at.entry(sku).or_insert_with(|| {
            self.totals.push(Total {
                variant,
                units: 0,
                scans: 0,
            });
            self.totals.len() - 1
        });
        let total = &mut self.totals[at];
        total.units += 1;
        total.scans += 1;
        total
    }

    /// The last scan counts for so many; `None` where there is none.
    pub fn counts_for(&mut self, units: i64) -> Option<&Total> {
        let scan = self.scans.last_mut()?;
        let total = &mut self.totals[*self.at.get(&scan.sku)?];
        total.units += units - scan.units;
        scan.units = units;
        Some(total)
    }

    /// Takes the last scan back; `None` where there is none.
    pub fn take_back(&mut self) -> Option<&Total> {
        let scan = self.scans.pop()?;
        let total = &mut self.totals[*self.at.get(&scan.sku)?];
        total.units -= scan.units;
        total.scans -= 1;
        Some(total)
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

    fn variant(id: i64) -> Known {
        Known {
            product: serde_json::from_str("1").unwrap(),
            sku: SkuId::new(id).unwrap(),
            code: format!("C{id}"),
            name: String::new(),
        }
    }

    fn units(tally: &Tally) -> Vec<(i64, i64)> {
        let totals = tally.totals();
        totals.map(|t| (t.variant.sku.get(), t.units)).collect()
    }

    #[test]
    fn scans_add_up_and_the_last_can_be_changed_or_taken_back() {
        let mut tally = Tally::default();
        assert!(tally.counts_for(5).is_none() && tally.take_back().is_none());
        assert_eq!(tally.add(variant(7)).units, 1);
        assert_eq!(tally.add(variant(7)).units, 2);
        tally.add(variant(8));
        assert_eq!(tally.counts_for(12).unwrap().units, 12);
        assert_eq!(tally.counts_for(10).unwrap().units, 10);
        assert_eq!(units(&tally), [(7, 2), (8, 10)]);
        assert_eq!(tally.take_back().unwrap().units, 0);
        assert_eq!(units(&tally), [(7, 2)]);
        assert_eq!(tally.take_back().unwrap().units, 1);
        tally.counts_for(0).unwrap();
        assert_eq!(units(&tally), [(7, 0)], "nothing there was counted too");
        assert_eq!(tally.scans(), 1);
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
