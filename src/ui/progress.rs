//! How far something has come, and how long it waits: a line at the bottom of a terminal, and where there is none a line
//! every ten seconds.

mod line;
mod meter;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Ui;
use crate::cleanup::{self, Cleanup};
use crate::progress::Progress as At;

use line::Scene;
use meter::Meter;

/// What is shorter is no wait that anybody notices.
const NOTICED: Duration = Duration::from_secs(2);

/// A wait that ends less later than the one before is no news: every worker waits.
const NEWS: Duration = Duration::from_secs(1);

/// What is over sooner needs no line.
const SOON: Duration = Duration::from_millis(300);

/// How often a terminal's line is drawn again.
const TICK: Duration = Duration::from_millis(200);

/// How often there is a line in a log.
const LOGGED: Duration = Duration::from_secs(10);

/// How progress shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// Not at all: `--quiet`.
    Nothing,
    /// As a line that is drawn again and again.
    Terminal { color: bool },
    /// As a line now and then.
    Log,
}

/// What there is to show, drawn by a thread of its own.
pub(super) struct Progress(Arc<Shared>);

struct Shared {
    board: Mutex<Board>,
    /// There is something to show again.
    begun: Condvar,
}

/// What there is to show, and what is on the screen.
struct Board {
    means: Means,
    /// How wide the terminal is at this moment.
    columns: fn() -> usize,
    meter: Option<Meter>,
    wait: Option<Wait>,
    /// Since when there is something to show.
    since: Option<Instant>,
    /// The line on the screen, and how many columns it takes.
    drawn: Option<(String, usize)>,
    /// When the last line went to the log, or the first could have.
    logged: Option<Instant>,
    /// Another text stands on the screen's last line.
    mid_line: bool,
    /// Somebody draws.
    watched: bool,
    /// Takes the line away should the program end early.
    early: Option<Cleanup>,
}

/// What the program waits for.
pub(super) struct Wait {
    why: &'static str,
    until: Instant,
}

impl Wait {
    fn seconds_left(&self, now: Instant) -> u64 {
        let left = self.until.saturating_duration_since(now);
        left.as_millis().div_ceil(1_000) as u64
    }

    fn in_words(&self, now: Instant) -> String {
        format!("{} {} s", self.why, self.seconds_left(now))
    }
}

/// How wide the terminal is at this moment.
pub(super) fn columns() -> usize {
    usize::from(console::Term::stderr().size().1)
}

impl Progress {
    pub(super) fn new(means: Means) -> Progress {
        Progress(Arc::new(Shared {
            board: Mutex::new(Board::new(means, columns)),
            begun: Condvar::new(),
        }))
    }

    /// Writes what stays on the screen.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        let mut board = self.0.board();
        board.erase(&mut io::stderr().lock());
        write();
    }

    /// Shows something of what is on the board from now on.
    fn show(&self, mut board: MutexGuard<'_, Board>) {
        if board.means == Means::Nothing || board.since.is_some() {
            return;
        }
        board.begin(Instant::now());
        if !board.watched {
            let shared = Arc::clone(&self.0);
            let thread = thread::Builder::new().name("progress".to_owned());
            // Without it nothing is shown, which is no reason to fail.
            board.watched = thread.spawn(move || shared.watch()).is_ok();
        }
        if let (Means::Terminal { .. }, None) = (board.means, &board.early) {
            let shared = Arc::downgrade(&self.0);
            board.early = Some(cleanup::on_exit(move || {
                if let Some(shared) = shared.upgrade()
                    && let Ok(mut board) = shared.board.try_lock()
                {
                    board.erase(&mut io::stderr());
                    board.means = Means::Nothing;
                }
            }));
        }
        self.0.begun.notify_all();
    }

    /// Takes everything away, or only a wait by itself.
    fn clear(&self, all: bool) {
        let mut board = self.0.board();
        if all || board.meter.is_none() {
            board.clear(&mut io::stderr().lock());
        }
    }
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws as long as the process lives.
    fn watch(&self) {
        let mut board = self.board();
        loop {
            board = match board.pause(Instant::now()) {
                None => {
                    let begun = self.begun.wait(board);
                    begun.unwrap_or_else(PoisonError::into_inner)
                }
                Some(pause) => {
                    let paused = self.begun.wait_timeout(board, pause);
                    paused.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            board.show(Instant::now(), &mut io::stderr().lock());
        }
    }
}

impl Board {
    fn new(means: Means, columns: fn() -> usize) -> Board {
        Board {
            means,
            columns,
            meter: None,
            wait: None,
            since: None,
            drawn: None,
            logged: None,
            mid_line: false,
            watched: false,
            early: None,
        }
    }

    /// Shows something from now on.
    fn begin(&mut self, now: Instant) {
        self.since = Some(now);
        if self.logged.is_none_or(|last| now >= last + LOGGED) {
            self.logged = Some(now);
        }
    }

    fn update(&mut self, at: At, now: Instant) {
        match &mut self.meter {
            Some(meter) => meter.update(at, now),
            None => self.meter = Some(Meter::new(at, now)),
        }
    }

    /// How long until something may have to be drawn; `None`: until something begins.
    fn pause(&self, now: Instant) -> Option<Duration> {
        self.since?;
        match (self.means, self.logged) {
            (Means::Log, Some(logged)) => Some((logged + LOGGED).saturating_duration_since(now)),
            _ => Some(TICK),
        }
    }

    /// Draws the line, or writes the next one to a log, where it is time.
    fn show(&mut self, now: Instant, to: &mut impl Write) {
        let Some(since) = self.since else { return };
        let scene = Scene {
            meter: self.meter.as_ref(),
            wait: self.wait.as_ref().filter(|wait| wait.until > now),
            now,
        };
        match self.means {
            Means::Nothing => {}
            Means::Log => {
                if self.logged.is_some_and(|last| now >= last + LOGGED) {
                    self.logged = Some(now);
                    if let Some(line) = scene.in_full() {
                        // Nobody reads the log: no reason to fail.
                        let _ = writeln!(to, "{line}");
                    }
                }
            }
            Means::Terminal { color } => {
                if self.mid_line || scene.wait.is_none() && now < since + SOON {
                    return;
                }
                match scene.drawn((self.columns)(), color) {
                    Some(drawn) => self.draw(drawn, to),
                    None => self.erase(to),
                }
            }
        }
    }

    fn draw(&mut self, drawn: (String, usize), to: &mut impl Write) {
        if self.drawn.as_ref() == Some(&drawn) {
            return;
        }
        self.up_to_its_begin(to);
        // A terminal that went away is no reason to fail.
        let _ = write!(to, "\r{}\x1b[K", drawn.0).and_then(|()| to.flush());
        self.drawn = Some(drawn);
    }

    /// A terminal that became narrower has broken the line.
    fn up_to_its_begin(&self, to: &mut impl Write) {
        let columns = (self.columns)().max(1);
        let taken = self.drawn.as_ref().map_or(0, |(_, taken)| *taken);
        let above = taken.saturating_sub(1) / columns;
        if above > 0 {
            let _ = write!(to, "\x1b[{above}A\r\x1b[J");
        }
    }

    /// Takes the line off the screen; it may come again.
    fn erase(&mut self, to: &mut impl Write) {
        if self.drawn.is_some() {
            self.up_to_its_begin(to);
            let _ = write!(to, "\r\x1b[K").and_then(|()| to.flush());
            self.drawn = None;
        }
    }

    /// Nothing is to be shown any more.
    fn clear(&mut self, to: &mut impl Write) {
        self.erase(to);
        (self.meter, self.since) = (None, None);
    }
}

impl Ui {
    /// Shows how far something has come: on a terminal where it takes long enough to be read, elsewhere every ten seconds.
    pub fn progress(&self, at: At) {
        let progress = &self.shared.progress;
        let mut board = progress.0.board();
        if board.means != Means::Nothing {
            board.update(at, Instant::now());
            progress.show(board);
        }
    }

    /// What was going on is over.
    pub fn finish(&self) {
        self.shared.progress.clear(true);
    }

    /// No progress is shown any more: the next signal ends the program where it stands, with what is on the screen.
    pub fn stops(&self) {
        self.finish();
        self.shared.progress.0.board().means = Means::Nothing;
    }

    /// Writes results that come as they are found to the terminal that shows progress too. `write` says whether a line has
    /// ended.
    pub fn beside(&self, write: &mut dyn FnMut() -> bool) {
        let mut board = self.shared.progress.0.board();
        board.erase(&mut io::stderr().lock());
        board.mid_line = !write();
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
        let mut board = self.shared.progress.0.board();
        let wait = &mut board.wait;
        let news =
            how_long >= NOTICED && wait.as_ref().is_none_or(|wait| wait.until + NEWS < until);
        if news {
            *wait = Some(Wait { why, until });
        }
        news
    }

    /// Shows the wait on a terminal; `false` where there is none.
    fn counts_down(&self) -> bool {
        let progress = &self.shared.progress;
        let board = progress.0.board();
        let shows = matches!(board.means, Means::Terminal { .. }) && !self.manner.verbose;
        if shows {
            progress.show(board);
        }
        shows
    }
}
