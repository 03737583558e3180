//! What the API sends and takes: products, variants, and the numbers that name and count them.
//!
//! Field names are the API's. Everything the API sends is also kept as it was written ([`Raw`]), so that fields we
//! don't know pass through and prices keep their digits.

use std::fmt;
use std::num::{NonZeroI64, NonZeroU64};
use std::str::FromStr;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroI64);

        impl $name {
            /// The largest there can be; nothing bears it.
            pub const MAX: $name = $name(NonZeroI64::MAX);

            /// `None` unless positive.
            pub fn new(id: i64) -> Option<$name> {
                NonZeroI64::new(id).filter(|id| id.is_positive()).map($name)
            }

            /// The number itself.
            pub fn get(self) -> i64 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        /// Digits alone: no sign, no spaces.
        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<$name, NotAnId> {
                if !text.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(NotAnId);
                }
                text.parse().ok().and_then($name::new).ok_or(NotAnId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_i64(self.get())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let id = i64::deserialize(from)?;
                $name::new(id).ok_or_else(|| de::Error::custom(format_args!("{id} is not an id")))
            }
        }
    };
}

/// The text is not a whole number above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: a whole number above zero, digits alone")
    }
}

impl std::error::Error for NotAnId {}

id! {
    /// Names a product.
    ProductId
}

id! {
    /// Names a variant (docs/api.md: Variant Fields).
    SkuId
}

/// A wanted stock level in units, never negative.
///
/// Kept one higher than it is, so that `Option<Quantity>` costs eight bytes: bulk plans hold millions of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(NonZeroU64);

impl Quantity {
    /// `None` for a negative number (docs/api.md: Update Stock).
    pub fn new(units: i64) -> Option<Quantity> {
        let units = u64::try_from(units).ok()?;
        Some(Quantity(NonZeroU64::MIN.saturating_add(units)))
    }

    /// The units of stock.
    pub fn get(self) -> i64 {
        // At most i64::MAX went in, so the conversion can't fail.
        i64::try_from(self.0.get() - 1).unwrap_or(i64::MAX)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// A yes or no that the API writes as 0 or 1; `true` and `false` are understood too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(u8::from(self.0))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Flag, D::Error> {
        struct FlagVisitor;
        impl Visitor<'_> for FlagVisitor {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0, 1, true or false")
            }
            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Flag, E> {
                Ok(Flag(flag))
            }
            fn visit_u64<E: de::Error>(self, flag: u64) -> Result<Flag, E> {
                Ok(Flag(flag != 0))
            }
            fn visit_i64<E: de::Error>(self, flag: i64) -> Result<Flag, E> {
                Ok(Flag(flag != 0))
            }
        }
        from.deserialize_any(FlagVisitor)
    }
}

/// A product as `list` sends it (docs/api.md: List Inventory).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProductSummary {
    /// Which product.
    pub product_id: ProductId,
    /// Product title.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Whether the product is active.
    #[serde(default = "yes")]
    pub is_active: Flag,
    /// When the product was last updated, ISO 8601.
    #[serde(default)]
    pub updated_at: Option<String>,
    /// Units over all variants.
    pub total_quantity: i64,
    /// Number of variants.
    #[serde(default)]
    pub variant_count: i64,
    /// Whether any stock is available.
    #[serde(default = "yes")]
    pub has_stock: Flag,
}

/// A product with its variants (docs/api.md: Get Product Inventory). The answer to a `PUT` has the id and the variants alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Product {
    /// Which product.
    pub product_id: ProductId,
    /// Product title.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub name: String,
    /// Whether the product is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<Flag>,
    /// When the product was last updated, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Every variant of the product.
    pub variants: Vec<Variant>,
}

impl Product {
    /// The variant with this id.
    pub fn variant(&self, id: SkuId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.sku_id == id)
    }
}

/// One sellable variant of a product, a SKU (docs/api.md: Variant Fields).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// SKU identifier.
    pub sku_id: SkuId,
    /// Human-readable SKU code; empty where the merchant gave none.
    #[serde(default, deserialize_with = "null_as_default")]
    pub sku_code: String,
    /// Variant option combination, such as "Large / Red".
    #[serde(default, deserialize_with = "null_as_default")]
    pub variant_name: String,
    /// Current selling price, exactly as written.
    #[serde(default)]
    pub price: Option<Box<RawValue>>,
    /// Stock quantity on hand, in units.
    pub quantity: i64,
    /// Whether the variant is available for purchase.
    #[serde(default = "yes")]
    pub available: Flag,
    /// Whether this is the product's default variant.
    #[serde(default = "no")]
    pub is_default: Flag,
}

/// The answer to an adjustment (docs/api.md: Adjust Stock).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    /// The adjusted SKU.
    pub sku_id: SkuId,
    /// Parent product.
    pub product_id: ProductId,
    /// Units before.
    pub previous_quantity: i64,
    /// Units after.
    pub quantity: i64,
    /// The adjustment applied, in units.
    pub adjustment: i64,
    /// Updated availability.
    #[serde(default = "yes")]
    pub available: Flag,
}

/// Where a page stands in its list (docs/api.md: List Inventory, Response).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pagination {
    /// Page number, from 1.
    pub page: u64,
    /// Items a page.
    pub limit: u64,
    /// Items in the whole list.
    pub total: u64,
}

fn yes() -> Flag {
    Flag(true)
}

fn no() -> Flag {
    Flag(false)
}

fn null_as_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A value from the API together with the very text it came in.
#[derive(Clone, Debug)]
pub struct Raw<T> {
    /// What we understood.
    pub value: T,
    /// What was sent, fields that we don't know included.
    pub raw: Box<RawValue>,
}

impl<'de, T: de::DeserializeOwned> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Raw<T>, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let value = serde_json::from_str(raw.get()).map_err(de::Error::custom)?;
        Ok(Raw { value, raw })
    }
}

/// A JSON object with its fields in the order and the very text they came in.
#[derive(Clone, Debug, Default)]
pub struct RawObject {
    fields: Vec<(String, Box<RawValue>)>,
}

impl RawObject {
    /// The value of a field, as written.
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| &**value)
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.fields
            .iter()
            .map(|(field, value)| (field.as_str(), &**value))
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: &str, value: Box<RawValue>) {
        self.fields.push((name.to_owned(), value));
    }
}

impl Serialize for RawObject {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.fields.len()))?;
        for (field, value) in &self.fields {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RawObject, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = RawObject;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(RawObject { fields })
            }
        }
        from.deserialize_map(FieldsVisitor)
    }
}
