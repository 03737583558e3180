//! Profiles, credentials and where requests may go, through the built binary.

use std::fs;

use crate::scripted::Server;
use crate::shop::{Ran, Shop};

fn run(shop: &Shop, words: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = shop.bare(words);
    command.envs(variables.iter().copied());
    Ran::of(command.output().unwrap())
}

fn add(shop: &Shop, words: &[&str], secret: &str) -> Ran {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = shop
        .bare(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(secret.as_bytes());
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn a_profile_is_added_used_shown_and_removed() {
    let shop = Shop::new();
    let url = format!("{}/api", shop.url);
    let ran = add(
        &shop,
        &[
            "profile",
            "add",
            "flowers",
            "--token-stdin",
            "--api-url",
            &url,
        ],
        "sx_at_sandbox\n",
    );
    ran.ends(0).says("try it: sxinv -p flowers list");
    let ran = add(
        &shop,
        &[
            "profile",
            "add",
            "warehouse",
            "--client-id",
            "sx_app_sandbox",
            "--client-secret-stdin",
            "--store-id",
            "22",
            "--api-url",
            &url,
            "--read-only",
        ],
        "sx_secret_sandbox",
    );
    ran.ends(0);
    let path = run(&shop, &["profile", "path"], &[]).ends(0).stdout;
    let path = path.trim();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    // The first one is the default.
    run(&shop, &["list", "--limit", "1"], &[]).ends(0);
    run(&shop, &["-p", "warehouse", "show", "150"], &[]).ends(0);
    let ran = run(
        &shop,
        &["-p", "warehouse", "adjust", "150", "450", "1", "-o", "json"],
        &[],
    )
    .ends(5);
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("read-only")
    );
    let ran = run(&shop, &["profile", "list", "-o", "json"], &[]).ends(0);
    assert_eq!(ran.json()[0]["name"], "flowers");
    assert_eq!(ran.json()[0]["default"], true);
    assert_eq!(ran.json()[1]["store_id"], 22);
    for words in [
        &["profile", "show", "flowers"][..],
        &["profile", "show", "warehouse"],
        &["profile", "list"],
    ] {
        let ran = run(&shop, words, &[]).ends(0);
        assert!(
            !ran.stdout.contains("sx_at_") && !ran.stdout.contains("sx_secret_"),
            "{ran:#?}"
        );
    }
    run(&shop, &["profile", "use", "warehouse"], &[]).ends(0);
    run(&shop, &["adjust", "150", "450", "1"], &[]).ends(5);
    run(&shop, &["profile", "remove", "warehouse"], &[]).ends(2);
    run(&shop, &["profile", "remove", "warehouse", "--yes"], &[]).ends(0);
    run(&shop, &["list"], &[])
        .ends(3)
        .says("profile use flowers");
    add(&shop, &["profile", "add", "flowers", "--token-stdin"], "x")
        .ends(2)
        .says("--replace");
}

#[test]
fn adding_without_a_terminal_says_which_options_to_use() {
    let shop = Shop::at("http://127.0.0.1:9");
    run(&shop, &["profile", "add", "flowers"], &[])
        .ends(2)
        .says("--token-stdin");
    run(&shop, &["profile", "add", "a", "--client-id", "x"], &[])
        .ends(2)
        .says("--client-secret-stdin");
    add(&shop, &["profile", "add", "a", "--token-stdin"], "")
        .ends(2)
        .says("there is no access token");
    add(&shop, &["profile", "add", "sandbox", "--token-stdin"], "x")
        .ends(2)
        .says("built in");
    add(&shop, &["profile", "add", "a b", "--token-stdin"], "x").ends(2);
    let ran = add(
        &shop,
        &["profile", "add", "a", "--token-stdin"],
        "sx_at hidden",
    )
    .ends(2);
    assert!(!ran.stderr.contains("hidden"));
    run(&shop, &["profile", "add", "a", "--token", "x"], &[]).ends(2);
}

#[test]
fn the_environment_is_a_credential_too_and_a_note_says_when_it_wins() {
    let shop = Shop::new();
    let token = [
        ("SELORAX_TOKEN", "sx_at_sandbox"),
        ("SELORAX_API_URL", shop.url.as_str()),
    ];
    run(&shop, &["show", "150"], &token).ends(0);
    let words = ["profile", "add", "flowers", "--token-stdin", "--no-check"];
    add(&shop, &words, "sx_at_other").ends(0);
    let ran = run(&shop, &["show", "150"], &token).ends(0);
    ran.says(&format!(
        "credentials from SELORAX_TOKEN, and not from the default profile flowers, go to {}",
        shop.url
    ));
    // Not even the sandbox is: what is chosen by a variable goes where that leads.
    run(&shop, &["profile", "use", "sandbox"], &[]).ends(0);
    run(&shop, &["show", "150"], &token)
        .ends(0)
        .says(&format!("the default profile sandbox, go to {}", shop.url));
    let ran = run(&shop, &["-q", "show", "150"], &token).ends(0);
    assert_eq!(ran.stderr, "");
    let client = [
        ("SELORAX_CLIENT_ID", "sx_app_sandbox"),
        ("SELORAX_CLIENT_SECRET", "sx_secret_sandbox"),
        ("SELORAX_STORE_ID", "22"),
        ("SELORAX_API_URL", shop.url.as_str()),
    ];
    run(&shop, &["show", "150"], &client).ends(0);
    let ran = run(
        &shop,
        &["show", "150", "-o", "json"],
        &[("SELORAX_CLIENT_ID", "x")],
    )
    .ends(3);
    assert_eq!(ran.error()["kind"], "auth");
}

#[test]
fn each_credential_that_the_server_refuses_ends_with_3_and_a_hint() {
    let shop = Shop::new();
    for (variables, code) in [
        (vec![("SELORAX_TOKEN", "sx_at_wrong")], "invalid_token"),
        (
            vec![
                ("SELORAX_CLIENT_ID", "sx_app_sandbox"),
                ("SELORAX_CLIENT_SECRET", "no"),
                ("SELORAX_STORE_ID", "22"),
            ],
            "invalid_client",
        ),
        (
            vec![
                ("SELORAX_CLIENT_ID", "sx_app_sandbox"),
                ("SELORAX_CLIENT_SECRET", "sx_secret_sandbox"),
                ("SELORAX_STORE_ID", "23"),
            ],
            "not_installed",
        ),
    ] {
        let words = ["--api-url", &shop.url, "show", "150", "-o", "json"];
        let ran = run(&shop, &words, &variables).ends(3);
        assert_eq!(ran.error()["code"], code);
        assert!(ran.error()["hint"].is_string());
        for (_, secret) in &variables {
            assert!(secret.len() < 5 || !ran.stderr.contains(secret), "{ran:#?}");
        }
    }
    let variables = [("SELORAX_TOKEN", "sx_at_sandbox_readonly")];
    let words = [
        "--api-url",
        &shop.url,
        "adjust",
        "150",
        "450",
        "1",
        "-o",
        "json",
    ];
    let ran = run(&shop, &words, &variables).ends(3);
    assert_eq!(ran.error()["code"], "insufficient_scope");
}

#[test]
fn credentials_never_leave_in_the_clear_or_to_a_wrong_address() {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    let token = [("SELORAX_TOKEN", "sx_at_hidden")];
    for url in [
        "http://api.selorax.io",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://u:p@127.0.0.1",
        "nonsense",
    ] {
        let ran = run(&shop, &["--api-url", url, "list"], &token).ends(2);
        assert!(!ran.stderr.contains("hidden"));
    }
    assert!(server.requests().is_empty());
}

#[cfg(unix)]
#[test]
fn a_token_command_is_run_and_its_failure_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    let config = |text: String| {
        let path = shop.file("config.toml", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let profile = |command: &str| {
        format!(
            "[profiles.vault]\ntoken_command = \"{command}\"\napi_url = \"{}\"\n",
            shop.url
        )
    };
    let path = config(profile("printf 'sx_at_sandbox\\\\nmore\\\\n'"));
    run(
        &shop,
        &["--config", &path, "-p", "vault", "show", "150"],
        &[],
    )
    .ends(0);
    let path = config(profile("echo sx_at_hidden; exit 3"));
    let ran = run(
        &shop,
        &["--config", &path, "-p", "vault", "show", "150"],
        &[],
    )
    .ends(3);
    assert!(
        ran.stderr.contains("token_command of profile vault") && !ran.stderr.contains("hidden"),
        "{ran:#?}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    run(
        &shop,
        &["--config", &path, "-p", "vault", "show", "150"],
        &[],
    )
    .ends(3)
    .says("chmod 600");
    run(
        &shop,
        &["--config", "/nowhere.toml", "-p", "vault", "list"],
        &[],
    )
    .ends(2);
}

#[test]
fn credentials_are_tried_before_they_are_kept() {
    let shop = Shop::new();
    let config = shop.folder.path().join(".config/sxinv/config.toml");
    let words = [
        "profile",
        "add",
        "flowers",
        "--token-stdin",
        "--api-url",
        &shop.url,
    ];
    let ran = add(
        &shop,
        &[&words[..], &["-o", "json"]].concat(),
        "sx_at_wrong",
    )
    .ends(3);
    assert_eq!(ran.error()["code"], "invalid_token");
    let says = |what: &str| {
        assert!(
            ran.error()[what].as_str().unwrap().contains("no"),
            "{ran:#?}"
        )
    };
    says("message");
    says("hint");
    assert!(ran.stderr.contains("; nothing was saved") && ran.stderr.contains("--no-check"));
    assert!(!ran.stderr.contains(".;"), "{ran:#?}");
    assert!(!config.exists());
    add(&shop, &words, "sx_at_sandbox")
        .ends(0)
        .says("the credentials work: the store has ");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let words = [
        "--retries",
        "0",
        "profile",
        "add",
        "a",
        "--token-stdin",
        "--api-url",
        &nowhere,
    ];
    add(&shop, &words, "sx_at_x")
        .ends(6)
        .says("nothing was saved");
    add(&shop, &[&words[..], &["--no-check"]].concat(), "sx_at_x").ends(0);
    let words = [
        "profile",
        "add",
        "b",
        "--token-command",
        "echo sx_at_wrong; exit 3",
    ];
    run(&shop, &words, &[]).ends(3).says("nothing was saved");
    let ran = run(&shop, &["profile", "list", "-o", "json"], &[]).ends(0);
    let names: Vec<_> = ran
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].clone())
        .collect();
    assert_eq!(names, ["flowers", "a", "sandbox"]);
}

#[test]
fn what_can_not_be_a_credential_is_mended_or_refused_and_not_sent() {
    let shop = Shop::new();
    let words = ["--api-url", &shop.url, "show", "150"];
    for token in [
        "\"sx_at_sandbox\"",
        "Bearer sx_at_sandbox",
        " 'sx_at_sandbox' ",
        "bearer  \"sx_at_sandbox\"\r\n",
    ] {
        run(&shop, &words, &[("SELORAX_TOKEN", token)]).ends(0);
        let name = format!("p{}", token.len());
        let words = [
            "profile",
            "add",
            &name,
            "--token-stdin",
            "--api-url",
            &shop.url,
        ];
        add(&shop, &words, token).ends(0);
        run(&shop, &["-p", &name, "show", "150"], &[]).ends(0);
    }
    let server = Server::untouched();
    for (name, value) in [
        ("SELORAX_TOKEN", "sx_at_hid den"),
        ("SELORAX_TOKEN", "sx_secret_hidden"),
        ("SELORAX_TOKEN", "\"\""),
        ("SELORAX_TOKEN", "sx_at_hidden…"),
        ("SELORAX_CLIENT_ID", "sx_at_hidden"),
        ("SELORAX_CLIENT_SECRET", "sx_app_hidden"),
    ] {
        let variables = [("SELORAX_STORE_ID", "22"), (name, value)];
        let ran = run(&shop, &["--api-url", &server.url, "list"], &variables).ends(2);
        assert!(
            ran.stderr.starts_with(&format!("error: {name} ")),
            "{ran:#?}"
        );
        assert!(!ran.stderr.contains("hid"), "{ran:#?}");
    }
    assert!(server.requests().is_empty());
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_an_error_and_not_ignored() {
    use std::os::unix::ffi::OsStrExt;
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    for name in [
        "SELORAX_PROFILE",
        "SELORAX_CONFIG",
        "SELORAX_API_URL",
        "SELORAX_TOKEN",
        "SELORAX_CLIENT_ID",
        "SELORAX_CLIENT_SECRET",
        "SELORAX_STORE_ID",
        "SXINV_OUTPUT",
        "SXINV_STATE_DIR",
    ] {
        let mut command = shop.bare(&["adjust", "150", "450", "1"]);
        command
            .env("SELORAX_TOKEN", "sx_at_x")
            .env("SELORAX_API_URL", &server.url)
            .env(name, std::ffi::OsStr::from_bytes(b"m\xfcnchen"));
        let ran = Ran::of(command.output().unwrap()).ends(2);
        assert_eq!(
            ran.stderr,
            format!("error: {name} is not valid text (UTF-8)\n")
        );
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_refused_credential_is_named_by_where_it_came_from() {
    let shop = Shop::new();
    let words = ["--api-url", &shop.url, "show", "150"];
    run(&shop, &words, &[("SELORAX_TOKEN", "sx_at_wrong")])
        .ends(3)
        .says("(credentials from SELORAX_TOKEN)");
    let add_it = ["profile", "add", "flowers", "--token-stdin", "--no-check"];
    add(&shop, &add_it, "sx_at_wrong").ends(0);
    run(&shop, &words, &[])
        .ends(3)
        .says("(credentials from profile flowers (default_profile))");
    run(&shop, &words, &[("SELORAX_PROFILE", "flowers")])
        .ends(3)
        .says("(credentials from profile flowers (SELORAX_PROFILE))");
    let file = shop.file("a.csv", "sku_id,adjustment\n450,1\n");
    let import = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-p",
        "flowers",
        "-o",
        "json",
    ];
    let ran = run(
        &shop,
        &[&import[..], &["--api-url", &shop.url]].concat(),
        &[],
    )
    .ends(3);
    let message = ran.error()["message"].to_string();
    assert!(
        message.contains("(credentials from profile flowers (--profile))"),
        "{message}"
    );
}

#[test]
fn a_note_tells_when_credentials_go_where_their_profile_does_not_say() {
    let shop = Shop::new();
    let words = ["profile", "add", "flowers", "--token-stdin", "--no-check"];
    add(&shop, &words, "sx_at_sandbox").ends(0);
    let goes = |by: &str| format!("credentials of profile flowers go to {}, by {by}", shop.url);
    let url = [("SELORAX_API_URL", shop.url.as_str())];
    run(&shop, &["show", "150"], &url)
        .ends(0)
        .says(&goes("SELORAX_API_URL"));
    run(&shop, &["--api-url", &shop.url, "show", "150"], &[])
        .ends(0)
        .says(&goes("--api-url"));
    let words = [
        "profile",
        "add",
        "named",
        "--token-stdin",
        "--api-url",
        &shop.url,
    ];
    add(&shop, &words, "sx_at_sandbox").ends(0);
    let ran = run(&shop, &["-p", "named", "show", "150"], &[]).ends(0);
    assert!(!ran.stderr.contains("go to"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_is_read_for_credentials_or_replaced() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let shop = Shop::new();
    let path = |name: &str| shop.folder.path().join(name);
    let made = std::process::Command::new("mkfifo")
        .arg(path("pipe"))
        .status();
    assert!(made.unwrap().success());
    fs::create_dir(path("folder")).unwrap();
    symlink("pipe", path("to-pipe")).unwrap();
    symlink("nothing", path("dangling")).unwrap();
    for name in ["pipe", "folder", "to-pipe", "dangling"] {
        for words in [
            &["profile", "add", "a", "--token-stdin", "--no-check"][..],
            &["profile", "use", "sandbox"],
            &["profile", "list"],
            &["-p", "a", "list"],
        ] {
            let words = [&["--config", name], words].concat();
            add(&shop, &words, "sx_at_x")
                .ends(2)
                .says("not a regular file");
        }
    }
    assert!(fs::metadata(path("pipe")).unwrap().file_type().is_fifo());
    assert!(fs::symlink_metadata(path("dangling")).unwrap().is_symlink());
    assert!(!path("nothing").exists());
    // Through a link to a file that is there, the link stays.
    let words = [
        "--config",
        "real",
        "profile",
        "add",
        "a",
        "--token-stdin",
        "--no-check",
    ];
    add(&shop, &words, "sx_at_x").ends(0);
    symlink("real", path("link")).unwrap();
    run(
        &shop,
        &["--config", "link", "profile", "use", "sandbox"],
        &[],
    )
    .ends(0);
    assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink());
    assert!(shop.read("real").contains("default_profile = \"sandbox\""));
    // Nothing is left beside any of them.
    let left = fs::read_dir(shop.folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name());
    assert!(
        !left
            .into_iter()
            .any(|name| name.to_string_lossy().contains("lock"))
    );
}

#[test]
fn profiles_that_are_added_at_once_are_all_there() {
    let shop = Shop::new();
    let children: Vec<_> = (0..8)
        .map(|n| {
            let name = format!("p{n}");
            let words = [
                "profile",
                "add",
                &name,
                "--token-command",
                "x",
                "--no-check",
            ];
            shop.bare(&words)
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let ran = run(&shop, &["profile", "list", "-o", "json"], &[]).ends(0);
    assert_eq!(ran.json().as_array().unwrap().len(), 9);
}

#[test]
fn a_secret_where_a_name_belongs_is_not_repeated() {
    let shop = Shop::new();
    let secret = "sx_at_hidden";
    let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9hidden1";
    for secret in [secret, jwt] {
        let none = ["-p", secret, "list"];
        let some = ["profile", "use", secret];
        for words in [
            &none[..],
            &some,
            &["profile", "add", secret],
            &["profile", "show", secret],
        ] {
            let ran = run(&shop, words, &[]);
            assert!(ran.code == 3 || ran.code == 2, "{ran:#?}");
            assert!(!ran.stderr.contains("hidden"), "{ran:#?}");
        }
        let ran = run(&shop, &["list"], &[("SELORAX_PROFILE", secret)]).ends(3);
        assert!(!ran.stderr.contains("hidden"), "{ran:#?}");
    }
    // Nor in an error about the command line, nor in the ledger.
    let ran = run(&shop, &["profile", "add", "a", secret], &[]).ends(2);
    assert!(!ran.stderr.contains("hidden"), "{ran:#?}");
    let ran = run(&shop, &["profile", "add", "a", secret, "-o", "json"], &[]).ends(2);
    assert!(!ran.stderr.contains("hidden"), "{ran:#?}");
    shop.run(&["adjust", "150", "450", "1", "--reason", secret])
        .ends(0);
    let ran = shop.run(&["history", "-o", "json"]).ends(0);
    assert!(ran.stdout.contains("--reason") || !ran.stdout.contains("hidden"));
    let state = sxinv::state::State::open(&shop.state()).unwrap();
    let line: String = state
        .look()
        .query_row("SELECT command_line FROM runs", [], |row| row.get(0))
        .unwrap();
    assert!(line.ends_with("--reason sx_at_…"), "{line}");
}

#[test]
fn a_profile_is_called_what_stands_plainly_in_the_file_and_in_hints() {
    let shop = Shop::new();
    let add = |name: &str| {
        let words = ["profile", "add", "--token-stdin", "--no-check", name];
        add(&shop, &words, "sx_at_0123456789")
    };
    let long = "x".repeat(61);
    for (name, says) in [
        ("a.b", "such as a-b"),
        ("..", "letters, digits, - and _"),
        ("my shop", "such as my-shop"),
        ("it's", "such as it-s"),
        ("a/b", "such as a-b"),
        ("a\"b", "such as a-b"),
        ("", "the name of the profile is empty"),
        (&long, "too long"),
        ("sandbox", "built in"),
    ] {
        add(name).ends(2).says(says);
    }
    for name in [
        "münchen",
        "default",
        "Flowers_2",
        &"x".repeat(60),
        "blumenladenmuenchen2024",
    ] {
        let ran = add(name).ends(0);
        assert!(ran.stderr.contains("list"), "{ran:#?}");
        run(&shop, &["profile", "use", name], &[]).ends(0);
        run(&shop, &["profile", "show", name], &[]).ends(0);
        run(&shop, &["profile", "remove", name, "--yes"], &[]).ends(0);
    }
    run(
        &shop,
        &["profile", "add", "x", "--no-check", "--token-command", ""],
        &[],
    )
    .ends(2);
    // One that somebody wrote by hand works all the same.
    let path = run(&shop, &["profile", "path"], &[]).stdout;
    fs::write(
        path.trim(),
        "[profiles.\"a.b\"]\ntoken = \"sx_at_0123456789\"\n",
    )
    .unwrap();
    run(&shop, &["profile", "use", "a.b"], &[]).ends(0);
    run(&shop, &["profile", "remove", "a.b", "--yes"], &[]).ends(0);
    run(&shop, &["-p", "", "list"], &[])
        .ends(3)
        .says("the name of the profile is empty");
    shop.run(&["undo", "", "--yes"])
        .ends(2)
        .says("the name of the run is empty");
}

#[test]
fn what_is_no_toml_is_told_with_what_helps() {
    let shop = Shop::new();
    let path = run(&shop, &["profile", "path"], &[]).stdout;
    let path = path.trim();
    fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
    let quotes = "hint: texts stand in quotes";
    for (text, why, hint) in [
        (
            "token = \"x\"\ntoken = \"y\"",
            "a key or a table stands there twice",
            "hint: keep one of the two",
        ),
        (
            "[profiles.a]",
            "a key or a table stands there twice",
            "hint: keep one of the two",
        ),
        ("token = sx_at_1", "a value has no quotes", quotes),
        ("token =", "a value has no quotes", quotes),
        ("token = \"x", "a text has no closing quotes", quotes),
        (
            "[profiles.b",
            "the name of a table is broken",
            "hint: a table is [profiles.NAME]",
        ),
        (
            "token: \"x\"",
            "a key has no value",
            "hint: a line is a key, = and a value",
        ),
        ("read_only = True", "it is neither true nor false\n", ""),
        (
            "token = \"x\" store_id = 3",
            "there is more than one value",
            "hint: each key has a line",
        ),
    ] {
        fs::write(path, format!("[profiles.a]\n{text}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let ran = run(&shop, &["profile", "list"], &[]).ends(2).says(why);
        assert!(ran.stderr.contains(hint), "{ran:#?}");
        assert_eq!(ran.stderr.contains(quotes), hint == quotes, "{ran:#?}");
        assert!(!ran.stderr.contains("expected"), "{ran:#?}");
    }
}

#[test]
fn addresses_are_taken_as_they_are_pasted_or_the_one_that_was_meant_is_named() {
    let server = crate::scripted::Server::start(|_, _| {
        crate::scripted::json(404, r#"{"message":"Product not found.","status":404}"#)
    });
    let shop = Shop::at(&server.url);
    let at = |url: &str| {
        let token = [("SELORAX_TOKEN", "sx_at_0123456789")];
        run(&shop, &["--api-url", url, "list", "--retries", "0"], &token)
    };
    for path in [
        "",
        "/",
        "/api",
        "/api/",
        "/api/apps",
        "/api/apps/v1",
        "/api/apps/v1/inventory/150",
    ] {
        at(&format!("{}{path}", server.url)).ends(4);
    }
    let asked = server.requests();
    assert!(
        asked
            .iter()
            .all(|r| r.target.starts_with("/api/apps/v1/inventory?")),
        "{asked:?}"
    );
    for (url, says) in [
        ("api.selorax.io", "did you mean https://api.selorax.io?"),
        (
            "api.selorax.io:443/api",
            "did you mean https://api.selorax.io:443/api?",
        ),
        ("localhost:4000", "did you mean http://localhost:4000?"),
        (
            "ftp://api.selorax.io",
            "it looks like https://api.selorax.io",
        ),
        (
            "https://api.selorax.io/?a=b",
            "leave off what stands behind the ?",
        ),
        ("https://api. selorax.io", "it is not a URL"),
        (
            "https://u:verysecret@api.selorax.io",
            "credentials stand in it",
        ),
        ("http://api.selorax.io", "use https://"),
    ] {
        let ran = at(url).ends(2).says(says);
        assert!(!ran.stderr.contains("verysecret"), "{ran:#?}");
    }
}

#[test]
fn addresses_of_webhooks_are_refused_with_what_was_meant() {
    let shop = Shop::new();
    let secret = [("WEBHOOK_SIGNING_SECRET", "whsec_0123456789")];
    for (url, says) in [
        ("ftp://shop.example/x", "such as https://shop.example/hook"),
        (
            "shop.example/hook",
            "did you mean https://shop.example/hook?",
        ),
        ("127.0.0.1:9", "did you mean http://127.0.0.1:9?"),
        ("http://shop.example/hook", "use https://"),
        ("hook", "it is not a URL"),
    ] {
        let words = ["listen", "--port", "0", "--forward-to", url];
        run(&shop, &words, &secret).ends(2).says(says);
    }
}
