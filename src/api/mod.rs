//! The thin blocking HTTP layer: four endpoints (seed: Inventory API), each a typed call.
//!
//! A read is sent again by itself as long as that may help. A write is sent again only when it surely was not
//! processed; otherwise it ends in a [`Failure`] whose [`Fate`] says what is known. What to do about a write in doubt
//! is the business of `change/`, which reads the stock back.

mod attempts;
mod exchange;
mod pace;
pub mod paging;
pub mod query;
mod reply;
mod retry;

use std::time::{Duration, Instant, SystemTime};

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};

pub use attempts::Attempts;
use pace::{Pace, Permit};
pub use query::{ListQuery, Sort, SortBy, Status};
use reply::{Answer, Reply};
pub use reply::{Failure, Fate};
use retry::{LONGEST_WAIT, backoff};

use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::model::{Adjusted, Pagination, Product, ProductId, ProductSummary, Raw, SkuId};
use crate::wanted::Quantity;

/// What is always left to find out what became of a write.
const SETTLING: Duration = Duration::from_secs(2);

/// The most items a page may have (seed: List Inventory, "max 250").
pub const MAX_LIMIT: u16 = 250;

/// What a [`Client`] is made of.
pub struct Options {
    /// Scheme, host, port and prefix, without `/api` and without a slash at the end.
    pub base: String,
    /// The credentials, as headers marked sensitive.
    pub headers: HeaderMap,
    /// How long one request may take from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// Further attempts after the first.
    pub retries: u32,
    /// Why every write is refused before it is sent, if it is.
    pub read_only: Option<String>,
    /// Ends waits.
    pub interrupt: Interrupt,
    /// Told of every attempt, and of every wait that the server asked for.
    pub watch: Option<Watch>,
}

/// Told of what goes on on the wire.
pub type Watch = Box<dyn Fn(&Event<'_>) + Send + Sync>;

/// Something that happened on the wire.
pub enum Event<'a> {
    /// A request ended.
    Attempt {
        /// `GET`, `PUT`, `POST`.
        method: &'a str,
        /// Path and query; never holds a secret.
        target: &'a str,
        /// The status, or what went wrong instead.
        outcome: std::result::Result<u16, &'a str>,
        /// From sending to the end of the answer.
        took: Duration,
    },
    /// All workers wait this long because the server asked for it.
    Held(Duration),
}

/// A connection to one store, shared between threads by reference.
pub struct Client {
    http: reqwest::blocking::Client,
    base: String,
    timeout: Duration,
    retries: u32,
    read_only: Option<String>,
    /// The credentials' texts: a proxy may echo them in its answers.
    secrets: Vec<String>,
    pace: Pace,
    interrupt: Interrupt,
    watch: Option<Watch>,
}

/// One page of a list.
#[derive(Deserialize)]
pub struct Page {
    /// The products.
    pub data: Vec<Raw<ProductSummary>>,
    /// Where the page stands.
    pub pagination: Pagination,
    status: u16,
}

impl Answer for Page {
    fn status(&self) -> u16 {
        self.status
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
    status: u16,
}

impl<T: serde::de::DeserializeOwned> Answer for Envelope<T> {
    fn status(&self) -> u16 {
        self.status
    }
}

#[derive(Serialize)]
struct SetBody {
    variants: Vec<SetVariant>,
}

#[derive(Serialize)]
struct SetVariant {
    sku_id: SkuId,
    quantity: i64,
}

#[derive(Serialize)]
struct AdjustBody<'a> {
    sku_id: SkuId,
    adjustment: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// Whether an interrupt ends the request's retries at once, or leaves them the time-out to settle a write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    UntilInterrupted,
    UntilSettled,
}

impl Client {
    /// Makes ready; nothing is sent. An error is internal: the TLS roots can't be loaded, or no thread can be started.
    pub fn new(options: Options) -> Result<Client> {
        let secrets = options
            .headers
            .values()
            .filter(|value| value.is_sensitive())
            .filter_map(|value| value.to_str().ok())
            .map(|text| text.trim_start_matches("Bearer ").to_owned())
            // Too short to be one, and too short to be looked for: a store id.
            .filter(|text| text.len() >= 8)
            .collect();
        // Fails only when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::blocking::Client::builder()
            .user_agent(concat!("sxinv/", env!("CARGO_PKG_VERSION")))
            .default_headers(options.headers)
            .timeout(options.timeout)
            // Shorter than the time-out of the whole, so that a connection that never came about is told apart
            // from an answer that never came.
            .connect_timeout((options.timeout / 2).min(Duration::from_secs(10)))
            // An idle connection that the server closes while we send leaves the request in doubt.
            .pool_idle_timeout(Duration::from_secs(15))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        if options.base.starts_with("http://") {
            // Loopback: a proxy from the environment can't reach it, and no certificate is ever looked at.
            http = http.no_proxy().tls_certs_only([]);
        }
        let http = http
            .build()
            .map_err(|e| Error::internal("can't set up the HTTP client").caused_by(e))?;
        Ok(Client {
            http,
            base: options.base,
            timeout: options.timeout,
            retries: options.retries,
            read_only: options.read_only,
            secrets,
            pace: Pace::default(),
            interrupt: options.interrupt,
            watch: options.watch,
        })
    }

    /// Further attempts after the first, also for whoever repeats a write after reading back.
    pub fn retries(&self) -> u32 {
        self.retries
    }

    /// The flag that ends waits.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// An error when this connection may only read; asked by commands before they prompt, and by every write.
    pub fn writable(&self) -> Result<()> {
        match &self.read_only {
            None => Ok(()),
            Some(why) => Err(Error::refused(format!("{why}; nothing was sent"))
                .hinted("set read_only = false in the profile, or use another profile")),
        }
    }

    /// One page of products, `page` from 1, `limit` up to [`MAX_LIMIT`].
    pub fn list(&self, query: &ListQuery, page: u64, limit: u16) -> Result<Page> {
        self.read(
            &query.target(page, limit),
            Patience::UntilInterrupted,
            |_| Ok(()),
        )
    }

    /// One product with its variants. [`Kind::NotFound`] when the store has no such product.
    pub fn product(&self, id: ProductId) -> Result<Raw<Product>> {
        self.read_product(id, Patience::UntilInterrupted)
    }

    /// Like [`Client::product`], to find out what became of a write: an interrupt leaves it the time-out.
    pub fn read_back(&self, id: ProductId) -> Result<Raw<Product>> {
        self.read_product(id, Patience::UntilSettled)
    }

    fn read_product(&self, id: ProductId, patience: Patience) -> Result<Raw<Product>> {
        let envelope = self.read(
            &product_target(id),
            patience,
            |envelope: &Envelope<Raw<Product>>| about(id, envelope.data.value.product_id),
        );
        match envelope {
            Ok(envelope) => Ok(envelope.data),
            Err(e) if e.kind() == Kind::NotFound && e.message() == "Product not found." => Err(e
                .reworded(format!("no product {id}"))
                .hinted("`sxinv list --search NAME` finds products")),
            Err(e) => Err(e),
        }
    }

    /// Sets the quantities of some variants of a product, together or not at all. The answer shows every variant. Sent
    /// once: whoever sends it again has to look at the stock first. It leaves with `turn`, or waits for one.
    /// `request_id` names the change in `X-Request-Id`, the same for each attempt: for whoever reads the server's logs.
    pub fn set(
        &self,
        id: ProductId,
        changes: &[(SkuId, Quantity)],
        request_id: &str,
        turn: Option<Turn<'_>>,
    ) -> Result<Product, Failure> {
        let body = SetBody {
            variants: changes
                .iter()
                .map(|&(sku_id, quantity)| SetVariant {
                    sku_id,
                    quantity: quantity.get(),
                })
                .collect(),
        };
        let envelope = self.write(
            Method::PUT,
            &product_target(id),
            &body,
            request_id,
            (turn, Again::Never),
            |envelope: &Envelope<Product>| {
                about(id, envelope.data.product_id)?;
                for (sku_id, quantity) in changes {
                    match envelope.data.variant(*sku_id) {
                        Some(variant) if variant.quantity == quantity.get() => {}
                        Some(variant) => {
                            return Err(format!(
                                "it says that sku {sku_id} has {} units and not {quantity}",
                                variant.quantity
                            ));
                        }
                        None => return Err(format!("it does not mention sku {sku_id}")),
                    }
                }
                Ok(())
            },
        )?;
        Ok(envelope.data)
    }

    /// Moves the stock of one variant by `adjustment` units, atomically, above 0 or not at all. `request_id` and
    /// `turn` as in [`Client::set`]; sent again by itself while it surely was not processed.
    pub fn adjust(
        &self,
        id: ProductId,
        sku_id: SkuId,
        adjustment: i64,
        reason: Option<&str>,
        request_id: &str,
        turn: Option<Turn<'_>>,
    ) -> Result<Raw<Adjusted>, Failure> {
        let body = AdjustBody {
            sku_id,
            adjustment,
            reason,
        };
        let envelope = self.write(
            Method::POST,
            &format!("{}/adjust", product_target(id)),
            &body,
            request_id,
            (turn, Again::WhileNotProcessed),
            |envelope: &Envelope<Raw<Adjusted>>| {
                let said = &envelope.data.value;
                about(id, said.product_id)?;
                if said.sku_id != sku_id {
                    return Err(format!("it is about sku {}", said.sku_id));
                }
                if said.adjustment != adjustment
                    || said.previous_quantity.checked_add(adjustment) != Some(said.quantity)
                {
                    return Err(format!(
                        "it says {} {:+} = {} for an adjustment of {adjustment:+}",
                        said.previous_quantity, said.adjustment, said.quantity
                    ));
                }
                Ok(())
            },
        )?;
        Ok(envelope.data)
    }

    /// Whether the credentials may write, found out by an adjustment of 0: the API refuses it as invalid, after it has
    /// looked at the scope and before it changes anything (seed: Adjust Stock, "cannot be 0"). Only the API's own refusal
    /// shows it. Errors are auth where they may not, unavailable where something else answered, or nobody.
    pub fn may_write(&self, product: ProductId) -> Result<()> {
        let body = AdjustBody {
            // Of no variant there is, so that even a server that takes a 0 has nothing to do it to.
            sku_id: SkuId::MAX,
            adjustment: 0,
            reason: None,
        };
        let target = format!("{}/adjust", product_target(product));
        let answer = self.write(
            Method::POST,
            &target,
            &body,
            "check",
            (None, Again::WhileNotProcessed),
            |_: &Envelope<serde::de::IgnoredAny>| Ok(()),
        );
        match answer {
            Err(Failure { error, fate, .. }) => {
                let as_invalid =
                    error.kind() != Kind::Auth && matches!(error.status(), Some(400 | 404 | 422));
                if fate == Fate::Refused && as_invalid {
                    Ok(())
                } else {
                    Err(error)
                }
            }
            Ok(_) => Err(Error::new(
                Kind::Unavailable,
                "the server took an adjustment of 0, which the API refuses: whether writing is allowed can't be told",
            )),
        }
    }

    /// Sends a read until it succeeds, can't succeed, or was tried often enough.
    fn read<T: Answer>(
        &self,
        target: &str,
        patience: Patience,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<T> {
        let mut attempts = Attempts::new(self.retries);
        loop {
            let failure = match self.attempt(&Method::GET, target, None, patience, None, &check) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !failure.transient || !attempts.another(&failure) {
                return Err(attempts.give_up(failure).error);
            }
            if !self.pause(attempts.again(), &failure, patience) {
                return Err(self.interruption());
            }
        }
    }

    /// Sends a write, and again only while it surely was not processed.
    fn write<T: Answer>(
        &self,
        method: Method,
        target: &str,
        body: &impl Serialize,
        request_id: &str,
        (mut turn, again): (Option<Turn<'_>>, Again),
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<T, Failure> {
        self.writable().map_err(Failure::not_sent)?;
        let body = serde_json::to_vec(body).map_err(|e| {
            Failure::not_sent(Error::internal("can't write the request").caused_by(e))
        })?;
        let mut attempts = Attempts::new(self.retries);
        loop {
            let failure = match self.attempt(
                &method,
                target,
                Some((&body, request_id)),
                Patience::UntilInterrupted,
                turn.take(),
                &check,
            ) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if again == Again::Never {
                self.hold(&failure);
                return Err(failure);
            }
            let again = failure.fate == Fate::NotProcessed
                && failure.transient
                && attempts.another(&failure);
            if !again {
                // A wait that the server asked for with a 503 holds for everybody, sent again or not.
                self.hold(&failure);
                return Err(attempts.give_up(failure));
            }
            if !self.pause(attempts.again(), &failure, Patience::UntilInterrupted) {
                return Err(Failure::not_sent(self.interruption()));
            }
        }
    }

    /// One request, from the wait for the common pace to a value that passed `check`.
    fn attempt<T: Answer>(
        &self,
        method: &Method,
        target: &str,
        body: Option<(&[u8], &str)>,
        patience: Patience,
        turn: Option<Turn<'_>>,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<T, Failure> {
        let permit = turn.or_else(|| self.await_turn()).map(|turn| turn.0);
        if permit.is_none() && patience == Patience::UntilInterrupted {
            return Err(Failure::not_sent(self.interruption()));
        }
        let begun = Instant::now();
        let reply = self.exchange(method, target, body, self.time_left(patience));
        if let Some(watch) = &self.watch {
            watch(&Event::Attempt {
                method: method.as_str(),
                target,
                outcome: match &reply {
                    Ok(reply) => Ok(reply.status),
                    Err(failure) => Err(failure.error.message()),
                },
                took: begun.elapsed(),
            });
        }
        let reply = reply?;
        self.keep_pace(&reply, permit.as_ref());
        reply.value(check)
    }

    /// How long a request may take: the time-out, and after a signal what is left of it, though never too little to find
    /// out what became of a write.
    fn time_left(&self, patience: Patience) -> Duration {
        match (patience, self.interrupt.raised()) {
            (Patience::UntilSettled, Some(raised)) => self
                .timeout
                .saturating_sub(raised.at.elapsed())
                .max(SETTLING)
                .min(self.timeout),
            _ => self.timeout,
        }
    }

    /// Speeds up or slows down by what an answer says.
    fn keep_pace(&self, reply: &Reply, permit: Option<&Permit<'_>>) {
        match (reply.status, permit) {
            (429, Some(permit)) => self.pace.too_many(permit),
            (429, None) | (500.., _) => {}
            _ => self.pace.served(),
        }
        if let Some(wait) = self.pace.heed(&reply.headers, SystemTime::now()) {
            self.tell_held(wait);
        }
    }

    fn tell_held(&self, wait: Duration) {
        if let Some(watch) = &self.watch {
            watch(&Event::Held(wait));
        }
    }

    /// Waits before the next attempt; `false` when interrupted.
    fn pause(&self, attempt: u32, failure: &Failure, patience: Patience) -> bool {
        self.hold(failure);
        let wait = match failure.wait {
            // The common hold sees to it; a little on top, so that workers don't come back all at once, and no less than
            // our own back-off: a clock that is ahead makes every date one gone by.
            Some(asked) => {
                let more = backoff(attempt).saturating_sub(asked);
                more + Duration::from_millis(fastrand::u64(0..50))
            }
            None => backoff(attempt),
        };
        match patience {
            Patience::UntilInterrupted => !self.interrupt.wait(wait),
            Patience::UntilSettled => match self.interrupt.raised() {
                None => {
                    self.interrupt.wait(wait);
                    true
                }
                Some(raised) if raised.at.elapsed() + wait < self.timeout => {
                    std::thread::sleep(wait);
                    true
                }
                Some(_) => false,
            },
        }
    }

    /// Slows all workers down when the server says that it is asked too much.
    fn hold(&self, failure: &Failure) {
        if !failure.overloaded {
            return;
        }
        let wait = failure.wait.unwrap_or_else(|| backoff(1)).min(LONGEST_WAIT);
        if self.pace.hold(wait) {
            self.tell_held(wait);
        }
    }

    /// The error that ends a command after a signal, if one came.
    pub fn interrupted(&self) -> Option<Error> {
        let raised = self.interrupt.raised()?;
        Some(Error::new(Kind::Interrupted(raised.signal), "interrupted"))
    }

    fn interruption(&self) -> Error {
        self.interrupted()
            .unwrap_or_else(|| Error::internal("a wait ended early"))
    }

    /// Waits until the common pace lets a request leave, and keeps the place: a write that is put on record only then is
    /// not in flight while it waits. `None` when the wait was interrupted. Nothing else may be asked of the server while
    /// it is held.
    pub fn await_turn(&self) -> Option<Turn<'_>> {
        self.pace
            .enter(&self.interrupt, &|wait| self.tell_held(wait))
            .map(Turn)
    }

    /// Counts the attempts of a `PUT` that its sender repeats.
    pub fn attempts(&self) -> Attempts {
        Attempts::new(self.retries)
    }

    /// Waits as long as the server asked to, or our own back-off, before another attempt; `false` when the run is
    /// interrupted.
    pub fn wait_for(&self, attempts: &Attempts, failure: &Failure) -> bool {
        self.pause(attempts.again(), failure, Patience::UntilInterrupted)
    }
}

/// The right to send one request now.
pub struct Turn<'a>(Permit<'a>);

/// Whether a write is sent again by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Never,
    WhileNotProcessed,
}

fn product_target(id: ProductId) -> String {
    format!("/api/apps/v1/inventory/{id}")
}

/// Whether an answer is about the product that was asked for.
fn about(asked: ProductId, answered: ProductId) -> Result<(), String> {
    if asked == answered {
        Ok(())
    } else {
        Err(format!("it is about product {answered} and not {asked}"))
    }
}
