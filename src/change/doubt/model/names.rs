//! What is met on the way, by name.

use super::super::{Action, By, Ending, Seen, Why};
use super::world::Mode;

impl Why {
    pub(super) fn is_skipped(self) -> bool {
        matches!(self, Why::Interrupted | Why::Unrecorded | Why::Behind)
    }
}

pub(super) fn applied_in(mode: Mode, first: bool, resend: bool) -> &'static str {
    match (mode, first, resend) {
        (Mode::Put, true, _) => "put: first run",
        (Mode::Put, false, false) => "put: resumed",
        (Mode::Put, false, true) => "put: resent",
        (Mode::Post, true, _) => "post: first run",
        (Mode::Post, false, false) => "post: resumed",
        (Mode::Post, false, true) => "post: resent",
    }
}

pub(super) fn action_name(action: &Action) -> &'static str {
    match action {
        Action::AwaitTurn => "await turn",
        Action::Read { back: false } => "read",
        Action::Read { back: true } => "read back",
        Action::Record(intents) if intents.iter().all(|i| i.basis.is_some_and(|b| b.proves)) => {
            "record with a basis"
        }
        Action::Record(_) => "record without a basis",
        Action::Send(_) => "send",
        Action::Pause { in_flight: false } => "pause",
        Action::Pause { in_flight: true } => "pause in flight",
        Action::AwaitProof => "await proof",
        Action::Done => "done",
    }
}

pub(super) fn name(ending: &Ending) -> &'static str {
    match ending {
        Ending::Applied { by: By::Answer, .. } => "applied: answer",
        Ending::Applied {
            by: By::ReadBack, ..
        } => "applied: read back",
        Ending::Applied {
            by: By::Event(_), ..
        } => "applied: event",
        Ending::Twice { .. } => "twice",
        Ending::Unchanged { .. } => "unchanged",
        Ending::Conflict { .. } => "conflict",
        Ending::NotApplied { why, .. } => match why {
            Why::Failure => "not applied: failure",
            Why::Gone => "not applied: gone",
            Why::Spaced => "not applied: spaced",
            Why::Interrupted => "not applied: interrupted",
            Why::Unrecorded => "not applied: unrecorded",
            Why::Behind => "not applied: behind",
        },
        Ending::Unknown { seen, .. } => match seen {
            Seen::AsBefore(_) => "unknown: as before",
            Seen::Otherwise { .. } => "unknown: otherwise",
            Seen::OnlyThisAsWanted(_) => "unknown: only this as wanted",
            Seen::OnlyThisAsBefore(_) => "unknown: only this as before",
            Seen::WithoutBasis { .. } => "unknown: without basis",
            Seen::Doubtful { .. } => "unknown: doubtful",
            Seen::Late { .. } => "unknown: late",
            Seen::Overtaken => "unknown: overtaken",
            Seen::Moved { .. } => "unknown: moved",
            Seen::Gone => "unknown: gone",
            Seen::Unread => "unknown: unread",
            Seen::Unseen => "unknown: unseen",
        },
        Ending::Kept { seen: None } => "kept",
        Ending::Kept {
            seen: Some(Seen::Moved { .. }),
        } => "kept: moved",
        Ending::Kept {
            seen: Some(Seen::Gone),
        } => "kept: gone",
        Ending::Kept {
            seen: Some(Seen::Overtaken),
        } => "kept: overtaken",
        Ending::Kept { .. } => "kept: unread",
    }
}
