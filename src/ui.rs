//! What goes to stderr: notes, warnings, progress, prompts and errors. Nothing here ever touches stdout.
//!
//! Everything is cleaned of control characters on its way out; a terminal that went away is no reason to fail.

mod progress;
mod prose;
mod questions;

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstyle::Style;
use progress::{Means, Progress};

use crate::clean::{clean, escaped};
use crate::color;
use crate::credentials::redacted;
use crate::error::{Error, Kind};
use crate::format::Format;

/// How many faults of a file are written out.
const FAULTS_SHOWN: usize = 20;

/// What the user asked of stderr, and what it can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// No notes and no progress.
    pub quiet: bool,
    /// Every request with status and time.
    pub verbose: bool,
    /// Errors are one JSON line.
    pub json_errors: bool,
    /// Nobody sits at the terminal, if there is one.
    pub unattended: bool,
}

/// The way to the user's eyes, and from the keyboard. Clones share the progress bar and the question.
#[derive(Clone)]
pub struct Ui {
    manner: Manner,
    /// Both ends are a terminal: stderr shows it, stdin can answer.
    terminal: bool,
    shows: bool,
    color: bool,
    shared: Arc<Shared>,
}

struct Shared {
    progress: Progress,
    ending: Mutex<Ending>,
    /// That a signal ended the program was said: the signal's thread and the one that it interrupted both want to.
    told: Mutex<bool>,
}

/// What there is to say when a signal ends the program.
#[derive(Default)]
struct Ending {
    /// What was not done, such as "nothing was sent".
    undone: Option<String>,
    /// The question that the cursor stands behind.
    asking: Option<String>,
    /// Nothing: a signal is how this command is meant to end.
    expected: bool,
}

impl Manner {
    /// How errors are told in a command whose results have this format.
    pub fn of_errors(format: Format) -> Manner {
        Manner {
            json_errors: matches!(format, Format::Json | Format::Jsonl),
            ..Manner::default()
        }
    }
}

impl Ui {
    /// Looks at what stderr and stdin are.
    pub fn new(manner: Manner) -> Ui {
        let shows = io::stderr().is_terminal();
        let color = color::shows(&io::stderr());
        let means = match () {
            () if manner.quiet => Means::Nothing,
            () if shows && redraws() => Means::Terminal { color },
            () => Means::Log,
        };
        Ui {
            manner,
            terminal: shows && io::stdin().is_terminal(),
            shows,
            color,
            shared: Arc::new(Shared {
                told: Mutex::new(false),
                progress: Progress::new(means),
                ending: Mutex::default(),
            }),
        }
    }

    /// Something good to know, on a line of its own. Silent under `--quiet`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.manner.quiet {
            self.say(text);
        }
    }

    /// Something to read before answering: also under `--quiet`.
    pub fn say(&self, text: impl AsRef<str>) {
        self.line(&self.fitted(&clean(text.as_ref()), 0, 0));
    }

    /// Several lines that belong together, already laid out.
    pub fn notes(&self, lines: &[String]) {
        for line in lines {
            self.note(line);
        }
    }

    /// Something that may surprise. Silent under `--quiet`.
    pub fn warn(&self, text: impl AsRef<str>) {
        if !self.manner.quiet {
            self.lost(text);
        }
    }

    /// A warning that something is not where it was to go: also under `--quiet`.
    pub fn lost(&self, text: impl AsRef<str>) {
        self.labelled("warning:", color::WARNING, text.as_ref());
    }

    /// What happens on the wire, under `--verbose`.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.manner.verbose {
            self.line(&clean(text.as_ref()));
        }
    }

    /// Prints an error, once, as the last thing a command does.
    pub fn error(&self, error: &Error) {
        // Kept until it is said: who comes second ends the program.
        let mut told = matches!(error.kind(), Kind::Interrupted(_)).then(|| {
            let told = self.shared.told.lock();
            told.unwrap_or_else(PoisonError::into_inner)
        });
        if told
            .as_mut()
            .is_some_and(|told| std::mem::replace(&mut **told, true))
        {
            return;
        }
        self.finish();
        if self.manner.json_errors {
            self.line(&json(error));
            return;
        }
        self.labelled("error:", color::ERROR, &error.full_message());
        for fault in error.faults().iter().take(FAULTS_SHOWN) {
            let fault = clean(&fault.to_string()).into_owned();
            self.line(&format!("  {}", self.fitted(&fault, 2, 4)));
        }
        for (n, line) in error.hint().into_iter().flat_map(str::lines).enumerate() {
            let label = if n == 0 { "hint:" } else { "     " };
            self.labelled(label, color::HINT, line);
        }
    }

    /// A text behind a label.
    fn labelled(&self, label: &str, style: Style, text: &str) {
        let begin = label.len() + 1;
        let text = self.fitted(&clean(text), begin, begin);
        self.line(&format!("{} {text}", self.paint(label, style)));
    }

    /// The text as wide as the terminal, where stderr is one: see [`prose`].
    fn fitted(&self, text: &str, begin: usize, indent: usize) -> String {
        let columns = match self.shows {
            true => progress::columns(),
            false => usize::MAX,
        };
        prose::fitted(text, columns, begin, indent)
    }

    /// What a signal that ends the program leaves undone, such as "nothing was sent"; `None` where something may have been
    /// done.
    pub fn leaves_undone(&self, what: Option<&str>) {
        self.ending().undone = what.map(str::to_owned);
    }

    /// A beep, where stderr is a terminal.
    pub fn beep(&self) {
        if self.shows {
            // A terminal that went away is no reason to fail.
            let _ = io::stderr().lock().write_all(b"\x07");
        }
    }

    /// A signal is how this command is meant to end.
    pub fn ends_by_signal(&self) {
        self.ending().expected = true;
    }

    /// The last words of a program that this signal ends.
    pub fn interrupted(&self, signal: i32) {
        let (error, asking, expected) = {
            let ending = self.ending();
            (
                ending.error(signal),
                ending.asking.is_some(),
                ending.expected,
            )
        };
        self.stops();
        if asking {
            self.line("");
        }
        if !expected || self.manner.json_errors {
            self.error(&error);
        }
    }

    /// The program goes on after it was stopped: other things were seen on the terminal since its question.
    pub fn is_back(&self) {
        if let Some(question) = &self.ending().asking {
            questions::put(question);
        }
    }

    fn ending(&self) -> MutexGuard<'_, Ending> {
        let ending = self.shared.ending.lock();
        ending.unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that is said goes through here, so that no secret is.
    fn line(&self, line: &str) {
        let line = redacted(line);
        let write = || {
            // Stderr is closed or full: there is nobody left to tell.
            let _ = writeln!(io::stderr().lock(), "{line}");
        };
        self.shared.progress.suspend(write);
    }

    fn paint(&self, text: &str, style: Style) -> String {
        if self.color && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

impl Ending {
    fn error(&self, signal: i32) -> Error {
        let message = match &self.undone {
            Some(what) => format!("interrupted; {what}"),
            None => "interrupted".to_owned(),
        };
        Error::new(Kind::Interrupted(signal), message)
    }
}

/// Whether the terminal can draw a line again.
pub fn redraws() -> bool {
    cfg!(not(unix))
        || std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// The error as one JSON line (docs/commands.md: Errors).
fn json(error: &Error) -> String {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        error: Body<'a>,
    }
    #[derive(serde::Serialize)]
    struct Body<'a> {
        kind: &'a str,
        status: Option<u16>,
        code: Option<&'a str>,
        message: String,
        hint: Option<&'a str>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        faults: &'a [crate::error::Fault],
    }
    let document = Document {
        error: Body {
            kind: error.kind().name(),
            status: error.status(),
            code: error.code(),
            message: error.full_message(),
            hint: error.hint(),
            faults: &error.faults()[..error.faults().len().min(FAULTS_SHOWN)],
        },
    };
    let document = serde_json::to_string(&document);
    let document = document.unwrap_or_else(|_| r#"{"error":{"kind":"internal"}}"#.to_owned());
    escaped(&document).into_owned()
}
