//! What bulk runs share, whether they come from a file, go on with an earlier run or take one back: the question
//! before, the progress during, and the report after.

mod ending;
mod question;

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::value::{RawValue, to_raw_value};

pub use ending::{Mend, ending};
pub use question::confirm;

use super::rows::column;
use crate::change::apply::{self, Applied, Settling};
use crate::change::guard::Approved;
use crate::change::ledger::Ledger;
use crate::change::outcome::{Outcome, Settled, Totals};
use crate::change::plan::{Plan, Row};
use crate::change::report::{ResultRow, Summary, in_words};
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::file::NewFile;
use crate::format::Format;
use crate::render::{self, Column, Kind as Cell, Records, Terminal, counted, grouped};

/// The columns of a bulk run's rows (the contract: import-csv, JSON).
pub const COLUMNS: &[Column] = &[
    column("line", "LINE", Cell::Id, true),
    column("sku_id", "SKU ID", Cell::Id, false),
    column("sku_code", "SKU", Cell::Code, true),
    column("product_id", "PRODUCT", Cell::Id, true),
    column("previous_quantity", "BEFORE", Cell::Number, true),
    column("quantity", "NOW", Cell::Stock, true),
    column("outcome", "OUTCOME", Cell::Outcome, true),
    column("error", "WHY", Cell::Text, true),
    column("read_back", "READ BACK", Cell::Flag, false),
];

/// So many rows that went well are shown on a terminal; the ledger has them all.
const APPLIED_SHOWN: usize = 50;

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

/// What of a run's results went out while they settled.
#[derive(Default)]
pub struct Printed {
    streamed: bool,
    /// Rows that could not be printed as they settled, and not because the reader went away.
    lost: Option<Error>,
}

/// Applies a plan with progress; under `jsonl` each row goes out as it settles.
pub fn send(
    approved: Approved,
    ledger: Ledger,
    options: apply::Options,
    context: &Context,
) -> Result<(Applied, Printed)> {
    let ui = context.ui();
    let total = approved.plan().len() as u64;
    let streams = context.format() == Format::Jsonl;
    let mut records = if streams {
        Some(context.records(COLUMNS)?)
    } else {
        None
    };
    let mut lost: Option<Error> = None;
    let mut done = 0;
    let mut watch = |settling: &Settling<'_>| {
        done += 1;
        ui.progress("rows", done, total);
        // The reader may go away; the run goes on, and its report is still written.
        if let (Some(records), None) = (&mut records, &lost) {
            lost = push(records, &ResultRow::new(settling.row, settling.settled)).err();
        }
    };
    let applied = apply::apply(context.client()?, approved, options, ledger, &mut watch)?;
    ui.finish();
    if let (Some(records), None) = (records, &lost) {
        lost = records.finish().err();
    }
    let printed = Printed {
        streamed: streams,
        lost: lost.filter(|error| !error.is_closed_pipe()),
    };
    Ok((applied, printed))
}

fn push<W: Write>(records: &mut Records<'_, W>, row: &ResultRow<'_>) -> Result<()> {
    records.push(&raw(row)?)?;
    Ok(())
}

/// A value as a JSON text.
pub fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(|e| Error::internal("can't write the result").caused_by(e))
}

/// The files that a run writes beside its output. They are begun before anything is sent, so that a folder that can't
/// be written to is found out in time, and stand under their names only when they are whole.
#[derive(Default)]
pub struct Files<'a> {
    /// `--report`.
    pub report: Option<NewFile>,
    /// `--rejects`, and what writes the rejected rows: by line, with the reason.
    pub rejects: Option<(NewFile, Rejects<'a>)>,
}

/// Writes the rows of these lines, each with why it was rejected.
pub type Rejects<'a> = Box<dyn Fn(&BTreeMap<u32, String>, &mut NewFile) -> Result<()> + 'a>;

/// What a report came to.
pub struct Written {
    /// Rows by outcome.
    pub totals: Totals,
    /// Why not all of it could be printed and written.
    failure: Option<Error>,
}

/// A run's rows and how they ended, ready to be printed and written.
pub struct Report<'a> {
    /// The run's id; none under `--dry-run`.
    pub run: Option<&'a str>,
    /// Its plan.
    pub plan: &'a Plan,
    /// How each row ended; `None` for a plan that is foreseen and not sent, or of which nothing is left to send.
    pub settled: Option<&'a [Settled]>,
    /// Rows that named no quantity.
    pub left_alone: u64,
}

impl<'a> Report<'a> {
    /// The report of a run that was sent, printed as far as it isn't yet.
    pub fn of(run: &'a str, applied: &'a Applied, left_alone: u64) -> Report<'a> {
        Report {
            run: Some(run),
            plan: &applied.plan,
            settled: Some(&applied.settled),
            left_alone,
        }
    }

    /// Each row with how it ended, one at a time: a million of them at once would take much room.
    fn each(&self, mut each: impl FnMut(&Row<'_>, &Settled) -> Result<()>) -> Result<()> {
        for row in self.plan.rows() {
            match self.settled {
                Some(settled) => each(&row, &settled[row.index])?,
                None => each(&row, &row.foreseen())?,
            }
        }
        Ok(())
    }

    /// Prints and writes everything. A reader that went away stops none of the files, and a file that can't be written
    /// takes nothing from what is said about the run: it is told, and kept for the exit.
    pub fn write(
        &self,
        printed: Option<Printed>,
        files: Files<'_>,
        context: &Context,
    ) -> Result<Written> {
        let mut totals = Totals::default();
        self.each(|_, settled| {
            totals.add(settled.outcome);
            Ok(())
        })?;
        let Printed { streamed, lost } = printed.unwrap_or_default();
        let files = self.files(files).err();
        let print = self.print(&totals, streamed, context).err();
        let run = self
            .run
            .map(|run| format!("run {run}: "))
            .unwrap_or_default();
        context.ui().note(format!("{run}{}", in_words(&totals)));
        let print = print.filter(|error| !error.is_closed_pipe());
        Ok(Written {
            totals,
            failure: files.or(lost).or(print),
        })
    }

    fn print(&self, totals: &Totals, streamed: bool, context: &Context) -> Result<()> {
        let summary = |results| {
            let mode = self.plan.mode;
            Summary::new(self.run, mode, totals, self.left_alone, results)
        };
        let document = |summary: Summary<'_>| {
            render::document(context.stdout(), &raw(&summary)?, None, context.terminal())
        };
        match context.format() {
            Format::Json => {
                let mut rows = Vec::with_capacity(self.plan.len());
                self.each(|row, settled| {
                    let row = raw(&ResultRow::new(row, settled))?;
                    rows.push(render::only(&row, context.fields())?);
                    Ok(())
                })?;
                document(summary(Some(&rows)))
            }
            Format::Jsonl => {
                if !streamed {
                    self.print_rows(context, |_| true)?;
                }
                document(summary(None))
            }
            Format::Csv => self.print_rows(context, |_| true),
            Format::Table => {
                let most = match context.terminal().width {
                    Some(_) => APPLIED_SHOWN,
                    None => usize::MAX,
                };
                let mut well = 0;
                self.print_rows(context, |settled| match settled.outcome {
                    Outcome::Unchanged => false,
                    Outcome::Applied | Outcome::Planned => {
                        well += 1;
                        well <= most
                    }
                    _ => true,
                })?;
                if well > most {
                    let more = grouped((well - most) as i64);
                    let how = match self.run {
                        Some(run) => format!("; sxinv history {run} shows them all"),
                        None => String::new(),
                    };
                    context.footer(format!("and {more} more{how}"));
                }
                Ok(())
            }
        }
    }

    fn print_rows(&self, context: &Context, mut shown: impl FnMut(&Settled) -> bool) -> Result<()> {
        let mut records = context.records(COLUMNS)?;
        self.each(|row, settled| {
            if shown(settled) {
                push(&mut records, &ResultRow::new(row, settled))?;
            }
            Ok(())
        })?;
        records.finish()?;
        Ok(())
    }

    fn files(&self, files: Files<'_>) -> Result<()> {
        if let Some(mut file) = files.report {
            let piped = Terminal::piped();
            let mut records = Records::new(&mut file, Format::Csv, COLUMNS, None, &piped);
            self.each(|row, settled| push(&mut records, &ResultRow::new(row, settled)))?;
            records.finish()?;
            file.finish()?;
        }
        if let Some((mut file, write)) = files.rejects {
            let mut rejected: BTreeMap<u32, String> = BTreeMap::new();
            self.each(|row, settled| {
                if settled.outcome.can_be_mended() {
                    let why = settled.trouble.as_deref().map(|t| t.message.clone());
                    rejected.insert(row.wanted.line(), why.unwrap_or_default());
                }
                Ok(())
            })?;
            write(&rejected, &mut file)?;
            file.finish()?;
        }
        Ok(())
    }
}

/// Prints a dry run, and the exit that its rows call for.
pub fn dry_run(plan: &Plan, left_alone: u64, files: Files<'_>, context: &Context) -> Result<Exit> {
    let report = Report {
        run: None,
        plan,
        settled: None,
        left_alone,
    };
    let Written { totals, failure } = report.write(None, files, context)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    context.ui().note("dry run: no write was sent");
    let amiss = totals.of(Outcome::Failed) + totals.of(Outcome::Conflict);
    if amiss > 0 {
        let rows = counted(totals.rows(), "row");
        let message = format!("{} of {rows} would not be applied", grouped(amiss as i64));
        return Err(Error::new(Kind::Partial, message));
    }
    Ok(Exit::Done)
}

/// Prints a plan with nothing in it.
pub fn nothing(plan: Plan, context: &Context) -> Result<Exit> {
    let report = Report {
        run: None,
        plan: &plan,
        settled: None,
        left_alone: 0,
    };
    match report.write(None, Files::default(), context)?.failure {
        Some(failure) => Err(failure),
        None => Ok(Exit::Done),
    }
}
