//! `sxinv history`: what this machine wrote, run by run, and row by row; and a variant's story.

mod one;
mod story;

use std::path::PathBuf;

use clap::Args;
use serde_json::value::RawValue;

use super::complete;
use super::run::program_for;
use crate::catalogue::SkuName;
use crate::change::lock::RunLock;
use crate::change::lost;
use crate::change::outcome::Totals;
use crate::change::runs::{self, Filter, StoredRun};
use crate::change::taken_back;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::memory::Memory;
use crate::render::row;
use crate::state::State;
use crate::story::variant::Variant;
use crate::time::UtcTime;
use crate::words::counted;

pub use one::LedgerRow;

/// For how many runs a list says how to go on with them.
const MOST_WAYS_ON: usize = 3;

/// Which runs, or which run's rows.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv history                                  the newest 20 runs
  sxinv history 20261124-0215-k7m2xq             what became of each row of one
  sxinv history k7m2xq --rejects mend.csv        its rows that failed, to be imported again
  sxinv history --sku PRB-SM-RED --since 7d      what moved the stock of this code
  sxinv history --sku PRB-SM-RED --runs          the runs about it
  sxinv history --limit 0 -o csv > runs.csv      every run")]
pub struct HistoryArgs {
    /// A run's id, or how it begins or ends: its rows
    #[arg(value_name = "RUN", add = complete::runs())]
    run: Option<String>,

    /// Write the rows of RUN that surely were not applied to this CSV file, to be mended and imported again
    #[arg(long, value_name = "FILE", requires = "run")]
    rejects: Option<PathBuf>,

    /// Take note that nobody is to go on with RUN; what is in doubt stays in doubt
    #[arg(long, requires = "run", conflicts_with_all = ["sku", "rejects"])]
    give_up: bool,

    /// At most this many runs or movements, newest first; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "run")]
    limit: u32,

    /// Only what was since then: 2026-11-24, 2026-11-24T02:15, or how long ago, such as 7d or 12h
    #[arg(long, value_name = "WHEN", value_parser = UtcTime::typed, conflicts_with = "run")]
    since: Option<UtcTime>,

    /// What moved the stock of this SKU code or sku id; with RUN, only the rows about it
    #[arg(long, value_name = "SKU", add = complete::codes())]
    sku: Option<String>,

    /// With --sku, the runs with a row about it
    #[arg(long, requires = "sku", conflicts_with = "run")]
    runs: bool,
}

row! {
    /// A run, with its rows where they are asked for.
    pub struct RunInfo<'a> {
        run: &'a str = "RUN" Code,
        started_at: UtcTime = "STARTED" Time,
        ended_at: Option<UtcTime> = "ENDED" Time hidden,
        profile: &'a str = "PROFILE" Code spare,
        store: &'a str = "STORE" Text hidden,
        command: &'a str = "COMMAND" Code,
        command_line: &'a str = "COMMAND LINE" Text hidden,
        file: Option<&'a str> = "FILE" Name,
        mode: &'static str = "MODE" Code hidden,
        status: &'static str = "STATUS" Code,
        stopped: Option<&'a str> = "STOPPED BY" Text hidden,
        undo_of: Option<&'a str> = "UNDOES" Code hidden,
        undone_by: Option<String> = "UNDONE BY" Code spare,
        rows: u64 = "ROWS" Number hidden,
        #[serde(flatten)]
        totals: &'a Totals => {
            applied = "APPLIED" Number,
            unchanged = "UNCHANGED" Number hidden,
            conflict = "CONFLICT" Number spare,
            failed = "FAILED" Number spare,
            unknown = "UNKNOWN" Number spare,
            skipped = "SKIPPED" Number spare,
        },
        #[serde(skip_serializing_if = "Option::is_none")]
        results: Option<Vec<Box<RawValue>>>,
    }
}

impl<'a> RunInfo<'a> {
    fn new(run: &'a StoredRun, totals: &'a Totals, undone_by: Option<String>) -> RunInfo<'a> {
        RunInfo {
            run: &run.run,
            started_at: run.started_at,
            ended_at: run.ended_at,
            profile: &run.profile,
            store: &run.store,
            command: &run.command,
            command_line: &run.command_line,
            file: run.file.as_deref(),
            mode: run.mode.name(),
            status: match (&run.ended_at, &run.stopped) {
                // Under way, or killed: the lock of its store tells which.
                (None, _) => "open",
                (Some(_), None) => "done",
                (Some(_), Some(_)) => "stopped",
            },
            stopped: run.stopped.as_deref(),
            undo_of: run.undo_of.as_deref(),
            undone_by,
            rows: totals.rows(),
            totals,
            results: None,
        }
    }
}

impl HistoryArgs {
    /// The variant that `--sku` names.
    fn variant(&self) -> Result<Option<SkuName>> {
        let name = self
            .sku
            .as_ref()
            .map(|sku| sku.parse().map_err(Error::usage));
        name.transpose()
    }

    /// The same as the store knows it, by its id and its code; where nothing is known of it, as it was typed. An error, usage:
    /// several variants bear the code.
    fn known(&self, state: &State, store: &str) -> Result<Option<SkuName>> {
        let Some(name) = self.variant()? else {
            return Ok(None);
        };
        let memory = Memory::open_existing(state.folder()).ok().flatten();
        match Variant::find(Some(state), memory.as_ref(), store, &name) {
            Ok(Variant { sku, code: None }) => Ok(Some(SkuName::Id(sku))),
            Ok(Variant {
                sku,
                code: Some(code),
            }) => Ok(Some(SkuName::Either(sku, code))),
            Err(error) if error.kind() == Kind::NotFound => Ok(Some(name)),
            Err(error) => Err(error),
        }
    }
}

/// Lists runs, or the rows of one. Works offline.
pub fn run(args: &HistoryArgs, context: &Context) -> Result<Exit> {
    let folder = context.state_folder()?;
    let state = State::open_existing(&folder)?;
    match (&args.run, state) {
        (Some(run), Some(state)) if args.give_up => one::give_up(run, state, context)?,
        (Some(run), Some(state)) => one::show(run, args, state, context)?,
        (Some(run), None) => return Err(runs::no_run(run)),
        (None, state) => match args.variant()? {
            Some(sku) if !args.runs => story::tell(&sku, args, state.as_ref(), context)?,
            _ => list(args, state, context)?,
        },
    }
    Ok(Exit::Done)
}

fn list(args: &HistoryArgs, state: Option<State>, context: &Context) -> Result<()> {
    context.check_fields(RunInfo::COLUMNS)?;
    let mut records = context.records(RunInfo::COLUMNS)?;
    let mut cut_off = Vec::new();
    if let Some(mut state) = state {
        let filter = Filter {
            limit: Some(args.limit).filter(|limit| *limit > 0),
            since: args.since,
            sku: match context.settings().store() {
                Ok(store) => args.known(&state, &store)?,
                Err(_) => args.variant()?,
            },
        };
        let runs = runs::runs(&mut state, &filter)?;
        // Where what was lost would stand in between, or before the first.
        let reaches = |until: &UtcTime| {
            runs.last()
                .is_none_or(|(oldest, _)| oldest.started_at <= *until)
        };
        if let Some(until) = lost::until(&state)?.filter(reaches) {
            context.ui().warn(lost::in_words(until));
        }
        for (run, totals) in runs {
            let undone_by = taken_back::undone_by(&state, &run.run)?;
            records.add(&RunInfo::new(&run, &totals, undone_by))?;
            let early = run.ended_at.is_none() || run.stopped.is_some();
            if early && let Some(how) = way_on(&state, &run, context)? {
                cut_off.push((run.run, how));
            }
        }
    }
    if records.finish()? == 0 {
        context.footer("no runs");
    }
    let more = cut_off.len().saturating_sub(MOST_WAYS_ON);
    for (run, how) in cut_off.into_iter().take(MOST_WAYS_ON) {
        context.footer(format!("{run} was cut off; {how}"));
    }
    if more > 0 {
        context.footer(format!("{} more were cut off", counted(more as u64, "run")));
    }
    Ok(())
}

/// How to go on with a run that was cut off; none where there is nothing to go on with, or a process is at it.
fn way_on(state: &State, run: &StoredRun, context: &Context) -> Result<Option<String>> {
    let waits = runs::is_open(state, run)?
        && !run.is_given_up()
        && taken_back::undone_by(state, &run.run)?.is_none()
        && taken_back::overtaken_by(state, run, false)?.is_none()
        && RunLock::is_free(state.folder(), &run.run);
    if !waits {
        return Ok(None);
    }
    let program = program_for(&run.profile, run.server(), context);
    let go_on = program.map(|typed| format!("go on with: {typed} import-csv --resume {}", run.run));
    Ok(Some(go_on.unwrap_or_else(|gone| gone)))
}
