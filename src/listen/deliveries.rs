//! One delivery: its size, its signature, what it is, and the answer.
//!
//! Nothing of a body is parsed before its signature was found right (docs/api.md: Webhook).

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::PATIENCE;
use super::hand_over::{HandOvers, Handed};
use crate::memory::event::{Arrival, Whose};
use crate::memory::keeper::{Keeping, ToKeeper};
use crate::server;
use crate::settings::Subscription;
use crate::time::UtcTime;
use crate::webhook::{self, Envelope, Refusal};

/// The largest body, in bytes.
const MAX_BODY: usize = 1 << 20;

/// How much of a larger body is taken off the wire all the same, in bytes.
const MAX_DISCARDED: usize = 8 << 20;

/// What every delivery needs.
pub(super) struct Reception {
    pub subscriptions: Vec<Subscription>,
    pub keeper: ToKeeper,
    pub hand_overs: Arc<HandOvers>,
    /// Deliveries that were not taken so far: of anybody, and those that were signed.
    pub untaken: [AtomicU64; 2],
    pub warn: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Why a delivery is answered otherwise than with 200.
#[derive(Debug)]
struct Turned(StatusCode, String);

/// Serves one request.
pub(super) async fn serve(
    reception: Arc<Reception>,
    request: Request<Incoming>,
) -> Result<Response<String>, Infallible> {
    let outcome = match request.method() {
        &Method::POST => take(&reception, request).await,
        _ => Err(Turned(
            StatusCode::METHOD_NOT_ALLOWED,
            "webhooks are sent with POST".to_owned(),
        )),
    };
    Ok(match outcome {
        Ok(()) => answer(StatusCode::OK, "received"),
        Err(Turned(status, why)) => {
            if status.is_client_error() {
                let signed = status != StatusCode::UNAUTHORIZED;
                let why = format!("refused a delivery ({}): {why}", status.as_u16());
                reception.tell(&why, signed);
            } else if why.starts_with(UNKEPT) {
                reception.tell(&format!("{why}; SeloraX sends it again"), true);
            }
            answer(status, &why)
        }
    })
}

async fn take(reception: &Reception, request: Request<Incoming>) -> Result<(), Turned> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(PATIENCE, read(body)).await {
        Ok(body) => body?,
        Err(_) => {
            let why = "the body took too long".to_owned();
            return Err(Turned(StatusCode::REQUEST_TIMEOUT, why));
        }
    };
    let (subscriptions, signed_at) = reception.verify(&head.headers, &body)?;
    let mut arrival = arrival(&subscriptions, signed_at, &body)?;
    if reception.hand_overs.is_empty() {
        return kept(&reception.keeper, arrival).await.map(drop);
    }
    // On a task of its own: a sender that does not wait does not stop what was begun.
    let (keeper, hand_overs) = (reception.keeper.clone(), Arc::clone(&reception.hand_overs));
    let (headers, at_work) = (head.headers, hand_overs.begin());
    let handed = tokio::spawn(async move {
        let _at_work = at_work;
        let _turn = hand_overs.turn(&arrival).await;
        let (number, done, whose) = kept(&keeper, arrival.clone()).await?;
        arrival.whose = whose;
        let handed = Handed {
            arrival: Arc::new(arrival),
            headers,
            body,
        };
        hand_overs
            .all(&keeper, number, &done, &handed)
            .await
            .map_err(|why| Turned(StatusCode::SERVICE_UNAVAILABLE, why))
    });
    handed
        .await
        .unwrap_or_else(|_| Err(unkept("a hand-over broke")))
}

/// Puts an event on disk; its number, the hand-overs that were done before, and whose it is.
async fn kept(
    keeper: &ToKeeper,
    arrival: Arrival,
) -> Result<(i64, HashSet<String>, Whose), Turned> {
    let profile = arrival.whose.profile.clone();
    match keeper.keep(arrival).await {
        Ok(Ok(Keeping::Kept {
            number,
            done,
            whose,
        })) => Ok((number, done, whose)),
        Ok(Ok(Keeping::OtherStore { known })) => Err(Turned(
            StatusCode::FORBIDDEN,
            format!("an event of another store: profile {profile} is of store {known}"),
        )),
        Ok(Err(why)) => Err(unkept(&why)),
        // It may be on disk, and was not printed.
        Err(_) => Err(Turned(
            StatusCode::SERVICE_UNAVAILABLE,
            "the listener is ending".to_owned(),
        )),
    }
}

/// How the answer begins to an event that could not be put on disk.
const UNKEPT: &str = "an event is not kept";

fn unkept(why: &str) -> Turned {
    Turned(StatusCode::SERVICE_UNAVAILABLE, format!("{UNKEPT}: {why}"))
}

impl Reception {
    /// The subscriptions whose secret signed it, at least one, and when.
    fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Vec<&Subscription>, i64), Turned> {
        let header = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let timestamp = header(webhook::TIMESTAMP_HEADER);
        let signature = header(webhook::SIGNATURE_HEADER);
        let now = UtcTime::now().as_seconds();
        let mut refusal = Refusal::Forged;
        let mut signed_by = Vec::new();
        for subscription in &self.subscriptions {
            let secret = subscription.secret.expose();
            match webhook::verify(secret, timestamp, signature, body, now) {
                Ok(()) => signed_by.push(subscription),
                Err(Refusal::Forged) => {}
                Err(other) => refusal = other,
            }
        }
        match signed_by.is_empty() {
            true => Err(Turned(StatusCode::UNAUTHORIZED, refusal.to_string())),
            false => {
                let signed_at = timestamp.and_then(|at| at.parse().ok()).unwrap_or(now);
                Ok((signed_by, signed_at))
            }
        }
    }

    /// Says the first deliveries that were not taken and then every thousandth, so that nobody can fill a log; those that were
    /// signed by themselves, so that nobody can hide them.
    fn tell(&self, what: &str, signed: bool) {
        let before = self.untaken[usize::from(signed)].fetch_add(1, Ordering::Relaxed);
        if before < 10 || before.is_multiple_of(1000) {
            (self.warn)(what);
        }
    }
}

/// The event in a body that was found to be genuine.
fn arrival(signed_by: &[&Subscription], signed_at: i64, body: &Bytes) -> Result<Arrival, Turned> {
    let no_event = |why: &str| {
        Turned(
            StatusCode::BAD_REQUEST,
            format!("it is not an event: {why}"),
        )
    };
    let text = std::str::from_utf8(body).map_err(|_| no_event("it is not UTF-8"))?;
    // It would do for a struct.
    if text.trim_start().starts_with('[') {
        return Err(no_event("it is a list"));
    }
    let event: Envelope = serde_json::from_str(text).map_err(|e| no_event(&e.to_string()))?;
    if event.event_id.trim().is_empty() || event.event_topic.trim().is_empty() {
        return Err(no_event("it has no id or no topic"));
    }
    let mut whose = signed_by.iter().map(|subscription| Whose {
        profile: subscription.profile.clone(),
        store: subscription.store.clone(),
        store_id: subscription.store_id.and_then(|id| i64::try_from(id).ok()),
    });
    let first = whose.next().ok_or_else(|| no_event("nobody signed it"))?;
    Ok(Arrival {
        whose: first,
        others: whose.collect(),
        event,
        body: text.to_owned(),
        signed_at,
    })
}

async fn read(incoming: Incoming) -> Result<Bytes, Turned> {
    match server::body(incoming, MAX_BODY, MAX_DISCARDED).await {
        Ok(Some(body)) => Ok(body.into()),
        Ok(None) => Err(Turned(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is over 1 MiB".to_owned(),
        )),
        Err(_) => Err(Turned(
            StatusCode::BAD_REQUEST,
            "the body was cut off".to_owned(),
        )),
    }
}

fn answer(status: StatusCode, message: &str) -> Response<String> {
    let body = serde_json::json!({"message": message, "status": status.as_u16()}).to_string();
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    answer
}
