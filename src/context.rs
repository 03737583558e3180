//! What a command is handed: settings, the way to the user, and, made when first asked for, the connection to the
//! store and the state. A command that works offline never touches credentials.

mod again;

use std::cell::OnceCell;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::api::{self, Client, Event};
use crate::catalogue::Catalogue;
use crate::color;
use crate::credentials::Credentials;
use crate::error::{Error, Kind, Result};
use crate::format::Format;
use crate::interrupt::Interrupt;
use crate::pager::Pager;
use crate::render::{self, Column, Fields, Records, Terminal};
use crate::sandbox;
use crate::settings::{Address, Connection, Settings};
use crate::state::State;
use crate::stdio::{self, Stdout};
use crate::time;
use crate::ui::{Manner, Ui};

/// Everything that a command needs and does not own.
pub struct Context {
    settings: Settings,
    fields: Option<Fields>,
    ui: Ui,
    terminal: Terminal,
    interrupt: Interrupt,
    connection: OnceCell<Connection>,
    // The server goes after the client that talks to it.
    client: OnceCell<Client>,
    sandbox: OnceCell<sandbox::Server>,
    told_of_state: OnceCell<()>,
}

impl Context {
    /// Looks at what stdout and stderr are; nothing else is done yet. `pages`: long tables may go through a pager. An error is
    /// usage: `--fields` names none, or the pager is no command.
    pub fn new(settings: Settings, interrupt: Interrupt, pages: bool) -> Result<Context> {
        let fields = settings.fields.as_deref().map(Fields::parse).transpose()?;
        let stdout = io::stdout().is_terminal();
        let attended = stdout && !settings.unattended && !settings.no_pager;
        let pager = match pages && attended {
            true => {
                let rows = usize::from(console::Term::stdout().size().0);
                Pager::of(|name| std::env::var_os(name), rows, interrupt.clone())?
            }
            false => None,
        };
        let terminal = Terminal {
            pager,
            width: stdout.then(columns),
            color: color::shows(&io::stdout()),
            time_zone: if stdout { time::zone() } else { TimeZone::UTC },
        };
        let ui = Ui::new(Manner {
            quiet: settings.quiet,
            verbose: settings.verbose,
            unattended: settings.unattended,
            ..Manner::of_errors(settings.output.value)
        });
        Ok(Context {
            settings,
            fields,
            ui,
            terminal,
            interrupt,
            connection: OnceCell::new(),
            client: OnceCell::new(),
            sandbox: OnceCell::new(),
            told_of_state: OnceCell::new(),
        })
    }

    /// The settings that no file is read for, and the way to the others.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The way to the user.
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// The flag that says "stop".
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// How results are written.
    pub fn format(&self) -> Format {
        self.settings.output.value
    }

    /// Which fields, where the user said so.
    pub fn fields(&self) -> Option<&Fields> {
        self.fields.as_ref()
    }

    /// What stdout is, and how wide now: windows change while a question stands.
    pub fn terminal(&self) -> Terminal {
        Terminal {
            width: self.terminal.width.map(|_| columns()),
            ..self.terminal.clone()
        }
    }

    /// Where results go.
    pub fn stdout(&self) -> Stdout {
        match self.terminal.width {
            Some(_) => {
                let ui = self.ui.clone();
                stdio::stdout().beside(move |write| ui.beside(write))
            }
            None => stdio::stdout(),
        }
    }

    /// Rows on their way to stdout, in the format and with the fields that were asked for.
    pub fn records<'a>(&self, columns: &'a [Column]) -> Result<Records<'a, Stdout>> {
        Ok(Records::new(
            self.stdout(),
            self.format(),
            columns,
            self.fields(),
            &self.terminal(),
        ))
    }

    /// Writes these rows to stdout, in the format and with the fields that were asked for, and says how many there were.
    pub fn rows(
        &self,
        columns: &[Column],
        rows: impl IntoIterator<Item = impl Serialize>,
    ) -> Result<usize> {
        let mut records = self.records(columns)?;
        for row in rows {
            records.add(&row)?;
        }
        records.finish()
    }

    /// Writes one document to stdout; with `fields`, those of it alone. For people it is laid out; as one of several lines it
    /// is one, also on a terminal.
    pub fn document(&self, document: &impl Serialize, fields: Option<&Fields>) -> Result<()> {
        let document = render::raw(document)?;
        let laid_out = self.terminal.width.is_some() && self.format() == Format::Json;
        render::document(self.stdout(), &document, fields, laid_out)
    }

    /// An error, usage, when `--fields` names what these results don't have: before anything is done.
    pub fn check_fields(&self, columns: &[Column]) -> Result<()> {
        self.fields().map_or(Ok(()), |fields| fields.check(columns))
    }

    /// Writes to stdout as it is.
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        let mut stdout = self.stdout();
        stdout
            .write_all(bytes)
            .and_then(|()| stdout.flush())
            .map_err(Error::unwritten)
    }

    /// What stands below a table, on stderr.
    pub fn footer(&self, text: impl AsRef<str>) {
        if self.format() == Format::Table {
            self.ui.note(self.in_place(text.as_ref()));
        }
    }

    /// Which store, and how to get in.
    pub fn connection(&self) -> Result<&Connection> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        let connection = self.settings.connection()?;
        if let Some(note) = &connection.note {
            self.ui.note(note);
        }
        Ok(self.connection.get_or_init(|| connection))
    }

    /// An error as it is told. One about credentials names those that it is about, and commands in its hint mean the store
    /// that was typed.
    pub fn explained(&self, error: Error) -> Error {
        let error = match self.about_credentials(&error) {
            Some(message) => error.reworded(message),
            None => error,
        };
        match error.hint().map(|hint| self.in_place(hint)) {
            Some(hint) => error.hinted(hint),
            None => error,
        }
    }

    /// The message of an error about credentials, with where they came from.
    pub fn about_credentials(&self, error: &Error) -> Option<String> {
        let from = self.connection.get()?.credentials_from();
        let is_it = error.kind() == Kind::Auth && matches!(error.status(), Some(401 | 403));
        is_it.then(|| format!("{} (credentials from {from})", error.message()))
    }

    /// The connection to the store. The sandbox is started where it is the store.
    pub fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let connection = self.connection()?;
        let base = match &connection.address.value {
            Address::Server(url) => url.clone(),
            Address::Sandbox => self.start_sandbox()?,
        };
        let read_only = connection
            .read_only
            .then(|| format!("profile {} is read-only", connection.profile));
        let client = self.client_at(base, &connection.credentials, read_only)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// A connection with credentials that no profile has yet.
    pub fn client_for(&self, credentials: &Credentials) -> Result<Client> {
        self.client_at(self.settings.server()?, credentials, None)
    }

    fn client_at(
        &self,
        base: String,
        credentials: &Credentials,
        read_only: Option<String>,
    ) -> Result<Client> {
        let ui = self.ui.clone();
        let proxy = api::Proxy::of(&base, &|name| std::env::var_os(name))?;
        Client::new(api::Options {
            proxy,
            base,
            headers: credentials.headers()?,
            timeout: self.settings.timeout.value,
            retries: self.settings.retries.value,
            read_only,
            interrupt: self.interrupt.clone(),
            watch: Some(Box::new(move |event| tell(&ui, event))),
        })
    }

    fn start_sandbox(&self) -> Result<String> {
        let store = sandbox::store::Store::open(&self.sandbox_path()?)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .map_err(|e| Error::internal("can't open a port for the sandbox").caused_by(e))?;
        let server = sandbox::start(listener, store, sandbox::Options::default())?;
        Ok(self.sandbox.get_or_init(|| server).url().to_owned())
    }

    /// The folder of the ledger and everything else that is kept. One that depends on the working directory is told: the
    /// guard and the locks of one know nothing of the other.
    pub fn state_folder(&self) -> Result<PathBuf> {
        let folder = self.settings.state_folder()?.value;
        if let Some(variable) = self.settings.relative_state() {
            self.told_of_state.get_or_init(|| {
                self.ui.warn(format!(
                    "{variable} is a relative path: the ledger is in {} here, and another one where sxinv is started in another folder",
                    folder.display()
                ));
            });
        }
        Ok(folder)
    }

    /// Where the sandbox keeps its store.
    pub fn sandbox_path(&self) -> Result<PathBuf> {
        Ok(self.state_folder()?.join("sandbox.db"))
    }

    /// The state database, opened anew: one connection for each who asks.
    pub fn state(&self) -> Result<State> {
        State::open(&self.state_folder()?)
    }

    /// The state database for the draft of a run. Where it can't be used and nothing is going to be written, one that is
    /// forgotten afterwards.
    pub fn draft_state(&self, only_reads: bool) -> Result<State> {
        match self.state() {
            Err(_) if only_reads => State::in_memory(),
            state => state,
        }
    }

    /// The catalogue of the store. Where the state database can't be used and nothing is going to be written, the
    /// whole store is read into one that is forgotten afterwards; a write needs the ledger in any case.
    pub fn catalogue(&self, only_reads: bool) -> Result<Catalogue> {
        let store = self.connection()?.store();
        let kept = self.state().and_then(|state| Catalogue::open(state, store));
        match kept {
            Err(e) if only_reads => {
                self.ui.note(format!(
                    "the whole store is read for this look-up: {}",
                    e.full_message()
                ));
                Catalogue::open(State::in_memory()?, store)
            }
            kept => kept,
        }
    }
}

/// Shows what happens on the wire.
fn tell(ui: &Ui, event: &Event<'_>) {
    match event {
        Event::Attempt {
            method,
            target,
            outcome,
            took,
        } => {
            let outcome: &dyn Display = match outcome {
                Ok(status) => status,
                Err(trouble) => trouble,
            };
            ui.goes_on();
            ui.detail(format!(
                "{method} {target} -> {outcome} ({} ms)",
                took.as_millis()
            ));
        }
        Event::Held(wait) => ui.held(*wait),
        Event::Again(wait) => ui.tries_again(*wait),
    }
}

/// Columns of the terminal that stdout is.
fn columns() -> u16 {
    console::Term::stdout().size().1.max(20)
}
