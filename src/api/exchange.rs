//! One request and its whole answer, or what went wrong on the way.

use std::io::Read;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

use super::reply::{Failure, Reply, broken};
use super::{Client, unicode};

/// The largest body we take, in bytes: a page of 250 products is some 50 kB. Anything near this is not the API.
const MAX_BODY: u64 = 64 << 20;

impl Client {
    /// Sends one request and takes the whole answer.
    pub(super) fn exchange(
        &self,
        method: &Method,
        target: &str,
        body: Option<(&[u8], &str)>,
        limit: Duration,
    ) -> Result<Reply, Failure> {
        let begun = Instant::now();
        let mut request = self
            .http
            .request(method.clone(), format!("{}{target}", self.base))
            .timeout(limit);
        if let Some((body, request_id)) = body {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .header("x-request-id", request_id)
                .body(body.to_vec());
        }
        let late = || format!("no answer from {} within {limit:?}", self.base);
        let mut response = request.send().map_err(|e| {
            // The address stands in our own words already.
            let e = e.without_url();
            if e.is_connect() {
                broken(&e, false, format!("can't connect to {}", self.base))
            } else if e.is_timeout() {
                broken(&e, true, late())
            } else {
                broken(&e, true, format!("the connection to {} broke", self.base))
            }
        })?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            match response.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => body.extend_from_slice(&piece[..read]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    let message = format!("the answer from {} broke off", self.base);
                    return Err(broken(&e, true, message));
                }
            }
            // The client's own time-out counts anew for every piece.
            if begun.elapsed() > limit {
                return Err(broken(&Dripping, true, late()));
            }
            if body.len() as u64 > MAX_BODY {
                return Err(broken(
                    &Dripping,
                    true,
                    "the answer is larger than 64 MB".to_owned(),
                ));
            }
        }
        Ok(Reply {
            status,
            headers,
            body: unicode::mended(self.scrubber.clean(body)),
        })
    }
}

/// There is nothing beneath: we stopped reading.
#[derive(Debug)]
struct Dripping;

impl std::fmt::Display for Dripping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("gave up reading")
    }
}

impl std::error::Error for Dripping {}
