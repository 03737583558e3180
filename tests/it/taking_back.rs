//! What is taken back, once, and which run: `undo` of undos, beside runs in doubt, and after products were renamed.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::scripted::store::{Store, product_of};
use crate::scripted::{self, Answer, Server};
use crate::shop::{Ran, Shop, import, run_of};

/// The newest run.
fn newest(shop: &Shop) -> String {
    let listed = shop.run(&["history", "-o", "json"]).ends(0).json();
    listed[0]["run"].as_str().unwrap().to_owned()
}

fn hint(ran: &Ran) -> String {
    let hint = ran.stderr.split_once("hint: ").map(|(_, hint)| hint);
    hint.unwrap_or_default().to_owned()
}

#[test]
fn what_was_put_back_and_taken_back_again_is_not_taken_back_once_more() {
    let shop = Shop::new();
    shop.run(&["adjust", "PRB-SM-RED", "3"]).ends(0);
    let first = newest(&shop);
    let undo = |run: &str| {
        shop.run(&["undo", run, "--yes"]).ends(0);
        newest(&shop)
    };
    let back = undo(&first);
    let again = undo(&back);
    let last = undo(&first);
    assert_eq!(shop.stock(450), 25);
    shop.run(&["undo", &again, "--yes"])
        .ends(5)
        .says(&format!("was taken back by run {last} already"));
    assert_eq!(shop.stock(450), 25);
    undo(&last);
    assert_eq!(shop.stock(450), 28);
}

#[test]
fn what_an_undo_could_not_take_back_is_tried_by_undo_and_never_imported() {
    let shop = Shop::new();
    let text = "product_id,sku_id,adjustment\n150,450,10\n150,451,10\n";
    let run = run_of(&import(&shop, "a.csv", text, &[]).ends(0));
    shop.moves(450, -30);
    let undone = shop.run(&["undo", &run, "--yes"]).ends(7);
    assert!(hint(&undone).contains(&format!("undo {run}")));
    let undo = newest(&shop);
    for words in [
        &["history", &undo, "--rejects", "r.csv"][..],
        &["import-csv", "--resume", &undo, "--rejects", "r.csv"],
    ] {
        shop.run(words)
            .ends(2)
            .says("is not to be imported")
            .says(&format!("undo {run}"));
    }
    assert!(!shop.folder.path().join("r.csv").exists());
    let again = shop.run(&["import-csv", "--resume", &undo]).ends(7);
    assert!(hint(&again).contains(&format!("undo {run}")));
}

#[test]
fn a_newer_run_in_doubt_is_not_passed_over_without_a_word() {
    let store = Store::new(2, 25);
    let server = Server::start(move |_, request| match request.method.as_str() {
        // It never arrives, as far as anybody can tell.
        "POST" if product_of(&request.target) == Some(2) => Answer::Hangup,
        _ => store.answer(request),
    });
    let shop = Shop::at(&server.url);
    shop.run(&["adjust", "1", "10", "+5"]).ends(0);
    let sure = newest(&shop);
    let doubtful = shop.run(&["adjust", "2", "20", "+5"]).ends(8);
    let doubt = newest(&shop);
    for command in ["show C2".to_owned(), format!("history {doubt}")] {
        assert!(hint(&doubtful).contains(&command), "{doubtful:#?}");
    }
    let posts = || {
        let requests = server.requests();
        requests.iter().filter(|r| r.method == "POST").count()
    };
    let before = posts();
    let ran = shop.run(&["undo", "--last", "--yes", "-q"]).ends(5);
    for word in [
        format!("run {doubt}"),
        "is newer and in doubt".to_owned(),
        format!("history {doubt}"),
        format!("undo {sure}"),
    ] {
        assert!(ran.stderr.contains(&word), "{word}: {ran:#?}");
    }
    assert_eq!(posts(), before);
    shop.run(&["undo", "--last", "--dry-run"])
        .ends(0)
        .says("is newer and in doubt");
    shop.run(&["undo", &sure, "--yes"]).ends(0);
    shop.run(&["undo", "--last", "--yes"])
        .ends(4)
        .says("what is in doubt: ");
}

#[test]
fn undo_last_says_which_run_also_where_nobody_is_asked() {
    let shop = Shop::new();
    shop.run(&["adjust", "PRB-SM-RED", "3"]).ends(0);
    let run = newest(&shop);
    let ran = shop.run(&["undo", "--last", "--yes"]).ends(0);
    let said = ran.stderr.lines().find(|line| line.contains(&run));
    assert!(
        said.is_some_and(|line| line.contains(" of ") && line.ends_with("adjust PRB-SM-RED 3")),
        "{ran:#?}"
    );
}

/// Name, first code, and whether there is a second variant.
type Shown = (&'static str, &'static str, bool);

/// A product with two variants; a test changes its name, the code of the first, and whether the second is there.
fn renamed_shop() -> (Shop, Server, Arc<Mutex<Shown>>) {
    let now = Arc::new(Mutex::new(("Roses", "ROSE-S", true)));
    let shown = Arc::clone(&now);
    let stock = Mutex::new([25, 5]);
    let server = Server::start(move |_, request| {
        let mut stock = stock.lock().unwrap();
        let (name, code, second) = *shown.lock().unwrap();
        if request.method == "POST" {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let place = usize::from(body["sku_id"] == 451);
            let (by, before) = (body["adjustment"].as_i64().unwrap(), stock[place]);
            stock[place] += by;
            let data = json!({"product_id": 150, "sku_id": 450 + place, "previous_quantity": before,
                "quantity": stock[place], "adjustment": by, "available": 1});
            return scripted::json(200, &json!({"data": data, "status": 200}).to_string());
        }
        let mut variants = vec![json!({"sku_id": 450, "sku_code": code, "quantity": stock[0]})];
        if second {
            variants.push(json!({"sku_id": 451, "sku_code": "ROSE-L", "quantity": stock[1]}));
        }
        let data = json!({"product_id": 150, "name": name, "variants": variants});
        scripted::json(200, &json!({"data": data, "status": 200}).to_string())
    });
    (Shop::at(&server.url), server, now)
}

#[test]
fn a_variant_that_was_renamed_is_no_other_store() {
    let (shop, _server, now) = renamed_shop();
    shop.run(&["adjust", "150", "450", "+5"]).ends(0);
    let run = newest(&shop);
    // Another store has other codes and other names, whatever ids it has in common.
    *now.lock().unwrap() = ("Mugs", "MUG-1", true);
    let ran = shop.run(&["undo", &run, "--yes"]).ends(5);
    let message =
        "was made on another store: 1 of 1 of its products are others here (ROSE-S is MUG-1 here)";
    assert!(ran.stderr.contains(message), "{ran:#?}");
    *now.lock().unwrap() = ("Roses", "ROSE-SMALL", true);
    // It is named, and fails for itself.
    let ran = shop.run(&["undo", &run, "--yes"]).ends(7);
    let why = "sku 450 has the code ROSE-SMALL and not ROSE-S";
    assert!(ran.stdout.contains(why), "{ran:#?}");
}

#[test]
fn a_variant_that_is_gone_does_not_hide_that_the_store_is_the_same() {
    let (shop, _server, now) = renamed_shop();
    let text = "product_id,sku_id,adjustment\n150,450,1\n150,451,1\n";
    let run = run_of(&import(&shop, "a.csv", text, &[]).ends(0));
    *now.lock().unwrap() = ("Bouquet", "ROSE-S", false);
    let ran = shop.run(&["undo", &run, "--yes"]).ends(7);
    assert!(ran.stdout.contains("applied"), "{ran:#?}");
}
