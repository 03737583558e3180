//! `sxinv history RUN`: one run, row by row, and what can be done about it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::value::RawValue;

use super::{HistoryArgs, RunInfo, way_on};
use crate::catalogue::SkuName;
use crate::change::cut_off;
use crate::change::left;
use crate::change::lock::RunLock;
use crate::change::outcome::Outcome;
use crate::change::proof::{self, Late};
use crate::change::row::{self as run_row, RunRow};
use crate::change::runs::{self, StoredRun};
use crate::change::taken_back;
use crate::commands::bulk::proved_in_words;
use crate::commands::import_csv::{as_recorded, plain_rejects};
use crate::commands::run::tell_of_unseen_events;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::export::TableFile;
use crate::format::Format;
use crate::model::{ProductId, SkuId};
use crate::outputs::{self, Made};
use crate::render::{self, raw, row};
use crate::state::State;

row! {
    /// A row of a run, as the ledger has it.
    pub struct LedgerRow<'a> {
        line: u32 = "LINE" Id,
        sku_id: Option<SkuId> = "SKU ID" Id hidden,
        sku_code: Option<&'a str> = "SKU" Code,
        product_id: Option<ProductId> = "PRODUCT" Id spare,
        wanted: i64 = "WANTED" Number hidden,
        expected_quantity: Option<i64> = "EXPECTED" Number hidden,
        adjustment: Option<i64> = "ADJUSTMENT" Signed,
        reason: Option<&'a str> = "REASON" Name hidden,
        previous_quantity: Option<i64> = "BEFORE" Number,
        quantity: Option<i64> = "NOW" Stock,
        outcome: &'static str = "OUTCOME" Outcome,
        intent_at: Option<&'a str> = "SENT" Time hidden,
        settled_at: Option<&'a str> = "SETTLED" Time spare,
        attempts: u32 = "ATTEMPTS" Number hidden,
        status: Option<u16> = "HTTP" Id hidden,
        read_back: bool = "READ BACK" Flag hidden,
        event_id: Option<&'a str> = "PROVED BY" Code hidden,
        error: Option<&'a str> = "WHY" Text,
    }
}

impl<'a> LedgerRow<'a> {
    fn new(row: &'a RunRow, run: &'a StoredRun, ended: &'a Ended) -> LedgerRow<'a> {
        LedgerRow {
            line: row.line,
            sku_id: row.sku,
            sku_code: row.sku_code.as_deref(),
            product_id: row.product,
            wanted: row.wanted,
            expected_quantity: row.expected,
            adjustment: row.adjustment,
            reason: row.reason.as_deref().or(run.reason.as_deref()),
            previous_quantity: row.previous,
            quantity: row.quantity(),
            outcome: row.outcome().name(),
            intent_at: row.intent_at.as_deref(),
            settled_at: row.settled_at.as_deref(),
            attempts: row.attempts,
            status: row.status,
            read_back: row.was_read_back(),
            event_id: row.proved_by(),
            error: ended.why(row),
        }
    }
}

/// Why a run that has ended did not come to some of its rows.
struct Ended(Option<String>);

impl Ended {
    fn of(run: &StoredRun) -> Ended {
        let has_ended = run.ended_at.is_some() || run.stopped.is_some();
        Ended(has_ended.then(|| run_row::not_reached(run.stopped.as_deref())))
    }

    /// Why a row did not end well.
    fn why<'a>(&'a self, row: &'a RunRow) -> Option<&'a str> {
        match (row.error(), row.outcome()) {
            (None, Outcome::Skipped) => self.0.as_deref(),
            (error, _) => error,
        }
    }
}

/// Shows the rows of one run, and writes those that can be mended where that was asked for.
pub(super) fn show(
    name: &str,
    args: &HistoryArgs,
    mut state: State,
    context: &Context,
) -> Result<()> {
    context.check_fields(LedgerRow::COLUMNS)?;
    let run = runs::find(&state, name)?;
    if args.rejects.is_some() {
        left::may_be_imported(&run)?;
    }
    proved_late(&mut state, &run, context);
    if let Some(path) = &args.rejects {
        rejects(path, &mut state, &run)?;
        if let Some(known) = as_recorded(&run) {
            context.ui().note(format!("{}: {known}", path.display()));
        }
    }
    print(&run, args, &state, context)?;
    proof::moved_twice(&state, &run)?.map_or(Ok(()), Err)
}

/// Settles rows by events that came since. A run under way does that itself.
fn proved_late(state: &mut State, run: &StoredRun, context: &Context) {
    let settled = Late::find(state, run).and_then(|late| {
        let free = !late.is_empty() && RunLock::is_free(state.folder(), &run.run);
        match RunLock::take(state.folder(), &run.run) {
            Ok(_own) if free => late.record(state, run),
            _ => Ok(()),
        }
    });
    if let Err(error) = settled {
        tell_of_unseen_events(&error, context);
    }
}

fn print(run: &StoredRun, args: &HistoryArgs, state: &State, context: &Context) -> Result<()> {
    let totals = runs::totals(state, run.number)?;
    let mut summary = RunInfo::new(run, &totals, taken_back::undone_by(state, &run.run)?);
    let variant = args.known(state, &run.store)?;
    let about = |row: &RunRow| match variant.as_ref().map(SkuName::parts) {
        None => true,
        Some((id, code)) => {
            (id.is_some() && row.sku == id) || (code.is_some() && row.sku_code.as_deref() == code)
        }
    };
    let ended = Ended::of(run);
    let each = |take: &mut dyn FnMut(Box<RawValue>) -> Result<()>| {
        runs::each_row(state, run.number, |row| match about(row) {
            true => take(raw(&LedgerRow::new(row, run, &ended))?),
            false => Ok(()),
        })
    };
    if context.format() == Format::Json {
        let mut results = Vec::new();
        each(&mut |row| {
            results.push(render::only(&row, context.fields())?);
            Ok(())
        })?;
        summary.results = Some(results);
        return context.document(&summary, None);
    }
    let mut records = context.records(LedgerRow::COLUMNS)?;
    each(&mut |row| records.push(&row))?;
    records.finish()?;
    if context.format() == Format::Jsonl {
        return context.document(&summary, None);
    }
    let status = match summary.status {
        "open" => ", not ended: ",
        "stopped" => ", stopped: ",
        _ => ": ",
    };
    context.footer(format!(
        "{}{status}{}, by {}",
        run.profile,
        totals.in_words(),
        run.command_line
    ));
    let proved = runs::proved(state, run.number)?;
    if proved > 0 {
        context.footer(proved_in_words(proved, &run.run));
    }
    if let Some(stopped) = &run.stopped {
        context.footer(format!("it ended early: {stopped}"));
    }
    if let Some(undo) = &summary.undone_by {
        context.footer(format!("taken back by {undo}"));
    }
    if let Some(how) = way_on(state, run, context)? {
        context.footer(format!("it was cut off; {how}"));
    }
    Ok(())
}

/// Writes the rows that surely were not applied, in our own columns, to a file that is then known as ours.
fn rejects(path: &Path, state: &mut State, run: &StoredRun) -> Result<()> {
    outputs::may_replace(Some(state), path, Made::Rejects, None)?;
    let mut file = TableFile::create(path)?;
    let (ended, mut rejected) = (Ended::of(run), BTreeMap::new());
    runs::each_row(state, run.number, |row| {
        if row.outcome().can_be_mended() {
            rejected.insert(row.line, ended.why(row).unwrap_or_default().to_owned());
        }
        Ok(())
    })?;
    plain_rejects(state, run, &rejected, &mut file)?;
    file.finish()?;
    outputs::remember(state, path, Made::Rejects);
    Ok(())
}

/// Takes note that nobody is to go on with a run. An error, refused, while a process has it.
pub(super) fn give_up(name: &str, mut state: State, context: &Context) -> Result<()> {
    let run = runs::find(&state, name)?;
    let _own = RunLock::take(state.folder(), &run.run)?;
    if !runs::is_open(&state, &run)? {
        return Err(Error::refused(format!("run {} is finished", run.run)));
    }
    cut_off::give_up(&mut state, &run)?;
    context.ui().note(format!(
        "run {} is given up: neither --resume nor --resume-all goes on with it",
        run.run
    ));
    Ok(())
}
