//! A stock file as one of the two moments of `sxinv diff`: what it says there is, and nothing that it asks for.

use std::collections::HashMap;

use super::Moment;
use crate::commands::import_csv::read_file;
use crate::error::{Error, Fault, Result};
use crate::import;
use crate::memory::Memory;
use crate::memory::side::{FileRow, Side};
use crate::sku_code::composed;
use crate::wanted::{Mode, Take, Twice, Wanted};

/// The rows of a stock file. An error, usage, about the file names it, and no option that only an import has.
pub(super) fn read(name: &str) -> Result<Vec<FileRow>> {
    let bytes = read_file(name.as_ref())?;
    let mut rows = Rows(Vec::new());
    let options = import::Options {
        states_stock: true,
        max_quantity: Some(u64::MAX),
        ..import::Options::default()
    };
    let sheet = import::read(&bytes, &options, &mut rows).map_err(|error| {
        error.of_file(name).hinted(
            "a stock file has the columns sku_code or sku_id, and quantity, and a row for each variant; to write one: sxinv export-csv FILE",
        )
    })?;
    if sheet.mode == Mode::Adjust {
        return Err(Error::usage(format!(
            "{name} has adjustments: it does not say how many there are"
        )));
    }
    Ok(rows.0)
}

/// An error, usage, where two rows of a file turned out to be about one variant.
pub(super) fn refuse_twice(memory: &Memory, moments: [&Moment; 2]) -> Result<()> {
    for (moment, side) in moments.into_iter().zip([Side::Before, Side::After]) {
        let Moment::File(name) = moment else {
            continue;
        };
        let twice = memory.named_twice(side)?;
        if !twice.is_empty() {
            let fault = |(line, first, sku)| Fault {
                cell: None,
                line: Some(line),
                column: None,
                message: format!("the same variant (sku {sku}) as in line {first}"),
            };
            return Err(Error::usage(format!("{name} names a variant twice"))
                .with_faults(twice.into_iter().map(fault).collect())
                .hinted("keep one row for each variant"));
        }
    }
    Ok(())
}

struct Rows(Vec<FileRow>);

impl Take for Rows {
    /// What would fail as a change of stock (a quantity below 0) says what there is all the same.
    fn take(&mut self, wanted: &Wanted<'_>) -> Result<()> {
        if wanted.sku.is_some() || wanted.code.is_some() {
            self.0.push(FileRow {
                line: wanted.line,
                product: wanted.product,
                sku: wanted.sku,
                sku_code: wanted.code.map(str::to_owned),
                quantity: wanted.value,
            });
        }
        Ok(())
    }

    fn named_twice(&self) -> Result<Vec<Twice>> {
        let mut first = HashMap::new();
        let mut twice = Vec::new();
        for row in &self.0 {
            let code = row.sku_code.as_deref().filter(|_| row.sku.is_none());
            let product = row.product.filter(|_| code.is_some());
            let key = (row.sku, code.map(composed), product);
            if let Some(line) = first.insert(key, row.line) {
                twice.push(Twice {
                    line: row.line,
                    first: line,
                    by_id: row.sku.is_some(),
                    name: match (row.sku, code) {
                        (Some(sku), _) => sku.to_string(),
                        (None, code) => code.unwrap_or_default().to_owned(),
                    },
                });
            }
        }
        Ok(twice)
    }
}
