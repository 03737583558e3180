//! How a row ends: exactly one outcome each, and the totals over all of them.

use serde::{Serialize, Serializer};

use crate::error::{Error, Kind};

/// What became of a row (docs/promises.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Would be sent; under `--dry-run` alone.
    Planned,
    /// The server changed the stock as wanted.
    Applied,
    /// The stock was already as wanted; nothing was sent.
    Unchanged,
    /// The stock was not what the row expects; nothing was sent.
    Conflict,
    /// Surely not applied: the row is wrong, or the server refused it or could not be reached.
    Failed,
    /// Sent, and it can't be told whether it was applied.
    Unknown,
    /// Not sent: the run ended before its turn.
    Skipped,
}

impl Outcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [Outcome; 7] = [
        Outcome::Planned,
        Outcome::Applied,
        Outcome::Unchanged,
        Outcome::Conflict,
        Outcome::Failed,
        Outcome::Unknown,
        Outcome::Skipped,
    ];

    /// The name in every format.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Planned => "planned",
            Outcome::Applied => "applied",
            Outcome::Unchanged => "unchanged",
            Outcome::Conflict => "conflict",
            Outcome::Failed => "failed",
            Outcome::Unknown => "unknown",
            Outcome::Skipped => "skipped",
        }
    }

    /// Whether the row can be imported again as it is or mended: it surely did not happen.
    pub fn can_be_mended(self) -> bool {
        matches!(self, Outcome::Conflict | Outcome::Failed | Outcome::Skipped)
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();

    fn from_str(name: &str) -> Result<Outcome, ()> {
        Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.name() == name)
            .ok_or(())
    }
}

/// What became of one row, in numbers and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// How it ended.
    pub outcome: Outcome,
    /// Units before, where known.
    pub previous: Option<i64>,
    /// Units after, where the row changed them or found them as wanted.
    pub quantity: Option<i64>,
    /// The answer was lost; that the change was applied was seen by reading the stock back.
    pub read_back: bool,
    /// The id of the webhook event that proves that it was applied.
    pub event_id: Option<String>,
    /// Why it did not end well.
    pub trouble: Option<Box<Trouble>>,
}

/// Why a row is in doubt that was left in flight.
pub(super) const CUT_OFF: &str = "the run was cut off while this was under way";

/// The code of a row that two events say was applied.
pub const MOVED_TWICE: &str = "moved_twice";

/// What to do about such a row.
pub(super) const TAKE_ONE_BACK: &str =
    "look at the stock, and take one of the two back: sxinv adjust SKU ±N";

/// Why a row did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The kind of failure.
    pub kind: Kind,
    /// The API's status, where it answered.
    pub status: Option<u16>,
    /// The API's code, where it sent one.
    pub code: Option<String>,
    /// What happened, for people.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Trouble {
    /// Without an answer of the API, and without a hint.
    pub fn new(kind: Kind, message: impl Into<String>) -> Trouble {
        Trouble {
            kind,
            status: None,
            code: None,
            message: message.into(),
            hint: None,
        }
    }
}

impl From<&Error> for Trouble {
    fn from(error: &Error) -> Trouble {
        Trouble {
            kind: error.kind(),
            status: error.status(),
            code: error.code().map(str::to_owned),
            message: error.full_message(),
            hint: error.hint().map(str::to_owned),
        }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Error {
        let mut error = Error::new(trouble.kind, trouble.message).with_code(trouble.code);
        if let Some(status) = trouble.status {
            error = error.with_status(status);
        }
        if let Some(hint) = trouble.hint {
            error = error.hinted(hint);
        }
        error
    }
}

impl Settled {
    /// A row that ended without an error.
    pub fn well(
        outcome: Outcome,
        previous: impl Into<Option<i64>>,
        quantity: impl Into<Option<i64>>,
    ) -> Settled {
        Settled {
            outcome,
            previous: previous.into(),
            quantity: quantity.into(),
            read_back: false,
            event_id: None,
            trouble: None,
        }
    }

    /// A row that did not end well.
    pub fn badly(outcome: Outcome, previous: Option<i64>, trouble: Trouble) -> Settled {
        Settled {
            trouble: Some(Box::new(trouble)),
            ..Settled::well(outcome, previous, None)
        }
    }

    /// Two events say that it was applied: what it was sent for happened twice.
    pub fn twice(previous: Option<i64>, events: &[String; 2]) -> Settled {
        let [first, second] = events;
        let message = format!(
            "the stock moved twice: the webhook events {first} and {second} both say that this was applied"
        );
        let trouble = Trouble {
            code: Some(MOVED_TWICE.to_owned()),
            hint: Some(TAKE_ONE_BACK.to_owned()),
            ..Trouble::new(Kind::UnknownOutcome, message)
        };
        Settled::badly(Outcome::Unknown, previous, trouble)
    }

    /// The stock is not the one that the row expects.
    pub fn conflict(expected: i64, stock: i64) -> Settled {
        let message = format!("expected {expected} units, the stock is {stock}");
        let trouble = Trouble::new(Kind::Refused, message);
        Settled::badly(Outcome::Conflict, Some(stock), trouble)
    }

    /// A row whose turn never came.
    pub fn skipped(previous: Option<i64>, why: &str) -> Settled {
        let trouble = Trouble::new(Kind::Partial, why);
        Settled::badly(Outcome::Skipped, previous, trouble)
    }
}

/// How many rows ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals([u64; Outcome::ALL.len()]);

impl Totals {
    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        self.0[outcome as usize] += 1;
    }

    /// How many ended like this.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    /// In words: `5 applied, 2 unchanged, 1 failed`.
    pub fn in_words(&self) -> String {
        let met = Outcome::ALL.iter().filter(|outcome| self.of(**outcome) > 0);
        let parts: Vec<String> = met
            .map(|outcome| format!("{} {}", self.of(*outcome), outcome.name()))
            .collect();
        match parts.is_empty() {
            true => "nothing to do".to_owned(),
            false => parts.join(", "),
        }
    }

    /// Over all outcomes.
    pub fn rows(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Rows by outcome, each under its name; what would be sent is no outcome of a run.
impl Serialize for Totals {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ended = Outcome::ALL
            .iter()
            .filter(|outcome| **outcome != Outcome::Planned);
        to.collect_map(ended.map(|outcome| (outcome.name(), self.of(*outcome))))
    }
}

impl FromIterator<Outcome> for Totals {
    fn from_iter<I: IntoIterator<Item = Outcome>>(outcomes: I) -> Totals {
        let mut totals = Totals::default();
        for outcome in outcomes {
            totals.add(outcome);
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_told_in_the_order_of_reports_without_what_never_happened() {
        let totals = |outcomes: &[Outcome]| outcomes.iter().copied().collect::<Totals>();
        assert_eq!(totals(&[]).in_words(), "nothing to do");
        let some = totals(&[Outcome::Skipped, Outcome::Applied, Outcome::Applied]);
        assert_eq!(some.in_words(), "2 applied, 1 skipped");
        assert_eq!((some.rows(), some.of(Outcome::Applied)), (3, 2));
        let mended: Vec<_> = Outcome::ALL
            .into_iter()
            .filter(|o| o.can_be_mended())
            .collect();
        assert_eq!(
            mended,
            [Outcome::Conflict, Outcome::Failed, Outcome::Skipped]
        );
    }
}
