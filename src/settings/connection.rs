//! Which store, and how to get in: what settings and credentials come to.

use super::{Source, Sourced};
use crate::credentials::{Credentials, Secret};

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The sandbox inside this process.
    Sandbox,
    /// A server: scheme, host, port and prefix, without `/api` and without a slash at the end.
    Server(String),
}

/// Which store, and how to get in.
pub struct Connection {
    /// The profile's name, or `environment`.
    pub profile: String,
    /// What chose the profile or the credentials.
    pub chosen_by: Source,
    /// The credentials.
    pub credentials: Credentials,
    /// The server.
    pub address: Sourced<Address>,
    /// The profile forbids writes.
    pub read_only: bool,
    /// What webhooks are signed with, where the profile says so.
    pub webhook_secret: Option<Secret>,
    /// Something about the choice that may surprise.
    pub note: Option<String>,
    pub(super) store: String,
}

impl Connection {
    /// The key that locks, repeats and the catalogue go by: the server, and the store where the credentials name it,
    /// else the profile. A token that is renewed in place stays the same store.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Profile and server in words, as prompts name them.
    pub fn place(&self) -> String {
        let server = match &self.address.value {
            Address::Sandbox => return "sandbox".to_owned(),
            Address::Server(url) => url,
        };
        match self.credentials.store_id() {
            Some(id) => format!("{} (store {id} at {server})", self.profile),
            None => format!("{} ({server})", self.profile),
        }
    }
}
