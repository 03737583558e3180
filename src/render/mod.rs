//! Results on their way to stdout or a file, in every format (docs/commands.md: Output).

mod cards;
mod cells;
mod document;
mod fields;
mod heading;
pub mod json;
mod records;
mod row;
mod table;

use std::io::Write;

use jiff::tz::TimeZone;

pub use document::{document, only, raw};
pub use fields::{Column, Fields, Kind};
pub use heading::heading;
pub use records::Records;
pub(crate) use row::row;

use crate::error::{Error, Result};
use crate::pager::Pager;

/// Writes a text, all of it now.
fn print(out: &mut impl Write, text: &str) -> Result<()> {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(Error::unwritten)
}

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

#[cfg(test)]
mod tests;
