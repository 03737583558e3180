//! What proves something about a write, and for how long: the 5 seconds of docs/promises.md, and what else a process does
//! about rows in doubt, its own and an earlier one's.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::scripted::store::{Store, product_of};
use crate::scripted::{self, Answer, Server};
use crate::shop::{Shop, import, run_of};

fn outcomes(document: &Value) -> Vec<&str> {
    let results = document["results"].as_array().unwrap().iter();
    results
        .map(|row| row["outcome"].as_str().unwrap())
        .collect()
}

fn in_six_seconds() -> Answer {
    Answer::Reply(429, vec!["retry-after: 6".to_owned()], Vec::new())
}

/// The methods of the requests, in their order.
fn methods(server: &Server) -> String {
    let requests = server.requests();
    let methods: Vec<&str> = requests.iter().map(|r| r.method.as_str()).collect();
    methods.join(" ")
}

#[test]
fn what_was_seen_six_seconds_before_proves_nothing_and_from_then_on_stock_is_read_first() {
    // The first one waits for six seconds, is applied, and its answer is lost. So is the second one's.
    let store = Store::new(2, 20);
    let behind = store.clone();
    let posts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| {
        if request.method == "GET" {
            return behind.answer(request);
        }
        if posts.fetch_add(1, Ordering::SeqCst) == 0 {
            return in_six_seconds();
        }
        behind.answer(request);
        Answer::Hangup
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,3\n2,20,4\n";
    let ran = import(&shop, "rows.csv", text, &["--concurrency", "1"]).ends(8);
    let document = ran.json();
    assert_eq!(outcomes(&document), ["unknown", "applied"]);
    let why = document["results"][0]["error"].as_str().unwrap();
    assert!(
        why.contains("the stock is 23, which proves nothing")
            && why.contains("5 s")
            && why.contains("last seen: 20"),
        "{why}"
    );
    assert_eq!(document["results"][1]["read_back"], true);
    // Planned, planned; turned away, sent, read back; read anew, sent, read back.
    assert_eq!(methods(&server), "GET GET POST POST GET GET POST GET");
    assert_eq!((store.units(1), store.units(2)), (23, 24));
}

#[test]
fn a_healthy_run_of_adjustments_reads_nothing_but_its_plan() {
    let store = Store::new(1, 20);
    let server = Server::start(move |n, request| match n {
        // However old the plan is by then.
        1 => in_six_seconds(),
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,3\n1,10,4\n";
    import(&shop, "rows.csv", text, &[]).ends(0);
    assert_eq!(methods(&server), "GET POST POST POST");
}

#[test]
fn a_quantity_is_set_on_a_reading_of_its_own_and_undo_goes_by_that() {
    // The plan sees 20; six seconds later a sale has been made.
    let store = Store::new(1, 20);
    let behind = store.clone();
    let puts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| {
        if request.method == "PUT" && puts.fetch_add(1, Ordering::SeqCst) == 0 {
            behind.sell(1, 3);
            return in_six_seconds();
        }
        behind.answer(request)
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,quantity\n1,10,50\n";
    let ran = import(&shop, "rows.csv", text, &[]).ends(0);
    assert_eq!(ran.json()["results"][0]["previous_quantity"], 17);
    let run = run_of(&ran);
    let history = shop.run(&["history", &run, "-o", "json"]).json();
    assert_eq!(history["results"][0]["previous_quantity"], 17);
    shop.run(&["undo", &run, "--yes"]).ends(0);
    assert_eq!(store.units(1), 17);
}

#[test]
fn a_put_that_429_keeps_from_its_reading_twice_leaves_on_the_newest_one() {
    // Every reading uses up what the server allows.
    let store = Store::new(1, 20);
    let behind = store.clone();
    let puts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| {
        if request.method == "PUT" && puts.fetch_add(1, Ordering::SeqCst) < 2 {
            return in_six_seconds();
        }
        behind.answer(request)
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,quantity\n1,10,50\n";
    import(&shop, "rows.csv", text, &[]).ends(0);
    // The plan's reading is not the request's own.
    assert_eq!(methods(&server), "GET PUT GET PUT GET PUT");
    assert_eq!(store.units(1), 50);
}

#[test]
fn a_put_that_something_in_between_turned_away_is_sent_again_while_the_stock_is_as_before() {
    let store = Store::new(1, 20);
    let behind = store.clone();
    let puts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| {
        if request.method == "PUT" && puts.fetch_add(1, Ordering::SeqCst) == 0 {
            return scripted::json(403, "<html>Blocked</html>");
        }
        behind.answer(request)
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,quantity\n1,10,50\n";
    import(&shop, "rows.csv", text, &[]).ends(0);
    assert_eq!(methods(&server), "GET PUT GET PUT");
    assert_eq!(store.units(1), 50);
}

/// A run of one adjustment each for so many products whose requests were lost.
fn in_doubt(shop: &Shop, products: usize) -> String {
    let mut text = "product_id,sku_id,adjustment\n".to_owned();
    for product in 1..=products {
        text += &format!("{product},{product}0,3\n");
    }
    let ran = import(shop, "rows.csv", &text, &[]).ends(8);
    assert_eq!(ran.json()["unknown"], products);
    run_of(&ran)
}

#[test]
fn credentials_that_are_refused_end_a_run_that_sends_rows_in_doubt_again() {
    let store = Store::new(3, 20);
    let posts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "GET" => store.answer(request),
        _ if posts.fetch_add(1, Ordering::SeqCst) < 3 => Answer::Hangup,
        _ => scripted::json(
            401,
            r#"{"message":"Expired.","code":"invalid_token","status":401}"#,
        ),
    });
    let shop = Shop::at(&server.url);
    let run = in_doubt(&shop, 3);
    let words = [
        "import-csv",
        "--resume",
        &run,
        "--resend-unknown",
        "--yes",
        "-o",
        "json",
        "--concurrency",
        "1",
    ];
    let ran = shop.run(&words).ends(8);
    assert_eq!(outcomes(&ran.json()), ["unknown"; 3]);
    let methods = methods(&server);
    assert_eq!(methods.matches("POST").count(), 4, "{methods}");
}

#[test]
fn rows_in_doubt_of_one_variant_are_sent_again_together() {
    let store = Store::new(1, 20);
    let behind = store.clone();
    let posts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "GET" => behind.answer(request),
        _ if posts.fetch_add(1, Ordering::SeqCst) < 2 => Answer::Hangup,
        _ => behind.answer(request),
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,3\n1,10,4\n";
    let run = run_of(&import(&shop, "rows.csv", text, &[]).ends(8));
    let words = ["import-csv", "--resume", &run, "--resend-unknown", "--yes"];
    shop.run(&words).ends(0);
    assert_eq!(store.units(1), 27);
}

#[test]
fn a_kill_while_the_server_makes_us_wait_leaves_nothing_in_doubt() {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let store = Store::new(1, 20);
    let behind = store.clone();
    let posts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| {
        if request.method == "POST" && posts.fetch_add(1, Ordering::SeqCst) == 0 {
            let _ = arrived.send(());
            return Answer::Reply(429, vec!["retry-after: 30".to_owned()], Vec::new());
        }
        behind.answer(request)
    });
    let shop = Shop::at(&server.url);
    let file = shop.file("rows.csv", "product_id,sku_id,adjustment\n1,10,3\n");
    let mut child = shop.start(&["import-csv", file.to_str().unwrap(), "--yes"]);
    arrival.recv().unwrap();
    // On disk soon, with a commit that nothing else announces.
    let on_disk = |_: &i32| {
        let runs = shop.run(&["history", "-o", "json"]).json();
        runs[0]["unknown"] == json!(0) && runs[0]["skipped"] == json!(1)
    };
    assert!((0..500).find(on_disk).is_some(), "it stays in flight");
    let runs = shop.run(&["history", "-o", "json"]).json();
    let run = runs[0]["run"].as_str().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    shop.run(&["import-csv", "--resume", run]).ends(0);
    assert_eq!(store.units(1), 23);
}

#[cfg(unix)]
#[test]
fn every_row_is_told_when_a_signal_comes_between_two_of_one_variant() {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let store = Store::new(2, 20);
    let server = Server::start(move |_, request| {
        if request.method == "POST" {
            let _ = arrived.send(());
            let _ = released.lock().unwrap().recv();
        }
        store.answer(request)
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,1\n1,10,2\n1,10,3\n2,20,4\n";
    let file = shop.file("rows.csv", text);
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "jsonl",
        "--concurrency",
        "1",
    ];
    let mut child = shop.start(&words);
    arrival.recv().unwrap();
    let pid = child.id().to_string();
    std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .unwrap();
    let _rest = crate::runs::wait_until_seen(&mut child);
    drop(release);
    let ran = crate::shop::Ran::of(child.wait_with_output().unwrap()).ends(143);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<&str> = lines.iter().filter_map(|l| l["outcome"].as_str()).collect();
    assert_eq!(told, ["applied", "skipped", "skipped", "skipped"]);
}

#[test]
fn what_was_in_flight_and_can_not_be_looked_at_is_left_for_the_next_time_and_nothing_overtakes_it()
{
    let (arrived, arrival) = std::sync::mpsc::channel();
    let store = Store::new(1, 20);
    let behind = store.clone();
    let posts = AtomicUsize::new(0);
    let resumed = std::sync::Arc::new(AtomicUsize::new(usize::MAX));
    let reads = std::sync::Arc::clone(&resumed);
    let server = Server::start(move |_, request| {
        if request.method == "POST" {
            let answer = behind.answer(request);
            if posts.fetch_add(1, Ordering::SeqCst) == 0 {
                let _ = arrived.send(());
                return Answer::Silence;
            }
            return answer;
        }
        // The store is known again and the rest is planned; then the server is away.
        let left = |n: usize| (n != usize::MAX).then(|| n.saturating_sub(1));
        match reads.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left) {
            Ok(0) => scripted::json(502, ""),
            _ => behind.answer(request),
        }
    });
    let shop = Shop::at(&server.url);
    // As much twice: were the second one sent before, it would look like the first.
    let text = "product_id,sku_id,adjustment\n1,10,3\n1,10,3\n";
    let file = shop.file("rows.csv", text);
    let mut child = shop.start(&["import-csv", file.to_str().unwrap(), "--yes"]);
    arrival.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let runs = shop.run(&["history", "-o", "json"]).json();
    let run = runs[0]["run"].as_str().unwrap();
    let words = [
        "import-csv",
        "--resume",
        run,
        "-o",
        "json",
        "--retries",
        "0",
    ];
    resumed.store(2, Ordering::SeqCst);
    let ran = shop.run(&words).ends(8);
    assert_eq!(outcomes(&ran.json()), ["unknown", "skipped"], "{ran:#?}");
    assert_eq!(store.units(1), 23);
    resumed.store(usize::MAX, Ordering::SeqCst);
    let ran = shop.run(&words).ends(0);
    let document = ran.json();
    assert_eq!(outcomes(&document), ["applied", "applied"]);
    assert_eq!(document["results"][0]["read_back"], true);
    assert_eq!(store.units(1), 26);
}

/// A shop whose quantities a list page tells, so that each product is read before it is written: each of twelve is to have
/// 25 units. The first reading of product 6 behind the first write meets `met`.
fn read_before_it_is_set(
    met: impl Fn(&Store, &scripted::Request) -> Answer + Send + Sync + 'static,
) -> (Shop, Server, std::sync::Arc<Store>) {
    let store = Store::new(12, 20);
    let behind = store.clone();
    let (puts, reads) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let server = Server::start(move |_, request| {
        let of = (request.method.as_str(), product_of(&request.target));
        puts.fetch_add(usize::from(of.0 == "PUT"), Ordering::SeqCst);
        let is_met = of == ("GET", Some(6)) && puts.load(Ordering::SeqCst) > 0;
        match is_met && reads.fetch_add(1, Ordering::SeqCst) == 0 {
            true => met(&behind, request),
            false => behind.answer(request),
        }
    });
    let shop = Shop::at(&server.url);
    shop.run(&["show", "C1"]).ends(0);
    let mut text = "product_id,sku_id,quantity\n".to_owned();
    for product in 1..=12 {
        text += &format!("{product},{product}0,25\n");
    }
    shop.file("rows.csv", text);
    (shop, server, store)
}

const IN_TURN: [&str; 9] = [
    "import-csv",
    "rows.csv",
    "--yes",
    "-o",
    "json",
    "--concurrency",
    "1",
    "--retries",
    "0",
];

#[test]
fn a_row_whose_stock_can_not_be_read_before_it_leaves_fails_and_is_not_sent() {
    // Away; not there any more; or its code is another variant's by now.
    for (status, body, why) in [
        (502, "<html>Away</html>", "502"),
        (
            404,
            r#"{"message":"Product not found.","status":404}"#,
            "no product 6",
        ),
        (
            200,
            r#"{"data":{"product_id":6,"name":"P","variants":[{"sku_id":60,"sku_code":"X","quantity":20}]},"status":200}"#,
            "",
        ),
    ] {
        let (shop, server, store) = read_before_it_is_set(move |_, _| scripted::json(status, body));
        let ran = shop.run(&IN_TURN).ends(7);
        let document = ran.json();
        assert_eq!(
            (&document["applied"], &document["failed"]),
            (&json!(11), &json!(1))
        );
        let row = &document["results"][5];
        assert_eq!(row["outcome"], "failed");
        let error = row["error"].as_str().unwrap().to_lowercase();
        assert!(error.contains(why), "{error}");
        assert_eq!(methods(&server).matches("PUT").count(), 11);
        assert_eq!((store.units(1), store.units(6)), (25, 20));
    }
}

#[test]
fn what_is_sold_between_the_plan_and_the_write_is_a_conflict_unless_it_is_overwritten() {
    for (on_conflict, code, units) in [("report", 7, 17), ("overwrite", 0, 25)] {
        let (shop, _server, store) = read_before_it_is_set(|store, request| {
            store.sell(6, 3);
            store.answer(request)
        });
        let text = shop
            .read("rows.csv")
            .replace("quantity", "quantity,expected_quantity");
        shop.file("rows.csv", text.replace(",25", ",25,20"));
        let words = [&IN_TURN[..], &["--on-conflict", on_conflict]].concat();
        let document = shop.run(&words).ends(code).json();
        assert_eq!(document["conflict"], i64::from(code == 7));
        assert_eq!(store.units(6), units);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_while_the_stock_is_read_before_a_write_leaves_its_row_to_be_gone_on_with() {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let (shop, _server, store) = read_before_it_is_set(move |_, _| {
        let _ = arrived.send(());
        Answer::Reply(429, vec!["retry-after: 30".to_owned()], Vec::new())
    });
    let child = shop.start(&IN_TURN[..7]);
    arrival.recv().unwrap();
    let kill = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    kill.unwrap();
    let ran = crate::shop::Ran::of(child.wait_with_output().unwrap()).ends(143);
    let document = ran.json();
    assert_eq!(outcomes(&document)[4..7], ["applied", "skipped", "skipped"]);
    let words = ["import-csv", "--resume", &run_of(&ran), "-o", "json"];
    assert_eq!(shop.run(&words).ends(0).json()["applied"], 12);
    assert_eq!(store.units(6), 25);
}

#[test]
fn beside_an_adjustment_that_an_earlier_process_left_in_doubt_the_stock_proves_no_other() {
    // The first gets lost, the credentials end the run, and the second is applied when it goes on.
    let store = Store::new(1, 20);
    let behind = store.clone();
    let posts = AtomicUsize::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "GET" => behind.answer(request),
        _ => match posts.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::Hangup,
            1 => scripted::json(
                401,
                r#"{"message":"Expired.","code":"invalid_token","status":401}"#,
            ),
            _ => {
                behind.answer(request);
                Answer::Hangup
            }
        },
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,3\n1,10,4\n";
    let ran = import(&shop, "rows.csv", text, &[]).ends(8);
    assert_eq!(outcomes(&ran.json()), ["unknown", "failed"]);
    let words = ["import-csv", "--resume", &run_of(&ran), "-o", "json"];
    let document = shop.run(&words).ends(8).json();
    assert_eq!(outcomes(&document), ["unknown", "unknown"]);
    assert_eq!(store.units(1), 24);
}
