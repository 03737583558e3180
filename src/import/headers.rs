//! A file's headers: which of them means what, and what to say where none or two of them do.

use csv::StringRecord;

use super::cells::trimmed;
use super::columns::{Column, Filter, builtin, map_option, plain as plain_of};
use super::likely::{fits, likely};
use super::numbers::all_digits;
use super::rivals::is_like_quantity;
use super::shape::{IN_QUOTES_AS_A_WHOLE, SEPARATES};
use super::source::Source;
use crate::error::{Error, Result};
use crate::shell::option;
use crate::wanted::Mode;

/// A file's headers and what each may mean.
pub(super) struct Headers<'a> {
    /// The file that they are from.
    source: &'a Source<'a>,
    /// As it writes them.
    pub(super) written: Vec<String>,
    /// As [`plain`] writes them.
    pub(super) plain: Vec<String>,
    /// What `--map` says.
    pub(super) explicit: Vec<Option<Column>>,
    /// Those that `--ignore` leaves out.
    pub(super) ignored: Vec<bool>,
}

impl<'a> Headers<'a> {
    /// An error, usage, where `--map` or `--ignore` names a header that isn't there.
    pub(super) fn new(record: &StringRecord, source: &'a Source<'a>) -> Result<Headers<'a>> {
        let options = &source.options;
        let ignored: Vec<String> = options.ignore.iter().map(plain_of).collect();
        let written: Vec<String> = record.iter().map(|h| trimmed(h).to_owned()).collect();
        let plain: Vec<String> = written.iter().map(plain_of).collect();
        let mut headers = Headers {
            source,
            explicit: vec![None; written.len()],
            ignored: plain.iter().map(|h| ignored.contains(h)).collect(),
            written,
            plain,
        };
        for (theirs, asked) in options.ignore.iter().zip(&ignored) {
            if !headers.plain.contains(asked) {
                return Err(headers.no_such(theirs, "ignore"));
            }
        }
        for (theirs, column) in &options.map {
            let at = headers.named(theirs, "map")?;
            if headers.ignored[at] {
                return Err(Error::usage(format!(
                    "--map reads {theirs}, and --ignore leaves it out"
                )));
            }
            if let Some(other) = headers.explicit[at].replace(*column)
                && other != *column
            {
                return Err(Error::usage(format!(
                    "--map reads {theirs} both as {other} and as {column}"
                )));
            }
        }
        Ok(headers)
    }

    fn meaning(&self, at: usize) -> Option<Column> {
        if self.ignored[at] {
            return None;
        }
        // Amazon's product ids are not the store's.
        let amazons = |column: &Column| {
            *column == Column::ProductId && self.plain.iter().any(|h| h == "productidtype")
        };
        let own = || builtin(&self.plain[at]).filter(|column| !amazons(column));
        self.explicit[at].or_else(own)
    }

    /// The first column with this meaning.
    fn first(&self, column: Column) -> Option<usize> {
        (0..self.written.len()).find(|&at| self.meaning(at) == Some(column))
    }

    /// Whether a column that means nothing else could be the quantity.
    pub(super) fn may_be_quantity(&self, at: usize) -> bool {
        let own = self.meaning(at).filter(|own| *own != Column::Quantity);
        own.is_none() && is_like_quantity(&self.written[at])
    }

    /// The one column with this meaning: of several, the one that `--map` names.
    pub(super) fn one(&self, column: Column) -> Result<Option<usize>> {
        let all = 0..self.written.len();
        let mut meant: Vec<usize> = all.filter(|&i| self.meaning(i) == Some(column)).collect();
        if meant.iter().any(|&i| self.explicit[i].is_some()) {
            meant.retain(|&i| self.explicit[i].is_some());
        }
        match meant[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            [first, second, ..] => {
                let (a, b) = (&self.written[first], &self.written[second]);
                let message = match self.plain[first] == self.plain[second] {
                    true => format!("two columns are called {a}, and both would be {column}"),
                    false => format!("{a} and {b} would both be {column}"),
                };
                // An option can't tell columns of one name apart.
                meant.retain(|&at| self.is_alone(at));
                let maps = meant
                    .iter()
                    .map(|&at| map_option(&self.written[at], column));
                let maps: Vec<String> = maps.collect();
                Err(Error::usage(message).hinted(match maps.is_empty() {
                    true => "take one of them out, or give it another name".to_owned(),
                    false => format!("say which one is meant: {}", maps.join(" or ")),
                }))
            }
        }
    }

    /// Whether no other column is called the same.
    fn is_alone(&self, at: usize) -> bool {
        let same = self.plain.iter().filter(|other| **other == self.plain[at]);
        same.count() == 1
    }

    /// What the rows do: what was asked for, or what the headers say.
    pub(super) fn mode(&self) -> Result<Mode> {
        if let Some(mode) = self.source.options.mode {
            return Ok(mode);
        }
        match (self.first(Column::Quantity), self.first(Column::Adjustment)) {
            (Some(_), None) => Ok(Mode::Set),
            (None, Some(_)) => Ok(Mode::Adjust),
            (Some(quantity), Some(adjustment)) => Err(Error::usage(format!(
                "the file has a quantity ({}) and an adjustment ({})",
                self.written[quantity], self.written[adjustment]
            ))
            .hinted("say which one counts: --mode set or --mode adjust")),
            (None, None) => {
                Err(self.unhelpful("no column is a quantity or an adjustment", Column::Quantity))
            }
        }
    }

    /// The error for a mode whose column is missing.
    pub(super) fn lacks(&self, mode: Mode, column: Column) -> Error {
        let message = format!("--mode {} needs a column {column}", mode.name());
        self.unhelpful(&message, column)
    }

    /// The error for headers of which none means `column`.
    pub(super) fn unhelpful(&self, message: &str, column: Column) -> Error {
        Error::usage(format!(
            "{message}; the file's headers are {}",
            self.shown()
        ))
        .hinted(self.way_on(column))
    }

    /// What can be done about headers of which none means `column`.
    fn way_on(&self, column: Column) -> String {
        let mut named = self.written.iter().filter(|header| !header.is_empty());
        let looks_like_a_row = named.any(|header| header.parse::<f64>().is_ok())
            && self.plain.iter().all(|header| builtin(header).is_none());
        if let [one] = &self.written[..] {
            return if self.source.sheet.is_some() {
                "each column of the table has to be a column of the sheet; --sheet NAME reads another sheet"
                    .to_owned()
            } else if self.source.options.delimiter.is_some() {
                "what --delimiter says does not separate its cells: leave --delimiter out"
                    .to_owned()
            } else if let Some(separates) = one.matches(SEPARATES).next() {
                self.other_than(separates)
            } else {
                "if neither comma, semicolon nor tab separates its cells, say what does: --delimiter C"
                    .to_owned()
            };
        }
        if looks_like_a_row {
            return "the first line has to name the columns, such as sku_code,quantity".to_owned();
        }
        let likely = self.likely(column);
        if let (Column::Adjustment, Some(hint)) = (column, self.counts(&likely)) {
            return hint;
        }
        if let (Column::SkuCode, [(header, _)]) = (column, &likely[..])
            && self.holds_ids(header)
        {
            return format!(
                "say what its numbers are: codes with {}, the store's own sku ids with {}; --save-recipe NAME keeps it for the next file",
                map_option(header, column),
                map_option(header, Column::SkuId)
            );
        }
        if likely.is_empty() && column == Column::ExpectedQuantity {
            return "a file without it can be set as it is: --mode set".to_owned();
        }
        if likely.is_empty() {
            return format!("where one of them is it, say which: --map 'THEIR HEADER={column}'");
        }
        let maps = likely.iter().map(|(header, own)| map_option(header, *own));
        format!(
            "say which one it is, such as {}; --save-recipe NAME keeps it for the next file",
            maps.collect::<Vec<_>>().join(" or ")
        )
    }

    /// What can be done about a header line that is one cell with what may separate cells in it: quotes hold it together, or
    /// a `sep=` line says otherwise.
    fn other_than(&self, separates: &str) -> String {
        let table = &self.source.text[self.source.layout.skip..];
        if table.trim_start().starts_with('"') {
            return IN_QUOTES_AS_A_WHOLE.to_owned();
        }
        let named = if separates == "\t" { "tab" } else { separates };
        format!(
            "its first line names something else than what separates its cells: {}",
            option("delimiter", named)
        )
    }

    /// What can be done where adjustments are asked for and the file says how many there are.
    fn counts(&self, likely: &[(&str, Column)]) -> Option<String> {
        let quantity = &self.written[self.first(Column::Quantity)?];
        if likely.iter().any(|(header, _)| header != quantity) {
            return None;
        }
        if self.first(Column::ExpectedQuantity).is_some() {
            return Some(format!(
                "{quantity} says how many were counted, beside how many were expected: --mode stocktake"
            ));
        }
        Some(format!(
            "{quantity} says how many there are, and leaving --mode out sets that; where its numbers are to be added: {}",
            map_option(quantity, Column::Adjustment)
        ))
    }

    /// Whether numbers stand under a header that could be ids as well as codes.
    fn holds_ids(&self, header: &str) -> bool {
        let rows = self.source.first_rows();
        let cells = self.under(header, &rows);
        let id = |cell: &&str| !cell.starts_with('0') && cell.len() < 10 && all_digits(cell);
        !cells.is_empty() && cells.iter().all(id)
    }

    /// What stands under a header in these rows.
    fn under<'r>(&self, header: &str, rows: &'r [StringRecord]) -> Vec<&'r str> {
        let at = self.written.iter().position(|written| written == header);
        let cells = rows.iter().filter_map(|row| row.get(at?).map(trimmed));
        cells.filter(|cell| !cell.is_empty()).collect()
    }

    /// The headers that `column` most likely has, each with what it would be.
    fn likely(&self, column: Column) -> Vec<(&str, Column)> {
        let (mut free, mut known) = (Vec::new(), Vec::new());
        for (at, header) in self.written.iter().enumerate() {
            match self.meaning(at) {
                Some(own) => known.push((header.as_str(), own)),
                None if self.ignored[at] || header.is_empty() => {}
                None => free.push(header.as_str()),
            }
        }
        let rows = self.source.first_rows();
        let mut fitting = free.clone();
        fitting.retain(|header| fits(column, &self.under(header, &rows)));
        let mut found = likely(column, &fitting, &known);
        if found.is_empty() {
            found = likely(column, &free, &known);
        }
        found
    }

    /// What `--only` asks for: values of one header are alternatives.
    pub(super) fn filters(&self, only: &[(String, String)]) -> Result<Vec<Filter>> {
        let mut filters: Vec<Filter> = Vec::new();
        for (header, value) in only {
            let at = self.named(header, "only")?;
            let value = trimmed(value).to_owned();
            match filters.iter_mut().find(|filter| filter.at == at) {
                Some(filter) => filter.values.push(value),
                None => filters.push(Filter {
                    at,
                    values: vec![value],
                }),
            }
        }
        Ok(filters)
    }

    /// The column that `--map` or `--only` names.
    fn named(&self, header: &str, asked_by: &str) -> Result<usize> {
        let asked = plain_of(header);
        let mut found = (0..self.plain.len()).filter(|&i| self.plain[i] == asked);
        match (found.next(), found.next()) {
            (Some(at), None) => Ok(at),
            (Some(_), Some(_)) => Err(Error::usage(format!(
                "--{asked_by} {header}: two columns of the file are called that"
            ))
            .hinted("give one of them another name")),
            (None, _) => Err(self.no_such(header, asked_by)),
        }
    }

    /// The error for an option that names a header which is not there.
    fn no_such(&self, header: &str, asked_by: &str) -> Error {
        let asked = plain_of(header);
        let error = Error::usage(format!(
            "--{asked_by} {header}: the file has no such header"
        ));
        let near = (0..self.plain.len())
            .filter(|&i| !self.plain[i].is_empty())
            .map(|i| (strsim::damerau_levenshtein(&self.plain[i], &asked), i))
            .min()
            .filter(|(distance, i)| *distance <= 2 && *distance < self.plain[*i].chars().count());
        match near {
            Some((_, i)) => error.hinted(format!("did you mean {}?", self.written[i])),
            None => error.hinted(format!("its headers are {}", self.shown())),
        }
    }

    /// The headers as the file writes them.
    fn shown(&self) -> String {
        const SHOWN: usize = 30;
        let named = || self.written.iter().filter(|header| !header.is_empty());
        let mut shown: Vec<&str> = named().take(SHOWN).map(String::as_str).collect();
        if named().count() > SHOWN {
            shown.push("…");
        }
        shown.join(", ")
    }
}
