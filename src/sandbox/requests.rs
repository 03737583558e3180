//! Between the wire and the routes: reading a request, latency, the rate limit, faults on purpose, and the answer on
//! its way out.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use hyper::http::uri::Authority;
use hyper::{Method, Response, StatusCode};

use super::content::Content;
use super::faults::{Dice, Kind};
use super::movements::FaultMade;
use super::rate::{Standing, Window};
use super::reply::Reply;
use super::routes::{self, Request};
use super::store::Store;
use crate::server;

/// The largest request body, in bytes: a `PUT` of some 20,000 variants.
const MAX_BODY: usize = 1 << 20;

/// How long a client may take to send the head of a request, and again for its body.
pub(super) const MOST_TIME: Duration = Duration::from_secs(5);

/// How much of a larger body is taken off the wire all the same, in bytes.
const MAX_DISCARDED: usize = 32 << 20;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What somebody else's answer looks like: a proxy's page, with a status that says that all is well.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Please wait</title></head><body><h1>Checking your connection</h1></body></html>";

/// Everything that a request needs.
pub(super) struct Service {
    pub store: Store,
    pub latency: Duration,
    pub window: Option<Window>,
    pub dice: Dice,
    pub webhooks: Option<Sender<String>>,
    pub faults_made: Arc<AtomicU64>,
}

/// The connection is closed without an answer.
#[derive(Debug)]
pub(super) struct Hangup;

impl std::fmt::Display for Hangup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed on purpose")
    }
}

impl std::error::Error for Hangup {}

/// Serves one request.
pub(super) async fn serve(
    service: Arc<Service>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Content>, Hangup> {
    if !is_for_us(&request) {
        return Ok(whole(Reply::error(
            421,
            "The sandbox answers only to localhost and loopback addresses.",
        )));
    }
    let read = tokio::time::timeout(MOST_TIME, read(request)).await;
    let request = read.map_err(|_| Hangup)??;
    // Half of the latency is the way here, half is the way back.
    pause(service.latency / 2).await;
    let standing = service
        .window
        .as_ref()
        .map(|window| window.take(Instant::now()));
    let answer = match standing {
        Some(standing) if !standing.allowed => Ok(too_many(Some(standing.reset))),
        _ => through_faults(&service, request).await,
    };
    pause(service.latency / 2).await;
    let mut answer = answer?;
    if let Some(standing) = standing {
        describe(standing, answer.headers_mut());
    }
    Ok(answer)
}

/// Whether a request names this machine in `Host`. A page of somebody else's, whose name was made to lead here, does not:
/// it could read and write with the tokens that everybody knows.
fn is_for_us(request: &hyper::Request<Incoming>) -> bool {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let host = host.filter(|host| !host.contains('@'));
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    host.as_ref().map(Authority::host).is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

async fn pause(how_long: Duration) {
    if !how_long.is_zero() {
        tokio::time::sleep(how_long).await;
    }
}

/// Processes the request, unless a fault keeps it from that, and mistreats the answer, if one is to.
async fn through_faults(
    service: &Arc<Service>,
    request: Request,
) -> Result<Response<Content>, Hangup> {
    let fault = service.dice.draw(request.method != Method::GET);
    let at_work = Arc::clone(service);
    // SQLite waits for other writers and for the disk, which no other connection should have to.
    let reply = tokio::task::spawn_blocking(move || process(&at_work, &request, fault)).await;
    // A panic in there is a failure of the server like any other.
    let reply = reply.unwrap_or_else(|_| Reply::broken());
    match fault {
        None => Ok(whole(reply)),
        Some(Kind::LostRequest | Kind::LostAnswer) => Err(Hangup),
        Some(Kind::ErrorBefore | Kind::ErrorAfter) => Ok(whole(Reply::broken())),
        Some(Kind::Unavailable) => Ok(whole(Reply::error(503, "Service unavailable."))),
        Some(Kind::TooMany) => Ok(too_many(None)),
        Some(Kind::Truncated) => Ok(truncated(&reply)),
        Some(Kind::Garbage) => Ok(page()),
        Some(Kind::Slow) => {
            pause(service.dice.slow()).await;
            Ok(whole(reply))
        }
    }
}

/// The part that takes the database: the answer of the routes, the event of a write, and the record of a fault before
/// anything of it shows.
fn process(service: &Service, request: &Request, fault: Option<Kind>) -> Reply {
    let mut reply = if fault.is_none_or(Kind::processes) {
        routes::answer(&service.store, request)
    } else {
        Reply::broken()
    };
    if let (Some(webhooks), Some(event)) = (&service.webhooks, reply.event.take()) {
        // The worker is gone only when it could not be set up; stock is changed all the same.
        let _ = webhooks.send(event);
    }
    if let Some(kind) = fault {
        service.faults_made.fetch_add(1, Ordering::Relaxed);
        let target = match request.query.as_str() {
            "" => request.path.clone(),
            query => format!("{}?{query}", request.path),
        };
        let made = FaultMade {
            kind: kind.name().to_owned(),
            method: request.method.to_string(),
            target,
            applied: reply.applied,
            request_id: request.id.clone(),
        };
        // A fault that can't be recorded still happens; who counts them finds the movement alone.
        let _ = service.store.record_fault(&made);
    }
    reply
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, Hangup> {
    let (head, incoming) = request.into_parts();
    let body = server::body(incoming, MAX_BODY, MAX_DISCARDED).await;
    let id = head
        .headers
        .get("x-request-id")
        .and_then(|id| id.to_str().ok());
    Ok(Request {
        id: id.map_or_else(|| format!("{:016x}", fastrand::u64(..)), str::to_owned),
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        headers: head.headers,
        body: body.map_err(|_| Hangup)?,
    })
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

fn whole(reply: Reply) -> Response<Content> {
    let allow = reply.allow;
    let mut answer = with(reply.status, JSON, Content::whole(reply.body));
    if let Some(allow) = allow {
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allow));
    }
    answer
}

fn too_many(retry_after: Option<u64>) -> Response<Content> {
    let mut answer = whole(Reply::error(429, "Too many requests."));
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    answer
}

/// Promises the whole body and sends half of it.
fn truncated(reply: &Reply) -> Response<Content> {
    let half = reply.body.as_bytes()[..reply.body.len() / 2].to_vec();
    let mut answer = with(reply.status, JSON, Content::cut(half));
    answer
        .headers_mut()
        .insert(CONTENT_LENGTH, reply.body.len().into());
    answer
}

fn page() -> Response<Content> {
    with(
        200,
        HeaderValue::from_static("text/html; charset=utf-8"),
        Content::whole(PAGE.to_owned()),
    )
}

fn with(status: u16, content_type: HeaderValue, content: Content) -> Response<Content> {
    let mut answer = Response::new(content);
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

/// Says where the window stands; `X-RateLimit-Reset` is in seconds from now, as `Retry-After` is.
fn describe(standing: Standing, headers: &mut HeaderMap) {
    headers.insert(LIMIT, standing.limit.into());
    headers.insert(REMAINING, standing.remaining.into());
    headers.insert(RESET, standing.reset.into());
}
