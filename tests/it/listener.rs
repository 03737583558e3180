//! `sxinv listen` as a process, and deliveries to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use jiff::Timestamp;
use serde_json::{Value, json};
use sxinv::webhook;

use crate::shop::{Ran, Shop};

pub const SECRET: &str = "whsec_test";

/// A listener under way.
pub struct Listener {
    pub url: String,
    child: Child,
    pub out: BufReader<ChildStdout>,
    /// What it says on stderr after its first line.
    pub said: mpsc::Receiver<String>,
}

impl Listener {
    /// For the shop as `-p sandbox` means it.
    pub fn of(shop: &Shop, more: &[&str]) -> Listener {
        let format = match more.contains(&"-o") {
            true => &[][..],
            false => &["-o", "jsonl"],
        };
        let words = [&["listen", "--port", "0"], format, more].concat();
        let mut command = shop.command(&words);
        command.env("WEBHOOK_SIGNING_SECRET", SECRET);
        Listener::start(command)
    }

    pub fn start(mut command: Command) -> Listener {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().expect("it says where it listens").unwrap();
        let url = first
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{first}"));
        let url = url.split_whitespace().next().unwrap().to_owned();
        let (tell, said) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let out = BufReader::new(child.stdout.take().unwrap());
        Listener {
            url,
            child,
            out,
            said,
        }
    }

    /// Delivers an event; the status.
    pub fn takes(&self, event: &Value) -> u16 {
        self.delivered(
            SECRET,
            Timestamp::now().as_second(),
            event.to_string().into_bytes(),
        )
    }

    pub fn delivered(&self, secret: &str, at: i64, body: Vec<u8>) -> u16 {
        deliver(&self.url, secret, at, body).unwrap()
    }

    /// The next event that it prints.
    pub fn prints(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: `{line}`"))
    }

    /// Ends it with this signal; what it still prints.
    pub fn ends(mut self, signal: &str, code: i32) -> String {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.out, &mut rest).unwrap();
        let ended = Output {
            status: self.child.wait().unwrap(),
            stdout: rest.clone().into_bytes(),
            stderr: Vec::new(),
        };
        Ran::of(ended).ends(code);
        rest
    }
}

/// A test that fails leaves no listener behind.
impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Delivers a body that is signed with this secret at this time, in Unix seconds; the status.
pub fn deliver(url: &str, secret: &str, at: i64, body: Vec<u8>) -> reqwest::Result<u16> {
    let signature = webhook::sign(secret, at, &body);
    let sent = client()
        .post(url)
        .header(webhook::SIGNATURE_HEADER, signature)
        .header(webhook::TIMESTAMP_HEADER, at.to_string())
        .header("X-Mine", "yes")
        .body(body)
        .send()?;
    Ok(sent.status().as_u16())
}

pub fn client() -> reqwest::blocking::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::blocking::Client::builder();
    http.no_proxy().tls_certs_only([]).build().unwrap()
}

/// An adjustment's event.
pub fn event(id: &str, sku: i64, previous: i64, adjustment: i64) -> Value {
    let quantity = previous + adjustment;
    json!({"event_id": id, "event_topic": "inventory.updated", "store_id": 22, "timestamp": "2026-11-24T09:00:00.000Z",
        "data": {"product_id": 150, "sku_id": sku, "previous_quantity": previous, "quantity": quantity,
            "adjustment": adjustment, "reason": "Sold"}})
}
