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
