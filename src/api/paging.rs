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
//! its `updated_at` (docs/api.md: List Inventory). Before the pass the newest page is noted, the mark (`opening`); after
//! it the list is read newest first, down to the mark's newest time. What is touched during the catch-up moves to the
//! beginning, so it starts again from there, until one page, which is of one moment, reaches down to where the one
//! before began. (Where so much is touched that one page never does, it ends when several rounds in a row find nothing
//! unseen: what still was would have slipped past them all.)
//!
//! **The count.** What the server counts is no proof, but a whole list has no fewer products than any answer counted, and
//! what was last touched before the pass is on its pages. Where it is not so, something in between gives the same page
//! for each that is asked for, or the server miscounts, and the list is not told as whole.
//!
//! Chain and catch-up together are a proof. Where the store is at rest it takes three rounds: the mark and the first page at once, all
//! other windows side by side, the catch-up's one page. That is two requests, and some 12 % for the overlaps, more than
//! the pages alone. Stock that changes moves nothing in the order of names, so shops that sell are read as fast as those
//! at rest.
//!
//! Where it does not hold, because more changes than can be mended or hundreds of products share a name, another pass is
//! made by `updated_at`, for which the same proof works, then by name again, and so on. After [`PASSES`] of them all that
//! is honest is to say that some products may be missing. So it is where answers contradict each other: pages that are
//! empty under a larger total, or lengths that the server does not keep to, without which windows can't overlap.
//!
//! **What has no id.** A product whose id can't be read can't be followed from page to page. It counts as shown wherever it
//! stands, and is handed back at the end with its place in the order of names (`nameless`).
//!
//! Memory: the ids that were seen, some 20 bytes each, and the answers that [`side_by_side`] lets run ahead.

mod catch_up;
mod chain;
mod mend;
mod nameless;
mod opening;
mod windows;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use super::{Client, ListQuery, MAX_LIMIT, Page, Sort, SortBy, Unlisted};
use crate::error::{Error, Kind, Result};
use crate::model::{ProductId, ProductSummary, Raw};
use crate::progress::{OnProgress, Phase, Progress};
use crate::side_by_side::side_by_side;
use crate::words::{counted, grouped};
use chain::{Chain, Stretch};
use nameless::Unnamed;
use opening::{Mark, Opening};
use windows::{Window, Windows};

/// How many passes are made before we say that it can't be done.
const PASSES: u8 = 4;

/// This many windows in a row that show nothing new are not a list: some 4,000 products would have to be new before them.
const MOST_STALE: u8 = 20;

const NEWEST_FIRST: Sort = Sort {
    by: SortBy::UpdatedAt,
    descending: true,
};

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
/// What can't be told from others is returned. [`Kind::Unavailable`] when the store changes faster than it can be read.
pub fn all_products(
    client: &Client,
    query: &ListQuery,
    workers: usize,
    progress: OnProgress<'_>,
    mut each: impl FnMut(Raw<ProductSummary>) -> Result<ControlFlow<()>>,
) -> Result<Vec<Unlisted>> {
    every_product(client, query, workers, progress, |found| {
        each(found.product)
    })
}

/// Like [`all_products`], telling which products are out of order.
pub fn every_product(
    client: &Client,
    query: &ListQuery,
    workers: usize,
    progress: OnProgress<'_>,
    mut each: impl FnMut(Found) -> Result<ControlFlow<()>>,
) -> Result<Vec<Unlisted>> {
    let mut listing = Listing {
        client,
        query,
        workers,
        progress,
        each: &mut each,
        seen: HashMap::new(),
        pass: 0,
        total: 0,
        least: u64::MAX,
        most: MAX_LIMIT,
        keeps_lengths: true,
        in_pass: 0,
        late: false,
        unnamed: Unnamed::default(),
        nonsense: None,
    };
    progress(Progress::begun(Phase::ListingProducts));
    match listing.run() {
        Ok(()) | Err(Stop::Enough) => Ok(listing.unnamed.finish()),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Why a listing ends before its end.
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

struct Listing<'a> {
    client: &'a Client,
    query: &'a ListQuery,
    workers: usize,
    progress: OnProgress<'a>,
    each: &'a mut dyn FnMut(Found) -> Result<ControlFlow<()>>,
    /// The products that were handed on, with the last pass that saw them.
    seen: HashMap<ProductId, u8>,
    /// The pass that is being made, from 0.
    pass: u8,
    /// What the last answer said that there are.
    total: u64,
    /// The fewest that an answer of this pass said that there are.
    least: u64,
    /// The longest page that the server gives.
    most: u16,
    /// The server gives pages of any length up to that.
    keeps_lengths: bool,
    /// How many products were seen in this pass.
    in_pass: u64,
    /// The place of what comes now was passed.
    late: bool,
    /// What was seen and can't be told from others.
    unnamed: Unnamed,
    /// An answer of this pass that contradicts others, in words.
    nonsense: Option<String>,
}

impl Listing<'_> {
    fn run(&mut self) -> Step<()> {
        let by_name = Sort {
            by: SortBy::Name,
            descending: self.query.sort.by == SortBy::Name && self.query.sort.descending,
        };
        for pass in 0..PASSES {
            self.pass = pass;
            let sort = if pass % 2 == 0 { by_name } else { NEWEST_FIRST };
            if self.read(sort)? {
                return Ok(());
            }
            if !self.keeps_lengths {
                break;
            }
        }
        Err(Stop::Failed(self.some_may_be_missing()))
    }

    /// Makes one pass. `false` when something may have been missed.
    fn read(&mut self, sort: Sort) -> Step<bool> {
        (self.in_pass, self.nonsense, self.least) = (0, None, u64::MAX);
        self.unnamed.in_pass = 0;
        let Opening {
            mark,
            window,
            first,
        } = self.open(sort)?;
        self.total = first.pagination.total;
        if first.shown() >= self.total {
            return self.only_page(first, &mark, sort);
        }
        let stretch = self.stretch(window, &first, sort);
        let mut windows = Windows::new(self.most, self.total);
        let mut chain = Chain::default();
        if mark.covers_first {
            windows.skip_to(stretch.end());
            chain.add(stretch);
            self.take(first)?;
        }
        self.read_windows(windows, sort, &mut chain)?;
        self.late = true;
        self.mend(sort, &mut chain)?;
        Ok(chain.whole() && self.catch_up(&mark)? && self.is_consistent()?)
    }

    /// The list is one answer, which is of one moment. `false` where the newest page shows products that it does not: what
    /// the server counts is not what there is.
    fn only_page(&mut self, page: Page, mark: &Mark, sort: Sort) -> Step<bool> {
        let (shown, total) = (page.shown(), page.pagination.total);
        self.unnamed.take(&page, 0, sort);
        let here: HashSet<ProductId> = page.data.iter().map(|p| p.value.product_id).collect();
        self.take(page)?;
        let counts = format!("the server counts {}", counted(total, "product"));
        if shown > total {
            self.nonsense = Some(format!("{counts}, and shows {}", grouped(shown)));
        } else if sort != NEWEST_FIRST && !mark.page.ids().all(|id| here.contains(&id)) {
            self.nonsense = Some(format!("{counts}, and shows others on another page"));
        }
        self.is_consistent()
    }

    /// Whether the pass showed as many products as each of its answers counted, for those that came and went take nothing
    /// from what a whole list shows; and whether what earlier passes showed and this one did not is gone.
    fn is_consistent(&mut self) -> Step<bool> {
        if self.in_pass + self.unnamed.in_pass < self.least && self.nonsense.is_none() {
            let shown = grouped(self.in_pass);
            let counted = counted(self.least, "product");
            self.nonsense = Some(format!("the server counts {counted}, and shows {shown}"));
        }
        let whole = self.query.status.is_none() && self.query.search.is_none();
        let missing = self.seen.iter().find(|(_, pass)| **pass != self.pass);
        if let (Some((id, _)), true, None) = (missing, whole, &self.nonsense) {
            match self.client.product(*id) {
                Ok(_) => {
                    self.nonsense = Some(format!("product {id} is there, and no page shows it"));
                }
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.nonsense.is_none())
    }

    /// Reads the list once, window after window, side by side.
    fn read_windows(&mut self, mut windows: Windows, sort: Sort, chain: &mut Chain) -> Step<()> {
        let (client, query) = (self.client, self.sorted(sort));
        // A list that doubles while it is read will not be read to its end.
        let most = self.total.saturating_mul(2);
        let mut stale = 0;
        loop {
            let end = side_by_side(
                windows.by_ref(),
                self.workers,
                |window| Ok((window, client.list(&query, window.page, window.limit)?)),
                |answer: Result<_>| {
                    let known = self.in_pass;
                    let taken = answer.map_err(Stop::from).and_then(|(window, page)| {
                        chain.add(self.stretch(window, &page, sort));
                        self.take(page)
                    });
                    stale = if self.in_pass > known { 0 } else { stale + 1 };
                    if stale == MOST_STALE {
                        self.nonsense = Some("page after page showed the same products".to_owned());
                    }
                    match taken {
                        Ok(()) if self.nonsense.is_none() => ControlFlow::Continue(()),
                        end => ControlFlow::Break(end),
                    }
                },
            );
            if let Some(end) = end {
                return end;
            }
            if chain.ended || self.total > most {
                return Ok(());
            }
            windows.extend(self.total);
        }
    }

    /// Hands on what was not seen before.
    fn take(&mut self, page: Page) -> Step<()> {
        let late = self.late;
        self.total = page.pagination.total;
        self.least = self.least.min(self.total);
        self.unnamed.in_pass += page.nameless.len() as u64;
        for product in page.data {
            match self.seen.entry(product.value.product_id) {
                Entry::Occupied(mut last) => {
                    self.in_pass += u64::from(last.insert(self.pass) != self.pass);
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
        let seen = self.seen.len() as u64;
        (self.progress)(Progress::counted(Phase::ListingProducts, seen, self.total));
        Ok(())
    }

    /// Where a page stood, by what the server says that it gave; and what it tells of the server's pages.
    fn stretch(&mut self, window: Window, page: &Page, sort: Sort) -> Stretch {
        let limit = said_limit(page).unwrap_or(window.limit);
        self.keeps_lengths &= limit <= window.limit;
        let start = (window.page - 1).saturating_mul(u64::from(limit));
        let shown = page.shown();
        let there = page.pagination.total.saturating_sub(start);
        if limit < window.limit {
            self.most = limit;
        } else if (1..u64::from(limit)).contains(&shown) && there > u64::from(limit) {
            // Pages became shorter than they say.
            self.most = shown as u16;
        }
        if shown == 0 && there > 0 {
            self.nonsense = Some(format!("page {} was empty", window.page));
        }
        let stretch = Stretch::new(page, start, sort.by);
        self.unnamed.take(page, start, sort);
        stretch
    }

    fn some_may_be_missing(&self) -> Error {
        let (why, hint) = match &self.nonsense {
            _ if !self.keeps_lengths => (
                "the server's pages have another length than was asked for",
                "something between here and the store may change requests; server and proxy: sxinv check",
            ),
            Some(nonsense) => (
                nonsense.as_str(),
                "the server contradicts itself; try again later",
            ),
            None => (
                "the store changes faster than it can be listed",
                "try again when fewer changes are made",
            ),
        };
        let products = counted(self.total, "product");
        Error::new(
            Kind::Unavailable,
            format!(
                "{} of {products} seen after {}; some may be missing: {why}",
                grouped(self.seen.len() as i64),
                counted(u64::from(self.pass) + 1, "pass"),
            ),
        )
        .hinted(hint)
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
