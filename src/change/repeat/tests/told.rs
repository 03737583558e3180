//! Which run is named, and what is said of what it left.

use super::*;

fn hint(ledger: Written, file: &[u32]) -> String {
    let draft = draft(ledger, file);
    let error = refuse(&draft, KILLED.store, &|_| Ok("sxinv".to_owned())).unwrap_err();
    error.hint().unwrap().to_owned()
}

fn noted(ledger: Written, file: &[u32]) -> Option<String> {
    let draft = draft(ledger, file);
    refuse(&draft, KILLED.store, &|_| Ok("sxinv".to_owned())).unwrap()
}

#[test]
fn the_run_that_is_about_the_file_is_named_and_not_a_newer_one_that_shares_half() {
    let half = [(2, Is::Applied), (9, Is::Applied)];
    let ledger = Written::new()
        .with(ENDED, &lines(2..4, Is::Applied))
        .with(Run { run: "r2", ..ENDED }, &half);
    assert_eq!(
        refusal(&draft(ledger, &[2, 3])).as_deref(),
        Some("these adjustments were applied by run r1")
    );
}

#[test]
fn a_row_counts_as_often_as_it_stands_in_both() {
    let twice = [(2, Is::Applied), (2, Is::Applied)];
    let note = noted(Written::new().with(ENDED, &twice), &[2, 3]).unwrap();
    assert!(
        note.starts_with("1 of these 2 adjustments was applied by run r1"),
        "{note}"
    );
    // A run of three equal rows is not about a file that has one of them.
    let thrice = [(2, Is::Applied), (2, Is::Applied), (2, Is::Applied)];
    let ledger = Written::new()
        .with(ENDED, &thrice)
        .with(Run { run: "r2", ..ENDED }, &[(3, Is::Applied)]);
    assert!(noted(ledger, &[2, 3]).is_some());
    // What failed for another reason than the credentials is not left to be done.
    let rows = [(2, Is::Failed), (3, Is::Failed), (4, Is::Open)];
    assert_eq!(noted(Written::new().with(KILLED, &rows), &[2, 3]), None);
}

#[test]
fn what_was_not_applied_can_be_had_alone_unless_it_may_be_lots_of_a_count() {
    let ledger = |mode| {
        let left = [(8, Is::Failed), (9, Is::Skipped), (10, Is::Failed)];
        let rows = [&lines(2..7, Is::Applied)[..], &left].concat();
        Written::new()
            .with(Run { mode, ..ENDED }, &rows)
            .but("UPDATE rows SET outcome = 'conflict' WHERE line = 10")
    };
    let file = [2, 3, 4, 5, 6];
    let alone = "3 rows of that run were not applied; to mend and import what is left alone:";
    let lots = "INSERT INTO lots SELECT number, 0, 99 FROM runs";
    let other = "INSERT INTO lots VALUES (2, 0, 99)";
    let elsewhere = Run {
        run: "r2",
        store: "other shop",
        ..ENDED
    };
    for (mode, sql, may_be_alone) in [
        ("adjust", "", true),
        ("adjust", lots, true),
        ("stocktake", "", true),
        ("stocktake", lots, false),
    ] {
        let hint = hint(ledger(mode).but(sql), &file);
        assert_eq!(hint.contains(alone), may_be_alone, "{mode} {sql}: {hint}");
        assert_eq!(hint.contains("may be lots"), !may_be_alone, "{hint}");
    }
    let others = ledger("stocktake").with(elsewhere, &[]).but(other);
    assert!(hint(others, &file).contains(alone));
}

/// A ledger on disk that lost what it recorded until `lost`, in SQL.
fn lost(folder: &tempfile::TempDir, rows: &[(u32, Is)], lost: &str) -> Written {
    Written(crate::state::State::open(folder.path()).unwrap())
        .with(ENDED, rows)
        .but(&format!("UPDATE ledger SET lost_until = {lost}"))
}

#[test]
fn what_a_ledger_lost_may_have_been_these_adjustments_whatever_else_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let began = "(SELECT max(started_at) FROM runs)";
    let other = || lost(&folder, &lines(50..60, Is::Applied), began);
    let said = |draft: &Draft| {
        refuse(draft, KILLED.store, &|_| Ok("sxinv".to_owned()))
            .err()
            .map(|error| error.message().contains("has lost what it recorded last"))
    };
    assert_eq!(said(&draft(other(), &[2, 3])), Some(true));
    // Where nothing is sent, nothing is sent twice.
    let none = draft(
        Written(crate::state::State::open(folder.path()).unwrap()),
        &[2],
    );
    none.ask(|c| c.execute_batch("UPDATE temp.draft SET outcome = 'failed'"))
        .unwrap();
    assert_eq!(said(&none), None);
    // A run that goes on may have gone further, unless that was lost before it began.
    let goes_on = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        let ledger = lost(&folder, &[(2, Is::Open)], sql);
        let number = ledger.run("r1").number;
        let mut draft = draft(ledger, &[2]);
        draft.resumes = Some(number);
        said(&draft)
    };
    assert_eq!(goes_on(began), Some(true));
    assert_eq!(goes_on("'2020-01-01T00:00:00Z'"), None);
}
