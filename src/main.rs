//! Parse, dispatch, print the error once, exit.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::process::{ExitCode, exit};

use clap::Parser;
use sxinv::cli::{self, Cli};
use sxinv::commands::completions;
use sxinv::context::{Context, json_errors};
use sxinv::error::{Error, Kind, Result};
use sxinv::interrupt::Interrupt;
use sxinv::settings::Settings;
use sxinv::ui::{Manner, Ui};

fn main() -> ExitCode {
    // A shell asks, not a person; nothing else is set up for it.
    if let Some(shell) = completions::asked_by() {
        return match completions::answer(shell) {
            Ok(()) => ExitCode::SUCCESS,
            // A prompt is no place for an error.
            Err(_) => ExitCode::FAILURE,
        };
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return mistyped(&error),
    };
    let environment = Box::new(|name: &str| std::env::var(name).ok());
    let settings = match Settings::resolve(cli.global.into(), environment) {
        Ok(settings) => settings,
        Err(error) => return failed(&untyped_ui(), &error),
    };
    let interrupt = Interrupt::new();
    let context = Context::new(settings, interrupt.clone());
    let ui = context.ui().clone();
    // Until stock is being written there is nothing to settle.
    let leave = move |signal| {
        ui.interrupted(signal);
        exit(i32::from(Kind::Interrupted(signal).exit_code()));
    };
    if let Err(error) = interrupt.watch(leave) {
        return failed(context.ui(), &error);
    }
    match run(&cli.command, &context) {
        Ok(code) => ExitCode::from(code),
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => failed(context.ui(), &error),
    }
}

fn run(command: &cli::Command, context: &Context) -> Result<u8> {
    let exit = cli::dispatch(command, context)?;
    context.ui().finish();
    Ok(exit.code())
}

fn failed(ui: &Ui, error: &Error) -> ExitCode {
    ui.error(error);
    ExitCode::from(error.kind().exit_code())
}

/// Help and versions go to stdout as clap writes them; a wrong command line is an error like any other.
fn mistyped(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that went away is no reason to fail.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if !wants_json(std::env::args_os()) {
        let _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.render().to_string();
    let mut paragraphs = text.trim_start_matches("error: ").split("\n\n");
    let message = paragraphs.next().unwrap_or_default();
    let message: Vec<&str> = message.split_whitespace().collect();
    failed(
        &untyped_ui(),
        &Error::usage(message.join(" ")).hinted("see --help"),
    )
}

/// The way to the user before it is known what was typed.
fn untyped_ui() -> Ui {
    Ui::new(Manner {
        json_errors: wants_json(std::env::args_os()),
        ..Manner::default()
    })
}

/// Whether a command line that can't be parsed asks for JSON, or the environment does.
fn wants_json(words: impl Iterator<Item = OsString>) -> bool {
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let typed = words.iter().enumerate().find_map(|(n, word)| {
        let value = match word.as_str() {
            "-o" | "--output" => words.get(n + 1).map(String::as_str),
            word => word
                .strip_prefix("--output=")
                .or_else(|| word.strip_prefix("-o")),
        };
        value?.trim_start_matches('=').parse().ok()
    });
    let of_environment = || {
        std::env::var(sxinv::settings::env::OUTPUT)
            .ok()?
            .parse()
            .ok()
    };
    typed.or_else(of_environment).is_some_and(json_errors)
}
