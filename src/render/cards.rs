//! Rows on a narrow terminal: each is a few lines, and nothing in it is left out.

use anstyle::{Ansi256Color, Style};

use super::cells::color;
use super::fields::Kind;
use super::table::{Field, TableColumn, is_nothing};
use crate::width::{most, shortened, wrapped};

/// What is not the first line of a row is indented this far.
const INDENT: usize = 2;

/// Between two fields on a line.
const BETWEEN: &str = " · ";

/// Each row in lines of at most `width` columns: what it is, then its fields by name, then its reasons. A code that is wider
/// than the terminal is not cut.
pub fn cards(
    columns: &[TableColumn],
    rows: impl Iterator<Item = Vec<Field>>,
    width: usize,
    colored: bool,
) -> String {
    let mut lines = Vec::new();
    for fields in rows {
        card(columns, &fields, width, colored, &mut lines);
    }
    lines.join("\n")
}

fn card(
    columns: &[TableColumn],
    fields: &[Field],
    width: usize,
    colored: bool,
    lines: &mut Vec<String>,
) {
    let of = |kinds: &'static [Kind]| {
        let all = columns.iter().zip(fields);
        all.filter(move |(column, field)| kinds.contains(&column.kind) && !field.text.is_empty())
    };
    let texts = |kinds| of(kinds).map(|(_, field)| field.text.as_str());
    let mut names: Vec<&str> = texts(&[Kind::Name]).collect();
    let mut reasons: Vec<&str> = texts(&[Kind::Text]).collect();
    let is_plain = |kind: Kind| !matches!(kind, Kind::Name | Kind::Text);
    let mut plain = columns.iter().zip(fields);
    let first = plain.find(|(column, _)| is_plain(column.kind));
    let head = first.map_or("", |(_, field)| field.text.as_str());
    let code = match first {
        Some((column, _)) if column.kind == Kind::Id && names.is_empty() => {
            of(&[Kind::Code]).next()
        }
        _ => None,
    };
    // A number alone says little: the code stands beside it, where it fits.
    let code = code.map(|(_, field)| field.text.as_str());
    let code = code.filter(|code| most(head) + 2 + most(code) <= width);
    names.extend(code);
    // What a row says stands beside its name where it says nothing else, and fits.
    if let ([], [one]) = (names.as_slice(), reasons.as_slice())
        && columns.iter().all(|column| column.kind != Kind::Name)
        && most(head) + 2 + most(one) <= width
    {
        names.extend(reasons.pop());
    }
    lines.push(head_line(head, &names.join(", "), width, colored));
    let mut line = Line::new(width);
    let said = |(column, field): &(&TableColumn, &Field)| {
        is_plain(column.kind)
            && !field.text.is_empty()
            && !(column.spare && is_nothing(&field.text))
            && (column.kind != Kind::Code || Some(field.text.as_str()) != code)
    };
    let rest = plain.filter(said);
    for (column, field) in rest {
        let title = column.title.to_lowercase();
        let color = color(column.kind, field.json.as_deref()).filter(|_| colored);
        line.add(&title, &field.text, color, lines);
    }
    line.end(lines);
    for reason in reasons {
        let reason = wrapped(reason, width.saturating_sub(INDENT));
        lines.extend(
            reason
                .into_iter()
                .map(|line| format!("{:INDENT$}{line}", "")),
        );
    }
}

fn head_line(head: &str, name: &str, width: usize, colored: bool) -> String {
    let room = width.saturating_sub(most(head) + 2).max(8);
    let line = match (head.is_empty(), name.is_empty()) {
        (_, true) => head.to_owned(),
        (true, _) => shortened(name, width),
        _ => format!("{head}  {}", shortened(name, room)),
    };
    match colored {
        true => format!("{0}{line}{0:#}", Style::new().bold()),
        false => line,
    }
}

/// A line that fields are added to until it is full.
struct Line {
    width: usize,
    text: String,
    taken: usize,
}

impl Line {
    fn new(width: usize) -> Line {
        Line {
            width,
            text: String::new(),
            taken: INDENT,
        }
    }

    fn add(
        &mut self,
        title: &str,
        value: &str,
        color: Option<Ansi256Color>,
        lines: &mut Vec<String>,
    ) {
        let takes = most(title) + 1 + most(value);
        if !self.text.is_empty() && self.taken + most(BETWEEN) + takes > self.width {
            self.end(lines);
        }
        if !self.text.is_empty() {
            self.text.push_str(BETWEEN);
            self.taken += most(BETWEEN);
        }
        self.taken += takes;
        self.text += &match color {
            Some(color) => {
                let style = color.on_default();
                format!("{title} {style}{value}{style:#}")
            }
            None => format!("{title} {value}"),
        };
    }

    fn end(&mut self, lines: &mut Vec<String>) {
        if !self.text.is_empty() {
            lines.push(format!("{:INDENT$}{}", "", std::mem::take(&mut self.text)));
        }
        self.taken = INDENT;
    }
}
