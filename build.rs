//! Compiles the few lines of C that come before Rust's runtime: they see standard streams before it mends them, and say how
//! memory is kept.

use std::env::{var, var_os};

fn main() {
    starts_at_a_fixed_address();
    let first = ["src/stdio/closed.c", "src/heap.c"];
    for file in first {
        println!("cargo::rerun-if-changed={file}");
    }
    if var_os("CARGO_CFG_UNIX").is_some() {
        cc::Build::new()
            .files(first)
            // Nothing calls it, and it is needed all the same.
            .link_lib_modifier("+whole-archive")
            .compile("first");
    }
}

/// What is built for the tests is linked to stand at a fixed address, where the linker is known to do that: they start it
/// some thousand times, and to move it elsewhere is a tenth of what a start costs. What is released stays movable.
fn starts_at_a_fixed_address() {
    let is = |name: &str, value: &str| var(name).is_ok_and(|of_target| of_target == value);
    if is("PROFILE", "debug")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
    {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
