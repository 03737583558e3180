//! Both writes trigger a signed `inventory.updated` webhook.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;
use sxinv::sandbox::{Options, WebhookTarget};
use sxinv::webhook::{self, Envelope};

use super::Sandbox;
use crate::scripted::{Answer, Server};

fn target(url: &str) -> Options {
    Options {
        webhook: Some(WebhookTarget {
            url: url.to_owned(),
            secret: "whsec_test".to_owned(),
        }),
        ..Options::default()
    }
}

#[test]
fn both_writes_are_delivered_signed() {
    let (tell, told) = mpsc::channel();
    let receiver = Server::start(move |_, request| {
        tell.send(request.clone()).unwrap();
        Answer::Reply(204, vec![], vec![])
    });
    let shop = Sandbox::with(target(&format!("{}/hook", receiver.url)));
    shop.put("/150", r#"{"variants":[{"sku_id":451,"quantity":20}]}"#);
    shop.post(
        "/150/adjust",
        r#"{"sku_id":452,"adjustment":10,"reason":"Restock"}"#,
    );
    // Nothing was changed, so nothing is told.
    shop.post("/150/adjust", r#"{"sku_id":452,"adjustment":-99}"#);
    shop.get("/150");
    shop.post("/150/adjust", r#"{"sku_id":452,"adjustment":-1}"#);
    let mut events = Vec::new();
    for _ in 0..3 {
        let request = told.recv_timeout(Duration::from_secs(10)).unwrap();
        let header = |name: &str| request.header(name);
        webhook::verify(
            "whsec_test",
            header(webhook::TIMESTAMP_HEADER),
            header(webhook::SIGNATURE_HEADER),
            request.body.as_bytes(),
            Timestamp::now().as_second(),
        )
        .unwrap();
        let envelope: Envelope = serde_json::from_str(&request.body).unwrap();
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/hook")
        );
        assert_eq!(header("user-agent"), Some("SeloraX-Webhook/1.0"));
        assert_eq!(header(webhook::EVENT_HEADER), Some("inventory.updated"));
        assert_eq!(
            header(webhook::EVENT_ID_HEADER),
            Some(envelope.event_id.as_str())
        );
        assert_eq!(
            header(webhook::IDEMPOTENCY_KEY_HEADER),
            Some(envelope.event_id.as_str())
        );
        assert_ne!(
            header(webhook::DELIVERY_ID_HEADER),
            Some(envelope.event_id.as_str())
        );
        assert_eq!(
            (envelope.event_topic.as_str(), envelope.store_id),
            ("inventory.updated", Some(22))
        );
        assert!(envelope.timestamp.parse::<Timestamp>().is_ok());
        events.push(serde_json::from_str::<serde_json::Value>(envelope.data.get()).unwrap());
    }
    assert_eq!(
        events,
        [
            json!({"product_id": 150, "variants": [{"sku_id": 451, "sku_code": "PRB-LG-RED", "quantity": 20}]}),
            json!({"product_id": 150, "sku_id": 452, "previous_quantity": 0, "quantity": 10, "adjustment": 10, "reason": "Restock"}),
            json!({"product_id": 150, "sku_id": 452, "previous_quantity": 10, "quantity": 9, "adjustment": -1, "reason": null}),
        ]
    );
}

#[test]
fn a_subscriber_that_never_answers_delays_nobody() {
    let receiver = Server::start(|_, _| Answer::Silence);
    let shop = Sandbox::with(target(&receiver.url));
    let begun = Instant::now();
    for _ in 0..3 {
        assert_eq!(
            shop.post("/150/adjust", r#"{"sku_id":450,"adjustment":1}"#)
                .status,
            200
        );
    }
    drop(shop);
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[test]
fn the_last_event_is_still_delivered_when_the_server_stops() {
    let (tell, told) = mpsc::channel();
    let receiver = Server::start(move |_, _| {
        tell.send(()).unwrap();
        Answer::Reply(200, vec![], vec![])
    });
    let shop = Sandbox::with(target(&receiver.url));
    shop.post("/150/adjust", r#"{"sku_id":450,"adjustment":1}"#);
    drop(shop);
    told.try_recv().unwrap();
}

#[test]
fn a_webhook_address_that_is_neither_https_nor_loopback_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let store = sxinv::sandbox::store::Store::open(&folder.path().join("s.db")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = sxinv::sandbox::start(listener, store, target("http://example.com/"))
        .err()
        .unwrap();
    assert_eq!(error.kind(), sxinv::error::Kind::Usage);
}
