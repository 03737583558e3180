//! The exhaustive check: every way in which a run can be disturbed, against a model of the server, the network, the
//! ledger, other writers, time, crashes and signals. The code under test is the real [`super::Request`], driven by a
//! small executor that mirrors [`crate::change::send`].
//!
//! A disturbance is a lost request or answer, a failure or refusal of any kind, a lost request that lands late, somebody
//! else's change, time that goes by, a signal, a crash, another run of ours, a resend by the user; and of every adjustment that was applied an
//! event that comes at any time, twice where it was applied twice, or never. Whatever they
//! are and wherever they come, nothing may be applied twice and nothing reported falsely. The one exception is known:
//! somebody else's change that looks exactly like ours, or exactly takes it back, while ours is in doubt.

mod explore;
mod names;
mod process;
mod world;

use std::collections::BTreeSet;
use std::thread;

use explore::Explorer;
use world::{Mode, Setup};

/// Everything that a run may start with.
fn setups() -> Vec<Setup> {
    let kinds = [
        (Mode::Put, [0, 0]),
        (Mode::Post, [5, -3]),
        (Mode::Post, [5, 5]),
        (Mode::Post, [5, -5]),
    ];
    let terms = [
        (Some(0), 1, false),
        (Some(60), 1, false),
        (Some(0), 2, false),
        (Some(0), 1, true),
        (None, 0, true),
    ];
    let of = |(mode, adjustments)| {
        terms.map(|(age, retries, provable)| Setup {
            mode,
            adjustments,
            retries,
            provable,
            age,
        })
    };
    kinds.into_iter().flat_map(of).collect()
}

/// What must have been met on the way, or the check checks nothing.
const SOMETIMES: &[&str] = &[
    "await turn",
    "read",
    "read back",
    "record with a basis",
    "record without a basis",
    "send",
    "pause",
    "pause in flight",
    "await proof",
    "applied: answer",
    "applied: read back",
    "applied: event",
    "proved late",
    "twice, told late",
    "an event comes",
    "an event comes while it is waited for",
    "an event comes when nobody asks",
    "unchanged",
    "conflict",
    "not applied: failure",
    "not applied: gone",
    "not applied: interrupted",
    "not applied: unrecorded",
    "not applied: behind",
    "unknown: as before",
    "unknown: otherwise",
    "unknown: only this as wanted",
    "unknown: only this as before",
    "unknown: without basis",
    "unknown: doubtful",
    "unknown: late",
    "unknown: overtaken",
    "unknown: moved",
    "unknown: gone",
    "unknown: unread",
    "unknown: unseen",
    "kept",
    "kept: moved",
    "kept: gone",
    "kept: unread",
    "kept: overtaken",
    "put: first run",
    "put: resumed",
    "put: resent",
    "put: sent again in doubt",
    "put: sent on an old reading",
    "post: first run",
    "post: resumed",
    "post: resent",
    "post: sent without a reading",
    "exception: an equal change by somebody else",
    "exception: ours taken back by somebody else",
    "landed late",
    "a resend that doubled",
];

/// What only more than three disturbances lead to.
const DEEP: &[&str] = &["twice"];

fn check(disturbances: u8) {
    let mut setups = setups();
    // They differ from the others only in what may look alike.
    setups.retain(|setup| disturbances > 3 || setup.adjustments != [5, -3]);
    let mut reached: BTreeSet<&'static str> = BTreeSet::new();
    let mut states = 0;
    let next = std::sync::Mutex::new(setups.into_iter());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut explorer = Explorer::default();
                    loop {
                        let setup = next.lock().unwrap().next();
                        let Some(setup) = setup else { return explorer };
                        explorer.explore(setup, disturbances);
                    }
                })
            })
            .collect();
        for worker in workers {
            let explorer = worker.join().unwrap();
            states += explorer.states;
            reached.extend(&explorer.reached);
        }
    });
    println!("{disturbances} disturbances: {states} states");
    let deep = DEEP.iter().filter(|_| disturbances > 3);
    let missed: Vec<_> = SOMETIMES
        .iter()
        .chain(deep)
        .filter(|name| !reached.contains(**name))
        .collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

#[test]
fn no_three_disturbances_make_it_apply_twice_or_report_falsely() {
    check(3);
}

/// `cargo test --lib doubt::model -- --ignored --nocapture`
#[test]
#[ignore = "takes a minute; see CONTRIBUTING.md"]
fn no_four_disturbances_make_it_apply_twice_or_report_falsely() {
    check(4);
}
