//! Questions at a terminal. Whatever ends one, the terminal is as it was.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc;
use std::time::Duration;

use super::Ui;
use crate::clean::clean;
use crate::error::{Error, Result};
use crate::threads;

/// How long a yes-or-no question waits for its answer.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The signal that Ctrl-C stands for.
const CTRL_C: i32 = signal_hook::consts::SIGINT;

impl Ui {
    /// Whether there is somebody to ask.
    pub fn asks(&self) -> bool {
        self.terminal && !self.manner.unattended
    }

    /// Why there is nobody to ask.
    pub fn why_nobody(&self) -> &'static str {
        if self.terminal {
            "CI is set, so that nobody is there to ask"
        } else {
            "there is no terminal to ask"
        }
    }

    /// Asks a yes-or-no question; no is the default, and also the answer of somebody who went away: a question left
    /// open must not hold up the run that is due at night. An error is usage: nobody is there to ask.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        if !self.asks() {
            return Err(
                Error::usage(format!("{} for confirmation", self.why_nobody()))
                    .hinted("say --yes to go ahead without being asked"),
            );
        }
        let _asking = self.open(&format!("{} [y/N] ", clean(question)));
        let (send, answer) = mpsc::channel();
        // Left behind where nobody answers; it ends with the process.
        threads::begin("answer", move || {
            let mut answer = String::new();
            let read = io::stdin().read_line(&mut answer).map(|_| answer);
            let _ = send.send(read);
        })?;
        let Ok(answer) = answer.recv_timeout(PATIENCE) else {
            let minutes = PATIENCE.as_secs() / 60;
            self.line(&format!("\nno answer in {minutes} minutes"));
            return Ok(false);
        };
        let answer = answer.map_err(unread)?;
        if answer.is_empty() {
            // End of input: the cursor still stands behind the question.
            self.line("");
        }
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a line. Ask only where [`Ui::asks`].
    pub fn ask(&self, question: &str) -> Result<String> {
        let _asking = self.open(&format!("{}: ", clean(question)));
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map_err(unread)?;
        Ok(answer.trim().to_owned())
    }

    /// Asks for a line that is not shown while it is typed. Ask only where stdin is a terminal.
    pub fn ask_hidden(&self, question: &str) -> Result<String> {
        // Before the question, for what is pasted at once must not be seen either.
        let _no_echo = terminal::Unseen::from_now_on();
        let asking = self.open(&format!("{} (not shown): ", clean(question)));
        match rpassword::read_password() {
            Ok(answer) => Ok(answer.trim().to_owned()),
            // Without echo, Ctrl-C is a character like any other, and no signal.
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {
                drop(asking);
                Err(self.ending().error(CTRL_C))
            }
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                drop(asking);
                self.line("");
                let undone = self.ending().undone.clone();
                let undone = undone.map_or(String::new(), |undone| format!("; {undone}"));
                Err(Error::refused(format!("no answer was given{undone}")))
            }
            Err(e) => Err(unread(e)),
        }
    }

    fn open(&self, question: &str) -> Asking<'_> {
        self.finish();
        self.ending().asking = io::stderr().is_terminal().then(|| question.to_owned());
        put(question);
        Asking(self)
    }
}

/// Puts a question on the screen.
pub(super) fn put(question: &str) {
    let mut stderr = io::stderr().lock();
    // Stderr is closed or full: whoever answers knows what to.
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
}

/// A question that stands open.
struct Asking<'a>(&'a Ui);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.ending().asking = None;
    }
}

fn unread(error: io::Error) -> Error {
    Error::internal("can't read the answer").caused_by(error)
}

#[cfg(unix)]
mod terminal {
    use std::fs::File;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    use crate::cleanup::{self, Cleanup};

    /// Nothing that is typed is seen while this is alive. The terminal is then as it was, also should a signal end the
    /// program.
    pub struct Unseen {
        terminal: File,
        before: Termios,
        _early: Cleanup,
    }

    impl Unseen {
        pub fn from_now_on() -> Option<Unseen> {
            let terminal = File::open("/dev/tty").ok()?;
            let before = tcgetattr(&terminal).ok()?;
            let (early, as_before) = (terminal.try_clone().ok()?, before.clone());
            let unseen = Unseen {
                _early: cleanup::on_exit(move || {
                    let _ = tcsetattr(&early, OptionalActions::Now, &as_before);
                }),
                terminal,
                before,
            };
            let mut without_echo = unseen.before.clone();
            without_echo.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(&unseen.terminal, OptionalActions::Now, &without_echo);
            Some(unseen)
        }
    }

    impl Drop for Unseen {
        fn drop(&mut self) {
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    /// A console takes its echo back by itself. Not tested.
    pub struct Unseen;

    impl Unseen {
        pub fn from_now_on() -> Option<Unseen> {
            None
        }
    }
}
