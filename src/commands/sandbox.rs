//! `sxinv sandbox`: the built-in shop that has the same API, as a server of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::path;
use crate::catalogue;
use crate::change::runs;
use crate::context::Context;
use crate::duration::parse_duration;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::memory::Memory;
use crate::profile::SANDBOX;
use crate::sandbox::faults::Faults;
use crate::sandbox::store::Store;
use crate::sandbox::{self, Options, RateLimit, WebhookTarget};
use crate::state::State;
use crate::words::counted;

/// What to do with the sandbox.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sxinv sandbox serve --port 4000                then: sxinv -p sandbox --api-url http://127.0.0.1:4000 list
  sxinv sandbox serve --latency 50ms --faults lost-answer=0.05
  sxinv sandbox reset --yes                      bring the shop back as it was
  sqlite3 \"$(sxinv sandbox path)\" 'select * from movements'")]
pub struct SandboxArgs {
    #[command(subcommand)]
    command: SandboxCommand,
}

#[derive(Subcommand, Debug)]
enum SandboxCommand {
    /// Serve the sandbox until interrupted; the first line of output says where
    Serve(Box<ServeArgs>),
    /// Bring the shop back as it was, or make one of another size
    Reset(ResetArgs),
    /// Print where the sandbox keeps its store
    Path,
}

#[derive(Args, Debug)]
struct ServeArgs {
    /// Port on loopback; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,

    /// Answer each request this much later, such as 50ms
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    latency: Option<Duration>,

    /// Refuse more requests than this with 429, such as 120/min
    #[arg(long, value_name = "N/UNIT")]
    rate_limit: Option<RateLimit>,

    /// Go wrong on purpose: kind=probability,… (lost-request, lost-answer, 500-before, 500-after, 503, 429, truncated, garbage, slow; writes-only or reads-only)
    #[arg(long, value_name = "KIND=P,…")]
    faults: Option<Faults>,

    /// Send inventory.updated webhooks there
    #[arg(long, value_name = "URL", requires = "webhook_secret")]
    webhook_url: Option<String>,

    /// Sign webhooks with this; the sandbox's own, not a store's secret
    #[arg(long, value_name = "SECRET", requires = "webhook_url")]
    webhook_secret: Option<String>,

    /// Keep the store in this file instead of the state folder
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct ResetArgs {
    /// With this many products
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    products: Option<u32>,

    /// Don't ask
    #[arg(short, long)]
    yes: bool,
}

/// Serves, resets, or says where.
pub fn run(args: &SandboxArgs, context: &Context) -> Result<Exit> {
    match &args.command {
        SandboxCommand::Serve(args) => serve(args, context),
        SandboxCommand::Reset(args) => reset(args, context),
        SandboxCommand::Path => {
            path::print(&context.sandbox_path()?, context)?;
            Ok(Exit::Done)
        }
    }
}

fn serve(args: &ServeArgs, context: &Context) -> Result<Exit> {
    let path = match &args.store {
        Some(path) => path.clone(),
        None => context.sandbox_path()?,
    };
    let store = Store::open(&path)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).map_err(|e| {
        Error::usage(format!("can't listen on port {}", args.port))
            .caused_by(e)
            .hinted("--port 0 takes a free one")
    })?;
    let webhook = args
        .webhook_url
        .clone()
        .zip(args.webhook_secret.clone())
        .map(|(url, secret)| WebhookTarget { url, secret });
    let options = Options {
        latency: args.latency.unwrap_or_default(),
        rate_limit: args.rate_limit.clone(),
        faults: args.faults.clone().unwrap_or_default(),
        webhook,
    };
    let server = sandbox::start(listener, store, options)?;
    // Before the line that tells others that it is there.
    context.ui().ends_by_signal();
    context.write(format!("listening on {}\n", server.url()).as_bytes())?;
    context.ui().note(format!(
        "the token is {}; Ctrl-C ends it. In another window: sxinv -p sandbox --api-url {} list",
        sandbox::TOKEN,
        server.url()
    ));
    server.wait();
    Ok(Exit::Done)
}

fn reset(args: &ResetArgs, context: &Context) -> Result<Exit> {
    let path = context.sandbox_path()?;
    if path.exists()
        && !args.yes
        && !context
            .ui()
            .confirm("Throw away the sandbox's shop and history, and make a new one?")?
    {
        return Err(Error::refused("not confirmed; the sandbox is as it was"));
    }
    // The new shop may look just as the catalogue remembers the old one, in every time and total; and what was written
    // to the old one says nothing about it.
    let folder = context.state_folder()?;
    let mut state = State::open_existing(&folder)?;
    let mut memory = Memory::open_existing(&folder)?;
    for key in [SANDBOX, "http://* profile sandbox"] {
        if let Some(state) = &mut state {
            runs::forget(state, key)?;
            catalogue::forget(state, key)?;
        }
        if let Some(memory) = &mut memory {
            memory.forget(key)?;
        }
    }
    Store::open(&path)?.reset(args.products)?;
    let products = args.products.unwrap_or(sandbox::seed::PRODUCTS);
    let products = counted(u64::from(products), "product");
    context
        .ui()
        .note(format!("the sandbox has {products} again, and no history"));
    Ok(Exit::Done)
}
