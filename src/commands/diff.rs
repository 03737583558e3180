//! `sxinv diff`: what changed between two moments, and how much of it was ours.

mod stock_file;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;

use clap::Args;

use super::complete;
use super::snapshot::{WORKERS, read_store};
use crate::catalogue::Unreadable;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::memory::Memory;
use crate::memory::between::Between;
use crate::memory::diff::{self, Difference, Doubt};
use crate::memory::side::{FileRow, Side, no_snapshot};
use crate::memory::snapshot::Snapshot;
use crate::progress::{Phase, Progress};
use crate::render::row;
use crate::time::{MINUTE, UtcTime};
use crate::words::counted;

/// How many renamed variants are named.
const NAMED: usize = 5;

row! {
    /// A variant that differs.
    pub struct DiffRow<'a> {
        product_id: Option<i64> = "PRODUCT" Id,
        sku_id: Option<i64> = "SKU ID" Id,
        sku_code: Option<&'a str> = "SKU" Code,
        before: Option<i64> = "BEFORE" Number,
        after: Option<i64> = "AFTER" Stock,
        change: i64 = "CHANGE" Signed,
        ours: Option<i64> = "OURS" Signed,
        others: Option<i64> = "OTHERS" Signed,
    }
}

/// Between which moments.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv diff                                     the last snapshot and now
  sxinv diff 7d                                  since a week ago
  sxinv diff 2026-11-24 2026-11-25               what a day did
  sxinv diff stock.csv                           does a file still say how it is?
  sxinv diff -o csv | grep ',,'                  new and gone

A moment is `now`, which reads the store; a time, which means the last snapshot before it; or a stock file. `ours` is what
this machine's own runs did between the two readings of that product, `others` is the rest.")]
pub struct DiffArgs {
    /// The earlier moment; the last snapshot where it is not said
    #[arg(value_name = "FROM", add = complete::moments())]
    from: Option<String>,

    /// The later moment
    #[arg(value_name = "TO", default_value = "now", add = complete::moments())]
    to: String,

    /// Exit with 9 when anything differs
    #[arg(long)]
    exit_code: bool,
}

/// A moment as it was typed.
enum Moment {
    Now,
    LastSnapshot,
    Before(UtcTime),
    File(String),
}

impl Moment {
    /// The moment in words: of a time, which snapshot it came to.
    fn called(&self, snapshot: Option<&Snapshot>) -> String {
        match (self, snapshot) {
            (_, Some(snapshot)) => format!(
                "the snapshot of {} ({})",
                snapshot.ended_at.here(MINUTE),
                snapshot.snapshot
            ),
            (Moment::File(name), None) => name.clone(),
            (_, None) => "now".to_owned(),
        }
    }
}

/// Shows what differs.
pub fn run(args: &DiffArgs, context: &Context) -> Result<Exit> {
    context.check_fields(DiffRow::COLUMNS)?;
    let from = match &args.from {
        Some(text) => moment(text)?,
        None => Moment::LastSnapshot,
    };
    let to = moment(&args.to)?;
    if let (Moment::Now, Moment::Now) = (&from, &to) {
        return Err(Error::usage("both moments are now"));
    }
    let store = context.settings().store()?;
    let folder = context.state_folder()?;
    let needs_snapshot = [&from, &to]
        .iter()
        .any(|moment| matches!(moment, Moment::LastSnapshot | Moment::Before(_)));
    let mut memory = match Memory::open_existing(&folder)? {
        Some(memory) => memory,
        None if needs_snapshot => return Err(no_snapshot("of this store yet")),
        None => Memory::open(&folder)?,
    };
    let filled = fill(&mut memory, &store, &from, &to, context)?;
    let is_file = |moment: &Moment| matches!(moment, Moment::File(_));
    if is_file(&from) || is_file(&to) {
        let shared = memory.resolve_codes()?;
        stock_file::refuse_twice(&memory, [&from, &to])?;
        if shared > 0 {
            context.ui().warn(format!(
                "{} of the file belong to several variants, and are shown as they stand there",
                counted(shared, "code")
            ));
        }
    }
    let (mut differences, renamed) = match filled.between {
        Some(between) => (between.differences, between.renamed),
        None => (memory.differences(filled.ended)?, memory.renamed()?),
    };
    let doubtful = diff::fill_in_ours(&mut differences, &context.state()?, &store)?;
    show(&mut differences, context)?;
    context.footer(filled.span);
    say(&differences, &renamed, &doubtful, context);
    if let Some(unreadable) = filled.unreadable {
        unreadable.none()?;
    }
    match args.exit_code && !differences.is_empty() {
        true => Ok(Exit::Listed),
        false => Ok(Exit::Done),
    }
}

/// A name with a slash, or with a dot that is not of a time, is a file.
fn moment(text: &str) -> Result<Moment> {
    if text == "now" {
        return Ok(Moment::Now);
    }
    // A date as it is written elsewhere is no file, but where there is one of this name.
    let is_date = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '/'));
    match UtcTime::typed(text) {
        Ok(time) => Ok(Moment::Before(time)),
        Err(_) if text.contains(['.', '/']) && (!is_date || Path::new(text).exists()) => {
            Ok(Moment::File(text.to_owned()))
        }
        Err(why) => Err(Error::usage(why)
            .hinted("a moment is `now`, a time, or a file whose name has a dot or a slash")),
    }
}

/// What is on the sides.
#[derive(Default)]
struct Filled {
    /// What could not be read of the store, where it was read.
    unreadable: Option<Unreadable>,
    /// When the reading of each side ended, in Unix milliseconds, where it is a snapshot.
    ended: (Option<i64>, Option<i64>),
    /// What differs already, where both are snapshots.
    between: Option<Between>,
    /// What was compared with what, in words.
    span: String,
}

/// Fills both sides: what is known without the store first, so that a typing error costs no reading.
fn fill(
    memory: &mut Memory,
    store: &str,
    from: &Moment,
    to: &Moment,
    context: &Context,
) -> Result<Filled> {
    let snapshots = (snapshot(memory, store, from)?, snapshot(memory, store, to)?);
    let millis = |snapshot: &Option<Snapshot>| Some(snapshot.as_ref()?.ended_at.as_millis());
    let mut filled = Filled {
        ended: (millis(&snapshots.0), millis(&snapshots.1)),
        span: format!(
            "from {} to {}",
            from.called(snapshots.0.as_ref()),
            to.called(snapshots.1.as_ref())
        ),
        ..Filled::default()
    };
    if let (Some(before), Some(after)) = &snapshots {
        filled.between = Some(memory.between(store, before, after)?);
        return Ok(filled);
    }
    memory.sides()?;
    context.ui().progress(Progress::begun(Phase::ReadingFile));
    let files = (file_of(from)?, file_of(to)?);
    context.ui().finish();
    if let Moment::Now = from {
        filled.unreadable = Some(read_store(memory, WORKERS, context)?.unreadable);
        memory.swap_sides()?;
    } else if let Moment::Now = to {
        filled.unreadable = Some(read_store(memory, WORKERS, context)?.unreadable);
    }
    let sides = [
        (Side::Before, snapshots.0, files.0),
        (Side::After, snapshots.1, files.1),
    ];
    for (side, snapshot, file) in sides {
        if let Some(snapshot) = snapshot {
            memory.add_snapshot(side, store, &snapshot)?;
        }
        if let Some(rows) = file {
            memory.add_file(side, &rows)?;
        }
    }
    if let Some(unreadable) = &filled.unreadable {
        memory.leave_out(&unreadable.ids().collect::<Vec<_>>())?;
    }
    Ok(filled)
}

/// The snapshot that a moment means.
fn snapshot(memory: &Memory, store: &str, moment: &Moment) -> Result<Option<Snapshot>> {
    match moment {
        Moment::LastSnapshot => memory.last_snapshot(store, None).map(Some),
        Moment::Before(time) => memory.last_snapshot(store, Some(*time)).map(Some),
        Moment::Now | Moment::File(_) => Ok(None),
    }
}

/// The rows of the stock file that a moment means.
fn file_of(moment: &Moment) -> Result<Option<Vec<FileRow>>> {
    match moment {
        Moment::File(name) => stock_file::read(name).map(Some),
        _ => Ok(None),
    }
}

/// For people: grouped by product, the one that changed most first.
fn show(differences: &mut [Difference], context: &Context) -> Result<()> {
    if context.format() == Format::Table {
        let mut moved: HashMap<Option<i64>, i64> = HashMap::new();
        for difference in differences.iter() {
            let sum = moved.entry(difference.product).or_default();
            *sum = sum.saturating_add(difference.change().saturating_abs());
        }
        differences.sort_by_key(|difference| {
            let of_product = moved.get(&difference.product).copied().unwrap_or_default();
            (
                Reverse(of_product),
                difference.product,
                Reverse(difference.change().saturating_abs()),
                difference.sku,
            )
        });
    }
    let rows = differences.iter().map(|difference| DiffRow {
        product_id: difference.product,
        sku_id: difference.sku,
        sku_code: difference.sku_code.as_deref(),
        before: difference.before,
        after: difference.after,
        change: difference.change(),
        ours: difference.ours,
        others: difference.others(),
    });
    context.rows(DiffRow::COLUMNS, rows).map(drop)
}

/// What stands below.
fn say(
    differences: &[Difference],
    renamed: &[(String, String)],
    doubtful: &[Doubt],
    context: &Context,
) {
    if differences.is_empty() {
        context.footer("nothing differs");
    } else {
        let new = differences.iter().filter(|d| d.before.is_none()).count();
        let gone = differences.iter().filter(|d| d.after.is_none()).count();
        let count = counted(differences.len() as u64, "variant");
        let differ = match differences.len() {
            1 => "differs",
            _ => "differ",
        };
        context.footer(format!("{count} {differ}, {new} of them new, {gone} gone"));
    }
    if !renamed.is_empty() {
        let named = named(renamed, |(old, new)| format!("{old} is now {new}"));
        context.ui().note(format!("renamed: {named}"));
    }
    if !doubtful.is_empty() {
        let named = named(doubtful, |doubt| {
            let code = doubt.sku_code.as_deref().unwrap_or_default();
            format!("{code} in line {} of run {}", doubt.line, doubt.run)
        });
        context.ui().note(format!(
            "{}: what was ours can't be told, because a row in between is in doubt: {named}",
            counted(doubtful.len() as u64, "variant")
        ));
    }
}

/// The first of these, and how many more there are.
fn named<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    let named: Vec<String> = all.iter().take(NAMED).map(name).collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_people_type_them() {
        assert!(matches!(moment("now"), Ok(Moment::Now)));
        for file in ["stock.csv", "./stock", "a/b"] {
            assert!(matches!(moment(file), Ok(Moment::File(_))), "{file}");
        }
        for time in ["7d", "2026-11-24", "2026-11-24T09:00"] {
            assert!(matches!(moment(time), Ok(Moment::Before(_))), "{time}");
        }
        assert!(moment("yesterday").is_err());
    }
}
