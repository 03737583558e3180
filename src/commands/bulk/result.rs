//! What is printed of a run: its rows, and what it comes to.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::change::outcome::Totals;
use crate::change::row::RunRow;
use crate::model::{ProductId, SkuId};
use crate::render::row;

row! {
    /// One input row of a bulk run and how it ended (docs/commands.md: import-csv, JSON).
    pub struct ResultRow<'a> {
        line: u32 = "LINE" Id,
        sku_id: Option<SkuId> = "SKU ID" Id hidden,
        sku_code: Option<&'a str> = "SKU" Code,
        product_id: Option<ProductId> = "PRODUCT" Id,
        previous_quantity: Option<i64> = "BEFORE" Number,
        quantity: Option<i64> = "NOW" Stock,
        outcome: &'static str = "OUTCOME" Outcome,
        error: Option<&'a str> = "WHY" Text,
        read_back: bool = "READ BACK" Flag hidden,
        event_id: Option<&'a str> = "PROVED BY" Code hidden,
    }
}

impl<'a> From<&'a RunRow> for ResultRow<'a> {
    /// The row as it is reported: the variant as the store has it, or as the file named it where the store doesn't.
    fn from(row: &'a RunRow) -> ResultRow<'a> {
        ResultRow {
            line: row.line,
            sku_id: row.sku,
            sku_code: row.sku_code.as_deref(),
            product_id: row.product,
            previous_quantity: row.previous,
            quantity: row.quantity(),
            outcome: row.outcome().name(),
            error: row.error(),
            read_back: row.was_read_back(),
            event_id: row.proved_by(),
        }
    }
}

/// What a bulk run comes to (docs/commands.md: import-csv, JSON), with its rows or without.
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
    #[serde(flatten)]
    pub totals: &'a Totals,
    /// Rows that name no quantity.
    pub left_alone: u64,
    /// Each row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<Box<RawValue>>>,
}
