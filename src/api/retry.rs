//! How often a request is tried, how long is waited before it is sent again (back-off with jitter, or what the server asked
//! for), and the error that the last attempt ends in.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::reply::Failure;
use crate::error::Error;

/// The longest wait that we take from a server; beyond it we give up and say how long it asked for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

const FIRST_BACKOFF: Duration = Duration::from_millis(400);
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// How long to wait after the `attempt`th attempt (from 0) without word from the server: doubling, half of it by
/// chance, so that workers that failed together don't come back together.
pub fn backoff(attempt: u32) -> Duration {
    let whole = FIRST_BACKOFF
        .saturating_mul(1 << attempt.min(10))
        .min(LONGEST_BACKOFF);
    whole.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// What `Retry-After` asks for (RFC 9110 §10.2.3: seconds or an HTTP date). A date gone by means no wait; nonsense
/// counts as not there.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More than fits is longer than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The attempts of one request. They count by themselves, whatever else the server does meanwhile: nothing is tried for
/// ever.
pub struct Attempts {
    /// Further attempts after the first.
    retries: u32,
    /// Further attempts that were granted.
    again: u32,
}

impl Attempts {
    pub(super) fn new(retries: u32) -> Attempts {
        Attempts { retries, again: 0 }
    }

    /// Whether one more attempt may be made; it counts from now.
    pub fn another(&mut self, failure: &Failure) -> bool {
        let may = !failure.waits_too_long() && self.again < self.retries;
        self.again += u32::from(may);
        may
    }

    /// How many further attempts were granted.
    pub(super) fn again(&self) -> u32 {
        self.again
    }

    /// The last attempt's failure, whose error says how often it was tried and how long the server asked to wait.
    pub fn give_up(&self, mut failure: Failure) -> Failure {
        failure.error = self.in_words(&failure);
        failure
    }

    /// The error of an attempt that is the last one.
    pub fn in_words(&self, failure: &Failure) -> Error {
        let error = failure.error.clone();
        match failure.wait.filter(|_| failure.waits_too_long()) {
            Some(wait) => asks_too_much(error, wait),
            None if self.again == 0 => error,
            None => {
                let message = format!("{} ({} attempts)", error.message(), self.again + 1);
                error.reworded(message)
            }
        }
    }
}

/// Seconds in a day.
const A_DAY: u64 = 24 * 60 * 60;

fn asks_too_much(error: Error, wait: Duration) -> Error {
    let wait = match wait.as_secs() {
        seconds if seconds > A_DAY => "more than a day".to_owned(),
        seconds => format!("{seconds} s"),
    };
    let message = format!(
        "{}; the server asks to wait {wait}, longer than sxinv waits ({} s)",
        error.message(),
        LONGEST_WAIT.as_secs()
    );
    error
        .reworded(message)
        .hinted("run it again after that time")
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000);
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(of(" 0 "), Some(Duration::ZERO));
        assert_eq!(of(&"9".repeat(30)), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(
            of(&httpdate::fmt_http_date(now + Duration::from_secs(90))),
            Some(Duration::from_secs(90))
        );
        assert_eq!(
            of(&httpdate::fmt_http_date(now - Duration::from_secs(90))),
            Some(Duration::ZERO)
        );
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(of(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn backoff_doubles_within_its_bounds() {
        for attempt in 0..40 {
            let whole = FIRST_BACKOFF
                .saturating_mul(1 << attempt.min(10))
                .min(LONGEST_BACKOFF);
            for _ in 0..50 {
                let wait = backoff(attempt);
                assert!(
                    wait >= whole / 2 && wait <= whole,
                    "{attempt}: {wait:?} of {whole:?}"
                );
            }
        }
    }
}
