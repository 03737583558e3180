//! Writes: what is refused changes nothing, and what is applied leaves a movement.

use serde_json::json;
use sxinv::sandbox::TOKEN;

use super::{Answer, Sandbox, with_json};

#[test]
fn a_put_is_all_or_nothing() {
    let shop = Sandbox::new();
    let before = shop.get("/150").body;
    for (body, status) in [
        (
            r#"{"variants":[{"sku_id":450,"quantity":1},{"sku_id":447,"quantity":1}]}"#,
            404,
        ),
        (
            r#"{"variants":[{"sku_id":450,"quantity":1},{"sku_id":451,"quantity":-1}]}"#,
            400,
        ),
        (
            r#"{"variants":[{"sku_id":450,"quantity":1},{"sku_id":450,"quantity":1}]}"#,
            400,
        ),
        (r#"{"variants":[{"sku_id":450,"quantity":1.0}]}"#, 400),
        (r#"{"variants":[{"sku_id":450,"quantity":"1"}]}"#, 400),
        (r#"{"variants":[{"sku_id":450,"quantity":null}]}"#, 400),
        (
            r#"{"variants":[{"sku_id":450,"quantity":2147483648}]}"#,
            400,
        ),
        (r#"{"variants":[{"sku_id":"450","quantity":1}]}"#, 400),
        (r#"{"variants":[{"quantity":1}]}"#, 400),
        (r#"{"variants":[450]}"#, 400),
        (r#"{"variants":[]}"#, 400),
        (r#"{"variants":{}}"#, 400),
        ("{}", 400),
        ("[]", 400),
        ("{", 400),
        ("", 400),
    ] {
        let (got, code, message) = shop.put("/150", body).error();
        assert_eq!((got, code), (status, None), "{body}");
        if status == 404 {
            assert_eq!(message, "Variant not found.");
        }
    }
    assert_eq!(shop.get("/150").body, before);
    assert!(shop.store.movements().unwrap().is_empty());
    let no_type = shop.bare("PUT", "/150").bearer_auth(TOKEN);
    let no_type = no_type.body(r#"{"variants":[{"sku_id":450,"quantity":1}]}"#);
    assert_eq!(Answer::to(no_type).error().0, 400);
    let large = format!(r#"{{"variants":[],"x":"{}"}}"#, "x".repeat(3 << 20));
    assert_eq!(shop.put("/150", &large).error().0, 413);
}

#[test]
fn an_adjustment_takes_integers_and_a_short_reason_alone() {
    let shop = Sandbox::new();
    let adjust = |adjustment: &str| {
        shop.post(
            "/150/adjust",
            &format!(r#"{{"sku_id":450,"adjustment":{adjustment}}}"#),
        )
    };
    for wrong in [
        "0",
        "1.0",
        "1e2",
        "\"1\"",
        "true",
        "null",
        "99999999999999999999",
    ] {
        assert_eq!(adjust(wrong).error().0, 400, "{wrong}");
    }
    for body in [
        r#"{"adjustment":1}"#,
        r#"{"sku_id":450}"#,
        r#"{"sku_id":450.0,"adjustment":1}"#,
    ] {
        assert_eq!(shop.post("/150/adjust", body).error().0, 400, "{body}");
    }
    for other in [447, 7] {
        let answer = shop.post(
            "/150/adjust",
            &format!(r#"{{"sku_id":{other},"adjustment":1}}"#),
        );
        assert_eq!(answer.error(), (404, None, "Variant not found.".to_owned()));
    }
    for (huge, code) in [
        ("2147483647", None),
        ("9223372036854775807", None),
        ("-9223372036854775808", Some("negative_quantity")),
        ("-26", Some("negative_quantity")),
    ] {
        let (status, got, _) = adjust(huge).error();
        assert_eq!((status, got.as_deref()), (400, code), "{huge}");
    }
    let with_reason = |reason: &str| {
        let body = json!({"sku_id": 450, "adjustment": 1, "reason": reason}).to_string();
        shop.post("/150/adjust", &body)
    };
    assert_eq!(with_reason(&"ফ".repeat(256)).error().0, 400);
    assert_eq!(
        shop.post("/150/adjust", r#"{"sku_id":450,"adjustment":1,"reason":7}"#)
            .error()
            .0,
        400
    );
    assert!(shop.store.movements().unwrap().is_empty());
    assert_eq!(with_reason(&"ফ".repeat(255)).status, 200);
    assert_eq!(adjust("-26").json()["data"]["available"], 0);
    assert_eq!(shop.quantity(450), 0);
}

#[test]
fn a_write_moves_totals_and_time_and_leaves_a_movement() {
    let shop = Sandbox::new();
    let basket = |shop: &Sandbox| shop.get("?search=seasonal+flower").json()["data"][0].clone();
    let before = basket(&shop);
    let request = with_json(
        shop.bare("POST", "/149/adjust"),
        r#"{"sku_id":447,"adjustment":4,"reason":"New"}"#,
    );
    Answer::to(request.header("X-Request-Id", "r-1"));
    let after = basket(&shop);
    assert_eq!(
        (&after["total_quantity"], &after["has_stock"]),
        (&json!(4), &json!(1))
    );
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
    assert_eq!(shop.get("?limit=1").json()["data"][0]["product_id"], 149);
    shop.put(
        "/149",
        r#"{"variants":[{"sku_id":448,"quantity":2},{"sku_id":447,"quantity":0}]}"#,
    );
    assert_eq!(basket(&shop)["total_quantity"], 2);
    assert!(basket(&shop)["updated_at"].as_str() > after["updated_at"].as_str());
    let movements = shop.store.movements().unwrap();
    let told: Vec<_> = movements
        .iter()
        .map(|m| {
            (
                m.kind.as_str(),
                m.sku_id,
                m.previous_quantity,
                m.adjustment,
                m.quantity,
                m.reason.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("adjust", 447, 0, 4, 4, Some("New")),
            ("set", 448, 0, 2, 2, None),
            ("set", 447, 4, -4, 0, None)
        ]
    );
    assert_eq!(movements[0].request_id, "r-1");
    assert_eq!(movements[1].request_id, movements[2].request_id);
    shop.store.reset(None).unwrap();
    assert!(shop.store.movements().unwrap().is_empty());
    assert_eq!(basket(&shop), before);
}
