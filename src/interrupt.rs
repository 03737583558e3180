//! Signals. Before anything is written, Ctrl-C, SIGTERM and SIGHUP end the program; from then on the first one raises a
//! flag that everything that waits heeds, and a second one ends it at once; the same SIGTERM twice within a second is one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
#[cfg(unix)]
use signal_hook::iterator::Signals;
use signal_hook::{flag, low_level};

use crate::cleanup;
use crate::error::{Error, Result};
use crate::threads;

#[cfg(any(not(unix), test))]
mod polled;
#[cfg(not(unix))]
use polled::Signals;

/// A signal that was sent so long ago is told at last.
const BELATED: Duration = Duration::from_millis(200);

/// The same signal, sent to the process and to its group, as GNU `timeout` does: both are one. A Ctrl-C comes once, and twice is
/// a person's will.
const TOGETHER: Duration = Duration::from_secs(1);

/// A shared flag with a wake-up. Clones are the same flag.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    raised: Mutex<Option<Raised>>,
    changed: Condvar,
    /// The next signal ends the process at once.
    at_once: Arc<AtomicBool>,
    answer: Mutex<Answer>,
}

/// What the first signal does.
#[derive(Default)]
enum Answer {
    /// It ends the program.
    #[default]
    Leave,
    /// Ctrl-C is for the program that has the terminal meanwhile; the others end this one too.
    Child,
    /// As before, but for a Ctrl-C that was pressed while the other program still had the terminal: it may be told of only
    /// now.
    AfterChild(Instant),
    /// It raises the flag, and this is told. Which one that was, and when.
    Settle(Box<dyn Fn() + Send>, Option<(i32, Instant)>),
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

    /// From now on a signal puts back what [`cleanup`] knows of and calls `leave` with its number, on a thread of its own,
    /// to end the process. `goes_on` is called when the process goes on after it was stopped (Ctrl-Z). An error is internal.
    pub fn watch(
        &self,
        leave: impl Fn(i32) + Send + 'static,
        goes_on: impl Fn() + Send + 'static,
    ) -> Result<()> {
        let ending = ending();
        let at_once = &self.0.at_once;
        at_once.store(true, Ordering::SeqCst);
        for signal in &ending {
            // Also when the thread below can't: it may be waiting for a stderr that nobody reads. Before the thread is
            // told, for it may set the flag while the signal that it hears of is still being handled.
            flag::register_conditional_shutdown(*signal, 128 + signal, Arc::clone(at_once))
                .map_err(unregistered)?;
        }
        let mut signals = Signals::new(ending.iter().chain(quitting()).chain(going_on()))
            .map_err(unregistered)?;
        at_once.store(false, Ordering::SeqCst);
        fail_beyond_the_limit_of_a_file()?;
        let interrupt = self.clone();
        threads::begin("signals", move || {
            for signal in signals.forever() {
                if going_on().contains(&signal) {
                    goes_on();
                    continue;
                }
                if quitting().contains(&signal) {
                    cleanup::run();
                    // It was registered a moment ago, so that it is known and can't fail.
                    let _ = low_level::emulate_default_handler(signal);
                }
                interrupt.answer(signal, &leave);
            }
        })
        .map(drop)
    }

    fn answer(&self, signal: i32, leave: &dyn Fn(i32)) {
        // Held while leaving, so that nobody begins to write meanwhile.
        let mut answer = self.answers();
        match &mut *answer {
            Answer::Child if signal == SIGINT => {}
            Answer::AfterChild(ended) if signal == SIGINT && ended.elapsed() < BELATED => {}
            Answer::Leave | Answer::Child | Answer::AfterChild(_) => {
                cleanup::run();
                self.0.at_once.store(true, Ordering::SeqCst);
                leave(signal);
            }
            Answer::Settle(_, Some((first, at)))
                if *first == signal && signal != SIGINT && at.elapsed() < TOGETHER => {}
            // Two signals came before this thread looked.
            Answer::Settle(_, Some(_)) => low_level::exit(128 + signal),
            Answer::Settle(told, first) => {
                *first = Some((signal, Instant::now()));
                self.end_at_once_from_now_on(signal);
                self.raise(signal);
                told();
            }
        }
    }

    /// Another signal ends the process wherever it is; the same one that is sent twice does not count.
    fn end_at_once_from_now_on(&self, signal: i32) {
        let interrupt = self.clone();
        let arm = move || interrupt.0.at_once.store(true, Ordering::SeqCst);
        let late = arm.clone();
        let later = move || {
            thread::sleep(TOGETHER);
            late();
        };
        if signal == SIGINT || threads::begin("at once", later).is_err() {
            arm();
        }
    }

    /// From now on the first signal raises the flag, so that what is under way can be settled, and is told to `told`; a
    /// second one ends the process at once.
    pub fn settle_on_signals(&self, told: impl Fn() + Send + 'static) {
        *self.answers() = Answer::Settle(Box::new(told), None);
    }

    /// Until what it returns is dropped, Ctrl-C is for another program, which has the terminal. Only where a signal would
    /// simply end this one.
    pub fn leave_to_child(&self) -> Child<'_> {
        let mut answer = self.answers();
        if matches!(*answer, Answer::Leave | Answer::AfterChild(_)) {
            *answer = Answer::Child;
        }
        Child(self)
    }

    fn answers(&self) -> MutexGuard<'_, Answer> {
        self.0.answer.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Another program has the terminal.
pub struct Child<'a>(&'a Interrupt);

impl Drop for Child<'_> {
    fn drop(&mut self) {
        let mut answer = self.0.answers();
        if matches!(*answer, Answer::Child) {
            *answer = Answer::AfterChild(Instant::now());
        }
    }
}

/// The signals that end the program, but those that it was started to ignore: SIGHUP under `nohup`, SIGINT in the
/// background of a script.
#[cfg(unix)]
fn ending() -> Vec<i32> {
    let ignored = ignored();
    let all = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
    let heeded = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    all.into_iter().filter(heeded).collect()
}

#[cfg(not(unix))]
fn ending() -> Vec<i32> {
    vec![SIGINT, SIGTERM]
}

/// The set of signals that are ignored; none where the system does not tell.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .unwrap_or_default()
}

/// Signals that end a program as it stands, for whoever wants to look at its remains: all that is done is to put the
/// terminal and the files in order.
fn quitting() -> &'static [i32] {
    #[cfg(unix)]
    return &[signal_hook::consts::SIGQUIT];
    #[cfg(not(unix))]
    return &[];
}

/// The signal that a stopped program goes on with.
fn going_on() -> &'static [i32] {
    #[cfg(unix)]
    return &[signal_hook::consts::SIGCONT];
    #[cfg(not(unix))]
    return &[];
}

/// A file that grows beyond the limit set for this process (`ulimit -f`) is an error of that write, as on a full disk,
/// and not the end of the program.
#[cfg(unix)]
fn fail_beyond_the_limit_of_a_file() -> Result<()> {
    let heard = Arc::new(AtomicBool::new(false));
    flag::register(signal_hook::consts::SIGXFSZ, heard).map_err(unregistered)?;
    Ok(())
}

#[cfg(not(unix))]
fn fail_beyond_the_limit_of_a_file() -> Result<()> {
    Ok(())
}

fn unregistered(error: std::io::Error) -> Error {
    Error::internal("can't watch for signals").caused_by(error)
}
