//! Completions: what the shop has, offline and without a word where there is nothing.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::catalogue::shop::clean_command;
use crate::scripted::Server;

/// What bash takes for the end of a word.
const BREAKS: &str = " \t\n\"'><=;|&(:";

/// What the shell gets for the last of these words.
fn complete(folder: &TempDir, shell: &str, words: &[&str]) -> Vec<String> {
    let mut command = clean_command(folder);
    command.env("COMPLETE", shell).arg("--");
    if shell == "bash" {
        let line = format!("sxinv {}", words.join(" "));
        command
            .env("_SXINV_LINE", line)
            .env("_SXINV_BREAKS", BREAKS);
    } else {
        command.arg("sxinv").args(words);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{words:?}: {said}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// What bash gets, without options and the blank behind each.
fn bash(folder: &TempDir, words: &[&str]) -> Vec<String> {
    let mut answers = complete(folder, "bash", words);
    answers.retain(|answer| !answer.starts_with('-'));
    answers
        .iter()
        .map(|answer| answer.trim_end().to_owned())
        .collect()
}

/// A folder in whose state the sandbox's shop is known, and something was written.
fn known_shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    let adjust = ["-p", "sandbox", "adjust", "PRB-SM-RED", "+1"];
    assert!(
        clean_command(&folder)
            .args(adjust)
            .output()
            .unwrap()
            .status
            .success()
    );
    folder
}

#[test]
fn codes_and_products_come_from_the_catalogue() {
    let folder = known_shop();
    let bash = |words: &[&str]| bash(&folder, words);
    let red = ["PRB-LG-RED", "PRB-LG-WHT", "PRB-SM-RED"];
    assert_eq!(bash(&["-p", "sandbox", "show", "PRB-"]), red);
    assert_eq!(
        bash(&["--profile=sandbox", "adjust", "PRB-S"]),
        ["PRB-SM-RED"]
    );
    assert_eq!(
        bash(&["-p", "sandbox", "adjust", "'prb sm"]),
        ["PRB-SM-RED"]
    );
    assert_eq!(bash(&["-p", "sandbox", "set", "PRB-S"]), ["PRB-SM-RED="]);
    assert_eq!(
        bash(&["-p", "sandbox", "set", "150", "PRB-L"]),
        ["PRB-LG-RED=", "PRB-LG-WHT="]
    );
    assert_eq!(bash(&["-p", "sandbox", "adjust", "150", ""]), red);
    assert_eq!(
        bash(&["-p", "sandbox", "history", "--sku", "0012"]).len(),
        4
    );
    // The shared code once; an adjustment is not a code.
    assert_eq!(bash(&["-p", "sandbox", "show", "ROSE-BUSH"]), ["ROSE-BUSH"]);
    assert!(bash(&["-p", "sandbox", "adjust", "PRB-SM-RED", "1"]).is_empty());
    assert!(bash(&["-p", "sandbox", "set", "PRB-SM-RED=1"]).is_empty());
    assert_eq!(
        bash(&["-p", "sandbox", "show", "code:PRB-S"]),
        ["PRB-SM-RED"]
    );
    let products = complete(&folder, "fish", &["-p", "sandbox", "show", "15"]);
    assert!(
        products.contains(&"150\tPremium Rose Bouquet".to_owned()),
        "{products:?}"
    );
    // Without -p it is another store's command line.
    assert!(bash(&["show", "PRB-"]).is_empty());
}

#[test]
fn runs_come_newest_first_and_say_what_they_were() {
    let folder = known_shop();
    let set = ["-p", "sandbox", "set", "PRB-SM-RED=3"];
    assert!(
        clean_command(&folder)
            .args(set)
            .output()
            .unwrap()
            .status
            .success()
    );
    for words in [
        ["undo", ""].as_slice(),
        &["history", ""],
        &["import-csv", "--resume", ""],
    ] {
        let mut runs = complete(&folder, "zsh", words);
        runs.retain(|run| !run.starts_with('-'));
        assert_eq!(runs.len(), 2, "{runs:?}");
        assert!(
            runs[0].ends_with(" UTC set") && runs[1].ends_with(" UTC adjust"),
            "{runs:?}"
        );
    }
}

#[test]
fn what_is_meant_comes_first_and_nothing_that_can_not_be_meant() {
    let folder = known_shop();
    let bash = |words: &[&str]| bash(&folder, &[&["-p", "sandbox"], words].concat());
    // A product's codes in any case, ids behind `id:`, and what else one product has.
    assert_eq!(bash(&["set", "150", "prb-s"]), ["PRB-SM-RED="]);
    assert_eq!(bash(&["show", "id:45"])[0], "450");
    assert_eq!(bash(&["show", "id:450"]), ["450"]);
    assert_eq!(
        bash(&["set", "PRB-SM-RED=5", ""]),
        ["PRB-LG-RED=", "PRB-LG-WHT="]
    );
    assert_eq!(bash(&["set", "id:450=5", "PRB-LG-R"]), ["PRB-LG-RED="]);
    // What begins like an option is a code behind `--`.
    assert!(bash(&["show", "-VOU"]).is_empty());
    assert_eq!(
        complete(&folder, "bash", &["-p", "sandbox", "show", "--", "-VOU"]),
        ["-VOUCH-500 "]
    );
    // Commands have pages.
    let pages = bash(&["man", ""]);
    assert!(
        pages.contains(&"import-csv".to_owned()) && pages.contains(&"undo".to_owned()),
        "{pages:?}"
    );
    assert_eq!(bash(&["man", "exp"]), ["export-csv"]);
    assert!(bash(&["man", "profile", ""]).contains(&"add".to_owned()));
    // A moment is now, or a file; no file is the folder itself.
    assert_eq!(bash(&["diff", ""])[0], "now");
    let file = folder.path().join("stock.csv");
    fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(bash(&["diff", &file[..file.len() - 2]]), [file]);
    let files = bash(&["import-csv", ""]);
    assert!(!files.contains(&".".to_owned()), "{files:?}");
}

#[test]
fn runs_of_this_store_and_those_that_were_cut_off_come_first() {
    let folder = known_shop();
    let ran = |words: &[&str]| {
        let output = clean_command(&folder).args(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    ran(&["-p", "sandbox", "set", "PRB-SM-RED=3"]);
    let ledger = rusqlite::Connection::open(folder.path().join("state/state.db")).unwrap();
    let ids: Vec<String> = ledger
        .prepare("SELECT run FROM runs ORDER BY number")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    // The first of the two was cut off; a newer one is on another store.
    ledger
        .execute_batch(
            "UPDATE runs SET ended_at = NULL WHERE number = 1;
             INSERT INTO runs SELECT 9, 'x-another', started_at, ended_at, profile, 'https://other.example profile o',
                 command, command_line, file, mode, on_conflict, left_alone, undo_of, stopped, reason, stopped_by, ledger, buffer, clocks
             FROM runs WHERE number = 2",
        )
        .unwrap();
    let runs = |words: &[&str]| {
        let mut runs = bash(&folder, &[&["-p", "sandbox"], words].concat());
        runs.truncate(3);
        runs
    };
    let (cut_off, done) = (ids[0].as_str(), ids[1].as_str());
    assert_eq!(runs(&["undo", ""]), [done, cut_off, "x-another"]);
    assert_eq!(
        runs(&["import-csv", "--resume", ""]),
        [cut_off, done, "x-another"]
    );
}

#[test]
fn profiles_fields_and_orders() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("profiles.toml");
    let ran = folder.path().join("ran");
    fs::write(
        &config,
        format!(
            "default_profile = \"flowers\"\n[profiles.flowers]\ntoken_command = \"touch {}\"\n[profiles.fruit]\ntoken = \"sx_at_x\"\n",
            ran.display()
        ),
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let config = config.to_str().unwrap();
    let bash = |words: &[&str]| bash(&folder, words);
    assert_eq!(bash(&["--config", config, "-p", "f"]), ["flowers", "fruit"]);
    assert_eq!(
        bash(&["--config", config, "profile", "use", ""]),
        ["flowers", "fruit", "sandbox"]
    );
    assert_eq!(
        bash(&["--config", config, "profile", "remove", "fr"]),
        ["fruit"]
    );
    assert_eq!(bash(&["list", "--sort", "na"]), ["name:asc", "name:desc"]);
    assert_eq!(
        bash(&["history", "--fields", "run,st"]),
        ["run,started_at", "run,store", "run,status", "run,stopped"]
    );
    assert_eq!(bash(&["set", "--fields", "sku_"]), ["sku_id", "sku_code"]);
    // The value of another option is not the run whose rows are shown.
    assert_eq!(
        bash(&["history", "--limit", "5", "--fields", "sta"]),
        ["started_at", "status"]
    );
    assert_eq!(
        bash(&["history", "x", "--fields", "sku_"]),
        ["sku_id", "sku_code"]
    );
    assert_eq!(bash(&["check", "--fields", "so"]), ["source"]);
    assert_eq!(bash(&["reorder", "--fields", "ta"]), ["target"]);
    assert_eq!(bash(&["diff", "--fields", "ou"]), ["ours"]);
    assert_eq!(
        bash(&["export-csv", "--fields", "exp"]),
        ["expected_quantity"]
    );
    assert_eq!(bash(&["list", "--output=j"]), ["json", "jsonl"]);
    // Which store it is is found out without running anything.
    assert!(bash(&["--config", config, "show", "A"]).is_empty());
    assert!(!ran.exists());
}

#[test]
fn nothing_is_asked_of_a_server_and_nothing_said_where_there_is_no_state() {
    let folder = TempDir::new().unwrap();
    let server = Server::untouched();
    for words in [
        ["show", "A"].as_slice(),
        &["set", "A"],
        &["undo", ""],
        &["-p", "nobody", "adjust", ""],
    ] {
        let mut words = words.to_vec();
        words.splice(0..0, ["--api-url", &server.url]);
        assert!(bash(&folder, &words).is_empty(), "{words:?}");
    }
    assert!(server.requests().is_empty());
    assert!(!folder.path().join("state").exists());
    // A variable of that name that means something else is none of our business.
    let output = clean_command(&folder)
        .env("COMPLETE", "1")
        .arg("--version")
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"sxinv "));
}

/// A shop where codes are what shells take for something else.
fn shop_with(codes: &[&str]) -> (TempDir, Server) {
    let variants: Vec<_> = codes
        .iter()
        .enumerate()
        .map(|(n, code)| json!({"sku_id": 450 + n, "sku_code": code, "quantity": 5}))
        .collect();
    let product = json!({"product_id": 150, "name": "Odd", "variants": variants});
    let summary = json!({"product_id": 150, "name": "Odd", "total_quantity": 5, "variant_count": codes.len()});
    let server = Server::start(move |_, request| {
        let body = if request.target.contains("/150") {
            json!({"data": product, "status": 200})
        } else {
            let page = json!({"page": 1, "limit": 250, "total": 1});
            json!({"data": [summary], "pagination": page, "status": 200})
        };
        crate::scripted::json(200, &body.to_string())
    });
    let folder = TempDir::new().unwrap();
    let known = clean_command(&folder)
        .args(["-p", "sandbox", "--api-url", &server.url, "show", codes[0]])
        .output()
        .unwrap();
    assert!(known.status.success(), "{known:?}");
    (folder, server)
}

#[cfg(unix)]
#[test]
fn nothing_that_somebody_else_wrote_is_run_by_a_shell() {
    let codes = [
        "X$(touch PWNED)",
        "X`touch PWNED`",
        "R&B-CD",
        "CLN:A B",
        "CLN:C",
        "A'B",
        "~x",
    ];
    let (folder, server) = shop_with(&codes);
    let before = format!("-p sandbox --api-url {} show", server.url);
    let binary = Path::new(env!("CARGO_BIN_EXE_sxinv"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/sxinv.bash");
    // What is typed, with a line that is put together as bash does it: what was typed but for the part that it replaces.
    for (typed, kept, means) in [
        ("X", "", &codes[..2]),
        ("'X", "'", &codes[..2]),
        ("\"X", "\"", &codes[..2]),
        ("R", "", &codes[2..3]),
        ("R\\&", "", &codes[2..3]),
        ("CLN:", "CLN:", &codes[3..5]),
        ("CLN:A", "CLN:", &codes[3..4]),
        ("A", "", &codes[5..6]),
        ("\\~", "", &codes[6..7]),
    ] {
        // Each answer is read by a shell as it would be at the prompt, and said without doing anything else.
        let run = format!(
            "PATH={bin:?}:$PATH; source {script:?}
             COMP_LINE=\"sxinv {before} $1\" COMP_POINT=${{#COMP_LINE}} COMP_WORDBREAKS=$3
             COMP_POINT=${{#COMP_LINE}}; _sxinv
             for answer in \"${{COMPREPLY[@]}}\"; do
                 case $2 in [\\'\\\"]) end=$2 ;; *) end= ;; esac
                 eval \"printf '%s\\n' $2$answer$end\"
             done",
            bin = binary.parent().unwrap(),
        );
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &run, "bash", typed, kept, BREAKS])
            .current_dir(folder.path())
            .env_clear();
        for (name, value) in clean_command(&folder).get_envs() {
            if let (Some(value), true) = (value, name != "PATH") {
                bash.env(name, value);
            }
        }
        bash.env("PATH", std::env::var_os("PATH").unwrap());
        let Ok(output) = bash.output() else {
            // There is no bash here.
            return;
        };
        let said = String::from_utf8(output.stdout).unwrap();
        let said: Vec<&str> = said.lines().collect();
        assert_eq!(
            said,
            means,
            "{typed}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(!folder.path().join("PWNED").exists());
    // The others quote by themselves, and are told where a value goes on.
    let line = ["-p", "sandbox", "--api-url", &server.url, "set", "'R&"];
    for shell in ["zsh", "fish"] {
        assert_eq!(complete(&folder, shell, &line), ["R&B-CD=\tOdd"]);
    }
}

#[test]
fn the_checked_in_scripts_are_fresh() {
    let folder = TempDir::new().unwrap();
    for (shell, file) in [
        ("bash", "sxinv.bash"),
        ("zsh", "_sxinv"),
        ("fish", "sxinv.fish"),
        ("powershell", "_sxinv.ps1"),
        ("elvish", "sxinv.elv"),
    ] {
        let output = clean_command(&folder)
            .args(["completions", shell])
            .output()
            .unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("completions")
            .join(file);
        let fresh = fs::read(&path).is_ok_and(|script| script == output.stdout);
        assert!(
            fresh,
            "completions/{file} is stale; refresh it: cargo run -- completions {shell} > completions/{file}"
        );
    }
}
