//! Products with their variants, read side by side, for commands that go through the whole store.

use std::ops::ControlFlow;

use crate::api::{ListQuery, Sort, SortBy, paging};
use crate::catalogue::{self, Unreadable};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Product, ProductId, Raw};
use crate::progress::Progress;

/// Requests under way at once. The latency is the server's: many cost little.
pub const READERS: usize = 64;

/// How many products are asked for before somebody may say that it is enough.
pub const BATCH: usize = 1024;

/// What becomes of a product of which one variant can't be read.
#[derive(Clone, Copy)]
pub enum OddProduct {
    /// It can't be read: a part of it would be taken for all of it.
    LeftOut,
    /// Its other variants are handed on, for they are shown one by one.
    Partly,
}

/// How far a command has come through the store.
#[derive(Default)]
pub struct Count {
    /// Products that were asked for.
    pub asked: u64,
    /// Products that were there.
    pub read: u64,
    /// Products that can't be read: told when all the others are shown.
    pub unreadable: Unreadable,
}

impl Count {
    /// Reads these products, a batch at a time, and hands each to `each` in their order. One that was deleted since it
    /// was listed is passed over, and so is one that can't be read; `all` says what that is. `total`: how many there will
    /// be in all.
    pub fn read(
        &mut self,
        ids: &[ProductId],
        total: u64,
        (workers, all): (usize, OddProduct),
        context: &Context,
        mut each: impl FnMut(&Raw<Product>) -> Result<()>,
    ) -> Result<()> {
        let (client, ui) = (context.client()?, context.ui());
        for batch in ids.chunks(BATCH) {
            let before = self.asked;
            let failed = self.unreadable.len() as u64;
            let progress = |at: Progress| {
                let done = before + at.done;
                let mut at = Progress {
                    done,
                    total: Some(total.max(done)),
                    ..at
                };
                at.amiss.failed += failed;
                ui.progress(at);
            };
            let mut lost: Option<Error> = None;
            let take = |_, product: Option<Raw<Product>>| {
                if let (Some(product), None) = (product, &lost) {
                    self.read += 1;
                    lost = each(&product).err();
                }
            };
            let unreadable = match all {
                OddProduct::LeftOut => catalogue::products(client, batch, workers, &progress, take),
                OddProduct::Partly => {
                    catalogue::products_partly(client, batch, workers, &progress, take)
                }
            }?;
            if let Some(error) = lost {
                return Err(error);
            }
            self.unreadable.extend(unreadable);
            self.asked += batch.len() as u64;
        }
        Ok(())
    }
}

/// Every product that the query means, by id, so that two readings of the store can be compared line by line. What has no
/// id that can be read is noted in `count`.
pub fn every_id(
    query: &ListQuery,
    workers: usize,
    count: &mut Count,
    context: &Context,
) -> Result<Vec<ProductId>> {
    let query = ListQuery {
        sort: Sort {
            by: SortBy::Name,
            descending: false,
        },
        ..query.clone()
    };
    let (client, ui) = (context.client()?, context.ui());
    let progress = |at| ui.progress(at);
    let mut ids = Vec::new();
    let nameless = paging::all_products(client, &query, workers, &progress, |product| {
        ids.push(product.value.product_id);
        Ok(ControlFlow::Continue(()))
    })?;
    count.unreadable.insert_nameless(nameless);
    ids.sort_unstable();
    Ok(ids)
}
