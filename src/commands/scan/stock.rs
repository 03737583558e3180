//! The stock of what is scanned, read in the background while scanning goes on.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{Scope, ScopedJoinHandle};

use crate::api::Client;
use crate::catalogue::{self, Known};
use crate::error::{Error, Result};
use crate::model::SkuId;
use crate::scan::journal::Journal;

/// Reads the stock of variants when they are scanned first.
pub struct Stock<'scope> {
    /// What it was, by variant.
    pub known: HashMap<SkuId, i64>,
    asked: HashSet<SkuId>,
    asks: Option<Sender<Known>>,
    answers: Receiver<(SkuId, i64)>,
    reader: ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Stock<'scope> {
    /// Begins a thread that reads; none is read where it does not count.
    pub fn begin<'env: 'scope>(
        scope: &'scope Scope<'scope, 'env>,
        client: &'env Client,
        counts: bool,
    ) -> Stock<'scope> {
        let (asks, questions) = mpsc::channel::<Known>();
        let (send, answers) = mpsc::channel();
        let reader = scope.spawn(move || {
            for variant in questions {
                let mut stock = None;
                // What can't be read now is read again at the end.
                let _ =
                    catalogue::products(client, &[variant.product], 1, &|_| {}, |_, product| {
                        let product = product.as_ref().map(|product| &product.value);
                        let variant = product.and_then(|product| product.variant(variant.sku));
                        stock = variant.map(|variant| variant.quantity);
                    });
                if let Some(stock) = stock
                    && send.send((variant.sku, stock)).is_err()
                {
                    return;
                }
            }
        });
        Stock {
            known: HashMap::new(),
            asked: HashSet::new(),
            asks: counts.then_some(asks),
            answers,
            reader,
        }
    }

    /// Reads the stock of this variant, where that was not asked for before.
    pub fn ask(&mut self, variant: &Known) {
        if let Some(asks) = &self.asks
            && !self.known.contains_key(&variant.sku)
            && self.asked.insert(variant.sku)
        {
            // A reader that is gone leaves it to the end.
            let _ = asks.send(variant.clone());
        }
    }

    /// Keeps what has arrived.
    pub fn arrived(&mut self, journal: &mut Journal) -> Result<()> {
        while let Ok((sku, quantity)) = self.answers.try_recv() {
            journal.stock(sku, quantity)?;
            self.known.insert(sku, quantity);
        }
        Ok(())
    }

    /// Waits for the rest.
    pub fn end(mut self, journal: &mut Journal) -> Result<HashMap<SkuId, i64>> {
        self.asks = None;
        self.reader
            .join()
            .map_err(|_| Error::internal("the stock could not be read"))?;
        for (sku, quantity) in self.answers.iter() {
            journal.stock(sku, quantity)?;
            self.known.insert(sku, quantity);
        }
        Ok(self.known)
    }
}
