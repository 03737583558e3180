//! Takes a run back: the inverse adjustment of each row that was applied, so that later sales stay.

use std::collections::HashSet;

use super::outcome::Outcome;
use super::stored::StoredRows;
use crate::error::{Error, Result};
use crate::model::ProductId;
use crate::wanted::{Batch, Mode, SkuRef, Wanted};

/// What taking a run back comes to.
pub struct Undo {
    /// The inverse adjustments, the last row first: what was added last is there to be taken first.
    pub wanted: Batch,
    /// The products that they are about.
    pub products: Vec<ProductId>,
    /// The lines of rows that may or may not have been applied: they are left out.
    pub unknown: Vec<u32>,
    /// Rows that were applied and moved nothing.
    pub still: u64,
}

/// The inverse of what a run applied: for *set*, previous less new (the contract: undo). Lines that were taken back
/// already, `inverted`, are left out. An error is internal: a row has numbers that have no inverse.
pub fn inverse(mode: Mode, rows: &StoredRows, inverted: &HashSet<u32>) -> Result<Undo> {
    let mut undo = Undo {
        wanted: Batch::default(),
        products: Vec::new(),
        unknown: Vec::new(),
        still: 0,
    };
    let mut seen = HashSet::new();
    for (asked, row) in rows.iter().rev() {
        if inverted.contains(&asked.line()) {
            continue;
        }
        match row.outcome() {
            Outcome::Applied => {}
            Outcome::Unknown => {
                undo.unknown.push(asked.line());
                continue;
            }
            _ => continue,
        }
        let line = asked.line();
        let no_inverse = || Error::internal(format!("row {line} of the run can't be taken back"));
        let (product, sku) = row.variant.ok_or_else(no_inverse)?;
        let settled = row.settled.as_ref().ok_or_else(no_inverse)?;
        let by = match (mode, row.adjustment) {
            (Mode::Adjust | Mode::Stocktake, Some(by)) => by.checked_neg(),
            _ => settled
                .previous
                .zip(settled.quantity)
                .and_then(|(previous, quantity)| previous.checked_sub(quantity)),
        };
        let by = by.ok_or_else(no_inverse)?;
        if by == 0 {
            undo.still += 1;
            continue;
        }
        let mut wanted = Wanted::adjust(line, SkuRef::Id(sku), by).of_product(Some(product));
        if let Some(code) = asked.code() {
            wanted = wanted.also_coded(code);
        }
        undo.wanted.push(wanted);
        if seen.insert(product) {
            undo.products.push(product);
        }
    }
    undo.unknown.reverse();
    Ok(undo)
}
