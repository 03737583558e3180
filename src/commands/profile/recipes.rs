//! The recipes of a profile, shown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::credentials::redacted;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::profile::ProfileFile;
use crate::profile::recipes::{Kept, Recipe};
use crate::render::row;
use crate::shell;

/// A recipe as JSON has it: each option's values as they would be typed, `true` for a flag.
#[derive(Serialize)]
pub struct Shown<'a> {
    name: &'a str,
    file: Option<Cow<'a, str>>,
    options: BTreeMap<&'a str, Value>,
}

row! {
    /// A recipe as a table has it.
    struct RecipeRow<'a> {
        name: &'a str = "RECIPE" Code,
        file: Option<Cow<'a, str>> = "FILE" Text,
        options: String = "OPTIONS" Text,
    }
}

impl<'a> From<&&'a Recipe> for Shown<'a> {
    fn from(recipe: &&'a Recipe) -> Shown<'a> {
        let value = |option: &Kept| match option.is_flag() {
            true => Value::Bool(true),
            false => option.values.iter().map(|value| redacted(value)).collect(),
        };
        let options = recipe.options.iter();
        Shown {
            name: &recipe.name,
            file: recipe.file.as_deref().map(redacted),
            options: options.map(|option| (option.key, value(option))).collect(),
        }
    }
}

/// The recipes for this profile, and those that are for any.
pub fn of<'a>(file: Option<&'a ProfileFile>, profile: &str) -> Vec<&'a Recipe> {
    let recipes = file.into_iter().flat_map(|file| &file.recipes);
    let is_for = |recipe: &&Recipe| {
        recipe
            .profile
            .as_deref()
            .is_none_or(|named| named == profile)
    };
    recipes.filter(is_for).collect()
}

/// An error, refused, where a recipe is for this profile: without it the file would be wrong.
pub fn none_is_for(file: &ProfileFile, profile: &str) -> Result<()> {
    let recipes = file.recipes.iter();
    let named = recipes.filter(|recipe| recipe.profile.as_deref() == Some(profile));
    let named: Vec<&str> = named.map(|recipe| recipe.name.as_str()).collect();
    if named.is_empty() {
        return Ok(());
    }
    let message = format!("profile {profile} has recipes: {}", named.join(", "));
    let hint = format!(
        "take them out of {} first, or give them another profile",
        file.path.display()
    );
    Err(Error::refused(message).hinted(hint))
}

/// Warns of recipes that are wrong: other commands don't need them.
pub fn tell_of_broken(file: Option<&ProfileFile>, context: &Context) {
    for broken in file.into_iter().flat_map(|file| &file.broken) {
        context.ui().warn(broken.error.full_message());
    }
}

/// Below the table of the profile.
pub fn print(recipes: &[&Recipe], context: &Context) -> Result<()> {
    let whole = context.fields().is_none();
    if recipes.is_empty() || !whole || context.format() != Format::Table {
        return Ok(());
    }
    context.write(b"\n")?;
    let rows = recipes.iter().map(|recipe| {
        let words: Vec<String> = recipe.options.iter().flat_map(Kept::words).collect();
        let options = shell::joined(words.iter().map(String::as_str));
        RecipeRow {
            name: &recipe.name,
            file: recipe.file.as_deref().map(redacted),
            options: redacted(&options).into_owned(),
        }
    });
    context.rows(RecipeRow::COLUMNS, rows).map(drop)
}
