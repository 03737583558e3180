//! `sxinv check`: whether the settings, the credentials, their scopes and the connection are in order.

use clap::Args;
use serde::Serialize;

use super::bulk::raw;
use super::rows::column;
use crate::api::{Client, ListQuery};
use crate::cli::Exit;
use crate::context::Context;
use crate::error::{Error, Kind as Failure, Result};
use crate::format::Format;
use crate::memory::lock::ListenLock;
use crate::render::{self, Column, Kind};
use crate::settings::{Address, Source};

/// The columns of the settings.
pub const COLUMNS: &[Column] = &[
    column("name", "SETTING", Kind::Code, true),
    column("value", "VALUE", Kind::Text, true),
    column("source", "FROM", Kind::Text, true),
];

/// Nothing but the global options.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv check                                    is everything in order?
  sxinv -p warehouse check -o json | jq .write   may this profile write?

Exit codes: 0 all is well, 3 the credentials or a scope are missing, 6 the server is not there. To see whether writing is
allowed, an adjustment of 0 is sent, which the API refuses as invalid: nothing is changed.")]
pub struct CheckArgs {}

/// One setting, and where it came from.
#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: String,
    source: String,
}

/// What was tried and how it ended.
#[derive(Serialize)]
struct Tried {
    ok: bool,
    error: Option<String>,
}

impl Tried {
    fn of(result: &Result<()>) -> Tried {
        Tried {
            ok: result.is_ok(),
            error: result.as_ref().err().map(Error::full_message),
        }
    }

    fn row(&self, name: &'static str, how: &str) -> Setting {
        Setting {
            name,
            value: match &self.error {
                None => "ok".to_owned(),
                Some(error) => error.clone(),
            },
            source: how.to_owned(),
        }
    }
}

#[derive(Serialize)]
struct Document {
    settings: Vec<Setting>,
    read: Tried,
    write: Tried,
}

/// Shows the settings, tries to read and to write, and ends as the worse of the two did.
pub fn run(_: &CheckArgs, context: &Context) -> Result<Exit> {
    context.check_fields(COLUMNS)?;
    let mut settings = settings(context)?;
    let client = context.client()?;
    settings.push(proxy(client));
    let first = client.list(&ListQuery::default(), 1, 1);
    let product = first.as_ref().ok().and_then(|page| page.data.first());
    let write = match (&first, client.writable()) {
        (_, Err(read_only)) => Err(read_only),
        (Err(e), _) if e.kind() == Failure::Unavailable => {
            Err(Error::new(e.kind(), "not tried: the server can't be read"))
        }
        _ => may_write(client, product.map(|product| product.value.product_id)),
    };
    let read = first.map(|_| ());
    let document = Document {
        settings,
        read: Tried::of(&read),
        write: Tried::of(&write),
    };
    print(&document, context)?;
    read?;
    match write {
        // A profile that may not write is in order when that is what it says.
        Err(_) if client.writable().is_err() => Ok(Exit::Done),
        Err(e) => Err(e),
        Ok(()) => Ok(Exit::Done),
    }
}

/// Whether the credentials may write, found out by a request that changes nothing.
fn may_write(client: &Client, product: Option<crate::model::ProductId>) -> Result<()> {
    // Without any product, one that is not there does as well: the scope is looked at first.
    let product = product.or(crate::model::ProductId::new(1));
    match product {
        Some(product) => client.may_write(product),
        None => Ok(()),
    }
}

/// What requests go through.
fn proxy(client: &Client) -> Setting {
    let (value, source) = match client.proxy() {
        Some(proxy) => (proxy.to_string(), proxy.source()),
        None => ("none".to_owned(), "default"),
    };
    Setting {
        name: "proxy",
        value,
        source: source.to_owned(),
    }
}

fn settings(context: &Context) -> Result<Vec<Setting>> {
    let connection = context.connection()?;
    let all = context.settings();
    let setting = |name, value: String, source: &Source| Setting {
        name,
        value,
        source: source.to_string(),
    };
    let yes_or_no = |yes| if yes { "yes" } else { "no" }.to_owned();
    let chosen = &connection.chosen_by;
    let mut list = vec![
        setting("profile", connection.profile.clone(), chosen),
        setting(
            "credentials",
            connection.credentials.kind().to_owned(),
            chosen,
        ),
    ];
    if let Some(store) = connection.credentials.store_id() {
        list.push(setting("store_id", store.to_string(), chosen));
    }
    let address = match &connection.address.value {
        Address::Sandbox => "the sandbox in this program".to_owned(),
        Address::Server(url) => url.clone(),
    };
    list.push(setting("api_url", address, &connection.address.source));
    list.push(setting(
        "read_only",
        yes_or_no(connection.read_only),
        chosen,
    ));
    let config = all.profile_path()?;
    list.push(setting(
        "config",
        config.value.display().to_string(),
        &config.source,
    ));
    let state = all.state_folder()?;
    list.push(setting(
        "state",
        state.display().to_string(),
        &all.state_source(),
    ));
    let listener = ListenLock::holder(&state, connection.store());
    list.push(setting(
        "listener",
        listener.unwrap_or_else(|| "none".to_owned()),
        &Source::Default,
    ));
    list.push(setting(
        "output",
        all.output.value.to_string(),
        &all.output.source,
    ));
    let timeout = format!("{:?}", all.timeout.value);
    list.push(setting("timeout", timeout, &all.timeout.source));
    list.push(setting(
        "retries",
        all.retries.value.to_string(),
        &all.retries.source,
    ));
    let color = format!("{:?}", all.color.value).to_lowercase();
    list.push(setting("color", color, &all.color.source));
    Ok(list)
}

fn print(document: &Document, context: &Context) -> Result<()> {
    if matches!(context.format(), Format::Json | Format::Jsonl) {
        let document = raw(document)?;
        return render::document(context.stdout(), &document, None, context.terminal());
    }
    let mut records = context.records(COLUMNS)?;
    for setting in &document.settings {
        records.push(&raw(setting)?)?;
    }
    records.push(&raw(&document.read.row("read", "tried"))?)?;
    records.push(&raw(&document.write.row("write", "tried"))?)?;
    records.finish()?;
    Ok(())
}
