//! The one flag that says "stop": set by Ctrl-C and SIGTERM, heeded by everything that waits.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A shared flag with a wake-up. Clones are the same flag.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    raised: Mutex<Option<Raised>>,
    changed: Condvar,
}

/// Which signal stopped the program, and when.
#[derive(Clone, Copy, Debug)]
pub struct Raised {
    /// The signal's number.
    pub signal: i32,
    /// When it came.
    pub at: Instant,
}

impl Interrupt {
    /// A flag that nobody has raised.
    pub fn new() -> Interrupt {
        Interrupt::default()
    }

    /// Raises the flag and wakes everybody who waits. The first signal stands.
    pub fn raise(&self, signal: i32) {
        let mut raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.get_or_insert(Raised {
            signal,
            at: Instant::now(),
        });
        self.0.changed.notify_all();
    }

    /// The signal, if one came.
    pub fn raised(&self) -> Option<Raised> {
        *self.0.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits this long; less, and `true`, when the flag is or gets raised.
    pub fn wait(&self, how_long: Duration) -> bool {
        let raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let (raised, _) = self
            .0
            .changed
            .wait_timeout_while(raised, how_long, |raised| raised.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        raised.is_some()
    }
}
