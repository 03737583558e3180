//! The state folder: what becomes of it under us, and where it is.

use std::fs;
use std::process::Command;

use sxinv::sandbox::Options;

use crate::shop::{Ran, Shop, import, run_of};

const MOVES: &str = "product_id,sku_id,adjustment\n150,450,1\n150,451,1\n";

/// The program with its state in this folder, started in that one.
fn at(shop: &Shop, state: &str, here: &str, words: &[&str]) -> Ran {
    let mut command: Command = shop.command(words);
    let here = shop.folder.path().join(here);
    fs::create_dir_all(&here).unwrap();
    command.env("SXINV_STATE_DIR", state).current_dir(here);
    Ran::of(command.output().unwrap())
}

#[test]
fn a_relative_state_folder_is_told_with_where_it_is() {
    let shop = Shop::new();
    let adjust = ["adjust", "150", "450", "1"];
    let ran = at(&shop, "ledger", "morning", &adjust).ends(0);
    let here = shop
        .folder
        .path()
        .canonicalize()
        .unwrap()
        .join("morning/ledger");
    let told = ran.stderr.replace('\n', " ");
    assert!(
        told.contains("SXINV_STATE_DIR is a relative path")
            && told.contains(here.to_str().unwrap()),
        "{told}"
    );
    assert_eq!(ran.stderr.matches("relative").count(), 1, "{ran:#?}");
    // In the evening's folder nobody knows of it.
    let ran = at(&shop, "ledger", "evening", &["history"]).ends(0);
    ran.says("is a relative path").says("no runs");
    let ran = at(&shop, "ledger", "evening", &["check", "-o", "json"]).ends(0);
    let state = &ran.json()["settings"];
    assert!(state.to_string().contains("/evening/ledger\""), "{state}");
    // A whole one is not worth a word; nor is anything under -q.
    let whole = here.to_str().unwrap();
    let ran = at(&shop, whole, "evening", &["history"]).ends(0);
    assert!(!ran.stderr.contains("relative"), "{ran:#?}");
    let ran = at(&shop, "ledger", "noon", &["-q", "history"]).ends(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_home_that_is_relative_is_told_and_a_relative_xdg_folder_counts_as_none() {
    let shop = Shop::new();
    let run = |name: &str, value: &str| {
        let mut command = shop.command(&["adjust", "150", "450", "1"]);
        command.env_remove("SXINV_STATE_DIR").env(name, value);
        Ran::of(command.output().unwrap()).ends(0)
    };
    run("HOME", "here").says("HOME is a relative path");
    assert!(
        shop.folder
            .path()
            .join("here/.local/state/sxinv/state.db")
            .exists()
            || cfg!(not(target_os = "linux"))
    );
    let ran = run("XDG_STATE_HOME", "there");
    assert!(!ran.stderr.contains("relative"), "{ran:#?}");
    assert!(!shop.folder.path().join("there").exists());
}

#[test]
fn a_profile_file_that_is_named_relatively_is_told_with_where_it_was_looked_for() {
    let shop = Shop::new();
    let mut command = shop.bare(&["list"]);
    command.env("SELORAX_CONFIG", "shop.toml");
    let place = shop.folder.path().canonicalize().unwrap().join("shop.toml");
    let ran = Ran::of(command.output().unwrap()).ends(2);
    let told = ran.stderr.replace('\n', " ");
    assert!(told.contains(place.to_str().unwrap()), "{told}");
}

/// A copy of the state folder, as `cp -r` makes it.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().flatten() {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn going_on_with_a_run_of_a_copied_ledger_is_told() {
    let mut shop = Shop::with(Options {
        faults: "500-before=1,writes-only".parse().unwrap(),
        ..Options::default()
    });
    let text = "product_id,sku_id,quantity\n150,450,1\n";
    import(&shop, "a.csv", text, &["--retries", "0"]).ends(7);
    shop.serve_again(Options::default());
    // The run has a row open that its process never came to.
    rusqlite::Connection::open(shop.state().join("state.db"))
        .unwrap()
        .execute_batch(
            "UPDATE rows SET outcome = NULL, intent_at = NULL; UPDATE runs SET ended_at = NULL",
        )
        .unwrap();
    let state = shop.state();
    copy(&state, &shop.folder.path().join("copy"));
    let run = shop.run(&["history", "-o", "json"]).ends(0).json()[0]["run"].clone();
    let resume = ["import-csv", "--resume", run.as_str().unwrap()];
    let copied = shop.folder.path().join("copy");
    let words = [&resume[..], &["--dry-run"]].concat();
    at(&shop, copied.to_str().unwrap(), ".", &words)
        .ends(0)
        .says("this ledger is a copy or was moved");
    let ran = at(
        &shop,
        copied.to_str().unwrap(),
        ".",
        &["import-csv", "--resume-all"],
    )
    .ends(0);
    ran.says("this ledger is a copy or was moved");
    let ran = shop.run(&resume).ends(0);
    assert!(!ran.stderr.contains("a copy"), "{ran:#?}");
}

/// What is put back, as somebody would with a backup: over the file that is there, or in its place.
fn put_back(backup: &std::path::Path, shop: &Shop, in_place: bool) {
    let ledger = shop.state().join("state.db");
    if !in_place {
        fs::remove_file(&ledger).unwrap();
    }
    fs::copy(backup, &ledger).unwrap();
}

#[test]
fn a_ledger_put_back_from_a_backup_does_not_let_the_same_file_through() {
    for in_place in [true, false] {
        let shop = Shop::new();
        shop.run(&["adjust", "150", "452", "1"]).ends(0);
        let backup = shop.folder.path().join("backup.db");
        fs::copy(shop.state().join("state.db"), &backup).unwrap();
        import(&shop, "a.csv", MOVES, &[]).ends(0);
        put_back(&backup, &shop, in_place);
        for words in [&[][..], &["--dry-run"]] {
            import(&shop, "a.csv", MOVES, words)
                .ends(5)
                .says("has lost what it recorded last")
                .says("--again");
        }
        assert_eq!(shop.stock(450), 26);
        // What is no adjustment does no harm twice; it goes through, and says so.
        let set = "product_id,sku_id,quantity\n150,452,7\n";
        import(&shop, "set.csv", set, &[])
            .ends(0)
            .says("has lost what it recorded last");
        shop.run(&["history"])
            .ends(0)
            .says("has lost what it recorded last");
        shop.run(&["check", "-o", "json"]).ends(1);
        // And it is not forgotten by what came since.
        import(&shop, "a.csv", MOVES, &[]).ends(5).says("has lost");
        import(&shop, "a.csv", MOVES, &["--again"]).ends(0);
        assert_eq!(shop.stock(450), 27);
        import(&shop, "a.csv", MOVES, &[])
            .ends(5)
            .says("applied by run");
    }
}

#[test]
fn a_ledger_that_was_removed_does_not_let_the_same_file_through() {
    let shop = Shop::new();
    import(&shop, "a.csv", MOVES, &[]).ends(0);
    fs::remove_file(shop.state().join("state.db")).unwrap();
    import(&shop, "a.csv", MOVES, &[])
        .ends(5)
        .says("has lost what it recorded last");
    assert_eq!(shop.stock(450), 26);
    // Longer ago than the guard remembers, it is as if nothing had been lost.
    shop.run(&["adjust", "150", "452", "1"])
        .ends(0)
        .says("has lost what it recorded last");
    let old = "UPDATE ledger SET lost_until = '2020-01-01T00:00:00.000Z'";
    rusqlite::Connection::open(shop.state().join("state.db"))
        .unwrap()
        .execute_batch(old)
        .unwrap();
    let ran = import(&shop, "a.csv", MOVES, &[]).ends(0);
    assert!(!ran.stderr.contains("lost"), "{ran:#?}");
}

#[test]
fn a_run_of_a_ledger_put_back_is_neither_gone_on_with_nor_taken_back_by_itself() {
    let shop = Shop::new();
    let run = run_of(&import(&shop, "a.csv", MOVES, &[]).ends(0));
    let backup = shop.folder.path().join("backup.db");
    let ledger = shop.state().join("state.db");
    fs::copy(&ledger, &backup).unwrap();
    // As it was when its second row was still to come.
    rusqlite::Connection::open(&backup)
        .unwrap()
        .execute_batch(
            "PRAGMA journal_mode = DELETE;
             UPDATE rows SET outcome = NULL, intent_at = NULL, settled_at = NULL WHERE row = 1;
             UPDATE runs SET ended_at = NULL; UPDATE ledger SET commits = 1;",
        )
        .unwrap();
    shop.run(&["undo", &run, "--yes"]).ends(0);
    put_back(&backup, &shop, true);
    import(&shop, "a.csv", MOVES, &[]).ends(5).says("--resume");
    shop.run(&["import-csv", "--resume", &run])
        .ends(5)
        .says("has lost what it recorded last");
    shop.run(&["import-csv", "--resume-all"])
        .ends(5)
        .says("has lost what it recorded last");
    shop.run(&["undo", &run, "--yes"])
        .ends(5)
        .says("was taken back already can't be told");
    assert_eq!((shop.stock(450), shop.stock(451)), (25, 12));
    shop.run(&["import-csv", "--resume", &run, "--again"])
        .ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (25, 13));
    shop.run(&["undo", &run, "--yes", "--again"]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (24, 12));
    shop.run(&["undo", &run, "--yes", "--again"])
        .ends(5)
        .says("was taken back by run");
}

/// Puts something under this name that is no regular file, whatever stood there.
#[cfg(unix)]
fn in_the_way(path: &std::path::Path, what: &str) {
    let _ = fs::remove_file(path);
    match what {
        "a pipe" => {
            let made = Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        "a socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        _ => fs::create_dir(path).unwrap(),
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_named_and_keeps_nobody_waiting() {
    let shop = Shop::new();
    import(&shop, "a.csv", MOVES, &[]).ends(0);
    let mut files = fs::read_dir(shop.state()).unwrap().flatten();
    let lock = files.find_map(|file| {
        file.file_name()
            .into_string()
            .ok()
            .filter(|name| name.ends_with(".lock"))
    });
    let lock = lock.unwrap();
    let writes = ["import-csv", "a.csv", "--yes", "--again"];
    let kept = shop.folder.path().join("kept");
    copy(&shop.state(), &kept);
    for what in ["a pipe", "a socket", "a folder"] {
        for (name, words) in [
            ("state.db", &writes[..]),
            ("state.db", &["history"]),
            ("state.db-wal", &["adjust", "150", "450", "1"]),
            ("state.mark", &writes),
            (&lock, &writes),
            ("check.lock", &["check"]),
            ("memory.db", &["snapshot"]),
            ("memory.db", &["history", "--sku", "450"]),
            ("memory.db", &["check"]),
        ] {
            fs::remove_dir_all(shop.state()).unwrap();
            copy(&kept, &shop.state());
            in_the_way(&shop.state().join(name), what);
            let words = [words, &["-o", "json"]].concat();
            let ran = shop.run(&words).ends(1);
            let told = ran.error()["message"].as_str().unwrap().to_owned();
            let named = format!("{name} is {what}, not a regular file");
            assert!(told.contains(&named), "no `{named}` in {told}");
        }
    }
    assert_eq!(shop.stock(450), 26);
}
