//! Whether windows that were read at different moments leave nothing out between them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::api::{Page, SortBy};
use crate::model::{ProductId, ProductSummary, Raw};

/// Seams that are kept to be mended; where more are torn, the list is read anew.
const MOST_TORN: usize = 16;

/// A product and what it was sorted by.
type Item = (ProductId, u64);

/// What one answer says of the list: the products in a row, and where they stood.
#[derive(Clone, Debug)]
pub struct Stretch {
    items: Vec<Item>,
    /// How many products it shows, those that can't be told from others included.
    shown: u64,
    /// How many products came before.
    pub start: u64,
    /// The list ended with it.
    pub ends: bool,
}

impl Stretch {
    /// `start` products come before the page.
    pub fn new(page: &Page, start: u64, by: SortBy) -> Stretch {
        Stretch {
            items: page.data.iter().map(|product| item(product, by)).collect(),
            shown: page.shown(),
            start,
            ends: start + page.shown() >= page.pagination.total,
        }
    }

    /// The products that stood in it.
    pub fn ids(&self) -> impl Iterator<Item = ProductId> {
        self.items.iter().map(|(id, _)| *id)
    }

    /// How many products came before its end.
    pub fn end(&self) -> u64 {
        self.start + self.shown
    }

    /// Whether the same products stood in it, with the same keys, in the same order.
    pub fn same(&self, other: &Stretch) -> bool {
        self.items == other.items
    }

    /// Whether no product that kept its key can lie between the two: `next` begins before this one ends, by what the
    /// list is sorted by. A product that is in both proves it, unless all three keys are one: then a product of the
    /// same key may have stood where neither looked.
    pub fn links(&self, next: &Stretch) -> bool {
        let (Some(last), Some(first)) = (self.items.last(), next.items.first()) else {
            return false;
        };
        let here: HashSet<&Item> = self.items.iter().collect();
        let between = |item: &&Item| item.1 != last.1 || item.1 != first.1;
        next.items
            .iter()
            .filter(between)
            .any(|item| here.contains(item))
    }
}

/// The key is kept as a hash: all we ask is whether it is the same. Names that differ in case may be the same to the
/// server.
fn item(product: &Raw<ProductSummary>, by: SortBy) -> Item {
    let product = &product.value;
    let mut hasher = DefaultHasher::new();
    match by {
        SortBy::Name => product.name.trim().to_lowercase().hash(&mut hasher),
        SortBy::UpdatedAt => product.updated_at.hash(&mut hasher),
        SortBy::TotalQuantity => product.total_quantity.hash(&mut hasher),
    }
    (product.product_id, hasher.finish())
}

/// The windows of a pass, in order, and the seams between them that don't hold.
#[derive(Default)]
pub struct Chain {
    last: Option<Stretch>,
    /// Neighbours that don't link.
    pub torn: Vec<(Stretch, Stretch)>,
    /// More are torn than are kept, or the list has no beginning.
    beyond_repair: bool,
    /// The end of the list was reached; what windows beyond it show was there at another moment.
    pub ended: bool,
}

impl Chain {
    /// The next window.
    pub fn add(&mut self, stretch: Stretch) {
        if self.ended {
            return;
        }
        match self.last.take() {
            None => self.beyond_repair = stretch.start > 0,
            Some(last) if last.links(&stretch) => {}
            Some(last) if self.torn.len() < MOST_TORN => self.torn.push((last, stretch.clone())),
            Some(_) => self.beyond_repair = true,
        }
        self.ended = stretch.ends;
        self.last = Some(stretch);
    }

    /// Whether mending the seams would make it whole.
    pub fn mendable(&self) -> bool {
        self.ended && !self.beyond_repair
    }

    /// Whether it reaches from the first product to the last without a gap.
    pub fn whole(&self) -> bool {
        self.mendable() && self.torn.is_empty()
    }
}
