//! Everything goes wrong at once: faults of every kind, `kill -9` at random instants, others changing stock meanwhile.
//! Afterwards the shop's own record of what was applied is held against every outcome that was reported.
//!
//! Ours move stock by thousands and others by a few units, so that no sum of theirs looks like one of ours: reading
//! back is evidence, and this is about whether it is read right.

mod rows;
mod soaked;
mod told;
mod truth;

use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use sxinv::sandbox::{self, Options};

use crate::shop::{Ran, Shop, variants};
use rows::{others, rows};
use soaked::Soaked;
use told::{Mischief, Way};
use truth::{count, hold_against_the_truth};

/// Of a hundred writes thirty are applied and not answered.
const LOSSY: &str = "lost-answer=0.12,500-after=0.1,truncated=0.04,garbage=0.04,writes-only";

/// Of a hundred requests thirty meet a fault.
const FAULTS: &str = "lost-request=0.05,lost-answer=0.05,500-before=0.04,500-after=0.04,503=0.03,429=0.01,\
     truncated=0.04,garbage=0.035,slow=0.005:3s";

/// Faults that leave a write in doubt.
const AMBIGUOUS: [&str; 8] = [
    "lost-request",
    "lost-answer",
    "500-before",
    "500-after",
    "503",
    "truncated",
    "garbage",
    "slow",
];

const WORKERS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    Set,
    Adjust,
    Stocktake,
}

pub const MODES: [Mode; 3] = [Mode::Set, Mode::Adjust, Mode::Stocktake];

/// What one soak came to.
#[derive(Default, Debug)]
pub struct Tally {
    rows: usize,
    applied: usize,
    unknown: usize,
    ambiguous: usize,
    pub kills: usize,
    /// Rows that events proved, and rows in doubt that were applied all the same.
    proved: usize,
    missed: usize,
    /// What was met on the way.
    met: BTreeSet<String>,
}

/// What a long soak must have met, or it soaks nothing.
const SOMETIMES: [&str; 14] = [
    "Set: applied",
    "Set: applied, read back",
    "Set: sent again",
    "Set: conflict",
    "Set: unknown",
    "Adjust: applied",
    "Adjust: applied, read back",
    "Adjust: failed",
    "Adjust: unknown",
    "Adjust: unknown without a basis",
    "Stocktake: applied",
    "Stocktake: applied, read back",
    "Stocktake: unknown",
    "cut off while it was under way",
];

/// What one soak does.
#[derive(Clone, Copy)]
pub struct Plan {
    pub mode: Mode,
    pub seed: u64,
    pub rows: usize,
    pub faults: &'static str,
    /// Reasons are tagged and a listener runs, to which this happens.
    pub told: Option<Mischief>,
    /// How often the program is killed.
    pub kills: usize,
    /// How many variants it is about, and how long others rest between two changes, in milliseconds.
    pub variants: usize,
    pub rest: u64,
}

impl Plan {
    pub fn of(mode: Mode, seed: u64, rows: usize) -> Plan {
        Plan {
            mode,
            seed,
            rows,
            faults: FAULTS,
            told: None,
            kills: Rng::with_seed(seed).usize(2..5),
            variants: usize::MAX,
            rest: 120,
        }
    }
}

/// Tells others that it is over, whatever ended it.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the program runs on, and what else happens once it was killed.
pub trait Machine: Sync {
    fn prepare(&self, _shop: &Shop, _command: &mut Command) {}

    fn killed(&self, _shop: &Shop, _rng: &mut Rng) {}
}

/// One that stays on: what was written before a kill is there after it.
struct StaysOn;

impl Machine for StaysOn {}

fn soak(plan: Plan) -> Tally {
    soak_on(&StaysOn, plan)
}

/// One file applied while everything goes wrong, then held against the truth.
pub fn soak_on(machine: &dyn Machine, plan: Plan) -> Tally {
    let Plan { mode, seed, .. } = plan;
    let mut rng = Rng::with_seed(seed);
    let way = plan.told.map(|_| Way::new());
    let soaked = Soaked::of(&plan, way.as_ref());
    let shop = &soaked.shop;
    // Others go through a server of their own, where nothing goes wrong.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let calm = sandbox::start(listener, shop.store(), Options::default()).unwrap();
    let server = ["-p", "sandbox", "--api-url", calm.url()];
    let listed = [&server[..], &["list", "--all", "--variants", "-o", "json"]].concat();
    let listed = Ran::of(shop.bare(&listed).output().unwrap()).ends(0).json();
    let mut variants = variants(&listed);
    variants.truncate(plan.variants);
    let text = rows(mode, &variants, shop, plan.rows, &mut rng);
    let file = shop.file("rows.csv", &text);
    let faults_before = shop.store().faults().unwrap().len();
    let over = AtomicBool::new(false);
    let mut tally = Tally::default();
    let (mut document, delivered) = thread::scope(|scope| {
        let ends = Over(&over);
        let (url, over, soaked) = (calm.url(), &over, &soaked);
        scope.spawn(|| others(url, &variants, &plan, over));
        let listen = || soaked.command(&told::LISTEN);
        let delivers = way
            .zip(plan.told)
            .map(|(way, mischief)| scope.spawn(move || way.deliver(listen, mischief, seed, over)));
        let on = (machine, soaked);
        let document = until_done(on, file.to_str().unwrap(), &plan, &mut rng, &mut tally);
        drop(ends);
        (document, delivers.map(|delivers| delivers.join().unwrap()))
    });
    if let Some(delivered) = &delivered {
        let run = document["run"].as_str().unwrap().to_owned();
        let known = count(&document, "event_id");
        document = soaked.run(&["history", &run, "-o", "json"]).ends(0).json();
        tally.proved = count(&document, "event_id");
        tally
            .met
            .extend((tally.proved > known).then(|| "proved late".to_owned()));
        told::hold_against(delivered, &document, &mut tally.met);
    }
    hold_against_the_truth(
        shop,
        mode,
        seed,
        &document,
        text.lines().count() - 1,
        &mut tally,
    );
    let faults = shop.store().faults().unwrap();
    tally.ambiguous = faults[faults_before..]
        .iter()
        .filter(|fault| fault.method != "GET" && AMBIGUOUS.contains(&fault.kind.as_str()))
        .count();
    // A PUT in doubt takes all of its product's rows along, at most four here, and so does a kill each request under way.
    let each = if mode == Mode::Set { 4 } else { 1 };
    let most = (tally.ambiguous + tally.kills * WORKERS) * each;
    assert!(tally.unknown <= most, "{mode:?} {seed}: {tally:?}");
    tally
}

/// Starts the import, kills it at random instants, and goes on with it until it is done: the last word on every row.
fn until_done(
    (machine, soaked): (&dyn Machine, &Soaked),
    file: &str,
    plan: &Plan,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Value {
    let workers = WORKERS.to_string();
    let common = [
        "--yes",
        "-o",
        "jsonl",
        "--concurrency",
        &workers,
        "--timeout",
        "2s",
        "--retries",
        "6",
    ];
    let name = match plan.mode {
        Mode::Set => "set",
        Mode::Adjust => "adjust",
        Mode::Stocktake => "stocktake",
    };
    let mut kills = plan.kills;
    for _ in 0..60 {
        let run = open_run(soaked);
        let first: Vec<&str> = match &run {
            None => [
                &[
                    "import-csv",
                    file,
                    "--mode",
                    name,
                    "--max-quantity",
                    "1000000000",
                ][..],
                &common,
            ]
            .concat(),
            Some(run) => [&["import-csv", "--resume", run][..], &common].concat(),
        };
        let mut child = soaked.start(machine, &first);
        if kills > 0 {
            kills -= 1;
            // After so many rows, or while it still reads, and then a moment that no event marks.
            let after = rng.usize(..25);
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let seen = lines.take(after).count();
            thread::sleep(Duration::from_micros(rng.u64(..40_000)));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                tally.kills += 1;
            }
            child.wait().unwrap();
            assert!(seen <= after);
            machine.killed(&soaked.shop, rng);
            continue;
        }
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert!([0, 6, 7, 8].contains(&ran.code), "{ran:#?}");
        let Some(run) = open_run(soaked) else {
            continue;
        };
        let last = soaked.run(&["history", &run, "-o", "json"]).ends(0).json();
        if last["skipped"] == 0 && last["ended_at"].is_string() {
            return last;
        }
    }
    panic!("it never ended");
}

/// The one run of this shop, once it is on disk.
fn open_run(soaked: &Soaked) -> Option<String> {
    let runs = soaked.run(&["history", "-o", "json"]).ends(0).json();
    Some(runs[0]["run"].as_str()?.to_owned())
}

#[test]
fn a_short_soak_has_no_doubles_and_no_false_outcomes() {
    thread::scope(|scope| {
        for (n, mode) in MODES.into_iter().enumerate() {
            scope.spawn(move || soak(Plan::of(mode, 4711 + n as u64, 10)));
        }
    });
}

#[test]
fn a_short_soak_with_events_leaves_nothing_in_doubt_whose_event_came() {
    let tally = soak(Plan {
        faults: LOSSY,
        told: Some(Mischief {
            lost: 0,
            late: 30,
            latest: 300,
            repeated: 20,
            foul: 30,
            killed: 4,
        }),
        kills: 0,
        variants: 8,
        rest: 4,
        ..Plan::of(Mode::Adjust, 815, 120)
    });
    println!("{tally:?}");
    assert!(tally.proved > 0, "{tally:?}");
}

/// `SOAK_SEEDS=100 SOAK_ROWS=2000 cargo test --release --test it soak -- --ignored --nocapture`
#[test]
#[ignore = "takes long; see CONTRIBUTING.md"]
fn a_long_soak_has_no_doubles_and_no_false_outcomes() {
    let total = long(&MODES, None);
    let missed = SOMETIMES.iter().filter(|name| !total.met.contains(**name));
    let missed: Vec<_> = missed.collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

/// `SOAK_SEEDS=20 SOAK_ROWS=300 cargo test --release --test it soak_with_events -- --ignored --nocapture`
#[test]
#[ignore = "takes long; see CONTRIBUTING.md"]
fn a_long_soak_with_events_leaves_nothing_in_doubt_whose_event_came() {
    let mischief = Mischief {
        lost: 5,
        late: 20,
        latest: 60_000,
        repeated: 20,
        foul: 20,
        killed: 2,
    };
    let modes = [Mode::Adjust, Mode::Stocktake];
    let without = long(&modes, None);
    let with = long(&modes, Some(mischief));
    println!("without: {without:?}\nwith: {with:?}");
    let missed = told::SOMETIMES
        .iter()
        .filter(|name| !with.met.contains(**name));
    let missed: Vec<_> = missed.collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

/// Soaks with many seeds; the sum of them.
fn long(modes: &[Mode], told: Option<Mischief>) -> Tally {
    let of = |name: &str, otherwise: u64| {
        std::env::var(name)
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(otherwise)
    };
    let (seeds, rows, at_once) = (
        of("SOAK_SEEDS", 10),
        of("SOAK_ROWS", 1000),
        of("SOAK_AT_ONCE", 6),
    );
    let next = std::sync::atomic::AtomicU64::new(0);
    let total = std::sync::Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    for mode in modes.iter().copied() {
                        let plan = Plan::of(mode, seed, rows as usize);
                        let one = soak(Plan { told, ..plan });
                        let mut total = total.lock().unwrap();
                        total.rows += one.rows;
                        total.applied += one.applied;
                        total.unknown += one.unknown;
                        total.ambiguous += one.ambiguous;
                        total.kills += one.kills;
                        total.proved += one.proved;
                        total.missed += one.missed;
                        println!("seed {seed} {mode:?}: {one:?}");
                        total.met.extend(one.met);
                    }
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    println!("{total:?}");
    total
}
