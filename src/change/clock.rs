//! How old a reading of the stock is. The monotonic clock stops while a laptop sleeps and the wall clock can be set back,
//! so the larger of both differences counts (docs/promises.md: Never twice, never lost, never a guess).

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// By how many milliseconds a clock that the network sets may have been slowed down between two processes.
const SLEWED: i64 = 1000;

/// Both clocks when this process first asked.
static START: OnceLock<(Instant, Duration)> = OnceLock::new();

fn start() -> (Instant, Duration) {
    *START.get_or_init(|| (Instant::now(), wall()))
}

fn wall() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// This moment in milliseconds: counted by the monotonic clock from a start told by the wall clock, so that stamps of one
/// process are never out of order.
pub(super) fn stamp() -> i64 {
    let (instant, wall) = start();
    millis(wall + instant.elapsed())
}

/// How long ago a stamp of this process was taken, at least.
pub(super) fn age(stamp: i64) -> Duration {
    let by_monotonic = self::stamp().saturating_sub(stamp);
    let by_wall = millis(wall()).saturating_sub(stamp);
    Duration::from_millis(u64::try_from(by_monotonic.max(by_wall)).unwrap_or(0))
}

/// How the clocks stand: by it a later process knows whether the wall clock was set back since. `None` where this machine does
/// not tell.
pub(super) fn stand() -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        use rustix::time::{ClockId, clock_gettime};
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        // It goes on while the machine sleeps, and nobody sets it.
        let up = Duration::try_from(clock_gettime(ClockId::Boottime)).ok()?;
        Some(stood(boot.trim(), millis(wall()) - millis(up)))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

fn stood(boot: &str, booted_at: i64) -> String {
    format!("{boot} {booted_at}")
}

/// Whether stamps of an earlier process, for which the clocks stood like this, may be younger than they look: the wall clock was
/// set back since, or the machine was started anew, and nobody knows when.
pub(super) fn was_set_back(then: Option<&str>, now: Option<&str>) -> bool {
    let (Some((boot, then)), Some((booted, now))) = (then.and_then(read), now.and_then(read))
    else {
        return false;
    };
    boot != booted || now + SLEWED < then
}

fn read(stood: &str) -> Option<(&str, i64)> {
    let (boot, at) = stood.split_once(' ')?;
    Some((boot, at.parse().ok()?))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_is_known_to_a_later_process() {
        let then = stood("boot", 1_000_000);
        for (now, set_back) in [
            (stood("boot", 1_000_000), false),
            (stood("boot", 999_000), false),
            (stood("boot", 998_999), true),
            (stood("boot", 5_000_000), false),
            (stood("another", 1_000_000), true),
            ("what is no stand".to_owned(), false),
        ] {
            assert_eq!(was_set_back(Some(&then), Some(&now)), set_back, "{now}");
            assert!(!was_set_back(None, Some(&now)) && !was_set_back(Some(&then), None));
        }
        let (one, other) = (stand(), stand());
        assert!(!was_set_back(one.as_deref(), other.as_deref()));
        assert_eq!(one.is_some(), cfg!(target_os = "linux"));
    }
}
