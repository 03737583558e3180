//! The same variant in two rows, as far as the file alone can tell. An id and a code that mean the same variant are found
//! by the plan, which knows the store.

use std::hash::{BuildHasher, RandomState};

use super::cells::shown;
use crate::wanted::{Batch, Wanted};

/// Rows that name the same sku id. `fault` is told the later line.
pub(super) fn by_id(rows: &Batch, doubtful: &Batch, fault: &mut dyn FnMut(u32, String)) {
    let ids = || rows.iter().filter_map(|row| row.sku_id());
    // Exports are mostly sorted; then there is nothing to look for.
    if doubtful.is_empty() && ids().is_sorted_by(|a, b| a < b) {
        return;
    }
    let mut named: Vec<(i64, u32)> = rows
        .iter()
        .chain(doubtful.iter())
        .filter_map(|row| Some((row.sku_id()?.get(), row.line())))
        .collect();
    named.sort_unstable();
    for same in named.chunk_by(|a, b| a.0 == b.0) {
        for (id, line) in &same[1..] {
            fault(*line, format!("sku id {id} is in line {} too", same[0].1));
        }
    }
}

/// Rows without an id that name the same code. Variants of different products may share a code, so rows that name
/// different products are two variants.
pub(super) fn by_code(rows: &Batch, doubtful: &Batch, fault: &mut dyn FnMut(u32, String)) {
    let row = |nth: u32| match (nth as usize).checked_sub(rows.len()) {
        None => rows.get(nth as usize),
        Some(nth) => doubtful.get(nth),
    };
    // Codes are compared by a number made of them first: that is small, and sorts fast.
    let hash = RandomState::new();
    let mut named: Vec<(u64, u32)> = rows
        .iter()
        .chain(doubtful.iter())
        .zip(0u32..)
        .filter(|(row, _)| row.sku_id().is_none())
        .filter_map(|(row, nth)| Some((hash.hash_one(row.code()?), nth)))
        .collect();
    // Rows whose numbers are the same are ordered by what they say.
    let says = |nth| {
        let row: Wanted<'_> = row(nth);
        (row.code(), row.product_id(), row.line())
    };
    named.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| says(a.1).cmp(&says(b.1))));
    for same in named.chunk_by(|a, b| a.0 == b.0 && row(a.1).code() == row(b.1).code()) {
        let mut first = row(same[0].1);
        for (_, nth) in &same[1..] {
            let row = row(*nth);
            // A row without a product means the only variant with that code. Such rows are first among the same codes.
            if first.product_id().is_none() || first.product_id() == row.product_id() {
                let (earlier, later) = if first.line() < row.line() {
                    (first, row)
                } else {
                    (row, first)
                };
                let code = shown(later.code().unwrap_or_default());
                fault(
                    later.line(),
                    format!("{code} is in line {} too", earlier.line()),
                );
            } else {
                first = row;
            }
        }
    }
}
