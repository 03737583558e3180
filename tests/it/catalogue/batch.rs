//! Many codes at once, as `import-csv` looks them up.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use sxinv::api::{self, Client};
use sxinv::catalogue::Catalogue;
use sxinv::change::plan::{OnConflict, Plan, Row, Step};
use sxinv::change::read;
use sxinv::interrupt::Interrupt;
use sxinv::model::{ProductId, SkuId};
use sxinv::sandbox;
use sxinv::state::State;
use sxinv::wanted::{Batch, Mode, Quantity, SkuRef, Wanted};

use super::shop::{Pass, Shop, kind};

/// Plans a batch as `import-csv` does, through the requests that the shop sees.
fn planned(shop: &Shop, rows: Vec<Wanted<'_>>) -> Plan {
    let rows: Batch = rows.into_iter().collect();
    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {}", sandbox::TOKEN);
    headers.insert("authorization", HeaderValue::from_str(&bearer).unwrap());
    let client = Client::new(api::Options {
        proxy: None,
        base: shop.between.url.clone(),
        headers,
        timeout: Duration::from_secs(20),
        retries: 0,
        read_only: None,
        interrupt: Interrupt::new(),
        watch: None,
    })
    .unwrap();
    let catalogue = || Catalogue::open(State::open(&shop.folder.path().join("state"))?, "a store");
    let mut reading = read::read(&client, catalogue, &rows, 8, &|_| ()).unwrap();
    let shelf = std::mem::take(&mut reading.shelf);
    let near = |code: &str| reading.near(code);
    Plan::new(Mode::Set, rows, None, OnConflict::Report, shelf, &near).unwrap()
}

fn row(line: u32, sku: SkuRef<'_>) -> Wanted<'_> {
    Wanted::set(line, sku, Quantity::new(500).unwrap())
}

fn message(row: &Row<'_>) -> String {
    match row.step {
        Step::Done(settled) => settled.trouble.as_ref().unwrap().message.clone(),
        _ => String::new(),
    }
}

#[test]
fn a_batch_reads_each_product_once_and_sees_every_bearer() {
    let shop = Shop::of(120);
    let batch = || {
        let sku = |id| SkuRef::Id(SkuId::new(id).unwrap());
        vec![
            row(2, SkuRef::Code("PRB-SM-RED")),
            row(3, SkuRef::Code("PRB-LG-RED")),
            row(4, sku(452)),
            row(5, SkuRef::Code("ROSE-BUSH")),
            row(6, SkuRef::Code("123")),
            row(7, SkuRef::Code("00124")).of_product(ProductId::new(150)),
        ]
    };
    planned(&shop, batch());
    let before = shop.seen();
    let plan = planned(&shop, batch());
    // 150, the two that share a code, and the newest updates.
    assert_eq!(
        shop.since(before),
        ["product", "product", "product", "list"]
    );
    let rows: Vec<_> = plan.rows().collect();
    assert!(rows[..3].iter().all(|row| row.step.sends()));
    assert!(message(&rows[3]).contains("product 252") && message(&rows[3]).contains("product 253"));
    assert!(message(&rows[4]).contains("no variant 123"));
    assert!(message(&rows[5]).contains("no variant 00124 in product 150"));
}

#[test]
fn a_batch_follows_codes_that_move_while_it_reads() {
    let shop = Shop::of(120);
    let batch = || {
        vec![
            row(2, SkuRef::Code("PRB-SM-RED")),
            row(3, SkuRef::Code("PRB-LG-RED")),
            row(4, SkuRef::Code("PRB-LG-WHT")),
            row(5, SkuRef::Code("TULP-15")),
        ]
    };
    planned(&shop, batch());
    let edits = shop.edits();
    let elsewhere = edits.variants().iter().find(|v| v.1 == 152).unwrap().0;
    let mut moved = false;
    shop.hook(move |request| {
        if kind(request) == "list" && !moved {
            moved = true;
            // One away, one doubled, one gone.
            edits.rename(450, "OLD");
            edits.rename(elsewhere, "PRB-SM-RED");
            edits.add_variant(153, "PRB-LG-RED");
            edits.delete_variant(452);
        }
        Pass::On
    });
    let plan = planned(&shop, batch());
    let rows: Vec<_> = plan.rows().collect();
    assert_eq!(rows[0].variant.unwrap().sku_id.get(), elsewhere);
    assert!(
        message(&rows[1]).contains("any of 2 variants"),
        "{}",
        message(&rows[1])
    );
    assert!(message(&rows[2]).contains("no variant PRB-LG-WHT"));
    assert!(rows[3].step.sends());
}
