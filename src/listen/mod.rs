//! The receiver of webhooks: a small HTTP server on a thread of its own. TLS is left to a reverse proxy.

mod deliveries;
mod hand_over;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;

pub use hand_over::{Exec, Forward};

use crate::error::{Error, Result};
use crate::memory::keeper::Keeper;
use crate::server::{self, Server, Stopped};
use crate::settings::Subscription;
use deliveries::Reception;
use hand_over::HandOvers;

/// How long a sender may take to say what it wants, and again for its body: SeloraX gives up after as long.
const PATIENCE: Duration = Duration::from_secs(15);

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
    server: Server,
    keeper: Keeper,
}

/// Takes webhooks on this socket until it is told to stop.
pub fn start(socket: TcpListener, keeper: Keeper, options: Options) -> Result<Listener> {
    let Some(way) = keeper.way() else {
        return Err(Error::internal("the keeper of events has ended"));
    };
    let hand_overs = HandOvers::new(options.exec, options.forward, Arc::clone(&options.warn))?;
    let reception = Arc::new(Reception {
        subscriptions: options.subscriptions,
        keeper: way,
        hand_overs: Arc::new(hand_overs),
        untaken: Default::default(),
        warn: options.warn,
    });
    let server = Server::start("listen", move |runtime, stopped| {
        // An error means that the socket can't be used, and so that there is nothing to take.
        let _ = runtime.block_on(run(socket, reception, stopped));
    });
    Ok(Listener {
        server: server.map_err(|e| Error::internal("can't start the listener").caused_by(e))?,
        keeper,
    })
}

impl Listener {
    /// Takes nothing more, and returns when everything under way is done and on disk. Why it ended before, where it did.
    pub fn stop(self) -> Option<Error> {
        drop(self.server);
        self.keeper.finish()
    }
}

async fn run(
    socket: TcpListener,
    reception: Arc<Reception>,
    stopped: Stopped,
) -> std::io::Result<()> {
    let hand_overs = Arc::clone(&reception.hand_overs);
    let service = service_fn(move |request| deliveries::serve(Arc::clone(&reception), request));
    let under_way = server::serve(socket, PATIENCE, service, stopped).await?;
    under_way.shutdown().await;
    hand_overs.done().await;
    Ok(())
}
