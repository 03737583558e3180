//! `listen`: what it takes, what it refuses, and that each event is kept, printed and handed on once.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use jiff::Timestamp;
use sxinv::sandbox::{Options, WebhookTarget};

use crate::listener::{Listener, SECRET, event};
use crate::scripted::{Answer, Server};
use crate::shop::{Ran, Shop};

fn now() -> i64 {
    Timestamp::now().as_second()
}

#[test]
fn an_event_is_kept_and_printed_once_also_across_restarts() {
    let shop = Shop::at("http://127.0.0.1:9");
    let mut listener = Listener::of(&shop, &[]);
    let first = event("e1", 450, 25, -1);
    assert_eq!(listener.takes(&first), 200);
    assert_eq!(listener.takes(&first), 200);
    assert_eq!(listener.takes(&event("e2", 450, 24, -1)), 200);
    assert_eq!(listener.prints(), first);
    assert_eq!(listener.prints()["event_id"], "e2");
    assert_eq!(listener.ends("-TERM", 143), "");
    let listener = Listener::of(&shop, &[]);
    assert_eq!(listener.takes(&first), 200);
    assert_eq!(listener.takes(&event("e3", 450, 23, -1)), 200);
    let rest = listener.ends("-INT", 130);
    assert_eq!(rest.lines().count(), 1, "{rest}");
    assert!(rest.contains("\"e3\""), "{rest}");
}

#[test]
fn what_is_forged_stale_too_large_or_no_event_is_refused_and_not_printed() {
    let shop = Shop::at("http://127.0.0.1:9");
    let listener = Listener::of(&shop, &["-o", "csv", "--fields", "event_topic"]);
    let body = event("e1", 450, 25, -1).to_string().into_bytes();
    for (status, secret, at, body) in [
        (401, "whsec_other", now(), body.clone()),
        (401, SECRET, now() - 302, body.clone()),
        (401, SECRET, now() + 302, body.clone()),
        (413, SECRET, now(), vec![b' '; (1 << 20) + 1]),
        (400, SECRET, now(), b"{".to_vec()),
        (
            400,
            SECRET,
            now(),
            br#"{"event_id":"","event_topic":"t","data":{}}"#.to_vec(),
        ),
        (
            400,
            SECRET,
            now(),
            br#"{"event_topic":"t","data":{}}"#.to_vec(),
        ),
        (400, SECRET, now(), vec![0xff]),
        (
            400,
            SECRET,
            now(),
            br#"["e1","inventory.updated",22,"",{}]"#.to_vec(),
        ),
        // Not signed is not read: it could be anything.
        (401, "whsec_other", now(), b"{".to_vec()),
    ] {
        assert_eq!(listener.delivered(secret, at, body), status);
    }
    let unsigned = crate::listener::client()
        .post(&listener.url)
        .body(body)
        .send();
    assert_eq!(unsigned.unwrap().status().as_u16(), 401);
    let read = crate::listener::client().get(&listener.url).send();
    assert_eq!(read.unwrap().status().as_u16(), 405);
    assert!(
        listener
            .said
            .recv()
            .unwrap()
            .contains("refused a delivery (401): its signature is wrong")
    );
    // As large as may be, and of a topic of tomorrow.
    let mut large = r#"{"event_id":"e9","event_topic":"inventory.counted","data":""}"#.to_owned();
    large.insert_str(large.len() - 2, &"x".repeat((1 << 20) - large.len()));
    assert_eq!(listener.delivered(SECRET, now(), large.into_bytes()), 200);
    let rest = listener.ends("-TERM", 143);
    assert_eq!(rest, "event_topic\r\ninventory.counted\r\n");
}

#[test]
fn what_was_signed_is_told_however_much_was_not() {
    let shop = Shop::at("http://127.0.0.1:9");
    let listener = Listener::of(&shop, &[]);
    for _ in 0..12 {
        assert_eq!(listener.delivered("whsec_x", now(), b"{}".to_vec()), 401);
    }
    assert_eq!(listener.delivered(SECRET, now(), b"{}".to_vec()), 400);
    let told: Vec<String> = listener.said.iter().take(11).collect();
    assert!(told[10].contains("refused a delivery (400)"), "{told:?}");
    listener.ends("-TERM", 143);
}

/// A terminal sends Ctrl-C to all processes of the group.
#[cfg(target_os = "linux")]
#[test]
fn a_command_under_way_is_of_another_group_than_the_listener() {
    let shop = Shop::at("http://127.0.0.1:9");
    let listener = Listener::of(&shop, &["--exec", "cp /proc/self/stat stat.txt"]);
    assert_eq!(listener.takes(&event("e1", 450, 25, -1)), 200);
    let stat = shop.read("stat.txt");
    let fields: Vec<&str> = stat.split(' ').collect();
    assert_eq!(fields[0], fields[4], "{stat}");
    listener.ends("-TERM", 143);
}

#[test]
fn below_prints_what_is_low_alone() {
    let shop = Shop::at("http://127.0.0.1:9");
    let listener = Listener::of(
        &shop,
        &[
            "--below",
            "5",
            "-o",
            "csv",
            "--fields",
            "sku_id,quantity,reason",
        ],
    );
    for (n, previous) in [25, 5, 6].into_iter().enumerate() {
        assert_eq!(
            listener.takes(&event(&format!("e{n}"), 450, previous, -1)),
            200
        );
    }
    assert_eq!(
        listener.ends("-TERM", 143),
        "sku_id,quantity,reason\r\n450,4,Sold\r\n"
    );
}

#[test]
fn the_secret_that_verifies_decides_the_profile_and_the_first_event_its_store() {
    let shop = Shop::at("http://127.0.0.1:9");
    let config = shop.file(
        "config.toml",
        "[profiles.a]\ntoken = \"sx_at_a\"\nwebhook_secret = \"whsec_a\"\n\
         [profiles.b]\nclient_id = \"sx_app_b\"\nclient_secret = \"sx_secret_b\"\nstore_id = 7\nwebhook_secret_command = \"echo whsec_b\"\n\
         [profiles.c]\ntoken = \"sx_at_c\"\n",
    );
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let start = || {
        let words = [
            "--config",
            config.to_str().unwrap(),
            "listen",
            "--port",
            "0",
            "-o",
            "csv",
            "--fields",
            "profile,event_id",
        ];
        Listener::start(shop.bare(&words))
    };
    let of_store = |id: &str, store: i64| {
        let mut event = event(id, 450, 9, -1);
        event["store_id"] = store.into();
        event.to_string().into_bytes()
    };
    let listener = start();
    assert_eq!(
        listener.delivered("whsec_a", now(), of_store("e1", 22)),
        200
    );
    // The same id is another event in another store.
    assert_eq!(listener.delivered("whsec_b", now(), of_store("e1", 7)), 200);
    assert_eq!(
        listener.delivered("whsec_b", now(), of_store("e2", 22)),
        403
    );
    assert_eq!(
        listener.ends("-TERM", 143),
        "profile,event_id\r\na,e1\r\nb,e1\r\n"
    );
    let listener = start();
    assert_eq!(listener.delivered("whsec_a", now(), of_store("e3", 7)), 403);
    let told = listener.said.recv().unwrap();
    assert!(told.contains("profile a is of store 22"), "{told}");
    listener.ends("-TERM", 143);
    let none = shop.bare(&["--config", config.to_str().unwrap(), "-p", "c", "listen"]);
    let ran = Ran::of({ none }.output().unwrap()).ends(3);
    ran.says("profile c has no webhook_secret");
}

#[test]
fn a_command_that_is_not_there_is_found_out_before_any_event() {
    let shop = Shop::at("http://127.0.0.1:9");
    for exec in ["no-such-command --at all", "./no-such-command"] {
        let ran = shop.run(&["listen", "--port", "0", "--exec", exec]).ends(2);
        ran.says("there is no command");
    }
}

#[test]
fn one_secret_may_be_of_several_stores() {
    let shop = Shop::at("http://127.0.0.1:9");
    let client = |name: &str, store: u32| {
        format!(
            "[profiles.{name}]\nclient_id = \"sx_app_x\"\nclient_secret = \"sx_secret_x\"\nstore_id = {store}\n\
             webhook_secret = \"whsec_app\"\n"
        )
    };
    let token = |name: &str| {
        format!("[profiles.{name}]\ntoken = \"sx_at_{name}\"\nwebhook_secret = \"whsec_app\"\n")
    };
    let profiles = token("one") + &token("two") + &client("north", 30) + &client("south", 31);
    let config = shop.file("config.toml", &profiles);
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let path = config.to_str().unwrap();
    let words = ["--config", path, "listen", "--port", "0", "-o", "csv"];
    let words = [&words[..], &["--fields", "profile,event_id"]].concat();
    let script = shop.file("run.sh", "echo $SXINV_PROFILE >> seen\n");
    let exec = format!("sh '{}'", script.display());
    let words = [&words[..], &["--exec", &exec]].concat();
    let listener = Listener::start(shop.bare(&words));
    let from = |store: i64| {
        let mut event = event(&format!("e{store}"), 450, 9, -1);
        event["store_id"] = store.into();
        listener.delivered("whsec_app", now(), event.to_string().into_bytes())
    };
    // Its own store first, then one that was taught, then one that may be.
    for (store, answer) in [(31, 200), (30, 200), (7, 200), (8, 200), (7, 200), (9, 403)] {
        assert_eq!(from(store), answer, "store {store}");
    }
    assert_eq!(
        listener.ends("-TERM", 143),
        "profile,event_id\r\nsouth,e31\r\nnorth,e30\r\none,e7\r\ntwo,e8\r\n"
    );
    assert_eq!(shop.read("seen"), "south\nnorth\none\ntwo\n");
}

#[test]
fn a_repeat_redoes_only_the_hand_over_that_is_not_done() {
    let up = Arc::new(AtomicBool::new(false));
    let (tell, told) = mpsc::channel();
    let receiver = Server::start({
        let up = Arc::clone(&up);
        move |_, request| {
            tell.send(request.clone()).unwrap();
            Answer::Reply(
                if up.load(Ordering::SeqCst) { 204 } else { 500 },
                vec![],
                vec![],
            )
        }
    });
    let shop = Shop::at("http://127.0.0.1:9");
    let script = shop.file("run.sh", "cat >> seen; echo \" $SXINV_SKU_ID $SXINV_QUANTITY $SXINV_REASON\" >> seen; test ! -e fail\n");
    let exec = format!("sh '{}'", script.display());
    let more = [
        "--exec",
        &exec,
        "--forward-to",
        &format!("{}/hook?a=b", receiver.url),
    ];
    let listener = Listener::of(&shop, &more);
    let event = event("e1", 450, 25, -1);
    shop.file("fail", "");
    assert_eq!(listener.takes(&event), 503, "neither is done");
    fs::remove_file(shop.folder.path().join("fail")).unwrap();
    assert_eq!(listener.takes(&event), 503, "the server is down");
    up.store(true, Ordering::SeqCst);
    assert_eq!(listener.takes(&event), 200);
    assert_eq!(listener.takes(&event), 200, "nothing is left to do");
    let rest = listener.ends("-TERM", 143);
    assert_eq!(
        rest.lines().count(),
        1,
        "printed at its first delivery alone: {rest}"
    );
    let line = format!("{event} 450 24 Sold\n");
    assert_eq!(shop.read("seen"), line.repeat(2));
    let requests: Vec<_> = told.try_iter().collect();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/hook?a=b")
        );
        assert_eq!(request.body, event.to_string());
        assert_eq!(request.header("x-mine"), Some("yes"));
        assert!(request.header("x-selorax-signature").is_some());
    }
}

#[test]
fn one_listener_a_store_and_check_tells_whether_there_is_one() {
    let shop = Shop::new();
    let listening = || {
        let settings = shop.run(&["check", "-o", "json"]).ends(0).json()["settings"].clone();
        let all = settings.as_array().unwrap().clone();
        all.into_iter().find(|s| s["name"] == "listener").unwrap()["value"].to_string()
    };
    assert_eq!(listening(), "\"none\"");
    let listener = Listener::of(&shop, &[]);
    assert!(listening().contains(listener.url.trim_start_matches("http://")));
    let mut second = shop.command(&["listen", "--port", "0"]);
    let second = second
        .env("WEBHOOK_SIGNING_SECRET", SECRET)
        .output()
        .unwrap();
    Ran::of(second)
        .ends(5)
        .says("a listener runs for this store already: at 127.0.0.1:");
    listener.ends("-TERM", 143);
    assert_eq!(listening(), "\"none\"");
}

#[test]
fn the_sandbox_delivers_to_it() {
    let shop = Shop::at("http://127.0.0.1:9");
    let mut listener = Listener::of(&shop, &[]);
    let target = WebhookTarget {
        url: listener.url.clone(),
        secret: SECRET.to_owned(),
    };
    let store = Shop::with(Options {
        webhook: Some(target),
        ..Options::default()
    });
    store
        .run(&["adjust", "150", "450", "-3", "--reason", "Damaged"])
        .ends(0);
    assert_eq!(listener.prints()["data"]["reason"], "Damaged");
    store.run(&["set", "150", "450=7", "451=8"]).ends(0);
    assert_eq!(
        listener.prints()["data"]["variants"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    listener.ends("-TERM", 143);
}

#[test]
fn without_a_secret_nothing_is_listened_to() {
    let shop = Shop::at("http://127.0.0.1:9");
    shop.run(&["listen"]).ends(3).says("WEBHOOK_SIGNING_SECRET");
    let listen = |more: &[&str]| {
        let mut command = shop.command(&[&["listen", "--port", "0"], more].concat());
        Ran::of(
            command
                .env("WEBHOOK_SIGNING_SECRET", SECRET)
                .output()
                .unwrap(),
        )
    };
    listen(&["--exec", "'open"])
        .ends(2)
        .says("is not a command");
    listen(&["--forward-to", "http://example.com"])
        .ends(2)
        .says("https");
}
