//! Rows come into a draft one by one, and what names one variant twice is found.

use rusqlite::{Connection, Statement, params};

use super::draft::Draft;
use super::lots;
use super::outcome::Outcome;
use crate::error::{Kind, Result};
use crate::memory::tag;
use crate::state::State;
use crate::wanted::{Take, Twice, Unequal, Wanted};

/// The most variants named twice that are told of.
const MOST_FAULTS: usize = 100;

/// A draft while it takes in rows.
pub(super) struct Filling<'a> {
    state: &'a State,
    insert: Statement<'a>,
    /// Of the draft; see there.
    rows: &'a mut u32,
    adds_up: &'a mut Option<i64>,
    looked_tagged: &'a mut u32,
}

impl Draft {
    /// Adds rows at the end; `fill` is handed what takes them one by one.
    pub fn fill<T>(&mut self, fill: impl FnOnce(&mut dyn Take) -> Result<T>) -> Result<T> {
        let state = &self.state;
        let failed = |e| state.failed(e);
        let change = state.look().unchecked_transaction().map_err(failed)?;
        let insert = state.look().prepare(
            "INSERT INTO temp.draft (row, line, product_id, sku_id, sku_code, either, wanted, expected, reason, outcome, kind,
                error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        );
        let filled = fill(&mut Filling {
            state,
            insert: insert.map_err(failed)?,
            rows: &mut self.rows,
            adds_up: &mut self.adds_up,
            looked_tagged: &mut self.looked_tagged,
        });
        change.commit().map_err(failed)?;
        filled
    }
}

impl Take for Filling<'_> {
    fn take(&mut self, wanted: &Wanted<'_>) -> Result<()> {
        let (reason, looked_tagged) = wanted.reason.map_or((None, false), tag::cleaned);
        *self.looked_tagged += u32::from(looked_tagged);
        let inserted = self.insert.execute(params![
            *self.rows,
            wanted.line,
            wanted.product,
            wanted.sku,
            wanted.code,
            wanted.either,
            wanted.value,
            wanted.expected,
            reason,
            wanted.fault.map(|_| Outcome::Failed.name()),
            wanted.fault.map(|_| Kind::Usage.name()),
            wanted.fault,
        ]);
        inserted.map_err(|e| self.state.failed(e))?;
        *self.rows += 1;
        Ok(())
    }

    fn add_up(&mut self, buffer: i64) -> Result<Vec<Unequal>> {
        let (unequal, rows) = self.state.ask(|c| {
            let unequal = lots::add_up_by_words(c)?;
            let rows = c.query_row("SELECT count(*) FROM temp.draft", [], |found| found.get(0))?;
            Ok((unequal, rows))
        })?;
        *self.rows = rows;
        *self.adds_up = Some(buffer);
        Ok(unequal)
    }

    /// As far as the file alone can tell; an id and a code that mean one variant are found when the store was seen.
    fn named_twice(&self) -> Result<Vec<Twice>> {
        let mut twice = by_id(self.state)?;
        twice.extend(self.state.ask(by_code)?);
        Ok(twice)
    }
}

fn by_id(state: &State) -> Result<Vec<Twice>> {
    state.all(
        "SELECT later.line, later.sku_id, first.line
         FROM (SELECT sku_id, min(row) AS row FROM temp.draft WHERE sku_id IS NOT NULL
               GROUP BY sku_id HAVING count(*) > 1) AS same
         JOIN temp.draft AS first ON first.row = same.row
         JOIN temp.draft AS later ON later.sku_id = same.sku_id AND later.row > same.row
         ORDER BY later.row LIMIT ?1",
        [MOST_FAULTS as i64],
        |found| {
            Ok(Twice {
                line: found.get(0)?,
                first: found.get(2)?,
                by_id: true,
                name: found.get::<_, i64>(1)?.to_string(),
            })
        },
    )
}

/// Rows without an id that name the same code. Variants of different products may share a code, so rows that name
/// different products are two variants; a row without a product means the only variant with that code.
fn by_code(c: &Connection) -> rusqlite::Result<Vec<Twice>> {
    let mut same = c.prepare(
        "SELECT sku_code, product_id, line FROM temp.draft
         WHERE sku_id IS NULL AND sku_code IN (
            SELECT sku_code FROM temp.draft WHERE sku_id IS NULL GROUP BY sku_code HAVING count(*) > 1)
         ORDER BY sku_code, product_id, line",
    )?;
    let mut same = same.query([])?;
    let mut twice = Vec::new();
    let mut first: Option<(String, Option<i64>, u32)> = None;
    while let Some(found) = same.next()? {
        let row: (String, Option<i64>, u32) = (found.get(0)?, found.get(1)?, found.get(2)?);
        match &first {
            Some(first) if first.0 == row.0 && (first.1.is_none() || first.1 == row.1) => {
                twice.push(Twice {
                    line: first.2.max(row.2),
                    first: first.2.min(row.2),
                    by_id: false,
                    name: row.0,
                });
            }
            _ => first = Some(row),
        }
        if twice.len() == MOST_FAULTS {
            break;
        }
    }
    Ok(twice)
}
