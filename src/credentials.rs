//! What opens a store: an access token or client credentials, and the headers that they become.

mod pasted;
mod redact;

pub use pasted::Meant;
pub use redact::{looks_secret, redacted};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Kind, Result};

/// The token of the built-in shop: public, and no secret.
pub const SANDBOX_TOKEN: &str = "sx_at_sandbox";

/// A text that is never shown: it has neither `Debug` nor `Display`, and only this module reads it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret without the white space around it, as it is pasted or printed by a password manager.
    pub fn new(text: &str) -> Secret {
        Secret(text.trim().to_owned())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself, for the profile file and for signatures.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// One of the two kinds of credentials (API: Who may call), with their secrets or with where these come from.
pub enum Credentials<S = Secret> {
    /// `Authorization: Bearer sx_at_…`.
    Token(S),
    /// `X-Client-Id`, `X-Client-Secret`, `X-Store-Id`.
    Client {
        /// `sx_app_…`.
        id: String,
        /// `sx_secret_…`.
        secret: S,
        /// The store that the app is installed on.
        store_id: u64,
    },
}

impl<S> Credentials<S> {
    /// Which kind, for people.
    pub fn kind(&self) -> &'static str {
        match self {
            Credentials::Token(_) => "access token",
            Credentials::Client { .. } => "client credentials",
        }
    }

    /// The store that the credentials name, where they name one.
    pub fn store_id(&self) -> Option<u64> {
        match self {
            Credentials::Token(_) => None,
            Credentials::Client { store_id, .. } => Some(*store_id),
        }
    }

    /// The same with what `get` makes of their secret.
    pub fn with<T>(&self, get: impl Fn(&S, Meant) -> Result<T>) -> Result<Credentials<T>> {
        Ok(match self {
            Credentials::Token(token) => Credentials::Token(get(token, Meant::Token)?),
            Credentials::Client {
                id,
                secret,
                store_id,
            } => Credentials::Client {
                id: id.clone(),
                secret: get(secret, Meant::ClientSecret)?,
                store_id: *store_id,
            },
        })
    }
}

impl Credentials {
    /// The headers, marked so that nothing logs them. An error is auth: a credential holds what no header can.
    pub fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        let mut add = |name: HeaderName, what: &str, text: &str| -> Result<()> {
            let mut value = HeaderValue::from_str(text).map_err(|_| {
                Error::new(
                    Kind::Auth,
                    format!("the {what} has characters that can't be sent"),
                )
                .hinted("copy it again, whole and without line breaks")
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok(())
        };
        match self {
            Credentials::Token(token) => {
                add(
                    AUTHORIZATION,
                    "token",
                    &format!("Bearer {}", token.expose()),
                )?;
            }
            Credentials::Client {
                id,
                secret,
                store_id,
            } => {
                add(HeaderName::from_static("x-client-id"), "client id", id)?;
                add(
                    HeaderName::from_static("x-client-secret"),
                    "client secret",
                    secret.expose(),
                )?;
                add(
                    HeaderName::from_static("x-store-id"),
                    "store id",
                    &store_id.to_string(),
                )?;
            }
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_becomes_its_headers_and_is_marked_secret() {
        let headers = Credentials::Token(Secret::new(" sx_at_x\n"))
            .headers()
            .unwrap();
        assert_eq!(headers["authorization"], "Bearer sx_at_x");
        assert!(headers["authorization"].is_sensitive());
        let headers = Credentials::Client {
            id: "sx_app_x".to_owned(),
            secret: Secret::new("sx_secret_x"),
            store_id: 22,
        }
        .headers()
        .unwrap();
        assert_eq!(headers["x-client-id"], "sx_app_x");
        assert_eq!(headers["x-client-secret"], "sx_secret_x");
        assert_eq!(headers["x-store-id"], "22");
        assert!(headers.values().all(HeaderValue::is_sensitive));
    }

    #[test]
    fn what_no_header_can_hold_is_refused_without_being_shown() {
        let error = Credentials::Token(Secret::new("sx_at_\nhidden"))
            .headers()
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(!error.full_message().contains("hidden"));
    }
}
