//! The whole list exactly once, whatever the server does with its pages.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use reqwest::header::HeaderMap;
use sxinv::api::{Client, ListQuery, Options, paging};
use sxinv::error::{Kind, Result};
use sxinv::interrupt::Interrupt;

use crate::moving::{Shop, serve};
use crate::scripted::{Server, json};

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
    paging::all_products(&client(server), &query, workers, &|_, _| (), |product| {
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
    for seed in 0..15 {
        for workers in [1, 4] {
            let mut shop = Shop::new(200);
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
fn a_list_of_one_page_takes_one_request() {
    for products in [0, 1, 250] {
        let (server, _) = serve(Shop::new(products), |_, _| ());
        assert_eq!(listed(&server, "name", 16).unwrap().len() as i64, products);
        assert_eq!(server.requests().len(), 1);
    }
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
    for (longest, fixed) in [
        (100, None),
        (7, None),
        (3, None),
        (250, Some(50)),
        (250, Some(1)),
    ] {
        let mut shop = Shop::new(300);
        (shop.longest, shop.fixed) = (longest, fixed);
        let (server, _) = serve(shop, |_, _| ());
        assert_eq!(
            listed(&server, "name", 4).unwrap().len(),
            300,
            "{longest} {fixed:?}"
        );
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
    assert!(
        said.contains("changes faster than it can be listed"),
        "{said}"
    );
    assert!(said.contains("some may be missing"), "{said}");
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
    paging::all_products(
        &client(&server),
        &ListQuery::default(),
        1,
        &|_, _| (),
        |_| {
            seen += 1;
            Ok(if seen == 300 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        },
    )
    .unwrap();
    assert_eq!(seen, 300);
    assert!(server.requests().len() < 12);
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
