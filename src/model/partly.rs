//! What can be read although something in it is odd: the rest of a list, the other variants of a product.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Product, ProductId, ProductSummary, Raw, field, odd};

/// What stands in a list.
pub enum Listed {
    /// A product that can be told from others.
    Product(Raw<ProductSummary>),
    /// One that can't: without it the list goes on.
    Nameless(Nameless),
}

/// What stands in a list and has no id that could be read.
#[derive(Clone)]
pub struct Nameless {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What is odd about it, as what follows whatever it is called.
    pub what: String,
    /// The very text, so that one met twice is told from two.
    pub text: Box<RawValue>,
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Listed, D::Error> {
        let text = Box::<RawValue>::deserialize(from)?;
        if let Ok(product) = serde_json::from_str(text.get()) {
            return Ok(Listed::Product(product));
        }
        let whole: Value = serde_json::from_str(text.get()).map_err(de::Error::custom)?;
        let name = whole.get("name").and_then(Value::as_str);
        Ok(Listed::Nameless(Nameless {
            name: name.filter(|name| !name.is_empty()).map(str::to_owned),
            what: odd::what::<ProductSummary>(&whole).what,
            text,
        }))
    }
}

/// A product with those of its variants that can be read. Nothing is written on its word: what is missing in it may be
/// the very variant that is meant.
pub struct Partly {
    /// The product.
    pub product: Raw<Product>,
    /// What is odd about it and its other variants, in words, each with the product in it.
    pub odd: Vec<String>,
}

impl<'de> Deserialize<'de> for Partly {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Partly, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        if let Ok(value) = serde_json::from_str(raw.get()) {
            let odd = Vec::new();
            let product = Raw { value, raw };
            return Ok(Partly { product, odd });
        }
        let whole: Value = serde_json::from_str(raw.get()).map_err(de::Error::custom)?;
        match partly(&raw, &whole) {
            Some((value, odd)) => Ok(Partly {
                product: Raw { value, raw },
                odd,
            }),
            None => Err(de::Error::custom(odd::what::<Product>(&whole))),
        }
    }
}

/// The variants alone, as they stand in the text: prices keep their digits.
#[derive(Deserialize)]
struct Variants {
    variants: Vec<Box<RawValue>>,
}

/// `None` where the product itself can't be told, or has no list of variants.
fn partly(raw: &RawValue, whole: &Value) -> Option<(Product, Vec<String>)> {
    let fields = whole.as_object()?;
    let product_id: ProductId = field(fields, "product_id")?;
    let sent: Variants = serde_json::from_str(raw.get()).ok()?;
    let mut odd = Vec::new();
    let mut own = fields.clone();
    own.insert("variants".to_owned(), Value::Array(Vec::new()));
    odd.extend(is_odd(&Value::Object(own)));
    let mut variants = Vec::new();
    for sent in sent.variants {
        match serde_json::from_str(sent.get()) {
            Ok(variant) => variants.push(variant),
            Err(_) => {
                let sent: Value = serde_json::from_str(sent.get()).ok()?;
                let mut one = Map::new();
                one.insert("product_id".to_owned(), Value::from(product_id.get()));
                one.insert("variants".to_owned(), Value::Array(vec![sent]));
                odd.extend(is_odd(&Value::Object(one)));
            }
        }
    }
    if odd.is_empty() {
        odd.push(odd::what::<Product>(whole).to_string());
    }
    let product = Product {
        product_id,
        name: field(fields, "name").unwrap_or_default(),
        is_active: field(fields, "is_active"),
        updated_at: field(fields, "updated_at"),
        variants,
    };
    Some((product, odd))
}

fn is_odd(product: &Value) -> Option<String> {
    let odd = Product::deserialize(product).is_err();
    odd.then(|| odd::what::<Product>(product).to_string())
}
