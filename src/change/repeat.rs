//! Refuses the same adjustments again: a file that was applied already is more often sent twice than meant twice
//! (docs/promises.md: The guard).
//!
//! A row counts as the same when variant, adjustment and its own reason are, whatever the case of the reason, and whatever
//! the order, encoding, name or headers of the file.

use jiff::SignedDuration;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};

use super::draft::Draft;
use super::left::rejects_of;
use super::lock::RunLock;
use super::lost;
use super::runs::{OPEN, StoredRun};
use super::taken_back;
use crate::error::{Error, Result};
use crate::time::UtcTime;
use crate::wanted::Mode;
use crate::words::counted;

/// How long a file's adjustments are remembered, in hours.
pub const HOURS: i64 = 20;

/// From this many shared rows on, half a file is enough to be taken for the same one with a few rows mended.
const MANY: i64 = 10;

/// The file's adjustments as they stand, how often each and how often to be sent, and which runs moved the same.
const TABLES: &str = "
    DROP TABLE IF EXISTS temp.asked;
    DROP TABLE IF EXISTS temp.moved;
    CREATE TEMP TABLE asked (sku_id INTEGER, adjustment INTEGER, reason TEXT, times INTEGER, sends INTEGER,
        UNIQUE (sku_id, adjustment, reason));
    CREATE TEMP TABLE moved (run INTEGER, own INTEGER, sku_id INTEGER, adjustment INTEGER, reason TEXT, times INTEGER);";

/// Rows that fail in the plan are rows of the file all the same: what it did before is often why they fail now. Which variant
/// had the code of one that is not found, the earlier runs tell (from `?2` on). `?1`: what is expected counts.
const ASKED: &str = "
    INSERT INTO temp.asked
        SELECT sku, by, iif(reason IS NULL, '', folded(reason)), count(*), sum(sends) FROM (
            SELECT reason, outcome IS NULL AS sends, coalesce(adjustment, wanted - iif(?1, expected, 0)) AS by,
                coalesce(sku_id, (
                    SELECT rows.sku_id FROM runs
                    CROSS JOIN rows_by_sku_code AS named ON named.number = runs.number AND named.sku_code = draft.sku_code
                    JOIN rows ON rows.number = named.number AND rows.row = named.row
                    WHERE runs.number >= ?2 ORDER BY runs.number DESC LIMIT 1)) AS sku
            FROM temp.draft WHERE outcome IS NULL OR outcome IN ('failed', 'skipped'))
        WHERE sku IS NOT NULL AND by <> 0 GROUP BY 1, 2, 3;";

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
    run: String,
    started_at: UtcTime,
    /// Whether it can be gone on with.
    open: bool,
    /// Rows of the file, those among them that are to be sent, and all rows of the run.
    stands: i64,
    shared: i64,
    own: i64,
    /// How many of its rows surely were not applied.
    left: i64,
    /// Whether it counted lots that add up, so that such a row can't be mended by itself.
    lots: bool,
    /// The profile that it was made under, where that is another one than this.
    profile: Option<String>,
    /// The program as it is typed for the run's own store, or that its profile is gone.
    program: std::result::Result<String, String>,
    /// Whether a process is at it.
    under_way: bool,
}

/// How the program is typed for a store that is known under this profile, or that the profile is gone.
pub type ProgramFor<'a> = &'a dyn Fn(&str) -> std::result::Result<String, String>;

/// An error, refused, when these adjustments were applied to the store in the last hours: every row of the file, as often as
/// it stands there, by runs of which each has more than half of its own rows in the file; or ten and over half of the file by
/// one run. Rows that fail in the plan stand in the file, but need not have been applied. Rows that ended `failed` or
/// `skipped` don't count as applied, rows in doubt do, rows that were taken back don't; nor does the run that the draft goes
/// on with: what is left of that is refused where a later run did any of it, whenever that was and whatever else it did, for
/// these rows may have been imported by themselves. What a run that was cut off has still to send counts as well: it is to be
/// gone on with, and not begun again beside it. Of what a ledger lost nobody knows which rows it was: until it would have
/// been forgotten anyway, it counts as these, and for a run that goes on, always.
///
/// Where fewer rows than that are the same: what there is to say about them.
pub fn refuse(draft: &Draft, store: &str, program: ProgramFor<'_>) -> Result<Option<String>> {
    if draft.mode == Mode::Set {
        return Ok(None);
    }
    let own: Option<StoredRun> = draft.ask(|c| {
        let own = "SELECT * FROM runs WHERE number = ?1";
        c.query_row(own, [draft.resumes], StoredRun::read)
            .optional()
    })?;
    let since = match own {
        None => UtcTime::now().earlier(SignedDuration::from_hours(HOURS)),
        Some(_) => UtcTime::from_millis(0),
    };
    let (asked, mut earlier, covered) = draft.ask(|c| {
        let runs = earlier(c, store, since, draft.resumes)?;
        let Some(first) = runs.iter().map(|(number, ..)| *number).min() else {
            return Ok((Asked::default(), Vec::new(), 0));
        };
        fold_reasons(c)?;
        c.execute_batch(TABLES)?;
        let expects = draft.mode == Mode::Stocktake;
        c.execute(ASKED, params![expects, first])?;
        let asked = Asked::read(c)?;
        for (number, run, open) in runs {
            taken_back::fill(c, &run, false)?;
            // Two runs that were both cut off don't keep each other from being gone on with.
            let open = open && own.is_none();
            c.prepare_cached(MOVED)?
                .execute(params![number, since, open])?;
        }
        Ok((asked, shared(c, store)?, covered(c)?))
    })?;
    for run in earlier.iter_mut().filter(|run| run.open) {
        if let Some(profile) = &run.profile {
            run.program = program(profile);
        }
        run.under_way = !RunLock::is_free(draft.state.folder(), &run.run);
    }
    // Without adjustments in the file no run shares any.
    let all = asked.sends;
    let whole = covered == all;
    let most = |run: &&Earlier| {
        run.stands >= MANY && (run.stands * 2 > asked.times || run.shared * 2 > all)
    };
    let same = |run: &&Earlier| own.is_some() || (whole && run.stands * 2 > run.own);
    let Some(run) = earlier.iter().find(most).or(earlier.iter().find(same)) else {
        refuse_lost(draft, own.as_ref())?;
        let most = earlier.iter().rev().max_by_key(|run| run.shared);
        return Ok(most.map(|run| run.noted(all)));
    };
    let shared = if whole { all } else { run.shared };
    let own = own.as_ref().map(|own| own.run.as_str());
    Err(refused(run, shared, all, own))
}

/// How many adjustments the file has, and how many of them are to be sent.
#[derive(Default)]
struct Asked {
    times: i64,
    sends: i64,
}

impl Asked {
    fn read(c: &Connection) -> rusqlite::Result<Asked> {
        let sums = "SELECT coalesce(sum(times), 0), coalesce(sum(sends), 0) FROM temp.asked";
        c.query_row(sums, [], |found| {
            Ok(Asked {
                times: found.get(0)?,
                sends: found.get(1)?,
            })
        })
    }
}

/// Reasons are the same in whatever case.
fn fold_reasons(c: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    c.create_scalar_function("folded", 1, flags, |said| {
        let reason: Option<String> = said.get(0)?;
        Ok(reason.unwrap_or_default().to_lowercase())
    })
}

/// An error, refused, where the ledger lost what it recorded and that may have been these adjustments.
fn refuse_lost(draft: &Draft, own: Option<&StoredRun>) -> Result<()> {
    let lost = match own {
        None => lost::lately(&draft.state, HOURS)?,
        Some(own) => lost::until(&draft.state)?.filter(|until| own.started_at <= *until),
    };
    let Some(until) = lost.filter(|_| draft.sends().is_ok_and(|sends| sends > 0)) else {
        return Ok(());
    };
    Err(Error::refused(format!(
        "{}; whether these adjustments were applied can't be told, and nothing was sent",
        lost::in_words(until)
    ))
    .hinted("compare the stock first; --again sends them"))
}

impl Earlier {
    /// What is said where the file is not refused.
    fn noted(&self, all: i64) -> String {
        let Earlier { run, shared, .. } = self;
        let what = match (*shared, all) {
            (1, 1) => "this adjustment was".to_owned(),
            (1, _) => format!("1 of these {all} adjustments was"),
            (shared, _) => format!("{shared} of these {all} adjustments were"),
        };
        let ago = self.started_at.ago();
        if self.under_way {
            return format!("{what} begun by run {run} {ago}, which is under way");
        }
        if self.open {
            return format!(
                "{what} begun by run {run} {ago}, which was cut off, and would be applied twice if that went on; to leave it as it is: sxinv history {run} --give-up"
            );
        }
        let left = match self.left_alone() {
            Some(left) => format!("; {left}"),
            None => String::new(),
        };
        format!("{what} applied by run {run} {ago}{left}")
    }

    /// How it is finished, or why it can't be.
    fn to_finish(&self) -> String {
        match &self.program {
            Ok(program) => format!(
                "to finish it without doing anything twice: {program} import-csv --resume {}",
                self.run
            ),
            Err(gone) => gone.clone(),
        }
    }

    /// How to come by what was not applied alone, where there is any.
    fn left_alone(&self) -> Option<String> {
        let run = &self.run;
        let left = match self.left {
            0 => return None,
            1 => "1 row of that run was not applied".to_owned(),
            n => format!("{} of that run were not applied", counted(n as u64, "row")),
        };
        Some(match self.lots {
            false => format!(
                "{left}; to mend and import what is left alone: {}",
                rejects_of(run)
            ),
            true => format!(
                "{left}, and may be lots of what was counted; to take it back before the whole file is imported: sxinv undo {run}"
            ),
        })
    }
}

/// `own` is the run that would go on.
fn refused(run: &Earlier, shared: i64, all: i64, own: Option<&str>) -> Error {
    let what = if shared == all {
        "these adjustments were".to_owned()
    } else {
        format!("{shared} of these {all} adjustments were")
    };
    let (earlier, began) = (&run.run, run.started_at);
    match own {
        None if run.under_way => Error::refused(format!(
            "{what} begun by run {earlier} ({began}), which is under way; nothing was sent"
        ))
        .hinted("wait until it is done"),
        None if run.open => Error::refused(format!(
            "{what} begun by run {earlier} ({began}), which was cut off; nothing was sent"
        ))
        .hinted(format!(
            "{}\nto leave it as it is: sxinv history {earlier} --give-up",
            run.to_finish()
        )),
        None => {
            let left = run.left_alone().map(|left| left + "\n");
            Error::refused(format!(
                "{what} applied by run {earlier} ({began}); nothing was sent"
            ))
            .hinted(format!(
                "{}those: sxinv history {earlier}\n--again applies them once more",
                left.unwrap_or_default()
            ))
        }
        Some(own) => Error::refused(format!(
            "{what} applied by run {earlier} ({began}) too; nothing more of run {own} was sent"
        ))
        .hinted(format!(
            "those: sxinv history {earlier}\nto leave run {own} as it is: sxinv history {own} --give-up\n--again sends its rest as well"
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
/// future count: a clock went back. For a run that goes on, only those that were begun after it: the others were looked at when
/// it was begun.
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
         WHERE (store = ?1 OR substr(store, 1, length(?1) + 1) = ?1 || ' ') AND (?3 IS NULL OR number > ?3)
           AND coalesce(ended_at, ?2) >= ?2 AND command = 'import-csv' AND mode <> 'set'"
    ))?
    .query_map(params![server, since, besides], |found| {
        Ok((found.get(0)?, found.get(1)?, found.get(2)?))
    })?
    .collect()
}

/// The runs that share rows with the file which are to be sent, newest first.
fn shared(c: &Connection, store: &str) -> rusqlite::Result<Vec<Earlier>> {
    let goes_on = goes_on();
    c.prepare(&format!(
        "SELECT runs.run, started_at, iif(store = ?1, NULL, profile) AS profile, max(own) AS own, sum(min(moved.times, asked.times)) AS stands, sum(min(moved.times, sends)) AS shared, {goes_on} AS open,
            (SELECT count(*) FROM rows WHERE rows.number = runs.number
                AND outcome IN ('failed', 'conflict', 'skipped')) AS unapplied,
            mode = 'stocktake' AND EXISTS (SELECT 1 FROM lots WHERE lots.number = runs.number) AS lots
         FROM temp.moved JOIN temp.asked USING (sku_id, adjustment, reason) JOIN runs ON runs.number = moved.run
         GROUP BY moved.run HAVING shared > 0 ORDER BY moved.run DESC"
    ))?
    .query_map([store], |found| {
        Ok(Earlier {
            run: found.get("run")?,
            started_at: found.get("started_at")?,
            open: found.get("open")?,
            stands: found.get("stands")?,
            shared: found.get("shared")?,
            own: found.get("own")?,
            left: found.get("unapplied")?,
            lots: found.get("lots")?,
            profile: found.get("profile")?,
            program: Ok("sxinv".to_owned()),
            under_way: false,
        })
    })?
    .collect()
}

/// How many rows of the file that are to be sent are covered by runs that are about this file: more than half of their rows
/// stand in it.
fn covered(c: &Connection) -> rusqlite::Result<i64> {
    c.query_row(
        "SELECT coalesce(sum(min(sends, moved)), 0) FROM (
            SELECT sends, sum(moved.times) AS moved
            FROM temp.asked JOIN temp.moved USING (sku_id, adjustment, reason)
            WHERE moved.run IN (
                SELECT run FROM temp.moved AS m JOIN temp.asked AS a USING (sku_id, adjustment, reason)
                GROUP BY run HAVING sum(min(m.times, a.times)) * 2 > max(own))
            GROUP BY sku_id, adjustment, reason)",
        [],
        |found| found.get(0),
    )
}

#[cfg(test)]
mod tests;
