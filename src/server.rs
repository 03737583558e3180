//! An HTTP server on a thread of its own: what the sandbox and `listen` share.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How many connections are served at once.
const CONNECTIONS: usize = 1024;

/// How long a server that can't accept a connection waits: some handles come back when others end.
const OUT_OF_HANDLES: Duration = Duration::from_millis(20);

/// Tells a server that it is to stop; one whose other end is gone without a word says the same.
pub type Stopped = oneshot::Receiver<()>;

/// A running server. It stops when dropped.
pub struct Server {
    stop: Mutex<Option<oneshot::Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Starts a thread of this name with a runtime, which `run` is to end in.
    pub fn start(
        name: &str,
        run: impl FnOnce(Runtime, Stopped) + Send + 'static,
    ) -> io::Result<Server> {
        // One thread for all connections is plenty; what takes time runs on others.
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(runtime, stopped))?;
        Ok(Server {
            stop: Mutex::new(Some(stop)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Tells it to stop, and returns at once.
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

    /// Blocks until it has stopped.
    pub fn wait(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // A panic in it was told on stderr.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        self.wait();
    }
}

/// Serves connections until it is stopped, and returns what waits for those under way. A client has `patience` for the head
/// of a request. An error means that the socket can't be used.
pub async fn serve<S, B>(
    socket: std::net::TcpListener,
    patience: Duration,
    service: S,
    mut stopped: Stopped,
) -> io::Result<GracefulShutdown>
where
    S: HttpService<Incoming, ResBody = B> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    socket.set_nonblocking(true)?;
    let socket = TcpListener::from_std(socket)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, place) = tokio::select! {
            biased;
            _ = &mut stopped => return Ok(graceful),
            accepted = accept(&socket, &places) => accepted,
        };
        // An answer is one small write, and waiting to fill a packet would cost 40 ms.
        let _ = stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            // Ends with an error when the client goes away, or the service closes it.
            let _ = connection.await;
        });
    }
}

/// The next connection, and its place among those that are served.
async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // There always is one in the end: nobody closes them.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match socket.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(_) => tokio::time::sleep(OUT_OF_HANDLES).await,
        }
    }
}

/// A request's body; `None` where it is larger than `most` bytes. Of one that is too large, up to `discarded` bytes are taken
/// off the wire all the same, so that its sender gets to read why. An error where it was cut off.
pub async fn body(
    mut incoming: Incoming,
    most: usize,
    discarded: usize,
) -> hyper::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    let mut taken = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
        let Ok(bytes) = frame?.into_data() else {
            continue;
        };
        taken += bytes.len();
        if taken > discarded {
            break;
        }
        if taken <= most {
            body.extend_from_slice(&bytes);
        }
    }
    Ok((taken <= most).then_some(body))
}
