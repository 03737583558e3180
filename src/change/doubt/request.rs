//! One request from its turn in the run to its end: the state machine.

mod leaving;
mod settling;

use super::{Action, Asked, Basis, Decision, Event, Known, Left, Seen, Terms, Wanted, Why};

/// A request that writes: a product's rows by `PUT`, or one adjustment by `POST`. See [`super`] for the rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::change) struct Request {
    rows: Vec<Row>,
    terms: Terms,
    /// Of the variant, where this is an adjustment.
    known: Option<Known>,
    left: Found,
    /// Another run of ours has written a variant since.
    overtaken: bool,
    /// The newest reading came too long after the basis.
    late: bool,
    doubt: Doubt,
    attempts: u32,
    /// The newest reading is this request's own, and has not been found too old.
    read: bool,
    /// How many readings of its own were found too old before it could leave.
    lapses: u8,
    interrupted: bool,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    row: usize,
    wanted: Wanted,
    stock: Option<i64>,
    basis: Option<Basis>,
}

/// What an earlier process left of these rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Found {
    Nothing,
    InFlight,
    Unknown,
}

/// Whether an attempt may have been processed, or may yet be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Doubt {
    None,
    /// An earlier process's, as the ledger still has it.
    Earlier,
    /// One that this process knows of, or recorded over an earlier one.
    Ours,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Waiting,
    /// A look at what an earlier process left.
    FirstLook,
    Turn,
    /// A reading to send on.
    Reading,
    /// The commit of an intent whose basis proves something, or does not.
    Recording(bool),
    Answer,
    /// Before another attempt of a request that was not processed.
    Pause,
    /// Before an attempt in doubt is read back. `own`: the API itself answered that it failed.
    PauseBack {
        own: bool,
    },
    /// What became of an attempt. `more`: another one may follow.
    Back {
        own: bool,
        more: bool,
    },
    /// An event about an adjustment that reading back showed this of.
    Proof(Seen),
    Over,
}

impl Request {
    /// A product's rows, which are all set by one `PUT`. What was left of them must be alike.
    pub(in crate::change) fn put(rows: &[Asked], terms: Terms) -> Request {
        Request::new(rows, None, terms)
    }

    /// One adjustment of a variant.
    pub(in crate::change) fn post(row: Asked, known: Known, terms: Terms) -> Request {
        Request::new(&[row], Some(known), terms)
    }

    fn new(asked: &[Asked], known: Option<Known>, terms: Terms) -> Request {
        let left = match asked.first().map(|asked| asked.left) {
            Some(Left::InFlight(_)) => Found::InFlight,
            Some(Left::Unknown(_)) => Found::Unknown,
            Some(Left::Nothing) | None => Found::Nothing,
        };
        // What this process did to the stock since the user decided is no news.
        let moved = known.map_or(0, |known| known.moved);
        let row = |asked: &Asked| Row {
            row: asked.row,
            wanted: asked.wanted,
            stock: known.map_or(asked.stock, |known| known.stock),
            basis: match asked.left {
                Left::Nothing => None,
                Left::InFlight(basis) => basis,
                Left::Unknown(before) => before.map(|units| Basis {
                    stock: units.saturating_add(moved),
                    proves: known.is_none(),
                }),
            },
        };
        Request {
            rows: asked.iter().map(row).collect(),
            terms,
            known,
            left,
            overtaken: asked.iter().any(|asked| asked.overtaken),
            late: false,
            doubt: match left {
                Found::Nothing => Doubt::None,
                Found::InFlight | Found::Unknown => Doubt::Earlier,
            },
            attempts: 0,
            read: false,
            lapses: 0,
            interrupted: false,
            phase: Phase::Waiting,
        }
    }

    /// The rows that have not ended.
    pub(in crate::change) fn open(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().map(|row| row.row)
    }

    /// How often it was sent.
    #[cfg(test)]
    pub(in crate::change) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What is known of the variant once its adjustment has ended.
    pub(in crate::change) fn known(&self) -> Known {
        self.known.unwrap_or_default()
    }

    /// What to do next.
    pub(in crate::change) fn next(&mut self, event: Event) -> Decision {
        if let Event::Read {
            late, overtaken, ..
        } = event
        {
            // A quantity that is there is there, whoever set it.
            self.late = late && self.known.is_some();
            self.overtaken |= overtaken && self.known.is_some();
        }
        match (&self.phase, event) {
            (_, Event::Proved(proof)) if self.may_be_proved() => self.proved(&proof),
            (Phase::Waiting, Event::Begun) => self.begin(),
            (Phase::FirstLook, Event::Read { stocks, .. }) => self.first_look(&stocks),
            (Phase::FirstLook, Event::Unread | Event::Interrupted) => self.keep(None),
            (Phase::Turn, Event::Due(now)) => self.leave(now),
            (Phase::Reading, Event::Read { stocks, .. }) => self.decide(&stocks),
            (Phase::Reading, Event::Unread) => self.give_up(Why::Failure, Seen::Unread),
            (Phase::Recording(_), Event::Recorded(now)) => self.recorded(now),
            (Phase::Recording(_), Event::Unrecorded) => self.give_up(Why::Unrecorded, Seen::Unseen),
            (Phase::Answer, Event::Answered { stock }) => self.answered(stock),
            (Phase::Answer, Event::Refused) => self.turned_away(true),
            (Phase::Answer, Event::NotProcessed { again }) => self.not_processed(again),
            (Phase::Answer, Event::InDoubt { own, again }) => self.in_doubt(own, again),
            (Phase::Pause, Event::Waited) => self.await_turn(),
            (Phase::PauseBack { own }, Event::Waited) => self.look_back(*own, true),
            (Phase::PauseBack { own }, Event::Interrupted) => {
                self.interrupted = true;
                self.look_back(*own, false)
            }
            (Phase::Turn | Phase::Reading | Phase::Answer | Phase::Pause, Event::Interrupted) => {
                self.interrupt()
            }
            (Phase::Back { own, more }, Event::Read { stocks, .. }) => {
                self.looked_back(*own, *more, &stocks)
            }
            (Phase::Back { .. }, Event::Unread | Event::Interrupted) => {
                self.unclear(&[Seen::Unread])
            }
            (Phase::Proof(seen), Event::Unproved | Event::Interrupted) => {
                let seen = *seen;
                self.unknown(&[seen])
            }
            (phase, event) => {
                debug_assert!(false, "{event:?} in {phase:?}");
                self.unknown(&[Seen::Unseen])
            }
        }
    }

    fn begin(&mut self) -> Decision {
        match self.left {
            _ if self.known().unsettled => self.give_up(Why::Behind, Seen::Unseen),
            Found::Nothing => self.await_turn(),
            Found::InFlight if self.overtaken => self.unclear(&[Seen::Overtaken]),
            // That the stock is as it was is our own doing, and no sign that it never arrived.
            Found::Unknown if self.overtaken => self.keep(Some(Seen::Overtaken)),
            Found::InFlight | Found::Unknown => {
                self.go_to(Phase::FirstLook, Action::Read { back: true })
            }
        }
    }

    pub(super) fn await_turn(&mut self) -> Decision {
        self.go_to(Phase::Turn, Action::AwaitTurn)
    }

    fn done(&mut self) -> Decision {
        self.go_to(Phase::Over, Action::Done)
    }

    fn go_to(&mut self, phase: Phase, action: Action) -> Decision {
        self.phase = phase;
        Decision {
            endings: Vec::new(),
            action,
        }
    }

    /// Whether an attempt is left.
    fn more(&self) -> bool {
        self.attempts <= self.terms.retries
    }

    /// Takes note of a reading.
    fn take_in(&mut self, stocks: &[Option<i64>]) {
        self.read = true;
        for (row, stock) in self.rows.iter_mut().zip(stocks) {
            row.stock = *stock;
        }
        if let Some(known) = &mut self.known {
            known.stock = stocks.first().copied().flatten();
        }
    }
}

impl Row {
    /// Units that it was sent on.
    fn before(&self) -> Option<i64> {
        self.basis.map(|basis| basis.stock)
    }

    /// Units once it is applied.
    fn after(&self) -> i64 {
        match self.wanted {
            Wanted::Set { quantity, .. } => quantity,
            Wanted::Adjust { by } => self.before().unwrap_or_default().saturating_add(by),
        }
    }
}
