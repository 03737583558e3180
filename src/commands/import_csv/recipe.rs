//! `--recipe` and `--save-recipe`: the options of an import under a name (docs/files.md: Recipes).

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::super::complete;
use super::ImportArgs;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::profile::edit;
use crate::profile::recipes::{self, Kept, OPTIONS, Recipe, Takes};

/// Which recipe, and what was typed beside it.
#[derive(Debug)]
pub struct RecipeArgs {
    named: Named,
    /// The options of a recipe that were typed.
    typed: Vec<Kept>,
    file: Option<String>,
    profile: Option<String>,
}

#[derive(Args, Debug)]
struct Named {
    /// With the options kept as NAME; what is typed wins
    #[arg(long, value_name = "NAME", add = complete::recipes())]
    recipe: Option<String>,

    /// Keep the options as a recipe, with --recipe its too
    #[arg(long, value_name = "NAME", add = complete::recipes())]
    save_recipe: Option<String>,
}

impl FromArgMatches for RecipeArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<RecipeArgs, clap::Error> {
        let typed = |id: &str| {
            let typed = matches.value_source(id) == Some(ValueSource::CommandLine);
            let values = matches.get_raw(id).filter(|_| typed)?;
            Some(values.map(|value| value.to_string_lossy().into_owned()))
        };
        let options = OPTIONS.iter().filter_map(|(key, takes)| {
            let values = typed(key)?;
            Some(Kept {
                key,
                values: match takes {
                    Takes::Flag => Vec::new(),
                    _ => values.collect(),
                },
                place: "the command line".to_owned(),
            })
        });
        let first = |id| typed(id).and_then(|mut values| values.next());
        Ok(RecipeArgs {
            typed: options.collect(),
            file: first("file"),
            profile: first("profile"),
            named: Named::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = RecipeArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for RecipeArgs {
    fn augment_args(command: Command) -> Command {
        Named::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Named::augment_args_for_update(command)
    }
}

impl RecipeArgs {
    /// `--recipe`.
    pub fn name(&self) -> Option<&str> {
        self.named.recipe.as_deref()
    }

    /// Whether this option of a recipe was typed, `file` and `profile` among them.
    pub fn was_typed(&self, key: &str) -> bool {
        match key {
            "file" => self.file.is_some(),
            "profile" => self.profile.is_some(),
            _ => self.typed.iter().any(|typed| typed.key == key),
        }
    }

    /// The file was found by this pattern, which is what is kept of it.
    pub fn finds_by(&mut self, pattern: String) {
        self.file = Some(pattern);
    }

    /// Keeps what was typed, where that was asked for.
    pub(super) fn save(&self, context: &Context) -> Result<()> {
        let Some(name) = &self.named.save_recipe else {
            return Ok(());
        };
        recipes::check_name(name)?;
        // One that was named must be there.
        context.settings().profile_file()?;
        let path = context.settings().profile_path()?.value;
        let recipe = Recipe {
            name: name.clone(),
            profile: self.profile.clone(),
            file: self.file.clone().filter(|file| file != "-"),
            options: self.typed.clone(),
        };
        let replaced = edit::change(&path, |file| {
            let replaced = file.put_recipe(&recipe)?;
            is_taken(&file.recipe(name)?)?;
            Ok(replaced)
        })?;
        let what = if replaced { "replaced" } else { "kept" };
        context
            .ui()
            .note(format!("recipe {name} is {what} in {}", path.display()));
        Ok(())
    }
}

/// An error, usage, where an import would refuse an option of the recipe.
fn is_taken(recipe: &Recipe) -> Result<()> {
    for option in &recipe.options {
        let program = ImportArgs::augment_args(Command::new("import-csv"));
        let words = ["import-csv", "-"].map(str::to_owned).into_iter();
        if program
            .try_get_matches_from(words.chain(option.one_by_one()))
            .is_err()
        {
            return Err(Error::usage(format!(
                "--{} can't be kept as it was typed; no recipe was written, and nothing was sent",
                option.key.replace('_', "-")
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Options of `import-csv` that a recipe has no key for: they go on with a run, decide about one run, or name a recipe.
    const OTHERS: [&str; 8] = [
        "resume",
        "resume-all",
        "resend-unknown",
        "recipe",
        "save-recipe",
        "again",
        "yes",
        "dry-run",
    ];

    #[test]
    fn every_option_of_an_import_has_its_key() {
        let tree = crate::cli::command();
        let import = tree.find_subcommand("import-csv").unwrap();
        for option in import.get_arguments().filter_map(clap::Arg::get_long) {
            let key = option.replace('-', "_");
            let known = OPTIONS.iter().any(|(known, _)| *known == key);
            assert!(known != OTHERS.contains(&option), "{option}");
        }
        for (key, takes) in OPTIONS {
            let option = import.get_arguments().find(|arg| arg.get_id() == key);
            let option = option.unwrap_or_else(|| panic!("{key}"));
            let takes_value = option.get_action().takes_values();
            assert_eq!(takes_value, takes != Takes::Flag, "{key}");
        }
    }
}
