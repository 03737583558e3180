//! `sxinv show`: one product with its variants.

use clap::Args;
use serde_json::value::to_raw_value;

use super::complete;
use super::rows::{self, VARIANT_COLUMNS};
use crate::catalogue::SkuName;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::model::{Product, ProductId, Raw, RawObject};
use crate::render::{self, Column, Kind as Cell};
use crate::shell::quoted;

/// The variants on a terminal, below the product's own lines: what is the same in every row is left out.
pub const COLUMNS: &[Column] = &[
    Column::new("sku_id", "SKU ID", Cell::Id),
    Column::new("sku_code", "SKU", Cell::Code),
    Column::new("variant_name", "VARIANT", Cell::Name),
    Column::new("price", "PRICE", Cell::Number),
    Column::new("quantity", "STOCK", Cell::Stock),
    Column::new("available", "AVAILABLE", Cell::Flag),
    Column::new("is_default", "DEFAULT", Cell::Flag),
    Column::new("product_id", "PRODUCT", Cell::Id).hidden(),
    Column::new("product_name", "NAME", Cell::Name).hidden(),
];

/// The fields of the product itself (docs/api.md: Get Product Inventory).
const PRODUCT_FIELDS: &[&str] = &["product_id", "name", "is_active", "updated_at", "variants"];

/// Which product.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv show 150                                 by product id
  sxinv show PRB-SM-RED                          by a code on its label
  sxinv show id:450                              by sku id
  sxinv show code:00123                          a code that looks like a number
  sxinv show 150 -o json | jq '.variants[].quantity'")]
pub struct ShowArgs {
    /// A product id, a SKU code, or a sku id
    #[arg(value_name = "PRODUCT|SKU", add = complete::product_or_code())]
    name: String,
}

/// Finds the product and prints it.
pub fn run(args: &ShowArgs, context: &Context) -> Result<Exit> {
    let product = find(&args.name, context)?;
    match context.format() {
        Format::Json | Format::Jsonl => json(&product, context)?,
        Format::Csv => variants(&product, VARIANT_COLUMNS, context)?,
        Format::Table => {
            if context.fields().is_none() {
                let p = &product.value;
                let total: i64 = p
                    .variants
                    .iter()
                    .fold(0, |sum, variant| sum.saturating_add(variant.quantity));
                render::heading(
                    context.stdout(),
                    &p.name,
                    &[
                        ("product", p.product_id.to_string(), Cell::Id),
                        (
                            "active",
                            if p.is_active.is_none_or(|a| a.0) {
                                "1"
                            } else {
                                "0"
                            }
                            .to_owned(),
                            Cell::Flag,
                        ),
                        (
                            "updated",
                            p.updated_at.clone().unwrap_or_default(),
                            Cell::Time,
                        ),
                        ("stock", total.to_string(), Cell::Stock),
                    ],
                    &context.terminal(),
                )?;
            }
            variants(&product, COLUMNS, context)?;
        }
    }
    Ok(Exit::Done)
}

/// The product of that id, or the one whose variant bears that code or id.
fn find(name: &str, context: &Context) -> Result<Raw<Product>> {
    let client = context.client()?;
    let sku: SkuName = name.parse().map_err(Error::usage)?;
    if let SkuName::Either(_, digits) = &sku
        && let Ok(id) = digits.parse::<ProductId>()
    {
        match client.product(id) {
            Err(e) if e.kind() == Kind::NotFound => {}
            found => return found,
        }
    }
    let ui = context.ui();
    let progress = |at| ui.progress(at);
    let mut catalogue = context.catalogue(true)?;
    let found = catalogue.find(client, std::slice::from_ref(&sku), &progress);
    ui.finish();
    let found = found.map_err(|e| match (&sku, e.kind()) {
        (SkuName::Either(_, digits), Kind::NotFound) => {
            let message = format!("no product and no variant {digits} in the store");
            catalogue.perhaps_unread(e.reworded(message))
        }
        (SkuName::Code(text), Kind::NotFound) if text.chars().any(char::is_lowercase) => {
            let mut hint = format!("sxinv list {}", quoted(text));
            if !catalogue.near(text).is_empty() {
                hint = format!("{}\n{hint}", e.hint().unwrap_or_default());
            }
            e.hinted(hint)
        }
        _ => e,
    })?;
    if let Some(unreadable) = catalogue.unreadable().error() {
        ui.warn(unreadable.message());
    }
    match found.into_iter().next() {
        Some(found) => Ok(Raw::clone(&found.product)),
        None => Err(Error::internal("nothing was looked for")),
    }
}

fn variants(product: &Raw<Product>, columns: &'static [Column], context: &Context) -> Result<()> {
    let mut records = context.records(columns)?;
    for row in rows::variants(product)? {
        records.push_object(&row)?;
    }
    records.finish()?;
    Ok(())
}

/// The product as the API sent it. With `--fields`, the product's own among them in their order, and the variants'
/// within `variants`.
fn json(product: &Raw<Product>, context: &Context) -> Result<()> {
    let Some(fields) = context.fields() else {
        return context.document(&product.raw, None);
    };
    let misread = |e: serde_json::Error| Error::internal("can't read a product").caused_by(e);
    let whole: RawObject = serde_json::from_str(product.raw.get()).map_err(misread)?;
    let variants: Vec<RawObject> = match whole.get("variants") {
        Some(variants) => serde_json::from_str(variants.get()).map_err(misread)?,
        None => Vec::new(),
    };
    let of_product = |name: &str| PRODUCT_FIELDS.contains(&name) || whole.get(name).is_some();
    let (own, of_variants): (Vec<&str>, Vec<&str>) = fields.names().partition(|n| of_product(n));
    let known = |name: &str| {
        COLUMNS.iter().any(|column| column.name == name)
            || variants.iter().any(|variant| variant.get(name).is_some())
    };
    if let Some(unknown) = of_variants.iter().find(|name| !known(name)) {
        return Err(fields.unknown(unknown, COLUMNS));
    }
    let null = || to_raw_value(&()).map_err(misread);
    let chosen = |from: &RawObject, names: &[&str]| -> Result<RawObject> {
        let mut object = RawObject::default();
        for name in names {
            // As the rows of a table have it.
            let product = || whole.get("name").filter(|_| *name == "product_name");
            let value = match from.get(name).or_else(product) {
                Some(value) => value.to_owned(),
                None => null()?,
            };
            object.push(name, value);
        }
        Ok(object)
    };
    let mut object = RawObject::default();
    for (name, value) in chosen(&whole, &own)?.iter() {
        if name != "variants" || of_variants.is_empty() {
            object.push(name, value.to_owned());
        }
    }
    if !of_variants.is_empty() {
        let variants: Vec<RawObject> = variants
            .iter()
            .map(|variant| chosen(variant, &of_variants))
            .collect::<Result<_>>()?;
        object.push("variants", to_raw_value(&variants).map_err(misread)?);
    }
    context.document(&object, None)
}
