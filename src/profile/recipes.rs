//! Recipes: the options of an import under a name, in the profile file (docs/files.md: Recipes).

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{Array, InlineTable, Item, Table, Value, value};

use super::checked::{Checked, PROFILES, Span};
use crate::error::{Error, Result};
use crate::near::did_you_mean;

/// What a key of a recipe takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// `true` or `false`.
    Flag,
    /// A text.
    Text,
    /// A number.
    Number,
    /// One text or several.
    Texts,
    /// A table of texts.
    Pairs,
}

/// The options of `import-csv` that a recipe may have, under their long names with `_` for `-`. Those that decide about one
/// run and no other (`--yes`, `--again`, `--dry-run`, and going on with a run) are not among them.
pub const OPTIONS: [(&str, Takes); 22] = [
    ("mode", Takes::Text),
    ("map", Takes::Pairs),
    ("only", Takes::Pairs),
    ("ignore", Takes::Texts),
    ("header_line", Takes::Number),
    ("delimiter", Takes::Text),
    ("quote", Takes::Text),
    ("encoding", Takes::Text),
    ("sheet", Takes::Text),
    ("thousands", Takes::Text),
    ("negative_as_zero", Takes::Flag),
    ("sum_duplicates", Takes::Flag),
    ("max_quantity", Takes::Number),
    ("buffer", Takes::Number),
    ("reason", Takes::Text),
    ("on_conflict", Takes::Text),
    ("on_error", Takes::Text),
    ("max_drop", Takes::Number),
    ("concurrency", Takes::Number),
    ("report", Takes::Text),
    ("rejects", Takes::Text),
    ("wait", Takes::Flag),
];

/// Options of `import-csv` that decide about one run and no other.
const NOT_KEPT: [&str; 3] = ["yes", "again", "dry_run"];

/// The options of an import under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Its name.
    pub name: String,
    /// The profile that it is for.
    pub profile: Option<String>,
    /// A path, or a pattern that one file matches.
    pub file: Option<String>,
    /// The options in the file's order.
    pub options: Vec<Kept>,
}

/// An option that a recipe has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its key.
    pub key: &'static str,
    /// Its values as they would be typed, one for each time; none for a flag.
    pub values: Vec<String>,
    /// File and line, or the command line.
    pub place: String,
}

impl Kept {
    /// It as it would be typed.
    pub fn words(&self) -> Vec<String> {
        let long = format!("--{}", self.key.replace('_', "-"));
        if self.is_flag() {
            return vec![long];
        }
        let values = self.values.iter();
        values
            .flat_map(|value| [long.clone(), value.clone()])
            .collect()
    }

    /// It as a program takes it whatever its values begin with: `--option=value`.
    pub fn one_by_one(&self) -> impl Iterator<Item = String> {
        let long = format!("--{}", self.key.replace('_', "-"));
        let flag = self.is_flag().then(|| long.clone());
        let values = self.values.iter();
        flag.into_iter()
            .chain(values.map(move |value| format!("{long}={value}")))
    }

    /// Whether it takes no value.
    pub fn is_flag(&self) -> bool {
        takes(self.key) == Some(Takes::Flag)
    }
}

/// A recipe that is wrong: an error of the command that uses it, and of no other.
pub struct Broken {
    /// Its name; none where no recipe can be read.
    pub name: Option<String>,
    /// What is wrong, with file, line and key.
    pub error: Error,
}

impl Recipe {
    /// As it stands in the file.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new();
        for (key, text) in [("profile", &self.profile), ("file", &self.file)] {
            if let Some(text) = text {
                table.insert(key, value(text));
            }
        }
        for Kept { key, values, .. } in &self.options {
            if let Some(takes) = takes(key) {
                table.insert(key, Item::Value(takes.written(key, values)));
            }
        }
        table
    }
}

fn takes(key: &str) -> Option<Takes> {
    let found = OPTIONS.iter().find(|(option, _)| *option == key);
    found.map(|(_, takes)| *takes)
}

/// Every recipe of the table `recipes`, and those that are wrong. Errors are usage and name file, line and key.
pub(super) fn check(
    file: &Checked<'_>,
    at: Span,
    value: &DeValue<'_>,
    profiles: &[&str],
) -> (Vec<Recipe>, Vec<Broken>) {
    let (mut recipes, mut broken) = (Vec::new(), Vec::new());
    let Some(table) = value.as_table() else {
        let error = file.fault(at, "recipes is a table of recipes");
        return (recipes, vec![Broken { name: None, error }]);
    };
    for (name, value) in table {
        let at = name.span();
        let name = &**name.get_ref();
        let read = check_name(name)
            .map_err(|e| file.fault(at.clone(), e.message()))
            .and_then(|()| {
                let table = value.get_ref().as_table();
                let what = format!("[recipes.{name}] is a table of options");
                table.ok_or_else(|| file.fault(at, what))
            })
            .and_then(|table| recipe(file, name, table, profiles));
        match read {
            Ok(recipe) => recipes.push(recipe),
            Err(error) => broken.push(Broken {
                name: Some(name.to_owned()),
                error,
            }),
        }
    }
    (recipes, broken)
}

/// Whether a recipe may be called that: what a shell takes without quotes. An error is usage.
pub fn check_name(name: &str) -> Result<()> {
    if !super::is_plain(name) {
        return Err(
            Error::usage("a recipe is named with letters, digits, - and _").hinted("such as acme"),
        );
    }
    Ok(())
}

fn recipe(
    file: &Checked<'_>,
    name: &str,
    table: &DeTable<'_>,
    profiles: &[&str],
) -> Result<Recipe> {
    let mut recipe = Recipe {
        name: name.to_owned(),
        profile: None,
        file: None,
        options: Vec::new(),
    };
    for (key, value) in table {
        let at = key.span();
        let wrong = |what: &str| {
            let key = key.get_ref();
            file.fault(at.clone(), format!("{key} in recipe {name} {what}"))
        };
        match &**key.get_ref() {
            "file" => recipe.file = Some(text(value).ok_or_else(|| wrong(TEXT))?),
            "profile" => {
                let profile = text(value).ok_or_else(|| wrong(TEXT))?;
                if !profiles.contains(&profile.as_str()) {
                    let error = wrong("names a profile that is not there");
                    return Err(error.hinted(did_you_mean(
                        &profile,
                        profiles.iter().copied(),
                        PROFILES,
                    )));
                }
                recipe.profile = Some(profile);
            }
            other if NOT_KEPT.contains(&other) => {
                let option = other.replace('_', "-");
                let error = wrong("decides about one run and is not part of a recipe");
                return Err(error.hinted(format!("say --{option} when you run it")));
            }
            other => {
                let known = OPTIONS.iter().find(|(key, _)| *key == other);
                let Some((key, takes)) = known else {
                    let keys = OPTIONS.iter().map(|(key, _)| *key);
                    let keys: Vec<&str> = ["file", "profile"].into_iter().chain(keys).collect();
                    let place = format!(" in recipe {name}");
                    return Err(file.unknown_key(other, at.clone(), &place, &keys));
                };
                let values = takes.read(value.get_ref()).map_err(wrong)?;
                if let Some(values) = values {
                    recipe.options.push(Kept {
                        key,
                        values,
                        place: file.place(Some(at.clone())),
                    });
                }
            }
        }
    }
    Ok(recipe)
}

const TEXT: &str = "takes a text in quotes";
const TEXTS: &str = "takes texts in quotes: [\"…\", \"…\"]";
const PAIRS: &str = "takes a table: { \"Their header\" = \"…\" }";

impl Takes {
    /// Values as they were typed, as they stand in the file.
    fn written(self, key: &str, values: &[String]) -> Value {
        let first = values.first().map(String::as_str).unwrap_or_default();
        // A number of percent may have its sign behind it.
        let first = match self {
            Takes::Number => first.trim_end_matches('%').trim(),
            _ => first,
        };
        match self {
            Takes::Flag => true.into(),
            Takes::Text => first.into(),
            Takes::Number => match (first.parse::<i64>(), first.parse::<f64>()) {
                (Ok(whole), _) => whole.into(),
                (_, Ok(number)) => number.into(),
                _ => first.into(),
            },
            Takes::Texts => values.iter().map(String::as_str).collect::<Array>().into(),
            Takes::Pairs => pairs(key, values).into(),
        }
    }

    /// The values as they would be typed; `None` where the option is not meant. The error says what the key takes.
    fn read(self, value: &DeValue<'_>) -> Result<Option<Vec<String>>, &'static str> {
        let one = |text: Option<String>, why| text.map(|text| vec![text]).ok_or(why);
        match self {
            Takes::Flag => match value.as_bool() {
                Some(true) => Ok(Some(Vec::new())),
                Some(false) => Ok(None),
                None => Err("takes true or false"),
            },
            Takes::Text => one(as_text(value), TEXT).map(Some),
            Takes::Number => one(as_number(value), "takes a number").map(Some),
            Takes::Texts => as_texts(value).map(Some).ok_or(TEXTS),
            Takes::Pairs => {
                let table = value.as_table().ok_or(PAIRS)?;
                let mut pairs = Vec::new();
                for (header, value) in table {
                    for value in as_texts(value.get_ref()).ok_or(PAIRS)? {
                        pairs.push(format!("{}={value}", header.get_ref()));
                    }
                }
                Ok(Some(pairs))
            }
        }
    }
}

/// `Their header=quantity` as `{ "Their header" = "quantity" }`; several values of one header are a list.
fn pairs(key: &str, values: &[String]) -> InlineTable {
    let mut table = InlineTable::new();
    for pair in values {
        // As the options take them apart: a column of ours has no = in its name.
        let split = match key {
            "map" => pair.rsplit_once('='),
            _ => pair.split_once('='),
        };
        let (header, text) = split.unwrap_or((pair, ""));
        let (header, text) = (header.trim(), text.trim());
        match table.get_mut(header) {
            None => drop(table.insert(header, text.into())),
            Some(Value::Array(texts)) => texts.push(text),
            Some(other) => {
                let texts: Array = [other.as_str().unwrap_or_default(), text]
                    .into_iter()
                    .collect();
                *other = texts.into();
            }
        }
    }
    table
}

fn text(value: &Spanned<DeValue<'_>>) -> Option<String> {
    as_text(value.get_ref()).filter(|text| !text.trim().is_empty())
}

fn as_text(value: &DeValue<'_>) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn as_number(value: &DeValue<'_>) -> Option<String> {
    let integer = value.as_integer().filter(|number| number.radix() == 10);
    let integer = integer.map(|number| number.as_str().to_owned());
    integer.or_else(|| Some(value.as_float()?.as_str().to_owned()))
}

fn as_texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    if let Some(text) = as_text(value) {
        return Some(vec![text]);
    }
    let texts = value.as_array()?.iter();
    texts.map(|text| as_text(text.get_ref())).collect()
}
