//! Results on their way to stdout or a file, in every format (docs/commands.md: Output).

mod cards;
mod cells;
mod clean;
mod fields;
pub mod json;
mod table;
mod width;

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Deref;

use jiff::tz::TimeZone;
use serde_json::value::RawValue;

pub use crate::words::{counted, grouped};
pub use clean::clean;
pub use fields::{Column, Fields, Kind};
use table::TableColumn;
pub use width::{most as most_width, shortened};

use crate::error::{Error, Result};
use crate::format::Format;
use crate::model::RawObject;
use crate::pager::Pager;

/// What stdout is.
#[derive(Clone)]
pub struct Terminal {
    /// Columns of the terminal; `None` where stdout is no terminal.
    pub width: Option<u16>,
    /// Escape sequences for colours may be written.
    pub color: bool,
    /// Where times are local.
    pub time_zone: TimeZone,
    /// What shows tables that are longer than the terminal.
    pub pager: Option<Pager>,
}

impl Terminal {
    /// A file or a pipe.
    pub fn piped() -> Terminal {
        Terminal {
            width: None,
            color: false,
            time_zone: TimeZone::UTC,
            pager: None,
        }
    }
}

/// A stream of rows in any format. `jsonl` and `csv` are written as the rows come; `json` and `table` when they are
/// all there, so that a failure half way leaves no half document.
pub struct Records<'a, W: Write> {
    columns: &'a [Column],
    fields: Option<Fields>,
    terminal: Terminal,
    sink: Sink<W>,
    /// Whether a CSV begins with a header.
    headed: bool,
    rows: usize,
}

enum Sink<W: Write> {
    Table {
        out: W,
        rows: Vec<Vec<Option<Box<str>>>>,
    },
    Json {
        out: W,
        text: String,
    },
    Jsonl {
        out: W,
    },
    Csv(Box<csv::Writer<W>>),
}

impl<'a, W: Write> Records<'a, W> {
    /// Nothing is written yet.
    pub fn new(
        out: W,
        format: Format,
        columns: &'a [Column],
        fields: Option<&Fields>,
        terminal: &Terminal,
    ) -> Records<'a, W> {
        let sink = match format {
            Format::Table => Sink::Table {
                out,
                rows: Vec::new(),
            },
            Format::Json => Sink::Json {
                out,
                text: "[".to_owned(),
            },
            Format::Jsonl => Sink::Jsonl { out },
            Format::Csv => Sink::Csv(Box::new(
                csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(out),
            )),
        };
        Records {
            columns,
            fields: fields.cloned(),
            terminal: terminal.clone(),
            sink,
            headed: true,
            rows: 0,
        }
    }

    /// Those that go on with a CSV whose header was written.
    pub fn headless(mut self) -> Records<'a, W> {
        self.headed = false;
        self
    }

    /// Adds a row: a JSON object as the API sent it. An error is usage where `--fields` names what no row has, else
    /// that the output can't be written.
    pub fn push(&mut self, row: &RawValue) -> Result<()> {
        match (&mut self.sink, &self.fields) {
            (Sink::Jsonl { out }, None) => {
                write_line(out, row.get()).map_err(Error::unwritten)?;
                self.rows += 1;
                Ok(())
            }
            (Sink::Json { text, .. }, None) => {
                append(text, row.get(), self.rows, self.terminal.width.is_some());
                self.rows += 1;
                Ok(())
            }
            _ => {
                // A name with an escape in it can't be had as it stands.
                if let Ok(object) = serde_json::from_str::<RawObject<&str, &RawValue>>(row.get()) {
                    return self.push_object(&object);
                }
                let object: RawObject = serde_json::from_str(row.get())
                    .map_err(|e| Error::internal("can't read a result row").caused_by(e))?;
                self.push_object(&object)
            }
        }
    }

    /// Adds a row; see [`Records::push`].
    pub fn push_object<N, V>(&mut self, row: &RawObject<N, V>) -> Result<()>
    where
        N: AsRef<str>,
        V: Deref<Target = RawValue>,
    {
        if self.rows == 0 {
            self.begin(|name| row.get(name).is_some())?;
        }
        let names: Vec<&str> = match (&self.sink, &self.fields) {
            (_, Some(fields)) => fields.names().collect(),
            (Sink::Json { .. } | Sink::Jsonl { .. }, None) => row.iter().map(|(n, _)| n).collect(),
            (Sink::Csv(_), None) => self.columns.iter().map(|column| column.name).collect(),
            (Sink::Table { .. }, None) => self.shown().map(|column| column.name).collect(),
        };
        match &mut self.sink {
            Sink::Table { rows, .. } => rows.push(
                names
                    .iter()
                    .map(|name| row.get(name).map(|value| value.get().into()))
                    .collect(),
            ),
            Sink::Json { text, .. } => {
                let pretty = self.terminal.width.is_some();
                append(text, &chosen(row, &names), self.rows, pretty);
            }
            Sink::Jsonl { out } => {
                write_line(out, &chosen(row, &names)).map_err(Error::unwritten)?;
            }
            Sink::Csv(writer) => {
                let on_terminal = self.terminal.width.is_some();
                for name in names {
                    let text = csv_text(row.get(name), on_terminal);
                    writer.write_field(text.as_bytes()).map_err(csv_failed)?;
                }
                writer.write_record(None::<&[u8]>).map_err(csv_failed)?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes what is still held back, and says how many rows there were. A table without rows is nothing at all.
    pub fn finish(mut self) -> Result<usize> {
        if self.rows == 0 {
            self.begin(|_| false)?;
        }
        let columns = match &self.fields {
            None => self.shown().map(table_column).collect(),
            Some(fields) => fields
                .names()
                .map(|name| self.column(name))
                .collect::<Vec<_>>(),
        };
        match self.sink {
            Sink::Table { rows, .. } if rows.is_empty() => {}
            Sink::Table { mut out, rows } => {
                let text = table::table(&columns, &rows, self.fields.is_some(), &self.terminal);
                let pager = self.terminal.pager.as_ref();
                if pager.is_some_and(|pager| pager.show(&format!("{text}\n"))) {
                    return Ok(self.rows);
                }
                writeln!(out, "{text}")
                    .and_then(|()| out.flush())
                    .map_err(Error::unwritten)?;
            }
            Sink::Json { mut out, mut text } => {
                if self.terminal.width.is_some() && self.rows > 0 {
                    text.push('\n');
                }
                text.push(']');
                writeln!(out, "{text}")
                    .and_then(|()| out.flush())
                    .map_err(Error::unwritten)?;
            }
            Sink::Jsonl { mut out } => out.flush().map_err(Error::unwritten)?,
            Sink::Csv(mut writer) => writer.flush().map_err(Error::unwritten)?,
        }
        Ok(self.rows)
    }

    /// Before the first row, or instead of it: checks the fields' names, which columns or the first row have, and writes the
    /// header of a CSV.
    fn begin(&mut self, has: impl Fn(&str) -> bool) -> Result<()> {
        if let Some(fields) = &self.fields
            && let Some(unknown) = fields.strangers(self.columns).find(|name| !has(name))
        {
            return Err(fields.unknown(unknown, self.columns));
        }
        if let (Sink::Csv(writer), true) = (&mut self.sink, self.headed) {
            let header: Vec<&str> = match &self.fields {
                Some(fields) => fields.names().collect(),
                None => self.columns.iter().map(|column| column.name).collect(),
            };
            writer.write_record(header).map_err(csv_failed)?;
        }
        Ok(())
    }

    fn shown(&self) -> impl Iterator<Item = &'a Column> + use<'a, W> {
        self.columns.iter().filter(|column| column.table)
    }

    fn column(&self, name: &str) -> TableColumn {
        match self.columns.iter().find(|column| column.name == name) {
            Some(column) => table_column(column),
            None => TableColumn {
                title: clean(name).to_uppercase(),
                kind: Kind::Text,
                spare: false,
            },
        }
    }
}

fn table_column(column: &Column) -> TableColumn {
    TableColumn {
        title: column.title.to_owned(),
        kind: column.kind,
        spare: column.spare,
    }
}

/// These fields of an object as a JSON text; one that it does not have is null.
fn chosen<N, V>(row: &RawObject<N, V>, names: &[&str]) -> String
where
    N: AsRef<str>,
    V: Deref<Target = RawValue>,
{
    let mut text = String::from("{");
    for (n, name) in names.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(*name).to_string());
        text.push(':');
        text.push_str(row.get(name).map_or("null", RawValue::get));
    }
    text.push('}');
    text
}

fn append(text: &mut String, json: &str, before: usize, pretty: bool) {
    if before > 0 {
        text.push(',');
    }
    if pretty {
        text.push_str("\n  ");
    }
    json::lay_out(text, json, pretty, 1);
}

fn write_line(out: &mut impl Write, json: &str) -> io::Result<()> {
    json::write(out, json, false)?;
    out.write_all(b"\n")
}

/// A field as a CSV cell: strings bare, everything else as JSON, null as nothing.
fn csv_text(value: Option<&RawValue>, on_terminal: bool) -> Cow<'_, str> {
    match value.map(RawValue::get) {
        None | Some("null") => Cow::Borrowed(""),
        Some(json) if json.starts_with('"') => {
            let text = match plain(json) {
                Some(text) => Cow::Borrowed(text),
                None => serde_json::from_str(json).map_or(Cow::Borrowed(json), Cow::Owned),
            };
            match on_terminal {
                true => Cow::Owned(clean(&text).into_owned()),
                false => text,
            }
        }
        Some(json) if json.starts_with(['{', '[']) => {
            let mut compact = String::new();
            json::lay_out(&mut compact, json, false, 0);
            Cow::Owned(compact)
        }
        Some(json) => Cow::Borrowed(json),
    }
}

/// The text of a JSON string without an escape in it.
fn plain(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

fn csv_failed(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => Error::unwritten(e),
        other => Error::internal(format!("can't write CSV: {other:?}")),
    }
}

/// A JSON object with these fields of it alone, in their order; as it is where none are named.
pub fn only(row: &RawValue, fields: Option<&Fields>) -> Result<Box<RawValue>> {
    let Some(fields) = fields else {
        return Ok(row.to_owned());
    };
    let unreadable = |e: serde_json::Error| Error::internal("can't read a result row").caused_by(e);
    let object: RawObject = serde_json::from_str(row.get()).map_err(unreadable)?;
    let names: Vec<&str> = fields.names().collect();
    RawValue::from_string(chosen(&object, &names)).map_err(unreadable)
}

/// Writes one JSON document: on one line, or laid out for people. With `fields`, those of it alone.
pub fn document(
    mut out: impl Write,
    document: &RawValue,
    fields: Option<&Fields>,
    laid_out: bool,
) -> Result<()> {
    let text;
    let json = match fields {
        None => document.get(),
        Some(fields) => {
            let object: RawObject = serde_json::from_str(document.get())
                .map_err(|e| Error::internal("can't read the result").caused_by(e))?;
            let names: Vec<&str> = fields.names().collect();
            text = chosen(&object, &names);
            &text
        }
    };
    json::write(&mut out, json, laid_out)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .map_err(Error::unwritten)
}

/// Writes a line of facts above a table: the name, then what there is to know. Piped, a line each.
pub fn heading(
    mut out: impl Write,
    name: &str,
    facts: &[(&str, String, Kind)],
    terminal: &Terminal,
) -> Result<()> {
    let name = clean(name);
    let shown = facts.iter().map(|(title, value, kind)| {
        let json = match kind {
            Kind::Time | Kind::Name | Kind::Text | Kind::Code => {
                serde_json::Value::from(value.as_str()).to_string()
            }
            _ => value.clone(),
        };
        (*title, cells::shown(*kind, Some(&json), terminal))
    });
    let text = if let Some(width) = terminal.width {
        let width = usize::from(width);
        let name = width::shortened(&name, width);
        let name = if terminal.color {
            format!("\u{1b}[1m{name}\u{1b}[0m")
        } else {
            name
        };
        let facts: Vec<String> = shown
            .map(|(title, value)| format!("{title} {value}"))
            .collect();
        let mut lines: Vec<String> = Vec::new();
        for fact in facts {
            match lines.last_mut() {
                Some(line) if width::most(line) + 3 + width::most(&fact) <= width => {
                    *line += &format!(" · {fact}");
                }
                _ => lines.push(fact),
            }
        }
        format!("{name}\n{}\n\n", lines.join("\n"))
    } else {
        let mut text = format!("name: {name}\n");
        for (title, value) in shown {
            text += &format!("{title}: {value}\n");
        }
        text + "\n"
    };
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Error::unwritten)
}

#[cfg(test)]
mod tests;
