//! `sxinv check`: whether the connection, the credentials, their scopes and this machine are in order.

mod settings;

use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;
pub use settings::Setting;

use crate::api::{Client, ListQuery};
use crate::change::{lost, repeat};
use crate::context::Context;
use crate::credentials::redacted;
use crate::error::{Error, Kind as Failure, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::lock_file::LockFile;
use crate::memory::Memory;
use crate::model::{ProductId, RawObject};
use crate::render::{Column, Kind, raw};
use crate::sqlite::Database;
use crate::state::State;

/// What stands for a source where something was tried.
const TRIED: &str = "tried";

/// What is tried, in this order, and the settings: the fields of the document.
const PARTS: [Column; 9] = [
    part("connection"),
    part("read"),
    part("write"),
    part("ledger"),
    part("lock"),
    part("memory"),
    part("clock"),
    part("proxy"),
    part("settings"),
];

const fn part(name: &'static str) -> Column {
    Column::new(name, "", Kind::Text)
}

/// How far the clock may be off: webhooks are good for five minutes, and what was updated since is asked for by time.
const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(1);

/// Nothing but the global options.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv check                                    is everything in order?
  sxinv -p warehouse check -o json | jq .write   may this profile write?

Exit codes: 0 all is well, 3 the credentials or a scope are missing, 6 the server is not there, 1 this machine can't keep
the ledger or its clock is wrong. To see whether writing is allowed, an adjustment of 0 is sent, which the API refuses as
invalid: nothing is changed.")]
pub struct CheckArgs {}

/// What was tried and how it ended.
#[derive(Serialize)]
struct Tried {
    ok: bool,
    /// What there is to say when all is well.
    value: Option<String>,
    error: Option<String>,
    hint: Option<String>,
}

/// What was found out: nothing, or something that is good to know.
type Found = Result<Option<String>>;

/// Tries everything, shows how it went and every setting, and ends as the worst of it did.
pub fn run(_: &CheckArgs, context: &Context) -> Result<Exit> {
    context.check_fields(match context.format() {
        Format::Json | Format::Jsonl => &PARTS,
        Format::Csv | Format::Table => Setting::COLUMNS,
    })?;
    // Asked for once: a command of the user's may be behind it.
    let connected = context.connection();
    let settings = settings::all(context, connected.as_ref().ok().copied())?;
    let (connection, read, write) = match &connected {
        Ok(_) => over_the_wire(context),
        Err(e) => (Err(e.clone()), untried(e), untried(e)),
    };
    let (clock, proxy) = match &connected {
        Ok(_) => (clock(context), proxy(context)),
        Err(e) => (untried(e), untried(e)),
    };
    let found = [
        connection,
        read,
        write,
        ledger(context),
        lock(context),
        memory(context),
        clock,
        proxy,
    ];
    print(&found, settings, context)?;
    let failed = found.into_iter().filter_map(Result::err);
    // A signal would have ended it before; of several that hold, credentials come first.
    let worst = failed.min_by_key(|error| match error.kind() {
        Failure::Auth => 0,
        Failure::Unavailable => 1,
        _ => 2,
    });
    worst.map_or(Ok(Exit::Done), Err)
}

/// As bad as what it waits for, which stands before it.
fn untried(e: &Error) -> Found {
    Err(Error::new(e.kind(), "not tried"))
}

/// Whether the server is there, may be read, and may be written to.
fn over_the_wire(context: &Context) -> (Found, Found, Found) {
    let client = match context.client() {
        Ok(client) => client,
        Err(e) => {
            let (read, write) = (untried(&e), untried(&e));
            return (Err(e), read, write);
        }
    };
    let first = client.list(&ListQuery::default(), 1, 1);
    // Any answer shows that there is a connection.
    let lost = |e: &Error| e.kind() == Failure::Unavailable && e.status().is_none();
    match first {
        Err(e) if lost(&e) => {
            let (read, write) = (untried(&e), untried(&e));
            (Err(e), read, write)
        }
        Err(e) if e.kind() == Failure::Unavailable => {
            let write = untried(&e);
            (Ok(None), Err(e), write)
        }
        Err(e) => (Ok(None), Err(e), may_write(client, None)),
        Ok(page) => {
            let product = page.data.first().map(|product| product.value.product_id);
            (Ok(None), Ok(None), may_write(client, product))
        }
    }
}

/// Whether the credentials may write, found out by a request that changes nothing.
fn may_write(client: &Client, product: Option<ProductId>) -> Found {
    if client.writable().is_err() {
        // A profile that may not write is in order when that is what it says.
        return Ok(Some("not tried: the profile is read-only".to_owned()));
    }
    // Without any product, one that is not there does as well: the scope is looked at first.
    match product.or(ProductId::new(1)) {
        Some(product) => client.may_write(product).map(|()| None),
        None => Ok(None),
    }
}

/// The same failure, with which commands suffer.
fn with_sufferers(error: Error, suffer: &str) -> Error {
    let hint = error.hint().unwrap_or("mend it").to_owned();
    error.hinted(format!("{hint}; until then {suffer}"))
}

/// Whether a run can be put on disk, and what was put there is whole: the ledger and, in the same file, the catalogues.
fn ledger(context: &Context) -> Found {
    let whole = |state: &mut State| {
        may_change(state)?;
        state.check_whole()
    };
    let opened = context
        .state()
        .and_then(|mut state| whole(&mut state).map(|()| state));
    let state = opened.map_err(|e| {
        with_sufferers(
            e,
            "no command writes to a store, and list and show alone do without it",
        )
    })?;
    match lost::lately(&state, repeat::HOURS)? {
        None => Ok(None),
        Some(until) => Err(Error::internal(lost::in_words(until)).hinted(format!(
            "compare the stock before adjustments are sent again; they are refused for {} hours, until --again",
            repeat::HOURS
        ))),
    }
}

/// Whether what the stock was can be told, where anything was kept.
fn memory(context: &Context) -> Found {
    let whole = |memory: &mut Memory| {
        may_change(memory)?;
        memory.check_whole()
    };
    let opened = Memory::open_existing(&context.state_folder()?);
    let found = opened.and_then(|mut memory| memory.as_mut().map(whole).transpose());
    match found {
        Ok(Some(())) => Ok(None),
        Ok(None) => Ok(Some("nothing was kept yet".to_owned())),
        Err(e) => Err(with_sufferers(
            e,
            "snapshot, diff, listen, reorder, report, history --sku and undo fail, and no event proves a row",
        )),
    }
}

/// An error where the file can't be written.
fn may_change(file: &mut Database) -> Result<()> {
    file.change(|change| {
        // As it is: what counts is that it can be written.
        let version: i64 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        change.pragma_update(None, "user_version", version)
    })
}

/// Whether a bulk run can keep others out.
fn lock(context: &Context) -> Found {
    let path = context.state_folder()?.join("check.lock");
    match LockFile::try_take(&path) {
        // Another that checks at the same time shows it as well.
        Ok(lock) => drop(lock.map(LockFile::brief)),
        Err(e) => {
            let error = Error::internal(format!("can't lock {}", path.display()));
            return Err(error.caused_by(e).hinted(
                "SXINV_STATE_DIR names another folder; without locks nothing is written to a store",
            ));
        }
    }
    Ok(None)
}

/// Whether the clock is right, by the server's.
fn clock(context: &Context) -> Found {
    let Some(ahead) = context.client().ok().and_then(Client::clock_ahead) else {
        return Ok(Some("not known: no answer told the time".to_owned()));
    };
    if ahead.abs() <= CLOCK_OFF {
        return Ok(None);
    }
    let side = if ahead.is_negative() {
        "ahead of"
    } else {
        "behind"
    };
    let message = format!("the clock is {:#} {side} the server's", ahead.abs());
    Err(Error::internal(message).hinted("set the clock, or have it set by the network"))
}

/// What requests go through.
fn proxy(context: &Context) -> Found {
    let proxy = context.client().ok().and_then(Client::proxy);
    Ok(Some(match proxy {
        Some(proxy) => format!("{proxy}, by {}", proxy.source()),
        None => "none".to_owned(),
    }))
}

impl Tried {
    fn of(found: &Found, context: &Context) -> Tried {
        let (value, error) = match found {
            Ok(value) => (value.clone(), None),
            Err(error) => (None, Some(error)),
        };
        let message = |error: &Error| {
            let credentials = context.about_credentials(error);
            credentials.unwrap_or_else(|| error.full_message())
        };
        // A proxy may have been named by what is none.
        let shown = |text: String| redacted(&text).into_owned();
        Tried {
            ok: error.is_none(),
            value: value.map(shown),
            error: error.map(message).map(shown),
            hint: error
                .and_then(Error::hint)
                .map(|hint| shown(context.in_place(hint))),
        }
    }

    fn row(&self, name: &'static str) -> Setting {
        let value = match (&self.error, &self.hint, &self.value) {
            (Some(error), Some(hint), _) => format!("failed: {error} ({hint})"),
            (Some(error), None, _) => format!("failed: {error}"),
            (None, _, Some(value)) => format!("ok: {value}"),
            (None, _, None) => "ok".to_owned(),
        };
        let source = TRIED.to_owned();
        Setting {
            name,
            value,
            source,
        }
    }
}

/// What was tried comes first.
fn print(found: &[Found], settings: Vec<Setting>, context: &Context) -> Result<()> {
    let tried = PARTS
        .iter()
        .zip(found)
        .map(|(part, found)| (part.name, Tried::of(found, context)));
    if matches!(context.format(), Format::Json | Format::Jsonl) {
        let mut document = RawObject::default();
        for (name, tried) in tried {
            document.push(name, raw(&tried)?);
        }
        document.push("settings", raw(&settings)?);
        return context.document(&document, context.fields());
    }
    let rows = tried.map(|(name, tried)| tried.row(name)).chain(settings);
    context.rows(Setting::COLUMNS, rows).map(drop)
}
