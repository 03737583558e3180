//! How results are written.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;

/// The format of results on stdout (docs/commands.md: Output).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// One document
    Json,
    /// One value a line, written as it arrives
    Jsonl,
    /// RFC 4180, header first
    Csv,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        <Format as ValueEnum>::from_str(text, false)
            .map_err(|_| format!("`{text}` is not a format; table, json, jsonl and csv are"))
    }
}
