//! What a server answers, byte by byte, to each of the four calls.
#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use reqwest::header::{HeaderMap, HeaderValue};
use sxinv::api::{Client, ListQuery, Options};
use sxinv::interrupt::Interrupt;
use sxinv::model::{ProductId, Quantity, SkuId};

/// What the server says to whoever asks.
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let answer = ANSWER.lock().expect("no panic").clone();
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(Shutdown::Write);
            // Whoever closes first keeps the port busy; that is the client.
            let _ = stream.read(&mut request);
        }
    });
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer sx_at_fuzz"));
    Client::new(Options {
        base,
        proxy: None,
        headers,
        timeout: Duration::from_secs(2),
        retries: 0,
        read_only: None,
        interrupt: Interrupt::new(),
        watch: None,
    })
    .expect("a client")
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let status = [200, 200, 200, 400, 404, 403, 500, 302][usize::from(choice >> 2 & 7)];
    let mut answer = match choice & 32 {
        // With headers of their own.
        0 => format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes(),
        _ => format!("HTTP/1.1 {status} X\r\n").into_bytes(),
    };
    answer.extend_from_slice(body);
    *ANSWER.lock().expect("no panic") = answer;
    let client = &*CLIENT;
    let (product, sku) = (ProductId::new(150).expect("an id"), SkuId::new(450).expect("an id"));
    match choice & 3 {
        0 => drop(client.list(&ListQuery::default(), 1, 50)),
        1 => drop(client.product(product)),
        2 => {
            let worker = client.worker();
            if let Ok(turn) = worker.turn() {
                let _ = turn.adjust(product, sku, 1, None, "r-1");
            }
        }
        _ => {
            let worker = client.worker();
            let units = Quantity::new(3).expect("units");
            if let Ok(turn) = worker.turn() {
                let _ = turn.set(product, &[(sku, units)], "r-1");
            }
        }
    }
});
