//! Levels meet the stock: what is at or below its minimum, and what to order (docs/memory.md: reorder).

use std::collections::HashMap;

use super::Memory;
use super::side::Here;
use crate::error::{Fault, Result};
use crate::near::near_misses;
use crate::sku_code::Closeness;
use crate::wanted::Level;

/// A variant that is to be ordered.
#[derive(Clone, Debug)]
pub struct Short {
    /// The variant as it is.
    pub here: Here,
    /// What the file says about it.
    pub level: Level,
    /// Units to order, in whole packs.
    pub order: i64,
}

/// A row of the file whose variant is not in the store.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// The line of the file.
    pub line: u32,
    /// What the row calls the variant.
    pub name: String,
    /// What may have been meant; empty where nothing is like it.
    pub near: Vec<String>,
}

/// What became of the rows of a file of levels.
#[derive(Clone, Debug, Default)]
pub struct Matched {
    /// At or below its minimum, in the order of the file.
    pub short: Vec<Short>,
    /// Variants that there are enough of.
    pub enough: u64,
    /// Not in the store.
    pub unknown: Vec<Unknown>,
    /// Rows that could mean several variants, or that mean the variant of another row.
    pub faults: Vec<Fault>,
}

impl Level {
    /// What to order, in whole packs, of a variant with this many units; `None` where there are enough.
    pub fn order(&self, quantity: i64) -> Option<i64> {
        let short = self.target.saturating_sub(quantity);
        if quantity > self.min || short <= 0 {
            return None;
        }
        let packs = short / self.pack + i64::from(short % self.pack > 0);
        Some(packs.saturating_mul(self.pack))
    }
}

/// How many codes are compared with all of the store at most.
const COMPARED: usize = 20;

impl Memory {
    /// Finds the variant of each row in the stock that was read into the later side.
    pub fn matched(&self, levels: Vec<Level>) -> Result<Matched> {
        self.index_codes()?;
        let mut matched = Matched::default();
        let mut lines: HashMap<i64, u32> = HashMap::new();
        for level in levels {
            let code = level.sku_code.as_deref();
            let mut found = self.here(level.sku, code)?;
            // An id whose variant bears another code than the row says is a typing error in one of them.
            let bears =
                |here: &Here| code.is_none_or(|c| Closeness::of(c, &here.sku_code).is_some());
            found.retain(bears);
            match &found[..] {
                [here] => {
                    if let Some(first) = lines.insert(here.sku, level.line) {
                        matched.faults.push(fault(
                            &level,
                            format!("the row means sku {}, as line {first} does", here.sku),
                        ));
                    }
                    match level.order(here.quantity) {
                        Some(order) => matched.short.push(Short {
                            here: here.clone(),
                            level,
                            order,
                        }),
                        None => matched.enough += 1,
                    }
                }
                [] => matched.unknown.push(Unknown {
                    line: level.line,
                    name: name(&level),
                    near: Vec::new(),
                }),
                [one, other, ..] => matched.faults.push(fault(
                    &level,
                    format!(
                        "several variants have this code, such as sku {} of product {} and sku {} of product {}",
                        one.sku, one.product, other.sku, other.product
                    ),
                )),
            }
        }
        self.find_near(&mut matched.unknown)?;
        Ok(matched)
    }

    fn find_near(&self, unknown: &mut [Unknown]) -> Result<()> {
        if unknown.is_empty() {
            return Ok(());
        }
        let codes: Vec<String> = self.ask(|c| {
            c.prepare("SELECT DISTINCT sku_code FROM temp.after WHERE sku_code <> ''")?
                .query_map([], |found| found.get(0))?
                .collect()
        })?;
        for row in unknown.iter_mut().take(COMPARED) {
            row.near = near_misses(&row.name, codes.iter().map(String::as_str));
        }
        Ok(())
    }
}

/// What a row calls its variant.
fn name(level: &Level) -> String {
    match (&level.sku_code, level.sku) {
        (Some(code), Some(sku)) => format!("{code} (sku {sku})"),
        (Some(code), None) => code.clone(),
        (None, Some(sku)) => format!("sku {sku}"),
        (None, None) => String::new(),
    }
}

fn fault(level: &Level, message: String) -> Fault {
    Fault {
        cell: None,
        line: Some(u64::from(level.line)),
        column: None,
        message: format!("{}: {message}", name(level)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::read_levels;

    #[test]
    fn what_is_ordered_fills_up_to_the_target_in_whole_packs() {
        let text = b"sku_code,min,target,pack\nA,5,20,6\nB,5,20,\nC,5,5,\nD,0,1000000000,7\n";
        let levels = read_levels(text).unwrap();
        let orders = |level: &Level| [6, 5, 0, -3].map(|quantity| level.order(quantity));
        assert_eq!(orders(&levels[0]), [None, Some(18), Some(24), Some(24)]);
        assert_eq!(orders(&levels[1]), [None, Some(15), Some(20), Some(23)]);
        assert_eq!(orders(&levels[2]), [None, None, Some(5), Some(8)]);
        assert_eq!(levels[3].order(i64::MIN), Some(i64::MAX));
    }
}
