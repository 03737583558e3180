//! Which variant a row means.

use super::*;
use crate::model::{Product, ProductId};
use crate::state::State;
use crate::wanted::{Mode, Wanted};

/// Products 1 and 2 with two variants each, which share the code `M`.
fn draft(rows: &[Wanted<'_>]) -> Draft {
    let mut draft = Draft::new(State::in_memory().unwrap(), Mode::Adjust).unwrap();
    for (product, variants) in [
        (1, [(11, "M"), (12, "ROSE-RED")]),
        (2, [(21, "M"), (22, "L")]),
    ] {
        let variants = variants.map(|(sku, code)| {
            serde_json::json!({"sku_id": sku, "sku_code": code, "variant_name": "", "price": 1, "quantity": 5, "is_default": 0})
        });
        let product: Product = serde_json::from_value(serde_json::json!({
            "product_id": product, "name": "", "is_active": 1, "variants": variants
        }))
        .unwrap();
        draft.see(&product).unwrap();
    }
    draft.index_seen().unwrap();
    draft
        .fill(|to| rows.iter().try_for_each(|row| to.take(row)))
        .unwrap();
    draft
}

fn named(product: Option<i64>, sku: Option<i64>, code: Option<&str>) -> Wanted<'_> {
    Wanted {
        line: 2,
        product: product.and_then(ProductId::new),
        sku: sku.and_then(crate::model::SkuId::new),
        code,
        ..Wanted::default()
    }
}

/// The variant that a row means, or why there is none, with what is meant perhaps.
fn meant(row: Wanted<'_>) -> Result<i64, (Kind, String)> {
    let draft = draft(&[row]);
    let unreadable = Unreadable::default();
    let finder = Finder::new(&draft, None, &unreadable);
    let (row, either) = Pass::over(draft.state.look()).unwrap().whole(0).unwrap();
    let seen = finder.the_only(&row, either);
    seen.map(|seen| seen.sku.get()).map_err(|e| {
        let hint = e.hint().map_or(String::new(), |hint| format!("; {hint}"));
        (e.kind(), format!("{}{hint}", e.message()))
    })
}

#[test]
fn a_row_means_one_variant_or_says_why_it_means_none() {
    assert_eq!(meant(named(None, Some(12), None)), Ok(12));
    assert_eq!(meant(named(Some(2), None, Some("M"))), Ok(21));
    assert_eq!(meant(named(None, None, Some("ROSE-RED"))), Ok(12));
    for (row, kind, why) in [
        (
            named(Some(3), Some(11), None),
            Kind::NotFound,
            "no product 3 in the store",
        ),
        (
            named(Some(2), Some(11), None),
            Kind::Refused,
            "sku 11 belongs to product 1 and not 2",
        ),
        (
            named(None, Some(11), Some("L")),
            Kind::Refused,
            "sku 11 has the code M and not L",
        ),
        (named(None, None, None), Kind::Usage, "no variant is named"),
    ] {
        assert_eq!(meant(row), Err((kind, why.to_owned())));
    }
    let (kind, said) = meant(named(Some(1), None, Some("ROSE-RAD"))).unwrap_err();
    assert_eq!(kind, Kind::NotFound);
    assert!(
        said.contains("product 1") && said.contains("ROSE-RED"),
        "{said}"
    );
    let (_, said) = meant(named(None, None, Some("M"))).unwrap_err();
    assert!(said.contains("several") || said.contains('2'), "{said}");
}

#[test]
fn a_row_without_a_variant_fails_and_a_database_that_fails_is_no_fault_of_a_row() {
    let unknown = [
        named(None, None, Some("NONE")),
        named(None, None, Some("ROSE-RED")),
    ];
    let draft = draft(&unknown);
    let unreadable = Unreadable::default();
    let mut finder = Finder::new(&draft, None, &unreadable);
    let mut pass = Pass::over(draft.state.look()).unwrap();
    let (mut portion, next) = pass.portion(0).unwrap();
    assert!(next > 1);
    assert!(
        finder
            .variant(&mut portion[0], &mut pass)
            .unwrap()
            .is_none()
    );
    let (row, _) = pass.whole(0).unwrap();
    assert_eq!(row.outcome(), Outcome::Failed);
    let seen = finder.variant(&mut portion[1], &mut pass).unwrap().unwrap();
    assert_eq!(seen.sku.get(), 12);
    draft
        .ask(|c| c.execute_batch("DROP TABLE temp.seen_products"))
        .unwrap();
    let error = finder.variant(&mut portion[0], &mut pass).unwrap_err();
    assert_eq!(error.kind(), Kind::Internal);
}

#[test]
fn near_misses_are_looked_for_twenty_times_and_then_no_more() {
    let rows = [named(Some(1), None, Some("ROSE-RAD")); 21];
    let draft = draft(&rows);
    let unreadable = Unreadable::default();
    let mut finder = Finder::new(&draft, None, &unreadable);
    let mut pass = Pass::over(draft.state.look()).unwrap();
    let (portion, _) = pass.portion(0).unwrap();
    for mut row in portion {
        assert!(finder.variant(&mut row, &mut pass).unwrap().is_none());
    }
    let proposed: Vec<bool> = draft
        .ask(|c| {
            c.prepare(
                "SELECT instr(concat(error, hint), 'ROSE-RED') > 0 FROM temp.draft ORDER BY row",
            )?
            .query_map([], |found| found.get(0))?
            .collect()
        })
        .unwrap();
    assert_eq!(proposed, [[true; 20].as_slice(), &[false]].concat());
}
