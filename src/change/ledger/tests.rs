//! What a run that ends, or goes on, leaves in the ledger.

use super::*;
use crate::change::written::{Is, KILLED, Run, Written};
use crate::change::{guard, resume, runs};

#[test]
fn ctrl_c_is_a_persons_decision_and_any_other_signal_is_not() {
    assert_eq!(stopped_by(Kind::Interrupted(SIGINT)), "interrupted");
    assert_eq!(stopped_by(Kind::Interrupted(15)), "terminated");
    assert_eq!(stopped_by(Kind::Interrupted(1)), "terminated");
    assert_eq!(stopped_by(Kind::Unavailable), "unavailable");
}

#[test]
fn a_run_that_goes_on_is_under_way_again_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let stopped = Run {
        ended: true,
        stopped_by: Some("unavailable"),
        ..KILLED
    };
    let ledger = Written(State::open(folder.path()).unwrap())
        .with(stopped, &[(2, Is::Open)])
        .with(
            Run {
                run: "r2",
                ..stopped
            },
            &[],
        )
        .but("UPDATE runs SET stopped = 'it was away'");
    let run = ledger.run("r1");
    let draft = guard::typed(resume::draft(ledger.0, &run).unwrap());
    let lock = RunLock::take(folder.path(), "r1").unwrap();
    let ledger = Ledger::resume(draft, &run, lock, None).unwrap();
    let stands = |run| {
        let run = runs::find(&State::open(folder.path()).unwrap(), run).unwrap();
        (run.ended_at.is_some(), run.stopped, run.stopped_by)
    };
    assert_eq!(stands("r1"), (false, None, None));
    let away = |by: &str| (true, Some("it was away".to_owned()), Some(by.to_owned()));
    assert_eq!(stands("r2"), away("unavailable"));
    let why = Error::new(Kind::Auth, "it was away");
    let (ended, written) = ledger.finish(Some(&why));
    ended.unwrap();
    assert!(written.unwrap().unrecorded.is_empty());
    assert_eq!(stands("r1"), away("auth"));
}
