//! Commands in what the program says can be pasted: prose stands before them, behind a colon, and what follows is a command
//! and nothing else. Whatever any test's program says on stderr is looked at.

use sxinv::cli;

/// What a command of ours begins with.
const PROGRAM: &str = "sxinv ";

/// Fails where a line has a command of ours that can't be pasted as it stands.
#[track_caller]
pub fn check(stderr: &str) {
    for line in stderr.lines() {
        let hint = match serde_json::from_str::<serde_json::Value>(line) {
            Ok(document) => document["error"]["hint"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            Err(_) => line.to_owned(),
        };
        for line in hint.lines() {
            if let Err(why) = looked_at(line) {
                panic!("{why}: {line}");
            }
        }
    }
}

/// What is wrong with a line.
fn looked_at(line: &str) -> Result<(), String> {
    let line = line.strip_prefix("hint: ").unwrap_or(line).trim_start();
    // Messages say what is, not what to type; usage is no command.
    if ["error: ", "warning: ", "line ", "usage: "]
        .iter()
        .any(|begin| line.starts_with(begin))
    {
        return Ok(());
    }
    let Some(at) = line
        .match_indices(PROGRAM)
        .map(|(at, _)| at)
        .find(|at| is_command(line, *at))
    else {
        return Ok(());
    };
    let (before, command) = line.split_at(at);
    // What was typed for a run is told, and nothing to type.
    if before.ends_with(", by ") {
        return Ok(());
    }
    if !(before.is_empty() || before.ends_with(": ")) {
        return Err("no colon stands before the command".to_owned());
    }
    let words = shlex::split(command).ok_or("no shell can read the command")?;
    match cli::parse(words.into_iter().map(Into::into)) {
        Err(e) if e.exit_code() != 0 => Err(format!("the command is none ({})", e.kind())),
        _ => Ok(()),
    }
}

/// Whether the program is called there, and not spoken of.
fn is_command(line: &str, at: usize) -> bool {
    let begins = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_/.".contains(c));
    let next = line[at + PROGRAM.len()..]
        .split(' ')
        .next()
        .unwrap_or_default();
    let name = next.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    begins && (next.starts_with('-') || cli::command().find_subcommand(name).is_some())
}

#[test]
fn a_command_with_prose_behind_it_can_not_be_pasted() {
    for fine in [
        "take it back with: sxinv -p 'a b' undo 20261126",
        "hint: sxinv set PRB-SM-RED=50",
        "more: sxinv list --help",
        "to add one: sxinv profile add NAME",
        "the longest that sxinv waits is 5 s",
        "usage: sxinv list [OPTIONS] [TEXT]",
        "--again sends its rest as well",
    ] {
        assert_eq!(looked_at(fine), Ok(()), "{fine}");
    }
    for wrong in [
        "hint: sxinv history X shows its rows",
        "`sxinv history` lists the runs",
        "sxinv list --variants lists them; -p names another store",
        "look into sxinv history",
        "say which: sxinv import-csv --resume-all FILE",
        "why: sxinv histroy X --sku",
    ] {
        // What nobody knows for a command of ours is no command.
        let is_prose = wrong.contains("histroy");
        assert_eq!(looked_at(wrong).is_err(), !is_prose, "{wrong}");
    }
}

/// What every kind of error that is made of words alone has to say. Others are met in the tests of their commands.
#[test]
fn hints_of_every_command_can_be_pasted() {
    let shop = crate::shop::Shop::new();
    for typed in [
        "undo",
        "undo nope",
        "history nope",
        "history --sku NOPE",
        "show nope",
        "show NOPE-1",
        "show 999999",
        "list --limt 5",
        "list bouquet rose",
        "list --limit x",
        "lst",
        "nonsense",
        "profile",
        "sandbox",
        "profile show nope",
        "profile use nope",
        "profile remove nope",
        "profile add",
        "man nope",
        "diff",
        "diff 7d",
        "diff nope.csv",
        "reorder nope.csv",
        "report stock",
        "report stock.html --levels nope.csv",
        "adjust PRB-SM-RED 0",
        "adjust NOPE-1 +1",
        "adjust PRB-SM-RED=3",
        "set NOPE-1=4",
        "set 150 SUN-MD=4",
        "set PRB-SM-RED:40",
        "set PRB-SM-RED=4 -r x",
        "history --last",
        "import-csv nope.csv --yes",
        "import-csv --recipe nope",
        "import-csv --resume nope",
        "import-csv a.csv --resend-unknown",
        "export-csv a.ods",
        "scan -",
        "completions nope",
        "check --nope",
        "adjust",
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let ran = shop.run(&words);
        assert_ne!(ran.code, 0, "{typed}: {ran:#?}");
    }
}
