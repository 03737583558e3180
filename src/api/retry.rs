//! How long to wait before a request is sent again: back-off with jitter, or what the server asked for.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

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
