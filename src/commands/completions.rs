//! `sxinv completions`: what a shell needs to complete commands, options, and what the shop has.

use clap::Args;
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Shells, Zsh};
use clap_complete::{Shell, generate};

use super::complete;
use crate::cli::{self, Exit};
use crate::context::Context;
use crate::error::{Error, Result};

/// Set by a shell that asks for completions; it names the shell.
const ASKED_BY: &str = "COMPLETE";

/// A file in `$fpath` is the body of the function that it names: the first time it is called it has to complete, too.
const ZSH_AUTOLOAD: &str = "
if [[ ${funcstack[1]} == _sxinv ]]; then
    _clap_dynamic_completer_sxinv \"$@\"
fi
";

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

/// Writes the completions to stdout.
pub fn run(args: &CompletionsArgs, context: &Context) -> Result<Exit> {
    context.write(&script(args.shell)?)?;
    Ok(Exit::Done)
}

/// The completion script of a shell: one that asks this program where the shell can do that.
pub fn script(shell: Shell) -> Result<Vec<u8>> {
    let mut script = Vec::new();
    let asking: Option<&dyn EnvCompleter> = match shell {
        Shell::Bash => Some(&Bash),
        Shell::Zsh => Some(&Zsh),
        Shell::Fish => Some(&Fish),
        _ => None,
    };
    match asking {
        Some(asking) => asking
            .write_registration(ASKED_BY, "sxinv", "sxinv", "sxinv", &mut script)
            .map_err(|e| Error::internal("can't write the completions").caused_by(e))?,
        None => generate(shell, &mut cli::command(), "sxinv", &mut script),
    }
    if shell == Shell::Zsh {
        script.extend_from_slice(ZSH_AUTOLOAD.as_bytes());
    }
    Ok(script)
}

/// The shell that asks for completions, if one does. Costs one look at the environment.
pub fn asked_by() -> Option<&'static str> {
    let shell = std::env::var_os(ASKED_BY)?;
    let shell = std::path::Path::new(&shell).file_stem()?.to_str()?;
    // The variable may have been set by somebody who means something else.
    Shells::builtins()
        .completer(shell)
        .map(|shell| shell.name())
}

/// Answers the shell on stdout. To be called before anything else is set up.
pub fn answer(shell: &str) -> Result<()> {
    let mut line: Vec<_> = std::env::args_os().collect();
    let behind = line
        .iter()
        .position(|word| word == "--")
        .map_or(line.len(), |escape| escape + 1);
    let words = complete::Words::read(shell, &mut line[behind..]);
    let tree = || complete::attach(cli::command(), &words);
    let folder = std::env::current_dir().ok();
    CompleteEnv::with_factory(tree)
        .var(ASKED_BY)
        .completer("sxinv")
        .try_complete(line, folder.as_deref())
        .map_err(|e| Error::internal("can't complete").caused_by(e))?;
    Ok(())
}
