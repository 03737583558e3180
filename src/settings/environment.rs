//! The environment: every variable that is read, named once, and taken as a whole.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::error::{Error, Result};

/// Which profile.
pub const PROFILE: &str = "SELORAX_PROFILE";
/// The profile file.
pub const CONFIG: &str = "SELORAX_CONFIG";
/// Another server.
pub const API_URL: &str = "SELORAX_API_URL";
/// An access token.
pub const TOKEN: &str = "SELORAX_TOKEN";
/// Client credentials: the id.
pub const CLIENT_ID: &str = "SELORAX_CLIENT_ID";
/// Client credentials: the secret.
pub const CLIENT_SECRET: &str = "SELORAX_CLIENT_SECRET";
/// Client credentials: the store.
pub const STORE_ID: &str = "SELORAX_STORE_ID";
/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "WEBHOOK_SIGNING_SECRET";
/// The format of results.
pub const OUTPUT: &str = "SXINV_OUTPUT";
/// The folder of the state database and the sandbox.
pub const STATE_DIR: &str = "SXINV_STATE_DIR";
/// What shows long tables (`crate::pager`).
pub const PAGER: &str = "SXINV_PAGER";
/// Set where a machine does the typing: nobody is there to ask.
pub const CI: &str = "CI";

/// The variables that are ours alone. What stands in one decides which store is written to.
const OURS: [&str; 11] = [
    PROFILE,
    CONFIG,
    API_URL,
    TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    STORE_ID,
    WEBHOOK_SECRET,
    OUTPUT,
    STATE_DIR,
    PAGER,
];

/// What the variables say. An empty one is as good as none.
pub struct Environment(BTreeMap<&'static str, String>);

impl Environment {
    /// The environment of this process. An error, usage, names a variable of ours that is not valid text: to take it for
    /// unset could mean another store.
    pub fn of_process() -> Result<Environment> {
        Environment::read(|name| std::env::var_os(name))
    }

    /// The environment that `look_up` finds.
    pub fn read(look_up: impl Fn(&str) -> Option<OsString>) -> Result<Environment> {
        let mut variables = BTreeMap::new();
        for name in OURS {
            let Some(value) = look_up(name) else { continue };
            let value = value
                .into_string()
                .map_err(|_| Error::usage(format!("{name} is not valid text (UTF-8)")))?;
            variables.insert(name, value);
        }
        // Whoever sets this one need not have meant us.
        let ci = look_up(CI).map(|value| value.to_string_lossy().into_owned());
        variables.extend(ci.map(|value| (CI, value)));
        variables.retain(|_, value| !value.is_empty());
        Ok(Environment(variables))
    }

    /// What a variable says, where it says something.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}
