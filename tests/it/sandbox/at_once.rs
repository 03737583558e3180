//! Many at once: threads on one variant, processes on one store, stops and starts.

use std::net::TcpListener;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use sxinv::sandbox::seed::PRODUCTS;
use sxinv::sandbox::store::Store;
use sxinv::sandbox::{self, Options};

use super::{Answer, Sandbox, plain_client, with_json};

#[test]
fn adjustments_at_once_add_up() {
    let shop = Sandbox::new();
    let start = shop.quantity(450);
    thread::scope(|scope| {
        for worker in 0..16 {
            let shop = &shop;
            scope.spawn(move || {
                for n in 0..60 {
                    // Half of them take one off, so that the order matters near zero.
                    let by = if (worker + n) % 2 == 0 { 3 } else { -1 };
                    let body = format!(r#"{{"sku_id":450,"adjustment":{by}}}"#);
                    let answer = shop.post("/150/adjust", &body);
                    assert_eq!(answer.status, 200, "{}", answer.body);
                }
            });
        }
    });
    assert_eq!(shop.quantity(450), start + 480 * 3 - 480);
    let movements = shop.store.movements().unwrap();
    assert_eq!(movements.len(), 960);
    let mut stock = start;
    for movement in &movements {
        assert_eq!(movement.previous_quantity, stock);
        stock += movement.adjustment;
        assert_eq!(movement.quantity, stock);
    }
    assert!(
        movements.is_sorted_by(|a, b| a.at < b.at),
        "updates are of different moments"
    );
    let listed = &shop.get("?search=premium+rose").json()["data"][0]["total_quantity"];
    assert_eq!(*listed, stock + 12);
}

#[test]
fn a_store_opened_by_many_is_seeded_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/sandbox.db");
    let serve = |store: &Store| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        sandbox::start(listener, store.clone(), Options::default()).unwrap()
    };
    let http = plain_client();
    let adjust = |url: &str| {
        let url = format!("{url}/api/apps/v1/inventory/150/adjust");
        Answer::to(with_json(
            http.post(url),
            r#"{"sku_id":450,"adjustment":1}"#,
        ))
        .status
    };
    // Each writes as soon as it is open, so that a shop that is opened twice loses what was written.
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let server = serve(&Store::open(&path).unwrap());
                (0..20).for_each(|_| assert_eq!(adjust(server.url()), 200));
            });
        }
    });
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
    let store = Store::open(&path).unwrap();
    assert_eq!(store.quantity(450).unwrap(), Some(25 + 8 * 20));
    let server = serve(&store);
    let list = http
        .get(format!("{}/api/apps/v1/inventory", server.url()))
        .bearer_auth(sandbox::TOKEN);
    assert_eq!(Answer::to(list).json()["pagination"]["total"], PRODUCTS);
}

#[test]
fn a_shop_of_any_size_is_made() {
    let shop = Sandbox::new();
    for products in [1, 2, 119, 120, 121, 2000] {
        shop.store.reset(Some(products)).unwrap();
        let list = shop.get("?limit=250&sort=updated_at:desc").json();
        assert_eq!(list["pagination"]["total"], products);
        assert_eq!(
            list["data"].as_array().unwrap().len() as u32,
            products.min(250)
        );
        assert_eq!(list["data"][0]["product_id"], 150);
    }
    let made_up = shop.get("/1000").json();
    assert_eq!(made_up["data"]["variants"][0]["sku_id"], 10_000);
}

#[test]
fn a_server_that_is_dropped_is_gone_at_once() {
    let shop = Sandbox::with(Options {
        latency: Duration::from_secs(20),
        ..Options::default()
    });
    let url = shop.server.url().to_owned();
    thread::scope(|scope| {
        // Waits in vain, and must not be waited for.
        let asking = scope.spawn(|| shop.bare("GET", "").send().is_err());
        thread::sleep(Duration::from_millis(50));
        let begun = Instant::now();
        shop.server.stop();
        shop.server.wait();
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(asking.join().unwrap());
    });
    assert!(plain_client().get(&url).send().unwrap_err().is_connect());
}

#[test]
fn latency_is_added_to_each_answer() {
    let shop = Sandbox::with(Options {
        latency: Duration::from_millis(80),
        ..Options::default()
    });
    let begun = Instant::now();
    shop.get("/150");
    assert!(begun.elapsed() >= Duration::from_millis(80));
}
