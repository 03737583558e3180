//! A webhook event as it is kept: what was delivered, and the movements of stock that it tells of.

use serde_json::Value;

use super::tag;
use crate::model::{ProductId, SkuId};
use crate::webhook::Envelope;

/// A profile and its store.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The profile's name.
    pub profile: String,
    /// The key of its store.
    pub store: String,
    /// The store's own number, where the profile's credentials name it.
    pub store_id: Option<i64>,
}

/// A verified event and where it belongs.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Whose it is.
    pub whose: Whose,
    /// The others whose secret verifies it too: an app's secret is that of every store which installed it.
    pub others: Vec<Whose>,
    /// The envelope.
    pub event: Envelope,
    /// The very text that was delivered.
    pub body: String,
    /// When it was signed, in Unix seconds.
    pub signed_at: i64,
}

/// One change of a variant's stock that an event tells of. What the event does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The product.
    pub product: Option<ProductId>,
    /// The variant.
    pub sku: Option<SkuId>,
    /// Its code.
    pub sku_code: Option<String>,
    /// Units before.
    pub previous: Option<i64>,
    /// Units after.
    pub quantity: Option<i64>,
    /// The adjustment, in units.
    pub adjustment: Option<i64>,
    /// The reason, without our own tag.
    pub reason: Option<String>,
    /// The tag of one of our own adjustments.
    pub tag: Option<String>,
}

/// The movements that the data of an event tells of (docs/api.md: Webhook `inventory.updated`): one for an adjustment,
/// one per variant for an update.
pub fn told(event: &Envelope) -> Vec<Told> {
    let Ok(Value::Object(data)) = serde_json::from_str(event.data.get()) else {
        return Vec::new();
    };
    let product = first(&data, &["product_id"]).and_then(Value::as_i64);
    let product = product.and_then(ProductId::new);
    match first(&data, &["variants", "updated", "skus"]).and_then(Value::as_array) {
        Some(variants) => variants
            .iter()
            .filter_map(|variant| one(product, variant.as_object()?))
            .collect(),
        None => one(product, &data).into_iter().collect(),
    }
}

type Object = serde_json::Map<String, Value>;

fn first<'a>(of: &'a Object, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| of.get(*name))
}

fn one(product: Option<ProductId>, of: &Object) -> Option<Told> {
    let number = |names: &[&str]| first(of, names).and_then(Value::as_i64);
    let text = |names: &[&str]| first(of, names).and_then(Value::as_str);
    let reason = text(&["reason"]).map(tag::split);
    let told = Told {
        product: number(&["product_id"]).and_then(ProductId::new).or(product),
        sku: number(&["sku_id", "sku"]).and_then(SkuId::new),
        sku_code: text(&["sku_code", "sku"]).map(str::to_owned),
        previous: number(&["previous_quantity"]),
        quantity: number(&["quantity", "new_quantity"]),
        adjustment: number(&["adjustment"]),
        reason: reason
            .map(|(reason, _)| reason.to_owned())
            .filter(|reason| !reason.is_empty()),
        tag: reason.and_then(|(_, tag)| tag).map(str::to_owned),
    };
    (told.sku.is_some() || told.sku_code.is_some()).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &str) -> Vec<Told> {
        let data = serde_json::value::RawValue::from_string(data.to_owned()).unwrap();
        told(&Envelope::inventory_updated(22, data))
    }

    #[test]
    fn both_kinds_of_events_tell_their_movements() {
        let adjusted = of(
            r#"{"product_id":150,"sku_id":452,"previous_quantity":10,"quantity":9,"adjustment":-1,"reason":"Damaged sx:r-1/0"}"#,
        );
        assert_eq!(
            adjusted,
            [Told {
                product: ProductId::new(150),
                sku: SkuId::new(452),
                sku_code: None,
                previous: Some(10),
                quantity: Some(9),
                adjustment: Some(-1),
                reason: Some("Damaged".to_owned()),
                tag: Some("sx:r-1/0".to_owned()),
            }]
        );
        let set = of(
            r#"{"product_id":150,"variants":[{"sku_id":451,"sku_code":"A","quantity":20},{"sku_id":452,"quantity":1}]}"#,
        );
        let seen: Vec<_> = set
            .iter()
            .map(|told| (told.sku.unwrap().get(), told.quantity))
            .collect();
        assert_eq!(seen, [(451, Some(20)), (452, Some(1))]);
        assert!(set.iter().all(|told| told.product == ProductId::new(150)));
    }

    #[test]
    fn what_is_no_movement_tells_none() {
        for data in [
            "null",
            "[]",
            "{}",
            r#"{"product_id":1}"#,
            r#"{"variants":[1,{}]}"#,
            "\"x\"",
        ] {
            assert_eq!(of(data), [], "{data}");
        }
    }
}
