//! A command line that can't be parsed: an error like any other, in the form and the colours that it asks for.

mod meant;
mod several;

use std::error::Error as _;
use std::ffi::OsString;
use std::str::FromStr;

use clap::ValueEnum;
use clap::error::{ContextKind, ContextValue};

use crate::color::ColorWhen;
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::settings::environment;
use crate::shell;

/// What a command line says of the form of errors, as far as that can be told before it is parsed.
#[derive(Default)]
pub struct Untyped {
    /// `--color`.
    pub color: ColorWhen,
    /// `--output`, or what the environment says instead.
    pub output: Format,
}

impl Untyped {
    /// Looks for the two options among the words, the program's name first.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Untyped {
        let words: Vec<String> = words
            .into_iter()
            .skip(1)
            .map(|word| word.to_string_lossy().into_owned())
            .take_while(|word| word != "--")
            .collect();
        let value = |long: &str, short: &str| {
            let found = words.iter().enumerate().find_map(|(n, word)| {
                if word == long || word == short {
                    return words.get(n + 1).map(String::as_str);
                }
                let joined = word
                    .strip_prefix(long)
                    .filter(|value| value.starts_with('='));
                joined.or_else(|| word.strip_prefix(short))
            });
            found.map(|value| value.trim_start_matches('=').to_owned())
        };
        let color = value("--color", "--color");
        let color = color.and_then(|when| ColorWhen::from_str(&when, false).ok());
        let of_environment = || std::env::var(environment::OUTPUT).ok();
        let output = value("--output", "-o").or_else(of_environment);
        Untyped {
            color: color.unwrap_or_default(),
            output: output
                .and_then(|format| <Format as FromStr>::from_str(&format).ok())
                .unwrap_or_default(),
        }
    }
}

/// What is wrong with a command line, in one line, and what would be right. `words` is the line, the program's name first.
pub fn error(error: &clap::Error, words: impl IntoIterator<Item = OsString>) -> Error {
    let words: Vec<String> = words
        .into_iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let known = unknown_command(error, &words)
        .or_else(|| no_command(error, &words))
        .or_else(|| no_number(error, &words))
        .or_else(|| of_another_command(error, &words))
        .or_else(|| several::several_words(error, &words));
    if let Some(error) = known {
        return error;
    }
    let text = error.render().to_string();
    let mut message = String::new();
    let mut hints = Vec::new();
    let mut command = typed_command(&words);
    for (n, paragraph) in text.trim_end().split("\n\n").enumerate() {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        let line = words.join(" ");
        if n == 0 {
            message = line.trim_start_matches("error: ").to_owned();
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            let named = usage
                .split(' ')
                .take_while(|word| !word.starts_with(['[', '<', '-']));
            command = named.collect::<Vec<_>>().join(" ");
            hints.push(format!("usage: {usage}"));
        } else if line.starts_with("tip: ") {
            let tips = line.split("tip: ").skip(1).map(str::trim);
            // No word of ours is meant to follow `--`.
            let tips = tips.filter(|tip| !tip.starts_with("to pass '"));
            hints.extend(tips.map(str::to_owned));
        }
    }
    hints.push(format!("more: {command} --help"));
    Error::new(Kind::Usage, message).hinted(hints.join("\n"))
}

/// A command that there is none of, where it is known which one is meant.
fn unknown_command(error: &clap::Error, words: &[String]) -> Option<Error> {
    let ContextValue::String(name) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let at = words.iter().position(|word| word == name)?;
    let meant = meant::instead(words, at)?;
    // The program was perhaps called by a path.
    let meant = [&["sxinv".to_owned()], meant.get(1..)?].concat();
    let error = Error::usage(format!("there is no command {name}"));
    Some(error.hinted(shell::joined(meant.iter().map(String::as_str))))
}

/// A command that takes one of its own, which is not there.
fn no_command(error: &clap::Error, words: &[String]) -> Option<Error> {
    use clap::error::ErrorKind::{DisplayHelpOnMissingArgumentOrSubcommand, MissingSubcommand};
    if !matches!(
        error.kind(),
        DisplayHelpOnMissingArgumentOrSubcommand | MissingSubcommand
    ) {
        return None;
    }
    let typed = typed_command(words);
    let program = super::command();
    let mut at = &program;
    for name in typed.split(' ').skip(1) {
        at = at.find_subcommand(name)?;
    }
    let own = at.get_subcommands().filter(|own| !own.is_hide_set());
    let own: Vec<&str> = own
        .map(clap::Command::get_name)
        .filter(|name| *name != "help")
        .collect();
    let error = Error::usage(format!("{typed} takes a command: {}", own.join(", ")));
    Some(error.hinted(format!("more: {typed} --help")))
}

/// Options that another command has.
fn of_another_command(error: &clap::Error, words: &[String]) -> Option<Error> {
    let ContextValue::String(option) = error.get(ContextKind::InvalidArg)? else {
        return None;
    };
    let option = option.split(['=', ' ']).next().unwrap_or_default();
    match (typed_command(words).as_str(), option) {
        ("sxinv history", "--last") => Some(
            Error::usage("history has no --last: its first line is the newest run")
                .hinted("sxinv history --limit 1"),
        ),
        ("sxinv set", "-r" | "--reason") => Some(
            Error::usage("a quantity that is set has no reason; an adjustment has one")
                .hinted("more: sxinv adjust --help"),
        ),
        _ => None,
    }
}

/// An option that takes a whole number, and got something else.
fn no_number(error: &clap::Error, words: &[String]) -> Option<Error> {
    let source = error.source()?;
    source.downcast_ref::<std::num::ParseIntError>()?;
    let (ContextValue::String(option), ContextValue::String(value)) = (
        error.get(ContextKind::InvalidArg)?,
        error.get(ContextKind::InvalidValue)?,
    ) else {
        return None;
    };
    let option = option.split(' ').next().unwrap_or_default();
    let error = Error::usage(format!(
        "{option} takes a whole number, and `{value}` is none"
    ));
    Some(error.hinted(format!("more: {} --help", typed_command(words))))
}

/// The command that a line is about, as far as it is one of ours.
fn typed_command(words: &[String]) -> String {
    let mut command = "sxinv".to_owned();
    let program = super::command();
    let mut at = &program;
    for (before, word) in words.iter().zip(words.iter().skip(1)) {
        // The sandbox is a profile as well as a command.
        let is_value = matches!(before.as_str(), "-p" | "--profile");
        if let Some(sub) = at.find_subcommand(word).filter(|_| !is_value) {
            at = sub;
            command = format!("{command} {}", sub.get_name());
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_and_colours_are_found_before_anything_is_parsed() {
        let read = |line: &str| {
            let untyped = Untyped::read(line.split(' ').map(OsString::from));
            (untyped.output, untyped.color)
        };
        let (plain, auto) = (Format::Table, ColorWhen::Auto);
        assert_eq!(read("sxinv list --nonsense"), (plain, auto));
        assert_eq!(read("sxinv --nonsense -o json"), (Format::Json, auto));
        assert_eq!(read("sxinv -ojsonl x"), (Format::Jsonl, auto));
        assert_eq!(read("sxinv -o=json"), (Format::Json, auto));
        assert_eq!(read("sxinv --output=csv"), (Format::Csv, auto));
        assert_eq!(
            read("sxinv --color never --help"),
            (plain, ColorWhen::Never)
        );
        assert_eq!(read("sxinv --color=always x"), (plain, ColorWhen::Always));
        assert_eq!(read("sxinv --colour=never -- -o json"), (plain, auto));
        assert_eq!(read("sxinv -o"), (plain, auto));
    }
}
