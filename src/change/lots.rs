//! Lots: rows of a file about one variant that add up become one row of the run. Those that name it in the same words do so
//! as soon as the file was read, the others when the store was. Their lines are kept beside the row, and each gets the
//! outcome of all (docs/files.md: Reading options).

use rusqlite::{Connection, Row as SqlRow};

use super::draft::Draft;
use super::find::Finder;
use super::matched::Pass;
use super::row::RunRow;
use crate::catalogue::{Catalogue, Unreadable};
use crate::error::{Error, Fault, Result};
use crate::state::State;
use crate::wanted::Unequal;

/// Which rows are about one variant: those with the same number. A row that may be about several has several.
const ALIKE: &str = "
    DROP TABLE IF EXISTS temp.alike;
    CREATE TEMP TABLE alike (row INTEGER NOT NULL, number INTEGER NOT NULL) STRICT;";

/// Those that name it in the same words.
const BY_WORDS: &str = "
    INSERT INTO temp.alike
        SELECT row, min(row) OVER (PARTITION BY product_id, sku_id, sku_code)
        FROM temp.draft WHERE sku_id IS NOT NULL OR sku_code IS NOT NULL;";

/// What has to be known to go on: the only row of a number needs nothing.
const SEVERAL: &str = "
    DELETE FROM temp.alike WHERE number NOT IN (SELECT number FROM temp.alike GROUP BY number HAVING count(*) > 1);
    CREATE INDEX temp.alike_by_number ON alike (number);";

/// A lot that can't be read leaves the sum in doubt: all fail.
const FAULTS: &str = "
    UPDATE temp.draft SET outcome = bad.outcome, kind = bad.kind,
        error = iif(instr(bad.error, ', which it adds up with: ') > 0, bad.error,
                    'line ' || bad.line || ', which it adds up with: ' || bad.error)
    FROM (SELECT number, line, outcome, kind, error, min(row) FROM temp.alike JOIN temp.draft USING (row)
          WHERE outcome IS NOT NULL GROUP BY number) AS bad JOIN temp.alike AS mine USING (number)
    WHERE draft.row = mine.row AND draft.outcome IS NULL";

/// A sum that 64 bits don't hold is no quantity: all of its rows fail.
const TOO_LARGE: &str = "
    UPDATE temp.draft SET outcome = 'failed', kind = 'usage', error = 'the rows of this variant add up to too large a number'
    FROM (SELECT number FROM temp.alike JOIN temp.draft USING (row) WHERE outcome IS NULL
          GROUP BY number HAVING abs(total(wanted)) >= 9.2e18) AS large JOIN temp.alike AS mine USING (number)
    WHERE draft.row = mine.row AND draft.outcome IS NULL";

/// The row that each row goes into: the first one. A row of several numbers has failed.
const FIRST: &str = "
    DROP TABLE IF EXISTS temp.first;
    CREATE TEMP TABLE first AS
        SELECT row, min(row) OVER (PARTITION BY number) AS first FROM temp.alike JOIN temp.draft USING (row) WHERE outcome IS NULL;
    CREATE INDEX temp.first_by_first ON first (first);
    DROP TABLE temp.alike;";

/// Lots that expect another stock than the first that expects any.
const UNEQUAL: &str = "
    SELECT d.line, d.expected, f.line, f.expected
    FROM (SELECT first.first AS first, min(row) AS row FROM temp.first JOIN temp.draft USING (row)
          WHERE expected IS NOT NULL GROUP BY first.first) AS said
    JOIN temp.draft AS f ON f.row = said.row
    JOIN temp.first ON first.first = said.first
    JOIN temp.draft AS d ON d.row = first.row
    WHERE d.expected <> f.expected ORDER BY d.row LIMIT 100";

const SUMS: &str = "
    UPDATE temp.draft SET wanted = sums.wanted, expected = sums.expected, reason = coalesce(draft.reason, sums.reason),
        product_id = coalesce(draft.product_id, sums.product_id)
    FROM (SELECT first.first AS first, sum(wanted) AS wanted, min(expected) AS expected, min(reason) AS reason,
                 min(product_id) AS product_id
          FROM temp.first JOIN temp.draft USING (row) GROUP BY first.first) AS sums
    WHERE draft.row = sums.first";

/// The rows that went into others are lots of these, with the lots that they had. Rows count from 0 without a gap, by way of
/// numbers below 0, where none is in the way of another.
const CLOSE_UP: &str = "
    UPDATE temp.draft_lots SET row = first.first FROM temp.first WHERE first.row = draft_lots.row;
    INSERT INTO temp.draft_lots (row, line) SELECT first, line FROM temp.first JOIN temp.draft USING (row) WHERE row <> first;
    DELETE FROM temp.draft WHERE row IN (SELECT row FROM temp.first WHERE row <> first);
    DROP TABLE temp.first;
    CREATE TEMP TABLE places AS SELECT row, row_number() OVER (ORDER BY row) - 1 AS place FROM temp.draft;
    CREATE UNIQUE INDEX temp.places_by_row ON places (row);
    UPDATE temp.draft_lots SET row = places.place FROM temp.places WHERE places.row = draft_lots.row;
    UPDATE temp.draft SET row = -1 - places.place FROM temp.places WHERE places.row = draft.row;
    UPDATE temp.draft SET row = -1 - row;
    DROP TABLE temp.places;";

/// Adds up the rows of the draft that name the same variant in the same words; or the lots that expect another stock than an
/// earlier one, and nothing is done.
pub(super) fn add_up_by_words(c: &Connection) -> rusqlite::Result<Vec<Unequal>> {
    c.execute_batch(ALIKE)?;
    c.execute_batch(BY_WORDS)?;
    add_up(c)
}

/// Adds up rows that are alike.
fn add_up(c: &Connection) -> rusqlite::Result<Vec<Unequal>> {
    c.execute_batch(SEVERAL)?;
    c.execute(FAULTS, [])?;
    c.execute(TOO_LARGE, [])?;
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
        c.execute(SUMS, [])?;
        c.execute_batch(CLOSE_UP)?;
    }
    Ok(unequal)
}

impl Draft {
    /// Adds up the rows about one variant, in whatever words they name it, where rows add up at all; the store was seen. An
    /// error, usage: lots of a variant expect different stocks.
    pub(super) fn add_up_lots(
        &mut self,
        catalogue: Option<&Catalogue>,
        unreadable: &Unreadable,
    ) -> Result<()> {
        let Some(buffer) = self.adds_up else {
            return Ok(());
        };
        let failed = |e| self.state.failed(e);
        let change = self.state.look().unchecked_transaction().map_err(failed)?;
        self.ask(|c| c.execute_batch(ALIKE))?;
        self.note_variants(Finder::new(self, catalogue, unreadable))?;
        let unequal = self.ask(add_up)?;
        if !unequal.is_empty() {
            let faults = unequal
                .iter()
                .map(|lot| Fault::of_line(lot.line, lot.in_words()));
            let message = "rows that add up expect different stocks";
            return Err(Error::usage(message).with_faults(faults.collect()));
        }
        self.ask(|c| {
            c.execute(
                "UPDATE temp.draft SET wanted = max(wanted - ?1, 0) WHERE wanted > 0 AND ?1 > 0",
                [buffer],
            )
        })?;
        change.commit().map_err(failed)?;
        self.counted()
    }

    /// Notes which variant each row is about. One that can't be read, or whose variant is not certain, is noted with every
    /// variant that it may be about.
    fn note_variants(&self, mut finder: Finder<'_>) -> Result<()> {
        let failed = |e| self.state.failed(e);
        let c = self.state.look();
        let mut pass = Pass::over(c).map_err(failed)?;
        let mut note = c
            .prepare("INSERT INTO temp.alike (row, number) VALUES (?1, ?2)")
            .map_err(failed)?;
        let told = |_| {};
        finder.each(&mut pass, told, |row, seen, _| {
            note.execute([row.row, seen.place]).map_err(failed)?;
            Ok(())
        })?;
        let bad = "SELECT row FROM temp.draft WHERE outcome IS NOT NULL AND (sku_id IS NOT NULL OR sku_code IS NOT NULL)";
        let bad: Vec<u32> = self.state.all(bad, [], |found| found.get(0))?;
        for row in bad {
            let (whole, _) = pass.whole(row).map_err(failed)?;
            for seen in finder.perhaps(&whole)? {
                note.execute([row, seen.place]).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// Keeps the lots of a draft with the rows of its run.
pub(super) const KEEP: &str = "INSERT INTO lots (number, row, line) SELECT ?1, row, line FROM temp.draft_lots ORDER BY row, line";

/// The lots of a run as those of a draft.
pub(super) const AGAIN: &str =
    "INSERT INTO temp.draft_lots (row, line) SELECT row, line FROM lots WHERE number = ?1";

/// Each row that `sql` finds, as `read` has it, and behind it the other lines that went into it: of a run, or of the draft.
pub(super) fn each_row(
    state: &State,
    run: Option<i64>,
    sql: &str,
    read: impl Fn(&SqlRow<'_>) -> rusqlite::Result<RunRow>,
    mut each: impl FnMut(&RunRow) -> Result<()>,
) -> Result<()> {
    let failed = |e| state.failed(e);
    let any = state.exists(&format!("SELECT 1 FROM {}", of(run)), [])?;
    let mut rows = state.look().prepare(sql).map_err(failed)?;
    let mut rows = rows.query([]).map_err(failed)?;
    while let Some(found) = rows.next().map_err(failed)? {
        let row = read(found).map_err(failed)?;
        each(&row)?;
        let lines = any.then(|| state.ask(|c| lines(c, run, row.row)));
        for line in lines.transpose()?.unwrap_or_default() {
            each(&lot(&row, line))?;
        }
    }
    Ok(())
}

/// The other lines that went into a row.
pub(super) fn lines(c: &Connection, run: Option<i64>, row: u32) -> rusqlite::Result<Vec<u32>> {
    let of = of(run);
    c.prepare_cached(&format!("SELECT line FROM {of} AND row = ?1 ORDER BY line"))?
        .query_map([row], |found| found.get(0))?
        .collect()
}

fn of(run: Option<i64>) -> String {
    run.map_or_else(
        || "temp.draft_lots WHERE TRUE".to_owned(),
        |number| format!("lots WHERE number = {number}"),
    )
}

/// The row as a line of the file that went into it has it.
pub(super) fn lot(row: &RunRow, line: u32) -> RunRow {
    RunRow {
        line,
        ..row.clone()
    }
}

#[cfg(test)]
mod tests;
