//! `import-csv --recipe NAME`: the options of a recipe stand on the command line as if they had been typed.

use std::char::ParseCharError;
use std::ffi::OsString;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};

use clap::error::ContextKind;

use super::{Cli, Command, mistyped, parse};
use crate::credentials::looks_secret;
use crate::error::{Error, Result};
use crate::near::did_you_mean;
use crate::profile::ProfileFile;
use crate::profile::recipes::{Kept, Recipe};
use crate::settings::{Environment, Settings};

/// The command line with what its recipe says and nobody typed; as it is where it names none. Errors are usage, and name the
/// recipe's file, line and key.
pub fn expanded(cli: Cli, words: Vec<OsString>) -> Result<Cli> {
    let Some(Command::ImportCsv(args)) = &cli.command else {
        return Ok(cli);
    };
    let Some(name) = args.recipe.name() else {
        return Ok(cli);
    };
    let settings = Settings::resolve(cli.global.clone(), Environment::of_process()?)?;
    let file = settings.profile_file()?;
    let recipe = find(file.as_ref(), name, &settings)?;
    let mut options = Vec::new();
    for option in &recipe.options {
        let words: Vec<OsString> = option.one_by_one().map(OsString::from).collect();
        check(recipe, option, &words)?;
        if !args.recipe.was_typed(option.key) {
            options.extend(words);
        }
    }
    if let Some(profile) = &recipe.profile
        && !args.recipe.was_typed("profile")
    {
        options.push(format!("--profile={profile}").into());
    }
    let file = match &recipe.file {
        Some(pattern) if !args.recipe.was_typed("file") => Some(only_file(recipe, pattern)?),
        _ => None,
    };
    let pattern = recipe.file.clone().filter(|_| file.is_some());
    let words = joined(words, options, file);
    let mut cli = parse(words.clone()).map_err(|e| mistyped::error(&e, words))?;
    if let (Some(Command::ImportCsv(args)), Some(pattern)) = (&mut cli.command, pattern) {
        args.recipe.finds_by(pattern);
    }
    Ok(cli)
}

fn find<'a>(file: Option<&'a ProfileFile>, name: &str, settings: &Settings) -> Result<&'a Recipe> {
    let recipes = file.map(|file| file.recipes.as_slice()).unwrap_or_default();
    if let Some(recipe) = file.map(|file| file.recipe(name)).transpose()?.flatten() {
        return Ok(recipe);
    }
    let path = settings.profile_path()?.value;
    let error = Error::usage(format!("no recipe {name} in {}", path.display()));
    Err(error.hinted(did_you_mean(
        name,
        recipes.iter().map(|recipe| &*recipe.name),
        "to keep options as one: sxinv import-csv FILE --save-recipe NAME",
    )))
}

/// An error, usage, where the option does not take such a value. The value is not repeated where it may be a secret.
fn check(recipe: &Recipe, option: &Kept, words: &[OsString]) -> Result<()> {
    let import = ["sxinv", "import-csv", "-"].map(OsString::from);
    let parsed = parse(import.iter().chain(words).cloned());
    let Err(error) = parsed else {
        return Ok(());
    };
    let why = match (
        error.get(ContextKind::ValidValue),
        std::error::Error::source(&error),
    ) {
        (Some(valid), _) if !valid.to_string().is_empty() => format!("takes one of {valid}"),
        (_, Some(why)) if why.is::<ParseIntError>() => "takes a whole number".to_owned(),
        (_, Some(why)) if why.is::<ParseCharError>() => "takes one character".to_owned(),
        (_, Some(why)) => mistyped::in_words(&why.to_string()),
        (_, None) => "takes another value".to_owned(),
    };
    let why = match option.values.iter().any(|value| looks_secret(value)) {
        true => "takes another value".to_owned(),
        false => why,
    };
    Err(Error::usage(format!(
        "{}: {} in recipe {}: {why}",
        option.place, option.key, recipe.name
    )))
}

/// The one file that is there for a pattern; a name that stands there as it is needs no other reading.
fn only_file(recipe: &Recipe, pattern: &str) -> Result<PathBuf> {
    let pattern = match (pattern.strip_prefix("~/"), dirs::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(pattern),
    };
    if pattern.as_os_str() == "-" || pattern.exists() {
        return Ok(pattern);
    }
    let of = |what: &str| Error::usage(format!("recipe {}: {what}", recipe.name));
    let shown = pattern.display();
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::new()
    };
    let found = glob::glob_with(&pattern.to_string_lossy(), options)
        .map_err(|e| of(&format!("{shown} is not a pattern: {e}")))?;
    let mut files: Vec<PathBuf> = found.flatten().filter(|path| path.is_file()).collect();
    match files.len() {
        1 => Ok(files.remove(0)),
        0 => Err(of(&format!("no file is there for {shown}"))
            .hinted("name one behind --recipe, or wait for it to come")),
        n => Err(of(&format!(
            "{n} files are there for {shown}: {}",
            named(&files)
        ))
        .hinted("name the one that is meant, or move the others away")),
    }
}

fn named(files: &[PathBuf]) -> String {
    const SHOWN: usize = 4;
    let mut names: Vec<String> = files
        .iter()
        .take(SHOWN)
        .map(|file| Path::display(file).to_string())
        .collect();
    if files.len() > SHOWN {
        names.push(format!("{} more", files.len() - SHOWN));
    }
    names.join(", ")
}

/// Options go before the word after which there are none.
fn joined(
    mut words: Vec<OsString>,
    options: Vec<OsString>,
    file: Option<PathBuf>,
) -> Vec<OsString> {
    let end = words.iter().position(|word| word == "--");
    let at = end.unwrap_or(words.len());
    words.splice(at..at, options);
    if let Some(file) = file {
        if end.is_none() {
            words.push("--".into());
        }
        words.push(file.into());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stand_before_the_file() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (typed, file, joined_words) in [
            (
                "sxinv import-csv -y",
                Some("a.csv"),
                "sxinv import-csv -y --wait -- a.csv",
            ),
            (
                "sxinv import-csv b.csv",
                None,
                "sxinv import-csv b.csv --wait",
            ),
            (
                "sxinv import-csv -y -- b.csv",
                None,
                "sxinv import-csv -y --wait -- b.csv",
            ),
            (
                "sxinv import-csv --",
                Some("a.csv"),
                "sxinv import-csv --wait -- a.csv",
            ),
        ] {
            let joined = joined(words(typed), words("--wait"), file.map(PathBuf::from));
            assert_eq!(joined, words(joined_words), "{typed}");
        }
    }
}
