//! The pictures under `docs/pictures/` show what a terminal shows today. `REFRESH=1` makes them anew.

use std::fs;

use sxinv::sandbox::{Options, WebhookTarget};

use super::REFRESH;
use super::home::Home;
use super::page::{Page, root};
use super::shown::Runs;
use super::svg::Picture;
use crate::listener::{Listener, SECRET};

type Draw = fn() -> Picture;

const PICTURES: [(&str, Draw); 3] = [("list", list), ("import", import), ("history", history)];

#[test]
fn the_pictures_show_what_a_terminal_shows() {
    let mut stale = Vec::new();
    for (name, draw) in PICTURES {
        let path = format!("docs/pictures/{name}.svg");
        let before = fs::read_to_string(root(&path)).unwrap_or_default();
        let before: Vec<String> = before.lines().map(str::to_owned).collect();
        // Other runs and times make no other picture.
        let now = Runs::default().output(&before, &draw().svg());
        if now == before {
            continue;
        }
        stale.push(path.clone());
        if std::env::var_os("REFRESH").is_some() {
            fs::create_dir_all(root("docs/pictures")).unwrap();
            fs::write(root(&path), now.join("\n") + "\n").unwrap();
        }
    }
    assert!(stale.is_empty(), "stale: {}\n\n{REFRESH}", stale.join(", "));
}

#[test]
fn every_picture_is_on_a_page() {
    let pages: String = Page::all().iter().map(Page::prose).collect();
    for file in fs::read_dir(root("docs/pictures")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(pages.contains(&format!("pictures/{name})")), "{name}");
    }
}

/// What commands show at a terminal with colours.
fn picture(title: &str, home: &Home, commands: &[&str]) -> Picture {
    let mut picture = Picture::new(title, 80);
    for command in commands {
        let screen = home.screen(&format!("unset NO_COLOR; {command}"));
        assert_eq!(screen.broken_lines(), [] as [String; 0], "{command}");
        picture.typed(command);
        picture.shown(screen.cells());
    }
    picture
}

fn list() -> Picture {
    let home = Home::of("docs");
    let title = "What runs low, and a delivery that is booked";
    picture(
        title,
        &home,
        &[
            "sxinv list --below 5",
            "sxinv adjust HERB-ROS +12 --reason Delivery",
        ],
    )
}

fn import() -> Picture {
    let home = Home::of("docs");
    let title = "A restock from a file: the plan, the question, and what became of each row";
    picture(title, &home, &["sxinv import-csv examples/typos.csv"])
}

/// A week of one variant: ours, a delivery, sales that webhooks told of, and a loss that only a snapshot shows.
fn history() -> Picture {
    let mut home = Home::of("README.md");
    home.shell("printf sx_at_sandbox | sxinv -q profile add flowers --token-stdin && sxinv -q profile use flowers")
        .ends(0);
    let mut listen = home.command("exec sxinv listen --port 0 -o jsonl");
    listen.env("WEBHOOK_SIGNING_SECRET", SECRET);
    let mut listener = Listener::start(listen);
    home.shop.serve_again(Options {
        webhook: Some(WebhookTarget {
            url: listener.url.clone(),
            secret: SECRET.to_owned(),
        }),
        ..Options::default()
    });
    home.shell("sxinv -q snapshot").ends(0);
    hours_pass(&home, 31);
    for (by, hours) in [(-4, 5), (-6, 20), (-3, 9)] {
        home.shop.moves(450, by);
        listener.prints();
        hours_pass(&home, hours);
    }
    home.shell("sxinv -q adjust PRB-SM-RED +40 --reason 'Delivery of Monday'")
        .ends(0);
    listener.prints();
    hours_pass(&home, 26);
    home.shop.moves(450, -9);
    listener.prints();
    hours_pass(&home, 13);
    listener.ends("-TERM", 143);
    home.shop.moves(450, -2);
    home.shell("sxinv -q snapshot").ends(0);
    hours_pass(&home, 22);
    home.shell("sxinv -q adjust PRB-SM-RED -3 --reason Wilted")
        .ends(0);
    let title = "The story of one variant: our own changes, sales, and what a snapshot found";
    picture(title, &home, &["sxinv history --sku PRB-SM-RED"])
}

/// Everything that was remembered so far is so many hours older.
fn hours_pass(home: &Home, hours: i64) {
    let ago = |text: &str| format!("strftime('%Y-%m-%dT%H:%M:%fZ', {text}, '-{hours} hours')");
    let older = |database: &str, changes: String| {
        let state = home.shop.state().join(database);
        let state = rusqlite::Connection::open(state).unwrap();
        state.execute_batch(&changes).unwrap();
    };
    let milliseconds = hours * 60 * 60 * 1000;
    older(
        "state.db",
        format!(
            "UPDATE runs SET started_at = {}, ended_at = {};
             UPDATE rows SET intent_at = {}, settled_at = {}",
            ago("started_at"),
            ago("ended_at"),
            ago("intent_at"),
            ago("settled_at"),
        ),
    );
    older(
        "memory.db",
        format!(
            "UPDATE snapshots SET started_at = started_at - {milliseconds}, ended_at = ended_at - {milliseconds};
             UPDATE events SET signed_at = signed_at - {}, received_at = received_at - {milliseconds},
                 body = json_set(body, '$.timestamp', {})",
            hours * 60 * 60,
            ago("json_extract(body, '$.timestamp')"),
        ),
    );
}
