//! When a product was last updated, as the catalogue keeps it.

use std::num::{NonZeroI64, NonZeroU8};

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::api::Client;
use crate::time::UtcTime;

/// After so many seconds a second is over, by whichever clock.
const OVER: i64 = 2;

/// By how many seconds the clock of whoever updates may be ahead.
const AHEAD: i64 = 60;

/// When a product was last updated, in Unix microseconds; the one at 0 is told as the next one, so that none costs no
/// more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(NonZeroI64);

impl Stamp {
    /// Reads `updated_at`; `None` where it is missing or no time.
    pub fn read(text: Option<&str>) -> Option<Stamp> {
        let time: UtcTime = text?.parse().ok()?;
        Some(Stamp::at(time.as_micros()))
    }

    fn at(microseconds: i64) -> Stamp {
        Stamp(NonZeroI64::new(microseconds).unwrap_or(NonZeroU8::MIN.into()))
    }

    /// The latest that anything may have been updated at by now.
    pub fn now(client: &Client) -> Stamp {
        Stamp::at(client.now().as_micros())
    }

    /// Whether a later update may bear this time too: it is one of whole seconds, and that second is not surely over.
    pub fn may_come_again(self, now: Stamp) -> bool {
        let is_whole = self.0.get() % 1_000_000 == 0;
        is_whole && now.earlier(OVER) <= self && self <= now.earlier(-AHEAD)
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
