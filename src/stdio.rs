//! Standard output, and whether anything can be written to it.

use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;

/// Standard output. To write to one that was closed from the start, or opened for reading, is an error; in the standard
/// library it succeeds, and everything is lost.
pub struct Stdout {
    out: io::Stdout,
    /// Makes room where something else shows on the same terminal.
    aside: Option<Aside>,
}

/// Calls what writes, which says whether a line has ended, and makes room for it.
type Aside = Box<dyn Fn(&mut dyn FnMut() -> bool) + Send + Sync>;

/// The standard output of this process.
pub fn stdout() -> Stdout {
    Stdout {
        out: io::stdout(),
        aside: None,
    }
}

impl Stdout {
    /// Whether it shows on a terminal.
    pub fn is_terminal(&self) -> bool {
        self.out.is_terminal()
    }

    /// The same, where something else shows on the same terminal, and makes room for each write. What writes says whether a
    /// line has ended.
    pub fn beside(
        self,
        aside: impl Fn(&mut dyn FnMut() -> bool) + Send + Sync + 'static,
    ) -> Stdout {
        Stdout {
            aside: Some(Box::new(aside)),
            ..self
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        check_stdout()?;
        let Some(aside) = &self.aside else {
            return self.out.write(bytes);
        };
        let mut written = Ok(0);
        aside(&mut || {
            written = self.out.write(bytes);
            let last = written.as_ref().ok();
            let last = last.and_then(|n| bytes.get(n.checked_sub(1)?));
            last.is_none_or(|last| *last == b'\n')
        });
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        check_stdout()?;
        self.out.flush()
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
