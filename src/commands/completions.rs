//! `sxinv completions`: what a shell needs to complete commands, options, and what the shop has.

use std::io::Write;

use clap::Args;
use clap::Command;
use clap_complete::{Shell, generate};

use super::complete::Asking;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::stdio;

/// Set by a shell that asks for completions; it names the shell.
const ASKED_BY: &str = "COMPLETE";

/// Which shell.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv completions bash > ~/.local/share/bash-completion/completions/sxinv
  sxinv completions zsh > ~/.zfunc/_sxinv
  sxinv completions fish > ~/.config/fish/completions/sxinv.fish

In bash, zsh and fish, SKU codes, products, runs and profiles are completed as well; no request is made for it.")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the completions of the `program` to stdout.
pub fn run(args: &CompletionsArgs, program: Command, context: &Context) -> Result<Exit> {
    context.write(&script(args.shell, program)?)?;
    Ok(Exit::Done)
}

/// The completion script of a shell for the `program`: one that asks this program where the shell can do that.
pub fn script(shell: Shell, mut program: Command) -> Result<Vec<u8>> {
    if let Some(asking) = Asking::named(&shell.to_string()) {
        return Ok(asking.script().into());
    }
    let mut script = Vec::new();
    generate(shell, &mut program, "sxinv", &mut script);
    Ok(script)
}

/// The shell that asks for completions, if one does. Costs one look at the environment.
pub fn asked_by() -> Option<Asking> {
    // The variable may have been set by somebody who means something else.
    Asking::named(std::env::var_os(ASKED_BY)?.to_str()?)
}

/// Answers the shell on stdout. To be called before anything else is set up.
pub fn answer(shell: Asking, program: Command) -> Result<()> {
    let handed: Vec<_> = std::env::args_os()
        .skip_while(|word| word != "--")
        .skip(1)
        .collect();
    let answer = shell.answer(program, &handed);
    stdio::stdout()
        .write_all(answer.as_bytes())
        .map_err(Error::unwritten)
}
