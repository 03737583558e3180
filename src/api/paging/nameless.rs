//! What stands in a list and has no id that could be read. Windows overlap, so that one is met more than once: by its text
//! and its place it is known again.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::NEWEST_FIRST;
use crate::api::{Page, Sort, Unlisted};

/// A page of a list as `sxinv list` shows it where nothing else is said.
const PAGE: u64 = 50;

/// What was met so far.
#[derive(Default)]
pub(super) struct Unnamed {
    /// In the order of names, each with the hash of its text.
    by_name: Vec<(u64, Unlisted)>,
    /// Newest first: many are met here once more.
    newest: Vec<(u64, Unlisted)>,
    /// Texts and places, by order.
    met: HashSet<(bool, u64, u64)>,
    /// How many times one was met in this pass.
    pub in_pass: u64,
}

impl Unnamed {
    /// Takes note of those on a page; `start` products come before it in this order.
    pub fn take(&mut self, page: &Page, start: u64, sort: Sort) {
        for (place, nameless) in &page.nameless {
            let mut hasher = DefaultHasher::new();
            nameless.text.get().hash(&mut hasher);
            let (text, place) = (hasher.finish(), start + *place as u64);
            let newest = sort == NEWEST_FIRST;
            if self.met.insert((newest, text, place)) {
                let unlisted = Unlisted {
                    page: (place - 1) / PAGE + 1,
                    place: (place - 1) % PAGE + 1,
                    order: Some(sort),
                    nameless: nameless.clone(),
                };
                let met = match newest {
                    true => &mut self.newest,
                    false => &mut self.by_name,
                };
                met.push((text, unlisted));
            }
        }
    }

    /// Each once, as far as that can be told.
    pub fn finish(&mut self) -> Vec<Unlisted> {
        let by_name = std::mem::take(&mut self.by_name);
        let texts: HashSet<u64> = by_name.iter().map(|(text, _)| *text).collect();
        let mut newest = std::mem::take(&mut self.newest);
        // Of one text, and met by time alone: as often as it may move there meanwhile.
        let mut moved = HashSet::new();
        newest.retain(|(text, _)| !texts.contains(text) && moved.insert(*text));
        let all = by_name.into_iter().chain(newest);
        all.map(|(_, unlisted)| unlisted).collect()
    }
}
