//! Faults on purpose: each does what its name says, and the trail tells whether the write was applied.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use sxinv::sandbox::{Options, TOKEN};

use super::{Answer, Sandbox, with_json};

const BODY: &str = r#"{"sku_id":450,"adjustment":1}"#;

/// Everything that comes back for an adjustment, until the connection is closed.
fn raw(shop: &Sandbox) -> String {
    let mut stream =
        TcpStream::connect(shop.server.url().strip_prefix("http://").unwrap()).unwrap();
    let request = format!(
        "POST /api/apps/v1/inventory/150/adjust HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// What the one fault of a sandbox left behind: units added, and what the record says.
fn trail(shop: &Sandbox, kind: &str) -> (i64, bool) {
    let faults = shop.store.faults().unwrap();
    let movements = shop.store.movements().unwrap();
    assert_eq!((faults.len(), shop.server.faults_made()), (1, 1), "{kind}");
    assert_eq!(faults[0].kind, kind);
    assert_eq!(faults[0].method, "POST");
    assert_eq!(faults[0].target, "/api/apps/v1/inventory/150/adjust");
    assert_eq!(movements.len(), usize::from(faults[0].applied), "{kind}");
    if let Some(movement) = movements.first() {
        assert_eq!(movement.request_id, faults[0].request_id);
    }
    (shop.quantity(450) - 25, faults[0].applied)
}

#[test]
fn connections_are_closed_without_a_byte() {
    for (kind, after) in [("lost-request", (0, false)), ("lost-answer", (1, true))] {
        let shop = Sandbox::faulty(&format!("{kind}=1"));
        assert_eq!(raw(&shop), "", "{kind}");
        assert_eq!(trail(&shop, kind), after);
    }
}

#[test]
fn errors_are_answered_before_or_after_the_work() {
    for (kind, status, after) in [
        ("500-before", 500, (0, false)),
        ("500-after", 500, (1, true)),
        ("503", 503, (0, false)),
        ("429", 429, (0, false)),
    ] {
        let shop = Sandbox::faulty(&format!("{kind}=1"));
        let answer = shop.post("/150/adjust", BODY);
        assert_eq!(answer.error().0, status);
        assert_eq!(answer.header("retry-after"), None);
        assert_eq!(trail(&shop, kind), after);
    }
}

#[test]
fn a_truncated_answer_promises_more_than_comes() {
    let shop = Sandbox::faulty("truncated=1");
    let text = raw(&shop);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let whole = r#"{"data":{"sku_id":450,"product_id":150,"previous_quantity":25,"quantity":26,"adjustment":1,"available":1},"message":"Stock adjusted.","status":200}"#;
    assert!(
        head.contains(&format!("content-length: {}", whole.len())),
        "{head}"
    );
    assert_eq!(body, &whole[..whole.len() / 2]);
    assert_eq!(trail(&shop, "truncated"), (1, true));
}

#[test]
fn garbage_is_a_page_with_status_200() {
    let shop = Sandbox::faulty("garbage=1");
    let answer = shop.post("/150/adjust", BODY);
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with("<!DOCTYPE html>"));
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(trail(&shop, "garbage"), (1, true));
}

#[test]
fn a_slow_answer_is_applied_before_anybody_gives_up() {
    let shop = Sandbox::faulty("slow=1:150ms");
    let begun = Instant::now();
    assert_eq!(shop.post("/150/adjust", BODY).status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(trail(&shop, "slow"), (1, true));

    let shop = Sandbox::faulty("slow=1:20s");
    let request = with_json(shop.bare("POST", "/150/adjust"), BODY);
    let error = request.timeout(Duration::from_secs(1)).send().unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(trail(&shop, "slow"), (1, true));
}

#[test]
fn a_refused_write_is_not_applied_whatever_becomes_of_the_answer() {
    let shop = Sandbox::faulty("500-after=1,writes-only");
    assert_eq!(
        shop.post("/150/adjust", r#"{"sku_id":450,"adjustment":-99}"#)
            .status,
        500
    );
    assert_eq!(trail(&shop, "500-after"), (0, false));
    assert_eq!(shop.get("/150").status, 200, "reads are spared");
}

#[test]
fn a_rate_limit_is_told_and_kept() {
    let shop = Sandbox::with(Options {
        rate_limit: Some("2/h".parse().unwrap()),
        ..Options::default()
    });
    let seen: Vec<Answer> = (0..3).map(|_| shop.get("/150")).collect();
    let statuses: Vec<_> = seen.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let remaining: Vec<_> = seen
        .iter()
        .map(|answer| answer.header("x-ratelimit-remaining"))
        .collect();
    assert_eq!(remaining, [Some("1"), Some("0"), Some("0")]);
    assert!(
        seen.iter()
            .all(|answer| answer.header("x-ratelimit-limit") == Some("2"))
    );
    assert_eq!(
        seen[2].body,
        r#"{"message":"Too many requests.","status":429}"#
    );
    let wait: u64 = seen[2].header("retry-after").unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&wait), "{wait}");
    assert_eq!(
        seen[2].header("x-ratelimit-reset"),
        seen[2].header("retry-after")
    );
}
