//! What was typed, the environment and the profile file become settings: flag before environment before profile
//! before default, and every value remembers where it came from (docs/commands.md: Settings).

mod connection;
pub mod environment;
mod subscriptions;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use connection::{Address, Connection, ENVIRONMENT};
use environment as env;
pub use environment::Environment;
pub use subscriptions::Subscription;

use crate::color::ColorWhen;
use crate::duration::parse_duration;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::profile::ProfileFile;

/// Options for every command as they were typed (docs/commands.md: Options of every command).
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Typed {
    /// Which profile; sandbox is built in [env: SELORAX_PROFILE]
    #[arg(short, long, global = true, value_name = "NAME")]
    pub profile: Option<String>,

    /// The profile file [env: SELORAX_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Another server [env: SELORAX_API_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<String>,

    /// table (default), json, jsonl or csv [env: SXINV_OUTPUT]
    #[arg(short, long, global = true, value_name = "FMT", value_enum)]
    pub output: Option<Format>,

    /// Which fields, in which order; the names are the API's
    #[arg(long, global = true, value_name = "A,B,C")]
    pub fields: Option<String>,

    /// auto (default), always or never [env: NO_COLOR, CLICOLOR_FORCE]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<ColorWhen>,

    /// Show long tables without a pager [env: SXINV_PAGER, PAGER]
    #[arg(long, global = true)]
    pub no_pager: bool,

    /// How long a request may take, such as 30s [default: 30s]
    #[arg(long, global = true, value_name = "DUR", value_parser = parse_duration)]
    pub timeout: Option<Duration>,

    /// Further attempts after the first [default: 4]
    #[arg(long, global = true, value_name = "N")]
    pub retries: Option<u32>,

    /// No notes and no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Every request with its status and time
    #[arg(short, long, global = true)]
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

    /// What was typed behind this option.
    fn typed(value: Option<T>, option: &'static str) -> Option<Sourced<T>> {
        value.map(|value| Sourced::new(value, Source::Flag(option)))
    }

    /// What was typed, or what is built in.
    fn or_default(typed: Option<T>, option: &'static str, default: T) -> Sourced<T> {
        Sourced::typed(typed, option).unwrap_or(Sourced::new(default, Source::Default))
    }
}

/// The settings that no file is read for.
pub struct Settings {
    /// How results are written.
    pub output: Sourced<Format>,
    /// Which fields, as they were typed.
    pub fields: Option<String>,
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
    /// Long tables go straight to the terminal.
    pub no_pager: bool,
    /// Nobody is there to ask, whatever stands at the other end.
    pub unattended: bool,
    /// The profile that was named, if one was.
    pub profile: Option<Sourced<String>>,
    /// The address that was typed, as it was typed.
    pub api_url: Option<String>,
    config: Option<Sourced<PathBuf>>,
    environment: Environment,
}

impl Settings {
    /// Typed first, environment second. Errors are usage.
    pub fn resolve(typed: Typed, environment: Environment) -> Result<Settings> {
        let set = |name| environment.get(name).map(str::to_owned);
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
        // What the rule of `color` goes by.
        let color = match typed.color {
            Some(when) => Sourced::new(when, Source::Flag("--color")),
            None if anstyle_query::no_color() => {
                Sourced::new(ColorWhen::Never, Source::Env("NO_COLOR"))
            }
            None if anstyle_query::clicolor_force() => {
                Sourced::new(ColorWhen::Always, Source::Env("CLICOLOR_FORCE"))
            }
            None => Sourced::new(ColorWhen::Auto, Source::Default),
        };
        let profile = Sourced::typed(typed.profile, "--profile")
            .or_else(|| Some(Sourced::new(set(env::PROFILE)?, Source::Env(env::PROFILE))));
        let config = Sourced::typed(typed.config, "--config").or_else(|| {
            let path = PathBuf::from(set(env::CONFIG)?);
            // A message then says where it was looked for.
            let path = std::path::absolute(&path).unwrap_or(path);
            Some(Sourced::new(path, Source::Env(env::CONFIG)))
        });
        Ok(Settings {
            output,
            fields: typed.fields,
            color,
            timeout: Sourced::or_default(typed.timeout, "--timeout", Duration::from_secs(30)),
            retries: Sourced::or_default(typed.retries, "--retries", 4),
            quiet: typed.quiet,
            verbose: typed.verbose,
            no_pager: typed.no_pager,
            // Some say by `false` that a machine is not one.
            unattended: set(env::CI).is_some_and(|ci| ci != "false" && ci != "0"),
            profile,
            config,
            api_url: typed.api_url,
            environment,
        })
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
            .hinted("to make it: sxinv profile add NAME"));
        }
        Ok(file)
    }

    /// The folder of the state database and the sandbox, from the root on. A relative path in an XDG variable counts as
    /// none (XDG Base Directory Specification, Basics).
    pub fn state_folder(&self) -> Result<Sourced<PathBuf>> {
        let Sourced { value, source } = self.named_state_folder()?;
        let folder = std::path::absolute(&value).map_err(|e| {
            Error::internal(format!("can't tell where {} is", value.display())).caused_by(e)
        })?;
        Ok(Sourced::new(folder, source))
    }

    /// The variable that names the state folder by a relative path, so that each working directory has its own.
    pub fn relative_state(&self) -> Option<&'static str> {
        let folder = self.named_state_folder().ok()?;
        let variable = match folder.source {
            Source::Env(name) => name,
            _ => "HOME",
        };
        folder.value.is_relative().then_some(variable)
    }

    /// As it was named.
    fn named_state_folder(&self) -> Result<Sourced<PathBuf>> {
        if let Some(folder) = self.environment.get(env::STATE_DIR) {
            return Ok(Sourced::new(folder.into(), Source::Env(env::STATE_DIR)));
        }
        let folder = dirs::state_dir().or_else(dirs::data_local_dir);
        let folder = folder.ok_or_else(|| {
            Error::internal("this user has no folder for state")
                .hinted(format!("name one with {}", env::STATE_DIR))
        })?;
        Ok(Sourced::new(folder.join("sxinv"), Source::Default))
    }
}

#[cfg(test)]
mod tests;
