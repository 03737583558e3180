//! Tables that people like to look at, and that programs can read when they are piped.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle, Width,
};
use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Terminal;
use super::clean::clean;
use super::fields::Kind;
use crate::words::grouped;

/// Stock from 1 to this is low.
const LOW: i64 = 5;

/// A name is never shortened below this, in columns of the terminal.
const NARROWEST: usize = 8;

/// Space between two columns.
const GAP: usize = 2;

const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// One column of a table that is being filled.
pub struct TableColumn {
    /// Its title.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
}

/// Lays out a table. `rows` holds the fields as JSON texts, `None` for one that a row does not have.
pub fn table(
    columns: &[TableColumn],
    rows: &[Vec<Option<Box<str>>>],
    terminal: &Terminal,
) -> String {
    let mut cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            columns
                .iter()
                .zip(row)
                .map(|(column, json)| shown(column.kind, json.as_deref(), terminal))
                .collect()
        })
        .collect();
    let mut widths: Vec<usize> = columns.iter().map(|column| column.title.width()).collect();
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    if let Some(limit) = terminal.width {
        fit(columns, &mut widths, usize::from(limit));
        for row in &mut cells {
            for ((cell, width), column) in row.iter_mut().zip(&widths).zip(columns) {
                if shrinks(column.kind) {
                    *cell = shortened(cell, *width);
                }
            }
        }
    }
    let mut table = Table::new();
    table
        .load_style(if terminal.width.is_some() {
            LOOK
        } else {
            TableStyle::new()
        })
        .set_content_arrangement(ContentArrangement::Disabled);
    if terminal.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(columns.iter().map(|column| {
        let title = Cell::new(&column.title).set_alignment(alignment(column.kind));
        if terminal.color {
            title.add_attribute(Attribute::Bold)
        } else {
            title
        }
    }));
    for (row, json) in cells.iter().zip(rows) {
        table.add_row(
            columns
                .iter()
                .zip(row)
                .zip(json)
                .map(|((column, text), json)| {
                    let cell = Cell::new(text).set_alignment(alignment(column.kind));
                    if terminal.color {
                        painted(cell, column.kind, json.as_deref())
                    } else {
                        cell
                    }
                }),
        );
    }
    let last = columns.len().saturating_sub(1);
    for (n, column) in table.column_iter_mut().enumerate() {
        let gap = if n == last { 0 } else { GAP as u16 };
        column.set_padding((0, gap));
        let width = u16::try_from(widths[n])
            .unwrap_or(u16::MAX)
            .saturating_add(gap);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    table.trim_fmt()
}

fn alignment(kind: Kind) -> CellAlignment {
    match kind {
        Kind::Number | Kind::Stock | Kind::Signed | Kind::Id => CellAlignment::Right,
        _ => CellAlignment::Left,
    }
}

fn shrinks(kind: Kind) -> bool {
    matches!(kind, Kind::Name | Kind::Text)
}

/// Takes from the widest names, then from other words, until the table fits or they are as narrow as may be. Numbers
/// and codes keep their width: a table that is too wide is better than a wrong number.
fn fit(columns: &[TableColumn], widths: &mut [usize], limit: usize) {
    let gaps = GAP * columns.len().saturating_sub(1);
    for kind in [Kind::Name, Kind::Text] {
        loop {
            let over = (widths.iter().sum::<usize>() + gaps).saturating_sub(limit);
            if over == 0 {
                return;
            }
            let floor = |n: usize| columns[n].title.width().max(NARROWEST);
            let widest = (0..columns.len())
                .filter(|&n| columns[n].kind == kind && widths[n] > floor(n))
                .max_by_key(|&n| widths[n]);
            match widest {
                Some(n) => widths[n] -= 1,
                None => break,
            }
        }
    }
}

/// The text cut to `width` columns of a terminal, with `…` where something is missing.
pub fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = width.saturating_sub(1);
    for c in text.chars() {
        let wide = c.width().unwrap_or_default();
        if wide > left {
            break;
        }
        left -= wide;
        short.push(c);
    }
    let mut short = short.trim_end().to_owned();
    short.push('…');
    short
}

/// A field as a person sees it.
pub fn shown(kind: Kind, json: Option<&str>, terminal: &Terminal) -> String {
    let Some(json) = json.filter(|json| *json != "null") else {
        return String::new();
    };
    let on_terminal = terminal.width.is_some();
    if json.starts_with('"') {
        let text: String = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
        if kind == Kind::Time
            && on_terminal
            && let Ok(time) = text.parse::<Timestamp>()
        {
            let local = time.to_zoned_datetime(terminal.time_zone.clone());
            return local.strftime("%Y-%m-%d %H:%M").to_string();
        }
        return clean(&text).into_owned();
    }
    match kind {
        Kind::Number | Kind::Stock if on_terminal => grouped_text(json),
        Kind::Signed if on_terminal && !json.starts_with('-') => format!("+{}", grouped_text(json)),
        Kind::Signed => grouped_if(on_terminal, json),
        Kind::Flag if on_terminal => match json {
            "0" | "false" => "no".to_owned(),
            "1" | "true" => "yes".to_owned(),
            other => clean(other).into_owned(),
        },
        _ => {
            let mut compact = String::new();
            super::json::lay_out(&mut compact, json, false, 0);
            clean(&compact).into_owned()
        }
    }
}

fn grouped_if(group: bool, digits: &str) -> String {
    if group {
        grouped_text(digits)
    } else {
        digits.to_owned()
    }
}

/// The digits before the decimal point in groups of three; what is no plain number stays as it is.
fn grouped_text(number: &str) -> String {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    match whole.parse::<i64>() {
        Ok(whole) => match fraction {
            Some(fraction) => format!("{}.{}", grouped(whole), clean(fraction)),
            None => grouped(whole),
        },
        Err(_) => clean(number).into_owned(),
    }
}

fn painted(cell: Cell, kind: Kind, json: Option<&str>) -> Cell {
    match (kind, json) {
        (Kind::Stock, Some(json)) => match json.parse::<i64>() {
            Ok(..=0) => cell.fg(Color::Red),
            Ok(1..=LOW) => cell.fg(Color::Yellow),
            _ => cell,
        },
        (Kind::Outcome, Some(json)) => match json {
            "\"applied\"" => cell.fg(Color::Green),
            "\"failed\"" | "\"unknown\"" => cell.fg(Color::Red),
            "\"conflict\"" | "\"skipped\"" => cell.fg(Color::Yellow),
            _ => cell,
        },
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn terminal(width: Option<u16>) -> Terminal {
        Terminal {
            width,
            color: false,
            time_zone: TimeZone::UTC,
        }
    }

    fn columns() -> Vec<TableColumn> {
        [
            ("ID", Kind::Id),
            ("NAME", Kind::Name),
            ("UPDATED", Kind::Time),
            ("STOCK", Kind::Stock),
            ("ACTIVE", Kind::Flag),
        ]
        .into_iter()
        .map(|(title, kind)| TableColumn {
            title: title.to_owned(),
            kind,
        })
        .collect()
    }

    fn row(id: &str, name: &str, stock: &str) -> Vec<Option<Box<str>>> {
        [
            id,
            &format!("{name:?}"),
            "\"2025-06-12T14:30:00.000Z\"",
            stock,
            "1",
        ]
        .into_iter()
        .map(|json| Some(json.into()))
        .collect()
    }

    #[test]
    fn a_terminal_gets_groups_local_times_and_short_names() {
        let rows = [
            row(
                "150",
                "Premium Rose Bouquet with a very long name indeed",
                "1234567",
            ),
            row("149", "花束の詰め合わせ大きいサイズ特別版", "0"),
        ];
        let shown = table(&columns(), &rows, &terminal(Some(60)));
        let rule = "─".repeat(60);
        let expected = [
            " ID  NAME                UPDATED               STOCK  ACTIVE",
            &rule,
            "150  Premium Rose Bouq…  2025-06-12 14:30  1,234,567  yes",
            "149  花束の詰め合わせ…   2025-06-12 14:30          0  yes",
        ];
        assert_eq!(shown, expected.join("\n"));
    }

    #[test]
    fn a_pipe_gets_plain_columns() {
        let rows = [row("150", "Premium Rose Bouquet", "1234567")];
        let expected = [
            " ID  NAME                  UPDATED                     STOCK  ACTIVE",
            "150  Premium Rose Bouquet  2025-06-12T14:30:00.000Z  1234567  1",
        ];
        assert_eq!(
            table(&columns(), &rows, &terminal(None)),
            expected.join("\n")
        );
    }

    #[test]
    fn names_are_cut_by_what_a_terminal_shows() {
        assert_eq!(shortened("Rose", 4), "Rose");
        assert_eq!(shortened("Roses", 4), "Ros…");
        assert_eq!(shortened("花束花束", 6), "花束…");
        assert_eq!(shortened("花束花束", 5), "花束…");
    }

    #[test]
    fn numbers_and_codes_are_never_cut() {
        let columns = [
            TableColumn {
                title: "SKU".to_owned(),
                kind: Kind::Code,
            },
            TableColumn {
                title: "STOCK".to_owned(),
                kind: Kind::Stock,
            },
        ];
        let code = "A-VERY-LONG-CODE-FROM-A-LABEL";
        let rows = [vec![
            Some(format!("{code:?}").into()),
            Some("123456789".into()),
        ]];
        let shown = table(&columns, &rows, &terminal(Some(20)));
        assert!(
            shown.contains(code) && shown.contains("123,456,789"),
            "{shown}"
        );
    }
}
