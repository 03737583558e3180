//! What was touched during a pass, newest first, until nothing of it can be unseen.

use super::chain::Stretch;
use super::opening::{Mark, updated};
use super::windows::Windows;
use super::{Listing, NEWEST_FIRST, Step};
use crate::api::Page;
use crate::time::UtcTime;

/// How many pages a catch-up reads in all: where more was touched, another pass, side by side, is quicker.
const MOST_PAGES: usize = 160;

/// How many pages in a row one descent reads: as above.
const MOST_DOWN: usize = 40;

/// Pages from the newest product down.
struct Descent {
    /// How many were read.
    pages: usize,
    /// Whatever was touched since was there to be seen, but for what moved between two pages.
    reached: bool,
    /// Each page begins before the one before ends.
    linked: bool,
    /// When the first product was touched.
    newest: Option<UtcTime>,
}

impl Listing<'_> {
    /// Hands on what was touched since `mark` and not seen yet. `false` when that can't be told: more is touched than can
    /// be read, or the times make no sense.
    pub(super) fn catch_up(&mut self, mark: &Mark) -> Step<bool> {
        let Some(mut since) = mark.since else {
            return Ok(false);
        };
        let (mut pages, mut quiet) = (0, 0);
        while pages < MOST_PAGES {
            let known = self.seen.len();
            let descent = self.descend(since, mark, pages == 0)?;
            if !descent.reached {
                return Ok(false);
            }
            // One page is of one moment; what is touched after it was seen before it was touched, or is on it.
            if descent.pages == 1 {
                return Ok(true);
            }
            pages += descent.pages;
            // A product that is still unseen would have to slip through each of these descents, by being touched again or,
            // where pages don't link, because another one was deleted.
            quiet = if self.seen.len() == known {
                quiet + 1
            } else {
                0
            };
            if quiet == if descent.linked { 2 } else { 3 } {
                return Ok(true);
            }
            if let (Some(newest), true) = (descent.newest, descent.linked) {
                since = newest.min(self.client.now());
            }
        }
        Ok(false)
    }

    /// Reads from the newest product down to what was last touched before `since`. Where the first page of a `first` descent
    /// is the mark's, nothing was touched since that was read, and it is enough.
    fn descend(&mut self, since: UtcTime, mark: &Mark, first: bool) -> Step<Descent> {
        let mut descent = Descent {
            pages: 0,
            reached: false,
            linked: true,
            newest: None,
        };
        let mut last: Option<Stretch> = None;
        for window in Windows::new(self.most, u64::MAX).take(MOST_DOWN) {
            let page = self.newest(window)?;
            let stretch = self.stretch(window, &page, NEWEST_FIRST);
            let oldest = updated(&page, page.data.len().saturating_sub(1));
            descent.pages += 1;
            descent.newest = descent.newest.or(updated(&page, 0));
            descent.linked &= last.as_ref().is_none_or(|last| last.links(&stretch));
            // Of products that were touched at that very moment, some may still be unseen.
            descent.reached = stretch.ends
                || oldest.is_some_and(|oldest| oldest < since)
                || last.is_none() && first && stretch.same(&mark.page);
            last = Some(stretch);
            self.doubt_older(&page, mark);
            self.take(page)?;
            if descent.reached || self.nonsense.is_some() {
                break;
            }
        }
        Ok(descent)
    }

    /// A product that was last touched before the pass was in the list all the time: unseen, it was kept from the pages.
    fn doubt_older(&mut self, page: &Page, mark: &Mark) {
        let older = |n: usize| updated(page, n).is_some_and(|at| Some(at) < mark.since);
        let mut products = page.data.iter().enumerate();
        let kept = products.find(|(n, product)| {
            self.seen.get(&product.value.product_id) != Some(&self.pass) && older(*n)
        });
        if let Some((_, product)) = kept {
            let id = product.value.product_id;
            self.nonsense = Some(format!(
                "product {id} is on none of the pages that it belongs on"
            ));
        }
    }
}
