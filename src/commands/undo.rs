//! `sxinv undo`: takes a run back by inverse adjustments, so that later sales stay.

use clap::Args;

use super::bulk::{self, Files, Mend, Task};
use super::complete;
use super::run::{self, About};
use crate::change::lock::RunLock;
use crate::change::lost;
use crate::change::proof::Late;
use crate::change::runs::{self, StoredRun};
use crate::change::taken_back;
use crate::change::undo::{self, LeftOut, Undo};
use crate::change::{apply, run_id, same_store};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::state::State;
use crate::time::MINUTE;
use crate::words::counted;

/// Which run.
#[derive(Args, Debug)]
#[command(
    override_usage = "sxinv undo [OPTIONS] <RUN|--last>",
    after_help = "\
Examples:
  sxinv history                                  find the run
  sxinv undo 20261124-0215-k7m2xq --dry-run      what taking it back would do
  sxinv undo 20261124-0215-k7m2xq                show it, ask, take it back
  sxinv undo --last                              the newest run on this store"
)]
pub struct UndoArgs {
    /// The run's id, or how it begins or ends
    #[arg(value_name = "RUN", add = complete::runs())]
    run: Option<String>,

    /// The newest run on this store that applied something and was not taken back
    #[arg(long, conflicts_with = "run")]
    last: bool,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,

    /// Take it back although the ledger lost whether that was done
    #[arg(long)]
    again: bool,

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
    if args.run.is_none() && !args.last {
        let error = Error::usage("no run is named; nothing was sent");
        return Err(error.hinted("the newest one: sxinv undo --last\nto find one: sxinv history"));
    }
    context.check_fields(bulk::ResultRow::COLUMNS)?;
    bulk::can_confirm(args.yes || args.dry_run, context)?;
    let ui = context.ui();
    let mut state = context.state()?;
    let store = context.connection()?.store();
    let original = original(args, &state, store, context)?;
    if args.last {
        tell_which(&original, args, &state, context)?;
    }
    let client = context.client()?;
    let run = run_id::new();
    let lock = bulk::lock(&run, args.dry_run, args.wait, context)?;
    // A process that still writes it has not applied its last row.
    let _whole = RunLock::take(state.folder(), &original.run)?;
    if !args.again {
        lost::refuse_undo(&state, &original)?;
    }
    // What an event proves by now is taken back too.
    Late::find(&state, &original)?.record(&mut state, &original)?;
    same_store::check(&state, &original, client, &|at| ui.progress(at))?;
    let Undo {
        mut draft,
        left_out,
        before,
    } = undo::inverse(state, &original)?;
    let name = &original.run;
    tell_of_left_out(name, draft.is_empty(), &left_out, before, context)?;
    bulk::plan(&mut draft, args.concurrency, args.dry_run, context)?;
    let task = Task {
        about: About {
            run,
            command: "undo",
            undo_of: Some(&original.run),
            ..About::default()
        },
        store: lock,
        asks: (!args.yes).then_some("Undo"),
        dry_run: args.dry_run,
        apply: apply::Options {
            concurrency: usize::from(args.concurrency),
            ..apply::Options::default()
        },
        mend: Mend::Undo(name),
        left_out: Some(&left_out),
        ..Task::default()
    };
    bulk::carry_out(task, draft, || Ok(Files::default()), context)
}

/// Says what of a run is not taken back: `before` rows were before. An error where that leaves nothing.
fn tell_of_left_out(
    run: &str,
    nothing: bool,
    left_out: &LeftOut,
    before: u64,
    context: &Context,
) -> Result<()> {
    if nothing && before > 0 && left_out.is_empty() {
        return Err(taken_back_already(run, context)?);
    }
    if before > 0 {
        let rows = counted(before, "row");
        context
            .ui()
            .note(format!("{rows} taken back before, and left out"));
    }
    if nothing {
        bulk::all_taken_back(Some(left_out), context)?;
        context
            .ui()
            .note(format!("run {run} applied nothing; nothing was sent"));
    }
    Ok(())
}

/// The run that is meant. An error, refused, where it is about another store.
fn original(args: &UndoArgs, state: &State, store: &str, context: &Context) -> Result<StoredRun> {
    let original = match &args.run {
        Some(run) => runs::find(state, run)?,
        None => match taken_back::last_to_undo(state, store)? {
            Some(last) => last,
            None => return Err(none_left(state, store)?),
        },
    };
    run::check_store(&original, &format!("undo {}", original.run), context)?;
    Ok(original)
}

/// Nothing was surely applied that was not taken back; perhaps something is in doubt.
fn none_left(state: &State, store: &str) -> Result<Error> {
    let none = Error::new(Kind::NotFound, "no run on this store is left to take back");
    Ok(match taken_back::newer_in_doubt(state, store, None)? {
        None => none.hinted("the runs: sxinv history"),
        Some(doubt) => none.hinted(format!("what is in doubt: sxinv history {}", doubt.run)),
    })
}

/// Says which run is the newest. A newer one that is in doubt may be the one that is meant: an error, refused, where nobody is
/// asked.
fn tell_which(run: &StoredRun, args: &UndoArgs, state: &State, context: &Context) -> Result<()> {
    let ui = context.ui();
    let of = |run: &StoredRun| {
        let at = run.started_at.here(MINUTE);
        // A recipe names it, and not the command line.
        let file = run.file.as_ref();
        let file = file.filter(|file| !run.command_line.contains(*file));
        let file = file.map(|file| format!(" ({file})")).unwrap_or_default();
        format!("run {} of {at}: {}{file}", run.run, run.command_line)
    };
    let newer = taken_back::newer_in_doubt(state, &run.store, Some(run))?;
    if let Some(newer) = &newer {
        let told = format!(
            "{} is newer and in doubt, and not the one that is taken back",
            of(newer)
        );
        if args.yes && !args.dry_run {
            return Err(Error::refused(format!("{told}; nothing was sent")).hinted(format!(
                "what is in doubt: sxinv history {}\nto take back the last one that was surely applied: sxinv undo {}",
                newer.run, run.run
            )));
        }
        ui.lost(told);
    }
    match args.yes || args.dry_run {
        true => ui.note(of(run)),
        false => ui.say(of(run)),
    }
    Ok(())
}

/// Everything of the run was surely taken back: by which run last.
fn taken_back_already(run: &str, context: &Context) -> Result<Error> {
    let by = taken_back::taken_back_by(&context.state()?, run)?;
    let refused = |by: &str| {
        Error::refused(format!(
            "run {run} was taken back{by} already; nothing was sent"
        ))
    };
    Ok(match by {
        None => refused(""),
        Some(undo) => refused(&format!(" by run {undo}"))
            .hinted(format!("how that ended: sxinv history {undo}")),
    })
}
