//! Which pages to ask for: windows on a list, each of which overlaps the one before.
//!
//! The API knows pages and their size alone, so a window can only begin at a multiple of its length. Lengths a little
//! under the largest are enough to find one that begins shortly before the last one ended; it costs some 12 % more
//! requests than pages side by side.

/// By how many products a window reaches back over the one before it, at least, where pages are long enough. Two prove
/// that nothing lies between; the others leave room for products that come and go.
const OVERLAP: u64 = 8;
const LEAST_OVERLAP: u64 = 2;

/// A stretch of a list that one request can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Page number, from 1.
    pub page: u64,
    /// Products a page.
    pub limit: u16,
}

impl Window {
    /// How many products come before it.
    pub fn start(self) -> u64 {
        (self.page - 1) * u64::from(self.limit)
    }

    /// How many products come before its end.
    pub fn end(self) -> u64 {
        self.page * u64::from(self.limit)
    }

    /// The window with the most room on both sides of what comes after `seam` products.
    pub fn around(seam: u64, most: u16) -> Window {
        lengths(most)
            .map(|limit| Window {
                page: seam / u64::from(limit) + 1,
                limit,
            })
            .max_by_key(|window| (seam - window.start()).min(window.end() - seam))
            .unwrap_or(Window {
                page: 1,
                limit: most,
            })
    }
}

/// Lengths worth trying: shorter ones would only make more requests.
fn lengths(most: u16) -> impl Iterator<Item = u16> {
    most / 2 + 1..=most
}

/// The windows over a list in order.
#[derive(Debug)]
pub struct Windows {
    most: u16,
    /// How many products are covered.
    covered: u64,
    /// How many are to be.
    until: u64,
}

impl Windows {
    /// Windows of at most `most` products, from the first product on.
    pub fn new(most: u16, until: u64) -> Windows {
        Windows {
            most: most.max(1),
            covered: 0,
            until,
        }
    }

    /// The first `covered` products were read already.
    pub fn skip_to(&mut self, covered: u64) {
        self.covered = covered;
    }

    /// Goes on until the first `until` products are covered, and with one window more in any case.
    pub fn extend(&mut self, until: u64) {
        self.until = until.max(self.covered + 1);
    }

    fn following(&self) -> Window {
        let covered = self.covered;
        let most = u64::from(self.most);
        let plain = Window {
            page: covered / most + 1,
            limit: self.most,
        };
        let overlap = OVERLAP.min((most / 4).max(LEAST_OVERLAP));
        if covered < overlap {
            return plain;
        }
        lengths(self.most)
            .map(|limit| Window {
                page: (covered - overlap) / u64::from(limit) + 1,
                limit,
            })
            .max_by_key(|window| window.end())
            .filter(|window| window.end() > covered)
            .unwrap_or(plain)
    }
}

impl Iterator for Windows {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        if self.covered >= self.until {
            return None;
        }
        let window = self.following();
        self.covered = window.end();
        Some(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_overlap_and_cost_little() {
        for (most, total) in [(250, 3_000), (250, 100_000), (100, 10_007), (50, 999)] {
            let windows: Vec<Window> = Windows::new(most, total).collect();
            assert_eq!(windows[0].start(), 0);
            for pair in windows.windows(2) {
                assert!(pair[1].start() + OVERLAP <= pair[0].end(), "{pair:?}");
                assert!(pair[1].end() > pair[0].end(), "{pair:?}");
                assert!(pair[1].limit <= most);
            }
            assert!(windows.last().unwrap().end() >= total);
            let pages = total.div_ceil(u64::from(most));
            let most_windows = pages + pages / 3 + 3;
            assert!(
                windows.len() as u64 <= most_windows,
                "{most} {total} {}",
                windows.len()
            );
        }
        let windows = Windows::new(250, 100_000).count();
        assert!(windows <= 450, "{windows}");
    }

    #[test]
    fn the_smallest_pages_go_on_too() {
        for most in 1..10 {
            let windows: Vec<Window> = Windows::new(most, 40).collect();
            for pair in windows.windows(2) {
                assert!(pair[1].start() <= pair[0].end() && pair[1].end() > pair[0].end());
            }
            assert!(windows.last().unwrap().end() >= 40);
        }
    }

    #[test]
    fn a_seam_lies_well_within_the_window_around_it() {
        for seam in [1_u64, 249, 250, 484, 1_000, 54_321, 99_999] {
            let window = Window::around(seam, 250);
            assert!(window.start() <= seam && seam < window.end());
            let room = (seam - window.start()).min(window.end() - seam);
            assert!(room >= 60.min(seam), "{seam} {window:?}");
        }
    }
}
