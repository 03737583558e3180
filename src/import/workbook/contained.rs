//! A workbook that makes its reader panic is a broken workbook, and no fault of ours: it ends as an error like others.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::broken;
use crate::error::Result;

thread_local! {
    /// Whether this thread reads a workbook: then a panic says nothing on stderr.
    static READS: Cell<bool> = const { Cell::new(false) };
}

/// Runs what reads foreign bytes.
pub(super) fn run<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !READS.get() {
                others(info);
            }
        }));
    });
    READS.set(true);
    let ended = panic::catch_unwind(AssertUnwindSafe(read));
    READS.set(false);
    ended.unwrap_or_else(|_| Err(broken("it can't be read")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let error = run::<()>(|| panic!("index out of bounds")).unwrap_err();
        assert_eq!(error.message(), "the workbook is broken: it can't be read");
        assert_eq!(run(|| Ok(7)).unwrap(), 7);
    }
}
