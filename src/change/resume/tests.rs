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
        .with(elsewhere, &before)
        .with(Run { run: "r4", ..set }, &[(2, Is::Applied)]);
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
    let newer = |line, run| (line, format!("newer: {run}"));
    assert_eq!(skipped, [newer(2, "r4"), newer(3, "r2"), newer(4, "r2")]);
    let kinds = draft.ask(|c| {
        c.query_row(
            "SELECT group_concat(DISTINCT kind) FROM temp.draft WHERE outcome = 'skipped'",
            [],
            |found| found.get::<_, String>(0),
        )
    });
    assert_eq!(kinds.unwrap(), "refused");
}

/// How each row of a draft stands: line, stock after, whether it was sent and ended, outcome, kind, status, code and error.
fn stand(draft: &Draft) -> Vec<String> {
    let rows = draft.ask(|c| {
        c.prepare(
            "SELECT concat_ws(' ', line, ifnull(quantity, '-'), iif(intent_at IS NULL, '-', 'sent'),
                iif(settled_at IS NULL, '-', 'ended'), ifnull(outcome, 'open'), kind, status, code, error)
             FROM temp.draft ORDER BY row",
        )?
        .query_map([], |found| found.get(0))?
        .collect()
    });
    rows.unwrap()
}

#[test]
fn a_row_that_the_credentials_failed_is_as_if_it_had_never_been_sent_and_others_keep_their_words() {
    let rows = [Is::Auth, Is::Failed, Is::Unknown, Is::InFlight, Is::Open];
    let rows: Vec<(u32, Is)> = (2..).zip(rows).collect();
    let marked = "UPDATE rows SET status = 403, code = 'c' WHERE outcome = 'failed'";
    let ledger = Written::new().with(KILLED, &rows).but(marked);
    let run = ledger.run("r1");
    let draft = draft(ledger.0, &run).unwrap();
    assert_eq!(
        stand(&draft),
        [
            "2 - - - open",
            "3 15 sent ended failed refused 403 c why",
            "4 15 sent ended unknown unknown_outcome why",
            "5 - sent - unknown the run was cut off while this was under way",
            "6 - - - open",
        ]
    );
}

#[test]
fn of_what_was_typed_only_what_was_in_flight_goes_on() {
    for command in ["set", "adjust"] {
        let typed = Run { command, ..KILLED };
        let rows = [(2, Is::Applied), (3, Is::Open), (4, Is::InFlight)];
        let ledger = Written::new().with(typed, &rows);
        let run = ledger.run("r1");
        let draft = draft(ledger.0, &run).unwrap();
        assert_eq!(
            stand(&draft),
            [
                "2 15 sent ended applied",
                "3 - - - skipped partial the run ended before this row",
                "4 - sent - unknown the run was cut off while this was under way",
            ]
        );
    }
}

#[test]
fn the_lots_of_a_run_are_those_of_what_is_left_of_it() {
    let other = Run {
        run: "r2",
        ..KILLED
    };
    let ledger = Written::new()
        .with(KILLED, &[(2, Is::Open), (3, Is::Applied)])
        .with(other, &[(2, Is::Open)])
        .but("INSERT INTO lots VALUES (1, 0, 9), (1, 0, 5), (1, 1, 4), (2, 0, 7)");
    let run = ledger.run("r1");
    let draft = draft(ledger.0, &run).unwrap();
    let mut lines = Vec::new();
    let each = draft.each(|row| {
        lines.push((row.row, row.line));
        Ok(())
    });
    each.unwrap();
    assert_eq!(lines, [(0, 2), (0, 5), (0, 9), (1, 3), (1, 4)]);
    let totals = draft.totals().unwrap();
    let counts = [Outcome::Planned, Outcome::Applied].map(|outcome| totals.of(outcome));
    assert_eq!(counts, [3, 2]);
}
