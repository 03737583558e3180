//! The first round of a pass: its first page, and the newest page, from which the catch-up knows how far to look back.

use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use jiff::SignedDuration;

use super::chain::Stretch;
use super::windows::Window;
use super::{Listing, NEWEST_FIRST, Step};
use crate::api::{Page, Sort};
use crate::error::Result;
use crate::threads;
use crate::time::UtcTime;

/// How far the clocks of whoever writes may differ.
const SKEW: Duration = Duration::from_secs(2);

/// What the first round found.
pub(super) struct Opening {
    pub mark: Mark,
    pub window: Window,
    /// The first page of the pass.
    pub first: Page,
}

/// What the newest page said before the pass.
pub(super) struct Mark {
    /// Whatever was touched since the pass began bears this time or a later one; `None` where the server tells no times.
    pub since: Option<UtcTime>,
    /// The newest page.
    pub page: Stretch,
    /// Nothing that was touched between the first page and the mark, in whichever order the server answered them, is
    /// beyond the mark's page. Otherwise the first page has to be read again after the mark.
    pub covers_first: bool,
}

impl Mark {
    /// What is newest `now`; the first page may be older than it by as much as `apart`. A product that says that it will be
    /// updated tells nothing of the others.
    fn new(newest: &Page, page: Stretch, apart: Duration, now: UtcTime) -> Mark {
        let back = SignedDuration::try_from(SKEW.saturating_add(apart));
        let back = back.unwrap_or(SignedDuration::MAX);
        let since = updated(newest, 0).map(|newest| newest.min(now).earlier(back));
        let oldest = updated(newest, newest.data.len().saturating_sub(1));
        let reaches = oldest
            .zip(since)
            .is_some_and(|(oldest, since)| oldest < since);
        Mark {
            covers_first: page.ends || reaches,
            since,
            page,
        }
    }
}

impl Listing<'_> {
    /// Reads the first page of a pass, and at the same time the mark. The mark's products are not handed on: they have
    /// their places in the order to come.
    pub(super) fn open(&mut self, sort: Sort) -> Step<Opening> {
        let window = Window {
            page: 1,
            limit: self.most,
        };
        if sort == NEWEST_FIRST {
            let first = self.newest(window)?;
            let page = self.stretch(window, &first, NEWEST_FIRST);
            let mut mark = Mark::new(&first, page, Duration::ZERO, self.client.now());
            mark.covers_first = true;
            return Ok(Opening {
                mark,
                window,
                first,
            });
        }
        let begun = Instant::now();
        let client = self.client;
        let (newest_first, in_order) = (self.sorted(NEWEST_FIRST), self.sorted(sort));
        let read_newest = || {
            let newest = client.list(&newest_first, window.page, window.limit);
            (newest, begun.elapsed())
        };
        let (first, (newest, apart)) = thread::scope(|scope| {
            let newest = threads::begin_in(scope, read_newest);
            // Where there is no room for a thread, one after the other.
            let newest = newest.map_err(|_| read_newest());
            let first = client.list(&in_order, window.page, window.limit);
            let newest = newest.map(|newest| newest.join().unwrap_or_else(|p| resume_unwind(p)));
            (first, newest.unwrap_or_else(|read| read))
        });
        let newest = newest?;
        let page = self.stretch(window, &newest, NEWEST_FIRST);
        Ok(Opening {
            mark: Mark::new(&newest, page, apart, client.now()),
            window,
            first: first?,
        })
    }

    /// A page of the list, newest first.
    pub(super) fn newest(&self, window: Window) -> Result<Page> {
        let query = self.sorted(NEWEST_FIRST);
        self.client.list(&query, window.page, window.limit)
    }
}

/// When the `n`th product of a page was touched last.
pub(super) fn updated(page: &Page, n: usize) -> Option<UtcTime> {
    page.data.get(n)?.value.updated_at.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::SortBy;

    fn newest() -> UtcTime {
        UtcTime::from_millis(1_750_000_000_000)
    }

    /// A page of two products of twenty, the second touched `seconds` before the first.
    fn mark(seconds: i64, apart: Duration, now: UtcTime) -> Mark {
        let newest = newest();
        let older = newest.earlier(SignedDuration::from_secs(seconds));
        let page: Page = serde_json::from_value(serde_json::json!({
            "data": [
                {"product_id": 1, "name": "A", "total_quantity": 1, "updated_at": newest.to_string()},
                {"product_id": 2, "name": "B", "total_quantity": 1, "updated_at": older.to_string()},
            ],
            "pagination": {"page": 1, "limit": 2, "total": 20},
            "status": 200,
        }))
        .unwrap();
        let stretch = Stretch::new(&page, 0, SortBy::UpdatedAt);
        Mark::new(&page, stretch, apart, now)
    }

    #[test]
    fn a_mark_covers_what_was_touched_while_both_pages_were_asked_for() {
        for (apart, needed) in [(0, 2), (1, 3), (60, 62)] {
            let apart = Duration::from_secs(apart);
            assert!(!mark(needed, apart, newest()).covers_first);
            assert!(mark(needed + 1, apart, newest()).covers_first);
        }
    }

    #[test]
    fn a_product_of_a_time_to_come_moves_no_mark() {
        let now = newest().earlier(SignedDuration::from_hours(1));
        let mark = mark(0, Duration::ZERO, now);
        assert_eq!(mark.since, Some(now.earlier(SignedDuration::from_secs(2))));
        assert!(!mark.covers_first);
    }
}
