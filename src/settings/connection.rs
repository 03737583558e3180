//! Which store, and how to get in: credentials are taken whole from the first place that has them.

use super::environment as env;
use super::{Settings, Source, Sourced};
use crate::address::base_url;
use crate::credentials::{Credentials, Meant, SANDBOX_TOKEN, Secret};
use crate::error::{Error, Kind, Result};
use crate::profile::{ProfileFile, SANDBOX, missing};
use crate::secret_command;

/// SeloraX itself.
const PRODUCTION: &str = "https://api.selorax.io";

/// The name that stands for a profile where the credentials are the environment's.
pub const ENVIRONMENT: &str = "environment";

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
    /// The profile has adjustments bear tags, by which events prove them (docs/memory.md: Proof).
    pub tag_reasons: bool,
    /// Something about the choice that may surprise.
    pub note: Option<String>,
    store: String,
}

impl Connection {
    fn new(
        profile: &str,
        chosen_by: Source,
        credentials: Credentials,
        address: Sourced<Address>,
    ) -> Connection {
        let store_id = credentials.store_id().map(|id| id.to_string());
        Connection {
            profile: profile.to_owned(),
            chosen_by,
            store: store_key(&address.value, store_id.as_deref(), profile),
            credentials,
            address,
            read_only: false,
            tag_reasons: false,
            note: None,
        }
    }

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

    /// What the store is called on this machine: its profile, or else its number or server.
    pub fn called(&self) -> String {
        let by_environment = self.profile == ENVIRONMENT;
        match (&self.address.value, self.credentials.store_id()) {
            (_, Some(id)) if by_environment => format!("store {id}"),
            (Address::Server(url), None) if by_environment => url.clone(),
            _ => self.profile.clone(),
        }
    }

    /// Where the credentials came from, in words.
    pub fn credentials_from(&self) -> String {
        match &self.chosen_by {
            Source::Env(name) if self.profile == ENVIRONMENT => (*name).to_owned(),
            chosen_by => format!("profile {} ({chosen_by})", self.profile),
        }
    }
}

/// What becomes of a `token_command`.
type RunCommand = fn(&str) -> Result<Secret>;

/// For those who only ask which store it is.
pub(super) fn unread(_: &str) -> Result<Secret> {
    Ok(Secret::new(""))
}

impl Settings {
    /// Which store, and how to get in. A token command is run. Errors are auth where there are no whole credentials,
    /// usage where something is wrong.
    pub fn connection(&self) -> Result<Connection> {
        self.connect(secret_command::run)
    }

    /// The key of the store that [`Settings::connection`] would open, found without running any command.
    pub fn store(&self) -> Result<String> {
        Ok(self.connect(unread)?.store)
    }

    /// Profile and server in words, and what chose them, found without running any command.
    pub fn place(&self) -> Result<(String, Source)> {
        let connection = self.connect(unread)?;
        Ok((connection.place(), connection.chosen_by))
    }

    pub(super) fn connect(&self, run: RunCommand) -> Result<Connection> {
        if let Some(name) = &self.profile {
            return self.of_profile(&name.value, name.source.clone(), run);
        }
        if let Some(credentials) = self.env_credentials()? {
            return self.of_environment(credentials);
        }
        let file = self.profile_file()?;
        match file.as_ref().and_then(|file| file.default.clone()) {
            Some(name) if name == SANDBOX => self.of_sandbox(Source::DefaultProfile),
            Some(name) => self.of_file(file, &name, Source::DefaultProfile, run),
            None => Err(no_credentials(file.as_ref())),
        }
    }

    /// What this variable says. An error, usage: it is not what is meant.
    pub(super) fn env_secret(&self, name: &'static str, meant: Meant) -> Result<Option<Secret>> {
        let secret = self.environment.get(name).map(|text| meant.read(text));
        let secret = secret.transpose();
        secret.map_err(|why| Error::usage(format!("{name} {why}")))
    }

    fn env_credentials(&self) -> Result<Option<Credentials>> {
        if let Some(token) = self.env_secret(env::TOKEN, Meant::Token)? {
            return Ok(Some(Credentials::Token(token)));
        }
        let id = self.env_secret(env::CLIENT_ID, Meant::ClientId)?;
        let secret = self.env_secret(env::CLIENT_SECRET, Meant::ClientSecret)?;
        let store = self.environment.get(env::STORE_ID);
        match (id, secret, store) {
            // A store id alone opens nothing and harms nothing.
            (None, None, _) => Ok(None),
            (Some(id), Some(secret), Some(store)) => {
                let store_id = store.trim().parse().ok().filter(|id| *id > 0);
                let store_id = store_id.ok_or_else(|| {
                    Error::usage(format!("{} is not a whole number above 0", env::STORE_ID))
                })?;
                Ok(Some(Credentials::Client {
                    id: id.expose().to_owned(),
                    secret,
                    store_id,
                }))
            }
            (id, secret, _) => {
                let missing = match (id, secret) {
                    (None, _) => env::CLIENT_ID,
                    (_, None) => env::CLIENT_SECRET,
                    _ => env::STORE_ID,
                };
                Err(Error::new(
                    Kind::Auth,
                    format!(
                        "the environment has half of the client credentials: {missing} is not set"
                    ),
                )
                .hinted(format!("set {missing}, or name a profile with -p")))
            }
        }
    }

    fn of_environment(&self, credentials: Credentials) -> Result<Connection> {
        let address = self.address(None)?;
        let chosen_by = Source::Env(match credentials {
            Credentials::Token(_) => env::TOKEN,
            Credentials::Client { .. } => env::CLIENT_ID,
        });
        // A file that can't be read is no reason to fail when nothing of it is wanted.
        let file = self.profile_file().ok().flatten();
        let note = file.and_then(|file| file.default).map(|default| {
            let server = match &address.value {
                Address::Sandbox => SANDBOX,
                Address::Server(url) => url,
            };
            format!(
                "credentials from {chosen_by}, and not from the default profile {default}, go to {server}"
            )
        });
        let mut connection = Connection::new(ENVIRONMENT, chosen_by, credentials, address);
        // A token does not say which store it opens; the environment may.
        if connection.credentials.store_id().is_none() {
            let store_id = self.environment.get(env::STORE_ID);
            connection.store = store_key(&connection.address.value, store_id, ENVIRONMENT);
        }
        connection.note = note;
        Ok(connection)
    }

    fn of_profile(&self, name: &str, source: Source, run: RunCommand) -> Result<Connection> {
        if name == SANDBOX {
            return self.of_sandbox(source);
        }
        self.of_file(self.profile_file()?, name, source, run)
    }

    /// The built-in profile. Its token is no secret, so that it may go anywhere.
    fn of_sandbox(&self, source: Source) -> Result<Connection> {
        let address = match &self.api_url {
            Some(_) => self.address(None)?,
            None => Sourced::new(Address::Sandbox, Source::Default),
        };
        let token = Credentials::Token(Secret::new(SANDBOX_TOKEN));
        Ok(Connection::new(SANDBOX, source, token, address))
    }

    fn of_file(
        &self,
        file: Option<ProfileFile>,
        name: &str,
        source: Source,
        run: RunCommand,
    ) -> Result<Connection> {
        let path = self.profile_path()?.value;
        let profiles = file.as_ref().map(|file| file.profiles.as_slice());
        let unknown = missing(name, &path, profiles);
        let profile = file
            .into_iter()
            .flat_map(|file| file.profiles)
            .find(|profile| profile.name == name)
            .ok_or(unknown)?;
        let address = self.address(profile.api_url.as_deref().map(|url| (name, url)))?;
        let credentials = profile.access.with(|from, meant| {
            let secret = from.get(meant, run);
            secret.map_err(|e| of_command(e, meant, name))
        })?;
        let note = elsewhere(name, profile.api_url.as_deref(), &address);
        Ok(Connection {
            read_only: profile.read_only,
            tag_reasons: profile.tag_reasons,
            note,
            ..Connection::new(name, source, credentials, address)
        })
    }

    /// The server that credentials go to which no profile has yet.
    pub fn server(&self) -> Result<String> {
        Ok(self.url(None)?.value)
    }

    pub(super) fn address(&self, of_profile: Option<(&str, &str)>) -> Result<Sourced<Address>> {
        let Sourced { value, source } = self.url(of_profile)?;
        Ok(Sourced::new(Address::Server(value), source))
    }

    /// The address: `--api-url`, then that of the profile (its name and what it says), then the environment's, then
    /// production.
    fn url(&self, of_profile: Option<(&str, &str)>) -> Result<Sourced<String>> {
        match &self.api_url {
            Some(url) => read_url(url, Source::Flag("--api-url")),
            None => self.untyped_url(of_profile),
        }
    }

    /// The server that a profile means where no address is typed, or what holds where none is named; `None` for a profile that
    /// is no server, or is not there.
    pub fn untyped_server(&self, profile: Option<&str>) -> Result<Option<String>> {
        let file = self.profile_file()?;
        let named = profile.or(self.profile.as_ref().map(|name| name.value.as_str()));
        let name = match (named, &file) {
            (None, Some(file)) if self.env_credentials()?.is_none() => file.default.as_deref(),
            (named, _) => named,
        };
        let Some(name) = name else {
            return Ok(Some(self.untyped_url(None)?.value));
        };
        let Some(profile) = file.as_ref().and_then(|file| file.get(name)) else {
            return Ok(None);
        };
        let said = profile.api_url.as_deref().map(|url| (name, url));
        Ok(Some(self.untyped_url(said)?.value))
    }

    fn untyped_url(&self, of_profile: Option<(&str, &str)>) -> Result<Sourced<String>> {
        let (text, source) = if let Some((profile, url)) = of_profile {
            (url, Source::Profile(profile.to_owned()))
        } else if let Some(url) = self.environment.get(env::API_URL) {
            (url, Source::Env(env::API_URL))
        } else {
            (PRODUCTION, Source::Default)
        };
        read_url(text, source)
    }
}

/// The error with the name of the command that it is about.
pub(super) fn of_command(error: Error, meant: Meant, profile: &str) -> Error {
    let command = meant.command_key();
    let message = format!("{command} of profile {profile}: {}", error.message());
    error.reworded(message)
}

fn read_url(text: &str, source: Source) -> Result<Sourced<String>> {
    let url = base_url(text).map_err(|e| {
        let message = format!("the address from {source} {}", e.message());
        e.reworded(message)
    })?;
    Ok(Sourced::new(url, source))
}

/// What is said where the credentials of a profile go to a server that the profile does not name.
fn elsewhere(name: &str, of_profile: Option<&str>, address: &Sourced<Address>) -> Option<String> {
    let Address::Server(url) = &address.value else {
        return None;
    };
    (url != of_profile.unwrap_or(PRODUCTION)).then(|| {
        let source = &address.source;
        format!("credentials of profile {name} go to {url}, by {source}")
    })
}

pub(super) fn store_key(address: &Address, store_id: Option<&str>, profile: &str) -> String {
    match (address, store_id) {
        (Address::Sandbox, _) => SANDBOX.to_owned(),
        (Address::Server(url), Some(id)) => format!("{url} store {}", id.trim()),
        (Address::Server(url), None) => format!("{url} profile {profile}"),
    }
}

fn no_credentials(file: Option<&ProfileFile>) -> Error {
    let error = Error::new(Kind::Auth, "no credentials");
    match file.and_then(|file| file.profiles.first()) {
        Some(first) => error.hinted(format!(
            "name a profile, such as -p {name}, or make it the default: sxinv profile use {name}",
            name = first.name
        )),
        None => error.hinted(
            "to set up a store: sxinv profile add NAME\nto try the built-in shop: sxinv -p sandbox list",
        ),
    }
}
