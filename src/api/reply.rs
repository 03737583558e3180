//! From what came back to a value or a typed failure, in one place.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::retry::{LONGEST_WAIT, retry_after};
use crate::error::{Error, Kind};

/// What is known about a request that did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Surely not processed: no connection was made, or 429. Anything may be sent again.
    NotProcessed,
    /// The server looked at it and said no. Final.
    Refused,
    /// It may or may not have been processed: no answer, half an answer, a 5xx, an answer that is not the API's.
    InDoubt,
}

/// Why one request has no value, and what is known about it.
#[derive(Debug)]
pub struct Failure {
    /// The failure in words.
    pub error: Error,
    /// Whether the server acted on the request.
    pub fate: Fate,
    /// Sending it again might help.
    pub passing: bool,
    /// How long the server asked to wait.
    pub wait: Option<Duration>,
    /// The server said that it is being asked too much: all workers slow down.
    pub overloaded: bool,
    /// The answer has the form of the API's own errors, and is no proxy's.
    pub from_api: bool,
}

impl Failure {
    /// The server asks for a longer wait than we take.
    pub fn waits_too_long(&self) -> bool {
        self.wait.is_some_and(|wait| wait > LONGEST_WAIT)
    }
}

/// A complete answer.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// The error body of the API (seed: Error Responses).
#[derive(Deserialize)]
struct ApiError {
    message: String,
    #[serde(default)]
    code: Option<String>,
}

impl Reply {
    /// The value in a 2xx answer; else the failure. `check` says what is wrong with a value that can't be the answer
    /// to this request.
    pub fn value<T: DeserializeOwned>(
        &self,
        check: impl FnOnce(&T) -> Result<(), String>,
    ) -> Result<T, Failure> {
        if !(200..300).contains(&self.status) {
            return Err(self.failure());
        }
        let unreadable = |why: String| {
            Failure {
            error: Error::new(
                Kind::Unavailable,
                format!("the server's answer ({}) can't be read: {why}", self.status),
            )
            .with_status(self.status)
            .hinted("something between here and SeloraX may have answered instead; check the address with -v"),
            fate: Fate::InDoubt,
            passing: true,
            wait: None,
            overloaded: false,
            from_api: false,
        }
        };
        let value = serde_json::from_slice(&self.body).map_err(|e| unreadable(self.misread(&e)))?;
        check(&value).map_err(unreadable)?;
        Ok(value)
    }

    fn misread(&self, error: &serde_json::Error) -> String {
        if self.body.is_empty() {
            "it is empty".to_owned()
        } else if error.is_eof() {
            format!("it is cut off: {}", excerpt(&self.body))
        } else if error.is_data() {
            format!("it is not what the API documents ({error})")
        } else {
            format!("it is not JSON: {}", excerpt(&self.body))
        }
    }

    fn failure(&self) -> Failure {
        let api: Option<ApiError> = serde_json::from_slice(&self.body).ok();
        let from_api = api.is_some();
        let (said, code) = match api {
            Some(api) => (api.message, api.code),
            None if self.body.is_empty() => ("an empty body".to_owned(), None),
            None => (excerpt(&self.body), None),
        };
        let (kind, hint) = advice(self.status, code.as_deref(), from_api);
        let message = if from_api {
            said
        } else {
            format!("the server answered {} with {said}", self.status)
        };
        let wait = retry_after(&self.headers, SystemTime::now());
        let mut error = Error::new(kind, message)
            .with_status(self.status)
            .with_code(code);
        if let Some(hint) = hint {
            error = error.hinted(hint);
        }
        let (fate, passing) = match self.status {
            429 => (Fate::NotProcessed, true),
            408 | 500.. => (Fate::InDoubt, true),
            400..500 => (Fate::Refused, false),
            // A redirect is not followed, and what stands behind it is anybody's guess.
            _ => (Fate::InDoubt, false),
        };
        Failure {
            error,
            fate,
            passing,
            wait: wait.filter(|_| matches!(self.status, 429 | 503)),
            overloaded: matches!(self.status, 429 | 503),
            from_api,
        }
    }
}

/// What each known answer is to its reader, and what to do about it (seed: Error Responses).
fn advice(status: u16, code: Option<&str>, from_api: bool) -> (Kind, Option<&'static str>) {
    match (status, code) {
        (_, Some("missing_token")) => (
            Kind::Auth,
            Some("set up a profile with `sxinv profile add NAME`, or set SELORAX_TOKEN"),
        ),
        (_, Some("invalid_token")) => (
            Kind::Auth,
            Some(
                "the token is expired, revoked or cut off; make a new one under Settings > Apps > Manage",
            ),
        ),
        (_, Some("invalid_client")) => (
            Kind::Auth,
            Some(
                "check that client id and secret were copied whole, or rotate the secret under Settings > Apps > Manage",
            ),
        ),
        (_, Some("missing_store_id")) => (
            Kind::Auth,
            Some(
                "client credentials need the store id: store_id in the profile, or SELORAX_STORE_ID",
            ),
        ),
        (_, Some("not_installed")) => (
            Kind::Auth,
            Some("install the app on that store, and check the store id"),
        ),
        (_, Some("insufficient_scope")) => (
            Kind::Auth,
            Some(
                "give the app the scopes read:inventory and write:inventory under Settings > Apps > Manage",
            ),
        ),
        (_, Some("negative_quantity")) => (
            Kind::Refused,
            Some("stock can't go below 0; nothing was changed"),
        ),
        (401, _) => (
            Kind::Auth,
            Some("the credentials were not accepted; `sxinv profile show` says which are used"),
        ),
        (403, _) => (
            Kind::Auth,
            Some(
                "the credentials don't allow this; check the app's scopes under Settings > Apps > Manage",
            ),
        ),
        (404, _) if from_api => (Kind::NotFound, None),
        // A proxy's: it says nothing about what the store has.
        (404, _) => (
            Kind::Unavailable,
            Some("this is not an answer of the API: check --api-url"),
        ),
        (410, _) => (
            Kind::Refused,
            Some("this version of the API was retired; update sxinv"),
        ),
        (300..400, _) => (
            Kind::Unavailable,
            Some("redirects are never followed with credentials; check --api-url"),
        ),
        (408 | 429 | 500.., _) => (
            Kind::Unavailable,
            Some("try again later; --retries sets how often sxinv tries by itself"),
        ),
        (400..500, _) => (Kind::Refused, None),
        _ => (Kind::Unavailable, None),
    }
}

/// The beginning of a body that is not the API's, on one line: tags of HTML and white space folded away.
fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 120;
    // More than enough for an excerpt, however much mark-up stands before the first words.
    let text = String::from_utf8_lossy(&body[..body.len().min(8192)]);
    let html = text.trim_start().starts_with('<');
    let mut words = String::new();
    let mut rest: &str = &text;
    while let Some(c) = rest.chars().next() {
        if html && c == '<' {
            let tag = rest.to_ascii_lowercase();
            // What stands in these is not for people; it ends only with its own closing tag.
            let closing = ["style", "script"]
                .into_iter()
                .find(|name| tag[1..].starts_with(name))
                .and_then(|name| tag.find(&format!("</{name}")));
            let from = closing.unwrap_or_default();
            let end = rest[from..]
                .find('>')
                .map_or(rest.len(), |end| from + end + 1);
            rest = &rest[end..];
            words.push(' ');
            continue;
        }
        words.push(if c.is_control() { ' ' } else { c });
        rest = &rest[c.len_utf8()..];
    }
    let folded: Vec<&str> = words.split_whitespace().collect();
    let folded = folded.join(" ");
    let mut short: String = folded.chars().take(LONGEST).collect();
    if short.len() < folded.len() {
        short.push('…');
    }
    if html {
        format!("an HTML page: \"{short}\"")
    } else {
        format!("\"{short}\"")
    }
}

/// What the transport says when there is no whole answer.
pub fn broken(
    error: &(dyn std::error::Error + 'static),
    connected: bool,
    message: String,
) -> Failure {
    let mut beneath = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        // Each layer tends to repeat the one below; the innermost names the cause.
        beneath = cause.to_string();
        source = cause.source();
    }
    let message = if beneath.is_empty() {
        message
    } else {
        format!("{message}: {beneath}")
    };
    let hint = if connected {
        "try again later; --timeout sets how long sxinv waits, --retries how often it tries"
    } else {
        "check the network and the address (--api-url)"
    };
    Failure {
        error: Error::new(Kind::Unavailable, message).hinted(hint),
        fate: if connected {
            Fate::InDoubt
        } else {
            Fate::NotProcessed
        },
        passing: true,
        wait: None,
        overloaded: false,
        from_api: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn failure(status: u16, body: &str) -> Failure {
        reply(status, body)
            .value::<serde_json::Value>(|_| Ok(()))
            .unwrap_err()
    }

    #[test]
    fn every_known_code_has_its_kind_and_a_hint() {
        for (status, code, kind) in [
            (401, "missing_token", Kind::Auth),
            (401, "invalid_token", Kind::Auth),
            (401, "invalid_client", Kind::Auth),
            (400, "missing_store_id", Kind::Auth),
            (401, "not_installed", Kind::Auth),
            (403, "insufficient_scope", Kind::Auth),
            (400, "negative_quantity", Kind::Refused),
        ] {
            let body = format!(r#"{{"message":"No.","code":"{code}","status":{status}}}"#);
            let failure = failure(status, &body);
            assert_eq!(failure.error.kind(), kind, "{code}");
            assert_eq!(failure.error.code(), Some(code));
            assert_eq!(failure.error.status(), Some(status));
            assert_eq!(failure.error.message(), "No.");
            assert!(failure.error.hint().is_some(), "{code}");
            assert_eq!(failure.fate, Fate::Refused);
            assert!(!failure.passing);
        }
    }

    #[test]
    fn statuses_without_a_code() {
        use Fate::{InDoubt, NotProcessed, Refused};
        for (status, kind, fate, passing) in [
            (302, Kind::Unavailable, InDoubt, false),
            (400, Kind::Refused, Refused, false),
            (401, Kind::Auth, Refused, false),
            (403, Kind::Auth, Refused, false),
            (404, Kind::NotFound, Refused, false),
            (408, Kind::Unavailable, InDoubt, true),
            (410, Kind::Refused, Refused, false),
            (413, Kind::Refused, Refused, false),
            (429, Kind::Unavailable, NotProcessed, true),
            (500, Kind::Unavailable, InDoubt, true),
            (503, Kind::Unavailable, InDoubt, true),
            (599, Kind::Unavailable, InDoubt, true),
        ] {
            let failure = failure(status, r#"{"message":"Said so.","status":0}"#);
            assert_eq!(
                (failure.error.kind(), failure.fate, failure.passing),
                (kind, fate, passing),
                "{status}"
            );
        }
    }

    #[test]
    fn bodies_that_are_not_the_apis_are_told_briefly() {
        let page = "<html><head><style>b{}</style><title>502 Bad\nGateway</title></head><body><script>x<1</script>nginx</body>";
        assert_eq!(
            failure(502, page).error.message(),
            "the server answered 502 with an HTML page: \"502 Bad Gateway nginx\""
        );
        assert_eq!(
            failure(503, "").error.message(),
            "the server answered 503 with an empty body"
        );
        for (body, says) in [
            ("", "it is empty"),
            ("{\"data\":[{\"pro", "cut off"),
            ("\u{1b}[31mhello\u{7}", "it is not JSON: \"[31mhello\""),
            ("<html>Log in</html>", "an HTML page: \"Log in\""),
        ] {
            let failure = failure(200, body);
            let message = failure.error.message();
            assert!(message.contains(says), "{message}");
            assert_eq!(failure.fate, Fate::InDoubt);
            assert_eq!(failure.error.status(), Some(200));
        }
        let long = failure(500, &"word ".repeat(1000));
        assert!(long.error.message().chars().count() < 200);
    }

    #[test]
    fn a_value_that_cannot_be_the_answer_is_in_doubt() {
        let failure = reply(200, "{}")
            .value::<serde_json::Value>(|_| Err("it is about another product".to_owned()))
            .unwrap_err();
        assert_eq!(failure.fate, Fate::InDoubt);
        assert!(failure.error.message().contains("another product"));
    }
}
