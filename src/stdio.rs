//! Standard output, and whether anything can be written to it.

use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;

/// Standard output. To write to one that was closed from the start, or opened for reading, is an error; in the standard
/// library it succeeds, and everything is lost.
#[derive(Debug)]
pub struct Stdout(io::Stdout);

/// The standard output of this process.
pub fn stdout() -> Stdout {
    Stdout(io::stdout())
}

impl Stdout {
    /// Whether it shows on a terminal.
    pub fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        check_stdout()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        check_stdout()?;
        self.0.flush()
    }
}

/// An error where nothing can be written to standard output.
pub fn check_stdout() -> io::Result<()> {
    static WRITABLE: LazyLock<bool> = LazyLock::new(is_writable);
    match *WRITABLE {
        true => Ok(()),
        false => Err(io::Error::other("standard output is closed")),
    }
}

#[cfg(unix)]
fn is_writable() -> bool {
    use rustix::fs::{OFlags, fcntl_getfl};
    // One that was closed is open for reading by now: see `closed.c`.
    let flags = fcntl_getfl(io::stdout());
    flags.is_ok_and(|flags| flags & OFlags::RWMODE != OFlags::RDONLY)
}

#[cfg(not(unix))]
fn is_writable() -> bool {
    true
}
