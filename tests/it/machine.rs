//! When this machine fails: without a ledger nothing is sent, and nothing is destroyed.

use std::fs;
use std::process::Stdio;

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

#[cfg(unix)]
#[test]
fn a_full_disk_sends_nothing() {
    let server = read_only();
    let shop = Shop::at(&server.url);
    // There is a database already; it just can't grow.
    shop.run(&["history"]).ends(0);
    sxinv::state::State::open(&shop.state()).unwrap();
    for words in writes(&shop) {
        // No file may grow beyond a few blocks, and the signal that says so is ignored: writes fail as on a full disk.
        let command = shop.command(&words);
        let mut limited = std::process::Command::new("/bin/sh");
        limited
            .env_clear()
            .current_dir(shop.folder.path())
            .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                limited.env(name, value);
            }
        }
        let ran = Ran::of(limited.output().unwrap()).ends(1);
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
