//! How far something has come: told by whoever does it, shown by [`crate::ui`].

use crate::words::{counted, grouped};

/// A part of a command that may take long enough to wonder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A file becomes rows.
    ReadingFile,
    /// A few products show whether the store is the one that a run was made on.
    CheckingStore,
    /// The newest updates are listed.
    LookingForUpdates,
    /// Every product is listed.
    ListingProducts,
    /// List pages tell the stock of many products.
    ReadingPages,
    /// Products are read one by one.
    ReadingProducts,
    /// What to do is decided for each row.
    Planning,
    /// The rows of a run are sent.
    Applying,
    /// The rows of a run that takes another one back are sent.
    TakingBack,
    /// What changed since the last snapshot is found and kept.
    KeepingSnapshot,
}

impl Phase {
    /// The name, as it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Phase::ReadingFile => "reading the file",
            Phase::CheckingStore => "checking the store",
            Phase::LookingForUpdates => "looking for updates",
            Phase::ListingProducts => "listing products",
            Phase::ReadingPages => "reading list pages",
            Phase::ReadingProducts => "reading products",
            Phase::Planning => "planning",
            Phase::Applying => "applying",
            Phase::TakingBack => "taking back",
            Phase::KeepingSnapshot => "keeping the snapshot",
        }
    }

    /// What is counted, where the name does not say it.
    pub fn unit(self) -> Option<&'static str> {
        match self {
            Phase::Planning | Phase::Applying | Phase::TakingBack => Some("row"),
            _ => None,
        }
    }
}

/// What went wrong so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amiss {
    /// Rows or products that failed.
    pub failed: u64,
    /// Rows whose stock was not what they expect.
    pub conflicts: u64,
    /// Rows that may or may not have been applied.
    pub unknown: u64,
}

impl Amiss {
    /// `3 failed, 1 conflict`; empty where all is well.
    pub fn in_words(self) -> String {
        let number = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
        let parts = [
            (self.failed, format!("{} failed", number(self.failed))),
            (self.conflicts, counted(self.conflicts, "conflict")),
            (self.unknown, format!("{} unknown", number(self.unknown))),
        ];
        let some: Vec<String> = parts
            .into_iter()
            .filter_map(|(n, words)| (n > 0).then_some(words))
            .collect();
        some.join(", ")
    }
}

/// How far a phase has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which one.
    pub phase: Phase,
    /// How many are done.
    pub done: u64,
    /// Of how many, where that is known.
    pub total: Option<u64>,
    /// What went wrong so far.
    pub amiss: Amiss,
}

impl Progress {
    /// A phase that has begun, and in which nothing is counted so far.
    pub fn begun(phase: Phase) -> Progress {
        Progress {
            phase,
            done: 0,
            total: None,
            amiss: Amiss::default(),
        }
    }

    /// A phase in which so many of so many are done.
    pub fn counted(phase: Phase, done: u64, total: u64) -> Progress {
        Progress {
            done,
            total: Some(total),
            ..Progress::begun(phase)
        }
    }
}

/// Told how far something has come.
pub type OnProgress<'a> = &'a dyn Fn(Progress);
