//! Every command line in the README and under `docs/` is run, every output there is what a terminal of 80 columns shows
//! today, and every reference leads somewhere.
//!
//! Blocks are told apart by their language. `console` holds commands with their output; `REFRESH=1` brings it up to date.
//! A question in it is answered as shown, and a line may have `[..]` for any text. `sh` holds commands without their
//! output, which have to end well, `crontab` lines of a crontab. Every other block holds no command. Each page is read
//! from top to bottom in a home of its own; the sandbox is its default profile. `pictures.rs` has the pictures.

mod examples;
mod home;
mod links;
mod page;
mod pictures;
mod shown;
mod svg;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use home::Home;
use page::{Page, Part, block, dialogues};
use shown::Runs;

const REFRESH: &str =
    "refresh the pages with: REFRESH=1 cargo test --test it docs, and read `git diff`";

/// The cargo commands that pages may name; they build this program and can't be run by its tests.
const CARGO: [&str; 4] = [
    "cargo build --release",
    "cargo install --locked --path .",
    "cargo run --release -- -p sandbox import-csv examples/restock.csv --yes",
    "cargo test",
];

#[test]
fn every_command_of_every_page_does_what_the_page_shows() {
    let wrong: Vec<String> = thread::scope(|scope| {
        let read = |page| scope.spawn(move || read(page));
        let pages: Vec<_> = Page::all().into_iter().map(read).collect();
        pages
            .into_iter()
            .flat_map(|page| page.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}\n\n{REFRESH}", wrong.join("\n\n"));
}

/// Does what a page says; what is not as it shows.
fn read(mut page: Page) -> Vec<String> {
    let mut home = Home::of(&page.path);
    let mut runs = Runs::default();
    let mut wrong = Vec::new();
    for part in &mut page.parts {
        let Part::Block { language, lines } = part else {
            continue;
        };
        match language.as_str() {
            "console" => {
                let now = look(lines, &home, &mut runs);
                if now != *lines {
                    let (shown, now) = (lines.join("\n"), now.join("\n"));
                    wrong.push(format!("{} shows:\n{shown}\nIt is:\n{now}", page.path));
                }
                *lines = now;
            }
            "sh" | "crontab" => {
                for line in lines.iter().filter(|line| !line.starts_with("cargo ")) {
                    let command = match language.as_str() {
                        "crontab" => of_crontab(line),
                        _ => line,
                    };
                    let run = || home.quietly(&runs.command(command));
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
                        let why = panic.downcast_ref::<String>().cloned();
                        wrong.push(format!("{}: {}", page.path, why.unwrap_or_default()));
                    }
                }
            }
            _ => {}
        }
    }
    if std::env::var_os("REFRESH").is_some() {
        page.write();
    }
    wrong
}

/// A `console` block as it is today.
fn look(lines: &[String], home: &Home, runs: &mut Runs) -> Vec<String> {
    let mut dialogues = dialogues(lines);
    for dialogue in &mut dialogues {
        let (code, lines) = home.terminal(&runs.command(&dialogue.command));
        dialogue.code = code;
        dialogue.output = runs.output(&dialogue.output, &lines);
    }
    block(&dialogues)
}

/// The command of a crontab line.
fn of_crontab(line: &str) -> &str {
    let mut rest = line;
    for _ in 0..5 {
        let (field, command) = rest.split_once(' ').unwrap();
        let is_time = |b: u8| b.is_ascii_digit() || b"*/-,".contains(&b);
        assert!(field.bytes().all(is_time), "{line}");
        rest = command;
    }
    assert!(!rest.contains('%'), "cron ends a line at %: {line}");
    rest
}

#[test]
fn the_cargo_commands_are_those_of_the_gate() {
    let gate = include_str!("../../.ci/run");
    let pages = Page::all();
    let lines = pages.iter().flat_map(|page| page.lines_in("sh"));
    let named: Vec<&str> = lines.filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(named, CARGO);
    assert!(gate.lines().any(|line| line == "cargo test"));
}

#[test]
fn the_readme_fits_a_few_screens() {
    let readme = include_str!("../../README.md");
    assert!(readme.lines().count() <= 240);
}

#[test]
fn commands_within_sentences_are_typed_right() {
    let home = Home::of("");
    let mut commands = 0;
    for page in Page::all() {
        let prose = page.prose();
        for command in prose.split('`').skip(1).step_by(2) {
            if !command.starts_with("sxinv ") {
                continue;
            }
            // The command line is read, and the command itself not done.
            let command = command.replace('\n', " ");
            let ran = home.shell(&format!("{command} --help"));
            assert_eq!(ran.code, 0, "{}, `{command}`: {ran:#?}", page.path);
            commands += 1;
        }
    }
    assert!(commands > 10, "{commands}");
}
