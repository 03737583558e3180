//! Large answers, a few at a time: many workers that each hold one would need the memory of all of them together.
//!
//! Whoever holds one keeps it until it is done with it. The oldest of all requests never waits: where answers are taken
//! in the order of their requests, all the others may wait for it.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::interrupt::Interrupt;

/// An answer is large from this many bytes on. A page of 250 products has some 50,000.
pub const LARGE: usize = 512 << 10;

/// How many are held at a time, the oldest request's among them.
const MOST: usize = 4;

/// Nobody waits longer: whoever takes an answer may ask for another one before it is done with it, and memory is not worth
/// a program that stands still.
const LONGEST: Duration = Duration::from_secs(60);

/// How often one who waits looks whether the program was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// Lets a few large answers be read at a time.
#[derive(Default)]
pub struct Large {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    next: u64,
    /// Requests that are not done with.
    places: BTreeSet<u64>,
    /// Large answers that are held.
    held: usize,
}

/// The place of a request among the others, until its answer is done with.
pub struct Place<'a> {
    large: &'a Large,
    number: u64,
    holds: bool,
}

impl Large {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place behind all there are.
    pub fn place(&self) -> Place<'_> {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.places.insert(number);
        Place {
            large: self,
            number,
            holds: false,
        }
    }
}

impl Place<'_> {
    /// Waits until one more large answer may be held, a minute at most. After an interrupt nobody waits: what is under way then is
    /// settled at once.
    pub fn hold(&mut self, interrupt: &Interrupt) {
        let asked = Instant::now();
        let mut state = self.large.lock();
        while !self.holds && interrupt.raised().is_none() {
            let first = state.places.first() == Some(&self.number);
            if state.held < MOST - 1 || first || asked.elapsed() > LONGEST {
                state.held += 1;
                self.holds = true;
                return;
            }
            let changed = &self.large.changed;
            (state, _) = changed
                .wait_timeout(state, LOOK)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The answer is gone; the place stays.
    pub fn let_go(&mut self) {
        if self.holds {
            self.holds = false;
            self.large.lock().held -= 1;
            self.large.changed.notify_all();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.let_go();
        self.large.lock().places.remove(&self.number);
        self.large.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn a_few_are_held_at_a_time_and_the_oldest_never_waits() {
        let (large, interrupt) = (Large::default(), Interrupt::new());
        let mut places: Vec<Place<'_>> = (0..MOST + 2).map(|_| large.place()).collect();
        let mut last = places.pop().unwrap();
        for place in &mut places[1..MOST] {
            place.hold(&interrupt);
        }
        assert_eq!(large.lock().held, MOST - 1);
        let (done, order) = mpsc::channel();
        thread::scope(|scope| {
            let (interrupt, at_last) = (&interrupt, done.clone());
            scope.spawn(move || {
                last.hold(interrupt);
                at_last.send("last").unwrap();
            });
            // Whatever the others hold.
            places[0].hold(interrupt);
            assert_eq!(large.lock().held, MOST);
            done.send("first").unwrap();
            // The next one is the oldest then, and holds already: one is free again only with two less.
            drop(places.drain(..2));
        });
        assert_eq!(order.iter().take(2).collect::<Vec<_>>(), ["first", "last"]);
        drop(places);
        let state = large.lock();
        assert_eq!((state.held, state.places.len()), (0, 0));
    }

    #[test]
    fn after_an_interrupt_nobody_waits() {
        let (large, interrupt) = (Large::default(), Interrupt::new());
        let mut places: Vec<Place<'_>> = (0..MOST + 2).map(|_| large.place()).collect();
        for place in &mut places[1..MOST] {
            place.hold(&interrupt);
        }
        interrupt.raise(2);
        let last = places.last_mut().unwrap();
        last.hold(&interrupt);
        last.let_go();
        assert_eq!(large.lock().held, MOST - 1);
    }
}
