//! One request and its whole answer.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};

use super::large::{LARGE, Lease};
use super::reply::{Failure, Reply};
use super::{Client, unicode};

/// The largest body we take, in bytes: some 50,000 variants in one product. Anything near this is not the API.
const MOST: usize = 8 << 20;

impl Client {
    /// Sends one request and takes the whole answer.
    pub(super) fn exchange(
        &self,
        method: &Method,
        target: &str,
        body: Option<(&[u8], &str)>,
        limit: Duration,
    ) -> Result<Reply<'_>, Failure> {
        let place = self.large.place();
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
        let mut response = request.send().map_err(|e| self.unanswered(e, limit))?;
        let headers = std::mem::take(response.headers_mut());
        let status = response.status().as_u16();
        let (body, lease) = self.whole(response, (begun, limit), place)?;
        Ok(Reply {
            status,
            points_to: self.points_to(&headers),
            headers,
            body: unicode::mended(self.scrubber.clean(body)),
            _lease: lease,
        })
    }

    /// Reads an answer to its end. What is large is read by one after the other; the wait is not the server's.
    fn whole(
        &self,
        mut response: Response,
        (begun, limit): (Instant, Duration),
        place: u64,
    ) -> Result<(Vec<u8>, Option<Lease<'_>>), Failure> {
        let mut body = Vec::new();
        let mut piece = [0; 16 * 1024];
        let (mut lease, mut waited) = (None, Duration::ZERO);
        loop {
            match response.read(&mut piece) {
                Ok(0) => return Ok((body, lease)),
                Ok(read) => body.extend_from_slice(&piece[..read]),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(self.broken_off(&e)),
            }
            // The client's own time-out counts anew for every piece.
            if begun.elapsed() > limit + waited {
                return Err(self.too_late(limit));
            }
            if body.len() > MOST {
                return Err(self.too_large(MOST));
            }
            if body.len() > LARGE && lease.is_none() {
                let asked = Instant::now();
                lease = self.large.enter(place, &self.interrupt);
                waited += asked.elapsed();
            }
        }
    }

    /// Where a redirect would lead, without anybody's credentials.
    fn points_to(&self, headers: &HeaderMap) -> Option<String> {
        let location = headers.get(LOCATION)?.as_bytes();
        let clean = self.scrubber.clean(location.to_vec());
        let mut text = String::from_utf8_lossy(&clean).into_owned();
        if let Ok(mut url) = url::Url::parse(&text)
            && (!url.username().is_empty() || url.password().is_some())
        {
            // Fails only for a URL that can have neither.
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            text = url.into();
        }
        Some(text.chars().take(200).collect())
    }
}
