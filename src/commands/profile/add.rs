//! `sxinv profile add`: credentials are asked for or read, tried, and kept.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;

use crate::address::base_url;
use crate::api::ListQuery;
use crate::context::Context;
use crate::credentials::{Meant, Secret};
use crate::error::{Error, Kind, Result};
use crate::profile::{Access, Profile, ProfileFile, SecretSource, check_name, edit};
use crate::secret_command;
use crate::shell::quoted;
use crate::words::counted;

/// Where an app's credentials are found.
const WHERE: &str =
    "Under Settings > Apps > Manage, a custom app has an access token, or a client id and secret.";

/// Its name and its credentials.
#[derive(Args, Debug)]
pub struct AddArgs {
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

    /// Save the credentials without trying them
    #[arg(long)]
    no_check: bool,
}

/// Adds a profile, or replaces one.
pub fn run(args: &AddArgs, context: &Context) -> Result<()> {
    check_name(&args.name)?;
    let api_url = context.settings().api_url.as_deref();
    let api_url = api_url.map(base_url).transpose().map_err(|e| {
        let message = format!("--api-url {}", e.message());
        e.reworded(message)
    })?;
    let path = context.settings().profile_path()?.value;
    let taken = |there: bool| {
        let error = Error::usage(format!("there is a profile {} already", args.name));
        match there && !args.replace {
            true => Err(error.hinted("--replace replaces it")),
            false => Ok(()),
        }
    };
    // Said before anything is asked. Another process may add it while the answers are typed.
    let file = ProfileFile::read(&path)?;
    taken(file.is_some_and(|file| file.get(&args.name).is_some()))?;
    let profile = Profile {
        name: args.name.clone(),
        access: access(args, context)?,
        api_url,
        read_only: args.read_only,
        tag_reasons: false,
        webhook_secret: None,
    };
    if !args.no_check {
        try_out(&profile.access, context)?;
    }
    let is_default = edit::change(&path, |file| {
        taken(file.has(&args.name))?;
        file.put(&profile)?;
        Ok(file.is_default(&args.name))
    })?;
    let ui = context.ui();
    ui.leaves_undone(None);
    let name = &args.name;
    let default = match is_default {
        true => ", and is the default",
        false => "",
    };
    ui.note(format!("profile {name} is in {}{default}", path.display()));
    ui.note(format!("try it: sxinv -p {} list", quoted(name)));
    Ok(())
}

/// Asks the server for a product, to see that it takes the credentials. An error says that nothing was saved.
fn try_out(access: &Access, context: &Context) -> Result<()> {
    let credentials = access.with(|from, meant| from.get(meant, secret_command::run));
    let credentials = credentials.map_err(unsaved)?;
    let client = context.client_for(&credentials)?;
    let page = client.list(&ListQuery::default(), 1, 1).map_err(unsaved)?;
    let products = counted(page.pagination.total, "product");
    context
        .ui()
        .note(format!("the credentials work: the store has {products}"));
    Ok(())
}

fn unsaved(error: Error) -> Error {
    // The server's own words may be a sentence.
    let why = error.message().trim_end_matches('.');
    let message = format!("{why}; nothing was saved");
    let untried = "--no-check saves the credentials without trying them";
    error.reworded(message).also_hinted(untried)
}

fn access(args: &AddArgs, context: &Context) -> Result<Access> {
    if args.token_stdin {
        let token = from_stdin("access token", Meant::Token, context)?;
        return Ok(Access::Token(SecretSource::Here(token)));
    }
    if let Some(command) = &args.token_command {
        let command = Meant::Token.command(command).map_err(|why| {
            Error::usage(format!("--token-command {why}"))
                .hinted("such as --token-command 'pass show selorax/token'")
        })?;
        return Ok(Access::Token(SecretSource::Command(command)));
    }
    if let Some(id) = &args.client_id {
        let id = read("client id", Meant::ClientId, id)?;
        let secret = if args.client_secret_stdin {
            from_stdin("client secret", Meant::ClientSecret, context)?
        } else {
            asked_secret(context)?
        };
        return client(&id, secret, args.store_id, context);
    }
    if args.store_id.is_some() {
        return Err(Error::usage("--store-id goes with --client-id"));
    }
    let ui = context.ui();
    if !ui.asks() {
        return Err(nobody(
            "--token-stdin, or --client-id with --client-secret-stdin",
            context,
        ));
    }
    ui.say(WHERE);
    let first = ui.ask_hidden("Access token (sx_at_…), or client id (sx_app_…)")?;
    match Meant::ClientId.read(&first) {
        Ok(id) if id.expose().starts_with("sx_app_") => {
            client(&id, asked_secret(context)?, None, context)
        }
        _ => {
            let token = read("access token", Meant::Token, &first)?;
            Ok(Access::Token(SecretSource::Here(token)))
        }
    }
}

fn client(id: &Secret, secret: Secret, store_id: Option<u64>, context: &Context) -> Result<Access> {
    let store_id = match store_id {
        Some(id) => id,
        None if !context.ui().asks() => return Err(nobody("--store-id", context)),
        None => {
            let id = context.ui().ask("Store id")?.parse();
            id.ok()
                .filter(|id| *id > 0)
                .ok_or_else(|| Error::usage("a store id is a whole number above 0"))?
        }
    };
    Ok(Access::Client {
        id: id.expose().to_owned(),
        secret: SecretSource::Here(secret),
        store_id,
    })
}

fn asked_secret(context: &Context) -> Result<Secret> {
    if !context.ui().asks() {
        return Err(nobody("--client-secret-stdin", context));
    }
    let secret = context.ui().ask_hidden("Client secret (sx_secret_…)")?;
    read("client secret", Meant::ClientSecret, &secret)
}

/// The first line of standard input. Where that is a terminal it is typed, and not shown.
fn from_stdin(what: &str, meant: Meant, context: &Context) -> Result<Secret> {
    let mut line = String::new();
    if io::stdin().is_terminal() {
        line = context.ui().ask_hidden(&format!("The {what}"))?;
    } else {
        io::stdin().lock().read_line(&mut line).map_err(|e| {
            Error::usage(format!("can't read the {what} from standard input")).caused_by(e)
        })?;
        if line.is_empty() {
            let message = format!("there is no {what} on standard input; nothing was saved");
            return Err(Error::usage(message));
        }
    }
    read(what, meant, &line)
}

fn read(what: &str, meant: Meant, text: &str) -> Result<Secret> {
    meant.read(text).map_err(|why| {
        Error::usage(format!("the {what} {why}; nothing was saved"))
            .hinted("copy it again, whole and on one line")
    })
}

fn nobody(instead: &str, context: &Context) -> Error {
    let why = context.ui().why_nobody();
    Error::new(Kind::Usage, format!("{why} for credentials")).hinted(format!("say {instead}"))
}
