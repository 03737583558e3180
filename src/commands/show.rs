//! `sxinv show`: one product with its variants.

mod chosen;

use clap::Args;
use serde_json::value::RawValue;

use super::complete;
use super::rows::{self, VARIANT_COLUMNS};
use crate::api::Client;
use crate::catalogue::{Catalogue, SkuName, Unreadable};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::model::{Partly, Product, ProductId, Raw, RawObject, SkuId};
use crate::render::{self, Column, Kind as Cell};
use crate::shell::quoted;
use chosen::Chosen;

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

/// How many products that can't be read whole are looked through for a name that was not found elsewhere.
const MOST_ODD: usize = 20;

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

/// Finds the product and prints it; what can't be read of it is told after the rest.
pub fn run(args: &ShowArgs, context: &Context) -> Result<Exit> {
    let Partly { product, odd } = find(&args.name, context)?;
    match (context.format(), context.fields()) {
        (Format::Json | Format::Jsonl, None) => context.document(&product.raw, None)?,
        (Format::Json | Format::Jsonl, Some(fields)) => {
            Chosen::new(&product, fields)?.document(context)?;
        }
        (Format::Csv | Format::Table, Some(fields)) => {
            Chosen::new(&product, fields)?.rows(context)?;
        }
        (Format::Csv, None) => variants(&product, VARIANT_COLUMNS, context)?,
        (Format::Table, None) => {
            heading(&product.value, odd.is_empty(), context)?;
            variants(&product, COLUMNS, context)?;
        }
    }
    let mut unreadable = Unreadable::default();
    unreadable.insert_partly(product.value.product_id, &odd);
    unreadable.none().map(|()| Exit::Done)
}

/// What a table says of the product itself. `all` its variants could be read, else nobody knows their sum.
fn heading(product: &Product, all: bool, context: &Context) -> Result<()> {
    let quantities = product.variants.iter().map(|variant| variant.quantity);
    let total = all.then(|| quantities.fold(0_i64, i64::saturating_add));
    let total = total.map_or_else(|| "unknown".to_owned(), |total| total.to_string());
    let active = product.is_active.is_none_or(|active| active.0);
    let updated = product.updated_at.clone().unwrap_or_default();
    render::heading(
        context.stdout(),
        &product.name,
        &[
            ("product", product.product_id.to_string(), Cell::Id),
            ("active", u8::from(active).to_string(), Cell::Flag),
            ("updated", updated, Cell::Time),
            ("stock", total, Cell::Stock),
        ],
        &context.terminal(),
    )
}

/// The product of that id, or the one whose variant bears that code or id.
fn find(name: &str, context: &Context) -> Result<Partly> {
    let client = context.client()?;
    let sku: SkuName = name.parse().map_err(Error::usage)?;
    if let SkuName::Either(_, digits) = &sku
        && let Ok(id) = digits.parse::<ProductId>()
    {
        match client.product_partly(id) {
            Err(e) if e.kind() == Kind::NotFound => {}
            found => return found,
        }
    }
    let ui = context.ui();
    let mut catalogue = context.catalogue(true)?;
    let found = catalogue.find(client, std::slice::from_ref(&sku), &|at| ui.progress(at));
    ui.finish();
    let found = match found {
        Ok(found) => found,
        Err(e) => match on_an_odd_product(&sku, &catalogue, client) {
            Some(partly) => return Ok(partly),
            None => return Err(not_found(e, &sku, &catalogue)),
        },
    };
    if let Some(unreadable) = catalogue.unreadable().error() {
        ui.warn(unreadable.message());
    }
    let found = found.into_iter().next();
    let found = found.ok_or_else(|| Error::internal("nothing was looked for"))?;
    Ok(Partly {
        product: Raw::clone(&found.product),
        odd: Vec::new(),
    })
}

/// The error in words that fit what was asked for.
fn not_found(error: Error, sku: &SkuName, catalogue: &Catalogue) -> Error {
    match (sku, error.kind()) {
        (SkuName::Either(_, digits), Kind::NotFound) => {
            let message = format!("no product and no variant {digits} in the store");
            catalogue.perhaps_unread(error.reworded(message))
        }
        (SkuName::Code(text), Kind::NotFound) if text.chars().any(char::is_lowercase) => {
            let mut hint = format!("sxinv list {}", quoted(text));
            if !catalogue.near(text).is_empty() {
                hint = format!("{}\n{hint}", error.hint().unwrap_or_default());
            }
            error.hinted(hint)
        }
        _ => error,
    }
}

/// The product that has a variant of this name, and another one that can't be read: the catalogue knows none of its
/// variants.
fn on_an_odd_product(sku: &SkuName, catalogue: &Catalogue, client: &Client) -> Option<Partly> {
    let ids = catalogue.unreadable().odd().take(MOST_ODD);
    let mut products = ids.filter_map(|id| client.product_partly(id).ok());
    products.find(|partly| {
        let variants = rows::variants(&partly.product).unwrap_or_default();
        variants.iter().any(|variant| bears(variant, sku))
    })
}

/// Whether a variant as it was sent, odd or not, bears the name.
fn bears(variant: &RawObject, sku: &SkuName) -> bool {
    let id = variant.get("sku_id").and_then(|id| id.get().parse().ok());
    let id = id.and_then(SkuId::new).unwrap_or(SkuId::MAX);
    let code = variant.get("sku_code").map(RawValue::get);
    let code = code.and_then(|code| serde_json::from_str(code).ok());
    let code: String = code.unwrap_or_default();
    sku.closeness(id, &code).is_some()
}

fn variants(product: &Raw<Product>, columns: &'static [Column], context: &Context) -> Result<()> {
    let rows = rows::variants(product)?;
    context.rows(columns, rows).map(drop)
}
