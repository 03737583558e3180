//! Completions: what the shop has, offline and without a word where there is nothing.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::catalogue::shop::clean_command;
use crate::scripted::Server;

/// What the shell gets for the last of these words.
fn complete(folder: &TempDir, shell: &str, words: &[&str]) -> Vec<String> {
    let output = clean_command(folder)
        .env("COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_IFS", "\n")
        .args(["--", "sxinv"])
        .args(words)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{words:?}: {said}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn bash(folder: &TempDir, words: &[&str]) -> Vec<String> {
    let mut answers = complete(folder, "bash", words);
    answers.retain(|answer| !answer.starts_with('-'));
    answers
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
    assert_eq!(bash(&["-p", "sandbox", "adjust", "prb sm"]), ["PRB-SM-RED"]);
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
