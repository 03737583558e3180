//! `check` and `man`.

use crate::scripted::store::Store;
use crate::scripted::{self, Server};
use crate::shop::{Ran, Shop};

fn check(shop: &Shop, token: &str, more: &[&str]) -> Ran {
    let mut command = shop.bare(&["--api-url", &shop.url, "check", "-o", "json"]);
    command.args(more).env("SELORAX_TOKEN", token);
    Ran::of(command.output().unwrap())
}

#[test]
fn check_shows_settings_with_their_sources_and_tries_both_scopes() {
    let shop = Shop::new();
    let ran = check(&shop, "sx_at_sandbox", &["--timeout", "7s"]).ends(0);
    let document = ran.json();
    assert_eq!(
        (&document["read"]["ok"], &document["write"]["ok"]),
        (&true.into(), &true.into())
    );
    let of = |name: &str| {
        let settings = document["settings"].as_array().unwrap().iter();
        settings
            .clone()
            .find(|setting| setting["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&of("timeout")["value"], &of("timeout")["source"]),
        (&"7s".into(), &"--timeout".into())
    );
    assert_eq!(of("credentials")["source"], "SELORAX_TOKEN");
    assert_eq!(of("api_url")["source"], "--api-url");
    assert!(!ran.stdout.contains("sx_at_"));
    assert!(
        shop.store().movements().unwrap().is_empty(),
        "nothing is changed"
    );

    let ran = check(&shop, "sx_at_sandbox_readonly", &[]).ends(3);
    assert_eq!(
        (&ran.json()["read"]["ok"], &ran.json()["write"]["ok"]),
        (&true.into(), &false.into())
    );
    assert_eq!(ran.error()["code"], "insufficient_scope");
    let ran = check(&shop, "sx_at_wrong", &[]).ends(3);
    assert_eq!(ran.json()["read"]["ok"], false);
    let table = shop.run(&["check"]).ends(0).stdout;
    assert!(table.contains("read") && table.contains("ok"), "{table}");
}

#[test]
fn what_can_be_told_without_credentials_is_told() {
    let shop = Shop::at("http://127.0.0.1:9");
    let ran = Ran::of(shop.bare(&["check", "-o", "json"]).output().unwrap()).ends(3);
    let document = ran.json();
    assert_eq!(document["connection"]["error"], "no credentials");
    assert_eq!(document["read"]["error"], "not tried");
    assert_eq!(document["ledger"]["ok"], true);
    let settings = document["settings"].as_array().unwrap();
    let named = |name: &str| settings.iter().any(|setting| setting["name"] == name);
    assert!(
        named("config") && named("state") && !named("api_url"),
        "{ran:#?}"
    );
    assert_eq!(ran.error()["message"], "no credentials");
}

#[test]
fn fields_are_those_of_the_format() {
    let shop = Shop::new();
    let ran = check(&shop, "sx_at_sandbox", &["--fields", "write,clock"]).ends(0);
    let document = ran.json();
    let names: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(names, ["clock", "write"]);
    assert!(ran.stdout.starts_with("{\"write\""), "{ran:#?}");
    check(&shop, "sx_at_sandbox", &["--fields", "name"]).ends(2);
    let ran = shop.run(&["check", "-o", "csv", "--fields", "value,name"]);
    assert!(ran.ends(0).stdout.starts_with("value,name\r\n"));
    shop.run(&["check", "--fields", "write"]).ends(2);
    let words = ["profile", "show", "sandbox", "-o", "json"];
    let ran = shop.run(&[&words[..], &["--fields", "recipes"]].concat());
    assert_eq!(ran.ends(0).stdout, "{\"recipes\":[]}\n");
}

#[test]
fn check_ends_with_6_where_the_server_is_not_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let shop = Shop::at(&format!("http://{}", free.local_addr().unwrap()));
    drop(free);
    let ran = check(&shop, "sx_at_x", &["--retries", "0"]).ends(6);
    for tried in ["connection", "read", "write"] {
        assert_eq!(ran.json()[tried]["ok"], false, "{tried}");
    }
    assert_eq!(ran.json()["ledger"]["ok"], true);
    assert_eq!(ran.json()["write"]["error"], "not tried");
}

#[test]
fn answers_come_first_and_each_says_what_to_do() {
    let shop = Shop::new();
    let table = shop.run(&["check", "-o", "csv"]).ends(0).stdout;
    let names: Vec<&str> = table
        .lines()
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(
        names[..10],
        [
            "name",
            "connection",
            "read",
            "write",
            "ledger",
            "lock",
            "memory",
            "clock",
            "proxy",
            "profile"
        ]
    );
    let ran = check(&shop, "sx_at_wrong", &[]).ends(3);
    let read = &ran.json()["read"];
    assert!(
        read["error"]
            .as_str()
            .unwrap()
            .contains("(credentials from SELORAX_TOKEN)")
    );
    assert!(
        read["hint"].is_string() && ran.json()["connection"]["ok"] == true,
        "{read}"
    );
    // A profile that may not write says so, and nothing is wrong.
    let add = [
        "profile",
        "add",
        "ro",
        "--token-stdin",
        "--read-only",
        "--no-check",
    ];
    let mut child = shop
        .bare(&add)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"sx_at_sandbox").unwrap();
    assert!(child.wait().unwrap().success());
    let words = ["-p", "ro", "--api-url", &shop.url, "check", "-o", "json"];
    let ran = Ran::of(shop.bare(&words).output().unwrap()).ends(0);
    assert!(
        ran.json()["write"]["value"]
            .as_str()
            .unwrap()
            .contains("read-only")
    );
}

#[test]
fn a_state_folder_that_can_not_be_written_is_found_out() {
    let shop = Shop::new();
    std::fs::write(shop.state(), "in the way").unwrap();
    let ran = check(&shop, "sx_at_sandbox", &[]).ends(1);
    let document = ran.json();
    for (tried, ok) in [
        ("read", true),
        ("write", true),
        ("ledger", false),
        ("lock", false),
    ] {
        assert_eq!(document[tried]["ok"], ok, "{tried}: {document}");
        assert_eq!(
            document[tried]["hint"].is_string(),
            !ok,
            "{tried}: {document}"
        );
    }
    // Wrong credentials come first.
    check(&shop, "sx_at_wrong", &[]).ends(3);
    // The sandbox has its store there: what waits for it is not what failed.
    let ran = Ran::of(shop.bare(&["-p", "sandbox", "check"]).output().unwrap());
    let ran = ran.ends(1);
    assert!(!ran.stderr.contains("not tried"), "{ran:#?}");
}

#[test]
fn a_database_that_is_damaged_or_lacks_a_table_is_found_out_with_what_suffers() {
    let shop = Shop::new();
    shop.run(&["adjust", "150", "450", "1"]).ends(0);
    assert_eq!(
        check(&shop, "sx_at_sandbox", &[]).ends(0).json()["memory"]["value"],
        "nothing was kept yet"
    );
    shop.run(&["snapshot"]).ends(0);
    check(&shop, "sx_at_sandbox", &[]).ends(0);
    for (name, tried, suffers) in [
        ("state.db", "ledger", "no command writes to a store"),
        ("memory.db", "memory", "snapshot, diff,"),
    ] {
        let path = shop.state().join(name);
        let whole = std::fs::read(&path).unwrap();
        let cut_off = whole[..whole.len() - 4096].to_vec();
        // Its first page is as it was, so that it opens.
        let mut written_over = whole.clone();
        written_over[4096..].fill(0x55);
        for damaged in [b"no database".repeat(1000), cut_off, written_over] {
            std::fs::write(&path, damaged).unwrap();
            found_out(&shop, tried, suffers);
        }
        std::fs::write(&path, &whole).unwrap();
        let table = if tried == "ledger" {
            "variants"
        } else {
            "labels"
        };
        let database = rusqlite::Connection::open(&path).unwrap();
        database
            .execute_batch(&format!("DROP TABLE {table}"))
            .unwrap();
        drop(database);
        let why = found_out(&shop, tried, suffers);
        assert!(why.contains(&format!("it has no {table}.")), "{why}");
        std::fs::write(&path, &whole).unwrap();
        check(&shop, "sx_at_sandbox", &[]).ends(0);
    }
}

/// Fails unless `check` finds this alone in disorder and says what suffers; the message.
fn found_out(shop: &Shop, tried: &str, suffers: &str) -> String {
    let document = check(shop, "sx_at_sandbox", &[]).ends(1).json();
    for other in ["connection", "read", "write", "ledger", "lock", "memory"] {
        assert_eq!(document[other]["ok"], other != tried, "{other}: {document}");
    }
    let found = &document[tried];
    let hint = found["hint"].as_str().unwrap();
    assert!(
        hint.contains("move it away") && hint.contains(suffers),
        "{hint}"
    );
    let message = found["error"].as_str().unwrap();
    assert!(message.contains("is damaged"), "{message}");
    message.to_owned()
}

#[test]
fn a_clock_that_is_wrong_is_found_out() {
    let check_at = |date: &'static str| {
        let store = Store::new(1, 5);
        let server = Server::start(move |_, request| match store.answer(request) {
            scripted::Answer::Reply(status, mut headers, body) => {
                headers.push(date.to_owned());
                scripted::Answer::Reply(status, headers, body)
            }
            answer => answer,
        });
        check(&Shop::at(&server.url), "sx_at_x", &[])
    };
    let ran = check_at("date: Sat, 06 Nov 2094 08:49:37 GMT").ends(1);
    let clock = &ran.json()["clock"];
    assert!(
        clock["error"]
            .as_str()
            .unwrap()
            .contains(" behind the server's"),
        "{clock}"
    );
    let ran = check_at("date: Sun, 06 Nov 1994 08:49:37 GMT").ends(1);
    assert!(
        ran.json()["clock"]["error"]
            .as_str()
            .unwrap()
            .contains(" ahead of the server's")
    );
    // No time, no judgement.
    assert_eq!(check_at("x-date: none").ends(0).json()["clock"]["ok"], true);
}

#[test]
fn check_sends_nothing_that_could_change_stock() {
    let server = Server::start(|_, request| match request.method.as_str() {
        "GET" => scripted::json(
            200,
            r#"{"data":[{"product_id":150,"name":"R","total_quantity":5}],"pagination":{"page":1,"limit":1,"total":1},"status":200}"#,
        ),
        _ => scripted::json(400, r#"{"message":"Adjustment cannot be 0.","status":400}"#),
    });
    let shop = Shop::at(&server.url);
    shop.run(&["check"]).ends(0);
    let requests = server.requests();
    let writes: Vec<_> = requests.iter().filter(|r| r.method != "GET").collect();
    assert_eq!(writes.len(), 1);
    assert!(
        writes[0].body.contains("\"adjustment\":0"),
        "{:?}",
        writes[0]
    );
}

#[test]
fn only_the_apis_own_refusal_shows_that_writing_is_allowed() {
    let html = "<html>No</html>";
    for (status, body, code) in [
        (400, r#"{"message":"No 0.","status":400}"#, 0),
        (404, r#"{"message":"Variant not found.","status":404}"#, 0),
        (422, r#"{"message":"No 0.","status":422}"#, 0),
        (410, r#"{"message":"v1 is retired.","status":410}"#, 5),
        (403, r#"{"message":"No scope.","status":403}"#, 3),
        (400, html, 6),
        (404, html, 6),
        (405, html, 6),
        (413, html, 6),
        (200, "{}", 6),
        (200, r#"{"data":{},"status":200}"#, 6),
        (400, r#"{"message":"Bad Request"}"#, 6),
    ] {
        let store = Store::new(1, 5);
        let server = Server::start(move |_, request| match request.method.as_str() {
            "GET" => store.answer(request),
            _ => scripted::json(status, body),
        });
        let ran = check(&Shop::at(&server.url), "sx_at_x", &[]).ends(code);
        assert_eq!(ran.json()["write"]["ok"], code == 0, "{status} {body}");
        assert_eq!(ran.json()["read"]["ok"], true);
    }
}

#[test]
fn manual_pages_for_the_program_and_each_command() {
    let shop = Shop::at("http://127.0.0.1:9");
    let page = shop.bare(&["man"]).output().unwrap();
    assert!(Ran::of(page).ends(0).stdout.contains(".TH sxinv 1"));
    let page = Ran::of(shop.bare(&["man", "import-csv"]).output().unwrap()).ends(0);
    assert!(page.stdout.contains("sxinv-import-csv"), "{}", page.stdout);
    Ran::of(shop.bare(&["man", "nonsense"]).output().unwrap()).ends(2);
    Ran::of(shop.bare(&["man", "--dir", "man1"]).output().unwrap()).ends(0);
    let names: Vec<String> = std::fs::read_dir(shop.folder.path().join("man1"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.contains(&"sxinv-adjust.1".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("help")), "{names:?}");
}
