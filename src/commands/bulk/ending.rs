//! The end of a bulk run: the exit that its outcomes call for, and what can be done next.

use std::path::Path;

use super::report::Written;
use crate::change::outcome::{Outcome, Totals};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::words::{counted, grouped};

/// What can be done about rows that were not applied.
#[derive(Clone, Copy, Debug, Default)]
pub enum Mend<'a> {
    /// They went to this file.
    Rejects(&'a Path),
    /// They could have gone to a file.
    Option,
    /// Some are lots that add up with rows that went well: in this file they can be mended, and not by themselves.
    Whole(&'a Path),
    /// They were to take this run back.
    Undo(&'a str),
    /// They can be looked at.
    #[default]
    History,
}

impl<'a> Mend<'a> {
    /// By the file that `--rejects` names.
    pub fn of(rejects: Option<&'a Path>) -> Mend<'a> {
        rejects.map_or(Mend::Option, Mend::Rejects)
    }

    fn hint(self, run: &str) -> String {
        match self {
            Mend::Rejects(path) => format!(
                "they are in {}: mend them and import that file",
                path.display()
            ),
            Mend::Option => {
                "--rejects FILE writes such rows to a file that can be mended and imported"
                    .to_owned()
            }
            Mend::Whole(path) => format!(
                "a lot that failed may be one of a variant that others were set for: mend it in {} and import that whole file again",
                path.display()
            ),
            Mend::Undo(original) => {
                format!("sxinv history {run} shows why\nsxinv undo {original} tries them again")
            }
            Mend::History => format!("sxinv history {run} shows why"),
        }
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
        Mend::Rejects(_) if !rejects_stand => Mend::History,
        mend => mend,
    };
    let mut lost = lost.into_iter();
    let ended = match by_outcome(run, &totals, stopped, mend, context) {
        Ok(exit) => match lost.next() {
            None => Ok(exit),
            Some(first) => {
                let message = format!("the run went well, but: {}", first.message());
                let hint = format!("sxinv history {run} has every row");
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
    match (stopped, in_doubt, not_applied) {
        (Some(error), in_doubt, not_applied) => {
            // Rows that the credentials alone kept from being sent are open like those whose turn never came.
            let open = of(Outcome::Skipped) + of(Outcome::Unknown) > 0;
            let go_on = match open || error.kind() == Kind::Auth {
                true => format!("go on with: {resume}"),
                false => mend.hint(run),
            };
            let applied = of(Outcome::Applied) > 0;
            Err(stopped_early(error, in_doubt, not_applied, applied, go_on))
        }
        (None, Some(in_doubt), _) => {
            Err(Error::new(Kind::UnknownOutcome, in_doubt).hinted(format!(
                "look at their stock: sxinv history {run}\n{resume} --resend-unknown sends those whose stock is as it was"
            )))
        }
        (None, None, Some(not_applied)) => {
            Err(Error::new(Kind::Partial, not_applied).hinted(mend.hint(run)))
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
        _ if in_doubt.is_some() => Error::new(Kind::UnknownOutcome, message).hinted(go_on),
        Kind::Auth | Kind::Internal => {
            let hint = match error.hint() {
                Some(hint) => format!("{hint}\n{go_on}"),
                None => go_on,
            };
            error.hinted(hint)
        }
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
