//! The end of a bulk run: the exit that its outcomes call for, and what can be done next.

use std::path::Path;

use super::report::Written;
use crate::change::left::rejects_of;
use crate::change::outcome::{Outcome, Totals};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::wanted::Mode;
use crate::words::{counted, grouped};

/// What can be done about rows that were not applied.
#[derive(Clone, Copy, Debug, Default)]
pub enum Mend<'a> {
    /// Each can be mended by itself.
    Rows {
        /// What the run does.
        mode: Mode,
        /// The file that they went to, as they stood in their own.
        rejects: Option<&'a Path>,
        /// The options that their quantities and reasons need.
        with: &'a str,
    },
    /// Some may be lots that add up with rows that went well: they can be mended in this file, and not by themselves.
    Lots {
        /// What the run does, which is not adjustments: these add up by themselves.
        mode: Mode,
        /// The file that was read.
        file: &'a str,
        /// The options that its quantities need.
        with: &'a str,
    },
    /// They were to be taken back from this run, which is done by taking it back once more, and by no file.
    Undo(&'a str),
    /// They can be looked at.
    #[default]
    History,
}

impl<'a> Mend<'a> {
    /// What can be done about those of a run in this mode. `rejects` is the file that `--rejects` names, `lots` the file that
    /// was read, where rows of it add up, `with` what either needs beside its name.
    pub fn of(
        mode: Mode,
        rejects: Option<&'a Path>,
        lots: Option<&'a str>,
        with: &'a str,
    ) -> Mend<'a> {
        match lots {
            Some(file) if mode != Mode::Adjust => Mend::Lots { mode, file, with },
            _ => Mend::Rows {
                mode,
                rejects,
                with,
            },
        }
    }

    /// `moved` says whether rows of the run were applied, or may have been.
    fn hint(self, run: &str, moved: bool) -> String {
        match self {
            Mend::Rows {
                mode,
                rejects,
                with,
            } => {
                // A quantity may be set as often as one likes.
                let not = match moved && mode != Mode::Set {
                    true => ", not the whole file again, which would apply the others twice",
                    false => "",
                };
                match rejects {
                    Some(path) => format!(
                        "they are in {}: mend them and import that file{}{not}",
                        path.display(),
                        needs(with)
                    ),
                    None => format!(
                        "mend them and import them by themselves{not}:\n{}",
                        rejects_of(run)
                    ),
                }
            }
            Mend::Lots { mode, file, with } => {
                let done = if mode == Mode::Set { "set" } else { "counted" };
                let file = if file == "-" { "the file" } else { file };
                let may = format!(
                    "a lot that failed may be one of a variant that others were {done} for"
                );
                match moved && mode != Mode::Set {
                    false => format!(
                        "{may}: mend it in {file} and import that whole file again{}",
                        needs(with)
                    ),
                    true => format!(
                        "{may}: take the run back, mend {file} and import the whole of it again{}:\nsxinv undo {run}",
                        needs(with)
                    ),
                }
            }
            Mend::Undo(of) => {
                format!(
                    "why: sxinv history {run}\nto take these back when that can be done: sxinv undo {of}"
                )
            }
            Mend::History => format!("why: sxinv history {run}"),
        }
    }
}

/// The options that a file needs, behind what is to be done with it.
fn needs(with: &str) -> String {
    match with {
        "" => String::new(),
        with => format!(" with {with}"),
    }
}

/// The exit that the outcomes of a run call for (docs/commands.md: Exit codes). What could not be printed or written is the
/// error only where the run itself went well.
pub fn ending(
    run: &str,
    written: Written,
    stopped: Option<Error>,
    mend: Mend<'_>,
    context: &Context,
) -> Result<Exit> {
    let Written {
        totals,
        lost,
        rejects_stand,
    } = written;
    let mend = match mend {
        Mend::Rows { mode, with, .. } if !rejects_stand => Mend::of(mode, None, None, with),
        mend => mend,
    };
    let mut lost = lost.into_iter();
    let ended = match by_outcome(run, &totals, stopped, mend, context) {
        Ok(exit) => match lost.next() {
            None => Ok(exit),
            Some(first) => {
                let message = format!("the run went well, but: {}", first.message());
                let hint = format!("every row: sxinv history {run}");
                Err(first.reworded(message).hinted(hint))
            }
        },
        worse => worse,
    };
    for lost in lost {
        context.ui().lost(lost.full_message());
    }
    ended
}

fn by_outcome(
    run: &str,
    totals: &Totals,
    stopped: Option<Error>,
    mend: Mend<'_>,
    context: &Context,
) -> Result<Exit> {
    let of = |outcome| totals.of(outcome);
    let share = |n: u64| format!("{} of {}", grouped(n as i64), counted(totals.rows(), "row"));
    let resume = format!("{} import-csv --resume {run}", context.typed_again()?);
    let not_applied = match of(Outcome::Failed) + of(Outcome::Conflict) + of(Outcome::Skipped) {
        0 => None,
        1 => Some(format!("{} was not applied", share(1))),
        n => Some(format!("{} were not applied", share(n))),
    };
    let in_doubt = match of(Outcome::Unknown) {
        0 => None,
        n => Some(format!("{} may or may not have been applied", share(n))),
    };
    let moved = of(Outcome::Applied) + of(Outcome::Unknown) > 0;
    match (stopped, in_doubt, not_applied) {
        (Some(error), in_doubt, not_applied) => {
            // Rows that the credentials alone kept from being sent are open like those whose turn never came.
            let open = of(Outcome::Skipped) + of(Outcome::Unknown) > 0;
            let go_on = match open || error.kind() == Kind::Auth {
                true => format!("go on with: {resume}"),
                false => mend.hint(run, moved),
            };
            let applied = of(Outcome::Applied) > 0;
            Err(stopped_early(error, in_doubt, not_applied, applied, go_on))
        }
        (None, Some(in_doubt), not_applied) => {
            let mut hint = format!(
                "look at the stock of those in doubt: sxinv history {run}\nto send those again whose stock is as it was: {resume} --resend-unknown"
            );
            let mut message = in_doubt;
            if let Some(not_applied) = not_applied {
                message += &format!("; {not_applied}");
                hint += &format!("\nthose that were not applied: {}", mend.hint(run, moved));
            }
            Err(Error::new(Kind::UnknownOutcome, message).hinted(hint))
        }
        (None, None, Some(not_applied)) => {
            Err(Error::new(Kind::Partial, not_applied).hinted(mend.hint(run, moved)))
        }
        (None, None, None) => Ok(Exit::Done),
    }
}

/// The error of a run that ended before its last row.
fn stopped_early(
    error: Error,
    in_doubt: Option<String>,
    not_applied: Option<String>,
    applied: bool,
    go_on: String,
) -> Error {
    let message = match &in_doubt {
        None if matches!(error.kind(), Kind::Interrupted(_)) && !applied => {
            format!("{}; nothing was changed", error.message())
        }
        None => error.message().to_owned(),
        Some(in_doubt) => format!("{}; {in_doubt}", error.message()),
    };
    match error.kind() {
        Kind::Interrupted(_) => error.reworded(message).hinted(go_on),
        _ if in_doubt.is_some() => {
            let message = match not_applied {
                Some(not_applied) => format!("{message}; {not_applied}"),
                None => message,
            };
            Error::new(Kind::UnknownOutcome, message).hinted(go_on)
        }
        Kind::Auth | Kind::Internal => error.also_hinted(go_on),
        Kind::Unavailable if !applied => error.hinted(go_on),
        _ => {
            let message = match not_applied {
                Some(not_applied) => format!("{not_applied}: {message}"),
                None => message,
            };
            Error::new(Kind::Partial, message).hinted(go_on)
        }
    }
}
