//! What is read of a store: pages of its list, and single products. A read is sent again as long as that may help.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::attempt::{Ask, Patience};
use super::large::Place;
use super::query::{ListQuery, Sort};
use super::reply::Answer;
use super::{Attempts, Client, Envelope, about, product_target};
use crate::clean::clean;
use crate::error::{Kind, Result};
use crate::model::{Listed, Nameless, Pagination, Partly, Product, ProductId, ProductSummary, Raw};

/// One page of a list.
#[derive(Deserialize)]
#[serde(try_from = "PageSent")]
pub struct Page {
    /// The products.
    pub data: Vec<Raw<ProductSummary>>,
    /// What stands among them and can't be told from others: its place on the page, from 1.
    pub nameless: Vec<(usize, Nameless)>,
    /// Where the page stands.
    pub pagination: Pagination,
    status: u16,
}

impl Page {
    /// How many products stand on it, those that can't be told included.
    pub fn shown(&self) -> u64 {
        (self.data.len() + self.nameless.len()) as u64
    }

    /// Takes out what can't be told from others.
    pub fn unlisted(&mut self) -> impl Iterator<Item = Unlisted> + use<> {
        let page = self.pagination.page;
        std::mem::take(&mut self.nameless)
            .into_iter()
            .map(move |(place, nameless)| Unlisted {
                page,
                place: place as u64,
                order: None,
                nameless,
            })
    }
}

/// A product that a list shows and that can't be told from others, and where it stands.
pub struct Unlisted {
    /// Which page, from 1.
    pub page: u64,
    /// Which place on it, from 1.
    pub place: u64,
    /// The order of the list, where it is not the one that was asked for.
    pub order: Option<Sort>,
    /// What can be said of it.
    pub nameless: Nameless,
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the product on page {}, place {}", self.page, self.place)?;
        if let Some(order) = self.order {
            write!(f, " of `list --sort {order}`")?;
        }
        if let Some(name) = &self.nameless.name {
            write!(f, " (\"{}\")", clean(name))?;
        }
        f.write_str(&self.nameless.what)
    }
}

/// A page as it is sent.
#[derive(Deserialize)]
struct PageSent {
    data: Vec<Listed>,
    pagination: Pagination,
    status: u16,
}

/// This many products without an id, and none with one, are not odd products: the answer is no list of products.
const NO_LIST: usize = 10;

impl TryFrom<PageSent> for Page {
    type Error = String;

    fn try_from(sent: PageSent) -> Result<Page, String> {
        let mut page = Page {
            data: Vec::with_capacity(sent.data.len()),
            nameless: Vec::new(),
            pagination: sent.pagination,
            status: sent.status,
        };
        for (n, listed) in sent.data.into_iter().enumerate() {
            match listed {
                Listed::Product(product) => page.data.push(product),
                Listed::Nameless(nameless) => page.nameless.push((n + 1, nameless)),
            }
        }
        match page.nameless.first() {
            Some((_, first)) if page.data.is_empty() && page.nameless.len() >= NO_LIST => {
                Err(format!("a product{}", first.what))
            }
            _ => Ok(page),
        }
    }
}

impl Answer for Page {
    fn status(&self) -> u16 {
        self.status
    }
}

/// How often a read is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tries {
    /// Once: it failed before, and is not worth waiting for.
    Once,
    /// As often as `--retries` allows.
    Many,
}

impl Client {
    /// One page of products, `page` from 1, `limit` up to [`super::MAX_LIMIT`].
    pub fn list(&self, query: &ListQuery, page: u64, limit: u16) -> Result<Page> {
        let target = query.target(page, limit);
        let ask = Ask::read(&target, Patience::UntilInterrupted);
        self.read(
            &ask,
            Tries::Many,
            &mut self.place(),
            |answer: &Page| match answer.pagination.page {
                answered if answered == page => Ok(()),
                answered => Err(format!("it is page {answered} and not {page}")),
            },
        )
    }

    /// One product with its variants. [`Kind::NotFound`] when the store has no such product.
    pub fn product(&self, id: ProductId) -> Result<Raw<Product>> {
        self.product_in(&mut self.place(), id, Tries::Many)
    }

    /// Like [`Client::product`], one of many at once: the place is kept until the product is done with.
    pub fn product_in(
        &self,
        place: &mut Place<'_>,
        id: ProductId,
        tries: Tries,
    ) -> Result<Raw<Product>> {
        let of = |product: &Raw<Product>| product.value.product_id;
        self.read_product(id, Patience::UntilInterrupted, tries, place, of)
    }

    /// Like [`Client::product`], with as many of its variants as can be read: to be shown, never to be written by.
    pub fn product_partly(&self, id: ProductId) -> Result<Partly> {
        self.product_partly_in(&mut self.place(), id, Tries::Many)
    }

    /// Like [`Client::product_partly`], one of many at once.
    pub fn product_partly_in(
        &self,
        place: &mut Place<'_>,
        id: ProductId,
        tries: Tries,
    ) -> Result<Partly> {
        let of = |partly: &Partly| partly.product.value.product_id;
        self.read_product(id, Patience::UntilInterrupted, tries, place, of)
    }

    /// A place for a request among others that are under way at once.
    pub fn place(&self) -> Place<'_> {
        self.large.place()
    }

    /// Like [`Client::product`], to find out what became of a write: an interrupt leaves it the time-out.
    pub(super) fn read_back(&self, id: ProductId) -> Result<Raw<Product>> {
        let of = |product: &Raw<Product>| product.value.product_id;
        let patience = Patience::UntilSettled;
        self.read_product(id, patience, Tries::Many, &mut self.place(), of)
    }

    fn read_product<T: DeserializeOwned>(
        &self,
        id: ProductId,
        patience: Patience,
        tries: Tries,
        place: &mut Place<'_>,
        of: impl Fn(&T) -> ProductId,
    ) -> Result<T> {
        let target = product_target(id);
        let ask = Ask::read(&target, patience);
        let check = |envelope: &Envelope<T>| about(id, of(&envelope.data));
        match self.read(&ask, tries, place, check) {
            Ok(envelope) => Ok(envelope.data),
            Err(e) if e.kind() == Kind::NotFound && e.message() == "Product not found." => Err(e
                .reworded(format!("no product {id}"))
                .hinted("to find products: sxinv list --search NAME")),
            Err(e) => Err(e),
        }
    }

    /// Sends a read until it succeeds, can't succeed, or was tried often enough.
    fn read<T: Answer>(
        &self,
        ask: &Ask<'_>,
        tries: Tries,
        place: &mut Place<'_>,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<T> {
        let mut attempts = match tries {
            Tries::Once => Attempts::new(0),
            Tries::Many => self.attempts(),
        };
        loop {
            let permit = self.enter();
            if permit.is_none() && ask.patience == Patience::UntilInterrupted {
                return Err(self.interruption());
            }
            let failure = match self.attempt(ask, permit, place, &check) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !failure.transient || !attempts.another(&failure) {
                return Err(attempts.give_up(failure).error);
            }
            if !self.pause(attempts.again(), &failure, ask.patience) {
                return Err(self.interruption());
            }
        }
    }
}
