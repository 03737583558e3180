//! What undos took back, or may have.

use super::*;
use crate::change::written::{Is, KILLED, Run, Written};

const UNDO: Run<'static> = Run {
    run: "u1",
    command: "undo",
    undo_of: Some("r1"),
    ..KILLED
};

/// A run of which every line was applied, and undos of it.
fn undone(undos: &[(&str, &[(u32, Is)])]) -> Written {
    let lines: Vec<(u32, Is)> = (2..8).map(|line| (line, Is::Applied)).collect();
    let mut ledger = Written::new().with(KILLED, &lines);
    for (run, rows) in undos {
        ledger = ledger.with(Run { run, ..UNDO }, rows);
    }
    ledger
}

fn filled(ledger: &Written, doubtful: bool) -> Vec<u32> {
    ledger
        .0
        .ask(|c| {
            let count = fill(c, "r1", doubtful)?;
            let lines: Vec<u32> = c
                .prepare("SELECT line FROM temp.taken_back ORDER BY line")?
                .query_map([], |found| found.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            assert_eq!(count, lines.len() as u64);
            Ok(lines)
        })
        .unwrap()
}

#[test]
fn lines_are_surely_or_perhaps_taken_back_and_put_back_again() {
    use Is::{Applied, Failed, InFlight, Open, Unknown};
    let ledger = undone(&[
        (
            "u1",
            &[
                (2, Applied),
                (3, Unknown),
                (4, InFlight),
                (5, Failed),
                (6, Open),
            ],
        ),
        ("u2", &[(7, Applied)]),
    ]);
    assert_eq!(filled(&ledger, false), [2, 7]);
    assert_eq!(filled(&ledger, true), [2, 3, 4, 7]);
    let by = |lines: &[u32]| {
        let about = ledger.0.ask(|c| in_doubt_about(c, "r1", lines));
        about.unwrap()
    };
    assert_eq!(ledger.0.ask(|c| perhaps(c, "r1")).unwrap(), [3, 4]);
    assert_eq!(
        by(&[3, 4]).as_ref().map(|(run, _)| run.as_str()),
        Some("u1")
    );
    assert_eq!(by(&[4]).as_ref().map(|(run, _)| run.as_str()), Some("u1"));
    assert_eq!(by(&[2, 7]), None, "these are sure");
    // An undo that was taken back, or may have been, took nothing back surely.
    let again = |is| {
        undone(&[("u1", &[(2, Applied)])]).with(
            Run {
                run: "u2",
                undo_of: Some("u1"),
                ..UNDO
            },
            &[(2, is)],
        )
    };
    for (is, sure, perhaps) in [
        (Applied, &[][..], &[][..]),
        (Unknown, &[], &[2]),
        (InFlight, &[], &[2]),
        (Failed, &[2], &[2]),
    ] {
        assert_eq!(filled(&again(is), false), sure, "{is:?}");
        assert_eq!(filled(&again(is), true), perhaps, "{is:?}");
    }
}

#[test]
fn the_newest_undo_in_doubt_is_named() {
    use Is::{Applied, Unknown};
    let ledger = undone(&[
        ("u1", &[(2, Unknown)]),
        ("u2", &[(2, Unknown)]),
        ("u3", &[(2, Applied)]),
    ]);
    let ledger = ledger.with(
        Run {
            run: "x",
            undo_of: Some("r0"),
            ..UNDO
        },
        &[(2, Unknown)],
    );
    let about = ledger.0.ask(|c| in_doubt_about(c, "r1", &[2]));
    assert_eq!(
        about.unwrap().as_ref().map(|(run, _)| run.as_str()),
        Some("u2")
    );
}

#[test]
fn what_undid_a_run_is_the_newest_that_did_or_may_have_done_anything() {
    use Is::{Applied, Failed, InFlight, Open, Skipped, Unknown};
    for (rows, undid) in [
        (&[(2, Applied)][..], true),
        (&[(2, Unknown)], true),
        (&[(2, InFlight)], true),
        (&[(2, Failed), (3, Skipped), (4, Open)], false),
        (&[], false),
    ] {
        let ledger = undone(&[("u1", rows)]);
        assert_eq!(
            undone_by(&ledger.0, "r1").unwrap().is_some(),
            undid,
            "{rows:?}"
        );
        assert_eq!(undone_by(&ledger.0, "u1").unwrap(), None);
    }
    let ledger = undone(&[
        ("u1", &[(2, Applied)]),
        ("u2", &[(3, Applied)]),
        ("u3", &[(4, Failed)]),
    ]);
    assert_eq!(undone_by(&ledger.0, "r1").unwrap().as_deref(), Some("u2"));
}

#[test]
fn an_undo_that_was_cut_off_is_overtaken_by_one_that_may_have_done_what_it_has_left() {
    use Is::{Applied, Auth, Failed, InFlight, Open, Unknown};
    let overtaken = |left: Is, other: &[(u32, Is)], resends| {
        let ledger = undone(&[("u1", &[(2, Applied), (3, left)]), ("u2", other)]).with(
            Run {
                run: "x",
                undo_of: Some("r0"),
                ..UNDO
            },
            &[(3, Applied)],
        );
        overtaken_by(&ledger.0, &ledger.run("u1"), resends).unwrap()
    };
    let done = &[(3, Applied)][..];
    for (left, other, resends, by) in [
        (Open, done, false, true),
        (InFlight, done, false, true),
        (Auth, done, false, true),
        (Failed, done, false, false),
        (Unknown, done, false, false),
        (Unknown, done, true, true),
        (Applied, done, true, false),
        (Open, &[(3, Unknown)], false, true),
        (Open, &[(3, InFlight)], false, true),
        (Open, &[(3, Failed)], false, false),
        (Open, &[(3, Open)], false, false),
        (Open, &[(2, Applied)], false, false),
    ] {
        let name = overtaken(left, other, resends);
        assert_eq!(
            name.as_deref(),
            by.then_some("u2"),
            "{left:?} {other:?} {resends}"
        );
    }
    // The newest of several.
    let ledger = undone(&[("u1", &[(3, Open)]), ("u2", done), ("u3", done)]);
    let by = overtaken_by(&ledger.0, &ledger.run("u1"), false).unwrap();
    assert_eq!(by.as_deref(), Some("u3"));
}

#[test]
fn the_last_run_to_undo_applied_something_that_is_still_there() {
    use Is::{Applied, Failed, Unknown};
    let last = |ledger: &Written| {
        let found = last_to_undo(&ledger.0, KILLED.store).unwrap();
        found.map(|run| run.run)
    };
    let two = |second: &[(u32, Is)]| {
        Written::new()
            .with(
                Run {
                    run: "r0",
                    ..KILLED
                },
                &[(2, Applied)],
            )
            .with(
                Run {
                    command: "adjust",
                    ..KILLED
                },
                second,
            )
            .with(
                Run {
                    run: "elsewhere",
                    store: "host other",
                    ..KILLED
                },
                &[(2, Applied)],
            )
    };
    assert_eq!(
        last(&two(&[(2, Failed), (3, Applied)])).as_deref(),
        Some("r1")
    );
    assert_eq!(
        last(&two(&[(2, Failed), (3, Unknown)])).as_deref(),
        Some("r0")
    );
    for (taken, name) in [
        (&[(2, Applied), (3, Applied)][..], "r0"),
        (&[(2, Applied)], "r1"),
        (&[(2, Applied), (3, Unknown)], "r1"),
    ] {
        let ledger = two(&[(2, Applied), (3, Applied)]).with(UNDO, taken);
        assert_eq!(last(&ledger).as_deref(), Some(name), "{taken:?}");
    }
    let all = Written::new()
        .with(KILLED, &[(2, Applied)])
        .with(UNDO, &[(2, Applied)]);
    assert_eq!(last(&all), None);
}

#[test]
fn the_newest_run_in_doubt_that_nobody_gave_up_is_told_before_an_older_one_is_taken_back() {
    use Is::{Applied, InFlight, Open, Unknown};
    let newer = |rows: &[(&str, Run<'_>, Is)]| {
        let mut ledger = Written::new().with(KILLED, &[(2, Unknown)]);
        for (run, written, is) in rows {
            ledger = ledger.with(Run { run, ..*written }, &[(2, Applied), (3, *is)]);
        }
        let found = newer_in_doubt(&ledger.0, KILLED.store, Some(&ledger.run("r1")));
        found.unwrap().map(|run| run.run)
    };
    assert_eq!(newer(&[]), None, "not that run itself");
    for (is, told) in [
        (Unknown, true),
        (InFlight, true),
        (Open, false),
        (Applied, false),
    ] {
        let found = newer(&[("r2", KILLED, is)]);
        assert_eq!(found.is_some(), told, "{is:?}");
    }
    let stopped = |by| Run {
        ended: true,
        stopped_by: Some(by),
        ..KILLED
    };
    let undo = Run {
        undo_of: Some("r1"),
        ..KILLED
    };
    let elsewhere = Run {
        store: "host other",
        ..KILLED
    };
    let all = [
        ("r2", KILLED, Unknown),
        ("r3", stopped("interrupted"), Unknown),
        ("r4", stopped("given_up"), Unknown),
        ("r5", undo, Unknown),
        ("r6", elsewhere, Unknown),
    ];
    assert_eq!(newer(&all).as_deref(), Some("r3"));
}
