//! Which run is meant by a few letters, and what is a run's own.

use super::*;

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
