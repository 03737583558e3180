//! Panics that end as errors: of a library over foreign bytes or a full disk, which are no bugs of ours, and in the end of
//! the program itself.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is expected: then it says nothing on stderr.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
    /// What the last of them said, and where.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs what may panic. The error is what the panic said, and where in the source it arose.
pub fn run<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| match CONTAINED.get() {
            true => SAID.set(said(info)),
            false => others(info),
        }));
    });
    let before = CONTAINED.replace(true);
    let ended = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(before);
    ended.map_err(|_| SAID.take())
}

fn said(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location().map(|at| format!(", {at}"));
    format!(
        "{}{}",
        text.unwrap_or("it says nothing"),
        place.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_says_what_and_where() {
        let said = run::<()>(|| panic!("index {} out of bounds", 7)).unwrap_err();
        assert!(
            said.starts_with("index 7 out of bounds, src/contained.rs:"),
            "{said}"
        );
        assert_eq!(run(|| 7), Ok(7));
    }

    #[test]
    fn one_within_another_leaves_the_outer_one_as_it_was() {
        let outer = run(|| {
            assert!(run::<()>(|| panic!("inner")).is_err());
            panic!("outer");
        });
        let outer: Result<(), String> = outer;
        assert!(outer.unwrap_err().starts_with("outer, "));
    }
}
