//! What bulk runs share, whether they come from a file, go on with an earlier run or take one back: one flow from the
//! planned draft over guard, question and sending to the report.

mod ending;
mod question;
mod report;
mod result;

use std::cell::{Cell, RefCell};

use serde_json::value::RawValue;

use crate::change::apply::{self, Ended, Settling};
use crate::change::draft::Draft;
use crate::change::guard::{self, Approved};
use crate::change::ledger::Ledger;
use crate::change::lock::{RunLock, StoreLock};
use crate::change::outcome::Outcome;
use crate::change::plan::Planning;
use crate::change::proof;
use crate::change::repeat;
use crate::change::runs::StoredRun;
use crate::change::undo::LeftOut;
use crate::commands::run::{self, About};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::progress::{Phase, Progress};
use crate::words::{counted, grouped};

pub use ending::{Mend, ending};
pub use question::confirm;
pub use report::{Files, Printed, Rejects, Report, Rows, proved_in_words};
pub use result::ResultRow;

/// How the run of a draft is carried out.
#[derive(Default)]
pub struct Task<'a> {
    /// What the run is about.
    pub about: About<'a>,
    /// The run that goes on, with its lock; otherwise the draft becomes a run of its own.
    pub resumes: Option<(&'a StoredRun, RunLock)>,
    /// The lock of the store; none under `--dry-run`.
    pub store: Option<StoreLock>,
    /// `--max-drop`, where the guard looks at the draft.
    pub max_drop: Option<f64>,
    /// Whether adjustments that were applied before are refused.
    pub refuses_repeats: bool,
    /// What the question begins with; none where nobody is to be asked.
    pub asks: Option<&'static str>,
    /// Say what would be done, and send nothing.
    pub dry_run: bool,
    /// How it is applied.
    pub apply: apply::Options,
    /// What the error about rows that were not applied proposes.
    pub mend: Mend<'a>,
    /// What is left out of the run that is taken back.
    pub left_out: Option<&'a LeftOut>,
    /// What is printed together with other runs.
    pub together: Option<&'a Together>,
}

/// Several runs that are printed as one result.
#[derive(Default)]
pub struct Together {
    /// Their JSON documents: an array of them is printed at the end.
    pub documents: RefCell<Vec<Box<RawValue>>>,
    /// How many there are.
    pub runs: usize,
    /// Whether the header of a CSV was printed.
    headed: Cell<bool>,
}

impl Together {
    /// Of so many runs.
    pub fn of(runs: usize) -> Together {
        Together {
            runs,
            ..Together::default()
        }
    }
}

/// An error, usage, when a run would have to be confirmed and nobody is there to ask: before anything is done.
pub fn can_confirm(confirmed: bool, context: &Context) -> Result<()> {
    if confirmed || context.ui().asks() {
        return Ok(());
    }
    let why = context.ui().why_nobody();
    Err(
        Error::usage(format!("{why} for confirmation; nothing was sent"))
            .hinted("say --yes to apply without being asked, or --dry-run to see the plan"),
    )
}

/// The lock of the store for a new run that is going to write; see [`run::lock`].
pub fn lock(run: &str, dry_run: bool, wait: bool, context: &Context) -> Result<Option<StoreLock>> {
    if dry_run {
        return Ok(None);
    }
    context.client()?.writable()?;
    run::lock(context, run, wait).map(Some)
}

/// Reads the store and plans the draft, with progress.
pub fn plan(draft: &mut Draft, workers: u8, only_reads: bool, context: &Context) -> Result<()> {
    let ui = context.ui();
    draft.plan(&Planning {
        client: context.client()?,
        catalogue: &|| context.catalogue(only_reads),
        workers: usize::from(workers),
        progress: &|at| ui.progress(at),
    })?;
    ui.finish();
    Ok(())
}

/// Carries a planned draft out: judged, asked about, sent and reported. `files` are begun before anything is sent, and only
/// once there is no question any more that a signal could end.
pub fn carry_out<'a>(
    task: Task<'a>,
    draft: Draft,
    files: impl FnOnce() -> Result<Files<'a>>,
    context: &Context,
) -> Result<Exit> {
    let resumed = task.resumes.as_ref();
    let run = resumed.map_or(&task.about.run, |(run, _)| &run.run);
    let undoes =
        task.about.undo_of.is_some() || resumed.is_some_and(|(run, _)| run.undo_of.is_some());
    run::tell_of_tags(&draft, run, context)?;
    if task.dry_run {
        return dry_run(&task, &draft, files()?, context);
    }
    let approved = approved(&task, draft, context)?;
    let files = files()?;
    let ledger = match task.resumes {
        None => run::begin(context, approved, &task.about, task.store)?,
        Some((stored, lock)) => {
            run::settle_on_signals(&stored.run, context);
            Ledger::resume(approved, stored, lock, task.store)?
        }
    };
    let options = apply::Options {
        tag_reasons: context.connection()?.tag_reasons,
        ..task.apply
    };
    let phase = match undoes {
        true => Phase::TakingBack,
        false => Phase::Applying,
    };
    let (mut ended, printed) = send(ledger, &options, phase, context)?;
    let stopped = ended.stopped.as_ref();
    ended.run.stopped = stopped.map(|error| error.message().to_owned());
    let report = Report {
        run: Some(&ended.run.run),
        mode: ended.run.mode,
        left_alone: ended.run.left_alone,
        rows: &Rows::Stored(&ended.state, &ended.run, &ended.unrecorded),
        together: task.together,
    };
    let written = report.write(Some(printed), files, context);
    let written = written.map_err(|unread| behind(unread, stopped))?;
    if written.totals.of(Outcome::Applied) > 0 {
        context.footer(format!("take it back with: sxinv undo {}", ended.run.run));
    }
    let twice = match written.totals.of(Outcome::Unknown) {
        0 => None,
        _ => proof::moved_twice(&ended.state, &ended.run)?,
    };
    let ended = ending(&ended.run.run, written, ended.stopped, task.mend, context);
    let ended = match (twice, ended) {
        (Some(twice), Err(error)) if error.kind() == Kind::UnknownOutcome => Err(twice),
        (_, ended) => ended,
    };
    match (ended, all_taken_back(task.left_out, context)) {
        (Err(worse), Err(left_out)) => {
            let message = format!("{}; {}", worse.message(), left_out.message());
            Err(worse.reworded(message))
        }
        (ended, left_out) => left_out.and(ended),
    }
}

/// The draft once the guard has looked at it, and whoever there is to ask has said yes.
fn approved(task: &Task<'_>, draft: Draft, context: &Context) -> Result<Approved> {
    let approved = match task.max_drop {
        Some(max_drop) => guard::check(draft, max_drop)?,
        None => guard::typed(draft),
    };
    let repeated = refuse_repeats(task, approved.draft(), context)?;
    run::tell_of_loss(approved.draft(), context)?;
    match (task.asks, repeated) {
        (Some(verb), repeated) => confirm(approved.draft(), verb, repeated.as_deref(), context)?,
        (None, Some(repeated)) => context.ui().note(repeated),
        (None, None) => {}
    }
    Ok(approved)
}

/// A report that the ledger does not give any more comes behind what ended the run.
fn behind(unread: Error, stopped: Option<&Error>) -> Error {
    let Some(stopped) = stopped else {
        return unread;
    };
    let message = format!("{}; {}", stopped.message(), unread.message());
    unread.reworded(message)
}

/// An error, refused, where a draft has the adjustments of an earlier run and that is not what was asked for; what there is
/// to say where it has some of them.
fn refuse_repeats(task: &Task<'_>, draft: &Draft, context: &Context) -> Result<Option<String>> {
    if !task.refuses_repeats {
        return Ok(None);
    }
    let store = context.connection()?.store();
    let server = store.split(' ').next().unwrap_or_default();
    let program = |profile: &str| run::program_for(profile, server, context);
    let repeated = repeat::refuse(draft, store, &program)?;
    Ok(repeated.map(|repeated| context.in_place(&repeated)))
}

/// An error, partial, where rows could not be taken back because nobody knows what became of them: it names their lines.
pub fn all_taken_back(left_out: Option<&LeftOut>, context: &Context) -> Result<()> {
    let Some(left_out) = left_out.filter(|left| !left.is_empty()) else {
        return Ok(());
    };
    let lines = |lines: &[u32]| {
        let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
        format!("line {}", lines.join(", "))
    };
    let mut whys = Vec::new();
    let typed = context.typed_again()?;
    let mut hint = format!(
        "look at their stock before doing anything: {typed} history {}",
        left_out.of
    );
    if !left_out.unknown.is_empty() {
        let lines = lines(&left_out.unknown);
        whys.push(format!(
            "because they may or may not have been applied: {lines}"
        ));
    }
    if let Some((by, puts_back)) = &left_out.by {
        let lines = lines(&left_out.perhaps);
        let done = match puts_back {
            true => "put them back",
            false => "taken them back already",
        };
        whys.push(format!(
            "because run {by} may or may not have {done}: {lines}"
        ));
        hint += &format!(
            "\nto take back those whose stock is as it was: {typed} import-csv --resume {by} --resend-unknown"
        );
    }
    let message = format!("left out, {}", whys.join("; "));
    Err(Error::new(Kind::Partial, message).hinted(hint))
}

/// Applies a run with progress; under `jsonl` each row goes out as it settles.
fn send<'a>(
    ledger: Ledger,
    options: &apply::Options,
    phase: Phase,
    context: &'a Context,
) -> Result<(Ended, Printed<'a>)> {
    let ui = context.ui();
    let mut printed = Printed::new(context)?;
    let mut at = Progress::begun(phase);
    let mut watch = |settling: &Settling<'_>| {
        at.done += 1;
        at.total = Some(settling.rows);
        match settling.row.settled.as_ref().map(|settled| settled.outcome) {
            Some(Outcome::Failed) => at.amiss.failed += 1,
            Some(Outcome::Conflict) => at.amiss.conflicts += 1,
            Some(Outcome::Unknown) => at.amiss.unknown += 1,
            _ => {}
        }
        ui.progress(at);
        printed.push(&ResultRow::from(settling.row));
    };
    let ended = apply::apply(context.client()?, ledger, options, &mut watch)?;
    ui.finish();
    Ok((ended, printed))
}

/// Prints a dry run, and the exit that its rows call for.
fn dry_run(task: &Task<'_>, draft: &Draft, files: Files<'_>, context: &Context) -> Result<Exit> {
    if task.apply.stop_on_error {
        draft.stop_at_failures()?;
    }
    let report = Report {
        run: None,
        mode: draft.mode,
        left_alone: task.about.left_alone,
        rows: &Rows::Draft(draft),
        together: task.together,
    };
    let written = report.write(None, files, context)?;
    let mut lost = written.lost.into_iter();
    if let Some(first) = lost.next() {
        lost.for_each(|lost| context.ui().lost(lost.full_message()));
        return Err(first);
    }
    context.ui().note("dry run: no write was sent");
    if let Some(max_drop) = task.max_drop {
        guard::judge(draft, max_drop)?;
    }
    if let Some(repeated) = refuse_repeats(task, draft, context)? {
        context.ui().note(repeated);
    }
    let of = |outcome| written.totals.of(outcome);
    let resent = if draft.resends {
        draft.resendable()?
    } else {
        0
    };
    let in_doubt = of(Outcome::Unknown).saturating_sub(resent);
    if in_doubt > 0 {
        let rows = counted(written.totals.rows(), "row");
        let in_doubt = grouped(in_doubt as i64);
        let message = format!("{in_doubt} of {rows} may or may not have been applied");
        return Err(Error::new(Kind::UnknownOutcome, message));
    }
    let amiss = of(Outcome::Failed) + of(Outcome::Conflict) + of(Outcome::Skipped);
    if amiss > 0 {
        let rows = counted(written.totals.rows(), "row");
        let message = format!("{} of {rows} would not be applied", grouped(amiss as i64));
        return Err(Error::new(Kind::Partial, message));
    }
    all_taken_back(task.left_out, context)?;
    Ok(Exit::Done)
}
