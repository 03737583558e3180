//! `show --fields`: the product's own fields, its variants', or both.

use serde_json::value::{RawValue, to_raw_value};

use super::super::rows;
use super::COLUMNS;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Product, Raw, RawObject};
use crate::render::{Column, Fields, Kind as Cell};

/// The fields of the product itself (docs/api.md: Get Product Inventory).
const PRODUCT_FIELDS: &[&str] = &["product_id", "name", "is_active", "updated_at", "variants"];

/// The fields of both, as columns.
const ALL_COLUMNS: &[Column] = &[
    COLUMNS[0],
    COLUMNS[1],
    COLUMNS[2],
    COLUMNS[3],
    COLUMNS[4],
    COLUMNS[5],
    COLUMNS[6],
    COLUMNS[7],
    COLUMNS[8],
    Column::new("name", "NAME", Cell::Name),
    Column::new("is_active", "ACTIVE", Cell::Flag),
    Column::new("updated_at", "UPDATED", Cell::Time),
    Column::new("variants", "VARIANTS", Cell::Text),
];

/// A product and what is wanted of it.
pub struct Chosen<'a> {
    product: &'a Raw<Product>,
    whole: RawObject,
    variants: Vec<RawObject>,
    /// The product's own fields.
    own: Vec<&'a str>,
    /// The variants' fields.
    of_variants: Vec<&'a str>,
}

fn misread(error: serde_json::Error) -> Error {
    Error::internal("can't read a product").caused_by(error)
}

impl<'a> Chosen<'a> {
    /// An error is usage: a field that neither the product nor a variant has.
    pub fn new(product: &'a Raw<Product>, fields: &'a Fields) -> Result<Chosen<'a>> {
        let whole: RawObject = serde_json::from_str(product.raw.get()).map_err(misread)?;
        let variants = rows::objects(whole.get("variants")).map_err(misread)?;
        let of_product = |name: &str| PRODUCT_FIELDS.contains(&name) || whole.get(name).is_some();
        let (own, of_variants): (Vec<&str>, Vec<&str>) =
            fields.names().partition(|n| of_product(n));
        let known = |name: &str| {
            COLUMNS.iter().any(|column| column.name == name)
                || variants.iter().any(|variant| variant.get(name).is_some())
        };
        if let Some(unknown) = of_variants.iter().find(|name| !known(name)) {
            return Err(fields.unknown(unknown, ALL_COLUMNS));
        }
        Ok(Chosen {
            product,
            whole,
            variants,
            own,
            of_variants,
        })
    }

    /// One object: the product's own fields in their order, and the variants' within `variants`.
    pub fn document(&self, context: &Context) -> Result<()> {
        let mut object = RawObject::default();
        for name in &self.own {
            if *name != "variants" || self.of_variants.is_empty() {
                object.push(name, value(&self.whole, name)?);
            }
        }
        if !self.of_variants.is_empty() {
            let variants: Vec<RawObject> = self
                .variants
                .iter()
                .map(|variant| self.variant(variant))
                .collect::<Result<_>>()?;
            object.push("variants", to_raw_value(&variants).map_err(misread)?);
        }
        context.document(&object, None)
    }

    fn variant(&self, variant: &RawObject) -> Result<RawObject> {
        let mut object = RawObject::default();
        for name in &self.of_variants {
            // As the rows of a table have it.
            let from = match *name {
                "product_name" => value(&self.whole, "name")?,
                name => value(variant, name)?,
            };
            object.push(name, from);
        }
        Ok(object)
    }

    /// One row per variant, the product's own fields repeated; one row where nothing is asked of the variants.
    pub fn rows(&self, context: &Context) -> Result<()> {
        let mut records = context.records(ALL_COLUMNS)?;
        if self.of_variants.is_empty() {
            records.push_object(&self.whole)?;
        } else {
            for mut row in rows::variants(self.product)? {
                for name in &self.own {
                    if row.get(name).is_none() {
                        row.push(name, value(&self.whole, name)?);
                    }
                }
                records.push_object(&row)?;
            }
        }
        records.finish()?;
        Ok(())
    }
}

/// The value of a field; `null` where it is not there.
fn value(from: &RawObject, name: &str) -> Result<Box<RawValue>> {
    match from.get(name) {
        Some(value) => Ok(value.to_owned()),
        None => to_raw_value(&()).map_err(misread),
    }
}
