//! One pace for all workers: how many requests may be under way, when the next may leave, and until when nobody sends
//! because the server asked for a pause.
//!
//! A 429 halves the requests that may be under way; each answer lets them grow back a little. What a response says of
//! its rate limit spaces the requests out before it comes to that.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderMap;

use super::rate_limit::RateLimit;
use super::retry::LONGEST_WAIT;
use crate::interrupt::Interrupt;

/// How often a waiting worker looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// A hold that lasts less longer than the one before is no news.
const NEWS: Duration = Duration::from_millis(250);

/// When less than this part of the limit is left, requests are spaced out.
const SCARCE: f64 = 0.25;

/// The common pace of a client's workers.
#[derive(Default)]
pub struct Pace {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Nobody sends before.
    until: Option<Instant>,
    /// How many requests may be under way; `None` as long as the server never complained.
    slots: Option<f64>,
    under_way: usize,
    /// Time between two requests.
    gap: Duration,
    /// When the next one may leave, where there is a gap.
    next: Option<Instant>,
    /// Counts the halvings: the 429s of one burst halve once.
    halvings: u64,
}

/// The right to have one request under way; given back when dropped.
pub struct Permit<'a> {
    pace: &'a Pace,
    halvings: u64,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.pace.lock().under_way -= 1;
        self.pace.changed.notify_all();
    }
}

impl Pace {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request may leave; `None` when the wait was interrupted.
    pub fn enter(&self, interrupt: &Interrupt) -> Option<Permit<'_>> {
        let mut state = self.lock();
        loop {
            if interrupt.raised().is_some() {
                return None;
            }
            let now = Instant::now();
            let left = |until: Option<Instant>| until.and_then(|t| t.checked_duration_since(now));
            let wait = left(state.until).max(left(state.next)).unwrap_or_default();
            // One may always be under way, or nothing would ever change.
            let room = state
                .slots
                .is_none_or(|slots| (state.under_way as f64) < slots.floor().max(1.0));
            if wait.is_zero() && room {
                if !state.gap.is_zero() {
                    state.next = Some(now + state.gap);
                }
                state.under_way += 1;
                return Some(Permit {
                    pace: self,
                    halvings: state.halvings,
                });
            }
            let look = if wait.is_zero() { LOOK } else { wait.min(LOOK) };
            (state, _) = self
                .changed
                .wait_timeout(state, look)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing is sent for this long. `true` when that is news: nobody was already holding for as long.
    pub fn hold(&self, how_long: Duration) -> bool {
        let until = Instant::now() + how_long;
        let mut state = self.lock();
        let news = state.until.is_none_or(|held| held + NEWS < until);
        if news {
            state.until = Some(until);
        }
        news
    }

    /// The server said that it is asked too much by a request with this permit: half as many may be under way.
    pub fn too_many(&self, permit: &Permit<'_>) {
        let mut state = self.lock();
        if state.halvings == permit.halvings {
            let now = state.slots.unwrap_or(f64::MAX).min(state.under_way as f64);
            state.slots = Some((now / 2.0).max(1.0));
            state.halvings += 1;
        }
    }

    /// The server served a request.
    pub fn served(&self) {
        let mut state = self.lock();
        if let Some(slots) = &mut state.slots {
            *slots += 1.0 / *slots;
            self.changed.notify_all();
        }
    }

    /// Heeds what a response says of its rate limit. `Some` when everybody has to wait that long.
    pub fn heed(&self, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
        let limit = RateLimit::read(headers, now)?;
        let reset = limit.reset;
        let mut state = self.lock();
        if reset > LONGEST_WAIT {
            // Nobody waits for that. The server refuses what is too much, and says then how long it means.
            state.gap = Duration::ZERO;
            state.next = None;
            return None;
        }
        if limit.remaining == 0 {
            state.gap = Duration::ZERO;
            drop(state);
            return (!reset.is_zero() && self.hold(reset)).then_some(reset);
        }
        let scarce = match limit.limit {
            Some(of) => (limit.remaining as f64) < of as f64 * SCARCE,
            None => limit.remaining <= 2 * state.under_way as u64,
        };
        state.gap = if scarce {
            reset.div_f64(limit.remaining as f64)
        } else {
            Duration::ZERO
        };
        if state.gap.is_zero() {
            state.next = None;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::rate_limit::tests::headers;

    #[test]
    fn a_burst_of_refusals_halves_once_and_answers_let_it_grow_back() {
        let (pace, interrupt) = (Pace::default(), Interrupt::new());
        let enter = || pace.enter(&interrupt).unwrap();
        let permits: Vec<Permit<'_>> = (0..16).map(|_| enter()).collect();
        for permit in &permits {
            pace.too_many(permit);
        }
        assert_eq!(pace.lock().slots, Some(8.0));
        drop(permits);
        for _ in 0..200 {
            pace.served();
        }
        assert!(pace.lock().slots.unwrap() > 16.0);
        pace.too_many(&enter());
        assert_eq!(pace.lock().slots, Some(1.0), "half of what was under way");
        let _one = enter();
        interrupt.raise(2);
        assert!(pace.enter(&interrupt).is_none(), "there is room for one");
    }

    #[test]
    fn what_is_scarce_is_spaced_out_and_what_is_used_up_is_waited_for() {
        let pace = Pace::default();
        let now = SystemTime::now();
        let left = |n: &str| {
            headers(&[
                ("ratelimit-limit", "60"),
                ("ratelimit-remaining", n),
                ("ratelimit-reset", "30"),
            ])
        };
        assert_eq!(pace.heed(&left("40"), now), None);
        assert_eq!(pace.lock().gap, Duration::ZERO);
        assert_eq!(pace.heed(&left("10"), now), None);
        assert_eq!(pace.lock().gap, Duration::from_secs(3));
        assert_eq!(pace.heed(&left("0"), now), Some(Duration::from_secs(30)));
        assert_eq!(pace.heed(&left("0"), now), None, "that is no news");
    }

    #[test]
    fn a_reset_far_in_the_future_holds_nobody() {
        let (pace, interrupt) = (Pace::default(), Interrupt::new());
        for remaining in ["0", "1"] {
            for reset in ["61", "3600", "99999999999999999999", "4102444800"] {
                let said = [
                    ("ratelimit-remaining", remaining),
                    ("ratelimit-reset", reset),
                ];
                assert_eq!(pace.heed(&headers(&said), SystemTime::now()), None);
                assert!(pace.lock().until.is_none() && pace.lock().gap.is_zero());
                assert!(pace.enter(&interrupt).is_some());
            }
        }
    }

    #[test]
    fn an_interrupt_ends_the_hold() {
        let (pace, interrupt) = (Pace::default(), Interrupt::new());
        drop(pace.enter(&interrupt).unwrap());
        assert!(pace.hold(Duration::from_secs(3600)));
        assert!(
            !pace.hold(Duration::from_secs(60)),
            "a shorter hold is no news"
        );
        interrupt.raise(2);
        assert!(pace.enter(&interrupt).is_none());
    }
}
