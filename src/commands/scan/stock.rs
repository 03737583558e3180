//! The stock of what is scanned, read in the background while scanning goes on.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::api::Client;
use crate::catalogue::{self, Known};
use crate::error::{Error, Result};
use crate::model::SkuId;
use crate::scan::journal::{Journal, Stocked};
use crate::threads;

/// A reading that arrives later than this after the scan is told to be late.
const IN_TIME: Duration = Duration::from_secs(30);

/// How many products are read at once.
const READERS: usize = 4;

/// Reads the stock of variants when they are scanned first.
pub struct Stock<'scope> {
    /// Whether variants asked for from now on were scanned just now.
    pub in_time: bool,
    asked: HashSet<SkuId>,
    asks: Option<Sender<Ask>>,
    shared: Arc<Shared>,
    readers: Vec<ScopedJoinHandle<'scope, Result<()>>>,
}

struct Ask {
    variant: Known,
    /// When it was scanned; none where that is longer ago.
    scanned: Option<Instant>,
}

/// What the readers share.
#[derive(Default)]
struct Shared {
    known: Mutex<HashMap<SkuId, Stocked>>,
    /// Nobody scans any more, and what is not read yet can wait.
    ended: AtomicBool,
    /// The last reading failed.
    failing: AtomicBool,
}

impl<'scope> Stock<'scope> {
    /// Begins to read, with what is known already; nothing is read where the stock does not count.
    pub fn begin<'env: 'scope>(
        scope: &'scope Scope<'scope, 'env>,
        client: &'env Client,
        journal: &'env Journal,
        counts: Option<&HashMap<SkuId, Stocked>>,
    ) -> Stock<'scope> {
        let known = counts.cloned().unwrap_or_default();
        let asked = known.keys().copied().collect();
        let shared = Arc::new(Shared {
            known: Mutex::new(known),
            ..Shared::default()
        });
        let mut stock = Stock {
            in_time: true,
            asked,
            asks: None,
            shared,
            readers: Vec::new(),
        };
        if counts.is_some() {
            let (asks, asked) = mpsc::channel();
            let asked = Arc::new(Mutex::new(asked));
            stock.asks = Some(asks);
            stock.readers = (0..READERS)
                .filter_map(|_| {
                    let (asked, shared) = (Arc::clone(&asked), Arc::clone(&stock.shared));
                    // As many as there is room for.
                    threads::begin_in(scope, move || shared.read(&asked, client, journal)).ok()
                })
                .collect();
        }
        stock
    }

    /// Reads the stock of this variant, where that was not asked for before.
    pub fn ask(&mut self, variant: &Known) {
        if let Some(asks) = &self.asks
            && self.asked.insert(variant.sku)
        {
            let ask = Ask {
                variant: variant.clone(),
                scanned: self.in_time.then(Instant::now),
            };
            // Readers that are gone say why in the end.
            let _ = asks.send(ask);
        }
    }

    /// All scans of this variant were taken back: the next one is its first.
    pub fn forget(&mut self, sku: SkuId) {
        self.asked.remove(&sku);
        self.shared.known().remove(&sku);
    }

    /// Waits for the rest. What could not be read is not there.
    pub fn end(mut self) -> Result<HashMap<SkuId, Stocked>> {
        self.asks = None;
        self.shared.ended.store(true, Ordering::SeqCst);
        for reader in std::mem::take(&mut self.readers) {
            reader
                .join()
                .map_err(|_| Error::internal("the stock could not be read"))??;
        }
        Ok(std::mem::take(&mut *self.shared.known()))
    }
}

impl Drop for Stock<'_> {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.shared.failing.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<SkuId, Stocked>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is asked for. An error: the journal can't be written.
    fn read(&self, asked: &Mutex<Receiver<Ask>>, client: &Client, journal: &Journal) -> Result<()> {
        loop {
            let next = asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Ask { variant, scanned }) = next else {
                return Ok(());
            };
            // Where the store does not answer, what is left is read side by side when the file is written.
            if self.ended.load(Ordering::SeqCst) && self.failing.load(Ordering::SeqCst) {
                return Ok(());
            }
            let quantity = quantity(client, &variant);
            self.failing.store(quantity.is_none(), Ordering::SeqCst);
            if let Some(quantity) = quantity {
                let in_time = scanned.is_some_and(|at| at.elapsed() < IN_TIME);
                let stocked = Stocked { quantity, in_time };
                journal.stock(variant.sku, stocked)?;
                self.known().insert(variant.sku, stocked);
            }
        }
    }
}

fn quantity(client: &Client, variant: &Known) -> Option<i64> {
    let mut quantity = None;
    // Why it can't be read is told when it is read again, before the file is written.
    let _ = catalogue::products(client, &[variant.product], 1, &|_| {}, |_, product| {
        let product = product.as_ref().map(|product| &product.value);
        let variant = product.and_then(|product| product.variant(variant.sku));
        quantity = variant.map(|variant| variant.quantity);
    });
    quantity
}
