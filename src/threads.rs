//! Threads, on machines that may have no room for one more: a container or a cron job has limits.

use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use crate::error::{Error, Result};

/// Begins a thread. An error is internal: the machine has no room for it.
pub fn begin<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    let begun = Builder::new().name(name.to_owned()).spawn(work);
    begun.map_err(no_room)
}

/// The same for one that ends within a scope.
pub fn begin_in<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().spawn_scoped(scope, work).map_err(no_room)
}

fn no_room(error: io::Error) -> Error {
    Error::internal("this machine has no room for another thread")
        .caused_by(error)
        .hinted("its memory is full, or this user may have no more processes: ulimit -u")
}
