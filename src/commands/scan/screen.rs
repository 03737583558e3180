//! What whoever scans sees: large letters and little else at a terminal, a line for each scan in a pipe.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::is_for_people;
use crate::context::Context;
use crate::error::Result;
use crate::render::clean;
use crate::scan::tally::{Tally, Total};
use crate::scan::{Mode, letters};
use crate::words::{counted, grouped};

/// Earlier scans that stay in sight.
const EARLIER: usize = 4;

/// Columns where the terminal does not say.
const COLUMNS: usize = 80;

/// Clears the screen.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// A beep.
const BEEP: &str = "\x07";

/// Where scans are shown.
pub struct Screen<'a> {
    context: &'a Context,
    mode: Mode,
    /// The width of the terminal; none in a pipe.
    columns: Option<usize>,
    /// Whether nothing is shown for now.
    pub silent: bool,
    earlier: VecDeque<String>,
    /// What the last line came to, in large letters and in words.
    last: String,
}

impl<'a> Screen<'a> {
    pub fn new(context: &'a Context, mode: Mode, typed: bool) -> Screen<'a> {
        let width = context
            .terminal()
            .width
            .filter(|_| typed && is_for_people(context));
        Screen {
            context,
            mode,
            columns: width.map(|width| {
                if width == 0 {
                    COLUMNS
                } else {
                    usize::from(width)
                }
            }),
            silent: false,
            earlier: VecDeque::new(),
            last: String::new(),
        }
    }

    pub fn begin(&mut self) -> Result<()> {
        self.waits()
    }

    /// Says what was kept of the scan that goes on.
    pub fn goes_on(&mut self, tally: &Tally) -> Result<()> {
        let scans = counted(tally.scans() as u64, "scan");
        let variants = counted(tally.totals().count() as u64, "variant");
        self.context
            .ui()
            .note(format!("goes on after {scans} of {variants}"));
        Ok(())
    }

    /// A scan counts; `how` says what else happened.
    pub fn shows(&mut self, total: &Total, how: &str) -> Result<()> {
        let code = clean(&total.variant.code);
        let name = clean(&total.variant.name);
        let how = if how.is_empty() {
            String::new()
        } else {
            format!("  ({how})")
        };
        let line = format!("{code}  {name}  {}{how}", grouped(total.units));
        let Some(columns) = self.columns else {
            return self.plain(&line);
        };
        let code = letters::large(&code, columns).unwrap_or_else(|| format!("{code}\n"));
        let units = grouped(total.units);
        let units = letters::large(&units, columns).unwrap_or_else(|| format!("{units}\n"));
        self.next(format!("{code}\n{name}{how}\n\n{units}"), line);
        Ok(())
    }

    /// A line that counts nothing.
    pub fn refuses(&mut self, why: &str, hint: Option<&str>) -> Result<()> {
        if self.columns.is_none() {
            if !self.silent {
                self.context.ui().warn(why);
            }
            return Ok(());
        }
        let hint = hint.unwrap_or_default();
        let words = format!("{}\n\n{}\n{}\n", "NOT COUNTED", clean(why), clean(hint));
        let large = letters::large("NOT COUNTED", self.columns.unwrap_or(COLUMNS));
        let words = match large {
            Some(large) => format!("{large}\n{}\n{}\n", clean(why), clean(hint)),
            None => words,
        };
        self.next(words, format!("not counted: {}", clean(why)));
        match self.silent {
            true => Ok(()),
            false => self.context.write(BEEP.as_bytes()),
        }
    }

    /// Shows everything and waits for the next line.
    pub fn waits(&mut self) -> Result<()> {
        if self.columns.is_none() || self.silent {
            return Ok(());
        }
        let mut screen = format!("{CLEAR}{}\n", self.last);
        for line in self.earlier.iter().skip(1) {
            let _ = writeln!(screen, "  {line}");
        }
        let _ = write!(screen, "\n{} (- takes back, end ends): ", self.mode.name());
        self.context.write(screen.as_bytes())
    }

    pub fn end(&mut self) -> Result<()> {
        match self.columns {
            Some(_) => self.context.write(b"\n"),
            None => Ok(()),
        }
    }

    fn plain(&self, line: &str) -> Result<()> {
        match self.silent || !is_for_people(self.context) {
            true => Ok(()),
            false => self.context.write(format!("{line}\n").as_bytes()),
        }
    }

    fn next(&mut self, last: String, line: String) {
        self.last = last;
        self.earlier.push_front(line);
        self.earlier.truncate(EARLIER + 1);
    }
}
