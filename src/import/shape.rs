//! Whether the cells of rows line up with the headers. A quote too many, or a cell lost, moves numbers under other
//! headers and codes to other rows without making any of them unreadable, so that what casts doubt refuses the file.

use std::ops::RangeInclusive;

use csv::StringRecord;

use super::Options;
use super::cells::{asks_nothing, shown, trimmed, unwrapped};
use super::columns::Columns;
use super::faults::Faults;
use super::numbers::{all_digits, whole};
use super::quotes::{How, Odd, Quotes, Wide};
use super::table::{Row, Table};
use super::workbook::cell_name;

/// What can be done where each line is one quoted cell.
pub(super) const IN_QUOTES_AS_A_WHOLE: &str = "take the quotes around whole lines away, in a shell with: tr -d '\\r' | sed 's/^\"//; s/\"$//; s/\"\"/\"/g'";

/// What can be done where a line is one cell, and no quote makes it so.
const OTHER_DELIMITER: &str =
    "if something else separates the cells of the file, say what does: --delimiter C";

/// What makes a cell that stands alone in its line a line with several cells.
pub(super) const SEPARATES: [char; 4] = [',', ';', '\t', '|'];

/// What is said to those whose quotes are in doubt.
const SAY_QUOTES: &str = "mend the quotes; or say --quote none where they are part of the texts, and --quote '\"' where they are right as they stand";

/// What is known of the rows that were looked at.
pub(super) struct Shape<'a> {
    columns: &'a Columns,
    options: &'a Options,
    /// Cells up to the last header that has a name.
    named: usize,
    /// How many cells a row needs: all that are read, but for the reason.
    needed: usize,
    /// Whether a cell is quoted.
    quoted: bool,
    /// Whether a row has fewer cells than the header.
    short: bool,
    /// Rows with odd quotes in columns that nobody reads: they count where something else is odd as well.
    odd: Faults,
}

/// How a row's cells compare with the headers.
enum Width {
    /// The last ones are missing.
    Short,
    /// As many, or more that are empty.
    Full,
    /// There is something in this one, which has no header.
    Beyond(usize),
}

impl<'a> Shape<'a> {
    pub(super) fn new(columns: &'a Columns, options: &'a Options) -> Shape<'a> {
        let up_to = |last: Option<usize>| last.map_or(0, |last| last + 1);
        Shape {
            columns,
            options,
            named: up_to(columns.headers.iter().rposition(|h| !h.is_empty())),
            needed: up_to((0..columns.headers.len()).rfind(|at| columns.decides(*at))),
            quoted: false,
            short: false,
            odd: Faults::default(),
        }
    }

    /// The quotes of a row, where nobody said what they are.
    fn doubted<'r>(&self, row: &'r Row) -> Option<&'r Quotes> {
        row.quotes.as_ref().filter(|_| self.options.quote.is_none())
    }

    /// Looks at the quotes of the header line.
    pub(super) fn header(&mut self, table: &Table<'_>, row: &Row, faults: &mut Faults) {
        let Some(quotes) = self.doubted(row) else {
            return;
        };
        self.quoted |= quotes.quoted;
        if let Some(odd) = quotes.odd.first() {
            let header = self.columns.headers.get(odd.cell).map(String::as_str);
            faults.add(row.line, header, in_words(odd));
            faults.hint(SAY_QUOTES);
        }
        for wide in &quotes.wide {
            // How many headers there are can't be told then, but each row has as many cells.
            let (mut lines, mut cells, mut all) = (0, 0, true);
            table.lines(row, wide, |record, _| {
                all = if lines == 0 {
                    cells = record.len();
                    cells > self.columns.value
                } else {
                    record.len() == cells && self.has_value(record)
                };
                lines += 1;
                all
            });
            if all && lines > 1 {
                hidden(table, row, wide, faults);
            }
        }
    }

    /// Whether the row can be read; what it says otherwise is among the faults.
    pub(super) fn fits(
        &mut self,
        table: &Table<'_>,
        row: &Row,
        record: &StringRecord,
        faults: &mut Faults,
    ) -> bool {
        let width = self.width(record);
        if !self.quotes_fit(table, row, &width, faults) {
            return false;
        }
        self.short |= matches!(width, Width::Short);
        let Some((message, hint)) = self.misfit(row, record, &width) else {
            return true;
        };
        faults.add(row.line, None, message);
        if let Some(hint) = hint {
            faults.hint(hint);
        }
        if let (Width::Beyond(at), Some(sheet)) = (width, table.sheet)
            && let Ok(at) = u32::try_from(at)
        {
            faults.in_cell(cell_name(&sheet.name, row.line - 1, at));
        }
        false
    }

    fn quotes_fit(
        &mut self,
        table: &Table<'_>,
        row: &Row,
        width: &Width,
        faults: &mut Faults,
    ) -> bool {
        let Some(quotes) = self.doubted(row) else {
            return true;
        };
        self.quoted |= quotes.quoted;
        // One that is read says more than one that is not.
        let read = |odd: &&Odd| self.columns.decides(odd.cell);
        let found = quotes.odd.iter().find(read).or(quotes.odd.first());
        if let Some(odd) = found {
            let used = read(&odd);
            let to = if used { &mut *faults } else { &mut self.odd };
            let header = self.columns.headers.get(odd.cell).map(String::as_str);
            to.add(row.line, header, in_words(odd));
            if used {
                faults.hint(SAY_QUOTES);
                return false;
            }
        }
        for wide in &quotes.wide {
            if self.hides_rows(table, row, wide, width) {
                hidden(table, row, wide, faults);
                return false;
            }
        }
        true
    }

    /// What is wrong with the number of a row's cells, and what can be done about it.
    fn misfit(
        &self,
        row: &Row,
        record: &StringRecord,
        width: &Width,
    ) -> Option<(String, Option<&'static str>)> {
        let columns = self.columns;
        let (cells, cell) = (record.len(), |at: usize| shown(trimmed(&record[at])));
        match width {
            Width::Beyond(at) => {
                let (cell, named) = (cell(*at), self.named);
                let message = format!(
                    "{cell} stands under no header: the row has {cells} cells, the header has {named}"
                );
                Some((message, None))
            }
            Width::Full => {
                let at = self.cut_in_two(record)?;
                let message = format!(
                    "the row has {cells} cells, the header has {}, and {} and {} may be one number that a comma cut in two",
                    columns.headers.len(),
                    cell(at),
                    cell(at + 1),
                );
                let hint = "put such numbers in quotes, or take the empty cell at the end of such rows away";
                Some((message, Some(hint)))
            }
            Width::Short if cells == 1 && self.needed > 1 && record[0].contains(SEPARATES) => {
                let quoted = row.quotes.as_ref().is_some_and(|quotes| quotes.quoted);
                let (message, hint) = match quoted {
                    true => (
                        "the line is in quotes as a whole, so that it is one cell",
                        IN_QUOTES_AS_A_WHOLE,
                    ),
                    false => (
                        "the line is one cell: something else separates its cells than those of the header",
                        OTHER_DELIMITER,
                    ),
                };
                Some((message.to_owned(), Some(hint)))
            }
            Width::Short => {
                // Only what is not read can be missing from a row without a doubt: a number that went is a number that
                // is not set, and one before a code moves the next cell under its header.
                let behind = columns.sku_code.filter(|at| *at > columns.value);
                if cells >= self.needed && behind.is_none() {
                    return None;
                }
                let message = format!(
                    "has {cells} of {} cells, and {} may be one of those that are missing",
                    self.named,
                    columns.headers[behind.unwrap_or(self.needed - 1)],
                );
                let hint = "write the empty cells at the end of such rows too";
                Some((message, Some(hint)))
            }
        }
    }

    /// The faults that show only when all rows were seen.
    pub(super) fn finish(&mut self, faults: &mut Faults) {
        // Where no cell is quoted and every row is whole, quotes are letters, and both ways to read them agree.
        if self.odd.count() > 0 && (self.quoted || self.short) {
            let mut odd = std::mem::take(&mut self.odd);
            odd.hint(SAY_QUOTES);
            faults.merge(odd);
        }
    }

    /// The first half of a number that the delimiter cut in two and that moved the quantity under another header: the row
    /// has more cells than the header, and only because the last one is empty does nothing stand beyond it.
    fn cut_in_two(&self, record: &StringRecord) -> Option<usize> {
        if record.len() <= self.columns.headers.len() {
            return None;
        }
        let half = |at: usize, lengths: RangeInclusive<usize>| {
            let cell = trimmed(&record[at]).trim_start_matches(['-', '+']);
            all_digits(cell) && lengths.contains(&cell.len())
        };
        // Decimals are two digits, or the three of a thousand.
        (0..=self.columns.value.min(record.len() - 2))
            .find(|at| half(*at, 1..=3) && half(*at + 1, 2..=3))
    }

    fn width(&self, record: &StringRecord) -> Width {
        if record.len() < self.named {
            return Width::Short;
        }
        let beyond = (self.named..record.len()).find(|at| !trimmed(&record[*at]).is_empty());
        beyond.map_or(Width::Full, Width::Beyond)
    }

    /// Whether the cells are as many as the headers, with a number or nothing under the quantity.
    fn is_row(&self, record: &StringRecord) -> bool {
        matches!(self.width(record), Width::Full) && self.has_value(record)
    }

    /// Whether a quoted cell holds what would be rows: each of its lines is one; or one that lies within it has a cell for
    /// each header, a code and a number; or most of them could be rows that lack the cells at their end.
    fn hides_rows(&self, table: &Table<'_>, row: &Row, wide: &Wide, width: &Width) -> bool {
        let over_lines = table.line_of(row, wide.close) > table.line_of(row, wide.open);
        // A cell on one line can only have taken in cells that are missing behind it.
        if !over_lines && !matches!(width, Width::Short) {
            return false;
        }
        let (mut lines, mut fit, mut like) = (0u64, 0u64, 0u64);
        let mut whole = false;
        table.lines(row, wide, |record, within| {
            lines += 1;
            fit += u64::from(self.is_row(record));
            like += u64::from(self.is_like_row(record));
            whole = within && self.is_row(record) && self.is_like_row(record);
            !whole
        });
        match over_lines {
            true => whole || lines > 1 && (fit == lines || like * 2 > lines),
            false => fit == lines,
        }
    }

    /// Whether a line has a code and a number where a row has them, as programs write them: behind a comma in a sentence
    /// stands a blank.
    fn is_like_row(&self, record: &StringRecord) -> bool {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let names = |at: Option<usize>| at.is_some_and(|at| !trimmed(cell(at)).is_empty());
        let value = cell(self.columns.value);
        !matches!(self.width(record), Width::Beyond(_))
            && (names(self.columns.sku_code) || names(self.columns.sku_id))
            && !asks_nothing(trimmed(value))
            && self.has_value(record)
            && record.iter().all(|cell| !cell.starts_with(' '))
    }

    fn has_value(&self, record: &StringRecord) -> bool {
        let value = unwrapped(record.get(self.columns.value).unwrap_or_default());
        asks_nothing(trimmed(&value)) || whole(&value, self.options.thousands).is_ok()
    }
}

fn in_words(odd: &Odd) -> &'static str {
    match odd.how {
        How::Inside => "a quote stands in the middle of the cell",
        How::BlankBefore => "a blank stands before the quote that should open the cell",
        How::GoesOn(..) => "the cell goes on behind its closing quote",
    }
}

fn hidden(table: &Table<'_>, row: &Row, wide: &Wide, faults: &mut Faults) {
    let (from, to) = (
        table.line_of(row, wide.open),
        table.line_of(row, wide.close),
    );
    let message = if from == to {
        "the quoted cell holds what would be cells of their own: a quote is missing or one too many"
            .to_owned()
    } else {
        format!(
            "the quoted cell that begins here runs to line {to}, over lines that are rows of their own: a quote is missing or one too many"
        )
    };
    faults.add(from, None, message);
    faults.hint(SAY_QUOTES);
}
