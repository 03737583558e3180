//! Refuses the same adjustments again: a file that was applied already is more often sent twice than meant twice
//! (docs/promises.md: The guard).
//!
//! A row counts as the same when variant, adjustment and its own reason are, whatever the case of the reason, and whatever
//! the order, encoding, name or headers of the file.

use jiff::SignedDuration;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};

use super::draft::Draft;
use super::lock::RunLock;
use super::runs::{OPEN, StoredRun};
use super::taken_back;
use crate::error::{Error, Result};
use crate::time::UtcTime;
use crate::wanted::Mode;

/// How long a file's adjustments are remembered, in hours.
const HOURS: i64 = 20;

/// From this many shared rows on, half a file is enough to be taken for the same one with a few rows mended.
const MANY: i64 = 10;

/// The file's adjustments as they stand, how often each, and which runs moved the same; `taken` are rows taken back.
const TABLES: &str = "
    DROP TABLE IF EXISTS temp.asked;
    DROP TABLE IF EXISTS temp.moved;
    CREATE TEMP TABLE asked AS
        SELECT sku_id, adjustment, iif(reason IS NULL, '', folded(reason)) AS reason, count(*) AS times FROM temp.draft
        WHERE outcome IS NULL AND adjustment IS NOT NULL GROUP BY 1, 2, 3;
    CREATE UNIQUE INDEX temp.asked_by_row ON asked (sku_id, adjustment, reason);
    CREATE TEMP TABLE moved (run INTEGER, own INTEGER, sku_id INTEGER, adjustment INTEGER, reason TEXT, times INTEGER);";

/// The adjustments of one run that were applied since then, or may have been, and that nobody surely took back; and those
/// that it has still to send, where it is to be gone on with (`?3`).
const MOVED: &str = "
    INSERT INTO temp.moved
        SELECT number, sum(count(*)) OVER (), sku_id, adjustment, iif(reason IS NULL, '', folded(reason)), count(*) FROM rows
        WHERE number = ?1 AND sku_id IS NOT NULL AND adjustment IS NOT NULL AND line NOT IN (SELECT line FROM temp.taken_back)
          AND iif((outcome IS NULL AND intent_at IS NULL) OR (outcome = 'failed' AND kind = 'auth'), ?3,
                (outcome IN ('applied', 'unknown') OR outcome IS NULL) AND coalesce(settled_at, intent_at) >= ?2)
        GROUP BY 3, 4, 5;";

/// A run that shares rows with the file: how many, of how many of its own.
struct Earlier {
    run: StoredRun,
    /// Whether it can be gone on with.
    open: bool,
    shared: i64,
    own: i64,
}

/// An error, refused, when these adjustments were applied to the store in the last hours: every row of the file, as often
/// as it stands there, by runs of which each has more than half of its own rows in the file; or ten and over half of the
/// file by one run. Rows that ended `failed` or `skipped` don't count as applied, rows in doubt do, rows that were taken
/// back don't; nor does the run that the draft goes on with. What a run that was cut off has still to send counts as well:
/// it is to be gone on with, and not begun again beside it. `program` is how the program is typed for the store of a run;
/// none where its profile is gone.
pub fn refuse(
    draft: &Draft,
    store: &str,
    program: &dyn Fn(&StoredRun) -> Option<String>,
) -> Result<()> {
    if draft.mode == Mode::Set {
        return Ok(());
    }
    let since = UtcTime::now().earlier(SignedDuration::from_hours(HOURS));
    let found = draft.ask(|c| {
        let runs = earlier(c, store, since, draft.resumes)?;
        let own: Option<String> = c
            .query_row(
                "SELECT run FROM runs WHERE number = ?1",
                [draft.resumes],
                |found| found.get(0),
            )
            .optional()?;
        if runs.is_empty() {
            return Ok(None);
        }
        c.create_scalar_function(
            "folded",
            1,
            FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
            |said| {
                let reason: Option<String> = said.get(0)?;
                Ok(reason.unwrap_or_default().to_lowercase())
            },
        )?;
        c.execute_batch(TABLES)?;
        let all: i64 = c.query_row(
            "SELECT coalesce(sum(times), 0) FROM temp.asked",
            [],
            |found| found.get(0),
        )?;
        for (number, run, open) in runs {
            taken_back::fill(c, &run, false)?;
            // Two runs that were both cut off don't keep each other from being gone on with.
            let open = open && own.is_none();
            c.prepare_cached(MOVED)?
                .execute(params![number, since, open])?;
        }
        Ok(Some((all, shared(c)?, covered(c)?, own)))
    })?;
    let Some((all, earlier, covered, own)) = found else {
        return Ok(());
    };
    let whole = all > 0 && covered == all;
    let most = |run: &&Earlier| run.shared >= MANY && run.shared * 2 > all;
    let Some(run) = earlier
        .iter()
        .find(most)
        .or(earlier.iter().find(|run| whole && run.shared * 2 > run.own))
    else {
        return Ok(());
    };
    let shared = if whole { all } else { run.shared };
    let what = if shared == all {
        "these adjustments were".to_owned()
    } else {
        format!("{shared} of these {all} adjustments were")
    };
    if own.is_none() && run.open && !RunLock::is_free(draft.state.folder(), &run.run.run) {
        return Err(Error::refused(format!(
            "{what} begun by run {} ({}), which is under way; nothing was sent",
            run.run.run, run.run.started_at
        ))
        .hinted("wait until it is done"));
    }
    let program = program(&run.run).unwrap_or_else(|| "sxinv".to_owned());
    Err(refused(run, &what, own.as_deref(), &program))
}

/// `own` is the run that would go on.
fn refused(run: &Earlier, what: &str, own: Option<&str>, program: &str) -> Error {
    let (earlier, began) = (&run.run.run, run.run.started_at);
    match own {
        None if run.open => Error::refused(format!(
            "{what} begun by run {earlier} ({began}), which was cut off; nothing was sent"
        ))
        .hinted(format!(
            "this finishes that run without doing anything twice:\n{program} import-csv --resume {earlier}\n{program} history {earlier} --give-up leaves it as it is"
        )),
        None => Error::refused(format!(
            "{what} applied by run {earlier} ({began}); nothing was sent"
        ))
        .hinted(format!(
            "sxinv history {earlier} shows them; --again applies them once more"
        )),
        Some(own) => Error::refused(format!(
            "{what} applied by run {earlier} ({began}) too; nothing more of run {own} was sent"
        ))
        .hinted(format!(
            "sxinv history {earlier} shows them\nsxinv history {own} --give-up leaves run {own} as it is; --again sends its rest as well"
        )),
    }
}

/// That a run of `runs` can be gone on with: it has rows left, nobody gave it up, and nothing of it was taken back.
fn goes_on() -> String {
    format!(
        "(runs.stopped_by IS NOT 'given_up'
            AND EXISTS (SELECT 1 FROM rows WHERE rows.number = runs.number AND {OPEN})
            AND NOT EXISTS (SELECT 1 FROM runs AS undo JOIN rows USING (number) WHERE undo.undo_of = runs.run
                AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL))))"
    )
}

/// The imports that ended since then, or go on: number, id, and whether one of that time can be gone on with. Of the whole
/// server: one store may be known under several profiles, and the ids of variants tell stores apart. Stamps from the
/// future count: a clock went back.
fn earlier(
    c: &Connection,
    store: &str,
    since: UtcTime,
    besides: Option<i64>,
) -> rusqlite::Result<Vec<(i64, String, bool)>> {
    let server = store.split(' ').next().unwrap_or(store);
    let goes_on = goes_on();
    c.prepare(&format!(
        "SELECT number, run, {goes_on} AND (coalesce(ended_at, started_at) >= ?2 OR EXISTS (
                SELECT 1 FROM rows WHERE rows.number = runs.number AND coalesce(settled_at, intent_at) >= ?2))
         FROM runs
         WHERE (store = ?1 OR substr(store, 1, length(?1) + 1) = ?1 || ' ') AND number IS NOT ?3
           AND coalesce(ended_at, ?2) >= ?2 AND command = 'import-csv' AND mode <> 'set'"
    ))?
    .query_map(params![server, since, besides], |found| {
        Ok((found.get(0)?, found.get(1)?, found.get(2)?))
    })?
    .collect()
}

/// The runs that share rows with the file, newest first.
fn shared(c: &Connection) -> rusqlite::Result<Vec<Earlier>> {
    let goes_on = goes_on();
    c.prepare(&format!(
        "SELECT runs.*, max(own) AS own, sum(min(moved.times, asked.times)) AS shared, {goes_on} AS open
         FROM temp.moved JOIN temp.asked USING (sku_id, adjustment, reason) JOIN runs ON runs.number = moved.run
         GROUP BY moved.run ORDER BY moved.run DESC"
    ))?
    .query_map([], |found| {
        Ok(Earlier {
            run: StoredRun::read(found)?,
            open: found.get("open")?,
            shared: found.get("shared")?,
            own: found.get("own")?,
        })
    })?
    .collect()
}

/// How many rows of the file are covered by runs that are about this file: more than half of their rows stand in it.
fn covered(c: &Connection) -> rusqlite::Result<i64> {
    c.query_row(
        "SELECT coalesce(sum(min(times, moved)), 0) FROM (
            SELECT asked.times AS times, sum(moved.times) AS moved
            FROM temp.asked JOIN temp.moved USING (sku_id, adjustment, reason)
            WHERE moved.run IN (
                SELECT run FROM temp.moved AS m JOIN temp.asked AS a USING (sku_id, adjustment, reason)
                GROUP BY run HAVING sum(min(m.times, a.times)) * 2 > max(own))
            GROUP BY sku_id, adjustment, reason)",
        [],
        |found| found.get(0),
    )
}
