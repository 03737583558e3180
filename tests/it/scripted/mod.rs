//! A server whose every answer a test writes: the way to meet proxies, half answers and lost connections.

pub mod store;
pub mod tls;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which connection it came in on, from 0.
    pub connection: usize,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What to do about a request.
pub enum Answer {
    /// An answer with these extra header lines.
    Reply(u16, Vec<String>, Vec<u8>),
    /// This text and no more, then the connection is closed.
    Bytes(Vec<u8>),
    /// The connection is closed without a word.
    Hangup,
    /// Nothing comes, until the client goes away.
    Silence,
    /// As a proxy: bytes go on to this address and back, until one side ends.
    Tunnel(SocketAddr),
}

pub fn json(status: u16, body: &str) -> Answer {
    Answer::Reply(
        status,
        vec!["content-type: application/json".to_owned()],
        body.as_bytes().to_vec(),
    )
}

/// A server on a free loopback port. It ends with the test.
pub struct Server {
    pub url: String,
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers the `n`th request, from 0, with what `answer` says.
    pub fn start(answer: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Server {
        Server::over("http", Some, answer)
    }

    /// The same where each connection is made into another one first: `None` ends it.
    pub fn over<S: Wire>(
        scheme: &str,
        connect: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
        answer: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let seen = Arc::clone(&requests);
        let shared = Arc::new((connect, answer));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (seen, shared) = (Arc::clone(&seen), Arc::clone(&shared));
                thread::spawn(move || {
                    if let Some(stream) = (shared.0)(stream.unwrap()) {
                        serve(connection, stream, &seen, &shared.1);
                    }
                });
            }
        });
        Server {
            url: format!("{scheme}://{address}"),
            address,
            requests,
        }
    }

    /// A server that no request may reach.
    pub fn untouched() -> Server {
        Server::start(|_, _| {
            json(
                500,
                r#"{"message":"nothing should come here","status":500}"#,
            )
        })
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The requests as `METHOD target`.
    pub fn lines(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|r| format!("{} {}", r.method, r.target))
            .collect()
    }
}

/// What a connection is read from and written to.
pub trait Wire: Read + Write {
    /// The connection itself, where nothing lies over it.
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }
}

impl Wire for TcpStream {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(self)
    }
}

fn serve(
    connection: usize,
    stream: impl Wire,
    seen: &Mutex<Vec<Request>>,
    answer: &impl Fn(usize, &Request) -> Answer,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(connection, &mut stream) {
        let n = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        match answer(n, &request) {
            Answer::Reply(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                for header in headers {
                    head += &format!("{header}\r\n");
                }
                head += "\r\n";
                // In one piece: a second small one would wait for the first to be acknowledged.
                let whole = [head.as_bytes(), &body].concat();
                if stream.get_mut().write_all(&whole).is_err() {
                    return;
                }
            }
            Answer::Bytes(bytes) => {
                let _ = stream.get_mut().write_all(&bytes);
                return;
            }
            Answer::Hangup => return,
            Answer::Silence => {
                // Ends when the client closes its side.
                let _ = stream.read(&mut [0; 1]);
                return;
            }
            Answer::Tunnel(address) => return tunnel(stream.get_ref().tcp().unwrap(), address),
        }
    }
}

/// Hands on what comes from either side, until one ends.
fn tunnel(client: &TcpStream, address: SocketAddr) {
    let server = TcpStream::connect(address).unwrap();
    let mut out = client;
    out.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let on = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        })
    };
    let twice = |stream: &TcpStream| stream.try_clone().unwrap();
    on(twice(client), twice(&server));
    let _ = on(server, twice(client)).join();
}

fn read(connection: usize, reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        connection,
        method,
        target,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
