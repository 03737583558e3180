//! How fast a phase goes, and how long it will take. The caller says what time it is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::progress::Progress;

/// Nothing is measured before: what is done in the first moment is what took no work, such as rows that have nothing to
/// send.
const WARM_UP: Duration = Duration::from_secs(1);

/// A rate is told once it was measured for this long, and the time left once so many were done meanwhile: a few, far
/// apart, say nothing of the rest.
const MEASURED: Duration = Duration::from_secs(2);
const ENOUGH: u64 = 10;

/// How often a reading is taken, and how many are kept: the rate is that of the last minute, in which a server that allows so
/// many requests a minute comes round once.
const EVERY: Duration = Duration::from_secs(1);
const KEPT: usize = 60;

/// A phase on its way.
pub(super) struct Meter {
    pub at: Progress,
    /// When the phase began.
    began: Instant,
    /// When how many were done, the oldest first.
    readings: VecDeque<(Instant, u64)>,
}

impl Meter {
    pub fn new(at: Progress, now: Instant) -> Meter {
        Meter {
            at,
            began: now,
            readings: VecDeque::new(),
        }
    }

    /// Another phase, or the same one from the start, is measured anew.
    pub fn update(&mut self, at: Progress, now: Instant) {
        if at.phase != self.at.phase || at.done < self.at.done {
            *self = Meter::new(at, now);
            return;
        }
        self.at = at;
        let due = match self.readings.back() {
            Some((last, _)) => now.duration_since(*last) >= EVERY,
            None => now.duration_since(self.began) >= WARM_UP,
        };
        if due {
            if self.readings.len() == KEPT {
                self.readings.pop_front();
            }
            self.readings.push_back((now, at.done));
        }
    }

    /// How long the phase has taken.
    pub fn taken(&self, now: Instant) -> Duration {
        now.duration_since(self.began)
    }

    /// How many were done in how many seconds that were measured.
    fn measured(&self, now: Instant) -> Option<(u64, f64)> {
        let (since, done) = self.readings.front()?;
        let measured = now.duration_since(*since);
        let done = self.at.done.saturating_sub(*done);
        (measured >= MEASURED && done > 0).then_some((done, measured.as_secs_f64()))
    }

    /// How many a second, once that can be told.
    pub fn rate(&self, now: Instant) -> Option<f64> {
        let (done, seconds) = self.measured(now)?;
        Some(done as f64 / seconds)
    }

    /// How long the rest will take, once that can be told.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let rest = self.at.total?.checked_sub(self.at.done)?;
        let (done, seconds) = self.measured(now).filter(|(done, _)| *done >= ENOUGH)?;
        Duration::try_from_secs_f64(rest as f64 * seconds / done as f64).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Phase;

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// A meter after each of these moments, in seconds, with so many done.
    fn after(moments: &[(u64, u64)], total: u64) -> (Meter, Instant) {
        let began = Instant::now();
        let at = |done| Progress::counted(Phase::Applying, done, total);
        let mut meter = Meter::new(at(0), began);
        for (second, done) in moments {
            meter.update(at(*done), began + seconds(*second));
        }
        (meter, began + seconds(moments.last().unwrap().0))
    }

    #[test]
    fn nothing_is_told_before_it_can_be_known() {
        let (meter, now) = after(&[(1, 200), (2, 400)], 1000);
        assert_eq!(meter.rate(now), None);
        assert_eq!(meter.left(now), None);
        let (meter, now) = after(&[(1, 200), (2, 400), (3, 600)], 1000);
        assert_eq!(meter.rate(now), Some(200.0));
        assert_eq!(meter.left(now), Some(seconds(2)));
        // A few rows in many seconds.
        let (meter, now) = after(&[(1, 1), (21, 10)], 100);
        assert_eq!(meter.rate(now), Some(0.45));
        assert_eq!(meter.left(now), None);
        // Nothing got done since.
        let (meter, now) = after(&[(1, 200), (9, 200)], 1000);
        assert_eq!(meter.rate(now), None);
    }

    #[test]
    fn rows_that_take_no_work_are_no_measure() {
        let (meter, now) = after(&[(0, 9_700), (1, 9_700), (11, 9_800)], 10_000);
        assert_eq!(meter.rate(now), Some(10.0));
        assert_eq!(meter.left(now), Some(seconds(20)));
    }

    #[test]
    fn the_rate_is_that_of_the_last_minute() {
        let mut moments: Vec<(u64, u64)> = (1..=100).map(|n| (n, n * 1000)).collect();
        moments.extend((101..=200).map(|n| (n, 100_000 + (n - 100))));
        let (meter, now) = after(&moments, 1_000_000);
        assert_eq!(meter.rate(now), Some(1.0));
        // Standing still, it sinks.
        assert!(meter.rate(now + seconds(59)).unwrap() < 0.51);
    }

    #[test]
    fn another_phase_is_measured_anew() {
        let (mut meter, now) = after(&[(1, 200), (2, 400), (3, 600)], 1000);
        meter.update(Progress::counted(Phase::Planning, 700, 1000), now);
        assert_eq!(meter.rate(now + seconds(5)), None);
        let (mut meter, now) = after(&[(1, 200), (2, 400), (3, 600)], 1000);
        meter.update(Progress::counted(Phase::Applying, 1, 1000), now);
        assert_eq!(meter.taken(now), Duration::ZERO);
    }
}
