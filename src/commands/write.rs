//! What `set` and `adjust` share: a typed plan goes out, and its one result comes back or the error that it ended in.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::run::{self, About};
use crate::change::apply::{self, Applied, Options, Settling};
use crate::change::guard;
use crate::change::outcome::{Outcome, Settled};
use crate::change::plan::{Plan, Row};
use crate::change::run_id;
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::render::{self, Column};

/// A typed change that went well.
pub struct Done {
    /// The run that it is in the ledger; none for a dry run or where nothing was sent.
    run: Option<String>,
    plan: Plan,
    settled: Vec<Settled>,
    /// The API's own words about an adjustment.
    pub answer: Option<Box<RawValue>>,
    /// What went wrong although the change was applied: a signal, or a ledger that could not hold the outcome.
    stopped: Option<Error>,
}

impl Done {
    /// Each row with what became of it.
    pub fn rows(&self) -> impl Iterator<Item = (Row<'_>, &Settled)> {
        self.plan.rows().zip(&self.settled)
    }

    /// How the command ends once its result was printed, or could not be: whoever reads it must know that the change
    /// was made.
    pub fn ends(self, printed: Result<()>, context: &Context) -> Result<Exit> {
        let Some(run) = self.run else {
            return printed.map(|()| Exit::Done);
        };
        let trouble = match (printed, self.stopped) {
            (Err(error), _) if !error.is_closed_pipe() => error,
            (_, Some(stopped)) => stopped,
            (Err(closed), None) => return Err(closed),
            (Ok(()), None) => {
                let typed = context.typed_again()?;
                context.footer(format!("take it back with: {typed} undo {run}"));
                return Ok(Exit::Done);
            }
        };
        let message = format!("the change was applied, but: {}", trouble.message());
        Err(trouble
            .reworded(message)
            .hinted(format!("sxinv history {run} shows what was done")))
    }
}

/// Applies a plan that a person typed, or foresees it. Any row that does not end well is the command's error.
pub fn typed(command: &'static str, plan: Plan, dry_run: bool, context: &Context) -> Result<Done> {
    if dry_run {
        return foreseen(plan, context);
    }
    let client = context.client()?;
    client.writable()?;
    let mut answer = None;
    let about = About {
        command,
        ..About::default()
    };
    let run = run_id::new();
    let ledger = run::begin(context, context.state()?, &run, about, &plan)?;
    let options = Options {
        concurrency: 1,
        stop_on_error: false,
    };
    let mut watch = |settling: &Settling<'_>| answer = settling.answer.map(ToOwned::to_owned);
    let applied = apply::apply(client, guard::typed(plan), options, ledger, &mut watch)?;
    let Applied {
        plan,
        settled,
        stopped,
    } = applied;
    if let Some(error) = first_trouble(&settled) {
        // A signal that came before the write is the reason for the skipped row; one that came after does not
        // change what became of it.
        return Err(match stopped {
            Some(stopped) if settled.iter().all(|s| s.outcome == Outcome::Skipped) => stopped,
            _ => error,
        });
    }
    let all = |outcome| settled.iter().all(|settled| settled.outcome == outcome);
    if settled.iter().any(|settled| settled.read_back) {
        context
            .ui()
            .note("the answer was lost; reading the stock back shows that the change was applied");
    }
    if all(Outcome::Unchanged) {
        context
            .ui()
            .note("the stock is already so; nothing was sent");
    }
    Ok(Done {
        run: Some(run).filter(|_| !all(Outcome::Unchanged)),
        plan,
        settled,
        answer,
        stopped,
    })
}

fn foreseen(plan: Plan, context: &Context) -> Result<Done> {
    let settled: Vec<Settled> = plan.rows().map(|row| row.foreseen()).collect();
    if let Some(error) = first_trouble(&settled) {
        return Err(error);
    }
    let below = |settled: &&Settled| settled.quantity.is_some_and(|quantity| quantity < 0);
    if let Some(row) = settled.iter().find(below) {
        let stock = row.previous.unwrap_or_default();
        context.ui().warn(format!(
            "the API would refuse this: the stock is {stock} and can't go below 0"
        ));
    }
    context.ui().note("dry run: nothing was sent");
    Ok(Done {
        run: None,
        plan,
        settled,
        answer: None,
        stopped: None,
    })
}

/// The error of the row that matters most: one whose outcome is unknown before one that surely failed.
fn first_trouble(settled: &[Settled]) -> Option<Error> {
    let of = |outcome| settled.iter().find(move |s| s.outcome == outcome);
    let worst = of(Outcome::Unknown)
        .or_else(|| of(Outcome::Failed))
        .or_else(|| of(Outcome::Conflict))
        .or_else(|| of(Outcome::Skipped))?;
    let trouble = worst.trouble.as_deref()?;
    Some(Error::from(trouble.clone()))
}

/// Prints one document in JSON as it is, its rows in every other format.
pub fn print(
    context: &Context,
    document: &impl Serialize,
    rows: &[impl Serialize],
    columns: &'static [Column],
) -> Result<()> {
    let raw = |e: serde_json::Error| Error::internal("can't write the result").caused_by(e);
    match context.format() {
        Format::Json | Format::Jsonl => {
            let document = to_raw_value(document).map_err(raw)?;
            render::document(context.stdout(), &document, None, context.terminal())
        }
        Format::Table | Format::Csv => {
            let mut records = context.records(columns)?;
            for row in rows {
                records.push(&to_raw_value(row).map_err(raw)?)?;
            }
            records.finish()?;
            Ok(())
        }
    }
}
