//! The inverse of a run, and what is left out of it.

use super::*;
use crate::change::written::{Is, KILLED, Run, Written};

/// Row, line, product, variant, code and adjustment of each row.
type Inverse = (u32, u32, i64, i64, String, i64);

fn rows(undo: &Undo) -> Vec<Inverse> {
    let mut rows = Vec::new();
    let each = undo.draft.each(|row| {
        let (product, sku) = (row.product.unwrap().get(), row.sku.unwrap().get());
        let code = row.sku_code.clone().unwrap();
        rows.push((row.row, row.line, product, sku, code, row.wanted));
        Ok(())
    });
    each.unwrap();
    rows
}

#[test]
fn what_was_applied_is_taken_back_the_last_row_first_and_doubt_is_left_out() {
    use Is::{Applied, Failed, InFlight, Open, Skipped, Unchanged, Unknown};
    for (mode, by) in [("adjust", -5), ("stocktake", -5), ("set", -5)] {
        let ledger = Written::new()
            .with(
                Run { mode, ..KILLED },
                &[
                    (2, Applied),
                    (3, Applied),
                    (4, Unknown),
                    (5, InFlight),
                    (6, Applied),
                    (7, Applied),
                    (8, Failed),
                    (9, Open),
                    (10, Skipped),
                    (11, Unchanged),
                    (12, Unknown),
                ],
            )
            .with(
                Run {
                    run: "u1",
                    command: "undo",
                    undo_of: Some("r1"),
                    ..KILLED
                },
                &[(6, Applied), (7, Unknown), (12, Applied)],
            )
            .with(
                Run {
                    run: "r2",
                    ..KILLED
                },
                &[(13, Applied), (14, Unknown)],
            );
        // Lots: another line of one in doubt, and of one that was applied.
        let ledger = ledger.but("INSERT INTO lots VALUES (1, 2, 20), (1, 0, 21), (3, 1, 22)");
        let run = ledger.run("r1");
        let undo = inverse(ledger.0, &run).unwrap();
        let expected = [
            (0, 3, 3, 30, "C3".to_owned(), by),
            (1, 2, 2, 20, "C2".to_owned(), by),
        ];
        assert_eq!(rows(&undo), expected, "{mode}");
        assert_eq!(undo.draft.len(), 2);
        assert_eq!(undo.left_out.unknown, [4, 20, 5]);
        assert_eq!(undo.left_out.perhaps, [7]);
        assert_eq!(
            undo.left_out.by.as_ref().map(|(run, _)| run.as_str()),
            Some("u1")
        );
        assert!(!undo.left_out.is_empty());
        assert_eq!(undo.before, 2);
    }
}

#[test]
fn nothing_is_left_out_where_nothing_is_in_doubt() {
    let ledger = Written::new().with(KILLED, &[(2, Is::Applied)]);
    let run = ledger.run("r1");
    let undo = inverse(ledger.0, &run).unwrap();
    assert!(undo.left_out.is_empty() && undo.left_out.by.is_none());
    assert_eq!((undo.draft.len(), undo.before), (1, 0));
    for (unknown, perhaps) in [(vec![2], vec![]), (vec![], vec![2])] {
        let by = None;
        assert!(
            !LeftOut {
                of: "r1".to_owned(),
                unknown,
                perhaps,
                by
            }
            .is_empty()
        );
    }
}

#[test]
fn a_set_that_left_the_stock_as_it_was_has_nothing_to_take_back() {
    let set = Run {
        mode: "set",
        ..KILLED
    };
    let ledger = Written::new()
        .with(set, &[(2, Is::Applied), (3, Is::Applied)])
        .but("UPDATE rows SET quantity = previous WHERE line = 3");
    let run = ledger.run("r1");
    let undo = inverse(ledger.0, &run).unwrap();
    assert_eq!(rows(&undo).len(), 1);
}

#[test]
fn numbers_without_an_inverse_are_an_error_and_not_left_out() {
    let set = Run {
        mode: "set",
        ..KILLED
    };
    for broken in [
        "sku_id = NULL",
        "product_id = NULL",
        "previous = NULL",
        "quantity = -9223372036854775808",
    ] {
        let ledger = |is| {
            Written::new()
                .with(set, &[(2, Is::Applied), (3, is)])
                .with(Run { run: "r2", ..set }, &[(4, Is::Applied)])
                .but(&format!("UPDATE rows SET {broken} WHERE line >= 3"))
        };
        let broken_one = ledger(Is::Applied);
        let run = broken_one.run("r1");
        let error = inverse(broken_one.0, &run).err().unwrap();
        assert_eq!(
            error.message(),
            "line 3 of run r1 can't be taken back: its numbers have no inverse",
            "{broken}"
        );
        // What was not applied has nothing to be taken back.
        let failed = ledger(Is::Failed);
        let run = failed.run("r1");
        assert!(inverse(failed.0, &run).is_ok(), "{broken}");
    }
}
