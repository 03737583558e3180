//! What webhook events prove about adjustments in doubt (docs/memory.md: Proof): looked up while a row is in doubt, and
//! again for a whole run later.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use super::doubt::Proof;
use super::ledger;
use super::outcome::{MOVED_TWICE, Outcome, Settled, TAKE_ONE_BACK};
use super::row::{self, RunRow};
use super::runs::StoredRun;
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::memory::Memory;
use crate::memory::lock::ListenLock;
use crate::memory::tagged::Tagged;
use crate::state::State;
use crate::time::UtcTime;
use crate::wanted::Mode;

/// How long a row in doubt waits for its event while a listener runs.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// The events about one run, for its workers.
pub(super) struct Proofs<'a> {
    folder: &'a Path,
    run: &'a StoredRun,
    /// Opened when first asked: most runs never are.
    memory: Mutex<Option<Memory>>,
}

impl Proofs<'_> {
    pub(super) fn of<'a>(folder: &'a Path, run: &'a StoredRun) -> Proofs<'a> {
        Proofs {
            folder,
            run,
            memory: Mutex::new(None),
        }
    }

    /// What proves by now that a row was applied.
    pub(super) fn look(&self, row: &RunRow) -> Result<Option<Proof>> {
        if row.tagged_at.is_none() {
            return Ok(None);
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.is_none() {
            *memory = Memory::open_existing(self.folder)?;
        }
        let Some(memory) = memory.as_ref() else {
            return Ok(None);
        };
        let mut found = memory.tagged_row(&self.run.store, &self.run.run, row.row)?;
        found.retain(|tagged| proves(tagged, row));
        let mut found = found.into_iter();
        Ok(found.next().map(|first| Proof {
            event: first.event,
            previous: first.previous,
            quantity: first.quantity,
            second: found.next().map(|second| second.event),
            resent: row.resends > 0,
        }))
    }

    /// Looks for it for up to five seconds while a listener runs for the store, and once otherwise.
    pub(super) fn wait(&self, row: &RunRow, interrupt: &Interrupt) -> Result<Option<Proof>> {
        if row.tagged_at.is_none() {
            return Ok(None);
        }
        let begun = Instant::now();
        loop {
            // Whoever listens may have kept it before it ended.
            let listens = ListenLock::holder(self.folder, &self.run.store).is_some();
            let proof = self.look(row)?;
            let over = !listens || begun.elapsed() >= PATIENCE;
            if proof.is_some() || over || interrupt.wait(LOOK) {
                return Ok(proof);
            }
        }
    }
}

/// Whether an event that bears the tag of a row is about its adjustment: it was sent as often as the tag says, product, variant
/// and adjustment agree, and it was signed after the row's intent, which was in the middle of a second.
fn proves(tagged: &Tagged, row: &RunRow) -> bool {
    let Some(tagged_at) = row.tagged_at else {
        return false;
    };
    let product = tagged.product.is_none() || tagged.product == row.product;
    let variant = match tagged.sku {
        Some(sku) => row.sku == Some(sku),
        None => tagged.sku_code.is_some() && tagged.sku_code == row.sku_code,
    };
    let since = tagged_at.as_seconds();
    let sent = tagged.time <= row.resends.saturating_add(1);
    let agrees = product && variant && row.adjustment == Some(tagged.adjustment);
    sent && agrees && tagged.signed_at >= since
}

/// What events say of the rows of a run that the ledger does not know yet.
#[derive(Default)]
pub struct Late {
    /// Rows with how they ended, and when the event says that the stock moved.
    settled: Vec<(u32, Settled, UtcTime)>,
}

impl Late {
    /// Looks for events about the rows of a run. A row that ended as applied is applied twice where two events say so;
    /// any other is applied where one does.
    pub fn find(state: &State, run: &StoredRun) -> Result<Late> {
        let mut late = Late::default();
        if run.mode == Mode::Set {
            return Ok(late);
        }
        let Some(memory) = Memory::open_existing(state.folder())? else {
            return Ok(late);
        };
        let mut about: Vec<Tagged> = Vec::new();
        memory.tagged_run(&run.store, &run.run, |tagged| {
            if about.last().is_some_and(|last| last.row != tagged.row) {
                late.take(state, run, std::mem::take(&mut about))?;
            }
            about.push(tagged);
            Ok(())
        })?;
        late.take(state, run, about)?;
        Ok(late)
    }

    /// Takes in the events about one row.
    fn take(&mut self, state: &State, run: &StoredRun, mut about: Vec<Tagged>) -> Result<()> {
        let Some(place) = about.first().map(|tagged| tagged.row) else {
            return Ok(());
        };
        let found = state.ask(|c| read(c, run.number, place))?;
        let Some(row) = found.filter(|row| !row.moved_twice()) else {
            return Ok(());
        };
        about.retain(|tagged| proves(tagged, &row));
        let applied = row.outcome() == Outcome::Applied;
        let mut about = about.into_iter();
        let (settled, at) = match (about.next(), about.next()) {
            (Some(first), Some(second)) => {
                let events = [first.event, second.event];
                (Settled::twice(Some(first.previous), &events), second.at)
            }
            (Some(proof), None) if !applied => {
                let mut settled = Settled::well(Outcome::Applied, proof.previous, proof.quantity);
                settled.event_id = Some(proof.event);
                (settled, proof.at)
            }
            _ => return Ok(()),
        };
        self.settled.push((place, settled, at));
        Ok(())
    }

    /// Whether there is nothing new.
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty()
    }

    /// How many rows events prove that were not known to be applied.
    pub fn proved(&self) -> u64 {
        let ended = self.settled.iter().map(|(_, settled, _)| settled.outcome);
        ended.filter(|ended| *ended == Outcome::Applied).count() as u64
    }

    /// Takes note of it in the ledger. Whoever calls has the lock of the run.
    pub fn record(&self, state: &mut State, run: &StoredRun) -> Result<()> {
        state.change(|c| {
            for (row, settled, at) in &self.settled {
                ledger::settle(c, run.number, *row as usize, settled, *at)?;
            }
            Ok(())
        })
    }
}

fn read(c: &Connection, number: i64, row: u32) -> rusqlite::Result<Option<RunRow>> {
    let sql = format!(
        "SELECT {} FROM rows WHERE number = ?1 AND row = ?2",
        row::COLUMNS
    );
    c.prepare_cached(&sql)?
        .query_row(params![number, row], RunRow::read)
        .optional()
}

/// The first row of a run that moved the stock twice, as an error that names its line and both events.
pub fn moved_twice(state: &State, run: &StoredRun) -> Result<Option<Error>> {
    let found: Option<(u32, String, i64)> = state.ask(|c| {
        c.query_row(
            "SELECT line, error, count(*) OVER () FROM rows WHERE number = ?1 AND code = ?2 ORDER BY row LIMIT 1",
            params![run.number, MOVED_TWICE],
            |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)),
        )
        .optional()
    })?;
    Ok(found.map(|(line, error, rows)| {
        let others = match rows {
            1 => String::new(),
            rows => format!(" (and {} of other rows)", rows - 1),
        };
        Error::new(
            Kind::UnknownOutcome,
            format!("line {line}: {error}{others}"),
        )
        .hinted(TAKE_ONE_BACK)
    }))
}

#[cfg(test)]
mod tests;
