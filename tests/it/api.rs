//! The API layer against servers that misbehave: what is sent again, what never is, and what is said about it.

use std::thread;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue};
use sxinv::api::{Client, Failure, Fate, ListQuery, Options, Turn};
use sxinv::error::Kind;
use sxinv::interrupt::Interrupt;
use sxinv::model::{Adjusted, Product, ProductId, Quantity, Raw, SkuId};

use crate::scripted::{Answer, Server, json};

const PRODUCT: &str = r#"{"data":{"product_id":150,"name":"Rose","is_active":1,"updated_at":"2025-06-12T14:30:00.000Z","variants":[{"sku_id":450,"sku_code":"PRB-SM-RED","variant_name":"Small / Red","price":500,"quantity":25,"available":1,"is_default":0}]},"status":200}"#;
const ADJUSTED: &str = r#"{"data":{"sku_id":450,"product_id":150,"previous_quantity":25,"quantity":22,"adjustment":-3,"available":1},"message":"Stock adjusted.","status":200}"#;

fn client(server: &Server, retries: u32) -> Client {
    client_with(server, retries, Interrupt::new())
}

fn client_with(server: &Server, retries: u32, interrupt: Interrupt) -> Client {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer sx_at_x"));
    Client::new(Options {
        base: server.url.clone(),
        proxy: None,
        headers,
        timeout: Duration::from_millis(500),
        retries,
        read_only: None,
        interrupt,
        watch: None,
    })
    .unwrap()
}

fn turn(client: &Client) -> Turn<'_> {
    client.worker().turn().ok().unwrap()
}

fn adjust(client: &Client, by: i64) -> Result<Raw<Adjusted>, Failure> {
    let turn = turn(client);
    turn.adjust(product(150), sku(450), by, None, "r-1").1
}

fn set(client: &Client, units: i64) -> Result<Product, Failure> {
    let changes = [(sku(450), Quantity::new(units).unwrap())];
    turn(client).set(product(150), &changes, "r-1").1
}

fn product(n: i64) -> ProductId {
    ProductId::new(n).unwrap()
}

fn sku(n: i64) -> SkuId {
    SkuId::new(n).unwrap()
}

#[test]
fn a_read_is_sent_again_after_everything_that_may_pass() {
    let once: [fn() -> Answer; 6] = [
        || json(500, r#"{"message":"Internal error.","status":500}"#),
        || Answer::Hangup,
        || Answer::Silence,
        || {
            Answer::Bytes(
                b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"data\":{\"pro".to_vec(),
            )
        },
        || json(429, r#"{"message":"Too many requests.","status":429}"#),
        || Answer::Reply(200, vec![], b"<html>Please wait</html>".to_vec()),
    ];
    thread::scope(|scope| {
        for first in once {
            scope.spawn(move || read_after(first));
        }
    });
}

fn read_after(first: fn() -> Answer) {
    let server = Server::start(move |n, _| match n {
        0 => first(),
        _ => json(200, PRODUCT),
    });
    let read = client(&server, 1).product(product(150)).unwrap();
    assert_eq!(read.value.variants[0].quantity, 25);
    assert_eq!(server.lines(), ["GET /api/apps/v1/inventory/150"; 2]);
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some("Bearer sx_at_x")
    );
}

#[test]
fn a_read_that_was_refused_is_not_sent_again() {
    for (status, kind) in [
        (400, Kind::Refused),
        (401, Kind::Auth),
        (403, Kind::Auth),
        (404, Kind::NotFound),
        (410, Kind::Refused),
    ] {
        let server = Server::start(move |_, _| {
            json(status, &format!(r#"{{"message":"No.","status":{status}}}"#))
        });
        let error = client(&server, 4).product(product(150)).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.status(), Some(status));
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn retries_end_and_the_error_says_how_many_there_were() {
    let server = Server::start(|_, _| json(503, ""));
    let error = client(&server, 2).product(product(150)).unwrap_err();
    assert_eq!(server.requests().len(), 3);
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("(3 attempts)"), "{error}");
}

#[test]
fn retry_after_is_heeded_and_beyond_a_minute_given_up() {
    let server = Server::start(|n, _| match n {
        0 => Answer::Reply(
            429,
            vec!["retry-after: 1".to_owned()],
            br#"{"message":"Too many requests.","status":429}"#.to_vec(),
        ),
        _ => json(200, PRODUCT),
    });
    let begun = Instant::now();
    client(&server, 1).product(product(150)).unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let server =
        Server::start(|_, _| Answer::Reply(429, vec!["retry-after: 300".to_owned()], Vec::new()));
    let error = client(&server, 4).product(product(150)).unwrap_err();
    assert!(error.message().contains("wait 300 s"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_adjustment_in_doubt_is_never_sent_again() {
    for doubtful in 0..5 {
        let server = Server::start(move |_, _| match doubtful {
            0 => json(500, ""),
            1 => Answer::Hangup,
            2 => Answer::Silence,
            3 => Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"da".to_vec()),
            _ => json(200, "{}"),
        });
        let failure = adjust(&client(&server, 4), -3).unwrap_err();
        assert_eq!(failure.fate, Fate::InDoubt, "{doubtful}");
        assert_eq!(server.requests().len(), 1, "{doubtful}");
    }
}

#[test]
fn where_nobody_listens_a_write_was_surely_not_processed() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let client = Client::new(Options {
        base: format!("http://{address}"),
        proxy: None,
        headers: HeaderMap::new(),
        timeout: Duration::from_millis(500),
        retries: 1,
        read_only: None,
        interrupt: Interrupt::new(),
        watch: None,
    })
    .unwrap();
    let failure = set(&client, 5).unwrap_err();
    assert_eq!(failure.fate, Fate::NotProcessed);
    assert!(
        failure.error.message().contains("can't connect"),
        "{:?}",
        failure.error
    );
}

#[test]
fn an_answer_that_contradicts_the_request_is_in_doubt() {
    for body in [
        ADJUSTED.replace("\"sku_id\":450", "\"sku_id\":451"),
        ADJUSTED.replace("\"product_id\":150", "\"product_id\":151"),
        ADJUSTED.replace("\"adjustment\":-3", "\"adjustment\":3"),
        ADJUSTED.replace("\"quantity\":22", "\"quantity\":25"),
    ] {
        assert_ne!(body, ADJUSTED);
        let server = Server::start(move |_, _| json(200, &body));
        let failure = adjust(&client(&server, 0), -3).unwrap_err();
        assert_eq!(failure.fate, Fate::InDoubt);
    }
    let server = Server::start(|_, _| json(200, PRODUCT));
    let failure = set(&client(&server, 0), 50).unwrap_err();
    assert_eq!(failure.fate, Fate::InDoubt, "the answer still shows 25");
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Server::untouched();
    let target = format!("location: {}/login", elsewhere.url);
    let server = Server::start(move |_, _| Answer::Reply(302, vec![target.clone()], Vec::new()));
    let error = client(&server, 4).product(product(150)).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(
        error
            .hint()
            .unwrap()
            .contains("redirects are never followed")
    );
    assert!(elsewhere.requests().is_empty());
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_read_only_connection_sends_no_write() {
    let server = Server::untouched();
    let client = Client::new(Options {
        base: server.url.clone(),
        proxy: None,
        headers: HeaderMap::new(),
        timeout: Duration::from_secs(1),
        retries: 0,
        read_only: Some("profile flowers is read-only".to_owned()),
        interrupt: Interrupt::new(),
        watch: None,
    })
    .unwrap();
    let failure = adjust(&client, 1).unwrap_err();
    assert_eq!(failure.fate, Fate::NotProcessed);
    assert_eq!(failure.error.kind(), Kind::Refused);
    assert!(set(&client, 5).is_err());
    assert!(server.requests().is_empty());
}

#[test]
fn an_interrupt_ends_the_waits_of_reads_and_writes() {
    let interrupt = Interrupt::new();
    let raise = interrupt.clone();
    let server = Server::start(move |_, _| {
        raise.raise(15);
        Answer::Reply(429, vec!["retry-after: 59".to_owned()], Vec::new())
    });
    let client = client_with(&server, 4, interrupt);
    let error = client.list(&ListQuery::default(), 1, 50).err().unwrap();
    assert_eq!(error.kind(), Kind::Interrupted(15));
    assert!(client.worker().turn().is_err());
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn gzip_is_taken() {
    // {"data":[],"pagination":{"page":1,"limit":50,"total":0},"status":200}, gzipped.
    const GZIPPED: &[u8] = include_bytes!("../data/empty-list.json.gz");
    let server = Server::start(|_, request| {
        assert!(request.header("accept-encoding").unwrap().contains("gzip"));
        Answer::Reply(
            200,
            vec!["content-encoding: gzip".to_owned()],
            GZIPPED.to_vec(),
        )
    });
    let page = client(&server, 0)
        .list(&ListQuery::default(), 1, 50)
        .unwrap();
    assert_eq!(page.pagination.total, 0);
}

#[test]
fn a_body_that_drips_is_given_up_at_the_time_out() {
    let server = Server::start(|_, _| {
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n{".to_vec())
    });
    let error = client(&server, 0).product(product(150)).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}
