//! `sxinv import-csv`: a CSV file becomes stock changes, each of its rows with exactly one outcome.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::adjust::check_reason;
use super::rows::column;
use crate::catalogue;
use crate::change::apply::{self, Applied};
use crate::change::guard::{self, Approved, Effect};
use crate::change::outcome::{Outcome, Settled, Totals};
use crate::change::plan::{OnConflict, Plan, Step};
use crate::change::report::{ResultRow, Summary, in_words};
use crate::change::shelf::Shelf;
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::file::NewFile;
use crate::format::Format;
use crate::import;
use crate::render::{self, Column, Kind as Cell, Records, Terminal, grouped};
use crate::wanted::Mode;

const COLUMNS: &[Column] = &[
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

/// So many of the largest changes stand above the question.
const LARGEST_SHOWN: usize = 5;

/// What the rows of the file do.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ModeArg {
    /// The quantity, by PUT
    Set,
    /// The adjustment, by POST
    Adjust,
    /// Counted less expected, as an adjustment: what was sold while people counted stays sold
    Stocktake,
}

/// What happens after a row that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnError {
    /// The others go on
    Continue,
    /// The rest is skipped
    Stop,
}

/// Which file, and how it is read and applied.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv import-csv restock.csv                   show the plan, ask, apply
  sxinv import-csv restock.csv --dry-run         show what each row would do
  sxinv import-csv restock.csv --yes --rejects rejects.csv
                                                 for cron: don't ask, keep what failed
  sxinv import-csv count.csv --mode stocktake    what was sold while people counted stays sold
  sxinv import-csv export.csv --map 'Bin Qty=quantity' --only 'Location=Main'
  supplier-feed | sxinv import-csv - --yes       from standard input")]
pub struct ImportArgs {
    /// The CSV file, or - for standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,

    /// What the rows do; by default set where there is a quantity, adjust where there is an adjustment
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,

    /// Read a header of theirs as a column of ours; may be repeated
    #[arg(long, value_name = "HEADER=COLUMN", value_parser = parse_map)]
    map: Vec<(String, import::Column)>,

    /// Only rows whose cell under this header is this; may be repeated
    #[arg(long, value_name = "HEADER=VALUE", value_parser = parse_only)]
    only: Vec<(String, String)>,

    /// What separates cells, where it isn't recognised: a character, or tab
    #[arg(long, value_name = "C", value_parser = parse_delimiter)]
    delimiter: Option<u8>,

    /// The file's encoding, where it isn't UTF-8 or UTF-16, such as windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,

    /// What groups thousands in its numbers, such as , or .
    #[arg(long, value_name = "C")]
    thousands: Option<char>,

    /// Reason for adjustments without one, at most 255 characters
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// A row whose expected quantity is not the stock
    #[arg(long, value_enum, default_value = "report")]
    on_conflict: OnConflict,

    /// After a row that failed
    #[arg(long, value_enum, default_value = "continue")]
    on_error: OnError,

    /// Refuse to take the total stock of the file's variants down by more than this, with ten or more changing
    #[arg(long, value_name = "PERCENT", default_value_t = 50.0, value_parser = parse_percent)]
    max_drop: f64,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,

    /// Write every row with its outcome to this CSV file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write the rows that surely were not applied to this CSV file, to be mended and imported again
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Don't ask
    #[arg(short, long)]
    yes: bool,

    /// Say what would be done and send no write
    #[arg(long)]
    dry_run: bool,
}

/// Validate, plan, guard, confirm, apply, report (the contract: import-csv, steps 1 to 6).
pub fn run(args: &ImportArgs, context: &Context) -> Result<Exit> {
    let ui = context.ui();
    check_reason(args.reason.as_deref())?;
    context.check_fields(COLUMNS)?;
    if !args.yes && !args.dry_run && !ui.asks() {
        return Err(
            Error::usage("there is no terminal to ask for confirmation; nothing was sent")
                .hinted("say --yes to apply without being asked, or --dry-run to see the plan"),
        );
    }
    let bytes = read_file(&args.file)?;
    let options = args.options();
    let sheet = import::read(&bytes, &options)?;
    let files = Files::open(args)?;
    ui.notes(&describe(&sheet));
    // A rejects file repeats the rows as they stood; without one the text is not needed any more.
    let bytes = args.rejects.as_ref().map(|_| bytes);

    let plan = plan(args, sheet.mode, sheet.rows, context)?;
    if args.dry_run {
        return dry_run(&plan, sheet.left_alone, files, bytes.as_deref(), &options, context);
    }
    context.client()?.writable()?;
    let approved = guard::check(plan, args.max_drop)?;
    let sends = approved.plan().to_send().count();
    if sends > 0 && !args.yes {
        ui.notes(&question(approved.plan(), context)?);
        let what = if sends == 1 { "change" } else { "changes" };
        if !ui.confirm(&format!("Apply {} {what}?", grouped(sends as i64)))? {
            return Err(Error::refused("not confirmed; nothing was changed"));
        }
    }
    let run = crate::change::run_id::new();
    let (applied, printed) = send(args, approved, context)?;
    let report = Report {
        run: Some(&run),
        plan: &applied.plan,
        settled: &applied.settled,
        left_alone: sheet.left_alone,
    };
    let totals = report.write(printed, files, bytes.as_deref(), &options, context)?;
    ending(&totals, applied.stopped, args)
}

impl ImportArgs {
    fn options(&self) -> import::Options {
        import::Options {
            mode: self.mode.map(|mode| match mode {
                ModeArg::Set => Mode::Set,
                ModeArg::Adjust => Mode::Adjust,
                ModeArg::Stocktake => Mode::Stocktake,
            }),
            map: self.map.clone(),
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            thousands: self.thousands,
            only: self.only.clone(),
            reason: self.reason.clone(),
        }
    }
}

fn parse_map(text: &str) -> Result<(String, import::Column), String> {
    let (header, column) = text
        .rsplit_once('=')
        .ok_or("it has the form HEADER=COLUMN, such as 'Bin Qty=quantity'")?;
    let column = column.trim().parse().map_err(|e| format!("{e}"))?;
    Ok((header.trim().to_owned(), column))
}

fn parse_only(text: &str) -> Result<(String, String), String> {
    let (header, value) = text
        .split_once('=')
        .ok_or("it has the form HEADER=VALUE, such as 'Location=Main'")?;
    Ok((header.trim().to_owned(), value.trim().to_owned()))
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [c] if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, b'"' | b'\r' | b'\n') => {
                Ok(*c)
            }
            _ => Err("it is one character, such as ; or |, or the word tab".to_owned()),
        },
    }
}

fn parse_percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').trim().parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("it is a number from 0 to 100".to_owned()),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|e| Error::internal("can't read standard input").caused_by(e))?;
        return Ok(bytes);
    }
    fs::read(path).map_err(|e| {
        let kind = match e.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::NotADirectory => Kind::Usage,
            _ => Kind::Internal,
        };
        Error::new(kind, format!("can't read {}", path.display())).caused_by(e)
    })
}

/// Which header was read as what, and what was not used.
fn describe(sheet: &import::Sheet) -> Vec<String> {
    let quoted = |header: &String| format!("\"{header}\"");
    let mapping: Vec<String> = sheet
        .mapping
        .iter()
        .map(|(header, column)| format!("{} is {column}", quoted(header)))
        .collect();
    let rows = sheet.rows.len();
    let mut lines = vec![format!(
        "{} row{} to {}: {}",
        grouped(rows as i64),
        if rows == 1 { "" } else { "s" },
        sheet.mode.name(),
        mapping.join(", ")
    )];
    if !sheet.unused.is_empty() {
        let unused: Vec<String> = sheet.unused.iter().map(quoted).collect();
        lines.push(format!("not used: {}", unused.join(", ")));
    }
    if sheet.left_alone > 0 {
        lines.push(format!(
            "{} left alone: no quantity",
            grouped(sheet.left_alone as i64)
        ));
    }
    if sheet.filtered > 0 {
        lines.push(format!(
            "{} left out by --only",
            grouped(sheet.filtered as i64)
        ));
    }
    lines
}

fn plan(
    args: &ImportArgs,
    mode: Mode,
    rows: Vec<crate::wanted::Wanted>,
    context: &Context,
) -> Result<Plan> {
    let ui = context.ui();
    let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
    let workers = usize::from(args.concurrency);
    let shelf = Shelf::read(context.client()?, &rows, workers, &progress)?;
    ui.finish();
    Plan::new(mode, rows, args.reason.clone(), args.on_conflict, shelf)
}

/// What stands above the question: where it goes, what it does, and the largest changes.
fn question(plan: &Plan, context: &Context) -> Result<Vec<String>> {
    let effect = Effect::of(plan);
    let moves = |row| match plan.foreseen(row) {
        Settled {
            previous: Some(previous),
            quantity: Some(quantity),
            ..
        } => quantity.saturating_sub(previous),
        _ => 0,
    };
    let (mut up, mut down) = (0i128, 0i128);
    let mut changes: Vec<(i64, &crate::change::plan::Row)> = Vec::new();
    for row in plan.to_send() {
        let by = moves(row);
        if by > 0 {
            up += i128::from(by);
        } else {
            down -= i128::from(by);
        }
        changes.push((by, row));
    }
    changes.sort_by_key(|(by, row)| (std::cmp::Reverse(by.unsigned_abs()), row.wanted.line()));
    let units = |n: i128| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let count = |outcome| plan.done(outcome).count();
    let mut lines = vec![
        context.connection()?.place(),
        format!(
            "  {} of {} rows change stock: {} units more, {} fewer ({} in all, now {})",
            grouped(effect.changing as i64),
            grouped(plan.rows.len() as i64),
            units(up),
            units(down),
            units(effect.after),
            units(effect.before),
        ),
    ];
    for outcome in [Outcome::Unchanged, Outcome::Conflict, Outcome::Failed] {
        if count(outcome) > 0 {
            lines.push(format!(
                "  {} {}",
                grouped(count(outcome) as i64),
                outcome.name()
            ));
        }
    }
    for row in plan.done(Outcome::Conflict).chain(plan.done(Outcome::Failed)).take(LARGEST_SHOWN) {
        if let Step::Done(settled) = &row.step
            && let Some(trouble) = &settled.trouble
        {
            lines.push(format!("    line {}: {}", row.wanted.line(), trouble.message));
        }
    }
    lines.push("  the largest changes:".to_owned());
    for (by, row) in changes.into_iter().take(LARGEST_SHOWN) {
        let Some((product, variant)) = plan.variant(row) else {
            continue;
        };
        let name = catalogue::Candidate::new(product, variant);
        let label = if name.sku_code.is_empty() {
            format!("sku {}", name.sku_id)
        } else {
            name.sku_code
        };
        lines.push(format!(
            "    {label}  {} -> {} ({by:+})  {}",
            grouped(variant.quantity),
            grouped(variant.quantity.saturating_add(by)),
            name.name
        ));
    }
    Ok(lines)
}

/// What of the results went out while they settled.
enum Printed {
    Nothing,
    Rows,
}

fn send(args: &ImportArgs, approved: Approved, context: &Context) -> Result<(Applied, Printed)> {
    let ui = context.ui();
    let total = approved.plan().rows.len() as u64;
    let options = apply::Options {
        concurrency: usize::from(args.concurrency),
        stop_on_error: args.on_error == OnError::Stop,
    };
    let streams = context.format() == Format::Jsonl;
    let mut records = if streams {
        Some(context.records(COLUMNS)?)
    } else {
        None
    };
    let mut lost: Option<Error> = None;
    let mut done = 0;
    let applied = apply::apply(context.client()?, approved, options, &mut |settling| {
        done += 1;
        ui.progress("rows", done, total);
        // The reader may go away; the run goes on, and its report is still written.
        if let (Some(records), None) = (&mut records, &lost) {
            let row = ResultRow::new(settling.plan, settling.row, settling.settled);
            lost = push(records, &row).err();
        }
    })?;
    ui.finish();
    if let Some(records) = records
        && lost.is_none()
    {
        records.finish()?;
    }
    let printed = match (streams, lost) {
        (false, _) => Printed::Nothing,
        (true, _) => Printed::Rows,
    };
    Ok((applied, printed))
}

fn push<W: Write>(records: &mut Records<'_, W>, row: &ResultRow<'_>) -> Result<()> {
    records.push(&*raw(row)?)?;
    Ok(())
}

fn raw(value: &impl serde::Serialize) -> Result<Box<serde_json::value::RawValue>> {
    serde_json::value::to_raw_value(value)
        .map_err(|e| Error::internal("can't write the result").caused_by(e))
}

fn dry_run(
    plan: &Plan,
    left_alone: u64,
    files: Files,
    bytes: Option<&[u8]>,
    options: &import::Options,
    context: &Context,
) -> Result<Exit> {
    let settled: Vec<Settled> = plan.rows.iter().map(|row| plan.foreseen(row)).collect();
    let report = Report {
        run: None,
        plan,
        settled: &settled,
        left_alone,
    };
    let totals = report.write(Printed::Nothing, files, bytes, options, context)?;
    context.ui().note("dry run: no write was sent");
    let amiss = totals.of(Outcome::Failed) + totals.of(Outcome::Conflict);
    if amiss > 0 {
        return Err(Error::new(
            Kind::Partial,
            format!("{amiss} of {} rows would not be applied", totals.rows()),
        ));
    }
    Ok(Exit::Done)
}

/// A run's rows and how they ended, ready to be printed and written.
struct Report<'a> {
    run: Option<&'a str>,
    plan: &'a Plan,
    settled: &'a [Settled],
    left_alone: u64,
}

impl Report<'_> {
    fn rows(&self) -> impl Iterator<Item = ResultRow<'_>> {
        self.plan
            .rows
            .iter()
            .zip(self.settled)
            .map(|(row, settled)| ResultRow::new(self.plan, row, settled))
    }

    /// Prints and writes everything; a reader that went away stops none of the files.
    fn write(
        &self,
        printed: Printed,
        files: Files,
        bytes: Option<&[u8]>,
        options: &import::Options,
        context: &Context,
    ) -> Result<Totals> {
        let totals: Totals = self.settled.iter().map(|settled| settled.outcome).collect();
        let files = self.files(files, bytes, options);
        let print = self.print(&totals, printed, context);
        context.ui().note(in_words(&totals));
        files?;
        match print {
            Err(e) if !e.is_closed_pipe() => Err(e),
            _ => Ok(totals),
        }
    }

    fn print(&self, totals: &Totals, printed: Printed, context: &Context) -> Result<()> {
        let mode = self.plan.mode;
        match context.format() {
            Format::Json => {
                let rows: Vec<ResultRow<'_>> = self.rows().collect();
                let summary = Summary::new(self.run, mode, totals, self.left_alone, Some(&rows));
                render::document(context.stdout(), &*raw(&summary)?, None, context.terminal())
            }
            Format::Jsonl => {
                if matches!(printed, Printed::Nothing) {
                    let mut records = context.records(COLUMNS)?;
                    for row in self.rows() {
                        push(&mut records, &row)?;
                    }
                    records.finish()?;
                }
                let summary = Summary::new(self.run, mode, totals, self.left_alone, None);
                render::document(context.stdout(), &*raw(&summary)?, None, context.terminal())
            }
            Format::Csv => {
                let mut records = context.records(COLUMNS)?;
                for row in self.rows() {
                    push(&mut records, &row)?;
                }
                records.finish()?;
                Ok(())
            }
            Format::Table => {
                let mut records = context.records(COLUMNS)?;
                let told = self
                    .rows()
                    .zip(self.settled)
                    .filter(|(_, settled)| settled.outcome != Outcome::Unchanged);
                for (row, _) in told {
                    push(&mut records, &row)?;
                }
                records.finish()?;
                Ok(())
            }
        }
    }

    fn files(
        &self,
        files: Files,
        bytes: Option<&[u8]>,
        options: &import::Options,
    ) -> Result<()> {
        if let Some(mut file) = files.report {
            let piped = Terminal::piped();
            let mut records = Records::new(&mut file, Format::Csv, COLUMNS, None, &piped);
            for row in self.rows() {
                push(&mut records, &row)?;
            }
            records.finish()?;
            file.finish()?;
        }
        if let (Some(mut file), Some(bytes)) = (files.rejects, bytes) {
            let rejected: BTreeMap<u32, String> = self
                .plan
                .rows
                .iter()
                .zip(self.settled)
                .filter(|(_, settled)| settled.outcome.can_be_mended())
                .map(|(row, settled)| {
                    let why = settled.trouble.as_deref().map(|t| t.message.clone());
                    (row.wanted.line(), why.unwrap_or_default())
                })
                .collect();
            import::write_rejects(bytes, options, &rejected, &mut file)?;
            file.finish()?;
        }
        Ok(())
    }
}

/// The files that a run writes beside its output. They are begun before anything is sent, so that a folder that can't
/// be written to is found out in time, and stand under their names only when they are whole.
#[derive(Default)]
struct Files {
    report: Option<NewFile>,
    rejects: Option<NewFile>,
}

impl Files {
    fn open(args: &ImportArgs) -> Result<Files> {
        let input = fs::canonicalize(&args.file).ok();
        let open = |path: &Option<PathBuf>, what: &str| -> Result<Option<NewFile>> {
            let Some(path) = path else { return Ok(None) };
            if input.is_some() && fs::canonicalize(path).ok() == input {
                return Err(Error::usage(format!(
                    "--{what} {} is the input file itself",
                    path.display()
                )));
            }
            NewFile::create(path).map(Some)
        };
        if args.report.is_some() && args.report == args.rejects {
            return Err(Error::usage("--report and --rejects name the same file"));
        }
        Ok(Files {
            report: open(&args.report, "report")?,
            rejects: open(&args.rejects, "rejects")?,
        })
    }
}

/// The exit that the outcomes call for (the contract: exit codes).
fn ending(totals: &Totals, stopped: Option<Error>, args: &ImportArgs) -> Result<Exit> {
    let of = |outcome| totals.of(outcome);
    let not_applied = of(Outcome::Failed) + of(Outcome::Conflict) + of(Outcome::Skipped);
    let rows = |n: u64| format!("{n} of {} rows", totals.rows());
    if of(Outcome::Unknown) > 0 {
        return Err(Error::new(
            Kind::UnknownOutcome,
            format!(
                "{} may or may not have been applied",
                rows(of(Outcome::Unknown))
            ),
        )
        .hinted("look at the stock of these rows before sending them again; they are in no rejects file"));
    }
    match stopped {
        Some(error) if matches!(error.kind(), Kind::Auth | Kind::Interrupted(_)) => {
            return Err(error);
        }
        Some(error) if error.kind() == Kind::Unavailable && of(Outcome::Applied) == 0 => {
            return Err(error);
        }
        Some(error) => {
            return Err(Error::new(
                Kind::Partial,
                format!("{} were not applied: {}", rows(not_applied), error.message()),
            ));
        }
        None => {}
    }
    if not_applied > 0 {
        let hint = match &args.rejects {
            Some(path) => format!(
                "they are in {}: mend them and import that file",
                path.display()
            ),
            None => "--rejects FILE writes such rows to a file that can be mended and imported"
                .to_owned(),
        };
        return Err(
            Error::new(Kind::Partial, format!("{} were not applied", rows(not_applied)))
                .hinted(hint),
        );
    }
    Ok(Exit::Done)
}
