//! `sxinv report`: the store's stock on one page, with tables that can be printed and pictures.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::reorder::{levels, match_levels};
use super::snapshot::{WORKERS, read_store};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::file::NewFile;
use crate::memory::Memory;
use crate::memory::diff::{self, Difference};
use crate::memory::pace;
use crate::memory::side::{Here, Side};
use crate::memory::snapshot::Snapshot;
use crate::memory::survey::{First, Item};
use crate::outputs;
use crate::page::{self, Facts, Move, Moved, Order, Orders, ROWS, Sale, Sold};
use crate::render::row;
use crate::shell;
use crate::state::State;
use crate::time::{self, UtcTime};
use crate::wanted::Level;

/// How many variants' paces are told at once: each remembers all of its snapshots meanwhile.
const AT_ONCE: usize = 10_000;

/// How many moments of the stock over time are in its picture.
const MOMENTS: usize = 400;

row! {
    /// What is printed of a page.
    pub struct ReportRow<'a> {
        file: &'a str = "FILE" Name,
        products: u64 = "PRODUCTS" Number,
        variants: u64 = "VARIANTS" Number,
        units: i64 = "UNITS" Number,
        value: Option<String> = "VALUE" Number,
        sold_out: u64 = "SOLD OUT" Number,
        low: u64 = "LOW" Number,
        order: Option<u64> = "TO ORDER" Number hidden,
        changed: Option<u64> = "CHANGED" Number hidden,
    }
}

/// Where the page goes, and what is low.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv report stock.html
  sxinv report stock.html --levels levels.csv    with what to order
  sxinv report stock.html --below 10             fewer than 10 units are low
  0 7 * * 1  sxinv -q report stock.html > /dev/null    in a crontab: every Monday

The page needs nothing but a browser, and prints well. What moved, what sells and the stock over time are told by
snapshots (sxinv snapshot).")]
pub struct ReportArgs {
    /// The page, an .html file; one that is there is replaced
    #[arg(value_name = "FILE.html")]
    file: PathBuf,

    /// Say what to order by this file of levels, as reorder does
    #[arg(long, value_name = "LEVELS")]
    levels: Option<PathBuf>,

    /// Fewer units than this are low
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(i64).range(1..))]
    below: i64,
}

/// Writes the page.
pub fn run(args: &ReportArgs, context: &Context) -> Result<Exit> {
    context.check_fields(ReportRow::COLUMNS)?;
    check_file(args)?;
    let levels = args.levels.as_deref().map(levels).transpose()?;
    // Begun and dropped: that it can't be written is told before the store is read.
    drop(NewFile::create(&args.file)?);
    let store = context.connection()?.store();
    let mut memory = Memory::open(&context.state_folder()?)?;
    let read = read_store(&mut memory, WORKERS, context)?;
    let snapshots = memory.snapshots(store)?;
    if let Some(last) = snapshots.first() {
        memory.add_snapshot(Side::Before, store, last)?;
    }
    let unread: Vec<_> = read.unreadable.ids().collect();
    memory.leave_out(&unread)?;
    let mut told = Told {
        memory: &memory,
        state: &context.state()?,
        store,
        now: read.ended,
    };
    let facts = told.facts(
        args,
        levels,
        snapshots,
        read.unreadable.len() as u64,
        context,
    )?;
    let mut file = NewFile::create(&args.file)?;
    file.write_all(page::write(&facts).as_bytes())
        .map_err(|e| file.unwritten(Error::unwritten(e)))?;
    file.finish()?;
    show(&args.file, &facts, context)?;
    read.unreadable.none().map(|()| Exit::Done)
}

/// A page is replaced without a question, so that it has to be one, and not what it is made of.
fn check_file(args: &ReportArgs) -> Result<()> {
    let extension = args.file.extension().and_then(|e| e.to_str());
    let is_page =
        extension.is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    let is_file = !args.file.exists() || args.file.is_file();
    let name = args.file.display();
    if !is_page && is_file {
        let page = format!("{name}.html");
        return Err(
            Error::usage(format!("{name}: the name of a page ends in .html"))
                .hinted(format!("sxinv report {}", shell::file(&page))),
        );
    }
    if let Some(levels) = &args.levels
        && outputs::is_same(&args.file, levels)
    {
        return Err(Error::usage(format!("{name} is the levels file itself")));
    }
    Ok(())
}

fn show(file: &Path, facts: &Facts, context: &Context) -> Result<()> {
    let row = ReportRow {
        file: &file.to_string_lossy(),
        products: facts.totals.products.len() as u64,
        variants: facts.totals.variants,
        units: facts.totals.units,
        value: facts.totals.value.map(|value| value.to_string()),
        sold_out: facts.totals.sold_out,
        low: facts.low.count,
        order: facts.orders.as_ref().map(|orders| orders.lines.count),
        changed: facts.moved.as_ref().map(|moved| moved.lines.count),
    };
    context.rows(ReportRow::COLUMNS, [row]).map(drop)
}

/// Where the facts come from.
struct Told<'a> {
    memory: &'a Memory,
    state: &'a State,
    store: &'a str,
    /// Unix milliseconds.
    now: i64,
}

impl Told<'_> {
    fn facts(
        &mut self,
        args: &ReportArgs,
        levels: Option<Vec<Level>>,
        snapshots: Vec<Snapshot>,
        unread: u64,
        context: &Context,
    ) -> Result<Facts> {
        let totals = self.memory.totals()?;
        let moved = snapshots.first().map(|last| self.moved(last)).transpose()?;
        let orders = match (&args.levels, levels) {
            (Some(path), Some(levels)) => Some(self.orders(path, levels)?),
            _ => None,
        };
        let taken = |s: &Snapshot| (s.snapshot, s.ended_at);
        let taken: Vec<(i64, UtcTime)> = snapshots.iter().rev().map(taken).collect();
        let course = course(&snapshots, (self.now, totals.units));
        let window = pace::window(snapshots, self.now);
        let sold = window.first().map(|first| self.sold(first)).transpose()?;
        let still = window.first().map(|first| {
            let still = self.memory.still_since(self.store, first.snapshot, ROWS)?;
            Ok::<_, Error>((first.ended_at, still))
        });
        Ok(Facts {
            store: context.connection()?.called(),
            typed: context.typed_again()?,
            at: UtcTime::from_millis(self.now),
            time_zone: time::zone(),
            sold_out: self.memory.sold_out(ROWS)?,
            below: args.below,
            low: self.memory.low(args.below, ROWS)?,
            totals,
            orders,
            moved,
            sold,
            still: still.transpose()?,
            course,
            taken,
            unread,
        })
    }

    fn moved(&self, last: &Snapshot) -> Result<Moved> {
        let mut differences = self
            .memory
            .differences((Some(last.ended_at.as_millis()), None))?;
        diff::fill_in_ours(&mut differences, self.state, self.store)?;
        let changes = || differences.iter().map(Difference::change);
        let up = sum(changes().map(|change| change.max(0)));
        let down = sum(changes().map(|change| change.saturating_neg().max(0)));
        let ours: Option<Vec<i64>> = differences.iter().map(|d| d.ours).collect();
        differences.sort_by_key(|d| (-d.change().saturating_abs(), d.product, d.sku));
        let first = First::of(differences, ROWS);
        let mut rows = Vec::new();
        for difference in &first.rows {
            let item = match difference.sku {
                Some(sku) => self.memory.named(sku)?,
                None => None,
            };
            rows.extend(item.map(|item| Move {
                item,
                before: difference.before,
                after: difference.after,
                change: difference.change(),
            }));
        }
        Ok(Moved {
            since: last.ended_at,
            lines: First {
                rows,
                count: first.count,
            },
            up,
            down,
            ours: ours.map(sum),
        })
    }

    fn sold(&self, first: &Snapshot) -> Result<Sold> {
        let moved = self.memory.moved_since(self.store, first.snapshot)?;
        let mut sales: Vec<(&Here, i64, Option<i64>)> = Vec::new();
        for some in moved.chunks(AT_ONCE) {
            let paces = pace::paces(self.memory, self.state, self.store, some)?;
            let sales_of = some.iter().filter_map(|here| {
                let pace = paces.get(&here.sku).filter(|pace| pace.sold > 0)?;
                Some((here, pace.sold, pace.days_left(here.quantity)))
            });
            sales.extend(sales_of);
        }
        let units = sum(sales.iter().map(|(_, sold, _)| *sold));
        sales.sort_by_key(|(here, sold, _)| (-sold, here.sku));
        let first_sales = First::of(sales, ROWS);
        let mut rows = Vec::new();
        for (here, sold, days_left) in first_sales.rows {
            rows.extend(self.memory.named(here.sku)?.map(|item| Sale {
                item,
                sold,
                days_left,
            }));
        }
        Ok(Sold {
            since: first.ended_at,
            lines: First {
                rows,
                count: first_sales.count,
            },
            units,
        })
    }

    fn orders(&self, path: &Path, levels: Vec<Level>) -> Result<Orders> {
        let name = path.display().to_string();
        let matched = match_levels(self.memory, levels, &name)?;
        let here: Vec<Here> = matched.short.iter().map(|s| s.here.clone()).collect();
        let paces = pace::paces(self.memory, self.state, self.store, &here)?;
        let mut orders = Vec::new();
        for short in matched.short {
            let pace = paces.get(&short.here.sku);
            let item: Option<Item> = self.memory.named(short.here.sku)?;
            orders.extend(item.map(|item| Order {
                days_left: pace.and_then(|pace| pace.days_left(item.here.quantity)),
                item,
                supplier: short.level.supplier,
                min: short.level.min,
                order: short.order,
            }));
        }
        orders.sort_by_key(|order| {
            let none_left = (order.item.here.quantity <= 0).then_some(0);
            let days = none_left.or(order.days_left);
            (days.is_none(), days, -order.order)
        });
        let units = sum(orders.iter().map(|order| order.order));
        Ok(Orders {
            file: name,
            lines: First::of(orders, ROWS),
            units,
            unknown: matched.unknown.len() as u64,
        })
    }
}

/// As many as can be counted, in units.
fn sum(units: impl IntoIterator<Item = i64>) -> i64 {
    units.into_iter().fold(0, i64::saturating_add)
}

/// Units over time, now last; of many snapshots evenly chosen ones.
fn course(snapshots: &[Snapshot], now: (i64, i64)) -> Vec<(i64, i64)> {
    let step = snapshots.len().div_ceil(MOMENTS).max(1);
    let points = snapshots.iter().step_by(step).rev();
    let point = |s: &Snapshot| (s.ended_at.as_millis(), s.units);
    points.map(point).chain([now]).collect()
}
