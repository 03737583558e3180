//! The stock of the variants while the rows of a draft are planned one after another, and what the draft does to it.

use std::collections::HashMap;

use rusqlite::Connection;

use super::draft::Draft;
use crate::error::Result;

/// How many of the largest changes stand above the question.
const LARGEST: usize = 5;

/// What a draft does to the stock of its variants, in units; a variant that several rows are about counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Variants that change.
    pub changing: u64,
    /// Units over all planned variants before, unchanged ones included.
    pub before: i128,
    /// Units over all planned variants after.
    pub after: i128,
    /// Units that the variants which rise gain.
    pub more: i128,
    /// Units that the variants which fall lose.
    pub fewer: i128,
    /// Planned variants that have stock.
    pub in_stock: u64,
    /// Those of them that would have none.
    pub sold_out: u64,
    /// The largest changes, the largest first.
    pub largest: Vec<Change>,
}

/// What becomes of one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its code, or its id where it has none.
    pub label: String,
    /// Its product.
    pub product_name: String,
    /// Units before.
    pub before: i64,
    /// Units after.
    pub after: i64,
}

impl Change {
    /// By how many units the stock moves.
    pub fn by(&self) -> i128 {
        i128::from(self.after) - i128::from(self.before)
    }
}

impl Effect {
    fn add(&mut self, before: i64, after: i64) {
        let by = i128::from(after) - i128::from(before);
        self.before += i128::from(before);
        self.after += i128::from(after);
        self.more += by.max(0);
        self.fewer += (-by).max(0);
        self.changing += u64::from(by != 0);
        self.in_stock += u64::from(before > 0);
        self.sold_out += u64::from(before > 0 && after <= 0);
    }

    /// By how many percent the total falls; 0 where it rises.
    pub fn drop_percent(&self) -> f64 {
        percent(self.before - self.after, self.before)
    }

    /// How many percent of the planned variants that have stock would sell out.
    pub fn sold_out_percent(&self) -> f64 {
        percent(i128::from(self.sold_out), i128::from(self.in_stock))
    }
}

/// Percent for a message and a coarse limit: the digits that a float loses don't matter.
fn percent(part: i128, whole: i128) -> f64 {
    if whole <= 0 || part <= 0 {
        return 0.0;
    }
    part as f64 * 100.0 / whole as f64
}

/// The stock of each variant that was seen, by its place among them: nine bytes for each.
pub(super) struct Stocks {
    /// Units after the rows that were planned so far; [`LARGE`] where they are among the large ones.
    after: Vec<i32>,
    /// The few that four bytes don't hold.
    large: HashMap<u32, i64>,
    /// The first line that names it; 0 where none does.
    named_in: Vec<u32>,
    /// Whether a row about it is to be sent, or finds it as wanted.
    planned: Vec<bool>,
}

/// Stands for a quantity that four bytes don't hold.
const LARGE: i32 = i32::MIN;

impl Stocks {
    /// As they were read. Errors are internal: the state database failed.
    pub(super) fn read(draft: &Draft) -> Result<Stocks> {
        draft.ask(|c| {
            let last: u32 = c.query_row(
                "SELECT coalesce(max(place), 0) FROM temp.seen_variants",
                [],
                |found| found.get(0),
            )?;
            let places = last as usize + 1;
            let mut stocks = Stocks {
                after: vec![0; places],
                large: HashMap::new(),
                named_in: vec![0; places],
                planned: vec![false; places],
            };
            each_seen(c, |place, quantity| stocks.set(place, quantity))?;
            Ok(stocks)
        })
    }

    /// Units of a variant after the rows that were planned so far.
    pub(super) fn of(&self, place: u32) -> i64 {
        match self.after[place as usize] {
            LARGE => self.large[&place],
            small => small.into(),
        }
    }

    fn set(&mut self, place: u32, after: i64) {
        self.after[place as usize] = i32::try_from(after).unwrap_or(LARGE);
        if self.after[place as usize] == LARGE {
            self.large.insert(place, after);
        }
    }

    /// Takes note of a line that names it. The first that did, where one did.
    pub(super) fn name(&mut self, place: u32, line: u32) -> Option<u32> {
        let named_in = &mut self.named_in[place as usize];
        match *named_in {
            0 => {
                *named_in = line;
                None
            }
            first => Some(first),
        }
    }

    /// A row that is to be sent, or finds the stock as wanted, leaves this many units.
    pub(super) fn plan(&mut self, place: u32, after: i64) {
        self.planned[place as usize] = true;
        self.set(place, after);
    }

    /// What all rows together do.
    pub(super) fn effect(&self, draft: &Draft) -> Result<Effect> {
        let mut effect = Effect::default();
        let mut largest: Vec<(u32, i64)> = Vec::with_capacity(LARGEST + 1);
        let rank = |place: u32, before: i64| {
            let by = self.of(place).abs_diff(before);
            (std::cmp::Reverse(by), self.named_in[place as usize])
        };
        draft.ask(|c| {
            each_seen(c, |place, before| {
                if !self.planned[place as usize] {
                    return;
                }
                let after = self.of(place);
                effect.add(before, after);
                if after != before {
                    let rank = |&(place, before): &(u32, i64)| rank(place, before);
                    let at = largest.partition_point(|one| rank(one) <= rank(&(place, before)));
                    largest.insert(at, (place, before));
                    largest.truncate(LARGEST);
                }
            })?;
            for (place, before) in largest {
                effect.largest.push(self.change(c, place, before)?);
            }
            Ok(())
        })?;
        Ok(effect)
    }

    fn change(&self, c: &Connection, place: u32, before: i64) -> rusqlite::Result<Change> {
        c.query_row(
            &format!(
                "SELECT iif(v.sku_code = '', 'sku ' || v.sku_id, v.sku_code), p.name
                 FROM temp.seen_variants AS v JOIN temp.seen_products AS p USING (product_id) WHERE v.place = {place}"
            ),
            [],
            |found| {
                Ok(Change {
                    label: found.get(0)?,
                    product_name: found.get(1)?,
                    before,
                    after: self.of(place),
                })
            },
        )
    }
}

/// Each variant that was seen: its place, and its units then.
fn each_seen(c: &Connection, mut each: impl FnMut(u32, i64)) -> rusqlite::Result<()> {
    let mut seen = c.prepare("SELECT place, quantity FROM temp.seen_variants")?;
    let mut seen = seen.query([])?;
    while let Some(found) = seen.next()? {
        each(found.get(0)?, found.get(1)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Product;
    use crate::state::State;
    use crate::wanted::Mode;

    #[test]
    fn an_effect_counts_what_rises_falls_and_sells_out() {
        let mut effect = Effect::default();
        for (before, after) in [(10, 4), (5, 0), (0, 3), (7, 7), (0, 0), (1, 2), (-2, -1)] {
            effect.add(before, after);
        }
        let counted = Effect {
            changing: 5,
            before: 21,
            after: 15,
            more: 5,
            fewer: 11,
            in_stock: 4,
            sold_out: 1,
            largest: Vec::new(),
        };
        assert_eq!(effect, counted);
        assert_eq!(effect.drop_percent(), 600.0 / 21.0);
        assert_eq!(effect.sold_out_percent(), 25.0);
    }

    #[test]
    fn a_total_that_rises_or_was_nothing_does_not_drop() {
        for (before, after, percent) in [
            (10, 12, 0.0),
            (10, 10, 0.0),
            (0, 0, 0.0),
            (0, -5, 0.0),
            (-5, -9, 0.0),
            (8, 0, 100.0),
        ] {
            let mut effect = Effect::default();
            effect.add(before, after);
            assert_eq!(effect.drop_percent(), percent, "{before} {after}");
        }
    }

    #[test]
    fn the_largest_changes_stand_first_and_equal_ones_as_in_the_file() {
        let draft = Draft::new(State::in_memory().unwrap(), Mode::Set).unwrap();
        for sku in 1..=7 {
            let product: Product = serde_json::from_value(serde_json::json!({
                "product_id": sku, "name": format!("Product {sku}"), "is_active": 1, "variants": [
                    {"sku_id": sku, "sku_code": if sku == 3 { String::new() } else { format!("C{sku}") },
                     "variant_name": "", "price": 1, "quantity": 10, "is_default": 0}]
            }))
            .unwrap();
            draft.see(&product).unwrap();
        }
        let mut stocks = Stocks::read(&draft).unwrap();
        // Lines count down, so that the file and the store are in different orders.
        for (place, after) in [(1, 11), (2, 5), (3, 40), (4, 15), (5, 10), (6, 13)] {
            assert_eq!(stocks.of(place), 10);
            assert_eq!(stocks.name(place, 10 - place), None);
            stocks.plan(place, after);
            assert_eq!(
                (stocks.of(place), stocks.name(place, 99)),
                (after, Some(10 - place))
            );
        }
        let effect = stocks.effect(&draft).unwrap();
        let largest: Vec<(&str, i128)> = effect
            .largest
            .iter()
            .map(|c| (c.label.as_str(), c.by()))
            .collect();
        assert_eq!(
            largest,
            [("sku 3", 30), ("C4", 5), ("C2", -5), ("C6", 3), ("C1", 1)]
        );
        assert_eq!(effect.largest[0].product_name, "Product 3");
        assert_eq!((effect.changing, effect.before), (5, 60));
    }

    #[test]
    fn stock_of_any_size_is_kept() {
        let draft = Draft::new(State::in_memory().unwrap(), Mode::Set).unwrap();
        let product: Product = serde_json::from_value(serde_json::json!({
            "product_id": 1, "name": "Sand", "is_active": 1, "variants": [
                {"sku_id": 1, "sku_code": "GRAIN", "variant_name": "", "price": 1, "quantity": 5_000_000_000_i64,
                 "is_default": 1}]
        }))
        .unwrap();
        draft.see(&product).unwrap();
        let mut stocks = Stocks::read(&draft).unwrap();
        assert_eq!(stocks.of(1), 5_000_000_000);
        for after in [i32::MIN.into(), i64::MIN, 7, i64::MAX, i32::MAX.into(), 0] {
            stocks.plan(1, after);
            assert_eq!(stocks.of(1), after);
        }
    }
}
