//! The profile file: TOML with the credentials of stores, read and checked as a whole.
//!
//! Nothing that stands in it as a value is ever repeated in a message: a value may be a secret in the wrong place.

pub mod edit;

use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::credentials::Secret;
use crate::error::{Error, Kind, Result};

/// The built-in profile; no file may have one of that name.
pub const SANDBOX: &str = "sandbox";

/// Every key of a profile.
const KEYS: [&str; 9] = [
    "token",
    "token_command",
    "client_id",
    "client_secret",
    "client_secret_command",
    "store_id",
    "api_url",
    "read_only",
    "webhook_secret",
];

/// A profile file that was read and found right.
pub struct ProfileFile {
    /// Where it stands.
    pub path: PathBuf,
    /// The profile used when nothing else names one.
    pub default: Option<String>,
    /// Every profile in the file's order.
    pub profiles: Vec<Profile>,
}

/// One store's settings.
pub struct Profile {
    /// Its name.
    pub name: String,
    /// How it opens its store.
    pub access: Access,
    /// The server, where it isn't production.
    pub api_url: Option<String>,
    /// Every write is an error before sending.
    pub read_only: bool,
    /// What webhooks are signed with.
    pub webhook_secret: Option<Secret>,
}

/// Where a secret comes from.
pub enum SecretSource {
    /// It stands in the file.
    Here(Secret),
    /// The first line that this shell command prints.
    Command(String),
}

/// How a profile opens its store: one kind, and whole.
pub enum Access {
    /// An access token.
    Token(SecretSource),
    /// Client credentials.
    Client {
        /// `sx_app_…`.
        id: String,
        /// `sx_secret_…`, or where to get it.
        secret: SecretSource,
        /// The store.
        store_id: u64,
    },
}

impl ProfileFile {
    /// Reads and checks the file; `None` where there is none. Errors are usage and name file, line and key, or auth
    /// where others can read it.
    pub fn read(path: &Path) -> Result<Option<ProfileFile>> {
        let Some(text) = read_private(path)? else {
            return Ok(None);
        };
        let file = Reader { path, text: &text };
        let table = DeTable::parse(&text)
            .map_err(|e| file.fault(e.span(), format!("it is not TOML: {}", e.message())))?;
        let (default, profiles) = file.whole(table.get_ref())?;
        Ok(Some(ProfileFile {
            path: path.to_owned(),
            default,
            profiles,
        }))
    }

    /// The profile of that name.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// There is no profile of that name: the error, with near misses.
    pub fn unknown(&self, name: &str) -> Error {
        let near = crate::catalogue::near_misses(name, self.profiles.iter().map(|p| &*p.name));
        let hint = match near.first() {
            Some(near) => format!("did you mean {near}?"),
            None => "`sxinv profile list` lists them, `sxinv profile add NAME` adds one".to_owned(),
        };
        Error::new(
            Kind::Auth,
            format!("no profile {name} in {}", self.path.display()),
        )
        .hinted(hint)
    }
}

/// The text of a file that only its owner can read; `None` where there is none.
fn read_private(path: &Path) -> Result<Option<String>> {
    let failed = |e: std::io::Error| {
        Error::usage(format!("can't read the profile file {}", path.display())).caused_by(e)
    };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(e)),
    };
    // Of the open file and not of the name, which could be another one by now.
    only_the_owners(path, &file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

#[cfg(unix)]
fn only_the_owners(path: &Path, metadata: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
        let shown = path.display();
        return Err(Error::new(
            Kind::Auth,
            format!("{shown} holds credentials and others on this machine can read it"),
        )
        .hinted(format!("chmod 600 {}", quoted(&shown.to_string()))));
    }
    Ok(())
}

#[cfg(not(unix))]
fn only_the_owners(_: &Path, _: &fs::Metadata) -> Result<()> {
    Ok(())
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b);
    if path.bytes().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// Whether a profile may be called that: what a shell takes without quotes.
pub fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name == SANDBOX {
        return Err(Error::usage("the profile sandbox is built in"));
    }
    if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
        return Err(Error::usage(format!("`{name}` is no name for a profile"))
            .hinted("letters, digits, - and _"));
    }
    Ok(())
}

/// The file being checked, to say where a fault stands.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

type Span = Range<usize>;

impl Reader<'_> {
    fn fault(&self, at: Option<Span>, message: impl std::fmt::Display) -> Error {
        let line = at.map(|at| {
            let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
            format!(
                ", line {}",
                before.iter().filter(|b| **b == b'\n').count() + 1
            )
        });
        Error::usage(format!(
            "{}{}: {message}",
            self.path.display(),
            line.unwrap_or_default()
        ))
    }

    fn whole(&self, table: &DeTable<'_>) -> Result<(Option<String>, Vec<Profile>)> {
        let mut default = None;
        let mut profiles = Vec::new();
        for (key, value) in table {
            let at = Some(key.span());
            match &**key.get_ref() {
                "default_profile" => match value.get_ref().as_str() {
                    Some(name) => default = Some((name.to_owned(), key.span())),
                    None => return Err(self.fault(at, "default_profile takes a name in quotes")),
                },
                "profiles" => {
                    let Some(table) = value.get_ref().as_table() else {
                        return Err(self.fault(at, "profiles is a table of profiles"));
                    };
                    for (name, value) in table {
                        profiles.push(self.profile(
                            name.get_ref(),
                            name.span(),
                            value.get_ref(),
                        )?);
                    }
                }
                other => {
                    let hint = if KEYS.contains(&other) {
                        "it belongs under [profiles.NAME]".to_owned()
                    } else {
                        known(other, &["default_profile", "profiles"])
                    };
                    return Err(self.fault(at, format!("unknown key {other}")).hinted(hint));
                }
            }
        }
        let Some((name, at)) = default else {
            return Ok((None, profiles));
        };
        if name != SANDBOX && !profiles.iter().any(|profile| profile.name == name) {
            let message =
                format!("default_profile names {name}, and there is no [profiles.{name}]");
            return Err(self.fault(Some(at), message));
        }
        Ok((Some(name), profiles))
    }

    fn profile(&self, name: &str, at: Span, value: &DeValue<'_>) -> Result<Profile> {
        let fault = |at: &Span, message: String| self.fault(Some(at.clone()), message);
        check_name(name).map_err(|e| fault(&at, e.message().to_owned()))?;
        let Some(table) = value.as_table() else {
            return Err(fault(
                &at,
                format!("[profiles.{name}] is a table of settings"),
            ));
        };
        if let Some((key, _)) = table
            .iter()
            .find(|(key, _)| !KEYS.contains(&&**key.get_ref()))
        {
            let message = format!("unknown key {} in profile {name}", key.get_ref());
            return Err(fault(&key.span(), message).hinted(known(key.get_ref(), &KEYS)));
        }
        let find = |wanted: &str| table.iter().find(|(key, _)| key.get_ref() == wanted);
        let text = |wanted: &str| -> Result<Option<String>> {
            let Some((key, value)) = find(wanted) else {
                return Ok(None);
            };
            match value.get_ref().as_str().map(str::trim) {
                Some("") => Err(fault(
                    &key.span(),
                    format!("{wanted} in profile {name} is empty"),
                )),
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(fault(
                    &key.span(),
                    format!("{wanted} in profile {name} takes a text in quotes"),
                )),
            }
        };
        let secret = |here: &str, command: &str| -> Result<Option<SecretSource>> {
            if let (Some(_), Some((key, _))) = (find(here), find(command)) {
                let message = format!("profile {name} has {here} and {command}: one of them");
                return Err(fault(&key.span(), message));
            }
            Ok(match text(here)? {
                Some(text) => Some(SecretSource::Here(Secret::new(text))),
                None => text(command)?.map(SecretSource::Command),
            })
        };
        let client_keys = [
            "client_id",
            "client_secret",
            "client_secret_command",
            "store_id",
        ];
        let client = client_keys.iter().find_map(|key| find(key));
        let token = secret("token", "token_command")?;
        let access = match (token, client) {
            (Some(_), Some((key, _))) => {
                let message = format!(
                    "profile {name} has a token and {}: one kind of credentials, not two",
                    key.get_ref()
                );
                return Err(fault(&key.span(), message));
            }
            (Some(token), None) => Access::Token(token),
            (None, None) => {
                let message = format!("profile {name} has no credentials");
                return Err(
                    fault(&at, message).hinted("token, or client_id, client_secret and store_id")
                );
            }
            (None, Some((first, _))) => {
                let half = |missing: &str| {
                    let message = format!(
                        "profile {name} has {} and no {missing}: half a credential",
                        first.get_ref()
                    );
                    fault(&first.span(), message)
                };
                let id = text("client_id")?.ok_or_else(|| half("client_id"))?;
                let secret = secret("client_secret", "client_secret_command")?
                    .ok_or_else(|| half("client_secret"))?;
                let (key, value) = find("store_id").ok_or_else(|| half("store_id"))?;
                let store_id = store_id(value.get_ref()).ok_or_else(|| {
                    let message =
                        format!("store_id in profile {name} takes a whole number above 0");
                    fault(&key.span(), message)
                })?;
                Access::Client {
                    id,
                    secret,
                    store_id,
                }
            }
        };
        let read_only = match find("read_only") {
            None => false,
            Some((key, value)) => value.get_ref().as_bool().ok_or_else(|| {
                let message = format!("read_only in profile {name} takes true or false");
                fault(&key.span(), message)
            })?,
        };
        Ok(Profile {
            name: name.to_owned(),
            access,
            api_url: text("api_url")?,
            read_only,
            webhook_secret: text("webhook_secret")?.map(Secret::new),
        })
    }
}

/// A store id, bare or in quotes.
fn store_id(value: &DeValue<'_>) -> Option<u64> {
    let digits = match (value.as_integer(), value.as_str()) {
        (Some(number), _) if number.radix() == 10 => number.as_str(),
        (_, Some(text)) => text.trim(),
        _ => return None,
    };
    digits.parse().ok().filter(|id| *id > 0)
}

/// What a key may have been meant for.
fn known(key: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(known, key), *known))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    match near {
        Some((_, near)) => format!("did you mean {near}?"),
        None => format!("the keys are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;
