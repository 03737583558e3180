//! Workbooks (xlsx) on their way out: texts are texts, numbers are numbers, and nothing in them is ever run.

use std::borrow::Cow;
use std::io::Write;

use csv::StringRecord;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, Format, ProtectionOptions, Workbook, Worksheet,
    XlsxError,
};

use crate::contained;
use crate::error::{Error, Result};

/// Rows below the header that a sheet can have.
const ROWS: u32 = 1_048_575;

/// The largest number, and the smallest below 0, of which a spreadsheet keeps every digit.
const EXACT: i64 = 999_999_999_999_999;

/// What is in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Codes and names, to be left as they are.
    Text,
    /// Whole numbers.
    Number,
    /// Numbers with the decimals that they were sent with.
    Price,
    /// Units of stock that are there to be edited.
    Edited,
}

impl Content {
    /// How its cells look in a row that looks like this.
    fn format(self, row: &Format) -> Format {
        match self {
            Content::Text => row.clone().set_num_format("@"),
            Content::Number => row.clone().set_num_format("0"),
            Content::Price => row.clone().set_num_format("0.00"),
            Content::Edited => row.clone().set_num_format("0").set_unlocked(),
        }
    }
}

/// One sheet with a header, being filled.
pub struct Book {
    book: Workbook,
    columns: Vec<Content>,
    /// The row of the header, from 0.
    header: u32,
    /// The last row that was written.
    row: u32,
    /// How a text and each column look, in usual rows and in those that stand out.
    looks: [(Format, Vec<Format>); 2],
}

impl Book {
    /// Begins a workbook with one sheet, what stands above its header, and the header. Rows go to a temporary file, so that it
    /// may have many.
    pub fn new(sheet: &str, titles: &[StringRecord], columns: &[(&str, Content)]) -> Result<Book> {
        let mut book = Workbook::new();
        // A file of more lines than a sheet has rows is refused by the sheet.
        let header = u32::try_from(titles.len()).unwrap_or(ROWS);
        let fill = || -> Result<(), XlsxError> {
            let table = book.add_worksheet_with_constant_memory()?;
            table.set_name(sheet)?;
            table.set_freeze_panes(header + 1, 0)?;
            for (row, title) in (0..).zip(titles) {
                for (at, cell) in (0..).zip(title).filter(|(_, cell)| !cell.is_empty()) {
                    table.write_string(row, at, cell)?;
                }
            }
            let bold = Format::new().set_bold();
            for (at, (name, content)) in (0..).zip(columns) {
                let width = match content {
                    Content::Text => 24.0,
                    _ => 14.0,
                };
                table.set_column_width(at, width)?;
                table.write_string_with_format(header, at, *name, &bold)?;
            }
            Ok(())
        };
        written(fill)?;
        let columns: Vec<Content> = columns.iter().map(|(_, content)| *content).collect();
        let look = |row: Format| {
            let each = columns.iter().map(|content| content.format(&row));
            (Content::Text.format(&row), each.collect())
        };
        let sold_out = Format::new().set_background_color(Color::RGB(0xFF_D9D9));
        Ok(Book {
            book,
            looks: [look(Format::new()), look(sold_out)],
            columns,
            header,
            row: header,
        })
    }

    /// Writes the next row, a cell for each column; `marked` makes it stand out.
    pub fn push<'c>(
        &mut self,
        cells: impl Iterator<Item = Cow<'c, str>>,
        marked: bool,
    ) -> Result<()> {
        if self.row == ROWS {
            return Err(Error::usage("a workbook holds at most 1,048,575 rows")
                .hinted("write CSV instead: give the file a name that ends in .csv"));
        }
        self.row += 1;
        let row = self.row;
        let (as_text, formats) = &self.looks[usize::from(marked)];
        let table = self.book.worksheet_from_index(0).map_err(failed)?;
        let columns = self.columns.iter().zip(formats);
        for ((at, (content, format)), text) in (0..).zip(columns).zip(cells) {
            written(|| match number(*content, &text) {
                _ if text.is_empty() => table.write_blank(row, at, format),
                Some(n) => table.write_number_with_format(row, at, n, format),
                // Locked or not is as the column is; the digits are kept as a text.
                None if *content == Content::Edited => {
                    table.write_string_with_format(row, at, &*text, format)
                }
                None => table.write_string_with_format(row, at, &*text, as_text),
            })?;
        }
        Ok(())
    }

    /// Writes the whole workbook.
    pub fn finish(mut self, to: impl Write + Send) -> Result<()> {
        let (header, last) = (self.header, self.row.max(self.header + 1));
        let edited: Vec<u16> = (0..)
            .zip(&self.columns)
            .filter(|(_, content)| **content == Content::Edited)
            .map(|(at, _)| at)
            .collect();
        let width = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        let table = self.book.worksheet_from_index(0).map_err(failed)?;
        table
            .autofilter(header, 0, last, width.saturating_sub(1))
            .map_err(failed)?;
        if !edited.is_empty() {
            protect(table, &edited, last).map_err(failed)?;
        }
        let book = &mut self.book;
        written(|| book.save_to_writer(to))
    }
}

/// Only these columns can be edited, and only to whole numbers from 0.
fn protect(table: &mut Worksheet, edited: &[u16], last: u32) -> Result<(), XlsxError> {
    table.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
    let whole = DataValidation::new()
        .allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(0))
        .set_error_title("Not a quantity")?
        .set_error_message("A quantity is a whole number from 0 on.")?;
    for at in edited {
        table.add_data_validation(1, *at, last, *at, &whole)?;
    }
    Ok(())
}

/// The number that a cell holds, where a spreadsheet would keep all of it.
fn number(content: Content, text: &str) -> Option<f64> {
    match content {
        Content::Text => None,
        Content::Number | Content::Edited => {
            let number: i64 = text.parse().ok()?;
            (number.to_string() == text && number.abs() <= EXACT).then_some(number as f64)
        }
        Content::Price => text
            .parse()
            .ok()
            .filter(|price: &f64| price.is_finite() && price.abs() <= EXACT as f64),
    }
}

/// What the library writes; it keeps rows in a file of the temporary folder, and panics where that finds no room.
fn written<T>(write: impl FnOnce() -> Result<T, XlsxError>) -> Result<T> {
    contained::run(write).map_or_else(
        |_| {
            let folder = std::env::temp_dir();
            Err(Error::internal(format!(
                "can't write the workbook: its rows find no room in {}",
                folder.display()
            ))
            .hinted("make room, or name another folder with TMPDIR"))
        },
        |written| written.map_err(failed),
    )
}

fn failed(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::unwritten(error),
        XlsxError::MaxStringLengthExceeded => {
            Error::usage("a text has more than 32,767 characters, more than a workbook can hold")
                .hinted("write CSV instead: give the file a name that ends in .csv")
        }
        other => Error::internal("can't write the workbook").caused_by(other),
    }
}
