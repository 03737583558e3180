//! A process of ours: what [`crate::change::send`] does, one action at a time.

use std::time::Duration;

use super::super::{
    Action, Asked, Decision, Ending, Event, Intent, Known, Left, Now, Request, Terms, Wanted,
};
use super::names::{action_name, applied_in, name};
use super::world::{Mode, ROWS, Row, Said, Setup, State, TARGETS, Then, World};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    /// What is still to be done after this request, a request each.
    queue: Vec<Vec<usize>>,
    pub(super) request: Request,
    pub(super) action: Action,
    known: Known,
    /// Age of the newest reading in seconds, and what it showed.
    pub(super) age: Option<u16>,
    reading: [Then; ROWS],
    /// How often this request was read and sent.
    reads: u8,
    sends: u8,
    recorded: Vec<Intent>,
    /// Rows that this process put on disk as in flight.
    touched: [bool; ROWS],
    /// A write of the run was in doubt; and when the request was last found due.
    wary: bool,
    wary_when_due: bool,
    pub(super) signal: bool,
    first: bool,
    pub(super) resend: bool,
}

pub(super) fn wanted(setup: Setup, row: usize) -> Wanted {
    match setup.mode {
        Mode::Put => Wanted::Set {
            quantity: TARGETS[row],
            expected: (row == 0).then_some(10),
        },
        Mode::Post => Wanted::Adjust {
            by: setup.adjustments[row],
        },
    }
}

impl Process {
    /// The first one: the plan has read the stock.
    pub(super) fn first(world: &World) -> Process {
        let queue = match world.setup.mode {
            Mode::Put => vec![vec![0, 1]],
            Mode::Post => vec![vec![0], vec![1]],
        };
        let read = world.setup.age.is_some();
        let known = Known {
            stock: Some(world.stock[0]).filter(|_| read),
            ..Known::default()
        };
        Process {
            reading: [world.then(0), world.then(1)],
            ..Process::new(queue, known, world.setup.age, false)
        }
    }

    /// One that goes on with what the ledger has; none where there is nothing to do.
    pub(super) fn resumed(world: &World, resend: bool) -> Option<Process> {
        let of = |wanted: fn(State) -> bool| -> Vec<usize> {
            let rows = (0..ROWS).filter(|row| wanted(world.rows[*row].state));
            rows.collect()
        };
        let open = of(|state| state == State::Open);
        let in_flight = of(|state| matches!(state, State::InFlight(_)));
        let unknown = of(|state| state == State::Settled(Said::Unknown));
        let again: Vec<usize> = unknown.iter().copied().filter(|_| resend).collect();
        let mut queue = match world.setup.mode {
            Mode::Put => vec![in_flight.clone(), again, open],
            Mode::Post => {
                let mut rows = [in_flight.clone(), again, open].concat();
                rows.sort_unstable();
                rows.into_iter().map(|row| vec![row]).collect()
            }
        };
        queue.retain(|rows| !rows.is_empty());
        let known = Known {
            doubtful: !unknown.is_empty(),
            ..Known::default()
        };
        let wary = !unknown.is_empty() || !in_flight.is_empty();
        (!queue.is_empty()).then(|| Process {
            wary,
            first: false,
            ..Process::new(queue, known, None, resend)
        })
    }

    fn new(queue: Vec<Vec<usize>>, known: Known, age: Option<u16>, resend: bool) -> Process {
        Process {
            request: Request::put(&[], Terms::default()),
            queue,
            action: Action::Done,
            known,
            age,
            reading: [Then::default(); ROWS],
            reads: 0,
            sends: 0,
            recorded: Vec::new(),
            touched: [false; ROWS],
            wary: false,
            wary_when_due: false,
            signal: false,
            first: true,
            resend,
        }
    }

    pub(super) fn now(&self) -> Now {
        Now {
            age: self.age.map(|age| Duration::from_secs(age.into())),
            wary: self.wary,
        }
    }
}

impl World {
    fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    /// Tells the request what happened, and does what can be done about its endings at once.
    pub(super) fn tell(&mut self, event: Event, reached: &mut impl FnMut(&'static str)) {
        let mode = self.setup.mode;
        let process = self.process();
        if let Event::InDoubt { .. } = event {
            process.wary = true;
        }
        if let Event::Due(now) = event {
            process.wary_when_due = now.wary;
        }
        let Decision { endings, action } = process.request.next(event);
        process.known = process.request.known();
        process.action = action;
        let finished = process.action == Action::Done;
        let (first, resend) = (process.first, process.resend);
        for (row, ending) in endings {
            reached(name(&ending));
            if let Ending::Applied { .. } = ending {
                reached(applied_in(mode, first, resend));
            }
            if let Some(wrong) = self.belies(row, &ending) {
                panic!("row {row}: {wrong}; {:?}", self.setup);
            }
            reached(self.say(row, &ending).unwrap_or("nothing special"));
            self.settle(row, &ending);
        }
        if !finished {
            reached(action_name(&self.process().action));
            return;
        }
        let process = self.process();
        match process.signal || process.queue.is_empty() {
            true => {
                let touched = process.touched;
                self.commit();
                self.process = None;
                for row in (0..ROWS).filter(|row| touched[*row]) {
                    let open = matches!(self.rows[row].state, State::InFlight(_));
                    assert!(!open, "row {row} was sent and is not settled");
                }
            }
            false => self.take_up(reached),
        }
    }

    /// Takes up the next request of the process; nothing is said any more of its rows.
    pub(super) fn take_up(&mut self, reached: &mut impl FnMut(&'static str)) {
        let setup = self.setup;
        let ledger = self.rows;
        let process = self.process();
        let rows = process.queue.remove(0);
        let terms = Terms {
            retries: setup.retries,
            resend: process.resend,
            provable: setup.provable,
        };
        let asked = |row: &usize| Asked {
            row: *row,
            wanted: wanted(setup, *row),
            stock: process.age.map(|_| process.reading[*row].stock),
            left: match ledger[*row].state {
                State::Open => Left::Nothing,
                State::InFlight(basis) => Left::InFlight(basis),
                State::Settled(_) => Left::Unknown(ledger[*row].previous),
            },
            overtaken: ledger[*row].overtaken,
        };
        let asked: Vec<Asked> = rows.iter().map(asked).collect();
        process.request = match setup.mode {
            Mode::Put => Request::put(&asked, terms),
            Mode::Post => Request::post(asked[0], process.known, terms),
        };
        process.reads = 0;
        process.sends = 0;
        for row in rows {
            self.rows[row].said = Said::Nothing;
        }
        let event = self.proof().unwrap_or(Event::Begun);
        self.tell(event, reached);
    }

    /// The rows that were recorded last are not under way.
    pub(super) fn withdraw(&mut self) {
        for intent in self.process().recorded.clone() {
            self.uncommitted.push((intent.row, State::Open));
        }
    }

    fn settle(&mut self, row: usize, ending: &Ending) {
        let state = match (ending, self.rows[row].said) {
            (Ending::Kept { .. }, _) => return,
            (_, Said::Skipped) => State::Open,
            (_, said) => State::Settled(said),
        };
        if let Ending::Unknown { previous, .. } = ending {
            self.rows[row].previous = *previous;
        }
        self.uncommitted.push((row, state));
    }

    /// A reading arrives.
    pub(super) fn read(&mut self, gone: bool) -> Event {
        self.look();
        let truth = [self.then(0), self.then(1)];
        let variants: Vec<usize> = (0..ROWS).map(|row| self.variant(row)).collect();
        let stock = self.stock;
        let process = self.process();
        process.reading = truth;
        process.age = Some(0);
        process.reads = process.reads.saturating_add(1);
        let open: Vec<usize> = process.request.open().collect();
        let stocks = open
            .iter()
            .map(|row| (!gone).then_some(stock[variants[*row]]));
        let stocks = stocks.collect();
        if gone {
            process.age = None;
        }
        let late = open.iter().any(|row| self.rows[*row].since > 60);
        let overtaken = open.iter().any(|row| self.rows[*row].overtaken);
        Event::Read {
            stocks,
            late,
            overtaken,
        }
    }

    /// The intent gets to the disk, after the outcomes that wait.
    pub(super) fn record(&mut self, intents: &[Intent]) {
        self.commit();
        for intent in intents {
            let (reading, age) = (self.process().reading[intent.row], self.process().age);
            let row = &mut self.rows[intent.row];
            row.since = age.unwrap_or_default();
            // It may have been written while this process was under way: then it is too late to know.
            row.overtaken &= row.maybe;
            row.state = State::InFlight(intent.basis);
            // Of a resend the question is still what became of the first attempt.
            if !row.maybe || intent.basis.is_some_and(|basis| basis.proves) {
                row.then = reading;
            }
        }
        let process = self.process();
        process.recorded = intents.to_vec();
        for intent in intents {
            process.touched[intent.row] = true;
        }
    }

    /// The API's answer to an adjustment is a reading as well.
    pub(super) fn answered(&mut self) {
        let truth = [self.then(0), self.then(1)];
        let process = self.process();
        process.reading = truth;
        process.age = Some(0);
    }

    /// Time goes by.
    pub(super) fn pass(&mut self, seconds: u16) {
        let ages = self
            .process
            .as_mut()
            .and_then(|process| process.age.as_mut());
        for row in &mut self.rows {
            if matches!(row.state, State::InFlight(_)) {
                row.since = (row.since + seconds).min(100);
            }
        }
        if let Some(age) = ages {
            *age = (*age + seconds).min(100);
        }
    }

    /// A request leaves: what must hold then. Returns what is special about it.
    pub(super) fn leaves(&mut self, rows: &[usize]) -> (&'static str, Option<String>) {
        let (mode, retries) = (self.setup.mode, self.setup.retries);
        let before = self.rows;
        let process = self.process.as_mut().unwrap();
        process.sends += 1;
        let age = process.age;
        let (young, usable) = (age.is_some_and(|a| a < 5), age.is_some_and(|a| a < 60));
        let lapsed = process.reads >= 2;
        let mut wrong = Vec::new();
        let mut demand = |holds: bool, what: &'static str| {
            if !holds {
                wrong.push(what);
            }
        };
        demand(
            u32::from(process.sends) <= retries + 1,
            "sent more often than --retries says",
        );
        let read_enough = match mode {
            Mode::Put => young || (usable && lapsed),
            Mode::Post => young || !process.wary_when_due || lapsed,
        };
        demand(read_enough, "sent without a reading that is new enough");
        let mut special = match (mode, young) {
            (Mode::Put, false) => "put: sent on an old reading",
            (Mode::Post, false) if age.is_none() => "post: sent without a reading",
            _ => "nothing special",
        };
        for row in rows {
            if let Some(in_doubt) = self.row_leaves(*row, young, &before, &mut demand) {
                special = in_doubt;
            }
        }
        (special, wrong.first().map(|what| (*what).to_owned()))
    }

    /// A row leaves with its request: what must hold then. Returns what is special about it.
    fn row_leaves(
        &mut self,
        row: usize,
        young: bool,
        before: &[Row; ROWS],
        demand: &mut dyn FnMut(bool, &'static str),
    ) -> Option<&'static str> {
        let mode = self.setup.mode;
        let process = self.process.as_ref().unwrap();
        let (then, reading) = (before[row], process.reading[row]);
        let proves = process
            .recorded
            .iter()
            .any(|i| i.row == row && i.basis.is_some_and(|basis| basis.proves));
        demand(
            young || !proves,
            "an old reading is recorded as one that proves something",
        );
        let others_in_doubt =
            (0..ROWS).any(|other| other != row && matches!(before[other].said, Said::Unknown));
        demand(then.state != State::Open, "sent without an intent on disk");
        demand(
            !then.overtaken || !then.maybe,
            "sent again though another run wrote since",
        );
        match mode {
            Mode::Put => {
                demand(reading.stock != TARGETS[row], "sent though at its target");
                demand(
                    row != 0 || reading.stock == 10,
                    "sent in spite of a conflict",
                );
                if then.maybe {
                    let as_before = reading.stock == then.doubted;
                    demand(as_before, "sent again though the stock moved");
                    return Some("put: sent again in doubt");
                }
            }
            Mode::Post => {
                demand(
                    !(proves && (then.maybe || others_in_doubt)),
                    "a doubtful variant is said to prove something",
                );
                demand(
                    process.resend || !then.maybe,
                    "an adjustment in doubt is sent again",
                );
                demand(
                    self.kept[row] == 0,
                    "an adjustment that an event proves is sent again",
                );
                if then.maybe {
                    self.rows[row].resends += 1;
                }
            }
        }
        None
    }
}
