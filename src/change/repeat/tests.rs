//! The same adjustments again: what counts as the same.

use super::*;
use crate::change::written::{Is, KILLED, Run, Written};
use crate::error::Kind;
use crate::wanted::{Take, Wanted};

/// An import that ended an hour ago.
const ENDED: Run<'static> = Run {
    hours: 1,
    ended: true,
    ..KILLED
};

/// The draft of a file that has these lines of the runs in the ledger, planned.
fn draft(ledger: Written, lines: &[u32]) -> Draft {
    let mut draft = Draft::new(ledger.0, Mode::Adjust).unwrap();
    let filled = draft.fill(|to: &mut dyn Take| {
        lines.iter().try_for_each(|line| {
            to.take(&Wanted {
                line: *line,
                value: 5,
                ..Wanted::default()
            })
        })
    });
    filled.unwrap();
    draft
        .ask(|c| c.execute_batch("UPDATE temp.draft SET sku_id = line * 10, adjustment = wanted"))
        .unwrap();
    draft
}

fn refusal(draft: &Draft) -> Option<String> {
    let error = refuse(draft, KILLED.store, &|_| Ok("sxinv".to_owned())).err()?;
    assert_eq!(error.kind(), Kind::Refused);
    let message = error.message().to_owned();
    Some(message[..message.find(" (").unwrap()].to_owned())
}

fn lines(range: std::ops::Range<u32>, is: Is) -> Vec<(u32, Is)> {
    range.map(|line| (line, is)).collect()
}

fn refused_after(run: Run<'_>, rows: &[(u32, Is)], file: &[u32]) -> Option<String> {
    refusal(&draft(Written::new().with(run, rows), file))
}

#[test]
fn the_whole_file_once_more_is_refused_whatever_may_have_become_of_it() {
    use Is::{Applied, Auth, Failed, InFlight, Open, Skipped, Unchanged, Unknown};
    let applied = "these adjustments were applied by run r1";
    for (is, what) in [
        (Applied, Some(applied)),
        (Unknown, Some(applied)),
        (Failed, None),
        (Skipped, None),
        (Unchanged, None),
    ] {
        let said = refused_after(ENDED, &[(2, is), (3, is)], &[2, 3]);
        assert_eq!(said.as_deref(), what, "{is:?}");
    }
    // What was cut off is to be gone on with.
    let begun = "these adjustments were begun by run r1";
    for is in [Open, InFlight, Auth] {
        let said = refused_after(KILLED, &[(2, is), (3, is)], &[2, 3]);
        assert_eq!(said.as_deref(), Some(begun), "{is:?}");
    }
    // Unless somebody gave it up, or took it back: then what was not sent was not sent.
    let given_up = Run {
        stopped_by: Some("given_up"),
        ..ENDED
    };
    assert_eq!(
        refused_after(given_up, &[(2, Open), (3, Auth)], &[2, 3]),
        None
    );
    assert_eq!(
        refused_after(given_up, &[(2, InFlight)], &[2]).as_deref(),
        Some(applied)
    );
    for (taken, said) in [
        (Applied, None),
        (Unknown, None),
        (InFlight, None),
        (Failed, Some(begun)),
    ] {
        let ledger = Written::new()
            .with(KILLED, &[(2, Open), (3, Open), (9, Applied)])
            .with(
                Run {
                    run: "u1",
                    command: "undo",
                    undo_of: Some("r1"),
                    ..KILLED
                },
                &[(9, taken)],
            );
        assert_eq!(
            refusal(&draft(ledger, &[2, 3])).as_deref(),
            said,
            "{taken:?}"
        );
    }
}

#[test]
fn only_runs_of_the_last_hours_on_the_same_server_count() {
    use Is::Applied;
    let applied = Some("these adjustments were applied by run r1");
    for (run, said) in [
        (ENDED, applied),
        (Run { hours: 19, ..ENDED }, applied),
        (Run { hours: 21, ..ENDED }, None),
        (
            Run {
                hours: 21,
                ended: false,
                ..ENDED
            },
            None,
        ),
        (Run { hours: -5, ..ENDED }, applied),
        (
            Run {
                store: "host other",
                ..ENDED
            },
            applied,
        ),
        (
            Run {
                store: "host",
                ..ENDED
            },
            applied,
        ),
        (
            Run {
                store: "hosts shop",
                ..ENDED
            },
            None,
        ),
        (
            Run {
                mode: "stocktake",
                ..ENDED
            },
            applied,
        ),
        (
            Run {
                command: "adjust",
                ..ENDED
            },
            None,
        ),
        (
            Run {
                command: "undo",
                ..ENDED
            },
            None,
        ),
    ] {
        let said_of = refused_after(run, &[(2, Applied)], &[2]);
        let told = (run.hours, run.store, run.mode, run.command);
        assert_eq!(said_of.as_deref(), said, "{told:?}");
    }
    // A run of long ago that somebody goes on with now counts by what it did just now.
    let old = Run {
        hours: 30,
        ended: false,
        ..ENDED
    };
    let just_now = "UPDATE rows SET settled_at = (SELECT max(started_at) FROM runs) WHERE line = 2";
    let ledger = Written::new()
        .with(old, &[(2, Applied), (3, Applied)])
        .with(
            Run {
                run: "r2",
                hours: 0,
                ..ENDED
            },
            &[],
        )
        .but(just_now);
    assert!(refusal(&draft(ledger, &[2])).is_some());
    // Sets are no adjustments, and a file of them is not refused.
    let set = Run {
        mode: "set",
        ..ENDED
    };
    assert_eq!(refused_after(set, &[(2, Applied)], &[2]), None);
    let ledger = Written::new().with(ENDED, &[(2, Applied)]);
    let mut wanted = draft(ledger, &[2]);
    wanted.mode = Mode::Set;
    assert_eq!(refusal(&wanted), None);
}

#[test]
fn a_part_of_the_file_is_refused_from_ten_rows_and_more_than_half_on() {
    let said = |applied: u32, file: u32| {
        let file: Vec<u32> = (2..2 + file).collect();
        refused_after(ENDED, &lines(2..2 + applied, Is::Applied), &file)
    };
    assert_eq!(said(9, 10), None);
    assert_eq!(
        said(10, 19).as_deref(),
        Some("10 of these 19 adjustments were applied by run r1")
    );
    assert_eq!(said(10, 20), None, "just half");
    assert_eq!(
        said(1, 1).as_deref(),
        Some("these adjustments were applied by run r1")
    );
    // A small file inside a run of many rows is no repetition, unless it is more than half of it.
    let inside = |run: u32, file: u32| {
        let file: Vec<u32> = (2..2 + file).collect();
        refused_after(ENDED, &lines(2..2 + run, Is::Applied), &file)
    };
    assert_eq!(inside(4, 2), None);
    assert!(inside(3, 2).is_some());
}

#[test]
fn a_row_that_fails_by_now_stands_in_the_file_all_the_same() {
    // With these lines of the file failed in the plan; of odd ones nobody knows any more which variant they are about.
    let said = |applied: u32, file: u32, failed: std::ops::Range<u32>, stocktake: bool| {
        let file: Vec<u32> = (2..2 + file).collect();
        let ledger = Written::new().with(ENDED, &lines(2..2 + applied, Is::Applied));
        let ledger =
            ledger.but("INSERT INTO rows_by_sku_code SELECT number, sku_code, row FROM rows");
        let mut draft = draft(ledger, &file);
        let lines = format!("line BETWEEN {} AND {}", failed.start, failed.end - 1);
        let changes = format!(
            "UPDATE temp.draft SET outcome = 'failed', sku_code = 'C' || line, sku_id = iif(line % 2, NULL, sku_id) WHERE {lines};
             UPDATE temp.draft SET adjustment = NULL WHERE {lines} AND line % 2;"
        );
        draft.ask(|c| c.execute_batch(&changes)).unwrap();
        if stocktake {
            draft.mode = Mode::Stocktake;
            let counted =
                "UPDATE temp.draft SET wanted = 12, expected = 7 WHERE adjustment IS NULL";
            draft.ask(|c| c.execute(counted, [])).unwrap();
        }
        refusal(&draft)
    };
    let again = Some("these adjustments were applied by run r1");
    for stocktake in [false, true] {
        // Of two rows, the one by id and the one by code alone.
        assert_eq!(said(2, 2, 2..3, stocktake).as_deref(), again);
        assert_eq!(said(2, 2, 3..4, stocktake).as_deref(), again);
        assert_eq!(said(18, 18, 2..12, stocktake).as_deref(), again);
        // What is to be sent was not applied.
        assert_eq!(said(2, 3, 2..4, stocktake), None);
        // Nothing is to be sent.
        assert_eq!(said(2, 2, 2..4, stocktake), None);
        // Ten of nineteen are more than half, whether they are to be sent or not; ten of twenty are not.
        let ten = Some("1 of these 10 adjustments was applied by run r1");
        let told = said(10, 19, 3..12, stocktake);
        assert_eq!(
            told.as_deref()
                .map(|told| told.replace("were", "was"))
                .as_deref(),
            ten
        );
        assert_eq!(said(10, 20, 3..12, stocktake), None);
    }
}

#[test]
fn two_halves_that_were_applied_make_the_whole_file() {
    let halves = |second: &[(u32, Is)], file: &[u32]| {
        let ledger = Written::new()
            .with(ENDED, &lines(2..4, Is::Applied))
            .with(Run { run: "r2", ..ENDED }, second);
        refusal(&draft(ledger, file))
    };
    let file = [2, 3, 4, 5];
    let said = halves(&lines(4..6, Is::Applied), &file);
    assert_eq!(
        said.as_deref(),
        Some("these adjustments were applied by run r2"),
        "the newest"
    );
    assert_eq!(halves(&lines(4..5, Is::Applied), &file), None);
    // A run half of which is about something else doesn't count.
    assert_eq!(halves(&lines(4..8, Is::Applied), &file), None);
    // As often as it stands in the file.
    assert_eq!(halves(&[], &[2, 2, 3]), None);
    let twice = lines(2..4, Is::Applied);
    assert_eq!(
        halves(&twice, &[2, 2, 3, 3]).as_deref(),
        Some("these adjustments were applied by run r2")
    );
    assert!(halves(&twice, &[2, 3]).is_some());
}

#[test]
fn what_was_taken_back_or_has_another_reason_is_not_the_same() {
    let undo = Run {
        run: "u1",
        command: "undo",
        undo_of: Some("r1"),
        ..ENDED
    };
    let undone = |is| {
        let ledger = Written::new()
            .with(ENDED, &lines(2..4, Is::Applied))
            .with(undo, &[(2, is), (3, is)]);
        refusal(&draft(ledger, &[2, 3]))
    };
    assert_eq!(undone(Is::Applied), None);
    assert!(undone(Is::Unknown).is_some(), "perhaps it is there still");
    let because = |ours: &str, theirs: &str| {
        let ledger = Written::new()
            .with(ENDED, &lines(2..4, Is::Applied))
            .but(&format!("UPDATE rows SET reason = {theirs}"));
        let draft = draft(ledger, &[2, 3]);
        let reason = format!("UPDATE temp.draft SET reason = {ours}");
        draft.ask(|c| c.execute_batch(&reason)).unwrap();
        refusal(&draft).is_some()
    };
    assert!(because("'Straße ÄÖ'", "'straße äö'"));
    assert!(!because("'Wilted'", "'Broken'"));
    assert!(!because("'Wilted'", "NULL"));
    assert!(because("''", "NULL"));
    // Another adjustment of the same variant, or the same of another one.
    for other in [
        "adjustment = 6",
        "sku_id = sku_id + 1",
        "sku_id = NULL",
        "adjustment = NULL",
    ] {
        let ledger = Written::new()
            .with(ENDED, &lines(2..4, Is::Applied))
            .but(&format!("UPDATE rows SET {other}"));
        assert_eq!(refusal(&draft(ledger, &[2, 3])), None, "{other}");
    }
    // Nor do rows of the file that are not sent.
    let ledger = Written::new().with(ENDED, &lines(2..4, Is::Applied));
    let draft = draft(ledger, &[2, 3]);
    draft
        .ask(|c| c.execute_batch("UPDATE temp.draft SET outcome = 'failed'"))
        .unwrap();
    assert_eq!(refusal(&draft), None);
}

#[test]
fn a_run_that_goes_on_is_no_repetition_of_itself_nor_of_another_that_was_cut_off() {
    let going_on = |other: Run<'_>, is: Is| {
        let ledger = Written::new()
            .with(KILLED, &[(2, Is::Open), (3, Is::Open)])
            .with(Run { run: "r2", ..other }, &[(2, is), (3, is)]);
        let number = ledger.run("r1").number;
        let mut draft = draft(ledger, &[2, 3]);
        draft.resumes = Some(number);
        refuse(&draft, KILLED.store, &|_| Ok("sxinv".to_owned())).err()
    };
    assert!(going_on(KILLED, Is::Open).is_none());
    let error = going_on(ENDED, Is::Applied).unwrap();
    let message = error.message();
    assert!(
        message.starts_with("these adjustments were applied by run r2 (")
            && message.ends_with(") too; nothing more of run r1 was sent"),
        "{message}"
    );
    assert!(error.hint().unwrap().contains("sxinv history r1 --give-up"));
    let alone = Written::new().with(KILLED, &[(2, Is::Open)]);
    let mut draft = draft(alone, &[2]);
    draft.resumes = Some(1);
    assert!(refuse(&draft, KILLED.store, &|_| Ok("sxinv".to_owned())).is_ok());
}

mod told;
