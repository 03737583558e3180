//! How a command ends when nothing goes wrong.

use crate::error::Kind;

/// How a command ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Status 0.
    Done,
    /// Status 9: something was found, with `--exit-code`.
    Listed,
    /// This signal ended a command that is meant to be ended by one.
    Interrupted(i32),
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Listed => 9,
            Exit::Interrupted(signal) => Kind::Interrupted(signal).exit_code(),
        }
    }
}
