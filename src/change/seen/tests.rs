//! What was read of the store, and which of it a name means.

use super::*;
use crate::state::State;
use crate::wanted::{Mode, Wanted};

/// A product with variants: id, code and name.
fn product(id: i64, name: &str, variants: &[(i64, &str, &str)]) -> Product {
    let variants: Vec<_> = variants
        .iter()
        .map(|(sku, code, name)| {
            serde_json::json!({"sku_id": sku, "sku_code": code, "variant_name": name, "price": 1, "quantity": 5,
                "is_default": 0})
        })
        .collect();
    let product =
        serde_json::json!({"product_id": id, "name": name, "is_active": 1, "variants": variants});
    serde_json::from_value(product).unwrap()
}

fn draft(products: &[Product]) -> Draft {
    let draft = Draft::new(State::in_memory().unwrap(), Mode::Adjust).unwrap();
    for product in products {
        draft.see(product).unwrap();
    }
    draft
}

/// The variants that a name means, each with its name in words.
fn meant(draft: &Draft, name: &str, of: Option<i64>) -> Vec<(i64, String)> {
    let found = draft.candidates(&name.parse().unwrap(), of.and_then(ProductId::new));
    let found = found.unwrap().into_iter();
    found.map(|seen| (seen.sku.get(), seen.name)).collect()
}

fn skus(draft: &Draft, name: &str, of: Option<i64>) -> Vec<i64> {
    meant(draft, name, of)
        .into_iter()
        .map(|(sku, _)| sku)
        .collect()
}

#[test]
fn a_name_means_the_variants_that_bear_it_as_it_stands_before_those_that_are_close() {
    let draft = draft(&[
        product(
            2,
            "Two",
            &[
                (21, "M", ""),
                (22, "12", ""),
                (23, "caf\u{e9}", ""),
                (24, "24", ""),
            ],
        ),
        product(1, "One", &[(12, "M", ""), (11, "L ", ""), (13, " L", "")]),
    ]);
    // In the order of products and variants, however they were read.
    assert_eq!(skus(&draft, "code:M", None), [12, 21]);
    assert_eq!(skus(&draft, "code:M", Some(2)), [21]);
    assert_eq!(skus(&draft, "id:12", None), [12]);
    assert_eq!(skus(&draft, "id:12", Some(2)), [0; 0]);
    // A number is an id or a code.
    assert_eq!(skus(&draft, "12", None), [12, 22]);
    assert_eq!(skus(&draft, "22", None), [22]);
    assert_eq!(skus(&draft, "code:22", None), [0; 0]);
    assert_eq!(skus(&draft, "24", None), [24]);
    assert_eq!(skus(&draft, "code:L ", None), [11]);
    assert_eq!(skus(&draft, "code:L", None), [11, 13]);
    assert_eq!(skus(&draft, "code:cafe\u{301}", None), [23]);
    assert_eq!(skus(&draft, "code:N", None), [0; 0]);
}

#[test]
fn a_code_without_its_blanks_is_closer_than_one_in_other_letters() {
    let draft = draft(&[product(
        1,
        "One",
        &[(11, "caf\u{e9}", ""), (12, "cafe\u{301} ", "")],
    )]);
    assert_eq!(skus(&draft, "code:cafe\u{301}", None), [12]);
    assert_eq!(skus(&draft, "code:caf\u{e9} ", None), [11]);
}

#[test]
fn a_variant_is_called_by_what_there_is_of_its_names() {
    for (product_name, name, called) in [
        ("Ring", "Small", "Ring, Small"),
        ("Ring", "", "Ring"),
        ("", "Small", "Small"),
        ("", "", ""),
    ] {
        let draft = draft(&[product(1, product_name, &[(11, "A", name)])]);
        assert_eq!(meant(&draft, "code:A", None), [(11, called.to_owned())]);
    }
}

#[test]
fn a_later_reading_takes_the_place_of_the_earlier_one_and_what_is_gone_is_forgotten() {
    let draft = draft(&[
        product(1, "Old", &[(11, "A", ""), (12, "B", "")]),
        product(2, "Two", &[(21, "B", "")]),
    ]);
    draft.see(&product(1, "New", &[(11, "C", "")])).unwrap();
    assert_eq!(meant(&draft, "code:C", None), [(11, "New".to_owned())]);
    assert_eq!(skus(&draft, "code:A", None), [0; 0]);
    assert_eq!(skus(&draft, "code:B", None), [21]);
    assert_eq!(draft.codes_of(ProductId::new(1).unwrap()).unwrap(), ["C"]);
    draft.unsee(ProductId::new(1).unwrap()).unwrap();
    assert_eq!(skus(&draft, "code:C", None), [0; 0]);
    let seen = |id| draft.has_seen(ProductId::new(id).unwrap()).unwrap();
    assert_eq!((seen(1), seen(2)), (false, true));
    assert_eq!(skus(&draft, "code:B", None), [21]);
}

#[test]
fn the_rows_variants_are_called_in_the_order_of_the_rows() {
    let mut draft = draft(&[
        product(1, "One", &[(11, "A", "Small")]),
        product(2, "Two", &[(21, "B", "Large")]),
    ]);
    let filled = draft.fill(|to| {
        [(2, 21), (1, 11), (2, 99)]
            .iter()
            .try_for_each(|(product, sku)| {
                to.take(&Wanted {
                    line: 2,
                    product: ProductId::new(*product),
                    sku: SkuId::new(*sku),
                    ..Wanted::default()
                })
            })
    });
    filled.unwrap();
    let called = |product: &str, variant: &str| (product.to_owned(), variant.to_owned());
    assert_eq!(
        draft.names().unwrap(),
        [called("Two", "Large"), called("One", "Small")]
    );
}
