//! What whoever scans sees: large letters and little else at a terminal, a line for each scan in a pipe.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

use crate::clean::clean;
use crate::cleanup::{self, Cleanup};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::render::raw;
use crate::scan::tally::{Meaning, Tally, Total};
use crate::scan::{Mode, letters};
use crate::ui::redraws;
use crate::width;
use crate::words::{counted, grouped};

/// Earlier scans that stay in sight.
const EARLIER: usize = 5;

/// The other screen of the terminal, empty: what stood there before comes back in the end.
const OTHER_SCREEN: &str = "\x1b[?1049h\x1b[2J";
const FIRST_SCREEN: &str = "\x1b[?1049l";

/// Back to the top. Lines are overwritten, and what is left of them cleared: nothing flickers.
const TOP: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// Where scans are shown.
pub struct Screen<'a> {
    context: &'a Context,
    mode: Mode,
    /// Puts the terminal back; none in a pipe.
    drawn: Option<Cleanup>,
    /// Scans so far.
    scans: u64,
    earlier: VecDeque<String>,
    last: Last,
}

/// What the last line came to.
#[derive(Default)]
struct Last {
    /// As large as there is room.
    code: String,
    /// In bold.
    name: String,
    /// As large as there is room.
    units: String,
    /// In a line.
    line: String,
}

/// A scan as JSON.
#[derive(Serialize)]
struct Scanned<'a> {
    line: &'a str,
    product_id: i64,
    sku_id: i64,
    sku_code: &'a str,
    name: &'a str,
    total: i64,
}

/// A line that counts nothing, as JSON.
#[derive(Serialize)]
struct Refused<'a> {
    line: &'a str,
    error: String,
}

impl<'a> Screen<'a> {
    /// `typed`: lines come from a terminal.
    pub fn new(context: &'a Context, mode: Mode, typed: bool) -> Screen<'a> {
        let shows = context.terminal().width.is_some() && context.format() == Format::Table;
        let at_terminal = typed && shows && redraws();
        let drawn = at_terminal.then(|| cleanup::on_exit(|| put(FIRST_SCREEN)));
        if at_terminal {
            put(OTHER_SCREEN);
        }
        Screen {
            context,
            mode,
            drawn,
            scans: 0,
            earlier: VecDeque::new(),
            last: Last {
                name: "scan a code, or type it".to_owned(),
                ..Last::default()
            },
        }
    }

    /// Says what was kept of the scan that goes on.
    pub fn goes_on(&mut self, tally: &Tally) -> Result<()> {
        self.scans = tally.scans() as u64;
        let scans = counted(self.scans, "scan");
        let variants = counted(tally.totals().count() as u64, "variant");
        let text = format!("goes on after {scans} of {variants}");
        match self.drawn {
            Some(_) => self.last.name = text,
            None => self.context.ui().note(text),
        }
        Ok(())
    }

    /// A line that counts.
    pub fn shows(&mut self, line: &str, meaning: &Meaning, total: &Total) -> Result<()> {
        let code = clean(&total.variant.code);
        let name = clean(&total.variant.name);
        let units = grouped(total.units);
        let (scans, how) = match meaning {
            Meaning::Scan(_) => (self.scans + 1, String::new()),
            Meaning::Back => (self.scans - 1, "  (taken back)".to_owned()),
            Meaning::Units(units) => (self.scans, format!("  (that scan is {units})")),
            Meaning::Nothing => (self.scans, String::new()),
        };
        self.scans = scans;
        if self.drawn.is_some() {
            self.next(Last {
                line: format!("{units:>7}  {code}  {name}{how}"),
                code: code.into_owned(),
                name: format!("{name}{how}"),
                units,
            });
            return Ok(());
        }
        self.plain(
            || {
                let end = format!("{units}{how}");
                let taken = width::most(&code) + width::most(&end) + 4;
                let name = match self.context.terminal().width {
                    Some(columns) => {
                        width::shortened(&name, usize::from(columns).saturating_sub(taken).max(8))
                    }
                    None => name.to_string(),
                };
                format!("{code}  {name}  {end}")
            },
            &Scanned {
                line,
                product_id: total.variant.product.get(),
                sku_id: total.variant.sku.get(),
                sku_code: &total.variant.code,
                name: &total.variant.name,
                total: total.units,
            },
        )
    }

    /// A line that counts nothing: a beep, and why.
    pub fn refuses(&mut self, line: &str, why: &Error) -> Result<()> {
        let ui = self.context.ui();
        ui.beep();
        let message = why.full_message();
        let told = match why.hint() {
            Some(hint) => format!("{message}; {}", self.context.in_place(hint)),
            None => message,
        };
        if self.drawn.is_some() {
            let line = clean(line);
            self.next(Last {
                code: "NOT COUNTED".to_owned(),
                name: clean(&told).into_owned(),
                units: String::new(),
                line: format!("{:>7}  {line}", "-"),
            });
            return Ok(());
        }
        ui.lost(format!("not counted: {told}"));
        match self.context.format() {
            Format::Jsonl => self.plain(String::new, &Refused { line, error: told }),
            _ => Ok(()),
        }
    }

    /// Shows everything and waits for the next line.
    pub fn waits(&mut self) -> Result<()> {
        if self.drawn.is_none() {
            return Ok(());
        }
        let (rows, columns) = console::Term::stdout().size();
        let (rows, columns) = (usize::from(rows), usize::from(columns.max(20)));
        let mut lines = Vec::new();
        let large = |text: &str| letters::large(text, columns).unwrap_or_else(|| text.to_owned());
        let bold = |text: &str| match self.context.terminal().color {
            true => format!("\x1b[1m{text}\x1b[0m"),
            false => text.to_owned(),
        };
        lines.extend(large(&self.last.code).lines().map(str::to_owned));
        lines.push(String::new());
        lines.extend(
            wrapped(&self.last.name, columns)
                .iter()
                .map(|line| bold(line)),
        );
        lines.push(String::new());
        lines.extend(large(&self.last.units).lines().map(str::to_owned));
        lines.push(String::new());
        let earlier = self.earlier.iter().skip(1);
        lines.extend(earlier.map(|line| console::truncate_str(line, columns, "…").into_owned()));
        lines.push(String::new());
        // Two lines below it are for what is typed.
        lines.truncate(rows.saturating_sub(3));
        let mut screen = TOP.to_owned();
        for line in lines {
            let _ = write!(screen, "{line}{REST_OF_LINE}\r\n");
        }
        let _ = write!(
            screen,
            "{}: {}; - takes back, end ends{REST_OF_LINE}\r\n> {REST_OF_SCREEN}",
            self.mode.name(),
            counted(self.scans, "scan"),
        );
        self.context.write(screen.as_bytes())
    }

    /// What stood at the terminal before comes back, below it what was scanned last.
    pub fn end(mut self) -> Result<()> {
        let Some(cleanup) = self.drawn.take() else {
            return Ok(());
        };
        put(FIRST_SCREEN);
        drop(cleanup);
        let lines: Vec<String> = self
            .earlier
            .iter()
            .rev()
            .map(|line| format!("{line}\n"))
            .collect();
        self.context.write(lines.concat().as_bytes())
    }

    fn plain(&self, line: impl FnOnce() -> String, json: &impl Serialize) -> Result<()> {
        match self.context.format() {
            Format::Table => self.context.write(format!("{}\n", line()).as_bytes()),
            Format::Jsonl => {
                let json = raw(json)?;
                self.context.document(&json, None)
            }
            Format::Json | Format::Csv => Ok(()),
        }
    }

    fn next(&mut self, last: Last) {
        self.earlier.push_front(last.line.clone());
        self.earlier.truncate(EARLIER);
        self.last = last;
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            put(FIRST_SCREEN);
        }
    }
}

/// Writes to the terminal as it is; one that went away is no reason to fail.
fn put(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A text over several lines, broken between words, at most four of them.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let width = console::measure_text_width;
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.truncate(4);
    lines
        .iter()
        .map(|line| console::truncate_str(line, columns, "…").into_owned())
        .collect()
}
