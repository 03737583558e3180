//! `listen` under load: thousands of signed events a second, bad ones among them, and the listener killed meanwhile. The
//! figures stand in benches/README.md.
#![cfg(unix)]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sxinv::webhook;

use crate::listener::{SECRET, event};
use crate::shop::Shop;

/// Connections that deliver side by side.
const SENDERS: u64 = 32;

/// Of so many deliveries one is not as it should be.
const ONE_BAD_IN: u64 = 100;

/// What is wrong with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bad {
    Forged,
    Stale,
    Repeated,
    Oversized,
    CutOff,
}

impl Bad {
    fn of(number: u64) -> Option<Bad> {
        use Bad::{CutOff, Forged, Oversized, Repeated, Stale};
        let kinds = [Forged, Stale, Repeated, Oversized, CutOff];
        let nth = usize::try_from(number / ONE_BAD_IN).unwrap();
        (number % ONE_BAD_IN == ONE_BAD_IN - 1).then(|| kinds[nth % kinds.len()])
    }
}

/// A listener on a port of its own choice, printing into a file.
fn listen(shop: &Shop, port: u16, run: usize) -> Child {
    let printed = File::create(shop.folder.path().join(format!("printed-{run}"))).unwrap();
    let mut command = shop.command(&["-q", "listen", "--port", &port.to_string(), "-o", "jsonl"]);
    command
        .env("WEBHOOK_SIGNING_SECRET", SECRET)
        .stdout(printed)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A sender's connection.
struct Sender {
    port: u16,
    stream: Option<TcpStream>,
}

impl Sender {
    /// Delivers, and reads the status. An error: the listener is not there, or went away meanwhile.
    fn send(&mut self, secret: &str, at: i64, body: &[u8], cut: bool) -> io::Result<u16> {
        let sent = self.try_send(secret, at, body, cut);
        if sent.is_err() || cut {
            self.stream = None;
        }
        sent
    }

    fn try_send(&mut self, secret: &str, at: i64, body: &[u8], cut: bool) -> io::Result<u16> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(20)))?;
            self.stream = Some(stream);
        }
        let stream = self.stream.as_mut().unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}: {}\r\n{}: {at}\r\n\r\n",
            body.len(),
            webhook::SIGNATURE_HEADER,
            webhook::sign(secret, at, body),
            webhook::TIMESTAMP_HEADER,
        );
        let body = if cut { &body[..body.len() / 2] } else { body };
        stream.write_all(&[head.as_bytes(), body].concat())?;
        match cut {
            true => Ok(0),
            false => status(stream),
        }
    }
}

/// Reads one answer.
fn status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut answer = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return head
                    .get(9..12)
                    .and_then(|s| s.parse().ok())
                    .ok_or(io::ErrorKind::InvalidData.into());
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => answer.extend_from_slice(&buffer[..n]),
        }
    }
}

/// What the senders did.
#[derive(Default)]
struct Done {
    taken: AtomicU64,
    again: AtomicU64,
    refused: AtomicU64,
}

/// The share of one sender, at its share of the rate. Genuine events are sent until they are taken; how long each took, in
/// microseconds, where that was at once.
fn deliver(port: u16, share: u64, count: u64, rate: u64, done: &Done) -> Vec<u64> {
    let mut sender = Sender { port, stream: None };
    let (begun, mut took) = (Instant::now(), Vec::new());
    for number in (share..count).step_by(SENDERS as usize) {
        let due = Duration::from_secs_f64(number as f64 / rate as f64);
        if let Some(early) = due.checked_sub(begun.elapsed()) {
            thread::sleep(early);
        }
        let now = Timestamp::now().as_second();
        let genuine = event(&format!("good-{number}"), 450, 25, -1).to_string();
        let bad = event(&format!("bad-{number}"), 450, 25, -1).to_string();
        // A listener that was killed meanwhile refuses nothing; what it would have is tried once.
        let refused = match Bad::of(number) {
            None => None,
            Some(Bad::Forged) => {
                Some((sender.send("whsec_other", now, bad.as_bytes(), false), 401))
            }
            Some(Bad::Stale) => Some((sender.send(SECRET, now - 400, bad.as_bytes(), false), 401)),
            Some(Bad::Oversized) => {
                let body = [bad.as_bytes(), &vec![b' '; 1 << 20]].concat();
                Some((sender.send(SECRET, now, &body, false), 413))
            }
            Some(Bad::CutOff) => Some((sender.send(SECRET, now, bad.as_bytes(), true), 0)),
            Some(Bad::Repeated) => {
                let before = event(&format!("good-{}", number - SENDERS), 450, 25, -1).to_string();
                Some((sender.send(SECRET, now, before.as_bytes(), false), 200))
            }
        };
        if let Some((answer, expected)) = refused {
            if let Ok(status) = answer {
                assert_eq!(status, expected, "{:?}", Bad::of(number));
                done.refused.fetch_add(1, Ordering::Relaxed);
            }
            continue;
        }
        let sent = Instant::now();
        let mut tries = 0;
        loop {
            let now = Timestamp::now().as_second();
            if let Ok(200) = sender.send(SECRET, now, genuine.as_bytes(), false) {
                break;
            }
            tries += 1;
            thread::sleep(Duration::from_millis(20));
        }
        done.taken.fetch_add(1, Ordering::Relaxed);
        if tries > 0 {
            done.again.fetch_add(1, Ordering::Relaxed);
        } else {
            took.push(sent.elapsed().as_micros() as u64);
        }
    }
    took
}

/// So many deliveries at this rate, the listener killed so often meanwhile.
fn load(count: u64, rate: u64, kills: usize) {
    let shop = Shop::at("http://127.0.0.1:9");
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut listener = listen(&shop, port, 0);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        thread::yield_now();
    }
    let done = Done::default();
    let begun = Instant::now();
    let mut took: Vec<u64> = thread::scope(|scope| {
        let done = &done;
        let senders: Vec<_> = (0..SENDERS)
            .map(|share| scope.spawn(move || deliver(port, share, count, rate, done)))
            .collect();
        for kill in 1..=kills {
            let until = count * kill as u64 / (kills as u64 + 1);
            while done.taken.load(Ordering::Relaxed) < until {
                thread::sleep(Duration::from_millis(5));
            }
            listener.kill().unwrap();
            listener.wait().unwrap();
            listener = listen(&shop, port, kill);
        }
        senders
            .into_iter()
            .flat_map(|sender| sender.join().unwrap())
            .collect()
    });
    let seconds = begun.elapsed().as_secs_f64();
    let ended = Command::new("kill").arg(listener.id().to_string()).status();
    assert!(ended.unwrap().success());
    assert_eq!(listener.wait().unwrap().code(), Some(143));

    let genuine: Vec<u64> = (0..count)
        .filter(|number| Bad::of(*number).is_none())
        .collect();
    let memory = rusqlite::Connection::open(shop.state().join("memory.db")).unwrap();
    let number = |sql: &str| -> u64 {
        let found: i64 = memory.query_row(sql, [], |found| found.get(0)).unwrap();
        found.unsigned_abs()
    };
    let kept = number("SELECT count(*) FROM events WHERE event_id LIKE 'good-%'");
    let distinct = number("SELECT count(DISTINCT event_id) FROM events");
    assert_eq!(
        (kept, distinct),
        (genuine.len() as u64, genuine.len() as u64)
    );
    let mut printed: HashMap<String, u64> = HashMap::new();
    for run in 0..=kills {
        let text = fs::read_to_string(shop.folder.path().join(format!("printed-{run}"))).unwrap();
        // The last line of one that was killed may be half.
        for line in text.lines() {
            if let Ok(event) = serde_json::from_str::<serde_json::Value>(line) {
                let id = event["event_id"].as_str().unwrap().to_owned();
                *printed.entry(id).or_default() += 1;
            }
        }
    }
    assert_eq!(
        printed.len(),
        genuine.len(),
        "each is printed, and nothing else"
    );
    assert!(
        genuine
            .iter()
            .all(|number| printed.contains_key(&format!("good-{number}")))
    );
    let twice = printed.values().filter(|times| **times > 1).count();
    assert!(kills > 0 || twice == 0, "{twice} printed twice");
    took.sort_unstable();
    let at = |part: usize| took.get(took.len() * part / 1000).copied().unwrap_or(0) as f64 / 1000.0;
    println!(
        "{count} deliveries in {seconds:.1} s, {:.0} a second of {rate} asked for, {kills} kills: {kept} genuine kept once, \
         {twice} printed twice, {} sent again, {} others answered as they should be; answer after {:.1} ms (median), {:.1} ms (99 %)",
        count as f64 / seconds,
        done.again.load(Ordering::Relaxed),
        done.refused.load(Ordering::Relaxed),
        at(500),
        at(990),
    );
}

#[test]
#[ignore = "takes a minute: cargo test --release --test it load -- --ignored --nocapture"]
fn five_thousand_events_a_second() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
    };
    let (rate, seconds) = (number("LOAD_RATE", 5000), number("LOAD_SECONDS", 20));
    for kills in [0, 2] {
        load(rate * seconds, rate, kills);
    }
}

#[test]
fn what_is_killed_under_load_keeps_and_prints_each_event() {
    load(1000, 2000, 1);
}
