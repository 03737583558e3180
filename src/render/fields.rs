//! Which columns there are, and which of them the user wants: `--fields`.

use crate::error::{Error, Result};
use crate::near::did_you_mean;

/// What a column holds, which decides how a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A count: right-aligned, with thousands separators on a terminal.
    Number,
    /// A stock level: a number, red when sold out, yellow when low.
    Stock,
    /// A change of stock, with its sign.
    Signed,
    /// A code from a label: never shortened.
    Code,
    /// An id: right-aligned, never shortened, no separators.
    Id,
    /// A name: shortened where the terminal is too narrow.
    Name,
    /// A time as the API writes it; local time on a terminal.
    Time,
    /// 0 or 1; yes or no on a terminal.
    Flag,
    /// Words, such as why something failed.
    Text,
    /// How a row ended.
    Outcome,
}

/// A column of results.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The API's field name.
    pub name: &'static str,
    /// The title above a table's column.
    pub title: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// A table shows it unasked.
    pub table: bool,
    /// It leaves a table first where there is no room.
    pub spare: bool,
}

impl Column {
    /// One that a table shows unasked.
    pub const fn new(name: &'static str, title: &'static str, kind: Kind) -> Column {
        Column {
            name,
            title,
            kind,
            table: true,
            spare: false,
        }
    }

    /// The same, shown in a table only where it is asked for.
    pub const fn hidden(self) -> Column {
        Column {
            table: false,
            ..self
        }
    }

    /// The same, leaving a table first where there is no room.
    pub const fn spare(self) -> Column {
        Column {
            spare: true,
            ..self
        }
    }
}

/// The fields that `--fields` names, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields(Vec<String>);

impl Fields {
    /// Reads `a,b,c`. An error is usage: an empty name, or one twice.
    pub fn parse(text: &str) -> Result<Fields> {
        let mut names: Vec<String> = Vec::new();
        if text.trim().is_empty() {
            return Err(Error::usage("--fields names no field")
                .hinted("leave it out to get them all, or name some: --fields a,b,c"));
        }
        for name in text.split(',').map(str::trim) {
            if name.is_empty() {
                return Err(Error::usage(format!("--fields {text}: a name is empty")));
            }
            if names.iter().any(|other| other == name) {
                return Err(Error::usage(format!(
                    "--fields {text}: {name} stands twice"
                )));
            }
            names.push(name.to_owned());
        }
        Ok(Fields(names))
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// An error, usage, when a name is none of the columns: for results whose every field is known beforehand.
    pub fn check(&self, columns: &[Column]) -> Result<()> {
        match self.strangers(columns).next() {
            None => Ok(()),
            Some(name) => Err(self.unknown(name, columns)),
        }
    }

    /// The names that are none of the columns.
    pub fn strangers<'a>(&'a self, columns: &'a [Column]) -> impl Iterator<Item = &'a str> {
        self.names()
            .filter(|name| !columns.iter().any(|column| column.name == *name))
    }

    /// The usage error for a name that nothing has.
    pub fn unknown(&self, name: &str, columns: &[Column]) -> Error {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let fields_are = format!("the fields are {}", names.join(", "));
        let hint = did_you_mean(name, names.iter().copied(), fields_are);
        Error::usage(format!("there is no field {name}")).hinted(hint)
    }
}
