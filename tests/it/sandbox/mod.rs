//! The sandbox on its real socket, asked with a plain client: it answers as the API is documented.

mod at_once;
mod faults;
mod replies;
mod strangers;
mod webhooks;
mod writes;

use std::net::TcpListener;

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;
use sxinv::sandbox::store::Store;
use sxinv::sandbox::{self, Options, Server, TOKEN};
use tempfile::TempDir;

/// A served shop of its own.
pub struct Sandbox {
    pub server: Server,
    pub store: Store,
    pub http: Client,
    _folder: TempDir,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        Sandbox::with(Options::default())
    }

    pub fn with(options: Options) -> Sandbox {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("shop/sandbox.db")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Sandbox {
            server: sandbox::start(listener, store.clone(), options).unwrap(),
            store,
            http: plain_client(),
            _folder: folder,
        }
    }

    pub fn faulty(faults: &str) -> Sandbox {
        Sandbox::with(Options {
            faults: faults.parse().unwrap(),
            ..Options::default()
        })
    }

    /// A request without credentials; `path` goes after `/api/apps/v1/inventory`.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}/api/apps/v1/inventory{path}", self.server.url());
        self.http.request(method.parse().unwrap(), url)
    }

    pub fn get(&self, path: &str) -> Answer {
        Answer::to(self.bare("GET", path).bearer_auth(TOKEN))
    }

    pub fn put(&self, path: &str, body: &str) -> Answer {
        Answer::to(with_json(self.bare("PUT", path), body))
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        Answer::to(with_json(self.bare("POST", path), body))
    }

    pub fn quantity(&self, sku: i64) -> i64 {
        self.store.quantity(sku).unwrap().unwrap()
    }
}

pub fn plain_client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

pub fn with_json(request: RequestBuilder, body: &str) -> RequestBuilder {
    request
        .bearer_auth(TOKEN)
        .header("content-type", "application/json")
        .body(body.to_owned())
}

/// What came back, as text.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn to(request: RequestBuilder) -> Answer {
        let answer = request.send().unwrap();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.text().unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().unwrap())
    }

    /// Status, code and message of an error, whose body repeats the status.
    pub fn error(&self) -> (u16, Option<String>, String) {
        let body = self.json();
        assert_eq!(body["status"], self.status, "{}", self.body);
        assert_eq!(
            self.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        let text = |name: &str| body.get(name).map(|v| v.as_str().unwrap().to_owned());
        (self.status, text("code"), text("message").unwrap())
    }
}
