//! Changes to the profile file that keep its comments and order, written whole or not at all, 0600.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use super::ProfileFile;
use crate::credentials::Secret;
use crate::error::{Error, Result};
use crate::file::private_folder;

/// What a new profile has.
pub struct NewProfile {
    /// Its name.
    pub name: String,
    /// Its credentials.
    pub access: NewAccess,
    /// Another server.
    pub api_url: Option<String>,
    /// Every write is to be an error.
    pub read_only: bool,
}

/// The credentials of a new profile.
pub enum NewAccess {
    /// An access token.
    Token(Secret),
    /// A command that prints the token.
    TokenCommand(String),
    /// Client credentials.
    Client {
        /// `sx_app_…`.
        id: String,
        /// `sx_secret_…`.
        secret: Secret,
        /// The store.
        store_id: u64,
    },
}

/// The profile file being changed. Nothing is written before [`Edit::save`].
pub struct Edit {
    path: PathBuf,
    document: DocumentMut,
}

impl Edit {
    /// Reads the file, or begins one. A file that is wrong already is an error: it is not changed blindly.
    pub fn open(path: &Path) -> Result<Edit> {
        let text = match ProfileFile::read(path)? {
            Some(_) => fs::read_to_string(path).map_err(|e| unwritable(path, e))?,
            None => String::new(),
        };
        let document = text
            .parse()
            .map_err(|_| Error::usage(format!("{} is not TOML", path.display())))?;
        Ok(Edit {
            path: path.to_owned(),
            document,
        })
    }

    /// Whether there is a profile of that name.
    pub fn has(&self, name: &str) -> bool {
        self.document
            .get("profiles")
            .is_some_and(|profiles| profiles.get(name).is_some())
    }

    /// Adds a profile, or replaces the one of its name. The first one becomes the default.
    pub fn put(&mut self, profile: &NewProfile) -> Result<()> {
        let first = self.document.get("profiles").is_none_or(is_empty);
        let mut table = Table::new();
        let mut put = |key: &str, item: Item| drop(table.insert(key, item));
        match &profile.access {
            NewAccess::Token(token) => put("token", value(token.expose())),
            NewAccess::TokenCommand(command) => put("token_command", value(command)),
            NewAccess::Client {
                id,
                secret,
                store_id,
            } => {
                put("client_id", value(id));
                put("client_secret", value(secret.expose()));
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
        let profiles = self.document.entry("profiles").or_insert_with(|| {
            let mut profiles = Table::new();
            // Only its parts get headings, as people write it.
            profiles.set_implicit(true);
            Item::Table(profiles)
        });
        let profiles = profiles
            .as_table_like_mut()
            .ok_or_else(|| Error::usage("profiles is no table"))?;
        profiles.insert(&profile.name, Item::Table(table));
        if first && self.document.get("default_profile").is_none() {
            self.make_default(&profile.name);
        }
        Ok(())
    }

    /// Makes this profile the one that is used when nothing else names one.
    pub fn make_default(&mut self, name: &str) {
        match self.document.get_mut("default_profile") {
            // In its place, with the comments around it.
            Some(item) => *item = value(name),
            None => drop(self.document.insert("default_profile", value(name))),
        }
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

    /// Writes the file: beside it first, to the disk, then under its name.
    pub fn save(&self) -> Result<()> {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let failed = |e: std::io::Error| unwritable(&self.path, e);
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        private_folder(folder).map_err(|e| {
            Error::internal(format!(
                "can't write the profile file {}",
                self.path.display()
            ))
            .caused_by(e)
        })?;
        // A temporary file is 0600 from the start.
        let mut file = tempfile::Builder::new()
            .prefix(".sxinv-")
            .tempfile_in(folder)
            .map_err(failed)?;
        file.write_all(self.document.to_string().as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        // The name is on disk when its folder is; where a folder can't be opened, the file system sees to it.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

fn is_empty(profiles: &Item) -> bool {
    profiles
        .as_table_like()
        .is_none_or(toml_edit::TableLike::is_empty)
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::internal(format!("can't write the profile file {}", path.display())).caused_by(error)
}
