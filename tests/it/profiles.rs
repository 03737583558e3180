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
        .says("no token");
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
    add(
        &shop,
        &["profile", "add", "flowers", "--token-stdin"],
        "sx_at_other",
    )
    .ends(0);
    let ran = run(&shop, &["show", "150"], &token).ends(0);
    ran.says("credentials from SELORAX_TOKEN, and not from the default profile flowers");
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
