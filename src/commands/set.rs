//! `sxinv set`: absolute quantities of one product's variants, one `PUT`.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use super::complete;
use super::write::{self, MOST_UNITS, Typed, too_many};
use crate::catalogue::SkuName;
use crate::change::row::RunRow;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{ProductId, SkuId};
use crate::render::{self, raw, row};
use crate::shell::{self, quoted};
use crate::wanted::Mode;
use crate::words::digits;

/// Which variants get which quantities.
#[derive(Args, Debug)]
#[command(
    override_usage = "sxinv set [OPTIONS] [PRODUCT] <SKU>=<QTY>...",
    after_help = "\
Examples:
  sxinv set PRB-SM-RED=50                        by the code on its label
  sxinv set PRB-SM-RED 50                        the same
  sxinv set 150 PRB-SM-RED=50 PRB-LG-WHT=0       several of one product
  sxinv set id:450=50                            by sku id
  sxinv set code:00123=12                        a code that looks like a number
  sxinv set 150 450=50 --dry-run                 what it would do"
)]
pub struct SetArgs {
    /// A product id, where given first; then SKU=QUANTITY, once or more
    #[arg(required = true, value_name = "SKU=QTY", allow_negative_numbers = true, add = complete::codes_to_set())]
    words: Vec<String>,

    /// Say what would be done and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// The changes of a product, with the fields that were asked for.
#[derive(Serialize)]
struct Document {
    product_id: Option<ProductId>,
    changes: Vec<Box<RawValue>>,
}

row! {
    /// A variant and its new quantity.
    pub struct Change {
        sku_id: Option<SkuId> = "SKU ID" Id,
        sku_code: String = "SKU" Code,
        previous_quantity: Option<i64> = "BEFORE" Number,
        quantity: Option<i64> = "NOW" Stock,
        outcome: &'static str = "OUTCOME" Outcome hidden,
    }
}

/// Reads the product, refuses what is not its own, sets, and shows previous and new quantity.
pub fn run(args: &SetArgs, context: &Context) -> Result<Exit> {
    let (product, changes) = parse(&args.words)?;
    context.check_fields(Change::COLUMNS)?;
    let mut seen = HashSet::new();
    if let Some((name, _)) = changes
        .iter()
        .find(|(name, _)| !seen.insert(name.to_string()))
    {
        return Err(Error::usage(format!("{name} is given twice")));
    }
    let done = write::typed(
        Typed {
            command: "set",
            mode: Mode::Set,
            product,
            changes,
            reason: None,
            dry_run: args.dry_run,
        },
        context,
    )?;
    let product_id = done.rows.first().and_then(|row| row.product);
    let rows: Vec<Change> = done.rows.iter().map(Change::from).collect();
    let columns = write::columns(Change::COLUMNS, args.dry_run);
    let only = |row| render::only(&raw(row)?, context.fields());
    let changes: Result<_> = rows.iter().map(only).collect();
    let printed = changes.and_then(|changes| {
        let document = Document {
            product_id,
            changes,
        };
        write::print(context, &document, &rows, &columns)
    });
    done.ends(printed, context)
}

impl From<&RunRow> for Change {
    fn from(row: &RunRow) -> Change {
        Change {
            sku_id: row.sku,
            sku_code: row.sku_code.clone().unwrap_or_default(),
            previous_quantity: row.previous,
            quantity: row.quantity(),
            outcome: row.outcome().name(),
        }
    }
}

/// A product, where one was named, and the quantities of its variants.
type Changes = (Option<ProductId>, Vec<(SkuName, i64)>);

/// What was typed: perhaps a product id, then SKU=QUANTITY; or a code and its quantity. What nearly says that is an error
/// whose hint is the command that is meant.
fn parse(words: &[String]) -> Result<Changes> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [code, quantity] = words[..]
        && let Some(change) = code_and_quantity(code, quantity)?
    {
        return Ok((None, vec![change]));
    }
    if let Some(meant) = meant(&words).or_else(|| adjusts(&words)) {
        let error = Error::usage(format!("`{}` is not SKU=QUANTITY", words.join(" ")));
        return Err(error.hinted(meant));
    }
    let (product, changes) = match &words[..] {
        // A code, and what was to be its quantity.
        [code, quantity] if !code.contains('=') && !digits(code) && !quantity.contains('=') => {
            return Err(no_quantity(quantity, &words.join(" ")));
        }
        [first, rest @ ..] if !first.contains('=') => {
            let id = first.parse().map_err(|_| {
                Error::usage(format!(
                    "`{first}` is neither a product id nor SKU=QUANTITY"
                ))
                .hinted(format!(
                    "say how many it is to have: {}=QUANTITY",
                    quoted(first)
                ))
            })?;
            (Some(id), rest)
        }
        all => (None, all),
    };
    if changes.is_empty() {
        return Err(Error::usage("no quantity is given")
            .hinted("name variants and how many each is to have: SKU=QUANTITY"));
    }
    let changes = changes
        .iter()
        .map(|word| {
            // A code may contain `=`; a quantity can't.
            let (sku, quantity) = word
                .rsplit_once('=')
                .ok_or_else(|| Error::usage(format!("`{word}` is not SKU=QUANTITY")))?;
            let name = sku.parse().map_err(Error::usage)?;
            Ok((name, read_quantity(quantity, word)?))
        })
        .collect::<Result<_>>()?;
    Ok((product, changes))
}

/// A code and the quantity behind it, as two words. Where the first could be a product too, nobody can tell: an error.
fn code_and_quantity(code: &str, quantity: &str) -> Result<Option<(SkuName, i64)>> {
    if code.contains('=') || !digits(quantity) {
        return Ok(None);
    }
    let Ok(name) = code.parse::<SkuName>() else {
        return Ok(None);
    };
    if digits(code) {
        let error = Error::usage(format!(
            "`{code}` may be a product, a sku id or a SKU code; nothing was sent"
        ));
        return Err(error.hinted(format!(
            "sxinv set code:{code}={quantity}\nsxinv set id:{code}={quantity}\nfor a variant of that product: sxinv set {code} SKU={quantity}"
        )));
    }
    Ok(Some((
        name,
        read_quantity(quantity, &format!("{code} {quantity}"))?,
    )))
}

/// The command that is meant by `X:40`, `X = 40`, `150 X 40` or `X 40 Y 12`.
fn meant(words: &[&str]) -> Option<String> {
    if let Some(changes) = in_pairs(words) {
        return Some(changes);
    }
    let (product, sku, quantity) = match words {
        [word] => {
            let (sku, quantity) = word.rsplit_once(':')?;
            (None, sku, quantity)
        }
        [sku, "=", quantity] => (None, *sku, *quantity),
        [sku, quantity] if sku.ends_with('=') => (None, sku.strip_suffix('=')?, *quantity),
        [sku, quantity] if quantity.starts_with('=') => (None, *sku, quantity.strip_prefix('=')?),
        [product, word] if digits(product) => {
            let (sku, quantity) = word.rsplit_once(':')?;
            (Some(*product), sku, quantity)
        }
        _ => return None,
    };
    let is_prefix = matches!(sku, "id" | "code" | "");
    if is_prefix || sku.contains('=') || !digits(quantity) {
        return None;
    }
    let change = format!("{sku}={quantity}");
    Some(shell::sxinv("set", product.into_iter().chain([&*change])))
}

/// The command that is meant where codes and quantities are words of their own, perhaps behind a product.
fn in_pairs(words: &[&str]) -> Option<String> {
    let (product, pairs) = words.split_at(words.len() % 2);
    let mut meant: Vec<String> = product.iter().map(|id| (*id).to_owned()).collect();
    for pair in pairs.chunks_exact(2) {
        if pair[0].contains('=') || pair[0].is_empty() || !digits(pair[1]) {
            return None;
        }
        meant.push(format!("{}={}", pair[0], pair[1]));
    }
    let is_meant = !pairs.is_empty() && product.iter().all(|product| digits(product));
    is_meant.then(|| shell::sxinv("set", meant.iter().map(String::as_str)))
}

/// The command that is meant by `X +2`, `X -3` or `X=-3`.
fn adjusts(words: &[&str]) -> Option<String> {
    let signed = |text: &str| {
        let units = text.strip_prefix(['+', '-']);
        units.is_some_and(|units| digits(units) && units.contains(|c| c != '0'))
    };
    let (product, sku, by) = match words {
        [product, sku, by] if digits(product) && signed(by) => (Some(*product), *sku, *by),
        [product, word] if digits(product) && word.contains('=') => {
            let (sku, by) = word.rsplit_once('=')?;
            (Some(*product), sku, by)
        }
        [sku, by] if !sku.contains('=') => (None, *sku, *by),
        [word] => {
            let (sku, by) = word.rsplit_once('=')?;
            (None, sku, by)
        }
        _ => return None,
    };
    let words = product.into_iter().chain([sku, by]);
    (signed(by) && !sku.is_empty()).then(|| shell::sxinv("adjust", words))
}

fn no_quantity(text: &str, word: &str) -> Error {
    Error::usage(format!(
        "`{text}` in `{word}` is not a quantity: a whole number from 0, only digits"
    ))
}

fn read_quantity(text: &str, word: &str) -> Result<i64> {
    if !digits(text) {
        return Err(no_quantity(text, word));
    }
    let units = text.parse().ok().filter(|units| *units <= MOST_UNITS);
    units.ok_or_else(|| too_many(text))
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
        let quantities: Vec<i64> = changes.iter().map(|(_, q)| *q).collect();
        assert_eq!(quantities, [50, 0, 7]);
        assert_eq!(changes[2].0, SkuName::Code("A=B".into()));
        assert_eq!(words("PRB-SM-RED=50").unwrap().0, None);
        for same in ["PRB-SM-RED 50", "code:450 50"] {
            let (product, changes) = words(same).unwrap();
            assert_eq!((product, changes[0].1), (None, 50), "{same}");
        }
    }

    #[test]
    fn what_adjusts_is_not_set() {
        for (typed, meant) in [
            ("SUN-MD +2", "sxinv adjust SUN-MD +2"),
            ("SUN-MD -2", "sxinv adjust SUN-MD -2"),
            ("SUN-MD=+2", "sxinv adjust SUN-MD +2"),
            ("150 SUN-MD=-3", "sxinv adjust 150 SUN-MD -3"),
            ("150 SUN-MD -3", "sxinv adjust 150 SUN-MD -3"),
        ] {
            assert_eq!(words(typed).unwrap_err().hint(), Some(meant), "{typed}");
        }
        // Nobody typed a quantity, so none is proposed.
        for typed in ["SUN-MD", "150"] {
            let error = words(typed).unwrap_err();
            assert!(error.hint().unwrap().contains("QUANTITY"), "{error:?}");
        }
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
            "PRB:5",
            "PRB = 5",
            "PRB= 5",
            "PRB =5",
            "450 5",
            "150 PRB 5",
            "PRB=99999999999999999999",
        ] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }
}
