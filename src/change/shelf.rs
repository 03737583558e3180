//! What was read of the store for a plan: the products and variants that the wanted changes name.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use crate::api::Client;
use crate::catalogue::{self, Candidate, OnProgress};
use crate::error::{Error, Kind, Result};
use crate::model::{Product, ProductId, SkuId};
use crate::wanted::Wanted;

/// Near misses are looked for in the whole store; more of them than this are no help to anybody.
const MOST_SUGGESTIONS: usize = 20;

/// The part of the store that a batch of wanted changes is about.
#[derive(Default)]
pub struct Shelf {
    products: HashMap<ProductId, Reading>,
    by_sku: HashMap<SkuId, ProductId>,
    by_code: HashMap<Box<str>, Vec<(ProductId, SkuId)>>,
    /// Every code of the store, where it was walked.
    codes: Vec<Box<str>>,
}

/// A product as it was at some moment.
pub struct Reading {
    /// When it was read.
    pub at: Instant,
    /// What was read.
    pub product: Product,
}

impl Shelf {
    /// Reads each product that `wanted` names once. Where a row names no product, the whole store is walked to find
    /// out whose the variant is, and whether its code is shared.
    pub fn read(
        client: &Client,
        wanted: &[Wanted],
        workers: usize,
        progress: OnProgress<'_>,
    ) -> Result<Shelf> {
        let mut shelf = Shelf::default();
        let ids: HashSet<ProductId> = wanted.iter().filter_map(Wanted::product_id).collect();
        if wanted.iter().all(|wanted| wanted.product_id().is_some()) {
            // In the order of the file, so that a run looks the same every time.
            let mut seen = HashSet::with_capacity(ids.len());
            let ordered: Vec<ProductId> = wanted
                .iter()
                .filter_map(Wanted::product_id)
                .filter(|id| seen.insert(*id))
                .collect();
            catalogue::products(client, &ordered, workers, progress, |_, product| {
                if let Some(product) = product {
                    shelf.add(product.value);
                }
            })?;
            return Ok(shelf);
        }
        let skus: HashSet<SkuId> = wanted.iter().filter_map(Wanted::sku_id).collect();
        let codes: HashSet<&str> = wanted.iter().filter_map(Wanted::code).collect();
        catalogue::walk(client, workers, progress, |product| {
            let product = product.value;
            let about = ids.contains(&product.product_id)
                || product.variants.iter().any(|variant| {
                    skus.contains(&variant.sku_id) || codes.contains(variant.sku_code.as_str())
                });
            shelf.codes.extend(
                product
                    .variants
                    .iter()
                    .filter(|variant| !variant.sku_code.is_empty())
                    .map(|variant| variant.sku_code.as_str().into()),
            );
            if about {
                shelf.add(product);
            }
        })?;
        Ok(shelf)
    }

    /// Takes in a product that was read just now.
    pub fn add(&mut self, product: Product) {
        for variant in &product.variants {
            self.by_sku.insert(variant.sku_id, product.product_id);
            if !variant.sku_code.is_empty() {
                self.by_code
                    .entry(variant.sku_code.as_str().into())
                    .or_default()
                    .push((product.product_id, variant.sku_id));
            }
        }
        self.products.insert(
            product.product_id,
            Reading {
                at: Instant::now(),
                product,
            },
        );
    }

    /// What was read of a product.
    pub fn reading(&self, id: ProductId) -> Option<&Reading> {
        self.products.get(&id)
    }

    /// Which variant a row means. [`Kind::NotFound`] where there is none; [`Kind::Refused`] where the row contradicts
    /// the store or the code is shared. `suggest` asks for near misses, which costs a look at every code.
    pub fn find(&self, row: &Wanted, suggest: bool) -> Result<(ProductId, SkuId)> {
        let found = match (row.sku_id(), row.code()) {
            (Some(sku), _) => self.find_id(row, sku)?,
            (None, Some(code)) => self.find_code(row, code, suggest)?,
            (None, None) => return Err(Error::internal("a row names no variant")),
        };
        if let (Some(sku), Some(code)) = (row.sku_id(), row.code()) {
            let bears = self.code_of(found);
            if bears != code {
                return Err(refused(format!(
                    "sku {sku} has the code {bears} and not {code}"
                )));
            }
        }
        Ok(found)
    }

    fn find_id(&self, row: &Wanted, sku: SkuId) -> Result<(ProductId, SkuId)> {
        let Some(&product) = self.by_sku.get(&sku) else {
            return Err(match row.product_id() {
                Some(product) if !self.products.contains_key(&product) => no_product(product),
                Some(product) => not_found(format!("product {product} has no sku {sku}")),
                None => not_found(format!("no sku {sku} in the store")),
            });
        };
        match row.product_id() {
            Some(said) if said != product => Err(if self.products.contains_key(&said) {
                refused(format!(
                    "sku {sku} belongs to product {product} and not {said}"
                ))
            } else {
                no_product(said)
            }),
            _ => Ok((product, sku)),
        }
    }

    fn find_code(&self, row: &Wanted, code: &str, suggest: bool) -> Result<(ProductId, SkuId)> {
        let bearers = self.by_code.get(code).map_or(&[][..], Vec::as_slice);
        let bearers: Vec<(ProductId, SkuId)> = bearers
            .iter()
            .copied()
            .filter(|(product, _)| row.product_id().is_none_or(|said| said == *product))
            .collect();
        let place = match row.product_id() {
            Some(product) if !self.products.contains_key(&product) => {
                return Err(no_product(product));
            }
            Some(product) => format!("product {product}"),
            None => "the store".to_owned(),
        };
        match bearers.as_slice() {
            [one] => Ok(*one),
            [] => {
                let product = row.product_id().and_then(|id| self.products.get(&id));
                let mut within = product.into_iter().flat_map(|reading| {
                    reading.product.variants.iter().map(|v| v.sku_code.as_str())
                });
                let mut anywhere = self.codes.iter().map(|code| &**code);
                let near: &mut dyn Iterator<Item = &str> = match (suggest, product) {
                    (false, _) => &mut std::iter::empty(),
                    (true, Some(_)) => &mut within,
                    (true, None) => &mut anywhere,
                };
                Err(catalogue::no_variant(code, near, &place))
            }
            several => {
                let candidates: Vec<Candidate> = several
                    .iter()
                    .filter_map(|(product, sku)| {
                        let product = &self.products.get(product)?.product;
                        Some(Candidate::new(product, product.variant(*sku)?))
                    })
                    .collect();
                let shared = catalogue::several_variants(code, &candidates);
                Err(refused(shared.message().to_owned())
                    .hinted("give the row a product_id or a sku_id"))
            }
        }
    }

    fn code_of(&self, (product, sku): (ProductId, SkuId)) -> &str {
        self.products
            .get(&product)
            .and_then(|reading| reading.product.variant(sku))
            .map_or("", |variant| variant.sku_code.as_str())
    }

    /// Whether the `nth` row without a variant is still given near misses.
    pub fn suggests(nth: usize) -> bool {
        nth < MOST_SUGGESTIONS
    }
}

fn not_found(message: String) -> Error {
    Error::new(Kind::NotFound, message)
}

fn refused(message: String) -> Error {
    Error::refused(message)
}

fn no_product(id: ProductId) -> Error {
    not_found(format!("no product {id} in the store"))
}
