//! One request and its whole answer.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};

use super::attempt::Ask;
use super::large::{LARGE, Place};
use super::reply::{Failure, Reply};
use super::{Client, unicode};

/// The largest body we take, in bytes: some 50,000 variants in one product. Anything near this is not the API.
const MOST: usize = 8 << 20;

impl Client {
    /// Sends one request and takes the whole answer.
    pub(super) fn exchange(
        &self,
        ask: &Ask<'_>,
        limit: Duration,
        place: &mut Place<'_>,
    ) -> Result<Reply, Failure> {
        let begun = Instant::now();
        let mut request = self
            .http
            .request(
                ask.method.clone(),
                format!("{}{}", self.options.base, ask.target),
            )
            .timeout(limit);
        if let Some((body, request_id)) = ask.body {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .header("x-request-id", request_id)
                .body(body.to_vec());
        }
        let mut response = request.send().map_err(|e| self.unanswered(e, limit))?;
        let headers = std::mem::take(response.headers_mut());
        let status = response.status().as_u16();
        let body = self.whole(response, (begun, limit), place)?;
        Ok(Reply {
            status,
            points_to: self.points_to(&headers),
            headers,
            body: unicode::mended(self.scrubber.clean(body)),
        })
    }

    /// Reads an answer to its end. What is large is read by a few at a time; the wait is not the server's.
    fn whole(
        &self,
        mut response: Response,
        (begun, limit): (Instant, Duration),
        place: &mut Place<'_>,
    ) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        let mut piece = [0; 16 * 1024];
        let mut waited = Duration::ZERO;
        loop {
            match response.read(&mut piece) {
                Ok(0) => return Ok(body),
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
            if body.len() > LARGE {
                let asked = Instant::now();
                place.hold(&self.options.interrupt);
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
