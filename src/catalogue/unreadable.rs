//! Products that the store has and that can't be read: one of them does not hide the others.

use std::collections::BTreeMap;

use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, ProductSummary};

/// This many in a row are not odd products: the server is not there.
const MANY: usize = 10;

/// Products that could not be read, and why.
#[derive(Default)]
pub struct Unreadable {
    products: BTreeMap<ProductId, Error>,
    /// Since the last one that could be read.
    in_a_row: usize,
    /// At least one could be read.
    any: bool,
}

impl Unreadable {
    /// Which products.
    pub fn ids(&self) -> impl Iterator<Item = ProductId> {
        self.products.keys().copied()
    }

    /// Takes note of one more.
    pub fn insert(&mut self, id: ProductId, error: Error) {
        self.products.insert(id, error);
    }

    /// Takes note of a product that a list shows oddly, where it does.
    pub fn insert_odd(&mut self, product: &ProductSummary) {
        if let Some(odd) = &product.odd {
            let error = Error::new(Kind::Unavailable, odd);
            self.insert(product.product_id, error.with_status(200));
        }
    }

    /// Takes note of a reading that failed. The error where there is no point in going on.
    pub(super) fn failed(&mut self, id: ProductId, error: Error) -> Result<()> {
        self.in_a_row += 1;
        // Whatever else fails is no matter of one product.
        if error.kind() != Kind::Unavailable || self.in_a_row >= MANY {
            return Err(error);
        }
        self.insert(id, error);
        Ok(())
    }

    /// Takes note of a product that could be read, or is not there.
    pub(super) fn read(&mut self) {
        self.in_a_row = 0;
        self.any = true;
    }

    /// At the end of the readings: where none succeeded, no product is the odd one out.
    pub(super) fn unless_all(mut self) -> Result<Unreadable> {
        match self.products.pop_first() {
            Some((_, error)) if !self.any => Err(error),
            Some((id, error)) => {
                self.insert(id, error);
                Ok(self)
            }
            None => Ok(self),
        }
    }

    /// Adds those of another reading.
    pub fn extend(&mut self, more: Unreadable) {
        self.products.extend(more.products);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// Whether this product is one of them.
    pub fn has(&self, id: ProductId) -> bool {
        self.products.contains_key(&id)
    }

    /// Why a product could not be read.
    pub fn get(&self, id: ProductId) -> Option<Error> {
        self.products.get(&id).map(|error| told(id, error, 0))
    }

    /// One error for all of them, if there is any.
    pub fn error(&self) -> Option<Error> {
        let (id, error) = self.products.first_key_value()?;
        Some(told(*id, error, self.products.len() - 1))
    }

    /// An error where there is one of them.
    pub fn none(&self) -> Result<()> {
        self.error().map_or(Ok(()), Err)
    }
}

/// The error with the product in it, and how many there are besides.
fn told(id: ProductId, error: &Error, more: usize) -> Error {
    let mut message = error.full_message();
    if !message.contains(&format!("product {id}")) {
        message = format!("product {id} can't be read: {message}");
    }
    if more > 0 {
        message += &format!(
            " (and {more} more product{})",
            if more == 1 { "" } else { "s" }
        );
    }
    let mut again = Error::new(error.kind(), message).with_code(error.code().map(str::to_owned));
    if let Some(status) = error.status() {
        again = again.with_status(status);
    }
    match error.hint() {
        Some(hint) => again.hinted(hint),
        None => again,
    }
}
