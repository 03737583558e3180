//! `snapshot`, `report`, `reorder` and `diff`, killed in the middle: nothing is half done, and nothing stands in the way of
//! the next one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use serde_json::json;

use crate::scripted::{self, Answer, Server};
use crate::shop::Shop;

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn what_reads_the_store_is_killed_and_leaves_nothing_half() {
    let hangs = Arc::new(AtomicBool::new(false));
    let (tell, told) = mpsc::channel();
    let server = Server::start({
        let hangs = Arc::clone(&hangs);
        let product =
            json!({"product_id": 150, "name": "Rose", "total_quantity": 5, "variant_count": 2});
        let variant = |sku: i64, code: &str, quantity: i64| {
            json!({"sku_id": sku, "sku_code": code, "variant_name": code, "price": 5, "quantity": quantity,
                "available": 1, "is_default": 0})
        };
        let mut whole = product.clone();
        whole["variants"] = json!([variant(450, "S", 3), variant(451, "L", 2)]);
        let page = json!({"data": [product], "pagination": {"page": 1, "limit": 250, "total": 1}, "status": 200});
        let whole = json!({"data": whole, "status": 200});
        move |_, request| match request.target.contains("150") {
            true if hangs.load(Ordering::SeqCst) => {
                tell.send(()).unwrap();
                Answer::Silence
            }
            true => scripted::json(200, &whole.to_string()),
            false => scripted::json(200, &page.to_string()),
        }
    });
    let shop = Shop::at(&server.url);
    let levels = shop.file("levels.csv", "sku_code,min,target\nS,9,20\n");
    let levels = levels.to_str().unwrap();
    let page = shop.folder.path().join("stock.html");
    let report = ["report", page.to_str().unwrap()];
    shop.run(&["snapshot"]).ends(0);
    shop.run(&report).ends(0);
    let before = (files(shop.folder.path()), fs::read(&page).unwrap());
    hangs.store(true, Ordering::SeqCst);
    for words in [&["snapshot"][..], &report, &["reorder", levels], &["diff"]] {
        let mut child = shop.start(words);
        told.recv().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
    hangs.store(false, Ordering::SeqCst);
    let after = (files(shop.folder.path()), fs::read(&page).unwrap());
    assert!(before == after, "{:?} {:?}", before.0, after.0);
    let list = ["snapshot", "--list", "-o", "json"];
    let listed = shop.run(&list).ends(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    shop.run(&["diff", "--exit-code"]).ends(0);
    shop.run(&["reorder", levels])
        .ends(0)
        .says("order 17 units");
    shop.run(&["snapshot"]).ends(0);
    let listed = shop.run(&list).ends(0).json();
    assert_eq!(
        (&listed[0]["units"], listed.as_array().unwrap().len()),
        (&json!(5), 2)
    );
}
