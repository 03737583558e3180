//! How often one request may be tried, and the error that the last attempt ends in.

use std::time::Duration;

use super::reply::Failure;
use super::retry::LONGEST_WAIT;
use crate::error::Error;

/// The attempts of one request. They count by themselves, whatever else the server does meanwhile: nothing is tried for
/// ever.
pub struct Attempts {
    /// Further attempts after the first.
    retries: u32,
    /// Further attempts that were granted.
    again: u32,
}

impl Attempts {
    pub(super) fn new(retries: u32) -> Attempts {
        Attempts { retries, again: 0 }
    }

    /// Whether one more attempt may be made; it counts from now.
    pub fn another(&mut self, failure: &Failure) -> bool {
        let may = !failure.waits_too_long() && self.again < self.retries;
        self.again += u32::from(may);
        may
    }

    /// How many further attempts were granted.
    pub(super) fn again(&self) -> u32 {
        self.again
    }

    /// The last attempt's failure, whose error says how often it was tried and how long the server asked to wait.
    pub fn give_up(&self, mut failure: Failure) -> Failure {
        failure.error = self.in_words(&failure);
        failure
    }

    /// The error of an attempt that is the last one.
    pub fn in_words(&self, failure: &Failure) -> Error {
        let error = failure.error.clone();
        match failure.wait.filter(|_| failure.waits_too_long()) {
            Some(wait) => asks_too_much(error, wait),
            None if self.again == 0 => error,
            None => {
                let message = format!("{} ({} attempts)", error.message(), self.again + 1);
                error.reworded(message)
            }
        }
    }
}

/// Seconds in a day.
const A_DAY: u64 = 24 * 60 * 60;

fn asks_too_much(error: Error, wait: Duration) -> Error {
    let wait = match wait.as_secs() {
        seconds if seconds > A_DAY => "more than a day".to_owned(),
        seconds => format!("{seconds} s"),
    };
    let message = format!(
        "{}; the server asks to wait {wait}, longer than sxinv waits ({} s)",
        error.message(),
        LONGEST_WAIT.as_secs()
    );
    error
        .reworded(message)
        .hinted("run it again after that time")
}
