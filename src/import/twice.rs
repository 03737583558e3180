//! The same variant in two rows, as far as the file alone can tell. An id and a code that mean the same variant are found
//! by the plan, which knows the store.

use std::hash::{BuildHasher, RandomState};

use super::cells::shown;
use crate::model::ProductId;
use crate::wanted::Wanted;

/// Rows that name the same sku id. `fault` is told the later line.
pub(super) fn by_id(rows: &[Wanted], doubtful: &[Wanted], fault: &mut dyn FnMut(u32, String)) {
    let ids = || rows.iter().filter_map(Wanted::sku_id);
    // Exports are mostly sorted; then there is nothing to look for.
    if doubtful.is_empty() && ids().is_sorted_by(|a, b| a < b) {
        return;
    }
    let mut named: Vec<(i64, u32)> = rows
        .iter()
        .chain(doubtful)
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
pub(super) fn by_code(rows: &[Wanted], doubtful: &[Wanted], fault: &mut dyn FnMut(u32, String)) {
    // Codes are compared by a number made of them first: that is small, and sorts fast.
    let hash = RandomState::new();
    let mut named: Vec<Named<'_>> = rows
        .iter()
        .chain(doubtful)
        .filter(|row| row.sku_id().is_none())
        .filter_map(|row| {
            let code = row.code()?;
            Some(Named {
                hash: hash.hash_one(code),
                row,
            })
        })
        .collect();
    named.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| a.rest().cmp(&b.rest())));
    for same in named.chunk_by(|a, b| a.hash == b.hash && a.row.code() == b.row.code()) {
        let mut first = same[0].row;
        for Named { row, .. } in &same[1..] {
            // A row without a product means the only variant with that code. Such rows are first among the same codes.
            if first.product_id().is_none() || first.product_id() == row.product_id() {
                let (earlier, later) = if first.line() < row.line() {
                    (first, row)
                } else {
                    (*row, &first)
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

struct Named<'a> {
    hash: u64,
    row: &'a Wanted,
}

impl<'a> Named<'a> {
    /// Orders rows whose numbers are the same.
    fn rest(&self) -> (Option<&'a str>, Option<ProductId>, u32) {
        (self.row.code(), self.row.product_id(), self.row.line())
    }
}
