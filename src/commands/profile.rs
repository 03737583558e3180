//! `sxinv profile`: the TOML file that keeps the credentials of stores.

mod add;
mod recipes;

use std::borrow::Cow;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{complete, path};
use crate::context::Context;
use crate::credentials::{looks_secret, redacted};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::profile::edit::{self, Edit};
use crate::profile::{Access, Profile, SANDBOX, SecretSource, missing};
use crate::render::{Column, Kind, row};

/// What to do with the profiles.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv profile add flowers                      asks, and shows no secret
  pass show selorax/token | sxinv profile add flowers --token-stdin
  sxinv profile add depot --client-id sx_app_x --store-id 22
  sxinv profile use flowers                      make it the default
  sxinv profile list")]
pub struct ProfileArgs {
    #[command(subcommand)]
    command: ProfileCommand,
}

#[derive(Subcommand, Debug)]
enum ProfileCommand {
    /// Add a profile, or replace one with --replace
    Add(add::AddArgs),
    /// List the profiles
    #[command(visible_alias = "ls")]
    List,
    /// Show one profile, without its secrets
    Show {
        /// Its name; the default profile where none is given
        #[arg(value_name = "NAME", add = complete::profiles())]
        name: Option<String>,
    },
    /// Make a profile the default
    Use {
        /// Its name
        #[arg(value_name = "NAME", add = complete::profiles())]
        name: String,
    },
    /// Remove a profile
    #[command(visible_alias = "rm")]
    Remove {
        /// Its name
        #[arg(value_name = "NAME", add = complete::own_profiles())]
        name: String,

        /// Don't ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Print where the profile file is
    Path,
}

row! {
    /// A profile as it is shown: never a secret.
    #[derive(Default)]
    pub struct ProfileRow<'a> {
        name: &'a str = "PROFILE" Code,
        default: bool = "DEFAULT" Flag,
        credentials: String = "CREDENTIALS" Text,
        client_id: Option<&'a str> = "CLIENT ID" Code hidden,
        store_id: Option<u64> = "STORE" Id,
        api_url: Option<Cow<'a, str>> = "SERVER" Text,
        read_only: bool = "READ-ONLY" Flag,
        tag_reasons: bool = "TAGS" Flag hidden,
    }
}

/// A profile with the recipes that are for it.
#[derive(Serialize)]
struct WithRecipes<'a> {
    #[serde(flatten)]
    shown: ProfileRow<'a>,
    recipes: Vec<recipes::Shown<'a>>,
}

/// The program that a command runs, and no more of it: a command may have a secret in it.
fn program(command: &str) -> String {
    let words = shlex::split(command).unwrap_or_default();
    let plain =
        |word: &&String| !word.contains(['=', '$', '(', ';', '|', '&']) && !looks_secret(word);
    match words.first().filter(plain) {
        Some(program) if words.len() > 1 => format!("`{program} …`"),
        Some(program) => format!("`{program}`"),
        None => "a command".to_owned(),
    }
}

impl<'a> ProfileRow<'a> {
    fn new(profile: &'a Profile, default: Option<&str>) -> ProfileRow<'a> {
        let by = |source: &SecretSource, what: &str| match source {
            SecretSource::Here(_) => what.to_owned(),
            SecretSource::Command(command) => format!("{what} by {}", program(command)),
        };
        let (credentials, client_id, store_id) = match &profile.access {
            Access::Token(source) => (by(source, "access token"), None, None),
            Access::Client {
                id,
                secret,
                store_id,
            } => (
                by(secret, "client credentials"),
                Some(id.as_str()),
                Some(*store_id),
            ),
        };
        ProfileRow {
            name: &profile.name,
            default: default == Some(&profile.name),
            credentials,
            client_id,
            store_id,
            api_url: profile.api_url.as_deref().map(redacted),
            read_only: profile.read_only,
            tag_reasons: profile.tag_reasons,
        }
    }

    fn sandbox(default: Option<&str>) -> ProfileRow<'static> {
        ProfileRow {
            name: SANDBOX,
            default: default == Some(SANDBOX),
            credentials: "built in".to_owned(),
            ..ProfileRow::default()
        }
    }
}

/// Does one thing with the profile file.
pub fn run(args: &ProfileArgs, context: &Context) -> Result<Exit> {
    match &args.command {
        ProfileCommand::Add(args) => add::run(args, context)?,
        ProfileCommand::List => list(context)?,
        ProfileCommand::Show { name } => show(name.as_deref(), context)?,
        ProfileCommand::Use { name } => make_default(name, context)?,
        ProfileCommand::Remove { name, yes } => remove(name, *yes, context)?,
        ProfileCommand::Path => {
            path::print(&context.settings().profile_path()?.value, context)?;
        }
    }
    Ok(Exit::Done)
}

fn list(context: &Context) -> Result<()> {
    let file = context.settings().profile_file()?;
    let default = file.as_ref().and_then(|file| file.default.as_deref());
    let profiles = file.iter().flat_map(|file| &file.profiles);
    let shown = profiles.map(|profile| ProfileRow::new(profile, default));
    let sandbox = ProfileRow::sandbox(default);
    context.rows(ProfileRow::COLUMNS, shown.chain([sandbox]))?;
    recipes::tell_of_broken(file.as_ref(), context);
    Ok(())
}

fn show(name: Option<&str>, context: &Context) -> Result<()> {
    let file = context.settings().profile_file()?;
    let default = file.as_ref().and_then(|file| file.default.as_deref());
    let named = context.settings().profile.as_ref();
    let named = named.map(|name| name.value.as_str());
    let name = name.or(named).or(default).ok_or_else(|| {
        Error::usage("there is no default profile").hinted("name one: sxinv profile show NAME")
    })?;
    let shown = match (&file, name) {
        (_, SANDBOX) => ProfileRow::sandbox(default),
        (Some(file), name) => ProfileRow::new(file.require(name)?, default),
        (None, name) => return Err(no_file(name, context)?),
    };
    let recipes = recipes::of(file.as_ref(), name);
    recipes::tell_of_broken(file.as_ref(), context);
    match context.format() {
        Format::Json | Format::Jsonl => {
            let recipes_too = Column::new("recipes", "", Kind::Text);
            context.check_fields(&[ProfileRow::COLUMNS, &[recipes_too]].concat())?;
            let recipes = recipes.iter().map(recipes::Shown::from).collect();
            context.document(&WithRecipes { shown, recipes }, context.fields())
        }
        Format::Csv | Format::Table => {
            context.rows(ProfileRow::COLUMNS, [shown])?;
            recipes::print(&recipes, context)
        }
    }
}

/// No profile of that name, for there is no file.
fn no_file(name: &str, context: &Context) -> Result<Error> {
    let path = context.settings().profile_path()?.value;
    Ok(missing(name, &path, None))
}

/// Changes the profile file. One that was named must be there.
fn change(context: &Context, change: impl FnOnce(&mut Edit) -> Result<()>) -> Result<()> {
    context.settings().profile_file()?;
    edit::change(&context.settings().profile_path()?.value, change)?;
    context.ui().leaves_undone(None);
    Ok(())
}

fn make_default(name: &str, context: &Context) -> Result<()> {
    change(context, |file| {
        if name != SANDBOX {
            file.require(name)?;
        }
        file.make_default(name);
        Ok(())
    })?;
    context.ui().note(format!("{name} is the default profile"));
    Ok(())
}

fn remove(name: &str, yes: bool, context: &Context) -> Result<()> {
    if name == SANDBOX {
        return Err(Error::usage("the profile sandbox is built in"));
    }
    let Some(file) = context.settings().profile_file()? else {
        return Err(no_file(name, context)?);
    };
    file.require(name)?;
    recipes::none_is_for(&file, name)?;
    let question = format!("Remove profile {name} and its credentials?");
    if !yes && !context.ui().confirm(&question)? {
        return Err(Error::refused("not confirmed; nothing was changed"));
    }
    change(context, |file| {
        file.require(name)?;
        file.remove(name);
        Ok(())
    })?;
    context.ui().note(format!("profile {name} is removed"));
    Ok(())
}
