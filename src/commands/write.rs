//! What `set` and `adjust` share: typed changes go out, and their one result comes back or the error that it ended in.

mod meant;

use serde::Serialize;
use serde_json::value::RawValue;

use super::bulk;
use super::run::{self, About};
use crate::catalogue::SkuName;
use crate::change::apply::{self, Settling};
use crate::change::draft::Draft;
use crate::change::guard;
use crate::change::outcome::Outcome;
use crate::change::row::RunRow;
use crate::change::run_id;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::model::ProductId;
use crate::render::Column;
use crate::shell;
use crate::wanted::{Mode, Wanted};
use crate::words::grouped;

/// The largest quantity that is sent, in units: what fits the integers that servers keep stock in. More is a barcode where
/// a quantity belongs.
pub const MOST_UNITS: i64 = i32::MAX as i64;

/// More units than any stock has: an error, usage, before anything is sent.
pub fn too_many(typed: &str) -> Error {
    let error = Error::usage(format!(
        "{typed} is more than {} units; nothing was sent",
        grouped(MOST_UNITS)
    ));
    error.hinted("is it a barcode where the quantity belongs?")
}

/// What was typed.
pub struct Typed<'a> {
    /// `set` or `adjust`.
    pub command: &'static str,
    /// What the numbers mean.
    pub mode: Mode,
    /// The product, where it was named.
    pub product: Option<ProductId>,
    /// Each variant and its number.
    pub changes: Vec<(SkuName, i64)>,
    /// Why.
    pub reason: Option<&'a str>,
    /// Say what would be done and send nothing.
    pub dry_run: bool,
}

impl Typed<'_> {
    /// The command that changes these variants of this product.
    fn again(&self, product: ProductId, changes: &[(SkuName, i64)]) -> String {
        let mut words = vec![product.to_string()];
        for (name, value) in changes {
            match self.mode {
                Mode::Set => words.push(format!("{}={value}", name.typed())),
                _ => words.extend([name.typed(), format!("{value:+}")]),
            }
        }
        if let Some(reason) = self.reason {
            words.extend(["--reason".to_owned(), reason.to_owned()]);
        }
        shell::sxinv(self.command, words.iter().map(String::as_str))
    }
}

/// A typed change that went well.
pub struct Done {
    /// The run that it is in the ledger; none for a dry run or where nothing was sent.
    run: Option<String>,
    /// Each row and how it ended, at least one.
    pub rows: Vec<RunRow>,
    /// The API's own words about an adjustment.
    pub answer: Option<Box<RawValue>>,
    /// What went wrong although the change was applied: a signal, or a ledger that could not hold the outcome.
    stopped: Option<Error>,
    /// Product, variants and store in words.
    what: String,
}

impl Done {
    /// How the command ends once its result was printed, or could not be: whoever reads it must know that the change
    /// was made.
    pub fn ends(self, printed: Result<()>, context: &Context) -> Result<Exit> {
        let Some(run) = self.run else {
            context.footer(self.what);
            return printed.map(|()| Exit::Done);
        };
        let trouble = match (printed, self.stopped) {
            (Err(error), _) if !error.is_closed_pipe() => error,
            (_, Some(stopped)) => stopped,
            (Err(closed), None) => return Err(closed),
            (Ok(()), None) => {
                let typed = context.typed_again()?;
                context.footer(self.what);
                context.footer(format!("take it back with: {typed} undo {run}"));
                return Ok(Exit::Done);
            }
        };
        let message = format!("the change was applied, but: {}", trouble.message());
        Err(trouble
            .reworded(message)
            .hinted(format!("what was done: sxinv history {run}")))
    }
}

/// Applies what a person typed, or foresees it. Any row that does not end well is the command's error.
pub fn typed(typed: Typed<'_>, context: &Context) -> Result<Done> {
    let client = context.client()?;
    if !typed.dry_run {
        client.writable()?;
    }
    let draft = planned(&typed, context)?;
    let mut rows = Vec::new();
    draft.each(|row| {
        rows.push(row.clone());
        Ok(())
    })?;
    one_product(&typed, &rows)?;
    if typed.dry_run || draft.sends()? == 0 {
        context.ui().note(match typed.dry_run {
            true => "dry run: nothing was sent",
            false => "the stock is already so; nothing was sent",
        });
        return Ok(Done {
            run: None,
            rows,
            answer: None,
            stopped: None,
            what: what_and_where(&draft, context)?,
        });
    }
    send(&typed, draft, context)
}

/// The rows as they would be sent. The API has the last word on what is below 0, unless it is not asked.
fn planned(typed: &Typed<'_>, context: &Context) -> Result<Draft> {
    let state = context.draft_state(typed.dry_run)?;
    let mut draft = Draft::new(state, typed.mode)?;
    draft.foresees_refusals = typed.dry_run;
    draft.give_reason(typed.reason);
    draft.fill(|to| {
        for (line, (name, value)) in (1..).zip(&typed.changes) {
            to.take(&Wanted {
                product: typed.product,
                ..name.wanted(line, *value)
            })?;
        }
        Ok(())
    })?;
    bulk::plan(&mut draft, 1, typed.dry_run, context).map_err(|e| meant::named_twice(e, typed))?;
    match draft.first_trouble()? {
        Some(error) => Err(meant::perhaps_of_another(
            meant::perhaps_a_product(error, typed, context),
            typed,
            context,
        )),
        None => Ok(draft),
    }
}

/// An error, usage, where the variants are not all one product's: one `PUT` could not set them together.
fn one_product(typed: &Typed<'_>, rows: &[RunRow]) -> Result<()> {
    let Some(first) = rows.first().and_then(|row| row.product) else {
        return Ok(());
    };
    for (row, (name, _)) in rows.iter().zip(&typed.changes) {
        if let Some(other) = row.product.filter(|other| *other != first) {
            return Err(Error::usage(format!(
                "{} belongs to product {first} and {name} to product {other}; {} takes variants of one product",
                typed.changes[0].0, typed.command
            ))
            .hinted("run it once for each product, or use import-csv for many"));
        }
    }
    Ok(())
}

fn send(typed: &Typed<'_>, draft: Draft, context: &Context) -> Result<Done> {
    let about = About {
        run: run_id::new(),
        command: typed.command,
        ..About::default()
    };
    let what = what_and_where(&draft, context)?;
    run::tell_of_loss(&draft, context)?;
    run::tell_of_tags(&draft, &about.run, context)?;
    let ledger = run::begin(context, guard::typed(draft), &about, None)?;
    let mut rows = Vec::new();
    let mut answer = None;
    let mut watch = |settling: &Settling<'_>| {
        rows.push(settling.row.clone());
        answer = settling.answer.map(ToOwned::to_owned);
    };
    let options = apply::Options {
        tag_reasons: context.connection()?.tag_reasons,
        ..apply::Options::default()
    };
    let stopped = apply::apply(context.client()?, ledger, &options, &mut watch)?.stopped;
    rows.sort_by_key(|row| row.row);
    if let Some(error) = first_trouble(&rows) {
        // A signal that came before the write is the reason for the skipped row; one that came after does not
        // change what became of it.
        return Err(match stopped {
            Some(stopped) if rows.iter().all(not_sent) => {
                let message = format!("{}; nothing was changed", stopped.message());
                match stopped.kind() {
                    ErrorKind::Interrupted(_) => stopped.reworded(message),
                    _ => stopped,
                }
            }
            _ => with_commands(error, &rows, &about.run),
        });
    }
    if let Some(event) = rows.iter().find_map(RunRow::proved_by) {
        context.ui().note(format!(
            "the answer was lost; the webhook proves that the change was applied (event {event})"
        ));
    }
    if rows.iter().any(RunRow::was_read_back) {
        context
            .ui()
            .note("the answer was lost; reading the stock back shows that the change was applied");
    }
    Ok(Done {
        run: Some(about.run),
        rows,
        answer,
        stopped,
        what,
    })
}

fn not_sent(row: &RunRow) -> bool {
    matches!(row.outcome(), Outcome::Skipped | Outcome::Unchanged)
}

/// An error about a row in doubt says how to look at it.
fn with_commands(error: Error, rows: &[RunRow], run: &str) -> Error {
    let doubtful = rows.iter().find(|row| row.outcome() == Outcome::Unknown);
    let (Some(row), Some(hint)) = (doubtful, error.hint()) else {
        return error;
    };
    let code = row.sku_code.clone().filter(|code| !code.is_empty());
    let name = code.or(row.sku.map(|id| format!("id:{id}")));
    let show = shell::sxinv("show", [&*name.unwrap_or_default()]);
    let hint = format!("{hint}\n{show}\nwhat was seen: sxinv history {run}");
    error.hinted(hint)
}

/// `Premium Rose Bouquet: Small / Red, Large / Red; sandbox`.
fn what_and_where(draft: &Draft, context: &Context) -> Result<String> {
    let place = context.connection()?.place();
    let names = draft.names()?;
    let product = names.first().map(|(product, _)| product.clone());
    let variants = names.into_iter().map(|(_, variant)| variant);
    let variants: Vec<String> = variants.filter(|name| !name.is_empty()).collect();
    let what = match (product.unwrap_or_default(), variants.join(", ")) {
        (product, variants) if variants.is_empty() => product,
        (product, variants) => format!("{product}: {variants}"),
    };
    Ok(format!("{what}; {place}"))
}

/// The error of the row that matters most: one whose outcome is unknown before one that surely failed.
fn first_trouble(rows: &[RunRow]) -> Option<Error> {
    let of = |outcome| rows.iter().find(move |row| row.outcome() == outcome);
    let worst_first = [
        Outcome::Unknown,
        Outcome::Failed,
        Outcome::Conflict,
        Outcome::Skipped,
    ];
    let worst = worst_first.into_iter().find_map(of)?;
    let trouble = worst.settled.as_ref()?.trouble.as_deref()?;
    Some(Error::from(trouble.clone()))
}

/// The columns as a table shows them: of a dry run it says that it was one.
pub fn columns(columns: &[Column], dry_run: bool) -> Vec<Column> {
    let mut columns = columns.to_vec();
    for column in columns.iter_mut().filter(|_| dry_run) {
        match column.name {
            "quantity" => column.title = "THEN",
            "outcome" => column.table = true,
            _ => {}
        }
    }
    columns
}

/// Prints one document in JSON as it is, its rows in every other format.
pub fn print(
    context: &Context,
    document: &impl Serialize,
    rows: &[impl Serialize],
    columns: &[Column],
) -> Result<()> {
    match context.format() {
        Format::Json | Format::Jsonl => context.document(document, None),
        Format::Table | Format::Csv => context.rows(columns, rows).map(drop),
    }
}
