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
        let error = Error::new(kind, self.message)
            .with_status(self.status)
            .with_code(self.code);
        match hint {
            Some(hint) => error.hinted(hint),
            None => error,
        }
    }
}

/// What each of the API's own errors is to its reader, and what to do about it (docs/api.md: Errors).
fn advice(status: u16, code: Option<&str>) -> (Kind, Option<&'static str>) {
    let auth = |hint| (Kind::Auth, Some(hint));
    match (status, code) {
        (_, Some("missing_token")) => {
            auth("set SELORAX_TOKEN, or set up a profile: sxinv profile add NAME")
        }
        (_, Some("invalid_token")) => auth(
            "the token is expired, revoked or cut off; make a new one under Settings > Apps > Manage",
        ),
        (_, Some("invalid_client")) => auth(
            "check that client id and secret were copied whole, or rotate the secret under Settings > Apps > Manage",
        ),
        (_, Some("missing_store_id")) => auth(
            "client credentials need the store id: store_id in the profile, or SELORAX_STORE_ID",
        ),
        (_, Some("not_installed")) => auth("install the app on that store, and check the store id"),
        (_, Some("insufficient_scope")) => auth(
            "give the app the scopes read:inventory and write:inventory under Settings > Apps > Manage",
        ),
        (_, Some("negative_quantity")) => (
            Kind::Refused,
            Some("stock can't go below 0; nothing was changed"),
        ),
        (401, _) => auth("the credentials were not accepted; which are used: sxinv profile show"),
        (403, _) => auth(
            "the credentials don't allow this; check the app's scopes under Settings > Apps > Manage",
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
}
