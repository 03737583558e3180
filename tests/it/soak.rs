//! Everything goes wrong at once: faults of every kind, `kill -9` at random instants, others changing stock meanwhile.
//! Afterwards the shop's own record of what was applied is held against every outcome that was reported.
//!
//! Ours move stock by thousands and others by a few units, so that no sum of theirs looks like one of ours: reading
//! back is evidence, and this is about whether it is read right.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::Value;
use sxinv::sandbox::{self, Options};

use crate::shop::{Ran, Shop, variants};

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
enum Mode {
    Set,
    Adjust,
    Stocktake,
}

const MODES: [Mode; 3] = [Mode::Set, Mode::Adjust, Mode::Stocktake];

/// What one soak came to.
#[derive(Default, Debug)]
struct Tally {
    rows: usize,
    applied: usize,
    unknown: usize,
    ambiguous: usize,
    kills: usize,
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

/// Sells and restocks a unit here and there until told to stop.
fn others(url: &str, variants: &[(i64, i64)], seed: u64, over: &AtomicBool) {
    // Needed for any client, though nothing here is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::new();
    let mut rng = Rng::with_seed(seed);
    while !over.load(Ordering::Relaxed) {
        let (product, sku) = variants[rng.usize(..variants.len())];
        let by = [-2, -1, 1, 2][rng.usize(..4)];
        let _ = client
            .post(format!("{url}/api/apps/v1/inventory/{product}/adjust"))
            .bearer_auth(sandbox::TOKEN)
            .header("content-type", "application/json")
            .body(format!(r#"{{"sku_id":{sku},"adjustment":{by}}}"#))
            .send();
        // As busy as a busy shop.
        thread::sleep(Duration::from_millis(rng.u64(20..120)));
    }
}

fn rows(mode: Mode, variants: &[(i64, i64)], shop: &Shop, count: usize, rng: &mut Rng) -> String {
    let stock = |sku| shop.stock(sku);
    let mut text = match mode {
        Mode::Set => "product_id,sku_id,quantity,expected_quantity\n",
        Mode::Adjust => "product_id,sku_id,adjustment,reason\n",
        Mode::Stocktake => "product_id,sku_id,quantity,expected_quantity\n",
    }
    .to_owned();
    let mut order: Vec<(i64, i64)> = variants.to_vec();
    rng.shuffle(&mut order);
    for n in 0..count {
        let (product, sku) = order[n % order.len()];
        let thousands = 1000 * rng.i64(1..50);
        text += &match mode {
            _ if mode != Mode::Adjust && n >= order.len() => break,
            Mode::Set if n % 9 == 0 => {
                format!("{product},{sku},{},{}\n", 100_000 + thousands, stock(sku))
            }
            Mode::Set => format!("{product},{sku},{},\n", 100_000 + thousands),
            Mode::Stocktake => format!(
                "{product},{sku},{},{}\n",
                stock(sku) + thousands,
                stock(sku)
            ),
            // Now and then one that must be refused.
            Mode::Adjust if n % 17 == 0 => format!("{product},{sku},-900000000,Too much\n"),
            Mode::Adjust => format!("{product},{sku},{thousands},Row {n}\n"),
        };
    }
    text
}

/// One file applied while everything goes wrong, then held against the truth.
fn soak(mode: Mode, seed: u64, count: usize) -> Tally {
    let mut rng = Rng::with_seed(seed);
    let shop = Shop::with(Options {
        faults: format!("{FAULTS},seed={seed}").parse().unwrap(),
        ..Options::default()
    });
    // Others go through a server of their own, where nothing goes wrong.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let calm = sandbox::start(listener, shop.store(), Options::default()).unwrap();
    let listed = shop.command(&[
        "list",
        "--all",
        "--variants",
        "-o",
        "json",
        "--retries",
        "20",
    ]);
    let listed = Ran::of({ listed }.output().unwrap()).ends(0).json();
    let variants = variants(&listed);
    let text = rows(mode, &variants, &shop, count, &mut rng);
    let file = shop.file("rows.csv", &text);
    let faults_before = shop.store().faults().unwrap().len();
    let over = AtomicBool::new(false);
    let mut tally = Tally::default();
    let document = thread::scope(|scope| {
        let url = calm.url();
        scope.spawn(|| others(url, &variants, seed ^ 0xf00d, &over));
        let document = until_done(&shop, file.to_str().unwrap(), mode, &mut rng, &mut tally);
        over.store(true, Ordering::Relaxed);
        document
    });
    hold_against_the_truth(
        &shop,
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
fn until_done(shop: &Shop, file: &str, mode: Mode, rng: &mut Rng, tally: &mut Tally) -> Value {
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
    let name = match mode {
        Mode::Set => "set",
        Mode::Adjust => "adjust",
        Mode::Stocktake => "stocktake",
    };
    let mut kills = rng.usize(2..5);
    for _ in 0..60 {
        let run = open_run(shop);
        let first: Vec<&str> = match &run {
            None => [&["import-csv", file, "--mode", name][..], &common].concat(),
            Some(run) => [&["import-csv", "--resume", run][..], &common].concat(),
        };
        let mut child = shop.start(&first);
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
            continue;
        }
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert!([0, 6, 7, 8].contains(&ran.code), "{ran:#?}");
        let Some(run) = open_run(shop) else { continue };
        let last = shop.run(&["history", &run, "-o", "json"]).ends(0).json();
        if last["skipped"] == 0 && last["ended_at"].is_string() {
            return last;
        }
    }
    panic!("it never ended");
}

/// The one run of this shop, once it is on disk.
fn open_run(shop: &Shop) -> Option<String> {
    let runs = shop.run(&["history", "-o", "json"]).ends(0).json();
    Some(runs[0]["run"].as_str()?.to_owned())
}

fn hold_against_the_truth(
    shop: &Shop,
    mode: Mode,
    seed: u64,
    document: &Value,
    rows: usize,
    tally: &mut Tally,
) {
    let run = document["run"].as_str().unwrap();
    let mut applied: HashMap<String, Vec<i64>> = HashMap::new();
    for movement in shop.store().movements().unwrap() {
        if let Some(row) = movement.request_id.strip_prefix(&format!("{run}-")) {
            // A PUT goes by its first row; which others it holds tells the variant.
            let key = match mode {
                Mode::Set => format!("sku {}", movement.sku_id),
                _ => row.to_owned(),
            };
            applied.entry(key).or_default().push(movement.adjustment);
        }
    }
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), rows, "every row has an outcome");
    tally.rows = rows;
    for (index, row) in results.iter().enumerate() {
        let key = match mode {
            Mode::Set => format!("sku {}", row["sku_id"]),
            _ => index.to_string(),
        };
        let times = applied.get(&key).map_or(0, Vec::len);
        let at = format!("{mode:?}, seed {seed}, {row}, applied {times} times");
        tally.met.extend(names(mode, row));
        match row["outcome"].as_str().unwrap() {
            "applied" => {
                tally.applied += 1;
                assert_eq!(times, 1, "{at}");
            }
            "unknown" => {
                tally.unknown += 1;
                assert!(times <= 1, "{at}");
            }
            "unchanged" | "conflict" | "failed" => assert_eq!(times, 0, "{at}"),
            other => panic!("{other}: {at}"),
        }
        if mode != Mode::Set && times == 1 {
            assert_eq!(row["adjustment"], applied[&key][0], "{at}");
        }
    }
}

/// What a row met.
fn names(mode: Mode, row: &Value) -> Vec<String> {
    let outcome = row["outcome"].as_str().unwrap();
    let mut names = vec![format!("{mode:?}: {outcome}")];
    if row["read_back"] == true {
        names.push(format!("{mode:?}: {outcome}, read back"));
    }
    if row["attempts"].as_i64() > Some(1) {
        names.push(format!("{mode:?}: sent again"));
    }
    let why = row["error"].as_str().unwrap_or_default();
    if why.contains("in the 5 s before") {
        names.push(format!("{mode:?}: unknown without a basis"));
    }
    if why.contains("cut off while this was under way") {
        names.push("cut off while it was under way".to_owned());
    }
    names
}

#[test]
fn a_short_soak_has_no_doubles_and_no_false_outcomes() {
    thread::scope(|scope| {
        for (n, mode) in MODES.into_iter().enumerate() {
            scope.spawn(move || soak(mode, 4711 + n as u64, 36));
        }
    });
}

/// `SOAK_SEEDS=100 SOAK_ROWS=2000 cargo test --release --test it soak -- --ignored --nocapture`
#[test]
#[ignore = "takes long; see CONTRIBUTING.md"]
fn a_long_soak_has_no_doubles_and_no_false_outcomes() {
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
                    for mode in MODES {
                        let one = soak(mode, seed, rows as usize);
                        let mut total = total.lock().unwrap();
                        total.rows += one.rows;
                        total.applied += one.applied;
                        total.unknown += one.unknown;
                        total.ambiguous += one.ambiguous;
                        total.kills += one.kills;
                        println!("seed {seed} {mode:?}: {one:?}");
                        total.met.extend(one.met);
                    }
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    println!("{total:?}");
    let missed = SOMETIMES.iter().filter(|name| !total.met.contains(**name));
    let missed: Vec<_> = missed.collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}
