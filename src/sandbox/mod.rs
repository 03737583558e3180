//! The sandbox: a local server with the same API, on a real socket and a real database.
//!
//! It answers as the API is documented (docs/api.md), and can be told to be slow, to limit and to go wrong. It runs on a
//! thread of its own with a runtime of its own, for the blocking client must not run inside one. It is served by
//! hyper alone: four routes need no framework, and closing a connection without an answer needs the connection.
//!
//! - [`store`], [`seed`], `stock`, [`movements`]: the file, the shop in it, what the endpoints do to it, and a record of that
//! - `routes`, `access`, `validate`, `reply`: a request becomes an answer
//! - `requests`, [`faults`], `rate`, `content`: what happens to both on the way
//! - [`deliver`] sends the webhooks

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
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::oneshot;

pub use deliver::WebhookTarget;
pub use rate::RateLimit;

use deliver::Deliveries;
use faults::{Dice, Faults};
use rate::Window;
use requests::Service;
use store::Store;

use crate::error::{Error, Result};

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
    stop: Mutex<Option<oneshot::Sender<()>>>,
    thread: Option<JoinHandle<()>>,
    ended: Arc<Ended>,
    faults_made: Arc<AtomicU64>,
}

/// Serves the store on this listener. Errors are internal, but for a webhook address that may not be delivered to,
/// which is usage.
pub fn start(listener: TcpListener, store: Store, options: Options) -> Result<Server> {
    let failed = |e: std::io::Error| Error::internal("can't start the sandbox").caused_by(e);
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    listener.set_nonblocking(true).map_err(failed)?;
    // One thread for all connections is plenty; what takes time runs on others.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(failed)?;
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
    let (stop, stopped) = oneshot::channel();
    let ended = Arc::new(Ended::default());
    let at_end = EndGuard(Arc::clone(&ended));
    let thread = thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || {
            // Dropped last, and by a panic too, so that nobody waits for ever.
            let _at_end = at_end;
            // An error means that the listener can't be used, and so that there is nothing to serve.
            let _ = runtime.block_on(run(listener, service, stopped));
            runtime.shutdown_timeout(GRACE);
            // After the runtime, which holds the other ends of the queue.
            drop(deliveries);
        })
        .map_err(failed)?;
    Ok(Server {
        url,
        stop: Mutex::new(Some(stop)),
        thread: Some(thread),
        ended,
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
        let mut over = self
            .ended
            .over
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while !*over {
            over = self
                .ended
                .told
                .wait(over)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more requests; those under way have half a second, webhooks that were never attempted two. Returns at
    /// once: [`Server::wait`] waits for the end.
    pub fn stop(&self) {
        let stop = self
            .stop
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(stop) = stop {
            // It may have ended by itself.
            let _ = stop.send(());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Default)]
struct Ended {
    over: Mutex<bool>,
    told: Condvar,
}

struct EndGuard(Arc<Ended>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        *self.0.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.told.notify_all();
    }
}

async fn run(
    listener: TcpListener,
    service: Arc<Service>,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let graceful = Arc::new(GracefulShutdown::new());
    let accepting = tokio::spawn(accept(listener, service, Arc::clone(&graceful)));
    // A sender that is gone without a word means the same.
    let _ = stopped.await;
    accepting.abort();
    let _ = accepting.await;
    // The other owner has ended just now.
    if let Some(graceful) = Arc::into_inner(graceful) {
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    }
    Ok(())
}

async fn accept(
    listener: tokio::net::TcpListener,
    service: Arc<Service>,
    graceful: Arc<GracefulShutdown>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, mostly: some come back when connections end.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        // An answer is one small write, and waiting to fill a packet would cost 40 ms.
        let _ = stream.set_nodelay(true);
        let service = Arc::clone(&service);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new());
        http.header_read_timeout(requests::MOST_TIME);
        let connection = http.serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| requests::serve(Arc::clone(&service), request)),
        );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Ends with an error when a fault closes it, or the client goes away.
            let _ = connection.await;
        });
    }
}
