//! What was scanned becomes a file for `import-csv`, and the command that applies it.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use super::session::Done;
use crate::catalogue;
use crate::clean::clean;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::export::{TableFile, code_cell};
use crate::format::Format;
use crate::model::{ProductId, SkuId};
use crate::outputs::{self, Made};
use crate::render::row;
use crate::scan::Mode;
use crate::scan::journal::Journal;
use crate::scan::tally::Total;
use crate::shell;
use crate::time::UtcTime;
use crate::words::{counted, grouped};

/// The name of a file that nobody named.
pub fn name(mode: Mode) -> String {
    let now = UtcTime::now().here("%Y%m%d-%H%M%S");
    format!("{}-{now}.csv", mode.name())
}

row! {
    /// What came of a scan.
    #[derive(Default)]
    pub struct ScanRow<'a> {
        /// None where no file was written.
        file: Option<&'a str> = "FILE" Text,
        mode: &'static str = "MODE" Text,
        scans: usize = "SCANS" Number,
        variants: usize = "VARIANTS" Number,
        units: i64 = "UNITS" Number,
        /// The command that applies the file.
        command: Option<&'a str> = "COMMAND" Text,
        /// Codes whose stock was read later than they were scanned.
        read_late: Vec<&'a str>,
        /// Codes that mean another variant by now, or none, or were counted by a number that is a code by now; and how many
        /// were scanned.
        left_out: Vec<LeftOut<'a>>,
    }
}

#[derive(Serialize)]
struct LeftOut<'a> {
    sku_code: &'a str,
    units: i64,
    /// What counted as a number of it, and is a code of the store by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

/// A variant as the store has it at the end.
struct Now {
    code: String,
    quantity: i64,
}

/// A row of the file.
struct Row<'a> {
    total: &'a Total,
    /// What the stock was when it was scanned first.
    expected: i64,
    /// Whether that was read later.
    late: bool,
}

impl Done {
    /// Looks at the variants once more, writes the file and prints the command. An error, partial, where a variant is not
    /// what was scanned any more, or what counted as a number of it is a code by now: it is left out and named.
    pub fn write(
        mut self,
        file: &Path,
        mode: Mode,
        journal: &Journal,
        context: &Context,
    ) -> Result<Exit> {
        if self.tally.totals().next().is_none() {
            journal.remove()?;
            context
                .ui()
                .note("nothing was scanned; no file was written");
            let nothing = ScanRow {
                mode: mode.name(),
                ..ScanRow::default()
            };
            return told(&nothing, context)?;
        }
        let now = self.now(context)?;
        let mut codes = self.codes_by_now(&now, context)?;
        let mut left_out = Vec::new();
        let mut rows = Vec::new();
        for total in self.tally.totals() {
            let number = codes.remove(&total.variant.sku);
            match now.get(&total.variant.sku) {
                Some(now) if now.code == total.variant.code && number.is_none() => {
                    let first = self.stock.get(&total.variant.sku);
                    rows.push(Row {
                        total,
                        expected: first.map_or(now.quantity, |first| first.quantity),
                        late: mode == Mode::Count && first.is_none_or(|first| !first.in_time),
                    });
                }
                _ => left_out.push(LeftOut {
                    sku_code: &total.variant.code,
                    units: total.units,
                    number,
                }),
            }
        }
        write_file(file, mode, &rows, context)?;
        let command = command(file, mode, context)?;
        let path = file.to_string_lossy();
        let late = rows.iter().filter(|row| row.late);
        let is_written = !rows.is_empty();
        told(
            &ScanRow {
                file: is_written.then_some(&*path),
                mode: mode.name(),
                scans: self.tally.scans(),
                variants: rows.len(),
                units: rows.iter().map(|row| row.total.units).sum(),
                command: is_written.then_some(command.as_str()),
                read_late: late.map(|row| row.total.variant.code.as_str()).collect(),
                left_out,
            },
            context,
        )
        .and_then(|told| journal.remove().map(|()| told))?
    }

    /// Of each variant that counts by a number which is a code of the store by now, that number.
    fn codes_by_now(
        &mut self,
        now: &HashMap<SkuId, Now>,
        context: &Context,
    ) -> Result<HashMap<SkuId, String>> {
        let mut codes = HashMap::new();
        if self.numbers.is_empty() {
            return Ok(codes);
        }
        let ui = context.ui();
        let client = context.client()?;
        self.catalogue
            .bring_up_to_date(client, &|at| ui.progress(at))?;
        ui.finish();
        for (number, sku) in std::mem::take(&mut self.numbers) {
            let seen = now.values().any(|variant| variant.code == number);
            if seen || !self.catalogue.known(&number)?.is_empty() {
                codes.insert(sku, number);
            }
        }
        Ok(codes)
    }

    fn now(&self, context: &Context) -> Result<HashMap<SkuId, Now>> {
        let mut ids: Vec<ProductId> = self.tally.totals().map(|t| t.variant.product).collect();
        ids.sort_unstable();
        ids.dedup();
        let ui = context.ui();
        let mut now = HashMap::new();
        let client = context.client()?;
        let unreadable = catalogue::products(
            client,
            &ids,
            catalogue::LIST_WORKERS,
            &|at| ui.progress(at),
            |_, product| {
                for variant in product.iter().flat_map(|product| &product.value.variants) {
                    let entry = Now {
                        code: variant.sku_code.clone(),
                        quantity: variant.quantity,
                    };
                    now.insert(variant.sku_id, entry);
                }
            },
        )?;
        ui.finish();
        unreadable.none()?;
        Ok(now)
    }
}

/// Writes the file, which is then known as ours. Nothing where every variant is left out.
fn write_file(file: &Path, mode: Mode, rows: &[Row<'_>], context: &Context) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut state = context.state()?;
    // Hours may have gone by since it was looked at first.
    outputs::may_replace(Some(&state), file, Made::Scan, None)?;
    write_rows(file, mode, rows)?;
    outputs::remember(&mut state, file, Made::Scan);
    Ok(())
}

fn write_rows(file: &Path, mode: Mode, rows: &[Row<'_>]) -> Result<()> {
    let failed =
        |e: csv::Error| Error::internal(format!("can't write {}", file.display())).caused_by(e);
    let mut out = csv::Writer::from_writer(TableFile::create(file)?);
    let numbers: &[&str] = match mode {
        Mode::Count => &["expected_quantity", "quantity"],
        Mode::Receive | Mode::Pick => &["adjustment"],
    };
    let names = ["product_id", "sku_id", "sku_code", "name"];
    out.write_record(names.iter().chain(numbers))
        .map_err(failed)?;
    for row in rows {
        let variant = &row.total.variant;
        let mut cells = vec![
            variant.product.to_string(),
            variant.sku.to_string(),
            code_cell(&variant.code).into_owned(),
            clean(&variant.name).into_owned(),
        ];
        let units = row.total.units;
        match mode {
            Mode::Count => cells.extend([row.expected.to_string(), units.to_string()]),
            Mode::Receive => cells.push(units.to_string()),
            Mode::Pick => cells.push((-units).to_string()),
        }
        out.write_record(cells).map_err(failed)?;
    }
    let out = out
        .into_inner()
        .map_err(|e| Error::internal(format!("can't write {}: {}", file.display(), e.error())))?;
    out.finish()
}

/// The command that applies the file.
fn command(file: &Path, mode: Mode, context: &Context) -> Result<String> {
    let path = file.to_string_lossy();
    // Not to be taken for an option.
    let path = match path.starts_with('-') {
        true => format!("./{path}").into(),
        false => path,
    };
    let mode = match mode {
        Mode::Count => "stocktake",
        Mode::Receive | Mode::Pick => "adjust",
    };
    Ok(format!(
        "{} import-csv {} --mode {mode}",
        context.typed_again()?,
        shell::file(&path)
    ))
}

/// Says what came of it; the inner result is how the command ends.
fn told(document: &ScanRow<'_>, context: &Context) -> Result<Result<Exit>> {
    let ui = context.ui();
    match context.format() {
        Format::Table => {
            if let (Some(file), Some(command)) = (document.file, document.command) {
                ui.note(format!(
                    "{} of {}, {} in {file}; to apply it:",
                    counted(document.scans as u64, "scan"),
                    counted(document.variants as u64, "variant"),
                    counted(document.units.unsigned_abs(), "unit"),
                ));
                context.write(format!("{command}\n").as_bytes())?;
            }
        }
        Format::Json | Format::Jsonl => {
            context.document(document, context.fields())?;
        }
        Format::Csv => {
            context.rows(ScanRow::COLUMNS, [document])?;
        }
    }
    if !document.read_late.is_empty() {
        ui.lost(format!(
            "the stock of these was read later than they were scanned, so that what was sold in between would be for sale \
             again: {}; count those again that sell fast",
            document.read_late.join(", ")
        ));
    }
    if document.left_out.is_empty() {
        return Ok(Ok(Exit::Done));
    }
    Ok(Err(Error::new(
        Kind::Partial,
        why_left_out(&document.left_out),
    )
    .hinted("scan these again")))
}

fn why_left_out(left_out: &[LeftOut<'_>]) -> String {
    let (numbers, codes): (Vec<_>, Vec<_>) =
        left_out.iter().partition(|left| left.number.is_some());
    let codes: Vec<String> = codes
        .iter()
        .map(|left| format!("{} ({} scanned)", left.sku_code, grouped(left.units)))
        .collect();
    let numbers: Vec<String> = numbers
        .iter()
        .map(|left| {
            let number = left.number.as_deref().unwrap_or_default();
            format!("{} (counted by {number})", left.sku_code)
        })
        .collect();
    let why = [
        (
            "not in the file, because the store has another variant under the code by now, or none: ",
            codes,
        ),
        (
            "not in the file, because what counted as their number is a code of the store by now: ",
            numbers,
        ),
    ];
    let why = why.iter().filter(|(_, left)| !left.is_empty());
    let why: Vec<String> = why
        .map(|(why, left)| format!("{why}{}", left.join(", ")))
        .collect();
    why.join("; ")
}
