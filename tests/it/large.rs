//! Answers that are much larger than any page: they are taken a few at a time, and never block each other.

use std::sync::{Arc, Condvar, Mutex};

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

/// How many heaps a program's threads have beside the first: GNU's allocator begins each at a multiple of 64 MiB.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn further_heaps(pid: u32) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let begins = |map: &str| u64::from_str_radix(map.split('-').next().unwrap(), 16).unwrap();
    let is_heap = |map: &&str| map.contains(" rw-p ") && begins(map) % (64 << 20) == 0;
    maps.lines().filter(is_heap).count()
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn forty_workers_share_two_heaps() {
    const WORKERS: usize = 40;
    let store = Store::new(WORKERS as i64, 5);
    // How many products were asked for, and whether they are answered.
    let asked = Arc::new((Mutex::new((0, false)), Condvar::new()));
    let theirs = Arc::clone(&asked);
    let server = Server::start(move |_, request| {
        if product_of(&request.target).is_some() {
            let (asked, changed) = &*theirs;
            let mut asked = asked.lock().unwrap();
            asked.0 += 1;
            changed.notify_all();
            drop(
                changed
                    .wait_while(asked, |(_, answered)| !*answered)
                    .unwrap(),
            );
        }
        store.answer(request)
    });
    let shop = Shop::at(&server.url);
    let child = shop.start(&["export-csv", "--concurrency", &WORKERS.to_string()]);
    let (asked, changed) = &*asked;
    let all_ask = changed.wait_while(asked.lock().unwrap(), |(asked, _)| *asked < WORKERS);
    let heaps = further_heaps(child.id());
    all_ask.unwrap().1 = true;
    changed.notify_all();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8(ended.stdout).unwrap().lines().count(),
        WORKERS + 1
    );
    assert_eq!(heaps, 1);
}
