//! `sxinv man`: manual pages, made from the same text as `--help`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use clap::Args;
use clap::builder::Resettable;
use clap_mangen::Man;

use super::complete;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;

/// Which page, or all of them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv man                                      read it
  sxinv man import-csv                           the page of one command
  sxinv man --dir ~/.local/share/man/man1        a file for each command")]
pub struct ManArgs {
    /// The command whose page is wanted; the program's own where none is given
    #[arg(value_name = "COMMAND", num_args = 0.., add = complete::commands())]
    command: Vec<String>,

    /// Write every page into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Of the `program` it opens a page at a terminal, else writes it to stdout; or writes all of them into a folder.
pub fn run(args: &ManArgs, mut program: clap::Command, context: &Context) -> Result<Exit> {
    program.build();
    if let Some(folder) = &args.dir {
        let failed = |e: io::Error| {
            Error::usage(format!("can't write into {}", folder.display())).caused_by(e)
        };
        fs::create_dir_all(folder).map_err(failed)?;
        write_all(&program, folder).map_err(failed)?;
        context
            .ui()
            .note(format!("the pages are in {}", folder.display()));
        return Ok(Exit::Done);
    }
    let mut command = &program;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            Error::usage(format!("there is no command {name}")).hinted("the commands: sxinv --help")
        })?;
    }
    let page = page(command)?;
    if context.terminal().width.is_some() && opened(&page, command, context)? {
        return Ok(Exit::Done);
    }
    context.write(&page)?;
    Ok(Exit::Done)
}

/// Every page, each in a file of its own.
fn write_all(command: &clap::Command, folder: &Path) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let page = page(command).map_err(io::Error::other)?;
    fs::write(folder.join(format!("{name}.1")), page)?;
    command
        .get_subcommands()
        .try_for_each(|sub| write_all(sub, folder))
}

/// Shows a page with the system's `man`; `false` where there is none.
fn opened(page: &[u8], command: &clap::Command, context: &Context) -> Result<bool> {
    let failed = |e: io::Error| Error::internal("can't write the page").caused_by(e);
    let folder = tempfile::tempdir().map_err(failed)?;
    let name = command.get_display_name().unwrap_or(command.get_name());
    let file = folder.path().join(format!("{name}.1"));
    fs::write(&file, page).map_err(failed)?;
    let _child = context.interrupt().leave_to_child();
    Ok(Command::new("man").arg(&file).status().is_ok())
}

/// A page in roff. What stands below the options keeps its lines: examples, exit codes.
fn page(command: &clap::Command) -> Result<Vec<u8>> {
    let below = command.get_after_help().map(ToString::to_string);
    let mut page = Vec::new();
    // Of what -h leaves out the page would say nothing.
    let command = command.clone().mut_args(|arg| arg.hide_short_help(false));
    Man::new(command.after_help(Resettable::Reset))
        .render(&mut page)
        .map_err(|e| Error::internal("can't write the page").caused_by(e))?;
    let version = page.windows(11).position(|at| at == b".SH VERSION");
    let tail = page.split_off(version.unwrap_or(page.len()));
    for part in below.iter().flat_map(|below| below.split("\n\n")) {
        page.extend_from_slice(section(part).as_bytes());
    }
    page.extend_from_slice(&tail);
    Ok(page)
}

/// A paragraph: where its first line ends in a colon, a section whose lines stay as they are.
fn section(part: &str) -> String {
    let escaped = |line: &str| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        match line.starts_with(['.', '\'']) {
            true => format!("\\&{line}\n"),
            false => format!("{line}\n"),
        }
    };
    let mut lines = part.lines();
    match lines.next() {
        Some(title) if title.ends_with(':') => {
            let title = title.trim_end_matches(':').to_uppercase();
            let lines: String = lines.map(|line| escaped(line.trim_end())).collect();
            format!(".SH {title}\n.nf\n{lines}.fi\n")
        }
        _ => {
            let lines: String = part.lines().map(|line| escaped(line.trim())).collect();
            format!(".PP\n{lines}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_and_exit_codes_keep_their_lines() {
        let program = crate::cli::command();
        let page = String::from_utf8(page(&program).unwrap()).unwrap();
        assert!(
            page.contains(".SH EXAMPLES\n.nf\n  sxinv \\-p sandbox list "),
            "{page}"
        );
        assert!(page.contains(".SH EXIT CODES\n.nf\n  0 done "), "{page}");
        assert!(!page.contains(".SH EXTRA"), "{page}");
        assert_eq!(section(".a\n'b"), ".PP\n\\&.a\n\\&'b\n");
    }
}
