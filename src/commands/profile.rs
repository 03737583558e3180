//! `sxinv profile`: the TOML file that keeps the credentials of stores.

use std::io::{self, BufRead, IsTerminal};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::rows::column;
use crate::cli::Exit;
use crate::context::Context;
use crate::credentials::Secret;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::profile::edit::{Edit, NewAccess, NewProfile};
use crate::profile::{self, Access, Profile, ProfileFile, SANDBOX, SecretSource};
use crate::render::{self, Column, Kind};
use crate::settings::base_url;

/// The columns of `profile list` and `profile show`.
pub const COLUMNS: &[Column] = &[
    column("name", "PROFILE", Kind::Code, true),
    column("default", "DEFAULT", Kind::Flag, true),
    column("credentials", "CREDENTIALS", Kind::Text, true),
    column("client_id", "CLIENT ID", Kind::Code, false),
    column("store_id", "STORE", Kind::Id, true),
    column("api_url", "SERVER", Kind::Text, true),
    column("read_only", "READ-ONLY", Kind::Flag, true),
];

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
    Add(AddArgs),
    /// List the profiles
    #[command(visible_alias = "ls")]
    List,
    /// Show one profile, without its secrets
    Show {
        /// Its name; the default profile where none is given
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Make a profile the default
    Use {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Remove a profile
    #[command(visible_alias = "rm")]
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,

        /// Don't ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Print where the profile file is
    Path,
}

#[derive(Args, Debug)]
struct AddArgs {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,

    /// Read an access token from standard input
    #[arg(long, conflicts_with_all = ["client_id", "client_secret_stdin", "store_id", "token_command"])]
    token_stdin: bool,

    /// A command that prints the access token, such as 'pass show selorax/token'
    #[arg(long, value_name = "CMD", conflicts_with_all = ["client_id", "client_secret_stdin", "store_id"])]
    token_command: Option<String>,

    /// Client id, sx_app_…; the secret is asked for
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,

    /// Read the client secret from standard input
    #[arg(long, requires = "client_id")]
    client_secret_stdin: bool,

    /// The store that the app is installed on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    store_id: Option<u64>,

    /// Make every write an error before it is sent
    #[arg(long)]
    read_only: bool,

    /// Replace the profile of that name
    #[arg(long)]
    replace: bool,
}

/// A profile as it is shown: never a secret.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    default: bool,
    credentials: String,
    client_id: Option<&'a str>,
    store_id: Option<u64>,
    api_url: Option<&'a str>,
    read_only: bool,
}

impl<'a> Shown<'a> {
    fn new(profile: &'a Profile, default: Option<&str>) -> Shown<'a> {
        let by = |source: &SecretSource, what: &str| match source {
            SecretSource::Here(_) => what.to_owned(),
            SecretSource::Command(command) => format!("{what} by `{command}`"),
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
        Shown {
            name: &profile.name,
            default: default == Some(&profile.name),
            credentials,
            client_id,
            store_id,
            api_url: profile.api_url.as_deref(),
            read_only: profile.read_only,
        }
    }

    fn sandbox(default: Option<&str>) -> Shown<'static> {
        Shown {
            name: SANDBOX,
            default: default == Some(SANDBOX),
            credentials: "built in".to_owned(),
            client_id: None,
            store_id: None,
            api_url: None,
            read_only: false,
        }
    }
}

/// Does one thing with the profile file.
pub fn run(args: &ProfileArgs, context: &Context) -> Result<Exit> {
    match &args.command {
        ProfileCommand::Add(args) => add(args, context)?,
        ProfileCommand::List => list(context)?,
        ProfileCommand::Show { name } => show(name.as_deref(), context)?,
        ProfileCommand::Use { name } => make_default(name, context)?,
        ProfileCommand::Remove { name, yes } => remove(name, *yes, context)?,
        ProfileCommand::Path => {
            let path = context.settings().profile_path()?.value;
            context.write(format!("{}\n", path.display()).as_bytes())?;
        }
    }
    Ok(Exit::Done)
}

fn add(args: &AddArgs, context: &Context) -> Result<()> {
    profile::check_name(&args.name)?;
    let api_url = context.settings().typed_api_url().map(str::to_owned);
    if let Some(url) = &api_url {
        base_url(url)?;
    }
    let path = context.settings().profile_path()?.value;
    let mut edit = Edit::open(&path)?;
    if edit.has(&args.name) && !args.replace {
        return Err(
            Error::usage(format!("there is a profile {} already", args.name))
                .hinted("--replace replaces it"),
        );
    }
    let access = access(args, context)?;
    // Found out now and not by the first request.
    if let NewAccess::Token(secret) | NewAccess::Client { secret, .. } = &access
        && !secret.expose().bytes().all(|b| b.is_ascii_graphic())
    {
        return Err(Error::usage(
            "what was given has spaces or other characters that no credential has",
        )
        .hinted("copy it again, whole and on one line"));
    }
    edit.put(&NewProfile {
        name: args.name.clone(),
        access,
        api_url,
        read_only: args.read_only,
    })?;
    edit.save()?;
    let ui = context.ui();
    ui.leaves_undone(None);
    let default = if edit.is_default(&args.name) {
        ", and is the default"
    } else {
        ""
    };
    ui.note(format!(
        "profile {} is in {}{default}",
        args.name,
        path.display()
    ));
    ui.note(format!("try it: sxinv -p {} list", args.name));
    Ok(())
}

fn access(args: &AddArgs, context: &Context) -> Result<NewAccess> {
    if args.token_stdin {
        return Ok(NewAccess::Token(from_stdin("token", context)?));
    }
    if let Some(command) = &args.token_command {
        return Ok(NewAccess::TokenCommand(command.clone()));
    }
    let ui = context.ui();
    if let Some(id) = &args.client_id {
        let secret = if args.client_secret_stdin {
            from_stdin("client secret", context)?
        } else {
            ask(
                context,
                "Client secret (sx_secret_…)",
                "--client-secret-stdin",
            )?
        };
        return client(id, secret, args.store_id, context);
    }
    if args.store_id.is_some() {
        return Err(Error::usage("--store-id goes with --client-id"));
    }
    if !ui.asks() {
        return Err(nobody(
            "--token-stdin, or --client-id with --client-secret-stdin",
            context,
        ));
    }
    ui.say("Under Settings > Apps > Manage, a custom app has an access token, or a client id and secret.");
    let first = ui.ask_hidden("Access token (sx_at_…), or client id (sx_app_…)")?;
    if first.starts_with("sx_app_") {
        let secret = ask(
            context,
            "Client secret (sx_secret_…)",
            "--client-secret-stdin",
        )?;
        return client(&first, secret, None, context);
    }
    let token = Secret::new(first);
    if token.is_empty() {
        return Err(Error::usage(
            "nothing was given; the profile file is as it was",
        ));
    }
    Ok(NewAccess::Token(token))
}

fn client(id: &str, secret: Secret, store_id: Option<u64>, context: &Context) -> Result<NewAccess> {
    let store_id = match store_id {
        Some(id) => id,
        None if !context.ui().asks() => return Err(nobody("--store-id", context)),
        None => context
            .ui()
            .ask("Store id")?
            .parse()
            .ok()
            .filter(|id| *id > 0)
            .ok_or_else(|| Error::usage("a store id is a whole number above 0"))?,
    };
    Ok(NewAccess::Client {
        id: id.trim().to_owned(),
        secret,
        store_id,
    })
}

fn ask(context: &Context, what: &str, instead: &str) -> Result<Secret> {
    if !context.ui().asks() {
        return Err(nobody(instead, context));
    }
    let secret = Secret::new(context.ui().ask_hidden(what)?);
    if secret.is_empty() {
        return Err(Error::usage(
            "nothing was given; the profile file is as it was",
        ));
    }
    Ok(secret)
}

fn nobody(instead: &str, context: &Context) -> Error {
    let why = context.ui().why_nobody();
    Error::usage(format!("{why} for credentials")).hinted(format!("say {instead}"))
}

/// The first line of standard input. Where that is a terminal it is typed, and not shown.
fn from_stdin(what: &str, context: &Context) -> Result<Secret> {
    let mut line = String::new();
    if io::stdin().is_terminal() {
        line = context.ui().ask_hidden(&format!("The {what}"))?;
    } else {
        io::stdin().lock().read_line(&mut line).map_err(|e| {
            Error::usage(format!("can't read the {what} from standard input")).caused_by(e)
        })?;
    }
    let secret = Secret::new(line);
    if secret.is_empty() {
        return Err(Error::usage(format!(
            "there is no {what} on standard input"
        )));
    }
    Ok(secret)
}

fn list(context: &Context) -> Result<()> {
    let file = context.settings().profile_file()?;
    let default = file.as_ref().and_then(|file| file.default.as_deref());
    let profiles = file.iter().flat_map(|file| &file.profiles);
    let mut records = context.records(COLUMNS)?;
    let shown = profiles.map(|profile| Shown::new(profile, default));
    for profile in shown.chain([Shown::sandbox(default)]) {
        records.push(&raw(&profile)?)?;
    }
    records.finish()?;
    Ok(())
}

fn show(name: Option<&str>, context: &Context) -> Result<()> {
    let file = context.settings().profile_file()?;
    let default = file.as_ref().and_then(|file| file.default.as_deref());
    let named = context
        .settings()
        .profile_name()
        .map(|name| name.value.as_str());
    let name = name.or(named).or(default).ok_or_else(|| {
        Error::usage("there is no default profile").hinted("name one: sxinv profile show NAME")
    })?;
    let shown = match (&file, name) {
        (_, SANDBOX) => Shown::sandbox(default),
        (Some(file), name) => Shown::new(profile_of(file, name)?, default),
        (None, name) => return Err(no_file(name, context)),
    };
    let row = raw(&shown)?;
    match context.format() {
        Format::Json | Format::Jsonl => {
            context.check_fields(COLUMNS)?;
            render::document(context.stdout(), &row, context.fields(), context.terminal())
        }
        Format::Csv | Format::Table => {
            let mut records = context.records(COLUMNS)?;
            records.push(&row)?;
            records.finish()?;
            Ok(())
        }
    }
}

fn profile_of<'a>(file: &'a ProfileFile, name: &str) -> Result<&'a Profile> {
    file.get(name).ok_or_else(|| file.unknown(name))
}

fn no_file(name: &str, context: &Context) -> Error {
    match context.settings().profile_path() {
        Ok(path) => Error::new(
            crate::error::Kind::Auth,
            format!("no profile {name}: there is no {}", path.value.display()),
        )
        .hinted(format!("sxinv profile add {name}")),
        Err(e) => e,
    }
}

/// The file with this profile in it, ready to be changed.
fn open_with(name: &str, context: &Context) -> Result<Edit> {
    match context.settings().profile_file()? {
        Some(file) => {
            if name != SANDBOX {
                profile_of(&file, name)?;
            }
            Edit::open(&file.path)
        }
        None if name == SANDBOX => Edit::open(&context.settings().profile_path()?.value),
        None => Err(no_file(name, context)),
    }
}

fn make_default(name: &str, context: &Context) -> Result<()> {
    let mut edit = open_with(name, context)?;
    edit.make_default(name);
    edit.save()?;
    context.ui().leaves_undone(None);
    context.ui().note(format!("{name} is the default profile"));
    Ok(())
}

fn remove(name: &str, yes: bool, context: &Context) -> Result<()> {
    if name == SANDBOX {
        return Err(Error::usage("the profile sandbox is built in"));
    }
    let mut edit = open_with(name, context)?;
    let question = format!("Remove profile {name} and its credentials?");
    if !yes && !context.ui().confirm(&question)? {
        return Err(Error::refused(
            "not confirmed; the profile file is as it was",
        ));
    }
    edit.remove(name);
    edit.save()?;
    context.ui().leaves_undone(None);
    context.ui().note(format!("profile {name} is removed"));
    Ok(())
}

fn raw(shown: &Shown<'_>) -> Result<Box<serde_json::value::RawValue>> {
    to_raw_value(shown).map_err(|e| Error::internal("can't write the result").caused_by(e))
}
