//! Large answers, one at a time: many workers that each hold one would need the memory of all of them together.
//!
//! The oldest request goes first: whoever waits for answers in their order takes them as they come, and they don't pile
//! up.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::interrupt::Interrupt;

/// An answer is large from this many bytes on. A page of 250 products has some 50,000.
pub const LARGE: usize = 512 << 10;

/// How often one who waits looks whether the program was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// Lets one large answer after another be read.
#[derive(Default)]
pub struct Large {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    next: u64,
    waiting: BTreeSet<u64>,
    taken: bool,
}

/// The right to hold a large answer; given back when dropped.
pub struct Lease<'a>(&'a Large);

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.0.lock().taken = false;
        self.0.changed.notify_all();
    }
}

impl Large {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place in the order of requests, taken before it is known whether the answer is large.
    pub fn place(&self) -> u64 {
        let mut state = self.lock();
        state.next += 1;
        state.next
    }

    /// Waits until no other large answer is held and no older request waits. `None` after an interrupt: what is under way
    /// then is settled at once.
    pub fn enter(&self, place: u64, interrupt: &Interrupt) -> Option<Lease<'_>> {
        let mut state = self.lock();
        state.waiting.insert(place);
        let lease = loop {
            if interrupt.raised().is_some() {
                break None;
            }
            if !state.taken && state.waiting.first() == Some(&place) {
                state.taken = true;
                break Some(Lease(self));
            }
            (state, _) = self
                .changed
                .wait_timeout(state, LOOK)
                .unwrap_or_else(PoisonError::into_inner);
        };
        state.waiting.remove(&place);
        lease
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn the_oldest_request_goes_first_and_one_at_a_time() {
        let (large, interrupt) = (Large::default(), Interrupt::new());
        let places = [large.place(), large.place(), large.place(), large.place()];
        let first = large.enter(places[0], &interrupt).unwrap();
        let (done, order) = mpsc::channel();
        thread::scope(|scope| {
            for place in [places[3], places[1], places[2]] {
                let (large, interrupt, done) = (&large, &interrupt, done.clone());
                scope.spawn(move || {
                    let lease = large.enter(place, interrupt).unwrap();
                    assert!(large.lock().taken);
                    done.send(place).unwrap();
                    drop(lease);
                });
            }
            while large.lock().waiting.len() < 3 {
                thread::yield_now();
            }
            drop(first);
        });
        assert_eq!(order.iter().take(3).collect::<Vec<_>>(), places[1..]);
        let _held = large.enter(large.place(), &interrupt).unwrap();
        interrupt.raise(2);
        assert!(large.enter(large.place(), &interrupt).is_none());
    }
}
