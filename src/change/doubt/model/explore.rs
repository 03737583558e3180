//! Follows every way that a run can take.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::super::{Action, Event};
use super::process::Process;
use super::world::{Mode, ROWS, Said, Setup, State, TARGETS, World};

#[derive(Default)]
pub(super) struct Explorer {
    /// States that were followed on from, by their hash: with how many disturbances left, and whether still under way.
    seen: HashMap<u64, (u8, bool)>,
    path: Vec<&'static str>,
    pub(super) states: u64,
    pub(super) reached: BTreeSet<&'static str>,
}

impl Drop for Explorer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("after: {}", self.path.join(" > "));
        }
    }
}

/// A step: its name, what it costs, and where it leads.
type Step = (&'static str, u8, World);

/// Takes a change of the world for a step, with its name.
type To<'a> = &'a mut dyn FnMut(&'static str, Change<'_>);
type Change<'a> = &'a mut dyn FnMut(&mut World);

impl Explorer {
    pub(super) fn explore(&mut self, setup: Setup, disturbances: u8) {
        self.seen.clear();
        self.follow(&World::new(setup), disturbances);
    }

    fn follow(&mut self, world: &World, left: u8) {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(world);
        match self.seen.get(&hash) {
            Some((before, under_way)) if *before >= left => {
                assert!(!(*under_way && *before == left), "without end");
                return;
            }
            _ => {}
        }
        self.seen.insert(hash, (left, true));
        self.states += 1;
        if let Some(wrong) = world.wrong() {
            panic!("{wrong}; {:?}", world.setup);
        }
        for (name, cost, next) in self.steps(world, left) {
            self.path.push(name);
            self.follow(&next, left - cost);
            self.path.pop();
        }
        self.seen.insert(hash, (left, false));
    }

    fn steps(&mut self, world: &World, left: u8) -> Vec<Step> {
        let mut steps = Vec::new();
        match &world.process {
            // Events are looked for before anything else is done about a row in doubt.
            Some(_) if world.proof().is_some() => return self.prove(world),
            Some(process) => self.act(world, process, left, &mut steps),
            None => self.go_on(world, &mut steps),
        }
        if left > 0 {
            self.disturb(world, &mut steps);
        }
        steps.retain(|(_, cost, _)| *cost <= left);
        steps
    }

    fn prove(&mut self, world: &World) -> Vec<Step> {
        let mut next = world.clone();
        if let Some(event) = world.proof() {
            let reached = &mut self.reached;
            next.tell(event, &mut |name| {
                reached.insert(name);
            });
        }
        vec![("proved", 0, next)]
    }

    /// What may come of the action that is due.
    fn act(&mut self, world: &World, process: &Process, left: u8, steps: &mut Vec<Step>) {
        let mut to = |name, cost, step: &mut dyn FnMut(&mut World) -> Event| {
            if cost > left {
                return;
            }
            let mut next = world.clone();
            let event = step(&mut next);
            let reached = &mut self.reached;
            next.tell(event, &mut |name| {
                reached.insert(name);
            });
            steps.push((name, cost, next));
        };
        let interrupted = process.signal;
        match &process.action {
            Action::AwaitTurn if interrupted => to("interrupted", 0, &mut |_| Event::Interrupted),
            Action::AwaitTurn => to("due", 0, &mut |world| {
                Event::Due(world.process.as_ref().unwrap().now())
            }),
            Action::Read { back: false } if interrupted => {
                to("interrupted", 0, &mut |_| Event::Interrupted);
            }
            Action::Read { .. } => {
                to("read", 0, &mut |world| world.read(false));
                to("read as gone", 1, &mut |world| world.read(true));
                to("unread", 1, &mut |_| Event::Unread);
            }
            Action::Record(intents) => {
                to("recorded", 0, &mut |world| {
                    world.record(intents);
                    Event::Recorded(world.process.as_ref().unwrap().now())
                });
                to("recorded slowly", 1, &mut |world| {
                    world.record(intents);
                    world.pass(6);
                    Event::Recorded(world.process.as_ref().unwrap().now())
                });
                to("unrecorded", 1, &mut |world| {
                    world.process.as_mut().unwrap().signal = true;
                    Event::Unrecorded
                });
            }
            Action::Send(rows) => self.send(world, rows, left, steps),
            Action::Pause { in_flight } => to("waited", 0, &mut |world| {
                if !in_flight {
                    world.withdraw();
                }
                match interrupted {
                    true => Event::Interrupted,
                    false => Event::Waited,
                }
            }),
            Action::AwaitProof => {
                to("no event", 0, &mut |_| Event::Unproved);
                self.events_come(world, process, steps);
            }
            Action::Done => {}
        }
    }

    /// While an event is waited for.
    fn events_come(&mut self, world: &World, process: &Process, steps: &mut Vec<Step>) {
        let mut next = world.clone();
        if next.keep_event(process.request.open().next().unwrap()) {
            self.reached.insert("an event comes while it is waited for");
            steps.push(("an event comes", 0, next.clone()));
        }
        // As after a time in which nobody listened.
        if next.keep_event(process.request.open().next().unwrap()) {
            steps.push(("two events come", 0, next));
        }
    }

    /// What may become of a request that leaves.
    fn send(&mut self, world: &World, rows: &[usize], left: u8, steps: &mut Vec<Step>) {
        let mut sent = world.clone();
        let (special, wrong) = sent.leaves(rows);
        self.reached.insert(special);
        if let Some(wrong) = wrong {
            panic!("{wrong}; {:?}", world.setup);
        }
        let reached = &mut self.reached;
        let mut to = |name, cost, step: &mut dyn FnMut(&mut World) -> Event| {
            if cost > left {
                return;
            }
            let mut next = sent.clone();
            let event = step(&mut next);
            next.tell(event, &mut |name| {
                reached.insert(name);
            });
            steps.push((name, cost, next));
        };
        to("answered", 0, &mut |world| answered(world, rows));
        to("refused", 1, &mut |_| Event::Refused);
        for (name, seconds, again) in [
            ("429", 0, true),
            ("429, 6 s", 6, true),
            ("429, 61 s", 61, true),
            ("429 for too long", 0, false),
        ] {
            to(name, 1, &mut |world| {
                world.pass(seconds);
                Event::NotProcessed { again }
            });
        }
        for (name, again) in [("request lost", true), ("request lost for good", false)] {
            to(name, 1, &mut |world| {
                world.flying.push(rows.to_vec());
                world.in_doubt(rows);
                Event::InDoubt { own: false, again }
            });
        }
        for (name, own, applied) in [
            ("answer lost", false, true),
            ("500 before", true, false),
            ("500 after", true, true),
        ] {
            to(name, 1, &mut |world| {
                if applied {
                    world.apply(rows);
                    world.in_doubt(rows);
                }
                Event::InDoubt { own, again: true }
            });
        }
        if left > 0 {
            killed(&sent, rows, steps);
        }
    }

    /// The run is over, or was killed: it is resumed, as a user may do.
    fn go_on(&mut self, world: &World, steps: &mut Vec<Step>) {
        for row in 0..ROWS {
            let mut next = world.clone();
            if next.keep_event(row) {
                self.reached.insert("an event comes when nobody asks");
                steps.push(("an event comes", 0, next));
            }
        }
        let mut looked = world.clone();
        let reached = &mut self.reached;
        looked.settle_late(&mut |name| {
            reached.insert(name);
        });
        if looked != *world {
            steps.push(("looked at again", 0, looked));
            return;
        }
        let is = |wanted: fn(State) -> bool| world.rows.iter().any(|row| wanted(row.state));
        let open = is(|state| matches!(state, State::Open | State::InFlight(_)));
        let unknown = is(|state| state == State::Settled(Said::Unknown));
        for (name, cost, resend, there_is) in [
            ("resumed", 0, false, open),
            ("resumed, to send again", 1, true, open || unknown),
        ] {
            let mut next = world.clone();
            next.process = Process::resumed(world, resend).filter(|_| there_is);
            if next.process.is_some() {
                let reached = &mut self.reached;
                next.take_up(&mut |name| {
                    reached.insert(name);
                });
                steps.push((name, cost, next));
            }
        }
    }

    /// What may happen at any time.
    fn disturb(&mut self, world: &World, steps: &mut Vec<Step>) {
        let mut to = |name, step: &mut dyn FnMut(&mut World)| {
            let mut next = world.clone();
            step(&mut next);
            if next != *world {
                steps.push((name, 1, next));
            }
        };
        for request in 0..world.flying.len() {
            let reached = &mut self.reached;
            to("landed late", &mut |world| {
                let rows = world.flying.remove(request);
                world.apply(&rows);
                reached.insert("landed late");
                if world.rows.iter().any(|row| row.resends > 0)
                    && world.applied.iter().any(|times| *times > 1)
                {
                    reached.insert("a resend that doubled");
                }
            });
        }
        to("one sold", &mut |world| world.change(0, -1));
        others_write(world, &mut to);
        let Some(process) = &world.process else {
            to("61 s go by", &mut |world| world.pass(61));
            overtake(world, &mut to);
            return;
        };
        let sends = matches!(process.action, Action::Send(_));
        // A request that may leave leaves at once.
        if !sends {
            to("6 s go by", &mut |world| world.pass(6));
            to("61 s go by", &mut |world| world.pass(61));
        }
        to("signal", &mut |world| {
            world.process.as_mut().unwrap().signal = true
        });
        if world.setup.mode == Mode::Post && !process.resend {
            overtake(world, &mut to);
        }
        to("killed", &mut |world| world.crash(false));
        to("killed after a commit", &mut |world| world.crash(true));
        if !sends {
            for row in 0..ROWS {
                let reached = &mut self.reached;
                to("an event comes", &mut |world| {
                    if world.keep_event(row) {
                        reached.insert("an event comes");
                    }
                });
            }
        }
    }
}

/// What others may write at any time.
fn others_write(world: &World, to: To<'_>) {
    match world.setup.mode {
        Mode::Put => {
            let set = |world: &mut World, variant: usize, to: i64| {
                let by = to - world.stock[variant];
                world.change(variant, by);
            };
            to("others set the same", &mut |world| {
                set(world, 0, TARGETS[0]);
                set(world, 1, TARGETS[1]);
            });
            to("others set half of the same", &mut |world| {
                set(world, 0, TARGETS[0])
            });
            to("others set it back", &mut |world| {
                for row in 0..ROWS {
                    set(world, row, [10, 20][row]);
                }
            });
        }
        Mode::Post => {
            for by in world.setup.adjustments {
                to("others adjust by as much", &mut |world| world.change(0, by));
                to("others take as much back", &mut |world| {
                    world.change(0, -by)
                });
            }
        }
    }
}

/// What another run of ours may write while this one is over, and adjust while it goes on.
fn overtake(world: &World, to: To<'_>) {
    match world.setup.mode {
        Mode::Put => {
            for (name, stocks) in [
                ("another run sets the same", TARGETS),
                ("another run sets it back", [10, 20]),
            ] {
                to(name, &mut |world| {
                    for (row, stock) in stocks.into_iter().enumerate() {
                        let by = stock - world.stock[row];
                        world.overtake(row, by);
                    }
                });
            }
        }
        Mode::Post => {
            for by in world.setup.adjustments {
                to("another run adjusts by as much", &mut |world| {
                    world.overtake(0, by)
                });
            }
        }
    }
}

/// The process is killed while a request is under way.
fn killed(sent: &World, rows: &[usize], steps: &mut Vec<Step>) {
    let mut applied = sent.clone();
    applied.apply(rows);
    applied.in_doubt(rows);
    applied.crash(false);
    steps.push(("killed before the answer", 1, applied));
    let mut lost = sent.clone();
    lost.flying.push(rows.to_vec());
    lost.in_doubt(rows);
    lost.crash(false);
    steps.push(("killed while the request was lost", 1, lost));
}

/// The server applies a request and answers.
fn answered(world: &mut World, rows: &[usize]) -> Event {
    let before = world.stock[0];
    world.apply(rows);
    world.answered();
    let adjusts = world.setup.mode == Mode::Post;
    Event::Answered {
        stock: adjusts.then_some((before, world.stock[0])),
    }
}
