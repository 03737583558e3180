//! `sxinv snapshot`: remembers the whole store's stock.

use clap::Args;

use super::reading::{Count, OddProduct};
use crate::api::ListQuery;
use crate::catalogue::Unreadable;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::memory::Memory;
use crate::memory::diff;
use crate::memory::side::Side;
use crate::memory::snapshot::{Reading, Snapshot};
use crate::progress::{Phase, Progress};
use crate::render::row;
use crate::time::UtcTime;
use crate::words::counted;

row! {
    /// A snapshot.
    pub struct SnapshotRow {
        snapshot: i64 = "SNAPSHOT" Id,
        started_at: UtcTime = "TAKEN" Time,
        ended_at: UtcTime = "ENDED" Time hidden,
        products: i64 = "PRODUCTS" Number,
        variants: i64 = "VARIANTS" Number,
        units: i64 = "UNITS" Number,
        changed: i64 = "CHANGED" Number,
    }
}

/// What to remember, and for how long.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv snapshot                                 remember the stock as it is now
  sxinv snapshot --keep 400d                     and forget what is older
  sxinv snapshot --list
  15 2 * * *  sxinv -q snapshot --keep 400d      in a crontab: every night

Only what changed since the last snapshot is kept. One that is cut off leaves nothing behind.")]
pub struct SnapshotArgs {
    /// List the snapshots, newest first, and take none
    #[arg(long, conflicts_with = "keep")]
    list: bool,

    /// Forget snapshots that are older than this, such as 400d; the last one always stays
    #[arg(long, value_name = "AGE", value_parser = UtcTime::typed)]
    keep: Option<UtcTime>,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
}

/// Takes a snapshot, or lists those there are.
pub fn run(args: &SnapshotArgs, context: &Context) -> Result<Exit> {
    context.check_fields(SnapshotRow::COLUMNS)?;
    let folder = context.state_folder()?;
    if args.list {
        let store = context.settings().store()?;
        let snapshots = match Memory::open_existing(&folder)? {
            Some(memory) => memory.snapshots(&store)?,
            None => Vec::new(),
        };
        if print(&snapshots, context)? == 0 {
            context.footer("no snapshots of this store");
        }
        return Ok(Exit::Done);
    }
    let store = context.connection()?.store();
    let mut memory = Memory::open(&folder)?;
    let read = read_store(&mut memory, usize::from(args.concurrency), context)?;
    let written = diff::written(&context.state()?, store, read.began, read.ended)?;
    let unread: Vec<_> = read.unreadable.ids().collect();
    let ui = context.ui();
    ui.progress(Progress::begun(Phase::KeepingSnapshot));
    let snapshot = memory.keep_snapshot(&Reading {
        store,
        began: read.began,
        ended: read.ended,
        unread: &unread,
        written: &written,
    })?;
    ui.finish();
    print(std::slice::from_ref(&snapshot), context)?;
    if let Some(keep) = args.keep {
        let forgotten = memory.forget_snapshots(store, keep)?;
        if forgotten > 0 {
            context.ui().note(format!(
                "{} forgotten",
                counted(forgotten, "older snapshot")
            ));
        }
    }
    read.unreadable.none().map(|()| Exit::Done)
}

fn print(snapshots: &[Snapshot], context: &Context) -> Result<usize> {
    let rows = snapshots.iter().map(|snapshot| SnapshotRow {
        snapshot: snapshot.snapshot,
        started_at: snapshot.started_at,
        ended_at: snapshot.ended_at,
        products: snapshot.products,
        variants: snapshot.variants,
        units: snapshot.units,
        changed: snapshot.changed,
    });
    context.rows(SnapshotRow::COLUMNS, rows)
}

/// Requests under way at once where the whole store is read and nobody says how many.
pub(super) const WORKERS: usize = 16;

/// How the whole store was read.
pub(super) struct StoreRead {
    /// When the first product was read, in Unix milliseconds.
    pub began: i64,
    /// When the last one was.
    pub ended: i64,
    /// Products that could not be read.
    pub unreadable: Unreadable,
}

/// Reads every product of the store into [`Side::After`], which it empties first.
pub(super) fn read_store(
    memory: &mut Memory,
    workers: usize,
    context: &Context,
) -> Result<StoreRead> {
    let now = || UtcTime::now().as_millis();
    memory.sides()?;
    let mut count = Count::new(workers, OddProduct::LeftOut);
    let ids = count.every_id(ListQuery::default(), context)?;
    let began = now();
    count.read(&ids, context, |product| {
        memory.add_product(Side::After, &product.value, now())
    })?;
    context.ui().finish();
    if count.unreadable.has_nameless() {
        // What is known and was not listed may be one of them, and is not gone.
        let store = context.connection()?.store();
        count.unreadable.perhaps(memory.not_read(store)?);
    }
    Ok(StoreRead {
        began,
        ended: now(),
        unreadable: count.unreadable,
    })
}
