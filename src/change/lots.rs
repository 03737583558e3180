//! Lots: rows of a file about one variant that add up become one row of the run. Their lines are kept beside it, and each
//! gets the outcome of all (docs/files.md: Reading options).

use rusqlite::{CachedStatement, Connection, params};

use super::row::RunRow;
use crate::wanted::Unequal;

/// The lines of a draft that went into an earlier row of it.
pub(super) const TABLE: &str = "
    DROP TABLE IF EXISTS temp.draft_lots;
    CREATE TEMP TABLE draft_lots (row INTEGER NOT NULL, line INTEGER PRIMARY KEY) STRICT;
    CREATE INDEX temp.draft_lots_by_row ON draft_lots (row);";

/// The row that each row goes into: the first that names the same variant in the same words.
const FIRST: &str = "
    DROP TABLE IF EXISTS temp.first;
    CREATE TEMP TABLE first AS
        SELECT row, min(row) OVER (PARTITION BY sku_id, iif(sku_id IS NULL, sku_code, NULL), iif(sku_id IS NULL, product_id, NULL))
            AS first
        FROM temp.draft WHERE sku_id IS NOT NULL OR sku_code IS NOT NULL;
    DELETE FROM temp.first WHERE first NOT IN (SELECT first FROM temp.first WHERE row <> first);
    CREATE INDEX temp.first_by_first ON first (first);";

/// Lots whose expected quantity is not that of the first.
const UNEQUAL: &str = "
    SELECT d.line, d.expected, f.line, f.expected FROM temp.first JOIN temp.draft AS d USING (row)
    JOIN temp.draft AS f ON f.row = first.first WHERE d.expected IS NOT f.expected ORDER BY d.row LIMIT 100";

/// A lot that can't be read leaves the sum in doubt: all fail.
const FAULTS: &str = "
    UPDATE temp.draft SET outcome = bad.outcome, kind = bad.kind,
        error = iif(bad.line = draft.line, bad.error, 'line ' || bad.line || ', which it adds up with: ' || bad.error)
    FROM (SELECT first.first AS first, line, outcome, kind, error, min(row) FROM temp.first JOIN temp.draft USING (row)
          WHERE outcome IS NOT NULL GROUP BY first.first) AS bad
    WHERE draft.row = bad.first";

const SUMS: &str = "
    UPDATE temp.draft SET wanted = sums.wanted, reason = coalesce(draft.reason, sums.reason),
        product_id = coalesce(draft.product_id, sums.product_id)
    FROM (SELECT first.first AS first, sum(wanted) AS wanted, min(reason) AS reason, min(product_id) AS product_id
          FROM temp.first JOIN temp.draft USING (row) GROUP BY first.first) AS sums
    WHERE draft.row = sums.first";

/// Rows count from 0 without a gap. By way of numbers below 0, where none is in the way of another.
const CLOSE_UP: &str = "
    CREATE TEMP TABLE places AS SELECT row, row_number() OVER (ORDER BY row) - 1 AS place FROM temp.draft;
    CREATE UNIQUE INDEX temp.places_by_row ON places (row);
    UPDATE temp.draft_lots SET row = places.place FROM temp.places WHERE places.row = draft_lots.row;
    UPDATE temp.draft SET row = -1 - places.place FROM temp.places WHERE places.row = draft.row;
    UPDATE temp.draft SET row = -1 - row;
    DROP TABLE temp.places;";

/// Adds up the rows of the draft that name the same variant in the same words, and keeps `buffer` units back of each sum; or
/// the lots that expect another stock than the first, and nothing is done.
pub(super) fn add_up(c: &Connection, buffer: i64) -> rusqlite::Result<Vec<Unequal>> {
    c.execute_batch(FIRST)?;
    let unequal: Vec<Unequal> = c
        .prepare(UNEQUAL)?
        .query_map([], |found| {
            Ok(Unequal {
                line: found.get(0)?,
                expected: found.get(1)?,
                first: found.get(2)?,
                first_expected: found.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    if unequal.is_empty() {
        c.execute(FAULTS, [])?;
        c.execute(SUMS, [])?;
        c.execute(
            "UPDATE temp.draft SET wanted = max(wanted - ?1, 0) WHERE wanted > 0 AND ?1 > 0",
            [buffer],
        )?;
        c.execute(
            "INSERT INTO temp.draft_lots (row, line) SELECT first, line FROM temp.first JOIN temp.draft USING (row) WHERE row <> first",
            [],
        )?;
        c.execute(
            "DELETE FROM temp.draft WHERE row IN (SELECT row FROM temp.first WHERE row <> first)",
            [],
        )?;
        c.execute_batch(CLOSE_UP)?;
    }
    c.execute_batch("DROP TABLE temp.first")?;
    Ok(unequal)
}

/// Keeps the lots of a draft with the rows of its run.
pub(super) const KEEP: &str = "INSERT INTO lots (number, row, line) SELECT ?1, row, line FROM temp.draft_lots ORDER BY row, line";

/// The lots of a run as those of a draft.
pub(super) const AGAIN: &str =
    "INSERT INTO temp.draft_lots (row, line) SELECT row, line FROM lots WHERE number = ?1";

/// The lots of a draft or of a run, row by row.
pub(super) struct Lots<'c>(Option<(CachedStatement<'c>, i64)>);

impl<'c> Lots<'c> {
    /// Those of the draft that this connection has.
    pub(super) fn of_draft(c: &'c Connection) -> rusqlite::Result<Lots<'c>> {
        let any = c.prepare("SELECT 1 FROM temp.draft_lots")?.exists([])?;
        let lines = "SELECT line FROM temp.draft_lots WHERE row = ?2 AND ?1 = 0 ORDER BY line";
        Ok(Lots(match any {
            true => Some((c.prepare_cached(lines)?, 0)),
            false => None,
        }))
    }

    /// Those of a run.
    pub(super) fn of_run(c: &'c Connection, number: i64) -> rusqlite::Result<Lots<'c>> {
        let lines = "SELECT line FROM lots WHERE number = ?1 AND row = ?2 ORDER BY line";
        let any = c.prepare_cached("SELECT 1 FROM lots WHERE number = ?1")?;
        let any = { any }.exists([number])?;
        Ok(Lots(match any {
            true => Some((c.prepare_cached(lines)?, number)),
            false => None,
        }))
    }

    /// The other lines that went into a row.
    pub(super) fn lines(&mut self, row: u32) -> rusqlite::Result<Vec<u32>> {
        match &mut self.0 {
            None => Ok(Vec::new()),
            Some((lines, number)) => lines
                .query_map(params![*number, row], |found| found.get(0))?
                .collect(),
        }
    }
}

/// The row as a line of the file that went into it has it.
pub(super) fn lot(row: &RunRow, line: u32) -> RunRow {
    RunRow {
        line,
        ..row.clone()
    }
}

#[cfg(test)]
mod tests {
    use crate::change::draft::Draft;
    use crate::state::State;
    use crate::wanted::{Mode, Take, Wanted};

    #[test]
    fn rows_that_add_up_leave_no_gap_behind() {
        let mut draft = Draft::new(State::in_memory().unwrap(), Mode::Set).unwrap();
        let filled = draft.fill(|to: &mut dyn Take| {
            for (line, code) in (2..).zip(["A", "A", "B", "A", "C", "B"]) {
                to.take(&Wanted {
                    line,
                    code: Some(code),
                    value: i64::from(line),
                    ..Wanted::default()
                })?;
            }
            to.add_up(1)
        });
        assert!(filled.unwrap().is_empty());
        assert_eq!(draft.len(), 3);
        let mut seen = Vec::new();
        let each = draft.each(|row| {
            seen.push((row.row, row.line, row.wanted));
            Ok(())
        });
        each.unwrap();
        // The sums are 10, 11 and 6, of each of which one is kept back.
        let (a, b, c) = (9, 10, 5);
        assert_eq!(
            seen,
            [
                (0, 2, a),
                (0, 3, a),
                (0, 5, a),
                (1, 4, b),
                (1, 7, b),
                (2, 6, c)
            ]
        );
    }
}
