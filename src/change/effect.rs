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

/// The stock that the rows which were planned so far leave of each variant that they name, by its place among those that
/// were seen: four bytes for each.
pub(super) struct Stocks {
    /// Units, or [`UNNAMED`], or [`LARGE`].
    left: Vec<i32>,
    /// The few that four bytes don't hold.
    large: HashMap<u32, i64>,
    /// How many variants were named.
    named: usize,
}

/// Stands for a variant that no row named so far.
const UNNAMED: i32 = i32::MIN;

/// Stands for a quantity that is among the large ones.
const LARGE: i32 = i32::MIN + 1;

/// The variants that planned rows are about, with the units that each row found, in the order of the file.
const PLANNED: &str = "SELECT place, previous FROM temp.draft
    WHERE place IS NOT NULL AND (outcome IS NULL OR outcome = 'unchanged') ORDER BY row";

impl Stocks {
    /// Before any row was planned. Errors are internal: the state database failed.
    pub(super) fn new(draft: &Draft) -> Result<Stocks> {
        let last = "SELECT coalesce(max(place), 0) FROM temp.seen_variants";
        let last: u32 = draft.ask(|c| c.query_row(last, [], |found| found.get(0)))?;
        Ok(Stocks {
            left: vec![UNNAMED; last as usize + 1],
            large: HashMap::new(),
            named: 0,
        })
    }

    /// Units that are left of a variant; none where no row named it so far.
    pub(super) fn left(&self, place: u32) -> Option<i64> {
        match self.left[place as usize] {
            UNNAMED => None,
            LARGE => Some(self.large[&place]),
            small => Some(small.into()),
        }
    }

    /// A row that names the variant leaves this many units.
    pub(super) fn leave(&mut self, place: u32, units: i64) {
        let small = i32::try_from(units).ok().filter(|units| *units > LARGE);
        let left = &mut self.left[place as usize];
        self.named += usize::from(*left == UNNAMED);
        *left = small.unwrap_or(LARGE);
        if small.is_none() {
            self.large.insert(place, units);
        }
    }

    /// What all rows together do.
    pub(super) fn effect(mut self, draft: &Draft) -> Result<Effect> {
        let mut effect = Effect::default();
        // Place, and units before and after.
        let mut largest: Vec<(u32, i64, i64)> = Vec::with_capacity(LARGEST + 1);
        draft.ask(|c| {
            let mut rows = c.prepare(PLANNED)?;
            let mut rows = rows.query([])?;
            // Once each was met, the rows behind tell nothing new.
            while self.named > 0
                && let Some(found) = rows.next()?
            {
                let (place, before) = (found.get(0)?, found.get(1)?);
                // Its first row found what it had before all of them.
                let Some(after) = self.left(place) else {
                    continue;
                };
                self.left[place as usize] = UNNAMED;
                self.named -= 1;
                effect.add(before, after);
                let by = after.abs_diff(before);
                let at =
                    largest.partition_point(|(_, before, after)| after.abs_diff(*before) >= by);
                if by > 0 && at < LARGEST {
                    largest.insert(at, (place, before, after));
                    largest.truncate(LARGEST);
                }
            }
            let largest = largest.into_iter().map(|one| change(c, one));
            effect.largest = largest.collect::<rusqlite::Result<_>>()?;
            Ok(())
        })?;
        Ok(effect)
    }
}

fn change(c: &Connection, (place, before, after): (u32, i64, i64)) -> rusqlite::Result<Change> {
    c.query_row(
        "SELECT iif(v.sku_code = '', 'sku ' || v.sku_id, v.sku_code), p.name
         FROM temp.seen_variants AS v JOIN temp.seen_products AS p USING (product_id) WHERE v.place = ?1",
        [place],
        |found| {
            Ok(Change {
                label: found.get(0)?,
                product_name: found.get(1)?,
                before,
                after,
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Product;
    use crate::state::State;
    use crate::wanted::{Mode, Wanted};

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

    /// Seven variants of 10 units each, in the order of their places. The third has no code.
    fn seen() -> Draft {
        let draft = Draft::new(State::in_memory().unwrap(), Mode::Adjust).unwrap();
        for sku in 1..=7 {
            let product: Product = serde_json::from_value(serde_json::json!({
                "product_id": sku, "name": format!("Product {sku}"), "is_active": 1, "variants": [
                    {"sku_id": sku, "sku_code": if sku == 3 { String::new() } else { format!("C{sku}") },
                     "variant_name": "", "price": 1, "quantity": 10, "is_default": 0}]
            }))
            .unwrap();
            draft.see(&product).unwrap();
        }
        draft
    }

    #[test]
    fn the_largest_changes_stand_first_and_equal_ones_as_in_the_file() {
        let mut draft = seen();
        let mut stocks = Stocks::new(&draft).unwrap();
        assert_eq!(stocks.left(1), None);
        // Place, what the row found and what it leaves, and how it ends.
        let rows = [
            (6, 10, 13, "NULL"),
            (5, 10, 10, "'unchanged'"),
            (4, 10, 90, "NULL"),
            (3, 10, 40, "NULL"),
            (7, 10, 10, "'failed'"),
            (4, 90, 15, "NULL"),
            (2, 10, 5, "NULL"),
            (1, 10, 11, "NULL"),
            (2, 5, 5, "'failed'"),
        ];
        let filled = draft.fill(|to| rows.iter().try_for_each(|_| to.take(&Wanted::default())));
        filled.unwrap();
        for (row, (place, before, left, outcome)) in rows.iter().enumerate() {
            stocks.leave(*place, *left);
            assert_eq!(stocks.left(*place), Some(*left));
            let sql = format!(
                "UPDATE temp.draft SET place = {place}, previous = {before}, outcome = {outcome} WHERE row = {row}"
            );
            draft.ask(|c| c.execute_batch(&sql)).unwrap();
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
        // The variant whose only row fails is not planned.
        assert_eq!((effect.changing, effect.before), (5, 60));
    }

    #[test]
    fn stock_of_any_size_is_kept() {
        let mut stocks = Stocks::new(&seen()).unwrap();
        let small = [i32::MIN, i32::MIN + 1, i32::MIN + 2, i32::MAX, 0].map(i64::from);
        for left in small.into_iter().chain([i64::MIN, 7, i64::MAX]) {
            stocks.leave(1, left);
            assert_eq!((stocks.left(1), stocks.left(2)), (Some(left), None));
        }
    }
}
