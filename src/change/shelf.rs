//! What was read of the store for a plan: the products and variants that the wanted changes name.
//!
//! Kept small, because a plan of a million rows has to fit in little memory: a variant takes thirty-two bytes with the
//! look-ups and the letters of its code, a product twenty-four and those of its name.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use hashbrown::HashTable;

use crate::catalogue::{self, Candidate, Keep};
use crate::error::{Error, Kind, Result};
use crate::model::{Product, ProductId, Raw, SkuId};
use crate::wanted::Wanted;

/// Near misses are looked for in the whole store; more of them than this are no help to anybody.
const MOST_SUGGESTIONS: usize = 20;

/// Letters of code and name that a variant may come to; more are no error.
const LETTERS: usize = 32;

/// The part of the store that a batch of wanted changes is about. Filled by [`Shelf::add`], then looked at.
#[derive(Default)]
pub struct Shelf {
    products: Vec<Reading>,
    /// Places in `products` of the newest reading of each, by product id.
    newest: HashTable<u32>,
    hashing: RandomState,
    /// Product by product, those of each side by side.
    variants: Vec<Stored>,
    /// Product by product its name, then the codes of its variants.
    texts: String,
    /// When the first product was read.
    since: Option<Instant>,
    /// Places in `variants`, ordered by sku id.
    by_sku: Vec<u32>,
    /// Places in `variants` that have a code, ordered by it; empty until somebody needs it.
    by_code: Vec<u32>,
    indexed: bool,
}

/// A product as it was at some moment.
struct Reading {
    id: ProductId,
    /// Milliseconds after the first one.
    at: u32,
    /// Where its name begins in `texts`; it ends where its first variant's code begins.
    name: u32,
}

/// A variant as it was at some moment.
struct Stored {
    sku: SkuId,
    quantity: i64,
    product: u32,
    /// Where its code begins in `texts`; it ends where the next one or the next product's name begins.
    code: u32,
}

/// The place of a variant on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u32);

impl Slot {
    /// The place as a number from 0, below [`Shelf::slots`].
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// No place at all, for rows whose variant is unknown.
    pub const NONE: Slot = Slot(u32::MAX);
}

/// Finds the codes of the store that may have been meant by one that nothing bears.
pub type Near<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// A variant as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Shelved<'a> {
    /// Its product.
    pub product_id: ProductId,
    /// The product's title.
    pub product_name: &'a str,
    /// Its id.
    pub sku_id: SkuId,
    /// Its code; empty where it has none.
    pub sku_code: &'a str,
    /// Units of stock.
    pub quantity: i64,
    /// When it was read.
    pub read_at: Instant,
}

impl Shelf {
    /// An empty one for the variants that so many rows name. What is not used of the room stays out of memory, and
    /// nothing is moved while it fills, which would take twice its room.
    pub fn with_capacity(rows: usize) -> Shelf {
        Shelf {
            products: Vec::with_capacity(rows),
            variants: Vec::with_capacity(rows),
            texts: String::with_capacity(rows.saturating_mul(LETTERS)),
            ..Shelf::default()
        }
    }

    /// Takes in a product that was read just now, in the place of an earlier reading.
    pub fn add(&mut self, product: &Product) {
        let place = |texts: &String| u32::try_from(texts.len()).unwrap_or(u32::MAX);
        let number = u32::try_from(self.products.len()).unwrap_or(u32::MAX);
        let since = self.since.get_or_insert_with(Instant::now);
        self.products.push(Reading {
            id: product.product_id,
            at: u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX),
            name: place(&self.texts),
        });
        self.texts.push_str(&product.name);
        for variant in &product.variants {
            self.variants.push(Stored {
                sku: variant.sku_id,
                quantity: variant.quantity,
                product: number,
                code: place(&self.texts),
            });
            self.texts.push_str(&variant.sku_code);
        }
        let (products, hashing) = (&self.products, &self.hashing);
        let hash = |number: &u32| hashing.hash_one(products[*number as usize].id);
        let same = |other: &u32| products[*other as usize].id == product.product_id;
        self.newest.entry(hash(&number), same, hash).insert(number);
        self.indexed = false;
    }

    /// Makes the look-ups ready; needed after the last [`Shelf::add`]. `codes` says whether [`Shelf::by_code`] is among
    /// them.
    pub fn index(&mut self, codes: bool) {
        if self.indexed && (!codes || !self.by_code.is_empty()) {
            return;
        }
        let all = 0..u32::try_from(self.variants.len()).unwrap_or(u32::MAX);
        let all = all.filter(|slot| self.is_newest(*slot));
        let mut by_sku: Vec<u32> = all.clone().collect();
        by_sku.sort_unstable_by_key(|slot| self.variants[*slot as usize].sku);
        let mut by_code: Vec<u32> = Vec::new();
        if codes {
            by_code.extend(all.filter(|slot| !self.code(*slot).is_empty()));
            by_code.sort_unstable_by(|a, b| self.code(*a).cmp(self.code(*b)).then(a.cmp(b)));
        }
        (self.by_sku, self.by_code) = (by_sku, by_code);
        self.indexed = true;
    }

    /// How many variants there are.
    pub fn slots(&self) -> usize {
        self.variants.len()
    }

    /// The variant at a place.
    pub fn get(&self, slot: Slot) -> Option<Shelved<'_>> {
        let stored = self.variants.get(slot.index())?;
        let product = &self.products[stored.product as usize];
        let at = Duration::from_millis(u64::from(product.at));
        Some(Shelved {
            product_id: product.id,
            product_name: self.name(slot.0),
            sku_id: stored.sku,
            sku_code: self.code(slot.0),
            quantity: stored.quantity,
            read_at: self.since? + at,
        })
    }

    /// Whether the product was read.
    pub fn has(&self, product: ProductId) -> bool {
        self.reading(product).is_some()
    }

    /// The place in `products` of the newest reading of this one.
    fn reading(&self, product: ProductId) -> Option<u32> {
        let same = |number: &u32| self.products[*number as usize].id == product;
        self.newest
            .find(self.hashing.hash_one(product), same)
            .copied()
    }

    /// Whether the product of the variant at this place was not read again since, or found gone.
    fn is_newest(&self, slot: u32) -> bool {
        let product = self.variants[slot as usize].product;
        self.reading(self.products[product as usize].id) == Some(product)
    }

    /// The name of the product of the variant at this place.
    fn name(&self, slot: u32) -> &str {
        let product = self.variants[slot as usize].product;
        let before = self.variants[..slot as usize].iter().rev();
        let siblings = before.take_while(|sibling| sibling.product == product);
        let first = slot as usize - siblings.count();
        let (from, to) = (
            self.products[product as usize].name,
            self.variants[first].code,
        );
        &self.texts[from as usize..to as usize]
    }

    fn code(&self, slot: u32) -> &str {
        let stored = &self.variants[slot as usize];
        let end = match self.variants.get(slot as usize + 1) {
            Some(next) if next.product == stored.product => next.code,
            _ => match self.products.get(stored.product as usize + 1) {
                Some(next) => next.name,
                None => return &self.texts[stored.code as usize..],
            },
        };
        &self.texts[stored.code as usize..end as usize]
    }

    /// The variant with this id.
    pub fn by_id(&self, sku: SkuId) -> Option<Slot> {
        let at = self
            .by_sku
            .binary_search_by_key(&sku, |slot| self.variants[*slot as usize].sku)
            .ok()?;
        Some(Slot(self.by_sku[at]))
    }

    /// The variants with this code.
    pub fn by_code(&self, code: &str) -> impl Iterator<Item = Slot> + '_ {
        let from = self.by_code.partition_point(|slot| self.code(*slot) < code);
        let bearers = &self.by_code[from..];
        let to = bearers.partition_point(|slot| self.code(*slot) == code);
        bearers[..to].iter().map(|slot| Slot(*slot))
    }

    /// Which variant a row means. [`Kind::NotFound`] where there is none; [`Kind::Refused`] where the row contradicts
    /// the store or the code is shared. `near` finds the codes of the store that may have been meant; without it none
    /// are looked for.
    pub fn find(&self, row: &Wanted<'_>, near: Option<Near<'_>>) -> Result<Slot> {
        let found = match (row.sku_id(), row.code()) {
            (Some(sku), _) => self.find_id(row, sku)?,
            (None, Some(code)) => self.find_code(row, code, near)?,
            (None, None) => return Err(Error::internal("a row names no variant")),
        };
        if let (Some(sku), Some(code)) = (row.sku_id(), row.code()) {
            let bears = self.code(found.0);
            // A cell loses the white space around it on its way through a file.
            if bears.trim() != code.trim() {
                return Err(Error::refused(format!(
                    "sku {sku} has the code {bears} and not {code}"
                )));
            }
        }
        Ok(found)
    }

    fn find_id(&self, row: &Wanted<'_>, sku: SkuId) -> Result<Slot> {
        let said = row.product_id();
        let Some(slot) = self.by_id(sku) else {
            return Err(match said {
                Some(product) if !self.has(product) => no_product(product),
                Some(product) => not_found(format!("product {product} has no sku {sku}")),
                None => not_found(format!("no sku {sku} in the store")),
            });
        };
        let product = self.product_of(slot);
        match said {
            Some(said) if said != product && self.has(said) => Err(Error::refused(format!(
                "sku {sku} belongs to product {product} and not {said}"
            ))),
            Some(said) if said != product => Err(no_product(said)),
            _ => Ok(slot),
        }
    }

    fn find_code(&self, row: &Wanted<'_>, code: &str, near: Option<Near<'_>>) -> Result<Slot> {
        let said = row.product_id();
        if let Some(product) = said.filter(|product| !self.has(*product)) {
            return Err(no_product(product));
        }
        let bearers: Vec<Slot> = self
            .by_code(code)
            .filter(|slot| said.is_none_or(|said| said == self.product_of(*slot)))
            .collect();
        match (bearers.as_slice(), said) {
            ([one], _) => Ok(*one),
            ([], Some(product)) => {
                let within = self.variants.iter().zip(0..).filter_map(|(stored, slot)| {
                    let reading = &self.products[stored.product as usize];
                    (reading.id == product && self.is_newest(slot)).then(|| self.code(slot))
                });
                let near = near.map(|_| catalogue::near_misses(code, within));
                let place = format!("product {product}");
                Err(catalogue::no_variant(
                    code,
                    &near.unwrap_or_default(),
                    &place,
                ))
            }
            ([], None) => {
                let near = near.map(|near| near(code)).unwrap_or_default();
                Err(catalogue::no_variant(code, &near, "the store"))
            }
            (several, _) => {
                let candidates: Vec<Candidate> = several
                    .iter()
                    .filter_map(|slot| self.get(*slot))
                    .map(|variant| Candidate {
                        product_id: variant.product_id,
                        sku_id: variant.sku_id,
                        sku_code: variant.sku_code.to_owned(),
                        name: variant.product_name.to_owned(),
                    })
                    .collect();
                let shared = catalogue::several_variants(code, &candidates);
                Err(Error::refused(shared.message().to_owned())
                    .hinted("give the row a product_id or a sku_id"))
            }
        }
    }

    fn product_of(&self, slot: Slot) -> ProductId {
        self.products[self.variants[slot.index()].product as usize].id
    }

    /// Whether the `nth` row without a variant is still given near misses.
    pub fn suggests(nth: usize) -> bool {
        nth < MOST_SUGGESTIONS
    }
}

impl Keep for Shelf {
    fn has(&self, id: ProductId) -> bool {
        Shelf::has(self, id)
    }

    fn keep(&mut self, product: &Raw<Product>) {
        self.add(&product.value);
    }

    fn offer(&mut self, product: &Raw<Product>) {
        if Shelf::has(self, product.value.product_id) {
            self.add(&product.value);
        }
    }

    fn gone(&mut self, id: ProductId) {
        let same = |number: &u32| self.products[*number as usize].id == id;
        if let Ok(entry) = self.newest.find_entry(self.hashing.hash_one(id), same) {
            entry.remove();
        }
        self.indexed = false;
    }
}

fn not_found(message: String) -> Error {
    Error::new(Kind::NotFound, message)
}

fn no_product(id: ProductId) -> Error {
    not_found(format!("no product {id} in the store"))
}
