//! The profile file: TOML with the credentials of stores, read and checked as a whole.
//!
//! Nothing that stands in it as a value is ever repeated in a message: a value may be a secret in the wrong place.

mod checked;
pub mod edit;
pub mod recipes;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::credentials::{Credentials, Meant, Secret, looks_secret, redacted};
use crate::error::{Error, Kind, Result};
use crate::file::irregular;
use crate::near::{did_you_mean, near_misses};
use crate::shell::quoted;

use recipes::{Broken, Recipe};

/// The built-in profile; no file may have one of that name.
pub const SANDBOX: &str = "sandbox";

/// A profile file that was read and found right.
pub struct ProfileFile {
    /// Where it stands.
    pub path: PathBuf,
    /// The profile used when nothing else names one.
    pub default: Option<String>,
    /// Every profile in the file's order.
    pub profiles: Vec<Profile>,
    /// Every recipe that is right, in the file's order.
    pub recipes: Vec<Recipe>,
    /// Those that are wrong.
    pub broken: Vec<Broken>,
}

/// One store's settings.
pub struct Profile {
    /// Its name.
    pub name: String,
    /// How it opens its store.
    pub access: Access,
    /// The server, where it isn't production; see [`crate::address::base_url`].
    pub api_url: Option<String>,
    /// Every write is an error before sending.
    pub read_only: bool,
    /// The reason of an adjustment ends in a tag, by which its event proves it (docs/memory.md: Proof).
    pub tag_reasons: bool,
    /// What webhooks are signed with.
    pub webhook_secret: Option<SecretSource>,
}

/// Where a secret comes from.
pub enum SecretSource {
    /// It stands in the file.
    Here(Secret),
    /// The first line that this shell command prints.
    Command(String),
}

impl SecretSource {
    /// The secret; `run` runs its command. An error is auth.
    pub fn get(&self, meant: Meant, run: fn(&str) -> Result<Secret>) -> Result<Secret> {
        match self {
            SecretSource::Here(secret) => Ok(secret.clone()),
            SecretSource::Command(command) => meant.printed(run(command)?),
        }
    }
}

/// How a profile opens its store.
pub type Access = Credentials<SecretSource>;

impl ProfileFile {
    /// Reads and checks the file; `None` where there is none. Errors are usage and name file, line and key, or auth
    /// where others can read it.
    pub fn read(path: &Path) -> Result<Option<ProfileFile>> {
        let Some(text) = read_private(path)? else {
            return Ok(None);
        };
        checked::check(path, &text).map(Some)
    }

    /// The profile of that name.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// The recipe of that name; an error, usage, where it is wrong.
    pub fn recipe(&self, name: &str) -> Result<Option<&Recipe>> {
        let is_it = |broken: &&Broken| broken.name.as_deref().is_none_or(|broken| broken == name);
        match self.broken.iter().find(is_it) {
            Some(broken) => Err(broken.error.clone()),
            None => Ok(self.recipes.iter().find(|recipe| recipe.name == name)),
        }
    }

    /// The profile of that name, or the error that there is none.
    pub fn require(&self, name: &str) -> Result<&Profile> {
        self.get(name)
            .ok_or_else(|| missing(name, &self.path, Some(&self.profiles)))
    }
}

/// There is no profile of that name, or no file at all: the error, auth, with near misses.
pub fn missing(name: &str, path: &Path, profiles: Option<&[Profile]>) -> Error {
    let file = path.display();
    let error = |message: String, hint: &str| Error::new(Kind::Auth, message).hinted(hint);
    if looks_secret(name) {
        return error(
            format!(
                "the name of a profile is due, not a secret; nothing of that name is in {file}"
            ),
            "name a profile, and forget the secret: a command line can be read by others",
        );
    }
    if name.is_empty() {
        return error(
            "the name of the profile is empty".to_owned(),
            "name one: -p NAME\nthe profiles: sxinv profile list",
        );
    }
    let no_profile = format!("no profile {name} in {file}");
    if !near_misses(name, std::iter::once(SANDBOX)).is_empty() {
        return error(no_profile, &format!("did you mean {SANDBOX}?"));
    }
    let Some(profiles) = profiles else {
        let message = format!("no profile {name}: there is no {file}");
        return error(message, &format!("sxinv profile add {}", quoted(name)));
    };
    let otherwise = "those that there are: sxinv profile list\nto add one: sxinv profile add NAME";
    let names = profiles.iter().map(|p| &*p.name);
    error(no_profile, &did_you_mean(name, names, otherwise))
}

/// Whether a profile file stands at this path: a regular file, or a link to one. An error is usage: something else
/// does, which is never read for credentials and never replaced.
fn stands(path: &Path) -> Result<bool> {
    let not_one = |what: &str| {
        Error::usage(format!(
            "the profile file {} is {what}, not a regular file",
            path.display()
        ))
        .hinted("name another file with --config")
    };
    match fs::metadata(path) {
        Ok(there) => irregular(&there).map_or(Ok(true), |what| Err(not_one(what))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => match fs::symlink_metadata(path) {
            Ok(_) => Err(not_one("a link to a file that is not there")),
            Err(_) => Ok(false),
        },
        Err(e) => Err(unreadable(path, e)),
    }
}

/// The text of a file that only its owner can read; `None` where there is none.
fn read_private(path: &Path) -> Result<Option<String>> {
    // Looked at before it is opened: opening a pipe waits for its other end.
    if !stands(path)? {
        return Ok(None);
    }
    let failed = |e| unreadable(path, e);
    let mut file = File::open(path).map_err(failed)?;
    // Of the open file and not of the name, which could be another one by now.
    only_the_owners(path, &file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::usage(format!("can't read the profile file {}", path.display())).caused_by(error)
}

#[cfg(unix)]
fn only_the_owners(path: &Path, metadata: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 != 0 {
        let shown = path.display();
        return Err(Error::new(
            Kind::Auth,
            format!("others on this machine can read {shown}, where credentials are kept"),
        )
        .hinted(format!("chmod 600 {}", quoted(&shown.to_string()))));
    }
    Ok(())
}

#[cfg(not(unix))]
fn only_the_owners(_: &Path, _: &fs::Metadata) -> Result<()> {
    Ok(())
}

/// How long the name of a profile may be, in characters: it stands in every hint.
const LONGEST_NAME: usize = 60;

/// Whether a shell takes a name without quotes.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('-') && name.chars().all(plain)
}

/// Whether a profile of the file may be called that.
fn check_known_name(name: &str) -> Result<()> {
    refuse_reserved(name)?;
    match is_plain(name) {
        true => Ok(()),
        false => Err(Error::usage(format!(
            "`{name}` is not a name for a profile"
        ))),
    }
}

fn refuse_reserved(name: &str) -> Result<()> {
    if name == SANDBOX {
        return Err(Error::usage("the profile sandbox is built in"));
    }
    // A long name is one where somebody gives it; only what begins like a secret is none.
    if redacted(name) != name {
        return Err(Error::usage("the name of a profile is due, not a secret"));
    }
    Ok(())
}

/// Whether a new profile may be called that. A dot would begin a table within a table of the file.
pub fn check_name(name: &str) -> Result<()> {
    refuse_reserved(name)?;
    if name.is_empty() {
        return Err(Error::usage("the name of the profile is empty").hinted(NAMES));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(Error::usage("the name of the profile is too long").hinted(NAMES));
    }
    if name.contains('.') || !is_plain(name) {
        let proposed = proposed(name);
        let hint = match proposed.is_empty() {
            true => NAMES.to_owned(),
            false => format!("{NAMES}; such as {proposed}"),
        };
        return Err(Error::usage(format!("`{name}` is not a name for a profile")).hinted(hint));
    }
    Ok(())
}

const NAMES: &str = "a name has letters, digits, - and _, at most 60 of them";

/// The name as near as may be.
fn proposed(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests;
