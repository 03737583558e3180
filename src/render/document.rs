//! One JSON document, whole or with the fields that were asked for.

use std::io::Write;
use std::ops::Deref;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::fields::Fields;
use super::json;
use crate::error::{Error, Result};
use crate::model::RawObject;

/// A value as a JSON text.
pub fn raw(value: &impl Serialize) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(|e| Error::internal("can't write the result").caused_by(e))
}

/// A JSON object with these fields of it alone, in their order; as it is where none are named.
pub fn only(row: &RawValue, fields: Option<&Fields>) -> Result<Box<RawValue>> {
    let Some(fields) = fields else {
        return Ok(row.to_owned());
    };
    let unreadable = |e: serde_json::Error| Error::internal("can't read a result row").caused_by(e);
    let object: RawObject = serde_json::from_str(row.get()).map_err(unreadable)?;
    let names: Vec<&str> = fields.names().collect();
    RawValue::from_string(chosen(&object, &names)).map_err(unreadable)
}

/// Writes one JSON document: on one line, or laid out for people on a terminal. With `fields`, those of it alone.
pub fn document(
    mut out: impl Write,
    document: &RawValue,
    fields: Option<&Fields>,
    laid_out: bool,
) -> Result<()> {
    let some;
    let document = match fields {
        None => document,
        fields => {
            some = only(document, fields)?;
            &*some
        }
    };
    json::write(&mut out, document.get(), laid_out)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .map_err(Error::unwritten)
}

/// These fields of an object as a JSON text; one that it does not have is null.
pub(super) fn chosen<N, V>(row: &RawObject<N, V>, names: &[&str]) -> String
where
    N: AsRef<str>,
    V: Deref<Target = RawValue>,
{
    let mut text = String::from("{");
    for (n, name) in names.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(*name).to_string());
        text.push(':');
        text.push_str(row.get(name).map_or("null", RawValue::get));
    }
    text.push('}');
    text
}
