//! Points in time as they are stored, sent and printed.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// A point in time to the millisecond, written `2025-06-12T14:30:00.000Z`: as the API writes it, so that the order of
/// texts is the order of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime(Timestamp);

impl UtcTime {
    /// This moment, by the clock of this machine.
    pub fn now() -> UtcTime {
        UtcTime(Timestamp::now())
    }

    /// So many milliseconds after 1970 began; the nearest there is where that is out of range.
    pub fn from_millis(millis: i64) -> UtcTime {
        let end = if millis < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        UtcTime(Timestamp::from_millisecond(millis).unwrap_or(end))
    }

    /// Microseconds since 1970 began.
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The same moment by the clocks of a time zone.
    pub fn in_zone(self, zone: TimeZone) -> jiff::ZonedDateTime {
        self.0.to_zoned_datetime(zone)
    }

    /// That long before; the earliest there is where that is out of range.
    pub fn earlier(self, by: SignedDuration) -> UtcTime {
        UtcTime(self.0.checked_sub(by).unwrap_or(Timestamp::MIN))
    }
}

impl From<Timestamp> for UtcTime {
    fn from(time: Timestamp) -> UtcTime {
        UtcTime(time)
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").fmt(f)
    }
}

impl FromStr for UtcTime {
    type Err = jiff::Error;

    /// ISO 8601. A time without an offset is taken as UTC: where a server leaves it out, it means its own clock.
    fn from_str(text: &str) -> Result<UtcTime, jiff::Error> {
        let text = text.trim();
        let time = text.parse::<Timestamp>().or_else(|_| {
            let civil = text.parse::<DateTime>()?;
            Ok::<_, jiff::Error>(civil.to_zoned_datetime(TimeZone::UTC)?.timestamp())
        });
        time.map(UtcTime)
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_again() {
        let time: UtcTime = "2025-06-12T16:30:00.0004+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2025-06-12T14:30:00.000Z");
        assert_eq!(
            UtcTime::from_millis(0).to_string(),
            "1970-01-01T00:00:00.000Z"
        );
        assert_eq!(
            UtcTime::from_millis(0)
                .earlier(SignedDuration::from_secs(1))
                .to_string(),
            "1969-12-31T23:59:59.000Z"
        );
        // Out of range is an end of time and no panic.
        UtcTime::from_millis(i64::MAX).earlier(SignedDuration::MIN);
        UtcTime::from_millis(i64::MIN).earlier(SignedDuration::MAX);
    }
}
