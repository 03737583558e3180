//! Power: what was written and not synced is gone after a kill in the middle of a run. `kill -9` alone keeps it.
//!
//! A preloaded shim keeps book of every write below the state folder and of every sync. After each kill the test takes back
//! what was not synced, all of it or at random, whole writes or torn ones, and then the run is resumed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fastrand::Rng;

use crate::shop::{Ran, Shop};
use crate::soak::{MODES, Machine, Mode, Plan, soak_on};

/// The shim, built once; none where there is no C compiler.
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = SHIM.get_or_init(|| {
        let shim = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unsynced.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/power/unsynced.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&shim)
            .arg(source)
            .args(["-ldl", "-lpthread"]);
        match cc.output() {
            Ok(ran) => {
                assert!(
                    ran.status.success(),
                    "{}",
                    String::from_utf8_lossy(&ran.stderr)
                );
                Some(shim)
            }
            Err(e) => {
                eprintln!("skipped, no C compiler: {e}");
                None
            }
        }
    });
    built.as_deref()
}

/// A write that no sync has followed.
struct Write {
    sequence: u64,
    offset: u64,
    size_before: u64,
    old: Vec<u8>,
    /// None where the file was cut off at `offset`.
    new: Option<Vec<u8>>,
}

/// The entries of the book: what kind each is (`S` for a sync, or a file that went), and of which file.
fn entries(book: &[u8]) -> Vec<(u8, PathBuf, Write)> {
    let mut rest = book;
    let mut take = |bytes: usize| -> Option<&[u8]> {
        let (taken, after) = rest.split_at_checked(bytes)?;
        rest = after;
        Some(taken)
    };
    let mut next = || -> Option<(u8, PathBuf, Write)> {
        let kind = take(1)?[0];
        let path = usize::from(u16::from_ne_bytes(take(2)?.try_into().ok()?));
        let mut number = || Some(u64::from_ne_bytes(take(8)?.try_into().ok()?));
        let (sequence, offset, size_before) = (number()?, number()?, number()?);
        let mut length = || Some(u32::from_ne_bytes(take(4)?.try_into().ok()?) as usize);
        let (old, new) = (length()?, length()?);
        let path = PathBuf::from(String::from_utf8(take(path)?.to_vec()).ok()?);
        let write = Write {
            sequence,
            offset,
            size_before,
            old: take(old)?.to_vec(),
            new: Some(take(new)?.to_vec()).filter(|_| kind == b'W'),
        };
        Some((kind, path, write))
    };
    // The last entry may be torn: its write never happened.
    std::iter::from_fn(&mut next).collect()
}

/// Reads the book: the writes of each file that were not synced, in their order, and how many were.
fn read(book: &[u8]) -> (HashMap<PathBuf, Vec<Write>>, usize) {
    let mut unsynced: HashMap<PathBuf, Vec<Write>> = HashMap::new();
    let mut synced = 0;
    for (kind, path, write) in entries(book) {
        let writes = unsynced.entry(path).or_default();
        if kind == b'S' {
            let before = writes.len();
            writes.retain(|earlier| earlier.sequence > write.sequence);
            synced += before - writes.len();
        } else {
            writes.push(write);
        }
    }
    (unsynced, synced)
}

/// What of the writes that were not synced got to the disk all the same.
#[derive(Clone, Copy, Debug)]
enum Survives {
    Nothing,
    /// Whole writes, torn ones, or none, in whatever order.
    AtRandom,
}

/// A machine whose power is cut at each kill.
struct LosesPower {
    shim: &'static Path,
    survives: Survives,
    synced: AtomicUsize,
    lost: AtomicUsize,
}

impl LosesPower {
    fn book(shop: &Shop) -> PathBuf {
        shop.folder.path().join("book")
    }
}

impl Machine for LosesPower {
    fn prepare(&self, shop: &Shop, command: &mut Command) {
        command
            .env("LD_PRELOAD", self.shim)
            .env("POWER_FOLDER", shop.state())
            .env("POWER_BOOK", LosesPower::book(shop));
    }

    fn killed(&self, shop: &Shop, rng: &mut Rng) {
        let book = LosesPower::book(shop);
        let (unsynced, synced) = read(&fs::read(&book).unwrap_or_default());
        self.synced.fetch_add(synced, Ordering::Relaxed);
        for (path, writes) in unsynced {
            // One that is gone by now lost nothing that anybody would look for.
            let Ok(file) = File::options().write(true).open(&path) else {
                continue;
            };
            self.lost.fetch_add(writes.len(), Ordering::Relaxed);
            for write in writes.iter().rev() {
                file.write_all_at(&write.old, write.offset).unwrap();
                file.set_len(write.size_before).unwrap();
            }
            for write in &writes {
                let Some(new) = write.new.as_deref() else {
                    continue;
                };
                let gets_there = match self.survives {
                    Survives::Nothing => 0,
                    Survives::AtRandom => [0, 0, new.len() / 2, new.len()][rng.usize(..4)],
                };
                file.write_all_at(&new[..gets_there], write.offset).unwrap();
            }
        }
        fs::remove_file(&book).unwrap();
        // Shared memory is gone with the machine.
        let _ = fs::remove_file(shop.state().join("state.db-shm"));
    }
}

/// Runs with power cuts, all modes side by side.
fn cut(survives: Survives, plans: &(dyn Fn(Mode) -> Vec<Plan> + Sync)) {
    let Some(shim) = shim() else { return };
    let machine = LosesPower {
        shim,
        survives,
        synced: AtomicUsize::new(0),
        lost: AtomicUsize::new(0),
    };
    let kills = AtomicUsize::new(0);
    thread::scope(|scope| {
        for mode in MODES {
            let (machine, kills) = (&machine, &kills);
            scope.spawn(move || {
                for plan in plans(mode) {
                    kills.fetch_add(soak_on(machine, plan).kills, Ordering::Relaxed);
                }
            });
        }
    });
    let of = AtomicUsize::into_inner;
    let (kills, synced, lost) = (of(kills), of(machine.synced), of(machine.lost));
    println!("{survives:?}: {kills} kills, {synced} writes synced, {lost} lost");
    assert!(
        kills > 0 && synced > 0 && lost > 0,
        "nothing was cut: {kills} kills, {synced} writes synced, {lost} lost"
    );
}

#[test]
fn a_run_survives_the_loss_of_everything_that_was_not_synced() {
    cut(Survives::Nothing, &|mode| {
        vec![Plan {
            faults: "lost-answer=0.1,writes-only",
            kills: 2,
            ..Plan::of(mode, 1000 + mode as u64, 80)
        }]
    });
}

/// What each is for: docs/design.md, Seven syncs.
#[test]
fn a_typed_adjustment_syncs_what_its_promises_need_and_no_more() {
    let Some(shim) = shim() else { return };
    let shop = Shop::new();
    let adjust = ["adjust", "150", "450", "1"];
    shop.run(&adjust).ends(0);
    let book = shop.folder.path().join("book");
    let mut command = shop.command(&adjust);
    command
        .env("LD_PRELOAD", shim)
        .env("POWER_FOLDER", shop.state())
        .env("POWER_BOOK", &book);
    Ran::of(command.output().unwrap()).ends(0);
    let synced = entries(&fs::read(&book).unwrap())
        .into_iter()
        .filter(|(kind, ..)| *kind == b'S')
        .map(|(_, path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".lock") && !name.ends_with("-shm"));
    let synced: Vec<String> = synced.collect();
    let (folder, log) = ("state", "state.db-wal");
    // The last one is the log's end.
    assert_eq!(synced, [log, folder, log, log, log, log, "state.db", log]);
}

/// `cargo test --test it power -- --ignored --nocapture`
#[test]
#[ignore = "takes long; see CONTRIBUTING.md"]
fn runs_survive_whatever_gets_lost_when_the_power_is_cut() {
    let soaks = |seeds: std::ops::Range<u64>| {
        move |mode| {
            seeds
                .clone()
                .map(|seed| Plan::of(mode, seed, 200))
                .collect()
        }
    };
    cut(Survives::Nothing, &soaks(0..10));
    cut(Survives::AtRandom, &soaks(10..20));
}
