//! The command line as it is typed: the commands, and the one match that dispatches them. The options of every command are
//! [`Typed`].

pub mod help;
pub mod mistyped;
pub mod recipe;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{self, complete};
use crate::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::settings::Typed;

/// Run a SeloraX shop's stock from the command line
///
/// List and search stock, set and adjust it by SKU code, and restock the whole shop from a CSV file. No adjustment is
/// ever applied twice because an answer got lost.
#[derive(Parser, Debug)]
#[command(
    name = "sxinv",
    override_usage = "sxinv [OPTIONS] <COMMAND>",
    version,
    propagate_version = true,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "\
Examples:
  sxinv -p sandbox list                          try it on the built-in shop
  sxinv profile add flowers                      keep a store's credentials
  sxinv show PRB-SM-RED                          by the code on its label
  sxinv adjust PRB-SM-RED -3 --reason Damaged    three fewer
  sxinv import-csv restock.csv                   a whole delivery

Exit codes:
  0 done                  5 refused               9 found (--exit-code)
  1 this machine failed   6 server unavailable    130 interrupted (Ctrl-C)
  2 usage                 7 partly done           143 interrupted (SIGTERM)
  3 credentials           8 outcome unknown
  4 not found"
)]
pub struct Cli {
    /// Options for every command.
    #[command(flatten)]
    pub global: Typed,

    /// What to do; nothing shows what there is.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// List products with their total stock
    #[command(visible_alias = "ls")]
    List(commands::list::ListArgs),
    /// Show one product with its variants
    Show(commands::show::ShowArgs),
    /// Set absolute quantities of one product's variants
    Set(commands::set::SetArgs),
    /// Adjust the stock of one variant up or down
    Adjust(commands::adjust::AdjustArgs),
    /// Set or adjust many variants from a CSV file
    #[command(visible_alias = "import")]
    ImportCsv(Box<commands::import_csv::ImportArgs>),
    /// Count, receive or pick with a barcode scanner
    Scan(commands::scan::ScanArgs),
    /// Write every variant to a CSV file that import-csv takes back
    #[command(visible_alias = "export")]
    ExportCsv(commands::export_csv::ExportArgs),
    /// Show what this machine wrote, run by run
    History(commands::history::HistoryArgs),
    /// Take a run back
    Undo(commands::undo::UndoArgs),
    /// Remember the whole store's stock
    Snapshot(commands::snapshot::SnapshotArgs),
    /// Show what changed between two moments, and how much was ours
    Diff(commands::diff::DiffArgs),
    /// Show what to order, by minimum and target levels
    Reorder(commands::reorder::ReorderArgs),
    /// Write the stock as one page with pictures, for browser and paper
    Report(commands::report::ReportArgs),
    /// Keep the credentials of stores
    Profile(commands::profile::ProfileArgs),
    /// Check that credentials, scopes and connection are in order
    Check(commands::check::CheckArgs),
    /// Receive, verify, keep and print webhooks
    Listen(commands::listen::ListenArgs),
    /// Run the built-in shop that has the same API
    Sandbox(commands::sandbox::SandboxArgs),
    /// Write the completions of a shell
    Completions(commands::completions::CompletionsArgs),
    /// Open a manual page, or write it
    Man(commands::man::ManArgs),
}

impl Command {
    /// What is surely not done as long as a signal simply ends the program: see [`crate::ui::Ui::leaves_undone`].
    fn undone(&self) -> Option<&'static str> {
        match self {
            Command::Set(_) | Command::Adjust(_) | Command::ImportCsv(_) | Command::Undo(_) => {
                Some("nothing was sent")
            }
            Command::Profile(_) => Some("nothing was saved"),
            _ => None,
        }
    }

    /// Whether a long table of its results goes through the pager: never what a write reports.
    pub fn pages(&self) -> bool {
        !matches!(
            self,
            Command::Set(_)
                | Command::Adjust(_)
                | Command::ImportCsv(_)
                | Command::Undo(_)
                | Command::Scan(_)
                | Command::ExportCsv(_)
                | Command::Snapshot(_)
                | Command::Listen(_)
                | Command::Sandbox(_)
        )
    }
}

/// Does what was typed.
pub fn dispatch(command: Option<&Command>, context: &Context) -> Result<Exit> {
    let Some(command) = command else {
        return commands::welcome::run(context);
    };
    context.ui().leaves_undone(command.undone());
    match command {
        Command::List(args) => commands::list::run(args, context),
        Command::Show(args) => commands::show::run(args, context),
        Command::Set(args) => commands::set::run(args, context),
        Command::Adjust(args) => commands::adjust::run(args, context),
        Command::ImportCsv(args) => commands::import_csv::run(args, context),
        Command::Scan(args) => commands::scan::run(args, context),
        Command::ExportCsv(args) => commands::export_csv::run(args, context),
        Command::History(args) => commands::history::run(args, context),
        Command::Undo(args) => commands::undo::run(args, context),
        Command::Snapshot(args) => commands::snapshot::run(args, context),
        Command::Diff(args) => commands::diff::run(args, context),
        Command::Reorder(args) => commands::reorder::run(args, context),
        Command::Report(args) => commands::report::run(args, context),
        Command::Profile(args) => commands::profile::run(args, context),
        Command::Check(args) => commands::check::run(args, context),
        Command::Listen(args) => commands::listen::run(args, context),
        Command::Sandbox(args) => commands::sandbox::run(args, context),
        Command::Completions(args) => commands::completions::run(args, self::command(), context),
        Command::Man(args) => commands::man::run(args, self::command(), context),
    }
}

/// The tree of commands, for completions and manual pages.
pub fn command() -> clap::Command {
    help::in_groups(without_groups(), "sxinv")
}

fn without_groups() -> clap::Command {
    let program = Cli::command().args(help::flags());
    program.mut_args(|arg| match arg.get_id().as_str() {
        "profile" => arg.add(complete::profiles()),
        "fields" => arg.add(complete::fields()),
        _ => arg,
    })
}

/// Parses a command line, the program's name first. Help and versions come as errors, as in [`clap`].
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let (words, length) = help::asked(words);
    // Only help has a use for groups and lengths, and most command lines ask for none.
    parsed_by(without_groups(), &words)
        .or_else(|_| parsed_by(help::arranged(command(), length), &words))
}

fn parsed_by(mut program: clap::Command, words: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = program.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches(&matches).map_err(|e| e.format(&mut program))
}
