//! Points in time as they are typed, stored, sent and printed.

use std::env::VarError;
use std::fmt;
use std::fs;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// How a time is written for people: `2025-06-12`.
pub const DAY: &str = "%Y-%m-%d";

/// `2025-06-12 14:30`.
pub const MINUTE: &str = "%Y-%m-%d %H:%M";

/// `2025-06-12 14:30:05`.
pub const SECOND: &str = "%Y-%m-%d %H:%M:%S";

/// `14:30:05`.
pub const CLOCK: &str = "%H:%M:%S";

/// A point in time to the millisecond, written `2025-06-12T14:30:00.000Z`: as the API writes it, so that the order of
/// texts is the order of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime(Timestamp);

impl UtcTime {
    /// This moment, by the clock of this machine.
    pub fn now() -> UtcTime {
        UtcTime(Timestamp::now())
    }

    /// `millis` milliseconds after 1970 began; the nearest time there is where that is out of range.
    pub fn from_millis(millis: i64) -> UtcTime {
        let end = if millis < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        UtcTime(Timestamp::from_millisecond(millis).unwrap_or(end))
    }

    /// Seconds since 1970 began.
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Milliseconds since 1970 began.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Microseconds since 1970 began.
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// By the clocks of a time zone, in this format (`strftime`).
    pub fn local(self, zone: &TimeZone, format: &str) -> String {
        let local = self.0.to_zoned_datetime(zone.clone());
        local.strftime(format).to_string()
    }

    /// By the clocks of this machine's time zone; see [`UtcTime::local`].
    pub fn here(self, format: &str) -> String {
        self.local(&zone(), format)
    }

    /// How long ago that was, as people say it: `a minute ago`, `3 hours ago`. A time that is to come is named.
    pub fn ago(self) -> String {
        let seconds = Timestamp::now().as_second() - self.as_seconds();
        match seconds {
            ..0 => format!("at {}", self.here(MINUTE)),
            0..60 => "a moment ago".to_owned(),
            60..120 => "a minute ago".to_owned(),
            120..7200 => format!("{} minutes ago", seconds / 60),
            7200..172_800 => format!("{} hours ago", seconds / 3600),
            _ => format!("on {}", self.here(DAY)),
        }
    }

    /// What people type: a date, a date and a time, here where no offset is said, or how long ago, such as `7d` or `12h`.
    pub fn typed(text: &str) -> Result<UtcTime, String> {
        let wrong = || {
            format!(
                "`{text}` is not a point in time: a date such as 2026-11-24, or how long ago, such as 7d or 12h"
            )
        };
        let text = text.trim();
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(UtcTime(time));
        }
        if let Ok(time) = text.parse::<DateTime>() {
            let local = time.to_zoned_datetime(zone());
            return local
                .map(|local| UtcTime(local.timestamp()))
                .map_err(|_| wrong());
        }
        let ago = match text.strip_suffix('d') {
            Some(days) => {
                let days: i64 = days.parse().map_err(|_| wrong())?;
                let hours = days.checked_mul(24).ok_or_else(wrong)?;
                SignedDuration::try_from_hours(hours).ok_or_else(wrong)?
            }
            None => text.parse::<SignedDuration>().map_err(|_| wrong())?,
        };
        if ago.is_negative() {
            return Err(wrong());
        }
        let time = Timestamp::now().checked_sub(ago);
        time.map(UtcTime).map_err(|_| wrong())
    }

    /// That long before; the earliest there is where that is out of range.
    pub fn earlier(self, by: SignedDuration) -> UtcTime {
        UtcTime(self.0.checked_sub(by).unwrap_or(Timestamp::MIN))
    }
}

/// The time zone of this machine, or the one that `TZ` names. Its file alone is read: to find it by its name, every zone that
/// there is would be looked at first.
pub fn zone() -> TimeZone {
    let file = match std::env::var("TZ").as_deref() {
        Err(VarError::NotPresent) => "/etc/localtime".to_owned(),
        Ok("" | "UTC") => return TimeZone::UTC,
        Ok(name) if is_area_and_city(name) => format!("/usr/share/zoneinfo/{name}"),
        _ => return TimeZone::system(),
    };
    let read = fs::read(file).ok();
    let zone = read.and_then(|bytes| TimeZone::tzif("", &bytes).ok());
    zone.unwrap_or_else(TimeZone::system)
}

/// `Asia/Dhaka`, `Etc/GMT+6`: neither a path nor a rule.
fn is_area_and_city(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    name.contains('/') && !name.starts_with('/') && name.bytes().all(plain)
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
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(time.local(&zone, SECOND), "2025-06-12 16:30:00");
        // Out of range is an end of time and no panic.
        UtcTime::from_millis(i64::MAX).earlier(SignedDuration::MIN);
        UtcTime::from_millis(i64::MIN).earlier(SignedDuration::MAX);
    }

    #[test]
    fn a_zone_of_an_area_and_a_city_is_a_file_and_no_path() {
        for name in ["Asia/Dhaka", "America/Argentina/Buenos_Aires", "Etc/GMT+6"] {
            assert!(is_area_and_city(name), "{name}");
        }
        for other in [
            "",
            "UTC",
            "EST5EDT",
            "/etc/localtime",
            ":Asia/Dhaka",
            "../Asia/Dhaka",
            "<+06>-6",
            "EST5EDT,M3.2.0/2,M11.1.0/2",
        ] {
            assert!(!is_area_and_city(other), "{other}");
        }
    }

    #[test]
    fn points_in_time_as_people_type_them() {
        let now = UtcTime::now().as_seconds();
        let hours = |text: &str| (now - UtcTime::typed(text).unwrap().as_seconds()) / 3600;
        assert_eq!((hours("7d"), hours("12h")), (168, 12));
        for time in ["2026-11-24", "2026-11-24T02:15", "2026-11-24T02:15:00Z"] {
            assert!(UtcTime::typed(time).is_ok(), "{time}");
        }
        for wrong in ["", "d", "yesterday", "-3d", "99999999999999999d"] {
            assert!(UtcTime::typed(wrong).is_err(), "{wrong}");
        }
    }
}
