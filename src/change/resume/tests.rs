//! What is left of a run.

use super::*;
use crate::change::outcome::Outcome;
use crate::change::written::{Is, KILLED, Run, Written};

#[test]
fn what_is_left_of_a_run_is_planned_anew_and_the_rest_stands_as_it_ended() {
    let rows = [
        (2, Is::Applied),
        (3, Is::Unknown),
        (4, Is::InFlight),
        (5, Is::Open),
        (6, Is::Auth),
        (7, Is::Failed),
    ];
    let other = Run {
        run: "r2",
        ..KILLED
    };
    let ledger = Written::new()
        .with(KILLED, &rows)
        .with(other, &[(9, Is::Open)]);
    let run = ledger.run("r1");
    let draft = draft(ledger.0, &run).unwrap();
    assert_eq!(draft.len(), 6);
    let mut stand = Vec::new();
    let each = draft.each(|row| {
        stand.push((row.line, row.outcome(), row.intent_at.is_some()));
        Ok(())
    });
    each.unwrap();
    let expected = [
        (2, Outcome::Applied, true),
        (3, Outcome::Unknown, true),
        (4, Outcome::Unknown, true),
        (5, Outcome::Planned, false),
        (6, Outcome::Planned, false),
        (7, Outcome::Failed, true),
    ];
    assert_eq!(stand, expected);
}

#[test]
fn a_quantity_that_a_later_run_on_the_store_has_or_may_have_written_is_skipped() {
    let set = Run {
        mode: "set",
        ..KILLED
    };
    let all = [(2, Is::Open), (3, Is::Open), (4, Is::Open), (5, Is::Open)];
    let later = [
        (2, Is::Applied),
        (3, Is::Unknown),
        (4, Is::InFlight),
        (5, Is::Failed),
    ];
    let before = [(5, Is::Applied)];
    let elsewhere = Run {
        run: "r3",
        store: "host other",
        ..set
    };
    let ledger = Written::new()
        .with(Run { run: "r0", ..set }, &before)
        .with(set, &all)
        .with(Run { run: "r2", ..set }, &later)
        .with(elsewhere, &before);
    let run = ledger.run("r1");
    let draft = draft(ledger.0, &run).unwrap();
    let mut skipped = Vec::new();
    let each = draft.each(|row| {
        if row.outcome() == Outcome::Skipped {
            skipped.push((row.line, row.error().unwrap().to_owned()));
        }
        Ok(())
    });
    each.unwrap();
    let newer = |line| (line, "newer: r2".to_owned());
    assert_eq!(skipped, [newer(2), newer(3), newer(4)]);
}
