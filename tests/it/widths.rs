//! No command's results break on a terminal, however wide it is, and none is cut that must not be.
#![cfg(unix)]

use std::process::Command;

use crate::screen::{self, Screen};
use crate::shop::Shop;

/// Every command that shows results, as it is typed.
const COMMANDS: [&str; 23] = [
    "snapshot",
    "list --limit 250",
    "list --variants --limit 40",
    "list --below 3",
    "show 150",
    "show 261",
    "set PRB-SM-RED 40",
    "set PRB-SM-RED=41 --dry-run",
    "adjust PRB-SM-RED -3 --reason 'Damaged in the cold store over the weekend'",
    "import-csv count.csv --yes",
    "import-csv count.csv --dry-run",
    "history",
    "history --limit 0",
    "snapshot --list",
    "diff",
    "check",
    "profile list",
    "history --sku PRB-SM-RED",
    "reorder levels.csv",
    "report stock.html --levels levels.csv",
    "scan counted.csv < scans.txt",
    "undo --last --yes",
    "-h",
];

/// What to keep of two variants.
const LEVELS: &str = "\
sku_code,min,target,supplier
PRB-SM-RED,60,100,The Flower Auction of Aalsmeer and Sons
PRB-LG-RED,30,50,
";

/// Rows of every kind: applied, unchanged, a conflict, unknown codes with near misses and without.
const COUNT: &str = "\
sku_code,quantity,expected_quantity
PRB-LG-RED,13,12
PRB-LG-WHT,4,9
PRB-SM-RDE,3,
A-CODE-THAT-NOBODY-IN-THIS-SHOP-HAS-EVER-HEARD-OF,3,
";

/// The results of a command line at a terminal; notes and errors are prose, and go elsewhere.
fn at(shop: &Shop, line: &str, columns: u16) -> Screen {
    let command = shop.command(&[] as &[&str]);
    let program = command.get_program().to_str().unwrap();
    let words: Vec<&str> = command
        .get_args()
        .map(|word| word.to_str().unwrap())
        .collect();
    let line = format!("{program} {} {line} 2>/dev/null", words.join(" "));
    screen::run(&line, columns, 4000, |shell| environment(&command, shell))
}

fn environment(command: &Command, shell: &mut Command) {
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.env("TERM", "xterm-256color");
    shell.current_dir(command.get_current_dir().unwrap());
}

#[test]
fn no_row_breaks_on_a_narrow_terminal_and_on_a_usual_one() {
    no_row_breaks_at(&[40, 80]);
}

/// `cargo test --test it widths -- --ignored`
#[test]
#[ignore = "the same at more widths"]
fn no_row_breaks_at_any_width() {
    no_row_breaks_at(&[50, 60, 100, 160]);
}

fn no_row_breaks_at(widths: &[u16]) {
    std::thread::scope(|scope| {
        for &columns in widths {
            scope.spawn(move || {
                let shop = Shop::new();
                shop.file("count.csv", COUNT);
                shop.file("levels.csv", LEVELS);
                shop.file("scans.txt", "PRB-SM-RED\nPRB-SM-RED\nPRB-LG-RED\n");
                for line in COMMANDS {
                    let screen = at(&shop, line, columns);
                    assert!(matches!(screen.code, 0 | 7), "{line}: {}", screen.code);
                    assert!(!screen.lines().is_empty(), "{line} shows nothing");
                    // A code or a path that is wider than the terminal is not cut: the terminal breaks it.
                    let mut broken = screen.broken_lines();
                    broken.retain(|line| {
                        columns > 60 || !line.contains("A-CODE-THAT") && !line.contains("  /")
                    });
                    // Nor is the command that a scan ends with.
                    if line.starts_with("scan") {
                        broken
                            .retain(|line| !line.contains("--api-url") && !line.contains("--mode"));
                    }
                    assert!(broken.is_empty(), "{line} at {columns}: {broken:#?}");
                }
                history_of_a_run(&shop, columns);
            });
        }
    });
}

/// Codes, run ids, numbers and reasons are whole.
fn history_of_a_run(shop: &Shop, columns: u16) {
    let run = shop.run(&["history", "-o", "csv", "--fields", "run,command"]);
    let mut runs = run.stdout.lines();
    let run = runs.rfind(|line| line.ends_with(",import-csv")).unwrap();
    let run = run.split(',').next().unwrap().to_owned();
    let listed = at(shop, "history", columns);
    assert!(
        listed.lines().iter().any(|line| line.contains(&run)),
        "{:#?}",
        listed.lines()
    );
    let shown = at(shop, &format!("history {run}"), columns);
    let words = shown.lines().join(" ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    for whole in [
        "A-CODE-THAT-NOBODY-IN-THIS-SHOP-HAS-EVER-HEARD-OF",
        "expected 9 units, the stock is 0",
        "did you mean PRB-SM-RED?",
    ] {
        // The longest code is wider than the narrowest terminal, which then breaks it.
        if usize::from(columns) > whole.len() + 10 || !whole.starts_with("A-") {
            assert!(
                words.contains(whole),
                "at {columns}, no `{whole}` in {:#?}",
                shown.lines()
            );
        }
    }
}
