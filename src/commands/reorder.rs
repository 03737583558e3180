//! `sxinv reorder`: what is at or below its minimum, and what to order.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::bulk::raw;
use super::rows::column;
use super::snapshot::read_store;
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Fault, Result};
use crate::memory::Memory;
use crate::memory::pace;
use crate::memory::side::Here;
use crate::render::{Column, Kind};
use crate::words::counted;

/// Requests under way at once.
const WORKERS: usize = 16;

/// So many codes that are not in the store are named.
const NAMED: usize = 5;

const COLUMNS: &[Column] = &[
    column("product_id", "PRODUCT", Kind::Id, true),
    column("sku_id", "SKU ID", Kind::Id, false),
    column("sku_code", "SKU", Kind::Code, true),
    column("supplier", "SUPPLIER", Kind::Name, true),
    column("quantity", "STOCK", Kind::Stock, true),
    column("min", "MIN", Kind::Number, true),
    column("target", "TARGET", Kind::Number, true),
    column("pack", "PACK", Kind::Number, false),
    column("order", "ORDER", Kind::Number, true),
    column("days_left", "DAYS LEFT", Kind::Number, true),
];

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
    /// The CSV file with the levels
    #[arg(value_name = "LEVELS")]
    levels: PathBuf,

    /// Only what this supplier delivers
    #[arg(long, value_name = "NAME")]
    supplier: Option<String>,

    /// Exit with 9 when anything is to be ordered
    #[arg(long)]
    exit_code: bool,
}

/// A row of the levels file.
#[derive(Debug, PartialEq, Eq)]
struct Level {
    line: u64,
    sku: Option<i64>,
    sku_code: Option<String>,
    supplier: Option<String>,
    min: i64,
    target: i64,
    pack: i64,
}

impl Level {
    /// What to order, in whole packs, of a variant with this many units; `None` where there are enough.
    fn order(&self, quantity: i64) -> Option<i64> {
        let short = self.target.saturating_sub(quantity);
        if quantity > self.min || short <= 0 {
            return None;
        }
        let packs = short / self.pack + i64::from(short % self.pack > 0);
        Some(packs.saturating_mul(self.pack))
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    product_id: i64,
    sku_id: i64,
    sku_code: &'a str,
    supplier: Option<&'a str>,
    quantity: i64,
    min: i64,
    target: i64,
    pack: i64,
    order: i64,
    days_left: Option<i64>,
}

/// Shows what to order.
pub fn run(args: &ReorderArgs, context: &Context) -> Result<Exit> {
    context.check_fields(COLUMNS)?;
    let name = args.levels.display().to_string();
    let bytes = fs::read(&args.levels)
        .map_err(|e| Error::usage(format!("can't read {name}")).caused_by(e))?;
    let mut levels = read(&bytes, &name)?;
    if let Some(supplier) = &args.supplier {
        let is_theirs = |level: &Level| {
            level
                .supplier
                .as_deref()
                .is_some_and(|of| of.trim().eq_ignore_ascii_case(supplier.trim()))
        };
        levels.retain(is_theirs);
        if levels.is_empty() {
            return Err(Error::usage(format!(
                "no row of {name} names the supplier {supplier}"
            )));
        }
    }
    let store = context.connection()?.store();
    let mut memory = Memory::open(&context.settings().state_folder()?)?;
    let store_read = read_store(&mut memory, WORKERS, context)?;
    let mut missing = Vec::new();
    let mut short: Vec<(Here, &Level, i64)> = Vec::new();
    for level in &levels {
        let named = level
            .sku_code
            .clone()
            .or(level.sku.map(|sku| sku.to_string()))
            .unwrap_or_default();
        let mut found = memory.here(level.sku, level.sku_code.as_deref())?;
        match (found.pop(), found.is_empty()) {
            (Some(here), true) => {
                if let Some(order) = level.order(here.quantity) {
                    short.push((here, level, order));
                }
            }
            (Some(_), false) => {
                return Err(Error::usage(format!(
                    "{name}, line {}: several variants have the code {named}",
                    level.line
                ))
                .hinted("a column sku_id says which one is meant"));
            }
            (None, _) => missing.push(named),
        }
    }
    let skus: Vec<i64> = short.iter().map(|(here, ..)| here.sku).collect();
    let pace = pace::sold_per_day(&memory, &context.state()?, store, &skus, store_read.ended)?;
    let mut records = context.records(COLUMNS)?;
    for (here, level, order) in &short {
        let pace = pace.get(&here.sku).copied().filter(|pace| *pace > 0.0);
        records.push(&raw(&Shown {
            product_id: here.product,
            sku_id: here.sku,
            sku_code: &here.sku_code,
            supplier: level.supplier.as_deref(),
            quantity: here.quantity,
            min: level.min,
            target: level.target,
            pack: level.pack,
            order: *order,
            days_left: pace.map(|pace| (here.quantity as f64 / pace).floor() as i64),
        })?)?;
    }
    records.finish()?;
    if !missing.is_empty() {
        let named: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
        let count = counted(missing.len() as u64, "row");
        context.ui().warn(format!(
            "{count} of {name} not in the store: {}",
            named.join(", ")
        ));
    }
    match short.is_empty() {
        true => context.footer("nothing is to be ordered"),
        false => context.footer(format!(
            "{} to order",
            counted(short.len() as u64, "variant")
        )),
    }
    store_read.unreadable.none()?;
    match args.exit_code && !short.is_empty() {
        true => Ok(Exit::Listed),
        false => Ok(Exit::Done),
    }
}

/// The levels in a CSV file, or every fault of it.
fn read(bytes: &[u8], name: &str) -> Result<Vec<Level>> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Error::usage(format!("{name} is not UTF-8")))?;
    let text = text.trim_start_matches('\u{FEFF}');
    let header = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| {
            (
                header.bytes().filter(|b| b == delimiter).count(),
                *delimiter == b',',
            )
        })
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let unreadable = |e: csv::Error| Error::usage(format!("can't read {name}")).caused_by(e);
    let plain = |header: &str| header.to_lowercase().replace([' ', '_', '-'], "");
    let headers: Vec<String> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(plain)
        .collect();
    let at = |names: &[&str]| {
        headers
            .iter()
            .position(|header| names.contains(&header.as_str()))
    };
    let (sku, code) = (at(&["skuid"]), at(&["skucode", "sku"]));
    let (Some(min), Some(target)) = (at(&["min", "minimum"]), at(&["target"])) else {
        return Err(Error::usage(format!(
            "{name} needs the columns min and target"
        )));
    };
    if sku.is_none() && code.is_none() {
        return Err(Error::usage(format!(
            "{name} needs a column sku_code or sku_id"
        )));
    }
    let (supplier, pack) = (at(&["supplier"]), at(&["pack"]));
    let (mut levels, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: Option<usize>| record.get(at?).filter(|cell| !cell.is_empty());
        let mut fault = |column: &str, message: &str| {
            faults.push(Fault {
                line: Some(line),
                column: Some(column.to_owned()),
                cell: None,
                message: message.to_owned(),
            });
        };
        let mut number = |at: Option<usize>, column: &str, least: i64, otherwise: Option<i64>| {
            let number = cell(at).map_or(otherwise, |cell| cell.parse().ok());
            let number = number.filter(|number| *number >= least);
            if number.is_none() {
                fault(column, &format!("takes a whole number of at least {least}"));
            }
            number
        };
        let numbers = (
            number(Some(min), "min", 0, None),
            number(Some(target), "target", 0, None),
            number(pack, "pack", 1, Some(1)),
        );
        let sku_id = cell(sku).map(|cell| cell.parse::<i64>().ok());
        match (sku_id, cell(code)) {
            (Some(None), _) => fault("sku_id", "takes a whole number"),
            (None, None) => fault("sku_code", "is empty: the row names no variant"),
            _ => {}
        }
        let (Some(min), Some(target), Some(pack)) = numbers else {
            continue;
        };
        if target < min {
            fault("target", "is below min");
        }
        levels.push(Level {
            line,
            sku: sku_id.flatten(),
            sku_code: cell(code).map(str::to_owned),
            supplier: cell(supplier).map(str::to_owned),
            min,
            target,
            pack,
        });
    }
    match faults.len() as u64 {
        0 => Ok(levels),
        count => {
            Err(Error::usage(format!("{name} has {}", counted(count, "fault"))).with_faults(faults))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ordered_fills_up_to_the_target_in_whole_packs() {
        let levels = read(
            b"\xEF\xBB\xBFSKU Code;Min;Target;Pack;Supplier\nA;5;20;6;X\nB;5;20;;\n",
            "f",
        )
        .unwrap();
        let orders = |level: &Level| [6, 5, 0, -3].map(|quantity| level.order(quantity));
        assert_eq!(orders(&levels[0]), [None, Some(18), Some(24), Some(24)]);
        assert_eq!(orders(&levels[1]), [None, Some(15), Some(20), Some(23)]);
        assert_eq!(
            (levels[0].supplier.as_deref(), levels[1].supplier.as_deref()),
            (Some("X"), None)
        );
        let full = Level {
            min: 5,
            target: 5,
            ..read(b"sku_id,min,target\n1,0,0\n", "f").unwrap().remove(0)
        };
        assert_eq!(full.order(5), None);
    }

    #[test]
    fn every_fault_of_a_file_is_told_with_its_line() {
        let error = read(b"sku_code,min,target,pack\nA,5,4,1\n,1,2,1\nB,x,2,0\n", "f").unwrap_err();
        let faults: Vec<String> = error.faults().iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "line 2, column target: is below min",
                "line 3, column sku_code: is empty: the row names no variant",
                "line 4, column min: takes a whole number of at least 0",
                "line 4, column pack: takes a whole number of at least 1"
            ]
        );
        for file in [&b"sku_code,min\n"[..], b"min,target\n", b"\xff\xfe"] {
            assert!(read(file, "f").is_err());
        }
    }
}
