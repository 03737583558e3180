//! `history --sku`: one story from the ledger, the events and the snapshots, each movement told once.

use serde_json::{Value, json};
use sxinv::sandbox::{Options, WebhookTarget};

use crate::listener::{Listener, SECRET};
use crate::screen;
use crate::shop::{Shop, import, run_of};

/// A shop whose webhooks go to a listener.
fn told() -> (Shop, Listener) {
    let mut shop = Shop::new();
    let listener = Listener::of(&shop, &[]);
    shop.serve_again(Options {
        webhook: Some(WebhookTarget {
            url: listener.url.clone(),
            secret: SECRET.to_owned(),
        }),
        ..Options::default()
    });
    (shop, listener)
}

fn told_of(shop: &Shop, sku: &str) -> Vec<Value> {
    let story = shop
        .run(&["history", "--sku", sku, "-o", "json"])
        .ends(0)
        .json();
    story.as_array().unwrap().clone()
}

/// Source, before, after and outcome of each, oldest first.
fn in_short(story: &[Value]) -> Vec<Value> {
    let short = |m: &Value| json!([m["source"], m["before"], m["after"], m["outcome"]]);
    story.iter().rev().map(short).collect()
}

#[test]
fn stock_of_any_size_can_be_told() {
    let (shop, mut listener) = told();
    let mut event = crate::listener::event("e1", 450, 0, 1);
    event["data"] = json!({"product_id": 150, "sku_id": 450, "sku_code": "PRB-SM-RED",
        "previous_quantity": i64::MIN, "quantity": i64::MAX});
    assert_eq!(listener.takes(&event), 200);
    listener.prints();
    listener.ends("-TERM", 143);
    let story = told_of(&shop, "PRB-SM-RED");
    assert_eq!(
        (&story[0]["after"], &story[0]["change"]),
        (&json!(i64::MAX), &Value::Null)
    );
}

#[test]
fn a_movement_is_told_once_whoever_tells_of_it() {
    let (shop, mut listener) = told();
    shop.run(&["snapshot"]).ends(0);
    shop.run(&["adjust", "150", "450", "-3", "--reason", "Damaged"])
        .ends(0);
    let ours = listener.prints()["event_id"].clone();
    shop.moves(450, -2);
    let others = listener.prints()["event_id"].clone();
    let ran = import(
        &shop,
        "a.csv",
        "product_id,sku_id,quantity\n150,450,50\n",
        &[],
    )
    .ends(0);
    let set = listener.prints()["event_id"].clone();
    shop.run(&["snapshot"]).ends(0);
    listener.ends("-TERM", 143);
    // Nobody listens any more.
    shop.moves(450, -7);
    shop.run(&["snapshot"]).ends(0);
    shop.run(&["snapshot"]).ends(0);
    import(
        &shop,
        "b.csv",
        "product_id,sku_id,adjustment\n150,450,-900\n",
        &[],
    )
    .ends(7);
    let story = told_of(&shop, "PRB-SM-RED");
    assert_eq!(
        in_short(&story),
        [
            json!(["snapshot", null, 25, null]),
            json!(["ours", 25, 22, "applied"]),
            json!(["webhook", 22, 20, null]),
            json!(["ours", 20, 50, "applied"]),
            json!(["snapshot", 50, 43, null]),
            json!(["ours", 43, null, "failed"]),
        ]
    );
    let [_, snapshot, second, sold, first, _] = &story[..] else {
        panic!()
    };
    assert_eq!(
        (&first["event_id"], &first["reason"]),
        (&ours, &json!("Damaged"))
    );
    assert_eq!(
        (&sold["event_id"], &sold["run"], &sold["change"]),
        (&others, &Value::Null, &json!(-2))
    );
    assert_eq!(
        (&second["event_id"], &second["run"]),
        (&set, &json!(run_of(&ran)))
    );
    assert_eq!(snapshot["change"], -7);
    let times: Vec<&str> = story.iter().map(|m| m["at"].as_str().unwrap()).collect();
    assert!(
        times.is_sorted_by(|newer, older| newer >= older),
        "{times:?}"
    );
    // By the id, in every format; fewer of them; the runs.
    assert_eq!(told_of(&shop, "id:450"), story);
    let csv = shop
        .run(&["history", "--sku", "id:450", "-o", "csv", "--limit", "2"])
        .ends(0);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "at,source,run,event_id,before,after,change,reason,outcome"
    );
    assert!(
        lines.len() == 3 && lines[2].ends_with(",snapshot,,,50,43,-7,,"),
        "{csv:?}"
    );
    let one = [
        "history", "--sku", "id:450", "-o", "jsonl", "--fields", "after", "--limit", "1",
    ];
    assert_eq!(shop.run(&one).ends(0).stdout, "{\"after\":null}\n");
    shop.run(&["history", "--sku", "id:450", "--limit", "2"])
        .ends(0)
        .says("and 4 more movements");
    let runs = shop
        .run(&["history", "--sku", "id:450", "--runs", "-o", "json"])
        .ends(0)
        .json();
    assert_eq!(runs.as_array().unwrap().len(), 3);
    let since = [
        "history",
        "--sku",
        "id:450",
        "--since",
        "2100-01-01",
        "-o",
        "json",
    ];
    assert_eq!(shop.run(&since).ends(0).json(), json!([]));
    shop.run(&["history", "--sku", "NOPE"])
        .ends(4)
        .says("nothing is known of NOPE");
    fits(&shop);
}

/// No row is wrapped, whatever the width, and the stock over time stands below.
fn fits(shop: &Shop) {
    for width in [40, 60, 80, 132] {
        let bin = env!("CARGO_BIN_EXE_sxinv");
        let words = format!(
            "'{bin}' -p sandbox --api-url {} history --sku id:450",
            shop.url
        );
        let screen = screen::run(&words, width, 60, |shell| {
            shell
                .env("SXINV_STATE_DIR", shop.state())
                .env("HOME", shop.folder.path())
                .env("PAGER", "")
                .env("TZ", "UTC");
        });
        let lines = screen.lines();
        let text = lines.join("\n");
        assert_eq!(screen.code, 0, "{text}");
        let rows = lines.iter().filter(|line| line.starts_with("20"));
        assert_eq!(rows.count(), 6, "{width}: {text}");
        let short = |line: &String| line.chars().count() <= usize::from(width);
        assert!(lines.iter().all(short), "{text}");
        assert!(text.contains("20 to 50 units since 20"), "{width}: {text}");
        // Title, rule, rows and the line, and nothing that ran over.
        assert!(width < 60 || lines.len() == 9, "{width}: {text}");
    }
}

#[test]
fn a_code_that_several_variants_bear_is_not_guessed() {
    let shop = Shop::new();
    shop.run(&["snapshot"]).ends(0);
    let memory = rusqlite::Connection::open(shop.state().join("memory.db")).unwrap();
    memory
        .execute(
            "UPDATE labels SET sku_code = 'PRB-SM-RED' WHERE sku_id = 451",
            [],
        )
        .unwrap();
    drop(memory);
    let ran = shop.run(&["history", "--sku", "PRB-SM-RED"]).ends(2);
    ran.says("several variants bear PRB-SM-RED: id:450, id:451");
    assert_eq!(told_of(&shop, "id:451").len(), 1);
}

#[test]
fn snapshots_are_told_in_their_order_after_a_clock_went_back() {
    let shop = Shop::new();
    shop.run(&["snapshot"]).ends(0);
    let memory = rusqlite::Connection::open(shop.state().join("memory.db")).unwrap();
    let ten_days = 10 * 24 * 60 * 60 * 1000;
    memory
        .execute(
            "UPDATE snapshots SET started_at = started_at + ?1, ended_at = ended_at + ?1",
            [ten_days],
        )
        .unwrap();
    shop.moves(450, -2);
    shop.run(&["snapshot"]).ends(0);
    assert_eq!(
        in_short(&told_of(&shop, "id:450")),
        [
            json!(["snapshot", null, 25, null]),
            json!(["snapshot", 25, 23, null])
        ]
    );
}
