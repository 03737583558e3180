//! What goes to stderr: notes, warnings, progress, prompts and errors. Nothing here ever touches stdout.
//!
//! Everything is cleaned of control characters on its way out; a terminal that went away is no reason to fail.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::api::Event;
use crate::error::{Error, Result};
use crate::render::clean;

/// How long a question waits for its answer.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How many faults of a file are written out.
const FAULTS_SHOWN: usize = 20;

/// What the user asked of stderr, and what it can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// No notes and no progress.
    pub quiet: bool,
    /// Every request with status and time.
    pub verbose: bool,
    /// Escape sequences for colours may be written.
    pub color: bool,
    /// Errors are one JSON line.
    pub json_errors: bool,
}

/// The way to the user's eyes, and from the keyboard. Clones share the progress bar.
#[derive(Clone)]
pub struct Ui {
    manner: Manner,
    /// Both ends are a terminal: stderr shows it, stdin can answer.
    asks: bool,
    shows: bool,
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Ui {
    /// Looks at what stderr and stdin are.
    pub fn new(manner: Manner) -> Ui {
        let shows = io::stderr().is_terminal();
        Ui {
            manner,
            asks: shows && io::stdin().is_terminal(),
            shows,
            bar: Arc::default(),
        }
    }

    /// Whether there is somebody to ask.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Something good to know, on a line of its own. Silent under `--quiet`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.manner.quiet {
            self.line(&clean(text.as_ref()));
        }
    }

    /// Something to read before answering: also under `--quiet`.
    pub fn say(&self, text: impl AsRef<str>) {
        self.line(&clean(text.as_ref()));
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
            let label = self.paint("warning:", "33;1");
            self.line(&format!("{label} {}", clean(text.as_ref())));
        }
    }

    /// What happens on the wire, under `--verbose`; the server's wish for a pause goes to the progress bar as well.
    pub fn watch(&self, event: &Event<'_>) {
        match event {
            Event::Attempt {
                method,
                target,
                outcome,
                took,
            } if self.manner.verbose => {
                let outcome = match outcome {
                    Ok(status) => status.to_string(),
                    Err(trouble) => (*trouble).to_owned(),
                };
                self.line(&clean(&format!(
                    "{method} {target} -> {outcome} ({} ms)",
                    took.as_millis()
                )));
            }
            Event::Attempt { .. } => {}
            Event::Held(wait) => {
                let text = format!("the server asks to wait {:.1} s", wait.as_secs_f64());
                if let Some(bar) = &*self.bar() {
                    bar.set_message(text.clone());
                }
                if self.manner.verbose {
                    self.line(&text);
                }
            }
        }
    }

    /// Prints an error, once, as the last thing a command does.
    pub fn error(&self, error: &Error) {
        self.finish();
        if self.manner.json_errors {
            self.line(&json(error));
            return;
        }
        let label = self.paint("error:", "31;1");
        self.line(&format!("{label} {}", clean(&error.full_message())));
        for fault in error.faults().iter().take(FAULTS_SHOWN) {
            self.line(&format!("  {}", clean(&fault.to_string())));
        }
        if let Some(hint) = error.hint() {
            let label = self.paint("hint:", "36;1");
            for (n, line) in hint.lines().enumerate() {
                let label = if n == 0 { label.as_str() } else { "     " };
                self.line(&format!("{label} {}", clean(line)));
            }
        }
    }

    /// Asks a yes-or-no question; no is the default, and also the answer of somebody who went away: a question left
    /// open must not hold up the run that is due at night. An error is usage: nobody is there to ask.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        if !self.asks {
            return Err(Error::usage("there is no terminal to ask for confirmation")
                .hinted("say --yes to go ahead without being asked"));
        }
        self.finish();
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "{} [y/N] ", clean(question));
        let _ = stderr.flush();
        let (send, answer) = mpsc::channel();
        // Left behind where nobody answers; it ends with the process.
        thread::spawn(move || {
            let mut answer = String::new();
            let read = io::stdin().read_line(&mut answer).map(|_| answer);
            let _ = send.send(read);
        });
        let answer = match answer.recv_timeout(PATIENCE) {
            Ok(answer) => {
                answer.map_err(|e| Error::internal("can't read the answer").caused_by(e))?
            }
            Err(_) => {
                let _ = writeln!(stderr, "\nno answer in {} minutes", PATIENCE.as_secs() / 60);
                return Ok(false);
            }
        };
        if answer.is_empty() {
            // End of input: the cursor still stands behind the question.
            let _ = writeln!(stderr);
        }
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a line; what is typed is not shown where it is a secret. Ask only where [`Ui::asks`].
    pub fn ask(&self, question: &str, secret: bool) -> Result<String> {
        self.finish();
        let failed = |e| Error::internal("can't read the answer").caused_by(e);
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "{}: ", clean(question));
        let _ = stderr.flush();
        let mut answer = String::new();
        if secret {
            answer = rpassword::read_password().map_err(failed)?;
        } else {
            io::stdin().read_line(&mut answer).map_err(failed)?;
        }
        Ok(answer.trim().to_owned())
    }

    /// Shows how far something has come. The bar appears only on a terminal, and only when it takes long enough to
    /// be read.
    pub fn progress(&self, what: &str, done: u64, total: u64) {
        if !self.shows || self.manner.quiet {
            return;
        }
        let mut bar = self.bar();
        let bar = bar.get_or_insert_with(|| {
            let bar =
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template(
                "{bar:24} {human_pos}/{human_len} {prefix} {elapsed} {msg}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        if bar.length() != Some(total) {
            bar.set_length(total);
        }
        if bar.prefix() != what {
            bar.set_prefix(what.to_owned());
        }
        if bar.position() > done {
            bar.reset();
        }
        bar.set_position(done);
        if !bar.message().is_empty() {
            bar.set_message("");
        }
    }

    /// Takes the progress bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn bar(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, line: &str) {
        let write = || {
            // Stderr is closed or full: there is nobody left to tell.
            let _ = writeln!(io::stderr().lock(), "{line}");
        };
        match &*self.bar() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn paint(&self, text: &str, sgr: &str) -> String {
        if self.manner.color {
            format!("\u{1b}[{sgr}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The error as one JSON line (the contract: Output).
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
    serde_json::to_string(&document)
        .unwrap_or_else(|_| r#"{"error":{"kind":"internal"}}"#.to_owned())
}
