//! A year of nightly snapshots of a large store: how much room it takes, and how long what reads it takes. The figures stand
//! in benches/README.md.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sxinv::memory::Memory;
use sxinv::memory::packed::{pack, unpack};
use sxinv::memory::side::Side;
use sxinv::memory::snapshot::Reading;
use sxinv::model::Product;

use crate::shop::Shop;

const DAY: i64 = 24 * 60 * 60 * 1000;
const NIGHTS: i64 = 365;

/// Of so many variants, one moves a night: 2 %.
const ONE_IN: u32 = 50;

fn sxinv(shop: &Shop, words: &[&str]) -> Command {
    shop.bare(&[&["-q", "-p", "sandbox"], words].concat())
}

fn timed(shop: &Shop, words: &[&str]) -> (Duration, usize) {
    let begun = Instant::now();
    let output = sxinv(shop, words).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    (
        begun.elapsed(),
        output.stdout.iter().filter(|b| **b == b'\n').count(),
    )
}

fn size(state: &Path) -> u64 {
    let of = |name: &str| fs::metadata(state.join(name)).map_or(0, |there| there.len());
    of("memory.db") + of("memory.db-wal")
}

/// The nights after the first, all but the last, as `keep_snapshot` would have kept them.
fn nights(memory: &Connection, random: &mut fastrand::Rng) -> Vec<(i64, i64)> {
    let back = NIGHTS * DAY;
    memory
        .execute_batch(&format!(
            "UPDATE snapshots SET started_at = started_at - {back}, ended_at = ended_at - {back}"
        ))
        .unwrap();
    let first: Vec<u8> = memory
        .query_row("SELECT packed FROM levels", [], |found| found.get(0))
        .unwrap();
    let mut stock: Vec<(i64, i64)> = unpack(&first)
        .map(|(sku, units)| (sku, units.unwrap()))
        .collect();
    for number in 2..NIGHTS {
        let mut changed = Vec::new();
        for (sku, units) in &mut stock {
            if random.u32(0..ONE_IN) == 0 {
                *units = random.i64(0..200);
                changed.push((*sku, Some(*units)));
            }
        }
        let units: i64 = stock.iter().map(|(_, units)| units).sum();
        memory
            .execute(
                "INSERT INTO snapshots SELECT ?1, store, started_at + ?2, ended_at + ?2, products, variants, ?3, ?4
                 FROM snapshots WHERE number = 1",
                (number, (number - 1) * DAY, units, changed.len() as i64),
            )
            .unwrap();
        memory
            .execute(
                "INSERT INTO levels VALUES (?1, 1, ?2)",
                (number, pack(changed)),
            )
            .unwrap();
    }
    stock
}

/// The products of the sandbox, as they are read.
fn products(sandbox: &Connection) -> Vec<Product> {
    let mut ask = sandbox
        .prepare("SELECT product_id, name, sku_id, sku_code, variant_name, price, quantity FROM products JOIN variants USING (product_id) ORDER BY product_id")
        .unwrap();
    let mut rows = ask.query([]).unwrap();
    let mut products: Vec<(i64, String, Vec<serde_json::Value>)> = Vec::new();
    while let Some(found) = rows.next().unwrap() {
        let product: i64 = found.get(0).unwrap();
        if products.last().is_none_or(|(last, ..)| *last != product) {
            products.push((product, found.get(1).unwrap(), Vec::new()));
        }
        let text = |at: usize| found.get::<_, String>(at).unwrap();
        let price: Box<serde_json::value::RawValue> = serde_json::from_str(&text(5)).unwrap();
        products.last_mut().unwrap().2.push(serde_json::json!({
            "sku_id": found.get::<_, i64>(2).unwrap(), "sku_code": text(3), "variant_name": text(4),
            "price": price, "quantity": found.get::<_, i64>(6).unwrap(),
        }));
    }
    let product = |(id, name, variants): (i64, String, Vec<_>)| {
        let product = serde_json::json!({"product_id": id, "name": name, "variants": variants});
        serde_json::from_str(&product.to_string()).unwrap()
    };
    products.into_iter().map(product).collect()
}

#[test]
#[ignore = "takes minutes: YEAR_PRODUCTS=100000 cargo test --release --test it year -- --ignored --nocapture"]
fn a_year_of_nights() {
    let count = std::env::var("YEAR_PRODUCTS").unwrap_or("100000".to_owned());
    let shop = Shop::new();
    sxinv(&shop, &["sandbox", "reset", "--products", &count, "--yes"])
        .output()
        .unwrap();
    let (took, _) = timed(&shop, &["snapshot", "--concurrency", "8"]);
    println!(
        "first snapshot, with the reading of {count} products: {took:.1?}; {} bytes",
        size(&shop.state())
    );
    let file = shop.state().join("memory.db");
    let random = &mut fastrand::Rng::with_seed(1);
    let stock = nights(&Connection::open(&file).unwrap(), random);
    // The last night as it is: 2 % moved in the store, too.
    let mut sandbox = Connection::open(shop.state().join("sandbox.db")).unwrap();
    let change = sandbox.transaction().unwrap();
    for (sku, units) in &stock {
        let units = if random.u32(0..ONE_IN) == 0 {
            units + 1
        } else {
            *units
        };
        change
            .execute(
                "UPDATE variants SET quantity = ?2 WHERE sku_id = ?1",
                (sku, units),
            )
            .unwrap();
    }
    change.commit().unwrap();
    let products = products(&sandbox);
    let mut memory = Memory::open(&shop.state()).unwrap();
    let now = sxinv::time::UtcTime::now().as_micros() / 1000;
    memory.sides().unwrap();
    let begun = Instant::now();
    for product in &products {
        memory.add_product(Side::After, product, now).unwrap();
    }
    let noted = begun.elapsed();
    let store: String = Connection::open(&file)
        .unwrap()
        .query_row("SELECT store FROM stores", [], |found| found.get(0))
        .unwrap();
    let reading = Reading {
        store: &store,
        began: now,
        ended: now,
        unread: &[],
        written: &Default::default(),
    };
    let begun = Instant::now();
    let last = memory.keep_snapshot(&reading).unwrap();
    println!("{last:?}");
    println!(
        "bookkeeping of the last night: {noted:.2?} beside the reading, {:.2?} after it",
        begun.elapsed()
    );
    drop(memory);
    Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    println!(
        "{} variants, {NIGHTS} nights: {:.1} MB",
        stock.len(),
        size(&shop.state()) as f64 / 1e6
    );
    for (from, to) in [("3d", "1d"), ("9d", "1d"), ("32d", "1d"), ("364d", "1d")] {
        let (took, rows) = timed(&shop, &["diff", from, to, "-o", "csv"]);
        println!("diff {from} {to}: {took:.2?}, {rows} rows");
    }
    let memory = Memory::open(&shop.state()).unwrap();
    let begun = Instant::now();
    let levels = memory
        .levels_of(&store, [stock[stock.len() / 2].0])
        .unwrap();
    println!(
        "the levels of one variant: {:.1?}, {}",
        begun.elapsed(),
        levels.into_values().flatten().count()
    );
    drop(memory);
    let sku = stock[stock.len() / 2].0.to_string();
    let (took, rows) = timed(&shop, &["history", "--sku", &sku, "-o", "csv"]);
    println!("history --sku {sku}: {took:.2?}, {rows} rows");
    let (took, _) = timed(&shop, &["report", "stock.html"]);
    println!("report, with the reading of the store: {took:.1?}");
    let (took, _) = timed(&shop, &["snapshot", "--list"]);
    println!("snapshot --list: {took:.2?}");
    let mut memory = Memory::open(&shop.state()).unwrap();
    let begun = Instant::now();
    let half = sxinv::time::UtcTime::from_millis(now - NIGHTS / 2 * DAY);
    let forgotten = memory.forget_snapshots(&store, half).unwrap();
    println!("forgetting {forgotten} snapshots: {:.2?}", begun.elapsed());
}
