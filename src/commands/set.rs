//! `sxinv set`: absolute quantities of one product's variants, one `PUT`.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use super::bulk::raw;
use super::rows::column;
use super::write;
use crate::catalogue::{self, SkuName};
use crate::change::plan::{OnConflict, Plan};
use crate::change::shelf::Shelf;
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{ProductId, Raw, SkuId};
use crate::render::{self, Column, Kind};
use crate::wanted::{Mode, Quantity, SkuRef, Wanted};

/// The columns of the changes.
pub const COLUMNS: &[Column] = &[
    column("sku_id", "SKU ID", Kind::Id, true),
    column("sku_code", "SKU", Kind::Code, true),
    column("previous_quantity", "BEFORE", Kind::Number, true),
    column("quantity", "NOW", Kind::Stock, true),
];

/// Which variants get which quantities.
#[derive(Args, Debug)]
#[command(
    override_usage = "sxinv set [OPTIONS] [PRODUCT] <SKU>=<QTY>...",
    after_help = "\
Examples:
  sxinv set PRB-SM-RED=50                        by the code on its label
  sxinv set 150 PRB-SM-RED=50 PRB-LG-WHT=0       several at once, or none
  sxinv set id:450=50                            by sku id
  sxinv set code:00123=12                        a code that looks like a number
  sxinv set 150 450=50 --dry-run                 what it would do"
)]
pub struct SetArgs {
    /// A product id, where given first; then SKU=QUANTITY, once or more
    #[arg(required = true, value_name = "SKU=QTY")]
    words: Vec<String>,

    /// Say what would be done and send nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document {
    product_id: ProductId,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Change {
    sku_id: SkuId,
    sku_code: String,
    previous_quantity: Option<i64>,
    quantity: Option<i64>,
}

/// The document with the fields of its changes that were asked for.
#[derive(Serialize)]
struct Shown {
    product_id: ProductId,
    changes: Vec<Box<RawValue>>,
}

impl Document {
    fn with_fields(&self, context: &Context) -> Result<Shown> {
        let only = |change: &Change| render::only(&raw(change)?, context.fields());
        Ok(Shown {
            product_id: self.product_id,
            changes: self.changes.iter().map(only).collect::<Result<_>>()?,
        })
    }
}

/// Reads the product, refuses what is not its own, sets, and shows previous and new quantity.
pub fn run(args: &SetArgs, context: &Context) -> Result<Exit> {
    let (product_id, changes) = parse(&args.words)?;
    context.check_fields(COLUMNS)?;
    let client = context.client()?;
    if !args.dry_run {
        client.writable()?;
    }
    let names: Vec<SkuName> = changes.iter().map(|(name, _)| name.clone()).collect();
    let (product, skus) = one_product(context, product_id, &names, args.dry_run)?;
    let mut seen = HashSet::new();
    if let Some((name, _)) = names.iter().zip(&skus).find(|(_, sku)| !seen.insert(**sku)) {
        return Err(Error::usage(format!("{name} is given twice")));
    }
    let id = product.value.product_id;
    let wanted = skus
        .iter()
        .zip(&changes)
        .zip(1..)
        .map(|((sku, (_, quantity)), line)| {
            Wanted::set(line, SkuRef::Id(*sku), *quantity).of_product(Some(id))
        })
        .collect();
    let mut shelf = Shelf::default();
    shelf.add(&product.value);
    let none = |_: &str| Vec::new();
    let plan = Plan::new(Mode::Set, wanted, None, OnConflict::Report, shelf, &none)?;
    let done = write::typed("set", plan, args.dry_run, context)?;
    let document = Document {
        product_id: id,
        changes: done
            .rows()
            .filter_map(|(row, settled)| Some((row.variant?, settled)))
            .map(|(variant, settled)| Change {
                sku_id: variant.sku_id,
                sku_code: variant.sku_code.to_owned(),
                previous_quantity: settled.previous,
                quantity: settled.quantity,
            })
            .collect(),
    };
    let printed = document
        .with_fields(context)
        .and_then(|shown| write::print(context, &shown, &document.changes, COLUMNS));
    done.ends(printed, context)
}

/// The product and the variants of it that are meant; all must be one product's.
fn one_product(
    context: &Context,
    product_id: Option<ProductId>,
    names: &[SkuName],
    dry_run: bool,
) -> Result<(Raw<crate::model::Product>, Vec<SkuId>)> {
    let client = context.client()?;
    if let Some(id) = product_id {
        let product = client.product(id)?;
        let skus = names
            .iter()
            .map(|name| Ok(name.within(&product.value)?.sku_id))
            .collect::<Result<_>>()?;
        return Ok((product, skus));
    }
    let ui = context.ui();
    let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
    let mut catalogue = context.catalogue(dry_run)?;
    let found = catalogue.find(client, names, &progress)?;
    ui.finish();
    let Some(first) = found.first() else {
        return Err(Error::usage("no variant is named"));
    };
    let id = first.product.value.product_id;
    for (name, other) in names.iter().zip(&found) {
        let other = other.product.value.product_id;
        if other != id {
            return Err(Error::usage(format!(
                "{} belongs to product {id} and {name} to product {other}; set takes variants of one product",
                names[0]
            ))
            .hinted("run it once for each product, or use import-csv for many"));
        }
    }
    let product = Raw::clone(&first.product);
    Ok((
        product,
        found.into_iter().map(|found| found.sku_id).collect(),
    ))
}

/// A product, where one was named, and the quantities of its variants.
type Changes = (Option<ProductId>, Vec<(SkuName, Quantity)>);

/// What was typed: perhaps a product id, then SKU=QUANTITY.
fn parse(words: &[String]) -> Result<Changes> {
    let (product, changes) = match words {
        [first, rest @ ..] if !first.contains('=') => {
            let id = first.parse().map_err(|_| {
                Error::usage(format!(
                    "`{first}` is neither a product id nor SKU=QUANTITY"
                ))
                .hinted(format!("to set a quantity: sxinv set {first}=50"))
            })?;
            (Some(id), rest)
        }
        all => (None, all),
    };
    if changes.is_empty() {
        return Err(
            Error::usage("no quantity is given").hinted("for example: sxinv set 150 PRB-SM-RED=50")
        );
    }
    let changes = changes
        .iter()
        .map(|word| {
            // A code may contain `=`; a quantity can't.
            let (sku, quantity) = word
                .rsplit_once('=')
                .ok_or_else(|| Error::usage(format!("`{word}` is not SKU=QUANTITY")))?;
            let name = sku.parse().map_err(Error::usage)?;
            let quantity = quantity
                .parse::<i64>()
                .ok()
                .filter(|_| quantity.bytes().all(|b| b.is_ascii_digit()))
                .and_then(Quantity::new)
                .ok_or_else(|| {
                    Error::usage(format!(
                        "`{quantity}` in `{word}` is not a quantity: a whole number from 0, digits alone"
                    ))
                })?;
            Ok((name, quantity))
        })
        .collect::<Result<_>>()?;
    Ok((product, changes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Changes> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn what_people_type() {
        let (product, changes) = words("150 PRB-SM-RED=50 id:451=0 A=B=7").unwrap();
        assert_eq!(product, ProductId::new(150));
        let quantities: Vec<i64> = changes.iter().map(|(_, q)| q.get()).collect();
        assert_eq!(quantities, [50, 0, 7]);
        assert_eq!(changes[2].0, SkuName::Code("A=B".into()));
        assert_eq!(words("PRB-SM-RED=50").unwrap().0, None);
    }

    #[test]
    fn what_is_not_a_quantity() {
        for wrong in [
            "PRB-SM-RED=",
            "PRB=-1",
            "PRB=+1",
            "PRB=1.5",
            "PRB=1,000",
            "PRB=ten",
            "PRB= 5",
            "=5",
            "150",
            "rose",
            "150 PRB",
            "PRB=99999999999999999999",
        ] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }
}
