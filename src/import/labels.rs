//! A file of labels that carry another number than the SKU code (docs/scan.md: Labels with another number). It is read as a file of stock
//! changes is, CSV or spreadsheet.

use std::collections::HashMap;

use csv::StringRecord;

use super::Options;
use super::cells::{self, trimmed, unwrapped};
use super::columns::{self, Column, plain};
use super::faults::Faults;
use super::source::Source;
use super::table::{Row, Table};
use crate::error::{Error, Result};

/// Headers over the numbers on labels, as [`plain`] writes them.
const LABELS: [&str; 8] = [
    "barcode", "ean", "ean13", "upc", "gtin", "isbn", "label", "alias",
];

const HOW_IT_LOOKS: &str = "it needs the columns barcode and sku_code";

/// SKU codes by what stands on labels. An error, usage: other headers, a cell that can't be read, or a label for two codes.
pub fn read_labels(bytes: &[u8]) -> Result<HashMap<String, String>> {
    let options = Options::default();
    let source = Source::open(bytes, &options)?;
    super::check_size(source.text().len())?;
    let layout = source.layout(&source.options(&options))?;
    let mut table = source.table(&layout);
    let mut headers = StringRecord::new();
    read_table(&mut table, &mut headers).map_err(|error| source.located(error, &headers))
}

fn read_table(
    table: &mut Table<'_>,
    headers: &mut StringRecord,
) -> Result<HashMap<String, String>> {
    let hinted = |error: Error| error.hinted(HOW_IT_LOOKS);
    (_, *headers) = table.headers().map_err(hinted)?;
    let at = |meant: &dyn Fn(&str) -> bool| headers.iter().position(|h| meant(&plain(h)));
    let barcode = at(&|header| LABELS.contains(&header));
    let code = at(&|header| columns::builtin(header) == Some(Column::SkuCode));
    let (Some(barcode), Some(code)) = (barcode, code) else {
        let written: Vec<&str> = headers.iter().map(trimmed).collect();
        return Err(hinted(Error::usage(format!(
            "the file of labels has other headers: {}",
            written.join(", ")
        ))));
    };
    let mut labels = Labels {
        columns: [barcode, code],
        headers: headers.iter().map(|h| trimmed(h).to_owned()).collect(),
        codes: HashMap::new(),
        faults: Faults::default(),
    };
    let mut record = StringRecord::new();
    while let Some(row) = table.next(&mut record)? {
        labels.take(table, &row, &record);
    }
    match labels.faults.count() {
        0 => Ok(labels.codes),
        _ => Err(labels.faults.into_error()),
    }
}

/// The labels read so far.
struct Labels {
    /// Where the label is, and where the code.
    columns: [usize; 2],
    headers: Vec<String>,
    codes: HashMap<String, String>,
    faults: Faults,
}

impl Labels {
    fn take(&mut self, table: &Table<'_>, row: &Row, record: &StringRecord) {
        let torn = row.torn.as_ref().map(|torn| torn.message.clone());
        let swallows = || {
            let swallows = table.swallows_rows(row, self.headers.len());
            swallows.then(|| "a quoted cell runs over lines that are rows of their own".to_owned())
        };
        if let Some(message) = torn.or_else(swallows) {
            self.faults.add(row.line, None, message);
            self.faults.hint("mend the quotes");
            return;
        }
        let [Some(label), Some(code)] = self
            .columns
            .map(|at| self.cell(table, row.line, record, at))
        else {
            return;
        };
        if let Some(other) = self.codes.insert(label.clone(), code.clone())
            && other != code
        {
            let message = format!(
                "{} is {} and {}",
                cells::shown(&label),
                cells::shown(&other),
                cells::shown(&code)
            );
            self.fault(row.line, self.columns[0], message);
        }
    }

    /// A text that is not empty; otherwise a fault.
    fn cell(
        &mut self,
        table: &Table<'_>,
        line: u32,
        record: &StringRecord,
        at: usize,
    ) -> Option<String> {
        let cell = record.get(at).unwrap_or_default();
        let odd = table.sheet.and_then(|sheet| sheet.odd(line, at));
        let read = match odd {
            Some(odd) => Err(odd.in_words(&cells::shown(cell))),
            None => cells::code(cell).map(|code| trimmed(&unwrapped(&code)).to_owned()),
        };
        match read {
            Ok(text) if text.is_empty() => self.fault(line, at, "the cell is empty"),
            Ok(text) => return Some(text),
            Err(message) => self.fault(line, at, message),
        }
        None
    }

    fn fault(&mut self, line: u32, at: usize, message: impl Into<String>) {
        let header = self.headers.get(at).map(String::as_str);
        self.faults.add(line, header, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<HashMap<String, String>> {
        read_labels(text.as_bytes())
    }

    #[test]
    fn labels_are_read_and_doubt_is_refused() {
        let labels = read("\u{FEFF}sku_code,Barcode\nA,4006381333931\nA,=\"00123\"\n").unwrap();
        assert_eq!(labels["4006381333931"], "A");
        assert_eq!(labels["00123"], "A");
        assert_eq!(labels.len(), 2);
        assert_eq!(read("Barcode;SKU_Code\r\n1;A\r\n").unwrap()["1"], "A");
        assert_eq!(read("SKU\tEAN\nA\t1\n").unwrap()["1"], "A");
        assert!(read("code,number\nA,1\n").is_err());
        let error = read("barcode,sku_code\n1,A\n1,B\n2,\n4.00638E+12,A\n").unwrap_err();
        assert_eq!(error.faults().len(), 3);
        assert!(read("barcode,sku_code\n1,\"A\n2,B\n3,C\"\n").is_err());
    }
}
