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

/// How a command goes through the store, and how far it has come.
pub struct Count {
    /// Requests under way at once.
    workers: usize,
    /// What becomes of a product of which one variant can't be read.
    odd: OddProduct,
    /// Products that were asked for.
    asked: u64,
    /// How many there will be in all, as far as is known.
    pub total: u64,
    /// Products that were there.
    pub read: u64,
    /// Products that can't be read: told when all the others are shown.
    pub unreadable: Unreadable,
}

impl Count {
    /// Nothing was read yet.
    pub fn new(workers: usize, odd: OddProduct) -> Count {
        Count {
            workers,
            odd,
            asked: 0,
            total: 0,
            read: 0,
            unreadable: Unreadable::default(),
        }
    }

    /// Reads these products, a batch at a time, and hands each to `each` in their order. One that was deleted since it
    /// was listed is passed over, and so is one that can't be read.
    pub fn read(
        &mut self,
        ids: &[ProductId],
        context: &Context,
        mut each: impl FnMut(&Raw<Product>) -> Result<()>,
    ) -> Result<()> {
        let (client, ui) = (context.client()?, context.ui());
        self.total = self.total.max(self.asked + ids.len() as u64);
        for batch in ids.chunks(BATCH) {
            let (before, total) = (self.asked, self.total);
            let failed = self.unreadable.len() as u64;
            let progress = |mut at: Progress| {
                at.done += before;
                at.total = Some(total);
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
            let workers = self.workers;
            let unreadable = match self.odd {
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

    /// Every product that the query means, by id, so that two readings of the store can be compared line by line.
    pub fn every_id(&mut self, query: ListQuery, context: &Context) -> Result<Vec<ProductId>> {
        let query = ListQuery {
            sort: Sort {
                by: SortBy::Name,
                descending: false,
            },
            ..query
        };
        let (client, ui) = (context.client()?, context.ui());
        let progress = |at| ui.progress(at);
        let mut ids = Vec::new();
        let nameless = paging::all_products(client, &query, self.workers, &progress, |product| {
            ids.push(product.value.product_id);
            Ok(ControlFlow::Continue(()))
        })?;
        self.unreadable.insert_nameless(nameless);
        ids.sort_unstable();
        Ok(ids)
    }
}
