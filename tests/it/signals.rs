//! Signals before anything is written: the program ends, says so, and leaves nothing behind.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, mpsc};

use crate::scripted::{self, Answer, Server};
use crate::shop::{Ran, Shop};

const SIGNALS: [(&str, i32); 3] = [("-INT", 130), ("-TERM", 143), ("-HUP", 129)];

/// A server that never answers, and tells of each request.
fn silent() -> (Server, mpsc::Receiver<()>) {
    let (arrived, arrival) = mpsc::channel();
    let server = Server::start(move |_, _| {
        let _ = arrived.send(());
        Answer::Silence
    });
    (server, arrival)
}

fn kill(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// The command under a shell that does this first.
fn after(first: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &format!("{first}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell
}

#[test]
fn a_signal_is_told_in_the_form_of_every_error() {
    let (server, arrival) = silent();
    let shop = Shop::at(&server.url);
    for (signal, code) in SIGNALS {
        let interrupted = |words: &[&str]| {
            let child = shop.start(words);
            arrival.recv().unwrap();
            kill(&child, signal);
            Ran::of(child.wait_with_output().unwrap()).ends(code)
        };
        assert_eq!(interrupted(&["list"]).stderr, "error: interrupted\n");
        let ran = interrupted(&["-q", "list", "-o", "jsonl"]);
        assert_eq!(
            (&ran.error()["kind"], &ran.error()["message"]),
            (&"interrupted".into(), &"interrupted".into())
        );
        let ran = interrupted(&["set", "150", "450=9", "-o", "json"]);
        assert_eq!(ran.error()["message"], "interrupted; nothing was sent");
    }
}

#[test]
fn a_server_that_is_meant_to_be_interrupted_ends_without_an_error() {
    let shop = Shop::at("http://127.0.0.1:9");
    let mut child = shop.start(&["-q", "sandbox", "serve"]);
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(first.starts_with("listening on"), "{first}");
    kill(&child, "-TERM");
    let ran = Ran::of(child.wait_with_output().unwrap()).ends(143);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_signal_that_is_ignored_from_the_start_stays_ignored() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let server = Server::start(move |_, _| {
        let _ = arrived.send(());
        let _ = released.lock().unwrap().recv();
        let body = r#"{"data":[],"pagination":{"page":1,"limit":50,"total":0},"status":200}"#;
        scripted::json(200, body)
    });
    let shop = Shop::at(&server.url);
    // As `nohup` does it.
    let child = after("trap '' HUP", &shop.command(&["list"]))
        .spawn()
        .unwrap();
    arrival.recv().unwrap();
    kill(&child, "-HUP");
    drop(release);
    Ran::of(child.wait_with_output().unwrap()).ends(0);
}

#[test]
fn a_file_that_was_begun_is_not_left_behind() {
    for (signal, code) in SIGNALS.into_iter().chain([("-QUIT", 131)]) {
        let (server, arrival) = silent();
        let shop = Shop::at(&server.url);
        let folder = shop.folder.path().join("out");
        fs::create_dir(&folder).unwrap();
        let left = || fs::read_dir(&folder).unwrap().count();
        let child = shop.start(&["export-csv", "out/stock.csv"]);
        arrival.recv().unwrap();
        assert_eq!(left(), 1);
        kill(&child, signal);
        Ran::of(child.wait_with_output().unwrap()).ends(code);
        assert_eq!(left(), 0, "{signal}");
    }
    // A limit on the size of files is a full disk, not a deadly signal.
    let shop = Shop::new();
    fs::create_dir(shop.folder.path().join("out")).unwrap();
    let export = shop.command(&["export-csv", "out/stock.csv"]);
    let ran = Ran::of(after("ulimit -f 1", &export).output().unwrap()).ends(1);
    assert!(ran.stderr.starts_with("error: can't write"), "{ran:#?}");
    let left = fs::read_dir(shop.folder.path().join("out"));
    assert_eq!(left.unwrap().count(), 0);
}

/// A profile file whose token comes from this command.
fn vault(shop: &Shop, command: &str) -> String {
    let text = format!(
        "[profiles.vault]\ntoken_command = '''{command}'''\napi_url = \"{}\"\n",
        shop.url
    );
    let path = shop.file("vault.toml", text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn pipe(shop: &Shop, name: &str) -> std::path::PathBuf {
    let path = shop.folder.path().join(name);
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    path
}

#[test]
fn a_token_command_does_not_outlive_the_program() {
    let shop = Shop::new();
    let alive = pipe(&shop, "alive");
    // Whoever has the pipe open is alive.
    let waits = "exec 3> alive; echo started >&3; exec tail -f /dev/null";
    let mut cases = vec![("true", waits.to_owned())];
    if cfg!(target_os = "linux") {
        // Without a terminal, what it starts ends with it.
        let pipeline = waits.replace("exec tail", "tail") + " | cat";
        cases.push(("exec setsid \"$0\" \"$@\"", pipeline));
    }
    for (first, command) in cases {
        let config = vault(&shop, &command);
        let list = shop.bare(&["--config", &config, "-p", "vault", "list"]);
        let child = after(first, &list).spawn().unwrap();
        let mut alive = BufReader::new(File::open(&alive).unwrap());
        let mut line = String::new();
        alive.read_line(&mut line).unwrap();
        assert_eq!(line, "started\n");
        kill(&child, "-TERM");
        alive.read_to_string(&mut line).unwrap();
        Ran::of(child.wait_with_output().unwrap()).ends(143);
    }
}

#[test]
fn what_a_token_command_leaves_running_is_not_waited_for() {
    let shop = Shop::new();
    let gate = pipe(&shop, "gate");
    // An agent that it starts keeps its output open, as agents do.
    let config = vault(&shop, "cat gate 2>&- & echo sx_at_sandbox");
    let list = ["--config", &config, "-p", "vault", "show", "150"];
    let ran = Ran::of(shop.bare(&list).output().unwrap());
    drop(File::options().write(true).open(gate).unwrap());
    ran.ends(0);
}
