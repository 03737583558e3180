//! Outcomes as rows: what a bulk run prints, writes with `--report`, and sums up.

use serde::Serialize;
use serde_json::value::RawValue;

use super::outcome::{Outcome, Settled, Totals};
use super::plan::Row;
use crate::wanted::Mode;

/// One input row of a bulk run and how it ended (the contract: import-csv, JSON).
#[derive(Serialize)]
pub struct ResultRow<'a> {
    line: u32,
    sku_id: Option<i64>,
    sku_code: Option<&'a str>,
    product_id: Option<i64>,
    previous_quantity: Option<i64>,
    quantity: Option<i64>,
    outcome: &'static str,
    error: Option<&'a str>,
    read_back: bool,
}

impl<'a> ResultRow<'a> {
    /// The row as it is reported: the variant as the store has it, or as the file named it where the store doesn't.
    pub fn new(row: &Row<'a>, settled: &'a Settled) -> ResultRow<'a> {
        let (product_id, sku_id) = row.ids();
        ResultRow {
            line: row.wanted.line(),
            sku_id: sku_id.map(|id| id.get()),
            sku_code: row.code(),
            product_id: product_id.map(|id| id.get()),
            previous_quantity: settled.previous,
            quantity: settled.quantity,
            outcome: settled.outcome.name(),
            error: settled.trouble.as_deref().map(|t| t.message.as_str()),
            read_back: settled.read_back,
        }
    }
}

/// What a bulk run comes to (the contract: import-csv, JSON), with its rows or without.
#[derive(Serialize)]
pub struct Summary<'a> {
    /// The run's id; none under `--dry-run`.
    pub run: Option<&'a str>,
    /// What was done.
    pub mode: &'static str,
    /// Input rows with an outcome.
    pub rows: u64,
    /// Rows that a dry run would send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned: Option<u64>,
    /// Rows by outcome.
    pub applied: u64,
    /// Already as wanted.
    pub unchanged: u64,
    /// Not what was expected.
    pub conflict: u64,
    /// Surely not applied.
    pub failed: u64,
    /// It can't be told.
    pub unknown: u64,
    /// Not sent.
    pub skipped: u64,
    /// Rows that name no quantity.
    pub left_alone: u64,
    /// Each row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<&'a [Box<RawValue>]>,
}

impl<'a> Summary<'a> {
    /// Over these outcomes.
    pub fn new(
        run: Option<&'a str>,
        mode: Mode,
        totals: &Totals,
        left_alone: u64,
        results: Option<&'a [Box<RawValue>]>,
    ) -> Summary<'a> {
        Summary {
            run,
            mode: mode.name(),
            rows: totals.rows(),
            planned: Some(totals.of(Outcome::Planned)).filter(|_| run.is_none()),
            applied: totals.of(Outcome::Applied),
            unchanged: totals.of(Outcome::Unchanged),
            conflict: totals.of(Outcome::Conflict),
            failed: totals.of(Outcome::Failed),
            unknown: totals.of(Outcome::Unknown),
            skipped: totals.of(Outcome::Skipped),
            left_alone,
            results,
        }
    }
}

/// The totals in words: `5 applied, 2 unchanged, 1 failed`.
pub fn in_words(totals: &Totals) -> String {
    let parts: Vec<String> = Outcome::ALL
        .into_iter()
        .filter(|outcome| totals.of(*outcome) > 0)
        .map(|outcome| format!("{} {}", totals.of(outcome), outcome.name()))
        .collect();
    if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(", ")
    }
}
