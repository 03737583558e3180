//! `sxinv history RUN`: one run, row by row, and what can be done about it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{HistoryArgs, Listed, way_on};
use crate::catalogue::SkuName;
use crate::change::lock::RunLock;
use crate::change::proof::{self, Late};
use crate::change::row::RunRow;
use crate::change::runs::{self, StoredRun};
use crate::commands::bulk::{proved_in_words, raw};
use crate::commands::import_csv::plain_rejects;
use crate::commands::rows::column;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::export::TableFile;
use crate::format::Format;
use crate::model::{ProductId, SkuId};
use crate::outputs;
use crate::render::{self, Column, Kind};
use crate::state::State;

/// The columns of the rows of one run.
pub const ROWS: &[Column] = &[
    column("line", "LINE", Kind::Id, true),
    column("sku_id", "SKU ID", Kind::Id, false),
    column("sku_code", "SKU", Kind::Code, true),
    column("product_id", "PRODUCT", Kind::Id, true).spare(),
    column("wanted", "WANTED", Kind::Number, false),
    column("expected_quantity", "EXPECTED", Kind::Number, false),
    column("adjustment", "ADJUSTMENT", Kind::Signed, true),
    column("reason", "REASON", Kind::Name, false),
    column("previous_quantity", "BEFORE", Kind::Number, true),
    column("quantity", "NOW", Kind::Stock, true),
    column("outcome", "OUTCOME", Kind::Outcome, true),
    column("intent_at", "SENT", Kind::Time, false),
    column("settled_at", "SETTLED", Kind::Time, true).spare(),
    column("attempts", "ATTEMPTS", Kind::Number, false),
    column("status", "HTTP", Kind::Id, false),
    column("read_back", "READ BACK", Kind::Flag, false),
    column("event_id", "PROVED BY", Kind::Code, false),
    column("error", "WHY", Kind::Text, true),
];

#[derive(Serialize)]
struct Shown<'a> {
    line: u32,
    sku_id: Option<SkuId>,
    sku_code: Option<&'a str>,
    product_id: Option<ProductId>,
    wanted: i64,
    expected_quantity: Option<i64>,
    adjustment: Option<i64>,
    reason: Option<&'a str>,
    previous_quantity: Option<i64>,
    quantity: Option<i64>,
    outcome: &'static str,
    intent_at: Option<&'a str>,
    settled_at: Option<&'a str>,
    attempts: u32,
    status: Option<u16>,
    read_back: bool,
    event_id: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn new(row: &'a RunRow, run: &'a StoredRun) -> Shown<'a> {
        Shown {
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
            error: row.error(),
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
    context.check_fields(ROWS)?;
    let run = runs::find(&state, name)?;
    proved_late(&mut state, &run, context);
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
        context.ui().warn(format!(
            "events were not looked at: {}",
            error.full_message()
        ));
    }
}

fn print(run: &StoredRun, args: &HistoryArgs, state: &State, context: &Context) -> Result<()> {
    if let Some(path) = &args.rejects {
        rejects(path, state, run)?;
    }
    let totals = runs::totals(state, run.number)?;
    let mut summary = Listed::new(run, &totals, runs::undone_by(state, &run.run)?);
    let variant = args.variant()?;
    let about = |row: &RunRow| match variant.as_ref().map(SkuName::parts) {
        None => true,
        Some((id, code)) => {
            (id.is_some() && row.sku == id) || (code.is_some() && row.sku_code.as_deref() == code)
        }
    };
    let each = |take: &mut dyn FnMut(Box<RawValue>) -> Result<()>| {
        runs::each_row(state, run.number, |row| match about(row) {
            true => take(raw(&Shown::new(row, run))?),
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
        let document = raw(&summary)?;
        return context.document(&document, None);
    }
    let mut records = context.records(ROWS)?;
    each(&mut |row| records.push(&row))?;
    records.finish()?;
    if context.format() == Format::Jsonl {
        let document = raw(&summary)?;
        return context.document(&document, None);
    }
    let status = match summary.status {
        "open" => ", not ended: ",
        "stopped" => ", stopped: ",
        _ => ": ",
    };
    context.footer(format!(
        "{} ({}){status}{}",
        run.command_line,
        run.profile,
        crate::change::report::in_words(&totals)
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
    if let Some(command) = way_on(state, run, context)? {
        context.footer(format!("it was cut off; go on with: {command}"));
    }
    Ok(())
}

/// Writes the rows that surely were not applied, in our own columns.
fn rejects(path: &Path, state: &State, run: &StoredRun) -> Result<()> {
    outputs::may_replace(Some(state), path, None)?;
    let mut file = TableFile::create(path)?;
    let mut rejected = BTreeMap::new();
    runs::each_row(state, run.number, |row| {
        if row.outcome().can_be_mended() {
            rejected.insert(row.line, row.error().unwrap_or_default().to_owned());
        }
        Ok(())
    })?;
    plain_rejects(state, run, &rejected, &mut file)?;
    file.finish()
}

/// Takes note that nobody is to go on with a run. An error, refused, while a process has it.
pub(super) fn give_up(name: &str, mut state: State, context: &Context) -> Result<()> {
    let run = runs::find(&state, name)?;
    let _own = RunLock::take(state.folder(), &run.run)?;
    if !runs::is_open(&state, run.number)? {
        return Err(Error::refused(format!("run {} is finished", run.run)));
    }
    runs::give_up(&mut state, &run)?;
    context.ui().note(format!(
        "run {} is given up: neither --resume nor --resume-all goes on with it",
        run.run
    ));
    Ok(())
}
