//! Reading less: one list page tells the stock of 250 products, where each has a single variant.
//!
//! The `total_quantity` of such a product is its variant's quantity (docs/api.md: List Inventory). Which variant that is
//! the catalogue knows, as long as the product's `updated_at` is still the one that it was read with. So where many
//! products are wanted, list pages come first, and single products only where the pages don't tell.
//!
//! What pages say is checked by products that are read anyway, and by a few more: the first whose reading differs from its
//! page is read again from both. If they still differ, pages tell nothing while this catalogue is open.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::Catalogue;
use super::look_up::Keep;
use super::refresh::Reach;
use super::rows::OnlyVariant;
use super::stamp::Stamp;
use crate::api::{Client, ListQuery, MAX_LIMIT, Page, Sort, SortBy};
use crate::error::{Kind, Result};
use crate::model::{Flag, Product, ProductId, ProductSummary, Variant};
use crate::progress::{OnProgress, Phase, Progress};
use crate::side_by_side::side_by_side;

/// How many products are read all the same though a page tells their stock.
const CHECKED: usize = 2;

/// How many totals of products that are read anyway are remembered to be checked.
const MOST_REMEMBERED: usize = 1000;

/// By name: changes of stock, which are the most frequent, don't move products between these pages.
fn by_name() -> ListQuery {
    ListQuery {
        sort: Sort {
            by: SortBy::Name,
            descending: false,
        },
        ..ListQuery::default()
    }
}

/// The products that are wanted, and what pages told of them.
struct Wanted {
    /// In order of their ids.
    ids: Vec<ProductId>,
    /// Those whose stock was told.
    told: Vec<bool>,
    /// The page and the total of others that were on one.
    others: HashMap<ProductId, (u64, i64)>,
    /// How many could have been told and are read all the same.
    checked: usize,
    /// The length of a page.
    limit: u16,
}

impl Wanted {
    fn new(mut ids: Vec<ProductId>) -> Wanted {
        ids.sort_unstable();
        Wanted {
            told: vec![false; ids.len()],
            ids,
            others: HashMap::new(),
            checked: 0,
            limit: MAX_LIMIT,
        }
    }

    /// Takes the products apart: those whose stock was told, and the others.
    fn split(&mut self) -> (Vec<ProductId>, Vec<ProductId>) {
        let mut others = std::mem::take(&mut self.ids);
        let mut places = self.told.iter();
        let told = others.extract_if(.., |_| places.next().copied().unwrap_or_default());
        (told.collect(), others)
    }
}

/// What is wanted of a list page: many may wait for one before them, and none of them is printed.
struct Listed {
    number: u64,
    products: Vec<ProductSummary>,
}

impl From<Page> for Listed {
    fn from(page: Page) -> Listed {
        Listed {
            number: page.pagination.page,
            products: page.data.into_iter().map(|product| product.value).collect(),
        }
    }
}

impl Catalogue {
    /// Whether list pages would tell the stock of these products in fewer requests than reading each.
    pub fn pages_are_fewer(&self, ids: &[ProductId]) -> Result<bool> {
        let pages = self.rows.count()?.div_ceil(u64::from(MAX_LIMIT));
        self.are_fewer(pages, ids)
    }

    fn are_fewer(&self, pages: u64, ids: &[ProductId]) -> Result<bool> {
        let pages = usize::try_from(pages).unwrap_or(usize::MAX);
        let mut left = pages.saturating_add(CHECKED);
        if !self.pages_tell || ids.len() <= left {
            return Ok(false);
        }
        for id in ids {
            if self.rows.only_variant(*id)?.is_some() {
                if left == 0 {
                    return Ok(true);
                }
                left -= 1;
            }
        }
        Ok(false)
    }

    /// Reads these products into `kept` and the catalogue, from list pages where `kept` takes totals and that is fewer
    /// requests. Those that the store does not have are not kept.
    pub fn read_less(
        &mut self,
        client: &Client,
        ids: Vec<ProductId>,
        workers: usize,
        progress: OnProgress<'_>,
        kept: &mut dyn Keep,
    ) -> Result<()> {
        let reach = Reach { client, progress };
        if !kept.takes_totals(ids.len()) || !self.pages_are_fewer(&ids)? {
            return self.read_singly(reach, &ids, workers, kept, |_| {});
        }
        let mut wanted = Wanted::new(ids);
        match self.read_pages(reach, &mut wanted, workers, kept) {
            // What the pages don't tell, the products themselves may.
            Err(e) if e.kind() != Kind::Unavailable => return Err(e),
            _ => {}
        }
        let (told, others) = wanted.split();
        // The first product whose reading differs from its page.
        let mut differs = None;
        self.read_singly(reach, &others, workers, kept, |product| {
            let id = product.product_id;
            let listed = wanted.others.get(&id);
            if listed.is_some_and(|(_, listed)| *listed != total(product)) {
                differs.get_or_insert(id);
            }
        })?;
        if let Some(id) = differs
            && !agree_now(reach.client, id, &wanted)?
        {
            self.pages_tell = false;
            return self.read_singly(reach, &told, workers, kept, |_| {});
        }
        Ok(())
    }

    /// Reads the whole list, and hands on what it tells.
    fn read_pages(
        &mut self,
        reach: Reach<'_>,
        wanted: &mut Wanted,
        workers: usize,
        kept: &mut dyn Keep,
    ) -> Result<()> {
        let query = by_name();
        let first = reach.client.list(&query, 1, MAX_LIMIT)?;
        let limit = u16::try_from(first.pagination.limit).unwrap_or(MAX_LIMIT);
        wanted.limit = limit.clamp(1, MAX_LIMIT);
        let pages = first.pagination.total.div_ceil(u64::from(wanted.limit));
        if !self.are_fewer(pages, &wanted.ids)? {
            return Ok(());
        }
        let limit = wanted.limit;
        self.take_page(reach, first.into(), pages, wanted, kept)?;
        let end = side_by_side(
            2..=pages,
            workers,
            |page| reach.client.list(&query, page, limit).map(Listed::from),
            |page| match page.and_then(|page| self.take_page(reach, page, pages, wanted, kept)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(e) => ControlFlow::Break(e),
            },
        );
        end.map_or(Ok(()), Err)
    }

    fn take_page(
        &self,
        reach: Reach<'_>,
        page: Listed,
        pages: u64,
        wanted: &mut Wanted,
        kept: &mut dyn Keep,
    ) -> Result<()> {
        for product in &page.products {
            self.take_product(product, page.number, wanted, kept)?;
        }
        (reach.progress)(Progress::counted(Phase::ReadingPages, page.number, pages));
        Ok(())
    }

    fn take_product(
        &self,
        product: &ProductSummary,
        page: u64,
        wanted: &mut Wanted,
        kept: &mut dyn Keep,
    ) -> Result<()> {
        let id = product.product_id;
        let Ok(place) = wanted.ids.binary_search(&id) else {
            return Ok(());
        };
        match self.told(product)? {
            Some(told) if wanted.checked >= CHECKED => {
                wanted.told[place] = true;
                kept.keep_total(&told)?;
            }
            told => {
                wanted.checked += usize::from(told.is_some());
                if let (Some(total), true) = (
                    product.total_quantity,
                    wanted.others.len() < MOST_REMEMBERED,
                ) {
                    wanted.others.insert(id, (page, total));
                }
            }
        }
        Ok(())
    }

    /// The product as it would have been read, where the list tells all that matters of it.
    fn told(&self, product: &ProductSummary) -> Result<Option<Product>> {
        let (1, None) = (product.variant_count, &product.odd) else {
            return Ok(None);
        };
        let listed = Stamp::read(product.updated_at.as_deref());
        let only = self.rows.only_variant(product.product_id)?;
        let only = only.filter(|only| Some(only.updated_at) == listed);
        Ok(only
            .zip(product.total_quantity)
            .map(|(only, units)| with_variant(product, only, units)))
    }
}

fn with_variant(product: &ProductSummary, only: OnlyVariant, quantity: i64) -> Product {
    Product {
        product_id: product.product_id,
        name: product.name.clone(),
        is_active: Some(product.is_active),
        updated_at: product.updated_at.clone(),
        variants: vec![Variant {
            sku_id: only.sku_id,
            sku_code: only.sku_code,
            variant_name: only.name,
            price: None,
            quantity,
            available: Flag(quantity > 0),
            is_default: Flag(true),
        }],
    }
}

/// Whether the list and the product itself tell the same stock when both are asked once more.
fn agree_now(client: &Client, id: ProductId, wanted: &Wanted) -> Result<bool> {
    let Some((page, _)) = wanted.others.get(&id) else {
        return Ok(false);
    };
    let again = || -> Result<_> {
        let page = client.list(&by_name(), *page, wanted.limit)?;
        Ok((page, client.product(id)?))
    };
    match again() {
        Ok((page, product)) => {
            let listed = page
                .data
                .iter()
                .find(|listed| listed.value.product_id == id);
            Ok(listed
                .is_some_and(|listed| listed.value.total_quantity == Some(total(&product.value))))
        }
        Err(e) if matches!(e.kind(), Kind::Unavailable | Kind::NotFound) => Ok(false),
        Err(e) => Err(e),
    }
}

fn total(product: &Product) -> i64 {
    let quantities = product.variants.iter().map(|variant| variant.quantity);
    quantities.fold(0, i64::saturating_add)
}
