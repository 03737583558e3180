//! A user's home with the files and programs in it that the documentation uses, and a store at the address that profiles
//! have.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::page::root;
use crate::screen::{self, Screen};
use crate::shop::{Ran, Shop};

pub struct Home {
    pub shop: Shop,
    servers: Vec<Child>,
    /// Where the last server that a page started listens.
    url: Option<String>,
}

impl Home {
    /// The sandbox is the default profile, but for who reads the README, which does that.
    pub fn of(page: &str) -> Home {
        let home = Home {
            shop: Shop::new(),
            servers: Vec::new(),
            url: None,
        };
        let work = home.work();
        for folder in ["examples", "restock"] {
            fs::create_dir_all(work.join(folder)).unwrap();
        }
        for file in fs::read_dir(root("examples")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), work.join("examples").join(file.file_name())).unwrap();
        }
        for folder in [&work, &work.join("restock")] {
            fs::copy(root("examples/restock.csv"), folder.join("restock.csv")).unwrap();
            fs::copy(root("examples/nightly.sh"), folder.join("nightly.sh")).unwrap();
        }
        fs::copy(root("examples/levels.csv"), work.join("levels.csv")).unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        home.program("pass", "echo sx_at_sandbox");
        home.program("mail", "{ echo \"$@\"; cat; } >> mailed");
        let sxinv = home.path().join("bin/sxinv");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sxinv"), sxinv).unwrap();
        if page != "README.md" {
            home.shell("sxinv -q profile use sandbox").ends(0);
        }
        home
    }

    /// Puts a program where the shell finds it.
    pub fn program(&self, name: &str, text: &str) {
        let path = self.path().join("bin").join(name);
        // Never through a link into what it names.
        let _ = fs::remove_file(&path);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    }

    fn path(&self) -> &Path {
        self.shop.folder.path()
    }

    /// Where commands are run.
    pub fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    fn environment(&self, command: &mut Command) {
        let tools = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .current_dir(self.work())
            .env(
                "PATH",
                format!("{}:{tools}", self.path().join("bin").display()),
            )
            .env("HOME", self.path().join("home"))
            .env("SXINV_STATE_DIR", self.path().join("state"))
            .env("TZ", "UTC")
            .env("TERM", "xterm-256color")
            .env("SXINV_PAGER", "")
            .env("NO_COLOR", "1")
            // What would be production is this test's own store.
            .env("SELORAX_API_URL", &self.shop.url);
    }

    /// How a command ends at a terminal of 80 columns, and what is seen there.
    pub fn terminal(&self, command: &str) -> (i32, Vec<String>) {
        let screen = self.screen(command);
        let home = self.path().join("home");
        let home = home.to_string_lossy();
        let lines = screen.lines().into_iter();
        let lines = lines.map(|line| line.replace(&*home, "/home/amina"));
        (screen.code, lines.collect())
    }

    /// A terminal of 80 columns after a command.
    pub fn screen(&self, command: &str) -> Screen {
        screen::run(command, 80, 500, |shell| self.environment(shell))
    }

    /// A command in a shell, without a terminal.
    pub fn command(&self, command: &str) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command]).stdin(Stdio::null());
        self.environment(&mut shell);
        shell
    }

    pub fn shell(&self, command: &str) -> Ran {
        Ran::of(self.command(command).output().unwrap())
    }

    /// A command of which no output is shown; nothing is done where its tool is not on this machine.
    pub fn quietly(&mut self, command: &str) {
        if command.starts_with("sxinv sandbox serve") {
            return self.serve(command);
        }
        let mut done = command.to_owned();
        if command.starts_with("sxinv listen") {
            // The port may be another's: the command line is read, and nothing done.
            let listen = command.split(" | ").next().unwrap_or_default();
            done = format!("{listen} --help");
        }
        if let (Some(url), Some(at)) = (&self.url, done.find("http://127.0.0.1:")) {
            let end = done[at..].find(' ').map_or(done.len(), |n| at + n);
            done.replace_range(at..end, url);
        }
        for tool in ["jq", "sqlite3"] {
            if self.shell(&format!("command -v {tool}")).code != 0 {
                done = without(&done, tool);
            }
        }
        let ran = self.shell(&done);
        assert_eq!(ran.code, 0, "`{command}`, run as `{done}`: {ran:#?}");
    }

    /// Starts `sandbox serve`; the address is the first thing that it says.
    fn serve(&mut self, command: &str) {
        let mut server = self
            .command(&format!("exec {command}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(server.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap();
        self.url = Some(url.to_owned());
        self.servers.push(server);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// A command for a machine without this tool: what stands before the pipe to it, or nothing.
fn without(command: &str, tool: &str) -> String {
    match command.split_once(&format!(" | {tool} ")) {
        Some((before, _)) => before.to_owned(),
        None if command.starts_with(tool) => "true".to_owned(),
        None => command.to_owned(),
    }
}
