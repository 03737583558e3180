//! A damaged table is refused, or means what it meant: a quote missing or one too many, a cell lost or put in.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::numbers::is_number;
use super::*;
use crate::wanted::{Twice, Wanted};

/// A table whose rows fill every column, and how it is written.
#[derive(Clone, Debug)]
struct Whole {
    headers: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    delimiter: u8,
    quotes: csv::QuoteStyle,
    terminator: csv::Terminator,
}

/// What happens to it.
#[derive(Clone, Debug)]
enum Damage {
    QuoteLost(Index),
    QuotePutIn(Index),
    /// At the edge of a cell, where a quote does most.
    QuoteAtAnEdge(Index),
    /// Of a row, the header being the first.
    CellLost(Index, Index),
    CellPutIn(Index, Index, String),
}

/// What a text is made of, so that delimiters, quotes and line breaks meet.
fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a", "Bo", "5", "30", ",", ";", "\"", "\n", "\r\n", " ", "x,7,y", "é",
    ]);
    let text = prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
    text.prop_map(|text| match text.trim() {
        "" => "t".to_owned(),
        _ => text,
    })
}

/// A feed that does not quote has nothing that would need it, and inch signs.
fn unquoted(text: &str, delimiter: u8) -> String {
    let inches = if text.contains('"') { "5\"" } else { "" };
    let held = [char::from(delimiter), '\r', '\n', '"'];
    format!("t{}{inches}", text.replace(held, ""))
}

/// What stands under a header, by the row.
fn cell(header: &str, row: usize, text: &str, number: u16) -> String {
    match header {
        "sku" if number.is_multiple_of(4) => format!("{}{row}", number % 1000),
        "sku" => format!("C{row}{}", text.trim().trim_end_matches('"')),
        "name" | "remark" | "note" => text.to_owned(),
        "price" => format!("{}.{:02}", number % 100, number % 60),
        "product_id" => (u32::from(number) + 1).to_string(),
        _ => (number % 2000 + 1).to_string(),
    }
}

fn whole() -> impl Strategy<Value = Whole> {
    let values = select(vec![
        vec!["qty"],
        vec!["qty", "expected quantity"],
        vec!["delta"],
    ]);
    let others =
        prop::sample::subsequence(vec!["name", "remark", "note", "price", "product_id"], 0..4);
    let headers = (values, others).prop_flat_map(|(values, others)| {
        let all = [vec!["sku"], values, others].concat();
        Just(all).prop_shuffle()
    });
    let rows = prop::collection::vec(prop::collection::vec((text(), any::<u16>()), 8), 1..6);
    let form = (
        select(vec![b',', b';', b'\t']),
        select(vec![
            csv::QuoteStyle::Always,
            csv::QuoteStyle::Necessary,
            csv::QuoteStyle::NonNumeric,
            csv::QuoteStyle::Never,
        ]),
        select(vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n')]),
    );
    (headers, rows, form).prop_map(|(headers, rows, (delimiter, quotes, terminator))| {
        let clean = |text: &str| match quotes {
            csv::QuoteStyle::Never => unquoted(text, delimiter),
            _ => text.to_owned(),
        };
        let row = |(nth, cells): (usize, &Vec<(String, u16)>)| {
            let cells = headers.iter().zip(cells);
            cells
                .map(|(header, (text, number))| cell(header, nth, &clean(text), *number))
                .collect()
        };
        Whole {
            rows: rows.iter().enumerate().map(row).collect(),
            headers,
            delimiter,
            quotes,
            terminator,
        }
    })
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        3 => at().prop_map(Damage::QuoteLost),
        1 => at().prop_map(Damage::QuotePutIn),
        3 => at().prop_map(Damage::QuoteAtAnEdge),
        2 => (at(), at()).prop_map(|(row, cell)| Damage::CellLost(row, cell)),
        1 => (at(), at(), text()).prop_map(|(row, cell, text)| Damage::CellPutIn(row, cell, text)),
    ]
}

impl Whole {
    fn cells(&self) -> Vec<Vec<String>> {
        let headers = self
            .headers
            .iter()
            .map(|header| (*header).to_owned())
            .collect();
        std::iter::once(headers)
            .chain(self.rows.iter().cloned())
            .collect()
    }

    fn written(&self, rows: &[Vec<String>]) -> String {
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .delimiter(self.delimiter)
            .quote_style(self.quotes)
            .terminator(self.terminator)
            .from_writer(Vec::new());
        rows.iter()
            .for_each(|row| writer.write_record(row).unwrap());
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// The damaged file; `None` where nothing can be said of it.
    fn damaged(&self, damage: &Damage) -> Option<String> {
        let mut rows = self.cells();
        let mut text = self.written(&rows);
        match damage {
            Damage::QuoteLost(at) => {
                let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
                if quotes.is_empty() {
                    return None;
                }
                text.remove(*at.get(&quotes));
                return Some(text);
            }
            Damage::QuotePutIn(at) => {
                let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                text.insert(*at.get(&places), '"');
                return Some(text);
            }
            Damage::QuoteAtAnEdge(at) => {
                let edge = |c: char| c == '\n' || c == char::from(self.delimiter);
                let edges = text.match_indices(edge).flat_map(|(at, _)| [at, at + 1]);
                let edges: Vec<usize> = std::iter::once(0).chain(edges).collect();
                text.insert(*at.get(&edges), '"');
                return Some(text);
            }
            Damage::CellLost(row, cell) => {
                let row = row.index(rows.len());
                let cell = cell.index(rows[row].len());
                if self.runs_together(row, cell) {
                    return None;
                }
                rows[row].remove(cell);
            }
            Damage::CellPutIn(row, cell, text) => {
                let row = row.index(rows.len());
                let cell = cell.index(rows[row].len() + 1);
                if row == 0 && self.runs_together(row, cell) {
                    return None;
                }
                let text = match self.quotes {
                    csv::QuoteStyle::Never => unquoted(text, self.delimiter),
                    _ => text.clone(),
                };
                rows[row].insert(cell, text);
            }
        }
        Some(self.written(&rows))
    }

    /// Whether two numbers stand side by side from this cell on, or up to it: one takes the other's place, and where
    /// rows may lack cells at their end it can't be told.
    fn runs_together(&self, row: usize, cell: usize) -> bool {
        let beside = |cells: &Vec<String>| {
            let from = cell.saturating_sub(1);
            let mut pairs = cells.windows(2).skip(from);
            pairs.any(|pair| is_number(&pair[0]) && is_number(&pair[1]))
        };
        match row.checked_sub(1) {
            Some(row) => beside(&self.rows[row]),
            None => self.rows.iter().any(beside),
        }
    }
}

/// Code, product, value and expected quantity of a row, and whether it fails.
type Asked = (String, Option<i64>, i64, Option<i64>, bool);

impl Take for Vec<Asked> {
    fn take(&mut self, row: &Wanted<'_>) -> Result<()> {
        self.push((
            row.code.unwrap_or_default().to_owned(),
            row.product.map(|id| id.get()),
            row.value,
            row.expected,
            row.fault.is_some(),
        ));
        Ok(())
    }

    fn named_twice(&self) -> Result<Vec<Twice>> {
        Ok(Vec::new())
    }
}

/// What a file asks for.
fn asked(text: &str) -> Result<Vec<Asked>> {
    let mut rows = Vec::new();
    super::super::read(text.as_bytes(), &Options::default(), &mut rows)?;
    Ok(rows)
}

proptest! {
    #[test]
    fn a_damaged_table_is_refused_or_means_what_it_meant(whole in whole(), damage in damage()) {
        let intact = whole.written(&whole.cells());
        // A table that is no clear one before is none of this test's: a text that looks like rows, a quote in a code.
        let Ok(meant) = asked(&intact) else { return Ok(()) };
        let Some(damaged) = whole.damaged(&damage) else { return Ok(()) };
        if let Ok(now) = asked(&damaged) {
            prop_assert_eq!(now, meant, "{}\nbecame\n{}", intact, damaged);
        }
    }
}
