//! Whether a profile file is right, and where it is wrong.
//!
//! Nothing that stands in it as a value is ever repeated in a message, nor a key or a name that may be a secret in the
//! wrong place.

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Access, Profile, ProfileFile, SANDBOX, SecretSource, check_known_name, recipes};
use crate::address::base_url;
use crate::credentials::{Meant, Secret, looks_secret};
use crate::error::{Error, Result};
use crate::near::did_you_mean;

/// Every key of a profile.
const KEYS: [&str; 11] = [
    "token",
    "token_command",
    "client_id",
    "client_secret",
    "client_secret_command",
    "store_id",
    "api_url",
    "read_only",
    "webhook_secret",
    "webhook_secret_command",
    "tag_reasons",
];

/// Those that say that a profile has client credentials.
const CLIENT_KEYS: [&str; 4] = [
    "client_id",
    "client_secret",
    "client_secret_command",
    "store_id",
];

/// The keys outside every profile.
const OUTER_KEYS: [&str; 3] = ["default_profile", "profiles", "recipes"];

/// The hint where a profile is named that is not there.
pub(super) const PROFILES: &str = "the profiles are the tables [profiles.NAME]";

pub(super) type Span = Range<usize>;

/// What is in a file that is right as a whole. Errors are usage and name file, line and key.
pub fn check(path: &Path, text: &str) -> Result<ProfileFile> {
    let file = Checked { path, text };
    let table = DeTable::parse(text).map_err(|e| {
        let (why, hint) = not_toml(e.message());
        let error = Error::usage(format!("{}: it is not TOML: {why}", file.place(e.span())));
        match hint {
            Some(hint) => error.hinted(hint),
            None => error,
        }
    })?;
    file.whole(table.get_ref())
}

/// Why a text is no TOML, by what its reader says, and what helps.
fn not_toml(said: &str) -> (&str, Option<&'static str>) {
    const KNOWN: [(&str, &str, &str); 8] = [
        (
            "duplicate key",
            "a key or a table stands there twice",
            "keep one of the two",
        ),
        (
            "string values must be quoted",
            "a value has no quotes",
            IN_QUOTES,
        ),
        (
            "invalid basic string",
            "a text has no closing quotes",
            IN_QUOTES,
        ),
        (
            "invalid literal string",
            "a text has no closing quotes",
            IN_QUOTES,
        ),
        (
            "unclosed table",
            "the name of a table is broken",
            "a table is [profiles.NAME]",
        ),
        ("key with no value", "a key has no value", A_LINE),
        (
            "invalid key-value pair",
            "this is neither a key nor a table",
            A_LINE,
        ),
        (
            "unexpected key or value",
            "there is more than one value",
            "each key has a line of its own",
        ),
    ];
    let known = KNOWN.iter().find(|(begin, ..)| said.starts_with(begin));
    match known {
        Some((_, why, hint)) => (why, Some(hint)),
        None if said.starts_with("invalid boolean") => ("it is neither true nor false", None),
        None => {
            // What stands between quotes may be the file's.
            let why = said.split('`').next().unwrap_or_default();
            let why = why.trim_end().trim_end_matches("expected");
            (why.trim_end().trim_end_matches(','), None)
        }
    }
}

const IN_QUOTES: &str = "texts stand in quotes: token = \"sx_at_…\"";

const A_LINE: &str = "a line is a key, = and a value: token = \"sx_at_…\"";

/// The file being checked.
pub(super) struct Checked<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Checked<'_> {
    /// The file, and the line where something begins.
    pub(super) fn place(&self, at: Option<Span>) -> String {
        let file = self.path.display();
        let Some(at) = at else {
            return file.to_string();
        };
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        format!("{file}, line {line}")
    }

    pub(super) fn fault(&self, at: Span, message: impl Display) -> Error {
        Error::usage(format!("{}: {message}", self.place(Some(at))))
    }

    fn whole(&self, table: &DeTable<'_>) -> Result<ProfileFile> {
        let mut default = None;
        let mut profiles: Vec<Profile> = Vec::new();
        let mut recipes = None;
        for (key, value) in table {
            let at = key.span();
            match &**key.get_ref() {
                "default_profile" => match value.get_ref().as_str() {
                    Some(name) => default = Some((name.to_owned(), at)),
                    None => return Err(self.fault(at, "default_profile takes a name in quotes")),
                },
                "profiles" => {
                    let table = value.get_ref().as_table();
                    let table =
                        table.ok_or_else(|| self.fault(at, "profiles is a table of profiles"))?;
                    for (name, value) in table {
                        profiles.push(Entry::new(self, name, value.get_ref())?.profile()?);
                    }
                }
                // They name profiles, which may stand below.
                "recipes" => recipes = Some((at, value.get_ref())),
                other if KEYS.contains(&other) => {
                    let error = self.fault(at, format!("unknown key {other}"));
                    return Err(error.hinted("it belongs under [profiles.NAME]"));
                }
                other => return Err(self.unknown_key(other, at, "", &OUTER_KEYS)),
            }
        }
        let names = profiles.iter().map(|profile| &*profile.name);
        let names: Vec<&str> = names.chain([SANDBOX]).collect();
        let recipes = recipes.map(|(at, value)| recipes::check(self, at, value, &names));
        let (recipes, broken) = recipes.unwrap_or_default();
        Ok(ProfileFile {
            path: self.path.to_owned(),
            default: default
                .map(|named| self.default(named, &names))
                .transpose()?,
            recipes,
            broken,
            profiles,
        })
    }

    /// The name of the default profile, which is one of `names`.
    fn default(&self, (name, at): (String, Span), names: &[&str]) -> Result<String> {
        if names.contains(&&*name) {
            return Ok(name);
        }
        let error = self.fault(at, "default_profile names a profile that is not there");
        let names = names.iter().copied().filter(|name| *name != SANDBOX);
        Err(error.hinted(did_you_mean(&name, names, PROFILES)))
    }

    /// A key that is none of `keys`. It is named only where it looks like one.
    pub(super) fn unknown_key(&self, key: &str, at: Span, place: &str, keys: &[&str]) -> Error {
        let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
        let message = if key.chars().all(plain) && !looks_secret(key) {
            format!("unknown key {key}{place}")
        } else {
            format!("unknown key{place}; what it is isn't shown, for it may be a secret")
        };
        let keys_are = format!("the keys are {}", keys.join(", "));
        let hint = did_you_mean(key, keys.iter().copied(), keys_are);
        self.fault(at, message).hinted(hint)
    }
}

/// One profile being checked.
struct Entry<'a> {
    file: &'a Checked<'a>,
    name: &'a str,
    at: Span,
    table: &'a DeTable<'a>,
}

type Pair<'a> = (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>);

impl<'a> Entry<'a> {
    fn new(
        file: &'a Checked<'a>,
        name: &'a Spanned<DeString<'a>>,
        value: &'a DeValue<'a>,
    ) -> Result<Entry<'a>> {
        let at = name.span();
        let name = &**name.get_ref();
        check_known_name(name).map_err(|e| file.fault(at.clone(), e.message()))?;
        let table = value.as_table().ok_or_else(|| {
            let message = format!("[profiles.{name}] is a table of settings");
            file.fault(at.clone(), message)
        })?;
        let unknown = table.keys().find(|key| !KEYS.contains(&&**key.get_ref()));
        if let Some(key) = unknown {
            let place = format!(" in profile {name}");
            return Err(file.unknown_key(key.get_ref(), key.span(), &place, &KEYS));
        }
        Ok(Entry {
            file,
            name,
            at,
            table,
        })
    }

    fn profile(&self) -> Result<Profile> {
        let api_url = self.text("api_url")?.map(|(key, url)| {
            base_url(url).map_err(|e| {
                let error = self.wrong(key, e.message());
                error.hinted(e.hint().unwrap_or("it looks like https://api.selorax.io"))
            })
        });
        Ok(Profile {
            name: self.name.to_owned(),
            access: self.access()?,
            api_url: api_url.transpose()?,
            read_only: self.flag("read_only")?,
            tag_reasons: self.flag("tag_reasons")?,
            webhook_secret: self.source(Meant::WebhookSecret)?,
        })
    }

    /// True or false; false where the key is missing.
    fn flag(&self, key: &str) -> Result<bool> {
        let Some((key, value)) = self.find(key) else {
            return Ok(false);
        };
        let flag = value.get_ref().as_bool();
        flag.ok_or_else(|| self.wrong(key, "takes true or false"))
    }

    /// Its credentials: one kind, and whole.
    fn access(&self) -> Result<Access> {
        let name = self.name;
        let token = self.source(Meant::Token)?;
        let client = CLIENT_KEYS.iter().find_map(|key| self.find(key));
        match (token, client) {
            (Some(_), Some((key, _))) => {
                let of_client = key.get_ref();
                let message = format!(
                    "profile {name} has a token and {of_client}: one kind of credentials, not two"
                );
                Err(self.file.fault(key.span(), message))
            }
            (Some(token), None) => Ok(Access::Token(token)),
            (None, None) => {
                let message = format!("profile {name} has no credentials");
                let error = self.file.fault(self.at.clone(), message);
                Err(error.hinted("token, or client_id, client_secret and store_id"))
            }
            (None, Some((first, _))) => {
                let half = |missing: &str| {
                    let has = first.get_ref();
                    let message =
                        format!("profile {name} has {has} and no {missing}: half a credential");
                    self.file.fault(first.span(), message)
                };
                let id = self.secret(Meant::ClientId)?;
                let secret = self.source(Meant::ClientSecret)?;
                Ok(Access::Client {
                    id: id.ok_or_else(|| half("client_id"))?.expose().to_owned(),
                    secret: secret.ok_or_else(|| half("client_secret"))?,
                    store_id: self.store_id()?.ok_or_else(|| half("store_id"))?,
                })
            }
        }
    }

    /// A store id, bare or in quotes.
    fn store_id(&self) -> Result<Option<u64>> {
        let Some((key, value)) = self.find("store_id") else {
            return Ok(None);
        };
        let value = value.get_ref();
        let digits = match (value.as_integer(), value.as_str()) {
            (Some(number), _) if number.radix() == 10 => number.as_str(),
            (_, Some(text)) => text.trim(),
            _ => "",
        };
        let id = digits.parse().ok().filter(|id| *id > 0);
        id.map(Some)
            .ok_or_else(|| self.wrong(key, "takes a whole number above 0"))
    }

    /// A secret, or the command that prints it.
    fn source(&self, meant: Meant) -> Result<Option<SecretSource>> {
        let (here, command) = (meant.key(), meant.command_key());
        if let (Some(_), Some((key, _))) = (self.find(here), self.find(&command)) {
            let message = format!(
                "profile {} has {here} and {command}: one of them",
                self.name
            );
            return Err(self.file.fault(key.span(), message));
        }
        if let Some(secret) = self.secret(meant)? {
            return Ok(Some(SecretSource::Here(secret)));
        }
        let Some((key, command)) = self.text(&command)? else {
            return Ok(None);
        };
        let command = meant.command(command).map_err(|why| self.wrong(key, why))?;
        Ok(Some(SecretSource::Command(command)))
    }

    fn secret(&self, meant: Meant) -> Result<Option<Secret>> {
        let Some((key, text)) = self.text(meant.key())? else {
            return Ok(None);
        };
        let secret = meant.read(text).map_err(|why| self.wrong(key, why))?;
        Ok(Some(secret))
    }

    fn text(&self, wanted: &str) -> Result<Option<(&'a Spanned<DeString<'a>>, &'a str)>> {
        let Some((key, value)) = self.find(wanted) else {
            return Ok(None);
        };
        match value.get_ref().as_str().map(str::trim) {
            Some("") => Err(self.wrong(key, "is empty")),
            Some(text) => Ok(Some((key, text))),
            None => Err(self.wrong(key, "takes a text in quotes")),
        }
    }

    fn find(&self, wanted: &str) -> Option<Pair<'a>> {
        self.table.iter().find(|(key, _)| key.get_ref() == wanted)
    }

    fn wrong(&self, key: &Spanned<DeString<'_>>, what: impl Display) -> Error {
        let message = format!("{} in profile {} {what}", key.get_ref(), self.name);
        self.file.fault(key.span(), message)
    }
}
