//! What somebody at a terminal meets: questions, hidden input, tables that fit.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};

use crate::scripted::store::Store;
use crate::scripted::{Answer, Server};
use crate::shop::Shop;

/// Patience for a prompt, in milliseconds: never reached when all is well.
const PATIENCE: Option<u64> = Some(20_000);

/// The program at a terminal of so many columns.
pub fn at_terminal(command: &Command, columns: u16) -> PtySession {
    // The size has to be there before the program looks, so a shell sets it and then becomes the program.
    let mut shell = Command::new("/bin/sh");
    shell
        .args([
            "-c",
            &format!("stty echo cols {columns} rows 50; exec \"$0\" \"$@\""),
        ])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    spawn_command(shell, PATIENCE).unwrap()
}

/// What was shown, without colours: the session takes each byte for a character.
fn without_colours(text: &str) -> String {
    let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let text = String::from_utf8_lossy(&bytes);
    let mut plain = String::new();
    let mut rest = &*text;
    while let Some(at) = rest.find('\u{1b}') {
        plain += &rest[..at];
        rest = &rest[at..];
        rest = match rest.find(|c: char| c.is_ascii_alphabetic()) {
            Some(end) => &rest[end + 1..],
            None => "",
        };
    }
    plain + rest
}

#[test]
fn a_restock_is_shown_asked_for_and_applied() {
    let shop = Shop::new();
    let file = shop.file(
        "restock.csv",
        "sku_code,quantity\nPRB-SM-RED,50\nPRB-LG-RED,2\n",
    );
    let command = shop.command(&["import-csv", file.to_str().unwrap()]);
    let mut session = at_terminal(&command, 80);
    let before = session.exp_string("Apply 2 changes? [y/N]").unwrap();
    let before = without_colours(&before);
    assert!(before.contains(&shop.url), "{before}");
    assert!(before.contains("25 units more, 10 fewer"), "{before}");
    assert!(before.contains("PRB-SM-RED  25 -> 50 (+25)"), "{before}");
    assert!(shop.store().movements().unwrap().is_empty());
    session.send_line("y").unwrap();
    let after = session.exp_eof().unwrap();
    assert!(after.contains("2 applied"), "{after}");
    assert_eq!(shop.stock(450), 50);
}

#[test]
fn a_wait_that_the_server_asks_for_is_counted_down() {
    let store = Store::new(1, 20);
    let server = Server::start(move |n, request| match n {
        0 => Answer::Reply(429, vec!["retry-after: 3".to_owned()], Vec::new()),
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    let mut command = shop.command(&["list"]);
    command.env("TERM", "xterm");
    let mut session = at_terminal(&command, 80);
    for left in 1..=3 {
        let left = format!("the server asks to wait {} s", 4 - left);
        session.exp_string(&left).unwrap();
    }
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("Product 1"), "{shown}");
}

#[test]
fn anything_but_yes_is_no() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", "sku_code,quantity\nPRB-SM-RED,50\n");
    let command = shop.command(&["import-csv", file.to_str().unwrap()]);
    for answer in ["", "n", "yep", "\u{4}"] {
        let mut session = at_terminal(&command, 80);
        session.exp_string("[y/N]").unwrap();
        session.send_line(answer).unwrap();
        let after = session.exp_eof().unwrap();
        assert!(
            after.contains("not confirmed; nothing was changed"),
            "{answer:?}: {after}"
        );
    }
    assert!(shop.store().movements().unwrap().is_empty());
}

#[test]
fn credentials_are_asked_for_and_not_shown() {
    let shop = Shop::new();
    let command = shop.bare(&["profile", "add", "flowers", "--api-url", &shop.url]);
    let mut session = at_terminal(&command, 80);
    session.exp_string("or client id (sx_app_").unwrap();
    session.send_line("sx_at_sandbox").unwrap();
    let rest = session.exp_eof().unwrap();
    assert!(!rest.contains("sx_at_sandbox"), "{rest}");
    assert!(rest.contains("profile flowers is in"), "{rest}");

    let command = shop.bare(&["profile", "add", "warehouse", "--no-check"]);
    let mut session = at_terminal(&command, 80);
    session.exp_string("or client id (sx_app_").unwrap();
    session.send_line("sx_app_x").unwrap();
    session.exp_string("Client secret (sx_secret_").unwrap();
    session.send_line("sx_secret_hidden").unwrap();
    let between = session.exp_string("Store id: ").unwrap();
    assert!(!between.contains("hidden"), "{between}");
    session.send_line("22").unwrap();
    session.exp_eof().unwrap();
    let config = shop.folder.path().join(".config/sxinv/config.toml");
    let text = fs::read_to_string(config).unwrap();
    assert!(
        text.contains("client_secret = \"sx_secret_hidden\"\nstore_id = 22\n"),
        "{text}"
    );
    let ran = crate::shop::Ran::of(shop.bare(&["show", "150"]).output().unwrap());
    ran.ends(0);
}

#[test]
fn tables_fit_the_terminal_and_keep_numbers_and_codes() {
    let shop = Shop::new();
    for columns in [60, 80, 160] {
        let command = shop.command(&["list", "--all", "--variants", "--search", "o"]);
        let mut session = at_terminal(&command, columns);
        let screen = without_colours(&session.exp_eof().unwrap());
        for line in screen.lines() {
            let width = unicode_width::UnicodeWidthStr::width(line.trim_end());
            assert!(
                width <= usize::from(columns),
                "{columns}: {width} in {line}"
            );
        }
        assert!(screen.contains("PRB-SM-RED"), "{screen}");
        assert!(screen.contains('─') || columns < 80, "{screen}");
    }
}

#[test]
fn colours_are_for_terminals_and_can_be_had_and_forbidden() {
    let shop = Shop::new();
    let list = ["list", "--status", "out_of_stock", "--limit", "3"];
    let red = "\u{1b}[38;5;160m";
    let mut command = shop.command(&list);
    command.env("TERM", "xterm");
    let mut session = at_terminal(&command, 80);
    assert!(session.exp_eof().unwrap().contains(red));
    command.env("NO_COLOR", "1");
    let mut session = at_terminal(&command, 80);
    assert!(!session.exp_eof().unwrap().contains('\u{1b}'));
    let always = [&list[..], &["--color", "always"]].concat();
    assert!(shop.run(&always).ends(0).stdout.contains(red));
    assert!(!shop.run(&list).ends(0).stdout.contains('\u{1b}'));
}

#[test]
fn one_rule_for_colours_also_for_help_and_wrong_command_lines() {
    let shop = Shop::new();
    let help = ["--help"];
    let wrong = ["list", "--limt", "5"];
    let error = ["show", "NO-SUCH-CODE-AT-ALL"];
    for words in [&help[..], &wrong, &error] {
        let at_a_terminal = |words: &[&str], variables: &[(&str, &str)]| {
            let mut command = shop.command(words);
            command.env("TERM", "xterm").envs(variables.iter().copied());
            at_terminal(&command, 80).exp_eof().unwrap()
        };
        let colours = |text: &str| text.contains("\u{1b}[");
        let never = [words, &["--color", "never"]].concat();
        let always = [words, &["--color=always"]].concat();
        assert!(colours(&at_a_terminal(words, &[])), "{words:?}");
        assert!(!colours(&at_a_terminal(&never, &[])), "{never:?}");
        assert!(!colours(&at_a_terminal(words, &[("NO_COLOR", "1")])));
        assert!(!colours(&at_a_terminal(words, &[("TERM", "dumb")])));
        assert!(colours(&at_a_terminal(&always, &[("NO_COLOR", "1")])));
        let piped = |words: &[&str]| {
            let ran = shop.run(words);
            colours(&ran.stdout) || colours(&ran.stderr)
        };
        assert!(piped(&always) && !piped(words), "{words:?}");
    }
}

/// The program at a terminal, under a shell that tells afterwards how it ended and how it left the terminal. The
/// program's number is in the file `pid`.
fn under_a_shell(command: &Command) -> PtySession {
    let mut shell = Command::new("/bin/sh");
    let inner = r#"echo $$ > pid; exec "$0" "$@""#;
    shell
        .args([
            "-c",
            &format!(
                r#"stty echo cols 80 rows 50; trap : INT; sh -c '{inner}' "$0" "$@"; echo "[ended $?]"; stty -a"#
            ),
        ])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    spawn_command(shell, PATIENCE).unwrap()
}

/// Stops the program at its open question, by the keyboard or by a signal, and returns what was said from then on.
fn stop(session: &mut PtySession, shop: &Shop, how: &str) -> String {
    if how == "Ctrl-C" {
        session.send_control('c').unwrap();
    } else {
        let pid = shop.read("pid");
        let sent = Command::new("kill").args([how, pid.trim()]).status();
        assert!(sent.unwrap().success());
    }
    without_colours(&session.exp_eof().unwrap())
}

const STOPS: [(&str, u8); 4] = [
    ("Ctrl-C", 130),
    ("-INT", 130),
    ("-TERM", 143),
    ("-HUP", 129),
];

fn echoes(screen: &str) -> bool {
    let mut settings = screen.split(|c: char| c.is_whitespace() || c == ';');
    settings.any(|setting| setting == "echo") && screen.contains(" icanon ")
}

#[test]
fn whatever_ends_a_hidden_question_leaves_the_terminal_as_it_was() {
    let shop = Shop::new();
    let config = shop.folder.path().join(".config/sxinv/config.toml");
    for (how, code) in STOPS {
        for json in [false, true] {
            let mut command = shop.bare(&["profile", "add", "flowers"]);
            if json {
                command.args(["-o", "json"]);
            }
            let mut session = under_a_shell(&command);
            session.exp_string("(not shown): ").unwrap();
            let screen = stop(&mut session, &shop, how);
            assert!(
                screen.contains(&format!("[ended {code}]")),
                "{how}: {screen}"
            );
            assert!(echoes(&screen), "{how}: {screen}");
            let says = if json {
                r#"{"error":{"kind":"interrupted","status":null,"code":null,"message":"interrupted; nothing was saved","hint":null}}"#
            } else {
                "\r\nerror: interrupted; nothing was saved"
            };
            assert!(screen.contains(says), "{how}: {screen}");
            assert!(!config.exists());
        }
    }
    // It ends as any program would, but for the terminal.
    let mut session = under_a_shell(&shop.bare(&["profile", "add", "flowers"]));
    session.exp_string("(not shown): ").unwrap();
    let screen = stop(&mut session, &shop, "-QUIT");
    assert!(
        screen.contains("[ended 131]") && echoes(&screen),
        "{screen}"
    );
}

#[test]
fn whatever_ends_the_question_of_a_run_says_that_nothing_was_sent() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", "sku_code,quantity\nPRB-SM-RED,50\n");
    let report = shop.folder.path().join("out/report.csv");
    fs::create_dir(report.parent().unwrap()).unwrap();
    for (how, code) in STOPS {
        for json in [false, true] {
            let words = [
                "import-csv",
                file.to_str().unwrap(),
                "--report",
                report.to_str().unwrap(),
            ];
            let mut command = shop.command(&words);
            if json {
                command.args(["-o", "json"]);
            }
            let mut session = under_a_shell(&command);
            session.exp_string("[y/N] ").unwrap();
            let screen = stop(&mut session, &shop, how);
            assert!(
                screen.contains(&format!("[ended {code}]")),
                "{how}: {screen}"
            );
            let says = if json {
                "\"message\":\"interrupted; nothing was sent\""
            } else {
                "\r\nerror: interrupted; nothing was sent"
            };
            assert!(screen.contains(says) && echoes(&screen), "{how}: {screen}");
            // Nothing is left of the report that was begun either.
            assert_eq!(fs::read_dir(report.parent().unwrap()).unwrap().count(), 0);
        }
    }
    assert!(shop.store().movements().unwrap().is_empty());
}

#[test]
fn a_question_is_asked_again_when_the_program_goes_on_and_the_window_may_have_changed() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", "sku_code,quantity\nPRB-SM-RED,50\n");
    let command = shop.command(&["import-csv", file.to_str().unwrap()]);
    let mut session = under_a_shell(&command);
    session.exp_string("[y/N] ").unwrap();
    let signal = |name: &str| {
        let pid = shop.read("pid");
        let sent = Command::new("kill").args([name, pid.trim()]).status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    signal("-CONT");
    session.exp_string("[y/N] ").unwrap();
    let narrow = Command::new("stty")
        .args(["-F", &terminal_of(&shop), "cols", "45"])
        .status();
    assert!(narrow.unwrap().success());
    session.send_line("y").unwrap();
    let screen = without_colours(&session.exp_eof().unwrap());
    // On such a narrow terminal a row is a few lines.
    assert!(
        screen.contains("PRB-SM-RED") && !screen.contains("OUTCOME"),
        "{screen}"
    );
    assert_eq!(shop.stock(450), 50);
}

/// The terminal that the program has.
fn terminal_of(shop: &Shop) -> String {
    let link = format!("/proc/{}/fd/0", shop.read("pid").trim());
    fs::read_link(link).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_secret_from_standard_input_is_not_shown_where_that_is_a_terminal() {
    let shop = Shop::new();
    let words = [
        "profile",
        "add",
        "flowers",
        "--token-stdin",
        "--api-url",
        &shop.url,
    ];
    let mut session = at_terminal(&shop.bare(&words), 80);
    session
        .exp_string("The access token (not shown): ")
        .unwrap();
    session.send_line("sx_at_sandbox").unwrap();
    let rest = session.exp_eof().unwrap();
    assert!(!rest.contains("sx_at_sandbox"), "{rest}");
    assert!(rest.contains("profile flowers is in"), "{rest}");
}

#[test]
fn where_ci_is_set_nobody_is_asked() {
    let shop = Shop::new();
    let file = shop.file("restock.csv", "sku_code,quantity\nPRB-SM-RED,50\n");
    let import = ["import-csv", file.to_str().unwrap()];
    for words in [&import[..], &["profile", "add", "a"]] {
        for ci in ["true", "1"] {
            let mut command = shop.command(words);
            let mut session = under_a_shell(command.env("CI", ci));
            let screen = without_colours(&session.exp_eof().unwrap());
            assert!(screen.contains("CI is set"), "{screen}");
            assert!(screen.contains("[ended 2]"), "{screen}");
        }
    }
    let mut command = shop.command(&import);
    let mut session = at_terminal(command.env("CI", "false"), 80);
    session.exp_string("[y/N] ").unwrap();
}

#[test]
fn nothing_is_echoed_from_the_moment_that_a_secret_is_asked_for() {
    let shop = Shop::new();
    let mut session = at_terminal(&shop.bare(&["profile", "add", "flowers"]), 80);
    session.exp_string("(not shown): ").unwrap();
    let terminal = session.process().get_file_handle().unwrap();
    let modes = rustix::termios::tcgetattr(&terminal).unwrap().local_modes;
    assert!(!modes.contains(rustix::termios::LocalModes::ECHO));
}
