//! The API's own errors, and what each is to its reader.

use serde::Deserialize;

use crate::error::{Error, Kind};

/// What to do about a server that is not there, or not ready.
pub const TRY_LATER: &str = "try again later; --retries sets how often sxinv tries by itself";

/// An error of the API (docs/api.md: Errors).
#[derive(Deserialize)]
pub struct ApiError {
    message: String,
    /// The HTTP status, said again.
    pub status: u16,
    #[serde(default)]
    code: Option<String>,
}

impl ApiError {
    /// The API's own words, with what to do about them.
    pub fn into_error(self) -> Error {
        let (kind, hint) = advice(self.status, self.code.as_deref());
        let message = match self.message.trim() {
            "" => format!("the server answered {} without a word", self.status),
            _ => self.message,
        };
        let error = Error::new(kind, message)
            .with_status(self.status)
            .with_code(self.code);
        match hint {
            Some(hint) => error.hinted(hint),
            None => error,
        }
    }
}

/// What each of the API's own errors is to its reader, and what to do about it (docs/api.md: Errors). The status says what it is,
/// and the code what to do: a code may be anybody's word.
fn advice(status: u16, code: Option<&str>) -> (Kind, Option<&'static str>) {
    let auth = |hint| (Kind::Auth, Some(hint));
    match (status, code) {
        (400, Some("missing_store_id")) => auth(
            "client credentials need the store id: store_id in the profile, or SELORAX_STORE_ID",
        ),
        (401, Some("missing_token")) => {
            auth("set SELORAX_TOKEN, or set up a profile: sxinv profile add NAME")
        }
        (401, Some("invalid_client")) => auth(
            "check that client id and secret were copied whole, or rotate the secret under Settings > Apps > Manage",
        ),
        (401 | 403, Some("invalid_token")) => auth(
            "the token is expired, revoked or cut off; make a new one under Settings > Apps > Manage",
        ),
        (401 | 403, Some("not_installed")) => {
            auth("install the app on that store, and check the store id")
        }
        (401 | 403, Some("insufficient_scope")) => auth(
            "give the app the scopes read:inventory and write:inventory under Settings > Apps > Manage",
        ),
        (401, _) => auth("the credentials were not accepted; which are used: sxinv check"),
        (403, _) => auth(
            "the credentials don't allow this; check the app's scopes under Settings > Apps > Manage",
        ),
        (400, Some("negative_quantity")) => (
            Kind::Refused,
            Some("stock can't go below 0; nothing was changed"),
        ),
        (404, _) => (Kind::NotFound, None),
        (410, _) => (
            Kind::Refused,
            Some("this version of the API was retired; update sxinv"),
        ),
        (408 | 429 | 500.., _) => (Kind::Unavailable, Some(TRY_LATER)),
        (400..500, _) => (Kind::Refused, None),
        _ => (Kind::Unavailable, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let error = ApiError {
                message: "No.".to_owned(),
                status,
                code: Some(code.to_owned()),
            }
            .into_error();
            assert_eq!(error.kind(), kind, "{code}");
            assert_eq!(error.code(), Some(code));
            assert_eq!(error.status(), Some(status));
            assert_eq!(error.message(), "No.");
            assert!(error.hint().is_some(), "{code}");
        }
    }

    #[test]
    fn the_status_says_what_an_error_is_whatever_its_code() {
        for (status, code, kind) in [
            (500, "invalid_token", Kind::Unavailable),
            (503, "insufficient_scope", Kind::Unavailable),
            (408, "invalid_token", Kind::Unavailable),
            (429, "negative_quantity", Kind::Unavailable),
            (429, "invalid_client", Kind::Unavailable),
            (401, "negative_quantity", Kind::Auth),
            (403, "negative_quantity", Kind::Auth),
            (401, "missing_store_id", Kind::Auth),
            (400, "invalid_token", Kind::Refused),
            (404, "invalid_token", Kind::NotFound),
            (409, "invalid_token", Kind::Refused),
        ] {
            assert_eq!(advice(status, Some(code)).0, kind, "{status} {code}");
        }
    }

    #[test]
    fn an_error_without_a_word_says_something() {
        let error = ApiError {
            message: " ".to_owned(),
            status: 409,
            code: None,
        };
        let message = error.into_error().message().to_owned();
        assert_eq!(message, "the server answered 409 without a word");
    }
}
