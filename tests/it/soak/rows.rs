//! What is imported, and what others do to the same variants meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use sxinv::sandbox;

use super::{Mode, Plan};
use crate::shop::Shop;

/// Sells and restocks a unit here and there until told to stop.
pub fn others(url: &str, variants: &[(i64, i64)], plan: &Plan, over: &AtomicBool) {
    // Needed for any client, though nothing here is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::new();
    let mut rng = Rng::with_seed(plan.seed ^ 0xf00d);
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
        thread::sleep(Duration::from_millis(rng.u64(plan.rest / 6..plan.rest)));
    }
}

/// The text of a file of so many rows.
pub fn rows(
    mode: Mode,
    variants: &[(i64, i64)],
    shop: &Shop,
    count: usize,
    rng: &mut Rng,
) -> String {
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
