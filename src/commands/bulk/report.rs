//! The report of a bulk run: printed, and written to the files that go with it.

use std::collections::{BTreeMap, HashMap};

use crate::change::draft::Draft;
use crate::change::outcome::{Outcome, Settled, Totals};
use crate::change::row::RunRow;
use crate::change::runs::{self, StoredRun};
use crate::commands::bulk::Together;
use crate::commands::bulk::result::{ResultRow, Summary};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::export::TableFile;
use crate::format::Format;
use crate::render::{self, Records, Terminal, raw};
use crate::state::State;
use crate::stdio::Stdout;
use crate::wanted::Mode;
use crate::words::counted;

/// How many rows that went well are shown on a terminal; the ledger has them all.
const APPLIED_SHOWN: u64 = 50;

/// What of a run's results went out while they settled.
pub struct Printed<'a> {
    /// None where the format does not stream.
    records: Option<Records<'a, Stdout>>,
    /// Rows that could not be printed as they settled.
    lost: Option<Error>,
}

impl<'a> Printed<'a> {
    /// Under `jsonl` each row goes out as it settles; otherwise nothing does.
    pub fn new(context: &'a Context) -> Result<Printed<'a>> {
        let streamed = context.format() == Format::Jsonl;
        let records = streamed.then(|| context.records(ResultRow::COLUMNS));
        Ok(Printed {
            records: records.transpose()?,
            lost: None,
        })
    }

    /// A row settled. The reader may have gone away; the run goes on, and its report is still written.
    pub fn push(&mut self, row: &ResultRow<'_>) {
        if let (Some(records), None) = (&mut self.records, &self.lost) {
            self.lost = records.add(row).err();
        }
    }

    /// The last row settled. What could not be printed, and why.
    fn end(self) -> Option<Error> {
        match (self.records, self.lost) {
            (Some(records), None) => records.finish().err(),
            (_, lost) => lost,
        }
    }
}

/// How many rows events prove, and where those are named.
pub fn proved_in_words(rows: u64, run: &str) -> String {
    let rows = counted(rows, "row");
    format!("{rows} proved by the webhook; the events: sxinv history {run} --fields line,event_id")
}

/// The files that a run writes beside its output. They are begun before anything is sent, so that a folder that can't
/// be written to is found out in time, and stand under their names only when they are whole.
#[derive(Default)]
pub struct Files<'a> {
    /// `--report`.
    pub report: Option<TableFile>,
    /// `--rejects`, and what writes the rejected rows: by line, with the reason.
    pub rejects: Option<(TableFile, Rejects<'a>)>,
}

/// Writes the rows of these lines, each with why it was rejected.
pub type Rejects<'a> = Box<dyn Fn(&BTreeMap<u32, String>, &mut TableFile) -> Result<()> + 'a>;

/// What a report came to.
pub struct Written {
    /// Rows by outcome.
    pub totals: Totals,
    /// What could not be printed or written, and why.
    pub lost: Vec<Error>,
    /// The rejected rows are where they were to go.
    pub rejects_stand: bool,
}

/// Where the rows of a report are.
pub enum Rows<'a> {
    /// In a draft: as they would end.
    Draft(&'a Draft),
    /// In the ledger: as they ended, but for outcomes that it does not hold.
    Stored(&'a State, &'a StoredRun, &'a HashMap<u32, Settled>),
}

impl Rows<'_> {
    /// Each row in its order, one at a time: a million of them at once would take much room. One whose turn never came says
    /// why.
    pub fn each(&self, mut each: impl FnMut(&RunRow) -> Result<()>) -> Result<()> {
        match self {
            Rows::Draft(draft) => draft.each(each),
            Rows::Stored(state, run, unrecorded) => {
                runs::each_row(state, run.number, |row| {
                    match (unrecorded.get(&row.row), &row.settled) {
                        (Some(settled), _) => each(&row.clone().ended(settled.clone())),
                        (None, Some(_)) => each(row),
                        (None, None) => each(&row.clone().unsettled(run.stopped.as_deref())),
                    }
                })
            }
        }
    }

    fn totals(&self) -> Result<Totals> {
        match self {
            Rows::Draft(draft) => draft.totals(),
            Rows::Stored(state, run, unrecorded) if unrecorded.is_empty() => {
                runs::totals(state, run.number)
            }
            Rows::Stored(..) => {
                let mut totals = Totals::default();
                self.each(|row| {
                    totals.add(row.outcome());
                    Ok(())
                })?;
                Ok(totals)
            }
        }
    }
}

/// A run's rows and how they ended, ready to be printed and written.
pub struct Report<'a> {
    /// The run's id; none under `--dry-run`.
    pub run: Option<&'a str>,
    /// What its rows' numbers mean.
    pub mode: Mode,
    /// Rows that named no quantity.
    pub left_alone: u64,
    /// Where its rows are.
    pub rows: &'a Rows<'a>,
    /// What is printed together with other runs.
    pub together: Option<&'a Together>,
}

impl Report<'_> {
    /// Prints and writes everything. A reader that went away stops none of the files, and a file that can't be written
    /// takes nothing from what is said about the run: it is told, and kept for the exit.
    pub fn write(
        &self,
        printed: Option<Printed<'_>>,
        files: Files<'_>,
        context: &Context,
    ) -> Result<Written> {
        let streamed = printed.as_ref().is_some_and(|it| it.records.is_some());
        let lost = printed.and_then(Printed::end);
        let totals = self.rows.totals()?;
        let report = files.report.and_then(|file| self.report(file).err());
        let rejects = files
            .rejects
            .and_then(|(file, write)| self.rejects(file, write).err());
        let print = self.print(&totals, streamed, context).err();
        let run = self.run.map(|run| format!("run {run}: "));
        let run = run.unwrap_or_default();
        context.ui().note(format!("{run}{}", totals.in_words()));
        let mut unprinted = lost.into_iter().chain(print);
        let print = unprinted.find(|error| !error.is_closed_pipe());
        Ok(Written {
            totals,
            rejects_stand: rejects.is_none(),
            lost: [report, rejects, print].into_iter().flatten().collect(),
        })
    }

    fn print(&self, totals: &Totals, streamed: bool, context: &Context) -> Result<()> {
        let document = |results| {
            let summary = Summary {
                run: self.run,
                mode: self.mode.name(),
                rows: totals.rows(),
                planned: self.run.is_none().then(|| totals.of(Outcome::Planned)),
                totals,
                left_alone: self.left_alone,
                results,
            };
            match (self.together, context.format()) {
                (Some(together), Format::Json) => {
                    together.documents.borrow_mut().push(raw(&summary)?);
                    Ok(())
                }
                _ => context.document(&summary, None),
            }
        };
        match context.format() {
            Format::Json => {
                let mut rows = Vec::new();
                self.rows.each(|row| {
                    rows.push(render::only(
                        &raw(&ResultRow::from(row))?,
                        context.fields(),
                    )?);
                    Ok(())
                })?;
                document(Some(rows))
            }
            Format::Jsonl => {
                if !streamed {
                    self.print_rows(context, |_| true)?;
                }
                document(None)
            }
            Format::Csv => self.print_rows(context, |_| true),
            Format::Table => self.table(context),
        }
    }

    /// For people. Rows that were unchanged are not shown. On a terminal what went wrong stands first, of the rows that
    /// went well not all are shown, and skipped ones are a count.
    fn table(&self, context: &Context) -> Result<()> {
        if context.terminal().width.is_none() {
            return self.print_rows(context, |outcome| outcome != Outcome::Unchanged);
        }
        let amiss = |outcome| {
            matches!(
                outcome,
                Outcome::Conflict | Outcome::Failed | Outcome::Unknown
            )
        };
        let (mut well, mut skipped, mut proved) = (0, 0, 0);
        let mut records = context.records(ResultRow::COLUMNS)?;
        self.rows.each(|row| match amiss(row.outcome()) {
            true => records.add(&ResultRow::from(row)),
            false => Ok(()),
        })?;
        self.rows.each(|row| match row.outcome() {
            Outcome::Applied | Outcome::Planned => {
                well += 1;
                proved += u64::from(row.proved_by().is_some());
                match well <= APPLIED_SHOWN {
                    true => records.add(&ResultRow::from(row)),
                    false => Ok(()),
                }
            }
            Outcome::Skipped => {
                skipped += 1;
                Ok(())
            }
            _ => Ok(()),
        })?;
        records.finish()?;
        if well > APPLIED_SHOWN {
            let more = counted(well - APPLIED_SHOWN, "more row");
            let how = match self.run {
                Some(run) => format!("all of them: sxinv history {run}"),
                None => "-o csv shows them all".to_owned(),
            };
            context.footer(format!("and {more}; {how}"));
        }
        if let (Some(run), true) = (self.run, proved > 0) {
            context.footer(proved_in_words(proved, run));
        }
        if skipped > 0 {
            let rows = counted(skipped, "row");
            context.footer(format!("{rows} skipped: the run ended before their turn"));
        }
        Ok(())
    }

    fn print_rows(&self, context: &Context, mut shown: impl FnMut(Outcome) -> bool) -> Result<()> {
        let mut records = context.records(ResultRow::COLUMNS)?;
        if self
            .together
            .is_some_and(|together| together.headed.replace(true))
        {
            records = records.headless();
        }
        self.rows.each(|row| match shown(row.outcome()) {
            true => records.add(&ResultRow::from(row)),
            false => Ok(()),
        })?;
        records.finish()?;
        Ok(())
    }

    fn report(&self, mut file: TableFile) -> Result<()> {
        let piped = Terminal::piped();
        let mut records = Records::new(&mut file, Format::Csv, ResultRow::COLUMNS, None, &piped);
        let written = self.rows.each(|row| records.add(&ResultRow::from(row)));
        written
            .and_then(|()| records.finish())
            .map_err(|e| file.unwritten(e))?;
        file.finish()
    }

    fn rejects(&self, mut file: TableFile, write: Rejects<'_>) -> Result<()> {
        let mut rejected: BTreeMap<u32, String> = BTreeMap::new();
        self.rows.each(|row| {
            if row.outcome().can_be_mended() {
                rejected.insert(row.line, row.error().unwrap_or_default().to_owned());
            }
            Ok(())
        })?;
        write(&rejected, &mut file).map_err(|e| file.unwritten(e))?;
        file.finish()
    }
}
