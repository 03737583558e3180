//! The end of a bulk run: the exit that its outcomes call for, and what can be done next.

use std::path::Path;

use super::report::Written;
use crate::change::outcome::{Outcome, Totals};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::words::{counted, grouped};

/// What can be done about rows that were not applied.
#[derive(Clone, Copy, Debug)]
pub enum Mend<'a> {
    /// They went to this file.
    Rejects(&'a Path),
    /// They could have gone to a file.
    Option,
    /// Some are lots that add up with rows that went well: in this file they can be mended, and not by themselves.
    Whole(&'a Path),
    /// They can be looked at.
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
    let rows = |n: u64| {
        let were = if n == 1 { "was" } else { "were" };
        (
            format!("{} of {}", grouped(n as i64), counted(totals.rows(), "row")),
            were,
        )
    };
    let resume = format!("{} import-csv --resume {run}", context.typed_again()?);
    let not_applied = of(Outcome::Failed) + of(Outcome::Conflict) + of(Outcome::Skipped);
    let (not_applied, were) = match not_applied {
        0 => (None, "were"),
        n => {
            let (rows, were) = rows(n);
            (Some(rows), were)
        }
    };
    let unknown = of(Outcome::Unknown);
    let in_doubt = format!("{} may or may not have been applied", rows(unknown).0);
    let Some(error) = stopped else {
        if unknown > 0 {
            return Err(Error::new(Kind::UnknownOutcome, in_doubt).hinted(format!(
                "look at their stock: sxinv history {run}\n{resume} --resend-unknown sends those whose stock is as it was"
            )));
        }
        return match not_applied {
            Some(rows) => {
                let message = format!("{rows} {were} not applied");
                Err(Error::new(Kind::Partial, message).hinted(mend.hint(run)))
            }
            None => Ok(Exit::Done),
        };
    };
    // Rows that the credentials alone kept from being sent are open like those whose turn never came.
    let open = error.kind() == Kind::Auth || of(Outcome::Skipped) + unknown > 0;
    let go_on = match open {
        true => format!("go on with: {resume}"),
        false => mend.hint(run),
    };
    let message = match unknown {
        0 => error.message().to_owned(),
        _ => format!("{}; {in_doubt}", error.message()),
    };
    Err(match error.kind() {
        Kind::Interrupted(_) => error.reworded(message).hinted(go_on),
        _ if unknown > 0 => Error::new(Kind::UnknownOutcome, message).hinted(go_on),
        Kind::Auth | Kind::Internal => {
            let hint = match error.hint() {
                Some(hint) => format!("{hint}\n{go_on}"),
                None => go_on,
            };
            error.hinted(hint)
        }
        Kind::Unavailable if of(Outcome::Applied) == 0 => error.hinted(go_on),
        _ => {
            let message = match not_applied {
                Some(rows) => format!("{rows} {were} not applied: {message}"),
                None => message,
            };
            Error::new(Kind::Partial, message).hinted(go_on)
        }
    })
}
