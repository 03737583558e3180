//! `sxinv import-csv`: a CSV file or a spreadsheet becomes stock changes, each of its rows with exactly one outcome.

mod args;
mod beside;
mod recipe;
mod resume;

pub use args::ImportArgs;
pub use beside::{as_recorded, plain_rejects};

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::adjust::check_reason;
use super::bulk::{self, Files, Mend, Task};
use super::run::About;
use crate::change::draft::{Draft, Ids};
use crate::change::run_id;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::export::TableFile;
use crate::import;
use crate::outputs::{self, Made};
use crate::progress::{Phase, Progress};
use crate::shell;
use crate::wanted::Mode;
use crate::words::{counted, grouped};

use args::MAX_DROP;

/// Validate, plan, guard, confirm, apply, report (docs/files.md).
pub fn run(args: &ImportArgs, context: &Context) -> Result<Exit> {
    context.check_fields(bulk::ResultRow::COLUMNS)?;
    // clap lets it pass where the option that it needs conflicts with another one that was given.
    if args.resend_unknown && args.resume.is_none() {
        return Err(Error::usage(
            "--resend-unknown is for a run that goes on, and nothing was sent",
        )
        .hinted("say which: sxinv import-csv --resume RUN --resend-unknown"));
    }
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
    let ui = context.ui();
    ui.progress(Progress::begun(Phase::ReadingFile));
    let sheet = draft.fill(|to| import::read(&bytes, &options, to))?;
    ui.finish();
    draft.mode = sheet.mode;
    refuse_meaningless(args, &sheet)?;
    draft.on_conflict = args.on_conflict.unwrap_or_default();
    draft.give_reason(args.reason.as_deref());
    draft.of_file = true;
    let ids = |column| {
        let header = sheet.header(column)?;
        Some(Ids {
            header: header.to_owned(),
            leaving_out: options.leaving_out(header, column),
        })
    };
    draft.product_ids = ids(import::Column::ProductId);
    let codes = sheet.header(import::Column::SkuCode);
    draft.sku_ids = ids(import::Column::SkuId).filter(|_| codes.is_some());
    // A rejects file repeats the rows as they stood; without one the text is not needed any more.
    let bytes = args.rejects.as_ref().map(|_| bytes);
    check_files(args, context)?;
    context.ui().notes(&describe(&sheet));
    args.recipe.save(context)?;
    let run = run_id::new();
    let store = bulk::lock(&run, args.dry_run, args.wait, context)?;
    bulk::plan(&mut draft, args.concurrency, args.dry_run, context)?;
    let name = path.to_string_lossy();
    let with = args.needed_again(sheet.mode);
    let task = Task {
        about: About {
            run,
            command: "import-csv",
            file: Some(&name),
            left_alone: sheet.left_alone,
            buffer: options.buffer.unwrap_or_default(),
            ..About::default()
        },
        store,
        max_drop: Some(args.max_drop.unwrap_or(MAX_DROP)),
        refuses_repeats: !args.again,
        asks: (!args.yes).then_some("Apply"),
        dry_run: args.dry_run,
        apply: args.apply(),
        mend: Mend::of(
            sheet.mode,
            args.rejects.as_deref(),
            args.sum_duplicates.then_some(&*name),
            &with,
        ),
        ..Task::default()
    };
    let files = || files(args, bytes.as_deref(), &options);
    let ended = bulk::carry_out(task, draft, files, context);
    remember_rejects(args.rejects.as_deref(), context);
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
                    if !file.is_workbook() {
                        return import::write_rejects(bytes, options, rejected, file);
                    }
                    let titles = import::write_rejected_rows(bytes, options, rejected, file)?;
                    file.has_titles(titles);
                    Ok(())
                };
                Some((file, Box::new(write)))
            }
            _ => None,
        },
    })
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
    if let [other, ..] = &sheet.other_sheets[..] {
        let others: Vec<String> = sheet.other_sheets.iter().map(quoted).collect();
        lines.push(format!(
            "not read: sheet {}; read one with {}",
            others.join(", "),
            shell::option("sheet", other)
        ));
    }
    if sheet.hidden_rows {
        lines.push("rows that the workbook hides are read too; --only leaves rows out".to_owned());
    }
    if !sheet.unused.is_empty() {
        let unused: Vec<String> = sheet.unused.iter().map(quoted).collect();
        lines.push(format!("not used: {}", unused.join(", ")));
    }
    if let (true, Some(header)) = (sheet.all_below_zero, sheet.header(import::Column::Quantity)) {
        lines.push(format!(
            "every quantity is below 0: where they are differences, say so with {}",
            shell::option("map", &format!("{header}=adjustment"))
        ));
    }
    if sheet.left_alone > 0 {
        lines.push(format!(
            "{} left alone: no {}",
            grouped(sheet.left_alone as i64),
            match sheet.mode {
                Mode::Adjust => "adjustment",
                _ if sheet.stays_below_zero => "quantity, or one below 0 that is expected",
                Mode::Set | Mode::Stocktake => "quantity",
            }
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
            outputs::may_replace(context.state().ok().as_ref(), path, Made::Rejects, None)?;
        }
        // Begun and dropped: it leaves nothing behind.
        drop(TableFile::create(path)?);
    }
    Ok(())
}

/// Takes note of the rejects file as it stands, so that the next run may replace it.
fn remember_rejects(rejects: Option<&Path>, context: &Context) {
    if let (Some(path), Ok(mut state)) = (rejects, context.state()) {
        outputs::remember(&mut state, path, Made::Rejects);
    }
}

fn new_file(path: &Option<PathBuf>) -> Result<Option<TableFile>> {
    path.as_deref().map(TableFile::create).transpose()
}
