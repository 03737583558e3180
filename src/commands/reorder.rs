//! `sxinv reorder`: what is at or below its minimum, and what to order.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::import_csv::read_file;
use super::snapshot::{WORKERS, read_store};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::import::read_levels;
use crate::memory::Memory;
use crate::memory::pace::{self, Pace};
use crate::memory::reorder::{Matched, Short, Unknown};
use crate::memory::side::Here;
use crate::render::row;
use crate::wanted::Level;
use crate::words::{counted, listed};

/// How many rows that are not in the store, or suppliers, are named.
const NAMED: usize = 5;

row! {
    /// A variant to order.
    pub struct OrderRow<'a> {
        product_id: i64 = "PRODUCT" Id,
        sku_id: i64 = "SKU ID" Id hidden,
        sku_code: &'a str = "SKU" Code,
        supplier: Option<&'a str> = "SUPPLIER" Name,
        quantity: i64 = "STOCK" Stock,
        min: i64 = "MIN" Number,
        target: i64 = "TARGET" Number,
        pack: i64 = "PACK" Number hidden,
        order: i64 = "ORDER" Number,
        days_left: Option<i64> = "DAYS LEFT" Number,
    }
}

/// Which levels, and of whom.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv reorder levels.csv
  sxinv reorder levels.csv --supplier 'Rosen GmbH' -o csv > order.csv
  sxinv reorder levels.csv --exit-code || notify

The file has the columns sku_code (or sku_id), min and target, and may have supplier and pack. Days left are told where
snapshots reach back seven days.")]
pub struct ReorderArgs {
    /// The file with the levels: CSV or a spreadsheet, or - for standard input
    #[arg(value_name = "LEVELS")]
    levels: PathBuf,

    /// Only what this supplier delivers
    #[arg(long, value_name = "NAME")]
    supplier: Option<String>,

    /// Exit with 9 when anything is to be ordered
    #[arg(long)]
    exit_code: bool,
}

/// Shows what to order.
pub fn run(args: &ReorderArgs, context: &Context) -> Result<Exit> {
    context.check_fields(OrderRow::COLUMNS)?;
    let name = args.levels.display().to_string();
    let mut levels = levels(&args.levels)?;
    if let Some(supplier) = &args.supplier {
        of_supplier(&mut levels, supplier, &name)?;
    }
    let rows = levels.len();
    let store = context.connection()?.store();
    let mut memory = Memory::open(&context.state_folder()?)?;
    let read = read_store(&mut memory, WORKERS, context)?;
    let mut matched = match_levels(&memory, levels, &name)?;
    let partly = !read.unreadable.is_empty();
    tell_unknown(&matched.unknown, rows, partly, &name, context)?;
    let here: Vec<Here> = matched.short.iter().map(|s| s.here.clone()).collect();
    let paces = pace::paces(&memory, &context.state()?, store, &here)?;
    show(&mut matched.short, &paces, context)?;
    summarise(&matched, &paces, context);
    read.unreadable.none()?;
    match args.exit_code && !matched.short.is_empty() {
        true => Ok(Exit::Listed),
        false => Ok(Exit::Done),
    }
}

/// The levels in a file; its faults are told with its name.
pub(super) fn levels(path: &Path) -> Result<Vec<Level>> {
    read_levels(&read_file(path)?).map_err(|error| error.of_file(path.display()))
}

/// The variants that the rows mean. An error, usage, where that can't be told.
pub(super) fn match_levels(memory: &Memory, levels: Vec<Level>, name: &str) -> Result<Matched> {
    let mut matched = memory.matched(levels)?;
    let faults = std::mem::take(&mut matched.faults);
    match faults.len() as u64 {
        0 => Ok(matched),
        count => Err(Error::usage(format!(
            "{name} has {} that can't be told apart",
            counted(count, "row")
        ))
        .with_faults(faults)
        .hinted("a column sku_id says which variant is meant; keep one row for each")),
    }
}

fn of_supplier(levels: &mut Vec<Level>, supplier: &str, name: &str) -> Result<()> {
    let asked = supplier.trim().to_lowercase();
    let mut all: Vec<String> = levels.iter().filter_map(|l| l.supplier.clone()).collect();
    levels.retain(|level| {
        let theirs = level.supplier.as_ref().map(|theirs| theirs.to_lowercase());
        theirs.is_some_and(|theirs| theirs == asked)
    });
    if !levels.is_empty() {
        return Ok(());
    }
    all.sort_unstable();
    all.dedup();
    let more = all.len().saturating_sub(NAMED);
    let error = Error::usage(format!("no row of {name} names the supplier {supplier}"));
    all.truncate(NAMED);
    Err(error.hinted(match (&all[..], more) {
        ([], _) => "the file has no suppliers: it needs a column supplier".to_owned(),
        (all, 0) => format!("its suppliers are {}", listed(all, "and")),
        (all, more) => format!("its suppliers are {} and {more} more", all.join(", ")),
    }))
}

/// Rows whose variant is not in the store. An error, not found, where that is every row.
fn tell_unknown(
    unknown: &[Unknown],
    rows: usize,
    partly: bool,
    name: &str,
    context: &Context,
) -> Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    let one = |row: &Unknown| match row.near.is_empty() {
        true => format!("{} (line {})", row.name, row.line),
        false => {
            let near = listed(&row.near, "or");
            format!("{} (line {}; did you mean {near}?)", row.name, row.line)
        }
    };
    let mut named: Vec<String> = unknown.iter().take(NAMED).map(one).collect();
    if unknown.len() > NAMED {
        named.push(format!("and {} more", unknown.len() - NAMED));
    }
    let named = named.join(", ");
    let of = match partly {
        true => "what could be read of the store",
        false => "the store",
    };
    if unknown.len() == rows {
        let message = format!("no row of {name} is about a variant of {of}: {named}");
        return Err(Error::new(ErrorKind::NotFound, message)
            .hinted("-p names another store; every SKU code: sxinv list --variants --all"));
    }
    let rows = match unknown.len() {
        1 => "1 row is".to_owned(),
        n => format!("{} are", counted(n as u64, "row")),
    };
    context
        .ui()
        .warn(format!("{name}: {rows} not in {of}: {named}"));
    Ok(())
}

/// For people grouped by supplier, what runs out first on top; else in the order of the file.
fn show(short: &mut [Short], paces: &HashMap<i64, Pace>, context: &Context) -> Result<()> {
    if context.format() == Format::Table {
        short.sort_by_cached_key(|short| {
            let none_left = (short.here.quantity <= 0).then_some(0);
            let days = none_left.or(days_left(short, paces));
            (
                short.level.supplier.is_none(),
                short.level.supplier.as_ref().map(|s| s.to_lowercase()),
                days.is_none(),
                days,
                Reverse(short.order),
            )
        });
    }
    let rows = short.iter().map(|short| OrderRow {
        product_id: short.here.product,
        sku_id: short.here.sku,
        sku_code: &short.here.sku_code,
        supplier: short.level.supplier.as_deref(),
        quantity: short.here.quantity,
        min: short.level.min,
        target: short.level.target,
        pack: short.level.pack,
        order: short.order,
        days_left: days_left(short, paces),
    });
    context.rows(OrderRow::COLUMNS, rows).map(drop)
}

fn days_left(short: &Short, paces: &HashMap<i64, Pace>) -> Option<i64> {
    paces.get(&short.here.sku)?.days_left(short.here.quantity)
}

/// What stands below.
fn summarise(matched: &Matched, paces: &HashMap<i64, Pace>, context: &Context) {
    let enough = match matched.enough {
        0 => String::new(),
        n => format!("; of {} there is enough", counted(n, "variant")),
    };
    if matched.short.is_empty() {
        context.footer(format!("nothing is to be ordered{enough}"));
        return;
    }
    let units = matched.short.iter().map(|short| i128::from(short.order));
    let units = i64::try_from(units.sum::<i128>()).unwrap_or(i64::MAX);
    let units = counted(units.unsigned_abs(), "unit");
    let variants = counted(matched.short.len() as u64, "variant");
    context.footer(format!("order {units} of {variants}{enough}"));
    if paces.is_empty() {
        context.footer(
            "days left: not before snapshots reach back 7 days; to take one: sxinv snapshot",
        );
    }
}
