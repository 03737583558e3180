//! A half-typed command line, as a shell hands it over: its words, and the word under the cursor.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, Command};

use crate::catalogue::Glance;
use crate::settings::{Environment, Settings, Typed};

/// What stands for the value of an option: the engine takes `-p sandbox` for the command `sandbox`.
const A_VALUE: &str = "value";

/// What was typed, read as the program would.
#[derive(Debug, Default)]
pub struct Line {
    /// The command and its subcommands.
    pub commands: Vec<String>,
    /// The words before the cursor that belong to no option.
    pub arguments: Vec<String>,
    /// No word under the cursor is an option: `--` stands before it.
    pub only_arguments: bool,
    /// The commands that may follow, and what they do.
    pub further: Vec<(String, String)>,
    /// The options that say which store it is about, wherever they stand.
    typed: Typed,
}

impl Line {
    /// Reads the words, the program's name first; the one at `at` is under the cursor. `tree` is built. Values of options
    /// lose their text.
    pub fn read(tree: &Command, words: &mut [OsString], at: usize) -> Line {
        let texts: Vec<String> = words
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let mut line = Line::default();
        let mut command = tree;
        let mut options = true;
        let rest = texts.iter().enumerate().skip(1);
        let mut rest = rest.filter(|(n, _)| *n != at).peekable();
        while let Some((n, word)) = rest.next() {
            if options && word == "--" {
                options = false;
                line.only_arguments = n < at;
            } else if options && let Some((option, value)) = option_of(command, word) {
                // The word under the cursor is not known yet.
                let value = value.or_else(|| {
                    let (n, value) = rest.next_if(|(next, _)| *next == n + 1)?;
                    words[n] = OsString::from(A_VALUE);
                    Some(value.clone())
                });
                line.take(option, value);
            } else if options && word.starts_with('-') && !is_number(word) {
                // A flag, or nothing that is known.
            } else if line.arguments.is_empty()
                && let Some(next) = command.find_subcommand(word)
            {
                command = next;
                line.commands.push(next.get_name().to_owned());
            } else if n < at {
                line.arguments.push(word.clone());
            }
        }
        line.further = further(tree, &line.arguments);
        line
    }

    fn take(&mut self, option: &Arg, value: Option<String>) {
        match option.get_id().as_str() {
            "profile" => self.typed.profile = value,
            "config" => self.typed.config = value.map(PathBuf::from),
            "api_url" => self.typed.api_url = value,
            _ => {}
        }
    }

    /// The settings that the line comes to.
    pub fn settings(&self) -> Option<Settings> {
        Settings::resolve(self.typed.clone(), Environment::of_process().ok()?).ok()
    }

    /// The store that the line is about.
    pub fn store(&self) -> Option<String> {
        self.settings()?.store().ok()
    }

    /// The catalogue of the store that the line is about.
    pub fn catalogue(&self) -> Option<Glance> {
        let settings = self.settings()?;
        Glance::open(&settings.state_folder().ok()?.value, &self.store()?)
    }
}

/// The commands below the one that these words name.
fn further(tree: &Command, words: &[String]) -> Vec<(String, String)> {
    let mut at = tree;
    for word in words {
        match at.find_subcommand(word) {
            Some(next) => at = next,
            None => return Vec::new(),
        }
    }
    let about = |command: &Command| command.get_about().map(ToString::to_string);
    at.get_subcommands()
        .filter(|next| !next.is_hide_set() && next.get_name() != "help")
        .map(|next| (next.get_name().to_owned(), about(next).unwrap_or_default()))
        .collect()
}

/// The option with a value that a word is, and the value where it stands in the same word.
fn option_of<'a>(command: &'a Command, word: &str) -> Option<(&'a Arg, Option<String>)> {
    let takes_value = |arg: &&Arg| arg.get_action().takes_values() && !arg.is_positional();
    let mut options = command.get_arguments().filter(takes_value);
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (long, None),
        };
        let option = options.find(|arg| arg.get_long() == Some(name))?;
        return Some((option, value));
    }
    // Flags may stand before it: `-qp sandbox`.
    let shorts = word.strip_prefix('-')?;
    let (at, option) = shorts.char_indices().find_map(|(at, short)| {
        let mut options = command.get_arguments().filter(takes_value);
        Some((at, options.find(|arg| arg.get_short() == Some(short))?))
    })?;
    let value = shorts[at..].chars().skip(1).collect::<String>();
    let value = value.strip_prefix('=').unwrap_or(&value).to_owned();
    Some((option, Some(value).filter(|value| !value.is_empty())))
}

/// An adjustment, and no option.
fn is_number(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, String, Option<String>, String) {
        let mut tree = crate::cli::command();
        tree.build();
        let mut words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let at = words.iter().position(|word| word == "|").unwrap();
        let line = Line::read(&tree, &mut words, at);
        let shown: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        (
            line.commands.join(" "),
            line.arguments.join(" "),
            line.typed.profile,
            shown.join(" "),
        )
    }

    #[test]
    fn a_half_typed_line_is_read_as_the_program_would() {
        for (line, commands, arguments, profile) in [
            ("sxinv |", "", "", None),
            ("sxinv -p sandbox list |", "list", "", Some("sandbox")),
            ("sxinv --profile=sandbox ls |", "list", "", Some("sandbox")),
            ("sxinv -qpsandbox show |", "show", "", Some("sandbox")),
            ("sxinv history --limit 5 --fields |", "history", "", None),
            ("sxinv history 20 --fields |", "history", "20", None),
            ("sxinv adjust A -3 |", "adjust", "A -3", None),
            ("sxinv adjust --reason list A |", "adjust", "A", None),
            ("sxinv adjust | -p dev", "adjust", "", Some("dev")),
            ("sxinv adjust A | -3", "adjust", "A", None),
            ("sxinv -p | show A", "show", "", None),
            ("sxinv profile use |", "profile use", "", None),
            ("sxinv show list |", "show", "list", None),
            ("sxinv set -- -p x |", "set", "-p x", None),
        ] {
            let read = read(line);
            let read = (read.0.as_str(), read.1.as_str(), read.2.as_deref());
            assert_eq!(read, (commands, arguments, profile), "{line}");
        }
        assert_eq!(
            read("sxinv -p sandbox adjust --reason list |").3,
            "sxinv -p value adjust --reason value |"
        );
    }
}
