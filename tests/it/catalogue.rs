//! The catalogue: codes are found quickly, followed where they go, and never written to the wrong variant.

mod batch;
pub mod edits;
mod moving;
pub mod shop;

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use sxinv::change::lock::RunLock;
use tempfile::TempDir;

use shop::{Pass, Shop, clean_command, kind, stderr};

use crate::shop::Ran;

#[test]
fn the_second_look_up_costs_a_list_page_and_a_product() {
    let shop = Shop::of(120);
    shop.ok(&["adjust", "PRB-SM-RED", "+1"]);
    for _ in 0..2 {
        let before = shop.seen();
        shop.ok(&["adjust", "PRB-SM-RED", "+1"]);
        assert_eq!(shop.since(before), ["product", "list", "write"]);
    }
    // Another code: the product that was written before was updated by that and is read once more, and as that took
    // time, updates are asked for again.
    let before = shop.seen();
    shop.ok(&["set", "TULP-15=77"]);
    let asked = ["product", "list", "product", "list", "write"];
    assert_eq!(shop.since(before), asked);
    // An id is proof enough by itself.
    let before = shop.seen();
    shop.ok(&["adjust", "id:450", "+1"]);
    assert_eq!(shop.since(before), ["product", "write"]);
}

#[test]
fn a_code_is_followed_where_it_goes() {
    let shop = Shop::of(120);
    shop.ok(&["show", "PRB-SM-RED"]);
    let edits = shop.edits();
    // To another variant of the product, and to another product.
    edits.rename(450, "OLD");
    edits.rename(451, "PRB-SM-RED");
    shop.ok(&["set", "PRB-SM-RED=900"]);
    assert_eq!(shop.store.movements().unwrap().last().unwrap().sku_id, 451);
    edits.rename(451, "OLD-2");
    let elsewhere = edits.variants().iter().find(|v| v.1 != 150).unwrap().0;
    edits.rename(elsewhere, "PRB-SM-RED");
    shop.ok(&["set", "PRB-SM-RED=901"]);
    assert_eq!(
        shop.store.movements().unwrap().last().unwrap().sku_id,
        elsewhere
    );
    // Nowhere.
    edits.rename(elsewhere, "GONE");
    shop.fails(4, &["set", "PRB-SM-RED=902"]);
    assert_eq!(shop.store.movements().unwrap().len(), 2);
}

#[test]
fn a_product_of_a_time_to_come_hides_no_other() {
    let shop = Shop::of(120);
    let edits = shop.edits();
    let to_come = "UPDATE products SET updated_at = 4070908800000 WHERE product_id = 152";
    edits.sql(to_come);
    shop.ok(&["show", "PRB-SM-RED"]);
    // The catalogue of an earlier version, which went by it.
    let state = Connection::open(shop.folder.path().join("state/state.db")).unwrap();
    for blinded in [false, true] {
        let (sku, code) = if blinded {
            (454, "ANOTHER")
        } else {
            (453, "PRB-SM-RED")
        };
        edits.sql(&format!(
            "UPDATE variants SET sku_code = '{code}' WHERE sku_id = {sku};
             UPDATE products SET updated_at = unixepoch() * 1000 - {sku} WHERE product_id = 151"
        ));
        if blinded {
            let watermark = "UPDATE catalogues SET watermark = 4070908800000000";
            assert_eq!(state.execute(watermark, []).unwrap(), 1);
        }
        let output = shop.run(&["set", &format!("{code}=3"), "--dry-run"]);
        match blinded {
            false => assert!(
                stderr(&output).contains("could be any of 2 variants"),
                "{output:?}"
            ),
            true => assert!(output.status.success(), "{output:?}"),
        }
    }
}

#[test]
fn a_code_that_moves_between_the_read_and_the_list_is_followed() {
    let shop = Shop::of(120);
    shop.ok(&["show", "PRB-SM-RED"]);
    let edits = shop.edits();
    shop.hook(move |request| {
        if kind(request) == "list" && edits.bearers("PRB-SM-RED").contains(&450) {
            edits.rename(450, "OLD");
            edits.rename(451, "PRB-SM-RED");
        }
        Pass::On
    });
    shop.ok(&["adjust", "PRB-SM-RED", "+5"]);
    let movements = shop.store.movements().unwrap();
    assert_eq!((movements.len(), movements[0].sku_id), (1, 451));
}

#[test]
fn a_code_that_moves_while_other_updates_are_read_is_followed() {
    let shop = Shop::of(120);
    shop.ok(&["show", "PRB-SM-RED"]);
    let edits = shop.edits();
    let variants = edits.variants();
    let one_of = |product| variants.iter().find(|v| v.1 == product).unwrap().0;
    let (updated, elsewhere) = (one_of(151), one_of(152));
    edits.rename(updated, "UPDATED");
    shop.hook(move |request| {
        if request.target.ends_with("/151") && edits.bearers("PRB-SM-RED").contains(&450) {
            edits.rename(450, "OLD");
            edits.rename(elsewhere, "PRB-SM-RED");
        }
        Pass::On
    });
    shop.ok(&["adjust", "PRB-SM-RED", "+5"]);
    let movements = shop.store.movements().unwrap();
    assert_eq!((movements.len(), movements[0].sku_id), (1, elsewhere));
}

#[test]
fn a_duplicate_made_meanwhile_is_refused() {
    let shop = Shop::of(120);
    shop.ok(&["show", "PRB-SM-RED"]);
    let edits = shop.edits();
    shop.hook(move |request| {
        if kind(request) == "list" && edits.bearers("PRB-SM-RED").len() < 2 {
            edits.add_variant(151, "PRB-SM-RED");
        }
        Pass::On
    });
    let error = shop.fails(2, &["adjust", "PRB-SM-RED", "+5"]);
    assert!(
        error.contains("product 150") && error.contains("product 151"),
        "{error}"
    );
    assert!(shop.store.movements().unwrap().is_empty());
}

#[test]
fn deletions_show_in_the_total() {
    let shop = Shop::of(120);
    shop.ok(&["show", "PRB-SM-RED"]);
    assert_eq!(shop.known(), 120);
    let edits = shop.edits();
    let oldest = edits.products().into_iter().find(|id| *id != 150).unwrap();
    edits.delete_product(oldest);
    shop.ok(&["show", "PRB-SM-RED"]);
    assert_eq!(shop.known(), 119);
    // The product itself: its reading is refused, and the code is gone with it.
    edits.delete_product(150);
    shop.fails(4, &["show", "PRB-SM-RED"]);
    assert_eq!(shop.known(), 118);
    // One gone and one made: the total is the same, the ids are not.
    let codes = ["PRB-SM-RED".to_owned()];
    edits.delete_product(edits.products()[0]);
    edits.add_product(999, &codes);
    shop.ok(&["adjust", "PRB-SM-RED", "+1"]);
    assert_eq!(shop.store.movements().unwrap()[0].product_id, 999);
    assert_eq!(shop.known(), 118);
}

#[test]
fn shared_codes_and_codes_that_are_ids_are_never_guessed() {
    let shop = Shop::of(120);
    let error = shop.fails(2, &["adjust", "ROSE-BUSH", "+1"]);
    assert!(
        error.contains("product 252") && error.contains("product 253"),
        "{error}"
    );
    let error = shop.fails(2, &["adjust", "450", "+1"]);
    assert!(
        error.contains("id:450") && error.contains("code:450"),
        "{error}"
    );
    shop.ok(&["adjust", "code:450", "+1"]);
    shop.ok(&["adjust", "id:450", "+1"]);
    let moved: Vec<i64> = shop
        .store
        .movements()
        .unwrap()
        .iter()
        .map(|m| m.sku_id)
        .collect();
    assert_eq!(moved.len(), 2);
    assert!(moved[0] != 450 && moved[1] == 450, "{moved:?}");
}

#[test]
fn near_misses_come_from_the_whole_store() {
    let shop = Shop::of(120);
    shop.edits().rename(450, "8901234567890");
    for (asked, meant) in [
        ("123", "did you mean 00123?"),
        ("8.90123E+12", "did you mean 8901234567890?"),
        ("prb lg red", "did you mean PRB-LG-RED?"),
        ("PRB-LG-RDE", "did you mean PRB-LG-RED?"),
    ] {
        let error = shop.fails(4, &["show", asked]);
        assert!(error.contains(meant), "{asked}: {error}");
    }
}

#[test]
fn an_interrupted_first_build_goes_on_where_it_was() {
    let shop = Shop::of(600);
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    shop.hook(move |request| {
        if kind(request) == "product" && counted.fetch_add(1, Ordering::SeqCst) >= 450 {
            return Pass::Never;
        }
        Pass::On
    });
    let mut child = shop
        .command(&["show", "PRB-SM-RED"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = std::time::Instant::now();
    while reads.load(Ordering::SeqCst) < 451 || kept(&shop) < 256 {
        assert!(begun.elapsed().as_secs() < 60, "nothing was kept");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = kept(&shop);
    shop.unhook();
    let before = shop.seen();
    shop.ok(&["show", "PRB-SM-RED"]);
    let read = shop
        .since(before)
        .iter()
        .filter(|kind| **kind == "product")
        .count();
    assert!(
        kept >= 256 && read <= 600 - kept + 1,
        "{kept} were kept, {read} read again"
    );
    assert_eq!(shop.known(), 600);
}

/// How many products are in the state database, if there is one yet.
fn kept(shop: &Shop) -> usize {
    let path = shop.folder.path().join("state/state.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let count = Connection::open_with_flags(path, flags)
        .and_then(|state| state.query_row("SELECT count(*) FROM products", [], |row| row.get(0)));
    count.unwrap_or(0u32) as usize
}

#[test]
fn two_processes_build_at_once() {
    let shop = Shop::of(500);
    let children: Vec<Child> = ["PRB-SM-RED", "PRB-LG-RED"]
        .map(|code| {
            let mut show = shop.command(&["show", code]);
            show.stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .into();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(shop.known(), 500);
    let before = shop.seen();
    shop.ok(&["show", "PRB-SM-RED"]);
    assert_eq!(shop.since(before), ["product", "list"]);
}

#[test]
fn without_a_state_database_show_reads_the_whole_store() {
    let shop = Shop::of(20);
    let file = shop.folder.path().join("state");
    std::fs::write(&file, "in the way").unwrap();
    let output = shop.run(&["show", "PRB-SM-RED", "-o", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("the whole store is read"),
        "{}",
        stderr(&output)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("PRB-SM-RED"));
    shop.fails(1, &["adjust", "PRB-SM-RED", "+1"]);
    assert!(shop.store.movements().unwrap().is_empty());
}

#[test]
fn a_sandbox_that_was_reset_is_not_remembered() {
    let folder = TempDir::new().unwrap();
    let run = |words: &[&str]| {
        clean_command(&folder)
            .args(["-p", "sandbox"])
            .args(words)
            .output()
            .unwrap()
    };
    assert!(run(&["show", "PRB-SM-RED"]).status.success());
    let state = || Connection::open(folder.path().join("state/state.db")).unwrap();
    let count = |table: &str| -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        state().query_row(&count, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("catalogues"), count("products")), (1, 120));
    assert!(
        run(&["sandbox", "reset", "--yes", "--products", "3"])
            .status
            .success()
    );
    assert_eq!(
        (count("catalogues"), count("products"), count("variants")),
        (0, 0, 0)
    );
    assert!(run(&["show", "PRB-SM-RED"]).status.success());
    assert_eq!(count("products"), 3);
}

#[test]
fn nothing_of_a_sandbox_is_left_in_memory_when_it_was_reset() {
    let folder = TempDir::new().unwrap();
    let run = |words: &[&str]| {
        let mut command = clean_command(&folder);
        let output = command
            .args(["-p", "sandbox"])
            .args(words)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output
    };
    run(&["snapshot"]);
    run(&["adjust", "PRB-SM-RED", "+1"]);
    run(&["snapshot"]);
    let memory = || Connection::open(folder.path().join("state/memory.db")).unwrap();
    let another = "INSERT INTO stores VALUES (9, 'https://shop.example profile shop', NULL), (8, 'http://127.0.0.1:1 profile sandbox', NULL);
        INSERT INTO snapshots VALUES (NULL, 9, 0, 0, 1, 1, 1, 1);";
    memory().execute_batch(another).unwrap();
    // As `listen` keeps them.
    for (event, store) in [(1, 1), (2, 8), (3, 9)] {
        let kept = format!(
            "INSERT INTO events VALUES ({event}, {store}, 'e{event}', 'inventory.updated', 1, 1, '', 1);
             INSERT INTO movements (event, place) VALUES ({event}, 0);
             INSERT INTO handed_on VALUES ({event}, 'x');"
        );
        memory().execute_batch(&kept).unwrap();
    }
    // Not under a run.
    let ledger = Connection::open(folder.path().join("state/state.db")).unwrap();
    let (open, ended) = ("NULL", "started_at");
    let end = |at: &str| ledger.execute(&format!("UPDATE runs SET ended_at = {at}"), []);
    end(open).unwrap();
    let id: String = ledger
        .query_row("SELECT run FROM runs", [], |row| row.get(0))
        .unwrap();
    let lock = RunLock::take(&folder.path().join("state"), &id).unwrap();
    let mut command = clean_command(&folder);
    command.args(["-p", "sandbox", "sandbox", "reset", "--yes"]);
    let refused = Ran::of(command.output().unwrap()).ends(5);
    assert!(refused.stderr.contains("still under way"), "{refused:#?}");
    drop(lock);
    run(&["show", "PRB-SM-RED"]);
    end(ended).unwrap();
    run(&["sandbox", "reset", "--yes"]);
    for (table, left) in [
        ("events", 1),
        ("movements", 1),
        ("handed_on", 1),
        ("snapshots", 1),
        ("levels", 0),
        ("labels", 0),
        ("readings", 0),
    ] {
        let count = format!("SELECT count(*) FROM {table}");
        let found: i64 = memory().query_row(&count, [], |row| row.get(0)).unwrap();
        assert_eq!(found, left, "{table}");
    }
    assert_eq!(run(&["snapshot", "--list", "-o", "json"]).stdout, b"[]\n");
    run(&["snapshot"]);
    assert_eq!(run(&["diff", "-o", "json"]).stdout, b"[]\n");
    assert_eq!(
        run(&["history", "--sku", "PRB-SM-RED", "-o", "csv"])
            .stdout
            .iter()
            .filter(|b| **b == b'\n')
            .count(),
        2
    );
}
