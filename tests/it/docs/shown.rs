//! What a page shows against what a terminal shows: equal but for times and the ids of runs.

use std::collections::HashMap;

/// Times are masked, the longer shapes first; `d` is a digit.
const TIMES: [&str; 4] = [
    "dddd-dd-ddTdd:dd:dd.dddZ",
    "dddd-dd-dd dd:dd:dd",
    "dddd-dd-dd dd:dd",
    "dddd-dd-dd",
];

/// The shape of a run's id; `a` is a small letter or a digit.
const RUN: &str = "dddddddd-dddd-aaaaaa";

/// Stands for any text in a line of a page.
const ANY: &str = "[..]";

/// Which run of today is which on the page. The same run has the same id throughout.
#[derive(Default)]
pub struct Runs {
    real: HashMap<String, String>,
    shown: HashMap<String, String>,
}

impl Runs {
    /// A command of the page, with today's ids.
    pub fn command(&self, command: &str) -> String {
        let mut command = command.to_owned();
        for id in run_ids(&command.clone()) {
            if let Some(real) = self.real.get(&id) {
                command = command.replace(&id, real);
            }
        }
        command
    }

    /// What is to stand on the page: its own lines where they hold, else the terminal's, with the page's ids where a run
    /// has one there.
    pub fn output(&mut self, page: &[String], terminal: &[String]) -> Vec<String> {
        let mut kept: Vec<Option<&String>> = vec![None; terminal.len()];
        let mut from = 0;
        for (line, kept) in terminal.iter().zip(&mut kept) {
            let found = page[from..].iter().position(|shown| self.same(shown, line));
            if let Some(at) = found {
                *kept = page.get(from + at);
                from += at + 1;
            }
        }
        // An id in a line that changed is still the same run's, where nothing else tells.
        let new = |lines: &[String], known: &HashMap<String, String>| -> Vec<String> {
            let ids = lines.iter().flat_map(|line| run_ids(line));
            ids.filter(|id| !known.contains_key(id)).collect()
        };
        let (shown, real) = (new(page, &self.real), new(terminal, &self.shown));
        for (shown, real) in shown.iter().zip(&real) {
            self.bind(shown, real);
        }
        let lines = terminal.iter().zip(kept);
        lines
            .map(|(line, kept)| match kept {
                Some(shown) => shown.clone(),
                None => self.as_shown(line),
            })
            .collect()
    }

    fn same(&mut self, shown: &str, real: &str) -> bool {
        let (ids, real_ids) = (run_ids(shown), run_ids(real));
        let pairs = || ids.iter().zip(&real_ids);
        matches(&masked(shown), &masked(real))
            && (shown.contains(ANY) || ids.len() == real_ids.len())
            && pairs().all(|(shown, real)| self.may_bind(shown, real))
            && pairs().all(|(shown, real)| self.bind(shown, real))
    }

    fn may_bind(&self, shown: &str, real: &str) -> bool {
        self.real.get(shown).is_none_or(|known| known == real)
            && self.shown.get(real).is_none_or(|known| known == shown)
    }

    fn bind(&mut self, shown: &str, real: &str) -> bool {
        let may = self.may_bind(shown, real);
        if may {
            self.real.insert(shown.to_owned(), real.to_owned());
            self.shown.insert(real.to_owned(), shown.to_owned());
        }
        may
    }

    fn as_shown(&mut self, line: &str) -> String {
        let mut line = line.to_owned();
        for real in run_ids(&line.clone()) {
            let shown = self.shown.get(&real).cloned();
            let shown = shown.unwrap_or_else(|| real.clone());
            self.bind(&shown, &real);
            line = line.replace(&real, &shown);
        }
        line
    }
}

/// The ids of runs in a text, such as `20261124-0215-k7m2xq`.
pub fn run_ids(text: &str) -> Vec<String> {
    shaped(text, RUN)
}

fn masked(line: &str) -> String {
    let mut line = line.to_owned();
    for shape in TIMES.iter().chain(&[RUN]) {
        for text in shaped(&line, shape) {
            line = line.replace(&text, shape);
        }
    }
    line
}

/// Whether a line is what the page says, where [`ANY`] is any text.
fn matches(page: &str, line: &str) -> bool {
    let mut parts = page.split(ANY);
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
        last = Some(part);
    }
    rest.is_empty() || last.is_some_and(|part| part.is_empty() || line.ends_with(part))
}

/// The parts of a text that look like this.
fn shaped(text: &str, shape: &str) -> Vec<String> {
    let fits = |part: &[u8]| {
        part.iter().zip(shape.bytes()).all(|(b, s)| match s {
            b'd' => b.is_ascii_digit(),
            b'a' => b.is_ascii_lowercase() || b.is_ascii_digit(),
            s => *b == s,
        })
    };
    text.as_bytes()
        .windows(shape.len())
        .filter(|part| fits(part))
        .map(|part| String::from_utf8(part.to_vec()).unwrap())
        .collect()
}

#[test]
fn lines_are_equal_but_for_times_and_runs() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let mut runs = Runs::default();
    let page = lines("run 20260101-0000-aaaaxq: 4 applied\nat 2026-01-01 00:00, by [..]!\nold");
    let terminal = lines("run 20261124-0215-k7m2xq: 4 applied\nat 2026-11-24 02:15, by me!\nnew");
    assert_eq!(runs.output(&page, &terminal), [&page[0], &page[1], "new"]);
    assert_eq!(
        runs.command("undo 20260101-0000-aaaaxq"),
        "undo 20261124-0215-k7m2xq"
    );
    // Another run under the same id, and the same run under another, are differences.
    assert!(!runs.same("20260101-0000-aaaaxq", "20261124-0215-zzzzxq"));
    assert!(!runs.same("20260101-0000-bbbbxq", "20261124-0215-k7m2xq"));
    let changed = lines("now 20261124-0216-n3w2xq by 20261124-0215-k7m2xq");
    let page = lines("by 20260101-0000-bbbbxq");
    assert_eq!(
        runs.output(&page, &changed),
        ["now 20260101-0000-bbbbxq by 20260101-0000-aaaaxq"]
    );
}
