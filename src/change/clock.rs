//! How old a reading of the stock is. The monotonic clock stops while a laptop sleeps and the wall clock can be set back,
//! so the larger of both differences counts (docs/promises.md: Never twice, never lost, never a guess).

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
