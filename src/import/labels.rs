//! A file of labels that carry another number than the SKU code (docs/scan.md: Labels with another number).

use std::collections::HashMap;

use csv::StringRecord;

use super::cells::{self, trimmed, unwrapped};
use super::columns::{self, Column, plain};
use super::small::{self, Cells};
use crate::error::Result;

/// The columns that it needs.
const HOW_IT_LOOKS: &str = "it needs the columns barcode and sku_code";

/// Headers over the numbers on labels, as [`plain`] writes them.
const LABELS: [&str; 8] = [
    "barcode", "ean", "ean13", "upc", "gtin", "isbn", "label", "alias",
];

/// SKU codes by what stands on labels. An error, usage: other headers, a cell that can't be read, or a label for two codes.
pub fn read_labels(bytes: &[u8]) -> Result<HashMap<String, String>> {
    Ok(small::read(bytes, HOW_IT_LOOKS, Labels::of, Labels::take)?.codes)
}

/// The labels read so far.
struct Labels {
    /// Where the label is, and where the code.
    columns: [usize; 2],
    codes: HashMap<String, String>,
}

impl Labels {
    fn of(headers: &StringRecord) -> Result<Labels> {
        let at = |meant: &dyn Fn(&str) -> bool| headers.iter().position(|h| meant(&plain(h)));
        let barcode = at(&|header| LABELS.contains(&header));
        let code = at(&|header| columns::builtin(header) == Some(Column::SkuCode));
        let missing = match (barcode, code) {
            (Some(barcode), Some(code)) => {
                return Ok(Labels {
                    columns: [barcode, code],
                    codes: HashMap::new(),
                });
            }
            (None, _) => "barcode",
            (_, None) => "sku_code",
        };
        let what = format!("the file has no column {missing}");
        Err(small::other_headers(&what, headers, HOW_IT_LOOKS))
    }

    fn take(&mut self, row: &mut Cells<'_>) {
        if row.has_odd(self.columns.into_iter()) {
            return;
        }
        let [Some(label), Some(code)] = self.columns.map(|at| filled(row, at)) else {
            return;
        };
        if let Some(other) = self.codes.insert(label.clone(), code.clone())
            && other != code
        {
            let [label, other, code] = [&label, &other, &code].map(|text| cells::shown(text));
            let message = format!("{label} is {other} and {code}");
            row.fault(self.columns[0], message);
        }
    }
}

/// A text that is not empty; otherwise a fault.
fn filled(row: &mut Cells<'_>, at: usize) -> Option<String> {
    let text = cells::code(row.cell(at)).map(|code| trimmed(&unwrapped(&code)).to_owned());
    let text = row.or_fault(at, text)?;
    if text.is_empty() {
        row.fault(at, "the cell is empty");
        return None;
    }
    Some(text)
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
        assert!(read("barcode,sku_code\n").unwrap().is_empty());
        assert!(read("code,number\nA,1\n").is_err());
        let error = read("barcode,sku_code\n1,A\n1,B\n2,\n4.00638E+12,A\n").unwrap_err();
        assert_eq!(error.faults().len(), 3);
    }

    #[test]
    fn a_row_that_does_not_line_up_with_the_headers_names_no_code() {
        for torn in [
            "1,\"A\n2,B\n3,C\"\n",
            "1,A\n\"2,B\"\n",
            "Rose, red,1,A\n",
            "1,A,B\n",
        ] {
            let error = read(&format!("barcode,sku_code\n{torn}")).unwrap_err();
            assert_eq!(error.faults().len(), 1, "{torn}");
            assert!(!error.full_message().contains("--"), "{torn}");
        }
    }
}
