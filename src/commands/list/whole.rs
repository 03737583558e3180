//! The whole store at once: `--all` and `--below`.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use serde_json::value::RawValue;

use super::order::InOrder;
use super::{ListArgs, Listed, low_variants};
use crate::api::{ListQuery, Sort, SortBy, paging};
use crate::catalogue::{LIST_WORKERS, Unreadable};
use crate::commands::reading::{BATCH, Count, OddProduct, READERS};
use crate::commands::rows::{PRODUCT_COLUMNS, VARIANT_COLUMNS};
use crate::context::Context;
use crate::error::Result;
use crate::format::Format;
use crate::model::{Product, ProductId, Raw, RawObject};
use crate::progress::Progress;
use crate::threads;

/// The order that rows are put into, which takes all of them; `None`: they go out as they come. A stream is not held back
/// for the sake of an order that nobody asked for; the few that are low come lowest first.
fn order(args: &ListArgs, context: &Context) -> Option<Sort> {
    let lowest_first = Sort {
        by: SortBy::TotalQuantity,
        descending: false,
    };
    match (args.sort, context.format()) {
        (None, _) if args.below.is_some() => Some(lowest_first),
        (None, Format::Jsonl | Format::Csv) => None,
        (sort, _) => Some(sort.unwrap_or_default()),
    }
}

/// By name unless another direction was asked for: changes of stock, which are the most frequent, move no product there.
fn by_name(query: &ListQuery) -> ListQuery {
    let sort = match query.sort.by {
        SortBy::Name => query.sort,
        _ => Sort {
            by: SortBy::Name,
            descending: false,
        },
    };
    ListQuery {
        sort,
        ..query.clone()
    }
}

/// Lists every product, or those with few units.
pub fn products(args: &ListArgs, query: &ListQuery, context: &Context) -> Result<Listed> {
    let (client, ui) = (context.client()?, context.ui());
    let mut records = context.records(PRODUCT_COLUMNS)?;
    let mut held: Option<InOrder<Box<RawValue>>> = order(args, context).map(InOrder::new);
    let progress = |at| ui.progress(at);
    let mut products = 0;
    let mut unreadable = Unreadable::default();
    let by_name = by_name(query);
    let nameless = paging::every_product(client, &by_name, LIST_WORKERS, &progress, |found| {
        products += 1;
        let product = found.product;
        unreadable.insert_odd(&product.value);
        if args.is_low(product.value.total_quantity) {
            match &mut held {
                Some(held) => held.push(&product.value, found.late, product.raw),
                None => records.push(&product.raw)?,
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    unreadable.insert_nameless(nameless);
    for row in held.into_iter().flat_map(InOrder::finish) {
        records.push(&row)?;
    }
    ui.finish();
    Ok(Listed {
        rows: records.finish()?,
        products,
        unreadable,
    })
}

/// Lists the variants of every product, or those with few units.
pub fn variants(args: &ListArgs, query: &ListQuery, context: &Context) -> Result<Listed> {
    let mut records = context.records(VARIANT_COLUMNS)?;
    let query = by_name(query);
    let mut count = Count::new(READERS, OddProduct::Partly);
    let mut low: Vec<(i64, RawObject)> = Vec::new();
    let lowest_first = args.below.is_some() && args.sort.is_none();
    let mut push = |product: &Raw<Product>| {
        low_variants(args, product, |row, units| match lowest_first {
            true => {
                low.push((units, row.clone()));
                Ok(())
            }
            false => records.push_object(row),
        })
    };
    match order(args, context) {
        // Those of one product may be far apart.
        Some(sort) if !lowest_first => {
            let ids = ids(&query, sort, &mut count, context)?;
            count.read(&ids, context, &mut push)?;
        }
        _ => as_listed(&query, context, &mut count, &mut push)?,
    }
    context.ui().finish();
    low.sort_by_key(|(units, _)| *units);
    for (_, row) in low {
        records.push_object(&row)?;
    }
    Ok(Listed {
        rows: records.finish()?,
        products: count.read,
        unreadable: count.unreadable,
    })
}

/// The ids of every product in this order.
fn ids(
    query: &ListQuery,
    sort: Sort,
    count: &mut Count,
    context: &Context,
) -> Result<Vec<ProductId>> {
    let (client, ui) = (context.client()?, context.ui());
    let progress = |at| ui.progress(at);
    let mut ids = InOrder::new(sort);
    let nameless = paging::every_product(client, query, LIST_WORKERS, &progress, |found| {
        let product = &found.product.value;
        ids.push(product, found.late, product.product_id);
        Ok(ControlFlow::Continue(()))
    })?;
    count.unreadable.insert_nameless(nameless);
    Ok(ids.finish().collect())
}

/// Reads products while others are still being listed. The list does not wait for them: the longer it took, the more
/// would move in it. What waits are ids, eight bytes each.
fn as_listed(
    query: &ListQuery,
    context: &Context,
    count: &mut Count,
    push: &mut dyn FnMut(&Raw<Product>) -> Result<()>,
) -> Result<()> {
    let client = context.client()?;
    let total = AtomicU64::new(0);
    let (sender, listed) = mpsc::channel();
    thread::scope(|scope| {
        let progress = |at: Progress| {
            total.store(at.total.unwrap_or_default(), Ordering::Relaxed);
        };
        let listing = threads::begin_in(scope, move || {
            paging::all_products(client, query, LIST_WORKERS, &progress, |product| {
                Ok(match sender.send(product.value.product_id) {
                    Ok(()) => ControlFlow::Continue(()),
                    // Reading failed, or nobody wants more.
                    Err(_) => ControlFlow::Break(()),
                })
            })
        })?;
        let read = read_listed(listed, &total, context, count, push);
        let listing = listing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read?;
        count.unreadable.insert_nameless(listing?);
        Ok(())
    })
}

fn read_listed(
    listed: mpsc::Receiver<ProductId>,
    total: &AtomicU64,
    context: &Context,
    count: &mut Count,
    push: &mut dyn FnMut(&Raw<Product>) -> Result<()>,
) -> Result<()> {
    while let Ok(first) = listed.recv() {
        let mut batch = vec![first];
        batch.extend(listed.try_iter().take(BATCH - 1));
        count.total = total.load(Ordering::Relaxed);
        count.read(&batch, context, &mut *push)?;
    }
    Ok(())
}
