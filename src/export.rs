//! Variants become CSV or a workbook that [`crate::import`] takes back: a cell never means another thing when it returns.

mod table_file;
mod workbook;

use std::borrow::Cow;
use std::io::Write;

use csv::{Terminator, WriterBuilder};

use crate::clean::clean;
use crate::error::{Error, Result};
use crate::model::{Product, Variant};
use crate::render::{Column, Kind};

/// The columns (docs/commands.md: export-csv). The last two are equal: the one is edited, the other guards it.
pub const COLUMNS: &[Column] = &[
    column("product_id", Kind::Id, true),
    column("product_name", Kind::Name, true),
    column("sku_id", Kind::Id, true),
    column("sku_code", Kind::Code, true),
    column("variant_name", Kind::Name, true),
    column("price", Kind::Number, true),
    column("expected_quantity", Kind::Stock, true),
    column("quantity", Kind::Stock, true),
    column("available", Kind::Flag, false),
    column("is_default", Kind::Flag, false),
];

/// A column; `usual` where it is written unasked.
const fn column(name: &'static str, kind: Kind, usual: bool) -> Column {
    Column {
        name,
        title: name,
        kind,
        table: usual,
        spare: false,
    }
}

/// What the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// For programs, and for spreadsheets that are told what a column is.
    Plain,
    /// For spreadsheets that guess: a byte order mark, CRLF, and an apostrophe before what they would run or change.
    Excel,
    /// For eyes: nothing that a terminal would act on.
    Terminal,
}

pub use table_file::{TableFile, is_workbook};

use workbook::{Book, Content};

/// A workbook of variants on its way out.
pub struct Stock {
    book: Book,
    fields: Vec<String>,
    rows: u64,
}

impl Stock {
    /// Begins it. `fields` are names of [`COLUMNS`]; without them, the usual ones.
    pub fn new(fields: Option<Vec<String>>) -> Result<Stock> {
        let fields = fields.unwrap_or_else(usual);
        let columns: Vec<(&str, Content)> = fields
            .iter()
            .map(|field| (field.as_str(), content(field)))
            .collect();
        Ok(Stock {
            book: Book::new("Stock", &columns)?,
            fields,
            rows: 0,
        })
    }

    /// Writes a row for each variant of the product; one that is sold out stands out.
    pub fn push(&mut self, product: &Product) -> Result<()> {
        for variant in &product.variants {
            let cells = self.fields.iter();
            let cells = cells.map(|field| cell(field, product, variant, Dialect::Plain));
            self.book.push(cells, variant.quantity <= 0)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Writes the whole workbook; how many variants there were.
    pub fn finish(self, to: impl Write + Send) -> Result<u64> {
        self.book.finish(to)?;
        Ok(self.rows)
    }
}

fn content(field: &str) -> Content {
    match field {
        "quantity" => Content::Edited,
        "price" => Content::Price,
        _ => match COLUMNS.iter().find(|column| column.name == field) {
            Some(column) if matches!(column.kind, Kind::Id | Kind::Stock | Kind::Flag) => {
                Content::Number
            }
            _ => Content::Text,
        },
    }
}

/// The columns that are written unasked.
fn usual() -> Vec<String> {
    let usual = COLUMNS.iter().filter(|column| column.table);
    usual.map(|column| column.name.to_owned()).collect()
}

/// A CSV on its way out.
pub struct Sheet<W: Write> {
    out: csv::Writer<W>,
    fields: Vec<String>,
    dialect: Dialect,
    rows: u64,
}

impl<W: Write> Sheet<W> {
    /// Writes the header. `fields` are names of [`COLUMNS`]; without them, the usual ones.
    pub fn new(mut out: W, fields: Option<Vec<String>>, dialect: Dialect) -> Result<Sheet<W>> {
        let terminator = match dialect {
            Dialect::Excel => {
                out.write_all("\u{FEFF}".as_bytes())
                    .map_err(Error::unwritten)?;
                Terminator::CRLF
            }
            Dialect::Plain | Dialect::Terminal => Terminator::Any(b'\n'),
        };
        let fields = fields.unwrap_or_else(usual);
        let mut out = WriterBuilder::new().terminator(terminator).from_writer(out);
        out.write_record(&fields).map_err(failed)?;
        Ok(Sheet {
            out,
            fields,
            dialect,
            rows: 0,
        })
    }

    /// Writes a row for each variant of the product.
    pub fn push(&mut self, product: &Product) -> Result<()> {
        for variant in &product.variants {
            for field in &self.fields {
                let cell = cell(field, product, variant, self.dialect);
                self.out.write_field(cell.as_bytes()).map_err(failed)?;
            }
            self.out.write_record(None::<&[u8]>).map_err(failed)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Writes what is still held back; where it went, and how many variants there were.
    pub fn finish(mut self) -> Result<(W, u64)> {
        self.out.flush().map_err(Error::unwritten)?;
        let out = self
            .out
            .into_inner()
            .map_err(|e| Error::unwritten(std::io::Error::from(e.error().kind())))?;
        Ok((out, self.rows))
    }
}

fn cell<'a>(
    field: &str,
    product: &'a Product,
    variant: &'a Variant,
    dialect: Dialect,
) -> Cow<'a, str> {
    let number = |n: i64| Cow::Owned(n.to_string());
    match field {
        "product_id" => number(product.product_id.get()),
        "product_name" => words(&product.name, dialect),
        "sku_id" => number(variant.sku_id.get()),
        "sku_code" => code(&variant.sku_code, dialect),
        "variant_name" => words(&variant.variant_name, dialect),
        "price" => match variant.price.as_deref().map(|price| price.get()) {
            None | Some("null") => Cow::Borrowed(""),
            Some(text) if text.starts_with('"') => {
                let text: String = serde_json::from_str(text).unwrap_or_default();
                Cow::Owned(words(&text, dialect).into_owned())
            }
            // The digits as they were sent.
            Some(digits) => Cow::Borrowed(digits),
        },
        "expected_quantity" | "quantity" => number(variant.quantity),
        "available" => number(variant.available.0.into()),
        "is_default" => number(variant.is_default.0.into()),
        _ => Cow::Borrowed(""),
    }
}

fn words(text: &str, dialect: Dialect) -> Cow<'_, str> {
    match dialect {
        Dialect::Excel if is_formula(text) => Cow::Owned(format!("'{text}")),
        Dialect::Plain | Dialect::Excel => Cow::Borrowed(text),
        Dialect::Terminal => clean(text),
    }
}

/// A SKU code as a cell that `import-csv` takes for this very code.
pub fn code_cell(text: &str) -> Cow<'_, str> {
    code(text, Dialect::Plain)
}

fn code(code: &str, dialect: Dialect) -> Cow<'_, str> {
    let guessed = || is_formula(code) || is_guessed(code);
    let code = if is_misread(code) || dialect == Dialect::Excel && guessed() {
        Cow::Owned(format!("'{code}"))
    } else {
        Cow::Borrowed(code)
    };
    match dialect {
        Dialect::Terminal => Cow::Owned(clean(&code).into_owned()),
        Dialect::Plain | Dialect::Excel => code,
    }
}

/// Whether `import-csv` would take the code for something that a spreadsheet made of another: what an apostrophe or
/// `="…"` is wrapped around, an error, or a rounded number.
fn is_misread(code: &str) -> bool {
    code.starts_with(['\'', '#', '\u{FEFF}']) || code.starts_with("=\"") || code.trim() != code || {
        let (mantissa, exponent) = code.split_once(['e', 'E']).unwrap_or_default();
        digits_at(mantissa.trim_start_matches(['+', '-']))
            && digits_at(exponent.trim_start_matches(['+', '-']))
    }
}

fn digits_at(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a spreadsheet would run the text (OWASP: CSV Injection).
fn is_formula(text: &str) -> bool {
    let active = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(active)
}

/// Whether a spreadsheet would take the code for a number, a date, a time or a truth, and write it back as another text.
fn is_guessed(code: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    if code.is_empty() {
        return false;
    }
    let bytes = code.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) {
        // From twelve digits on they are shown, and saved, as 1.23E+11.
        return bytes.len() > 11 || bytes.len() > 1 && bytes[0] == b'0';
    }
    let lower = code.to_lowercase();
    let letters: Vec<&str> = lower
        .split(|c: char| !c.is_alphabetic())
        .filter(|run| !run.is_empty())
        .collect();
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    match &letters[..] {
        [] => has_digit,
        ["true" | "false" | "wahr" | "falsch" | "vrai" | "faux"] => true,
        ["e" | "am" | "pm" | "a" | "p"] => digits_at(code.trim_start_matches('.')),
        [word] => has_digit && MONTHS.iter().any(|month| word.starts_with(month)),
        _ => false,
    }
}

fn failed(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => Error::unwritten(e),
        other => Error::internal(format!("can't write CSV: {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(product: &str, fields: Option<&[&str]>, dialect: Dialect) -> String {
        let product: Product = serde_json::from_str(product).unwrap();
        let fields = fields.map(|f| f.iter().map(|f| (*f).to_owned()).collect());
        let mut sheet = Sheet::new(Vec::new(), fields, dialect).unwrap();
        sheet.push(&product).unwrap();
        let (bytes, rows) = sheet.finish().unwrap();
        assert_eq!(rows as usize, product.variants.len());
        String::from_utf8(bytes).unwrap()
    }

    const PRODUCT: &str = r#"{"product_id":150,"name":"=Rose, \"red\"\nlong","variants":[
        {"sku_id":450,"sku_code":"00123","variant_name":"Small","price":12.50,"quantity":25},
        {"sku_id":451,"sku_code":null,"variant_name":"-","price":1e2,"quantity":-1,"available":0},
        {"sku_id":452,"sku_code":"'X","price":null,"quantity":0}]}"#;

    #[test]
    fn cells_stand_as_they_were_sent() {
        assert_eq!(
            written(PRODUCT, None, Dialect::Plain),
            "product_id,product_name,sku_id,sku_code,variant_name,price,expected_quantity,quantity\n\
             150,\"=Rose, \"\"red\"\"\nlong\",450,00123,Small,12.50,25,25\n\
             150,\"=Rose, \"\"red\"\"\nlong\",451,,-,1e2,-1,-1\n\
             150,\"=Rose, \"\"red\"\"\nlong\",452,''X,,,0,0\n"
        );
    }

    #[test]
    fn spreadsheets_get_nothing_to_run_or_to_change() {
        assert_eq!(
            written(PRODUCT, None, Dialect::Excel),
            "\u{FEFF}product_id,product_name,sku_id,sku_code,variant_name,price,expected_quantity,quantity\r\n\
             150,\"'=Rose, \"\"red\"\"\nlong\",450,'00123,Small,12.50,25,25\r\n\
             150,\"'=Rose, \"\"red\"\"\nlong\",451,,'-,1e2,-1,-1\r\n\
             150,\"'=Rose, \"\"red\"\"\nlong\",452,''X,,,0,0\r\n"
        );
        for changed in [
            "00123",
            "123456789012",
            "1-2",
            "3/4",
            "1.50",
            "12:30",
            "1E5",
            "5e-3",
            "TRUE",
            "Mar-5",
            "1MAR",
            "SEPT1",
            "(5)",
            "50%",
            "$5",
            "5 pm",
            "=A1",
            "+1",
            "-X",
            "@X",
            "\tX",
            " =1",
            "＝1",
        ] {
            assert_eq!(
                code(changed, Dialect::Excel),
                format!("'{changed}"),
                "{changed}"
            );
        }
        for fine in [
            "450",
            "0",
            "PRB-SM-RED",
            "GEN-1000-1",
            "A1",
            "MARIGOLD",
            "",
            "X5",
            "ROSE 12",
            "গোলাপ-১",
            "12345678901",
        ] {
            assert_eq!(code(fine, Dialect::Excel), fine);
        }
    }

    #[test]
    fn a_terminal_gets_no_line_breaks() {
        let text = written(
            PRODUCT,
            Some(&["product_name", "quantity"]),
            Dialect::Terminal,
        );
        assert_eq!(text.lines().count(), 4);
    }
}
