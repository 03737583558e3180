//! Runs as a ledger has them: found, listed, cut off, given up.

use super::*;
use crate::change::cut_off::cut_off;
use crate::change::written::{Is, KILLED, Run, Written};

fn cut_off_runs(ledger: &Written) -> Vec<String> {
    let found = cut_off(&ledger.0, KILLED.store).unwrap();
    found.into_iter().map(|run| run.run).collect()
}

fn is_cut_off(run: Run<'_>, rows: &[Is]) -> bool {
    let rows: Vec<(u32, Is)> = (2..).zip(rows.iter().copied()).collect();
    !cut_off_runs(&Written::new().with(run, &rows)).is_empty()
}

#[test]
fn cut_off_is_what_has_rows_left_that_nobody_decided_about() {
    use Is::{Applied, Auth, Failed, InFlight, Open, Skipped, Unknown};
    for (rows, left) in [
        (&[Applied, Open][..], true),
        (&[Applied, InFlight], true),
        (&[Applied, Auth], true),
        (&[Applied, Unknown, Failed, Skipped], false),
        (&[], false),
    ] {
        assert_eq!(is_cut_off(KILLED, rows), left, "{rows:?}");
    }
    for (stopped_by, left) in [
        (Some("unavailable"), true),
        (Some("auth"), true),
        (Some("internal"), true),
        (Some("terminated"), true),
        (Some("interrupted"), false),
        (Some("partial"), false),
        (Some("given_up"), false),
        (None, false),
    ] {
        let ended = Run {
            ended: true,
            stopped_by,
            ..KILLED
        };
        assert_eq!(is_cut_off(ended, &[Open]), left, "{stopped_by:?}");
    }
    for (command, left) in [
        ("import-csv", true),
        ("undo", true),
        ("set", false),
        ("adjust", false),
    ] {
        let run = Run { command, ..KILLED };
        assert_eq!(is_cut_off(run, &[Open]), left, "{command}");
    }
    let elsewhere = Run {
        store: "host other",
        ..KILLED
    };
    assert!(!is_cut_off(elsewhere, &[Open]));
    let two = Written::new().with(KILLED, &[(2, Open)]).with(
        Run {
            run: "r2",
            ..KILLED
        },
        &[(2, Open)],
    );
    assert_eq!(cut_off_runs(&two), ["r1", "r2"], "the oldest first");
}

#[test]
fn what_was_taken_back_or_overtaken_is_not_gone_on_with() {
    use Is::{Applied, Failed, InFlight, Open, Unknown};
    let undo = Run {
        run: "u1",
        command: "undo",
        undo_of: Some("r1"),
        ended: true,
        ..KILLED
    };
    for (taken, left) in [
        (Applied, false),
        (Unknown, false),
        (InFlight, false),
        (Failed, true),
        (Open, true),
    ] {
        let ledger = Written::new()
            .with(KILLED, &[(2, Applied), (3, Open)])
            .with(undo, &[(2, taken)]);
        assert_eq!(
            cut_off_runs(&ledger).contains(&"r1".to_owned()),
            left,
            "{taken:?}"
        );
    }
    // Of two undos of one run, the first has line 3 left, unless the second one did it.
    let killed = Run {
        ended: false,
        ..undo
    };
    for (second, left) in [
        (&[(3, Applied)][..], false),
        (&[(3, Unknown)], true),
        (&[(3, Failed)], true),
        (&[(2, Applied)], true),
    ] {
        let ledger = Written::new()
            .with(
                Run {
                    ended: true,
                    ..KILLED
                },
                &[(2, Applied), (3, Applied)],
            )
            .with(killed, &[(2, Applied), (3, Open)])
            .with(Run { run: "u2", ..undo }, second);
        assert_eq!(cut_off_runs(&ledger) == ["u1"], left, "{second:?}");
    }
    // An undo of another run is no matter.
    let ledger = Written::new()
        .with(
            Run {
                ended: true,
                ..KILLED
            },
            &[(3, Applied)],
        )
        .with(killed, &[(3, Open)])
        .with(
            Run {
                run: "u2",
                undo_of: Some("r0"),
                ..undo
            },
            &[(3, Applied)],
        );
    assert_eq!(cut_off_runs(&ledger), ["u1"]);
}

#[test]
fn a_run_is_found_by_its_whole_name_or_the_only_one_that_begins_or_ends_so() {
    let mut ledger = Written::new();
    for run in ["20261124-aaa", "20261125-aab", "20261125-aab-b"] {
        ledger = ledger.with(Run { run, ..KILLED }, &[]);
    }
    let found = |id: &str| find(&ledger.0, id).map(|run| run.run);
    for (id, run) in [
        ("20261125-aab", "20261125-aab"),
        (" 20261124\r", "20261124-aaa"),
        ("aaa", "20261124-aaa"),
        ("-b", "20261125-aab-b"),
    ] {
        assert_eq!(found(id).unwrap(), run, "{id}");
    }
    let several = found("2026").unwrap_err();
    assert_eq!(several.kind(), Kind::Usage);
    assert_eq!(several.message(), "several runs begin or end with 2026");
    for (id, hint) in [
        ("61125", "the runs: sxinv history"),
        (
            "last",
            "to take the newest one back: sxinv undo --last\nthe runs: sxinv history",
        ),
        (
            "newest",
            "to take the newest one back: sxinv undo --last\nthe runs: sxinv history",
        ),
    ] {
        let none = found(id).unwrap_err();
        assert_eq!(
            (none.kind(), none.hint()),
            (Kind::NotFound, Some(hint)),
            "{id}"
        );
    }
    let one = Written::new().with(KILLED, &[]);
    assert_eq!(find(&one.0, " ").unwrap_err().kind(), Kind::Usage);
    let names = |prefix, most| -> Vec<String> {
        let found = newest(&ledger.0, prefix, None, false, most).unwrap();
        found.into_iter().map(|run| run.run).collect()
    };
    assert_eq!(names("20261125", 9), ["20261125-aab-b", "20261125-aab"]);
    assert_eq!(names("", 1), ["20261125-aab-b"]);
    assert!(names("aaa", 9).is_empty());
}

#[test]
fn runs_are_listed_newest_first_and_each_row_is_counted_as_it_stands() {
    use Is::{Applied, Auth, InFlight, Open, Unknown};
    let old = Run { hours: 9, ..KILLED };
    let mut ledger = Written::new()
        .with(
            old,
            &[
                (2, Applied),
                (3, Unknown),
                (4, InFlight),
                (5, Open),
                (6, Auth),
            ],
        )
        .with(
            Run {
                run: "r2",
                hours: 1,
                ..KILLED
            },
            &[(7, Applied)],
        )
        .but(
            "INSERT INTO rows_by_sku_id SELECT number, sku_id, row FROM rows;
              INSERT INTO rows_by_sku_code SELECT number, sku_code, row FROM rows;
              INSERT INTO lots VALUES (1, 0, 8), (1, 2, 9), (1, 3, 10);",
        );
    let counted = totals(&ledger.0, 1).unwrap();
    assert_eq!(
        counted.in_words(),
        "2 applied, 1 failed, 3 unknown, 2 skipped"
    );
    assert_eq!(counted.rows(), 8);
    let mut listed = |filter: Filter| -> Vec<String> {
        let found = runs(&mut ledger.0, &filter).unwrap();
        found
            .into_iter()
            .map(|(run, totals)| format!("{} {}", run.run, totals.rows()))
            .collect()
    };
    let sku = |sku| Filter {
        sku: Some(sku),
        ..Filter::default()
    };
    assert_eq!(listed(Filter::default()), ["r2 1", "r1 8"]);
    assert_eq!(
        listed(Filter {
            limit: Some(1),
            ..Filter::default()
        }),
        ["r2 1"]
    );
    let since = UtcTime::now().earlier(SignedDuration::from_hours(5));
    assert_eq!(
        listed(Filter {
            since: Some(since),
            ..Filter::default()
        }),
        ["r2 1"]
    );
    assert_eq!(listed(sku(SkuName::Id(SkuId::new(30).unwrap()))), ["r1 8"]);
    assert_eq!(listed(sku(SkuName::Code("C7".to_owned()))), ["r2 1"]);
    let either = SkuName::Either(SkuId::new(30).unwrap(), "C7".to_owned());
    assert_eq!(listed(sku(either)), ["r2 1", "r1 8"]);
    assert!(listed(sku(SkuName::Code("C9".to_owned()))).is_empty());
}

#[test]
fn what_is_in_doubt_of_a_run_and_of_the_one_it_takes_back_proves_nothing() {
    use Is::{Applied, Auth, InFlight, Open, Unknown};
    let undo = Run {
        run: "u1",
        undo_of: Some("r1"),
        ..KILLED
    };
    let ledger = Written::new()
        .with(
            KILLED,
            &[
                (2, Unknown),
                (3, InFlight),
                (4, Applied),
                (5, Open),
                (9, Unknown),
            ],
        )
        .with(undo, &[(6, Unknown), (7, InFlight), (8, Open)])
        .with(
            Run {
                run: "r3",
                ..KILLED
            },
            &[(10, Unknown), (11, Auth)],
        )
        .but("UPDATE rows SET sku_id = NULL WHERE line = 9");
    let doubtful = |run| {
        let found = in_doubt(&ledger.0, &ledger.run(run)).unwrap();
        let mut found: Vec<i64> = found.into_iter().map(SkuId::get).collect();
        found.sort_unstable();
        found
    };
    // Its own rows in flight are looked at by itself.
    assert_eq!(doubtful("r1"), [20]);
    assert_eq!(doubtful("u1"), [20, 30, 60]);
    for (rows, any) in [
        (&[(2, Applied), (3, Open)][..], false),
        (&[(2, Unknown)], true),
        (&[(2, InFlight)], true),
    ] {
        let other = [(2, Unknown), (3, InFlight)];
        let ledger = Written::new().with(KILLED, rows).with(
            Run {
                run: "r2",
                ..KILLED
            },
            &other,
        );
        assert_eq!(
            any_doubt(&ledger.0, &ledger.run("r1")).unwrap(),
            any,
            "{rows:?}"
        );
    }
    for (is, open) in [
        (Open, true),
        (InFlight, true),
        (Auth, true),
        (Unknown, false),
        (Is::Failed, false),
    ] {
        let ledger = Written::new().with(KILLED, &[(2, is)]).with(
            Run {
                run: "r2",
                ..KILLED
            },
            &[(2, Open)],
        );
        assert_eq!(
            is_open(&ledger.0, &ledger.run("r1")).unwrap(),
            open,
            "{is:?}"
        );
    }
}

#[test]
fn a_store_that_is_gone_takes_its_runs_along_and_no_others() {
    let mut ledger = Written::new().with(KILLED, &[(2, Is::Applied)]).with(
        Run {
            run: "r2",
            store: "elsewhere",
            ..KILLED
        },
        &[(3, Is::Applied)],
    );
    forget(&mut ledger.0, "host *").unwrap();
    assert!(find(&ledger.0, "r1").is_err());
    assert_eq!(
        totals(&ledger.0, ledger.run("r2").number).unwrap().rows(),
        1
    );
    let rows = ledger
        .0
        .ask(|c| c.query_row("SELECT count(*) FROM rows", [], |n| n.get::<_, i64>(0)));
    assert_eq!(rows.unwrap(), 1);
}

#[test]
fn a_run_is_old_or_on_another_store() {
    let ledger = Written::new().with(Run { hours: 5, ..KILLED }, &[]);
    let run = ledger.run("r1");
    assert!(run.is_older_than(SignedDuration::from_hours(4)));
    assert!(!run.is_older_than(SignedDuration::from_hours(6)));
    run.check_store("host shop").unwrap();
    let refused = run.check_store("host other").unwrap_err();
    assert_eq!(refused.kind(), Kind::Refused);
}

#[test]
fn a_copy_of_the_ledger_is_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    let run = |ledger| StoredRun {
        ledger,
        ..Written::new().with(KILLED, &[]).run("r1")
    };
    let same = file_id(&State::path_in(folder.path()));
    assert!(same.is_some());
    assert!(!run(same).is_copied(&state));
    assert!(run(Some("another".to_owned())).is_copied(&state));
    assert!(!run(None).is_copied(&state), "nobody knows");
}

mod others;
