//! The pure parts of a change: plans, the guard, what reading back proves, inverses.

use proptest::prelude::*;

use super::guard::{self, Effect};
use super::outcome::{Outcome, Totals};
use super::plan::{OnConflict, Plan, Step};
use super::post::{self, Known};
use super::put::{self, Change, ReadBack};
use super::repeat;
use super::shelf::Shelf;
use crate::error::{Error, Kind};
use crate::model::{Flag, Product, ProductId, SkuId, Variant};
use crate::wanted::{Batch, Mode, Quantity, SkuRef, Wanted};

fn sku(n: i64) -> SkuId {
    SkuId::new(n).unwrap()
}

/// A product of its own for each three variants; the code of a variant is its id behind a letter.
fn product(n: i64, stock: &[(i64, i64)]) -> Product {
    Product {
        product_id: ProductId::new(n).unwrap(),
        name: format!("Product {n}"),
        is_active: None,
        updated_at: None,
        variants: stock
            .iter()
            .map(|(id, quantity)| Variant {
                sku_id: sku(*id),
                sku_code: format!("C{id}"),
                variant_name: String::new(),
                price: None,
                quantity: *quantity,
                available: Flag(*quantity > 0),
                is_default: Flag(false),
            })
            .collect(),
    }
}

fn shelf(stock: &[i64]) -> Shelf {
    let mut shelf = Shelf::default();
    let numbered: Vec<(i64, i64)> = (1..).zip(stock.iter().copied()).collect();
    for (n, variants) in (1..).zip(numbered.chunks(3)) {
        shelf.add(&product(n, variants));
    }
    shelf
}

fn plan(mode: Mode, wanted: Batch, stock: &[i64], on_conflict: OnConflict) -> Plan {
    let none = |_: &str| Vec::new();
    Plan::new(mode, wanted, None, on_conflict, shelf(stock), &none).unwrap()
}

proptest! {
    #[test]
    fn every_row_of_a_set_has_the_one_step_that_its_numbers_call_for(
        stock in prop::collection::vec(0i64..20, 1..30),
        wanted in prop::collection::vec((0i64..20, prop::option::of(0i64..20), any::<bool>()), 1..30),
        overwrite: bool,
    ) {
        let on_conflict = if overwrite { OnConflict::Overwrite } else { OnConflict::Report };
        let codes: Vec<String> = (1..=wanted.len()).map(|n| format!("C{n}")).collect();
        let rows = wanted.iter().zip(&codes).zip(1i64..).map(|(((quantity, expected, by_code), code), n)| {
            let quantity = Quantity::new(*quantity).unwrap();
            let named = if *by_code { SkuRef::Code(code) } else { SkuRef::Id(sku(n)) };
            Wanted::set(n as u32 + 1, named, quantity).expecting(*expected)
        }).collect();
        let plan = plan(Mode::Set, rows, &stock, on_conflict);
        let mut before = 0i128;
        let mut after = 0i128;
        for (row, (quantity, expected, _)) in plan.rows().zip(&wanted) {
            let there = stock.get(row.index).copied();
            let step = match (there, row.step) {
                (None, Step::Done(settled)) => { prop_assert_eq!(settled.outcome, Outcome::Failed); continue }
                (None, other) => panic!("{other:?}"),
                (Some(_), step) => step,
            };
            let there = there.unwrap();
            let conflicts = expected.is_some_and(|e| e != there) && !overwrite && *quantity != there;
            match step {
                Step::Unchanged => prop_assert_eq!(*quantity, there),
                Step::Done(settled) => {
                    prop_assert_eq!(settled.outcome, Outcome::Conflict);
                    prop_assert!(conflicts);
                    continue;
                }
                Step::Set(target) => {
                    prop_assert_eq!(target.get(), *quantity);
                    prop_assert!(!conflicts && *quantity != there);
                }
                Step::Adjust(_) => panic!("an adjustment in a set"),
            }
            before += i128::from(there);
            after += i128::from(*quantity);
        }
        let effect = Effect::of(&plan);
        prop_assert_eq!((effect.before, effect.after), (before, after));
        prop_assert_eq!(effect.changing, plan.to_send().count());
        let totals: Totals = plan.rows().map(|row| row.foreseen().outcome).collect();
        prop_assert_eq!(totals.rows(), wanted.len() as u64);
    }

    #[test]
    fn a_stocktake_moves_by_what_was_counted_less_what_was_expected(
        rows in prop::collection::vec((0i64..1000, 0i64..1000, 0i64..1000), 1..20),
    ) {
        let stock: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let wanted = rows.iter().zip(1i64..).map(|((counted, expected, _), n)| {
            Wanted::set(n as u32, SkuRef::Id(sku(n)), Quantity::new(*counted).unwrap())
                .expecting(Some(*expected))
        }).collect();
        let plan = plan(Mode::Stocktake, wanted, &stock, OnConflict::Report);
        for (row, (counted, expected, _)) in plan.rows().zip(&rows) {
            match row.step {
                Step::Unchanged => prop_assert_eq!(counted, expected),
                Step::Adjust(by) => prop_assert_eq!(by, counted - expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_fingerprint_does_not_depend_on_the_order_and_tells_contents_apart(
        mut rows in prop::collection::vec((1i64..9, -9i64..9, prop::option::of("[ab]")), 1..20),
        seed: u64,
    ) {
        let of = |rows: &[(i64, i64, Option<String>)]| {
            let wanted = rows.iter().zip(1u32..).map(|((id, by, reason), line)| {
                Wanted::adjust(line, SkuRef::Id(sku(*id)), *by).because(reason.as_deref())
            }).collect();
            repeat::fingerprint(&plan(Mode::Adjust, wanted, &[5; 9], OnConflict::Report))
        };
        let first = of(&rows);
        fastrand::Rng::with_seed(seed).shuffle(&mut rows);
        prop_assert_eq!(&of(&rows), &first);
        rows[0].1 += 100;
        prop_assert_ne!(&of(&rows), &first);
    }

    #[test]
    fn an_adjustment_is_applied_only_where_the_stock_moved_by_exactly_as_much(
        before in any::<i64>(), by in any::<i64>(), now in any::<i64>(), exact: bool, doubtful: bool,
    ) {
        let now = if exact { before.wrapping_add(by) } else { now };
        let known = if doubtful { Known::Doubtful(before) } else { Known::Stock(before) };
        let doubt = Error::new(Kind::Unavailable, "lost");
        let settled = post::judge(Some(now), by, known, &doubt);
        let proven = !doubtful && before.checked_add(by) == Some(now);
        prop_assert_eq!(settled.outcome == Outcome::Applied, proven);
        prop_assert_eq!(settled.outcome == Outcome::Unknown, !proven);
        prop_assert_eq!(settled.read_back, proven);
    }

    #[test]
    fn a_put_is_judged_as_a_whole(
        changes in prop::collection::vec((0i64..5, 0i64..5, 0i64..5), 1..4),
    ) {
        let wanted: Vec<Change> = changes.iter().enumerate().map(|(index, (previous, target, _))| Change {
            index,
            sku: sku(index as i64 + 1),
            previous: *previous,
            target: Quantity::new(*target).unwrap(),
        }).collect();
        let stock: Vec<(i64, i64)> = (1..).zip(changes.iter().map(|c| c.2)).collect();
        let all = |f: fn(&(i64, i64, i64)) -> bool| changes.iter().all(f);
        let now = product(1, &stock);
        match put::judge(|sku| now.variant(sku).map(|v| v.quantity), &wanted) {
            ReadBack::Applied => prop_assert!(all(|c| c.2 == c.1)),
            ReadBack::AsBefore => prop_assert!(all(|c| c.2 == c.0) && !all(|c| c.2 == c.1)),
            ReadBack::Unclear(seen) => {
                prop_assert!(!all(|c| c.2 == c.1) && !all(|c| c.2 == c.0));
                prop_assert_eq!(seen.len(), changes.len());
            }
        }
    }
}

#[test]
fn the_guard_looks_at_the_total_and_at_ten_or_more() {
    let drop = |count: i64, to: i64| {
        let wanted = (1..=count)
            .map(|n| Wanted::set(n as u32, SkuRef::Id(sku(n)), Quantity::new(to).unwrap()))
            .collect();
        let stock = vec![10; count as usize];
        guard::judge(&plan(Mode::Set, wanted, &stock, OnConflict::Report), 50.0)
    };
    assert!(drop(9, 0).is_ok());
    assert_eq!(drop(10, 4).unwrap_err().kind(), Kind::Refused);
    assert!(drop(10, 5).is_ok(), "half is not more than half");
    assert!(drop(10, 11).is_ok());
}

#[test]
fn a_variant_named_by_id_and_by_code_is_named_twice() {
    let five = Quantity::new(5).unwrap();
    let rows = [
        Wanted::set(2, SkuRef::Id(sku(1)), five),
        Wanted::set(3, SkuRef::Code("C1"), five),
    ]
    .into_iter()
    .collect();
    let none = |_: &str| Vec::new();
    let twice = Plan::new(
        Mode::Set,
        rows,
        None,
        OnConflict::Report,
        shelf(&[1]),
        &none,
    );
    let error = twice.err().unwrap();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(
        error.faults()[0]
            .to_string()
            .starts_with("line 3: the same variant (sku 1) as in line 2")
    );
}
