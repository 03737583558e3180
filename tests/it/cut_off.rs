//! The file of a run that was cut off, once more; and the way out of a run that can't be gone on with.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use serde_json::json;

use crate::scripted::store::Store;
use crate::scripted::{Answer, Server};
use crate::shop::{Ran, Shop, import, run_of};

const ROWS: i64 = 12;

/// Answers so many adjustments, and then none until `left` is filled again.
struct Fickle {
    server: Server,
    store: Arc<Store>,
    left: Arc<AtomicUsize>,
    stuck: mpsc::Receiver<()>,
}

impl Fickle {
    fn new() -> Fickle {
        let store = Store::new(ROWS, 50);
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let (tell, stuck) = mpsc::channel();
        let (stock, answers) = (Arc::clone(&store), Arc::clone(&left));
        let server = Server::start(move |_, request| {
            let one_less = |left: usize| left.checked_sub(1);
            let order = Ordering::SeqCst;
            if request.method != "GET" && answers.fetch_update(order, order, one_less).is_err() {
                let _ = tell.send(());
                return Answer::Silence;
            }
            stock.answer(request)
        });
        Fickle {
            server,
            store,
            left,
            stuck,
        }
    }

    /// Starts a command and kills it when so many adjustments were made and one is under way.
    fn killed_after(&self, rows: usize, mut command: Command) {
        self.left.store(rows, Ordering::SeqCst);
        let command = command.args(["--concurrency", "1"]);
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = quiet.spawn().unwrap();
        self.stuck.recv().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        self.left.store(usize::MAX, Ordering::SeqCst);
    }

    fn units(&self) -> Vec<i64> {
        (1..=ROWS)
            .map(|product| self.store.units(product))
            .collect()
    }
}

fn file(by: i64) -> String {
    let rows = (1..=ROWS).map(|product| format!("{product},{product}0,{by}\n"));
    format!("product_id,sku_id,adjustment\n{}", rows.collect::<String>())
}

fn newest(shop: &Shop) -> String {
    let runs = shop.run(&["history", "--limit", "1", "-o", "json"]).json();
    runs[0]["run"].as_str().unwrap().to_owned()
}

#[test]
fn the_file_of_a_run_that_was_cut_off_early_is_refused_until_it_is_given_up() {
    let fickle = Fickle::new();
    let shop = Shop::at(&fickle.server.url);
    shop.file("a.csv", file(3));
    fickle.killed_after(2, shop.command(&["import-csv", "a.csv", "--yes"]));
    let run = newest(&shop);
    let before = fickle.units();
    for more in [&[][..], &["--dry-run"]] {
        let again = import(&shop, "b.csv", &file(3), more).ends(5);
        let hint = again.error()["hint"].as_str().unwrap().to_owned();
        assert!(
            hint.contains(&format!("import-csv --resume {run}")),
            "{hint}"
        );
        assert!(hint.contains(&format!("history {run} --give-up")), "{hint}");
    }
    assert_eq!(fickle.units(), before);
    // Another file is another file.
    import(&shop, "c.csv", &file(1), &[]).ends(0);
    // What was never sent of it is not held against anyone once nobody goes on with it.
    shop.run(&["history", &run, "--give-up"]).ends(0);
    import(&shop, "b.csv", &file(3), &[]).ends(0);
}

#[test]
fn the_file_of_a_run_that_was_stopped_is_refused_and_resuming_it_does_nothing_twice() {
    let fickle = Fickle::new();
    let shop = Shop::at(&fickle.server.url);
    let text = file(3).replace("2,20,", "2,20,-9");
    let words = ["--on-error", "stop", "--concurrency", "1"];
    let run = run_of(&import(&shop, "a.csv", &text, &words).ends(7));
    let again = import(&shop, "a.csv", &text, &[]).ends(5);
    assert!(again.error()["hint"].as_str().unwrap().contains(&run));
    shop.run(&["import-csv", "--resume", &run]).ends(7);
    let units = fickle.units();
    assert_eq!((units[0], units[1], units[11]), (53, 50, 53));
    // Once it is finished, it was applied.
    let again = import(&shop, "a.csv", &text, &[]).ends(5);
    let hint = again.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("--again"), "{hint}");
}

#[test]
fn a_run_that_must_not_go_on_names_the_way_out_and_its_doubts() {
    let fickle = Fickle::new();
    let shop = Shop::at(&fickle.server.url);
    shop.file("a.csv", file(3));
    fickle.killed_after(2, shop.command(&["import-csv", "a.csv", "--yes"]));
    let run = newest(&shop);
    import(&shop, "a.csv", &file(3), &["--again"]).ends(0);
    let units = fickle.units();
    for words in [&["--resume", &run][..], &["--resume-all"]] {
        let ran = shop.run(&[&["import-csv", "-o", "json"], words].concat());
        let error = ran.ends(8).error();
        let (message, hint) = (error["message"].to_string(), error["hint"].to_string());
        assert!(message.contains("1 row of run"), "{message}");
        assert!(hint.contains(&format!("history {run} --give-up")), "{hint}");
    }
    assert_eq!(fickle.units(), units);
    shop.run(&["history", &run, "--give-up"]).ends(0);
    let ran = shop.run(&["import-csv", "--resume-all", "-o", "json"]);
    assert_eq!(ran.ends(0).json(), json!([]));
}

#[test]
fn resume_all_leaves_an_undo_alone_that_another_one_finished() {
    let fickle = Fickle::new();
    let shop = Shop::at(&fickle.server.url);
    let run = run_of(&import(&shop, "a.csv", &file(3), &[]).ends(0));
    fickle.killed_after(2, shop.command(&["undo", &run, "--yes"]));
    let first = newest(&shop);
    // One row of it is in doubt, and stays so.
    shop.run(&["undo", &run, "--yes", "-q"])
        .ends(7)
        .says(&first);
    let ran = shop.run(&["import-csv", "--resume", &first]).ends(8);
    ran.says("has taken back the same run since")
        .says("--give-up");
    let back = fickle.units();
    assert_eq!(back.iter().filter(|units| **units == 53).count(), 1);
    shop.run(&["history", &first, "--give-up"]).ends(0);
    let ran = shop.run(&["import-csv", "--resume-all", "-o", "json"]);
    assert_eq!(ran.ends(0).json(), json!([]));
    // What was taken back is not gone on with.
    fickle.killed_after(2, shop.command(&["import-csv", "a.csv", "--yes"]));
    shop.run(&["undo", &newest(&shop), "--yes"]).ends(7);
    let ran = shop.run(&["import-csv", "--resume-all", "-o", "json"]);
    assert_eq!(ran.ends(0).json(), json!([]));
}

#[cfg(unix)]
#[test]
fn how_to_go_on_names_the_profile_file_and_the_server_that_the_run_was_made_on() {
    use std::os::unix::fs::PermissionsExt;
    let fickle = Fickle::new();
    let shop = Shop::at(&fickle.server.url);
    let config = shop.file(
        "my cfg.toml",
        "[profiles.a]\ntoken = \"sx_at_aaaaaaaaaaaa\"\n",
    );
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let config = config.to_str().unwrap();
    let url = &fickle.server.url;
    let run = |words: &[&str]| {
        let words = [&["--config", config][..], words].concat();
        Ran::of(shop.bare(&words).output().unwrap())
    };
    let typed = ["-p", "a", "--api-url", url];
    shop.file("a.csv", file(3));
    let import = ["import-csv", "a.csv", "--yes"];
    let words = [&["--config", config][..], &typed, &import].concat();
    fickle.killed_after(2, shop.bare(&words));
    let again = format!("sxinv -p a --config '{config}' --api-url {url}");
    let go_on = format!("go on with: {again} import-csv --resume");
    for words in [&["history"][..], &["-p", "a", "history"]] {
        run(words).ends(0).says(&go_on);
    }
    // So does every other hint.
    let ran = run(&[&typed[..], &["diff"]].concat()).ends(4);
    ran.says(&format!("now: {again} snapshot"));
    let ran = run(&[&typed[..], &["show", "NOT-THERE"]].concat()).ends(4);
    ran.says(&format!("{again} list"));
}
