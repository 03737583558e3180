//! The rows of a draft next to the variants that they name, many at a time, and what was decided of them.

use rusqlite::{Connection, Row as SqlRow, Statement, params};

use super::outcome::Settled;
use super::row::{self, RunRow};
use super::seen::Seen;

/// How many rows are read before what was decided of them is written.
const PORTION: u32 = 500;

/// A row that is to be planned.
pub(super) struct Matched {
    pub(super) row: u32,
    /// Line in the input, from 1.
    pub(super) line: u32,
    /// Units, as in [`RunRow`].
    pub(super) wanted: i64,
    /// Units.
    pub(super) expected: Option<i64>,
    /// Whether it names its product.
    pub(super) has_product: bool,
    /// The only variant that bears the row's id or code to the letter. None where there is none, or there are several, or
    /// id and code contradict each other: such a row is looked at by itself.
    pub(super) seen: Option<Seen>,
}

/// Id and code of a row next to the variants of these, of its product where it names one. A row whose id may be a code
/// joins both.
const MATCHED: &str = "
    SELECT d.row, d.line, d.wanted, d.expected, d.product_id IS NOT NULL,
        d.sku_id IS NULL OR d.sku_code IS NULL OR d.either OR i.sku_code = d.sku_code,
        i.place, i.product_id, i.sku_id, i.sku_code, i.quantity, i.read_at,
        c.place, c.product_id, c.sku_id, c.sku_code, c.quantity, c.read_at
    FROM temp.draft AS d
    LEFT JOIN temp.seen_variants AS i ON i.sku_id = d.sku_id
        AND i.product_id BETWEEN coalesce(d.product_id, 0) AND coalesce(d.product_id, 9223372036854775807)
    LEFT JOIN temp.seen_variants AS c ON c.sku_code = d.sku_code AND (d.sku_id IS NULL OR d.either)
        AND c.product_id BETWEEN coalesce(d.product_id, 0) AND coalesce(d.product_id, 9223372036854775807)
    WHERE d.outcome IS NULL";

impl Matched {
    fn read(found: &SqlRow<'_>) -> rusqlite::Result<Matched> {
        let agrees: Option<bool> = found.get(5)?;
        let (by_id, by_code): (Option<u32>, Option<u32>) = (found.get(6)?, found.get(12)?);
        let first = match (by_id, by_code) {
            _ if agrees != Some(true) => None,
            (None, None) => None,
            (Some(by_id), Some(by_code)) if by_id != by_code => None,
            (Some(_), _) => Some(6),
            (None, Some(_)) => Some(12),
        };
        Ok(Matched {
            row: found.get(0)?,
            line: found.get(1)?,
            wanted: found.get(2)?,
            expected: found.get(3)?,
            has_product: found.get(4)?,
            seen: first
                .map(|first| Seen::in_passing(found, first))
                .transpose()?,
        })
    }
}

/// Reads rows portion by portion and writes what was decided.
pub(super) struct Pass<'a> {
    connection: &'a Connection,
    decided: Statement<'a>,
}

impl<'a> Pass<'a> {
    pub(super) fn over(c: &'a Connection) -> rusqlite::Result<Pass<'a>> {
        Ok(Pass {
            connection: c,
            decided: c.prepare(
                "UPDATE temp.draft SET place = ?2, product_id = ?3, sku_id = ?4, sku_code = ?5, read_at = ?6, adjustment = ?7,
                    previous = ?8, quantity = ?9, outcome = ?10
                 WHERE row = ?1",
            )?,
        })
    }

    /// The rows from `from` on that are to be planned, and where the next portion begins.
    pub(super) fn portion(&mut self, from: u32) -> rusqlite::Result<(Vec<Matched>, u32)> {
        let next = from.saturating_add(PORTION);
        // Numbers that are bound later would have it planned once more for each of them.
        let rows = format!("{MATCHED} AND d.row >= {from} AND d.row < {next} ORDER BY d.row");
        let mut matched = self.connection.prepare(&rows)?;
        let mut found = matched.query([])?;
        let mut portion: Vec<Matched> = Vec::new();
        while let Some(found) = found.next()? {
            let matched = Matched::read(found)?;
            match portion.last_mut() {
                Some(last) if last.row == matched.row => last.seen = None,
                _ => portion.push(matched),
            }
        }
        Ok((portion, next))
    }

    /// A row with all that it says, and whether it names its variant by a number that may be an id or a code.
    pub(super) fn whole(&mut self, row: u32) -> rusqlite::Result<(RunRow, bool)> {
        let whole = format!(
            "SELECT {}, either FROM temp.draft WHERE row = ?1",
            row::COLUMNS
        );
        let mut whole = self.connection.prepare_cached(&whole)?;
        whole.query_row([row], |found| {
            Ok((RunRow::read(found)?, found.get(row::WIDTH)?))
        })
    }

    /// Writes what was decided of a row about a variant that has `stock` units: the adjustment to send, and what the stock
    /// will be or how the row ends.
    pub(super) fn decided(
        &mut self,
        row: u32,
        (seen, stock): (&Seen, i64),
        adjustment: Option<i64>,
        then: &Result<i64, Settled>,
    ) -> rusqlite::Result<()> {
        let (quantity, settled) = match then {
            Ok(quantity) => (Some(*quantity), None),
            Err(settled) => (settled.quantity, Some(settled)),
        };
        self.decided.execute(params![
            row,
            seen.place,
            seen.product,
            seen.sku,
            seen.sku_code,
            seen.read_at,
            adjustment,
            stock,
            quantity,
            settled.map(|settled| settled.outcome.name()),
        ])?;
        settled.map_or(Ok(()), |settled| self.amiss(row, settled))
    }

    /// Writes how a row ends whose variant is not known.
    pub(super) fn failed(&mut self, row: u32, settled: &Settled) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE temp.draft SET adjustment = NULL, previous = NULL, read_at = NULL, quantity = NULL, outcome = ?2
                 WHERE row = ?1",
            )?
            .execute(params![row, settled.outcome.name()])?;
        self.amiss(row, settled)
    }

    /// Writes why a row does not end well, where it doesn't.
    fn amiss(&mut self, row: u32, settled: &Settled) -> rusqlite::Result<()> {
        if let Some(trouble) = settled.trouble.as_deref() {
            let mut amiss = self.connection.prepare_cached(
                "UPDATE temp.draft SET kind = ?2, status = ?3, code = ?4, error = ?5, hint = ?6 WHERE row = ?1",
            )?;
            amiss.execute(params![
                row,
                trouble.kind.name(),
                trouble.status,
                trouble.code,
                trouble.message,
                trouble.hint,
            ])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::draft::Draft;
    use crate::model::{Product, ProductId, SkuId};
    use crate::state::State;
    use crate::wanted::{Mode, Wanted};

    /// Products 1 and 2 with two variants each: they share the code `M`, and the code `21` is the id of another variant.
    fn seen() -> Draft {
        let draft = Draft::new(State::in_memory().unwrap(), Mode::Adjust).unwrap();
        for (product, variants) in [(1, [(11, "M"), (12, "21")]), (2, [(21, "M"), (22, "L")])] {
            let variants = variants.map(|(sku, code)| {
                serde_json::json!({"sku_id": sku, "sku_code": code, "variant_name": "", "price": 1, "quantity": sku, "is_default": 0})
            });
            let product: Product = serde_json::from_value(serde_json::json!({
                "product_id": product, "name": "", "is_active": 1, "variants": variants
            }))
            .unwrap();
            draft.see(&product).unwrap();
        }
        draft.index_seen().unwrap();
        draft
    }

    #[test]
    fn only_a_name_that_is_one_variant_s_to_the_letter_is_plain() {
        let row = |product: Option<i64>, sku: Option<i64>, code, either| Wanted {
            line: 2,
            product: product.and_then(ProductId::new),
            sku: sku.and_then(SkuId::new),
            code,
            either,
            ..Wanted::default()
        };
        let cases = [
            (row(None, Some(12), None, false), Some(12)),
            (row(Some(1), Some(12), None, false), Some(12)),
            (row(Some(2), Some(12), None, false), None),
            (row(None, Some(12), Some("21"), false), Some(12)),
            (row(None, Some(22), Some("21"), false), None),
            (row(None, Some(22), Some("21"), true), None),
            (row(None, Some(21), Some("21"), true), None),
            (row(Some(2), Some(21), Some("21"), true), Some(21)),
            (row(None, Some(22), Some("L"), true), Some(22)),
            (row(None, Some(99), Some("L"), true), Some(22)),
            (row(None, Some(99), Some("L"), false), None),
            (row(None, None, Some("L"), false), Some(22)),
            (row(None, None, Some("l"), false), None),
            (row(None, None, Some("M"), false), None),
            (row(Some(2), None, Some("M"), false), Some(21)),
            (row(Some(3), None, Some("M"), false), None),
            (row(None, None, None, false), None),
        ];
        let mut draft = seen();
        let filled = draft.fill(|to| cases.iter().try_for_each(|(row, _)| to.take(row)));
        filled.unwrap();
        let (portion, _) = Pass::over(draft.state.look()).unwrap().portion(0).unwrap();
        assert_eq!(portion.len(), cases.len());
        for (matched, (row, sku)) in portion.iter().zip(&cases) {
            let found = matched.seen.as_ref().map(|seen| seen.sku.get());
            assert_eq!(found, *sku, "{row:?}");
        }
    }
}
