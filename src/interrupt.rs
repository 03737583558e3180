//! The one flag that says "stop": set by Ctrl-C, SIGTERM and SIGHUP, heeded by everything that waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::error::{Error, Result};

#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// A shared flag with a wake-up. Clones are the same flag.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    raised: Mutex<Option<Raised>>,
    changed: Condvar,
    /// The next signal ends the process at once.
    at_once: Arc<AtomicBool>,
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

    /// From now on a signal ends the process at once, with 128 and its number as the exit code (the contract: exit
    /// codes). No thread is started. An error is internal.
    pub fn exit_on_signals(&self) -> Result<()> {
        self.0.at_once.store(true, Ordering::SeqCst);
        for signal in SIGNALS {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&self.0.at_once))
                .map_err(unregistered)?;
        }
        Ok(())
    }

    /// From now on the first signal raises the flag, so that what is under way can be settled, and is told to `told`; a
    /// second one ends the process at once. An error is internal.
    pub fn settle_on_signals(&self, told: impl Fn() + Send + 'static) -> Result<()> {
        // The thread first: between the two, a signal must do one or the other.
        let mut signals = Signals::new(SIGNALS).map_err(unregistered)?;
        for signal in SIGNALS {
            // Runs after the conditional shutdown, which therefore sees the second signal alone.
            flag::register(signal, Arc::clone(&self.0.at_once)).map_err(unregistered)?;
        }
        let interrupt = self.clone();
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                for signal in signals.forever() {
                    interrupt.raise(signal);
                    told();
                }
            })
            .map_err(unregistered)?;
        self.0.at_once.store(false, Ordering::SeqCst);
        Ok(())
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

fn unregistered(error: std::io::Error) -> Error {
    Error::internal("can't watch for signals").caused_by(error)
}
