//! The files beside the output of a run that goes on without its own file: its rows are those of the ledger.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{ImportArgs, new_file};
use crate::change::row::RunRow;
use crate::change::runs::{self, StoredRun};
use crate::commands::bulk::{self, Files};
use crate::error::{Error, Result};
use crate::export::TableFile;
use crate::shell;
use crate::state::State;
use crate::wanted::Mode;

/// The files that go beside the output of one run.
pub(super) struct Beside {
    pub(super) report: Option<PathBuf>,
    pub(super) rejects: Option<PathBuf>,
    /// The options that the file of the run needs where it has to be imported once more.
    pub(super) with: String,
}

impl Beside {
    /// Of one of several runs each has the run in its name, so that none takes the place of another's. There are no rejects of
    /// an undo.
    pub(super) fn of(args: &ImportArgs, run: &StoredRun, several: bool) -> Beside {
        let named = |path: &Option<PathBuf>| {
            let path = path.as_ref()?;
            Some(match several {
                true => with_run(path, &run.run),
                false => path.clone(),
            })
        };
        Beside {
            report: named(&args.report),
            rejects: named(&args.rejects).filter(|_| run.undo_of.is_none()),
            with: options(run.mode, true, run.buffer, None),
        }
    }
}

/// `rejects.csv` as `rejects-20261126-0300-k7m2xq.csv`.
fn with_run(path: &Path, run: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{run}"));
    if let Some(end) = path.extension() {
        name.push(".");
        name.push(end);
    }
    path.with_file_name(name)
}

/// Begins them.
pub(super) fn files<'a>(
    beside: &Beside,
    state: &'a State,
    run: &'a StoredRun,
) -> Result<Files<'a>> {
    Ok(Files {
        report: new_file(&beside.report)?,
        rejects: new_file(&beside.rejects)?.map(|file| {
            let write = |rejected: &BTreeMap<u32, String>, file: &mut TableFile| {
                plain_rejects(state, run, rejected, file)
            };
            (file, Box::new(write) as bulk::Rejects<'_>)
        }),
    })
}

/// Rows of a run whose file is not there, in our own columns.
pub fn plain_rejects(
    state: &State,
    run: &StoredRun,
    rejected: &BTreeMap<u32, String>,
    to: &mut TableFile,
) -> Result<()> {
    let failed = |e: csv::Error| Error::internal("can't write the rejects file").caused_by(e);
    let mut writer = csv::Writer::from_writer(to);
    let number = match run.mode {
        Mode::Adjust => "adjustment",
        Mode::Set | Mode::Stocktake => "quantity",
    };
    let columns = [
        "product_id",
        "sku_id",
        "sku_code",
        number,
        "expected_quantity",
        "reason",
        "error",
    ];
    writer.write_record(columns).map_err(failed)?;
    let mut written = None;
    runs::each_row(state, run.number, |row: &RunRow| {
        // Lots are one row with the sum of them: each of their lines would ask for all of it.
        let Some(why) = rejected.get(&row.line).filter(|_| written != Some(row.row)) else {
            return Ok(());
        };
        written = Some(row.row);
        let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let cells = [
            number(row.product.map(|id| id.get())),
            number(row.sku.map(|id| id.get())),
            row.sku_code.clone().unwrap_or_default(),
            row.wanted.to_string(),
            number(row.expected),
            row.reason
                .clone()
                .or(run.reason.clone())
                .unwrap_or_default(),
            why.clone(),
        ];
        writer.write_record(cells).map_err(failed)
    })?;
    writer
        .flush()
        .map_err(|e| Error::internal("can't write the rejects file").caused_by(e))
}

/// The options without which a file would be imported to another effect.
pub(super) fn options(mode: Mode, sums: bool, buffer: u32, reason: Option<&str>) -> String {
    let mut options = Vec::new();
    if mode == Mode::Stocktake {
        options.push("--mode stocktake".to_owned());
    }
    if sums {
        options.push("--sum-duplicates".to_owned());
    }
    if buffer > 0 {
        options.push(format!("--buffer {buffer}"));
    }
    options.extend(reason.map(|reason| shell::option("reason", reason)));
    options.join(" ")
}

/// What is to be known of rows of the ledger that are imported: that they are counts, and that a buffer is taken off their
/// numbers already.
pub fn as_recorded(run: &StoredRun) -> Option<String> {
    let mut known = Vec::new();
    if run.mode == Mode::Stocktake {
        known.push("its quantities were counted: import it with --mode stocktake".to_owned());
    }
    if run.buffer > 0 {
        known.push(format!(
            "its quantities are after --buffer {}: import it without that",
            run.buffer
        ));
    }
    (!known.is_empty()).then(|| known.join("\n"))
}
