//! How far a long command is shows at a terminal, on one line, and is gone afterwards.
#![cfg(unix)]

use std::num::NonZeroU16;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use rexpect::process::WaitStatus;
use rexpect::session::PtySession;

use crate::scripted::Server;
use crate::scripted::store::{Store, product_of};
use crate::shop::Shop;
use crate::terminal::at_terminal;

/// A shop of four products whose server does not answer this method for the third before the gate is opened.
fn held_up(method: &'static str) -> (Shop, Server, Sender<()>) {
    let store = Store::new(4, 20);
    let (gate, opened) = mpsc::channel();
    let opened: Arc<Mutex<Receiver<()>>> = Arc::new(Mutex::new(opened));
    let server = Server::start(move |_, request| {
        if request.method == method && product_of(&request.target) == Some(3) {
            // The test ends when nobody opens it any more.
            let _ = opened.lock().unwrap().recv();
        }
        store.answer(request)
    });
    (Shop::at(&server.url), server, gate)
}

fn start(shop: &Shop, line: &[&str], columns: u16) -> PtySession {
    let mut command = shop.command(line);
    command.env("TERM", "xterm");
    at_terminal(&command, columns)
}

/// What stands on the screen after all of this was written to it: the session takes each byte for a character.
fn screen(written: &str, columns: u16) -> String {
    let size = |n: u16| NonZeroU16::new(n).unwrap();
    let mut parser = vt100::Parser::new(size(50), size(columns), 0);
    let bytes: Vec<u8> = written.chars().map(|c| c as u8).collect();
    parser.process(&bytes);
    parser.screen().contents()
}

#[test]
fn an_import_says_how_far_it_is_and_leaves_only_its_result() {
    for (columns, line) in [
        (80, "applying: 2 of 4 rows"),
        (40, "applying: 2 of 4 rows"),
        (20, "applying: 2 of 4"),
    ] {
        let (shop, _server, gate) = held_up("PUT");
        let rows = (1..=4).map(|n| format!("{n},{n}0,7\n"));
        let text = format!("product_id,sku_id,quantity\n{}", rows.collect::<String>());
        shop.file("rows.csv", text);
        let line_of_shell = ["import-csv", "rows.csv", "--yes", "--concurrency", "1"];
        let mut session = start(&shop, &line_of_shell, columns);
        let before = session.exp_string(line).unwrap();
        gate.send(()).unwrap();
        let after = session.exp_eof().unwrap();
        let shown = screen(&format!("{before}{line}{after}"), columns);
        assert!(!shown.contains("applying"), "{columns}: {shown}");
        assert!(shown.contains("4 applied"), "{columns}: {shown}");
    }
}

#[test]
fn results_that_come_meanwhile_are_whole() {
    let (shop, _server, gate) = held_up("GET");
    let line_of_shell = ["list", "--all", "--variants", "-o", "jsonl"];
    let mut session = start(&shop, &line_of_shell, 80);
    let line = "reading products: 2 of 4";
    let before = session.exp_string(line).unwrap();
    gate.send(()).unwrap();
    let after = session.exp_eof().unwrap();
    let shown = screen(&format!("{before}{line}{after}"), 400);
    let codes = shown.lines().map(|row| {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        row["sku_code"].as_str().unwrap().to_owned()
    });
    assert_eq!(codes.collect::<Vec<_>>(), ["C1", "C2", "C3", "C4"]);
}

#[test]
fn an_interrupt_leaves_no_line_behind() {
    for (method, line, code) in [
        (
            "GET",
            "reading products: 2 of 4",
            "interrupted; nothing was sent",
        ),
        (
            "PUT",
            "applying: 2 of 4 rows",
            "stopping when what is under way has settled",
        ),
    ] {
        let (shop, _server, gate) = held_up(method);
        let rows = (1..=4).map(|n| format!("{n},{n}0,7\n"));
        let text = format!("product_id,sku_id,quantity\n{}", rows.collect::<String>());
        shop.file("rows.csv", text);
        let line_of_shell = ["import-csv", "rows.csv", "--yes", "--concurrency", "1"];
        let mut session = start(&shop, &line_of_shell, 80);
        let before = session.exp_string(line).unwrap();
        session.send_control('c').unwrap();
        let until = session.exp_string(code).unwrap();
        // The second signal ends it where it stands.
        if method == "PUT" {
            session.send_control('c').unwrap();
        }
        let after = session.exp_eof().unwrap();
        let shown = screen(&format!("{before}{line}{until}{code}{after}"), 80);
        let first = line.split(':').next().unwrap();
        assert!(!shown.contains(first), "{shown}");
        let ended = session.process().wait().unwrap();
        assert!(matches!(ended, WaitStatus::Exited(_, 130)), "{ended:?}");
        drop(gate);
    }
}
