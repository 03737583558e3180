//! Many slow requests at once, their answers in order: a bounded pool of scoped threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::threads;

/// How far the pool may run ahead of the answer that is next in order, in items per worker. Bounds the memory that
/// answers waiting for a slow one before them can take.
const AHEAD: usize = 4;

struct Pool<I: Iterator, R> {
    state: Mutex<State<I, R>>,
    changed: Condvar,
    /// How many threads there may be.
    workers: usize,
}

/// The threads that work.
struct Threads {
    started: usize,
    /// How many there may be: fewer than were asked for where the machine has no room.
    most: usize,
}

struct State<I, R> {
    items: I,
    /// Index of the next item to hand out.
    next: usize,
    /// Index of the answer that is next in order.
    due: usize,
    /// No more items, or nobody wants them.
    ended: bool,
    /// Items handed out and not answered yet.
    under_way: usize,
    answers: BTreeMap<usize, R>,
}

/// Does `work` for every item with up to `workers` threads and hands each answer to `each`, on the calling thread, in
/// the items' order. `each` ends it early by breaking; answers under way by then are dropped.
///
/// A panic in `work` is passed on to the caller. One worker alone is the calling thread.
pub fn side_by_side<T, R, B>(
    mut items: impl Iterator<Item = T> + Send,
    workers: usize,
    work: impl Fn(T) -> R + Sync,
    mut each: impl FnMut(R) -> ControlFlow<B>,
) -> Option<B>
where
    T: Send,
    R: Send,
{
    if workers <= 1 {
        return items.find_map(|item| each(work(item)).break_value());
    }
    let pool = Pool {
        state: Mutex::new(State {
            items,
            next: 0,
            due: 0,
            ended: false,
            under_way: 0,
            answers: BTreeMap::new(),
        }),
        changed: Condvar::new(),
        workers,
    };
    thread::scope(|scope| {
        let (pool, work) = (&pool, &work);
        // Ends the pool however the calling thread leaves: by an answer that breaks, or by a panic in `each`.
        let _end = End(pool);
        let mut threads = Threads {
            started: 0,
            most: pool.workers,
        };
        let mut start = || threads::begin_in(scope, move || while pool.work(work) {}).is_ok();
        loop {
            let answer = pool.next(&mut threads, &mut start, work)?;
            if let ControlFlow::Break(value) = each(answer) {
                return Some(value);
            }
        }
    })
}

impl<I: Iterator, R> Pool<I, R> {
    fn lock(&self) -> MutexGuard<'_, State<I, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<I, R>>) -> MutexGuard<'a, State<I, R>> {
        let waited = self.changed.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Does the next item; whether there was one.
    fn work(&self, work: &impl Fn(I::Item) -> R) -> bool {
        let Some((index, item)) = self.take() else {
            return false;
        };
        // Counts this item as no longer under way even if `work` panics: the caller must not wait for it.
        let mut answer = Answer {
            pool: self,
            index,
            value: None,
        };
        answer.value = Some(work(item));
        true
    }

    /// The next item and its index; none where there is none, or nobody wants it.
    fn take(&self) -> Option<(usize, I::Item)> {
        let mut state = self.lock();
        while !state.ended && state.next >= state.due + AHEAD * self.workers {
            state = self.wait(state);
        }
        if state.ended {
            return None;
        }
        let Some(item) = state.items.next() else {
            state.ended = true;
            self.changed.notify_all();
            return None;
        };
        let index = state.next;
        state.next += 1;
        state.under_way += 1;
        Some((index, item))
    }

    /// The answer that is next in order; none after the last. Threads are started as work for them turns up: a one-page
    /// list costs one thread. Where the machine has no room for any, the calling thread does the work.
    fn next(
        &self,
        threads: &mut Threads,
        start: &mut impl FnMut() -> bool,
        work: &impl Fn(I::Item) -> R,
    ) -> Option<R> {
        let mut state = self.lock();
        loop {
            let due = state.due;
            if let Some(answer) = state.answers.remove(&due) {
                state.due += 1;
                self.changed.notify_all();
                return Some(answer);
            }
            if state.ended && state.under_way == 0 {
                return None;
            }
            if threads.started < threads.most && !state.ended {
                drop(state);
                match start() {
                    true => threads.started += 1,
                    false => threads.most = threads.started,
                }
                state = self.lock();
            } else if threads.most == 0 {
                drop(state);
                self.work(work);
                state = self.lock();
            } else {
                state = self.wait(state);
            }
        }
    }
}

struct End<'a, I: Iterator, R>(&'a Pool<I, R>);

impl<I: Iterator, R> Drop for End<'_, I, R> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// An item that was handed out, and what became of it.
struct Answer<'a, I: Iterator, R> {
    pool: &'a Pool<I, R>,
    index: usize,
    value: Option<R>,
}

impl<I: Iterator, R> Drop for Answer<'_, I, R> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.under_way -= 1;
        match self.value.take() {
            Some(value) => {
                state.answers.insert(self.index, value);
            }
            None => state.ended = true,
        }
        self.pool.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, mpsc};

    use super::*;

    #[test]
    fn answers_come_in_order_whatever_the_threads_do() {
        for workers in [1, 2, 8] {
            let mut seen = Vec::new();
            let end = side_by_side(
                0..500u64,
                workers,
                |n| {
                    // The later of each pair tends to be done first.
                    if n % 2 == 0 {
                        thread::yield_now();
                    }
                    n * 2
                },
                |n| {
                    seen.push(n);
                    ControlFlow::<()>::Continue(())
                },
            );
            assert!(end.is_none());
            assert_eq!(seen, (0..500).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn they_really_run_at_once() {
        let together = Barrier::new(8);
        side_by_side(
            0..8,
            8,
            |_| {
                together.wait();
            },
            |()| ControlFlow::<()>::Continue(()),
        );
    }

    #[test]
    fn breaking_ends_the_work() {
        let done = AtomicUsize::new(0);
        let end = side_by_side(
            0..1_000_000,
            4,
            |n| {
                done.fetch_add(1, Ordering::Relaxed);
                n
            },
            |n| {
                if n == 10 {
                    ControlFlow::Break(n)
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert_eq!(end, Some(10));
        assert!(done.into_inner() < 1000);
    }

    #[test]
    fn a_slow_answer_holds_the_others_back() {
        let (release, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let handed_out = AtomicUsize::new(0);
        let mut release = Some(release);
        let items = (0..1000usize).inspect(|_| {
            // The bound is reached while item 0 still waits; then it may go on.
            if handed_out.fetch_add(1, Ordering::Relaxed) + 1 == AHEAD * 3 {
                drop(release.take());
            }
        });
        let most_ahead = AtomicUsize::new(0);
        let mut delivered = 0;
        side_by_side(
            items,
            3,
            |n| {
                if n == 0 {
                    let _ = held.lock().unwrap().recv();
                    most_ahead.store(handed_out.load(Ordering::Relaxed), Ordering::Relaxed);
                }
            },
            |()| {
                delivered += 1;
                ControlFlow::<()>::Continue(())
            },
        );
        assert_eq!(delivered, 1000);
        assert!(most_ahead.into_inner() <= AHEAD * 3);
    }

    #[test]
    fn without_room_for_a_thread_this_one_does_the_work() {
        for room in [0, 1] {
            let pool = Pool {
                state: Mutex::new(State {
                    items: 0..50,
                    next: 0,
                    due: 0,
                    ended: false,
                    under_way: 0,
                    answers: BTreeMap::new(),
                }),
                changed: Condvar::new(),
                workers: 4,
            };
            let mut threads = Threads {
                started: 0,
                most: 4,
            };
            let (pool, asked) = (&pool, AtomicUsize::new(0));
            let done = thread::scope(|scope| {
                let mut start = || {
                    let is_room = asked.fetch_add(1, Ordering::Relaxed) < room;
                    if is_room {
                        scope.spawn(move || while pool.work(&|n| n) {});
                    }
                    is_room
                };
                let mut answers = Vec::new();
                while let Some(answer) = pool.next(&mut threads, &mut start, &|n| n) {
                    answers.push(answer);
                }
                answers
            });
            assert_eq!(done, Vec::from_iter(0..50));
            // The one that there was no room for is not tried again.
            assert_eq!(asked.into_inner(), room + 1);
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_in_a_worker_is_passed_on() {
        side_by_side(
            0..100,
            4,
            |n| assert!(n != 50, "fifty"),
            |()| ControlFlow::<()>::Continue(()),
        );
    }
}
