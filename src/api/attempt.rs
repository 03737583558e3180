//! One attempt at a request, and the wait before the next one: what reads and writes share.

use std::time::{Duration, Instant, SystemTime};

use reqwest::Method;

use super::large::Place;
use super::pace::Permit;
use super::reply::{Answer, Failure, Reply};
use super::retry::{LONGEST_WAIT, backoff};
use super::{Client, Event};
use crate::error::{Error, Kind};

/// What is always left to find out what became of a write.
const SETTLING: Duration = Duration::from_secs(2);

/// Whether an interrupt ends the request's retries at once, or leaves them the time-out to settle a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    UntilInterrupted,
    UntilSettled,
}

/// What is asked of the server.
pub(super) struct Ask<'a> {
    pub method: Method,
    /// Path and query.
    pub target: &'a str,
    /// The body of a write, and what names the change in `X-Request-Id`, the same for each attempt: for whoever reads the
    /// server's logs.
    pub body: Option<(&'a [u8], &'a str)>,
    pub patience: Patience,
}

impl<'a> Ask<'a> {
    pub(super) fn read(target: &'a str, patience: Patience) -> Ask<'a> {
        Ask {
            method: Method::GET,
            target,
            body: None,
            patience,
        }
    }
}

impl Client {
    /// Waits until the common pace lets a request leave; `None` when interrupted.
    pub(super) fn enter(&self) -> Option<Permit<'_>> {
        self.pace.enter(&self.options.interrupt)
    }

    /// One request, to a value that passed `check`. Without a permit it leaves at once: an interrupt came, and it has to
    /// be found out what became of a write.
    pub(super) fn attempt<T: Answer>(
        &self,
        ask: &Ask<'_>,
        permit: Option<Permit<'_>>,
        place: &mut Place<'_>,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<T, Failure> {
        let begun = Instant::now();
        let reply = self.exchange(ask, self.time_left(ask.patience), place);
        self.tell(Event::Attempt {
            method: ask.method.as_str(),
            target: ask.target,
            outcome: match &reply {
                Ok(reply) => Ok(reply.status),
                Err(failure) => Err(failure.error.message()),
            },
            took: begun.elapsed(),
        });
        let value = reply.and_then(|reply| {
            self.clock.hear(&reply.headers, SystemTime::now());
            self.keep_pace(&reply, permit.as_ref());
            reply.value(check)
        });
        if value.is_err() {
            place.let_go();
        }
        value
    }

    /// How long a request may take: the time-out, and after a signal what is left of it, though never too little to find
    /// out what became of a write.
    fn time_left(&self, patience: Patience) -> Duration {
        match (patience, self.options.interrupt.raised()) {
            (Patience::UntilSettled, Some(raised)) => self
                .options
                .timeout
                .saturating_sub(raised.at.elapsed())
                .max(SETTLING)
                .min(self.options.timeout),
            _ => self.options.timeout,
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
            self.tell(Event::Held(wait));
        }
    }

    fn tell(&self, event: Event<'_>) {
        if let Some(watch) = &self.options.watch {
            watch(&event);
        }
    }

    /// Waits before the next attempt; `false` where an interrupt ended that.
    pub(super) fn pause(&self, attempt: u32, failure: &Failure, patience: Patience) -> bool {
        self.hold(failure);
        let wait = match failure.wait {
            // The common hold sees to it; a little on top, so that workers don't come back all at once, and no less than
            // our own back-off: a clock that is ahead makes every date one gone by.
            Some(asked) => {
                let more = backoff(attempt).saturating_sub(asked);
                more + Duration::from_millis(fastrand::u64(0..50))
            }
            None => {
                let wait = backoff(attempt);
                self.tell(Event::Again(wait));
                wait
            }
        };
        match (patience, self.options.interrupt.raised()) {
            (Patience::UntilInterrupted, _) => !self.options.interrupt.wait(wait),
            (Patience::UntilSettled, None) => {
                self.options.interrupt.wait(wait);
                true
            }
            (Patience::UntilSettled, Some(raised)) => {
                let in_time = raised.at.elapsed() + wait < self.options.timeout;
                if in_time {
                    std::thread::sleep(wait);
                }
                in_time
            }
        }
    }

    /// Slows all workers down when the server says that it is asked too much.
    pub(super) fn hold(&self, failure: &Failure) {
        // What is longer than anybody waits ends the request, and is told then.
        if !failure.overloaded || failure.waits_too_long() {
            return;
        }
        let wait = failure.wait.unwrap_or_else(|| backoff(1)).min(LONGEST_WAIT);
        if self.pace.hold(wait) {
            self.tell(Event::Held(wait));
        }
    }

    /// The error that ends a command after a signal, if one came.
    pub fn interrupted(&self) -> Option<Error> {
        let raised = self.options.interrupt.raised()?;
        Some(Error::new(Kind::Interrupted(raised.signal), "interrupted"))
    }

    pub(super) fn interruption(&self) -> Error {
        self.interrupted()
            .unwrap_or_else(|| Error::internal("a wait ended early"))
    }
}
