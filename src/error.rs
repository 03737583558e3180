//! What can go wrong, told apart by what its reader has to do about it, and the one table from kind to exit code.

use std::fmt;
use std::sync::Arc;

/// The kinds of failure that scripts can tell apart. Their names and exit codes never change
/// (docs/commands.md: Exit codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A bug, or this machine's disk or files failed.
    Internal,
    /// The command line or the CSV is wrong; nothing was sent.
    Usage,
    /// No credentials, or 401/403.
    Auth,
    /// No such product, variant or SKU code.
    NotFound,
    /// The API or a guard refused the change; nothing was changed.
    Refused,
    /// Network, 429 or 5xx after all retries; nothing was changed.
    Unavailable,
    /// A bulk run ended with rows not applied.
    Partial,
    /// At least one write may or may not have happened.
    UnknownOutcome,
    /// Stopped by a signal (its number), after in-flight writes were settled.
    Interrupted(i32),
}

impl Kind {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Internal => 1,
            Kind::Usage => 2,
            Kind::Auth => 3,
            Kind::NotFound => 4,
            Kind::Refused => 5,
            Kind::Unavailable => 6,
            Kind::Partial => 7,
            Kind::UnknownOutcome => 8,
            Kind::Interrupted(signal) => u8::try_from(128 + signal).unwrap_or(130),
        }
    }

    /// The kind of that name; what is no name is internal.
    pub fn named(name: &str) -> Kind {
        [
            Kind::Usage,
            Kind::Auth,
            Kind::NotFound,
            Kind::Refused,
            Kind::Unavailable,
            Kind::Partial,
            Kind::UnknownOutcome,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
        .unwrap_or(Kind::Internal)
    }

    /// The name in JSON errors.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Internal => "internal",
            Kind::Usage => "usage",
            Kind::Auth => "auth",
            Kind::NotFound => "not_found",
            Kind::Refused => "refused",
            Kind::Unavailable => "unavailable",
            Kind::Partial => "partial",
            Kind::UnknownOutcome => "unknown_outcome",
            Kind::Interrupted(_) => "interrupted",
        }
    }
}

/// One fault of an input file, where it stands and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The cell of a workbook, such as `Stock!C7`; `None` in other files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Line in the file, from 1; a quoted cell with line breaks counts from the line its row starts on.
    /// `None` where the fault is the file's as a whole.
    pub line: Option<u64>,
    /// The header of the column, as the file writes it.
    pub column: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl Fault {
    /// What is wrong with a line as a whole.
    pub fn of_line(line: u32, message: String) -> Fault {
        Fault {
            cell: None,
            line: Some(line.into()),
            column: None,
            message,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self
            .cell
            .clone()
            .or(self.line.map(|line| format!("line {line}")))
        {
            f.write_str(&place)?;
            if let Some(column) = &self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        } else if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// A failure on its way to `main`: what happened, and what to do about it.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

/// Behind a pointer, so that results stay small.
#[derive(Clone, Debug)]
struct Parts {
    kind: Kind,
    message: String,
    hint: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    faults: Vec<Fault>,
    source: Option<Arc<anyhow::Error>>,
    closed_pipe: bool,
}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is said of output whose name is not known.
const UNWRITTEN: &str = "can't write the output";

impl Error {
    /// A failure of this kind; `message` names the thing and starts in lower case.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error(Box::new(Parts {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            code: None,
            faults: Vec::new(),
            source: None,
            closed_pipe: false,
        }))
    }

    /// Output that could not be written. A reader that went away (`| head`) is told apart: it ends a command quietly.
    pub fn unwritten(error: std::io::Error) -> Error {
        let closed_pipe = error.kind() == std::io::ErrorKind::BrokenPipe;
        let mut error = Error::internal(UNWRITTEN).caused_by(error);
        error.0.closed_pipe = closed_pipe;
        error
    }

    /// The same error where it is about output that could not be written: about this file.
    pub fn of_output(self, path: &std::path::Path) -> Error {
        match self.0.message == UNWRITTEN {
            true => self.reworded(format!("can't write {}", path.display())),
            false => self,
        }
    }

    /// Whether this is nothing but a reader that went away.
    pub fn is_closed_pipe(&self) -> bool {
        self.0.closed_pipe
    }

    /// The command line, or a file it names, is wrong.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, message)
    }

    /// This machine failed: its disk, its files, its clock.
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(Kind::Internal, message)
    }

    /// A guard of this program refused the change.
    pub fn refused(message: impl Into<String>) -> Error {
        Error::new(Kind::Refused, message)
    }

    /// Adds what to do next.
    pub fn hinted(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds something else to do, on a line of its own below what there is to do already.
    pub fn also_hinted(self, more: impl Into<String>) -> Error {
        let more = more.into();
        let hint = match self.hint() {
            Some(hint) => format!("{hint}\n{more}"),
            None => more,
        };
        self.hinted(hint)
    }

    /// The same failure, said to be about this file.
    pub fn of_file(self, name: impl fmt::Display) -> Error {
        let message = format!("{name}: {}", self.message());
        self.reworded(message)
    }

    /// Adds the HTTP status that the server answered with.
    pub fn with_status(mut self, status: u16) -> Error {
        self.0.status = Some(status);
        self
    }

    /// Adds the API's own error code.
    pub fn with_code(mut self, code: Option<String>) -> Error {
        self.0.code = code;
        self
    }

    /// Adds the faults found in an input file.
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Error {
        self.0.faults = faults;
        self
    }

    /// Adds what lies beneath.
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Error {
        self.0.source = Some(Arc::new(source.into()));
        self
    }

    /// The same failure under another message, keeping kind, status, code and hint.
    pub fn reworded(mut self, message: impl Into<String>) -> Error {
        self.0.message = message.into();
        self
    }

    /// Which kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message alone, without causes or hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The HTTP status, where the server answered.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The API's own error code, where it sent one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The same failure with what `change` makes of each of its faults.
    pub fn with_each_fault(mut self, change: impl FnMut(&mut Fault)) -> Error {
        self.0.faults.iter_mut().for_each(change);
        self
    }

    /// The faults found in an input file.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// The message with everything beneath it, in one line.
    pub fn full_message(&self) -> String {
        match &self.0.source {
            None => self.0.message.clone(),
            Some(source) => format!("{}: {source:#}", self.0.message),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full_message())
    }
}

impl std::error::Error for Error {}

/// Failures of files and databases carry their context with `anyhow` and end as internal errors.
impl From<anyhow::Error> for Error {
    fn from(source: anyhow::Error) -> Error {
        match source.downcast::<Error>() {
            Ok(error) => error,
            Err(source) => Error::new(Kind::Internal, format!("{source:#}")),
        }
    }
}
