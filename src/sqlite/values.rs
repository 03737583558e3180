//! Our own types as SQLite's values: ids and quantities as integers, times as text.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::model::{ProductId, Quantity, SkuId};
use crate::time::UtcTime;

macro_rules! integers {
    ($($name:ty),*) => {
        $(
            impl ToSql for $name {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    Ok(self.get().into())
                }
            }

            impl FromSql for $name {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<$name> {
                    let number = value.as_i64()?;
                    <$name>::new(number).ok_or(FromSqlError::OutOfRange(number))
                }
            }
        )*
    };
}

integers!(ProductId, SkuId, Quantity);

impl ToSql for UtcTime {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for UtcTime {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<UtcTime> {
        let text = value.as_str()?;
        text.parse().map_err(FromSqlError::other)
    }
}
