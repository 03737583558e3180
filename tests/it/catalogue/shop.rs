//! A shop with the built binary in front of it, and every request between them seen.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use sxinv::sandbox::{self, store::Store};
use tempfile::TempDir;

use super::edits::Edits;
use crate::scripted::{Answer, Request, Server};

/// Done right before a request is passed on.
pub type Hook = Box<dyn FnMut(&Request) -> Pass + Send>;

/// What becomes of a request.
pub enum Pass {
    On,
    Never,
}

/// A shop with the built binary in front of it, and every request between them seen.
pub struct Shop {
    pub folder: TempDir,
    pub store: Store,
    pub between: Server,
    hook: Arc<Mutex<Option<Hook>>>,
    _server: sandbox::Server,
}

impl Shop {
    pub fn of(products: u32) -> Shop {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("shop.db")).unwrap();
        store.reset(Some(products)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = sandbox::start(listener, store.clone(), sandbox::Options::default()).unwrap();
        let hook: Arc<Mutex<Option<Hook>>> = Arc::default();
        let (url, hooked) = (server.url().to_owned(), Arc::clone(&hook));
        // Fails only where it is done already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::blocking::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        let between = Server::start(move |_, request| {
            if let Some(hook) = &mut *hooked.lock().unwrap()
                && matches!(hook(request), Pass::Never)
            {
                return Answer::Silence;
            }
            let method = request.method.parse().unwrap();
            let passed = http
                .request(method, format!("{url}{}", request.target))
                .header("authorization", request.header("authorization").unwrap())
                .header("content-type", "application/json")
                .body(request.body.clone())
                .send()
                .unwrap();
            let status = passed.status().as_u16();
            let kind = vec!["content-type: application/json".to_owned()];
            Answer::Reply(status, kind, passed.bytes().unwrap().to_vec())
        });
        Shop {
            folder,
            store,
            between,
            hook,
            _server: server,
        }
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = clean_command(&self.folder);
        command.args(["-p", "sandbox", "--api-url", &self.between.url]);
        command.args(words);
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{words:?}: {}",
            stderr(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn fails(&self, code: i32, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{words:?}: {}",
            stderr(&output)
        );
        stderr(&output)
    }

    /// The requests since so many, each by its kind.
    pub fn since(&self, before: usize) -> Vec<&'static str> {
        self.between.requests()[before..].iter().map(kind).collect()
    }

    pub fn seen(&self) -> usize {
        self.between.requests().len()
    }

    pub fn hook(&self, hook: impl FnMut(&Request) -> Pass + Send + 'static) {
        *self.hook.lock().unwrap() = Some(Box::new(hook));
    }

    pub fn unhook(&self) {
        *self.hook.lock().unwrap() = None;
    }

    pub fn edits(&self) -> Edits {
        Edits::of(&self.folder.path().join("shop.db"))
    }

    /// How many products the state database knows.
    pub fn known(&self) -> i64 {
        let state = Connection::open(self.folder.path().join("state/state.db")).unwrap();
        state
            .query_row("SELECT count(*) FROM products", [], |row| row.get(0))
            .unwrap_or(0)
    }
}

pub fn clean_command(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sxinv"));
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("SXINV_STATE_DIR", folder.path().join("state"))
        .stdin(Stdio::null());
    command
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn kind(request: &Request) -> &'static str {
    match (request.method.as_str(), request.target.contains('?')) {
        ("GET", true) => "list",
        ("GET", false) => "product",
        _ => "write",
    }
}
