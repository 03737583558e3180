//! `sxinv import-csv`: a CSV file or a spreadsheet becomes stock changes, each of its rows with exactly one outcome.

mod recipe;
mod resume;

pub use resume::plain_rejects;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use super::adjust::check_reason;
use super::bulk::{self, COLUMNS, Files, Mend, Task};
use super::complete;
use super::run::{self, About};
use crate::change::decide::OnConflict;
use crate::change::draft::Draft;
use crate::change::{apply, run_id};
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::export::TableFile;
use crate::import;
use crate::outputs;
use crate::render::{counted, grouped};
use crate::wanted::Mode;

use recipe::RecipeArgs;

/// How a file is read; of no use to a run that goes on without its file.
const READING: [&str; 20] = [
    "sum_duplicates",
    "file",
    "recipe",
    "save_recipe",
    "mode",
    "map",
    "only",
    "ignore",
    "header_line",
    "delimiter",
    "encoding",
    "quote",
    "sheet",
    "thousands",
    "negative_as_zero",
    "buffer",
    "max_quantity",
    "reason",
    "on_conflict",
    "max_drop",
];

/// By how many percent the stock may fall where `--max-drop` does not say (docs/promises.md: The guard).
const MAX_DROP: f64 = 50.0;

/// What the rows of the file do.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ModeArg {
    /// The quantity, by PUT
    Set,
    /// The adjustment, by POST
    Adjust,
    /// Counted less expected, as an adjustment: sales meanwhile stay sold
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
  sxinv import-csv count.csv --mode stocktake    sales meanwhile stay sold
  sxinv import-csv export.csv --map 'Bin Qty=quantity' --only 'Location=Main'
  supplier-feed | sxinv import-csv - --yes       from standard input
  sxinv import-csv --resume 20261124-0215-k7m2xq  go on after a cut-off")]
pub struct ImportArgs {
    // The first, to be there before any other has taken its value.
    /// Options under a name.
    #[command(flatten)]
    pub recipe: RecipeArgs,

    /// The CSV file or spreadsheet, or - for standard input
    #[arg(value_name = "FILE|-", required_unless_present_any = ["resume", "resume_all", "recipe"])]
    file: Option<PathBuf>,

    /// Read their header as our column; may be repeated
    #[arg(long, value_name = "HEADER=COLUMN", value_parser = parse_map, help_heading = "Reading")]
    map: Vec<(String, import::Column)>,

    /// Only rows with this in that column; may be repeated
    #[arg(long, value_name = "HEADER=VALUE", value_parser = parse_only, hide_short_help = true, help_heading = "Reading")]
    only: Vec<(String, String)>,

    /// Leave this column out; may be repeated
    #[arg(
        long,
        value_name = "HEADER",
        hide_short_help = true,
        help_heading = "Reading"
    )]
    ignore: Vec<String>,

    /// The header's line, with titles or notes above it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), hide_short_help = true, help_heading = "Reading")]
    header_line: Option<u32>,

    /// What separates cells: a character, or tab
    #[arg(long, value_name = "C", value_parser = parse_delimiter, hide_short_help = true, help_heading = "Reading")]
    delimiter: Option<u8>,

    /// Quotes are part of the texts, or are right
    #[arg(long, value_name = "none|'\"'", value_parser = parse_quote, hide_short_help = true, help_heading = "Reading")]
    quote: Option<import::Quote>,

    /// Such as windows-1252; UTF-8 and UTF-16 are seen
    #[arg(
        long,
        value_name = "NAME",
        hide_short_help = true,
        help_heading = "Reading"
    )]
    encoding: Option<String>,

    /// Which sheet; the first with a header if not said
    #[arg(
        long,
        value_name = "NAME",
        hide_short_help = true,
        help_heading = "Reading"
    )]
    sheet: Option<String>,

    /// What groups thousands in its numbers, . or ,
    #[arg(
        long,
        value_name = "C",
        hide_short_help = true,
        help_heading = "Reading"
    )]
    thousands: Option<char>,

    /// set, adjust or stocktake, where columns don't say it
    #[arg(long, value_enum, help_heading = "Meaning")]
    mode: Option<ModeArg>,

    /// Read a quantity below 0 as 0
    #[arg(long, hide_short_help = true, help_heading = "Meaning")]
    negative_as_zero: bool,

    /// Add up rows about one variant, such as lots
    #[arg(long, hide_short_help = true, help_heading = "Meaning")]
    sum_duplicates: bool,

    /// Refuse more units in a row [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true, help_heading = "Meaning")]
    max_quantity: Option<u64>,

    /// Set N fewer than the file says, but not below 0
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), hide_short_help = true, help_heading = "Meaning")]
    buffer: Option<u32>,

    /// Reason for adjustments without one
    #[arg(
        long,
        value_name = "TEXT",
        hide_short_help = true,
        help_heading = "Meaning"
    )]
    reason: Option<String>,

    /// report (default) or overwrite where stock has moved
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        hide_short_help = true,
        help_heading = "Meaning"
    )]
    on_conflict: Option<OnConflict>,

    /// continue (default) or stop after a failed row
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        hide_default_value = true,
        default_value = "continue",
        hide_short_help = true,
        help_heading = "Applying"
    )]
    on_error: OnError,

    /// Refuse to take stock down by more [default: 50]
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent, hide_short_help = true, help_heading = "Applying")]
    max_drop: Option<f64>,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64), hide_short_help = true, help_heading = "Applying")]
    concurrency: u8,

    /// Every row with its outcome, as .csv or .xlsx
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        help_heading = "Applying"
    )]
    report: Option<PathBuf>,

    /// Rows not applied, to be mended and imported again
    #[arg(long, value_name = "FILE", help_heading = "Applying")]
    rejects: Option<PathBuf>,

    /// Apply the same adjustments again within 20 hours
    #[arg(long, hide_short_help = true, help_heading = "Applying")]
    again: bool,

    /// Wait for another bulk run on the store to end
    #[arg(long, hide_short_help = true, help_heading = "Applying")]
    wait: bool,

    /// Don't ask
    #[arg(short, long, help_heading = "Applying")]
    yes: bool,

    /// Say what would be done and send no write
    #[arg(long, help_heading = "Applying")]
    dry_run: bool,

    /// Go on with a run that was cut off; no file needed
    #[arg(long, value_name = "RUN", conflicts_with_all = READING, add = complete::runs(), help_heading = "Going on")]
    resume: Option<String>,

    /// Go on with each run that was cut off, oldest first
    #[arg(long, conflicts_with_all = READING, conflicts_with = "resume", hide_short_help = true, help_heading = "Going on")]
    resume_all: bool,

    /// With --resume: resend rows in doubt, if stock stayed
    #[arg(
        long,
        requires = "resume",
        hide_short_help = true,
        help_heading = "Going on"
    )]
    resend_unknown: bool,
}

/// Validate, plan, guard, confirm, apply, report (docs/files.md).
pub fn run(args: &ImportArgs, context: &Context) -> Result<Exit> {
    context.check_fields(COLUMNS)?;
    match (&args.resume, &args.file) {
        _ if args.resume_all => resume::all(args, context),
        (Some(run), _) => resume::one(args, run, context),
        (None, Some(file)) => import(args, file, context),
        (None, None) => {
            Err(Error::usage("no file is given").hinted("name it, or - for standard input"))
        }
    }
}

fn import(args: &ImportArgs, path: &Path, context: &Context) -> Result<Exit> {
    check_reason(args.reason.as_deref())?;
    bulk::can_confirm(args.yes || args.dry_run, context)?;
    if let Some(recipe) = args.recipe.name() {
        context
            .ui()
            .note(format!("recipe {recipe}: {}", path.display()));
    }
    let bytes = read_file(path)?;
    let options = args.options();
    let mut draft = Draft::new(context.draft_state(args.dry_run)?, Mode::Set)?;
    let sheet = draft.fill(|to| import::read(&bytes, &options, to))?;
    draft.mode = sheet.mode;
    refuse_meaningless(args, &sheet)?;
    draft.on_conflict = args.on_conflict.unwrap_or_default();
    draft.give_reason(args.reason.as_deref());
    draft.product_header = sheet.header(import::Column::ProductId).map(str::to_owned);
    // A rejects file repeats the rows as they stood; without one the text is not needed any more.
    let bytes = args.rejects.as_ref().map(|_| bytes);
    check_files(args, context)?;
    context.ui().notes(&describe(&sheet));
    args.recipe.save(context)?;
    let run = run_id::new();
    let store = if args.dry_run {
        None
    } else {
        context.client()?.writable()?;
        Some(run::lock(context, &run, args.wait)?)
    };
    bulk::plan(&mut draft, args.concurrency, args.dry_run, context)?;
    let name = path.to_string_lossy();
    let task = Task {
        about: About {
            run,
            command: "import-csv",
            file: Some(&name),
            left_alone: sheet.left_alone,
            undo_of: None,
        },
        resumes: None,
        store,
        max_drop: Some(args.max_drop.unwrap_or(MAX_DROP)),
        refuses_repeats: !args.again,
        asks: (!args.yes).then_some("Apply"),
        dry_run: args.dry_run,
        apply: args.apply(),
        mend: Mend::of(args.rejects.as_deref()),
        left_out: &[],
        together: None,
    };
    let files = || files(args, bytes.as_deref(), &options);
    let ended = bulk::carry_out(task, draft, files, context);
    remember_files(args, context);
    ended
}

/// An option that says nothing about the rows there are is a mistake about what the file is.
fn refuse_meaningless(args: &ImportArgs, sheet: &import::Sheet) -> Result<()> {
    let sets = sheet.mode == Mode::Set;
    let expects = sheet.header(import::Column::ExpectedQuantity).is_some();
    let meaningless = [
        (
            "--reason",
            args.reason.is_some() && sets,
            "quantities that are set have no reason",
        ),
        (
            "--again",
            args.again && sets,
            "quantities may be set as often as one likes",
        ),
        (
            "--on-conflict",
            args.on_conflict.is_some() && !(sets && expects),
            "only quantities that are set beside an expected quantity can be in conflict with the stock",
        ),
        (
            "--max-drop",
            args.max_drop.is_some() && sheet.mode == Mode::Adjust,
            "it is about quantities that are set or counted, and the file has adjustments",
        ),
    ];
    match meaningless.iter().find(|(_, said, _)| *said) {
        Some((option, _, why)) => {
            Err(Error::usage(format!("{option}: {why}")).hinted(format!("leave {option} out")))
        }
        None => Ok(()),
    }
}

/// Begins the files that go beside the output.
fn files<'a>(
    args: &ImportArgs,
    bytes: Option<&'a [u8]>,
    options: &'a import::Options,
) -> Result<Files<'a>> {
    Ok(Files {
        report: new_file(&args.report)?,
        rejects: match (new_file(&args.rejects)?, bytes) {
            (Some(file), Some(bytes)) => {
                let write = |rejected: &BTreeMap<u32, String>, file: &mut TableFile| {
                    import::write_rejects(bytes, options, rejected, file)
                };
                Some((file, Box::new(write)))
            }
            _ => None,
        },
    })
}

impl ImportArgs {
    fn apply(&self) -> apply::Options {
        apply::Options {
            concurrency: usize::from(self.concurrency),
            stop_on_error: self.on_error == OnError::Stop,
            ..apply::Options::default()
        }
    }

    fn options(&self) -> import::Options {
        import::Options {
            mode: self.mode.map(|mode| match mode {
                ModeArg::Set => Mode::Set,
                ModeArg::Adjust => Mode::Adjust,
                ModeArg::Stocktake => Mode::Stocktake,
            }),
            map: self.map.clone(),
            ignore: self.ignore.clone(),
            header_line: self.header_line,
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            quote: self.quote,
            sheet: self.sheet.clone(),
            thousands: self.thousands,
            buffer: self.buffer,
            negative_as_zero: self.negative_as_zero,
            sum_duplicates: self.sum_duplicates,
            max_quantity: self.max_quantity,
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
            [c] if c.is_ascii()
                && !c.is_ascii_alphanumeric()
                && !matches!(c, b'"' | b'\r' | b'\n') =>
            {
                Ok(*c)
            }
            _ => Err("it is one character, such as ; or |, or the word tab".to_owned()),
        },
    }
}

fn parse_quote(text: &str) -> Result<import::Quote, String> {
    match text {
        "none" => Ok(import::Quote::None),
        "\"" => Ok(import::Quote::Double),
        _ => Err("it is none or '\"'".to_owned()),
    }
}

fn parse_percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').trim().parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("it is a number from 0 to 100".to_owned()),
    }
}

/// A file as it stands, or standard input for `-`. An error, usage, where it is not there or can't be read.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>> {
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
    let theirs = sheet
        .mapping
        .iter()
        .filter(|(header, column)| !column.is_called(header));
    let mapping: Vec<String> = theirs
        .map(|(header, column)| format!("{} is {column}", quoted(header)))
        .collect();
    let of = match &sheet.sheet {
        Some(name) => format!(" of sheet {name}"),
        None => String::new(),
    };
    let what = format!(
        "{}{of} to {}",
        counted(sheet.rows, "row"),
        sheet.mode.name()
    );
    let mut lines = match mapping.is_empty() {
        true => vec![what],
        false => vec![format!("{what}: {}", mapping.join(", "))],
    };
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

/// The files to be written beside the output can be, are not the input itself, and each is another.
fn check_files(args: &ImportArgs, context: &Context) -> Result<()> {
    if let (Some(report), Some(rejects)) = (&args.report, &args.rejects)
        && outputs::is_same(report, rejects)
    {
        return Err(Error::usage("--report and --rejects name the same file"));
    }
    for (path, what) in [(&args.report, "report"), (&args.rejects, "rejects")] {
        let Some(path) = path else { continue };
        let input = args.file.as_deref();
        if input.is_some_and(|input| outputs::is_same(path, input)) {
            return Err(Error::usage(format!(
                "--{what} {} is the input file itself",
                path.display()
            )));
        }
        if what == "rejects" {
            outputs::may_replace(context.state().ok().as_ref(), path, None)?;
        }
        // Begun and dropped: it leaves nothing behind.
        drop(TableFile::create(path)?);
    }
    Ok(())
}

/// Takes note of the rejects file as it stands, so that the next run may replace it.
fn remember_files(args: &ImportArgs, context: &Context) {
    if let (Some(path), Ok(mut state)) = (&args.rejects, context.state()) {
        outputs::remember(&mut state, path);
    }
}

fn new_file(path: &Option<PathBuf>) -> Result<Option<TableFile>> {
    path.as_deref().map(TableFile::create).transpose()
}
