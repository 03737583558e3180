//! Who else may come to the sandbox's socket: pages of other sites, and clients that never finish a request.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::Sandbox;

/// Sends this to the sandbox and takes what comes, until it closes the connection.
fn said(shop: &Sandbox, bytes: &str) -> String {
    let address = shop.server.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said);
    said
}

#[test]
fn a_name_that_was_made_to_lead_here_is_refused() {
    let shop = Sandbox::new();
    let write = |host: &str| {
        let body = r#"{"sku_id":450,"adjustment":1}"#;
        said(
            &shop,
            &format!(
                "POST /api/apps/v1/inventory/150/adjust HTTP/1.1\r\n{host}Authorization: Bearer sx_at_sandbox\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ),
        )
    };
    for host in [
        "Host: evil.test\r\n",
        "Host: localhost.evil.test:80\r\n",
        "Host: shop.localhost\r\n",
        "Host: 10.0.0.1\r\n",
        "Host: evil.test@127.0.0.1:x\r\n",
        "Host: \r\n",
        "",
    ] {
        let said = write(host);
        assert!(said.starts_with("HTTP/1.1 421"), "{host}: {said}");
        assert!(said.contains(r#""status":421"#), "{said}");
    }
    assert_eq!(shop.quantity(450), 25);
    for host in [
        "127.0.0.1",
        "localhost",
        "localhost:1",
        "[::1]:8080",
        "127.9.9.9:80",
    ] {
        let said = write(&format!("Host: {host}\r\n"));
        assert!(said.starts_with("HTTP/1.1 200"), "{host}: {said}");
    }
    assert_eq!(shop.quantity(450), 30);
}

#[test]
fn a_request_that_never_ends_is_ended() {
    let shop = &Sandbox::new();
    // Each takes as long as the sandbox waits.
    std::thread::scope(|scope| {
        for begun in [
            "",
            "GET /api/apps/v1/inventory HTTP/1.1\r\nHost: localhost\r\n",
            "POST /api/apps/v1/inventory/150/adjust HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        ] {
            scope.spawn(move || {
                // Comes back, where before it never did.
                let said = said(shop, begun);
                assert!(!said.contains("200"), "{said}");
            });
        }
    });
}
