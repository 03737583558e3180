//! Help in two lengths: `-h` fits a screen, `--help` tells all (docs/commands.md: Help).
//!
//! `-h` shows the first examples, and every option, or those that [`BRIEF`] names where that is too long. `--help` has every
//! option with one line each, in the groups of [`HEADINGS`].

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

use crate::width::wrapped;

/// The commands in groups, as the program's own help lists them.
pub const GROUPS: [(&str, &[&str]); 4] = [
    ("Stock", &["list", "show", "set", "adjust", "reorder"]),
    ("Bulk", &["import-csv", "export-csv", "scan"]),
    (
        "History",
        &["history", "undo", "snapshot", "diff", "report"],
    ),
    (
        "Setup",
        &[
            "profile",
            "check",
            "listen",
            "sandbox",
            "completions",
            "man",
        ],
    ),
];

/// The options that `-h` shows of a command; of one that does not stand here, all of them.
const BRIEF: [(&str, &[&str]); 9] = [
    ("sxinv", &["profile", "output"]),
    (
        "sxinv list",
        &["all", "sort", "status", "below", "variants"],
    ),
    (
        "sxinv import-csv",
        &[
            "recipe", "map", "mode", "rejects", "yes", "dry_run", "resume",
        ],
    ),
    ("sxinv export-csv", &["excel", "status", "search"]),
    ("sxinv history", &["rejects", "since", "sku", "runs"]),
    ("sxinv undo", &["last", "yes", "dry_run"]),
    ("sxinv snapshot", &["list", "keep"]),
    (
        "sxinv profile add",
        &[
            "token_stdin",
            "client_id",
            "client_secret_stdin",
            "store_id",
        ],
    ),
    (
        "sxinv sandbox serve",
        &["port", "latency", "rate_limit", "faults"],
    ),
];

/// The options of commands that have many, in groups: with which option a group begins.
const HEADINGS: [(&str, &str, &str); 4] = [
    ("sxinv import-csv", "recipe", "Reading"),
    ("sxinv import-csv", "mode", "Meaning"),
    ("sxinv import-csv", "on_error", "Applying"),
    ("sxinv import-csv", "resume", "Going on"),
];

/// How many examples `-h` shows of a command, and of the program, which has its commands to show.
const EXAMPLES: [usize; 2] = [2, 1];

/// Below so many columns what a command does does not stand beside its name.
const NARROW: usize = 60;

/// Where options for every command stand in `-h`: behind those of the command.
const LAST: usize = 900;

/// How much help is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A screen: `-h`.
    Brief,
    /// Everything: `--help`.
    Whole,
}

/// The words as they are parsed, `help COMMAND` being `COMMAND --help`, and how much help they ask for.
pub fn asked(words: impl IntoIterator<Item = OsString>) -> (Vec<OsString>, Length) {
    let mut words: Vec<OsString> = words.into_iter().collect();
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    let mut options = words.iter().take_while(|word| *word != "--");
    let length = match options.any(|word| word == "--help") {
        true => Length::Whole,
        false => Length::Brief,
    };
    (words, length)
}

/// The tree of commands with their options in groups, and with those marked that `-h` leaves out. `path` is how the command
/// is typed.
pub fn in_groups(command: Command, path: &str) -> Command {
    let brief = BRIEF.iter().find(|(of, _)| *of == path);
    let mut heading = None;
    let command = command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        in_groups(sub, &path)
    });
    command.mut_args(|arg| {
        let id = arg.get_id().as_str();
        if let Some((.., begins)) = HEADINGS
            .iter()
            .find(|(of, first, _)| (*of, *first) == (path, id))
        {
            heading = Some(*begins);
        }
        let positional = arg.is_positional();
        let shown = positional || brief.is_none_or(|(_, names)| names.contains(&id));
        match heading.filter(|_| !positional) {
            Some(heading) => arg.help_heading(heading).hide_short_help(!shown),
            None => arg.hide_short_help(!shown),
        }
    })
}

/// The tree of commands with help of this length.
pub fn arranged(program: Command, length: Length) -> Command {
    let globals = program.get_arguments().filter(|arg| arg.is_global_set());
    let more = globals.filter(|arg| arg.is_hide_short_help_set()).count();
    let groups = groups(&program);
    let header = *program.get_styles().get_header();
    let (program, options) = match length {
        Length::Brief => {
            let program = program.mut_args(|arg| arg.display_order(LAST));
            (program, format!("{header}Options:{header:#}\n{{options}}"))
        }
        // The commands stand in their groups alone.
        Length::Whole => {
            let program = program.mut_subcommands(|command| command.hide(true));
            (program, "{all-args}".to_owned())
        }
    };
    arrange(program, "sxinv", length, more).help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\n{options}{{after-help}}"
    ))
}

/// `-h` and `-V`, for every command alike.
pub fn flags() -> [Arg; 2] {
    let flag = |name: &'static str, short, help| {
        let arg = Arg::new(name).short(short).long(name).help(help);
        arg.global(true).help_heading("Global options")
    };
    [
        flag("help", 'h', "This help; -h has only the most used").action(ArgAction::HelpShort),
        flag("version", 'V', "The version").action(ArgAction::Version),
    ]
}

fn arrange(command: Command, path: &str, length: Length, more: usize) -> Command {
    let own = command.get_arguments().filter(|arg| !arg.is_global_set());
    let hidden = more + own.filter(|arg| arg.is_hide_short_help_set()).count();
    let after = command.get_after_help().map(StyledStr::to_string);
    let command = command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        arrange(sub, &path, length, more).display_name("sxinv")
    });
    if length == Length::Whole {
        let about = command.get_long_about().cloned();
        let about = about.or_else(|| command.get_about().cloned());
        let command = command.mut_args(|arg| without_twice(arg).hide_short_help(false));
        let command = command.about(about.unwrap_or_default());
        return match after {
            Some(after) => command.after_help(unbroken(&after)),
            None => command,
        };
    }
    let of_program = path == "sxinv";
    let how_many = EXAMPLES[usize::from(of_program)];
    let mut short = after.map_or_else(String::new, |after| examples(&after, how_many));
    if !short.is_empty() {
        short.push('\n');
    }
    let more = if of_program {
        "more options, and the exit codes"
    } else {
        "more options"
    };
    let _ = write!(short, "{hidden} {more}: {path} --help");
    let command =
        command.mut_args(|arg| without_brackets(without_twice(arg)).help_heading(None::<&str>));
    command.after_help(short)
}

/// What stands below the options, each paragraph of prose as one line, so that it breaks where the terminal ends.
fn unbroken(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|part| match part.lines().next() {
        Some(title) if title.ends_with(':') => part.to_owned(),
        _ => part.lines().collect::<Vec<_>>().join(" "),
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// The values that an option takes are not listed behind a help that names them all.
fn without_twice(arg: Arg) -> Arg {
    let help = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
    let values = arg.get_possible_values();
    if values.is_empty() || !values.iter().all(|value| help.contains(value.get_name())) {
        return arg;
    }
    arg.hide_possible_values(true)
}

/// An option's variables and defaults in brackets are not for `-h`.
fn without_brackets(arg: Arg) -> Arg {
    let help = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
    let help = help.split(" [").next().unwrap_or_default().to_owned();
    arg.help(help)
}

/// The first examples of those that stand at the beginning of `after`; a line that is indented further belongs to the one
/// before it.
fn examples(after: &str, how_many: usize) -> String {
    let mut kept = String::new();
    let mut found = 0;
    for line in after.lines().take_while(|line| !line.is_empty()) {
        let begins = line.starts_with("  ") && !line.starts_with("   ");
        found += usize::from(begins);
        if found > how_many {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// The program's commands, group by group. One without a group stands under the last.
fn groups(program: &Command) -> String {
    let style = program.get_styles();
    let (header, literal) = (style.get_header(), style.get_literal());
    let mut text = String::new();
    let stdout = console::Term::stdout();
    let width = match stdout.is_term() {
        true => usize::from(stdout.size().1),
        false => usize::MAX,
    };
    for (n, (group, names)) in GROUPS.iter().enumerate() {
        let _ = writeln!(text, "{header}{group}:{header:#}");
        let grouped = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
        let strangers = program.get_subcommands().map(Command::get_name);
        let strangers = strangers.filter(|name| n + 1 == GROUPS.len() && !grouped(name));
        for name in names.iter().copied().chain(strangers) {
            let Some(command) = program.find_subcommand(name) else {
                continue;
            };
            let about = command.get_about().map(StyledStr::to_string);
            let about = beside(&about.unwrap_or_default(), width);
            let _ = writeln!(text, "  {literal}{name:<11}{literal:#}{about}");
        }
    }
    text
}

/// What a command does, beside its name; on a terminal too narrow for that, below it.
fn beside(about: &str, width: usize) -> String {
    let (begin, indent) = match width {
        NARROW.. => ("  ", 15),
        _ => ("\n      ", 6),
    };
    let lines = wrapped(about, width.saturating_sub(indent).max(20));
    let between = format!("\n{:indent$}", "");
    format!("{begin}{}", lines.join(&between))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_told_before_anything_is_parsed() {
        let asked = |line: &str| {
            let (words, length) = asked(line.split(' ').map(OsString::from));
            let words: Vec<_> = words.iter().filter_map(|word| word.to_str()).collect();
            (words.join(" "), length)
        };
        let (brief, whole) = (Length::Brief, Length::Whole);
        assert_eq!(asked("sxinv list -h"), ("sxinv list -h".into(), brief));
        assert_eq!(asked("sxinv list --help").1, whole);
        assert_eq!(asked("sxinv list -- --help").1, brief);
        assert_eq!(
            asked("sxinv help profile add"),
            ("sxinv profile add --help".into(), whole)
        );
    }

    #[test]
    fn every_option_that_the_tables_name_is_there() {
        let mut program = crate::cli::command();
        program.build();
        let firsts = HEADINGS
            .each_ref()
            .map(|(of, first, _)| (*of, std::slice::from_ref(first)));
        for (path, names) in BRIEF.into_iter().chain(firsts) {
            let command = path.split(' ').skip(1).fold(&program, |command, name| {
                command.find_subcommand(name).expect(path)
            });
            for name in names {
                let there = command.get_arguments().any(|arg| arg.get_id() == *name);
                assert!(there, "{path}: {name}");
            }
        }
    }

    #[test]
    fn two_examples_are_kept_whole() {
        let after =
            "Examples:\n  one        first\n  two --long\n             second\n  three\n\nMore.";
        assert_eq!(
            examples(after, 2),
            "Examples:\n  one        first\n  two --long\n             second\n"
        );
        assert_eq!(examples("", 2), "");
    }
}
