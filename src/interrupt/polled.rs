//! Signals where the system has no way to wait for them: looked for twenty times a second. Built for Windows, and never
//! run there so far.

use std::io;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::flag;

const EVERY: Duration = Duration::from_millis(50);

/// The last signal that came and was not taken yet; 0 for none.
pub struct Signals(Arc<AtomicUsize>);

impl Signals {
    /// Hears of these from now on.
    pub fn new<'a>(signals: impl IntoIterator<Item = &'a i32>) -> io::Result<Signals> {
        let came = Arc::new(AtomicUsize::new(0));
        for signal in signals {
            flag::register_usize(*signal, Arc::clone(&came), *signal as usize)?;
        }
        Ok(Signals(came))
    }

    /// Each as it comes, without end.
    pub fn forever(&mut self) -> impl Iterator<Item = i32> {
        iter::from_fn(|| {
            loop {
                match self.0.swap(0, Ordering::SeqCst) {
                    0 => thread::sleep(EVERY),
                    signal => return Some(signal as i32),
                }
            }
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use signal_hook::consts::{SIGUSR1, SIGUSR2};
    use signal_hook::low_level::raise;

    use super::*;

    #[test]
    fn each_signal_is_heard_as_it_comes() {
        let mut signals = Signals::new(&[SIGUSR1, SIGUSR2]).unwrap();
        for signal in [SIGUSR2, SIGUSR1, SIGUSR1] {
            raise(signal).unwrap();
            assert_eq!(signals.forever().next(), Some(signal));
        }
    }
}
