//! How far something has come, and how long it waits: a line at the bottom of a terminal.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Ui;

/// What is shorter is no wait that anybody notices.
const NOTICED: Duration = Duration::from_secs(2);

/// A wait that ends less later than the one before is no news: every worker waits.
const NEWS: Duration = Duration::from_secs(1);

/// How often the line is drawn again by itself.
const TICK: Duration = Duration::from_millis(200);

/// The line, where there is one.
#[derive(Default)]
pub(super) struct Progress {
    bar: Mutex<Option<Bar>>,
    /// Drawn by the line itself, from a thread of its own.
    wait: Arc<Mutex<Option<Wait>>>,
}

struct Bar {
    bar: ProgressBar,
    /// It shows how far something has come, and not the wait alone.
    counts: bool,
}

/// What the program waits for.
struct Wait {
    why: &'static str,
    until: Instant,
}

impl Progress {
    fn bar(&self) -> MutexGuard<'_, Option<Bar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line of its own above it.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        match &*self.bar() {
            Some(Bar { bar, .. }) => bar.suspend(write),
            None => write(),
        }
    }

    fn new_bar(&self, total: Option<u64>, template: &str) -> Bar {
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let bar = ProgressBar::with_draw_target(total, target);
        let wait = Arc::clone(&self.wait);
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key("wait", move |_: &ProgressState, to: &mut dyn fmt::Write| {
                let wait = wait.lock().unwrap_or_else(PoisonError::into_inner);
                // A line that can't be drawn is no reason to fail.
                let _ = wait.as_ref().map_or(Ok(()), |wait| wait.write_left(to));
            });
        bar.set_style(style);
        bar.enable_steady_tick(TICK);
        let counts = total.is_some();
        Bar { bar, counts }
    }

    /// Takes the line away, or only one that shows nothing but a wait.
    fn clear(&self, all: bool) {
        if let Some(Bar { bar, .. }) = self.bar().take_if(|bar| all || !bar.counts) {
            bar.finish_and_clear();
        }
    }
}

impl Wait {
    fn write_left(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        write!(to, "{} {} s", self.why, left.as_secs() + 1)
    }
}

impl Ui {
    /// Shows how far something has come. The line appears only on a terminal, and only when it takes long enough to
    /// be read.
    pub fn progress(&self, what: &str, done: u64, total: u64) {
        if !self.shows || self.manner.quiet {
            return;
        }
        let progress = &self.shared.progress;
        progress.clear(false);
        let mut bar = progress.bar();
        let Bar { bar, .. } = bar.get_or_insert_with(|| {
            let template = "{bar:24} {human_pos}/{human_len} {prefix} {elapsed} {wait}";
            progress.new_bar(Some(total), template)
        });
        if bar.length() != Some(total) {
            bar.set_length(total);
        }
        if bar.prefix() != what {
            bar.set_prefix(what.to_owned());
        }
        if bar.position() > done {
            bar.reset();
        }
        bar.set_position(done);
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.shared.progress.clear(true);
    }

    /// The server asks for a wait: counted down on a terminal, a note elsewhere.
    pub fn held(&self, how_long: Duration) {
        let why = "the server asks to wait";
        if self.begins(why, how_long) && !self.counts_down() {
            self.note(format!("{why} {:.0} s", how_long.as_secs_f64().ceil()));
        }
    }

    /// Something is tried again after this time: counted down on a terminal.
    pub fn tries_again(&self, how_long: Duration) {
        if self.begins("trying again in", how_long) {
            self.counts_down();
        }
    }

    /// No wait any more.
    pub fn goes_on(&self) {
        self.shared.progress.clear(false);
    }

    /// Whether this wait is worth telling.
    fn begins(&self, why: &'static str, how_long: Duration) -> bool {
        let until = Instant::now() + how_long;
        let wait = self.shared.progress.wait.lock();
        let mut wait = wait.unwrap_or_else(PoisonError::into_inner);
        let news = wait.as_ref().is_none_or(|wait| wait.until + NEWS < until);
        if news {
            *wait = Some(Wait { why, until });
        }
        news && how_long >= NOTICED
    }

    /// Shows the wait on a terminal; `false` where there is none.
    fn counts_down(&self) -> bool {
        if !self.shows || self.manner.quiet || self.manner.verbose {
            return false;
        }
        let progress = &self.shared.progress;
        progress
            .bar()
            .get_or_insert_with(|| progress.new_bar(None, "{wait}"));
        true
    }
}
