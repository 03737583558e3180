//! `sxinv scan`: count, receive or pick with a barcode scanner; what was scanned becomes a file for `import-csv`.

mod input;
mod out;
mod screen;
mod session;
mod stock;

use std::collections::HashMap;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::UNIX_EPOCH;

use clap::Args;

use super::import_csv::read_file;
use crate::catalogue::Catalogue;
use crate::change::left;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::export::TableFile;
use crate::import::read_labels;
use crate::outputs::{self, Made};
use crate::scan::Mode;
use crate::scan::journal::{Begun, Journal, Kept};
use crate::shell;
use crate::time::{MINUTE, UtcTime};

pub use out::ScanRow;
use screen::Screen;
use session::{Done, Session};
use stock::Stock;

/// What is scanned for, and where it goes.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv scan                                     count into a new file
  sxinv scan delivery.csv --mode receive         what came in
  sxinv scan picks.csv --mode pick --aliases labels.csv
                                                 labels with other numbers
  sxinv scan --resume delivery.csv               go on after a power cut
  sxinv scan --resume delivery.csv other.csv     and write another file

A line is a code, typed or scanned. A number of up to four digits after it
says how many that scan counts for, - takes the last scan back, and end (or
Ctrl-D) ends. Each line is on disk at once. Nothing is written to the store:
the command that applies the file is printed.")]
pub struct ScanArgs {
    /// The file to write, CSV or .xlsx; without it a new one is named after the mode and the time
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// What is scanned for
    #[arg(long, value_enum, default_value = "count")]
    mode: Mode,

    /// Go on with a scan into this file that was cut off
    #[arg(long, value_name = "FILE", conflicts_with = "mode")]
    resume: Option<PathBuf>,

    /// A CSV file of barcode,sku_code for labels that carry another number
    #[arg(long, value_name = "FILE")]
    aliases: Option<PathBuf>,
}

/// Scans to the end, then writes the file and says how to apply it (docs/scan.md).
pub fn run(args: &ScanArgs, context: &Context) -> Result<Exit> {
    context.check_fields(ScanRow::COLUMNS)?;
    let file = match args.file.as_ref().or(args.resume.as_ref()) {
        Some(file) => file.clone(),
        None => PathBuf::from(out::name(args.mode)),
    };
    // What is scanned is kept beside the file that it was begun for.
    let begun_for = args.resume.clone().unwrap_or_else(|| file.clone());
    let resume = resume(&begun_for, context)?;
    let labels = args.aliases.as_deref().map(read_aliases).transpose()?;
    let replaces = check_file(args, &file, context).map_err(|e| match &args.resume {
        Some(_) => e.hinted(way_out(&resume)),
        None => e,
    })?;
    let store = context.connection()?.store().to_owned();
    let mut catalogue = context.catalogue(false)?;
    let (journal, kept) = match &args.resume {
        Some(begun_for) => resumed(begun_for, &store)?,
        None => {
            bring_up_to_date(&mut catalogue, context)?;
            if replaces == Some(Made::Scan) {
                tell_of_replaced(&file, context)?;
            }
            begun(args, &file, store, &resume)?
        }
    };
    context
        .ui()
        .leaves_undone(Some(&format!("what was scanned is kept: {resume}")));
    let labels = match (labels, &kept.begun.aliases) {
        (None, Some(path)) => read_aliases(path)?,
        (labels, _) => labels.unwrap_or_default(),
    };
    let journal = Arc::new(journal);
    let mode = kept.begun.mode;
    if args.resume.is_some() {
        bring_up_to_date(&mut catalogue, context)?;
    }
    scan(labels, catalogue, &journal, kept, context)
        .and_then(|done| done.write(&file, mode, &journal, context))
        .map_err(|e| match e.kind() {
            Kind::Partial | Kind::Interrupted(_) => e,
            Kind::Usage => e.hinted(way_out(&resume)),
            _ => e.hinted(format!("what was scanned is kept: {resume}")),
        })
}

/// Everything between the first line and the last.
fn scan(
    labels: HashMap<String, String>,
    catalogue: Catalogue,
    journal: &Arc<Journal>,
    kept: Kept,
    context: &Context,
) -> Result<Done> {
    let client = context.client()?;
    let mode = kept.begun.mode;
    thread::scope(|scope| {
        let counts = (mode == Mode::Count).then_some(&kept.stock);
        let mut session = Session {
            client,
            catalogue,
            labels,
            found: HashMap::new(),
            tally: Default::default(),
            journal,
            stock: Stock::begin(scope, client, journal, counts),
            screen: Screen::new(context, mode, io::stdin().is_terminal()),
            number: 0,
            numbers: Vec::new(),
        };
        if !kept.lines.is_empty() {
            session.go_on(&kept.lines)?;
        }
        session.all(&input::lines(journal)?)?;
        session.end()
    })
}

/// How to come by what was scanned where its file can't be written.
fn way_out(resume: &str) -> String {
    format!("what was scanned is kept; to write it to another file: {resume} scanned.csv")
}

/// Says what a new scan will take the place of.
fn tell_of_replaced(file: &Path, context: &Context) -> Result<()> {
    let there = fs::metadata(file).ok();
    let there = there.filter(|there| there.is_file() && there.len() > 0);
    let Some(written) = there.and_then(|there| there.modified().ok()) else {
        return Ok(());
    };
    let written = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    let written = UtcTime::from_millis(i64::try_from(written.as_millis()).unwrap_or_default());
    let run = left::newest_of_file(&context.state()?, file, written)?;
    let what = match run {
        Some(run) => format!("which run {run} has imported"),
        None => "which was not imported since".to_owned(),
    };
    context.ui().warn(format!(
        "{} has what was scanned until {}, {what}; this scan takes its place in the end (Ctrl-C leaves it)",
        file.display(),
        written.here(MINUTE)
    ));
    Ok(())
}

/// An error, usage, where the file can't be written in the end. What it was written as that stands there now.
fn check_file(args: &ScanArgs, file: &Path, context: &Context) -> Result<Option<Made>> {
    if file.as_os_str() == "-" {
        return Err(
            Error::usage("a scan is written to a file, not to standard output")
                .hinted("name a file, such as count.csv"),
        );
    }
    let aliases = args.aliases.as_deref();
    if aliases.is_some_and(|aliases| outputs::is_same(aliases, file)) {
        return Err(Error::usage(format!(
            "{} is the file of aliases itself",
            file.display()
        )));
    }
    let replaces = outputs::may_replace(Some(&context.state()?), file, Made::Scan, None)?;
    // Begun and dropped: it leaves nothing behind.
    drop(TableFile::create(file)?);
    Ok(replaces)
}

/// The command that goes on with a scan into this file.
fn resume(file: &Path, context: &Context) -> Result<String> {
    let (program, file) = (context.typed_again()?, file.to_string_lossy());
    Ok(format!("{program} scan --resume {}", shell::file(&file)))
}

/// The journal of a new scan.
fn begun(args: &ScanArgs, file: &Path, store: String, resume: &str) -> Result<(Journal, Kept)> {
    let aliases = args.aliases.as_deref();
    let begun = Begun {
        mode: args.mode,
        store,
        aliases: aliases.and_then(|path| fs::canonicalize(path).ok()),
    };
    let journal = Journal::create(file, &begun, resume)?;
    let kept = Kept {
        begun,
        lines: Vec::new(),
        stock: HashMap::new(),
    };
    Ok((journal, kept))
}

/// The journal of a scan that was cut off. An error, refused, where it was begun on another store.
fn resumed(file: &Path, store: &str) -> Result<(Journal, Kept)> {
    let (journal, kept) = Journal::resume(file)?;
    if kept.begun.store != store {
        return Err(Error::refused("the scan was begun on another store")
            .hinted("name the profile that it was begun with: -p NAME"));
    }
    Ok((journal, kept))
}

/// Reads which codes came, went or moved since the catalogue was used last. A store that can't be reached is no reason not
/// to scan what is known: it is asked again before the file is written.
fn bring_up_to_date(catalogue: &mut Catalogue, context: &Context) -> Result<()> {
    let ui = context.ui();
    let known = catalogue.is_known()?;
    let read = catalogue.bring_up_to_date(context.client()?, &|at| ui.progress(at));
    ui.finish();
    match read {
        Err(e) if e.kind() == Kind::Unavailable && known => {
            ui.warn(format!(
                "codes are those of the last time, for the store can't be reached: {}",
                e.full_message()
            ));
            Ok(())
        }
        read => read,
    }
}

fn read_aliases(path: &Path) -> Result<HashMap<String, String>> {
    read_labels(&read_file(path)?).map_err(|error| error.of_file(path.display()))
}
