//! What is said of a phase and of a wait: as much as there is room for, on one line.

use std::time::{Duration, Instant};

use super::Wait;
use super::meter::Meter;
use crate::color;
use crate::width::{most, shortened};
use crate::words::{counted, grouped};

/// How long a phase without a count takes before that is said.
const LONG: Duration = Duration::from_secs(3);

/// Columns that stay free: the cursor stands there, and then what a terminal shows of Ctrl-C. With them the line does not
/// break.
const FREE: usize = 3;

/// From so many columns on there is a bar, and so long it is.
const BARS: [(usize, usize); 2] = [(110, 24), (70, 8)];

/// A text with what went wrong in the middle, which gets a colour.
#[derive(Default)]
struct Text {
    before: String,
    amiss: String,
    after: String,
}

impl Text {
    fn plain(before: impl Into<String>) -> Text {
        Text {
            before: before.into(),
            ..Text::default()
        }
    }

    fn columns(&self) -> usize {
        most(&self.before) + most(&self.amiss) + most(&self.after)
    }

    fn painted(&self, color: bool) -> String {
        let Text {
            before,
            amiss,
            after,
        } = self;
        match color && !amiss.is_empty() {
            true => format!("{before}{0}{amiss}{0:#}{after}", color::ERROR),
            false => format!("{before}{amiss}{after}"),
        }
    }
}

/// What is going on at this moment; nothing where there is neither a phase nor a wait.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub meter: Option<&'a Meter>,
    pub wait: Option<&'a Wait>,
    pub now: Instant,
}

impl Scene<'_> {
    /// A line for a terminal of so many columns, and how many it takes.
    pub fn drawn(self, columns: usize, color: bool) -> Option<(String, usize)> {
        let room = columns.saturating_sub(FREE).max(1);
        let (bar, taken) = self.bar(columns, color).unwrap_or_default();
        let texts = self.texts();
        let fits = |text: &&Text| taken + text.columns() <= room;
        let (text, columns) = match (texts.iter().find(fits), texts.last()) {
            (Some(text), _) => (text.painted(color), text.columns()),
            (None, last) => {
                let text = shortened(&last?.painted(false), room.saturating_sub(taken));
                let columns = most(&text);
                (text, columns)
            }
        };
        Some((format!("{bar}{text}"), taken + columns))
    }

    /// All there is to say, for a log.
    pub fn in_full(self) -> Option<String> {
        self.texts().first().map(|text| text.painted(false))
    }

    /// What can be said, the longest first.
    fn texts(self) -> Vec<Text> {
        let mut texts = match (self.meter, self.wait) {
            (None, None) => Vec::new(),
            (Some(meter), None) => self.of_phase(meter),
            (Some(meter), Some(wait)) => self.of_both(meter, wait),
            (None, Some(wait)) => of_wait(wait, self.now),
        };
        texts.retain(|text| text.columns() > 0);
        texts
    }

    fn of_phase(self, meter: &Meter) -> Vec<Text> {
        let counts = Counts::of(meter);
        let rate = meter
            .rate(self.now)
            .and_then(|rate| speed(rate, counts.unit));
        let left = meter.left(self.now).and_then(time_left);
        let (name, amiss) = (counts.name, &counts.amiss);
        let share = counts.share.as_deref();
        let Some(done) = &counts.done else {
            let taken = (meter.taken(self.now) >= LONG).then(|| in_words(meter.taken(self.now)));
            return vec![
                text(name, None, amiss, &[taken.as_deref()]),
                Text::plain(name),
            ];
        };
        let (rate, left) = (rate.as_deref(), left.as_deref());
        let bare = counts.bare.as_deref();
        let mut texts = vec![
            text(name, Some(done), amiss, &[rate, left]),
            text(name, bare, amiss, &[rate, left]),
            text(name, Some(done), amiss, &[left]),
            text(name, bare, amiss, &[left]),
        ];
        if let Some(share) = share {
            texts.extend([
                text(name, Some(share), amiss, &[left]),
                text(name, Some(share), amiss, &[]),
                text("", Some(share), amiss, &[]),
                text("", Some(share), "", &[]),
            ]);
        }
        texts
    }

    fn of_both(self, meter: &Meter, wait: &Wait) -> Vec<Text> {
        let counts = Counts::of(meter);
        let waits = wait.in_words(self.now);
        let with = |mut text: Text| {
            text.after += &format!("; {waits}");
            text
        };
        let (done, share) = (counts.done.as_deref(), counts.share.as_deref());
        let left = meter.left(self.now).and_then(time_left);
        let mut texts = vec![
            with(text(counts.name, done, &counts.amiss, &[left.as_deref()])),
            with(text(counts.name, done, &counts.amiss, &[])),
            with(text(counts.name, share, &counts.amiss, &[])),
            with(text("", share, &counts.amiss, &[])),
        ];
        texts.retain(|text| !text.before.is_empty());
        texts.extend(of_wait(wait, self.now));
        texts
    }

    /// A bar where there is room for it and something is counted, and how many columns it takes with the blank behind it.
    fn bar(self, columns: usize, color: bool) -> Option<(String, usize)> {
        let at = self.meter?.at;
        let total = at.total.filter(|total| *total > 0)?;
        let (_, length) = *BARS.iter().find(|(from, _)| columns >= *from)?;
        // Halves of a column.
        let done =
            (u128::from(at.done.min(total)) * 2 * length as u128 / u128::from(total)) as usize;
        let (full, half) = (done / 2, done % 2);
        let bar = "━".repeat(full) + if half == 1 { "╸" } else { "" };
        let rest = "─".repeat(length - full - half);
        let style = color::DONE;
        let bar = match color {
            true => format!("{style}{bar}{style:#}{rest} "),
            false => format!("{bar}{rest} "),
        };
        Some((bar, length + 1))
    }
}

fn of_wait(wait: &Wait, now: Instant) -> Vec<Text> {
    let short = format!("waiting {} s", wait.seconds_left(now));
    vec![Text::plain(wait.in_words(now)), Text::plain(short)]
}

/// What is counted, in words.
struct Counts {
    name: &'static str,
    unit: Option<&'static str>,
    /// `4,200 of 10,000 rows`.
    done: Option<String>,
    /// The same without what it is that is counted.
    bare: Option<String>,
    /// `42%`.
    share: Option<String>,
    amiss: String,
}

impl Counts {
    fn of(meter: &Meter) -> Counts {
        let at = meter.at;
        let number = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
        let bare = match at.total {
            Some(total) => Some(format!("{} of {}", number(at.done), number(total))),
            None => (at.done > 0).then(|| number(at.done)),
        };
        let unit = at.phase.unit();
        let noun = unit.map(|unit| counted(at.total.unwrap_or(at.done), unit));
        let noun = noun.as_deref().and_then(|noun| noun.split_once(' '));
        Counts {
            name: at.phase.name(),
            unit,
            done: bare.as_ref().map(|bare| match noun {
                Some((_, noun)) => format!("{bare} {noun}"),
                None => bare.clone(),
            }),
            bare,
            share: at.total.map(|total| {
                let share = u128::from(at.done) * 100 / u128::from(total.max(1));
                format!("{share}%")
            }),
            amiss: at.amiss.in_words(),
        }
    }
}

/// `applying: 4,200 of 10,000 rows, 3 failed, 210 rows/s`: what is there of it.
fn text(name: &str, done: Option<&str>, amiss: &str, rest: &[Option<&str>]) -> Text {
    let before = match (name, done) {
        ("", done) => done.unwrap_or_default().to_owned(),
        (name, None) => name.to_owned(),
        (name, Some(done)) => format!("{name}: {done}"),
    };
    let comma = if amiss.is_empty() { "" } else { ", " };
    Text {
        before: before + comma,
        amiss: amiss.to_owned(),
        after: rest
            .iter()
            .flatten()
            .map(|part| format!(", {part}"))
            .collect(),
    }
}

/// `210 rows/s`, `2.5 rows/s`, `12 rows/min`; `214/s` where what is counted goes without saying. None below one a minute.
fn speed(rate: f64, unit: Option<&str>) -> Option<String> {
    let (rate, per) = match rate {
        rate if rate >= 1.0 => (rate, "s"),
        rate => (rate * 60.0, "min"),
    };
    let (number, one) = match rate {
        rate if rate >= 9.95 || per == "min" => {
            let whole = rate.round() as i64;
            (grouped(whole), whole == 1)
        }
        rate => (format!("{rate:.1}"), false),
    };
    let unit = match unit {
        None => String::new(),
        Some(unit) if one => format!(" {unit}"),
        Some(unit) => format!(" {unit}s"),
    };
    (rate >= 0.95).then(|| format!("{number}{unit}/{per}"))
}

/// `about 2 min left`; none for less than a second.
fn time_left(left: Duration) -> Option<String> {
    (left.as_secs() > 0).then(|| format!("about {} left", in_words(left)))
}

/// `28 s`, `2 min`, `1 h 20 min`, `30 h`: as exactly as anybody wants to know.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let minutes = (seconds + 30) / 60;
    match (seconds, minutes) {
        (..60, _) => format!("{seconds} s"),
        (_, ..60) => format!("{minutes} min"),
        (_, ..600) if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        (_, ..600) => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} h", (minutes + 30) / 60),
    }
}
