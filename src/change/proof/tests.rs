//! Which events are about a row.

use super::*;
use crate::change::outcome::Outcome;
use crate::change::written::{Is, KILLED, Written};
use crate::model::{ProductId, SkuId};
use crate::time::UtcTime;

fn tagged() -> Tagged {
    Tagged {
        row: 0,
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
    let proofs = Proofs::of(folder.path().to_owned(), &ledger.run("r1"));
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
