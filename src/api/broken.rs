//! What goes wrong on the way, in words: no connection, no answer, half an answer.

use std::error::Error as Source;
use std::time::Duration;

use super::reply::{Failure, Fate};
use super::{Client, tls};
use crate::error::{Error, Kind};

/// What hyper-util says of a proxy that wants to know who we are; its type can't be named.
const PROXY_ASKS_WHO: &str = "proxy authorization required";

impl Client {
    /// The failure where no answer came within `limit`.
    pub(super) fn unanswered(&self, error: reqwest::Error, limit: Duration) -> Failure {
        // The address stands in our own words already.
        let error = error.without_url();
        if error.is_connect() {
            return self.unconnected(&error);
        }
        let message = if error.is_timeout() {
            self.late(limit)
        } else {
            format!("the connection to {} broke", self.server())
        };
        in_doubt(&because(&message, &error))
    }

    /// Nothing was sent, so nothing was processed.
    fn unconnected(&self, error: &reqwest::Error) -> Failure {
        let message = format!("can't connect to {}", self.server());
        let unavailable =
            |message: String, hint: String| Error::new(Kind::Unavailable, message).hinted(hint);
        if let Some(trouble) = tls::trouble(error) {
            let message = format!("{message}: {}", trouble.what);
            return Failure::not_sent(unavailable(message, trouble.hint.to_owned()));
        }
        let message = because(&message, error);
        match &self.options.proxy {
            Some(proxy) if message.contains(PROXY_ASKS_WHO) => {
                let source = proxy.source();
                Failure::not_sent(unavailable(
                    format!("the proxy {proxy} ({source}) asks for a user name and a password"),
                    format!("put them into {source}: http://USER:PASSWORD@HOST:PORT"),
                ))
            }
            proxy => {
                let proxy = proxy.as_ref().map_or_else(String::new, |proxy| {
                    format!("the proxy, which {} names, ", proxy.source())
                });
                let hint = format!("check {proxy}the network and the address (--api-url)");
                Failure::new(unavailable(message, hint), Fate::NotProcessed, true)
            }
        }
    }

    /// The failure where an answer broke off.
    pub(super) fn broken_off(&self, error: &std::io::Error) -> Failure {
        in_doubt(&because(
            &format!("the answer from {} broke off", self.server()),
            error,
        ))
    }

    /// The failure where an answer takes too long.
    pub(super) fn too_late(&self, limit: Duration) -> Failure {
        in_doubt(&self.late(limit))
    }

    /// The failure where an answer is too large to be the API's. It would be as large the next time.
    pub(super) fn too_large(&self, most: usize) -> Failure {
        let message = format!(
            "the answer from {} is larger than {} MB",
            self.server(),
            most >> 20
        );
        Failure {
            transient: false,
            ..in_doubt(&message)
        }
    }

    fn late(&self, limit: Duration) -> String {
        format!("no answer from {} within {limit:?}", self.server())
    }

    /// The server, and how it is reached.
    fn server(&self) -> String {
        match &self.options.proxy {
            Some(proxy) => format!(
                "{} through the proxy {proxy} ({})",
                self.options.base,
                proxy.source()
            ),
            None => self.options.base.clone(),
        }
    }
}

fn in_doubt(message: &str) -> Failure {
    let error = Error::new(Kind::Unavailable, message).hinted(
        "try again later; --timeout sets how long sxinv waits, --retries how often it tries",
    );
    Failure::new(error, Fate::InDoubt, true)
}

/// The message with what lies at the bottom: each layer tends to repeat the one below, the innermost names the cause.
fn because(message: &str, error: &dyn Source) -> String {
    let mut innermost = None;
    let mut next = error.source();
    while let Some(source) = next {
        innermost = Some(source);
        next = source.source();
    }
    match innermost {
        Some(cause) => format!("{message}: {cause}"),
        None => message.to_owned(),
    }
}
