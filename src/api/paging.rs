//! Every product of a list, pages side by side.
//!
//! The first page tells how many there are; the others are read at once and handed on in the list's order. While
//! others write, pages shift under the reader: a product that moves forward pushes those before it back by one, so
//! that one is seen twice or not at all. What is seen twice is dropped by id. What was missed shows in the count:
//! when fewer products were seen than the list says it has, the list is read again for the missing ones, until the
//! count is reached or the store proves to change faster than it can be read, which is an error.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::{Client, ListQuery, MAX_LIMIT, Page};
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, ProductSummary, Raw};
use crate::side_by_side::side_by_side;

/// How often the whole list is read before we say that it can't be done.
const MOST_PASSES: usize = 10;

/// Hands every product of the list to `each`, once, on the calling thread. `progress` is told how many products were
/// seen, and of how many. `each` may end it early by breaking.
pub fn all_products(
    client: &Client,
    query: &ListQuery,
    workers: usize,
    progress: &dyn Fn(u64, u64),
    mut each: impl FnMut(Raw<ProductSummary>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut seen: HashSet<ProductId> = HashSet::new();
    let mut total = 0;
    for _ in 0..MOST_PASSES {
        let mut take = |page: Page| -> Result<ControlFlow<()>> {
            total = page.pagination.total;
            for product in page.data {
                if seen.insert(product.value.product_id) && each(product)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            progress(seen.len() as u64, total);
            Ok(ControlFlow::Continue(()))
        };
        let first = client.list(query, 1, MAX_LIMIT)?;
        // A server may give smaller pages than it was asked for.
        let a_page = first.pagination.limit.clamp(1, u64::from(MAX_LIMIT));
        let pages = first.pagination.total.div_ceil(a_page);
        if take(first)?.is_break() {
            return Ok(());
        }
        let end = side_by_side(
            2..=pages,
            workers,
            |page| client.list(query, page, MAX_LIMIT),
            |page| match page.and_then(&mut take) {
                Ok(ControlFlow::Continue(())) => ControlFlow::Continue(()),
                Ok(ControlFlow::Break(())) => ControlFlow::Break(Ok(())),
                Err(e) => ControlFlow::Break(Err(e)),
            },
        );
        if let Some(end) = end {
            return end;
        }
        if seen.len() as u64 >= total {
            return Ok(());
        }
    }
    Err(Error::new(
        Kind::Unavailable,
        format!(
            "the store changes faster than it can be listed: {} of {total} products seen",
            seen.len()
        ),
    )
    .hinted("try again when fewer changes are made"))
}
