//! The whole list exactly once, whatever the server does with its pages.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use reqwest::header::HeaderMap;
use sxinv::api::{Client, ListQuery, Options, paging};
use sxinv::error::{Kind, Result};
use sxinv::interrupt::Interrupt;

use crate::moving::{Shop, serve};
use crate::scripted::{Answer, Server, json};

fn client(server: &Server) -> Client {
    Client::new(Options {
        base: server.url.clone(),
        proxy: None,
        headers: HeaderMap::new(),
        timeout: Duration::from_secs(10),
        retries: 0,
        read_only: None,
        interrupt: Interrupt::new(),
        watch: None,
    })
    .unwrap()
}

/// The ids in the order that they came; a product that comes twice fails the test.
fn listed(server: &Server, sort: &str, workers: usize) -> Result<Vec<i64>> {
    let query = ListQuery {
        sort: sort.parse().unwrap(),
        ..ListQuery::default()
    };
    let mut ids = Vec::new();
    let mut once = BTreeSet::new();
    paging::all_products(&client(server), &query, workers, &|_| (), |product| {
        let id = product.value.product_id.get();
        assert!(once.insert(id), "product {id} came twice");
        ids.push(id);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(ids)
}

fn assert_all_there(ids: &[i64], shop: &Shop) {
    let seen: BTreeSet<i64> = ids.iter().copied().collect();
    let missing: Vec<_> = shop.always.difference(&seen).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn every_product_comes_once_while_others_create_rename_sell_and_delete() {
    for (seed, workers) in [(0, 4), (2, 1), (4, 4)] {
        {
            let mut shop = Shop::new(120);
            shop.longest = 20;
            shop.dice = fastrand::Rng::with_seed(seed);
            let (server, shop) = serve(shop, move |_, shop| {
                for _ in 0..seed % 5 * 4 {
                    shop.anything();
                }
            });
            match listed(&server, "name", workers) {
                Ok(ids) => assert_all_there(&ids, &shop.lock().unwrap()),
                // At the most, nearly a whole page changes with every answer.
                Err(error) => {
                    assert!(seed % 5 > 2, "{seed}: {error}");
                    assert_eq!(error.kind(), Kind::Unavailable);
                }
            }
        }
    }
}

#[test]
fn a_list_of_one_page_takes_one_round() {
    for products in [0, 1, 250] {
        let (server, _) = serve(Shop::new(products), |_, _| ());
        assert_eq!(listed(&server, "name", 16).unwrap().len() as i64, products);
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_store_at_rest_is_read_in_three_rounds() {
    // A round is answered when all of it has arrived: what is sent one after the other would wait for ever.
    const ROUNDS: [usize; 3] = [2, 13, 1];
    let (arrived, all_there) = (Mutex::new(0), Condvar::new());
    let shop = Mutex::new(Shop::new(3_000));
    let server = Server::start(move |n, request| {
        let mut sizes = ROUNDS.iter().scan(0, |end, size| {
            *end += size;
            Some(*end)
        });
        let end = sizes.find(|end| *end > n).unwrap();
        let mut arrived = arrived.lock().unwrap();
        *arrived += 1;
        all_there.notify_all();
        drop(
            all_there
                .wait_while(arrived, |arrived| *arrived < end)
                .unwrap(),
        );
        shop.lock().unwrap().answer(request)
    });
    assert_eq!(listed(&server, "name", 16).unwrap().len(), 3_000);
    assert_eq!(server.requests().len(), ROUNDS.iter().sum::<usize>());
}

#[test]
fn a_store_at_rest_takes_few_requests_more_than_it_has_pages() {
    let (server, _) = serve(Shop::new(5_000), |_, _| ());
    let ids = listed(&server, "name:desc", 4).unwrap();
    assert_eq!(ids.len(), 5_000);
    let requests = server.requests().len();
    assert!(requests <= 20 + 4 + 3, "{requests}");
    let names: Vec<i64> = ids.iter().map(|id| id * 7919 % 100_003).collect();
    assert!(names.is_sorted_by(|a, b| a > b), "by name, backwards");
}

#[test]
fn stock_changes_move_nothing_in_the_order_of_names() {
    // Each sale counts as an update, and there are more of them than anybody could catch up with.
    let (server, shop) = serve(Shop::new(3_000), |_, shop| {
        for _ in 0..500 {
            let id = shop.random();
            shop.sell(id, true);
        }
    });
    let ids = listed(&server, "name", 4).unwrap();
    assert_all_there(&ids, &shop.lock().unwrap());
    assert_eq!(ids.len(), 3_000);
}

#[test]
fn pages_may_be_smaller_than_asked_for() {
    for longest in [100, 40, 20, 11] {
        let mut shop = Shop::new(300);
        shop.longest = longest;
        let (server, _) = serve(shop, |_, _| ());
        assert_eq!(listed(&server, "name", 4).unwrap().len(), 300, "{longest}");
    }
}

#[test]
fn pages_that_can_not_overlap_prove_nothing() {
    for (longest, fixed) in [(250, Some(50)), (250, Some(1)), (3, None), (1, None)] {
        let mut shop = Shop::new(100);
        (shop.longest, shop.fixed) = (longest, fixed);
        let (server, _) = serve(shop, |_, _| ());
        let error = listed(&server, "name", 4).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.message().contains("some may be missing"), "{error}");
    }
}

#[test]
fn pages_may_become_smaller_on_the_way() {
    let (server, shop) = serve(Shop::new(1_000), |n, shop| {
        if n == 4 {
            shop.longest = 60;
        }
    });
    let ids = listed(&server, "name", 1).unwrap();
    assert_all_there(&ids, &shop.lock().unwrap());
}

#[test]
fn names_that_are_all_the_same_are_read_in_another_order() {
    let mut shop = Shop::new(1_200);
    for item in &mut shop.items {
        item.name = ["Bouquet", "bouquet"][item.id as usize % 2].to_owned();
    }
    shop.shuffles = true;
    let (server, _) = serve(shop, |_, _| ());
    assert_eq!(listed(&server, "name", 4).unwrap().len(), 1_200);
}

#[test]
fn names_that_many_share_are_read_over_again_in_one_window() {
    let mut shop = Shop::new(1_000);
    for item in shop.items.iter_mut().take(600) {
        item.name = format!("Bouquet {}", item.id % 6);
    }
    shop.shuffles = true;
    let (server, _) = serve(shop, |_, _| ());
    assert_eq!(listed(&server, "name", 4).unwrap().len(), 1_000);
    let in_names =
        |line: &String| line.contains("sort=name%3Aasc") || line.contains("sort=updated_at%3Adesc");
    assert!(server.lines().iter().all(in_names), "one pass was enough");
}

#[test]
fn one_that_goes_and_one_that_comes_at_once_hide_no_third() {
    // Seen and deleted, created and seen: as many ids as there are products, and yet the page between was pushed over
    // the edge of the one that was read.
    let mut shop = Shop::new(500);
    for item in &mut shop.items {
        item.name = format!("Product {:05}", item.id);
    }
    let (server, shop) = serve(shop, |n, shop| {
        if n == 3 {
            for id in 1..=20 {
                shop.delete(id);
                shop.create("Zinnia");
            }
        }
    });
    let ids = listed(&server, "name", 1).unwrap();
    assert_all_there(&ids, &shop.lock().unwrap());
    assert!(ids.contains(&1) && ids.contains(&501));
}

#[test]
fn a_product_that_was_renamed_past_the_reader_is_caught_up_with() {
    let mut shop = Shop::new(1_000);
    for item in &mut shop.items {
        item.name = format!("Product {:05}", item.id);
    }
    let (server, shop) = serve(shop, |n, shop| {
        if n == 5 {
            // From the last page to the first one, and back again when nobody looks.
            shop.rename(1_000, "Aster");
        }
    });
    let ids = listed(&server, "name", 1).unwrap();
    assert_all_there(&ids, &shop.lock().unwrap());
    assert_eq!(ids.last(), Some(&1_000), "late");
}

/// The first page is answered; then something happens; then the newest page is answered.
fn serve_mark_last(
    shop: Shop,
    happens: impl Fn(&mut Shop) + Send + Sync + 'static,
) -> (Server, Arc<Mutex<Shop>>) {
    let shop = Arc::new(Mutex::new(shop));
    let served = Arc::clone(&shop);
    let (first_answered, told) = (Mutex::new(false), Condvar::new());
    let server = Server::start(move |n, request| {
        let mut answered = first_answered.lock().unwrap();
        if n < 2 && request.target.contains("sort=name") {
            let answer = served.lock().unwrap().answer(request);
            *answered = true;
            told.notify_all();
            return answer;
        }
        if n < 2 {
            drop(told.wait_while(answered, |answered| !*answered).unwrap());
            happens(&mut served.lock().unwrap());
        }
        served.lock().unwrap().answer(request)
    });
    (server, shop)
}

#[test]
fn what_is_renamed_between_the_first_page_and_the_mark_is_caught_up_with() {
    for others in [0, 10, 249, 250, 600] {
        for workers in [1, 8] {
            let mut shop = Shop::new(1_000);
            for item in &mut shop.items {
                item.name = format!("Product {:05}", item.id);
            }
            let (server, shop) = serve_mark_last(shop, move |shop| {
                shop.rename(1_000, "Aster");
                for id in 300..300 + others {
                    shop.sell(id, true);
                }
            });
            let ids = listed(&server, "name", workers).unwrap();
            assert_all_there(&ids, &shop.lock().unwrap());
            assert!(
                server.requests().len() <= 12,
                "one pass: {}",
                server.requests().len()
            );
        }
    }
}

#[test]
fn products_that_were_all_touched_at_once_are_no_trouble_at_rest() {
    let mut shop = Shop::new(3_000);
    for item in &mut shop.items {
        item.updated_at = 1_750_000_000_000;
    }
    let (server, _) = serve(shop, |_, _| ());
    assert_eq!(listed(&server, "name", 4).unwrap().len(), 3_000);
    assert!(server.requests().len() <= 17, "{}", server.requests().len());
}

#[test]
fn times_in_whole_seconds_are_enough() {
    for seed in 0..10 {
        let mut shop = Shop::new(400);
        shop.longest = 20;
        shop.dice = fastrand::Rng::with_seed(seed);
        let (server, shop) = serve(shop, |_, shop| {
            // More products share a second than a page shows.
            shop.clock += 20;
            shop.anything();
            for item in &mut shop.items {
                item.updated_at -= item.updated_at % 1000;
            }
        });
        let ids = listed(&server, "name", 4).unwrap();
        assert_all_there(&ids, &shop.lock().unwrap());
    }
}

#[test]
fn a_store_that_changes_faster_than_it_can_be_read_is_an_honest_error() {
    let (server, _) = serve(Shop::new(1_000), in_turmoil);
    let error = listed(&server, "name", 4).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let said = error.message();
    assert!(said.contains(" products seen after 4 passes"), "{said}");
    assert!(
        said.contains("some may be missing: the store changes faster"),
        "{said}"
    );
}

/// Between two answers everything is renamed, and some of it replaced.
fn in_turmoil(_: usize, shop: &mut Shop) {
    let ids: Vec<i64> = shop.items.iter().map(|item| item.id).collect();
    for id in &ids {
        let name = format!("Product {:05}", shop.dice.u32(..100_000));
        shop.rename(*id, &name);
    }
    shop.delete(ids[0]);
    shop.create("Rose");
    shop.create("Rose");
}

#[test]
fn nothing_more_is_asked_for_when_nobody_wants_more() {
    let (server, _) = serve(Shop::new(10_000), |_, _| ());
    let mut seen = 0;
    paging::all_products(&client(&server), &ListQuery::default(), 1, &|_| (), |_| {
        seen += 1;
        Ok(if seen == 300 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })
    .unwrap();
    assert_eq!(seen, 300);
    assert!(server.requests().len() < 12);
}

/// Answers with what `page` says of a page's number: its products' ids, and how many there are in all.
fn serve_pages(
    page: impl Fn(u64) -> (std::ops::Range<u64>, u64) + Send + Sync + 'static,
) -> Server {
    Server::start(move |_, request| {
        let target = url::Url::parse("http://shop")
            .unwrap()
            .join(&request.target)
            .unwrap();
        let asked = |name: &str| -> u64 {
            let mut pairs = target.query_pairs();
            let (_, value) = pairs.find(|(asked, _)| asked == name).unwrap();
            value.parse().unwrap()
        };
        let (ids, total) = page(asked("page"));
        let data: Vec<_> = ids
            .map(|id| {
                serde_json::json!({"product_id": id, "name": format!("Product {id:05}"), "total_quantity": 1,
                    "updated_at": "2025-06-12T14:30:00.000Z"})
            })
            .collect();
        let pagination =
            serde_json::json!({"page": asked("page"), "limit": asked("limit"), "total": total});
        let body = serde_json::json!({"data": data, "pagination": pagination, "status": 200});
        json(200, &body.to_string())
    })
}

#[test]
fn a_total_beyond_all_reason_ends_in_an_error() {
    const ABSURD: u64 = 1_000_000_000_000_000;
    type Ids = fn(u64) -> std::ops::Range<u64>;
    let cases: [(&str, Ids); 4] = [
        ("no page shows anything", |_| 1..1),
        (
            "the first one does",
            |page| if page == 1 { 1..251 } else { 1..1 },
        ),
        ("all show the same", |_| 1..251),
        ("each shows one, the same", |_| 1..2),
    ];
    for (what, ids) in cases {
        let total = if what.contains("same") {
            u64::MAX
        } else {
            ABSURD
        };
        {
            let server = serve_pages(move |page| (ids(page), total));
            let error = listed(&server, "name", 16).unwrap_err();
            assert_eq!(error.kind(), Kind::Unavailable, "{what}");
            assert!(
                error.message().contains("some may be missing"),
                "{what}: {error}"
            );
            let requests = server.requests().len();
            assert!(requests < 2_000, "{what}: {requests} requests");
        }
    }
}

#[test]
fn a_list_that_grows_with_every_answer_ends() {
    let grown = AtomicU64::new(1_000);
    let server = serve_pages(move |page| {
        let total = grown.fetch_add(100, Ordering::Relaxed);
        (page * 200 + 1..page * 200 + 251, total)
    });
    // What it makes of such answers matters less than that it comes to an end.
    let _ = listed(&server, "name", 4);
    assert!(server.requests().len() < 1_000);
}

#[test]
fn an_answer_that_makes_no_sense_ends_in_an_error() {
    // Products are promised and never shown.
    let server = Server::start(|_, _| {
        json(
            200,
            r#"{"data":[],"pagination":{"page":1,"limit":50,"total":70},"status":200}"#,
        )
    });
    let error = listed(&server, "name", 4).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let server = Server::start(|_, _| {
        json(
            200,
            r#"{"data":[],"pagination":{"page":1,"limit":0,"total":0},"status":200}"#,
        )
    });
    assert!(listed(&server, "name", 4).unwrap().is_empty());
}

/// How the answers to a list are spoilt on their way: the target, and then the document.
type Spoils = (fn(&str) -> String, fn(&mut serde_json::Value, u64));

/// Serves an honest shop behind something that spoils its answers.
fn serve_spoilt(products: i64, (asks, answers): Spoils) -> Server {
    let shop = Mutex::new(Shop::new(products));
    Server::start(move |_, request| {
        let url = url::Url::parse("http://shop")
            .unwrap()
            .join(&request.target)
            .unwrap();
        let Some((_, page)) = url.query_pairs().find(|(name, _)| name == "page") else {
            let id: u64 = url.path().rsplit('/').next().unwrap().parse().unwrap();
            let product = serde_json::json!({"product_id": id, "name": "there", "variants": []});
            return json(
                200,
                &serde_json::json!({"data": product, "status": 200}).to_string(),
            );
        };
        let page = page.parse().unwrap();
        let asked = crate::scripted::Request {
            target: asks(&request.target),
            ..request.clone()
        };
        let Answer::Reply(status, _, body) = shop.lock().unwrap().answer(&asked) else {
            unreachable!("a shop answers");
        };
        let mut document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        answers(&mut document, page);
        json(status, &document.to_string())
    })
}

fn as_asked(target: &str) -> String {
    target.to_owned()
}

fn always_page_one(target: &str) -> String {
    let url = url::Url::parse("http://shop")
        .unwrap()
        .join(target)
        .unwrap();
    let pairs = url.query_pairs().map(|(name, value)| match &*name {
        "page" => (name, "1".into()),
        _ => (name, value),
    });
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{}?{query}", url.path())
}

#[test]
fn a_list_that_contradicts_itself_is_never_short_with_success() {
    let spoilt: [(&str, i64, Spoils); 6] = [
        (
            "each page is the first",
            1_000,
            (always_page_one, |d, page| {
                d["pagination"]["page"] = page.into()
            }),
        ),
        (
            "nothing is counted",
            300,
            (as_asked, |d, _| d["pagination"]["total"] = 0.into()),
        ),
        (
            "the page is counted",
            300,
            (as_asked, |d, _| {
                d["pagination"]["total"] = d["data"].as_array().unwrap().len().into();
            }),
        ),
        (
            "too few are counted",
            300,
            (as_asked, |d, _| d["pagination"]["total"] = 250.into()),
        ),
        (
            "half are counted",
            1_000,
            (as_asked, |d, _| d["pagination"]["total"] = 500.into()),
        ),
        (
            "one is never shown",
            300,
            (as_asked, |d, _| {
                d["data"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|p| p["product_id"] != 77);
            }),
        ),
    ];
    for (what, products, spoils) in spoilt {
        let server = serve_spoilt(products, spoils);
        match listed(&server, "name", 4) {
            Ok(ids) => assert_eq!(ids.len() as i64, products, "{what}"),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Unavailable, "{what}");
                assert!(
                    error.message().contains("some may be missing"),
                    "{what}: {error}"
                );
            }
        }
        assert!(
            server.requests().len() < 200,
            "{what}: {}",
            server.requests().len()
        );
    }
}

#[test]
fn pages_at_random_are_never_short_with_success() {
    for seed in 0..5 {
        let mut shop = Shop::new(600);
        shop.dice = fastrand::Rng::with_seed(seed);
        let (server, _) = serve(shop, |_, shop| {
            let ids: Vec<i64> = shop.items.iter().map(|item| item.id).collect();
            for id in ids {
                let name = format!("Product {:05}", shop.dice.u32(..100_003));
                shop.item(id).name = name;
            }
        });
        match listed(&server, "name", 4) {
            Ok(ids) => assert_eq!(ids.len(), 600),
            Err(error) => assert_eq!(error.kind(), Kind::Unavailable),
        }
    }
}
