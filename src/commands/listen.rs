//! `sxinv listen`: takes webhooks, keeps each event once, and prints it.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::value::RawValue;

use crate::clean::clean;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::format::Format;
use crate::listen::{self, Exec, Forward, Options};
use crate::memory::Memory;
use crate::memory::event::{Arrival, Told};
use crate::memory::keeper::{Keeper, Print};
use crate::memory::lock::ListenLock;
use crate::model::{ProductId, SkuId};
use crate::render::{self, Fields, Records, row};
use crate::time::{CLOCK, UtcTime};

/// As long as anybody waits for a signal at once.
const A_WHILE: Duration = Duration::from_secs(60 * 60);

/// Where to listen, and what to do with events.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv listen                                   every profile's events, until Ctrl-C
  sxinv listen -o jsonl | jq .data
  sxinv listen --below 5 >> low.txt
  sxinv listen --forward-to https://erp.example.com/hooks

Events are verified, kept once each, and answered when they are on disk. The secret comes from the profile's webhook_secret
or from WEBHOOK_SIGNING_SECRET. SeloraX needs an https address: let a reverse proxy hand on to this one.")]
pub struct ListenArgs {
    /// Port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,

    /// Listen on this address instead of loopback alone
    #[arg(long, value_name = "ADDR")]
    bind: Option<IpAddr>,

    /// Run this for each event: the event on its standard input, and in SXINV_* variables
    #[arg(long, value_name = "CMD")]
    exec: Option<String>,

    /// Hand each event on to this server, with its original bytes and headers
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,

    /// Print only what leaves a variant with fewer units than this
    #[arg(long, value_name = "N")]
    below: Option<i64>,
}

row! {
    /// A movement that an event tells of.
    pub struct EventRow<'a> {
        at: &'a str = "AT" Time,
        profile: &'a str = "PROFILE" Code,
        store_id: Option<i64> = "STORE" Id hidden,
        event_id: &'a str = "EVENT" Code hidden,
        event_topic: &'a str = "TOPIC" Code hidden,
        product_id: Option<ProductId> = "PRODUCT" Id,
        sku_id: Option<SkuId> = "SKU ID" Id,
        sku_code: Option<&'a str> = "SKU" Code,
        previous_quantity: Option<i64> = "BEFORE" Number,
        quantity: Option<i64> = "NOW" Stock,
        adjustment: Option<i64> = "ADJUSTMENT" Signed,
        reason: Option<&'a str> = "REASON" Name,
    }
}

/// Listens until a signal comes.
pub fn run(args: &ListenArgs, context: &Context) -> Result<Exit> {
    let exec = args.exec.as_deref().map(Exec::parse).transpose()?;
    let timeout = context.settings().timeout.value;
    let forward = args.forward_to.as_deref();
    let forward = forward
        .map(|url| Forward::parse(url, timeout))
        .transpose()?;
    if context.format() == Format::Csv {
        context.check_fields(EventRow::COLUMNS)?;
    }
    let subscriptions = context.settings().subscriptions()?;
    let folder = context.state_folder()?;
    let memory = Memory::open(&folder)?;
    let address = args.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let socket = bind(address, args.port)?;
    let at = socket
        .local_addr()
        .map_err(|e| Error::internal("the listener has no address").caused_by(e))?;
    let mut stores: Vec<&str> = subscriptions.iter().map(|s| s.store.as_str()).collect();
    stores.sort_unstable();
    stores.dedup();
    let interrupt = context.interrupt();
    let _locks = stores
        .iter()
        .map(|store| ListenLock::take(&folder, store, &format!("at {at}"), interrupt))
        .collect::<Result<Vec<_>>>()?;

    let ui = context.ui().clone();
    ui.ends_by_signal();
    interrupt.settle_on_signals(|| {});
    let over = interrupt.clone();
    // Whatever ends the keeper wakes up whoever waits for a signal.
    let keeper = Keeper::start(memory, printer(args.below, context)?, move || over.raise(0))?;
    let whose: Vec<&str> = subscriptions.iter().map(|s| s.profile.as_str()).collect();
    let whose = whose.join(", ");
    let options = Options {
        subscriptions,
        exec,
        forward,
        warn: Arc::new(move |text| ui.warn(text)),
    };
    let listener = listen::start(socket, keeper, options)?;
    context.ui().note(format!(
        "listening on http://{at} for {whose}; Ctrl-C ends it"
    ));
    warn_of_the_way(at, context);
    while !interrupt.wait(A_WHILE) {}
    let ended = listener.stop();
    match (ended, interrupt.raised()) {
        (Some(error), _) => Err(error),
        (None, Some(raised)) => {
            context.ui().interrupted(raised.signal);
            Ok(Exit::Interrupted(raised.signal))
        }
        (None, None) => Ok(Exit::Done),
    }
}

fn warn_of_the_way(at: SocketAddr, context: &Context) {
    if !at.ip().is_loopback() {
        context.ui().warn(format!(
            "{at} can be reached from other machines, without encryption: signatures are verified, but the stock can be read on the way"
        ));
    }
}

fn bind(address: IpAddr, port: u16) -> Result<TcpListener> {
    let at = SocketAddr::new(address, port);
    TcpListener::bind(at).map_err(|e| {
        let hint = match e.kind() {
            io::ErrorKind::AddrNotAvailable => {
                "--bind takes an address of this machine, such as 0.0.0.0 for all of them"
            }
            _ => "--port 0 takes a free one",
        };
        Error::usage(format!("can't listen on {at}"))
            .caused_by(e)
            .hinted(hint)
    })
}

/// What prints events that are new.
fn printer(below: Option<i64>, context: &Context) -> Result<Print> {
    let format = context.format();
    let fields = context.fields().cloned();
    let terminal = context.terminal();
    let mut out = io::stdout();
    if format == Format::Csv {
        let names: Vec<&str> = match &fields {
            Some(fields) => fields.names().collect(),
            None => EventRow::COLUMNS.iter().map(|column| column.name).collect(),
        };
        write(&mut out, &(names.join(",") + "\r\n"))?;
    }
    Ok(Box::new(move |events| {
        let mut text = String::new();
        for (arrival, told) in events {
            let low =
                |told: &&Told| below.is_none_or(|below| told.quantity.is_some_and(|q| q < below));
            let told: Vec<&Told> = told.iter().filter(low).collect();
            if told.is_empty() && below.is_some() {
                continue;
            }
            match format {
                Format::Json | Format::Jsonl => text += &document(arrival, fields.as_ref())?,
                Format::Csv => text += &csv(arrival, &told, fields.as_ref())?,
                Format::Table => text += &lines(arrival, &told, &terminal),
            }
        }
        write(&mut out, &text)
    }))
}

fn write(out: &mut io::Stdout, text: &str) -> Result<()> {
    let mut out = out.lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Error::unwritten)
}

/// The event as it came, on one line.
fn document(arrival: &Arrival, fields: Option<&Fields>) -> Result<String> {
    let unreadable = |e| Error::internal("can't read an event").caused_by(e);
    let event: Box<RawValue> = serde_json::from_str(&arrival.body).map_err(unreadable)?;
    let event = render::only(&event, fields)?;
    let mut line = Vec::new();
    render::json::write(&mut line, event.get(), false).map_err(Error::unwritten)?;
    line.push(b'\n');
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn shown<'a>(arrival: &'a Arrival, told: &'a Told) -> EventRow<'a> {
    let event = &arrival.event;
    EventRow {
        at: &event.timestamp,
        profile: &arrival.whose.profile,
        store_id: event.store_id,
        event_id: &event.event_id,
        event_topic: &event.event_topic,
        product_id: told.product,
        sku_id: told.sku,
        sku_code: told.sku_code.as_deref(),
        previous_quantity: told.previous,
        quantity: told.quantity,
        adjustment: told.adjustment,
        reason: told.reason.as_deref(),
    }
}

fn csv(arrival: &Arrival, told: &[&Told], fields: Option<&Fields>) -> Result<String> {
    let mut bytes = Vec::new();
    let piped = render::Terminal::piped();
    let records = Records::new(&mut bytes, Format::Csv, EventRow::COLUMNS, fields, &piped);
    // The header was written when the listener began.
    let mut records = records.headless();
    let nothing = Told::default();
    let rows = if told.is_empty() {
        &[&nothing][..]
    } else {
        told
    };
    for told in rows {
        records.add(&shown(arrival, told))?;
    }
    records.finish()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// For people: one line per variant.
fn lines(arrival: &Arrival, told: &[&Told], terminal: &render::Terminal) -> String {
    let at = match arrival.event.timestamp.parse::<UtcTime>() {
        Ok(at) if terminal.width.is_some() => at.local(&terminal.time_zone, CLOCK),
        Ok(at) => at.to_string(),
        Err(_) => arrival.event.timestamp.clone(),
    };
    let head = format!("{at}  {}", arrival.whose.profile);
    if told.is_empty() {
        return format!(
            "{}\n",
            clean(&format!("{head}  {}", arrival.event.event_topic))
        );
    }
    let line = |told: &&Told| {
        let name = match (&told.sku_code, told.sku) {
            (Some(code), _) => code.clone(),
            (None, Some(sku)) => format!("sku {sku}"),
            (None, None) => "?".to_owned(),
        };
        let mut line = format!("{head}  {name}  ");
        if let Some(previous) = told.previous {
            line += &format!("{previous} -> ");
        }
        line += &told
            .quantity
            .map_or_else(|| "?".to_owned(), |quantity| quantity.to_string());
        if let Some(adjustment) = told.adjustment {
            line += &format!(" ({adjustment:+})");
        }
        if let Some(reason) = &told.reason {
            line += &format!("  {reason}");
        }
        format!("{}\n", clean(&line))
    };
    told.iter().map(line).collect()
}
