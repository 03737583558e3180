//! A program that shows what is longer than the terminal, one screen at a time (docs/commands.md: Output).

use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// Ours before the one for every program.
const VARIABLES: [&str; 2] = ["SXINV_PAGER", "PAGER"];

/// Ends by itself where all fits, shows colours, leaves what was shown on the screen.
const DEFAULT: [&str; 2] = ["less", "-FRX"];

/// Which program, and from how many lines on.
#[derive(Clone)]
pub struct Pager {
    words: Vec<String>,
    rows: usize,
    interrupt: Interrupt,
}

impl Pager {
    /// The pager that the environment names, at a terminal with this many rows; `None` where it names nothing by an empty value.
    /// An error, usage, names a variable that can't be split into words.
    pub fn of(
        look_up: impl Fn(&str) -> Option<OsString>,
        rows: usize,
        interrupt: Interrupt,
    ) -> Result<Option<Pager>> {
        let named = VARIABLES
            .iter()
            .find_map(|name| Some((*name, look_up(name)?)));
        let words = match named {
            None => DEFAULT.map(str::to_owned).to_vec(),
            Some((name, value)) => {
                let words = value.to_str().and_then(shlex::split);
                words.ok_or_else(|| {
                    Error::usage(format!(
                        "{name} is not a command: its quotes or its text are wrong"
                    ))
                    .hinted("--no-pager goes without")
                })?
            }
        };
        Ok((!words.is_empty()).then_some(Pager {
            words,
            rows,
            interrupt,
        }))
    }

    /// Shows a text that is longer than the terminal. `false`: it is not, or there is no such program, and nothing was shown.
    /// A pager that dies, or that is left early, has shown what was wanted of it.
    pub fn show(&self, text: &str) -> bool {
        if text.lines().count() < self.rows {
            return false;
        }
        let [program, options @ ..] = self.words.as_slice() else {
            return false;
        };
        let mut command = Command::new(program);
        command.args(options).stdin(Stdio::piped());
        // For a `less` without options.
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", "FRX");
        }
        let _child = self.interrupt.leave_to_child();
        let Ok(mut pager) = command.spawn() else {
            return false;
        };
        if let Some(mut input) = pager.stdin.take() {
            // It may be left before it read everything.
            let _ = input.write_all(text.as_bytes());
        }
        let _ = pager.wait();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(variables: &[(&str, &str)]) -> Option<Vec<String>> {
        let look_up = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let pager = Pager::of(look_up, 24, Interrupt::new()).unwrap();
        pager.map(|pager| pager.words)
    }

    #[test]
    fn the_program_is_ours_then_everybodys_then_less() {
        let of = |line: &str| Some(line.split('|').map(str::to_owned).collect());
        assert_eq!(words(&[]), of("less|-FRX"));
        assert_eq!(words(&[("PAGER", "more")]), of("more"));
        let both = [("PAGER", "more"), ("SXINV_PAGER", "less -R -P 'a b; $(c)'")];
        assert_eq!(words(&both), of("less|-R|-P|a b; $(c)"));
        assert_eq!(words(&[("PAGER", "more"), ("SXINV_PAGER", "")]), None);
        let odd = |_: &str| Some(OsString::from("less '"));
        assert!(Pager::of(odd, 24, Interrupt::new()).is_err());
    }
}
