//! A library that panics over foreign bytes or a full disk is no bug of ours: it ends as an error like others.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is expected: then it says nothing on stderr.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs what may panic; `None` where it did.
pub fn run<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CONTAINED.get() {
                others(info);
            }
        }));
    });
    CONTAINED.set(true);
    let ended = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(false);
    ended.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_none() {
        assert_eq!(run::<()>(|| panic!("index out of bounds")), None);
        assert_eq!(run(|| 7), Some(7));
    }
}
