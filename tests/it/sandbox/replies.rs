//! Every answer, message, code and status; the recorded ones are typed by hand off the API's own document.

use reqwest::blocking::RequestBuilder;
use serde_json::json;
use sxinv::sandbox::{READ_ONLY_TOKEN, TOKEN};

use super::{Answer, Sandbox};

/// JSON without the white space between its tokens, so that fields, order and number forms are compared.
fn squeezed(json: &str) -> String {
    let (mut text, mut in_string, mut escaped) = (String::new(), false, false);
    for c in json.chars() {
        if in_string || !c.is_whitespace() {
            text.push(c);
        }
        if c == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && c == '\\' && !escaped;
    }
    text
}

fn assert_recorded(answer: &Answer, status: u16, recorded: &str) {
    assert_eq!(answer.status, status);
    assert_eq!(answer.body, squeezed(recorded));
}

#[test]
fn answers_are_the_ones_recorded_in_the_seed() {
    let shop = Sandbox::new();
    assert_recorded(
        &shop.get("/150"),
        200,
        include_str!("../../data/product.json"),
    );
    shop.store.reset(Some(2)).unwrap();
    assert_recorded(
        &shop.get("?page=1&limit=50"),
        200,
        include_str!("../../data/list.json"),
    );
    let updated = shop.put(
        "/150",
        r#"{"variants":[{"sku_id":450,"quantity":50},{"sku_id":451,"quantity":20},{"sku_id":452,"quantity":0}]}"#,
    );
    assert_recorded(&updated, 200, include_str!("../../data/updated.json"));
    let adjusted = shop.post(
        "/150/adjust",
        r#"{"sku_id":452,"adjustment":10,"reason":"Restock from supplier"}"#,
    );
    assert_recorded(&adjusted, 200, include_str!("../../data/adjusted.json"));
    shop.put("/150", r#"{"variants":[{"sku_id":450,"quantity":5}]}"#);
    let negative = shop.post("/150/adjust", r#"{"sku_id":450,"adjustment":-8}"#);
    assert_recorded(
        &negative,
        400,
        include_str!("../../data/negative-quantity.json"),
    );
    assert_eq!(shop.quantity(450), 5);
    let missing = include_str!("../../data/product-not-found.json");
    assert_recorded(&shop.get("/999999"), 404, missing);
    assert_recorded(&shop.get("/0"), 404, missing);
    assert_recorded(
        &shop.put("/7", r#"{"variants":[{"sku_id":450,"quantity":5}]}"#),
        404,
        missing,
    );
    assert_recorded(
        &shop.post("/7/adjust", r#"{"sku_id":450,"adjustment":5}"#),
        404,
        missing,
    );
}

#[test]
fn credentials_are_checked_as_documented() {
    let shop = Sandbox::new();
    let client = |request: RequestBuilder, id: &'static str, secret: &'static str| {
        request
            .header("X-Client-Id", id)
            .header("X-Client-Secret", secret)
    };
    let get = || shop.bare("GET", "");
    let (id, secret) = ("sx_app_sandbox", "sx_secret_sandbox");
    for (request, status, code) in [
        (get(), 401, "missing_token"),
        (get().bearer_auth("sx_at_other"), 401, "invalid_token"),
        (get().bearer_auth(""), 401, "invalid_token"),
        (
            get().header("Authorization", "Basic eDp5"),
            401,
            "invalid_token",
        ),
        (client(get(), "sx_app_other", secret), 401, "invalid_client"),
        (client(get(), id, "other"), 401, "invalid_client"),
        (get().header("X-Client-Id", id), 401, "invalid_client"),
        (client(get(), id, secret), 400, "missing_store_id"),
        (
            client(get(), id, secret).header("X-Store-Id", "23"),
            401,
            "not_installed",
        ),
    ] {
        let (got, got_code, message) = Answer::to(request).error();
        assert_eq!((got, got_code.as_deref()), (status, Some(code)));
        assert!(message.ends_with('.'), "{message}");
    }
    for request in [
        client(get(), id, secret).header("X-Store-Id", "22"),
        get().bearer_auth(READ_ONLY_TOKEN),
        get().header("Authorization", format!("bearer {TOKEN}")),
    ] {
        assert_eq!(Answer::to(request).status, 200);
    }
}

#[test]
fn credentials_come_before_scope_and_scope_before_validation() {
    let shop = Sandbox::new();
    let nonsense = |request: RequestBuilder| Answer::to(request.body("{"));
    for (method, path) in [("PUT", "/x"), ("POST", "/x/adjust")] {
        let (status, code, _) = nonsense(shop.bare(method, path)).error();
        assert_eq!((status, code.as_deref()), (401, Some("missing_token")));
        let read_only = shop.bare(method, path).bearer_auth(READ_ONLY_TOKEN);
        let (status, code, _) = nonsense(read_only).error();
        assert_eq!((status, code.as_deref()), (403, Some("insufficient_scope")));
        let (status, code, _) = nonsense(shop.bare(method, path).bearer_auth(TOKEN)).error();
        assert_eq!((status, code), (400, None));
    }
    // Validation before existence.
    assert_eq!(
        shop.post("/7/adjust", r#"{"sku_id":450,"adjustment":0}"#)
            .status,
        400
    );
}

#[test]
fn unknown_routes_and_methods_are_errors_in_json() {
    let shop = Sandbox::new();
    for path in ["/", "/150/", "/150/adjust/", "/150/other", "x"] {
        assert_eq!(
            shop.get(path).error(),
            (404, None, "Not found.".to_owned()),
            "{path}"
        );
    }
    for (method, path, allow) in [
        ("POST", "", "GET"),
        ("DELETE", "/150", "GET, PUT"),
        ("GET", "/150/adjust", "POST"),
    ] {
        let answer = Answer::to(shop.bare(method, path).bearer_auth(TOKEN));
        assert_eq!(answer.error().0, 405);
        assert_eq!(answer.header("allow"), Some(allow));
    }
    let elsewhere = shop
        .http
        .get(format!("{}/api/api/apps/v1/inventory", shop.server.url()));
    assert_eq!(Answer::to(elsewhere).error().0, 404);
    assert_eq!(shop.get("/rose").error().0, 400);
}

#[test]
fn a_list_is_sorted_filtered_searched_and_paged() {
    let shop = Sandbox::new();
    let names = |query: &str| -> Vec<String> {
        let body = shop.get(query).json();
        let data = body["data"].as_array().unwrap();
        data.iter()
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let column = |query: &str, name: &str| -> Vec<serde_json::Value> {
        let body = shop.get(query).json();
        body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p[name].clone())
            .collect()
    };
    assert_eq!(names("").len(), 50);
    assert_eq!(names("")[0], "Premium Rose Bouquet");
    let times = column("?limit=250", "updated_at");
    assert!(times.is_sorted_by(|a, b| a.as_str() >= b.as_str()));
    let totals = column("?limit=250&sort=total_quantity:asc", "total_quantity");
    assert_eq!(totals.len(), 120);
    assert!(totals.is_sorted_by(|a, b| a.as_i64() <= b.as_i64()));
    let by_name = names("?limit=250&sort=name:asc");
    assert_eq!(by_name[0], "-5% Garden Club Voucher");
    let mut backwards = names("?limit=250&sort=name:desc");
    backwards.reverse();
    assert_eq!(by_name, backwards);

    assert_eq!(names("?search=PREMIUM+rose"), ["Premium Rose Bouquet"]);
    assert_eq!(names("?search=%C3%89L%C3%89GANCE"), ["Élégance de Noël 🎄"]);
    assert_eq!(names("?search=GR%C3%9CSSE"), ["Grüße aus dem Garten"]);
    assert_eq!(names("?search=100%25"), ["100% Cotton Tea Towel"]);
    assert_eq!(names("?search=e_o"), [""; 0]);
    let out = shop.get("?status=out_of_stock&limit=250").json();
    let inside = shop.get("?status=in_stock&limit=250").json();
    assert!(
        out["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["has_stock"] == 0)
    );
    assert!(
        inside["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["has_stock"] == 1)
    );
    let total = |body: &serde_json::Value| body["pagination"]["total"].as_i64().unwrap();
    assert_eq!(total(&out) + total(&inside), 120);
    assert!(total(&out) > 2);
    assert_eq!(
        total(&shop.get("?search=rose&status=in_stock&limit=1").json()),
        names("?search=rose&status=in_stock").len() as i64
    );

    let mut paged = Vec::new();
    for page in 1..=5 {
        paged.extend(names(&format!(
            "?limit=25&page={page}&sort=total_quantity:desc"
        )));
    }
    assert_eq!(paged, names("?limit=250&sort=total_quantity:desc"));
    let beyond = shop.get("?limit=25&page=6").json();
    assert_eq!(beyond["data"], json!([]));
    assert_eq!(
        beyond["pagination"],
        json!({"page": 6, "limit": 25, "total": 120})
    );
    assert_eq!(
        shop.get("?page=9223372036854775807").json()["data"],
        json!([])
    );
    assert_eq!(shop.get("?limit=1000").json()["pagination"]["limit"], 250);
    for query in ["?page=0", "?limit=x", "?sort=price:asc", "?status=some"] {
        assert_eq!(shop.get(query).error().0, 400, "{query}");
    }
}

#[test]
fn a_price_stays_as_it_was_written() {
    let shop = Sandbox::new();
    let ribbon = shop.get("?search=silk+ribbon").json()["data"][0]["product_id"].to_string();
    assert!(
        shop.get(&format!("/{ribbon}"))
            .body
            .contains(r#""price":12.50,"#)
    );
}
