//! `sxinv adjust`: one atomic relative adjustment.

use clap::Args;
use serde_json::value::{RawValue, to_raw_value};

use super::complete;
use super::write::{self, MOST_UNITS, Typed, too_many};
use crate::catalogue::SkuName;
use crate::change::row::RunRow;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::import::DASHES;
use crate::model::{Adjusted, Flag, ProductId, RawObject};
use crate::render::{self, Column, Kind, raw};
use crate::shell;
use crate::wanted::Mode;
use crate::words::digits;

/// The columns of the result (docs/api.md: Adjust Stock).
pub const COLUMNS: &[Column] = &[
    Column::new("product_id", "PRODUCT", Kind::Id),
    Column::new("sku_id", "SKU ID", Kind::Id),
    Column::new("sku_code", "SKU", Kind::Code),
    Column::new("previous_quantity", "BEFORE", Kind::Number),
    Column::new("adjustment", "ADJUSTMENT", Kind::Signed),
    Column::new("quantity", "NOW", Kind::Stock),
    Column::new("available", "AVAILABLE", Kind::Flag).hidden(),
    Column::new("outcome", "OUTCOME", Kind::Outcome).hidden(),
];

/// The longest reason, in characters (docs/api.md: Adjust Stock).
pub const LONGEST_REASON: usize = 255;

/// Which variant moves by how much, and why.
#[derive(Args, Debug)]
#[command(
    override_usage = "sxinv adjust [OPTIONS] [PRODUCT] <SKU> <±N>",
    after_help = "\
Examples:
  sxinv adjust PRB-SM-RED -3 --reason \"Damaged\"  three fewer
  sxinv adjust PRB-LG-WHT +10                    ten more
  sxinv adjust 150 452 +10                       by both ids; no look-up
  sxinv adjust code:00123 +1                     a code that looks like a number"
)]
pub struct AdjustArgs {
    /// Perhaps a product id, then the SKU, then the adjustment
    #[arg(required = true, num_args = 1..=3, allow_negative_numbers = true, value_names = ["SKU", "±N"], add = complete::code_to_adjust())]
    words: Vec<String>,

    /// Why, at most 255 characters
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Say what would be done and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// Finds the variant, adjusts, and shows previous and new quantity.
pub fn run(args: &AdjustArgs, context: &Context) -> Result<Exit> {
    let (product, name, by) = parse(&args.words)?;
    check_reason(args.reason.as_deref())?;
    context.check_fields(COLUMNS)?;
    let done = write::typed(
        Typed {
            command: "adjust",
            mode: Mode::Adjust,
            product,
            changes: vec![(name, by)],
            reason: args.reason.as_deref(),
            dry_run: args.dry_run,
        },
        context,
    )?;
    let Some(row) = done.rows.first() else {
        return Err(Error::internal("the adjustment has no result"));
    };
    let columns = write::columns(COLUMNS, args.dry_run);
    let outcome = row.outcome().name();
    let document = match &done.answer {
        Some(answer) => answer.clone(),
        None => {
            let known = raw(&from_what_is_known(row, by)?)?;
            raw(&with(&known, &[("outcome", outcome)])?)?
        }
    };
    let code = row.sku_code.as_deref().unwrap_or_default();
    let named = with(&document, &[("sku_code", code), ("outcome", outcome)])?;
    // The API's own words, unless fields of ours are asked for.
    let printed = match context.fields() {
        None => write::print(context, &document, &[named], &columns),
        fields => raw(&named)
            .and_then(|named| render::only(&named, fields))
            .and_then(|shown| write::print(context, &shown, &[&named], &columns)),
    };
    done.ends(printed, context)
}

/// A dry run, or an answer that was lost: the API's object from what is known.
fn from_what_is_known(row: &RunRow, by: i64) -> Result<Adjusted> {
    let (Some(product_id), Some(sku_id)) = (row.product, row.sku) else {
        return Err(Error::internal("the adjustment has no variant"));
    };
    let quantity = row.quantity().unwrap_or_default();
    Ok(Adjusted {
        sku_id,
        product_id,
        previous_quantity: row.previous.unwrap_or_default(),
        quantity,
        adjustment: by,
        available: Flag(quantity > 0),
    })
}

/// The API's object with fields that it does not have.
fn with(document: &RawValue, fields: &[(&str, &str)]) -> Result<RawObject> {
    let misread = |e| Error::internal("can't read the answer").caused_by(e);
    let mut object: RawObject = serde_json::from_str(document.get()).map_err(misread)?;
    for (field, value) in fields {
        if object.get(field).is_none() {
            object.push(field, to_raw_value(value).map_err(misread)?);
        }
    }
    Ok(object)
}

/// A reason that the API would refuse is an error before anything is sent (docs/api.md: Adjust Stock).
pub fn check_reason(reason: Option<&str>) -> Result<()> {
    let length = reason.map_or(0, |reason| reason.chars().count());
    if length > LONGEST_REASON {
        return Err(Error::usage(format!(
            "the reason has {length} characters; {LONGEST_REASON} are allowed"
        )));
    }
    Ok(())
}

/// What was typed: perhaps a product id, then the SKU, then the adjustment.
fn parse(words: &[String]) -> Result<(Option<ProductId>, SkuName, i64)> {
    if let Some(meant) = meant(words) {
        let error = Error::usage(format!(
            "`{}` is not a SKU and an adjustment",
            words.join(" ")
        ));
        return Err(error.hinted(meant));
    }
    let (product, sku, by) = match words {
        [sku, by] => (None, sku, by),
        [product, sku, by] => {
            let id = product
                .parse()
                .map_err(|e| Error::usage(format!("product `{product}`: {e}")))?;
            (Some(id), sku, by)
        }
        _ => {
            return Err(Error::usage("adjust takes a SKU and by how much")
                .hinted("say by how much, with its sign: +10 or -3"));
        }
    };
    let name = sku.parse().map_err(Error::usage)?;
    let unsigned = by.strip_prefix(['+', '-', '\u{2212}']).unwrap_or(by);
    let number = by
        .replace('\u{2212}', "-")
        .parse::<i64>()
        .ok()
        .filter(|_| digits(unsigned))
        .ok_or_else(|| {
            Error::usage(format!(
                "`{by}` is not an adjustment: a whole number like +10 or -3"
            ))
        })?;
    if number.unsigned_abs() > MOST_UNITS.unsigned_abs() {
        return Err(too_many(by));
    }
    if number == 0 {
        return Err(Error::usage("an adjustment of 0 changes nothing").hinted(
            "give the difference, +10 or -3; for an absolute quantity: sxinv set SKU=QUANTITY",
        ));
    }
    Ok((product, name, number))
}

/// The command that is meant by `X - 3`, or those that may be by `X=3`.
fn meant(typed: &[String]) -> Option<String> {
    let words: Vec<&str> = typed.iter().map(String::as_str).collect();
    let adjust = |words: &[&str]| Some(shell::sxinv("adjust", words.iter().copied()));
    let number = |text: &str| text.parse::<u64>().is_ok();
    let signed = |text: &str| text.strip_prefix(['+', '-']).is_some_and(number);
    // `–3`, as phones and word processors make it of -3.
    let plain = |word: &String| {
        let rest = word.strip_prefix(DASHES).filter(|rest| number(rest));
        rest.map_or_else(|| word.clone(), |rest| format!("-{rest}"))
    };
    let plain: Vec<String> = typed.iter().map(plain).collect();
    let is_minus = |word: &&str| word.starts_with('\u{2212}');
    if plain != typed && !words.iter().any(is_minus) {
        return Some(shell::sxinv("adjust", plain.iter().map(String::as_str)));
    }
    match words.as_slice() {
        [sku, sign @ ("+" | "-"), by] if number(by) => adjust(&[sku, &format!("{sign}{by}")]),
        [by, sku] if signed(by) && !signed(sku) => adjust(&[sku, by]),
        [sku, by, why] if signed(by) && !signed(why) && !number(sku) => {
            adjust(&[sku, by, "--reason", why])
        }
        [product @ .., word] if product.len() < 2 => {
            let (sku, by) = word.rsplit_once(['=', ':'])?;
            if sku.is_empty() || matches!(sku, "id" | "code") || by.parse::<i64>().is_err() {
                return None;
            }
            if by.starts_with(['+', '-']) {
                return adjust(&[product, &[sku, by]].concat());
            }
            let adjust = adjust(&[product, &[sku, &format!("+{by}")]].concat())?;
            let quantity = format!("{sku}={by}");
            let set = shell::sxinv("set", product.iter().copied().chain([&*quantity]));
            Some(format!("{adjust}\n{set}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<(Option<ProductId>, SkuName, i64)> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn what_people_type() {
        for (text, by) in [
            ("A +10", 10),
            ("A 10", 10),
            ("A -3", -3),
            ("A \u{2212}3", -3),
        ] {
            assert_eq!(words(text).unwrap(), (None, SkuName::Code("A".into()), by));
        }
        assert_eq!(words("150 A 1").unwrap().0, ProductId::new(150));
        for wrong in [
            "A 0",
            "A +0",
            "A -0",
            "A 1.5",
            "A +-1",
            "A --1",
            "A x",
            "A +",
            "B A 1",
            "A 9223372036854775808",
            "A 2147483648",
            "A - 3",
            "A \u{2013}3",
            "A=3",
            "150 A=3",
        ] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
        assert_eq!(words("A -2147483647").unwrap().2, -2_147_483_647);
        assert!(words("A -9223372036854775808").is_err());
    }

    #[test]
    fn a_reason_is_counted_in_characters() {
        assert!(check_reason(Some(&"é".repeat(255))).is_ok());
        assert!(check_reason(Some(&"é".repeat(256))).is_err());
        assert!(check_reason(None).is_ok());
    }
}
