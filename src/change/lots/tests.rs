//! Which rows add up, and to what.

use super::*;
use crate::model::{Product, ProductId, SkuId};
use crate::state::State;
use crate::wanted::{Mode, Take, Wanted};

#[test]
fn rows_that_add_up_leave_no_gap_behind() {
    let mut draft = Draft::new(State::in_memory().unwrap(), Mode::Set).unwrap();
    let filled = draft.fill(|to: &mut dyn Take| {
        for (line, code) in (2..).zip(["A", "A", "B", "A", "C", "B"]) {
            to.take(&Wanted {
                line,
                code: Some(code),
                value: i64::from(line),
                ..Wanted::default()
            })?;
        }
        to.add_up(0)
    });
    assert!(filled.unwrap().is_empty());
    assert_eq!(draft.len(), 3);
    let mut seen = Vec::new();
    let each = draft.each(|row| {
        seen.push((row.row, row.line, row.wanted));
        Ok(())
    });
    each.unwrap();
    let (a, b, c) = (10, 11, 6);
    assert_eq!(
        seen,
        [
            (0, 2, a),
            (0, 3, a),
            (0, 5, a),
            (1, 4, b),
            (1, 7, b),
            (2, 6, c)
        ]
    );
}

/// Line by line: by which code, id and product a row names its variant, and what it says of it.
#[derive(Clone, Copy, Default)]
struct Lot {
    code: Option<&'static str>,
    sku: Option<i64>,
    product: Option<i64>,
    expected: Option<i64>,
    reason: Option<&'static str>,
    fault: Option<&'static str>,
}

/// Variant 11 with the code `A`, named so.
const CODE: Lot = Lot {
    code: Some("A"),
    sku: None,
    product: None,
    expected: None,
    reason: None,
    fault: None,
};

const ID: Lot = Lot {
    code: None,
    sku: Some(11),
    ..CODE
};

/// The rows of a file from line 2 on, each of as many units as its line, before those of one variant in other words add up.
fn by_words(mode: Mode, lots: &[Lot], buffer: i64) -> (Draft, Vec<Unequal>) {
    let mut draft = Draft::new(State::in_memory().unwrap(), mode).unwrap();
    let filled = draft.fill(|to: &mut dyn Take| {
        for (line, lot) in (2..).zip(lots) {
            to.take(&Wanted {
                line,
                code: lot.code,
                sku: lot.sku.and_then(SkuId::new),
                product: lot.product.and_then(ProductId::new),
                expected: lot.expected,
                reason: lot.reason,
                fault: lot.fault,
                value: i64::from(line),
                ..Wanted::default()
            })?;
        }
        to.add_up(buffer)
    });
    let unequal = filled.unwrap();
    for (product, variants) in [(1, [(11, "A"), (12, "B")]), (2, [(21, "C"), (22, "D")])] {
        let variants = variants.map(|(sku, code)| {
            serde_json::json!({"sku_id": sku, "sku_code": code, "variant_name": "", "price": 1, "quantity": 5,
                "is_default": 0})
        });
        let product = serde_json::json!({"product_id": product, "name": "", "is_active": 1, "variants": variants});
        let product: Product = serde_json::from_value(product).unwrap();
        draft.see(&product).unwrap();
    }
    draft.index_seen().unwrap();
    (draft, unequal)
}

fn added_up(mode: Mode, lots: &[Lot], buffer: i64) -> Draft {
    let (mut draft, unequal) = by_words(mode, lots, buffer);
    assert!(unequal.is_empty());
    draft.add_up_lots(None, &Unreadable::default()).unwrap();
    draft
}

/// Line, units and error of each row, and of the lines that went into it.
fn rows(draft: &Draft) -> Vec<(u32, i64, Option<String>)> {
    let mut rows = Vec::new();
    let each = draft.each(|row| {
        rows.push((row.line, row.wanted, row.error().map(str::to_owned)));
        Ok(())
    });
    each.unwrap();
    rows
}

#[test]
fn a_sum_has_what_any_of_its_lots_says() {
    let lots = [
        CODE,
        Lot {
            expected: Some(9),
            reason: Some("x"),
            ..ID
        },
        Lot {
            product: Some(1),
            expected: Some(9),
            reason: Some("w"),
            ..CODE
        },
    ];
    let said = |lots: &[Lot]| {
        let mut said = None;
        let draft = added_up(Mode::Stocktake, lots, 0);
        let each = draft.each(|row| {
            let product = row.product.map(ProductId::get);
            said = Some((row.wanted, row.expected, row.reason.clone(), product));
            Ok(())
        });
        each.unwrap();
        assert_eq!(draft.len(), 1);
        said.unwrap()
    };
    assert_eq!(said(&lots), (9, Some(9), Some("w".to_owned()), Some(1)));
    // The first line's own reason is the row's.
    let own = Lot {
        reason: Some("z"),
        ..CODE
    };
    let first = said(&[own, lots[1], lots[2]]);
    assert_eq!(first, (9, Some(9), Some("z".to_owned()), Some(1)));
}

#[test]
fn the_lines_of_a_row_go_where_it_goes() {
    // The two rows by code become one, and that goes into the row by id.
    let other = Lot {
        code: Some("C"),
        ..CODE
    };
    let draft = added_up(Mode::Set, &[ID, CODE, other, CODE, ID], 0);
    let rows: Vec<(u32, i64)> = rows(&draft).iter().map(|row| (row.0, row.1)).collect();
    let sum = 2 + 3 + 5 + 6;
    assert_eq!(rows, [(2, sum), (3, sum), (5, sum), (6, sum), (4, 4)]);
    // By words alone ids add up as codes do.
    assert_eq!(by_words(Mode::Set, &[ID, CODE, ID, CODE], 0).0.len(), 2);
    // What is kept back is kept back of the sum, and not below nothing.
    let units = |buffer| added_up(Mode::Set, &[ID, CODE], buffer);
    let units = |buffer| self::rows(&units(buffer))[0].1;
    assert_eq!((units(0), units(4), units(6)), (5, 1, 0));
}

#[test]
fn a_lot_with_a_fault_fails_the_others_and_is_named() {
    let bad = |lot| Lot {
        fault: Some("bad"),
        ..lot
    };
    let named = |line| Some(format!("line {line}, which it adds up with: bad"));
    let plain = Some("bad".to_owned());
    for (lots, expected) in [
        ([bad(CODE), ID, CODE], [plain.clone(), named(2), named(2)]),
        ([ID, bad(CODE), CODE], [named(3), plain.clone(), named(3)]),
        ([bad(ID), CODE, CODE], [plain.clone(), named(2), named(2)]),
        // It is said once which line it is, however often they add up.
        ([CODE, bad(CODE), ID], [named(3), plain.clone(), named(3)]),
        // The first one of several.
        (
            [bad(ID), bad(CODE), ID],
            [plain.clone(), plain.clone(), named(2)],
        ),
    ] {
        let draft = added_up(Mode::Set, &lots, 0);
        let mut found = rows(&draft);
        found.sort_unstable_by_key(|row| row.0);
        let errors: Vec<Option<String>> = found.into_iter().map(|row| row.2).collect();
        assert_eq!(errors, expected);
        let kinds = draft.ask(|c| {
            let kinds = "SELECT group_concat(DISTINCT ifnull(kind, '-')) FROM temp.draft";
            c.query_row(kinds, [], |found| found.get::<_, String>(0))
        });
        assert_eq!(kinds.unwrap(), "usage");
    }
}

#[test]
fn lots_that_expect_another_stock_than_the_first_are_told_in_their_order() {
    let expects = |code, expected| Lot {
        code: Some(code),
        expected,
        ..CODE
    };
    let lots = [
        expects("A", None),
        expects("A", Some(20)),
        expects("B", Some(5)),
        expects("B", Some(6)),
        expects("A", Some(21)),
        expects("A", Some(20)),
        expects("B", None),
    ];
    let (draft, unequal) = by_words(Mode::Stocktake, &lots, 0);
    let told: Vec<_> = unequal
        .iter()
        .map(|lot| (lot.line, lot.expected, lot.first, lot.first_expected))
        .collect();
    assert_eq!(told, [(5, 6, 4, 5), (6, 21, 3, 20)]);
    assert_eq!(draft.len(), 7, "nothing is done");
}
