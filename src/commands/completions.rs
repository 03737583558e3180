//! `sxinv completions`: what a shell needs to complete commands and options.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use crate::cli::{self, Exit};
use crate::context::Context;
use crate::error::Result;

/// Which shell.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv completions bash > ~/.local/share/bash-completion/completions/sxinv
  sxinv completions zsh > ~/.zfunc/_sxinv
  sxinv completions fish > ~/.config/fish/completions/sxinv.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the completions to stdout.
pub fn run(args: &CompletionsArgs, context: &Context) -> Result<Exit> {
    context.write(&script(args.shell))?;
    Ok(Exit::Done)
}

/// The completion script of a shell.
pub fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "sxinv", &mut script);
    // Each line once: some generators end with several line breaks.
    let _ = script.flush();
    script
}
