//! What is said of each ending.

use super::super::{By, Ending, Failures, Seen, Wanted, Why};
use super::{applied, unknown};
use crate::change::outcome::{Outcome, Settled};
use crate::error::{Error, Kind};

const SET: Wanted = Wanted::Set {
    quantity: 50,
    expected: None,
};
const ADJUST: Wanted = Wanted::Adjust { by: 5 };

fn lost() -> Failures {
    Failures {
        doubt: Some(Error::new(Kind::Unavailable, "the answer was lost").with_status(502)),
        last: None,
    }
}

fn message(settled: &Settled) -> &str {
    settled
        .trouble
        .as_deref()
        .map_or("", |trouble| trouble.message.as_str())
}

/// What is said of a row in doubt that was 10, after why it is.
fn seen(wanted: Wanted, seen: Seen) -> String {
    let settled = unknown(10, seen).settled(wanted, &lost(), None);
    assert_eq!(
        (settled.outcome, settled.previous, settled.quantity),
        (Outcome::Unknown, Some(10), None)
    );
    let trouble = settled.trouble.as_deref().unwrap();
    assert_eq!(
        (trouble.kind, trouble.status),
        (Kind::UnknownOutcome, Some(502))
    );
    assert!(
        trouble
            .hint
            .as_deref()
            .unwrap()
            .contains("look at the stock")
    );
    let rest = trouble.message.strip_prefix("the answer was lost").unwrap();
    rest.trim_start_matches("; ").to_owned()
}

#[test]
fn what_was_seen_of_a_row_in_doubt_is_said() {
    for (wanted, what, says) in [
        (
            SET,
            Seen::AsBefore(10),
            "reading back, the stock is still 10, but the change may yet arrive",
        ),
        (
            ADJUST,
            Seen::AsBefore(10),
            "reading back, the stock is 10; it was 10 before +5",
        ),
        (
            SET,
            Seen::Otherwise { now: 9 },
            "reading back, the stock is 9, neither 10 as before nor 50 as wanted",
        ),
        (
            ADJUST,
            Seen::Otherwise { now: 9 },
            "reading back, the stock is 9; it was 10 before +5",
        ),
        (
            SET,
            Seen::OnlyThisAsWanted(50),
            "reading back, the stock is 50 as wanted, but another variant of the same request is not",
        ),
        (
            SET,
            Seen::OnlyThisAsBefore(10),
            "reading back, the stock is 10 as before, but another variant of the same request is not",
        ),
        (
            ADJUST,
            Seen::WithoutBasis { now: 15 },
            "reading back, the stock is 15, which proves nothing: nobody knows that it was read in the 5 s before (last seen: 10)",
        ),
        (
            ADJUST,
            Seen::Doubtful { now: 15 },
            "reading back, the stock is 15, which proves nothing: an earlier adjustment of this variant is in doubt",
        ),
        (
            ADJUST,
            Seen::Moved { now: 9 },
            "the stock is 9 now; it was 10: not sent again",
        ),
        (SET, Seen::Gone, "reading back, the variant is gone"),
        (SET, Seen::Unread, "reading back failed"),
        (SET, Seen::Unseen, ""),
    ] {
        assert_eq!(seen(wanted, what), says);
    }
}

#[test]
fn what_else_went_wrong_is_said_once() {
    let with = |last: &str| {
        let mut failures = lost();
        failures.last = Some(Error::new(Kind::Unavailable, last));
        let settled = unknown(10, Seen::Unread).settled(SET, &failures, None);
        message(&settled).to_owned()
    };
    assert_eq!(
        with("the answer was lost"),
        "the answer was lost; reading back failed"
    );
    assert_eq!(
        with("the answer was lost (2 attempts)"),
        "the answer was lost (2 attempts); reading back failed"
    );
    assert_eq!(
        with("no route"),
        "the answer was lost; reading back failed; then: no route"
    );
}

#[test]
fn a_row_that_stays_in_doubt_keeps_its_words() {
    let nothing = Failures::default();
    let before = unknown(10, Seen::AsBefore(10)).settled(ADJUST, &lost(), None);
    let kept = |seen| Ending::Kept { seen }.settled(ADJUST, &nothing, Some(&before));
    assert_eq!(kept(None), before);
    for (seen, says) in [
        (
            Seen::Moved { now: 9 },
            "; the stock is 9 now: not sent again",
        ),
        (Seen::Gone, "; the variant is gone: not sent again"),
        (Seen::Unread, "; the stock can't be read: not sent again"),
        (
            Seen::Overtaken,
            "; another run has written this variant since: not sent again",
        ),
    ] {
        let kept = kept(Some(seen));
        assert_eq!(message(&kept), format!("{}{says}", message(&before)));
        assert_eq!((kept.outcome, kept.previous), (Outcome::Unknown, Some(10)));
    }
    // One that was refused this time.
    let refused = Failures {
        last: Some(Error::refused("No.")),
        ..Failures::default()
    };
    let again = unknown(10, Seen::Unseen).settled(ADJUST, &refused, Some(&before));
    assert_eq!(message(&again), format!("{}; then: No.", message(&before)));
    // What the stock was is not forgotten where this time nobody knows.
    let unseen = Ending::Unknown {
        previous: None,
        seen: Seen::Unseen,
    };
    let unseen = |before| unseen.settled(ADJUST, &nothing, before).previous;
    assert_eq!((unseen(Some(&before)), unseen(None)), (Some(10), None));
    // One that a process was killed with.
    let cut_off = Ending::Kept { seen: None }.settled(ADJUST, &nothing, None);
    assert_eq!(cut_off.outcome, Outcome::Unknown);
    assert_eq!(
        message(&cut_off),
        "the run was cut off while this was under way"
    );
}

#[test]
fn rows_that_end_well_and_rows_that_surely_did_not_happen() {
    let nothing = Failures::default();
    for (by, read_back, event) in [
        (By::Answer, false, None),
        (By::ReadBack, true, None),
        (By::Event("e".to_owned()), false, Some("e")),
    ] {
        let settled = applied(10, 15, by).settled(ADJUST, &lost(), None);
        let well = Settled {
            read_back,
            event_id: event.map(str::to_owned),
            ..Settled::well(Outcome::Applied, 10, 15)
        };
        assert_eq!(settled, well);
    }
    let unchanged = Ending::Unchanged { stock: 50 }.settled(SET, &nothing, None);
    assert_eq!(unchanged, Settled::well(Outcome::Unchanged, 50, 50));
    let conflict = Ending::Conflict {
        expected: 10,
        stock: 9,
    };
    let conflict = conflict.settled(SET, &nothing, None);
    assert_eq!(conflict.outcome, Outcome::Conflict);
    assert_eq!(message(&conflict), "expected 10 units, the stock is 9");
    let failed = Failures {
        last: Some(Error::new(Kind::Auth, "expired")),
        ..Failures::default()
    };
    for (why, outcome, says) in [
        (Why::Failure, Outcome::Failed, "expired"),
        (Why::Unrecorded, Outcome::Skipped, "expired"),
        (Why::Interrupted, Outcome::Skipped, "expired"),
        (Why::Behind, Outcome::Skipped, "could not be looked at"),
        (Why::Gone, Outcome::Failed, "no such variant"),
        (Why::Spaced, Outcome::Failed, "so slowly"),
    ] {
        let ending = Ending::NotApplied {
            previous: Some(10),
            why,
        };
        let settled = ending.settled(SET, &failed, None);
        assert_eq!((settled.outcome, settled.previous), (outcome, Some(10)));
        assert!(message(&settled).contains(says), "{settled:?}");
    }
}
