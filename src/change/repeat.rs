//! Refuses the same adjustments again: a file that was applied already is more often sent twice than meant twice.
//!
//! A row counts as the same when variant, adjustment and reason are, whatever the order, encoding, name or headers of
//! the file, and whether it names the variant by id or by code.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::plan::{Plan, Step};
use super::stored::inverted_lines;
use crate::error::{Error, Result};
use crate::model::SkuId;
use crate::state::State;
use crate::wanted::Mode;

/// How long a file's adjustments are remembered, in hours (the contract: import-csv, step 3).
const HOURS: i64 = 20;

/// From this many shared rows on, half a file is enough to be taken for the same one with a few rows mended.
const MANY: usize = 10;

/// One adjustment as a number that differs when any part of it does.
fn row(sku: i64, adjustment: i64, reason: Option<&str>) -> u128 {
    let mut hash = Sha256::new();
    hash.update(sku.to_le_bytes());
    hash.update(adjustment.to_le_bytes());
    hash.update(reason.unwrap_or_default().as_bytes());
    let digest = hash.finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_le_bytes(first)
}

fn rows(plan: &Plan) -> impl Iterator<Item = u128> + '_ {
    plan.rows().filter_map(|planned| match planned.step {
        Step::Adjust(by) => {
            let sku = planned.ids().1.map_or(0, SkuId::get);
            Some(row(sku, by, plan.reason(&planned)))
        }
        _ => None,
    })
}

/// What the adjustments of a plan come to, in any order; `None` for a plan without adjustments.
pub fn fingerprint(plan: &Plan) -> Option<Vec<u8>> {
    if plan.mode == Mode::Set {
        return None;
    }
    let (sum, count) = rows(plan).fold((0u128, 0u64), |(sum, count), row| {
        (sum.wrapping_add(row), count + 1)
    });
    if count == 0 {
        return None;
    }
    let mut bytes = sum.to_le_bytes().to_vec();
    bytes.extend(count.to_le_bytes());
    Some(bytes)
}

/// An error, refused, when these adjustments were applied to the store by one run in the last hours: all of them, the
/// whole of a file that had some rows fail, or most of a larger one. Rows that ended `failed` or `skipped` don't count
/// as applied, rows in doubt do, and rows that were taken back don't; nor does anything of the run `besides`, which goes
/// on.
pub fn refuse(state: &mut State, store: &str, plan: &Plan, besides: Option<i64>) -> Result<()> {
    let Some(fingerprint) = fingerprint(plan) else {
        return Ok(());
    };
    let since = Timestamp::now() - SignedDuration::from_hours(HOURS);
    let since = since.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let earlier = applied_runs(state.connection(), store, &since);
    let earlier = earlier.map_err(|e| state.failed(e))?;
    if earlier.is_empty() {
        return Ok(());
    }
    let mut wanted: HashMap<u128, usize> = HashMap::new();
    for row in rows(plan) {
        *wanted.entry(row).or_default() += 1;
    }
    let all: usize = wanted.values().sum();
    for run in earlier
        .into_iter()
        .filter(|run| Some(run.number) != besides)
    {
        let shared = shared(state.connection(), &run, &since, wanted.clone());
        let shared = shared.map_err(|e| state.failed(e))?;
        let whole = run.fingerprint.as_ref() == Some(&fingerprint);
        if shared == 0 || !(whole || shared == all || (shared >= MANY && shared * 2 > all)) {
            continue;
        }
        let what = if shared == all {
            "these adjustments were".to_owned()
        } else {
            format!("{shared} of these {all} adjustments were")
        };
        return Err(Error::refused(format!(
            "{what} applied by run {} ({}); nothing was sent",
            run.run, run.started_at
        ))
        .hinted(format!(
            "sxinv history {} shows them; --again applies them once more",
            run.run
        )));
    }
    Ok(())
}

struct Earlier {
    number: i64,
    run: String,
    started_at: String,
    fingerprint: Option<Vec<u8>>,
}

/// The imports that ended since then, or go on, and applied something or may have, newest first. Of the whole server:
/// one store may be known under several profiles, and the ids of variants tell stores apart.
fn applied_runs(
    connection: &mut Connection,
    store: &str,
    since: &str,
) -> rusqlite::Result<Vec<Earlier>> {
    let server = store.split(' ').next().unwrap_or(store);
    connection
        .prepare_cached(
            "SELECT number, run, started_at, fingerprint FROM runs
             WHERE (store = ?1 OR substr(store, 1, length(?1) + 1) = ?1 || ' ')
               AND coalesce(ended_at, ?2) >= ?2 AND command = 'import-csv' AND mode <> 'set'
               AND EXISTS (SELECT 1 FROM rows WHERE rows.number = runs.number AND adjustment IS NOT NULL
                           AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL)))
             ORDER BY number DESC",
        )?
        .query_map(params![server, since], |row| {
            Ok(Earlier {
                number: row.get(0)?,
                run: row.get(1)?,
                started_at: row.get(2)?,
                fingerprint: row.get(3)?,
            })
        })?
        .collect()
}

/// How many of the wanted rows a run applied since then, or may have, and nobody surely took back.
fn shared(
    connection: &mut Connection,
    run: &Earlier,
    since: &str,
    mut wanted: HashMap<u128, usize>,
) -> rusqlite::Result<usize> {
    let inverted = inverted_lines(connection, &run.run, false)?;
    let mut applied = connection.prepare_cached(
        "SELECT sku_id, adjustment, reason, line FROM rows
         WHERE number = ?1 AND sku_id IS NOT NULL AND adjustment IS NOT NULL
           AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL))
           AND coalesce(settled_at, intent_at) >= ?2",
    )?;
    let mut rows = applied.query(params![run.number, since])?;
    let mut shared = 0;
    while let Some(found) = rows.next()? {
        if inverted.contains(&found.get(3)?) {
            continue;
        }
        let reason: Option<String> = found.get(2)?;
        let key = row(found.get(0)?, found.get(1)?, reason.as_deref());
        if let Some(left) = wanted.get_mut(&key).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    Ok(shared)
}
