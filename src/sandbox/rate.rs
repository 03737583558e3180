//! The rate limit: how many requests each window of time allows.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How many requests a window of time may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests, at least one.
    pub requests: u32,
    /// In how much time.
    pub per: Duration,
}

/// Reads `120/min`, `5/s` or `1000/h`. Errors are usage errors.
impl FromStr for RateLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<RateLimit> {
        let wrong = || {
            Error::usage(format!(
                "{text:?} is not a rate limit: write 5/s, 120/min or 1000/h"
            ))
        };
        let (requests, unit) = text.split_once('/').ok_or_else(wrong)?;
        let requests = requests.trim().parse().map_err(|_| wrong())?;
        let seconds = match unit.trim() {
            "s" | "sec" | "second" => 1,
            "m" | "min" | "minute" => 60,
            "h" | "hour" => 3600,
            _ => return Err(wrong()),
        };
        if requests == 0 {
            return Err(wrong());
        }
        Ok(RateLimit {
            requests,
            per: Duration::from_secs(seconds),
        })
    }
}

/// Counts requests in fixed windows, the first of which begins with the first request. A fixed window is what the
/// `X-RateLimit-*` headers describe, and it is the harder test: everybody is let in again at once.
pub(super) struct Window {
    limit: RateLimit,
    state: Mutex<Option<(Instant, u32)>>,
}

/// Where a request stands in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Requests a window may have.
    pub limit: u32,
    /// Requests that are left after this one.
    pub remaining: u32,
    /// Seconds until the window ends, rounded up, so that who waits that long gets in.
    pub reset: u64,
    /// Whether this request is within the limit.
    pub allowed: bool,
}

impl Window {
    pub fn new(limit: RateLimit) -> Window {
        Window {
            limit,
            state: Mutex::default(),
        }
    }

    /// Counts a request that comes in `now`.
    pub fn take(&self, now: Instant) -> Standing {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, used) = match *state {
            Some((begun, used)) if now.saturating_duration_since(begun) < self.limit.per => {
                (begun, used)
            }
            _ => (now, 0),
        };
        let allowed = used < self.limit.requests;
        let used = used + u32::from(allowed);
        *state = Some((begun, used));
        let left = self
            .limit
            .per
            .saturating_sub(now.saturating_duration_since(begun));
        Standing {
            limit: self.limit.requests,
            remaining: self.limit.requests - used,
            reset: left.as_millis().div_ceil(1000).max(1) as u64,
            allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_anything_else_is_told() {
        for (text, requests, seconds) in
            [("120/min", 120, 60), ("5/s", 5, 1), ("1000/h", 1000, 3600)]
        {
            let limit: RateLimit = text.parse().unwrap();
            assert_eq!((limit.requests, limit.per.as_secs()), (requests, seconds));
        }
        for text in [
            "",
            "5",
            "0/s",
            "-1/s",
            "5/day",
            "x/s",
            "1.5/s",
            "99999999999/s",
        ] {
            let error = text.parse::<RateLimit>().unwrap_err();
            assert!(error.message().contains("120/min"), "{error}");
            assert_eq!(error.kind(), crate::error::Kind::Usage);
        }
    }

    #[test]
    fn a_window_fills_and_ends() {
        let window = Window::new("2/min".parse().unwrap());
        let begun = Instant::now();
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        assert_eq!(
            window.take(at(0)),
            Standing {
                limit: 2,
                remaining: 1,
                reset: 60,
                allowed: true
            }
        );
        assert!(window.take(at(1)).allowed);
        assert_eq!(
            window.take(at(50)),
            Standing {
                limit: 2,
                remaining: 0,
                reset: 10,
                allowed: false
            }
        );
        assert!(window.take(at(60)).allowed);
    }
}
