//! From its leaving to its end: what came of an attempt, and what its rows come to.

use super::super::judge::{Case, Verdict, judge};
use super::super::{Action, By, Decision, Ending, Proof, Seen, Wanted, Why};
use super::{Doubt, Found, Phase, Request, Row};

impl Request {
    pub(super) fn answered(&mut self, stock: Option<(i64, i64)>) -> Decision {
        if let (Some(known), Some((_, quantity)), Some(Wanted::Adjust { by })) =
            (&mut self.known, stock, self.rows.first().map(|r| r.wanted))
        {
            known.stock = Some(quantity);
            known.moved = known.moved.saturating_add(by);
            // What it was sent again for may yet arrive.
            known.doubtful |= self.doubt != Doubt::None;
        }
        self.end(|row| Ending::Applied {
            previous: stock.map(|(previous, _)| previous).or(row.before()),
            quantity: stock.map_or_else(|| row.after(), |(_, quantity)| quantity),
            by: By::Answer,
        })
    }

    pub(super) fn not_processed(&mut self, again: bool) -> Decision {
        if again && self.more() {
            let in_flight = self.doubt != Doubt::None;
            return self.go_to(Phase::Pause, Action::Pause { in_flight });
        }
        self.turned_away(false)
    }

    /// It will not be sent again, and this attempt surely was not processed; an earlier one may yet arrive.
    pub(super) fn turned_away(&mut self, refused: bool) -> Decision {
        // A refusal says that the stock is not what it was taken for.
        if let Some(known) = self.known.as_mut().filter(|_| refused) {
            known.stock = None;
        }
        match (self.doubt, self.known) {
            (Doubt::None, _) => self.not_applied(Why::Failure),
            (_, None) => self.look_back(false, false),
            (_, Some(_)) => self.unclear(&[Seen::Unseen]),
        }
    }

    pub(super) fn in_doubt(&mut self, own: bool, again: bool) -> Decision {
        if self.known.is_none() && again && self.more() {
            let action = Action::Pause { in_flight: true };
            return self.go_to(Phase::PauseBack { own }, action);
        }
        self.look_back(own, false)
    }

    pub(super) fn look_back(&mut self, own: bool, more: bool) -> Decision {
        self.go_to(Phase::Back { own, more }, Action::Read { back: true })
    }

    pub(super) fn looked_back(
        &mut self,
        own: bool,
        more: bool,
        stocks: &[Option<i64>],
    ) -> Decision {
        self.take_in(stocks);
        let seen = match self.judge() {
            Verdict::Applied => return self.applied_by_reading_back(),
            Verdict::AsBefore(seen) if self.known.is_none() => seen,
            Verdict::AsBefore(seen) | Verdict::Unclear(seen) => return self.unclear(&seen),
        };
        // Its own failure, and nothing there: nothing of it is on its way any more.
        let closed = own && self.doubt == Doubt::None;
        if !closed {
            self.doubt = Doubt::Ours;
        }
        match (more, closed) {
            (true, _) => self.await_turn(),
            (false, true) if self.interrupted => self.not_applied(Why::Interrupted),
            (false, true) => self.not_applied(Why::Failure),
            (false, false) => self.unknown(&seen),
        }
    }

    /// Reading back did not tell; an event may.
    pub(super) fn unclear(&mut self, seen: &[Seen]) -> Decision {
        match (self.terms.provable, seen.first()) {
            (true, Some(seen)) => self.go_to(Phase::Proof(*seen), Action::AwaitProof),
            _ => self.unknown(seen),
        }
    }

    // What the methods above come to.

    /// Judges the newest reading.
    pub(super) fn judge(&self) -> Verdict {
        // Of a resend, the earlier attempt may have arrived as well.
        let resent = self.doubt == Doubt::Ours;
        let doubtful = self.known.is_some_and(|known| known.doubtful || resent);
        let case = |row: &Row| Case {
            wanted: row.wanted,
            basis: row.basis,
            now: row.stock,
            doubtful,
            late: self.late,
            overtaken: self.overtaken,
        };
        let cases: Vec<Case> = self.rows.iter().map(case).collect();
        judge(&cases)
    }

    pub(super) fn applied_by_reading_back(&mut self) -> Decision {
        let sent = self.attempts > 0;
        if let (Some(known), Some(row)) = (&mut self.known, self.rows.first()) {
            // What an earlier process did may be older than what a later row remembers of the stock.
            if let (true, Wanted::Adjust { by }) = (sent, row.wanted) {
                known.moved = known.moved.saturating_add(by);
            }
        }
        self.end(|row| Ending::Applied {
            previous: row.before(),
            quantity: row.after(),
            by: By::ReadBack,
        })
    }

    /// Whether [`Event::Proved`](super::super::Event::Proved) may answer the action that is due.
    pub(in crate::change) fn may_be_proved(&self) -> bool {
        let sent = matches!(self.phase, Phase::Back { .. } | Phase::Proof(_));
        let idle = !matches!(self.phase, Phase::Answer | Phase::Over);
        self.terms.provable && idle && (sent || self.doubt != Doubt::None)
    }

    pub(super) fn proved(&mut self, proof: &Proof) -> Decision {
        if let Some(known) = &mut self.known {
            // Whether the newest reading shows it already can't be told.
            known.stock = None;
            // Of two attempts it proves one.
            known.doubtful |= proof.resent;
        }
        self.end(|_| match &proof.second {
            None => Ending::Applied {
                previous: Some(proof.previous),
                quantity: proof.quantity,
                by: By::Event(proof.event.clone()),
            },
            Some(second) => Ending::Twice {
                previous: Some(proof.previous),
                events: [proof.event.clone(), second.clone()],
            },
        })
    }

    /// A signal came while nothing was under way.
    pub(super) fn interrupt(&mut self) -> Decision {
        self.interrupted = true;
        match (self.doubt, self.known) {
            (Doubt::None, _) => self.not_applied(Why::Interrupted),
            (Doubt::Earlier, _) => self.keep(None),
            (Doubt::Ours, None) => self.look_back(false, false),
            (Doubt::Ours, Some(_)) => self.unclear(&[Seen::Unseen]),
        }
    }

    /// It can't be sent, or not again.
    pub(super) fn give_up(&mut self, why: Why, seen: Seen) -> Decision {
        match self.doubt {
            Doubt::None => self.not_applied(why),
            Doubt::Earlier => self.keep(Some(seen)),
            Doubt::Ours => self.unclear(&[seen]),
        }
    }

    fn not_applied(&mut self, why: Why) -> Decision {
        self.end(|row| Ending::NotApplied {
            previous: row.stock,
            why,
        })
    }

    pub(super) fn keep(&mut self, seen: Option<Seen>) -> Decision {
        self.stays_doubtful();
        if let Some(known) = &mut self.known {
            known.unsettled |= self.left == Found::InFlight;
        }
        self.end(|_| Ending::Kept { seen })
    }

    /// `seen`: a row each, or the same of all.
    pub(super) fn unknown(&mut self, seen: &[Seen]) -> Decision {
        self.stays_doubtful();
        let mut each = seen.iter().copied();
        let mut last = Seen::Unseen;
        self.end(|row| {
            last = each.next().unwrap_or(last);
            Ending::Unknown {
                previous: row.before().or(row.stock),
                seen: last,
            }
        })
    }

    /// The adjustment may yet arrive: the next ones of its variant can't be told by the stock.
    pub(super) fn stays_doubtful(&mut self) {
        if let Some(known) = &mut self.known {
            known.doubtful = true;
        }
    }

    fn end(&mut self, mut ending: impl FnMut(&Row) -> Ending) -> Decision {
        let rows = std::mem::take(&mut self.rows);
        Decision {
            endings: rows.iter().map(|row| (row.row, ending(row))).collect(),
            ..self.done()
        }
    }
}
