//! A stream of rows, in every format.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Deref;

use serde::Serialize;
use serde_json::value::RawValue;

use super::document::{chosen, raw};
use super::fields::{Column, Fields, Kind};
use super::table::{self, TableColumn};
use super::{Terminal, json, print};
use crate::clean::clean;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::model::RawObject;

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

    /// Adds a row of our own; see [`Records::push`].
    pub fn add(&mut self, row: &impl Serialize) -> Result<()> {
        self.push(&raw(row)?)
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
                let asked = self.fields.is_some();
                let text = table::table(&columns, &rows, asked, &self.terminal) + "\n";
                let pager = self.terminal.pager.as_ref();
                if !pager.is_some_and(|pager| pager.show(&text)) {
                    print(&mut out, &text)?;
                }
            }
            Sink::Json { mut out, mut text } => {
                if self.terminal.width.is_some() && self.rows > 0 {
                    text.push('\n');
                }
                text.push_str("]\n");
                print(&mut out, &text)?;
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
