//! The thin blocking HTTP layer: four endpoints (docs/api.md), each a typed call.
//!
//! A read is sent again by itself as long as that may help. A write is sent once, by a [`Worker`] whose [`Turn`] it is,
//! and ends in a [`Failure`] whose [`Fate`] says what is known of it. What to do then is the business of `change/`.

mod advice;
mod attempt;
mod broken;
mod clock;
mod excerpt;
mod exchange;
mod large;
mod pace;
pub mod paging;
mod proxy;
pub mod query;
mod rate_limit;
mod reads;
mod reply;
mod retry;
mod scrub;
mod tls;
mod unicode;
mod writes;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use clock::Clock;
use large::Large;
pub use large::Place;
use pace::Pace;
pub use proxy::Proxy;
pub use query::{ListQuery, Sort, SortBy, Status};
pub use reads::{Page, Tries, Unlisted};
use reply::Answer;
pub use reply::{Failure, Fate};
pub use retry::Attempts;
use scrub::Scrubber;
pub use writes::{Turn, Worker};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::model::ProductId;
use crate::time::UtcTime;

/// The most items a page may have (docs/api.md: List Inventory).
pub const MAX_LIMIT: u16 = 250;

/// A write never leaves on a connection that was idle for longer.
const LONGEST_IDLE: Duration = Duration::from_secs(1);

/// What `localhost` stands for. The port is the URL's.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// What a [`Client`] is made of.
pub struct Options {
    /// Scheme, host, port and prefix, without `/api` and without a slash at the end.
    pub base: String,
    /// The credentials, as headers marked sensitive.
    pub headers: HeaderMap,
    /// What requests go through, where it is not the network alone.
    pub proxy: Option<Proxy>,
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
    /// One request is tried again after this time.
    Again(Duration),
}

/// A connection to one store, shared between threads by reference.
pub struct Client {
    http: reqwest::blocking::Client,
    options: Options,
    scrubber: Scrubber,
    pace: Pace,
    clock: Clock,
    large: Large,
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

impl Client {
    /// Makes ready; nothing is sent. An error is internal: the TLS roots can't be loaded, or no thread can be started.
    pub fn new(options: Options) -> Result<Client> {
        let http = http(&options)?;
        let sensitive = options
            .headers
            .values()
            .filter(|value| value.is_sensitive());
        let secrets = sensitive
            .filter_map(|value| value.to_str().ok())
            .map(|text| text.strip_prefix("Bearer ").unwrap_or(text))
            .chain(options.proxy.as_ref().and_then(Proxy::password));
        let scrubber = Scrubber::new(secrets);
        Ok(Client {
            http,
            options,
            scrubber,
            pace: Pace::default(),
            clock: Clock::default(),
            large: Large::default(),
        })
    }

    /// The proxy that requests go through, where there is one.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.options.proxy.as_ref()
    }

    /// By how much the server's clock is ahead of this machine's, by its last answer; `None` where it tells no time.
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        self.clock.ahead()
    }

    /// This moment by our clock or the server's, whichever is earlier: nothing was updated later than that.
    pub fn now(&self) -> UtcTime {
        let behind = self
            .clock_ahead()
            .map_or(SignedDuration::ZERO, |ahead| -ahead);
        UtcTime::now().earlier(behind.max(SignedDuration::ZERO))
    }

    /// The flag that ends waits.
    pub fn interrupt(&self) -> &Interrupt {
        &self.options.interrupt
    }

    /// An error when this connection may only read; asked by commands before they prompt, and by every write.
    pub fn writable(&self) -> Result<()> {
        match &self.options.read_only {
            None => Ok(()),
            Some(why) => Err(Error::refused(format!("{why}; nothing was sent"))
                .hinted("set read_only = false in the profile, or use another profile")),
        }
    }

    /// How often a request is tried after the first attempt.
    pub fn retries(&self) -> u32 {
        self.options.retries
    }

    /// Counts the attempts of a write that its sender repeats.
    pub fn attempts(&self) -> Attempts {
        Attempts::new(self.options.retries)
    }
}

/// The connections: to one server, by one way.
fn http(options: &Options) -> Result<reqwest::blocking::Client> {
    // Fails only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::blocking::Client::builder()
        .user_agent(concat!("sxinv/", env!("CARGO_PKG_VERSION")))
        .default_headers(options.headers.clone())
        .timeout(options.timeout)
        // Shorter than the time-out of the whole, so that a connection that never came about is told apart
        // from an answer that never came.
        .connect_timeout((options.timeout / 2).min(Duration::from_secs(10)))
        // A server may close an idle connection while a request is on its way: in doubt for nothing.
        .pool_idle_timeout(LONGEST_IDLE)
        // Whatever the name stands for elsewhere.
        .resolve_to_addrs("localhost", &LOOPBACK)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy();
    let unmade = |e: reqwest::Error| Error::internal("can't set up the HTTP client").caused_by(e);
    if options.base.starts_with("http://") {
        // Loopback: no proxy can reach it, and no certificate is ever looked at.
        return http.tls_certs_only([]).build().map_err(unmade);
    }
    tls::check_certificates()?;
    let http = match &options.proxy {
        Some(proxy) => http.proxy(reqwest::Proxy::all(proxy.url()).map_err(unmade)?),
        None => http,
    };
    http.build().map_err(tls::no_certificates)
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
