//! Compiles the few lines of C that see standard streams before Rust's runtime mends them.

use std::env::{var, var_os};

fn main() {
    starts_at_a_fixed_address();
    println!("cargo::rerun-if-changed=src/stdio/closed.c");
    if var_os("CARGO_CFG_UNIX").is_some() {
        cc::Build::new()
            .file("src/stdio/closed.c")
            // Nothing calls it, and it is needed all the same.
            .link_lib_modifier("+whole-archive")
            .compile("closed");
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
