//! A seam between two windows that does not hold is read again, in the middle of a window of its own.

use super::chain::{Chain, Stretch};
use super::windows::Window;
use super::{Listing, Step};
use crate::api::Sort;

/// How often one seam is read again.
const TRIES: usize = 5;

impl Listing<'_> {
    /// Mends the torn seams of a chain as far as can be; what is found on the way is handed on, late.
    pub(super) fn mend(&mut self, sort: Sort, chain: &mut Chain) -> Step<()> {
        if !self.keeps_lengths || !chain.mendable() {
            return Ok(());
        }
        for (before, after) in std::mem::take(&mut chain.torn) {
            if let Some(still) = self.mend_seam(sort, before, after)? {
                // One is enough to need another pass.
                chain.torn.push(still);
                break;
            }
        }
        Ok(())
    }

    /// `None` when the seam holds now.
    fn mend_seam(
        &mut self,
        sort: Sort,
        mut before: Stretch,
        mut after: Stretch,
    ) -> Step<Option<(Stretch, Stretch)>> {
        let query = self.sorted(sort);
        for _ in 0..TRIES {
            let window = Window::around(before.end().midpoint(after.start), self.most);
            let page = self.client.list(&query, window.page, window.limit)?;
            let between = self.stretch(window, &page, sort);
            self.take(page)?;
            match (before.links(&between), between.links(&after)) {
                (true, true) => return Ok(None),
                // Nothing comes after it.
                (true, false) if between.ends => return Ok(None),
                (true, false) => before = between,
                (false, true) => after = between,
                (false, false) => {}
            }
        }
        Ok(Some((before, after)))
    }
}
