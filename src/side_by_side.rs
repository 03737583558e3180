//! Many slow requests at once, their answers in order: a bounded pool of scoped threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// How far the pool may run ahead of the answer that is next in order, in items a worker. Bounds the memory that
/// answers waiting for a slow one before them can take.
const AHEAD: usize = 4;

struct Shared<I, R> {
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
/// A panic in `work` is passed on to the caller.
pub fn side_by_side<T, R, B>(
    items: impl Iterator<Item = T> + Send,
    workers: usize,
    work: impl Fn(T) -> R + Sync,
    mut each: impl FnMut(R) -> ControlFlow<B>,
) -> Option<B>
where
    T: Send,
    R: Send,
{
    let workers = workers.max(1);
    let shared = Mutex::new(Shared {
        items,
        next: 0,
        due: 0,
        ended: false,
        under_way: 0,
        answers: BTreeMap::new(),
    });
    let changed = Condvar::new();
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);

    thread::scope(|scope| {
        let (lock, changed, work) = (&lock, &changed, &work);
        // Ends the pool however the calling thread leaves: by an answer that breaks, or by a panic in `each`.
        let _end = OnDrop(|| {
            lock().ended = true;
            changed.notify_all();
        });
        let worker = move || {
            loop {
                let (index, item) = {
                    let mut state = lock();
                    loop {
                        if state.ended {
                            return;
                        }
                        if state.next < state.due + AHEAD * workers {
                            break;
                        }
                        state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    }
                    let Some(item) = state.items.next() else {
                        state.ended = true;
                        changed.notify_all();
                        return;
                    };
                    let index = state.next;
                    state.next += 1;
                    state.under_way += 1;
                    (index, item)
                };
                // Counts this item as no longer under way even if `work` panics: the caller must not wait for it.
                let mut answer = Answer {
                    index,
                    value: None,
                    deliver: |index, value: Option<R>| {
                        let mut state = lock();
                        state.under_way -= 1;
                        if let Some(value) = value {
                            state.answers.insert(index, value);
                        } else {
                            state.ended = true;
                        }
                        changed.notify_all();
                    },
                };
                answer.value = Some(work(item));
            }
        };
        // Threads are started as work for them turns up: a one-page list costs one thread.
        let mut started = 0;
        loop {
            let answer = {
                let mut state = lock();
                loop {
                    let due = state.due;
                    if let Some(answer) = state.answers.remove(&due) {
                        state.due += 1;
                        changed.notify_all();
                        break Some(answer);
                    }
                    if state.ended && state.under_way == 0 {
                        break None;
                    }
                    if started < workers && !state.ended {
                        drop(state);
                        scope.spawn(worker);
                        started += 1;
                        state = lock();
                        continue;
                    }
                    state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            };
            let answer = answer?;
            if let ControlFlow::Break(value) = each(answer) {
                return Some(value);
            }
        }
    })
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

struct Answer<R, F: FnMut(usize, Option<R>)> {
    index: usize,
    value: Option<R>,
    deliver: F,
}

impl<R, F: FnMut(usize, Option<R>)> Drop for Answer<R, F> {
    fn drop(&mut self) {
        (self.deliver)(self.index, self.value.take());
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
