//! The sandbox: a local server with the same API, on a real socket and a real database.
//!
//! It answers as the API is documented (docs/api.md), and can be told to be slow, to limit and to go wrong. It runs on a
//! thread of its own with a runtime of its own, for the blocking client must not run inside one. It is served by
//! hyper alone: four routes need no framework, and closing a connection without an answer needs the connection.

mod access;
mod content;
pub mod deliver;
pub mod faults;
pub mod movements;
mod rate;
mod reply;
mod requests;
mod routes;
pub mod seed;
mod stock;
pub mod store;
mod validate;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::service::service_fn;

pub use deliver::WebhookTarget;
pub use rate::RateLimit;

use deliver::Deliveries;
use faults::{Dice, Faults};
use rate::Window;
use requests::Service;
use store::Store;

use crate::error::{Error, Result};
use crate::server::{self, Stopped};

/// An access token with both scopes.
pub use crate::credentials::SANDBOX_TOKEN as TOKEN;
/// An access token with `read:inventory` alone.
pub const READ_ONLY_TOKEN: &str = "sx_at_sandbox_readonly";
/// The client id, with both scopes.
pub const CLIENT_ID: &str = "sx_app_sandbox";
/// The client's secret.
pub const CLIENT_SECRET: &str = "sx_secret_sandbox";
/// The one store that the client is installed on.
pub const STORE_ID: i64 = 22;

/// How long requests under way have when the server stops.
const GRACE: Duration = Duration::from_millis(500);

/// How a server behaves. The default answers at once and always.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much later each request is answered.
    pub latency: Duration,
    /// How many requests are let in.
    pub rate_limit: Option<RateLimit>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Where `inventory.updated` events go.
    pub webhook: Option<WebhookTarget>,
}

/// A running server. It stops when dropped.
pub struct Server {
    url: String,
    server: server::Server,
    faults_made: Arc<AtomicU64>,
}

/// Serves the store on this listener. Errors are internal, but for a webhook address that may not be delivered to,
/// which is usage.
pub fn start(listener: TcpListener, store: Store, options: Options) -> Result<Server> {
    let failed = |e: std::io::Error| Error::internal("can't start the sandbox").caused_by(e);
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let deliveries = options.webhook.map(Deliveries::start).transpose()?;
    let faults_made = Arc::new(AtomicU64::new(0));
    let service = Arc::new(Service {
        store,
        latency: options.latency,
        window: options.rate_limit.map(Window::new),
        dice: Dice::new(options.faults),
        webhooks: deliveries.as_ref().and_then(Deliveries::queue),
        faults_made: Arc::clone(&faults_made),
    });
    let server = server::Server::start("sandbox", move |runtime, stopped| {
        // An error means that the listener can't be used, and so that there is nothing to serve.
        let _ = runtime.block_on(run(listener, service, stopped));
        runtime.shutdown_timeout(GRACE);
        // After the runtime, which holds the other ends of the queue.
        drop(deliveries);
    });
    Ok(Server {
        url,
        server: server.map_err(failed)?,
        faults_made,
    })
}

impl Server {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many faults it made so far.
    pub fn faults_made(&self) -> u64 {
        self.faults_made.load(Ordering::Relaxed)
    }

    /// Blocks until it has stopped.
    pub fn wait(&self) {
        self.server.wait();
    }

    /// Takes no more requests; those under way have half a second, webhooks that were never attempted two. Returns at
    /// once: [`Server::wait`] waits for the end.
    pub fn stop(&self) {
        self.server.stop();
    }
}

async fn run(
    listener: TcpListener,
    service: Arc<Service>,
    stopped: Stopped,
) -> std::io::Result<()> {
    let serve = service_fn(move |request| requests::serve(Arc::clone(&service), request));
    let under_way = server::serve(listener, requests::MOST_TIME, serve, stopped).await?;
    let _ = tokio::time::timeout(GRACE, under_way.shutdown()).await;
    Ok(())
}
