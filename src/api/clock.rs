//! How far the clock of this machine is from that of the server, by the time that its last answer bears.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::SignedDuration;
use reqwest::header::{DATE, HeaderMap};

/// By how many seconds the server's clock is ahead.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<i64>>);

impl Clock {
    /// Takes note of the time that an answer bears, which came `now`.
    pub(super) fn hear(&self, headers: &HeaderMap, now: SystemTime) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) {
            let ahead = seconds(date).saturating_sub(seconds(now));
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
    }

    /// By how much the server's clock is ahead; `None` where no answer bore a time. Good to a second, and to as long as
    /// an answer takes.
    pub(super) fn ahead(&self) -> Option<SignedDuration> {
        let ahead = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.map(SignedDuration::from_secs)
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_answer_tells_how_far_the_clock_is_off() {
        let clock = Clock::default();
        let now = UNIX_EPOCH + Duration::from_secs(1_900_000_000);
        clock.hear(&HeaderMap::new(), now);
        assert_eq!(clock.ahead(), None);
        for ahead in [0, -7200, 86_400] {
            let date = UNIX_EPOCH + Duration::from_secs((1_900_000_000 + ahead) as u64);
            let date = httpdate::fmt_http_date(date).parse().unwrap();
            clock.hear(&HeaderMap::from_iter([(DATE, date)]), now);
            assert_eq!(clock.ahead(), Some(SignedDuration::from_secs(ahead)));
        }
    }
}
