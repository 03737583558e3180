//! The `inventory.updated` webhook: its envelope, its headers and its signature (API: Webhook `inventory.updated`).
//!
//! Pure: nothing is sent or received here. The sandbox signs with it, `listen` verifies with it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use url::Url;

use crate::address::{is_loopback, with_scheme};
use crate::error::{Error, Result};
use crate::time::UtcTime;
use crate::words::hex;

/// The topic that both write endpoints trigger (docs/api.md: Webhook).
const INVENTORY_UPDATED: &str = "inventory.updated";

/// `sha256=` and the HMAC in hex.
pub const SIGNATURE_HEADER: &str = "X-SeloraX-Signature";
/// Unix seconds at signing.
pub const TIMESTAMP_HEADER: &str = "X-SeloraX-Timestamp";
/// The topic.
pub const EVENT_HEADER: &str = "X-SeloraX-Webhook-Event";
/// The event's id, the same on every retry.
pub const EVENT_ID_HEADER: &str = "X-SeloraX-Webhook-Event-Id";
/// The event's id once more, under the name that generic receivers de-duplicate on.
pub const IDEMPOTENCY_KEY_HEADER: &str = "X-SeloraX-Idempotency-Key";
/// New on every attempt.
pub const DELIVERY_ID_HEADER: &str = "X-SeloraX-Delivery-Id";
/// What deliveries call themselves.
pub const USER_AGENT: &str = "SeloraX-Webhook/1.0";

/// How far a signature's timestamp may be off either way, in seconds.
const WINDOW: u64 = 5 * 60;

/// What is delivered: the event, and the data of its topic as it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Envelope {
    /// Names the event, on every delivery of it.
    pub event_id: String,
    /// What happened, such as [`INVENTORY_UPDATED`].
    pub event_topic: String,
    /// In which store.
    #[serde(default)]
    pub store_id: Option<i64>,
    /// When, ISO 8601.
    #[serde(default)]
    pub timestamp: String,
    /// For a set: the product and the updated quantities. For an adjustment: SKU, previous quantity, new quantity,
    /// adjustment and reason.
    pub data: Box<RawValue>,
}

impl Envelope {
    /// A new `inventory.updated` event that happens now.
    pub fn inventory_updated(store_id: i64, data: Box<RawValue>) -> Envelope {
        Envelope {
            event_id: new_id(),
            event_topic: INVENTORY_UPDATED.to_owned(),
            store_id: Some(store_id),
            timestamp: UtcTime::now().to_string(),
            data,
        }
    }
}

/// An address that webhooks may be sent to: `https://…`, or `http://…` on loopback. Errors are usage.
pub fn target(text: &str) -> Result<Url> {
    const LIKE: &str =
        "such as https://shop.example/hook, or http://127.0.0.1:8787 on this machine";
    let text = text.trim();
    let wrong = |why: &str, hint: &str| {
        Err(Error::usage(format!("the webhook's address can't be used: {why}")).hinted(hint))
    };
    if let Some(whole) = with_scheme(text) {
        return wrong(
            "it does not say https://",
            &format!("did you mean {whole}?"),
        );
    }
    let Ok(url) = Url::parse(text) else {
        return wrong("it is not a URL", LIKE);
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => wrong(
            "http:// would send what happens in the shop in the clear",
            "use https://; http:// is only for this machine",
        ),
        other => wrong(&format!("{other}:// is neither https:// nor http://"), LIKE),
    }
}

/// A random UUID (RFC 9562 §5.4), for events and deliveries. Unique, but not secret.
pub fn new_id() -> String {
    let random = fastrand::u128(..);
    // Version 4 and variant 10 stand in fixed bits.
    let bits = random & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// Why a delivery is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The signature or the timestamp is missing.
    Unsigned,
    /// The signature or the timestamp can't be read.
    Malformed,
    /// The timestamp is further off than [`WINDOW`]: by how many seconds, positive for the past.
    Stale(i64),
    /// The signature is not that of this body under this secret.
    Forged,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unsigned => f.write_str("it is not signed"),
            Refusal::Malformed => f.write_str("its signature or timestamp can't be read"),
            Refusal::Stale(off) if *off < 0 => {
                write!(f, "its timestamp is {} s in the future", off.unsigned_abs())
            }
            Refusal::Stale(off) => write!(f, "its timestamp is {off} s old"),
            Refusal::Forged => f.write_str("its signature is wrong"),
        }
    }
}

impl std::error::Error for Refusal {}

/// The signature header's value: HMAC-SHA256 of `{timestamp}.{body}` under the subscription's secret. `timestamp` is
/// in Unix seconds.
pub fn sign(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mac = mac(secret, &timestamp.to_string(), body);
    let digits = mac.map(|mac| hex(&mac.finalize().into_bytes()));
    format!("sha256={}", digits.unwrap_or_default())
}

/// Whether a delivery comes from who has the secret, and just now. `timestamp` and `signature` are the headers'
/// values, `body` the raw bytes, `now` Unix seconds.
pub fn verify(
    secret: &str,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
    now: i64,
) -> std::result::Result<(), Refusal> {
    let (Some(timestamp), Some(signature)) = (timestamp, signature) else {
        return Err(Refusal::Unsigned);
    };
    let signed_at: i64 = timestamp.parse().map_err(|_| Refusal::Malformed)?;
    let claimed = signature
        .strip_prefix("sha256=")
        .and_then(unhex)
        .ok_or(Refusal::Malformed)?;
    // The signature first: whoever lacks the secret learns nothing about our clock.
    let genuine =
        mac(secret, timestamp, body).is_some_and(|mac| mac.verify_slice(&claimed).is_ok());
    if !genuine {
        return Err(Refusal::Forged);
    }
    let off = now.saturating_sub(signed_at);
    if off.unsigned_abs() > WINDOW {
        return Err(Refusal::Stale(off));
    }
    Ok(())
}

/// HMAC takes keys of any length, so that there always is one; were there none, nothing would verify.
fn mac(secret: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_sandbox";
    const BODY: &[u8] = br#"{"event_id":"e1","event_topic":"inventory.updated"}"#;
    const AT: i64 = 1_750_000_000;
    /// From Python: `hmac.new(secret, b"1750000000." + body, sha256).hexdigest()`.
    const KNOWN: &str = "sha256=83c9ee5838c4a0cc0dc627d0376f43538f0c2d11fa3768508fbd71c5d805e020";

    fn verify_at(now: i64, signature: &str, body: &[u8]) -> Result<(), Refusal> {
        verify(SECRET, Some("1750000000"), Some(signature), body, now)
    }

    #[test]
    fn deliveries_go_to_https_and_loopback_alone() {
        for url in [
            "https://example.com/hook",
            "http://127.0.0.1:8787",
            "http://[::1]:1/",
            "http://localhost/x",
        ] {
            assert!(target(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com/",
            "ftp://127.0.0.1/",
            "nonsense",
            "http://127.0.0.1.example.com/",
        ] {
            assert!(target(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        assert_eq!(sign(SECRET, AT, BODY), KNOWN);
        assert_eq!(verify_at(AT, KNOWN, BODY), Ok(()));
        assert_eq!(
            verify_at(AT, &KNOWN.replace("83c9ee", "83C9EE"), BODY),
            Ok(())
        );
    }

    #[test]
    fn what_was_changed_on_the_way_is_forged() {
        assert_eq!(verify_at(AT, KNOWN, b"{}"), Err(Refusal::Forged));
        let other = verify("whsec_other", Some("1750000000"), Some(KNOWN), BODY, AT);
        assert_eq!(other, Err(Refusal::Forged));
        let later = verify(SECRET, Some("1750000001"), Some(KNOWN), BODY, AT);
        assert_eq!(later, Err(Refusal::Forged));
    }

    #[test]
    fn five_minutes_off_is_the_most() {
        for (now, off) in [
            (AT + 300, None),
            (AT - 300, None),
            (AT + 301, Some(301)),
            (AT - 301, Some(-301)),
        ] {
            let expected = off.map_or(Ok(()), |off| Err(Refusal::Stale(off)));
            assert_eq!(verify_at(now, KNOWN, BODY), expected);
        }
        assert!(
            Refusal::Stale(-301)
                .to_string()
                .contains("301 s in the future")
        );
    }

    #[test]
    fn what_is_no_signature_is_told_apart() {
        assert_eq!(
            verify(SECRET, None, Some(KNOWN), BODY, AT),
            Err(Refusal::Unsigned)
        );
        assert_eq!(
            verify(SECRET, Some("1750000000"), None, BODY, AT),
            Err(Refusal::Unsigned)
        );
        for signature in [
            "",
            "83c9ee",
            "sha256=83c9",
            "md5=83c9",
            &KNOWN.replace('8', "é"),
            &KNOWN.replace('8', "+"),
        ] {
            assert_eq!(
                verify_at(AT, signature, BODY),
                Err(Refusal::Malformed),
                "{signature}"
            );
        }
        assert_eq!(
            verify(SECRET, Some("now"), Some(KNOWN), BODY, AT),
            Err(Refusal::Malformed)
        );
    }

    #[test]
    fn an_envelope_keeps_its_data_as_written() {
        let text = r#"{"event_id":"e","event_topic":"inventory.updated","store_id":22,"timestamp":"t","data":{"b":1.50,"a":2}}"#;
        let envelope: Envelope = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&envelope).unwrap(), text);
    }

    #[test]
    fn ids_are_uuids_and_differ() {
        let id = new_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        assert_ne!(id, new_id());
    }
}
