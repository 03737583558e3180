//! Single ways through a request: what each must come to, where the exhaustive check only says what must not be.

mod left;
mod posts;
mod puts;
mod said;

use std::time::Duration;

use super::{
    Action, Asked, By, Decision, Ending, Event, Known, Left, Now, Request, Seen, Terms, Wanted,
};

const TERMS: Terms = Terms {
    retries: 1,
    resend: false,
    provable: false,
};

fn set(row: usize, quantity: i64, stock: Option<i64>) -> Asked {
    Asked {
        row,
        wanted: Wanted::Set {
            quantity,
            expected: None,
        },
        stock,
        left: Left::Nothing,
        overtaken: false,
    }
}

fn adjust(left: Left) -> Asked {
    Asked {
        row: 0,
        wanted: Wanted::Adjust { by: 5 },
        stock: None,
        left,
        overtaken: false,
    }
}

fn known(stock: i64) -> Known {
    Known {
        stock: Some(stock),
        ..Known::default()
    }
}

fn aged(seconds: u64) -> Now {
    Now {
        age: Some(Duration::from_secs(seconds)),
        wary: false,
    }
}

/// One request, and what it says step by step.
#[derive(Clone)]
struct Way {
    request: Request,
    said: Decision,
}

impl Way {
    fn of(request: Request) -> Way {
        let mut way = Way {
            request,
            said: Decision {
                endings: Vec::new(),
                action: Action::Done,
            },
        };
        way.tell(Event::Begun);
        way
    }

    fn put(rows: &[Asked]) -> Way {
        Way::of(Request::put(rows, TERMS))
    }

    fn post(known: Known) -> Way {
        Way::of(Request::post(adjust(Left::Nothing), known, TERMS))
    }

    fn tell(&mut self, event: Event) -> &mut Way {
        self.said = self.request.next(event);
        self
    }

    /// What it does next, as long as nothing has ended.
    fn then(&mut self, action: &Action) -> &mut Way {
        assert_eq!(self.said.endings, Vec::new());
        assert_eq!(&self.said.action, action);
        self
    }

    fn read(&mut self, stocks: &[i64]) -> &mut Way {
        assert!(
            matches!(self.said.action, Action::Read { .. }),
            "{:?}",
            self.said
        );
        self.tell(Event::Read {
            stocks: stocks.iter().copied().map(Some).collect(),
            late: false,
            overtaken: false,
        })
    }

    /// It is due, is recorded and leaves, on a reading of that age.
    fn leaves(&mut self, seconds: u64) -> &mut Way {
        self.then(&Action::AwaitTurn)
            .tell(Event::Due(aged(seconds)));
        assert!(
            matches!(self.said.action, Action::Record(_)),
            "{:?}",
            self.said
        );
        self.tell(Event::Recorded(aged(seconds)));
        assert!(
            matches!(self.said.action, Action::Send(_)),
            "{:?}",
            self.said
        );
        self
    }

    fn in_doubt(&mut self) -> &mut Way {
        let own = false;
        self.tell(Event::InDoubt { own, again: true })
    }

    fn ends(&mut self, endings: &[Ending]) {
        assert_eq!(self.said.action, Action::Done);
        let said: Vec<Ending> = self.said.endings.iter().map(|(_, e)| e.clone()).collect();
        assert_eq!(said, endings);
    }
}

fn applied(previous: i64, quantity: i64, by: By) -> Ending {
    Ending::Applied {
        previous: Some(previous),
        quantity,
        by,
    }
}

fn unknown(previous: i64, seen: Seen) -> Ending {
    Ending::Unknown {
        previous: Some(previous),
        seen,
    }
}
