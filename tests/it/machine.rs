//! When this machine fails: without a ledger nothing is sent, and nothing is destroyed.

use std::fs;
use std::process::{Command, Stdio};

#[cfg(unix)]
use crate::listener::{Listener, SECRET, event};
use crate::scripted::Server;
use crate::shop::{Ran, Shop};

const PRODUCT: &str = r#"{"data":{"product_id":150,"name":"R","variants":[{"sku_id":450,"sku_code":"A","quantity":5}]},"status":200}"#;

/// A server that may be read and must not be written to.
fn read_only() -> Server {
    Server::start(|_, request| {
        assert_eq!(request.method, "GET");
        crate::scripted::json(200, PRODUCT)
    })
}

fn writes(shop: &Shop) -> [Vec<String>; 3] {
    let file = shop.file("a.csv", "product_id,sku_id,adjustment\n150,450,1\n");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    [
        words(&["set", "150", "450=9", "-o", "json"]),
        words(&["adjust", "150", "450", "1", "-o", "json"]),
        words(&["import-csv", file.to_str().unwrap(), "--yes", "-o", "json"]),
    ]
}

fn refused(shop: &Shop, server: &Server, says: &str) {
    for words in writes(shop) {
        let ran = shop.run(&words).ends(1);
        assert_eq!(ran.error()["kind"], "internal");
        assert!(ran.stderr.contains(says), "no `{says}` in {ran:#?}");
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.method == "GET")
    );
}

#[test]
fn a_state_folder_that_can_not_be_made() {
    let server = read_only();
    let shop = Shop::at(&server.url);
    fs::write(shop.state(), "in the way").unwrap();
    refused(&shop, &server, "can't use the state database");
    assert_eq!(fs::read_to_string(shop.state()).unwrap(), "in the way");
}

#[test]
fn rows_that_are_taken_out_of_the_ledger_under_a_run_end_it() {
    let ledger = std::sync::Arc::new(std::sync::OnceLock::<std::path::PathBuf>::new());
    let path = std::sync::Arc::clone(&ledger);
    let server = Server::start(move |_, request| {
        if request.method == "GET" {
            return crate::scripted::json(200, PRODUCT);
        }
        let state = rusqlite::Connection::open(path.get().unwrap()).unwrap();
        let gone = "DELETE FROM rows; DELETE FROM runs";
        state.execute_batch(gone).unwrap();
        crate::scripted::json(
            200,
            r#"{"data":{"sku_id":450,"product_id":150,"previous_quantity":5,"quantity":6,"adjustment":1,"available":1},"message":"Stock adjusted.","status":200}"#,
        )
    });
    let shop = Shop::at(&server.url);
    ledger.set(shop.state().join("state.db")).unwrap();
    shop.file(
        "a.csv",
        "product_id,sku_id,adjustment\n150,450,1\n150,450,1\n150,450,1\n",
    );
    let ran = shop
        .run(&["import-csv", "a.csv", "--yes", "-o", "json"])
        .ends(1);
    assert!(
        ran.stderr.contains("a row of the run is gone from it"),
        "{ran:#?}"
    );
    let requests = server.requests();
    let sent = requests.iter().filter(|request| request.method == "POST");
    assert_eq!(sent.count(), 1);
}

#[test]
fn a_corrupt_database_is_left_as_it_is() {
    let server = read_only();
    let shop = Shop::at(&server.url);
    fs::create_dir(shop.state()).unwrap();
    let path = shop.state().join("state.db");
    let junk = "this is no database ".repeat(1000);
    fs::write(&path, &junk).unwrap();
    refused(&shop, &server, "damaged");
    assert_eq!(fs::read_to_string(&path).unwrap(), junk);
}

#[test]
fn a_newer_database_is_left_as_it_is() {
    let server = read_only();
    let shop = Shop::at(&server.url);
    fs::create_dir(shop.state()).unwrap();
    let path = shop.state().join("state.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE future (x); PRAGMA user_version = 999")
        .unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    refused(&shop, &server, "newer sxinv");
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// Runs the binary where no file may grow beyond so many blocks of 512 bytes: writes then fail as on a full disk.
#[cfg(unix)]
fn limited<S: AsRef<str>>(shop: &Shop, words: &[S], blocks: u32) -> Ran {
    Ran::of(
        limited_command(shop, words, &format!("-f {blocks}"))
            .output()
            .unwrap(),
    )
}

/// Runs the binary under this limit of the shell's `ulimit`.
#[cfg(unix)]
fn limited_command<S: AsRef<str>>(shop: &Shop, words: &[S], limit: &str) -> Command {
    let command = shop.command(words);
    let mut limited = Command::new("/bin/sh");
    limited
        .env_clear()
        .current_dir(shop.folder.path())
        .arg("-c")
        .arg(format!("ulimit {limit}; exec \"$0\" \"$@\""))
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    limited
}

/// Each thread wants a gigabyte of addresses for its stack, and there are twelve.
#[cfg(target_os = "linux")]
#[test]
fn a_machine_that_has_no_room_for_more_threads_does_it_with_fewer() {
    let shop = Shop::new();
    shop.run(&["export-csv", "all.csv", "-q"]).ends(0);
    let mut text = "product_id,sku_id,adjustment\n".to_owned();
    for row in shop.read("all.csv").lines().skip(1).take(60) {
        let [product, sku] = [0, 2].map(|n| row.split(',').nth(n).unwrap());
        text += &format!("{product},{sku},1\n");
    }
    shop.file("a.csv", &text);
    let words = [
        "import-csv",
        "a.csv",
        "--yes",
        "--concurrency",
        "64",
        "-o",
        "json",
    ];
    let mut command = limited_command(&shop, &words, "-v 12000000");
    command.env("RUST_MIN_STACK", (1u64 << 30).to_string());
    let ran = Ran::of(command.output().unwrap()).ends(0);
    assert_eq!(ran.json()["applied"], 60);
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_under_a_run_ends_it_and_nothing_is_done_twice() {
    let shop = Shop::new();
    let mut text = "product_id,sku_id,adjustment,reason\n".to_owned();
    for n in 0..200 {
        text += &format!("150,450,1,row {n}\n");
    }
    shop.file("a.csv", text);
    let words = [
        "import-csv",
        "a.csv",
        "--yes",
        "-o",
        "json",
        "--concurrency",
        "1",
    ];
    let ran = limited(&shop, &words, 600).ends(1);
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    let said = message.matches("state.db can't be written").count();
    assert_eq!(said, 1, "once, and once alone: {message}");
    let document = ran.json();
    let applied = shop.store().movements().unwrap().len();
    assert_eq!(document["applied"], applied, "{document}");
    assert!(
        (1..200).contains(&applied),
        "{applied} rows before it was full"
    );
    let run = document["run"].as_str().unwrap();
    shop.run(&["import-csv", "--resume", run]);
    // What the ledger could not hold any more is in doubt, and not sent again.
    let all = shop.store().movements().unwrap();
    let ids: std::collections::HashSet<_> = all.iter().map(|m| &m.request_id).collect();
    assert_eq!(ids.len(), all.len(), "a row was sent twice");
    assert!(all.len() >= 199, "{} of 200 rows", all.len());
}

#[cfg(unix)]
#[test]
fn a_file_that_finds_no_room_is_named() {
    let shop = Shop::new();
    shop.run(&["list"]).ends(0);
    for (name, said) in [
        ("stock.csv", "can't write stock.csv: "),
        (
            "stock.xlsx",
            "can't write the workbook: its rows find no room in ",
        ),
    ] {
        let ran = limited(&shop, &["export-csv", name], 4).ends(1).says(said);
        assert!(!ran.stderr.contains(".tmp"), "{ran:#?}");
        assert!(!shop.folder.path().join(name).exists());
    }
}

#[cfg(unix)]
#[test]
fn a_listener_that_finds_no_room_says_so_and_takes_no_event() {
    let shop = Shop::at("http://127.0.0.1:9");
    // The database is there; its log can't hold many events.
    drop(sxinv::memory::Memory::open(&shop.state()).unwrap());
    let mut command = limited_command(&shop, &["listen", "--port", "0"], "-f 128");
    command.env("WEBHOOK_SIGNING_SECRET", SECRET);
    let listener = Listener::start(command);
    let turned = (0..200).any(|n| listener.takes(&event(&format!("e{n}"), 450, 25, -1)) == 503);
    assert!(turned, "64 KiB hold 200 events");
    let said = listener.said.recv().unwrap();
    assert!(
        said.contains("an event is not kept: ") && said.contains("memory.db"),
        "{said}"
    );
    listener.ends("-TERM", 143);
}

#[cfg(unix)]
#[test]
fn a_full_disk_sends_nothing() {
    let server = read_only();
    let shop = Shop::at(&server.url);
    // There is a database already; it just can't grow.
    shop.run(&["history"]).ends(0);
    sxinv::state::State::open(&shop.state()).unwrap();
    for words in writes(&shop) {
        let ran = limited(&shop, &words, 8).ends(1);
        assert_eq!(ran.error()["kind"], "internal", "{ran:#?}");
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.method == "GET")
    );
}

#[cfg(unix)]
#[test]
fn the_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    shop.run(&["set", "150", "450=9"]).ends(0);
    for file in fs::read_dir(shop.state()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}

#[test]
fn several_processes_meet_an_empty_state_folder_and_share_it() {
    let shop = Shop::new();
    for round in 1..=3 {
        let state = shop.folder.path().join(format!("state {round}"));
        let with_state = |words: &[&str]| {
            let mut command = shop.command(words);
            command.env("SXINV_STATE_DIR", &state);
            command
        };
        let children: Vec<_> = (0..8)
            .map(|_| {
                let mut command = with_state(&["adjust", "150", "450", "1"]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in children {
            Ran::of(child.wait_with_output().unwrap()).ends(0);
        }
        assert_eq!(shop.stock(450), 25 + 8 * round);
        let history = with_state(&["history", "-o", "jsonl"]).output().unwrap();
        assert_eq!(Ran::of(history).ends(0).stdout.lines().count(), 8);
    }
}

/// Neither "no runs" nor "no such run" is an answer when nobody could look.
#[test]
fn a_state_folder_that_can_not_be_read_has_no_history() {
    let shop = Shop::new();
    fs::write(shop.folder.path().join("file"), "in the way").unwrap();
    let in_the_way = shop.folder.path().join("file/state");
    #[cfg(unix)]
    std::os::unix::fs::symlink("state", shop.state()).unwrap();
    for state in [in_the_way, shop.state()] {
        for words in [
            &["history"][..],
            &["history", "20261124"],
            &["undo", "20261124", "--yes"],
        ] {
            let ran = shop.command(words).env("SXINV_STATE_DIR", &state).output();
            let ran = Ran::of(ran.unwrap()).ends(1);
            assert!(ran.stdout.is_empty(), "{ran:#?}");
            ran.says("can't use the state database")
                .says("SXINV_STATE_DIR");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_one_may_not_enter_has_no_history() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    shop.run(&["set", "150", "450=9"]).ends(0);
    fs::set_permissions(shop.state(), fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing keeps the administrator out.
    if fs::read_dir(shop.state()).is_err() {
        shop.run(&["history"])
            .ends(1)
            .says("can't use the state database");
    }
    fs::set_permissions(shop.state(), fs::Permissions::from_mode(0o700)).unwrap();
    shop.run(&["history"]).ends(0);
}
