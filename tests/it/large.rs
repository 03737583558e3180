//! Answers that are much larger than any page: they are taken a few at a time, and never block each other.

use std::sync::{Condvar, Mutex};

use crate::scripted::store::{Store, product_of};
use crate::scripted::{Answer, Server};
use crate::shop::Shop;

/// Makes an answer this many bytes longer, in a field that we don't know.
fn padded(answer: Answer, by: usize) -> Answer {
    match answer {
        Answer::Reply(status, headers, body) => {
            let text = String::from_utf8(body).unwrap();
            let more = format!(r#""data":{{"more":"{}","#, "x".repeat(by));
            let text = text.replacen(r#""data":{"#, &more, 1);
            Answer::Reply(status, headers, text.into_bytes())
        }
        answer => answer,
    }
}

#[test]
fn large_answers_wait_for_each_other_and_the_oldest_for_none() {
    const PRODUCTS: i64 = 12;
    let store = Store::new(PRODUCTS, 5);
    let asked = Mutex::new(0);
    let more = Condvar::new();
    let server = Server::start(move |_, request| {
        let Some(product) = product_of(&request.target) else {
            return store.answer(request);
        };
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        more.notify_all();
        // The first of the list comes last: all the others are answered, and wait for it.
        while product == PRODUCTS && *asked < PRODUCTS {
            asked = more.wait(asked).unwrap();
        }
        drop(asked);
        padded(store.answer(request), 600_000)
    });
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["list", "--variants", "-o", "jsonl"]).ends(0);
    assert_eq!(ran.stdout.lines().count(), PRODUCTS as usize);
    let ran = shop.run(&["export-csv", "--concurrency", "64"]).ends(0);
    assert_eq!(ran.stdout.lines().count(), PRODUCTS as usize + 1);
}

#[test]
fn an_answer_that_is_far_too_large_is_refused_once() {
    let store = Store::new(2, 5);
    let server = Server::start(move |_, request| match product_of(&request.target) {
        Some(2) => padded(store.answer(request), 9 << 20),
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["show", "2", "-o", "json"]).ends(6);
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("is larger than 8 MB"), "{message}");
    assert_eq!(server.requests().len(), 1);
    let ran = shop.run(&["export-csv"]).ends(6).says("product 2");
    assert_eq!(ran.stdout.lines().count(), 2);
}
