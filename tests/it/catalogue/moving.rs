//! Codes that are renamed, moved, doubled, deleted and made anew before and during a command.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::edits::Edits;
use super::shop::{Pass, Shop, kind, stderr};

/// An edit by numbers that are taken modulo what there is.
#[derive(Clone, Debug)]
enum Edit {
    Rename { variant: usize, code: usize },
    Swap { one: usize, other: usize },
    DeleteVariant { variant: usize },
    Duplicate { product: usize, code: usize },
    DeleteProduct { product: usize },
    Recreate { product: usize },
}

impl Edit {
    fn make(&self, edits: &Edits) {
        let variants = edits.variants();
        let products = edits.products();
        let variant = |n: usize| variants[n % variants.len()].clone();
        let product = |n: usize| products[n % products.len()];
        match *self {
            Edit::Rename { variant: n, code } => edits.rename(variant(n).0, &hot(code)),
            Edit::Swap { one, other } => {
                let (one, other) = (variant(one), variant(other));
                edits.rename(one.0, &other.2);
                edits.rename(other.0, &one.2);
            }
            Edit::DeleteVariant { variant: n } if variants.len() > 3 => {
                edits.delete_variant(variant(n).0);
            }
            Edit::Duplicate { product: n, code } => edits.add_variant(product(n), &hot(code)),
            Edit::DeleteProduct { product: n } if products.len() > 3 => {
                let gone = product(n);
                if variants.iter().any(|v| v.1 != gone) {
                    edits.delete_product(gone);
                }
            }
            Edit::Recreate { product: n } => {
                let id = product(n);
                let codes: Vec<String> = variants
                    .into_iter()
                    .filter(|v| v.1 == id)
                    .map(|v| v.2)
                    .collect();
                // The next sku id must not be one that just went away.
                edits.add_variant(products[0], "KEEPS-THE-NUMBERS");
                edits.delete_product(id);
                if !edits.products().is_empty() && !edits.variants().is_empty() {
                    edits.add_product(id, &codes);
                }
            }
            _ => {}
        }
    }
}

/// One of the few codes that all edits are about.
fn hot(n: usize) -> String {
    format!("HOT-{}", n % 6)
}

fn an_edit() -> impl Strategy<Value = Edit> {
    let n = || 0..64usize;
    prop_oneof![
        4 => (n(), n()).prop_map(|(variant, code)| Edit::Rename { variant, code }),
        4 => (n(), n()).prop_map(|(one, other)| Edit::Swap { one, other }),
        1 => n().prop_map(|variant| Edit::DeleteVariant { variant }),
        1 => (n(), n()).prop_map(|(product, code)| Edit::Duplicate { product, code }),
        1 => n().prop_map(|product| Edit::DeleteProduct { product }),
        1 => n().prop_map(|product| Edit::Recreate { product }),
    ]
}

/// Edits, then a command by code during which one more edit may be made right before its nth read.
#[derive(Clone, Debug)]
struct Step {
    before: Vec<Edit>,
    during: Option<(usize, Edit)>,
    code: usize,
    set: bool,
}

fn a_step() -> impl Strategy<Value = Step> {
    let before = prop::collection::vec(an_edit(), 0..4);
    let during = prop::option::of((0..4usize, an_edit()));
    (before, during, 0..6usize, any::<bool>()).prop_map(|(before, during, code, set)| Step {
        before,
        during,
        code,
        set,
    })
}

#[test]
fn a_write_lands_on_the_variant_that_bears_the_code_or_is_refused() {
    try_shops(4);
}

#[test]
#[ignore = "long: as many shops as other properties are tried on"]
fn a_write_lands_on_the_variant_that_bears_the_code_in_a_hundred_shops() {
    try_shops(100);
}

/// Tries so many shops, whatever `PROPTEST_CASES` says: each takes a second.
fn try_shops(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    });
    let steps = prop::collection::vec(a_step(), 4..8);
    let tried = runner.run(&steps, |steps| lands_or_is_refused(&steps));
    tried.unwrap_or_else(|failed| panic!("{failed}"));
}

fn lands_or_is_refused(steps: &[Step]) -> Result<(), TestCaseError> {
    let shop = Shop::of(8);
    let edits = shop.edits();
    for (n, variant) in edits.variants().iter().enumerate() {
        let code = if n < 6 { hot(n) } else { format!("COLD-{n}") };
        edits.rename(variant.0, &code);
    }
    for (n, step) in steps.iter().enumerate() {
        step.before.iter().for_each(|edit| edit.make(&edits));
        let code = hot(step.code);
        let settled = edits.bearers(&code);
        // What the code meant at the moment of the write.
        let meant: Arc<Mutex<Option<BTreeSet<i64>>>> = Arc::default();
        let (witness, about, file) = (Arc::clone(&meant), code.clone(), edits.clone());
        let (mut during, mut reads) = (step.during.clone(), 0);
        shop.hook(move |request| {
            if kind(request) == "write" {
                *witness.lock().unwrap() = Some(file.bearers(&about));
                return Pass::On;
            }
            if during.as_ref().is_some_and(|(nth, _)| *nth == reads) {
                during.take().unwrap().1.make(&file);
            }
            reads += 1;
            Pass::On
        });
        let moved = shop.store.movements().unwrap().len();
        let output = if step.set {
            shop.run(&["set", &format!("{code}={}", 1000 * (n + 1))])
        } else {
            shop.run(&["adjust", &code, "+3"])
        };
        let movements = shop.store.movements().unwrap().split_off(moved);
        let exit = output.status.code().unwrap();
        match exit {
            0 => {
                let meant = meant.lock().unwrap().take();
                let landed: BTreeSet<i64> = movements.iter().map(|m| m.sku_id).collect();
                prop_assert_eq!(movements.len(), 1);
                prop_assert_eq!(meant, Some(landed), "{} {:?}", code, stderr(&output));
            }
            // Ambiguous, nowhere, or deleted under the write's hands.
            2 | 4 | 5 => prop_assert!(movements.is_empty()),
            _ => prop_assert!(false, "exit {}: {}", exit, stderr(&output)),
        }
        if step.during.is_none() {
            let expected = match settled.len() {
                0 => 4,
                1 => 0,
                _ => 2,
            };
            prop_assert_eq!(exit, expected, "{} {:?}", code, stderr(&output));
        }
    }
    Ok(())
}
