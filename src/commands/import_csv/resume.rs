//! `import-csv --resume`: goes on with a run that was cut off, without its file.

use std::collections::{BTreeMap, HashSet};

use super::{ImportArgs, check_files, new_file};
use crate::catalogue;
use crate::change::guard;
use crate::change::ledger::Ledger;
use crate::change::lock::RunLock;
use crate::change::outcome::Outcome;
use crate::change::plan::Plan;
use crate::change::stored::{self, StoredRow, StoredRows, StoredRun};
use crate::change::{repeat, resume};
use crate::cli::Exit;
use crate::commands::bulk::{self, Files, Mend, Report};
use crate::commands::run;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::file::NewFile;
use crate::model::SkuId;
use crate::render::grouped;
use crate::wanted::{Batch, Mode};

/// Goes on with a run that was cut off, without its file (the contract: Never twice, rule 3).
pub(super) fn go_on(args: &ImportArgs, name: &str, context: &Context) -> Result<Exit> {
    let ui = context.ui();
    let client = context.client()?;
    let mut state = context.state()?;
    let stored = stored::find(&mut state, name)?;
    stored.check_store(context.connection()?.store())?;
    let run = stored.run.clone();
    let _lock = run::lock(context, &run, args.wait)?;
    let own = RunLock::take(&context.settings().state_folder()?, &run)?;
    if let Some(undo) = stored::undone_by(&mut state, &run)? {
        return Err(Error::refused(format!(
            "run {run} was taken back by run {undo}; nothing was sent"
        )));
    }
    if let Some(other) = stored::undone_otherwise(&mut state, &stored)? {
        return Err(Error::refused(format!(
            "run {other} has taken back the same run since; nothing was sent"
        ))
        .hinted(format!("sxinv history {other} shows how that ended")));
    }
    let rows = stored::rows(&mut state, stored.number)?;
    check_files(args)?;
    let report = new_file(&args.report)?;
    let rejects = new_file(&args.rejects)?;
    let wanted = match rejects {
        Some(_) => rows.wanted.clone(),
        None => Batch::default(),
    };
    let mode = stored.mode;
    let files = Files {
        report,
        rejects: rejects.map(|file| {
            let write = |rejected: &BTreeMap<u32, String>, file: &mut NewFile| {
                plain_rejects(mode, &wanted, rejected, file)
            };
            (file, Box::new(write) as bulk::Rejects<'_>)
        }),
    };
    let in_doubt = |row: &StoredRow| row.outcome() == Outcome::Unknown;
    let more = args.resend_unknown && rows.rows.iter().any(in_doubt);
    if !resume::is_open(&rows) && !more {
        ui.note(format!("run {run} is finished; nothing was sent"));
        return finished(&stored, rows, files, args, context);
    }
    let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
    // An undo stands on what it takes back: what is in doubt there is in doubt here.
    let others = match &stored.undo_of {
        Some(original) => stored::in_doubt(&mut state, original)?,
        None => HashSet::new(),
    };
    let resumed = resume::take_up(
        client,
        &stored,
        rows,
        args.resend_unknown,
        others,
        usize::from(args.concurrency),
        &progress,
    )?;
    ui.finish();
    let plan = resumed.plan;
    if args.dry_run {
        return bulk::dry_run(&plan, stored.left_alone, files, context);
    }
    client.writable()?;
    if !args.again {
        repeat::refuse(&mut state, &stored.store, &plan, Some(stored.number))?;
    }
    let sends = plan.to_send().count() - resumed.resent;
    ui.note(format!(
        "run {run} goes on: {} left to send, {} in doubt sent again",
        grouped(sends as i64),
        grouped(resumed.resent as i64),
    ));
    if resumed.resent > 0 && !args.yes && ui.asks() {
        bulk::confirm(&plan, context)?;
    }
    run::settle_on_signals(context);
    let ledger = Ledger::resume(state, stored.number, &run, own)?;
    for (row, settled) in &resumed.found {
        ledger.settle(*row, settled);
    }
    // The guard let it through when the run began.
    let (applied, printed) = bulk::send(guard::typed(plan), ledger, args.apply(), context)?;
    let report = Report::of(&run, &applied, stored.left_alone);
    let written = report.write(Some(printed), files, context)?;
    let mend = Mend::of(args.rejects.as_deref());
    bulk::ending(&run, written, applied.stopped, mend, context)
}

/// Prints once more how a finished run ended.
fn finished(
    stored: &StoredRun,
    rows: StoredRows,
    files: Files<'_>,
    args: &ImportArgs,
    context: &Context,
) -> Result<Exit> {
    let StoredRows { wanted, rows } = rows;
    let ended = rows.into_iter().map(|row| row.settled).collect();
    let (shelf, none) = (Default::default(), Default::default());
    let plan = Plan::resumed(stored.mode, stored.on_conflict, wanted, ended, shelf, none);
    let report = Report {
        run: Some(&stored.run),
        plan: &plan,
        settled: None,
        left_alone: stored.left_alone,
    };
    let written = report.write(None, files, context)?;
    let mend = Mend::of(args.rejects.as_deref());
    bulk::ending(&stored.run, written, None, mend, context)
}

/// Rows of a run whose file is not there, in our own columns.
fn plain_rejects(
    mode: Mode,
    wanted: &Batch,
    rejected: &BTreeMap<u32, String>,
    to: &mut NewFile,
) -> Result<()> {
    let failed = |e: csv::Error| Error::internal("can't write the rejects file").caused_by(e);
    let mut writer = csv::Writer::from_writer(to);
    let number = if mode == Mode::Adjust {
        "adjustment"
    } else {
        "quantity"
    };
    writer
        .write_record([
            "product_id",
            "sku_id",
            "sku_code",
            number,
            "expected_quantity",
            "reason",
            "error",
        ])
        .map_err(failed)?;
    let rows = wanted
        .iter()
        .filter_map(|row| Some((row, rejected.get(&row.line())?)));
    for (row, why) in rows {
        let product = row.product_id().map(|id| id.to_string());
        let sku = row.sku_id().map(|id: SkuId| id.to_string());
        let expected = row.expected().map(|units| units.to_string());
        writer
            .write_record([
                product.as_deref().unwrap_or_default(),
                sku.as_deref().unwrap_or_default(),
                row.code().unwrap_or_default(),
                &row.value().to_string(),
                expected.as_deref().unwrap_or_default(),
                row.reason().unwrap_or_default(),
                why,
            ])
            .map_err(failed)?;
    }
    writer
        .flush()
        .map_err(|e| Error::internal("can't write the rejects file").caused_by(e))
}
