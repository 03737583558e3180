//! Which runs took what of other runs back.

use std::collections::{HashMap, HashSet};
use std::iter::successors;

use rusqlite::{Connection, OptionalExtension, params};

use super::runs::{OPEN, StoredRun};
use crate::error::Result;
use crate::state::State;

/// The newest run that took something of `id` back, or may have.
pub fn undone_by(state: &State, id: &str) -> Result<Option<String>> {
    let newest = "SELECT run FROM runs WHERE undo_of = ?1 AND EXISTS (
            SELECT 1 FROM rows WHERE rows.number = runs.number
            AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL)))
         ORDER BY number DESC LIMIT 1";
    state.ask(|c| c.query_row(newest, [id], |found| found.get(0)).optional())
}

/// The newest run by which what `id` did is taken back now: one that took it back, or put back what it had taken.
pub fn taken_back_by(state: &State, id: &str) -> Result<Option<String>> {
    state.ask(|c| {
        let tree = tree(c, id)?;
        let puts_in = tree.iter().any(|node| node.run == id && node.puts_in);
        let others = tree.iter().rev().filter(|node| node.puts_in != puts_in);
        for node in others {
            if moved(c, node.number)?.next().is_some() {
                return Ok(Some(node.run.clone()));
            }
        }
        Ok(None)
    })
}

/// Fills the TEMP table `taken_back` with the lines of a run that are taken back. `doubtful` says whether lines that may or
/// may not be are among them.
pub(super) fn fill(c: &Connection, id: &str, doubtful: bool) -> rusqlite::Result<u64> {
    c.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS taken_back (line INTEGER PRIMARY KEY);
         DELETE FROM temp.taken_back;",
    )?;
    let least = if doubtful {
        Back::Perhaps
    } else {
        Back::Surely
    };
    let lines = Standing::of(c, id, None)?.own(c, |back| back >= least)?;
    let mut insert = c.prepare_cached("INSERT INTO temp.taken_back (line) VALUES (?1)")?;
    for line in &lines {
        insert.execute([line])?;
    }
    Ok(lines.len() as u64)
}

/// The lines of a run of which nobody knows whether they are taken back, in order.
pub(super) fn perhaps(c: &Connection, id: &str) -> rusqlite::Result<Vec<u32>> {
    let mut lines = Standing::of(c, id, None)?.own(c, |back| back == Back::Perhaps)?;
    lines.sort_unstable();
    Ok(lines)
}

/// The newest run, of those that take `id` back or put it back, that left one of these lines in doubt; whether it would have
/// put them back.
pub(super) fn in_doubt_about(
    c: &Connection,
    id: &str,
    lines: &[u32],
) -> rusqlite::Result<Option<(String, bool)>> {
    let standing = Standing::of(c, id, None)?;
    for node in standing.tree.iter().rev() {
        let doubts = moved(c, node.number)?
            .any(|(line, is_sure)| !is_sure && lines.binary_search(&line).is_ok());
        if doubts {
            return Ok(Some((node.run.clone(), node.puts_in == standing.puts_in)));
        }
    }
    Ok(None)
}

/// A run that has taken back, or may have, what an undo that was cut off has still to take back: `resends` counts what the
/// undo has in doubt among that.
pub fn overtaken_by(state: &State, undo: &StoredRun, resends: bool) -> Result<Option<String>> {
    let Some(original) = &undo.undo_of else {
        return Ok(None);
    };
    state.ask(|c| {
        let standing = Standing::of(c, original, Some(undo.number))?;
        let lines: HashSet<u32> = left(c, undo.number, resends)?
            .into_iter()
            .filter(|line| standing.back(*line) >= Back::Perhaps)
            .collect();
        let others = standing
            .tree
            .iter()
            .rev()
            .filter(|node| node.number != undo.number && node.puts_in != standing.puts_in);
        for node in others {
            if moved(c, node.number)?.any(|(line, _)| lines.contains(&line)) {
                return Ok(Some(node.run.clone()));
            }
        }
        Ok(None)
    })
}

/// Whether nothing of a run was taken back, and, where it is an undo, whether it has a line left that is not surely taken
/// back without it.
pub(super) fn has_own_left(c: &Connection, run: &StoredRun) -> rusqlite::Result<bool> {
    let own = Standing::of(c, &run.run, None)?;
    if !own.own(c, |back| back >= Back::Perhaps)?.is_empty() {
        return Ok(false);
    }
    let Some(original) = &run.undo_of else {
        return Ok(true);
    };
    let standing = Standing::of(c, original, Some(run.number))?;
    let open = left(c, run.number, false)?;
    Ok(open
        .into_iter()
        .any(|line| standing.back(line) < Back::Surely))
}

/// The lines that an undo has still to send.
fn left(c: &Connection, number: i64, resends: bool) -> rusqlite::Result<Vec<u32>> {
    c.prepare_cached(&format!(
        "SELECT line FROM rows WHERE number = ?1 AND ({OPEN} OR (?2 AND outcome = 'unknown'))"
    ))?
    .query_map(params![number, resends], |found| found.get(0))?
    .collect()
}

/// A run, the runs that took it back, those that took these back, and so on. What each of them did to a line is in the stock
/// or out of it: an undo changes that for the run that it takes back, and for each one above it up to the root, and must not
/// put in what is in or take out what is out (docs/promises.md: Taking back).
struct Standing {
    /// Oldest first: the root is the first.
    tree: Vec<Node>,
    /// The place of the run that is asked about.
    own: Option<usize>,
    /// Whether that one puts lines in.
    puts_in: bool,
    /// That run and each one above it: whether the run does the same as that, and the lines of that one.
    above: Vec<(bool, Lines)>,
}

/// How often lines are in, at least and at most. Those that nobody took back are not here.
type Lines = HashMap<u32, (i64, i64)>;

struct Node {
    number: i64,
    run: String,
    /// The place of the run that it takes back.
    undoes: Option<usize>,
    /// Whether it puts lines in, as the root does, or takes them out, as those do that take the root back.
    puts_in: bool,
}

/// Whether what a run did to a line is taken back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Back {
    Not,
    Perhaps,
    Surely,
}

impl Standing {
    /// How the lines of the tree that `id` belongs to stand, but for what the run `but` has in doubt.
    fn of(c: &Connection, id: &str, but: Option<i64>) -> rusqlite::Result<Standing> {
        let tree = tree(c, id)?;
        let own = tree.iter().position(|node| node.run == id);
        let puts_in = own.is_some_and(|own| tree[own].puts_in);
        let chain: Vec<usize> = successors(own, |at| tree[*at].undoes).collect();
        let mut above: Vec<(bool, Lines)> = chain
            .iter()
            .map(|at| (tree[*at].puts_in == puts_in, Lines::new()))
            .collect();
        for (at, node) in tree.iter().enumerate().skip(1) {
            let moved: Vec<(u32, bool)> = moved(c, node.number)?.collect();
            let below: Vec<usize> = successors(tree[at].undoes, |at| tree[*at].undoes).collect();
            for (root, (_, lines)) in chain.iter().zip(&mut above) {
                if !below.contains(root) {
                    continue;
                }
                let restores = node.puts_in == tree[*root].puts_in;
                for (line, is_sure) in &moved {
                    // Only what was surely applied is ever taken back: it was in.
                    let (least, most) = lines.entry(*line).or_insert((1, 1));
                    let (sure, perhaps) = (
                        i64::from(*is_sure),
                        i64::from(*is_sure || but != Some(node.number)),
                    );
                    match restores {
                        true => (*least, *most) = (*least + sure, *most + perhaps),
                        false => (*least, *most) = (*least - perhaps, *most - sure),
                    }
                }
            }
        }
        Ok(Standing {
            tree,
            own,
            puts_in,
            above,
        })
    }

    /// Whether a line is where it was before the run that is asked about.
    fn back(&self, line: u32) -> Back {
        let stands = |(same, lines): &(bool, Lines)| {
            let (least, most) = lines.get(&line).copied().unwrap_or((1, 1));
            match same {
                true if most <= 0 => Back::Surely,
                true if least <= 0 => Back::Perhaps,
                false if least >= 1 => Back::Surely,
                false if most >= 1 => Back::Perhaps,
                _ => Back::Not,
            }
        };
        self.above.iter().map(stands).max().unwrap_or(Back::Not)
    }

    /// The lines that the run surely applied and that stand so, where anything of its tree was taken back.
    fn own(&self, c: &Connection, stands: impl Fn(Back) -> bool) -> rusqlite::Result<Vec<u32>> {
        let stands = |line: &u32| stands(self.back(*line));
        let Some(own) = self.own else {
            return Ok(Vec::new());
        };
        // Whatever is taken back is of the root, which may have a million lines.
        if own == 0 {
            let lines = self.above.iter().flat_map(|(_, lines)| lines.keys());
            return Ok(lines.copied().filter(stands).collect());
        }
        let own = moved(c, self.tree[own].number)?.filter(|(_, is_sure)| *is_sure);
        Ok(own.map(|(line, _)| line).filter(stands).collect())
    }
}

/// The tree that a run belongs to, oldest first.
fn tree(c: &Connection, id: &str) -> rusqlite::Result<Vec<Node>> {
    let found: Vec<(i64, String, Option<String>)> = c
        .prepare_cached(
            "WITH RECURSIVE
                up (run, undo_of) AS (
                    SELECT run, undo_of FROM runs WHERE run = ?1
                    UNION SELECT runs.run, runs.undo_of FROM up JOIN runs ON runs.run = up.undo_of),
                tree (number, run, undo_of) AS (
                    SELECT runs.number, runs.run, NULL FROM up JOIN runs USING (run)
                    WHERE NOT EXISTS (SELECT 1 FROM runs AS parent WHERE parent.run = up.undo_of)
                    UNION ALL SELECT runs.number, runs.run, runs.undo_of FROM tree JOIN runs ON runs.undo_of = tree.run)
             SELECT number, run, undo_of FROM tree ORDER BY number",
        )?
        .query_map([id], |found| {
            Ok((found.get(0)?, found.get(1)?, found.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut tree: Vec<Node> = Vec::new();
    for (number, run, undo_of) in found {
        // An undo is younger than what it takes back.
        let undoes = undo_of.and_then(|of| tree.iter().position(|node| node.run == of));
        let puts_in = undoes.is_none_or(|of| !tree[of].puts_in);
        tree.push(Node {
            number,
            run,
            undoes,
            puts_in,
        });
    }
    Ok(tree)
}

/// The lines that a run moved, or may have, and whether it surely did.
fn moved(c: &Connection, number: i64) -> rusqlite::Result<std::vec::IntoIter<(u32, bool)>> {
    let lines: Vec<(u32, bool)> = c
        .prepare_cached(
            "SELECT line, outcome IS 'applied' FROM rows WHERE number = ?1
               AND (outcome IN ('applied', 'unknown') OR (outcome IS NULL AND intent_at IS NOT NULL))",
        )?
        .query_map([number], |found| Ok((found.get(0)?, found.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter())
}

/// The newest run on a store that applied something, is no undo, and is not wholly taken back.
pub fn last_to_undo(state: &State, store: &str) -> Result<Option<StoredRun>> {
    state.ask(|c| {
        let mut applied = c.prepare(
            "SELECT * FROM runs AS r WHERE store = ?1 AND undo_of IS NULL
               AND EXISTS (SELECT 1 FROM rows WHERE number = r.number AND outcome = 'applied')
             ORDER BY number DESC",
        )?;
        for found in applied.query_map([store], StoredRun::read)? {
            let found = found?;
            // What may not have been taken back is not over: an older run is not taken back in its place.
            fill(c, &found.run, false)?;
            let left = c
                .prepare_cached(
                    "SELECT 1 FROM rows WHERE number = ?1 AND outcome = 'applied'
                       AND line NOT IN (SELECT line FROM temp.taken_back)",
                )?
                .exists([found.number])?;
            if left {
                return Ok(Some(found));
            }
        }
        Ok(None)
    })
}

/// The newest run on a store, begun after `run` where that is said, of which something is in doubt: no undo, and none that was
/// given up.
pub fn newer_in_doubt(
    state: &State,
    store: &str,
    run: Option<&StoredRun>,
) -> Result<Option<StoredRun>> {
    state.ask(|c| {
        c.query_row(
            "SELECT * FROM runs AS r WHERE store = ?1 AND number > ?2 AND undo_of IS NULL AND stopped_by IS NOT 'given_up'
               AND EXISTS (SELECT 1 FROM rows WHERE number = r.number
                           AND (outcome = 'unknown' OR (outcome IS NULL AND intent_at IS NOT NULL)))
             ORDER BY number DESC LIMIT 1",
            params![store, run.map_or(0, |run| run.number)],
            StoredRun::read,
        )
        .optional()
    })
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
