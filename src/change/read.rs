//! Reads the part of the store that a batch of wanted changes is about, each product once.

use std::collections::HashSet;

use super::shelf::Shelf;
use crate::api::Client;
use crate::catalogue::{self, Catalogue, OnProgress};
use crate::error::Result;
use crate::model::ProductId;
use crate::wanted::{Batch, SkuRef, Wanted};

/// What was read.
pub struct Reading {
    /// The products that the batch names.
    pub shelf: Shelf,
    /// The catalogue, where something was looked up in it; near misses are looked for there.
    pub catalogue: Option<Catalogue>,
}

impl Reading {
    /// Codes of the store that may have been meant by one that nothing bears.
    pub fn near(&self, code: &str) -> Vec<String> {
        let near = |catalogue: &Catalogue| catalogue.near(code);
        self.catalogue.as_ref().map(near).unwrap_or_default()
    }
}

/// Reads these products, those that the store has; `rows` rows name them.
pub fn products(
    client: &Client,
    ids: &[ProductId],
    rows: usize,
    workers: usize,
    progress: OnProgress<'_>,
) -> Result<Shelf> {
    let mut shelf = Shelf::with_capacity(rows);
    catalogue::products(client, ids, workers, progress, |_, product| {
        if let Some(product) = product {
            shelf.add(&product.value);
        }
    })?;
    Ok(shelf)
}

/// Reads each product that `wanted` names once, side by side. Rows that name no product are looked up in the catalogue,
/// which is asked for only then; every product that bears their codes is read, so that shared codes show.
pub fn read(
    client: &Client,
    catalogue: impl FnOnce() -> Result<Catalogue>,
    wanted: &Batch,
    workers: usize,
    progress: OnProgress<'_>,
) -> Result<Reading> {
    let mut shelf = products(client, &named(wanted), wanted.len(), workers, progress)?;
    let names = wanted.iter().filter_map(to_look_up);
    let mut looked_up = None;
    if names.clone().next().is_some() {
        let catalogue = looked_up.insert(catalogue()?);
        catalogue.settle(client, names, workers, progress, &mut shelf)?;
    }
    Ok(Reading {
        shelf,
        catalogue: looked_up,
    })
}

/// The products that rows name, in the order of the file, so that a run looks the same every time.
fn named(wanted: &Batch) -> Vec<ProductId> {
    let mut seen = HashSet::new();
    let whole = wanted.iter().filter(|row| row.fault().is_none());
    let named = whole.filter_map(|row| row.product_id());
    named.filter(|id| seen.insert(*id)).collect()
}

/// What has to be looked up to know a row's product.
fn to_look_up(wanted: Wanted<'_>) -> Option<SkuRef<'_>> {
    match (wanted.product_id(), wanted.sku_id(), wanted.code()) {
        _ if wanted.fault().is_some() => None,
        (Some(_), ..) => None,
        (None, Some(id), _) => Some(SkuRef::Id(id)),
        (None, None, code) => code.map(SkuRef::Code),
    }
}
