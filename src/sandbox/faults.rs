//! Faults on purpose: what networks, proxies and overloaded servers do to a request, each with its probability.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};

/// How long [`Kind::Slow`] takes when nothing else is said.
const SLOW: Duration = Duration::from_secs(5);

/// What can go wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The connection is closed, and nothing was processed.
    LostRequest,
    /// The request was processed, then the connection is closed without a byte.
    LostAnswer,
    /// 500, not processed.
    ErrorBefore,
    /// 500 although it was processed.
    ErrorAfter,
    /// 503, not processed.
    Unavailable,
    /// 429 without `Retry-After`, not processed.
    TooMany,
    /// Processed; the answer breaks off in the middle.
    Truncated,
    /// Processed; the answer is 200 with somebody else's HTML page.
    Garbage,
    /// Processed; the answer comes late.
    Slow,
}

impl Kind {
    /// All of them, in the order they are documented in.
    pub const ALL: [Kind; 9] = [
        Kind::LostRequest,
        Kind::LostAnswer,
        Kind::ErrorBefore,
        Kind::ErrorAfter,
        Kind::Unavailable,
        Kind::TooMany,
        Kind::Truncated,
        Kind::Garbage,
        Kind::Slow,
    ];

    /// The name at the command line and in the table `faults`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::LostRequest => "lost-request",
            Kind::LostAnswer => "lost-answer",
            Kind::ErrorBefore => "500-before",
            Kind::ErrorAfter => "500-after",
            Kind::Unavailable => "503",
            Kind::TooMany => "429",
            Kind::Truncated => "truncated",
            Kind::Garbage => "garbage",
            Kind::Slow => "slow",
        }
    }

    /// Whether the request is processed nonetheless.
    pub fn processes(self) -> bool {
        !matches!(
            self,
            Kind::LostRequest | Kind::ErrorBefore | Kind::Unavailable | Kind::TooMany
        )
    }
}

/// Which faults happen, and how often. The default is none.
///
/// Written `lost-answer=0.05,slow=0.1:3s,seed=7,writes-only`: a kind with its probability from 0 to 1, where a request
/// meets one fault at most; for `slow` also how late; `seed` for the same sequence of draws every time;
/// `writes-only` or `reads-only`.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    rates: [f64; Kind::ALL.len()],
    slow: Duration,
    seed: Option<u64>,
    reads: bool,
    writes: bool,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            rates: [0.0; Kind::ALL.len()],
            slow: SLOW,
            seed: None,
            reads: true,
            writes: true,
        }
    }
}

/// Errors are usage errors that name the kinds.
impl FromStr for Faults {
    type Err = Error;

    fn from_str(text: &str) -> Result<Faults> {
        let mut faults = Faults::default();
        for item in text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
        {
            faults.take(item)?;
        }
        if faults.rates.iter().sum::<f64>() > 1.0 + 1e-9 {
            return Err(Error::usage(
                "the probabilities of the faults are more than 1 together; a request meets one fault at most",
            ));
        }
        if !faults.reads && !faults.writes {
            return Err(Error::usage(
                "writes-only and reads-only together leave no request to go wrong",
            ));
        }
        Ok(faults)
    }
}

impl Faults {
    fn take(&mut self, item: &str) -> Result<()> {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (item, None),
        };
        match (name, value) {
            ("writes-only", None) => self.reads = false,
            ("reads-only", None) => self.writes = false,
            ("seed", Some(seed)) => {
                let seed = seed
                    .parse()
                    .map_err(|_| Error::usage(format!("{seed:?} is not a seed: a whole number")))?;
                self.seed = Some(seed);
            }
            (name, value) => {
                let kind = Kind::ALL.iter().position(|kind| kind.name() == name);
                let at = kind.ok_or_else(|| unknown(name))?;
                let mut value = value.unwrap_or("");
                if Kind::ALL[at] == Kind::Slow
                    && let Some((rate, late)) = value.split_once(':')
                {
                    value = rate;
                    self.slow = duration(late).ok_or_else(|| {
                        Error::usage(format!("{late:?} is not a time: write 3s or 300ms"))
                    })?;
                }
                // Not a number compares with nothing, so it is out of range too.
                self.rates[at] = value
                    .parse()
                    .ok()
                    .filter(|rate| (0.0..=1.0).contains(rate))
                    .ok_or_else(|| out_of_range(name, value))?;
            }
        }
        Ok(())
    }
}

fn unknown(name: &str) -> Error {
    Error::usage(format!(
        "there is no fault {name:?}; the kinds are {}",
        kinds()
    ))
}

fn out_of_range(name: &str, value: &str) -> Error {
    Error::usage(format!(
        "{name}={value}: a probability is a number from 0 to 1, as in {name}=0.05; the kinds are {}",
        kinds()
    ))
}

fn kinds() -> String {
    Kind::ALL.map(Kind::name).join(", ")
}

fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Some(number) = text.strip_suffix("ms") {
        return number.parse().ok().map(Duration::from_millis);
    }
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Draws the faults of one server.
pub(super) struct Dice {
    faults: Faults,
    rng: Mutex<fastrand::Rng>,
}

impl Dice {
    pub fn new(faults: Faults) -> Dice {
        let rng = match faults.seed {
            Some(seed) => fastrand::Rng::with_seed(seed),
            None => fastrand::Rng::new(),
        };
        Dice {
            faults,
            rng: Mutex::new(rng),
        }
    }

    /// What goes wrong with the next request, if anything. One draw a request that faults may meet, so that a seed
    /// gives the same sequence in the order of arrival.
    pub fn draw(&self, write: bool) -> Option<Kind> {
        let met = if write {
            self.faults.writes
        } else {
            self.faults.reads
        };
        if !met || self.faults.rates.iter().all(|rate| *rate == 0.0) {
            return None;
        }
        let mut point = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            rng.f64()
        };
        for (kind, rate) in Kind::ALL.into_iter().zip(self.faults.rates) {
            if point < rate {
                return Some(kind);
            }
            point -= rate;
        }
        None
    }

    /// How late a slow answer is.
    pub fn slow(&self) -> Duration {
        self.faults.slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Faults {
        text.parse().unwrap()
    }

    #[test]
    fn every_kind_is_read_by_its_name() {
        for kind in Kind::ALL {
            let dice = Dice::new(faults(&format!("{}=1", kind.name())));
            assert_eq!(dice.draw(true), Some(kind));
            assert_eq!(dice.draw(false), Some(kind));
        }
        assert_eq!(faults("slow=0.5:3s").slow, Duration::from_secs(3));
        assert_eq!(faults("slow=0.5:30ms").slow, Duration::from_millis(30));
        assert_eq!(faults("slow=0.5").slow, SLOW);
        assert_eq!(Dice::new(faults("")).draw(true), None);
    }

    #[test]
    fn what_is_no_fault_is_a_usage_error_that_lists_the_kinds() {
        for text in [
            "lost=0.1",
            "503=2",
            "503=-0.1",
            "503=NaN",
            "503",
            "503=",
            "garbage=x",
        ] {
            let error = text.parse::<Faults>().unwrap_err();
            assert_eq!(error.kind(), crate::error::Kind::Usage);
            assert!(
                error.message().contains("lost-request, lost-answer"),
                "{error}"
            );
        }
        for text in [
            "503=0.6,429=0.6",
            "seed=x",
            "slow=0.1:soon",
            "slow=0.1:-1s",
            "writes-only,reads-only",
        ] {
            assert!(text.parse::<Faults>().is_err(), "{text}");
        }
    }

    #[test]
    fn faults_come_as_often_as_they_should_and_repeat_with_a_seed() {
        let draws = || {
            let dice = Dice::new(faults("lost-answer=0.2,503=0.3,seed=7"));
            (0..10_000).map(|_| dice.draw(true)).collect::<Vec<_>>()
        };
        let drawn = draws();
        assert_eq!(drawn, draws());
        for (kind, share) in [(Kind::LostAnswer, 0.2), (Kind::Unavailable, 0.3)] {
            let times = drawn.iter().filter(|drawn| **drawn == Some(kind)).count();
            assert!(
                (times as f64 / 10_000.0 - share).abs() < 0.02,
                "{kind:?} {times}"
            );
        }
    }

    #[test]
    fn reads_or_writes_can_be_spared() {
        let dice = Dice::new(faults("503=1,writes-only"));
        assert_eq!(
            (dice.draw(false), dice.draw(true)),
            (None, Some(Kind::Unavailable))
        );
        let dice = Dice::new(faults("503=1,reads-only"));
        assert_eq!(
            (dice.draw(false), dice.draw(true)),
            (Some(Kind::Unavailable), None)
        );
    }
}
