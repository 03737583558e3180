//! How often one request was tried, and the error that the last attempt ends in.

use super::Client;
use super::reply::Failure;
use super::retry::LONGEST_WAIT;
use crate::error::Error;

/// How often one request was tried, and how often that counts against `--retries`.
pub struct Attempts<'a> {
    client: &'a Client,
    pub(super) made: u32,
    pub(super) counted: u32,
    served: u64,
}

impl Attempts<'_> {
    pub(super) fn new(client: &Client) -> Attempts<'_> {
        Attempts {
            client,
            made: 0,
            counted: 0,
            served: client.pace.count_served(),
        }
    }

    /// Whether one more attempt may be made. A refusal for asking too much does not count as long as the server serves
    /// others of ours: then it only means that it is not this one's turn.
    pub fn another(&mut self, failure: &Failure) -> bool {
        let served = self.client.pace.count_served();
        let waits_its_turn = failure.overloaded && served > self.served && self.client.retries > 0;
        self.served = served;
        let again =
            !failure.waits_too_long() && (waits_its_turn || self.counted < self.client.retries);
        if again {
            self.made += 1;
            self.counted += u32::from(!waits_its_turn);
        }
        again
    }

    /// The last attempt's error, saying how often it was tried and how long the server asked to wait.
    pub fn give_up(&self, failure: Failure) -> Error {
        give_up(failure, self.made)
    }
}

fn give_up(failure: Failure, again: u32) -> Error {
    let too_long = failure.waits_too_long().then_some(failure.wait).flatten();
    let error = failure.error;
    if let Some(wait) = too_long {
        let message = format!(
            "{}; the server asks to wait {} s, longer than sxinv waits ({} s)",
            error.message(),
            wait.as_secs(),
            LONGEST_WAIT.as_secs()
        );
        return error
            .reworded(message)
            .hinted("run it again after that time");
    }
    if again == 0 {
        return error;
    }
    let message = format!("{} ({} attempts)", error.message(), again + 1);
    error.reworded(message)
}
