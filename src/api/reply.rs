//! From what came back to a value or a typed failure, in one place.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use super::advice::{ApiError, TRY_LATER};
use super::excerpt::excerpt;
use super::rate_limit::RateLimit;
use super::retry::{LONGEST_WAIT, retry_after};
use crate::error::{Error, Kind};

/// What is known about a request that did not end in the API's own "done".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Surely not processed: no connection was made, or 429 in whatever form. It may be sent again.
    NotProcessed,
    /// The API itself said no. Final.
    Refused,
    /// The API itself said that it failed (its own 500 or 503). In doubt; but where the stock has not moved since,
    /// nothing is on its way any more.
    Failed,
    /// It may or may not have been processed: no answer, half an answer, or one that something in between wrote.
    InDoubt,
}

/// Why one request has no value, and what is known about it.
#[derive(Debug)]
pub struct Failure {
    /// The failure in words.
    pub error: Error,
    /// What became of the request.
    pub fate: Fate,
    /// Another attempt might end otherwise.
    pub transient: bool,
    /// How long the server asked to wait.
    pub wait: Option<Duration>,
    /// The server said that it is asked too much: all workers slow down.
    pub overloaded: bool,
}

impl Failure {
    /// A failure about which the server said nothing of rates.
    pub(super) fn new(error: Error, fate: Fate, transient: bool) -> Failure {
        Failure {
            error,
            fate,
            transient,
            wait: None,
            overloaded: false,
        }
    }

    /// A request that never left, and should not be tried again.
    pub fn not_sent(error: Error) -> Failure {
        Failure::new(error, Fate::NotProcessed, false)
    }

    /// The server asks for a longer wait than we take.
    pub fn waits_too_long(&self) -> bool {
        self.wait.is_some_and(|wait| wait > LONGEST_WAIT)
    }
}

/// What each answer of the API says of itself.
pub trait Answer: DeserializeOwned {
    /// The `status` in the body.
    fn status(&self) -> u16;
}

/// A complete answer, by whomever.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    /// Where a redirect would lead.
    pub points_to: Option<String>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The value in the API's own 2xx; else the failure. `check` says what is wrong with a value that can't be the
    /// answer to this request.
    pub fn value<T: Answer>(
        &self,
        check: impl FnOnce(&T) -> Result<(), String>,
    ) -> Result<T, Failure> {
        if !(200..300).contains(&self.status) {
            return Err(self.failure());
        }
        let value: T = self.document().map_err(|e| self.misread(&e))?;
        if value.status() != self.status {
            let why = format!("it says that its status is {}", value.status());
            return Err(self.unreadable(&why));
        }
        check(&value).map_err(|why| self.unreadable(&why))?;
        Ok(value)
    }

    /// The body as a JSON object. (A list would do for a struct otherwise.)
    fn document<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf");
        let body = body.unwrap_or(&self.body).trim_ascii_start();
        if body.starts_with(b"[") {
            return Err(serde::de::Error::custom("it is a list"));
        }
        serde_json::from_slice(body)
    }

    fn unreadable(&self, why: &str) -> Failure {
        let message = format!("the server's answer ({}) can't be read: {why}", self.status);
        let error = Error::new(Kind::Unavailable, message)
            .with_status(self.status)
            .hinted(IN_BETWEEN);
        Failure::new(error, Fate::InDoubt, true)
    }

    fn misread(&self, error: &serde_json::Error) -> Failure {
        if self.body.is_empty() {
            self.unreadable("it is empty")
        } else if error.is_eof() {
            self.unreadable(&format!("it is cut off: {}", excerpt(&self.body)))
        } else if error.is_data() {
            self.odd(&error.to_string())
        } else {
            self.unreadable(&format!("it is not JSON: {}", excerpt(&self.body)))
        }
    }

    /// JSON, but not as the API documents it. The same comes again.
    fn odd(&self, what: &str) -> Failure {
        // Where in the text it stands says nothing to anybody.
        let what = what.rsplit_once(" at line ").map_or(what, |(what, _)| what);
        let message = format!(
            "the server's answer ({}) is not what the API documents: {what}",
            self.status
        );
        let error = Error::new(Kind::Unavailable, message).with_status(self.status);
        Failure::new(error, Fate::InDoubt, false)
    }

    /// An answer is the API's own when it is JSON of its form and its `status` is the HTTP status. Everything else was
    /// written by something in between and says nothing about what the API did, except 429 (docs/api.md: Whose answer
    /// it is).
    fn failure(&self) -> Failure {
        let own = self.document::<ApiError>().ok();
        let own = own.filter(|error| error.status == self.status);
        let is_own = own.is_some();
        let error = match own {
            Some(own) => own.into_error(),
            None => self.foreign_error(),
        };
        let fate = match self.status {
            429 => Fate::NotProcessed,
            500 | 503 if is_own => Fate::Failed,
            400..500 if is_own && self.status != 408 => Fate::Refused,
            _ => Fate::InDoubt,
        };
        let overloaded = matches!(self.status, 429 | 503);
        Failure {
            wait: self.asks_to_wait().filter(|_| overloaded),
            overloaded,
            ..Failure::new(error, fate, matches!(self.status, 408 | 429 | 500..))
        }
    }

    /// How long the server asks to wait: by `Retry-After`, or by the end of a rate limit's window that is used up.
    fn asks_to_wait(&self) -> Option<Duration> {
        let now = SystemTime::now();
        retry_after(&self.headers, now).or_else(|| {
            let limit = RateLimit::read(&self.headers, now)?;
            (limit.remaining == 0).then_some(limit.reset)
        })
    }

    /// The error for an answer that the API did not write.
    fn foreign_error(&self) -> Error {
        let said = if self.body.is_empty() {
            "an empty body".to_owned()
        } else {
            excerpt(&self.body)
        };
        let (said, hint) = match (self.status, &self.points_to) {
            (300..400, Some(elsewhere)) => (
                format!("a redirect to {elsewhere}"),
                "redirects are never followed with credentials; check --api-url",
            ),
            (407, _) => (
                said,
                "a proxy asks for a user name and a password: put them into HTTPS_PROXY, as in http://USER:PASSWORD@HOST:PORT",
            ),
            (408 | 429 | 500.., _) => (said, TRY_LATER),
            _ => (said, IN_BETWEEN),
        };
        let message = format!("the server answered {} with {said}", self.status);
        Error::new(Kind::Unavailable, message)
            .with_status(self.status)
            .hinted(hint)
    }
}

const IN_BETWEEN: &str = "this is not the API: something in between may have answered instead; to check the address: sxinv check";

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Done {
        status: u16,
    }

    impl Answer for Done {
        fn status(&self) -> u16 {
            self.status
        }
    }

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            headers: HeaderMap::new(),
            points_to: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn failure(status: u16, body: &str) -> Failure {
        reply(status, body).value::<Done>(|_| Ok(())).unwrap_err()
    }

    #[test]
    fn the_apis_own_errors_without_a_code() {
        use Fate::{Failed, InDoubt, NotProcessed, Refused};
        for (status, kind, fate, transient) in [
            (302, Kind::Unavailable, InDoubt, false),
            (400, Kind::Refused, Refused, false),
            (401, Kind::Auth, Refused, false),
            (403, Kind::Auth, Refused, false),
            (404, Kind::NotFound, Refused, false),
            (408, Kind::Unavailable, InDoubt, true),
            (409, Kind::Refused, Refused, false),
            (410, Kind::Refused, Refused, false),
            (413, Kind::Refused, Refused, false),
            (429, Kind::Unavailable, NotProcessed, true),
            (500, Kind::Unavailable, Failed, true),
            (502, Kind::Unavailable, InDoubt, true),
            (503, Kind::Unavailable, Failed, true),
            (599, Kind::Unavailable, InDoubt, true),
        ] {
            let body =
                format!(r#"{{"message":"Said so.","code":null,"status":{status},"more":[]}}"#);
            let failure = failure(status, &body);
            assert_eq!(
                (failure.error.kind(), failure.fate, failure.transient),
                (kind, fate, transient),
                "{status}"
            );
            assert_eq!(failure.error.message(), "Said so.");
        }
    }

    #[test]
    fn what_is_not_the_apis_own_says_nothing_about_what_it_did() {
        let bodies = [
            "",
            "<html>Forbidden</html>",
            "null",
            "{}",
            r#"{"message":"Internal server error"}"#,
            r#"{"message":"No.","status":"STATUS"}"#,
            r#"{"message":"No.","status":200}"#,
            r#"{"message":"No.","code":STATUS}"#,
            r#"{"message":"No.","code":STATUS,"status":STATUS}"#,
            r#"{"message":["No."],"status":STATUS}"#,
            r#"{"error":"No.","status":STATUS}"#,
            r#"["No.",STATUS,null]"#,
            r#"{"message":"No.","status":STATUS"#,
            r#"{"message":"No.","status":STATUS}<!-- cached -->"#,
        ];
        for status in [
            302, 400, 401, 403, 404, 405, 408, 409, 410, 413, 418, 422, 499, 500, 503,
        ] {
            for body in bodies {
                let body = body.replace("STATUS", &status.to_string());
                let failure = failure(status, &body);
                assert_eq!(failure.fate, Fate::InDoubt, "{status} {body}");
                assert_eq!(failure.error.kind(), Kind::Unavailable, "{status} {body}");
                assert_eq!(failure.error.status(), Some(status));
                assert_eq!(failure.transient, status == 408 || status >= 500);
            }
        }
        for body in bodies {
            assert_eq!(failure(429, body).fate, Fate::NotProcessed, "{body}");
        }
    }

    #[test]
    fn an_answer_is_done_only_in_the_apis_own_words() {
        let done = |body: &str| reply(200, body).value::<Done>(|_| Ok(()));
        assert!(done(r#"{"status":200}"#).is_ok());
        assert!(
            done("\u{feff} {\"status\":200}").is_ok(),
            "a byte order mark"
        );
        for body in [
            "{}",
            "[200]",
            r#"{"status":404}"#,
            r#"{"status":"200"}"#,
            "200",
        ] {
            let failure = done(body).unwrap_err();
            assert_eq!(failure.fate, Fate::InDoubt, "{body}");
            assert_eq!(failure.error.kind(), Kind::Unavailable, "{body}");
        }
    }

    #[test]
    fn bodies_that_are_not_the_apis_are_told_briefly() {
        for (status, body, message) in [
            (
                502,
                "<html>nginx</html>",
                r#"the server answered 502 with an HTML page: "nginx""#,
            ),
            (503, "", "the server answered 503 with an empty body"),
            (
                200,
                "",
                "the server's answer (200) can't be read: it is empty",
            ),
            (
                200,
                r#"{"sta"#,
                r#"the server's answer (200) can't be read: it is cut off: "{"sta""#,
            ),
            (
                200,
                "hello",
                r#"the server's answer (200) can't be read: it is not JSON: "hello""#,
            ),
        ] {
            let failure = failure(status, body);
            assert_eq!(failure.error.message(), message);
            assert_eq!(failure.fate, Fate::InDoubt);
            assert_eq!(failure.error.status(), Some(status));
        }
    }

    #[test]
    fn a_value_that_cannot_be_the_answer_is_in_doubt() {
        let failure = reply(200, r#"{"status":200}"#)
            .value::<Done>(|_| Err("it is about another product".to_owned()))
            .unwrap_err();
        assert_eq!(failure.fate, Fate::InDoubt);
        assert!(failure.error.message().contains("another product"));
    }
}
