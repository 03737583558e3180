//! From its turn to its leaving: readings, what they decide, and the intent on disk.

use super::super::judge::Verdict;
use super::super::{
    Action, Basis, Decision, Ending, Intent, LAPSES, MOST_LAPSES, Now, Seen, USABLE, Wanted, Why,
    YOUNG,
};
use super::{Doubt, Found, Phase, Request, Row};

impl Request {
    /// Whether it may leave now, or only on a newer reading.
    pub(super) fn leave(&mut self, now: Now) -> Decision {
        let age = now
            .age
            .filter(|_| self.rows.iter().all(|row| row.stock.is_some()));
        let young = age.is_some_and(|age| age < YOUNG);
        let adjusts = self.known.is_some();
        let needs_none = adjusts && !now.wary && self.doubt == Doubt::None;
        // An adjustment is right whatever the stock is; only the user's decision was about the stock.
        let usable = age.is_some_and(|age| age < USABLE || (adjusts && self.doubt == Doubt::None));
        if !young && age.is_some() {
            self.lapses += u8::from(std::mem::take(&mut self.read));
        }
        if young || needs_none || (usable && self.lapses >= LAPSES) {
            return self.leave_on(young);
        }
        if self.lapses >= MOST_LAPSES {
            return self.give_up(Why::Spaced, Seen::Unseen);
        }
        let back = self.doubt != Doubt::None;
        self.go_to(Phase::Reading, Action::Read { back })
    }

    /// Records the intent, or sends it when it is recorded like this already.
    fn leave_on(&mut self, young: bool) -> Decision {
        let proves = match self.known {
            None => young,
            Some(known) => young && !known.doubtful && self.doubt == Doubt::None,
        };
        if self.phase == Phase::Recording(proves) {
            self.attempts += 1;
            let rows = self.open().collect();
            return self.go_to(Phase::Answer, Action::Send(rows));
        }
        for row in &mut self.rows {
            // Of a row in doubt the stock is the basis still, or it would not be sent again.
            let stock = match self.doubt {
                Doubt::None => row.stock,
                Doubt::Earlier | Doubt::Ours => row.basis.map(|basis| basis.stock),
            };
            row.basis = stock.map(|stock| Basis { stock, proves });
        }
        // Once for each decision: what was turned away meanwhile leaves as the same.
        let resend = self.known.is_some() && self.doubt == Doubt::Earlier;
        let intents = self.rows.iter().map(|row| Intent {
            row: row.row,
            basis: row.basis,
            resend,
        });
        let intents = intents.collect();
        self.go_to(Phase::Recording(proves), Action::Record(intents))
    }

    /// The commit may have taken its time, so the age of the reading is looked at once more.
    pub(super) fn recorded(&mut self, now: Now) -> Decision {
        if self.doubt == Doubt::Earlier {
            self.doubt = Doubt::Ours;
        }
        self.leave(now)
    }

    /// Takes in a reading to send on.
    pub(super) fn decide(&mut self, stocks: &[Option<i64>]) -> Decision {
        self.take_in(stocks);
        if self.doubt != Doubt::None {
            return self.decide_in_doubt();
        }
        self.go_on_without(|row| match (row.stock, row.wanted) {
            (None, _) => Some(Ending::NotApplied {
                previous: None,
                why: Why::Gone,
            }),
            (Some(stock), Wanted::Set { quantity, .. }) if stock == quantity => {
                Some(Ending::Unchanged { stock })
            }
            (
                Some(stock),
                Wanted::Set {
                    expected: Some(expected),
                    ..
                },
            ) if stock != expected => Some(Ending::Conflict { expected, stock }),
            _ => None,
        })
    }

    /// Takes in a reading of rows of which an attempt is in doubt.
    fn decide_in_doubt(&mut self) -> Decision {
        if self.known.is_some() || self.left == Found::Unknown && self.doubt == Doubt::Earlier {
            return self.go_on_as_before();
        }
        match self.judge() {
            Verdict::Applied => self.applied_by_reading_back(),
            Verdict::AsBefore(_) => self.await_turn(),
            Verdict::Unclear(seen) => self.unknown(&seen),
        }
    }

    /// Goes on with the rows whose stock is still what the user's decision was about.
    fn go_on_as_before(&mut self) -> Decision {
        let kept = self.doubt == Doubt::Earlier && self.left == Found::Unknown;
        let decision = self.go_on_without(|row| {
            let before = row.before();
            let seen = match row.stock {
                Some(_) if row.stock == before => return None,
                Some(now) => Seen::Moved { now },
                None => Seen::Gone,
            };
            Some(match kept {
                true => Ending::Kept { seen: Some(seen) },
                false => Ending::Unknown {
                    previous: before,
                    seen,
                },
            })
        });
        if self.rows.is_empty() {
            self.stays_doubtful();
        }
        decision
    }

    /// Goes on with the rows that do not end by this reading.
    fn go_on_without(&mut self, ending: impl Fn(&Row) -> Option<Ending>) -> Decision {
        let mut endings = Vec::new();
        self.rows.retain(|row| {
            let ending = ending(row);
            let open = ending.is_none();
            endings.extend(ending.map(|ending| (row.row, ending)));
            open
        });
        let decision = match self.rows.is_empty() {
            true => self.done(),
            false => self.await_turn(),
        };
        Decision {
            endings,
            ..decision
        }
    }

    /// Takes in the first reading of rows that an earlier process left.
    pub(super) fn first_look(&mut self, stocks: &[Option<i64>]) -> Decision {
        self.take_in(stocks);
        if self.left == Found::Unknown {
            return self.go_on_as_before();
        }
        match self.judge() {
            Verdict::Applied => self.applied_by_reading_back(),
            Verdict::AsBefore(_) if self.known.is_none() => self.await_turn(),
            _ if self.terms.resend => self.go_on_as_before(),
            Verdict::AsBefore(seen) | Verdict::Unclear(seen) => self.unclear(&seen),
        }
    }
}
