//! The files under `examples/`: those that are run by a machine are, and every one is on a page.

use std::fs;
use std::process::Command;

use sxinv::sandbox::Options;

use super::home::Home;
use super::of_crontab;
use super::page::{Page, root};

#[test]
fn the_nightly_job_is_silent_when_all_is_well_and_mails_what_a_person_has_to_see() {
    let home = Home::of("");
    let job = |code| home.shell("sh nightly.sh").ends(code);
    let quiet = job(0);
    assert_eq!(quiet.stdout + &quiet.stderr, "");
    assert!(!home.work().join("mailed").exists());
    fs::write(
        home.work().join("restock.csv"),
        "sku_code,quantity\nNOPE,1\n",
    )
    .unwrap();
    job(7);
    let mailed = fs::read_to_string(home.work().join("mailed")).unwrap();
    assert!(
        mailed.starts_with("-s Restock ended with exit code 7 owner@"),
        "{mailed}"
    );
    assert!(mailed.contains("1 of 1 row was not applied"), "{mailed}");
    assert!(mailed.contains("import-csv"), "{mailed}");
    let rejects = fs::read_to_string(home.work().join("rejects.csv")).unwrap();
    assert!(rejects.contains("NOPE,1,"), "{rejects}");
    assert!(!mailed.contains("No run began"), "{mailed}");
}

#[test]
fn the_nightly_job_mails_no_run_of_another_night() {
    let home = Home::of("");
    home.shell("sxinv -q adjust PRB-SM-RED +1").ends(0);
    let runs = home.shell("sxinv history -o csv --fields run").ends(0);
    let run = runs.stdout.lines().nth(1).unwrap().trim_end().to_owned();
    // It was before this night began.
    home.program("date", "echo 2099-11-26T03:00:00Z");
    let mailed = |home: &Home| fs::read_to_string(home.work().join("mailed")).unwrap();
    // The file is not there; then the server is not.
    fs::remove_file(home.work().join("restock.csv")).unwrap();
    home.shell("sh nightly.sh").ends(2);
    let without_a_file = mailed(&home);
    fs::copy(
        super::page::root("examples/restock.csv"),
        home.work().join("restock.csv"),
    )
    .unwrap();
    home.program("sleep", "");
    home.shell("SELORAX_API_URL=http://127.0.0.1:9 SELORAX_TOKEN=sx_at_x sh nightly.sh")
        .ends(6);
    let all = mailed(&home);
    for mailed in [without_a_file.as_str(), &all[without_a_file.len()..]] {
        assert!(mailed.contains("error: "), "{mailed}");
        assert!(mailed.contains("No run began"), "{mailed}");
        assert!(!mailed.contains(&run), "{mailed}");
    }
}

#[test]
fn the_nightly_job_goes_on_with_a_run_that_the_server_cut_off() {
    let mut home = Home::of("");
    // Ten failures in a row end a run; without retries they come at once.
    let sxinv = env!("CARGO_BIN_EXE_sxinv");
    home.program("sxinv", &format!("exec {sxinv} --retries 0 \"$@\""));
    home.program("sleep", "echo \"$1\" > paused; cat resumed > /dev/null");
    home.shell("mkfifo paused resumed").ends(0);
    home.shop.serve_again(Options {
        faults: "503=1,writes-only".parse().unwrap(),
        ..Options::default()
    });
    let mut job = home.command("SELORAX_TOKEN=sx_at_sandbox sh nightly.sh");
    let mut job = job.spawn().unwrap();
    let paused = fs::read_to_string(home.work().join("paused")).unwrap();
    assert_eq!(paused, "60\n");
    let movements = || home.shop.store().movements().unwrap().len();
    assert_eq!(movements(), 0);
    home.shop.serve_again(Options::default());
    fs::write(home.work().join("resumed"), "").unwrap();
    // What failed has failed; the rest of the run was applied, once.
    assert_eq!(job.wait().unwrap().code(), Some(7));
    let rows = fs::read_to_string(home.work().join("rows.csv")).unwrap();
    let applied = rows
        .lines()
        .filter(|row| row.starts_with("applied,"))
        .count();
    assert!(applied > 0, "{rows}");
    assert_eq!(home.shop.store().movements().unwrap().len(), applied);
}

#[test]
fn the_crontab_runs() {
    let mut home = Home::of("");
    let crontab = fs::read_to_string(root("examples/crontab")).unwrap();
    let jobs = crontab
        .lines()
        .filter(|line| line.starts_with(|c: char| c == '*' || c.is_ascii_digit()));
    let jobs: Vec<&str> = jobs.map(of_crontab).collect();
    assert_eq!(jobs.len(), 7);
    for job in jobs {
        home.quietly(job);
    }
    for written in ["low.txt", "snapshot.txt", "order.txt", "stock.html"] {
        assert!(home.work().join(written).exists(), "{written}");
    }
}

#[test]
fn every_example_is_on_a_page() {
    let pages: Vec<String> = Page::all()
        .iter()
        .map(|page| fs::read_to_string(root(&page.path)).unwrap())
        .collect();
    for name in names() {
        let named = format!("examples/{name}");
        assert!(pages.iter().any(|page| page.contains(&named)), "{name}");
    }
}

/// What `systemd` itself says of the units, where it is there.
#[test]
fn the_units_are_understood_by_systemd() {
    let home = Home::of("");
    let units = names()
        .into_iter()
        .filter(|name| name.starts_with("sxinv-"));
    let units: Vec<_> = units.map(|name| root("examples").join(name)).collect();
    assert_eq!(units.len(), 5);
    // The program of a unit has to be there.
    home.shell("mkdir -p $HOME/restock && cp nightly.sh $HOME/restock")
        .ends(0);
    let folder = home.shop.folder.path();
    let said = Command::new("systemd-analyze")
        .args(["verify", "--user", "--man=no"])
        .args(units)
        .env("HOME", folder.join("home"))
        .env("XDG_RUNTIME_DIR", folder)
        .output();
    match said {
        Ok(said) => {
            let told = String::from_utf8_lossy(&said.stderr);
            assert!(said.status.success() && told.is_empty(), "{told}");
        }
        Err(_) => eprintln!("skipped: no systemd here"),
    }
}

/// A unit that nobody asks for by its name runs by a timer that does, and what it runs is what the pages say.
#[test]
fn the_units_run_what_the_crontab_runs() {
    let read = |name: &str| fs::read_to_string(root("examples").join(name)).unwrap();
    let crontab = read("crontab");
    for unit in ["snapshot", "restock"] {
        let service = read(&format!("sxinv-{unit}.service"));
        let timer = read(&format!("sxinv-{unit}.timer"));
        let start = service
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="));
        let command = start.unwrap().trim_start_matches("/usr/bin/env ");
        let command = command.rsplit('/').next().unwrap();
        let job = crontab.lines().find(|job| job.contains(command)).unwrap();
        let (minute, hour) = job.split_once(' ').unwrap();
        let hour = hour.split(' ').next().unwrap();
        let at = format!("OnCalendar=*-*-* {hour:0>2}:{minute:0>2}");
        assert!(timer.lines().any(|line| line == at), "{at}");
    }
}

fn names() -> Vec<String> {
    let files = fs::read_dir(root("examples")).unwrap();
    let name = |file: std::io::Result<fs::DirEntry>| file.unwrap().file_name().into_string();
    files.map(|file| name(file).unwrap()).collect()
}

#[test]
fn scripts_have_nothing_that_shellcheck_warns_of() {
    let scripts = [
        "examples/nightly.sh",
        ".ci/run",
        ".ci/deb",
        "benches/newcomer.sh",
    ]
    .map(root);
    match Command::new("shellcheck").args(scripts).output() {
        Ok(said) => assert!(
            said.status.success(),
            "{}",
            String::from_utf8_lossy(&said.stdout)
        ),
        Err(_) => eprintln!("skipped: no shellcheck here"),
    }
}
