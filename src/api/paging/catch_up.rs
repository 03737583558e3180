//! What was touched during a pass, newest first, until nothing of it can be unseen.

use std::time::Duration;

use jiff::Timestamp;

use super::chain::Stretch;
use super::windows::{Window, Windows};
use super::{Step, Walk};
use crate::api::{Page, Sort, SortBy};

/// How many pages a catch-up reads in one go: where more was touched, another pass, side by side, is quicker.
const MOST_PAGES: usize = 40;

/// How often it starts again from the front.
const MOST_ROUNDS: usize = 10;

/// How far the clocks of whoever writes may differ.
const SKEW: Duration = Duration::from_secs(2);

const NEWEST_FIRST: Sort = Sort {
    by: SortBy::UpdatedAt,
    descending: true,
};

/// The newest page before a pass.
pub(super) struct Mark {
    newest: Option<Timestamp>,
    page: Stretch,
}

impl Walk<'_> {
    /// Notes what is newest now.
    pub(super) fn mark(&mut self) -> Step<Mark> {
        let window = Window {
            page: 1,
            limit: self.most,
        };
        let page = self.newest(window)?;
        let stretch = self.stretch(window, &page, SortBy::UpdatedAt);
        // Its products are not handed on: they have their places in the order to come.
        self.total = page.pagination.total;
        Ok(Mark {
            newest: time(&page, 0),
            page: stretch,
        })
    }

    /// Hands on what was touched since `mark` and not seen yet. `false` when that can't be told: more is touched than can
    /// be read, or the times make no sense.
    pub(super) fn catch_up(&mut self, mark: &Mark) -> Step<bool> {
        let Some(newest) = mark.newest else {
            return Ok(false);
        };
        let mut ground = newest.checked_sub(SKEW).unwrap_or(newest);
        let mut quiet = 0;
        for round in 0..MOST_ROUNDS {
            let known = self.seen.len();
            let mut front = None;
            let mut last: Option<Stretch> = None;
            let (mut pages, mut linked, mut reached) = (0, true, false);
            for window in Windows::new(self.most, self.overlap, u64::MAX).take(MOST_PAGES) {
                let page = self.newest(window)?;
                let stretch = self.stretch(window, &page, SortBy::UpdatedAt);
                if round == 0 && pages == 0 && stretch.same(&mark.page) {
                    self.take(page, true)?;
                    return Ok(true);
                }
                pages += 1;
                front = front.or(time(&page, 0));
                linked &= last.is_none_or(|last| last.links(&stretch));
                // Of products that were touched at the same moment as the ground, some may still be unseen.
                let oldest = time(&page, page.data.len().saturating_sub(1));
                reached = stretch.ends || oldest.is_some_and(|oldest| oldest < ground);
                last = Some(stretch);
                self.take(page, true)?;
                if reached {
                    break;
                }
            }
            if !reached {
                return Ok(false);
            }
            // One page is of one moment; what is touched after it was seen before it was touched, or is on it.
            if pages == 1 {
                return Ok(true);
            }
            // A product that is still unseen would have to slip through each of these rounds, by being touched again or,
            // where pages don't link, because another one was deleted.
            quiet = if self.seen.len() == known {
                quiet + 1
            } else {
                0
            };
            if quiet == if linked { 2 } else { 3 } {
                return Ok(true);
            }
            if let (Some(front), true) = (front, linked) {
                ground = front;
            }
        }
        Ok(false)
    }

    fn newest(&self, window: Window) -> Step<Page> {
        let query = self.sorted(NEWEST_FIRST);
        Ok(self.client.list(&query, window.page, window.limit)?)
    }
}

/// When the `n`th product of a page was touched last.
fn time(page: &Page, n: usize) -> Option<Timestamp> {
    page.data.get(n)?.value.updated_at.as_deref()?.parse().ok()
}
