//! What the API sent, as it was written: fields that we don't know pass through, and prices keep their digits.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::odd;

/// A value from the API together with the very text it came in.
#[derive(Clone, Debug)]
pub struct Raw<T> {
    /// What we understood.
    pub value: T,
    /// What was sent, fields that we don't know included.
    pub raw: Box<RawValue>,
}

/// What the API sends.
pub trait Sent: DeserializeOwned {
    /// The value that can be made of these fields although one of them is `odd`, which says so in words.
    fn despite(_fields: &Map<String, Value>, _odd: &str) -> Option<Self> {
        None
    }
}

impl<'de, T: Sent> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Raw<T>, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let value = serde_json::from_str(raw.get()).or_else(|_| {
            let whole = serde_json::from_str(raw.get()).map_err(de::Error::custom)?;
            let odd = odd::what::<T>(&whole).to_string();
            let fields = whole.as_object();
            let value = fields.and_then(|fields| T::despite(fields, &odd));
            value.ok_or_else(|| de::Error::custom(odd))
        })?;
        Ok(Raw { value, raw })
    }
}

/// A JSON object with its fields in the order and the very text they came in: its own, or as they stand in the text.
#[derive(Clone, Debug, Default)]
pub struct RawObject<N = String, V = Box<RawValue>> {
    fields: Vec<(N, V)>,
}

impl<N: AsRef<str>, V: Deref<Target = RawValue>> RawObject<N, V> {
    /// The value of a field, as written.
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.fields
            .iter()
            .find(|(field, _)| field.as_ref() == name)
            .map(|(_, value)| &**value)
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.fields
            .iter()
            .map(|(field, value)| (field.as_ref(), &**value))
    }
}

impl RawObject {
    /// Adds a field at the end.
    pub fn push(&mut self, name: &str, value: Box<RawValue>) {
        self.fields.push((name.to_owned(), value));
    }
}

impl<N: Serialize, V: Serialize> Serialize for RawObject<N, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.fields.len()))?;
        for (field, value) in &self.fields {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}

impl<'de, N: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for RawObject<N, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RawObject<N, V>, D::Error> {
        struct FieldsVisitor<N, V>(PhantomData<(N, V)>);
        impl<'de, N: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for FieldsVisitor<N, V> {
            type Value = RawObject<N, V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject<N, V>, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(RawObject { fields })
            }
        }
        from.deserialize_map(FieldsVisitor(PhantomData))
    }
}
