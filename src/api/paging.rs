//! Every product of a list exactly once, as it was at some moment of the run, pages side by side, while others write.
//!
//! The API has no snapshot and no cursor: a list is pages, each of its own moment, and what moves in the order between
//! two of them is seen twice or never. What is seen twice is dropped by id. That nothing is missed is proved, for every
//! product that was in the list from the first request to the last; one that came or went meanwhile may be in or not.
//!
//! **The chain.** A pass reads the list by name in windows that overlap (`windows`). Take a product whose name stays
//! as it is. A window shows, at its moment, every such product whose name lies between its first and its last name. Two
//! windows leave none out between them when the second begins, by name, before the first ends; a product that stands in
//! both under one name proves that, unless the names around it are all the same (`chain`). So when the first window
//! begins with the first product, each links to the next, and the last one reaches the end of the list, no product that
//! kept its name was missed, whatever was created, deleted, sold or renamed around it. A seam that does not hold, because
//! more products moved across it than the windows overlap by, is read again with the seam in the middle of the
//! window (`mend`). Nothing of this needs to know how the server compares names.
//!
//! **The catch-up** (`catch_up`). A product that was renamed during the pass may have slipped past it, but an edit moves
//! its `updated_at` (docs/api.md: List Inventory). Before the pass the newest time is noted; after it the list is read
//! newest first, from the front down to that time. What is touched during the catch-up moves to its front, so it goes on from there, until
//! one page, which is of one moment, reaches down to where the one before began. (Where so much is touched that one page
//! never does, it ends when several rounds in a row find nothing unseen: what still was would have slipped past them all.)
//!
//! Both together are a proof. Where the store is at rest it costs three requests, and some 12 % for the overlaps, more
//! than the pages alone. Stock that changes moves nothing in the order of names, so shops that sell are read as fast as
//! those at rest.
//!
//! **The count** is the other proof, for lists in which the first can't be had: hundreds of products of one name, which a
//! server may put in another order for every page, or a server that takes no page sizes but its own. When all answers
//! of a pass and its catch-up told the same total, and showed as many different products as that, these are all of them.
//! (One product created and one deleted between the same two answers could hide a third; the chain has no such hole.)
//!
//! Where neither holds, another pass is made in another order, in which other products are neighbours: by `updated_at`,
//! for which the same proof works, then both backwards. When [`ORDERS`] have been tried, the store changes faster than it
//! can be read, and saying so is all that is honest.
//!
//! Memory: the ids that were seen, some 20 bytes each, and the answers that [`side_by_side`] lets run ahead.

mod catch_up;
mod chain;
mod mend;
mod windows;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::ControlFlow;

use super::{Client, ListQuery, MAX_LIMIT, Page, Sort, SortBy};
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, ProductSummary, Raw};
use crate::side_by_side::side_by_side;
use chain::{Chain, Stretch};
use windows::{Window, Windows};

/// How many passes are made before we say that it can't be done.
const ORDERS: u8 = 6;

/// How often a pass goes on because the list grew at its end.
const MOST_EXTENSIONS: usize = 16;

/// A product on its way to whoever lists.
pub struct Found {
    /// The product.
    pub product: Raw<ProductSummary>,
    /// It was found out of order, after its place was passed.
    pub late: bool,
}

/// Hands every product of the list to `each`, once, on the calling thread. `progress` is told how many products were
/// seen, and of how many. `each` may end it early by breaking.
///
/// They come by name, in the direction of `query.sort` where that is by name, and a few late ones after the others.
/// [`Kind::Unavailable`] when the store changes faster than it can be read.
pub fn all_products(
    client: &Client,
    query: &ListQuery,
    workers: usize,
    progress: &dyn Fn(u64, u64),
    mut each: impl FnMut(Raw<ProductSummary>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    every_product(client, query, workers, progress, |found| {
        each(found.product)
    })
}

/// Like [`all_products`], telling which products are out of order.
pub fn every_product(
    client: &Client,
    query: &ListQuery,
    workers: usize,
    progress: &dyn Fn(u64, u64),
    mut each: impl FnMut(Found) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut walk = Walk {
        client,
        query,
        workers,
        progress,
        each: &mut each,
        seen: HashMap::new(),
        pass: 0,
        in_pass: 0,
        total: 0,
        steady: true,
        most: MAX_LIMIT,
        overlap: true,
    };
    match walk.run() {
        Ok(()) | Err(Stop::Enough) => Ok(()),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Why a walk ends before its end.
enum Stop {
    /// Nobody wants more.
    Enough,
    /// Something went wrong.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

type Step<T> = Result<T, Stop>;

struct Walk<'a> {
    client: &'a Client,
    query: &'a ListQuery,
    workers: usize,
    progress: &'a dyn Fn(u64, u64),
    each: &'a mut dyn FnMut(Found) -> Result<ControlFlow<()>>,
    /// The products that were handed on, with the last pass that saw them.
    seen: HashMap<ProductId, u8>,
    pass: u8,
    /// So many products were seen in this pass.
    in_pass: u64,
    /// What the last answer said that there are.
    total: u64,
    /// All answers of this pass said so.
    steady: bool,
    /// The longest page that the server gives.
    most: u16,
    /// The server gives pages of any length up to that.
    overlap: bool,
}

impl Walk<'_> {
    fn run(&mut self) -> Step<()> {
        let by_name = Sort {
            by: SortBy::Name,
            descending: self.query.sort.by == SortBy::Name && self.query.sort.descending,
        };
        let first = self.client.list(&self.sorted(by_name), 1, MAX_LIMIT)?;
        self.total = first.pagination.total;
        let shown = first.data.len() as u64;
        if shown >= self.total {
            // One answer is of one moment.
            self.take(first, false)?;
            return Ok(());
        }
        if let Some(limit) = said_limit(&first) {
            self.most = self.most.min(limit);
        }
        if (1..u64::from(self.most)).contains(&shown) {
            self.most = shown as u16;
        }
        drop(first);
        for order in 0..ORDERS {
            self.pass = order;
            self.in_pass = 0;
            self.steady = true;
            let mark = self.mark()?;
            let sort = turned(by_name, order);
            let mut chain = self.read(sort)?;
            if !chain.whole() && !self.counted() {
                self.mend(sort, &mut chain)?;
            }
            let caught_up = self.catch_up(&mark)?;
            if self.counted() || chain.whole() && caught_up {
                return Ok(());
            }
        }
        Err(Stop::Failed(
            Error::new(
                Kind::Unavailable,
                format!(
                    "the store changes faster than it can be listed: after {ORDERS} readings {} products were seen, \
                     the store says that it has {}, and some may be missing",
                    self.seen.len(),
                    self.total
                ),
            )
            .hinted("try again when fewer changes are made"),
        ))
    }

    /// Reads the list once, window after window, side by side.
    fn read(&mut self, sort: Sort) -> Step<Chain> {
        let (client, query) = (self.client, self.sorted(sort));
        let mut windows = Windows::new(self.most, self.overlap, self.total);
        let mut chain = Chain::default();
        for _ in 0..MOST_EXTENSIONS {
            let mut empty = false;
            let stop = side_by_side(
                windows.by_ref(),
                self.workers,
                |window| {
                    let page = client.list(&query, window.page, window.limit);
                    page.map(|page| (window, page))
                },
                |answer| {
                    let taken = answer.map_err(Stop::Failed).and_then(|(window, page)| {
                        empty = page.data.is_empty();
                        chain.add(self.stretch(window, &page, sort.by));
                        self.take(page, self.pass > 0)
                    });
                    match taken {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(stop) => ControlFlow::Break(stop),
                    }
                },
            );
            if let Some(stop) = stop {
                return Err(stop);
            }
            if chain.ended || empty {
                break;
            }
            windows.extend(self.total);
        }
        Ok(chain)
    }

    /// Hands on what was not seen before; so many that was.
    fn take(&mut self, page: Page, late: bool) -> Step<()> {
        self.steady &= page.pagination.total == self.total || self.in_pass == 0;
        self.total = page.pagination.total;
        for product in page.data {
            match self.seen.entry(product.value.product_id) {
                Entry::Occupied(mut last) => {
                    if last.insert(self.pass) != self.pass {
                        self.in_pass += 1;
                    }
                }
                Entry::Vacant(new) => {
                    new.insert(self.pass);
                    self.in_pass += 1;
                    if (self.each)(Found { product, late })?.is_break() {
                        return Err(Stop::Enough);
                    }
                }
            }
        }
        (self.progress)(self.seen.len() as u64, self.total);
        Ok(())
    }

    /// Where a page stood, by what the server says that it gave.
    fn stretch(&mut self, window: Window, page: &Page, by: SortBy) -> Stretch {
        let limit = said_limit(page).unwrap_or(window.limit);
        if limit != window.limit {
            self.overlap = false;
        }
        let start = (window.page - 1) * u64::from(limit);
        let stretch = Stretch::new(page, start, by);
        let shown = page.data.len() as u64;
        if !stretch.ends && (1..u64::from(limit)).contains(&shown) {
            // Pages became shorter than they say.
            self.overlap = false;
            self.most = shown as u16;
        }
        stretch
    }

    /// As many different products as all answers of this pass say that there are.
    fn counted(&self) -> bool {
        self.steady && self.in_pass == self.total
    }

    fn sorted(&self, sort: Sort) -> ListQuery {
        ListQuery {
            sort,
            ..self.query.clone()
        }
    }
}

/// The page's length as the server says it, where that makes sense.
fn said_limit(page: &Page) -> Option<u16> {
    u16::try_from(page.pagination.limit)
        .ok()
        .filter(|limit| *limit > 0)
}

/// The order of the `n`th pass.
fn turned(first: Sort, n: u8) -> Sort {
    let back = n % 4 >= 2;
    if n.is_multiple_of(2) {
        Sort {
            descending: first.descending != back,
            ..first
        }
    } else {
        Sort {
            by: SortBy::UpdatedAt,
            descending: !back,
        }
    }
}
