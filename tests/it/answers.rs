//! Whose answer it is: only the API's own words say what became of a write.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::scripted::store::{Store, product_of};
use crate::scripted::{self, Answer, Request, Server};
use crate::shop::{Shop, import};

/// The statuses that something in between may answer with, and bodies that are not the API's, the status in them.
fn foreign() -> Vec<(u16, String)> {
    let mut all = Vec::new();
    for status in [400, 401, 403, 404, 405, 409, 410, 413, 422, 499, 500] {
        for body in [
            "<html><title>Request rejected</title></html>".to_owned(),
            r#"{"message":"Internal server error"}"#.to_owned(),
            format!(r#"{{"message":"Blocked.","code":{status},"status":{status}}}"#),
        ] {
            all.push((status, body));
        }
    }
    all
}

/// A file with one row for each of so many products.
fn rows(header: &str, products: usize, value: i64) -> String {
    let mut text = format!("product_id,sku_id,{header}\n");
    for product in 1..=products {
        text += &format!("{product},{}0,{value}\n", product);
    }
    text
}

fn outcomes(document: &Value) -> Vec<&str> {
    let results = document["results"].as_array().unwrap().iter();
    results
        .map(|row| row["outcome"].as_str().unwrap())
        .collect()
}

const REJECTS: [&str; 6] = [
    "--rejects",
    "rejects.csv",
    "--concurrency",
    "1",
    "--retries",
    "0",
];

#[test]
fn a_write_that_was_done_is_not_failed_because_something_in_between_says_so() {
    for (column, value) in [("adjustment", 3), ("quantity", 23)] {
        let foreign = foreign();
        let products = foreign.len();
        let store = Store::new(products as i64, 20);
        let behind = store.clone();
        let server = Server::start(move |_, request| {
            let own = behind.answer(request);
            match (request.method.as_str(), product_of(&request.target)) {
                ("GET", _) | (_, None) => own,
                (_, Some(product)) => {
                    let (status, body) = &foreign[product as usize - 1];
                    scripted::json(*status, body)
                }
            }
        });
        let shop = Shop::at(&server.url);
        let ran = import(&shop, "rows.csv", &rows(column, products, value), &REJECTS).ends(0);
        let document = ran.json();
        assert_eq!(outcomes(&document), vec!["applied"; products], "{column}");
        for row in document["results"].as_array().unwrap() {
            assert_eq!(row["read_back"], true, "{row}");
        }
        assert!((1..=products as i64).all(|product| store.units(product) == 23));
    }
}

#[test]
fn a_write_that_something_in_between_turned_away_is_unknown_and_no_reject() {
    for (column, value) in [("adjustment", 3), ("quantity", 23)] {
        let foreign = foreign();
        // Every second write is served, or the run would end: the server would seem to be down.
        let products = 2 * foreign.len();
        let store = Store::new(products as i64, 20);
        let server = Server::start(move |_, request| {
            match (request.method.as_str(), product_of(&request.target)) {
                ("PUT" | "POST", Some(product)) if product % 2 == 1 => {
                    let (status, body) = &foreign[product as usize / 2];
                    scripted::json(*status, body)
                }
                _ => store.answer(request),
            }
        });
        let shop = Shop::at(&server.url);
        let ran = import(&shop, "rows.csv", &rows(column, products, value), &REJECTS).ends(8);
        let expected: Vec<&str> = (0..products)
            .map(|n| if n % 2 == 0 { "unknown" } else { "applied" })
            .collect();
        assert_eq!(outcomes(&ran.json()), expected, "{column}");
        let rejects = shop.read("rejects.csv");
        assert_eq!(rejects.lines().count(), 1, "only the header: {rejects}");
    }
}

#[test]
fn what_was_turned_away_with_429_is_sent_again_whoever_says_so() {
    for (column, value) in [("adjustment", 3), ("quantity", 23)] {
        let store = Store::new(1, 20);
        let behind = store.clone();
        let writes = AtomicUsize::new(0);
        let server = Server::start(move |_, request| {
            if request.method == "GET" {
                return behind.answer(request);
            }
            match writes.fetch_add(1, Ordering::SeqCst) {
                0 => scripted::json(429, "<html>Too many requests</html>"),
                1 => scripted::json(429, r#"{"message":"Slow down.","status":429}"#),
                _ => behind.answer(request),
            }
        });
        let shop = Shop::at(&server.url);
        let ran = import(&shop, "rows.csv", &rows(column, 1, value), &[]).ends(0);
        assert_eq!(ran.json()["results"][0]["read_back"], false);
        assert_eq!(store.units(1), 23);
        let bodies: Vec<String> = server
            .requests()
            .into_iter()
            .filter(|request| request.method != "GET")
            .map(|request| request.body)
            .collect();
        assert_eq!(bodies.len(), 3, "{column}");
        assert!(bodies.iter().all(|body| *body == bodies[0]));
    }
}

#[test]
fn the_apis_own_refusal_is_final() {
    let store = Store::new(3, 20);
    let server = Server::start(move |_, request| {
        match (request.method.as_str(), product_of(&request.target)) {
            ("POST", Some(1)) => scripted::json(422, r#"{"message":"No.","status":422}"#),
            ("POST", Some(2)) => scripted::json(
                404,
                r#"{"message":"Variant not found.","code":null,"status":404,"request_id":"r"}"#,
            ),
            _ => store.answer(request),
        }
    });
    let shop = Shop::at(&server.url);
    let ran = import(&shop, "rows.csv", &rows("adjustment", 3, 3), &REJECTS).ends(7);
    assert_eq!(outcomes(&ran.json()), ["failed", "failed", "applied"]);
    assert_eq!(shop.read("rejects.csv").lines().count(), 3);
    let posts = server.lines();
    let posts = posts.iter().filter(|line| line.starts_with("POST"));
    assert_eq!(posts.count(), 3);
}

#[test]
fn a_firewalls_403_is_no_missing_scope() {
    let page = "<html><title>403 Forbidden</title>Request blocked by policy 4711</html>";
    let server = Server::start(move |_, _| Answer::Reply(403, Vec::new(), page.into()));
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["list", "-o", "json"]).ends(6);
    let error = ran.error();
    assert_eq!(
        (&error["kind"], &error["status"]),
        (&json!("unavailable"), &json!(403))
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("blocked by policy 4711"), "{message}");
    let hint = error["hint"].as_str().unwrap();
    assert!(!hint.contains("scope"), "{hint}");
    assert_eq!(server.requests().len(), 1, "it would answer the same again");
}

#[test]
fn retries_are_a_requests_own_however_much_else_is_served() {
    // Read back every time, and never done: what the reading is served says nothing about the write.
    let answers: [fn() -> Answer; 3] = [
        || scripted::json(503, r#"{"message":"Try later.","status":503}"#),
        || scripted::json(503, "<html>Service Unavailable</html>"),
        || scripted::json(429, ""),
    ];
    for (n, answer) in answers.into_iter().enumerate() {
        let store = Store::new(1, 20);
        let server = Server::start(move |_, request: &Request| match request.method.as_str() {
            "GET" => store.answer(request),
            _ => answer(),
        });
        let shop = Shop::at(&server.url);
        let text = "product_id,sku_id,quantity,expected_quantity\n1,10,23,20\n";
        let ran = import(&shop, "rows.csv", text, &["--retries", "2"]);
        assert_eq!(ran.code, [7, 8, 7][n], "{ran:#?}");
        let lines = server.lines();
        let puts = lines.iter().filter(|line| line.starts_with("PUT"));
        assert_eq!(puts.count(), 3, "{lines:?}");
    }
}

#[test]
fn a_wait_that_the_server_asks_for_is_said() {
    for headers in [
        vec!["retry-after: 2".to_owned()],
        vec![
            "x-ratelimit-remaining: 0".to_owned(),
            "x-ratelimit-reset: 2".to_owned(),
        ],
    ] {
        let store = Store::new(1, 20);
        let server = Server::start(move |n, request| match n {
            0 => Answer::Reply(429, headers.clone(), Vec::new()),
            _ => store.answer(request),
        });
        let shop = Shop::at(&server.url);
        shop.run(&["list"])
            .ends(0)
            .says("the server asks to wait 2 s");
        shop.run(&["-q", "list"]).ends(0);
    }
}

#[test]
fn a_rate_limit_that_resets_in_an_hour_is_not_waited_for() {
    let in_an_hour = jiff::Timestamp::now().as_second() + 3600;
    for reset in [3600, in_an_hour, in_an_hour * 1000] {
        let headers = vec![
            "x-ratelimit-remaining: 0".to_owned(),
            format!("x-ratelimit-reset: {reset}"),
        ];
        let store = Store::new(2, 20);
        let behind = store.clone();
        let server = Server::start(move |n, request| match (n, behind.answer(request)) {
            (0..2, Answer::Reply(status, _, body)) => Answer::Reply(status, headers.clone(), body),
            _ => Answer::Reply(429, headers.clone(), Vec::new()),
        });
        let shop = Shop::at(&server.url);
        shop.run(&["show", "1"]).ends(0);
        shop.run(&["show", "2"]).ends(0);
        let ran = shop.run(&["show", "1", "-o", "json"]).ends(6);
        let message = ran.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("the server asks to wait 3"), "{message}");
        assert!(
            message.contains("longer than sxinv waits (60 s)"),
            "{message}"
        );
        assert_eq!(server.requests().len(), 3);
    }
}
