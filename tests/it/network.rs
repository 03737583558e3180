//! The way to the server: proxies, TLS, redirects, and connections that lie idle.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::scripted::store::Store;
use crate::scripted::tls::Authority;
use crate::scripted::{self, Answer, Request, Server};
use crate::shop::{Ran, Shop, import};

const FAR: i32 = 2999;

/// Runs `list` against an address, with these variables set.
fn list(shop: &Shop, url: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = shop.bare(&["--api-url", url, "list", "-o", "json", "--retries", "2"]);
    command.env("SELORAX_TOKEN", "sx_at_x");
    for (name, value) in variables {
        command.env(name, value);
    }
    Ran::of(command.output().unwrap())
}

fn message(ran: &Ran) -> String {
    ran.error()["message"].as_str().unwrap().to_owned()
}

fn hint(ran: &Ran) -> String {
    ran.error()["hint"].as_str().unwrap().to_owned()
}

/// A store behind TLS at a name that only a proxy can reach, and the file that trusts it.
struct Secure {
    shop: Shop,
    trusted: String,
    server: Server,
}

impl Secure {
    fn new(names: &[&str], expires: i32) -> Secure {
        let shop = Shop::at("http://127.0.0.1:9");
        let authority = Authority::new();
        let path = shop.file("trusted.pem", "");
        authority.write(&path);
        let store = Store::new(2, 5);
        let server = authority.server(names, expires, move |_, request| store.answer(request));
        Secure {
            shop,
            trusted: path.to_str().unwrap().to_owned(),
            server,
        }
    }

    fn list(&self, url: &str, variables: &[(&str, &str)]) -> Ran {
        let trusted = [("SSL_CERT_FILE", self.trusted.as_str())];
        list(&self.shop, url, &[&trusted, variables].concat())
    }

    /// The server's address under this name.
    fn at(&self, name: &str) -> String {
        format!("https://{name}:{}", self.server.address.port())
    }
}

#[test]
fn tls_errors_are_told_in_words_and_not_tried_again() {
    let good = Secure::new(&["localhost"], FAR);
    assert_eq!(
        good.list(&good.at("localhost"), &[]).ends(0).json()[0]["product_id"],
        1
    );

    let expired = Secure::new(&["localhost"], 2021);
    let ran = expired.list(&expired.at("localhost"), &[]).ends(6);
    assert!(
        message(&ran).ends_with("the server's certificate expired on 2021-12-31"),
        "{ran:#?}"
    );
    assert!(hint(&ran).contains("clock"), "{ran:#?}");

    let elsewhere = Secure::new(&["a.test", "b.test"], FAR);
    let ran = elsewhere.list(&elsewhere.at("localhost"), &[]).ends(6);
    let says = "the server's certificate is for a.test and b.test, not for localhost";
    assert!(message(&ran).ends_with(says), "{ran:#?}");

    let unknown = good.trusted.as_str();
    let ran = list(
        &expired.shop,
        &elsewhere.at("localhost"),
        &[("SSL_CERT_FILE", unknown)],
    )
    .ends(6);
    let says = "is signed by an authority that this machine does not know";
    assert!(message(&ran).ends_with(says), "{ran:#?}");
    assert!(hint(&ran).contains("SSL_CERT_FILE"), "{ran:#?}");

    let plain = Server::over(
        "http",
        |mut stream: TcpStream| {
            // As servers do that meet TLS where they don't expect it.
            stream.read(&mut [0; 4096]).ok().filter(|n| *n > 0)?;
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").ok()?;
            stream.shutdown(Shutdown::Write).ok()?;
            std::io::copy(&mut stream, &mut std::io::sink()).ok()?;
            None::<TcpStream>
        },
        |_, _| Answer::Hangup,
    );
    let ran = good
        .list(&format!("https://{}", plain.address), &[])
        .ends(6);
    assert!(message(&ran).contains("does not speak TLS"), "{ran:#?}");
    for server in [&expired.server, &elsewhere.server, &plain] {
        assert!(server.requests().is_empty());
    }
    assert!(!message(&ran).contains("attempts"), "{ran:#?}");
}

#[test]
fn trusted_certificates_that_cannot_be_read_are_named() {
    let shop = Shop::at("http://127.0.0.1:9");
    let folder = shop.folder.path().to_str().unwrap().to_owned();
    for (named, code, says) in [
        (
            "missing.pem",
            2,
            "SSL_CERT_FILE names missing.pem, which can't be read",
        ),
        (folder.as_str(), 2, "which can't be read"),
        ("empty.pem", 2, "no certificate authority can be trusted"),
    ] {
        shop.file("empty.pem", "");
        let ran = list(&shop, "https://127.0.0.1:9", &[("SSL_CERT_FILE", named)]).ends(code);
        assert!(message(&ran).contains(says), "{ran:#?}");
        assert!(hint(&ran).contains("SSL_CERT_FILE"), "{ran:#?}");
    }
    // Where no certificate is looked at, none is needed.
    let store = Store::new(1, 5);
    let server = Server::start(move |_, request| store.answer(request));
    list(&shop, &server.url, &[("SSL_CERT_FILE", "missing.pem")]).ends(0);
}

#[test]
fn a_proxy_is_used_for_https_and_named() {
    let secure = Secure::new(&["shop.test"], FAR);
    let behind = secure.server.address;
    let proxy = Server::start(move |_, _| Answer::Tunnel(behind));
    let named = format!("http://me:hidden-word@{}", proxy.address);
    let set = [("HTTPS_PROXY", named.as_str())];
    secure.list("https://shop.test", &set).ends(0);
    let asked = &proxy.requests()[0];
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("CONNECT", "shop.test:443")
    );
    assert!(
        asked
            .header("proxy-authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    assert_eq!(
        asked.header("authorization"),
        None,
        "that is the server's alone"
    );

    let mut check = secure
        .shop
        .bare(&["--api-url", "https://shop.test", "check", "-o", "json"]);
    let check = check
        .env("SELORAX_TOKEN", "sx_at_x")
        .env("HTTPS_PROXY", &named)
        .env("SSL_CERT_FILE", &secure.trusted);
    let ran = Ran::of(check.output().unwrap());
    let document = ran.json();
    let told = format!("http://{}, by HTTPS_PROXY", proxy.address);
    assert_eq!(document["proxy"]["value"], told);
    assert!(!ran.stdout.contains("hidden"));

    let except = [set[0], ("NO_PROXY", "localhost")];
    let before = proxy.requests().len();
    let ran = secure.list(&secure.at("localhost"), &except).ends(6);
    assert!(
        message(&ran).contains("is for shop.test, not for localhost"),
        "{ran:#?}"
    );
    assert_eq!(proxy.requests().len(), before, "it went without");
}

#[test]
fn a_proxy_that_fails_is_named() {
    let secure = Secure::new(&["shop.test"], FAR);
    let answer = |status: u16| Server::start(move |_, _| scripted::json(status, "no"));
    let (asks, refuses) = (answer(407), answer(403));
    let gone = Server::untouched();
    // Nobody listens there; a free port may be another test's the next moment.
    let gone_address = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    for (address, says) in [
        (asks.address, "asks for a user name and a password"),
        (refuses.address, "tunnel error: unsuccessful (3 attempts)"),
        (gone.address, "(3 attempts)"),
        (gone_address, "Connection refused"),
    ] {
        let named = format!("me:hidden-word@{address}");
        let ran = secure
            .list("https://shop.test", &[("ALL_PROXY", &named)])
            .ends(6);
        let message = message(&ran);
        assert!(
            message.contains(&format!("the proxy http://{address} (ALL_PROXY)")),
            "{ran:#?}"
        );
        assert!(message.contains(says), "{ran:#?}");
        assert!(!ran.stderr.contains("hidden"), "{ran:#?}");
        assert!(hint(&ran).contains("ALL_PROXY"), "{ran:#?}");
    }
    assert_eq!(asks.requests().len(), 1, "it would ask again");
    let ran = secure
        .list(
            "https://shop.test",
            &[("HTTPS_PROXY", "http//me:hidden@p:1")],
        )
        .ends(2);
    assert!(message(&ran).contains("HTTPS_PROXY"), "{ran:#?}");
    assert!(!ran.stderr.contains("hidden"), "{ran:#?}");
}

#[test]
fn http_is_for_loopback_alone_and_needs_no_proxy() {
    let store = Store::new(1, 5);
    let server = Server::start(move |_, request| store.answer(request));
    let shop = Shop::at(&server.url);
    let port = server.address.port();
    let broken = [
        ("ALL_PROXY", "http//p"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
    ];
    list(&shop, &format!("http://localhost:{port}"), &broken).ends(0);
    let before = server.requests().len();
    for name in [
        "shop.localhost",
        "localhost.",
        "localhost.evil.test",
        "evil.test",
    ] {
        let ran = list(&shop, &format!("http://{name}:{port}"), &[]).ends(2);
        assert!(message(&ran).contains("in the clear"), "{ran:#?}");
    }
    assert_eq!(server.requests().len(), before);
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let elsewhere = Server::untouched();
    for (location, shown) in [
        (
            format!("{}/login?next=%2F", elsewhere.url),
            format!("{}/login?next=%2F", elsewhere.url),
        ),
        ("/login".to_owned(), "/login".to_owned()),
        (
            "https://me:hidden@sso.test/x".to_owned(),
            "https://sso.test/x".to_owned(),
        ),
    ] {
        let location = format!("location: {location}");
        let server =
            Server::start(move |_, _| Answer::Reply(302, vec![location.clone()], Vec::new()));
        let shop = Shop::at(&server.url);
        let ran = list(&shop, &server.url, &[]).ends(6);
        let says = format!("the server answered 302 with a redirect to {shown}");
        assert_eq!(message(&ran), says);
        assert!(hint(&ran).contains("never followed"), "{ran:#?}");
        assert_eq!(server.requests().len(), 1);
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_write_leaves_on_a_connection_that_was_used_within_the_last_second() {
    for (wait, same) in [(0, true), (2, false)] {
        for (column, value) in [("adjustment", 3), ("quantity", 23)] {
            let store = Store::new(1, 20);
            let server = Server::start(move |_, request: &Request| {
                let answer = store.answer(request);
                match (request.method.as_str(), answer) {
                    // The next request has to wait.
                    ("GET", Answer::Reply(status, mut headers, body)) if wait > 0 => {
                        headers.push("x-ratelimit-remaining: 0".to_owned());
                        headers.push(format!("x-ratelimit-reset: {wait}"));
                        Answer::Reply(status, headers, body)
                    }
                    (_, answer) => answer,
                }
            });
            let shop = Shop::at(&server.url);
            let text = format!("product_id,sku_id,{column}\n1,10,{value}\n");
            import(&shop, "rows.csv", &text, &[]).ends(0);
            let requests = server.requests();
            let write = requests
                .iter()
                .position(|request| request.method != "GET")
                .unwrap();
            let (read, write) = (&requests[write - 1], &requests[write]);
            assert_eq!(read.connection == write.connection, same, "{wait} {column}");
        }
    }
}
