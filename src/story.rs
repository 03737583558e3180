//! A variant's story: what moved its stock, from the ledger, the events and the snapshots, each movement once
//! (docs/memory.md: history --sku).

mod gather;
mod merge;
pub mod variant;

use crate::change::outcome::Outcome;
use crate::error::Result;
use crate::memory::Memory;
use crate::state::State;
use crate::time::UtcTime;

use variant::Variant;

/// Where a movement is known from; where several tell of it, the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The ledger: this machine's own doing.
    Ours,
    /// A webhook event.
    Webhook,
    /// A snapshot that differs from what the others tell.
    Snapshot,
}

impl Source {
    /// The name in every format.
    pub fn name(self) -> &'static str {
        match self {
            Source::Ours => "ours",
            Source::Webhook => "webhook",
            Source::Snapshot => "snapshot",
        }
    }
}

/// One movement of a variant's stock, or what was tried. What is not known is `None`; so is the stock of a variant that is
/// gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// When: as its event says, else when our row settled, else when the snapshot read it.
    pub at: UtcTime,
    /// Where it is known from.
    pub source: Source,
    /// Our run.
    pub run: Option<String>,
    /// The webhook event that tells of it.
    pub event_id: Option<String>,
    /// Units before.
    pub before: Option<i64>,
    /// Units after.
    pub after: Option<i64>,
    /// By how many units the stock moved.
    pub change: Option<i64>,
    /// Why, without our tag.
    pub reason: Option<String>,
    /// How our row ended.
    pub outcome: Option<Outcome>,
}

/// The story of a variant of this store, oldest first.
pub fn story(
    state: Option<&State>,
    memory: Option<&Memory>,
    store: &str,
    variant: &Variant,
) -> Result<Vec<Movement>> {
    let ours = match state {
        Some(state) => gather::ours(state, store, variant)?,
        None => Vec::new(),
    };
    let (events, readings) = match memory {
        Some(memory) => (
            gather::events(memory, store, variant)?,
            gather::readings(memory, store, variant)?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    Ok(merge::merge(ours, events, readings))
}
