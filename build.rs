//! Compiles the few lines of C that see standard streams before Rust's runtime mends them.

fn main() {
    println!("cargo::rerun-if-changed=src/stdio/closed.c");
    if std::env::var_os("CARGO_CFG_UNIX").is_some() {
        cc::Build::new()
            .file("src/stdio/closed.c")
            // Nothing calls it, and it is needed all the same.
            .link_lib_modifier("+whole-archive")
            .compile("closed");
    }
}
