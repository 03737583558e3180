//! What was typed, the environment and the profile file become settings: flag before environment before profile
//! before default, and every value remembers where it came from (docs/commands.md: Settings).

mod address;
mod connection;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use address::base_url;
pub use connection::{Address, Connection};

use crate::credentials::{Credentials, Secret};
use crate::error::{Error, Kind, Result};
use crate::format::Format;
use crate::profile::{Access, ProfileFile, SANDBOX, SecretSource};
use crate::render::Fields;
use crate::secret_command;

/// Every environment variable that is read, named once.
pub mod env {
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
    /// The format of results.
    pub const OUTPUT: &str = "SXINV_OUTPUT";
    /// The folder of the state database and the sandbox.
    pub const STATE_DIR: &str = "SXINV_STATE_DIR";
    /// No colours (no-color.org).
    pub const NO_COLOR: &str = "NO_COLOR";
    /// Colours also where there is no terminal (bixense.com/clicolors).
    pub const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
    /// What kind of terminal.
    pub const TERM: &str = "TERM";
    /// Set where a machine does the typing: nobody is there to ask.
    pub const CI: &str = "CI";
}

/// SeloraX itself (API: Where it is).
const PRODUCTION: &str = "https://api.selorax.io";

/// When colours are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorWhen {
    /// On a terminal that can show them
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

/// What was typed of the global options.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--api-url`.
    pub api_url: Option<String>,
    /// `--output`.
    pub output: Option<Format>,
    /// `--fields`.
    pub fields: Option<String>,
    /// `--color`.
    pub color: Option<ColorWhen>,
    /// `--timeout`.
    pub timeout: Option<Duration>,
    /// `--retries`.
    pub retries: Option<u32>,
    /// `--quiet`.
    pub quiet: bool,
    /// `--verbose`.
    pub verbose: bool,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option on the command line.
    Flag(&'static str),
    /// An environment variable.
    Env(&'static str),
    /// A profile of the profile file.
    Profile(String),
    /// `default_profile` in the profile file.
    DefaultProfile,
    /// It is built in.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(name) | Source::Env(name) => f.write_str(name),
            Source::Profile(name) => write!(f, "profile {name}"),
            Source::DefaultProfile => f.write_str("default_profile"),
            Source::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub source: Source,
}

impl<T> Sourced<T> {
    fn new(value: T, source: Source) -> Sourced<T> {
        Sourced { value, source }
    }
}

/// The environment, as a function so that tests need no process.
pub type Environment = Box<dyn Fn(&str) -> Option<String>>;

/// What becomes of a `token_command`.
type RunCommand<'a> = &'a dyn Fn(&str) -> Result<Secret>;

/// The settings that no file is read for.
pub struct Settings {
    /// How results are written.
    pub output: Sourced<Format>,
    /// Which fields.
    pub fields: Option<Fields>,
    /// When colours are written.
    pub color: Sourced<ColorWhen>,
    /// How long one request may take.
    pub timeout: Sourced<Duration>,
    /// Further attempts after the first.
    pub retries: Sourced<u32>,
    /// No notes and no progress.
    pub quiet: bool,
    /// Every request.
    pub verbose: bool,
    /// Nobody is there to ask, whatever stands at the other end.
    pub unattended: bool,
    profile: Option<Sourced<String>>,
    config: Option<Sourced<PathBuf>>,
    api_url: Option<String>,
    environment: Environment,
}

impl Settings {
    /// Typed first, environment second. Errors are usage.
    pub fn resolve(typed: Typed, environment: Environment) -> Result<Settings> {
        let set = |name: &'static str| environment(name).filter(|value| !value.is_empty());
        let output = match (typed.output, set(env::OUTPUT)) {
            (Some(format), _) => Sourced::new(format, Source::Flag("--output")),
            (None, Some(text)) => {
                let format = text
                    .parse()
                    .map_err(|e| Error::usage(format!("{}: {e}", env::OUTPUT)))?;
                Sourced::new(format, Source::Env(env::OUTPUT))
            }
            (None, None) => Sourced::new(Format::Table, Source::Default),
        };
        let color = match typed.color {
            Some(when) => Sourced::new(when, Source::Flag("--color")),
            None if set(env::NO_COLOR).is_some() => {
                Sourced::new(ColorWhen::Never, Source::Env(env::NO_COLOR))
            }
            None if set(env::CLICOLOR_FORCE).is_some_and(|value| value != "0") => {
                Sourced::new(ColorWhen::Always, Source::Env(env::CLICOLOR_FORCE))
            }
            None if set(env::TERM).is_some_and(|value| value == "dumb") => {
                Sourced::new(ColorWhen::Never, Source::Env(env::TERM))
            }
            None => Sourced::new(ColorWhen::Auto, Source::Default),
        };
        let profile = typed
            .profile
            .map(|name| Sourced::new(name, Source::Flag("--profile")))
            .or_else(|| Some(Sourced::new(set(env::PROFILE)?, Source::Env(env::PROFILE))));
        let config = typed
            .config
            .map(|path| Sourced::new(path, Source::Flag("--config")))
            .or_else(|| {
                let path = PathBuf::from(set(env::CONFIG)?);
                Some(Sourced::new(path, Source::Env(env::CONFIG)))
            });
        Ok(Settings {
            output,
            fields: typed.fields.as_deref().map(Fields::parse).transpose()?,
            color,
            timeout: match typed.timeout {
                Some(timeout) => Sourced::new(timeout, Source::Flag("--timeout")),
                None => Sourced::new(Duration::from_secs(30), Source::Default),
            },
            retries: match typed.retries {
                Some(retries) => Sourced::new(retries, Source::Flag("--retries")),
                None => Sourced::new(4, Source::Default),
            },
            quiet: typed.quiet,
            verbose: typed.verbose,
            // Some say by `false` that a machine is not one.
            unattended: set(env::CI).is_some_and(|ci| ci != "false" && ci != "0"),
            profile,
            config,
            api_url: typed.api_url,
            environment,
        })
    }

    fn env(&self, name: &'static str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    /// The profile file's path. An error is internal: this machine has no folder for it.
    pub fn profile_path(&self) -> Result<Sourced<PathBuf>> {
        if let Some(path) = &self.config {
            return Ok(path.clone());
        }
        let folder = dirs::config_dir().ok_or_else(|| {
            Error::internal("this user has no folder for settings")
                .hinted("name the profile file with --config")
        })?;
        Ok(Sourced::new(
            folder.join("sxinv").join("config.toml"),
            Source::Default,
        ))
    }

    /// The profile file; `None` where there is none. One that was named must be there.
    pub fn profile_file(&self) -> Result<Option<ProfileFile>> {
        let path = self.profile_path()?;
        let file = ProfileFile::read(&path.value)?;
        if file.is_none() && path.source != Source::Default {
            return Err(Error::usage(format!(
                "{} names the profile file {}, and there is none",
                path.source,
                path.value.display()
            ))
            .hinted("`sxinv profile add NAME` makes it"));
        }
        Ok(file)
    }

    /// The folder of the state database and the sandbox.
    pub fn state_folder(&self) -> Result<PathBuf> {
        if let Some(folder) = self.env(env::STATE_DIR) {
            return Ok(PathBuf::from(folder));
        }
        let folder = dirs::state_dir().or_else(dirs::data_local_dir);
        folder.map(|folder| folder.join("sxinv")).ok_or_else(|| {
            Error::internal("this user has no folder for state")
                .hinted(format!("name one with {}", env::STATE_DIR))
        })
    }

    /// What chose the folder of the state database.
    pub fn state_source(&self) -> Source {
        match self.env(env::STATE_DIR) {
            Some(_) => Source::Env(env::STATE_DIR),
            None => Source::Default,
        }
    }

    /// The profile that was named, if one was.
    pub fn profile_name(&self) -> Option<&Sourced<String>> {
        self.profile.as_ref()
    }

    /// The address that was typed, as it was typed.
    pub fn typed_api_url(&self) -> Option<&str> {
        self.api_url.as_deref()
    }

    /// Which store, and how to get in (docs/commands.md: Settings). A token command is run. Errors are auth where there
    /// are no whole credentials, usage where something is wrong.
    pub fn connection(&self) -> Result<Connection> {
        self.connect(&secret_command::run)
    }

    /// The key of the store that [`Settings::connection`] would open, found without running any command.
    pub fn store(&self) -> Result<String> {
        let unread = |_: &str| Ok(Secret::new(""));
        Ok(self.connect(&unread)?.store)
    }

    fn connect(&self, run: RunCommand<'_>) -> Result<Connection> {
        if let Some(name) = &self.profile {
            return self.of_profile(&name.value, name.source.clone(), run);
        }
        if let Some(credentials) = self.env_credentials()? {
            return self.of_environment(credentials);
        }
        let file = self.profile_file()?;
        match file.as_ref().and_then(|file| file.default.clone()) {
            Some(name) if name == SANDBOX => self.of_profile(SANDBOX, Source::DefaultProfile, run),
            Some(name) => self.of_file(file, &name, Source::DefaultProfile, run),
            None => Err(no_credentials(file.as_ref())),
        }
    }

    fn env_credentials(&self) -> Result<Option<Credentials>> {
        if let Some(token) = self.env(env::TOKEN) {
            return Ok(Some(Credentials::Token(Secret::new(token))));
        }
        let id = self.env(env::CLIENT_ID);
        let secret = self.env(env::CLIENT_SECRET).map(Secret::new);
        let store = self.env(env::STORE_ID);
        match (id, secret, store) {
            // A store id alone opens nothing and harms nothing.
            (None, None, _) => Ok(None),
            (Some(id), Some(secret), Some(store)) => {
                let store_id = store.trim().parse().ok().filter(|id| *id > 0);
                let store_id = store_id.ok_or_else(|| {
                    Error::usage(format!("{} is not a whole number above 0", env::STORE_ID))
                })?;
                Ok(Some(Credentials::Client {
                    id: id.trim().to_owned(),
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
        let address = self.address(None, SANDBOX)?;
        let chosen_by = Source::Env(match credentials {
            Credentials::Token(_) => env::TOKEN,
            Credentials::Client { .. } => env::CLIENT_ID,
        });
        // A file that can't be read is no reason to fail when nothing of it is wanted.
        let file = self.profile_file().ok().flatten();
        let note = file.and_then(|file| file.default).map(|name| {
            format!("credentials from {chosen_by}, and not from the default profile {name}")
        });
        let store_id = credentials
            .store_id()
            .map(|id| id.to_string())
            .or_else(|| self.env(env::STORE_ID));
        Ok(Connection {
            profile: "environment".to_owned(),
            chosen_by,
            store: store_key(&address.value, store_id.as_deref(), "environment"),
            credentials,
            address,
            read_only: false,
            webhook_secret: None,
            note,
        })
    }

    fn of_profile(&self, name: &str, source: Source, run: RunCommand<'_>) -> Result<Connection> {
        if name == SANDBOX {
            let address = match &self.api_url {
                Some(_) => self.address(None, SANDBOX)?,
                None => Sourced::new(Address::Sandbox, Source::Default),
            };
            return Ok(Connection {
                profile: SANDBOX.to_owned(),
                chosen_by: source,
                credentials: Credentials::Token(Secret::new(crate::sandbox::TOKEN)),
                store: store_key(&address.value, None, SANDBOX),
                address,
                read_only: false,
                webhook_secret: None,
                note: None,
            });
        }
        let file = self.profile_file()?;
        self.of_file(file, name, source, run)
    }

    fn of_file(
        &self,
        file: Option<ProfileFile>,
        name: &str,
        source: Source,
        run: RunCommand<'_>,
    ) -> Result<Connection> {
        let Some(file) = file else {
            let path = self.profile_path()?.value;
            return Err(Error::new(
                Kind::Auth,
                format!("no profile {name}: there is no {}", path.display()),
            )
            .hinted(format!("sxinv profile add {name}")));
        };
        let Some(at) = file
            .profiles
            .iter()
            .position(|profile| profile.name == name)
        else {
            return Err(file.unknown(name));
        };
        let Some(profile) = file.profiles.into_iter().nth(at) else {
            return Err(Error::internal("a profile vanished"));
        };
        let address = self.address(profile.api_url.as_deref(), name)?;
        let secret = |secret: SecretSource, what: &str| match secret {
            SecretSource::Here(secret) => Ok(secret),
            SecretSource::Command(command) => run(&command).map_err(|e| {
                let message = format!("{what} of profile {name}: {}", e.message());
                e.reworded(message)
            }),
        };
        let credentials = match profile.access {
            Access::Token(token) => Credentials::Token(secret(token, "token_command")?),
            Access::Client {
                id,
                secret: from,
                store_id,
            } => Credentials::Client {
                id,
                secret: secret(from, "client_secret_command")?,
                store_id,
            },
        };
        let store_id = credentials.store_id().map(|id| id.to_string());
        Ok(Connection {
            profile: name.to_owned(),
            chosen_by: source,
            store: store_key(&address.value, store_id.as_deref(), name),
            credentials,
            address,
            read_only: profile.read_only,
            webhook_secret: profile.webhook_secret,
            note: None,
        })
    }

    /// The address: `--api-url`, then the profile's, then the environment's, then production.
    fn address(&self, of_profile: Option<&str>, profile: &str) -> Result<Sourced<Address>> {
        let (text, source) = if let Some(url) = &self.api_url {
            (url.clone(), Source::Flag("--api-url"))
        } else if let Some(url) = of_profile {
            (url.to_owned(), Source::Profile(profile.to_owned()))
        } else if let Some(url) = self.env(env::API_URL) {
            (url, Source::Env(env::API_URL))
        } else {
            (PRODUCTION.to_owned(), Source::Default)
        };
        let base = base_url(&text).map_err(|e| {
            let message = format!("{}, from {source}", e.message());
            e.reworded(message)
        })?;
        Ok(Sourced::new(Address::Server(base), source))
    }
}

fn store_key(address: &Address, store_id: Option<&str>, profile: &str) -> String {
    match (address, store_id) {
        (Address::Sandbox, _) => SANDBOX.to_owned(),
        (Address::Server(url), Some(id)) => format!("{url} store {}", id.trim()),
        (Address::Server(url), None) => format!("{url} profile {profile}"),
    }
}

fn no_credentials(file: Option<&ProfileFile>) -> Error {
    let error = Error::new(Kind::Auth, "no credentials");
    match file {
        Some(file) if !file.profiles.is_empty() => error.hinted(format!(
            "name a profile: -p {}, or make it the default: sxinv profile use {}",
            file.profiles[0].name, file.profiles[0].name
        )),
        _ => error.hinted(
            "set up a store with `sxinv profile add NAME`, or try the built-in shop: sxinv -p sandbox list",
        ),
    }
}

#[cfg(test)]
mod tests;
