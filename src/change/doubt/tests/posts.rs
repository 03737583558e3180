//! Adjustments.

use super::super::{
    Action, Basis, By, Ending, Event, Intent, Known, Left, Now, Proof, Request, Seen, Terms,
};
use super::{TERMS, Way, adjust, aged, applied, known, set, unknown};

#[test]
fn a_refusal_does_not_take_back_an_earlier_doubt() {
    for refusal in [Event::Refused, Event::NotProcessed { again: true }] {
        let mut way = Way::put(&[set(0, 50, Some(10))]);
        way.leaves(0).in_doubt().tell(Event::Waited);
        way.read(&[10]).leaves(0).tell(refusal.clone());
        way.then(&Action::Read { back: true });
        way.read(&[10]).ends(&[unknown(10, Seen::AsBefore(10))]);
        let mut way = Way::of(Request::post(
            adjust(Left::Unknown(Some(10))),
            Known::default(),
            Terms {
                resend: true,
                ..TERMS
            },
        ));
        let last = Event::NotProcessed { again: false };
        way.read(&[10]).leaves(0).tell(match refusal {
            Event::Refused => Event::Refused,
            _ => last,
        });
        way.ends(&[unknown(10, Seen::Unseen)]);
    }
}

#[test]
fn an_adjustment_needs_no_reading_until_something_is_in_doubt() {
    let mut way = Way::post(known(10));
    way.leaves(3600).tell(Event::Answered {
        stock: Some((8, 13)),
    });
    way.ends(&[applied(8, 13, By::Answer)]);
    assert_eq!(
        way.request.known(),
        Known {
            moved: 5,
            ..known(13)
        }
    );
    // And from then on it does.
    let mut way = Way::post(known(10));
    let wary = |seconds| Now {
        wary: true,
        ..aged(seconds)
    };
    way.tell(Event::Due(wary(5)))
        .then(&Action::Read { back: false })
        .read(&[8])
        .then(&Action::AwaitTurn)
        .tell(Event::Due(wary(4)));
    let basis = Some(Basis {
        stock: 8,
        proves: true,
    });
    let intent = Intent {
        row: 0,
        basis,
        resend: false,
    };
    way.then(&Action::Record(vec![intent]));
    // The disk took its time.
    way.tell(Event::Recorded(wary(5)))
        .then(&Action::Read { back: false });
}

#[test]
fn an_adjustment_in_doubt_is_read_back_at_once_and_never_sent_again() {
    let read_back = |age, doubtful, now| {
        let mut way = Way::post(Known {
            doubtful,
            ..known(10)
        });
        way.leaves(age)
            .in_doubt()
            .then(&Action::Read { back: true });
        way.read(&[now]);
        way
    };
    read_back(4, false, 15).ends(&[applied(10, 15, By::ReadBack)]);
    read_back(4, false, 10).ends(&[unknown(10, Seen::AsBefore(10))]);
    read_back(4, false, 14).ends(&[unknown(10, Seen::Otherwise { now: 14 })]);
    read_back(5, false, 15).ends(&[unknown(10, Seen::WithoutBasis { now: 15 })]);
    read_back(4, true, 15).ends(&[unknown(10, Seen::Doubtful { now: 15 })]);
    let after = read_back(4, false, 14).request.known();
    assert!(after.doubtful && after.stock == Some(14));
    // What we moved it by is no news to the next one that is sent again.
    let after = read_back(4, false, 15).request.known();
    assert_eq!((after.moved, after.doubtful), (5, false));
}

#[test]
fn an_event_proves_what_reading_back_can_not() {
    let provable = Terms {
        provable: true,
        ..TERMS
    };
    let proof = |resent| {
        Event::Proved(Proof {
            event: "one".to_owned(),
            previous: 9,
            quantity: 14,
            second: None,
            resent,
        })
    };
    let proved = [applied(9, 14, By::Event("one".to_owned()))];
    let mut way = Way::of(Request::post(adjust(Left::Nothing), known(10), provable));
    way.leaves(0).in_doubt().read(&[14]);
    way.then(&Action::AwaitProof).tell(proof(false));
    way.ends(&proved);
    // No event proves nothing.
    let mut way = Way::of(Request::post(adjust(Left::Nothing), known(10), provable));
    way.leaves(0).in_doubt().read(&[14]).tell(Event::Unproved);
    way.ends(&[unknown(10, Seen::Otherwise { now: 14 })]);
    // One that is there is not sent again.
    for left in [Left::InFlight(None), Left::Unknown(Some(10))] {
        let terms = Terms {
            resend: true,
            ..provable
        };
        let mut way = Way::of(Request::post(adjust(left), Known::default(), terms));
        way.tell(proof(false)).ends(&proved);
        assert!(!way.request.known().doubtful);
        // Of two attempts it proves one.
        let mut way = Way::of(Request::post(
            adjust(Left::Unknown(Some(10))),
            Known::default(),
            terms,
        ));
        way.read(&[10]).leaves(0).in_doubt();
        way.tell(proof(true)).ends(&proved);
        assert!(way.request.known().doubtful);
    }
}

#[test]
fn events_are_looked_for_only_while_an_attempt_is_in_doubt() {
    let post = |provable| {
        let terms = Terms { provable, ..TERMS };
        Way::of(Request::post(adjust(Left::Nothing), known(10), terms))
    };
    let mut way = post(true);
    assert!(!way.request.may_be_proved(), "before it was sent");
    way.leaves(0);
    assert!(
        !way.request.may_be_proved(),
        "while the answer is on its way"
    );
    way.in_doubt();
    assert!(way.request.may_be_proved());
    way.read(&[14]).then(&Action::AwaitProof);
    assert!(way.request.may_be_proved());
    way.tell(Event::Unproved);
    assert!(!way.request.may_be_proved(), "once it has ended");
    let terms = Terms {
        resend: true,
        provable: true,
        ..TERMS
    };
    let left = adjust(Left::Unknown(Some(10)));
    let mut again = Way::of(Request::post(left, Known::default(), terms));
    assert!(again.request.may_be_proved());
    again.read(&[10]).leaves(0);
    assert!(
        !again.request.may_be_proved(),
        "while the answer to a resend is on its way"
    );
    let mut untagged = post(false);
    untagged.leaves(0).in_doubt();
    assert!(!untagged.request.may_be_proved(), "without a tag");
}

#[test]
fn two_events_for_one_adjustment_say_that_the_stock_moved_twice() {
    let terms = Terms {
        resend: true,
        provable: true,
        ..TERMS
    };
    let left = adjust(Left::Unknown(Some(10)));
    let mut way = Way::of(Request::post(left, Known::default(), terms));
    way.read(&[10]).then(&Action::AwaitTurn);
    way.tell(Event::Due(aged(0)))
        .then(&Action::Record(vec![Intent {
            row: 0,
            basis: Some(Basis {
                stock: 10,
                proves: false,
            }),
            resend: true,
        }]));
    way.tell(Event::Recorded(aged(0))).tell(Event::Refused);
    // The first attempt may have been applied all the same.
    way.then(&Action::AwaitProof).tell(Event::Proved(Proof {
        event: "one".to_owned(),
        previous: 10,
        quantity: 15,
        second: Some("two".to_owned()),
        resent: true,
    }));
    way.ends(&[Ending::Twice {
        previous: Some(10),
        events: ["one".to_owned(), "two".to_owned()],
    }]);
    assert!(way.request.known().doubtful);
}

#[test]
fn what_a_refusal_disproves_is_no_evidence_for_the_next_one() {
    let mut way = Way::post(known(10));
    way.leaves(0).tell(Event::Refused);
    let next = Request::post(adjust(Left::Nothing), way.request.known(), TERMS);
    let mut way = Way::of(next);
    way.tell(Event::Due(aged(0)));
    way.then(&Action::Record(vec![Intent {
        row: 0,
        basis: None,
        resend: false,
    }]));
}
