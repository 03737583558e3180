//! Output that can't be written, and errors about the command line.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::shop::{Ran, Shop};

/// The program with its standard output as a shell redirects it.
fn redirected(command: &Command, redirection: &str) -> Ran {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    Ran::of(shell.output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_can_not_be_written_is_an_error_whatever_was_asked_for() {
    let shop = Shop::new();
    let lines: [&[&str]; 14] = [
        &["list"],
        &["list", "-o", "json"],
        &["list", "-o", "jsonl", "--all"],
        &["list", "--search", "nothing-like-it", "-o", "csv"],
        &["show", "150"],
        &["export-csv"],
        &["history", "-o", "json"],
        &["check"],
        &["profile", "path"],
        &["profile", "list"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
    ];
    for words in lines {
        for redirection in [">&-", "> /dev/full", "1< /dev/null"] {
            let ran = redirected(&shop.command(words), redirection).ends(1);
            let says = ran.stderr.contains("can't write the output");
            assert!(says, "{words:?} {redirection}: {ran:#?}");
        }
        // These are what whoever asks for nothing does.
        for redirection in ["> /dev/null", "1<> /dev/null"] {
            redirected(&shop.command(words), redirection).ends(0);
        }
    }
    // A change that was made is made; whoever reads the exit must know.
    let set = ["set", "150", "450=9", "-o", "json"];
    let ran = redirected(&shop.command(&set), ">&-").ends(1);
    let message = ran.error()["message"].to_string();
    assert!(message.contains("the change was applied, but"), "{message}");
    assert_eq!(shop.stock(450), 9);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_or_rejects_that_can_not_be_written_are_told_also_under_quiet() {
    let shop = Shop::new();
    let file = shop.file("a.csv", "sku_code,quantity\nPRB-SM-RED,9\nNO-SUCH,1\n");
    let file = file.to_str().unwrap();
    let import = |report: &str, rejects: &str| {
        let words = [
            "-q",
            "import-csv",
            file,
            "--yes",
            "--report",
            report,
            "--rejects",
            rejects,
        ];
        shop.run(&words)
    };
    let full = "warning: can't write /dev/full: ";
    let ran = import("report.csv", "/dev/full").ends(7).says(full);
    assert!(!ran.stderr.contains("they are in"), "{ran:#?}");
    assert!(ran.stderr.contains(" --rejects mend.csv\n"), "{ran:#?}");
    assert_eq!(shop.read("report.csv").lines().count(), 3);
    // One of them does not take the other with it.
    let ran = import("/dev/full", "rejects.csv").ends(7).says(full);
    assert!(ran.stderr.contains("they are in rejects.csv"), "{ran:#?}");
    assert_eq!(shop.read("rejects.csv").lines().count(), 2);
    // Where nothing else went wrong, it is the error.
    let file = shop.file("b.csv", "sku_code,quantity\nPRB-SM-RED,8\n");
    let words = [
        "-q",
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "--report",
        "/dev/full",
    ];
    shop.run(&words)
        .ends(1)
        .says("the run went well, but: can't write /dev/full");
}

#[test]
fn a_wrong_command_line_is_an_error_like_any_other() {
    let shop = Shop::at("http://127.0.0.1:9");
    let ran = shop.run(&["list", "--limt", "5"]).ends(2);
    assert_eq!(
        ran.stderr,
        "error: unexpected argument '--limt' found\n\
         hint: a similar argument exists: '--limit'\n      \
         usage: sxinv list --limit <N> [TEXT]\n      \
         more: sxinv list --help\n"
    );
    let ran = shop.run(&["list", "--limt", "5", "-o", "json"]).ends(2);
    assert_eq!(ran.stderr.lines().count(), 1);
    assert_eq!(ran.error()["kind"], "usage");
    assert_eq!(ran.error()["message"], "unexpected argument '--limt' found");
    let hint = ran.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("sxinv list --help"), "{hint}");
    // Behind other letters too.
    for words in [
        &["-qo", "json", "nope"][..],
        &["list", "-vojson", "--limt"],
        &["-qvo=jsonl", "nope"],
        &["-ojson", "nope"],
    ] {
        assert_eq!(
            shop.run(words).ends(2).error()["kind"],
            "usage",
            "{words:?}"
        );
    }
    let ran = shop.run(&["shwo"]).ends(2);
    let meant = "there is no command shwo\nhint: did you mean show?\n";
    assert!(ran.stderr.contains(meant), "{ran:#?}");
    let ran = shop.run(&["list", "--output", "xml"]).ends(2);
    assert!(
        ran.stderr.starts_with("error: invalid value 'xml'"),
        "{ran:#?}"
    );
    // The environment says the form as well.
    let mut command = shop.bare(&["nonsense"]);
    let ran = Ran::of(command.env("SXINV_OUTPUT", "jsonl").output().unwrap()).ends(2);
    assert_eq!(ran.error()["status"], json!(null));
}

#[test]
fn under_json_there_is_one_document_whatever_there_is_to_say() {
    let shop = Shop::new();
    for words in [["profile", "path"], ["sandbox", "path"]] {
        let bare = shop.run(&words).ends(0).stdout;
        let bare = bare.trim_end();
        for format in ["json", "jsonl"] {
            let ran = shop.run(&[&words[..], &["-o", format]].concat()).ends(0);
            assert_eq!(ran.json(), json!({ "path": bare }), "{words:?}");
        }
        let ran = shop.run(&[&words[..], &["-o", "csv"]].concat()).ends(0);
        assert_eq!(ran.stdout, format!("path\r\n{bare}\r\n"));
    }
    for format in ["json", "jsonl"] {
        let ran = shop.run_with(&["scan", "c.csv", "-o", format], b"end\n");
        let nothing = ran.ends(0).says("nothing was scanned").json();
        assert_eq!(
            (&nothing["file"], &nothing["scans"], &nothing["command"]),
            (&json!(null), &json!(0), &json!(null)),
            "{nothing}"
        );
    }
    assert!(!shop.folder.path().join("c.csv").exists());
}
