//! `sxinv list` over the whole store: once each, in every format and order, and as an alert.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;
use sxinv::api::{Client, Options};
use sxinv::interrupt::Interrupt;
use sxinv::model::{ProductId, SkuId};

use crate::house::{House, errors, text};
use crate::moving::{Shop, serve};
use crate::scripted::{Answer, Server, json};

fn ids(jsonl: &str) -> Vec<i64> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["product_id"].as_i64();
    jsonl.lines().map(|line| id(line).unwrap()).collect()
}

/// Changes the shop 300 times a second until it is told to stop; how often it did, and for how long. Two of three are
/// sales through the API, which count as updates; the third is a rename in the database.
fn write_to(house: &House, stop: mpsc::Receiver<()>) -> (u32, Duration) {
    const PACE: Duration = Duration::from_nanos(1_000_000_000 / 300);
    let mut headers = HeaderMap::new();
    headers.insert(
        "authorization",
        HeaderValue::from_static("Bearer sx_at_sandbox"),
    );
    let client = Client::new(Options {
        base: house.url().to_owned(),
        proxy: None,
        headers,
        timeout: Duration::from_secs(30),
        retries: 0,
        read_only: None,
        interrupt: Interrupt::new(),
        watch: None,
    })
    .unwrap();
    let shop = house.shop();
    let variants: Vec<(i64, i64)> = shop
        .prepare("SELECT product_id, sku_id FROM variants")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut dice = fastrand::Rng::with_seed(1);
    let begun = Instant::now();
    let mut writes = 0;
    loop {
        let (product, sku) = variants[dice.usize(..variants.len())];
        if writes % 3 == 2 {
            let name = format!(
                "{} No. {}",
                ["Aster", "Lily", "Rose", "Tulip"][dice.usize(..4)],
                dice.u32(..9999)
            );
            shop.execute(
                "UPDATE products SET name = ?2, folded = ?3,
                    updated_at = 1 + (SELECT max(updated_at) FROM products) WHERE product_id = ?1",
                rusqlite::params![product, name, name.to_lowercase()],
            )
            .unwrap();
        } else {
            let (product, sku) = (ProductId::new(product).unwrap(), SkuId::new(sku).unwrap());
            let turn = client.worker().turn().ok().unwrap();
            assert!(turn.adjust(product, sku, 1, None, "w").1.is_ok());
        }
        writes += 1;
        let due = PACE * writes;
        match stop.recv_timeout(due.saturating_sub(begun.elapsed())) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return (writes, begun.elapsed()),
        }
    }
}

fn each_product_once_under_writes(runs: usize) {
    let house = House::new(Some(3_000));
    let expected: Vec<i64> = house
        .shop()
        .prepare("SELECT product_id FROM products ORDER BY product_id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let (stop, stopped) = mpsc::channel();
    thread::scope(|scope| {
        let writer = scope.spawn(|| write_to(&house, stopped));
        for run in 0..runs {
            let mut seen = ids(&house.reads(&["list", "--all", "-o", "jsonl"]));
            seen.sort_unstable();
            assert!(
                seen == expected,
                "run {run}: {} products, {} different",
                seen.len(),
                {
                    seen.dedup();
                    seen.len()
                }
            );
        }
        drop(stop);
        let (writes, took) = writer.join().unwrap();
        let a_second = f64::from(writes) / took.as_secs_f64();
        assert!(writes > 10, "{writes} writes");
        // On a machine that is busy with other things it may be fewer; then it proves less.
        eprintln!("{a_second:.0} writes a second");
    });
}

#[test]
fn each_product_comes_once_while_300_writes_a_second_go_on() {
    each_product_once_under_writes(4);
}

#[test]
#[ignore = "long; cargo test --release --test it -- --ignored fifty_lists"]
fn fifty_lists_of_3000_products_while_300_writes_a_second_go_on() {
    each_product_once_under_writes(50);
}

#[test]
fn every_format_has_the_whole_store() {
    let house = House::new(Some(700));
    let jsonl = house.reads(&["list", "--all", "-o", "jsonl"]);
    let listed: BTreeSet<i64> = ids(&jsonl).into_iter().collect();
    assert_eq!((jsonl.lines().count(), listed.len()), (700, 700));
    let json: Value = serde_json::from_str(&house.reads(&["list", "--all", "-o", "json"])).unwrap();
    let json = json.as_array().unwrap();
    assert_eq!(json.len(), 700);
    let times: Vec<&str> = json
        .iter()
        .map(|p| p["updated_at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
    let csv = house.reads(&["list", "--all", "-o", "csv", "--fields", "name,product_id"]);
    assert_eq!(csv.lines().next(), Some("name,product_id"));
    assert_eq!(
        csv::Reader::from_reader(csv.as_bytes()).records().count(),
        700
    );
    let table = house.run(&["list", "--all"]);
    assert_eq!(text(&table).lines().count(), 701);
    assert_eq!(errors(&table), "700 products\n");
}

#[test]
fn an_order_that_was_asked_for_is_kept() {
    let house = House::new(Some(700));
    let list = |sort| {
        let all = house.reads(&["list", "--all", "--sort", sort, "-o", "jsonl"]);
        all.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .collect::<Vec<_>>()
    };
    let units: Vec<i64> = list("total_quantity:desc")
        .iter()
        .map(|p| p["total_quantity"].as_i64().unwrap())
        .collect();
    assert!(units.len() == 700 && units.is_sorted_by(|a, b| a >= b));
    let names: Vec<String> = list("name:desc")
        .iter()
        .map(|p| p["name"].as_str().unwrap().to_lowercase())
        .collect();
    assert!(names.len() == 700 && names.is_sorted_by(|a, b| a >= b));
}

#[test]
fn what_runs_low_is_an_alert() {
    let house = House::new(Some(700));
    let below: i64 = house
        .shop()
        .query_row(
            "SELECT count(*) FROM products WHERE total_quantity < 5",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let low = house.run(&["list", "--below", "5", "--exit-code", "-o", "csv"]);
    assert_eq!(low.status.code(), Some(9));
    assert_eq!(
        csv::Reader::from_reader(&low.stdout[..]).records().count() as i64,
        below
    );
    let table = house.run(&["list", "--below", "5"]);
    assert_eq!(table.status.code(), Some(0));
    assert_eq!(errors(&table), format!("{below} of 700 products below 5\n"));
    let none = house.run(&["list", "--below", "0", "--exit-code", "-q"]);
    assert_eq!(
        (
            none.status.code(),
            text(&none).as_str(),
            errors(&none).as_str()
        ),
        (Some(0), "", "")
    );
    for with in [["--limit", "5"], ["--page", "2"]] {
        assert_eq!(
            house
                .run(&["list", "--below", "5", with[0], with[1]])
                .status
                .code(),
            Some(2)
        );
    }
}

#[test]
fn variants_that_run_low_are_found_in_every_product() {
    let house = House::new(Some(300));
    let count = |sql: &str| -> i64 { house.shop().query_row(sql, [], |row| row.get(0)).unwrap() };
    let low = count("SELECT count(*) FROM variants WHERE quantity < 3");
    for format in ["jsonl", "csv", "table"] {
        let listed = house.run(&[
            "list",
            "--variants",
            "--below",
            "3",
            "--exit-code",
            "-o",
            format,
        ]);
        assert_eq!(listed.status.code(), Some(9));
        let rows = match format {
            // A name with a line break in it is one cell.
            "csv" => csv::Reader::from_reader(&listed.stdout[..])
                .records()
                .count(),
            "table" => text(&listed).lines().count() - 1,
            _ => text(&listed).lines().count(),
        };
        assert_eq!(rows as i64, low, "{format}");
    }
    let all = house.reads(&[
        "list",
        "--variants",
        "--all",
        "-o",
        "jsonl",
        "--fields",
        "sku_id",
    ]);
    let different: BTreeSet<&str> = all.lines().collect();
    let there = count("SELECT count(*) FROM variants");
    assert_eq!(
        (all.lines().count() as i64, different.len() as i64),
        (there, there)
    );
    let page = house.run(&[
        "list",
        "--variants",
        "--limit",
        "1",
        "--exit-code",
        "-o",
        "jsonl",
    ]);
    assert_eq!(
        (page.status.code(), text(&page).lines().count()),
        (Some(9), 3)
    );
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let house = House::new(Some(3_000));
    for args in [
        &["list", "--all", "-o", "jsonl"][..],
        &["list", "--all", "--variants", "-o", "csv"],
        &["export-csv"],
    ] {
        let mut child = house
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), errors(&output).as_str()),
            (Some(0), ""),
            "{args:?}"
        );
    }
}

#[test]
fn an_empty_store_is_no_error() {
    let (server, _) = serve(Shop::new(0), |_, _| ());
    let house = House::at(&server.url);
    for (args, shown) in [
        (&["list", "--all", "-o", "json"][..], "[]\n"),
        (&["list", "--all", "-o", "jsonl"], ""),
        (&["list", "--all", "--variants"], ""),
        (&["list", "--below", "5", "--exit-code"], ""),
        (
            &["list", "--all", "-o", "csv", "--fields", "name"],
            "name\r\n",
        ),
        (&["export-csv", "--fields", "sku_id"], "sku_id\n"),
    ] {
        assert_eq!(house.reads(args), shown, "{args:?}");
    }
}

#[test]
fn a_store_that_changes_too_fast_is_exit_code_6() {
    let (server, _) = serve(Shop::new(600), |_, shop| {
        for id in shop.items.iter().map(|item| item.id).collect::<Vec<_>>() {
            let name = format!("Product {:05}", shop.dice.u32(..100_000));
            shop.rename(id, &name);
        }
        let gone = shop.random();
        shop.delete(gone);
        shop.create("Rose");
        shop.create("Lily");
    });
    let failed = House::at(&server.url).run(&["list", "--all", "-o", "json"]);
    assert_eq!(failed.status.code(), Some(6));
    assert_eq!(text(&failed), "", "no half document");
    let error: Value = serde_json::from_str(&errors(&failed)).unwrap();
    assert_eq!(error["error"]["kind"], "unavailable");
}

#[test]
fn a_cache_that_ignores_the_query_is_exit_code_6_and_never_a_short_list() {
    // It keeps the first answer that it sees, and gives it to everybody.
    let shop = Mutex::new(Shop::new(1_000));
    let kept = Mutex::new(None);
    let server = Server::start(move |_, request| {
        let mut kept = kept.lock().unwrap();
        let body = kept.get_or_insert_with(|| match shop.lock().unwrap().answer(request) {
            Answer::Reply(_, _, body) => String::from_utf8(body).unwrap(),
            _ => unreachable!("a shop answers"),
        });
        json(200, body)
    });
    let house = House::at(&server.url);
    for args in [
        &["list", "--all", "-o", "json"][..],
        &["list", "--below", "5", "-o", "json"],
        &["list", "--page", "2", "-o", "json"],
        &["export-csv", "-o", "json"],
    ] {
        let failed = house.run(&[args, &["--retries", "0"]].concat());
        assert_eq!(failed.status.code(), Some(6), "{args:?}");
        assert_eq!(text(&failed), "", "{args:?}");
        let error: Value = serde_json::from_str(&errors(&failed)).unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains("page 1 and not"), "{message}");
    }
}

#[test]
fn a_total_without_products_is_exit_code_6_and_never_without_end() {
    let server = Server::start(|n, request| {
        let page = request.target.split(['=', '&']).nth(1).unwrap();
        assert!(n < 1_000, "{n} requests");
        let body = format!(
            r#"{{"data":[],"pagination":{{"page":{page},"limit":250,"total":1000000000000000}},"status":200}}"#
        );
        json(200, &body)
    });
    let failed = House::at(&server.url).run(&["list", "--all", "-o", "csv"]);
    assert_eq!(failed.status.code(), Some(6));
    assert!(
        errors(&failed).contains("some may be missing"),
        "{}",
        errors(&failed)
    );
}

#[test]
fn what_is_low_comes_lowest_first_in_every_format() {
    let shop = crate::shop::Shop::new();
    for (words, field) in [
        (&["list", "--below", "20"][..], "total_quantity"),
        (&["list", "--below", "9", "--variants"], "quantity"),
    ] {
        for format in ["csv", "jsonl", "json", "table"] {
            let fields = ["-o", format, "--fields", field];
            let ran = shop.run(&[words, &fields].concat()).ends(0);
            let numbers = ran.stdout.split(|c: char| !c.is_ascii_digit() && c != '-');
            let units: Vec<i64> = numbers.filter_map(|n| n.parse().ok()).collect();
            assert!(units.len() > 9 && units.is_sorted(), "{format} {units:?}");
        }
    }
    // Another order is what somebody asked for.
    let by_name = ["list", "--below", "20", "--sort", "name", "-o", "csv"];
    let named = shop.run(&[&by_name[..], &["--fields", "total_quantity"]].concat());
    let units = named.ends(0).stdout;
    let units: Vec<i64> = units.lines().skip(1).map(|n| n.parse().unwrap()).collect();
    assert!(!units.is_sorted(), "{units:?}");
}
