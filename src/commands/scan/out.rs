//! What was scanned becomes a file for `import-csv`, and the command that applies it.

use std::collections::HashMap;
use std::path::Path;

use jiff::ZonedDateTime;
use serde::Serialize;

use super::{Done, is_for_people};
use crate::catalogue;
use crate::cli::Exit;
use crate::commands::bulk::raw;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::export::TableFile;
use crate::model::{ProductId, SkuId};
use crate::render;
use crate::scan::Mode;
use crate::scan::tally::Total;
use crate::shell;
use crate::words::{counted, grouped};

/// The name of a file that nobody named.
pub fn name(mode: Mode) -> String {
    format!(
        "{}-{}.csv",
        mode.name(),
        ZonedDateTime::now().strftime("%Y%m%d-%H%M%S")
    )
}

/// What came of a scan.
#[derive(Serialize)]
struct Document<'a> {
    file: &'a str,
    mode: &'static str,
    scans: usize,
    variants: usize,
    units: i64,
    command: &'a str,
    left_out: Vec<String>,
}

/// A variant as the store has it at the end.
struct Now {
    code: String,
    quantity: i64,
}

impl Done {
    /// Looks at the variants once more, writes the file and prints the command. An error, partial, where a variant is not
    /// what was scanned any more: it is left out and named.
    pub fn write(self, file: &Path, mode: Mode, context: &Context) -> Result<Exit> {
        if self.tally.totals().next().is_none() {
            self.journal.remove()?;
            context
                .ui()
                .note("nothing was scanned; no file was written");
            return Ok(Exit::Done);
        }
        let now = self.now(context)?;
        let mut left_out = Vec::new();
        let mut rows = Vec::new();
        for total in self.tally.totals() {
            match now.get(&total.variant.sku) {
                Some(now) if now.code == total.variant.code => {
                    let first = self.stock.get(&total.variant.sku);
                    rows.push((total, first.copied().unwrap_or(now.quantity)));
                }
                _ => left_out.push(format!(
                    "{} ({} scanned)",
                    total.variant.code,
                    grouped(total.units)
                )),
            }
        }
        write_rows(file, mode, &rows)?;
        let command = command(file, mode, context)?;
        let path = file.to_string_lossy();
        let document = Document {
            file: &path,
            mode: mode.name(),
            scans: self.tally.scans(),
            variants: rows.len(),
            units: rows.iter().map(|(total, _)| total.units).sum(),
            command: &command,
            left_out,
        };
        told(&document, context)?;
        self.journal.remove()?;
        match document.left_out.is_empty() {
            true => Ok(Exit::Done),
            false => Err(Error::new(
                Kind::Partial,
                format!(
                    "left out, because the store has another variant under the code by now, or none: {}",
                    document.left_out.join(", ")
                ),
            )
            .hinted("scan these again")),
        }
    }

    fn now(&self, context: &Context) -> Result<HashMap<SkuId, Now>> {
        let mut ids: Vec<ProductId> = self.tally.totals().map(|t| t.variant.product).collect();
        ids.sort_unstable();
        ids.dedup();
        let ui = context.ui();
        let progress = |p: catalogue::Progress| ui.progress(p.what, p.done, p.total);
        let mut now = HashMap::new();
        let client = context.client()?;
        let unreadable =
            catalogue::products(client, &ids, catalogue::WALKERS, &progress, |_, product| {
                for variant in product.iter().flat_map(|product| &product.value.variants) {
                    let entry = Now {
                        code: variant.sku_code.clone(),
                        quantity: variant.quantity,
                    };
                    now.insert(variant.sku_id, entry);
                }
            })?;
        ui.finish();
        unreadable.none()?;
        Ok(now)
    }
}

fn write_rows(file: &Path, mode: Mode, rows: &[(&Total, i64)]) -> Result<()> {
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
    for (total, expected) in rows {
        let variant = &total.variant;
        let mut cells = vec![
            variant.product.to_string(),
            variant.sku.to_string(),
            variant.code.clone(),
            variant.name.clone(),
        ];
        match mode {
            Mode::Count => cells.extend([expected.to_string(), total.units.to_string()]),
            Mode::Receive => cells.push(total.units.to_string()),
            Mode::Pick => cells.push((-total.units).to_string()),
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
    let mode = match mode {
        Mode::Count => "stocktake",
        Mode::Receive | Mode::Pick => "adjust",
    };
    Ok(format!(
        "{} import-csv {} --mode {mode}",
        context.typed_again()?,
        shell::quoted(&path)
    ))
}

fn told(document: &Document<'_>, context: &Context) -> Result<()> {
    if !is_for_people(context) {
        let document = raw(document)?;
        return render::document(context.stdout(), &document, None, context.terminal());
    }
    context.ui().note(format!(
        "{} of {}, {} in {}",
        counted(document.scans as u64, "scan"),
        counted(document.variants as u64, "variant"),
        counted(document.units.unsigned_abs(), "unit"),
        document.file
    ));
    context.write(format!("{}\n", document.command).as_bytes())
}
