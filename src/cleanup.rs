//! What has to be put back when the program ends early: a terminal without echo, a file half written, a command that
//! still runs. A signal ends the process from another thread, where nothing that the main thread owns is dropped.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

type Undo = Box<dyn Fn() + Send>;

static TO_DO: Mutex<BTreeMap<u64, Undo>> = Mutex::new(BTreeMap::new());

/// Something that is put back if the program ends while this is alive. Dropping it puts nothing back: whoever owns the
/// thing does that.
#[must_use]
pub struct Cleanup(u64);

/// Puts this back should the program end early. It must not wait for anything.
pub fn on_exit(undo: impl Fn() + Send + 'static) -> Cleanup {
    let mut to_do = TO_DO.lock().unwrap_or_else(PoisonError::into_inner);
    let number = to_do.last_key_value().map_or(0, |(last, _)| last + 1);
    to_do.insert(number, Box::new(undo));
    Cleanup(number)
}

/// Puts everything back, the last thing first.
pub fn run() {
    let to_do = TO_DO.lock().unwrap_or_else(PoisonError::into_inner);
    for undo in to_do.values().rev() {
        undo();
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        let mut to_do = TO_DO.lock().unwrap_or_else(PoisonError::into_inner);
        to_do.remove(&self.0);
    }
}
