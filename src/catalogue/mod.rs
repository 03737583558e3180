//! From a SKU code or sku id to the variant that bears it.
//!
//! The API has no look-up by code, so each store's codes are kept in the state database. They are a memory and never an
//! answer: before every use the products that a name leads to are read again, and only what they say now counts.
//!
//! Why a code is never written to the wrong variant. An edit of a product moves its `updated_at`; a stock change may or
//! may not, and nothing is concluded from it. A look-up reads the products that bore the code when last seen, and then
//! asks for the newest updates: whoever got the code, lost it or was made with it up to that moment is among them and is
//! read too, and then updates are asked for again. When there are none and nobody bears the code who was not read, what
//! was read is what the store had at that moment. Only what happens between there and the write goes unseen, as it would
//! after any read. In a store that is updated all the time the third look has to do.

mod codes;
mod glance;
mod known;
mod look_up;
mod names;
mod pages;
mod refresh;
mod rows;
mod stamp;
mod unreadable;

use std::ops::ControlFlow;

use crate::api::{Client, Place, Tries};
use crate::error::{Error, Kind, Result};
use crate::model::{Partly, Product, ProductId, Raw};
use crate::progress::{Amiss, OnProgress, Phase, Progress};
use crate::side_by_side::side_by_side;
use crate::state::State;

pub use crate::near::near_misses;
pub use glance::{Glance, Glimpse};
pub use known::Known;
pub use look_up::{Found, Keep, Names};
pub use names::{Candidate, SkuName, no_variant, several_variants};
pub use rows::forget;
pub use unreadable::Unreadable;

use rows::Rows;

/// How many list pages are asked for at once.
pub const LIST_WORKERS: usize = 16;

/// How many products are read at once when the whole store has to be.
const READ_WORKERS: usize = 64;

/// The codes of one store as they were when last seen.
pub struct Catalogue {
    rows: Rows,
    /// How often a variant came, went or got another code since it was opened.
    moves: u64,
    /// What could not be read since it was opened.
    unreadable: Unreadable,
    /// Whether what list pages tell of the stock was true so far.
    pages_tell: bool,
}

impl Catalogue {
    /// Opens the catalogue of a store by its key ([`crate::settings::Connection::store`]); it is empty at first. Errors
    /// are internal: the state database failed.
    pub fn open(state: State, store: &str) -> Result<Catalogue> {
        Ok(Catalogue {
            rows: Rows::open(state, store)?,
            moves: 0,
            unreadable: Unreadable::default(),
            pages_tell: true,
        })
    }

    /// Done with it: the connection that it had.
    pub fn close(self) -> State {
        self.rows.close()
    }

    /// The products that could not be read: their codes are not known, or may be others by now.
    pub fn unreadable(&self) -> &Unreadable {
        &self.unreadable
    }

    /// Why a variant of this name can't be told: a product that had it when last seen can't be read.
    pub fn untold(&self, name: &SkuName) -> Result<Option<Error>> {
        let mut untold = None;
        if self.unreadable.is_empty() {
            return Ok(None);
        }
        for name in name.refs() {
            self.rows.bearers(name, |id| {
                untold = untold.take().or_else(|| self.unreadable.get(id));
            })?;
        }
        Ok(untold)
    }

    /// Up to three codes that may have been meant by one that nothing bears.
    pub fn near(&self, asked: &str) -> Vec<String> {
        // A suggestion is not worth an error.
        self.rows.near(asked).unwrap_or_default()
    }
}

/// Reads these products side by side and hands each to `each` in order; `None` for one that the store does not have.
/// Those that can't be read are returned; an error where that is all of them.
pub fn products(
    client: &Client,
    ids: &[ProductId],
    workers: usize,
    progress: OnProgress<'_>,
    mut each: impl FnMut(ProductId, Option<Raw<Product>>),
) -> Result<Unreadable> {
    products_as(
        client,
        ids,
        workers,
        progress,
        Client::product_in,
        &mut each,
    )
}

/// Like [`products`], each with as many of its variants as can be read: to be shown, never to be written by. What is odd
/// about them is among what is returned.
pub fn products_partly(
    client: &Client,
    ids: &[ProductId],
    workers: usize,
    progress: OnProgress<'_>,
    mut each: impl FnMut(ProductId, Option<Raw<Product>>),
) -> Result<Unreadable> {
    let mut odd = Unreadable::default();
    let read = Client::product_partly_in;
    let unreadable = products_as(client, ids, workers, progress, read, &mut |id, partly| {
        let product = partly.map(|partly: Partly| {
            odd.insert_partly(id, &partly.odd);
            partly.product
        });
        each(id, product);
    })?;
    odd.extend(unreadable);
    Ok(odd)
}

/// How one product of many is read.
type ReadOne<P> = for<'c> fn(&'c Client, &mut Place<'c>, ProductId, Tries) -> Result<P>;

fn products_as<P: Send>(
    client: &Client,
    ids: &[ProductId],
    workers: usize,
    progress: OnProgress<'_>,
    read: ReadOne<P>,
    each: &mut dyn FnMut(ProductId, Option<P>),
) -> Result<Unreadable> {
    let ids = ids.iter().map(|id| (*id, Tries::Many));
    let unreadable = each_product(client, ids, workers, progress, read, |id, product| {
        if let Some(product) = product {
            each(id, product);
        }
        Ok(())
    })?;
    unreadable.unless_all()
}

/// Like [`products`]; `each` is also told, by an outer `None`, of one that can't be read, and an error of it ends it.
fn each_product<P: Send>(
    client: &Client,
    ids: impl ExactSizeIterator<Item = (ProductId, Tries)> + Send,
    workers: usize,
    progress: OnProgress<'_>,
    read: ReadOne<P>,
    mut each: impl FnMut(ProductId, Option<Option<P>>) -> Result<()>,
) -> Result<Unreadable> {
    let total = ids.len() as u64;
    let mut done = 0;
    let mut unreadable = Unreadable::default();
    if total > 0 {
        progress(Progress::counted(Phase::ReadingProducts, 0, total));
    }
    let end = side_by_side(
        // Places are in the order in which the products are wanted, and go when a product is done with.
        ids.map(|(id, tries)| (id, tries, client.place())),
        workers.min(total as usize),
        |(id, tries, mut place)| (id, read(client, &mut place, id, tries), place),
        |(id, product, _place)| {
            let found = match product {
                Ok(product) => Ok(Some(Some(product))),
                Err(e) if e.kind() == Kind::NotFound => Ok(Some(None)),
                Err(e) => unreadable.failed(id, e).map(|()| None),
            };
            if let Ok(Some(_)) = found {
                unreadable.read();
            }
            if let Err(e) = found.and_then(|found| each(id, found)) {
                return ControlFlow::Break(e);
            }
            done += 1;
            progress(Progress {
                amiss: Amiss {
                    failed: unreadable.len() as u64,
                    ..Amiss::default()
                },
                ..Progress::counted(Phase::ReadingProducts, done, total)
            });
            ControlFlow::Continue(())
        },
    );
    match end {
        Some(e) => Err(e),
        None => Ok(unreadable),
    }
}
