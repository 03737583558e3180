//! The built binary with a home of its own, against a sandbox of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sxinv::sandbox::store::Store;
use sxinv::sandbox::{self, Options, Server, TOKEN};

pub struct House {
    folder: tempfile::TempDir,
    url: String,
    server: Option<Server>,
}

impl House {
    /// A sandbox with so many products; the default shop where none are named.
    pub fn new(products: Option<u32>) -> House {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("shop.db")).unwrap();
        if products.is_some() {
            store.reset(products).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = sandbox::start(listener, store, Options::default()).unwrap();
        House {
            folder,
            url: server.url().to_owned(),
            server: Some(server),
        }
    }

    /// A home only; the server is somebody else's.
    pub fn at(url: &str) -> House {
        House {
            folder: tempfile::tempdir().unwrap(),
            url: url.to_owned(),
            server: None,
        }
    }

    pub fn url(&self) -> &str {
        self.server
            .as_ref()
            .map_or(&self.url, |server| server.url())
    }

    /// The sandbox's database.
    pub fn shop(&self) -> rusqlite::Connection {
        let shop = rusqlite::Connection::open(self.path("shop.db")).unwrap();
        shop.busy_timeout(std::time::Duration::from_secs(30))
            .unwrap();
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command, which finds nothing of whoever runs the tests.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sxinv"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("SXINV_STATE_DIR", self.path("state"))
            .env("SELORAX_TOKEN", TOKEN)
            .env("SELORAX_API_URL", self.url())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .args(args);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What it writes to stdout when all goes well.
    pub fn reads(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", errors(&output));
        text(&output)
    }
}

pub fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
