//! Random trees of undos against the one thing that counts: whatever nobody knows turns out to be, what the root did to a
//! line is in the stock once or not at all, and so for each undo.

use proptest::prelude::*;
use rusqlite::params;

use super::*;

const LINES: u32 = 3;

/// What may happen next, to the run of this number (modulo how many there are): it is taken back, and each of its lines ends
/// so; or it goes on, and what was left of it ends so.
#[derive(Clone, Debug)]
enum Next {
    Undo(usize, Vec<End>),
    Resume(usize),
    Resend(usize),
}

/// How a line of an undo ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Applied,
    Failed,
    /// It was never sent.
    Left,
    /// In doubt; whether it was applied in truth.
    Unknown(bool),
}

/// Rather often applied.
fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        6 => Just(End::Applied),
        1 => Just(End::Failed),
        2 => Just(End::Left),
        1 => any::<bool>().prop_map(End::Unknown),
    ]
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        6 => (any::<usize>(), prop::collection::vec(end(), LINES as usize))
            .prop_map(|(run, ends)| Next::Undo(run, ends)),
        1 => any::<usize>().prop_map(Next::Resume),
        1 => any::<usize>().prop_map(Next::Resend),
    ]
}

/// The ledger, and what the stock of each line is in truth.
struct World {
    state: State,
    /// Each run: the one that it takes back.
    runs: Vec<Option<usize>>,
    /// How often what each run did to each line is in, the first run's being the stock.
    nets: Vec<[i64; LINES as usize]>,
}

impl World {
    /// A run whose lines were all applied.
    fn new() -> World {
        let mut world = World {
            state: State::in_memory().unwrap(),
            runs: Vec::new(),
            nets: Vec::new(),
        };
        world.begin(None);
        for line in 0..LINES {
            world.write(0, line, End::Applied);
        }
        world
    }

    fn begin(&mut self, undo_of: Option<usize>) -> usize {
        let n = self.runs.len();
        self.runs.push(undo_of);
        self.nets.push([0; LINES as usize]);
        self.state
            .ask(|c| {
                c.execute(
                    "INSERT INTO runs (number, run, started_at, profile, store, command, command_line, mode, on_conflict,
                        left_alone, undo_of)
                     VALUES (?1, ?2, '2026-11-26T00:00:00.000Z', 'p', 's', 'undo', '', 'adjust', 'report', 0, ?3)",
                    params![n as i64, n.to_string(), undo_of.map(|of| of.to_string())],
                )
            })
            .unwrap();
        n
    }

    fn puts_in(&self, run: usize) -> bool {
        self.runs[run].is_none_or(|of| !self.puts_in(of))
    }

    /// A line of a run ends so; it is sent, but where it was left or failed.
    fn write(&mut self, run: usize, line: u32, end: End) {
        let (outcome, intent) = match end {
            End::Applied => (Some("applied"), Some("t")),
            End::Failed => (Some("failed"), Some("t")),
            End::Left => (None, None),
            End::Unknown(_) => (Some("unknown"), Some("t")),
        };
        if matches!(end, End::Applied | End::Unknown(true)) {
            let (mut at, mut by) = (Some(run), 1);
            while let Some(run) = at {
                self.nets[run][line as usize] += by;
                (at, by) = (self.runs[run], -by);
            }
        }
        self.state
            .ask(|c| {
                c.execute(
                    "INSERT OR REPLACE INTO rows (number, row, line, wanted, outcome, intent_at) VALUES (?1, ?2, ?2, 1, ?3, ?4)",
                    params![run as i64, line, outcome, intent],
                )
            })
            .unwrap();
    }

    fn lines(&self, run: usize, which: &str) -> Vec<u32> {
        self.state
            .ask(|c| {
                c.prepare(&format!(
                    "SELECT line FROM rows WHERE number = ?1 AND {which} ORDER BY line"
                ))?
                .query_map([run as i64], |found| found.get(0))?
                .collect()
            })
            .unwrap()
    }

    fn stored(&self, run: usize) -> StoredRun {
        crate::change::runs::find(&self.state, &run.to_string()).unwrap()
    }

    fn happens(&mut self, next: &Next) {
        let runs = self.runs.len();
        match next {
            Next::Undo(of, ends) => {
                let of = of % runs;
                self.state.ask(|c| fill(c, &of.to_string(), true)).unwrap();
                let left = self.lines(
                    of,
                    "outcome = 'applied' AND line NOT IN (SELECT line FROM temp.taken_back)",
                );
                if left.is_empty() {
                    return;
                }
                let undo = self.begin(Some(of));
                for line in left {
                    self.write(undo, line, ends[line as usize]);
                }
            }
            Next::Resume(run) => self.goes_on(run % runs, false),
            Next::Resend(run) => self.goes_on(run % runs, true),
        }
    }

    /// An undo that was cut off goes on; a resend is of a line whose stock shows that it was not applied.
    fn goes_on(&mut self, run: usize, resends: bool) {
        let stored = self.stored(run);
        let is_over = undone_by(&self.state, &stored.run).unwrap().is_some()
            || overtaken_by(&self.state, &stored, resends)
                .unwrap()
                .is_some();
        if stored.undo_of.is_none() || is_over {
            return;
        }
        for line in self.lines(run, "outcome IS NULL") {
            self.write(run, line, End::Applied);
        }
        let before = if self.puts_in(run) { 0 } else { 1 };
        for line in self.lines(run, "outcome = 'unknown'") {
            if resends && self.nets[0][line as usize] == before {
                self.write(run, line, End::Applied);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_line_is_in_the_stock_once_or_not_at_all(all in prop::collection::vec(next(), 1..12)) {
        let mut world = World::new();
        for next in &all {
            world.happens(next);
            prop_assert!(
                world.nets.iter().flatten().all(|times| (0..=1).contains(times)),
                "{next:?} leads to {:?}",
                world.nets
            );
        }
    }
}

/// A run of one line and these undos of runs by their numbers, all of which are applied.
fn tree(undos: &[usize]) -> World {
    let mut world = World::new();
    for of in undos {
        world.happens(&Next::Undo(*of, vec![End::Applied; LINES as usize]));
    }
    world
}

#[test]
fn what_was_put_back_is_not_taken_back_beside_an_undo_of_the_whole() {
    // Taken back, put back, taken back again; then what was put back.
    let world = tree(&[0, 1, 0, 2]);
    assert_eq!((world.runs.len(), world.nets[0]), (4, [0; 3]));
    assert_eq!(taken_back_by(&world.state, "2").unwrap().unwrap(), "3");
    // What took the run back for the second time can be taken back, and the first can't beside it.
    assert_eq!(tree(&[0, 1, 0, 3, 1]).runs.len(), 5);
    assert_eq!(tree(&[0, 1, 0, 1, 3]).runs.len(), 5);
}

#[test]
fn an_undo_goes_on_where_an_earlier_one_was_taken_back() {
    let mut world = tree(&[0, 1]);
    let left = vec![End::Applied, End::Left, End::Left];
    world.happens(&Next::Undo(0, left));
    let undo = world.stored(3);
    assert!(overtaken_by(&world.state, &undo, false).unwrap().is_none());
    assert!(world.state.ask(|c| has_own_left(c, &undo)).unwrap());
    // What was put back is taken back by another way meanwhile.
    world.happens(&Next::Undo(2, vec![End::Applied; 3]));
    assert_eq!(
        overtaken_by(&world.state, &undo, false).unwrap().unwrap(),
        "4"
    );
    assert!(!world.state.ask(|c| has_own_left(c, &undo)).unwrap());
}
