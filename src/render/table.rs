//! Tables that people like to look at, and that programs can read when they are piped.
//!
//! On a terminal a row never breaks (docs/commands.md: Output): names are shortened, columns that are less needed go to a
//! line below the row, and so does a reason that is too long for its place. Where even that is too wide, and below
//! [`NARROW`] columns, a row is a few lines ([`super::cards`]).

use std::fmt::Write as _;

use comfy_table::{
    Attribute, Cell, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

use super::Terminal;
use super::cards;
use super::cells::{alignment, shown, table_color};
use super::fields::Kind;
use crate::width::{is_certain, most, shortened, wrapped};

/// A name is never shortened below this, in columns of the terminal.
const NARROWEST: usize = 8;

/// Space between two columns.
const GAP: usize = 2;

/// A terminal of fewer columns shows no table.
const NARROW: usize = 60;

/// How far a line below a row is indented.
const INDENT: usize = 4;

const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// One column of a table that is being filled.
#[derive(Clone)]
pub struct TableColumn {
    /// Its title.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
    /// It leaves the table first where there is no room.
    pub spare: bool,
}

/// A field: as JSON, which decides its colour, and as it is shown.
#[derive(Clone, Default)]
pub struct Field {
    pub json: Option<Box<str>>,
    pub text: String,
}

/// A row: its fields, and what stands below it.
#[derive(Default)]
struct Row {
    fields: Vec<Field>,
    below: Vec<String>,
}

/// The table while it is made to fit.
struct Grid {
    columns: Vec<TableColumn>,
    rows: Vec<Row>,
}

/// Lays out a table. `rows` holds the fields as JSON texts, `None` for one that a row does not have. `asked`: the user
/// chose the columns, so that they keep their order.
pub fn table(
    columns: &[TableColumn],
    rows: &[Vec<Option<Box<str>>>],
    asked: bool,
    terminal: &Terminal,
) -> String {
    let mut grid = Grid::new(columns, rows, asked, terminal);
    let Some(width) = terminal.width.map(usize::from) else {
        return grid.drawn(terminal);
    };
    if width < NARROW {
        return grid.cards(width, terminal);
    }
    if !asked {
        grid.one_name_of_uncertain_width();
    }
    if grid.width() > width {
        grid.reasons_below(width);
        grid.spares_below(width);
        if grid.least() > width {
            return Grid::new(columns, rows, asked, terminal).cards(width, terminal);
        }
        grid.shorten_names(width);
    }
    grid.drawn(terminal)
}

/// Whether a column tells one row from another: a number that is not 0, or words that are not the same for all.
fn says_something<'a>(kind: Kind, mut texts: impl Iterator<Item = &'a str>) -> bool {
    if kind == Kind::Number {
        return texts.any(|text| !is_nothing(text));
    }
    let first = texts.next();
    texts.any(|text| Some(text) != first)
}

/// A field that there is nothing to say about.
pub fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "0")
}

impl Grid {
    fn new(
        columns: &[TableColumn],
        rows: &[Vec<Option<Box<str>>>],
        asked: bool,
        terminal: &Terminal,
    ) -> Grid {
        let field = |(column, json): (&TableColumn, &Option<Box<str>>)| Field {
            text: shown(column.kind, json.as_deref(), terminal),
            json: json.clone(),
        };
        let row = |row: &Vec<_>| Row {
            fields: columns.iter().zip(row).map(field).collect(),
            below: Vec::new(),
        };
        let mut grid = Grid {
            columns: columns.to_vec(),
            rows: rows.iter().map(row).collect(),
        };
        if !asked {
            grid.names_last();
        }
        if !asked && terminal.width.is_some() {
            grid.without_empty_reasons();
        }
        grid
    }

    /// A long name then pads no other column, and one whose width nobody knows moves none.
    fn names_last(&mut self) {
        let rank = |column: &TableColumn| match column.kind {
            Kind::Name => 1,
            Kind::Text => 2,
            _ => 0,
        };
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        order.sort_by_key(|n| rank(&self.columns[*n]));
        self.columns = order.iter().map(|n| self.columns[*n].clone()).collect();
        for row in &mut self.rows {
            row.fields = order.iter().map(|n| row.fields[*n].clone()).collect();
        }
    }

    fn take_out(&mut self, n: usize) -> (TableColumn, Vec<Field>) {
        let fields = self.rows.iter_mut().map(|row| row.fields.remove(n));
        let fields = fields.collect();
        (self.columns.remove(n), fields)
    }

    /// Where nothing went wrong, no column says why.
    fn without_empty_reasons(&mut self) {
        for n in (0..self.columns.len()).rev() {
            let empty = self.rows.iter().all(|row| row.fields[n].text.is_empty());
            if self.columns[n].kind == Kind::Text && empty && self.columns.len() > 1 {
                self.take_out(n);
            }
        }
    }

    /// Names of which one does not stand last, and has no certain width, become one column.
    fn one_name_of_uncertain_width(&mut self) {
        let names = |grid: &Grid| -> Vec<usize> {
            let kinds = grid.columns.iter().map(|column| column.kind).enumerate();
            kinds
                .filter(|(_, kind)| *kind == Kind::Name)
                .map(|(n, _)| n)
                .collect()
        };
        while let [.., first, second] = *names(self) {
            let certain = |row: &Row| is_certain(&row.fields[first].text);
            if self.rows.iter().all(certain) {
                return;
            }
            let (title, fields) = self.take_out(second);
            let column = &mut self.columns[first];
            column.title = format!("{} · {}", title.title, column.title);
            for (row, other) in self.rows.iter_mut().zip(fields) {
                let text = &mut row.fields[first].text;
                *text = match (other.text.is_empty(), text.is_empty()) {
                    (true, _) => text.clone(),
                    (_, true) => other.text,
                    _ => format!("{} · {text}", other.text),
                };
            }
        }
    }

    fn natural(&self, n: usize) -> usize {
        let texts = self.rows.iter().map(|row| most(&row.fields[n].text));
        texts
            .chain([most(&self.columns[n].title)])
            .max()
            .unwrap_or(0)
    }

    fn gaps(&self) -> usize {
        GAP * self.columns.len().saturating_sub(1)
    }

    /// With nothing shortened.
    fn width(&self) -> usize {
        (0..self.columns.len())
            .map(|n| self.natural(n))
            .sum::<usize>()
            + self.gaps()
    }

    fn least_of(&self, n: usize) -> usize {
        let natural = self.natural(n);
        match self.columns[n].kind {
            Kind::Name => natural.min(most(&self.columns[n].title).max(NARROWEST)),
            _ => natural,
        }
    }

    /// With names as short as they may be.
    fn least(&self) -> usize {
        (0..self.columns.len())
            .map(|n| self.least_of(n))
            .sum::<usize>()
            + self.gaps()
    }

    /// Reasons that are too long for the room left stand below their rows, whole; a column of them that has hardly any
    /// room goes as a whole.
    fn reasons_below(&mut self, width: usize) {
        for n in (0..self.columns.len()).rev() {
            if self.columns[n].kind != Kind::Text {
                continue;
            }
            let others = (0..self.columns.len()).filter(|other| *other != n);
            let taken: usize = others.map(|other| self.least_of(other)).sum();
            let room = width.saturating_sub(taken + self.gaps());
            let last = n + 1 == self.columns.len();
            let certain = self.rows.iter().all(|row| {
                let names = self.columns.iter().zip(&row.fields);
                let mut names = names.filter(|(column, _)| column.kind == Kind::Name);
                names.all(|(_, field)| is_certain(&field.text))
            });
            let stays = last && certain && room >= most(&self.columns[n].title).max(NARROWEST);
            let fits = |text: &str| stays && most(text) <= room;
            for row in &mut self.rows {
                if !fits(&row.fields[n].text) {
                    let text = std::mem::take(&mut row.fields[n].text);
                    row.below.extend(wrapped(&text, width - INDENT));
                }
            }
            if self.rows.iter().all(|row| row.fields[n].text.is_empty()) {
                self.take_out(n);
            }
        }
    }

    /// Columns that are less needed go, the last one first, until the rest fits; before them those that say the same of
    /// every row. What the others say stands below.
    fn spares_below(&mut self, width: usize) {
        let mut gone: Vec<(TableColumn, Vec<Field>)> = Vec::new();
        while self.least() > width
            && let Some(n) = self.next_to_go()
        {
            gone.insert(0, self.take_out(n));
        }
        for (n, row) in self.rows.iter_mut().enumerate() {
            let said = gone.iter().filter_map(|(column, fields)| {
                let texts = fields.iter().map(|field| field.text.as_str());
                let text = &fields[n].text;
                let said = format!("{} {text}", column.title.to_lowercase());
                (says_something(column.kind, texts) && !is_nothing(text)).then_some(said)
            });
            let said = said.collect::<Vec<_>>().join(" · ");
            row.below.splice(0..0, wrapped(&said, width - INDENT));
        }
    }

    fn next_to_go(&self) -> Option<usize> {
        let spare = |n: &usize| self.columns[*n].spare;
        let says = |n: &usize| {
            let first = self.rows.first().map(|row| &row.fields[*n].text);
            self.rows
                .iter()
                .any(|row| Some(&row.fields[*n].text) != first)
        };
        let all = || (0..self.columns.len()).rev().filter(spare);
        all().find(|n| !says(n)).or_else(|| all().next())
    }

    /// Takes from the widest name until the table fits or they are as narrow as may be.
    fn shorten_names(&mut self, width: usize) {
        let mut widths: Vec<usize> = (0..self.columns.len()).map(|n| self.natural(n)).collect();
        let least: Vec<usize> = (0..self.columns.len()).map(|n| self.least_of(n)).collect();
        while widths.iter().sum::<usize>() + self.gaps() > width {
            let widest = (0..widths.len()).filter(|n| widths[*n] > least[*n]);
            let Some(widest) = widest.max_by_key(|n| widths[*n]) else {
                break;
            };
            widths[widest] -= 1;
        }
        for row in &mut self.rows {
            let fields = row.fields.iter_mut().zip(&self.columns).zip(&widths);
            for ((field, _), width) in fields.filter(|((_, column), _)| column.kind == Kind::Name) {
                field.text = shortened(&field.text, *width);
            }
        }
    }

    fn cards(self, width: usize, terminal: &Terminal) -> String {
        let rows = self.rows.into_iter().map(|row| row.fields);
        cards::cards(&self.columns, rows, width, terminal.color)
    }

    fn drawn(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        let on_terminal = terminal.width.is_some();
        let look = if on_terminal { LOOK } else { TableStyle::new() };
        table.load_style(look);
        table.set_content_arrangement(ContentArrangement::Disabled);
        if terminal.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(self.columns.iter().map(|column| {
            let title = Cell::new(&column.title).set_alignment(alignment(column.kind));
            match terminal.color {
                true => title.add_attribute(Attribute::Bold),
                false => title,
            }
        }));
        for row in &self.rows {
            table.add_row(self.columns.iter().zip(&row.fields).map(|(column, field)| {
                let cell = Cell::new(&field.text).set_alignment(alignment(column.kind));
                match table_color(column.kind, field.json.as_deref()) {
                    Some(color) if terminal.color => cell.fg(color),
                    _ => cell,
                }
            }));
        }
        let last = self.columns.len().saturating_sub(1);
        for (n, column) in table.column_iter_mut().enumerate() {
            let gap = if n == last { 0 } else { GAP };
            column.set_padding((0, gap as u16));
            let width = u16::try_from(self.natural(n) + gap).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        self.with_lines_below(&table.trim_fmt(), if on_terminal { 2 } else { 1 })
    }

    /// A table's lines, of which the first `head` are its titles, with what stands below each row.
    fn with_lines_below(&self, drawn: &str, head: usize) -> String {
        let mut text = String::with_capacity(drawn.len());
        for (n, line) in drawn.lines().enumerate() {
            if n > 0 {
                text.push('\n');
            }
            text.push_str(line);
            let row = n.checked_sub(head).and_then(|n| self.rows.get(n));
            for below in row.iter().flat_map(|row| &row.below) {
                let _ = write!(text, "\n{:INDENT$}{below}", "");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests;
