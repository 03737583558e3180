//! What earlier processes left.

use super::super::{
    Action, Asked, Basis, By, Ending, Event, Known, Left, Proof, Request, Seen, Terms, Why,
};
use super::{TERMS, Way, adjust, aged, applied, known, set, unknown};

#[test]
fn what_was_left_in_flight_is_judged_and_an_unread_one_is_left_as_it_is() {
    let basis = Some(Basis {
        stock: 10,
        proves: true,
    });
    let post = |terms| {
        let row = adjust(Left::InFlight(basis));
        Way::of(Request::post(row, Known::default(), terms))
    };
    let mut way = post(TERMS);
    way.read(&[15]).ends(&[applied(10, 15, By::ReadBack)]);
    // The earlier process moved it, perhaps before a later row saw the stock.
    assert_eq!(way.request.known().moved, 0);
    post(TERMS)
        .read(&[10])
        .ends(&[unknown(10, Seen::AsBefore(10))]);
    // Another one of the variant is in doubt, from another run.
    let doubtful = Known {
        doubtful: true,
        ..Known::default()
    };
    Way::of(Request::post(
        adjust(Left::InFlight(basis)),
        doubtful,
        TERMS,
    ))
    .read(&[15])
    .ends(&[unknown(10, Seen::Doubtful { now: 15 })]);
    let mut way = post(TERMS);
    way.tell(Event::Unread).ends(&[Ending::Kept { seen: None }]);
    let next = adjust(Left::Nothing);
    Way::of(Request::post(next, way.request.known(), TERMS)).ends(&[Ending::NotApplied {
        previous: None,
        why: Why::Behind,
    }]);
    let resend = Terms {
        resend: true,
        ..TERMS
    };
    post(resend).read(&[10]).leaves(0);
    let put = |terms| {
        let row = Asked {
            left: Left::InFlight(basis),
            overtaken: false,
            ..set(0, 50, None)
        };
        Way::of(Request::put(&[row], terms))
    };
    put(TERMS)
        .read(&[50])
        .ends(&[applied(10, 50, By::ReadBack)]);
    put(TERMS).read(&[10]).leaves(0);
    put(TERMS)
        .read(&[11])
        .ends(&[unknown(10, Seen::Otherwise { now: 11 })]);
    put(TERMS)
        .tell(Event::Interrupted)
        .ends(&[Ending::Kept { seen: None }]);
}

#[test]
fn rows_in_doubt_are_sent_again_by_decision_where_only_we_moved_the_stock_since() {
    let terms = Terms {
        resend: true,
        ..TERMS
    };
    let resend =
        |known: Known| Way::of(Request::post(adjust(Left::Unknown(Some(10))), known, terms));
    let moved = Known {
        moved: 7,
        ..known(17)
    };
    resend(moved).read(&[17]).leaves(0);
    resend(known(10)).read(&[17]).ends(&[Ending::Kept {
        seen: Some(Seen::Moved { now: 17 }),
    }]);
    let mut way = resend(known(10));
    way.read(&[10]).leaves(0).tell(Event::Answered {
        stock: Some((10, 15)),
    });
    assert!(way.request.known().doubtful, "the first one may yet arrive");
    // Of several rows of a PUT, those.
    let row = |row, before| Asked {
        left: Left::Unknown(Some(before)),
        overtaken: false,
        ..set(row, 50, None)
    };
    let mut way = Way::of(Request::put(&[row(0, 10), row(1, 20)], terms));
    way.read(&[9, 20]);
    let kept = Ending::Kept {
        seen: Some(Seen::Moved { now: 9 }),
    };
    assert_eq!(way.said.endings, [(0, kept)]);
    way.said.endings.clear();
    way.leaves(0);
}

#[test]
fn what_is_in_doubt_of_a_variant_stays_so_whatever_becomes_of_its_next_adjustments() {
    let terms = Terms {
        resend: true,
        provable: true,
        ..TERMS
    };
    let doubtful = Known {
        doubtful: true,
        ..known(10)
    };
    let resend = || {
        let left = adjust(Left::Unknown(Some(10)));
        let mut way = Way::of(Request::post(left, doubtful, terms));
        way.read(&[10]).leaves(0);
        way
    };
    let mut answered = resend();
    answered.tell(Event::Answered {
        stock: Some((10, 15)),
    });
    assert!(answered.request.known().doubtful);
    let mut proved = resend();
    proved.in_doubt().tell(Event::Proved(Proof {
        event: "one".to_owned(),
        previous: 10,
        quantity: 15,
        second: None,
        resent: true,
    }));
    assert!(proved.request.known().doubtful);
    // Two were in flight, and the first can't be looked at: the third waits as long as they do.
    let mut first = Way::of(Request::post(
        adjust(Left::InFlight(None)),
        known(10),
        TERMS,
    ));
    first.tell(Event::Unread);
    let second = Request::post(adjust(Left::InFlight(None)), first.request.known(), TERMS);
    let second = Way::of(second);
    let third = Request::post(adjust(Left::Nothing), second.request.known(), TERMS);
    Way::of(third).ends(&[Ending::NotApplied {
        previous: Some(10),
        why: Why::Behind,
    }]);
}

#[test]
fn what_was_in_doubt_is_decided_again_where_its_reading_got_too_old_to_send_it() {
    let terms = Terms {
        resend: true,
        ..TERMS
    };
    let too_old = |mut way: Way| {
        way.then(&Action::AwaitTurn).tell(Event::Due(aged(6)));
        way.then(&Action::Read { back: true });
        way
    };
    let moved = Some(Seen::Moved { now: 15 });
    let kept = Ending::Kept { seen: moved };
    let basis = Some(Basis {
        stock: 10,
        proves: true,
    });
    let again = |left| {
        let mut way = Way::of(Request::post(adjust(left), Known::default(), terms));
        way.read(&[10]);
        too_old(way)
    };
    again(Left::Unknown(Some(10))).read(&[10]).leaves(0);
    again(Left::Unknown(Some(10)))
        .read(&[15])
        .ends(std::slice::from_ref(&kept));
    again(Left::InFlight(basis)).read(&[10]).leaves(0);
    again(Left::InFlight(basis))
        .read(&[15])
        .ends(&[unknown(10, Seen::Moved { now: 15 })]);
    let put = |left| {
        let row = Asked {
            left,
            ..set(0, 50, None)
        };
        let mut way = Way::of(Request::put(&[row], terms));
        way.read(&[10]);
        way
    };
    too_old(put(Left::Unknown(Some(10))))
        .read(&[15])
        .ends(&[kept]);
    let in_flight = || too_old(put(Left::InFlight(basis)));
    in_flight().read(&[10]).leaves(0);
    in_flight()
        .read(&[50])
        .ends(&[applied(10, 50, By::ReadBack)]);
    in_flight()
        .read(&[15])
        .ends(&[unknown(10, Seen::Otherwise { now: 15 })]);
    // Once this process sent it, it is judged as its own.
    let mut sent = put(Left::Unknown(Some(10)));
    sent.leaves(0).in_doubt().tell(Event::Waited).read(&[10]);
    too_old(sent)
        .read(&[50])
        .ends(&[applied(10, 50, By::ReadBack)]);
}

#[test]
fn what_another_run_wrote_since_and_what_is_read_late_tells_nothing_of_an_adjustment() {
    let basis = Some(Basis {
        stock: 10,
        proves: true,
    });
    let again = Terms {
        resend: true,
        ..TERMS
    };
    let overtaken = |left, terms| {
        let row = Asked {
            overtaken: true,
            ..adjust(left)
        };
        Way::of(Request::post(row, Known::default(), terms))
    };
    for terms in [TERMS, again] {
        overtaken(Left::InFlight(basis), terms).ends(&[unknown(10, Seen::Overtaken)]);
    }
    overtaken(Left::Unknown(Some(10)), again).ends(&[Ending::Kept {
        seen: Some(Seen::Overtaken),
    }]);
    let put = Asked {
        left: Left::InFlight(basis),
        overtaken: true,
        ..set(0, 50, None)
    };
    Way::of(Request::put(&[put], TERMS)).ends(&[unknown(10, Seen::Overtaken)]);
    for (late, seen) in [
        (true, Seen::Late { now: 15 }),
        // While this one was under way.
        (false, Seen::Overtaken),
    ] {
        let read = |stock| Event::Read {
            stocks: vec![Some(stock)],
            late,
            overtaken: !late,
        };
        let adjust = adjust(Left::InFlight(basis));
        let mut way = Way::of(Request::post(adjust, Known::default(), TERMS));
        way.tell(read(15)).ends(&[unknown(10, seen)]);
        let put = Asked {
            left: Left::InFlight(basis),
            ..set(0, 50, None)
        };
        Way::of(Request::put(&[put], TERMS))
            .tell(read(50))
            .ends(&[applied(10, 50, By::ReadBack)]);
    }
}
