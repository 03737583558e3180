//! The options of `import-csv` as they are typed.

use std::path::PathBuf;

use clap::Args;

use super::beside;
use super::recipe::RecipeArgs;
use crate::change::apply;
use crate::change::decide::OnConflict;
use crate::commands::complete;
use crate::import;
use crate::shell;
use crate::wanted::Mode;

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

/// No quantity is larger.
const MOST_UNITS: u64 = i64::MAX as u64;

/// By how many percent the stock may fall where `--max-drop` does not say (docs/promises.md: The guard).
pub(super) const MAX_DROP: f64 = 50.0;

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
    pub(super) file: Option<PathBuf>,

    /// Read their header as our column; may be repeated
    #[arg(long, value_name = "HEADER=COLUMN", value_parser = parse_map)]
    pub(super) map: Vec<(String, import::Column)>,

    /// Only rows with this in that column; may be repeated
    #[arg(long, value_name = "HEADER=VALUE", value_parser = parse_only)]
    pub(super) only: Vec<(String, String)>,

    /// Leave this column out; may be repeated
    #[arg(long, value_name = "HEADER")]
    pub(super) ignore: Vec<String>,

    /// The header's line, with titles or notes above it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) header_line: Option<u32>,

    /// What separates cells: a character, or tab
    #[arg(long, value_name = "C", value_parser = parse_delimiter)]
    pub(super) delimiter: Option<u8>,

    /// Quotes are part of the texts, or are right
    #[arg(long, value_name = "none|'\"'", value_parser = parse_quote)]
    pub(super) quote: Option<import::Quote>,

    /// Such as windows-1252; UTF-8 and UTF-16 are seen
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<String>,

    /// Which sheet; the first with a header if not said
    #[arg(long, value_name = "NAME")]
    pub(super) sheet: Option<String>,

    /// What groups thousands in its numbers, . or ,
    #[arg(long, value_name = "C")]
    pub(super) thousands: Option<char>,

    /// set, adjust or stocktake where columns don't tell
    #[arg(long, value_enum)]
    pub(super) mode: Option<Mode>,

    /// Read a quantity below 0 as 0
    #[arg(long)]
    pub(super) negative_as_zero: bool,

    /// Add up rows about one variant, such as lots
    #[arg(long)]
    pub(super) sum_duplicates: bool,

    /// Refuse more units in a row [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_UNITS))]
    pub(super) max_quantity: Option<u64>,

    /// Set N fewer than the file says, but not below 0
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) buffer: Option<u32>,

    /// Reason for adjustments without one
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,

    /// report (default) or overwrite where stock has moved
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) on_conflict: Option<OnConflict>,

    /// continue (default) or stop after a failed row
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        hide_default_value = true,
        default_value = "continue"
    )]
    pub(super) on_error: OnError,

    /// Refuse to take stock down by more [default: 50]
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub(super) max_drop: Option<f64>,

    /// Requests under way at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) concurrency: u8,

    /// Every row with its outcome, as .csv or .xlsx
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,

    /// Rows not applied, to be mended and imported again
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,

    /// Apply the same adjustments again within 20 hours
    #[arg(long)]
    pub(super) again: bool,

    /// Wait for another bulk run on the store to end
    #[arg(long)]
    pub(super) wait: bool,

    /// Don't ask
    #[arg(short, long)]
    pub(super) yes: bool,

    /// Say what would be done and send no write
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Go on with a run that was cut off; no file needed
    #[arg(long, value_name = "RUN", conflicts_with_all = READING, add = complete::runs_to_resume())]
    pub(super) resume: Option<String>,

    /// Go on with each run that was cut off, oldest first
    #[arg(long, conflicts_with_all = READING, conflicts_with = "resume")]
    pub(super) resume_all: bool,

    /// With --resume: resend rows in doubt, if stock stayed
    #[arg(long, requires = "resume")]
    pub(super) resend_unknown: bool,
}

impl ImportArgs {
    pub(super) fn apply(&self) -> apply::Options {
        apply::Options {
            concurrency: usize::from(self.concurrency),
            stop_on_error: self.on_error == OnError::Stop,
            ..apply::Options::default()
        }
    }

    /// The options without which this file, or the rejects of it, would be imported to another effect.
    pub(super) fn needed_again(&self, mode: Mode) -> String {
        let buffer = self.buffer.unwrap_or_default();
        beside::options(mode, self.sum_duplicates, buffer, self.reason.as_deref())
    }

    pub(super) fn options(&self) -> import::Options {
        import::Options {
            mode: self.mode,
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
            states_stock: false,
            max_quantity: self.max_quantity,
            only: self.only.clone(),
        }
    }
}

fn parse_map(text: &str) -> Result<(String, import::Column), String> {
    let (header, column) = text
        .rsplit_once('=')
        .ok_or("it has the form HEADER=COLUMN, such as 'Bin Qty=quantity'")?;
    let column = column
        .trim()
        .parse()
        .map_err(|e| match header.parse::<import::Column>() {
            Ok(ours) => format!(
                "their header stands first: --map {}",
                shell::quoted(&format!("{}={ours}", column.trim()))
            ),
            Err(_) => e,
        })?;
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
            _ => Err("it is one sign of ASCII, such as ; or |, or the word tab".to_owned()),
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
