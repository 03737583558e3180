//! What is read of a store: pages of its list, and single products. A read is sent again as long as that may help.

use serde::Deserialize;

use super::attempt::{Ask, Patience, Waited};
use super::large::Place;
use super::query::ListQuery;
use super::reply::Answer;
use super::{Attempts, Client, Envelope, about, product_target};
use crate::error::{Kind, Result};
use crate::model::{Pagination, Product, ProductId, ProductSummary, Raw};

/// One page of a list.
#[derive(Deserialize)]
pub struct Page {
    /// The products.
    pub data: Vec<Raw<ProductSummary>>,
    /// Where the page stands.
    pub pagination: Pagination,
    status: u16,
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
        self.read_product(id, Patience::UntilInterrupted, tries, place)
    }

    /// A place for a request among others that are under way at once.
    pub fn place(&self) -> Place<'_> {
        self.large.place()
    }

    /// Like [`Client::product`], to find out what became of a write: an interrupt leaves it the time-out.
    pub(super) fn read_back(&self, id: ProductId) -> Result<Raw<Product>> {
        self.read_product(id, Patience::UntilSettled, Tries::Many, &mut self.place())
    }

    fn read_product(
        &self,
        id: ProductId,
        patience: Patience,
        tries: Tries,
        place: &mut Place<'_>,
    ) -> Result<Raw<Product>> {
        let target = product_target(id);
        let ask = Ask::read(&target, patience);
        let check = |envelope: &Envelope<Raw<Product>>| about(id, envelope.data.value.product_id);
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
            if self.pause(attempts.again(), &failure, ask.patience) == Waited::Interrupted {
                return Err(self.interruption());
            }
        }
    }
}
