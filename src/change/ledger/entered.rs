//! How the rows of a draft get into the ledger, and back into it when a run goes on.

use super::super::runs::StoredRun;

/// The draft becomes the rows of a run. What is to be sent has no outcome and no quantity yet.
pub(super) const ROWS: &str = "
    INSERT INTO rows (number, row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment, previous, read_at,
            outcome, quantity, settled_at, kind, status, code, error)
        SELECT ?1, row, line, product_id, sku_id, sku_code, wanted, expected, reason, adjustment, previous, read_at,
            outcome, iif(outcome IS NULL, NULL, quantity), iif(outcome IS NULL, NULL, ?2), kind, status, code,
            error || iif(instr(hint, 'sxinv ') = 0, '; ' || hint, '')
        FROM temp.draft ORDER BY row";

/// For who looks for the rows about a variant.
pub(super) const BY_SKU: [&str; 2] = [
    "INSERT INTO rows_by_sku_id
     SELECT number, sku_id, row FROM rows WHERE number = ?1 AND sku_id IS NOT NULL ORDER BY 2, 3",
    "INSERT INTO rows_by_sku_code
     SELECT number, sku_code, row FROM rows WHERE number = ?1 AND sku_code IS NOT NULL ORDER BY 2, 3",
];

/// Rows that end anew: the store refused the credentials, and did nothing.
pub(super) fn reopened(run: &StoredRun) -> String {
    format!("{} AND number = ?1", run.reopen("rows"))
}

/// What the new plan says of the open rows of a run.
pub(super) const AGAIN: &str = "
    UPDATE rows SET adjustment = d.adjustment, previous = d.previous, read_at = d.read_at, outcome = d.outcome,
            quantity = iif(d.outcome IS NULL, NULL, d.quantity), settled_at = iif(d.outcome IS NULL, NULL, ?2),
            kind = d.kind, status = d.status, code = d.code, error = d.error || iif(instr(d.hint, 'sxinv ') = 0, '; ' || d.hint, '')
        FROM temp.draft AS d
        WHERE rows.number = ?1 AND rows.row = d.row AND rows.outcome IS NULL AND rows.intent_at IS NULL";

#[cfg(test)]
mod tests;
