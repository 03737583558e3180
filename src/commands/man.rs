//! `sxinv man`: manual pages, made from the same text as `--help`.

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;

use crate::cli::{self, Exit};
use crate::context::Context;
use crate::error::{Error, Result};

/// Which page, or all of them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv man | man -l -                           read it
  sxinv man import-csv | man -l -                the page of one command
  sxinv man --dir ~/.local/share/man/man1        a file for each command")]
pub struct ManArgs {
    /// The command whose page is wanted; the program's own where none is given
    #[arg(value_name = "COMMAND", num_args = 0..)]
    command: Vec<String>,

    /// Write every page into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Writes a page to stdout, or all of them into a folder.
pub fn run(args: &ManArgs, context: &Context) -> Result<Exit> {
    let mut program = cli::command();
    program.build();
    if let Some(folder) = &args.dir {
        let failed = |e: std::io::Error| {
            Error::usage(format!("can't write into {}", folder.display())).caused_by(e)
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(program, folder).map_err(failed)?;
        context
            .ui()
            .note(format!("the pages are in {}", folder.display()));
        return Ok(Exit::Done);
    }
    let mut command = &program;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            Error::usage(format!("there is no command {name}")).hinted("sxinv --help lists them")
        })?;
    }
    let mut page = Vec::new();
    Man::new(command.clone())
        .render(&mut page)
        .map_err(|e| Error::internal("can't write the page").caused_by(e))?;
    context.write(&page)?;
    Ok(Exit::Done)
}
