//! Parse, dispatch, print the error once, exit.
#![forbid(unsafe_code)]

use std::process::{ExitCode, exit};

use sxinv::cli::mistyped::{self, Untyped};
use sxinv::cli::{self, recipe};
use sxinv::color;
use sxinv::commands::completions;
use sxinv::contained;
use sxinv::context::Context;
use sxinv::error::{Error, Kind, Result};
use sxinv::interrupt::Interrupt;
use sxinv::settings::{Environment, Settings};
use sxinv::stdio;
use sxinv::ui::{Manner, Ui};

fn main() -> ExitCode {
    contained::run(answered).unwrap_or_else(|bug| {
        let untyped = Untyped::read(std::env::args_os());
        let error = Error::internal(format!("a bug in sxinv: {bug}"))
            .hinted("what was sent is in the ledger: sxinv history");
        failed(&Ui::new(Manner::of_errors(untyped.output)), &error)
    })
}

fn answered() -> ExitCode {
    // A shell asks, not a person; nothing else is set up for it.
    if let Some(shell) = completions::asked_by() {
        return match completions::answer(shell, cli::command()) {
            Ok(()) => ExitCode::SUCCESS,
            // A prompt is no place for an error.
            Err(_) => ExitCode::FAILURE,
        };
    }
    let untyped = Untyped::read(std::env::args_os());
    color::choose(untyped.color);
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error, &untyped),
    };
    let cli = match recipe::expanded(cli, std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(error) => return failed(&Ui::new(Manner::of_errors(untyped.output)), &error),
    };
    let interrupt = Interrupt::new();
    let pages = cli.command.as_ref().is_some_and(cli::Command::pages);
    let settings = Environment::of_process()
        .and_then(|environment| Settings::resolve(cli.global, environment));
    let context =
        match settings.and_then(|settings| Context::new(settings, interrupt.clone(), pages)) {
            Ok(context) => context,
            Err(error) => return failed(&Ui::new(Manner::of_errors(untyped.output)), &error),
        };
    let ui = context.ui().clone();
    // Until stock is being written there is nothing to settle.
    let leave = move |signal| {
        ui.interrupted(signal);
        exit(i32::from(Kind::Interrupted(signal).exit_code()));
    };
    let ui = context.ui().clone();
    if let Err(error) = interrupt.watch(leave, move || ui.is_back()) {
        return failed(context.ui(), &error);
    }
    match run(cli.command.as_ref(), &context) {
        Ok(code) => ExitCode::from(code),
        Err(error) if error.is_closed_pipe() => {
            context.ui().finish();
            ExitCode::SUCCESS
        }
        Err(error) => failed(context.ui(), &context.explained(error)),
    }
}

fn run(command: Option<&cli::Command>, context: &Context) -> Result<u8> {
    let exit = cli::dispatch(command, context)?;
    context.ui().finish();
    Ok(exit.code())
}

fn failed(ui: &Ui, error: &Error) -> ExitCode {
    ui.error(error);
    ExitCode::from(error.kind().exit_code())
}

/// Help and versions go to stdout as they are; a wrong command line is an error like any other.
fn unparsed(parsed: &clap::Error, context: &Untyped) -> ExitCode {
    let ui = Ui::new(Manner::of_errors(context.output));
    let error = match parsed.use_stderr() {
        true => Some(mistyped::error(parsed, std::env::args_os())),
        false => mistyped::by_accident(std::env::args_os()),
    };
    if let Some(error) = error {
        return failed(&ui, &error);
    }
    let printed = stdio::check_stdout().and_then(|()| parsed.print());
    match printed.map_err(Error::unwritten) {
        Err(error) if !error.is_closed_pipe() => failed(&ui, &error),
        _ => ExitCode::SUCCESS,
    }
}
