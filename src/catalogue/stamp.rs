//! When a product was last updated, as the catalogue keeps it.

use std::num::{NonZeroI64, NonZeroU8};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// When a product was last updated, in Unix microseconds; the one at 0 is told as the next one, so that none costs no
/// more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(NonZeroI64);

impl Stamp {
    /// Reads `updated_at`; `None` where it is missing or no time. One without an offset is taken as UTC: only the order
    /// matters.
    pub fn read(text: Option<&str>) -> Option<Stamp> {
        let text = text?.trim();
        let time = text.parse::<Timestamp>().or_else(|_| {
            let civil = text.parse::<DateTime>()?;
            Ok::<_, jiff::Error>(civil.to_zoned_datetime(TimeZone::UTC)?.timestamp())
        });
        Some(Stamp::at(time.ok()?.as_microsecond()))
    }

    fn at(microseconds: i64) -> Stamp {
        Stamp(NonZeroI64::new(microseconds).unwrap_or(NonZeroU8::MIN.into()))
    }

    /// This much earlier, in seconds.
    pub fn earlier(self, seconds: i64) -> Stamp {
        Stamp::at(
            self.0
                .get()
                .saturating_sub(seconds.saturating_mul(1_000_000)),
        )
    }
}

impl ToSql for Stamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.get().into())
    }
}

impl FromSql for Stamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Stamp> {
        value.as_i64().map(Stamp::at)
    }
}
