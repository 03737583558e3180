//! Every command line in the README is run, and every output in it is what the program says today.
//!
//! Blocks are told apart by their language. `console` holds commands with their output: trycmd compares it, and
//! `TRYCMD=overwrite` refreshes it. `terminal` is a dialogue at a terminal. `sh` holds commands without their output,
//! `crontab` lines of a crontab, `script` a file of `examples/`. Every other block holds no command.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shop::{Ran, Shop};

/// The cargo commands that the README may name; they build this program and can't be run by its tests.
const CARGO: [&str; 4] = [
    "cargo build --release",
    "cargo install --locked --path .",
    "cargo run --release -- -p sandbox import-csv examples/restock.csv --yes",
    "cargo test",
];

/// What runs a command of a `console` block: as a shell would, and keeping what it said, from which later commands
/// know the ids of the runs that the README shows.
const STEP: &str = r#"
run() { grep -oE '[0-9]{8}-[0-9]{4}-[a-z0-9]{6}' "$SAID" | tail -n "$1" | head -n 1 | grep . || echo no-run; }
eval "$1" > "$SAID.now" 2>&1 < /dev/null
code=$?
cat "$SAID.now"
cat "$SAID.now" >> "$SAID"
exit $code
"#;

#[test]
fn every_output_in_the_readme_is_what_the_program_says() {
    let home = Home::new();
    let readme = readme();
    let (copy, meant) = transcribed(&readme);
    let path = home.path().join("README.md");
    fs::write(&path, &copy).unwrap();
    let cases = trycmd::TestCases::new();
    cases.register_bin("step", PathBuf::from("/bin/sh"));
    for (name, value) in home.environment() {
        cases.env(name, value);
    }
    for name in UNSET {
        cases.env(*name, "");
    }
    let compared = std::panic::catch_unwind(|| cases.case(&path).run());
    let said = run_ids(&fs::read_to_string(home.path().join("said")).unwrap());
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        let written = as_before(&fs::read_to_string(&path).unwrap(), meant);
        fs::write(README, with_ids(&written, &said)).unwrap();
    } else if compared.is_ok() {
        // The wildcards let any id pass, but the same run has the same id throughout.
        let outputs = console(&readme).filter(|line| !line.starts_with("$ "));
        let shown: Vec<String> = outputs.flat_map(run_ids).collect();
        assert_eq!(
            firsts(&shown),
            firsts(&said),
            "the README mixes up the ids of runs; {REFRESH}"
        );
    }
    // What differs stands above, written by trycmd as it went.
    assert!(compared.is_ok(), "{REFRESH}");
}

#[test]
fn every_command_of_the_readme_without_output_runs() {
    let home = Home::new();
    let mut port = None;
    let mut servers = Vec::new();
    for block in blocks(&readme()) {
        match block.language {
            "sh" | "crontab" => {}
            _ => continue,
        }
        for line in block.lines.iter() {
            if line.starts_with("cargo ") {
                assert!(CARGO.contains(line), "`{line}` is not in CARGO");
                continue;
            }
            let command = match block.language {
                "crontab" => of_crontab(line),
                _ => line,
            };
            if command.starts_with("sxinv sandbox serve") {
                let (server, url) = serve(&home, command);
                port = Some(url);
                servers.push(server);
                continue;
            }
            let mut command = command.to_owned();
            if let (Some(url), Some(at)) = (&port, command.find("http://127.0.0.1:")) {
                let end = command[at..].find(' ').map_or(command.len(), |n| at + n);
                command.replace_range(at..end, url);
            }
            for id in run_ids(&command.clone()) {
                command = command.replace(&id, &home.newest_run());
            }
            for tool in ["jq", "sqlite3"] {
                if !home.has(tool) {
                    command = without(&command, tool);
                }
            }
            let ran = home.shell(&command);
            assert_eq!(ran.code, 0, "`{line}`, run as `{command}`: {ran:#?}");
        }
    }
    for mut server in servers {
        server.kill().unwrap();
        server.wait().unwrap();
    }
    assert!(port.is_some(), "the README serves a sandbox");
}

#[test]
fn the_cargo_commands_are_those_of_the_gate() {
    let gate = include_str!("../../.ci/run");
    let readme = readme();
    let named: Vec<&str> = blocks(&readme)
        .iter()
        .flat_map(|block| block.lines.clone())
        .filter(|line| line.starts_with("cargo "))
        .collect();
    assert_eq!(named, CARGO);
    let test = named.last().unwrap();
    assert!(
        gate.lines().any(|line| line == *test),
        "no `{test}` in .ci/run"
    );
}

#[test]
fn scripts_in_the_readme_are_those_of_the_examples_and_run() {
    let readme = readme();
    let home = Home::new();
    let mut scripts = 0;
    for block in blocks(&readme) {
        if block.language == "script" {
            let script = fs::read_to_string("examples/nightly.sh").unwrap();
            assert_eq!(block.lines.join("\n"), script.trim_end());
            let ran = home.shell("cp examples/nightly.sh . && sh nightly.sh");
            assert_eq!(ran.code, 0, "{ran:#?}");
            assert!(!home.work().join("mailed").exists());
            fs::write(
                home.work().join("restock.csv"),
                "sku_code,quantity\nNOPE,1\n",
            )
            .unwrap();
            let ran = home.shell("sh nightly.sh");
            assert_eq!(ran.code, 7, "{ran:#?}");
            let mailed = fs::read_to_string(home.work().join("mailed")).unwrap();
            assert!(mailed.contains("see rejects.csv"), "{mailed}");
            assert!(mailed.contains("1 of 1 row was not applied"), "{mailed}");
            scripts += 1;
        }
    }
    assert_eq!(scripts, 1);
}

#[test]
fn dialogues_in_the_readme_are_what_a_terminal_shows() {
    let readme = readme();
    let home = Home::new();
    let mut dialogues = 0;
    for block in blocks(&readme) {
        if block.language != "terminal" {
            continue;
        }
        let command = block.lines[0].strip_prefix("$ ").unwrap();
        let shell = home.sh(command);
        let mut screen = rexpect::session::spawn_command(shell, Some(20_000)).unwrap();
        for line in &block.lines[1..] {
            let said = line.strip_suffix("[y/N] y").unwrap_or(line);
            let said = said.split("[..]").next().unwrap();
            // The screen comes byte by byte, so only ASCII is compared.
            for part in said.trim_end().split(|c: char| !c.is_ascii()) {
                screen
                    .exp_string(part)
                    .unwrap_or_else(|e| panic!("`{command}` does not say `{said}`: {e}"));
            }
            if line.ends_with("[y/N] y") {
                screen.send_line("y").unwrap();
            } else if line.ends_with("): ") {
                screen.send_line("sx_at_sandbox").unwrap();
            }
        }
        screen.exp_eof().unwrap();
        dialogues += 1;
    }
    assert_eq!(dialogues, 2);
}

#[test]
fn commands_within_sentences_are_typed_right() {
    let readme = readme();
    let home = Home::new();
    let sentences = readme.split("```").step_by(2).collect::<String>();
    let commands: Vec<&str> = sentences
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| code.starts_with("sxinv "))
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        // The command line is read, and the command itself not done.
        let ran = home.shell(&format!("{command} --help"));
        assert_eq!(ran.code, 0, "`{command}`: {ran:#?}");
    }
}

#[test]
fn links_in_the_readme_lead_somewhere() {
    let readme = readme();
    let anchors: Vec<String> = readme
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .replace(' ', "-")
                .replace(',', "")
        })
        .collect();
    for link in readme.split("](").skip(1) {
        let target = link.split(')').next().unwrap();
        match target.strip_prefix('#') {
            Some(anchor) => assert!(anchors.iter().any(|a| a == anchor), "#{anchor}"),
            None if target.starts_with("https://") => {}
            None => assert!(Path::new(target).exists(), "{target}"),
        }
    }
}

const REFRESH: &str = "refresh the README with: TRYCMD=overwrite cargo test --test it readme, and read the difference";

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Variables that a developer may have set and that change what the program does.
const UNSET: &[&str] = &[
    "SELORAX_PROFILE",
    "SELORAX_CONFIG",
    "SELORAX_TOKEN",
    "SELORAX_CLIENT_ID",
    "SELORAX_CLIENT_SECRET",
    "SELORAX_STORE_ID",
    "SXINV_OUTPUT",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
];

fn readme() -> String {
    fs::read_to_string(README).unwrap()
}

/// A fenced block.
struct Block<'a> {
    language: &'a str,
    lines: Vec<&'a str>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                inside = true;
                let lines = Vec::new();
                blocks.push(Block { language, lines });
            }
            None if inside => blocks.last_mut().unwrap().lines.push(line),
            None => {}
        }
    }
    blocks
}

/// The README as trycmd runs it: commands go through a shell, run ids and times match any. Line by line, so that what
/// trycmd writes can be brought back; with it, what each changed line was before.
fn transcribed(readme: &str) -> (String, HashMap<String, Vec<String>>) {
    let mut shown: Vec<String> = Vec::new();
    let mut copy = String::new();
    let mut meant: HashMap<String, Vec<String>> = HashMap::new();
    let mut inside = None;
    for line in readme.lines() {
        let written = match (line.strip_prefix("```"), inside) {
            (Some(_), Some(_)) => {
                inside = None;
                line.to_owned()
            }
            (Some(language), None) => {
                inside = Some(language == "console");
                line.to_owned()
            }
            (None, Some(true)) => match line.strip_prefix("$ ") {
                Some(command) => {
                    let mut command = command.to_owned();
                    for id in run_ids(&command.clone()) {
                        // Counted from the newest, so that outputs before it may change.
                        let back = shown.iter().rev().position(|known| *known == id);
                        let back = back.unwrap_or_else(|| panic!("no output shows {id}"));
                        command = command.replace(&id, &format!("$(run {})", back + 1));
                    }
                    format!(
                        "$ step -c '. \"$STEP\"' step '{}'",
                        command.replace('\'', r"'\''")
                    )
                }
                None => {
                    shown.extend(run_ids(line));
                    masked(line)
                }
            },
            _ => line.to_owned(),
        };
        if written != line {
            meant
                .entry(written.clone())
                .or_default()
                .push(line.to_owned());
        }
        copy.push_str(&written);
        copy.push('\n');
    }
    (copy, meant)
}

/// What trycmd wrote, with the README's own lines wherever they still hold.
fn as_before(written: &str, mut meant: HashMap<String, Vec<String>>) -> String {
    let mut readme = String::new();
    for line in written.lines() {
        match meant.get_mut(line).filter(|lines| !lines.is_empty()) {
            Some(lines) => readme.push_str(&lines.remove(0)),
            None => readme.push_str(line),
        }
        readme.push('\n');
    }
    readme
}

/// The lines of every `console` block.
fn console(readme: &str) -> impl Iterator<Item = &str> {
    blocks(readme)
        .into_iter()
        .filter(|block| block.language == "console")
        .flat_map(|block| block.lines)
}

/// The README with the run ids that were said, in this order.
fn with_ids(readme: &str, said: &[String]) -> String {
    let mut said = said.iter();
    let mut now: HashMap<String, String> = HashMap::new();
    let mut inside = None;
    let mut written = String::new();
    for line in readme.lines() {
        let mut line = line.to_owned();
        if let Some(language) = line.strip_prefix("```") {
            inside = match inside {
                Some(_) => None,
                None => Some(language == "console"),
            };
        } else if inside == Some(true) {
            let output = !line.starts_with("$ ");
            for id in run_ids(&line) {
                if output {
                    now.insert(id.clone(), said.next().unwrap().clone());
                }
                line = line.replace(&id, &now[&id]);
            }
        }
        written.push_str(&line);
        written.push('\n');
    }
    written
}

/// For each text, where it stood first.
fn firsts(texts: &[String]) -> Vec<usize> {
    let first = |text| texts.iter().position(|other| other == text).unwrap();
    texts.iter().map(first).collect()
}

/// The run ids in a text, such as `20261124-0215-k7m2xq`.
fn run_ids(text: &str) -> Vec<String> {
    const SHAPE: &str = "dddddddd-dddd-aaaaaa";
    shaped(text, SHAPE)
}

/// A line of output with its run ids and times as wildcards.
fn masked(line: &str) -> String {
    const TIME: &str = "dddd-dd-ddTdd:dd:dd.dddZ";
    let mut line = line.to_owned();
    for text in shaped(&line, TIME).into_iter().chain(run_ids(&line)) {
        line = line.replace(&text, "[..]");
    }
    line
}

/// The parts of a text that look like `shape`: `d` is a digit, `a` a small letter or a digit, all else itself.
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

/// The command of a crontab line.
fn of_crontab(line: &str) -> &str {
    let mut rest = line;
    for _ in 0..5 {
        let (field, command) = rest.split_once(' ').unwrap();
        assert!(
            field
                .bytes()
                .all(|b| b.is_ascii_digit() || b"*/-,".contains(&b)),
            "{line}"
        );
        rest = command;
    }
    assert!(!rest.contains('%'), "cron ends a line at %: {line}");
    rest
}

/// A command for a machine without this tool: what stands before the pipe to it, or nothing.
fn without(command: &str, tool: &str) -> String {
    match command.split_once(&format!(" | {tool} ")) {
        Some((before, _)) => before.to_owned(),
        None if command.starts_with(tool) => "true".to_owned(),
        None => command.to_owned(),
    }
}

/// Starts `sandbox serve`; the address is the first thing that it says.
fn serve(home: &Home, command: &str) -> (std::process::Child, String) {
    let mut server = home
        .sh(&format!("exec {command}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap();
    (server, url.to_owned())
}

/// A user's home with the README's files and programs in it, and a store at the address that profiles have.
struct Home {
    shop: Shop,
}

impl Home {
    fn new() -> Home {
        let home = Home { shop: Shop::new() };
        let work = home.work();
        fs::create_dir_all(work.join("examples")).unwrap();
        fs::create_dir_all(work.join("restock")).unwrap();
        for file in fs::read_dir("examples").unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), work.join("examples").join(file.file_name())).unwrap();
        }
        for folder in [&work, &work.join("restock")] {
            fs::copy("examples/restock.csv", folder.join("restock.csv")).unwrap();
            fs::copy("examples/nightly.sh", folder.join("nightly.sh")).unwrap();
        }
        let bin = home.path().join("bin");
        fs::create_dir(&bin).unwrap();
        home.program("pass", "echo sx_at_sandbox");
        home.program("mail", "{ echo \"$@\"; cat; } >> mailed");
        fs::write(bin.join("step.sh"), STEP).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sxinv"), bin.join("sxinv")).unwrap();
        home
    }

    fn program(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    }

    fn path(&self) -> &Path {
        self.shop.folder.path()
    }

    /// Where commands are run; trycmd takes the folder beside the file.
    fn work(&self) -> PathBuf {
        self.path().join("README.in")
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.path().join(name).to_string_lossy().into_owned();
        let tools = std::env::var("PATH").unwrap_or_default();
        vec![
            ("PATH", format!("{}:{tools}", path("bin"))),
            ("HOME", path("home")),
            ("SXINV_STATE_DIR", path("state")),
            ("SAID", path("said")),
            ("STEP", path("bin/step.sh")),
            ("TZ", "UTC".to_owned()),
            ("COLUMNS", "120".to_owned()),
            ("TERM", "xterm".to_owned()),
            // What would be production is this test's own store.
            ("SELORAX_API_URL", self.shop.url.clone()),
        ]
    }

    /// A shell whose default store is the sandbox.
    fn sh(&self, command: &str) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", command])
            .env_clear()
            .envs(self.environment())
            .env("SELORAX_PROFILE", "sandbox")
            .current_dir(self.work());
        shell
    }

    fn shell(&self, command: &str) -> Ran {
        Ran::of(self.sh(command).stdin(Stdio::null()).output().unwrap())
    }

    fn has(&self, tool: &str) -> bool {
        self.shell(&format!("command -v {tool}")).code == 0
    }

    fn newest_run(&self) -> String {
        let ran = self.shell("sxinv history --limit 1 -o csv --fields run");
        ran.stdout.lines().last().unwrap().trim().to_owned()
    }
}
