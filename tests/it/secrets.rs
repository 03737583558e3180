//! Our own credentials never come back out, however a server echoes them.

use std::fs;

use crate::scripted::{self, Answer, Request, Server};
use crate::shop::{Ran, Shop};

const TOKENS: [&str; 2] = ["sx_at_4fGh7JkLmN0pQrStUvWxYz12", "hunter2-correct-horse"];

/// A way to write a text down.
type Spell = fn(&str) -> String;

/// Ways to say a text so that a JSON string may hold it.
const SPELLINGS: [Spell; 7] = [
    str::to_owned,
    str::to_uppercase,
    |secret| each(secret, |c| format!("\\u{:04x}", u32::from(c))),
    |secret| each(secret, |c| format!("%{:02X}", u32::from(c))),
    |secret| each(secret, |c| format!("{c} ")),
    |secret| each(secret, |c| format!("{c}\\u200b")),
    |secret| secret.replace(['_', '-'], "\\u005f"),
];

fn each(text: &str, spell: impl Fn(char) -> String) -> String {
    text.chars().map(spell).collect()
}

/// Everything that a run of the program left anywhere, letters and digits alone.
fn left(shop: &Shop, runs: &[Ran]) -> String {
    let mut bytes = Vec::new();
    for ran in runs {
        bytes.extend_from_slice(ran.stdout.as_bytes());
        bytes.extend_from_slice(ran.stderr.as_bytes());
    }
    for file in fs::read_dir(shop.state()).into_iter().flatten() {
        bytes.extend(fs::read(file.unwrap().path()).unwrap());
    }
    letters(&String::from_utf8_lossy(&bytes))
}

fn letters(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.collect::<String>().to_lowercase()
}

#[test]
fn an_echoed_secret_reaches_no_screen_and_no_file() {
    for token in TOKENS {
        for spell in SPELLINGS {
            let spelled = spell(token);
            let echo = spelled.clone();
            let server = Server::start(move |_, request| answer(request, &echo));
            let shop = Shop::at(&server.url);
            let ran = |words: &[&str]| {
                let mut command = shop.bare(&["--api-url", &shop.url, "-v", "--retries", "0"]);
                command.args(words).env("SELORAX_TOKEN", token);
                Ran::of(command.output().unwrap())
            };
            let runs = [
                ran(&["show", "150", "-o", "json"]).ends(0),
                ran(&["show", "150"]).ends(0),
                ran(&["list"]).ends(6),
                ran(&["set", "150", "450=7"]).ends(5),
                ran(&["adjust", "150", "450", "1", "-o", "json"]).ends(8),
                ran(&["show", "151"]).ends(6),
                ran(&["history", "-o", "json"]).ends(0),
            ];
            let left = left(&shop, &runs);
            assert!(left.contains("secret"), "{spelled}: {left}");
            let core = &letters(token)[4..16];
            assert!(!left.contains(core), "{spelled}: {runs:#?}");
            let spelled = letters(&spelled);
            assert!(!left.contains(&spelled[4..16]), "{spelled}: {runs:#?}");
        }
    }
}

/// Says the secret wherever a server may.
fn answer(request: &Request, echo: &str) -> Answer {
    let path = request.target.split('?').next().unwrap();
    match (request.method.as_str(), path) {
        ("GET", "/api/apps/v1/inventory/150") => scripted::json(
            200,
            &format!(
                r#"{{"data":{{"product_id":150,"name":"R {echo}","note":"{echo}","variants":[{{"sku_id":450,"sku_code":"A","variant_name":"{echo}","quantity":5}}]}},"status":200}}"#
            ),
        ),
        ("GET", "/api/apps/v1/inventory") => scripted::json(
            500,
            &format!("<html><p title='{echo}'>Authorization: Bearer {echo}</p></html>"),
        ),
        ("PUT", _) => scripted::json(
            400,
            &format!(r#"{{"message":"Not with {echo}","code":"{echo}","status":400}}"#),
        ),
        ("POST", _) => scripted::json(502, &format!("cut off {echo}")),
        _ => Answer::Reply(
            302,
            vec![format!("location: /login?was={echo}")],
            Vec::new(),
        ),
    }
}
