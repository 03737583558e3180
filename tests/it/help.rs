//! Help: `-h` fits a screen, `--help` tells all, every command stands in a group.

use std::collections::BTreeSet;

use sxinv::cli::{self, help};

use crate::shop::{Ran, bare};

/// What to do about a `-h` that is too long.
const RULE: &str = "name in BRIEF of src/cli/help.rs which options it shows";

/// Every command of the tree, as it is typed; the program itself is none.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        for sub in command.get_subcommands() {
            let path = [path, &[sub.get_name().to_owned()]].concat();
            below(sub, &path, found);
            found.push(path);
        }
    }
    let mut found = vec![Vec::new()];
    below(&cli::command(), &[], &mut found);
    found
}

fn lines(path: &[String], more: &str) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let ran = Ran::of(bare(home.path()).args(path).arg(more).output().unwrap()).ends(0);
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn brief_help_fits_a_screen_of_24_lines_and_the_programs_own_36() {
    for path in commands() {
        let shown = lines(&path, "-h");
        let most = if path.is_empty() { 36 } else { 24 };
        let all = shown.join("\n");
        let name = path.join(" ");
        assert!(
            shown.len() <= most,
            "{name} -h takes {} lines of {most}: {RULE}\n{all}",
            shown.len()
        );
        let wide: Vec<&String> = shown
            .iter()
            .filter(|line| line.chars().count() > 80)
            .collect();
        assert!(
            wide.is_empty(),
            "{name} -h is wider than 80 columns: {wide:?}"
        );
        let last = shown.last().unwrap();
        assert!(last.contains(" more options"), "{name}: {last}");
        let whole = format!("sxinv {name}").trim_end().to_owned() + " --help";
        assert!(last.ends_with(&whole), "{name}: {last}");
    }
}

#[test]
fn whole_help_has_every_option_that_brief_help_counts() {
    let options = |shown: &[String]| {
        let options = shown.iter().map(|line| line.trim_start());
        let options = options.filter(|line| line.starts_with('-'));
        let named = options.map(|line| line.split("  ").next().unwrap().to_owned());
        named.collect::<BTreeSet<_>>()
    };
    for path in commands() {
        let (brief, whole) = (lines(&path, "-h"), lines(&path, "--help"));
        let more = brief.last().unwrap().split(' ').next().unwrap();
        let more: usize = more.parse().unwrap();
        let (few, all) = (options(&brief), options(&whole));
        assert_eq!(few.len() + more, all.len(), "{path:?}: {few:#?} {all:#?}");
    }
}

#[test]
fn import_csv_has_its_options_in_four_groups_and_a_line_each() {
    let shown = lines(&["import-csv".to_owned()], "--help");
    let headings: Vec<&str> = shown
        .iter()
        .filter_map(|line| line.strip_suffix(':'))
        .filter(|line| !line.starts_with(' '))
        .collect();
    assert_eq!(
        headings,
        [
            "Arguments",
            "Reading",
            "Meaning",
            "Applying",
            "Going on",
            "Global options",
            "Examples"
        ]
    );
    let begin = shown.iter().position(|line| line == "Reading:").unwrap();
    let end = shown
        .iter()
        .position(|line| line == "Global options:")
        .unwrap();
    let broken: Vec<&String> = shown[begin..end]
        .iter()
        .filter(|line| line.starts_with("        "))
        .collect();
    assert!(
        broken.is_empty(),
        "shorten the help of these to one line: {broken:#?}"
    );
}

#[test]
fn every_command_stands_in_a_group_of_the_programs_help() {
    let grouped: BTreeSet<&str> = help::GROUPS
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    let program = cli::command();
    let strangers: Vec<&str> = program
        .get_subcommands()
        .map(clap::Command::get_name)
        .filter(|name| !grouped.contains(name))
        .collect();
    assert!(
        strangers.is_empty(),
        "name {strangers:?} in GROUPS of src/cli/help.rs"
    );
    let shown = lines(&[], "-h").join("\n");
    for (group, _) in help::GROUPS {
        assert!(shown.contains(&format!("\n{group}:\n")), "{shown}");
    }
}

#[test]
fn help_may_be_asked_for_as_a_command() {
    let home = tempfile::tempdir().unwrap();
    let said = |words: &[&str]| Ran::of(bare(home.path()).args(words).output().unwrap()).ends(0);
    let asked = said(&["help", "profile", "add"]).stdout;
    assert_eq!(asked, said(&["profile", "add", "--help"]).stdout);
    assert!(asked.contains("--client-id"), "{asked}");
    assert_eq!(said(&["help"]).stdout, said(&["--help"]).stdout);
    assert_eq!(said(&["list", "-V"]).stdout, said(&["--version"]).stdout);
}
