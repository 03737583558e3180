//! The truth: what is in the store, on the wire and on disk, and what was said about it.

use super::super::{Basis, By, Ending, Event, Proof};
use super::process::Process;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// One product, two variants, one `PUT`.
    Put,
    /// One variant, two adjustments.
    Post,
}

/// What a run starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Setup {
    pub(super) mode: Mode,
    pub(super) retries: u32,
    pub(super) provable: bool,
    pub(super) adjustments: [i64; ROWS],
    /// How old the plan's reading is, in seconds.
    pub(super) age: Option<u16>,
}

pub(super) const ROWS: usize = 2;
const STOCK: [i64; ROWS] = [10, 20];
pub(super) const TARGETS: [i64; ROWS] = [50, 70];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) setup: Setup,
    pub(super) stock: [i64; ROWS],
    /// What others moved each variant by, and how often.
    pub(super) others: [i64; ROWS],
    pub(super) changes: [u8; ROWS],
    /// How often each row was applied.
    pub(super) applied: [u8; ROWS],
    /// How many of the events that this caused were kept by now.
    pub(super) kept: [u8; ROWS],
    /// Lost requests that may yet land, by their rows.
    pub(super) flying: Vec<Vec<usize>>,
    pub(super) rows: [Row; ROWS],
    /// Outcomes that no commit holds yet.
    pub(super) uncommitted: Vec<(usize, State)>,
    pub(super) process: Option<Process>,
}

/// A row in the ledger, and what is known of it by the check alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) state: State,
    pub(super) previous: Option<i64>,
    /// The truth when the basis was read.
    pub(super) then: Then,
    /// How long ago that was, in seconds.
    pub(super) since: u16,
    /// Another run of ours has written the variant since the row was left.
    pub(super) overtaken: bool,
    /// An attempt may have been processed, or may yet be; the stock that it was sent on.
    pub(super) maybe: bool,
    pub(super) doubted: i64,
    /// How often it was sent on although it may have been processed, by the user's decision.
    pub(super) resends: u8,
    /// What was said of it last.
    pub(super) said: Said,
    /// Somebody else's change looked exactly like ours, or like none of ours.
    pub(super) excused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    Open,
    InFlight(Option<Basis>),
    Settled(Said),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Said {
    Nothing,
    Applied,
    SurelyNot,
    /// To be done when the run goes on.
    Skipped,
    Unknown,
    /// Applied twice.
    Twice,
}

impl State {
    fn proves(self) -> bool {
        matches!(self, State::InFlight(Some(basis)) if basis.proves)
    }
}

/// What others and we had done to a row's variant at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Then {
    pub(super) stock: i64,
    pub(super) others: i64,
    pub(super) changes: u8,
    pub(super) applied: u8,
}

impl World {
    pub(super) fn new(setup: Setup) -> World {
        let row = Row {
            state: State::Open,
            previous: None,
            then: Then::default(),
            since: 0,
            overtaken: false,
            maybe: false,
            doubted: 0,
            resends: 0,
            said: Said::Nothing,
            excused: false,
        };
        let mut world = World {
            setup,
            stock: STOCK,
            others: [0; ROWS],
            changes: [0; ROWS],
            applied: [0; ROWS],
            kept: [0; ROWS],
            flying: Vec::new(),
            rows: [row; ROWS],
            uncommitted: Vec::new(),
            process: None,
        };
        world.process = Some(Process::first(&world));
        world.take_up(&mut |_| {});
        world
    }

    /// Whether adjustments are proved by events.
    pub(super) fn events(&self) -> bool {
        self.setup.provable && self.setup.mode == Mode::Post
    }

    /// One more event of a row is kept; whether there was one.
    pub(super) fn keep_event(&mut self, row: usize) -> bool {
        let comes = self.events() && self.kept[row] < self.applied[row];
        self.kept[row] += u8::from(comes);
        comes
    }

    /// What `history` and `--resume` do first: rows whose events were kept are settled by them.
    pub(super) fn settle_late(&mut self, reached: &mut impl FnMut(&'static str)) {
        for row in 0..ROWS {
            let settled = match (self.kept[row], self.rows[row].state) {
                (0, _) | (_, State::Settled(Said::Twice)) => continue,
                (1, State::Settled(Said::Applied)) => continue,
                (1, _) => Said::Applied,
                (_, _) => Said::Twice,
            };
            reached(match settled {
                Said::Twice => "twice, told late",
                _ => "proved late",
            });
            self.rows[row].state = State::Settled(settled);
            self.rows[row].said = settled;
        }
    }

    /// The variant that a row is about.
    pub(super) fn variant(&self, row: usize) -> usize {
        match self.setup.mode {
            Mode::Put => row,
            Mode::Post => 0,
        }
    }

    pub(super) fn then(&self, row: usize) -> Then {
        let variant = self.variant(row);
        Then {
            stock: self.stock[variant],
            others: self.others[variant],
            changes: self.changes[variant],
            applied: self.applied[row],
        }
    }

    /// The server applies a request.
    pub(super) fn apply(&mut self, rows: &[usize]) {
        for row in rows {
            let variant = self.variant(*row);
            match self.setup.mode {
                Mode::Put => self.stock[variant] = TARGETS[*row],
                Mode::Post => self.stock[variant] += self.setup.adjustments[*row],
            }
            self.applied[*row] += 1;
        }
    }

    /// Somebody else changes a variant's stock.
    pub(super) fn change(&mut self, variant: usize, by: i64) {
        self.stock[variant] += by;
        self.others[variant] += by;
        self.changes[variant] += u8::from(by != 0);
    }

    /// Another run of ours moves a variant; the ledger has that.
    pub(super) fn overtake(&mut self, variant: usize, by: i64) {
        self.change(variant, by);
        for row in 0..ROWS {
            let about = self.variant(row) == variant;
            let row = &mut self.rows[row];
            let left = matches!(
                row.state,
                State::InFlight(_) | State::Settled(Said::Unknown)
            );
            row.overtaken |= about && left;
        }
    }

    /// A commit: outcomes get to the disk.
    pub(super) fn commit(&mut self) {
        for (row, state) in std::mem::take(&mut self.uncommitted) {
            self.rows[row].state = state;
        }
    }

    /// The process is killed: what no commit holds is lost.
    pub(super) fn crash(&mut self, committed: bool) {
        if committed {
            self.commit();
        }
        for (row, _) in std::mem::take(&mut self.uncommitted) {
            if self.rows[row].said == Said::Applied {
                self.in_doubt(&[row]);
            }
            self.rows[row].said = Said::Nothing;
        }
        self.process = None;
    }

    /// Requests of a row that may yet land.
    fn pending(&self, row: usize) -> u8 {
        let about = |request: &&Vec<usize>| request.contains(&row);
        self.flying.iter().filter(about).count() as u8
    }

    /// A reading arrives: whether somebody else's change hides that ours was applied.
    pub(super) fn look(&mut self) {
        for row in 0..ROWS {
            let (then, now) = (self.rows[row].then, self.then(row));
            let hidden = now.applied > then.applied && now.stock == then.stock;
            if self.rows[row].maybe && hidden && now.changes != then.changes {
                self.rows[row].excused = true;
            }
        }
    }

    /// A row is said to have ended: is it true? `name` of an exception that was met.
    pub(super) fn say(&mut self, row: usize, ending: &Ending) -> Option<&'static str> {
        let (then, now) = (self.rows[row].then, self.then(row));
        let mut met = None;
        if let Ending::Applied { by, .. } = ending {
            let by_others = now.others - then.others;
            let equal = match self.setup.mode {
                // Our own ledger knew better.
                _ if self.rows[row].overtaken => false,
                Mode::Put => now.changes != then.changes && now.stock == TARGETS[row],
                // What was seen five seconds before is no excuse.
                Mode::Post if !self.rows[row].state.proves() => false,
                Mode::Post if self.rows[row].since > 60 => false,
                Mode::Post => by_others == self.setup.adjustments[row],
            };
            if *by == By::ReadBack && now.applied == then.applied && equal {
                self.rows[row].excused = true;
                met = Some("exception: an equal change by somebody else");
            }
            // What was taken for the other row's was not, and arrives after all.
            let other = self.rows[1 - row].excused && self.setup.mode == Mode::Post;
            let looks = now.stock - then.stock == self.setup.adjustments[row];
            self.rows[row].excused |= other && looks && now.applied == then.applied;
        } else if self.rows[row].excused {
            met = Some("exception: ours taken back by somebody else");
        }
        self.rows[row].said = match ending {
            Ending::Applied { .. } => Said::Applied,
            Ending::Twice { .. } => Said::Twice,
            Ending::NotApplied { why, .. } if why.is_skipped() => Said::Skipped,
            Ending::Unchanged { .. } | Ending::Conflict { .. } | Ending::NotApplied { .. } => {
                Said::SurelyNot
            }
            Ending::Unknown { .. } | Ending::Kept { .. } => Said::Unknown,
        };
        met
    }

    /// What is wrong with an ending, by the events that were kept before it.
    pub(super) fn belies(&self, row: usize, ending: &Ending) -> Option<&'static str> {
        match (ending, self.kept[row]) {
            (Ending::Unknown { .. } | Ending::Kept { .. }, 1..) => {
                Some("in doubt, though an event proves it")
            }
            (
                Ending::Applied {
                    by: By::Event(_), ..
                },
                0,
            ) => Some("proved by no event"),
            (
                Ending::Applied {
                    by: By::Event(_), ..
                },
                2..,
            ) => Some("applied once, though two events say twice"),
            (Ending::Twice { .. }, 0 | 1) => Some("applied twice, though two events don't say so"),
            _ => None,
        }
    }

    /// What must hold whatever happened: what is wrong, if anything is.
    pub(super) fn wrong(&self) -> Option<String> {
        (0..ROWS).find_map(|row| {
            let said = self.rows[row].said;
            let (applied, pending) = (self.applied[row], self.pending(row));
            let most = 1 + self.rows[row].resends;
            let (ours, excused) = (applied + pending, self.rows[row].excused);
            let adjusts = self.setup.mode == Mode::Post;
            let right = match said {
                _ if adjusts && ours > most => false,
                Said::Applied if adjusts => excused || (1..=most).contains(&ours) && applied > 0,
                Said::Applied => excused || applied > 0,
                Said::SurelyNot | Said::Skipped => excused || ours == 0,
                Said::Twice => applied > 1,
                Said::Nothing | Said::Unknown => true,
            };
            let what = format!(
                "row {row} is said to be {said:?}, was applied {applied} times, and {pending} may yet land"
            );
            (!right).then_some(what)
        })
    }

    /// An attempt may have been processed, or may yet be.
    pub(super) fn in_doubt(&mut self, rows: &[usize]) {
        for row in rows {
            let row = &mut self.rows[*row];
            if !row.maybe {
                row.doubted = row.then.stock;
            }
            row.maybe = true;
        }
    }

    /// What a look at the events says about the row that is in doubt.
    pub(super) fn proof(&self) -> Option<Event> {
        let request = &self.process.as_ref()?.request;
        let row = request.open().next()?;
        let events = self.kept[row];
        (request.may_be_proved() && events > 0).then(|| {
            Event::Proved(Proof {
                event: format!("event of row {row}"),
                previous: 0,
                quantity: 0,
                second: (events > 1).then(|| "another one".to_owned()),
                resent: self.rows[row].resends > 0,
            })
        })
    }
}
