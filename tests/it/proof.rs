//! Proof: an event that a listener kept says that an adjustment was applied whose answer was lost, and is believed only
//! where it surely is about that adjustment (docs/memory.md: Proof).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::listener::{Listener, SECRET, deliver};
use crate::scripted::store::{Store, product_of};
use crate::scripted::{Answer, Request, Server};
use crate::shop::{Ran, Shop};

/// What becomes of an adjustment.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Post {
    /// It is answered.
    Answered,
    /// It is applied, and nobody hears of it.
    AnswerLost,
    /// It never arrives.
    RequestLost,
    /// It is applied, and its event is delivered to the listener before anybody looks at the stock.
    Told,
    /// It is applied, and its event is delivered while the stock is read back.
    ToldLater,
}

/// A store with products 1, 2, 3… of 20 units, a profile that tags reasons, and the events of what was applied.
struct Scene {
    shop: Shop,
    store: Arc<Store>,
    server: Server,
    events: Arc<Mutex<Vec<Value>>>,
    listener_url: Arc<Mutex<String>>,
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

/// The event of an adjustment, as what was answered and asked for tells it.
fn event(id: usize, request: &Request, answer: &Answer) -> Value {
    let Answer::Reply(200, _, body) = answer else {
        panic!("it was not applied")
    };
    let answer: Value = serde_json::from_slice(body).unwrap();
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    let mut data = answer["data"].clone();
    data["reason"] = asked["reason"].clone();
    json!({"event_id": format!("event-{id}"), "event_topic": "inventory.updated", "store_id": 22,
        "timestamp": Timestamp::now().to_string(), "data": data})
}

impl Scene {
    /// The `n`th adjustment, from 0, meets the `n`th of these, and those after the last are answered. After each one
    /// somebody buys a unit, so that reading back tells nothing.
    fn of(posts: &[Post]) -> Scene {
        let store = Store::new(4, 20);
        let events: Arc<Mutex<Vec<Value>>> = Arc::default();
        let listener_url: Arc<Mutex<String>> = Arc::default();
        let server = Server::start({
            let (store, events, to) = (store.clone(), events.clone(), listener_url.clone());
            let posts = posts.to_vec();
            let count = Mutex::new(0);
            let later = Mutex::new(None::<Value>);
            let tell = move |event: Value| {
                let url = to.lock().unwrap().clone();
                assert_eq!(
                    deliver(&url, SECRET, now(), event.to_string().into()).unwrap(),
                    200
                );
            };
            move |_, request| {
                if request.method != "POST" {
                    let answer = store.answer(request);
                    if let Some(event) = later.lock().unwrap().take() {
                        let tell = tell.clone();
                        std::thread::spawn(move || tell(event));
                    }
                    return answer;
                }
                let mut count = count.lock().unwrap();
                let post = posts.get(*count).copied().unwrap_or(Post::Answered);
                *count += 1;
                if post == Post::RequestLost {
                    return Answer::Hangup;
                }
                let answer = store.answer(request);
                let event = event(*count, request, &answer);
                events.lock().unwrap().push(event.clone());
                if post == Post::Answered {
                    return answer;
                }
                store.sell(product_of(&request.target).unwrap(), 1);
                match post {
                    Post::Told => tell(event),
                    Post::ToldLater => *later.lock().unwrap() = Some(event),
                    _ => {}
                }
                Answer::Hangup
            }
        });
        let shop = Shop::at(&server.url);
        let config = shop.file(
            "config.toml",
            format!(
                "[profiles.t]\ntoken = \"sx_at_sandbox\"\napi_url = \"{}\"\nwebhook_secret = \"{SECRET}\"\n\
                 tag_reasons = true\n",
                server.url
            ),
        );
        fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
        Scene {
            shop,
            store,
            server,
            events,
            listener_url,
        }
    }

    fn command(&self, words: &[&str]) -> std::process::Command {
        let common = ["--config", "config.toml", "-p", "t", "--retries", "0"];
        self.shop.bare(&[&common[..], words].concat())
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().unwrap())
    }

    fn listens(&self) -> Listener {
        let listener = Listener::start(self.command(&["listen", "--port", "0", "-o", "jsonl"]));
        *self.listener_url.lock().unwrap() = listener.url.clone();
        listener
    }

    /// Imports rows, one at a time.
    fn imports(&self, text: &str) -> Ran {
        self.shop.file("rows.csv", text);
        self.run(&[
            "import-csv",
            "rows.csv",
            "--yes",
            "-o",
            "json",
            "--concurrency",
            "1",
        ])
    }

    fn history(&self, run: &str, code: i32) -> Value {
        self.run(&["history", run, "-o", "json"]).ends(code).json()
    }

    fn resume(&self, run: &str, more: &[&str]) -> Ran {
        let words = ["import-csv", "--resume", run, "--yes", "-o", "json"];
        self.run(&[&words[..], more].concat())
    }

    fn event(&self, n: usize) -> Value {
        self.events.lock().unwrap()[n].clone()
    }

    /// The reasons that adjustments were sent with.
    fn reasons(&self) -> Vec<String> {
        let posts = self
            .server
            .requests()
            .into_iter()
            .filter(|r| r.method == "POST");
        posts
            .map(|post| {
                let body: Value = serde_json::from_str(&post.body).unwrap();
                body["reason"].as_str().unwrap_or_default().to_owned()
            })
            .collect()
    }
}

fn run_of(document: &Value) -> String {
    document["run"].as_str().unwrap().to_owned()
}

#[test]
fn an_event_proves_what_reading_back_can_not() {
    let scene = Scene::of(&[Post::Told, Post::ToldLater, Post::AnswerLost]);
    let listener = scene.listens();
    let text = "product_id,sku_id,adjustment,reason\n1,10,3,Damaged\n2,20,4,\n";
    let document = scene.imports(text).ends(0).json();
    let run = run_of(&document);
    for (n, previous) in [(0, 20), (1, 20)] {
        let row = &document["results"][n];
        assert_eq!(row["outcome"], "applied");
        assert_eq!(row["event_id"], format!("event-{}", n + 1));
        assert_eq!(
            (&row["read_back"], &row["error"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(row["previous_quantity"], previous);
        assert_eq!(row["quantity"], previous + 3 + n as i64);
    }
    // What was told before anybody looked is believed without a look.
    let lines = scene.server.lines().into_iter().map(|line| {
        let (method, path) = line.split_once(' ').unwrap();
        format!("{method} {}", product_of(path).unwrap())
    });
    let lines: Vec<String> = lines.collect();
    assert_eq!(lines, ["GET 1", "GET 2", "POST 1", "POST 2", "GET 2"]);
    // With no other reason the tag stands alone; nobody is shown it.
    assert_eq!(
        scene.reasons(),
        [format!("Damaged sx:{run}/0"), format!("sx:{run}/1")]
    );
    let history = scene.history(&run, 0);
    assert_eq!(history["results"][0]["reason"], "Damaged");
    assert_eq!(history["results"][1]["reason"], Value::Null);
    assert_eq!(history["results"][1]["event_id"], "event-2");
    scene
        .run(&["history", &run])
        .ends(0)
        .says("2 rows proved by the webhook");
    // What is proved is taken back as what was answered, and an undo is proved as well.
    listener.ends("-TERM", 143);
    let undone = scene
        .run(&["undo", &run, "--yes", "-o", "json", "--concurrency", "1"])
        .ends(8);
    let undo = run_of(&undone.json());
    assert_eq!(scene.reasons()[2], format!("Undo of {run} sx:{undo}/0"));
    let listener = scene.listens();
    assert_eq!(listener.takes(&scene.event(2)), 200);
    assert_eq!(scene.history(&undo, 0)["unknown"], 0);
    assert_eq!((scene.store.units(1), scene.store.units(2)), (19, 18));
    listener.ends("-TERM", 143);
}

#[test]
fn a_typed_adjustment_is_proved_too() {
    let scene = Scene::of(&[Post::Told]);
    let listener = scene.listens();
    let words = [
        "adjust",
        "1",
        "10",
        "+3",
        "--reason",
        "Found sx:20261124-0215-k7m2/3",
        "-o",
        "json",
    ];
    let ran = scene.run(&words).ends(0);
    assert_eq!(ran.json()["quantity"], 23);
    ran.says("the webhook proves that the change was applied (event event-1)")
        .says("taken off the end of 1 reason");
    let reason = &scene.reasons()[0];
    assert!(
        reason.starts_with("Found sx:2026") && reason.ends_with("/0"),
        "{reason}"
    );
    assert_eq!(reason.matches("sx:").count(), 1);
    listener.ends("-TERM", 143);
}

#[test]
fn an_event_that_comes_late_settles_its_row_and_keeps_it_from_being_sent_again() {
    let scene = Scene::of(&[Post::AnswerLost, Post::AnswerLost, Post::RequestLost]);
    let begun = Instant::now();
    let text = "product_id,sku_id,adjustment\n1,10,3\n2,20,4\n3,30,5\n";
    let document = scene.imports(text).ends(8).json();
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "nobody listens: nothing to wait for"
    );
    assert_eq!(document["unknown"], 3);
    let run = run_of(&document);
    assert_eq!(scene.history(&run, 0)["unknown"], 3);
    let listener = scene.listens();
    assert_eq!(listener.takes(&scene.event(0)), 200);
    let first = &scene.history(&run, 0)["results"][0];
    assert_eq!(
        (&first["outcome"], &first["event_id"]),
        (&json!("applied"), &json!("event-1"))
    );
    assert_eq!(
        (&first["previous_quantity"], &first["quantity"]),
        (&json!(20), &json!(23))
    );
    assert_eq!(first["error"], Value::Null);
    assert_eq!(listener.takes(&scene.event(1)), 200);
    listener.ends("-TERM", 143);
    // The stock of the second one is what it was: only its event keeps it from being sent again.
    scene.store.sell(2, 3);
    assert_eq!(scene.store.units(2), 20);
    let resumed = scene.resume(&run, &["--resend-unknown"]).ends(0);
    let outcomes = resumed.json()["results"].clone();
    assert_eq!(outcomes[1]["event_id"], "event-2");
    assert_eq!(outcomes[2]["outcome"], "applied");
    resumed.says("1 row of run");
    assert_eq!(scene.reasons().len(), 4);
    assert_eq!(
        scene.reasons()[3],
        format!("sx:{run}/2.2"),
        "a resend has a tag of its own"
    );
    assert_eq!(scene.store.units(2), 20);
}

#[test]
fn an_event_that_may_be_about_something_else_proves_nothing() {
    let scene = Scene::of(&[Post::AnswerLost]);
    let document = scene
        .imports("product_id,sku_id,adjustment\n1,10,3\n")
        .ends(8)
        .json();
    let run = run_of(&document);
    let listener = scene.listens();
    let genuine = scene.event(0);
    let mut n = 0;
    let mut other = |key: &str, value: Value, signed_at: i64| {
        let mut event = genuine.clone();
        n += 1;
        event["event_id"] = format!("other-{n}").into();
        event["data"][key] = value;
        assert_eq!(
            listener.delivered(SECRET, signed_at, event.to_string().into()),
            200
        );
    };
    other("product_id", json!(2), now());
    other("sku_id", json!(20), now());
    other("adjustment", json!(4), now());
    other("reason", json!(format!("sx:{run}/1")), now());
    other("reason", json!(format!("sx:{run}/0 ish")), now());
    other("reason", json!("sx:20261124-0215-k7m2/0"), now());
    // Signed before it was sent.
    other("reason", json!(format!("sx:{run}/0")), now() - 60);
    // Forged.
    let forged = genuine.to_string().into_bytes();
    assert_eq!(listener.delivered("whsec_other", now(), forged), 401);
    assert_eq!(scene.history(&run, 0)["unknown"], 1);
    assert_eq!(listener.takes(&genuine), 200);
    assert_eq!(scene.history(&run, 0)["unknown"], 0);
    listener.ends("-TERM", 143);
}

#[test]
fn two_events_for_one_row_say_that_the_stock_moved_twice() {
    // Something in between sent the second one on twice; the first was answered.
    let scene = Scene::of(&[Post::Answered, Post::AnswerLost]);
    let text = "product_id,sku_id,adjustment\n1,10,3\n2,20,4\n";
    let document = scene.imports(text).ends(8).json();
    let run = run_of(&document);
    let listener = scene.listens();
    for n in 0..2 {
        for id in ["a", "b"] {
            let mut event = scene.event(n);
            event["event_id"] = format!("{id}{n}").into();
            assert_eq!(listener.takes(&event), 200);
        }
    }
    let ran = scene.run(&["history", &run, "-o", "json"]).ends(8);
    assert_eq!(ran.json()["unknown"], 2, "{ran:?}");
    let error = ran.error();
    assert_eq!(error["kind"], "unknown_outcome");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("the stock moved twice: the webhook events a0 and b0"),
        "{message}"
    );
    let why = ran.json()["results"][1]["error"].clone();
    assert!(why.as_str().unwrap().contains("a1 and b1"), "{why}");
    // Even where the stock is what it was.
    scene.store.sell(2, 3);
    scene
        .resume(&run, &["--resend-unknown"])
        .ends(8)
        .says("the stock moved twice: the webhook events a0 and b0");
    assert_eq!(scene.reasons().len(), 2, "nothing is sent a third time");
    // A look before anything else: no event is needed any more.
    listener.ends("-TERM", 143);
    scene.history(&run, 8);
}

#[test]
fn a_reason_without_room_goes_untagged_and_is_told() {
    let scene = Scene::of(&[Post::AnswerLost]);
    let listener = scene.listens();
    let long = "x".repeat(240);
    let text = format!("product_id,sku_id,adjustment,reason\n1,10,3,{long}\n2,20,4,Short\n");
    let begun = Instant::now();
    let ran = scene.imports(&text).ends(8);
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "no event can come"
    );
    let run = run_of(&ran.json());
    ran.says("1 adjustment to be sent without a tag");
    assert_eq!(scene.reasons(), [long, format!("Short sx:{run}/1")]);
    listener.ends("-TERM", 143);
    // Without `tag_reasons` nothing is added.
    let plain = scene.shop.file(
        "plain.toml",
        format!(
            "[profiles.t]\ntoken = \"sx_at_sandbox\"\napi_url = \"{}\"\n",
            scene.server.url
        ),
    );
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o600)).unwrap();
    let words = [
        "--config",
        "plain.toml",
        "-p",
        "t",
        "adjust",
        "3",
        "30",
        "1",
        "--reason",
        "Plain",
    ];
    Ran::of(scene.shop.bare(&words).output().unwrap()).ends(0);
    assert_eq!(scene.reasons()[2], "Plain");
}
