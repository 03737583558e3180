//! Reads the part of the store that a batch of wanted changes is about, each product once.

use std::collections::HashSet;

use super::shelf::Shelf;
use crate::api::Client;
use crate::catalogue::{self, OnProgress};
use crate::error::Result;
use crate::model::{ProductId, SkuId};
use crate::wanted::Wanted;

/// What was read.
#[derive(Default)]
pub struct Reading {
    /// The products that the batch names.
    pub shelf: Shelf,
    /// Every code of the store, where it was walked; near misses are looked for among them.
    pub codes: Vec<Box<str>>,
}

/// Reads these products, those that the store has.
pub fn products(
    client: &Client,
    ids: &[ProductId],
    workers: usize,
    progress: OnProgress<'_>,
) -> Result<Shelf> {
    let mut shelf = Shelf::default();
    catalogue::products(client, ids, workers, progress, |_, product| {
        if let Some(product) = product {
            shelf.add(&product.value);
        }
    })?;
    Ok(shelf)
}

/// Reads each product that `wanted` names once. Where a row names no product, the whole store is walked to find out
/// whose the variant is, and whether its code is shared.
pub fn read(
    client: &Client,
    wanted: &[Wanted],
    workers: usize,
    progress: OnProgress<'_>,
) -> Result<Reading> {
    if wanted.iter().all(|wanted| wanted.product_id().is_some()) {
        // In the order of the file, so that a run looks the same every time.
        let mut seen = HashSet::new();
        let ordered: Vec<ProductId> = wanted
            .iter()
            .filter_map(Wanted::product_id)
            .filter(|id| seen.insert(*id))
            .collect();
        return Ok(Reading {
            shelf: products(client, &ordered, workers, progress)?,
            codes: Vec::new(),
        });
    }
    let ids: HashSet<ProductId> = wanted.iter().filter_map(Wanted::product_id).collect();
    let skus: HashSet<SkuId> = wanted.iter().filter_map(Wanted::sku_id).collect();
    let named: HashSet<&str> = wanted.iter().filter_map(Wanted::code).collect();
    let mut reading = Reading::default();
    catalogue::walk(client, workers, progress, |product| {
        let product = product.value;
        let codes = || product.variants.iter().map(|v| v.sku_code.as_str());
        let about = ids.contains(&product.product_id)
            || product.variants.iter().any(|v| skus.contains(&v.sku_id))
            || codes().any(|code| named.contains(code));
        reading
            .codes
            .extend(codes().filter(|code| !code.is_empty()).map(Into::into));
        if about {
            reading.shelf.add(&product);
        }
    })?;
    Ok(reading)
}
