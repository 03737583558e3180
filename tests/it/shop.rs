//! A shop of one's own for each test: a sandbox on a free port, a state folder, and the built binary that talks to it.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use sxinv::sandbox::store::Store;
use sxinv::sandbox::{self, Options};
use tempfile::TempDir;

use crate::pasted;

/// A folder for one test, and perhaps a server.
pub struct Shop {
    pub folder: TempDir,
    pub url: String,
    server: Option<sandbox::Server>,
    port: Option<TcpListener>,
}

impl Shop {
    /// The default shop, where nothing goes wrong.
    pub fn new() -> Shop {
        Shop::with(Options::default())
    }

    /// The default shop behind this server.
    pub fn with(options: Options) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let store = Store::open(&folder.path().join("shop.db")).unwrap();
        let port = listener.try_clone().unwrap();
        let server = sandbox::start(listener, store, options).unwrap();
        Shop {
            port: Some(port),
            url: server.url().to_owned(),
            folder,
            server: Some(server),
        }
    }

    /// The default shop with these faults.
    pub fn with_faults(faults: &str) -> Shop {
        Shop::with(Options {
            faults: faults.parse().unwrap(),
            ..Options::default()
        })
    }

    /// A server that the test wrote itself.
    pub fn at(url: &str) -> Shop {
        Shop {
            folder: tempfile::tempdir().unwrap(),
            url: url.to_owned(),
            server: None,
            port: None,
        }
    }

    /// Takes the server away and opens another one on the same port and store. The port is never let go of meanwhile.
    pub fn serve_again(&mut self, options: Options) {
        drop(self.server.take());
        let listener = self.port.as_ref().unwrap().try_clone().unwrap();
        self.server = Some(sandbox::start(listener, self.store(), options).unwrap());
    }

    pub fn store(&self) -> Store {
        Store::open(&self.folder.path().join("shop.db")).unwrap()
    }

    pub fn stock(&self, sku: i64) -> i64 {
        self.store().quantity(sku).unwrap().unwrap()
    }

    /// Somebody else, of whom our ledger knows nothing, moves the stock of a variant.
    pub fn moves(&self, sku: i64, by: i64) {
        let other = Shop::at(&self.url);
        other
            .run(&["adjust", &format!("id:{sku}"), &by.to_string()])
            .ends(0);
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A file in the test's folder.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// The binary with an environment of its own and the sandbox's credentials.
    pub fn command<S: AsRef<str>>(&self, words: &[S]) -> Command {
        let mut command = self.bare(&["-p", "sandbox", "--api-url", &self.url]);
        command.args(words.iter().map(AsRef::as_ref));
        command
    }

    /// The binary with an environment of its own and no credentials.
    pub fn bare<S: AsRef<str>>(&self, words: &[S]) -> Command {
        let mut command = bare(self.folder.path());
        command
            .env("SXINV_STATE_DIR", self.state())
            .args(words.iter().map(AsRef::as_ref));
        command
    }

    /// Runs the binary to its end.
    pub fn run<S: AsRef<str>>(&self, words: &[S]) -> Ran {
        Ran::of(self.command(words).output().unwrap())
    }

    /// Runs the binary with this on its standard input.
    pub fn run_with<S: AsRef<str>>(&self, words: &[S], input: &[u8]) -> Ran {
        let mut child = self
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(input);
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Starts the binary with its output in pipes.
    pub fn start<S: AsRef<str>>(&self, words: &[S]) -> Child {
        self.command(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// The binary in an empty environment whose home is `home`.
pub fn bare(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sxinv"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TZ", "UTC")
        .env("COLUMNS", "80")
        .env("SXINV_PAGER", "")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// How a run of the binary ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; 128 and the signal's number where one ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Ran {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        #[cfg(not(unix))]
        let signal: Option<i32> = None;
        let code = output.status.code();
        let stderr = String::from_utf8(output.stderr).unwrap();
        pasted::check(&stderr);
        Ran {
            code: code.or(signal.map(|signal| 128 + signal)).unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr,
        }
    }

    /// Fails the test unless it ended so.
    #[track_caller]
    pub fn ends(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// The JSON error on stderr.
    #[track_caller]
    pub fn error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        let document: Value =
            serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self:#?}"));
        document["error"].clone()
    }

    /// Fails the test unless stderr says this.
    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        assert!(self.stderr.contains(text), "no `{text}` in {self:#?}");
        self
    }
}

/// Imports a file without asking; the results come as JSON.
pub fn import(shop: &Shop, name: &str, text: &str, more: &[&str]) -> Ran {
    let file = shop.file(name, text);
    let words = [
        &["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"],
        more,
    ]
    .concat();
    shop.run(&words)
}

/// The run that a bulk command says it was.
pub fn run_of(ran: &Ran) -> String {
    ran.json()["run"].as_str().unwrap().to_owned()
}

/// Product and sku of variants, as a list shows them.
pub fn variants(listed: &Value) -> Vec<(i64, i64)> {
    let number = |value: &Value| value.as_i64().unwrap();
    let rows = listed.as_array().unwrap().iter();
    rows.map(|row| (number(&row["product_id"]), number(&row["sku_id"])))
        .collect()
}
