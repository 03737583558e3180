//! Webhook deliveries: a queue with a worker of its own, so that no answer ever waits for a subscriber.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use url::Url;

use super::STORE_ID;
use crate::error::Result;
use crate::threads;
use crate::time::UtcTime;
use crate::webhook::{self, Envelope};

/// How long a subscriber may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long after each failed attempt the next one comes (API: Webhook `inventory.updated`).
const RETRIES: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(12 * 3600),
];

/// How long the end of the server waits for deliveries that were never attempted.
const FAREWELL: Duration = Duration::from_secs(2);

/// Where webhooks go.
#[derive(Clone)]
pub struct WebhookTarget {
    /// `https://…`, or `http://…` on loopback.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
}

/// Without the secret, and without the address's credentials, if any.
impl std::fmt::Debug for WebhookTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookTarget").finish_non_exhaustive()
    }
}

/// The queue's near end.
pub(super) struct Deliveries {
    queue: Option<Sender<String>>,
    done: Receiver<()>,
}

impl Deliveries {
    /// Starts the worker. A usage error when the address is none that may be delivered to.
    pub fn start(target: WebhookTarget) -> Result<Deliveries> {
        let url = webhook::target(&target.url)?;
        let (queue, events) = mpsc::channel();
        let (at_end, done) = mpsc::sync_channel(1);
        threads::begin("sandbox-webhooks", move || {
            // The blocking client has a runtime inside, so it must be made and dropped on this thread.
            if let Ok(http) = client(&url) {
                work(&http, &url, &target.secret, &events, &RETRIES);
            }
            let _ = at_end.send(());
        })?;
        Ok(Deliveries {
            queue: Some(queue),
            done,
        })
    }

    /// Another way into the queue. Takes the `data` of an event.
    pub fn queue(&self) -> Option<Sender<String>> {
        self.queue.clone()
    }
}

impl Drop for Deliveries {
    /// No more events come. First attempts have a moment left; a worker that takes longer is left to itself.
    fn drop(&mut self) {
        self.queue = None;
        let _ = self.done.recv_timeout(FAREWELL);
    }
}

fn client(url: &Url) -> reqwest::Result<reqwest::blocking::Client> {
    // Fails only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut http = reqwest::blocking::Client::builder()
        .user_agent(webhook::USER_AGENT)
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if url.scheme() == "http" {
        http = http.no_proxy().tls_certs_only([]);
    }
    http.build()
}

/// An event that was not taken yet.
struct Pending {
    event: Envelope,
    body: String,
    attempts: usize,
    due: Instant,
}

/// Delivers in order of due time until the queue is closed and every event was attempted once.
fn work(
    http: &reqwest::blocking::Client,
    url: &Url,
    secret: &str,
    events: &Receiver<String>,
    retries: &[Duration],
) {
    let mut waiting: Vec<Pending> = Vec::new();
    loop {
        let next_due = waiting.iter().map(|pending| pending.due).min();
        let came = match next_due {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => events.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        let pending = match came {
            Ok(data) => first(data),
            Err(RecvTimeoutError::Timeout) => {
                let now = Instant::now();
                let at = waiting.iter().position(|pending| pending.due <= now);
                at.map(|at| waiting.swap_remove(at))
            }
            // Retries are not waited for: the first of them is a minute away.
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(mut pending) = pending else { continue };
        if deliver(http, url, secret, &pending) {
            continue;
        }
        if let Some(wait) = retries.get(pending.attempts) {
            pending.attempts += 1;
            pending.due = Instant::now() + *wait;
            waiting.push(pending);
        }
    }
}

fn first(data: String) -> Option<Pending> {
    let data = serde_json::value::RawValue::from_string(data).ok()?;
    let event = Envelope::inventory_updated(STORE_ID, data);
    let body = serde_json::to_string(&event).ok()?;
    Some(Pending {
        event,
        body,
        attempts: 0,
        due: Instant::now(),
    })
}

/// One attempt, signed anew; `true` when it was taken.
fn deliver(http: &reqwest::blocking::Client, url: &Url, secret: &str, pending: &Pending) -> bool {
    let timestamp = UtcTime::now().as_seconds();
    let signature = webhook::sign(secret, timestamp, pending.body.as_bytes());
    let event_id = pending.event.event_id.as_str();
    let sent = http
        .post(url.clone())
        .header("Content-Type", "application/json")
        .header(webhook::SIGNATURE_HEADER, signature)
        .header(webhook::TIMESTAMP_HEADER, timestamp.to_string())
        .header(webhook::EVENT_HEADER, pending.event.event_topic.as_str())
        .header(webhook::EVENT_ID_HEADER, event_id)
        .header(webhook::IDEMPOTENCY_KEY_HEADER, event_id)
        .header(webhook::DELIVERY_ID_HEADER, webhook::new_id())
        .body(pending.body.clone())
        .send();
    sent.is_ok_and(|answer| answer.status().is_success())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use std::thread;

    #[test]
    fn what_was_not_taken_is_delivered_again_as_the_same_event() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url =
            webhook::target(&format!("http://{}/hook", listener.local_addr().unwrap())).unwrap();
        let (queue, events) = mpsc::channel();
        let worker = thread::spawn(move || {
            let retries = [Duration::from_millis(1); 5];
            work(&client(&url).unwrap(), &url, "whsec_x", &events, &retries);
        });
        queue.send(r#"{"product_id":150}"#.to_owned()).unwrap();
        let mut deliveries = Vec::new();
        for status in ["500 No", "302 Found", "200 OK"] {
            let mut stream = listener.accept().unwrap().0;
            let mut text = String::new();
            let mut buffer = [0; 4096];
            while !text.ends_with("}}") {
                let n = stream.read(&mut buffer).unwrap();
                text += std::str::from_utf8(&buffer[..n]).unwrap();
            }
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            let header = |name: &str| {
                let line = text
                    .lines()
                    .find(|line| line.to_lowercase().starts_with(name));
                line.unwrap().split_once(": ").unwrap().1.to_owned()
            };
            deliveries.push((
                header("x-selorax-webhook-event-id"),
                header("x-selorax-delivery-id"),
            ));
        }
        drop(queue);
        worker.join().unwrap();
        let [first, second, third] = &deliveries[..] else {
            panic!()
        };
        assert!(first.0 == second.0 && second.0 == third.0);
        assert!(first.1 != second.1 && second.1 != third.1 && first.1 != third.1);
    }
}
