//! The distinct values of a column, for messages that ask which is meant.

use std::borrow::Cow;

use super::cells::{shown, trimmed};
use crate::words::listed;

/// How many values of a column stand in an error.
const VALUES_SHOWN: usize = 5;

/// Distinct values of a column that are not empty, as many as are shown and one more.
#[derive(Default)]
pub(super) struct Values {
    pub(super) shown: Vec<String>,
}

impl Values {
    pub(super) fn add(&mut self, cell: &str) {
        let value = trimmed(cell);
        if !value.is_empty()
            && self.shown.len() <= VALUES_SHOWN
            && !self.shown.iter().any(|other| other == value)
        {
            self.shown.push(value.to_owned());
        }
    }

    /// As in `Main, Annex and Shop`, with `last` for the `and`.
    pub(super) fn in_words(&self, last: &str) -> String {
        let all: Vec<Cow<'_, str>> = self.shown.iter().map(|value| shown(value)).collect();
        match &all[..] {
            some if some.len() > VALUES_SHOWN => format!("{}, …", some[..VALUES_SHOWN].join(", ")),
            all => listed(all, last),
        }
    }
}
