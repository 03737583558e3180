//! What is offered to go on with, and what is not: hints and lists name a command that does what is meant, once.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use serde_json::Value;

use crate::scripted::store::{Store, product_of};
use crate::scripted::{self, Answer, Server};
use crate::shop::{Ran, Shop, import, run_of};

fn newest(shop: &Shop) -> Value {
    let listed = shop.run(&["history", "-o", "json"]).ends(0).json();
    listed[0].clone()
}

fn posts(server: &Server) -> usize {
    let requests = server.requests();
    requests.iter().filter(|r| r.method == "POST").count()
}

/// Nobody is told to go on with the newest run, and who tries sends nothing.
fn is_over(shop: &Shop, server: &Server, outcome: &str) {
    let ran = shop.run(&["history"]).ends(0);
    assert!(!ran.stderr.contains("go on with"), "{ran:#?}");
    let newest = newest(shop);
    assert_eq!(newest[outcome], 1, "{newest}");
    let run = newest["run"].as_str().unwrap();
    let ran = shop.run(&["history", run]).ends(0);
    assert!(!ran.stderr.contains("go on with"), "{ran:#?}");
    let before = posts(server);
    for more in [&[][..], &["--resend-unknown"]] {
        let words = [&["import-csv", "--resume", run][..], more].concat();
        shop.run(&words)
            .ends(7)
            .says(&format!("nothing of run {run} is in doubt"));
    }
    assert_eq!(posts(server), before);
}

#[test]
fn a_typed_change_that_was_refused_is_over() {
    let store = Store::new(1, 25);
    let refuses = Arc::new(AtomicBool::new(true));
    let refused = Arc::clone(&refuses);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "POST" if refused.load(Ordering::SeqCst) => {
            scripted::json(403, r#"{"message":"Insufficient scope.","status":403}"#)
        }
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    shop.run(&["adjust", "1", "10", "-3"]).ends(3);
    refuses.store(false, Ordering::SeqCst);
    is_over(&shop, &server, "failed");
}

#[test]
fn a_typed_change_that_was_interrupted_before_it_was_sent_is_over() {
    let store = Store::new(1, 25);
    let (arrived, arrival) = mpsc::channel();
    let arrived = Mutex::new(Some(arrived));
    let server = Server::start(move |_, request| match request.method.as_str() {
        "POST" => match arrived.lock().unwrap().take() {
            Some(arrived) => {
                arrived.send(()).unwrap();
                let busy = r#"{"message":"Too many requests.","status":429}"#;
                Answer::Reply(429, vec!["retry-after: 60".to_owned()], busy.into())
            }
            None => store.answer(request),
        },
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    let child = shop.start(&["adjust", "1", "10", "-3"]);
    arrival.recv().unwrap();
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ran = Ran::of(child.wait_with_output().unwrap()).ends(130);
    let run = newest(&shop)["run"].as_str().unwrap().to_owned();
    let ran = ran
        .says("error: interrupted; nothing was changed\n")
        .says("once more leaves at once, and leaves that in doubt");
    assert!(ran.stderr.contains(&format!("history {run}")), "{ran:#?}");
    is_over(&shop, &server, "skipped");
    // Killed before it left, it is over as well.
    rusqlite::Connection::open(shop.state().join("state.db"))
        .unwrap()
        .execute_batch(
            "UPDATE rows SET outcome = NULL; UPDATE runs SET ended_at = NULL, stopped = NULL",
        )
        .unwrap();
    is_over(&shop, &server, "skipped");
}

/// Thirty adjustments of which the first is applied, and the next ten are not because the server is gone: the run ends
/// with most rows open. The server is back then.
fn cut_off() -> (Arc<Store>, Server) {
    let store = Store::new(30, 25);
    let behind = Arc::clone(&store);
    let sent = Mutex::new(0);
    let server = Server::start(move |_, request| {
        if request.method == "POST" && product_of(&request.target).is_some() {
            let mut sent = sent.lock().unwrap();
            *sent += 1;
            if (2..=11).contains(&*sent) {
                return Answer::Reply(429, vec!["retry-after: 0".to_owned()], Vec::new());
            }
        }
        behind.answer(request)
    });
    (store, server)
}

/// The file of that run.
fn thirty() -> String {
    let rows: Vec<String> = (1..=30).map(|n| format!("{n},{n}0,1\n")).collect();
    format!("product_id,sku_id,adjustment\n{}", rows.concat())
}

const AT_ONCE: [&str; 4] = ["--retries", "0", "--concurrency", "1"];

#[test]
fn a_run_that_was_taken_back_is_not_offered_to_go_on_with() {
    let (_store, server) = cut_off();
    let shop = Shop::at(&server.url);
    let run = run_of(&import(&shop, "a.csv", &thirty(), &AT_ONCE));
    shop.run(&["history"]).ends(0).says(&format!(
        "go on with: sxinv -p sandbox --api-url {} import-csv --resume {run}",
        server.url
    ));
    shop.run(&["undo", &run, "--yes"]).ends(0);
    for words in [&["history"][..], &["history", &run]] {
        let ran = shop.run(words).ends(0);
        assert!(!ran.stderr.contains("go on with"), "{ran:#?}");
    }
}

/// A profile file with these profiles, all for one server.
fn profiles(shop: &Shop, names: &[&str]) -> String {
    let profile = |name: &&str| {
        format!(
            "[profiles.{name}]\ntoken = \"sx_at_sandbox\"\napi_url = \"{}\"\n",
            shop.url
        )
    };
    let text: String = names.iter().map(profile).collect();
    let path = shop.file("config.toml", text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn hints_name_the_profile_of_the_run_or_that_it_is_gone() {
    let (_store, server) = cut_off();
    let shop = Shop::at(&server.url);
    let config = profiles(&shop, &["a", "b"]);
    let under = |name: &str, words: &[&str]| {
        let words = [&["--config", &config, "-p", name][..], words].concat();
        Ran::of(shop.bare(&words).output().unwrap())
    };
    shop.file("a.csv", thirty());
    let file = ["import-csv", "a.csv", "--yes", "-o", "json"];
    let run = run_of(&under("a", &[&file[..], &AT_ONCE].concat()));
    let resume = format!("sxinv -p a --config {config} import-csv --resume {run}");
    for ran in [
        under("b", &file),
        under("b", &["import-csv", "--resume", &run]),
    ] {
        ran.ends(5).says(&resume);
    }
    under("b", &["history"]).ends(0).says(&resume);
    profiles(&shop, &["b"]);
    let gone = format!("sxinv profile --config {config} add a");
    let gone = [gone, "its profile a is gone".to_owned()];
    for ran in [
        under("b", &["history"]).ends(0),
        under("b", &["import-csv", "--resume", &run]).ends(5),
    ] {
        assert!(ran.stderr.contains(&gone[1]), "{ran:#?}");
        assert!(!ran.stderr.contains("--resume"), "{ran:#?}");
    }
}

#[test]
fn a_run_that_is_under_way_was_not_cut_off() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let store = Store::new(2, 25);
    let server = Server::start(move |_, request| {
        if request.method == "POST" && arrived.send(()).is_ok() {
            let _ = released.lock().unwrap().recv();
        }
        store.answer(request)
    });
    let shop = Shop::at(&server.url);
    let config = profiles(&shop, &["a", "b"]);
    let text = "product_id,sku_id,adjustment\n1,10,1\n2,20,1\n";
    shop.file("a.csv", text);
    let words = |name| {
        [
            "--config",
            &config,
            "-p",
            name,
            "import-csv",
            "a.csv",
            "--yes",
        ]
    };
    let mut first = shop.bare(&words("a"));
    let mut first = first
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    arrival.recv().unwrap();
    let ran = Ran::of(shop.bare(&words("b")).output().unwrap()).ends(5);
    drop(release);
    assert_eq!(first.wait().unwrap().code(), Some(0));
    let ran = ran.says("which is under way").says("wait until it is done");
    assert!(!ran.stderr.contains("cut off"), "{ran:#?}");
}

#[test]
fn a_resend_that_sent_nothing_does_not_propose_itself() {
    let store = Store::new(1, 25);
    let behind = Arc::clone(&store);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "POST" => Answer::Hangup,
        _ => behind.answer(request),
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,adjustment\n1,10,-3\n";
    let run = run_of(&import(&shop, "a.csv", text, &[]).ends(8));
    store.sell(1, 4);
    let before = posts(&server);
    let ran = shop
        .run(&["import-csv", "--resume", &run, "--resend-unknown"])
        .ends(8)
        .says("nothing was sent again");
    assert!(!ran.stderr.contains("--resend-unknown"), "{ran:#?}");
    assert_eq!(posts(&server), before);
}

#[test]
fn rejects_of_the_ledger_tell_of_the_buffer_that_is_off_already() {
    let store = Store::new(1, 25);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "PUT" => scripted::json(400, r#"{"message":"Not now.","status":400}"#),
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    let text = "product_id,sku_id,quantity\n1,10,50\n";
    let run = run_of(&import(&shop, "a.csv", text, &["--buffer", "5"]).ends(7));
    let told = "its quantities are after --buffer 5: import it without that";
    shop.run(&["history", &run, "--rejects", "r.csv"])
        .ends(0)
        .says(told);
    assert!(shop.read("r.csv").contains(",45,"));
    shop.run(&["import-csv", "--resume", &run, "--rejects", "s.csv", "-q"])
        .ends(7)
        .says(told);
}
