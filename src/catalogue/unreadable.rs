//! Products that the store has and that can't be read: one of them does not hide the others.

use std::collections::BTreeMap;

use crate::api::Unlisted;
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, ProductSummary};

/// This many in a row are not odd products: the server is not there.
const MANY: usize = 10;

/// Products that could not be read, and why.
#[derive(Default)]
pub struct Unreadable {
    products: BTreeMap<ProductId, Error>,
    /// What lists show without an id.
    nameless: Vec<Unlisted>,
    /// Products that no list shows, and that one without an id may be.
    perhaps: Vec<ProductId>,
    /// Since the last one that could be read.
    in_a_row: usize,
    /// At least one could be read.
    any: bool,
}

impl Unreadable {
    /// Which products: of each that is not among them, it is known whether the store has it.
    pub fn ids(&self) -> impl Iterator<Item = ProductId> {
        self.products.keys().chain(&self.perhaps).copied()
    }

    /// Those that the server answered for, and oddly: a part of them may be read.
    pub fn odd(&self) -> impl Iterator<Item = ProductId> {
        let odd = |error: &Error| error.status() == Some(200);
        let products = self.products.iter();
        products.filter(move |(_, e)| odd(e)).map(|(id, _)| *id)
    }

    /// Takes note of what a list shows without an id.
    pub fn insert_nameless(&mut self, nameless: impl IntoIterator<Item = Unlisted>) {
        self.nameless.extend(nameless);
    }

    /// Takes note of what a whole list shows without an id, in place of what was known of that.
    pub(super) fn only_nameless(&mut self, nameless: Vec<Unlisted>) {
        self.nameless = nameless;
    }

    /// Whether a list shows any without an id.
    pub fn has_nameless(&self) -> bool {
        !self.nameless.is_empty()
    }

    /// Takes note of products that one without an id may be.
    pub fn perhaps(&mut self, products: Vec<ProductId>) {
        self.perhaps = products;
    }

    /// Takes note of what is odd about a product that is shown as far as it can be read.
    pub fn insert_partly(&mut self, id: ProductId, odd: &[String]) {
        if let [first, more @ ..] = odd {
            let more = match more.len() {
                0 => String::new(),
                1 => " (and 1 more fault of it)".to_owned(),
                more => format!(" (and {more} more faults of it)"),
            };
            let error = Error::new(Kind::Unavailable, format!("{first}{more}"));
            self.insert(id, error.with_status(200));
        }
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
        let of_one = match error.kind() {
            Kind::Unavailable => true,
            Kind::Refused => error.status().is_some(),
            _ => false,
        };
        if !of_one || self.in_a_row >= MANY {
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
            Some((id, error)) if !self.any && error.kind() == Kind::Refused => {
                Err(told(id, &error, 0))
            }
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
        self.nameless.extend(more.nameless);
        self.perhaps.extend(more.perhaps);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.products.len() + self.nameless.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
        let more = self.len().saturating_sub(1);
        if let Some((id, error)) = self.products.first_key_value() {
            return Some(told(*id, error, more));
        }
        let nameless = self.nameless.first()?;
        let message = format!("{nameless}{}", and_more(more));
        Some(Error::new(Kind::Unavailable, message).with_status(200))
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
    message += &and_more(more);
    let mut again = Error::new(error.kind(), message).with_code(error.code().map(str::to_owned));
    if let Some(status) = error.status() {
        again = again.with_status(status);
    }
    match error.hint() {
        Some(hint) => again.hinted(hint),
        None => again,
    }
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => " (and 1 more product)".to_owned(),
        more => format!(" (and {more} more products)"),
    }
}
