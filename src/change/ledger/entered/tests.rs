//! What the rows of a run hold of the draft, when it begins and when it goes on.

use rusqlite::params;

use super::*;
use crate::change::draft::Draft;
use crate::change::resume;
use crate::change::written::{Is, KILLED, Run, Written};
use crate::time::UtcTime;
use crate::wanted::{Mode, Wanted};

/// What the rows of a run hold of a plan: line, adjustment, stock before, when that was read, stock after, whether it ended,
/// outcome, kind, status, code and error.
fn rows(draft: &Draft, number: i64) -> Vec<String> {
    let rows = draft.ask(|c| {
        c.prepare(
            "SELECT concat_ws(' ', 'line ' || line, ifnull(adjustment, '-'), ifnull(previous, '-'), ifnull(read_at, '-'),
                ifnull(quantity, '-'), iif(settled_at IS NULL, 'open', 'ended'), iif(intent_at IS NULL, '-', 'sent'),
                outcome, kind, status, code, error)
             FROM rows WHERE number = ?1 ORDER BY row",
        )?
        .query_map([number], |found| found.get(0))?
        .collect()
    });
    rows.unwrap()
}

fn planned(draft: &Draft, line: u32, set: &str) {
    let sql = format!("UPDATE temp.draft SET {set} WHERE line = {line}");
    draft.ask(|c| c.execute_batch(&sql)).unwrap();
}

#[test]
fn a_run_begins_with_what_was_planned_and_hints_without_commands_of_today() {
    let ledger = Written::new().with(KILLED, &[]);
    let number = ledger.run("r1").number;
    let mut draft = Draft::new(ledger.0, Mode::Adjust).unwrap();
    let filled = draft.fill(|to| {
        (2..6).try_for_each(|line| {
            to.take(&Wanted {
                line,
                value: 5,
                ..Wanted::default()
            })
        })
    });
    filled.unwrap();
    planned(
        &draft,
        2,
        "adjustment = 5, previous = 7, read_at = 99, quantity = 12",
    );
    planned(
        &draft,
        3,
        "previous = 5, quantity = 5, outcome = 'unchanged'",
    );
    let failed = "outcome = 'failed', kind = 'refused', status = 404, code = 'c', error = 'why'";
    planned(&draft, 4, &format!("{failed}, hint = 'do this'"));
    planned(&draft, 5, &format!("{failed}, hint = 'see sxinv list'"));
    draft
        .ask(|c| c.execute(ROWS, params![number, UtcTime::now()]))
        .unwrap();
    assert_eq!(
        rows(&draft, number),
        [
            "line 2 5 7 99 - open -",
            "line 3 - 5 - 5 ended - unchanged",
            "line 4 - - - - ended - failed refused 404 c why; do this",
            "line 5 - - - - ended - failed refused 404 c why",
        ]
    );
}

#[test]
fn a_run_that_goes_on_has_its_new_plan_for_what_was_not_sent_and_keeps_the_rest() {
    use Is::{Applied, Auth, Failed, InFlight, Open, Unknown};
    let all = [Applied, Open, Auth, Open, Open, InFlight, Failed, Unknown];
    let all: Vec<(u32, Is)> = (2..).zip(all).collect();
    let other = Run {
        run: "r2",
        ..KILLED
    };
    let ledger = Written::new()
        .with(KILLED, &all)
        .with(other, &[(2, Open), (3, Auth)])
        .but("UPDATE rows SET status = 401, code = 'c' WHERE kind = 'auth'; UPDATE rows SET read_at = 11");
    let (run, number) = (ledger.run("r1"), ledger.run("r2").number);
    let draft = resume::draft(ledger.0, &run).unwrap();
    let before = rows(&draft, run.number);
    let others = rows(&draft, number);
    draft
        .ask(|c| c.execute(&reopened(&run), [run.number]))
        .unwrap();
    let reopened = rows(&draft, run.number);
    assert_eq!(
        before[2],
        "line 4 5 10 11 15 ended sent failed auth 401 c why"
    );
    assert_eq!(reopened[2], "line 4 5 10 11 - open -");
    assert_eq!(
        (&reopened[..2], &reopened[3..]),
        (&before[..2], &before[3..])
    );
    let plan = "adjustment = -1, previous = 3, read_at = 99";
    for line in [2, 3, 7] {
        planned(&draft, line, &format!("{plan}, quantity = 2"));
    }
    let ends =
        "outcome = 'conflict', kind = 'refused', status = 409, code = 'd', error = 'why now'";
    planned(
        &draft,
        4,
        &format!("{plan}, quantity = 3, {ends}, hint = 'do this'"),
    );
    planned(
        &draft,
        5,
        &format!("{plan}, {ends}, hint = 'see sxinv list'"),
    );
    planned(&draft, 6, &format!("{plan}, {ends}"));
    draft
        .ask(|c| c.execute(AGAIN, params![run.number, UtcTime::now()]))
        .unwrap();
    let after = rows(&draft, run.number);
    assert_eq!(after[0], before[0]);
    assert_eq!(
        after[1..5],
        [
            "line 3 -1 3 99 - open -",
            "line 4 -1 3 99 3 ended - conflict refused 409 d why now; do this",
            "line 5 -1 3 99 - ended - conflict refused 409 d why now",
            "line 6 -1 3 99 - ended - conflict refused 409 d why now",
        ]
    );
    assert_eq!(after[5..], before[5..]);
    assert_eq!(rows(&draft, number), others);
}
