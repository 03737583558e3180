//! Many codes at once, as `import-csv` looks them up.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use sxinv::api::{self, Client};
use sxinv::catalogue::Catalogue;
use sxinv::change::draft::Draft;
use sxinv::change::outcome::Outcome;
use sxinv::change::plan::Planning;
use sxinv::change::row::RunRow;
use sxinv::interrupt::Interrupt;
use sxinv::model::{ProductId, SkuId};
use sxinv::sandbox;
use sxinv::state::State;
use sxinv::wanted::{Mode, Wanted};

use super::shop::{Pass, Shop, kind};

/// Plans a batch as `import-csv` does, through the requests that the shop sees.
fn planned(shop: &Shop, rows: &[Wanted<'_>]) -> Vec<RunRow> {
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
    let state = || State::open(&shop.folder.path().join("state"));
    let mut draft = Draft::new(state().unwrap(), Mode::Set).unwrap();
    let filled = draft.fill(|to| rows.iter().try_for_each(|row| to.take(row)));
    filled.unwrap();
    let planning = Planning {
        client: &client,
        catalogue: &|| Catalogue::open(state()?, "a store"),
        workers: 8,
        progress: &|_| (),
    };
    draft.plan(&planning).unwrap();
    let mut planned = Vec::new();
    let each = draft.each(|row| {
        planned.push(row.clone());
        Ok(())
    });
    each.unwrap();
    planned
}

fn row(line: u32, code: &str) -> Wanted<'_> {
    Wanted {
        line,
        code: Some(code),
        value: 500,
        ..Wanted::default()
    }
}

fn sends(row: &RunRow) -> bool {
    row.outcome() == Outcome::Planned
}

fn message(row: &RunRow) -> &str {
    row.error().unwrap_or_default()
}

#[test]
fn a_batch_reads_each_product_once_and_sees_every_bearer() {
    let shop = Shop::of(120);
    let by_id = Wanted {
        line: 4,
        sku: SkuId::new(452),
        value: 500,
        ..Wanted::default()
    };
    let batch = [
        row(2, "PRB-SM-RED"),
        row(3, "PRB-LG-RED"),
        by_id,
        row(5, "ROSE-BUSH"),
        row(6, "123"),
        Wanted {
            product: ProductId::new(150),
            ..row(7, "00124")
        },
    ];
    planned(&shop, &batch);
    let before = shop.seen();
    let rows = planned(&shop, &batch);
    // 150, the two that share a code, and the newest updates.
    assert_eq!(
        shop.since(before),
        ["product", "product", "product", "list"]
    );
    assert!(rows[..3].iter().all(sends));
    assert!(message(&rows[3]).contains("product 252") && message(&rows[3]).contains("product 253"));
    assert!(message(&rows[4]).contains("no variant 123"));
    assert!(message(&rows[5]).contains("no variant 00124 in product 150"));
}

#[test]
fn a_batch_follows_codes_that_move_while_it_reads() {
    let shop = Shop::of(120);
    let batch = [
        row(2, "PRB-SM-RED"),
        row(3, "PRB-LG-RED"),
        row(4, "PRB-LG-WHT"),
        row(5, "TULP-15"),
    ];
    planned(&shop, &batch);
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
    let rows = planned(&shop, &batch);
    assert_eq!(rows[0].sku.unwrap().get(), elsewhere);
    assert!(
        message(&rows[1]).contains("any of 2 variants"),
        "{}",
        message(&rows[1])
    );
    assert!(message(&rows[2]).contains("no variant PRB-LG-WHT"));
    assert!(sends(&rows[3]));
}
