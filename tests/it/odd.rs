//! One product that is odd, or that can't be read, does not hide the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::scripted::store::{Store, product_of};
use crate::scripted::{self, Answer, Request, Server};
use crate::shop::{Ran, Shop, import};

/// Four products; what the server says of them is changed by `twist`, a text put in place of another.
fn twisted(
    twist: impl Fn(&Request) -> Option<(&'static str, &'static str)> + Send + Sync + 'static,
) -> Server {
    let store = Store::new(4, 5);
    Server::start(
        move |_, request| match (twist(request), store.answer(request)) {
            (Some((from, to)), Answer::Reply(status, headers, body)) => {
                let text = String::from_utf8(body).unwrap();
                assert!(text.contains(from), "{text}");
                Answer::Reply(status, headers, text.replacen(from, to, 1).into_bytes())
            }
            (_, answer) => answer,
        },
    )
}

fn message(ran: &Ran) -> String {
    ran.error()["message"].as_str().unwrap().to_owned()
}

fn ids(rows: &Value) -> Vec<i64> {
    let rows = rows.as_array().unwrap().iter();
    let mut ids: Vec<i64> = rows
        .map(|row| row["product_id"].as_i64().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn an_odd_value_in_a_list_is_named_and_everything_is_shown() {
    let server = twisted(|_| {
        Some((
            r#""name":"Product 2","product_id":2,"total_quantity":5"#,
            r#""name":"Product 2","product_id":2,"total_quantity":null"#,
        ))
    });
    let shop = Shop::at(&server.url);
    let says = "product 2: total_quantity is null, not a whole number";
    let ran = shop.run(&["list", "-o", "json"]).ends(6);
    assert_eq!(ids(&ran.json()), [1, 2, 3, 4]);
    assert_eq!(message(&ran), says);
    assert_eq!(server.requests().len(), 1, "it would come again");
    for words in [
        &["list", "--all", "-o", "json"][..],
        &["list", "--all", "--sort", "total_quantity", "-o", "json"],
    ] {
        let ran = shop.run(words).ends(6);
        assert_eq!(ids(&ran.json()), [1, 2, 3, 4], "{words:?}");
        assert_eq!(message(&ran), says);
    }
    let ran = shop.run(&["list", "--below", "6", "-o", "json"]).ends(6);
    assert_eq!(
        ids(&ran.json()),
        [1, 3, 4],
        "nobody knows whether it is below 6"
    );
    assert_eq!(message(&ran), says);
    for format in ["table", "csv", "jsonl"] {
        let ran = shop.run(&["list", "-o", format]).ends(6).says(says);
        assert!(ran.stdout.contains("Product 4"), "{ran:#?}");
    }
}

/// Four products; lists say this in place of the second one's id.
fn without_an_id(odd: &'static str) -> Server {
    let store = Store::new(4, 5);
    Server::start(move |_, request| match store.answer(request) {
        Answer::Reply(status, headers, body) if product_of(&request.target).is_none() => {
            let text = String::from_utf8(body).unwrap();
            let text = text.replace(r#""product_id":2"#, odd);
            Answer::Reply(status, headers, text.into_bytes())
        }
        answer => answer,
    })
}

#[test]
fn a_product_without_an_id_is_told_by_its_place_and_the_others_are_shown() {
    for (odd, what) in [
        (
            r#""product_id":"two""#,
            r#": product_id is "two", not a whole number"#,
        ),
        (r#""id":2"#, " has no product_id"),
    ] {
        let server = without_an_id(odd);
        let shop = Shop::at(&server.url);
        let on_a_page = format!(r#"the product on page 1, place 2 ("Product 2"){what}"#);
        let by_name = on_a_page.replace("place 2", "place 2 of `list --sort name:asc`");
        for words in [
            &["list", "-o", "json"][..],
            &["list", "--variants", "-o", "json"],
        ] {
            let ran = shop.run(words).ends(6);
            assert_eq!(ids(&ran.json()), [1, 3, 4], "{words:?}");
            assert_eq!(message(&ran), on_a_page);
        }
        for words in [
            &["list", "--all", "-o", "json"][..],
            &["list", "--below", "6", "-o", "json"],
            &["list", "--all", "--variants", "-o", "json"],
        ] {
            let ran = shop.run(words).ends(6);
            assert_eq!(ids(&ran.json()), [1, 3, 4], "{words:?}");
            assert_eq!(message(&ran), by_name);
        }
        let streamed = ["list", "--all", "--variants", "-o", "jsonl"];
        let ran = shop.run(&streamed).ends(6).says("place 2 of");
        assert_eq!(ran.stdout.lines().count(), 3);
        let ran = shop.run(&["export-csv", "-o", "json"]).ends(6);
        assert_eq!(ran.stdout.lines().count(), 4);
        assert_eq!(message(&ran), by_name);

        // Look-ups by code go on; what is not found may be on the product that can't be told.
        let ran = shop.run(&["show", "C3", "-o", "json"]).ends(0);
        assert!(ran.stderr.contains("place 2 of"), "{ran:#?}");
        shop.run(&["adjust", "C3", "1"]).ends(0);
        let ran = shop.run(&["show", "C2", "-o", "json"]).ends(6);
        let (not_found, but) = (message(&ran), format!("; but {by_name}"));
        assert!(not_found.ends_with(&but), "{not_found}");
        let rows = "sku_code,adjustment\nC1,1\nC2,1\n";
        let ran = import(&shop, "rows.csv", rows, &[]).ends(7);
        assert!(
            ran.stdout.contains(&by_name.replace('"', "\\\"")),
            "{ran:#?}"
        );
    }
}

#[test]
fn a_product_without_an_id_is_told_once_though_windows_overlap() {
    let store = Store::new(700, 5);
    let server = Server::start(move |_, request| match store.answer(request) {
        Answer::Reply(status, headers, body) => {
            let text = String::from_utf8(body).unwrap();
            let text = text.replace(r#""product_id":241,"#, r#""product_id":-241,"#);
            let text = text.replace(r#""product_id":600,"#, "");
            Answer::Reply(status, headers, text.into_bytes())
        }
        answer => answer,
    });
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["list", "--all", "-o", "json"]).ends(6);
    assert_eq!(ran.json().as_array().unwrap().len(), 698);
    let message = message(&ran);
    assert!(
        message.contains("of `list --sort name:asc` (\"Product "),
        "{message}"
    );
    assert!(message.ends_with("(and 1 more product)"), "{message}");
    let asked = server.requests().len();
    assert!(asked < 8, "one pass is enough, not {asked} requests");
}

#[test]
fn a_list_of_other_things_is_no_list_of_products() {
    let store = Store::new(30, 5);
    let server = Server::start(move |_, request| match store.answer(request) {
        Answer::Reply(status, headers, body) => {
            let text = String::from_utf8(body).unwrap();
            Answer::Reply(
                status,
                headers,
                text.replace("product_id", "id").into_bytes(),
            )
        }
        answer => answer,
    });
    let shop = Shop::at(&server.url);
    shop.run(&["list"]).ends(6).says(
        "the server's answer (200) is not what the API documents: a product has no product_id",
    );
}

#[test]
fn a_product_whose_id_was_lost_is_not_gone_from_the_snapshots() {
    let (store, lost) = (Store::new(3, 5), Arc::new(AtomicBool::new(false)));
    let is_lost = Arc::clone(&lost);
    let server = Server::start(move |_, request| match store.answer(request) {
        Answer::Reply(status, headers, body) if is_lost.load(Ordering::SeqCst) => {
            let text = String::from_utf8(body).unwrap();
            let text = text.replace(r#""product_id":2"#, r#""product_id":null"#);
            Answer::Reply(status, headers, text.into_bytes())
        }
        answer => answer,
    });
    let shop = Shop::at(&server.url);
    let taken = shop.run(&["snapshot", "-o", "json"]).ends(0).json();
    lost.store(true, Ordering::SeqCst);
    let ran = shop.run(&["diff", "-o", "json"]).ends(6);
    assert_eq!(ran.json(), json!([]), "product 2 is not gone");
    let ran = shop.run(&["snapshot", "-o", "json"]).ends(6);
    assert_eq!(ran.json()[0]["units"], taken[0]["units"]);
    lost.store(false, Ordering::SeqCst);
    assert_eq!(shop.run(&["diff", "-o", "json"]).ends(0).json(), json!([]));
}

/// Four products, of which the second has three variants, the middle one odd.
fn with_an_odd_variant(odd: &'static str) -> Server {
    twisted(move |request| {
        let second = product_of(&request.target) == Some(2);
        second.then_some((r#""variants":["#, odd))
    })
}

#[test]
fn an_odd_variant_is_named_and_everything_else_is_shown() {
    for (odd, says) in [
        (
            r#""variants":[{"sku_id":21,"sku_code":"ODD","quantity":"5","price":1.50},"#,
            r#"product 2, sku 21: quantity is "5", not a whole number"#,
        ),
        (
            r#""variants":[{"sku_id":null,"sku_code":"ODD","quantity":7,"price":1.50},"#,
            "product 2: sku_id is null, not a whole number",
        ),
        (
            r#""variants":[{"sku_id":21,"sku_code":"ODD"},"#,
            "product 2, sku 21 has no quantity",
        ),
    ] {
        let server = with_an_odd_variant(odd);
        let shop = Shop::at(&server.url);
        let ran = shop.run(&["show", "2", "-o", "json"]).ends(6);
        assert_eq!(message(&ran), says);
        let variants = &ran.json()["variants"];
        assert_eq!(variants.as_array().unwrap().len(), 2, "as it was sent");
        assert_eq!(server.requests().len(), 1, "it would come again");
        for format in ["table", "csv"] {
            let ran = shop.run(&["show", "2", "-o", format]).ends(6).says(says);
            let shown = ran.stdout.contains("C2") && ran.stdout.contains("ODD");
            assert!(shown, "{ran:#?}");
        }
        shop.run(&["show", "3"]).ends(0);
        // By its code, by its sibling's, and by an id: the catalogue knows none of them.
        for name in ["C2", "ODD", "id:20"] {
            let ran = shop.run(&["show", name, "-o", "json"]).ends(6);
            assert_eq!(ran.json()["product_id"], 2, "{name}");
            assert_eq!(message(&ran), says);
        }
        for words in [
            &["list", "--variants", "-o", "json"][..],
            &["list", "--variants", "--all", "-o", "json"],
        ] {
            let ran = shop.run(words).ends(6);
            assert_eq!(ids(&ran.json()), [1, 2, 2, 3, 4], "{words:?}");
            assert_eq!(message(&ran), says);
        }
        let ran = shop.run(&["export-csv", "all.csv", "-o", "json"]).ends(6);
        assert_eq!(message(&ran), says);
        assert_eq!(
            shop.read("all.csv").lines().count(),
            5,
            "all but the odd one"
        );
        // Nothing is written on the word of a part.
        let ran = shop.run(&["set", "2", "C2=9", "-o", "json"]).ends(6);
        assert!(message(&ran).ends_with(says), "{ran:#?}");
        shop.run(&["snapshot"]).ends(6).says(says);
    }
}

#[test]
fn nobody_knows_whether_an_odd_quantity_is_low() {
    let odd = r#""variants":[{"sku_id":21,"sku_code":"ODD","quantity":null},"#;
    let server = with_an_odd_variant(odd);
    let shop = Shop::at(&server.url);
    let low = ["list", "--variants", "--below", "6", "-o", "json"];
    let ran = shop.run(&low).ends(6);
    assert_eq!(ids(&ran.json()), [1, 2, 3, 4]);
    let ran = shop.run(&["show", "2"]).ends(6);
    assert!(ran.stdout.contains("unknown"), "{ran:#?}");
}

#[test]
fn what_is_no_variant_at_all_is_named() {
    let server = with_an_odd_variant(r#""variants":[null,7,[],"#);
    let shop = Shop::at(&server.url);
    let ran = shop.run(&["show", "2", "-o", "csv"]).ends(6);
    assert_eq!(ran.stdout.lines().count(), 2, "{ran:#?}");
    ran.says("product 2: variants is null, not an object with fields (and 2 more faults of it)");
}

#[test]
fn text_that_is_no_unicode_is_replaced() {
    let store = Store::new(3, 5);
    let server = Server::start(move |_, request| match store.answer(request) {
        Answer::Reply(status, headers, body) => {
            let text = String::from_utf8(body).unwrap();
            let text = text.replace("Product 2", "Rose \\ud83d 2");
            let at = text.find("Product 3").map(|at| at + 7);
            let mut body = [b"\xef\xbb\xbf", text.as_bytes()].concat();
            if let Some(at) = at {
                body[at + 3] = 0xff;
            }
            Answer::Reply(status, headers, body)
        }
        answer => answer,
    });
    let shop = Shop::at(&server.url);
    let listed = shop.run(&["list", "-o", "json"]).ends(0).json();
    assert_eq!(listed[1]["name"], "Rose \u{fffd} 2");
    assert_eq!(listed[2]["name"], "Product\u{fffd}3");
    let shown = shop.run(&["show", "C2", "-o", "json"]).ends(0).json();
    assert_eq!(shown["name"], "Rose \u{fffd} 2");
    shop.run(&["export-csv"]).ends(0);
    shop.run(&["adjust", "C3", "1"]).ends(0);
}

/// A store where product 2 always answers 500, as long as that is wanted.
fn broken() -> (Server, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(true));
    let (store, is_broken) = (Store::new(4, 5), Arc::clone(&broken));
    let server = Server::start(move |_, request| {
        let second = product_of(&request.target) == Some(2);
        match second && is_broken.load(Ordering::SeqCst) {
            true => scripted::json(500, r#"{"message":"Internal error.","status":500}"#),
            false => store.answer(request),
        }
    });
    (server, broken)
}

#[test]
fn one_product_that_always_answers_500_stops_no_look_up_by_code() {
    let (server, broken) = broken();
    let shop = Shop::at(&server.url);
    let says = "product 2 can't be read: Internal error.";
    let patient = |words: &[&str]| shop.run(&[words, &["--retries", "0"]].concat());
    patient(&["show", "C3", "-o", "json"]).ends(0).says(says);
    patient(&["set", "C3=7"]).ends(0);
    patient(&["adjust", "C4", "1"]).ends(0);
    let ran = patient(&["show", "C2", "-o", "json"]).ends(6);
    assert!(message(&ran).contains(says), "{ran:#?}");

    let text = "sku_code,adjustment\nC1,1\nC2,1\nC3,1\n";
    let ran = import(
        &shop,
        "rows.csv",
        text,
        &["--retries", "0", "--rejects", "rejects.csv"],
    )
    .ends(7);
    let outcomes: Vec<Value> = ran.json()["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["outcome"].clone())
        .collect();
    assert_eq!(
        outcomes,
        [json!("applied"), json!("failed"), json!("applied")]
    );
    assert!(shop.read("rejects.csv").contains(says));
    let text = "product_id,sku_id,adjustment\n1,10,2\n2,20,2\n";
    let ran = import(&shop, "ids.csv", text, &["--retries", "0"]).ends(7);
    assert_eq!(
        (&ran.json()["applied"], &ran.json()["failed"]),
        (&json!(1), &json!(1))
    );

    broken.store(false, Ordering::SeqCst);
    patient(&["show", "C2"]).ends(0);
    broken.store(true, Ordering::SeqCst);
    // Its codes are known by now: whoever asks for them is told why they can't be had.
    let ran = patient(&["show", "C2", "-o", "json"]).ends(6);
    assert_eq!(message(&ran), says);
    patient(&["show", "C1"]).ends(0).says(says);
    patient(&["list", "--variants"]).ends(6).says(says);
}

#[test]
fn a_server_that_is_not_there_is_no_odd_product() {
    let store = Store::new(40, 5);
    let server = Server::start(move |_, request| match product_of(&request.target) {
        Some(_) => scripted::json(500, r#"{"message":"Internal error.","status":500}"#),
        None => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    let ran = shop
        .run(&["show", "C3", "--retries", "0", "-o", "json"])
        .ends(6);
    assert!(message(&ran).contains("Internal error."), "{ran:#?}");
    let asked = server.requests().len();
    assert!(asked < 80, "{asked}");
    let text = "product_id,sku_id,adjustment\n1,10,2\n2,20,2\n";
    let ran = import(&shop, "rows.csv", text, &["--retries", "0"]).ends(6);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_product_that_the_api_refuses_to_show_fails_its_own_rows() {
    for status in [400, 410, 418] {
        let store = Store::new(4, 5);
        let server = Server::start(move |_, request| match product_of(&request.target) {
            Some(2) => scripted::json(
                status,
                &format!(r#"{{"message":"Weird.","status":{status}}}"#),
            ),
            _ => store.answer(request),
        });
        let shop = Shop::at(&server.url);
        let text = "product_id,sku_code,quantity\n2,C2,9\n3,C3,7\n";
        let ran = import(&shop, "f.csv", text, &[]).ends(7).json();
        assert_eq!(
            (&ran["applied"], &ran["failed"]),
            (&json!(1), &json!(1)),
            "{status}"
        );
        let failed = ran["results"].as_array().unwrap().iter();
        let failed = failed.clone().find(|row| row["line"] == 2).unwrap();
        let error = failed["error"].as_str().unwrap();
        assert!(
            error.starts_with("product 2 can't be read: Weird."),
            "{error}"
        );
        // Where no other can be read either, nothing is done.
        let text = "product_id,sku_code,quantity\n2,C2,9\n";
        import(&shop, "f.csv", text, &[])
            .ends(5)
            .says("product 2 can't be read: Weird.");
    }
}
