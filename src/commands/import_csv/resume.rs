//! `import-csv --resume` and `--resume-all`: go on with runs that were cut off, without their files.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::beside::{Beside, as_recorded, files};
use super::{ImportArgs, check_files, remember_rejects};
use crate::change::apply;
use crate::change::cut_off;
use crate::change::draft::Draft;
use crate::change::left;
use crate::change::lock::RunLock;
use crate::change::outcome::Outcome;
use crate::change::proof::Late;
use crate::change::runs::{self, StoredRun};
use crate::change::taken_back;
use crate::change::{resume, same_store};
use crate::commands::bulk::{self, Mend, Report, Rows, Task, Together};
use crate::commands::run::{self, About};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::state::State;
use crate::words::counted;

/// How long the confirmation of a run is good for, in hours; after that it is asked again before a run goes on.
const CONFIRMED: SignedDuration = SignedDuration::from_hours(24);

/// Goes on with the run that was named.
pub(super) fn one(args: &ImportArgs, name: &str, context: &Context) -> Result<Exit> {
    let run = runs::find(&context.state()?, name)?;
    if args.rejects.is_some() {
        left::may_be_imported(&run)?;
    }
    check_files(args, context)?;
    if run.is_older_than(CONFIRMED) && !args.dry_run {
        let told = format!("run {} began {}, over a day ago", run.run, run.started_at);
        bulk::can_confirm(args.yes, context).map_err(|e| {
            e.reworded(format!(
                "{told}, and there is no terminal to ask; nothing was sent"
            ))
        })?;
        context.ui().note(told);
    }
    go_on(args, run, None, context)
}

/// `together` is what is printed together with other runs.
fn go_on(
    args: &ImportArgs,
    stored: StoredRun,
    together: Option<&Together>,
    context: &Context,
) -> Result<Exit> {
    let ui = context.ui();
    let state = context.state()?;
    let old = stored.is_older_than(CONFIRMED);
    let run = stored.run.clone();
    let beside = &Beside::of(args, &stored, together.is_some_and(|all| all.runs > 1));
    run::check_store(&stored, &format!("import-csv --resume {run}"), context)?;
    let lock = run::lock(context, &run, args.wait)?;
    let own = RunLock::take(state.folder(), &run)?;
    proved_late(&stored, args, context)?;
    let totals = runs::totals(&state, stored.number)?;
    let unknown = totals.of(Outcome::Unknown);
    may_go_on(&state, &stored, args.resend_unknown).map_err(|e| with_doubts(e, &run, unknown))?;
    let resends = args.resend_unknown && unknown > 0;
    if !runs::is_open(&state, &stored)? && !resends {
        ui.note(match stored.is_typed() && unknown == 0 {
            true => format!("nothing of run {run} is in doubt, and --resume sends no more of what was typed; nothing was sent"),
            false => format!("run {run} is finished; nothing was sent"),
        });
        return finished(&state, &stored, beside, together, context);
    }
    let draft = planned(&state, &stored, args, resends, context)?;
    let resent = if resends { draft.resendable()? } else { 0 };
    ui.note(format!(
        "run {run} goes on: {} left to send, {resent} in doubt sent again",
        draft.sends()?
    ));
    let asks = !args.yes && (old || (resent > 0 && ui.asks()));
    let task = Task {
        about: About {
            left_alone: stored.left_alone,
            ..About::default()
        },
        resumes: Some((&stored, own)),
        store: Some(lock),
        max_drop: old.then_some(args.max_drop.unwrap_or(super::args::MAX_DROP)),
        refuses_repeats: !args.again,
        asks: asks.then_some("Go on with"),
        dry_run: args.dry_run,
        apply: apply::Options {
            resend_unknown: args.resend_unknown,
            ..args.apply()
        },
        mend: mend(&state, &stored, beside)?,
        together,
        ..Task::default()
    };
    let rows = context.state()?;
    let sent_again = || match resends {
        true => runs::resent(&state, stored.number).map(Some),
        false => Ok(None),
    };
    let before = sent_again()?;
    let ended = bulk::carry_out(task, draft, || files(beside, &rows, &stored), context);
    remember_rejects(beside.rejects.as_deref(), context);
    let none_sent = resends && sent_again()? == before;
    ended.map_err(|e| match e.kind() {
        Kind::UnknownOutcome if none_sent => none_sent_again(e, &run),
        Kind::Partial => to_be_imported(e, beside, &stored),
        _ => with_doubts(e, &run, unknown),
    })
}

/// That rows in doubt stay in doubt, where nothing of what was to be sent again was.
fn none_sent_again(error: Error, run: &str) -> Error {
    error.hinted(format!(
        "nothing was sent again, for the stock is not as it was, or was written by another run since; `adjust` mends it by hand\nwhat was seen: sxinv history {run}"
    ))
}

/// Says what a file of rejects needs to be imported as it was meant.
fn to_be_imported(error: Error, beside: &Beside, run: &StoredRun) -> Error {
    match as_recorded(run).zip(beside.rejects.as_ref()) {
        Some((known, rejects)) => error.also_hinted(format!("of {}: {known}", rejects.display())),
        None => error,
    }
}

/// That a run is not gone on with leaves its rows in doubt as they are: this is what its end says then.
fn with_doubts(error: Error, run: &str, unknown: u64) -> Error {
    if unknown == 0 || error.kind() != Kind::Refused {
        return error;
    }
    let message = format!(
        "{}; {} of run {run} may or may not have been applied",
        error.message(),
        counted(unknown, "row")
    );
    let doubt = Error::new(Kind::UnknownOutcome, message);
    match error.hint() {
        Some(hint) => doubt.hinted(hint.to_owned()),
        None => doubt,
    }
}

/// The open rows of a run as a draft, planned; with `resends`, also those in doubt.
fn planned(
    state: &State,
    stored: &StoredRun,
    args: &ImportArgs,
    resends: bool,
    context: &Context,
) -> Result<Draft> {
    let (client, ui) = (context.client()?, context.ui());
    same_store::check(state, stored, client, &|at| ui.progress(at))?;
    if !args.dry_run {
        client.writable()?;
    }
    if stored.is_copied(state) {
        ui.warn(format!(
            "this ledger is a copy or was moved since run {} began: if it goes on elsewhere too, changes are applied twice",
            stored.run
        ));
    }
    let mut draft = resume::draft(context.state()?, stored)?;
    draft.resends = resends;
    bulk::plan(&mut draft, args.concurrency, args.dry_run, context)?;
    Ok(draft)
}

/// Settles rows by events that came since. That they can't be looked at is an error only where rows in doubt are to be
/// sent again.
fn proved_late(stored: &StoredRun, args: &ImportArgs, context: &Context) -> Result<()> {
    let mut state = context.state()?;
    let settled = Late::find(&state, stored).and_then(|late| {
        if late.proved() > 0 {
            context.ui().note(format!(
                "{} of run {} proved by the webhook meanwhile",
                counted(late.proved(), "row"),
                stored.run
            ));
        }
        late.record(&mut state, stored)
    });
    match settled {
        Err(error) if !args.resend_unknown => {
            run::tell_of_unseen_events(&error, context);
            Ok(())
        }
        settled => settled,
    }
}

/// An error, refused, where going on would undo what was decided since.
fn may_go_on(state: &State, run: &StoredRun, resends: bool) -> Result<()> {
    let name = &run.run;
    if run.is_given_up() {
        return Err(
            Error::refused(format!("run {name} was given up; nothing was sent"))
                .hinted(format!("its rows: sxinv history {name}")),
        );
    }
    if let Some(undo) = taken_back::undone_by(state, name)? {
        return Err(Error::refused(format!(
            "run {name} was taken back by run {undo}; nothing was sent"
        )));
    }
    let overtaken = match run.undo_of {
        Some(_) => taken_back::overtaken_by(state, run, resends)?,
        None => None,
    };
    match overtaken {
        None => Ok(()),
        Some(other) => Err(Error::refused(format!(
            "run {other} has taken back the same run since; nothing was sent"
        ))
        .hinted(format!(
            "how that ended: sxinv history {other}\nto leave run {name} as it is: sxinv history {name} --give-up"
        ))),
    }
}

/// Prints once more how a finished run ended.
fn finished(
    state: &State,
    stored: &StoredRun,
    beside: &Beside,
    together: Option<&Together>,
    context: &Context,
) -> Result<Exit> {
    let report = Report {
        run: Some(&stored.run),
        mode: stored.mode,
        left_alone: stored.left_alone,
        rows: &Rows::Stored(state, stored, &HashMap::new()),
        together,
    };
    let written = report.write(None, files(beside, state, stored)?, context)?;
    remember_rejects(beside.rejects.as_deref(), context);
    let mend = mend(state, stored, beside)?;
    let ended = bulk::ending(&stored.run, written, None, mend, context);
    ended.map_err(|e| to_be_imported(e, beside, stored))
}

/// What can be done about rows of a run that goes on. What an undo left is taken back by another undo, and not by a file.
fn mend<'a>(state: &State, run: &'a StoredRun, beside: &'a Beside) -> Result<Mend<'a>> {
    if let Some(of) = &run.undo_of {
        return Ok(Mend::Undo(of));
    }
    if run.is_typed() {
        return Ok(Mend::History);
    }
    let lots = left::has_lots(state, run.number)?;
    let file = run.file.as_deref().filter(|_| lots);
    let with = file.map_or("", |_| beside.with.as_str());
    Ok(Mend::of(run.mode, beside.rejects.as_deref(), file, with))
}

/// Goes on with every run of this store that was cut off, the oldest first, and ends as the worst of them does.
pub(super) fn all(args: &ImportArgs, context: &Context) -> Result<Exit> {
    let ui = context.ui();
    let cut_off = cut_off::cut_off(&context.state()?, context.connection()?.store())?;
    if cut_off.is_empty() {
        ui.note("no run on this store was cut off; nothing was sent");
    }
    let together = Together::of(cut_off.len());
    if cut_off.len() > 1 && (args.report.is_some() || args.rejects.is_some()) {
        ui.note("of several runs each writes files of its own, with the run in their names");
    }
    let mut worst: Option<Error> = None;
    for run in cut_off {
        let ended = if run.is_older_than(CONFIRMED) && !args.yes {
            let told = format!(
                "run {} began {}, over a day ago: left as it is",
                run.run, run.started_at
            );
            ui.warn(&told);
            Err(Error::new(Kind::Partial, told).hinted("--yes goes on with it too"))
        } else {
            go_on(args, run, Some(&together), context)
        };
        let Err(error) = ended else { continue };
        let ends = matches!(error.kind(), Kind::Interrupted(_) | Kind::Auth);
        if worst
            .as_ref()
            .is_none_or(|worst| rank(&error) > rank(worst))
        {
            worst = Some(error);
        }
        if ends {
            break;
        }
    }
    if context.format() == Format::Json {
        context.document(&together.documents.into_inner(), None)?;
    }
    match worst {
        Some(error) => Err(error),
        None => Ok(Exit::Done),
    }
}

/// How bad an ending is: a signal before doubt, doubt before refused credentials, these before everything else.
fn rank(error: &Error) -> u8 {
    match error.kind() {
        Kind::Interrupted(_) => 5,
        Kind::UnknownOutcome => 4,
        Kind::Auth => 3,
        Kind::Unavailable => 2,
        _ => 1,
    }
}
