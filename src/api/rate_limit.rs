//! What a response says of its rate limit.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// How many requests are left until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in one window.
    pub limit: Option<u64>,
    /// Requests that are left.
    pub remaining: u64,
    /// Until the next window begins.
    pub reset: Duration,
}

impl RateLimit {
    /// Reads `X-RateLimit-*`, `RateLimit-*` or the combined `RateLimit`; `None` where nothing says how much is left
    /// until when. A reset is in seconds from now, or, where it is too large for that, a Unix time in seconds or
    /// milliseconds.
    pub fn read(headers: &HeaderMap, now: SystemTime) -> Option<RateLimit> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let number = |name: &str| -> Option<f64> {
            let number: f64 = text(name)?.trim().parse().ok()?;
            (number.is_finite() && number >= 0.0).then_some(number)
        };
        let either = |name: &str| {
            number(&format!("x-ratelimit-{name}")).or_else(|| number(&format!("ratelimit-{name}")))
        };
        let combined = |name: &str| -> Option<f64> {
            let fields = text("ratelimit")?.split([',', ';']);
            let mut values = fields.filter_map(|field| field.trim().split_once('='));
            values
                .find(|(field, _)| *field == name)?
                .1
                .trim()
                .parse()
                .ok()
        };
        let field = |name: &str| either(name).or_else(|| combined(name));
        let remaining = field("remaining")?;
        let reset = field("reset")?;
        let seconds = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let since = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let reset = match reset {
            _ if reset > 1e11 => seconds(reset / 1000.0).saturating_sub(since),
            _ if reset > 1e9 => seconds(reset).saturating_sub(since),
            _ => seconds(reset),
        };
        Some(RateLimit {
            limit: field("limit").map(|n| n as u64),
            remaining: remaining as u64,
            reset,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    pub(in crate::api) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn the_headers_that_servers_send() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_000_000);
        let read = |lines: &[(&str, &str)]| RateLimit::read(&headers(lines), now);
        let of = |limit, remaining, reset| {
            Some(RateLimit {
                limit,
                remaining,
                reset: Duration::from_secs(reset),
            })
        };
        assert_eq!(
            read(&[
                ("x-ratelimit-limit", "60"),
                ("x-ratelimit-remaining", "7"),
                ("x-ratelimit-reset", "30")
            ]),
            of(Some(60), 7, 30)
        );
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1764000012")
            ]),
            of(None, 0, 12)
        );
        assert_eq!(
            read(&[("ratelimit-remaining", "5"), ("ratelimit-reset", "9")]),
            of(None, 5, 9)
        );
        assert_eq!(
            read(&[("ratelimit", "limit=100, remaining=50, reset=5")]),
            of(Some(100), 50, 5)
        );
        assert_eq!(read(&[("x-ratelimit-remaining", "5")]), None);
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining", "-1"),
                ("x-ratelimit-reset", "soon")
            ]),
            None
        );
        assert_eq!(
            read(&[
                ("ratelimit-remaining", "0"),
                ("ratelimit-reset", "1764000012000")
            ]),
            of(None, 0, 12),
            "milliseconds"
        );
        assert_eq!(read(&[]), None);
    }
}
