//! From names to products that were read just now.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::{Candidate, SkuName};
use super::refresh::{Due, Reach};
use super::{Catalogue, LIST_WORKERS};
use crate::api::{Client, Tries};
use crate::error::{Error, Kind, Result};
use crate::model::{Product, ProductId, Raw, SkuId};
use crate::progress::OnProgress;
use crate::wanted::SkuRef;

/// How often products are read and updates looked for before we say that it can't be done. Once does, unless codes
/// move in the very moment.
const MOST_ROUNDS: usize = 6;

/// How many looks have to do in a store where something was updated at each.
const BUSY_LOOKS: usize = 3;

/// A refresh that read more products than this took so long that what was read before it is old.
const MANY: u64 = 250;

/// Hands on each name that is to be looked up; may be asked several times.
pub type Names<'a> = &'a dyn Fn(&mut dyn FnMut(SkuRef<'_>) -> Result<()>) -> Result<()>;

/// Where products that were read for a look-up are kept.
pub trait Keep {
    /// Whether this product is there.
    fn has(&self, id: ProductId) -> Result<bool>;
    /// One that was asked for; it takes the place of an earlier reading.
    fn keep(&mut self, product: &Raw<Product>) -> Result<()>;
    /// One that was read on the side; it takes the place of an earlier reading, if there is one.
    fn offer(&mut self, product: &Raw<Product>) -> Result<()>;
    /// The store does not have it any more.
    fn gone(&mut self, id: ProductId) -> Result<()>;
    /// What is there was read a while ago.
    fn aged(&mut self) {}
    /// Whether list pages may tell the stock of this many products: not a reading of each, but good enough to find out
    /// where nothing is to be done.
    fn takes_totals(&self, _products: usize) -> bool {
        false
    }
    /// One whose only variant's stock a list page told; it takes the place of an earlier reading.
    fn keep_total(&mut self, _product: &Product) -> Result<()> {
        Ok(())
    }
}

/// A variant that was looked for and found.
#[derive(Clone)]
pub struct Found {
    /// Its product, as it was read just now.
    pub product: Arc<Raw<Product>>,
    /// Which of the product's variants.
    pub sku_id: SkuId,
}

impl Catalogue {
    /// The variants that these names mean now. [`crate::error::Kind::NotFound`] where there is none of a name, with near
    /// misses; [`crate::error::Kind::Usage`] where several are possible.
    pub fn find(
        &mut self,
        client: &Client,
        names: &[SkuName],
        progress: OnProgress<'_>,
    ) -> Result<Vec<Found>> {
        let mut read = Read::default();
        let refs = |each: &mut dyn FnMut(SkuRef<'_>) -> Result<()>| {
            names.iter().flat_map(SkuName::refs).try_for_each(each)
        };
        self.read_bearers(client, &refs, LIST_WORKERS, progress, &mut read)?;
        names
            .iter()
            .map(|name| {
                if let Some(untold) = self.untold(name)? {
                    return Err(untold);
                }
                let candidates = read.candidates(name);
                let found = name.only(&candidates, |code| self.near(code), "the store");
                let found = found.map_err(|e| self.perhaps_unread(e))?;
                let product = read.0.get(&found.product_id);
                Ok(Found {
                    product: product
                        .cloned()
                        .ok_or_else(|| Error::internal("a product vanished from the look-up"))?,
                    sku_id: found.sku_id,
                })
            })
            .collect()
    }

    /// Reads into `kept` every product that bears one of the names now. Afterwards they stand in `kept` as they were
    /// after the last look at the newest updates, or when that look was taken: see the module's head.
    ///
    /// Errors: [`crate::error::Kind::Refused`] where codes move faster than they can be followed, or what reading
    /// fails with.
    pub fn read_bearers(
        &mut self,
        client: &Client,
        names: Names<'_>,
        workers: usize,
        progress: OnProgress<'_>,
        kept: &mut dyn Keep,
    ) -> Result<()> {
        let reach = Reach { client, progress };
        // An id is never shared, so that the variant itself is all the proof there is to have.
        let mut ids_alone = true;
        names(&mut |name| {
            ids_alone &= matches!(name, SkuRef::Id(_));
            Ok(())
        })?;
        let mut listed = false;
        let complete = self.rows.watermark()?.0;
        if !(complete || ids_alone && self.survey(names, kept)?.knows_all()) {
            self.look_for_updates(reach, kept)?;
            listed = true;
        }
        let mut at_first = None;
        let mut looked = false;
        for _ in 0..MOST_ROUNDS {
            let moves = self.moves;
            let Survey { unread, known } = self.survey(names, kept)?;
            let lost = |at_first: &Vec<bool>| at_first.iter().zip(&known).any(|(a, b)| *a && !*b);
            if looked && unread.is_empty() {
                if listed || !at_first.as_ref().is_some_and(lost) {
                    return Ok(());
                }
                // A code that was there and now is nowhere may have gone where no update tells of it.
                let (_, watermark) = self.rows.watermark()?;
                self.list_whole(reach, watermark, kept)?;
                listed = true;
            }
            self.read_less(client, unread, workers, progress, kept)?;
            if ids_alone && moves == self.moves && known.iter().all(|known| *known) {
                return Ok(());
            }
            at_first.get_or_insert(known);
            let aged = self.look_for_updates(reach, kept)?;
            looked = true;
            if moves == self.moves && !aged {
                return Ok(());
            }
        }
        Err(
            Error::refused("SKU codes change faster than they can be followed; nothing was sent")
                .hinted("try again when the codes are settled, or name variants by sku id"),
        )
    }

    /// Refreshes until nothing was updated any more: while updates are read, a code may move between products that
    /// are not. `true` where that took long.
    fn look_for_updates(&mut self, reach: Reach<'_>, kept: &mut dyn Keep) -> Result<bool> {
        let mut aged = false;
        for _ in 0..BUSY_LOOKS {
            let updated = self.refresh(reach, kept)?;
            if updated > MANY {
                kept.aged();
                aged = true;
            }
            if updated == 0 {
                break;
            }
        }
        Ok(aged)
    }

    /// What is known of the names, and which products they lead to.
    fn survey(&self, names: Names<'_>, kept: &dyn Keep) -> Result<Survey> {
        let mut survey = Survey::default();
        names(&mut |name| {
            let mut bearers = Vec::new();
            self.rows.bearers(name, |id| bearers.push(id))?;
            survey.known.push(!bearers.is_empty());
            for id in bearers {
                // Codes next to each other are mostly of one product.
                let is_last = survey.unread.last() == Some(&id);
                if !is_last && !kept.has(id)? && !self.unreadable.has(id) {
                    survey.unread.push(id);
                }
            }
            Ok(())
        })?;
        survey.unread.sort_unstable();
        survey.unread.dedup();
        survey.unread.shrink_to_fit();
        Ok(survey)
    }

    /// Reads each of these products into `kept` and the catalogue; `seen` is shown each.
    pub(super) fn read_singly(
        &mut self,
        reach: Reach<'_>,
        ids: &[ProductId],
        workers: usize,
        kept: &mut dyn Keep,
        mut seen: impl FnMut(&Product),
    ) -> Result<()> {
        let due = ids.iter().map(|id| Due {
            id: *id,
            listed: None,
            tries: Tries::Many,
        });
        self.read_each(reach, due, workers, kept, |_, product, kept| {
            seen(&product.value);
            kept.keep(product)
        })?;
        Ok(())
    }

    /// What was not found may be on a product that can't be read: then nobody can tell.
    pub fn perhaps_unread(&self, error: Error) -> Error {
        match self.unreadable.error() {
            Some(unread) if error.kind() == Kind::NotFound => {
                let message = format!("{}; but {}", error.message(), unread.message());
                unread.reworded(message)
            }
            _ => error,
        }
    }
}

#[derive(Default)]
struct Survey {
    /// The products that the names lead to and that were not read, each once, in order of their ids.
    unread: Vec<ProductId>,
    /// Whether each name leads anywhere.
    known: Vec<bool>,
}

impl Survey {
    fn knows_all(&self) -> bool {
        self.known.iter().all(|known| *known)
    }
}

/// The products of a small look-up. What a refresh reads on the side is likely to be one of them: the last write
/// updated it.
#[derive(Default)]
struct Read(HashMap<ProductId, Arc<Raw<Product>>>);

impl Keep for Read {
    fn has(&self, id: ProductId) -> Result<bool> {
        Ok(self.0.contains_key(&id))
    }

    fn keep(&mut self, product: &Raw<Product>) -> Result<()> {
        let product = Arc::new(product.clone());
        self.0.insert(product.value.product_id, product);
        Ok(())
    }

    fn offer(&mut self, product: &Raw<Product>) -> Result<()> {
        if self.0.len() < MANY as usize || self.0.contains_key(&product.value.product_id) {
            self.keep(product)?;
        }
        Ok(())
    }

    fn gone(&mut self, id: ProductId) -> Result<()> {
        self.0.remove(&id);
        Ok(())
    }

    fn aged(&mut self) {
        self.0.clear();
    }
}

impl Read {
    /// Each variant that may be meant, in the order of ids.
    fn candidates(&self, name: &SkuName) -> Vec<Candidate> {
        let products = self.0.values();
        let all = products.flat_map(|product| {
            let variants = product.value.variants.iter();
            // Most are not meant at all, and are not copied.
            let meant = variants.filter(|v| name.closeness(v.sku_id, &v.sku_code).is_some());
            meant.map(|variant| Candidate::new(&product.value, variant))
        });
        let mut candidates = name.closest(all.collect());
        candidates.sort_unstable_by_key(|candidate| (candidate.product_id, candidate.sku_id));
        candidates
    }
}
