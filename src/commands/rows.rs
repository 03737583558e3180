//! The rows that several commands print: products and variants, their columns and titles.

use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::model::{Product, Raw, RawObject};
use crate::render::{Column, Kind};

/// The columns of a product in a list (docs/api.md: List Inventory).
pub const PRODUCT_COLUMNS: &[Column] = &[
    Column::new("product_id", "ID", Kind::Id),
    Column::new("name", "NAME", Kind::Name),
    Column::new("is_active", "ACTIVE", Kind::Flag).spare(),
    Column::new("updated_at", "UPDATED", Kind::Time).spare(),
    Column::new("total_quantity", "STOCK", Kind::Stock),
    Column::new("variant_count", "VARIANTS", Kind::Number),
    Column::new("has_stock", "IN STOCK", Kind::Flag).hidden(),
];

/// The columns of a variant among those of other products (docs/api.md: Variant Fields).
pub const VARIANT_COLUMNS: &[Column] = &[
    Column::new("product_id", "PRODUCT", Kind::Id),
    Column::new("product_name", "NAME", Kind::Name),
    Column::new("sku_id", "SKU ID", Kind::Id),
    Column::new("sku_code", "SKU", Kind::Code),
    Column::new("variant_name", "VARIANT", Kind::Name),
    Column::new("price", "PRICE", Kind::Number),
    Column::new("quantity", "STOCK", Kind::Stock),
    Column::new("available", "AVAILABLE", Kind::Flag).hidden(),
    Column::new("is_default", "DEFAULT", Kind::Flag).hidden(),
];

/// The variants of a product as they were sent, odd ones too, each with the product's id and name before its own fields,
/// those that we don't know included.
pub fn variants(product: &Raw<Product>) -> Result<Vec<RawObject>> {
    let misread = |e: serde_json::Error| Error::internal("can't read a product").caused_by(e);
    let whole: RawObject = serde_json::from_str(product.raw.get()).map_err(misread)?;
    let variants = objects(whole.get("variants")).map_err(misread)?;
    let id = serde_json::value::to_raw_value(&product.value.product_id).map_err(misread)?;
    let name = serde_json::value::to_raw_value(&product.value.name).map_err(misread)?;
    Ok(variants
        .into_iter()
        .map(|variant| {
            let mut row = RawObject::default();
            row.push("product_id", id.clone());
            row.push("product_name", name.clone());
            for (field, value) in variant.iter() {
                if field != "product_id" && field != "product_name" {
                    row.push(field, value.to_owned());
                }
            }
            row
        })
        .collect())
}

/// The objects of a list; what is none has no fields to be shown.
pub fn objects(list: Option<&RawValue>) -> serde_json::Result<Vec<RawObject>> {
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    let list: Vec<&RawValue> = serde_json::from_str(list.get())?;
    let objects = list.into_iter().filter(|one| one.get().starts_with('{'));
    objects.map(|one| serde_json::from_str(one.get())).collect()
}
