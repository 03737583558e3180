//! The receiver of webhooks: a small HTTP server on a thread of its own. TLS is left to a reverse proxy.
//!
//! - `deliveries`: a request becomes an answer: its size, its signature, what it is
//! - `hand_over`: events on their way to a command or another server
//! - [`crate::memory::keeper`] puts them on disk before they are answered

mod deliveries;
mod hand_over;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::{Semaphore, oneshot};

pub use hand_over::{Exec, Forward};

use crate::error::{Error, Result};
use crate::memory::keeper::Keeper;
use crate::settings::Subscription;
use deliveries::Reception;
use hand_over::HandOvers;

/// How many connections are served at once.
const CONNECTIONS: usize = 1024;

/// How long a sender may take to say what it wants, and again for its body: SeloraX gives up after as long.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a listener that can't accept a connection waits: some handles come back when others end.
const OUT_OF_HANDLES: Duration = Duration::from_millis(20);

/// What a listener does with events.
pub struct Options {
    /// The stores.
    pub subscriptions: Vec<Subscription>,
    /// A command that gets each event.
    pub exec: Option<Exec>,
    /// A server that gets each event.
    pub forward: Option<Forward>,
    /// Told, on any thread, of what its user should know: refused deliveries, hand-overs that failed.
    pub warn: Arc<dyn Fn(&str) + Send + Sync>,
}

/// A running listener.
pub struct Listener {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    keeper: Keeper,
}

/// Takes webhooks on this socket until it is told to stop.
pub fn start(socket: TcpListener, keeper: Keeper, options: Options) -> Result<Listener> {
    let failed = |e: std::io::Error| Error::internal("can't start the listener").caused_by(e);
    socket.set_nonblocking(true).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let Some(way) = keeper.way() else {
        return Err(Error::internal("the keeper of events has ended"));
    };
    let hand_overs = HandOvers::new(options.exec, options.forward, Arc::clone(&options.warn))?;
    let reception = Arc::new(Reception {
        subscriptions: options.subscriptions,
        keeper: way,
        hand_overs: Arc::new(hand_overs),
        untaken: AtomicU64::new(0),
        warn: options.warn,
    });
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("listen".to_owned())
        .spawn(move || {
            // An error means that the socket can't be used, and so that there is nothing to take.
            let _ = runtime.block_on(run(socket, reception, stopped));
        })
        .map_err(failed)?;
    Ok(Listener {
        stop: Some(stop),
        thread: Some(thread),
        keeper,
    })
}

impl Listener {
    /// Takes nothing more, and returns when everything under way is done and on disk. Why it ended before, where it did.
    pub fn stop(mut self) -> Option<Error> {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.keeper.finish()
    }
}

async fn run(
    socket: TcpListener,
    reception: Arc<Reception>,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    let socket = tokio::net::TcpListener::from_std(socket)?;
    let graceful = Arc::new(GracefulShutdown::new());
    let hand_overs = Arc::clone(&reception.hand_overs);
    let accepting = tokio::spawn(accept(socket, reception, Arc::clone(&graceful)));
    // A sender that is gone without a word means the same.
    let _ = stopped.await;
    accepting.abort();
    let _ = accepting.await;
    // The other owner has ended just now.
    if let Some(graceful) = Arc::into_inner(graceful) {
        graceful.shutdown().await;
    }
    hand_overs.done().await;
    Ok(())
}

async fn accept(
    socket: tokio::net::TcpListener,
    reception: Arc<Reception>,
    graceful: Arc<GracefulShutdown>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = socket.accept().await else {
            tokio::time::sleep(OUT_OF_HANDLES).await;
            continue;
        };
        // An answer is one small write, and waiting to fill a packet would cost 40 ms.
        let _ = stream.set_nodelay(true);
        let reception = Arc::clone(&reception);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(
                TokioIo::new(stream),
                service_fn(move |request| deliveries::serve(Arc::clone(&reception), request)),
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            // Ends with an error when the sender goes away.
            let _ = connection.await;
        });
    }
}
