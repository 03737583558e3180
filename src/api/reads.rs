//! What is read of a store: pages of its list, and single products. A read is sent again as long as that may help.

use reqwest::Method;
use serde::Deserialize;

use super::attempt::{Patience, Waited};
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

impl Client {
    /// One page of products, `page` from 1, `limit` up to [`super::MAX_LIMIT`].
    pub fn list(&self, query: &ListQuery, page: u64, limit: u16) -> Result<Page> {
        let target = query.target(page, limit);
        self.read(
            &target,
            Patience::UntilInterrupted,
            self.retries,
            |answer: &Page| match answer.pagination.page {
                answered if answered == page => Ok(()),
                answered => Err(format!("it is page {answered} and not {page}")),
            },
        )
    }

    /// One product with its variants. [`Kind::NotFound`] when the store has no such product.
    pub fn product(&self, id: ProductId) -> Result<Raw<Product>> {
        self.read_product(id, Patience::UntilInterrupted, self.retries)
    }

    /// Like [`Client::product`], not tried again.
    pub fn product_once(&self, id: ProductId) -> Result<Raw<Product>> {
        self.read_product(id, Patience::UntilInterrupted, 0)
    }

    /// Like [`Client::product`], to find out what became of a write: an interrupt leaves it the time-out.
    pub(super) fn read_back(&self, id: ProductId) -> Result<Raw<Product>> {
        self.read_product(id, Patience::UntilSettled, self.retries)
    }

    fn read_product(
        &self,
        id: ProductId,
        patience: Patience,
        retries: u32,
    ) -> Result<Raw<Product>> {
        let envelope = self.read(
            &product_target(id),
            patience,
            retries,
            |envelope: &Envelope<Raw<Product>>| about(id, envelope.data.value.product_id),
        );
        match envelope {
            Ok(envelope) => Ok(envelope.data),
            Err(e) if e.kind() == Kind::NotFound && e.message() == "Product not found." => Err(e
                .reworded(format!("no product {id}"))
                .hinted("`sxinv list --search NAME` finds products")),
            Err(e) => Err(e),
        }
    }

    /// Sends a read until it succeeds, can't succeed, or was tried often enough.
    fn read<T: Answer>(
        &self,
        target: &str,
        patience: Patience,
        retries: u32,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<T> {
        let mut attempts = Attempts::new(retries);
        loop {
            let permit = self.enter();
            if permit.is_none() && patience == Patience::UntilInterrupted {
                return Err(self.interruption());
            }
            let failure = match self.attempt(&Method::GET, target, None, patience, permit, &check) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !failure.transient || !attempts.another(&failure) {
                return Err(attempts.give_up(failure).error);
            }
            if self.pause(attempts.again(), &failure, patience) == Waited::Interrupted {
                return Err(self.interruption());
            }
        }
    }
}
