//! Labels that carry another number than the SKU code: a CSV file of `barcode,sku_code`.

use std::collections::HashMap;

use crate::error::{Error, Fault, Result};

/// Reads the file's text. An error, usage: other headers, an empty cell, or a barcode for two codes.
pub fn read(text: &str) -> Result<HashMap<String, String>> {
    let text = text.trim_start_matches('\u{FEFF}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t']
        .into_iter()
        .find(|c| first.contains(char::from(*c)));
    let mut rows = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let unread = |e: csv::Error| {
        Error::usage("the file of aliases can't be read")
            .hinted("it is CSV with the headers barcode,sku_code")
            .caused_by(e)
    };
    let headers = rows.headers().map_err(unread)?;
    let at = |name: &str| headers.iter().position(|h| h.eq_ignore_ascii_case(name));
    let (Some(barcode), Some(code)) = (at("barcode"), at("sku_code")) else {
        return Err(Error::usage(
            "the file of aliases needs the headers barcode,sku_code",
        ));
    };
    let mut aliases = HashMap::new();
    let mut faults = Vec::new();
    for row in rows.records() {
        let row = row.map_err(unread)?;
        let (barcode, code) = (&row[barcode], &row[code]);
        let message = match aliases.insert(barcode.to_owned(), code.to_owned()) {
            _ if barcode.is_empty() || code.is_empty() => "a cell is empty".to_owned(),
            Some(other) if other != code => format!("{barcode} is {other} and {code}"),
            _ => continue,
        };
        faults.push(Fault {
            cell: None,
            line: row.position().map(csv::Position::line),
            column: None,
            message,
        });
    }
    match faults.is_empty() {
        true => Ok(aliases),
        false => Err(Error::usage("the file of aliases has faults").with_faults(faults)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_read_and_doubt_is_refused() {
        let read_well = read("\u{FEFF}sku_code,Barcode\nA,4006381333931\nA,123\n").unwrap();
        assert_eq!(read_well["4006381333931"], "A");
        assert_eq!(read_well.len(), 2);
        assert_eq!(read("Barcode;SKU_Code\r\n1;A\r\n").unwrap()["1"], "A");
        assert!(read("code,barcode\nA,1\n").is_err());
        let error = read("barcode,sku_code\n1,A\n1,B\n2,\n").unwrap_err();
        assert_eq!(error.faults().len(), 2);
    }
}
