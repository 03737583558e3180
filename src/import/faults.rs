//! The faults of a file, collected until all of it was read.

use crate::error::{Error, Fault};

/// How many faults are kept; further ones are counted. A file that is wrong throughout must not fill the memory.
const KEPT: usize = 1_000;

/// Faults found so far.
#[derive(Default)]
pub(super) struct Faults {
    kept: Vec<Fault>,
    count: u64,
    /// What can be done about them, each once.
    hints: Vec<String>,
}

impl Faults {
    /// `column` is the header as the file writes it.
    pub(super) fn add(&mut self, line: u32, column: Option<&str>, message: impl Into<String>) {
        self.count += 1;
        if self.has_room() {
            self.kept.push(Fault {
                cell: None,
                line: Some(u64::from(line)),
                column: column.map(str::to_owned),
                message: message.into(),
            });
        }
    }

    /// Says in which cell of a spreadsheet the last one is.
    pub(super) fn in_cell(&mut self, cell: String) {
        if let Some(last) = self.kept.last_mut().filter(|_| self.count <= KEPT as u64) {
            last.cell = Some(cell);
        }
    }

    /// Says what can be done about one of them.
    pub(super) fn hint(&mut self, hint: impl Into<String>) {
        let hint = hint.into();
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether one more would be kept.
    pub(super) fn has_room(&self) -> bool {
        self.kept.len() < KEPT
    }

    /// Takes in faults that another look at the same rows found, in their places.
    pub(super) fn merge(&mut self, other: Faults) {
        self.count += other.count;
        self.kept.extend(other.kept);
        self.kept.sort_by_key(|fault| fault.line);
        self.kept.truncate(KEPT);
        other.hints.into_iter().for_each(|hint| self.hint(hint));
    }

    /// The usage error that carries them.
    pub(super) fn into_error(self) -> Error {
        let message = match self.count {
            1 => "the file has a fault".to_owned(),
            many => format!("the file has {many} faults"),
        };
        let error = Error::usage(message).with_faults(self.kept);
        match &self.hints[..] {
            [] => error,
            hints => error.hinted(hints.join("\n")),
        }
    }
}
