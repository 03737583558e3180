//! Runs that were cut off, for `--resume-all`; and that nobody is to go on with one.

use rusqlite::params;

use super::runs::{GIVEN_UP, OPEN, StoredRun};
use super::taken_back;
use crate::error::Result;
use crate::state::State;
use crate::time::UtcTime;

/// The runs of a store that were cut off and that nobody decided about, oldest first: killed, or ended by a server that
/// was not there or refused the credentials. Runs of typed commands are not among them, nor what was taken back, nor an
/// undo of which others did all that it had left to do.
pub fn cut_off(state: &State, store: &str) -> Result<Vec<StoredRun>> {
    state.ask(|c| {
        let found: Vec<StoredRun> = c
            .prepare(&format!(
                "SELECT * FROM runs AS r
                 WHERE store = ?1 AND command IN ('import-csv', 'undo')
                   AND (ended_at IS NULL OR stopped_by IN ('unavailable', 'auth', 'internal', 'terminated'))
                   AND EXISTS (SELECT 1 FROM rows WHERE number = r.number AND {OPEN})
                 ORDER BY number",
            ))?
            .query_map([store], StoredRun::read)?
            .collect::<rusqlite::Result<_>>()?;
        let mut left = Vec::new();
        for run in found {
            if taken_back::has_own_left(c, &run)? {
                left.push(run);
            }
        }
        Ok(left)
    })
}

/// Takes note that nobody is to go on with a run. What was in flight stays in doubt.
pub fn give_up(state: &mut State, run: &StoredRun) -> Result<()> {
    state.change(|c| {
        c.execute(
            "UPDATE runs SET ended_at = coalesce(ended_at, ?2), stopped = coalesce(stopped, 'given up'), stopped_by = ?3
             WHERE number = ?1",
            params![run.number, UtcTime::now(), GIVEN_UP],
        )?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::written::{Is, KILLED, Run, Written};

    #[test]
    fn a_run_that_is_given_up_ends_then_or_ended_before() {
        let mut ledger = Written::new()
            .with(KILLED, &[(2, Is::Open)])
            .with(
                Run {
                    run: "r2",
                    hours: 5,
                    ended: true,
                    stopped_by: Some("auth"),
                    ..KILLED
                },
                &[(2, Is::Open)],
            )
            .but("UPDATE runs SET stopped = 'the token was refused' WHERE run = 'r2'");
        for run in ["r1", "r2"] {
            let before = ledger.run(run);
            assert!(!before.is_given_up());
            give_up(&mut ledger.0, &before).unwrap();
            let now = ledger.run(run);
            assert!(now.is_given_up() && now.ended_at.is_some());
            let (ended, why) = match run {
                "r1" => (now.ended_at, "given up"),
                _ => (before.ended_at, "the token was refused"),
            };
            assert_eq!((now.ended_at, now.stopped.as_deref()), (ended, Some(why)));
        }
        assert_eq!(ledger.run("r2").command, "import-csv");
    }
}
