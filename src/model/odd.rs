//! A value that is not what the API documents, told by product, variant and field.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// What is odd, in two halves: whoever knows more of where it stands says that instead of the first.
pub struct Odd {
    /// "product 150, sku 451", as far as that can be told.
    pub whose: String,
    /// ": quantity is null, not a whole number", or " has no quantity".
    pub what: String,
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.whose, self.what)
    }
}

/// What is odd about this value, which can't be read as a `T`.
pub fn what<T: DeserializeOwned>(whole: &Value) -> Odd {
    let error = match serde_path_to_error::deserialize::<_, T>(whole) {
        Err(error) => error,
        // Only in the text does a field stand twice.
        Ok(_) => {
            let mut place = Place::default();
            place.pass(whole);
            return place.say("a field of it stands there twice", None);
        }
    };
    let mut place = Place::default();
    place.pass(whole);
    let mut at = Some(whole);
    for segment in error.path() {
        at = match segment {
            Segment::Seq { index } => at.and_then(|value| value.get(index)),
            Segment::Map { key } => {
                place.field = Some(key.clone());
                at.and_then(|value| value.get(key))
            }
            _ => None,
        };
        if let Some(value) = at {
            place.pass(value);
        }
    }
    place.say(&error.inner().to_string(), at)
}

/// Where in what the API sent something stands.
#[derive(Default)]
struct Place {
    product: Option<i64>,
    sku: Option<i64>,
    field: Option<String>,
}

impl Place {
    /// Takes note of what this object is about. Its own fields are yet to come.
    fn pass(&mut self, value: &Value) {
        let id = |name: &str| value.get(name).and_then(Value::as_i64);
        if let Some(product) = id("product_id") {
            self.product = Some(product);
        }
        if let Some(sku) = id("sku_id") {
            self.sku = Some(sku);
        }
    }

    fn say(self, error: &str, at: Option<&Value>) -> Odd {
        let mut whose = match self.product {
            Some(product) => format!("product {product}"),
            None => "a product".to_owned(),
        };
        if let Some(sku) = self.sku {
            whose += &format!(", sku {sku}");
        }
        let what = what_of(self.field, error, at);
        Odd { whose, what }
    }
}

/// What is wrong with the value of this field.
fn what_of(field: Option<String>, error: &str, at: Option<&Value>) -> String {
    if let Some(missing) = error.strip_prefix("missing field `") {
        return format!(" has no {}", missing.trim_end_matches('`'));
    }
    if at.is_none() && field.is_none() {
        return format!(": {error}");
    }
    let field = field.unwrap_or_else(|| "it".to_owned());
    let value = at.map_or_else(String::new, |value| short(&value.to_string()));
    let expected = match error.rsplit_once("expected ") {
        Some((_, "i64" | "u64")) => "a whole number",
        Some((_, "a string")) => "text",
        Some((_, structure)) if structure.starts_with("struct ") => "an object with fields",
        Some((_, expected)) => expected,
        None => return format!(": {field} is {value}: {error}"),
    };
    format!(": {field} is {value}, not {expected}")
}

fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Adjusted, Product, ProductSummary, Raw};

    fn product(text: &str) -> String {
        let error = serde_json::from_str::<Raw<Product>>(text).unwrap_err();
        let error = error.to_string();
        error.split(" at line").next().unwrap().to_owned()
    }

    #[test]
    fn an_odd_value_is_told_by_product_and_field() {
        let variants = |variant: &str| {
            product(&format!(
                r#"{{"product_id":150,"name":"R","variants":[{{"sku_id":450,"quantity":1}},{variant}]}}"#
            ))
        };
        for (variant, said) in [
            (
                r#"{"sku_id":451,"quantity":null}"#,
                "product 150, sku 451: quantity is null, not a whole number",
            ),
            (
                r#"{"sku_id":451,"quantity":"25"}"#,
                r#"product 150, sku 451: quantity is "25", not a whole number"#,
            ),
            (
                r#"{"sku_id":451,"quantity":2.5}"#,
                "product 150, sku 451: quantity is 2.5, not a whole number",
            ),
            (r#"{"sku_id":451}"#, "product 150, sku 451 has no quantity"),
            (
                r#"{"sku_id":"x","quantity":1}"#,
                r#"product 150: sku_id is "x", not a whole number"#,
            ),
            (
                r#"{"sku_id":0,"quantity":1}"#,
                "product 150, sku 0: sku_id is 0: 0 is not an id",
            ),
            (
                r#"{"sku_id":451,"quantity":1,"sku_code":12}"#,
                "product 150, sku 451: sku_code is 12, not text",
            ),
            (
                r#"{"sku_id":451,"quantity":1,"available":"maybe"}"#,
                r#"product 150, sku 451: available is "maybe", not 0, 1, true or false"#,
            ),
        ] {
            assert_eq!(variants(variant), said);
        }
        assert_eq!(
            product(r#"{"product_id":150}"#),
            "product 150 has no variants"
        );
        let long = product(&format!(
            r#"{{"product_id":150,"variants":"{}"}}"#,
            "x".repeat(99)
        ));
        assert!(long.chars().count() < 100, "{long}");
        assert!(serde_json::from_str::<Raw<Adjusted>>("[]").is_err());
    }

    #[test]
    fn an_odd_summary_keeps_what_is_not_odd() {
        let text = r#"{"product_id":150,"name":7,"updated_at":"2025-06-12T14:30:00.000Z","total_quantity":null,"more":[1]}"#;
        let summary: Raw<ProductSummary> = serde_json::from_str(text).unwrap();
        assert_eq!(summary.raw.get(), text);
        let summary = summary.value;
        assert_eq!(summary.odd.unwrap(), "product 150: name is 7, not text");
        assert_eq!((summary.total_quantity, summary.name.as_str()), (None, ""));
        assert!(summary.updated_at.is_some());
        for hopeless in [
            r#"{"product_id":null,"total_quantity":1}"#,
            "{}",
            "null",
            "[1]",
        ] {
            assert!(serde_json::from_str::<Raw<ProductSummary>>(hopeless).is_err());
        }
    }

    #[test]
    fn null_stands_for_nothing_where_nothing_is_known_to_us() {
        let text = r#"{"product_id":1,"name":null,"is_active":null,"updated_at":null,"variants":[{"sku_id":1,"sku_code":null,"variant_name":null,"price":null,"quantity":1,"available":null,"is_default":null}]}"#;
        let product: Raw<Product> = serde_json::from_str(text).unwrap();
        let variant = &product.value.variants[0];
        assert!(variant.available.0 && !variant.is_default.0);
    }
}
