//! Who may call: access tokens and client credentials (API: Who may call).

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use super::reply::Reply;
use super::{CLIENT_ID, CLIENT_SECRET, READ_ONLY_TOKEN, STORE_ID, TOKEN};

/// What credentials allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// `read:inventory`.
    Read,
    /// `read:inventory` and `write:inventory`.
    Write,
}

/// Whom the headers name, or the answer that refuses them. A bearer token goes before client credentials.
pub(super) fn access(headers: &HeaderMap) -> Result<Access, Reply> {
    let refused = |status, code, message| Err(Reply::coded(status, code, message));
    if let Some(authorization) = headers.get(AUTHORIZATION) {
        let text = authorization.to_str().unwrap_or("");
        return match bearer(text) {
            Some(TOKEN) => Ok(Access::Write),
            Some(READ_ONLY_TOKEN) => Ok(Access::Read),
            _ => refused(401, "invalid_token", "Invalid or expired token."),
        };
    }
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let (id, secret) = (header("x-client-id"), header("x-client-secret"));
    if id.is_none() && secret.is_none() {
        return refused(401, "missing_token", "Authentication required.");
    }
    if id != Some(CLIENT_ID) || secret != Some(CLIENT_SECRET) {
        return refused(401, "invalid_client", "Invalid client credentials.");
    }
    match header("x-store-id")
        .map(str::trim)
        .filter(|store| !store.is_empty())
    {
        None => refused(400, "missing_store_id", "X-Store-Id header is required."),
        Some(store) if store.parse() == Ok(STORE_ID) => Ok(Access::Write),
        Some(_) => refused(
            401,
            "not_installed",
            "The app is not installed on this store.",
        ),
    }
}

/// The token after `Bearer`, a word that is the same in any case (RFC 9110 §11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
