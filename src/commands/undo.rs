//! `sxinv undo`: takes a run back by inverse adjustments, so that later sales stay.

use std::collections::HashSet;

use clap::Args;

use super::bulk::{self, COLUMNS, Files, Mend, Report};
use super::run::{self, About};
use crate::catalogue;
use crate::change::apply;
use crate::change::guard;
use crate::change::lock::RunLock;
use crate::change::outcome::Outcome;
use crate::change::plan::{OnConflict, Plan};
use crate::change::stored;
use crate::change::{read, run_id, undo};
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::render::counted;
use crate::wanted::Mode;

/// Which run.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv history                                  find the run
  sxinv undo 20261124-0215-k7m2 --dry-run        what taking it back would do
  sxinv undo 20261124-0215-k7m2                  show it, ask, take it back")]
pub struct UndoArgs {
    /// The run's id, or how it begins
    #[arg(value_name = "RUN")]
    run: String,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,

    /// Wait for another bulk run on the same store to end
    #[arg(long)]
    wait: bool,

    /// Don't ask
    #[arg(short, long)]
    yes: bool,

    /// Say what would be done and send no write
    #[arg(long)]
    dry_run: bool,
}

/// Plans the inverse of what the run applied, asks, and sends it as a run of its own.
pub fn run(args: &UndoArgs, context: &Context) -> Result<Exit> {
    let ui = context.ui();
    context.check_fields(COLUMNS)?;
    bulk::can_confirm(args.yes || args.dry_run, context)?;
    let mut state = context.state()?;
    let stored = stored::find(&mut state, &args.run)?;
    stored.check_store(context.connection()?.store())?;
    let client = context.client()?;
    let run = run_id::new();
    let _lock = if args.dry_run {
        None
    } else {
        client.writable()?;
        Some(run::lock(context, &run, args.wait)?)
    };
    // A process that still writes it has not applied its last row.
    let _whole = RunLock::take(&context.settings().state_folder()?, &stored.run)?;
    let rows = stored::rows(&mut state, stored.number)?;
    let inverted = stored::inverted(&mut state, &stored.run)?;
    let inverse = undo::inverse(stored.mode, &rows, &inverted)?;
    if inverse.wanted.is_empty()
        && let Some(earlier) = stored::undone_by(&mut state, &stored.run)?
    {
        return Err(Error::refused(format!(
            "run {} was taken back by run {earlier} already; nothing was sent",
            stored.run
        ))
        .hinted(format!("sxinv history {earlier} shows how that ended")));
    }
    if !inverted.is_empty() {
        ui.note(format!(
            "{} taken back before, or perhaps, and left out",
            counted(inverted.len() as u64, "row")
        ));
    }
    if !inverse.unknown.is_empty() {
        let lines: Vec<String> = inverse.unknown.iter().map(u32::to_string).collect();
        ui.warn(format!(
            "left out, because they may or may not have been applied: line {}",
            lines.join(", ")
        ));
    }
    let doubtful: HashSet<_> = rows
        .rows
        .iter()
        .filter(|row| row.outcome() == Outcome::Unknown)
        .filter_map(|row| Some(row.variant?.1))
        .collect();
    let workers = usize::from(args.concurrency);
    let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
    let shelf = read::products(
        client,
        &inverse.products,
        inverse.wanted.len(),
        workers,
        &progress,
    )?;
    ui.finish();
    let reason = format!("Undo of {}", stored.run);
    let wanted = inverse.wanted.iter();
    let wanted = wanted.map(|row| row.because(Some(&reason))).collect();
    let open = Vec::new();
    let plan = Plan::resumed(
        Mode::Adjust,
        OnConflict::Report,
        wanted,
        open,
        shelf,
        doubtful,
    );
    if args.dry_run {
        return bulk::dry_run(&plan, 0, Files::default(), context);
    }
    if plan.is_empty() {
        ui.note(format!(
            "run {} applied nothing; nothing was sent",
            stored.run
        ));
        return bulk::nothing(plan, context);
    }
    if !args.yes {
        bulk::confirm(&plan, context)?;
    }
    let about = About {
        command: "undo",
        undo_of: Some(&stored.run),
        ..About::default()
    };
    let ledger = run::begin(context, state, &run, about, &plan)?;
    let options = apply::Options {
        concurrency: workers,
        stop_on_error: false,
    };
    let (applied, printed) = bulk::send(guard::typed(plan), ledger, options, context)?;
    let written = Report::of(&run, &applied, 0).write(Some(printed), Files::default(), context)?;
    bulk::ending(&run, written, applied.stopped, Mend::History, context)
}
