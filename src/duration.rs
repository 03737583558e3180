//! Spans of time as people type them: `30s`, `500ms`, `1m30s`, or a plain number of seconds.

use std::time::Duration;

use jiff::SignedDuration;

use crate::error::{Error, Result};

/// The longest span that means anything here.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Reads a span longer than nothing and at most a week. Errors are usage.
pub fn parse_duration(text: &str) -> Result<Duration> {
    let wrong = || {
        Error::usage(format!(
            "`{text}` is not a duration: a number with ms, s, m or h, such as 30s"
        ))
    };
    let text = text.trim();
    let span = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        Duration::from_secs(text.parse().map_err(|_| wrong())?)
    } else {
        let span: SignedDuration = text.parse().map_err(|_| wrong())?;
        Duration::try_from(span).map_err(|_| wrong())?
    };
    if span.is_zero() || span > LONGEST {
        return Err(Error::usage(format!(
            "`{text}` is out of range: more than nothing, at most a week"
        )));
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        for (text, millis) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("2m", 120_000),
            ("1.5s", 1_500),
            ("30", 30_000),
            (" 1h ", 3_600_000),
        ] {
            assert_eq!(
                parse_duration(text).unwrap(),
                Duration::from_millis(millis),
                "{text}"
            );
        }
        for wrong in ["", "s", "0", "0s", "-3s", "soon", "1e9", "99999999999h"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
