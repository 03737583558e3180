//! Quantities that are set.

use super::super::{Action, Asked, By, Ending, Event, Request, Seen, Terms, Wanted, Why};
use super::{TERMS, Way, aged, applied, set, unknown};

#[test]
fn a_put_without_a_fresh_reading_reads_and_decides_its_rows_again() {
    let rows = [
        set(0, 50, Some(10)),
        set(1, 70, Some(20)),
        Asked {
            wanted: Wanted::Set {
                quantity: 90,
                expected: Some(30),
            },
            ..set(2, 90, Some(30))
        },
        set(3, 5, Some(4)),
    ];
    let mut way = Way::put(&rows);
    way.then(&Action::AwaitTurn).tell(Event::Due(aged(5)));
    way.then(&Action::Read { back: false });
    way.tell(Event::Read {
        stocks: vec![Some(9), Some(70), Some(29), None],
        late: false,
        overtaken: false,
    });
    let conflict = Ending::Conflict {
        expected: 30,
        stock: 29,
    };
    let gone = Ending::NotApplied {
        previous: None,
        why: Why::Gone,
    };
    let ended = [
        (1, Ending::Unchanged { stock: 70 }),
        (2, conflict),
        (3, gone),
    ];
    assert_eq!(way.said.endings, ended);
    way.said.endings.clear();
    way.leaves(4).tell(Event::Answered { stock: None });
    way.ends(&[applied(9, 50, By::Answer)]);
}

#[test]
fn a_put_in_doubt_is_read_back_after_the_wait_and_sent_again_while_the_stock_is_as_before() {
    let mut way = Way::put(&[set(0, 50, Some(10))]);
    way.leaves(0).in_doubt();
    way.then(&Action::Pause { in_flight: true });
    way.tell(Event::Waited).then(&Action::Read { back: true });
    way.read(&[10]).leaves(1).in_doubt();
    // That was the last attempt.
    way.then(&Action::Read { back: true });
    way.read(&[10]).ends(&[unknown(10, Seen::AsBefore(10))]);
}

#[test]
fn a_put_in_doubt_at_its_target_is_applied_and_anything_else_is_unknown() {
    let doubted = || {
        let mut way = Way::put(&[set(0, 50, Some(10)), set(1, 70, Some(20))]);
        way.leaves(0).in_doubt().tell(Event::Waited);
        way
    };
    doubted()
        .read(&[50, 70])
        .ends(&[applied(10, 50, By::ReadBack), applied(20, 70, By::ReadBack)]);
    doubted().read(&[9, 20]).ends(&[
        unknown(10, Seen::Otherwise { now: 9 }),
        unknown(20, Seen::OnlyThisAsBefore(20)),
    ]);
    doubted().read(&[49, 70]).ends(&[
        unknown(10, Seen::Otherwise { now: 49 }),
        unknown(20, Seen::OnlyThisAsWanted(70)),
    ]);
}

#[test]
fn what_the_api_itself_failed_to_do_is_failed_after_the_last_attempt() {
    let failing = Event::InDoubt {
        own: true,
        again: true,
    };
    let mut way = Way::put(&[set(0, 50, Some(10))]);
    way.leaves(0).tell(failing.clone()).tell(Event::Waited);
    way.read(&[10]).leaves(0).tell(failing.clone());
    let failed = Ending::NotApplied {
        previous: Some(10),
        why: Why::Failure,
    };
    way.read(&[10]).ends(&[failed]);
    // But not where an attempt before it was lost: that one may yet arrive.
    let mut way = Way::put(&[set(0, 50, Some(10))]);
    way.leaves(0).in_doubt().tell(Event::Waited);
    way.read(&[10]).leaves(0).tell(failing);
    way.read(&[10]).ends(&[unknown(10, Seen::AsBefore(10))]);
}

#[test]
fn twice_429_between_a_reading_and_its_put_lets_it_leave_on_one_of_under_a_minute() {
    let turned_away = Event::NotProcessed { again: true };
    let rows = [set(0, 50, None)];
    let mut way = Way::of(Request::put(
        &rows,
        Terms {
            retries: 9,
            ..TERMS
        },
    ));
    let due = |way: &mut Way, seconds| {
        way.then(&Action::AwaitTurn)
            .tell(Event::Due(aged(seconds)))
            .said
            .action
            .clone()
    };
    assert_eq!(due(&mut way, 0), Action::Read { back: false });
    for _ in 0..2 {
        way.read(&[10]).leaves(0).tell(turned_away.clone());
        way.then(&Action::Pause { in_flight: false })
            .tell(Event::Waited);
        if way.request.attempts() == 1 {
            assert_eq!(due(&mut way, 6), Action::Read { back: false });
        }
    }
    assert_eq!(due(&mut way.clone(), 60), Action::Read { back: false });
    way.leaves(59).in_doubt().tell(Event::Waited);
    // What was seen a minute before proves nothing.
    way.read(&[10])
        .ends(&[unknown(10, Seen::WithoutBasis { now: 10 })]);
}

#[test]
fn a_server_that_lets_nothing_through_in_time_is_given_up() {
    let mut way = Way::put(&[set(0, 50, None)]);
    let mut readings = 0;
    while way.said.action == Action::AwaitTurn {
        way.tell(Event::Due(aged(61)));
        if let Action::Read { .. } = way.said.action {
            readings += 1;
            way.read(&[10]);
        }
    }
    assert_eq!(readings, 5);
    way.ends(&[Ending::NotApplied {
        previous: Some(10),
        why: Why::Spaced,
    }]);
}

#[test]
fn a_signal_leaves_nothing_open_that_this_process_sent() {
    let skipped = Ending::NotApplied {
        previous: Some(10),
        why: Why::Interrupted,
    };
    Way::put(&[set(0, 50, Some(10))])
        .tell(Event::Interrupted)
        .ends(std::slice::from_ref(&skipped));
    let mut way = Way::put(&[set(0, 50, Some(10))]);
    way.leaves(0).in_doubt().tell(Event::Interrupted);
    way.then(&Action::Read { back: true });
    way.read(&[10]).ends(&[unknown(10, Seen::AsBefore(10))]);
    // The API's own failure, and nothing there: it is to be done when the run goes on.
    let mut way = Way::put(&[set(0, 50, Some(10))]);
    way.leaves(0).tell(Event::InDoubt {
        own: true,
        again: true,
    });
    way.tell(Event::Interrupted).read(&[10]).ends(&[skipped]);
}
