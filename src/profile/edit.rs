//! Changes to the profile file that keep its comments and order, written whole or not at all, for its owner alone.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use super::recipes::Recipe;
use super::{Access, Profile, ProfileFile, SecretSource, missing};
use crate::credentials::Meant;
use crate::error::{Error, Result};
use crate::file::{NewFile, folder_of, private_folder};
use crate::lock_file::LockFile;

/// The profile file being changed.
pub struct Edit {
    path: PathBuf,
    /// What it held before.
    read: Option<ProfileFile>,
    document: DocumentMut,
}

/// Makes a change to the profile file, or begins one, and writes it when all of it went well. Another process that
/// changes it meanwhile waits, and then changes what this one wrote. A file that is wrong already is an error: it is not
/// changed blindly.
pub fn change<T>(path: &Path, change: impl FnOnce(&mut Edit) -> Result<T>) -> Result<T> {
    // Looked at before anything is made beside it.
    super::stands(path)?;
    // Through a link to what it names, so that the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |e: anyhow::Error| {
        Error::internal(format!("can't write the profile file {}", path.display())).caused_by(e)
    };
    private_folder(folder_of(&target)).map_err(failed)?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let lock = LockFile::wait(&target.with_file_name(name));
    let _lock = lock.map_err(|e| failed(e.into()))?.brief();
    let mut edit = Edit::open(path)?;
    let done = change(&mut edit)?;
    // Read as every command will: what it refuses is not put in the place of what it took.
    edit.checked().map_err(|e| {
        Error::internal(format!(
            "{} would be wrong after this change, and was left as it is",
            path.display()
        ))
        .caused_by(anyhow::anyhow!("{}", e.message()))
    })?;
    let mut file = NewFile::private(&target)?;
    file.write_all(edit.document.to_string().as_bytes())
        .map_err(|e| failed(e.into()))?;
    file.finish()?;
    Ok(done)
}

impl Edit {
    fn open(path: &Path) -> Result<Edit> {
        let read = ProfileFile::read(path)?;
        let text = match &read {
            Some(_) => fs::read_to_string(path).map_err(|e| super::unreadable(path, e))?,
            None => String::new(),
        };
        let document = text
            .parse()
            .map_err(|_| Error::usage(format!("{} is not TOML", path.display())))?;
        let path = path.to_owned();
        Ok(Edit {
            path,
            read,
            document,
        })
    }

    /// Whether there is a profile of that name.
    pub fn has(&self, name: &str) -> bool {
        self.read
            .as_ref()
            .is_some_and(|file| file.get(name).is_some())
    }

    /// An error, auth, when there is no profile of that name.
    pub fn require(&self, name: &str) -> Result<()> {
        if self.has(name) {
            return Ok(());
        }
        let profiles = self.read.as_ref().map(|file| file.profiles.as_slice());
        Err(missing(name, &self.path, profiles))
    }

    /// Adds a profile, or replaces the one of its name. The first one becomes the default.
    pub fn put(&mut self, profile: &Profile) -> Result<()> {
        let first = self.document.get("profiles").is_none_or(is_empty);
        let mut table = Table::new();
        let mut put = |key: &str, item: Item| drop(table.insert(key, item));
        match &profile.access {
            Access::Token(token) => put_secret(&mut put, Meant::Token, token),
            Access::Client {
                id,
                secret,
                store_id,
            } => {
                put("client_id", value(id));
                put_secret(&mut put, Meant::ClientSecret, secret);
                let id = i64::try_from(*store_id)
                    .map_err(|_| Error::usage(format!("store id {store_id} is too large")))?;
                put("store_id", value(id));
            }
        }
        if let Some(url) = &profile.api_url {
            put("api_url", value(url));
        }
        if profile.read_only {
            put("read_only", value(true));
        }
        if profile.tag_reasons {
            put("tag_reasons", value(true));
        }
        if let Some(secret) = &profile.webhook_secret {
            put_secret(&mut put, Meant::WebhookSecret, secret);
        }
        self.put_table("profiles", &profile.name, table)?;
        if first && self.document.get("default_profile").is_none() {
            self.make_default(&profile.name);
        }
        Ok(())
    }

    /// Adds a recipe, or replaces the one of its name: whether it did.
    pub fn put_recipe(&mut self, recipe: &Recipe) -> Result<bool> {
        self.put_table("recipes", &recipe.name, recipe.table())
    }

    /// Puts a table in, or in the place of the one of its name, of which order and comments stay: whether it did.
    fn put_table(&mut self, tables: &str, name: &str, table: Table) -> Result<bool> {
        let tables = self.tables(tables)?;
        let Some(there) = tables.get_mut(name).and_then(Item::as_table_like_mut) else {
            tables.insert(name, Item::Table(table));
            return Ok(false);
        };
        let keys = there.iter().map(|(key, _)| key.to_owned());
        let gone: Vec<String> = keys.filter(|key| !table.contains_key(key)).collect();
        for key in gone {
            there.remove(&key);
        }
        for (key, item) in table {
            replace(there.entry(&key).or_insert(Item::None), item);
        }
        Ok(true)
    }

    /// A recipe as it will be read. An error, usage, where it will be refused.
    pub fn recipe(&self, name: &str) -> Result<Recipe> {
        let file = self.checked()?;
        let recipe = file.recipe(name)?.cloned();
        recipe.ok_or_else(|| Error::usage(format!("recipe {name} is not in the file")))
    }

    /// The file as it will be read.
    fn checked(&self) -> Result<ProfileFile> {
        super::checked::check(&self.path, &self.document.to_string())
    }

    /// A table of tables, a new one where there is none.
    fn tables(&mut self, name: &str) -> Result<&mut dyn toml_edit::TableLike> {
        let tables = self.document.entry(name).or_insert_with(|| {
            let mut tables = Table::new();
            // Only its parts get headings, as people write it.
            tables.set_implicit(true);
            Item::Table(tables)
        });
        tables
            .as_table_like_mut()
            .ok_or_else(|| Error::usage(format!("{name} is not a table")))
    }

    /// Makes this profile the one that is used when nothing else names one.
    pub fn make_default(&mut self, name: &str) {
        replace(&mut self.document["default_profile"], value(name));
    }

    /// Whether this profile is the one that is used when nothing else names one.
    pub fn is_default(&self, name: &str) -> bool {
        let default = self.document.get("default_profile");
        default.and_then(Item::as_str) == Some(name)
    }

    /// Takes a profile out, and the default with it where it is the default.
    pub fn remove(&mut self, name: &str) {
        if let Some(profiles) = self
            .document
            .get_mut("profiles")
            .and_then(Item::as_table_like_mut)
        {
            profiles.remove(name);
        }
        if self.is_default(name) {
            self.document.remove("default_profile");
        }
    }
}

/// Puts an item in another's place, with the comments around that.
fn replace(there: &mut Item, mut item: Item) {
    if let (Some(old), Some(new)) = (there.as_value(), item.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    *there = item;
}

fn put_secret(put: &mut impl FnMut(&str, Item), meant: Meant, from: &SecretSource) {
    match from {
        SecretSource::Here(secret) => put(meant.key(), value(secret.expose())),
        SecretSource::Command(command) => put(&meant.command_key(), value(command)),
    }
}

fn is_empty(profiles: &Item) -> bool {
    profiles
        .as_table_like()
        .is_none_or(toml_edit::TableLike::is_empty)
}
