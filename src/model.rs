//! What the API sends and takes: products, variants, and the numbers that name and count them.
//!
//! Field names are the API's. Everything the API sends is also kept as it was written ([`Raw`]), so that fields we
//! don't know pass through and prices keep their digits.

mod odd;
mod partly;
mod raw;

use std::fmt;
use std::num::{NonZeroI64, NonZeroU64};
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

pub use partly::{Listed, Nameless, Partly};
pub use raw::{Raw, RawObject, Sent};

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
        f.write_str("not an id: a whole number above zero, only digits")
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    #[serde(default = "yes", deserialize_with = "null_as_yes")]
    pub is_active: Flag,
    /// When the product was last updated, ISO 8601.
    #[serde(default)]
    pub updated_at: Option<String>,
    /// Units over all variants; `None` where the API sent what is no number, which `odd` then says.
    #[serde(deserialize_with = "there")]
    pub total_quantity: Option<i64>,
    /// Number of variants.
    #[serde(default, deserialize_with = "null_as_default")]
    pub variant_count: i64,
    /// Whether any stock is available.
    #[serde(default = "yes", deserialize_with = "null_as_yes")]
    pub has_stock: Flag,
    /// A value that is not what the API documents, in words. It does not hide the rest.
    #[serde(skip)]
    pub odd: Option<String>,
}

impl Sent for ProductSummary {
    fn despite(fields: &Map<String, Value>, odd: &str) -> Option<ProductSummary> {
        Some(ProductSummary {
            product_id: field(fields, "product_id")?,
            name: field(fields, "name").unwrap_or_default(),
            is_active: field(fields, "is_active").unwrap_or(Flag(true)),
            updated_at: field(fields, "updated_at"),
            total_quantity: field(fields, "total_quantity"),
            variant_count: field(fields, "variant_count").unwrap_or_default(),
            has_stock: field(fields, "has_stock").unwrap_or(Flag(true)),
            odd: Some(odd.to_owned()),
        })
    }
}

fn field<T: de::DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Option<T> {
    T::deserialize(fields.get(name)?).ok()
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

impl Sent for Product {}

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
    #[serde(default = "yes", deserialize_with = "null_as_yes")]
    pub available: Flag,
    /// Whether this is the product's default variant.
    #[serde(default, deserialize_with = "null_as_default")]
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
    #[serde(default = "yes", deserialize_with = "null_as_yes")]
    pub available: Flag,
}

impl Sent for Adjusted {}

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

fn null_as_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn null_as_yes<'de, D: Deserializer<'de>>(from: D) -> Result<Flag, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(Flag(true)))
}

/// Unlike with an `Option`, nothing and `null` are errors.
fn there<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(from).map(Some)
}
