//! How a row ended, in words for its reader.

use super::{By, Ending, Seen, Wanted, Why};
use crate::change::outcome::{CUT_OFF, Outcome, Settled, Trouble};
use crate::error::{Error, Kind};

/// What went wrong with a request so far.
#[derive(Default)]
pub(in crate::change) struct Failures {
    /// Why an attempt of this process is in doubt, the first one.
    pub(in crate::change) doubt: Option<Error>,
    /// The last failure of any kind.
    pub(in crate::change) last: Option<Error>,
}

impl Ending {
    /// The row as it is reported and recorded. `before` is how an earlier process left it, where it was unknown then.
    pub(in crate::change) fn settled(
        &self,
        wanted: Wanted,
        failures: &Failures,
        before: Option<&Settled>,
    ) -> Settled {
        match self {
            Ending::Applied {
                previous,
                quantity,
                by,
            } => Settled {
                read_back: *by == By::ReadBack,
                event_id: match by {
                    By::Event(event) => Some(event.clone()),
                    By::Answer | By::ReadBack => None,
                },
                ..Settled::well(Outcome::Applied, *previous, *quantity)
            },
            Ending::Twice { previous, events } => Settled::twice(*previous, events),
            Ending::Unchanged { stock } => Settled::well(Outcome::Unchanged, *stock, *stock),
            Ending::Conflict { expected, stock } => Settled::conflict(*expected, *stock),
            Ending::NotApplied { previous, why } => not_applied(*previous, *why, failures),
            Ending::Unknown { previous, seen } => {
                let mut settled = unknown(doubt(failures, before), wanted, *previous, *seen);
                settled.previous = previous.or_else(|| before.and_then(|before| before.previous));
                also_failed(&mut settled, failures);
                settled
            }
            Ending::Kept { seen } => match before {
                Some(before) => kept(before, *seen),
                None => {
                    let seen = seen.unwrap_or(Seen::Unseen);
                    unknown(doubt(failures, None), wanted, None, seen)
                }
            },
        }
    }
}

fn not_applied(previous: Option<i64>, why: Why, failures: &Failures) -> Settled {
    let last = |otherwise: &str| match &failures.last {
        Some(error) => Trouble::from(error),
        None => Trouble::new(Kind::Unavailable, otherwise),
    };
    let (outcome, trouble) = match why {
        Why::Failure => (Outcome::Failed, last("it was not processed")),
        Why::Unrecorded => (Outcome::Skipped, last("the ledger can't be written")),
        Why::Interrupted => (Outcome::Skipped, last("interrupted")),
        Why::Behind => {
            let behind =
                "an earlier adjustment of this variant is in doubt and could not be looked at";
            (Outcome::Skipped, Trouble::new(Kind::Partial, behind))
        }
        Why::Gone => {
            let gone = "the product has no such variant any more, or it bears another code now";
            (Outcome::Failed, Trouble::new(Kind::NotFound, gone))
        }
        Why::Spaced => {
            let spaced = "the server lets requests through so slowly that the stock can't be read shortly before it is set";
            (Outcome::Failed, Trouble::new(Kind::Unavailable, spaced))
        }
    };
    Settled::badly(outcome, previous, trouble)
}

/// Why a row is in doubt.
fn doubt(failures: &Failures, before: Option<&Settled>) -> Trouble {
    let before = before.and_then(|before| before.trouble.as_deref());
    match (before, &failures.doubt) {
        (Some(before), _) => before.clone(),
        (None, Some(doubt)) => {
            // The same once more also says how often.
            let same = |last: &&Error| last.message().starts_with(doubt.message());
            Trouble::from(failures.last.as_ref().filter(same).unwrap_or(doubt))
        }
        (None, None) => Trouble::new(Kind::UnknownOutcome, CUT_OFF),
    }
}

/// A row that may or may not have been applied: why that is in doubt, and what was seen afterwards.
fn unknown(doubt: Trouble, wanted: Wanted, previous: Option<i64>, seen: Seen) -> Settled {
    let trouble = Trouble {
        kind: Kind::UnknownOutcome,
        message: match said(seen, wanted, previous) {
            Some(seen) => format!("{}; {seen}", doubt.message),
            None => doubt.message,
        },
        hint: Some(
            "look at the stock before doing anything: the change may or may not have happened"
                .to_owned(),
        ),
        ..doubt
    };
    Settled::badly(Outcome::Unknown, previous, trouble)
}

/// A row that stays in doubt as it was.
fn kept(before: &Settled, seen: Option<Seen>) -> Settled {
    let mut settled = before.clone();
    settled.outcome = Outcome::Unknown;
    let now = match seen {
        Some(Seen::Moved { now }) => Some(format!("the stock is {now} now: not sent again")),
        Some(Seen::Gone) => Some("the variant is gone: not sent again".to_owned()),
        Some(Seen::Unread) => Some("the stock can't be read: not sent again".to_owned()),
        Some(Seen::Overtaken) => Some(format!("{OVERTAKEN}: not sent again")),
        _ => None,
    };
    if let (Some(now), Some(trouble)) = (now, &mut settled.trouble) {
        trouble.message = format!("{}; {now}", trouble.message);
    }
    settled
}

/// Says what else went wrong, where that is another failure than the doubt itself.
fn also_failed(settled: &mut Settled, failures: &Failures) {
    let (Some(trouble), Some(last)) = (&mut settled.trouble, &failures.last) else {
        return;
    };
    let last = last.full_message();
    if !trouble.message.contains(&last) {
        trouble.message = format!("{}; then: {last}", trouble.message);
    }
}

const OVERTAKEN: &str = "another run has written this variant since";

fn said(seen: Seen, wanted: Wanted, previous: Option<i64>) -> Option<String> {
    let before = previous.map_or(String::new(), |units| format!("; it was {units}"));
    let said = match (seen, wanted) {
        (Seen::Unseen, _) => return None,
        (Seen::AsBefore(now), Wanted::Adjust { by }) => {
            format!("reading back, the stock is {now}; it was {now} before {by:+}")
        }
        (Seen::AsBefore(now), Wanted::Set { .. }) => {
            format!("reading back, the stock is still {now}, but the change may yet arrive")
        }
        (Seen::Otherwise { now }, Wanted::Adjust { by }) => {
            format!("reading back, the stock is {now}{before} before {by:+}")
        }
        (Seen::Otherwise { now }, Wanted::Set { quantity, .. }) => match previous {
            Some(previous) => format!(
                "reading back, the stock is {now}, neither {previous} as before nor {quantity} as wanted"
            ),
            None => format!("reading back, the stock is {now}, not {quantity} as wanted"),
        },
        (Seen::OnlyThisAsWanted(now), _) => format!(
            "reading back, the stock is {now} as wanted, but another variant of the same request is not"
        ),
        (Seen::OnlyThisAsBefore(now), _) => format!(
            "reading back, the stock is {now} as before, but another variant of the same request is not"
        ),
        (Seen::WithoutBasis { now }, _) => format!(
            "reading back, the stock is {now}, which proves nothing: nobody knows that it was read in the 5 s before{}",
            previous.map_or(String::new(), |units| format!(" (last seen: {units})"))
        ),
        (Seen::Doubtful { now }, _) => format!(
            "reading back, the stock is {now}, which proves nothing: an earlier adjustment of this variant is in doubt"
        ),
        (Seen::Late { now }, _) => format!(
            "reading back, the stock is {now}{before}, which proves nothing: it was over a minute later"
        ),
        (Seen::Overtaken, _) => format!("{OVERTAKEN}, so that its stock proves nothing"),
        (Seen::Moved { now }, _) => {
            format!("the stock is {now} now{before}: not sent again")
        }
        (Seen::Gone, _) => "reading back, the variant is gone".to_owned(),
        (Seen::Unread, _) => "reading back failed".to_owned(),
    };
    Some(said)
}
