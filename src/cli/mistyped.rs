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
use crate::near::near_misses;
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
        let words: Vec<String> = texts(words.into_iter().skip(1))
            .take_while(|word| word != "--")
            .collect();
        // Behind a dash, behind other letters that take no value.
        let short = |word: &'_ str, letter: Option<char>| -> Option<String> {
            let letters = word.strip_prefix('-')?.trim_start_matches(['q', 'v', 'h']);
            Some(letters.strip_prefix(letter?)?.to_owned())
        };
        let value = |long: &str, letter: Option<char>| {
            words.iter().enumerate().find_map(|(n, word)| {
                let behind = match word.strip_prefix(long) {
                    Some(rest) if rest.is_empty() || rest.starts_with('=') => rest.to_owned(),
                    _ => short(word, letter)?,
                };
                match &behind[..] {
                    "" => words.get(n + 1).cloned(),
                    joined => Some(joined.trim_start_matches('=').to_owned()),
                }
            })
        };
        let color = value("--color", None);
        let color = color.and_then(|when| ColorWhen::from_str(&when, false).ok());
        let of_environment = || std::env::var(environment::OUTPUT).ok();
        let output = value("--output", Some('o')).or_else(of_environment);
        Untyped {
            color: color.unwrap_or_default(),
            output: output
                .and_then(|format| <Format as FromStr>::from_str(&format).ok())
                .unwrap_or_default(),
        }
    }
}

fn texts(words: impl IntoIterator<Item = OsString>) -> impl Iterator<Item = String> {
    let words = words.into_iter();
    words.map(|word| word.to_string_lossy().into_owned())
}

/// What is wrong with a command line, in one line, and what would be right. `words` is the line, the program's name first.
pub fn error(error: &clap::Error, words: impl IntoIterator<Item = OsString>) -> Error {
    let words: Vec<String> = texts(words).collect();
    let known = unknown_command(error, &words)
        .or_else(|| like_options(error, &words))
        .or_else(|| no_command(error, &words))
        .or_else(|| no_number(error, &words))
        .or_else(|| of_another_command(error, &words))
        .or_else(|| several::several_words(error, &words));
    if let Some(error) = known {
        return error;
    }
    let far = suggests_afar(error);
    let text = error.render().to_string();
    let mut message = String::new();
    let mut hints = Vec::new();
    let mut command = typed_command(&words);
    for (n, paragraph) in text.trim_end().split("\n\n").enumerate() {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        let line = words.join(" ");
        if n == 0 {
            message = in_words(line.trim_start_matches("error: "));
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            let named = usage
                .split(' ')
                .take_while(|word| !word.starts_with(['[', '<', '-']));
            command = named.collect::<Vec<_>>().join(" ");
            // It has the suggested option in it.
            if !far {
                hints.push(format!("usage: {usage}"));
            }
        } else if line.starts_with("tip: ") {
            let tips = line.split("tip: ").skip(1).map(str::trim);
            // No word of ours is meant to follow `--`.
            let tips = tips.filter(|tip| !tip.starts_with("to pass '"));
            let tips = tips.filter(|tip| !(far && tip.starts_with("a similar argument exists")));
            hints.extend(tips.map(str::to_owned));
        }
    }
    hints.push(format!("more: {command} --help"));
    Error::new(Kind::Usage, message).hinted(hints.join("\n"))
}

/// What is to be said instead of help or a version, which a word asked for by accident: `-VOUCH-500` is a code, and no `-V`.
pub fn by_accident(words: impl IntoIterator<Item = OsString>) -> Option<Error> {
    let words: Vec<String> = texts(words).collect();
    let is_asked =
        |word: &String| matches!(&word[..], "-h" | "--help" | "-V" | "--version" | "help");
    let options = words.iter().take_while(|word| *word != "--");
    if options.clone().any(is_asked) {
        return None;
    }
    let several = |word: &str| word.chars().skip(1).all(|c| "hVqvy".contains(c));
    let cluster = |word: &&String| is_cluster(word) && word.contains(['h', 'V']) && !several(word);
    Some(behind_dashes(&words, options.clone().find(cluster)?))
}

/// What the parser says of an error.
fn of_error(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

/// A word that begins like an option and is a code, or what an option takes.
fn like_options(error: &clap::Error, words: &[String]) -> Option<Error> {
    use clap::error::ErrorKind::{InvalidValue, UnknownArgument};
    let option = of_error(error, ContextKind::InvalidArg)?;
    let option = option.split(' ').next()?;
    let word = match error.kind() {
        UnknownArgument => words
            .iter()
            .find(|word| is_cluster(word) && word.starts_with(option))
            .filter(|word| meant::is_like_code(word))?,
        InvalidValue => {
            let at = words.iter().position(|word| word == option)?;
            words.get(at + 1).filter(|word| is_cluster(word))?
        }
        _ => return None,
    };
    Some(behind_dashes(words, word))
}

/// A dash, and more than one letter.
fn is_cluster(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.chars().count() > 2
}

/// What begins with a dash stands behind `--`, or as one word with its option.
fn behind_dashes(words: &[String], word: &str) -> Error {
    let error = Error::usage(format!("`{word}` begins like an option"));
    let at = words.iter().position(|other| other == word);
    let Some(at) = at.filter(|_| typed_command(words) != "sxinv") else {
        return error.hinted("more: sxinv --help");
    };
    let (before, behind) = words.split_at(at);
    let last = &before[at - 1];
    let value = format!("{last}={word}");
    let is_value = last.starts_with("--") && !last.contains('=');
    let (last, word) = match is_value {
        true => (None, value.as_str()),
        false => (Some("--"), word),
    };
    let before = before[1..at - usize::from(is_value)]
        .iter()
        .map(String::as_str);
    let meant = ["sxinv"]
        .into_iter()
        .chain(before)
        .chain(last)
        .chain([word]);
    let meant = meant.chain(behind[1..].iter().map(String::as_str));
    error.hinted(shell::joined(meant))
}

/// Whether the option that is suggested is not near what was typed: `--ignore` is not what `--force` means.
fn suggests_afar(error: &clap::Error) -> bool {
    let (Some(typed), Some(suggested)) = (
        of_error(error, ContextKind::InvalidArg),
        of_error(error, ContextKind::SuggestedArg),
    ) else {
        return false;
    };
    let typed = typed.split(['=', ' ']).next().unwrap_or_default();
    let shortened = typed.len() > 3 && suggested.starts_with(typed);
    !shortened && near_misses(typed, std::iter::once(suggested)).is_empty()
}

/// A command that there is none of, where it is known which one is meant, or perhaps.
fn unknown_command(error: &clap::Error, words: &[String]) -> Option<Error> {
    let name = of_error(error, ContextKind::InvalidSubcommand)?;
    let at = words.iter().position(|word| word == name)?;
    let no_such = Error::usage(format!("there is no command {name}"));
    // The program was perhaps called by a path.
    let line = |meant: &[String]| {
        let meant = meant.iter().skip(1).map(String::as_str);
        shell::joined(["sxinv"].into_iter().chain(meant))
    };
    if let Some(meant) = meant::instead(words, at) {
        return Some(no_such.hinted(line(&meant)));
    }
    let near = nearest_commands(error, name);
    if near.is_empty() {
        return None;
    }
    let meant = near.iter().map(|near| {
        let mut meant = words.to_vec();
        meant[at].clone_from(near);
        meant
    });
    // What lacks an argument is no command yet.
    let are_whole = meant
        .clone()
        .all(|meant| super::command().try_get_matches_from(meant).is_ok());
    let lines: Vec<String> = meant.map(|meant| line(&meant)).collect();
    Some(no_such.hinted(match are_whole {
        true => lines.join("\n"),
        false => format!("did you mean {}?", near.join(" or ")),
    }))
}

/// The commands whose names are the nearest to what was typed.
fn nearest_commands(error: &clap::Error, typed: &str) -> Vec<String> {
    let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand) else {
        return Vec::new();
    };
    let distance = |name: &str| strsim::damerau_levenshtein(name, typed);
    let nearest = similar.iter().map(|name| distance(name)).min();
    let program = super::command();
    let mut near = Vec::new();
    for name in similar
        .iter()
        .filter(|name| Some(distance(name)) == nearest)
    {
        // By its own name, where another one is near.
        let name = program
            .find_subcommand(name)
            .map_or(&name[..], clap::Command::get_name);
        if !near.iter().any(|known| known == name) {
            near.push(name.to_owned());
        }
    }
    near
}

/// A message of the parser without the marks of a programming language.
pub(super) fn in_words(message: &str) -> String {
    let Some((before, range)) = message.rsplit_once(" is not in ") else {
        return message.to_owned();
    };
    let Some((from, to)) = range.split_once("..") else {
        return message.to_owned();
    };
    match to.strip_prefix('=') {
        Some(to) => format!("{before} is not from {from} to {to}"),
        // As far as numbers go.
        None => format!("{before} is less than {from}"),
    }
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
    let option = of_error(error, ContextKind::InvalidArg)?;
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
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    let source = error.source()?;
    let why = source.downcast_ref::<std::num::ParseIntError>()?;
    let option = of_error(error, ContextKind::InvalidArg)?;
    let value = of_error(error, ContextKind::InvalidValue)?;
    let option = option.split(' ').next().unwrap_or_default();
    let error = Error::usage(match why.kind() {
        PosOverflow | NegOverflow => format!("{option} takes no number as large as {value}"),
        _ => format!("{option} takes a whole number, and `{value}` is none"),
    });
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
