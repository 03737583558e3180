//! Which rows of other runs count.

use super::*;
use crate::change::written::{Is, KILLED, Run, Written};

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
    let found = super::rows(&ledger.0, &ledger.run("r1")).unwrap();
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
    assert!(super::rows(&same.0, &same.run("r1")).unwrap().is_empty());
}

#[test]
fn what_another_run_does_while_one_is_under_way_is_known_by_when_it_was_sent_and_settled() {
    use Is::{Applied, Failed, InFlight, Open, Unknown};
    let now = UtcTime::now();
    let minutes = |n: i64| now.earlier(SignedDuration::from_mins(n));
    let is_since = |other: Run<'_>, is: Is, since: UtcTime| {
        let ledger = Written::new()
            .with(KILLED, &[(2, InFlight)])
            .with(other, &[(2, is), (3, Applied)])
            .but("INSERT INTO rows_by_sku_id SELECT number, sku_id, row FROM rows");
        let sku = SkuId::new(20).unwrap();
        super::is_since(&ledger.0, &ledger.run("r1"), sku, since).unwrap()
    };
    let other = Run {
        run: "r2",
        ..KILLED
    };
    for (is, before, after) in [
        (Applied, true, false),
        (Unknown, true, false),
        // It may have been under way for some minutes.
        (InFlight, true, true),
        (Failed, false, false),
        (Open, false, false),
    ] {
        assert_eq!(is_since(other, is, minutes(1)), before, "{is:?}");
        assert_eq!(is_since(other, is, minutes(-1)), after, "{is:?}");
        assert!(!is_since(other, is, minutes(-11)), "{is:?}");
    }
    let elsewhere = Run {
        store: "host other",
        ..other
    };
    assert!(!is_since(elsewhere, Applied, minutes(1)));
}
