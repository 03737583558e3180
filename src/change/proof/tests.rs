//! Which events are about a row.

use super::*;
use crate::change::outcome::Outcome;
use crate::change::written::{Is, KILLED, Run, Written};
use crate::model::{ProductId, SkuId};
use crate::time::UtcTime;

fn tagged() -> Tagged {
    Tagged {
        row: 0,
        time: 1,
        event: "one".to_owned(),
        signed_at: 1000,
        at: UtcTime::from_millis(1_000_000),
        product: ProductId::new(2),
        sku: SkuId::new(20),
        sku_code: Some("C2".to_owned()),
        previous: 10,
        quantity: 15,
        adjustment: 5,
    }
}

/// Line 2 of a run, sent with a tag in the middle of the thousandth second.
fn row() -> RunRow {
    let ledger = Written::new().with(KILLED, &[(2, Is::Unknown)]);
    let row = ledger.0.ask(|c| read(c, 1, 0)).unwrap().unwrap();
    assert_eq!(row.outcome(), Outcome::Unknown);
    RunRow {
        tagged_at: Some(UtcTime::from_millis(1_000_500)),
        ..row
    }
}

#[test]
fn an_event_proves_a_row_only_where_all_that_it_says_agrees() {
    let proves = |event: Tagged| proves(&event, &row());
    assert!(proves(tagged()));
    // A row that nobody had sent again is not proved by the tag of a resend.
    assert!(!proves(Tagged {
        time: 2,
        ..tagged()
    }));
    // What it does not say does not contradict; a variant it has to name.
    assert!(proves(Tagged {
        product: None,
        ..tagged()
    }));
    assert!(proves(Tagged {
        sku_code: None,
        ..tagged()
    }));
    assert!(proves(Tagged {
        sku: None,
        ..tagged()
    }));
    assert!(!proves(Tagged {
        sku: None,
        sku_code: None,
        ..tagged()
    }));
    assert!(!proves(Tagged {
        product: ProductId::new(3),
        ..tagged()
    }));
    assert!(!proves(Tagged {
        sku: SkuId::new(30),
        ..tagged()
    }));
    let other = Some("C3".to_owned());
    assert!(!proves(Tagged {
        sku: None,
        sku_code: other,
        ..tagged()
    }));
    assert!(!proves(Tagged {
        adjustment: -5,
        ..tagged()
    }));
    assert!(!proves(Tagged {
        signed_at: 999,
        ..tagged()
    }));
    let untagged = RunRow {
        tagged_at: None,
        ..row()
    };
    assert!(!super::proves(&tagged(), &untagged));
    let nameless = RunRow {
        sku_code: None,
        ..row()
    };
    assert!(!super::proves(
        &Tagged {
            sku: None,
            sku_code: None,
            ..tagged()
        },
        &nameless
    ));
}

#[test]
fn an_event_about_a_row_that_was_sent_again_by_decision_is_about_one_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let mut memory = Memory::open(folder.path()).unwrap();
    let kept = memory.change(|c| {
        c.execute_batch(
            "INSERT INTO stores (number, store) VALUES (1, 'host shop');
             INSERT INTO events (number, store, event_id, topic, signed_at, received_at, body)
                VALUES (1, 1, 'one', 'inventory.updated', 1000, 1000, '{}');
             INSERT INTO movements VALUES (1, 0, 2, 20, 'C2', 10, 15, 5, NULL, 'sx:r1/0')",
        )
    });
    kept.unwrap();
    let ledger = Written::new().with(KILLED, &[(2, Is::Unknown)]);
    let run = ledger.run("r1");
    let proofs = Proofs::of(folder.path(), &run);
    for (resends, resent) in [(0, false), (1, true), (2, true)] {
        let row = RunRow { resends, ..row() };
        let proof = proofs.look(&row).unwrap().unwrap();
        assert_eq!((proof.event.as_str(), proof.resent), ("one", resent));
    }
}

#[test]
fn what_is_proved_late_is_counted() {
    let ended = |settled: Settled| (0, settled, UtcTime::now());
    let late = |proved: usize, twice: usize| {
        let well = Settled::well(Outcome::Applied, 10, 15);
        let events = ["one".to_owned(), "two".to_owned()];
        let badly = Settled::twice(None, &events);
        let settled = [vec![well; proved], vec![badly; twice]].concat();
        Late {
            settled: settled.into_iter().map(ended).collect(),
        }
    };
    for (proved, twice, is_empty) in [(0, 0, true), (2, 0, false), (0, 1, false), (1, 1, false)] {
        let late = late(proved, twice);
        assert_eq!((late.is_empty(), late.proved()), (is_empty, proved as u64));
    }
}

#[test]
fn what_is_proved_late_takes_the_place_of_how_its_row_had_ended() {
    let rows = [(2, Is::Unknown), (3, Is::Applied), (4, Is::Unknown)];
    let other = Run {
        run: "r2",
        ..KILLED
    };
    let mut ledger = Written::new()
        .with(KILLED, &rows)
        .with(other, &rows)
        .but("UPDATE rows SET status = 502, read_back = 1, code = 'c'");
    let run = ledger.run("r1");
    let second = Tagged {
        event: "two".to_owned(),
        at: UtcTime::from_millis(2_000_000),
        previous: 15,
        quantity: 20,
        ..tagged()
    };
    let first = Tagged {
        previous: 11,
        quantity: 16,
        ..tagged()
    };
    let mut proved = Settled::well(Outcome::Applied, first.previous, first.quantity);
    proved.event_id = Some(first.event.clone());
    let events = [first.event.clone(), second.event.clone()];
    let twice = Settled::twice(Some(first.previous), &events);
    let late = Late {
        settled: vec![(0, proved, first.at), (1, twice, second.at)],
    };
    late.record(&mut ledger.0, &run).unwrap();
    let stand = |number: i64| {
        let rows = ledger.0.ask(|c| {
            c.prepare(
                "SELECT concat_ws(' ', outcome, previous, ifnull(quantity, '-'), event_id, kind, status, code, read_back,
                    unixepoch(settled_at) < 10000) FROM rows WHERE number = ?1 ORDER BY row",
            )?
            .query_map([number], |found| found.get::<_, String>(0))?
            .collect::<rusqlite::Result<Vec<String>>>()
        });
        rows.unwrap()
    };
    let before = stand(2);
    assert_eq!(before[0], "unknown 10 15 unknown_outcome 502 c 1 0");
    let twice = format!("unknown 11 - unknown_outcome {MOVED_TWICE} 0 1");
    assert_eq!(
        stand(1),
        ["applied 11 16 one 0 1", twice.as_str(), before[2].as_str()]
    );
    let row = ledger.0.ask(|c| read(c, run.number, 1)).unwrap().unwrap();
    assert!(row.moved_twice());
    let row = ledger.0.ask(|c| read(c, run.number, 0)).unwrap().unwrap();
    assert!(!row.moved_twice());
}
