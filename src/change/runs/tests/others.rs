//! What other runs have to do with one: those that wrote its variants meanwhile, and which run is meant by a few letters.

use super::*;

/// The rows of `r1`, of which everything ended five hours ago.
const MINE: [(u32, Is); 6] = [
    (2, Is::Unknown),
    (3, Is::InFlight),
    (4, Is::Applied),
    (5, Is::Failed),
    (6, Is::Open),
    (7, Is::Unknown),
];

const R1: Run<'static> = Run { hours: 5, ..KILLED };

/// The lines of `r1` that the other run has written since.
fn since(other: Run<'_>, before: bool, rows: &[(u32, Is)], sql: &str) -> Vec<u32> {
    let (first, second): ((Run, &[_]), (Run, &[_])) = match before {
        true => ((other, rows), (R1, &MINE)),
        false => ((R1, &MINE), (other, rows)),
    };
    let ledger = Written::new()
        .with(first.0, first.1)
        .with(second.0, second.1)
        .but("INSERT INTO rows_by_sku_id SELECT number, sku_id, row FROM rows")
        .but(sql);
    let found = overtaken(&ledger.0, &ledger.run("r1")).unwrap();
    let mut lines: Vec<u32> = found.into_iter().map(|row| row + 2).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_row_in_doubt_is_overtaken_by_what_a_later_run_wrote_or_may_have_written() {
    use Is::{Applied, Failed, InFlight, Open, Skipped, Unchanged, Unknown};
    let later = Run {
        run: "r2",
        hours: 1,
        ..KILLED
    };
    for (is, writes) in [
        (Applied, true),
        (Unknown, true),
        (InFlight, true),
        (Open, false),
        (Failed, false),
        (Skipped, false),
        (Unchanged, false),
    ] {
        let rows: Vec<(u32, Is)> = (2..7).map(|line| (line, is)).collect();
        // Only what is in doubt; line 7 is about a variant that the other run leaves alone.
        let expected: &[u32] = if writes { &[2, 3] } else { &[] };
        assert_eq!(since(later, false, &rows, ""), expected, "{is:?}");
        let elsewhere = Run {
            store: "host other",
            ..later
        };
        assert_eq!(since(elsewhere, false, &rows, ""), [0; 0], "{is:?}");
    }
    // Of its rows only those about that variant.
    assert_eq!(since(later, false, &[(2, Failed), (3, Applied)], ""), [3]);
    assert_eq!(since(later, false, &[(3, Applied), (2, Failed)], ""), [3]);
}

#[test]
fn an_earlier_run_overtakes_a_row_by_what_it_wrote_after_that_row_was_sent() {
    let all = [(2, Is::Applied), (3, Is::Applied)];
    let earlier = |ended: &str, sent: &str| {
        let other = Run {
            run: "r0",
            hours: 6,
            ended: !ended.is_empty(),
            ..KILLED
        };
        let at = |hours: &str| format!("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{hours} hours')");
        let mut sql = format!("UPDATE rows SET intent_at = {} WHERE number = 1;", at(sent));
        if !ended.is_empty() {
            sql += &format!("UPDATE runs SET ended_at = {} WHERE number = 1", at(ended));
        }
        since(other, true, &all, &sql)
    };
    // Gone on with since, and under way or done by now.
    assert_eq!(earlier("", "4"), [2, 3]);
    assert_eq!(earlier("3", "4"), [2, 3]);
    // What it sent before proves what it always did.
    assert_eq!(earlier("", "6"), [0; 0]);
    assert_eq!(earlier("3", "6"), [0; 0]);
    assert_eq!(earlier("6", "6"), [0; 0]);
    // Its own rows are no other run's.
    let same = Written::new()
        .with(R1, &[(2, Is::Unknown), (2, Is::Applied)])
        .but("INSERT INTO rows_by_sku_id SELECT number, sku_id, row FROM rows")
        .but("UPDATE rows SET intent_at = '2999-01-01T00:00:00Z' WHERE row = 1");
    assert!(overtaken(&same.0, &same.run("r1")).unwrap().is_empty());
}

#[test]
fn what_a_few_letters_propose_is_of_the_store_and_can_be_gone_on_with_before_the_rest() {
    let ended = Run {
        ended: true,
        ..KILLED
    };
    let (stopped, given_up) = (Some("unavailable"), Some("given_up"));
    let mut ledger = Written::new();
    for (run, store, ended, stopped_by) in [
        ("a1", "host shop", false, None),
        ("a2", "host shop", true, stopped),
        ("a3", "host shop", true, given_up),
        ("a4", "host shop", true, None),
        ("a5", "host other", false, None),
        ("b6", "host shop", false, None),
    ] {
        let written = Run {
            run,
            store,
            ended,
            stopped_by,
            ..KILLED
        };
        ledger = ledger.with(written, &[]);
    }
    let ledger = ledger
        .with(Run { run: "a7", ..ended }, &[])
        .but("UPDATE runs SET stopped = 'why' WHERE stopped_by IS NOT NULL");
    let proposed = |prefix, store, open_first, most| {
        let found = newest(&ledger.0, prefix, store, open_first, most).unwrap();
        let runs: Vec<String> = found.into_iter().map(|glimpse| glimpse.run).collect();
        runs.join(" ")
    };
    let shop = Some("host shop");
    assert_eq!(proposed("a", shop, false, 9), "a7 a4 a3 a2 a1 a5");
    assert_eq!(proposed("a", shop, true, 9), "a2 a1 a7 a4 a3 a5");
    assert_eq!(proposed("a", None, false, 9), "a7 a5 a4 a3 a2 a1");
    assert_eq!(proposed("a", shop, true, 2), "a2 a1");
    assert_eq!(proposed("", shop, false, 3), "a7 b6 a4");
}

#[test]
fn resends_and_lots_are_a_runs_own() {
    let ledger = Written::new()
        .with(KILLED, &[(2, Is::Unknown), (3, Is::Applied)])
        .with(
            Run {
                run: "r2",
                ..KILLED
            },
            &[(2, Is::Unknown)],
        )
        .with(
            Run {
                run: "r3",
                ..KILLED
            },
            &[],
        )
        .but("UPDATE rows SET resends = line + number; INSERT INTO lots VALUES (2, 0, 9)");
    let of = |number| {
        let lots = crate::change::left::has_lots(&ledger.0, number).unwrap();
        (resent(&ledger.0, number).unwrap(), lots)
    };
    assert_eq!((of(1), of(2), of(3)), ((7, false), (4, true), (0, false)));
}
