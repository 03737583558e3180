//! `report`: one page that stands alone, and says what the store has.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use sxinv::memory::packed::{pack, unpack};

use crate::shop::Shop;

/// What no name may ever become.
const NAMES: [(&str, i64); 4] = [
    ("<script>document.title='owned'</script>", 150),
    ("\"><img src=x onerror=document.title='owned'>", 151),
    ("' onload='x' & `y` <!-- ]]> {{", 152),
    ("Roses \u{202E}gnp.\u{2066}", 153),
];

/// How commands on a page are typed for this shop.
fn typed(shop: &Shop) -> String {
    format!("sxinv -p sandbox --api-url {}", shop.url)
}

/// What the sandbox itself says that there is: products, variants, units, sold out and value.
fn truth(shop: &Shop) -> (i64, i64, i64, i64, Decimal) {
    let store = rusqlite::Connection::open(shop.folder.path().join("shop.db")).unwrap();
    let number = |sql: &str| -> i64 { store.query_row(sql, [], |found| found.get(0)).unwrap() };
    let mut rows = store
        .prepare("SELECT CAST(price AS TEXT), quantity FROM variants")
        .unwrap();
    let values = rows
        .query_map([], |found| {
            let price: String = found.get(0)?;
            Ok(Decimal::from_str(&price).unwrap() * Decimal::from(found.get::<_, i64>(1)?.max(0)))
        })
        .unwrap();
    (
        number("SELECT count(*) FROM products"),
        number("SELECT count(*) FROM variants"),
        number("SELECT sum(quantity) FROM variants"),
        number("SELECT count(*) FROM variants WHERE quantity <= 0"),
        values.map(Result::unwrap).sum(),
    )
}

/// A shop with bad names, a snapshot, and a movement since.
fn shop() -> Shop {
    let shop = Shop::new();
    let store = rusqlite::Connection::open(shop.folder.path().join("shop.db")).unwrap();
    for (name, product) in NAMES {
        store
            .execute(
                "UPDATE products SET name = ?1 WHERE product_id = ?2",
                (name, product),
            )
            .unwrap();
    }
    store
        .execute_batch(
            "UPDATE variants SET price = '0.1' WHERE sku_id = 450;
             UPDATE variants SET quantity = 0 WHERE sku_id > 460 AND sku_id % 3 = 0;",
        )
        .unwrap();
    drop(store);
    shop.run(&["snapshot"]).ends(0);
    shop.moves(450, -4);
    shop.run(&["adjust", "150", "451", "6"]).ends(0);
    shop.file(
        "levels.csv",
        "sku_code,min,target,supplier\nPRB-SM-RED,30,60,<b>Rosen</b>\nNONE,1,2,\n",
    );
    shop
}

#[test]
fn a_page_counts_what_the_store_has() {
    let shop = shop();
    let (products, variants, units, sold_out, value) = truth(&shop);
    let ran = shop
        .run(&[
            "report",
            "stock.html",
            "--levels",
            "levels.csv",
            "-o",
            "json",
        ])
        .ends(0);
    let told = ran.json();
    let low = told[0]["low"].clone();
    assert_eq!(
        told,
        json!([{"file": "stock.html", "products": products, "variants": variants, "units": units,
            "value": value.to_string(), "sold_out": sold_out, "low": low, "order": 1, "changed": 2}])
    );
    let page = shop.read("stock.html");
    // Nothing from elsewhere, no script, and no name that is more than a name.
    for bad in [
        "<script",
        "<img",
        "<!--",
        "http://",
        "https://",
        "@import",
        "javascript:",
        "<b>Rosen",
        "\u{202E}",
    ] {
        assert!(!page.replace(&typed(&shop), "").contains(bad), "{bad}");
    }
    assert!(page.contains("&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;"));
    assert!(page.contains("4 units down, 6 units up"), "{page}");
    // The table with the most columns is another one on a phone.
    assert!(
        page.contains("<section id=\"order\">\n<h2>To order</h2>\n<table class=\"wide\">"),
        "{page}"
    );
    assert!(page.contains("+6 of it by sxinv"), "{page}");
    assert!(page.contains("1 row of levels.csv is not in the store"));
    assert!(page.contains("What does not move is not known yet"));
    // Replaced as a whole, by a narrower view of what is low.
    let again = shop
        .run(&["report", "stock.html", "--below", "1", "-o", "jsonl"])
        .ends(0);
    assert_eq!(again.json()["low"], 0);
    assert_ne!(shop.read("stock.html"), page);
}

#[test]
fn a_store_without_a_product_is_told_as_that() {
    let shop = Shop::new();
    let store = rusqlite::Connection::open(shop.folder.path().join("shop.db")).unwrap();
    store
        .execute_batch("DELETE FROM variants; DELETE FROM products")
        .unwrap();
    shop.run(&["report", "stock.html"]).ends(0);
    let page = shop.read("stock.html");
    assert!(page.contains("<b>The store has no products</b>"), "{page}");
    assert!(page.contains("This page is about sandbox"), "{page}");
    for nonsense in ["Every variant", "sold out</b>", "has a price"] {
        assert!(!page.contains(nonsense), "{nonsense}: {page}");
    }
}

#[test]
fn a_page_never_takes_the_place_of_another_file() {
    let shop = Shop::new();
    shop.file("levels.csv", "sku_code,min,target\nPRB-SM-RED,30,60\n");
    let levels = shop.read("levels.csv");
    shop.run(&["report", "levels.csv"])
        .ends(2)
        .says("the name of a page ends in .html");
    fs::hard_link(
        shop.folder.path().join("levels.csv"),
        shop.folder.path().join("levels.html"),
    )
    .unwrap();
    shop.run(&["report", "levels.html", "--levels", "levels.csv"])
        .ends(2)
        .says("is the levels file itself");
    shop.run(&["report", "no/where.html"])
        .ends(2)
        .says("can't write no/where.html");
    assert_eq!(shop.read("levels.csv"), levels);
    shop.file("levels.csv", "sku_code,min,target\nPRB-SM-RED,3,1\n");
    shop.run(&["report", "stock.html", "--levels", "levels.csv"])
        .ends(2)
        .says("levels.csv: the file has a fault");
    assert!(!shop.folder.path().join("stock.html").exists());
}

/// What a browser makes of the page at two widths; see the script in it.
const MEASURE: &str = r#"<!doctype html><meta charset="utf-8"><body>
<iframe src="stock.html" style="width:400px;height:900px"></iframe>
<iframe src="stock.html" style="width:1400px;height:900px"></iframe>
<script>onload = () => {
  const seen = [...document.querySelectorAll('iframe')].map(frame => {
    const page = frame.contentDocument, all = page.querySelectorAll.bind(page);
    const rows = id => all('#' + id + ' tbody tr').length;
    return {
      overflows: page.documentElement.scrollWidth > frame.clientWidth,
      outside: [...all('body *')].filter(e => !e.closest('svg') && e.getBoundingClientRect().right > frame.clientWidth).length,
      scripts: page.scripts.length, images: page.images.length, title: page.title,
      handlers: [...all('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length,
      first: [...all('#first b')].map(e => e.innerText),
      rows: {out: rows('out'), low: rows('low'), order: rows('order'), moved: rows('moved'), products: rows('products')},
      more: page.querySelector('#out .more').innerText,
      pictures: [...all('svg')].filter(e => e.getBoundingClientRect().width > 0).length > 4,
      parts: [...all('svg.parts > rect')].map(e => e.getBoundingClientRect().width),
      name: page.querySelector('#order td bdi').innerText,
    };
  });
  document.body.textContent = ''; document.body.append('seen=' + encodeURIComponent(JSON.stringify(seen)) + ';');
}</script>"#;

/// Shows a file in headless Chromium with these options, and what that prints; `None` where there is no Chromium.
fn browser(folder: &Path, file: &str, options: &[&str]) -> Option<String> {
    let url = format!("file://{}", folder.join(file).display());
    let profile = format!("--user-data-dir={}", folder.join("browser").display());
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        let shown = Command::new(name)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args(["--no-first-run", "--allow-file-access-from-files"])
            .args(options)
            .args([&profile, &url])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        if let Ok(shown) = shown {
            return Some(String::from_utf8(shown.stdout).unwrap());
        }
    }
    None
}

#[test]
fn a_browser_shows_what_the_store_has() {
    let shop = shop();
    let (products, variants, units, sold_out, _) = truth(&shop);
    let told = shop
        .run(&[
            "report",
            "stock.html",
            "--levels",
            "levels.csv",
            "-o",
            "json",
        ])
        .ends(0)
        .json();
    shop.file("measure.html", MEASURE);
    let Some(dom) = browser(shop.folder.path(), "measure.html", &["--dump-dom"]) else {
        assert!(
            std::env::var_os("CHROMIUM_REQUIRED").is_none(),
            "there is no Chromium"
        );
        eprintln!("skipped: no Chromium here");
        return;
    };
    let seen = dom
        .split("seen=")
        .last()
        .and_then(|rest| rest.split_once(';'))
        .unwrap();
    let text = format!("j={}", seen.0);
    let (_, text) = url::form_urlencoded::parse(text.as_bytes()).next().unwrap();
    let seen: Value = serde_json::from_str(&text).unwrap();
    for page in seen.as_array().unwrap() {
        assert_eq!(page["overflows"], false, "{page:#}");
        for nothing in ["outside", "scripts", "images", "handlers"] {
            assert_eq!(page[nothing], 0, "{nothing}: {page:#}");
        }
        assert!(
            page["title"]
                .as_str()
                .unwrap()
                .starts_with("Stock of sandbox")
        );
        assert_eq!(page["name"], NAMES[0].0);
        assert_eq!(page["pictures"], true);
        let grouped = sxinv::words::grouped;
        let first = page["first"].as_array().unwrap();
        let head = format!(
            "{} units of {variants} variants in {products} products",
            grouped(units)
        );
        assert!(first[0].as_str().unwrap().starts_with(&head), "{first:?}");
        let out = format!("{sold_out} variants are sold out");
        assert!(first[1].as_str().unwrap().starts_with(&out), "{first:?}");
        assert_eq!(first.len(), 5);
        let most = 50.min(sold_out);
        assert_eq!(
            page["rows"],
            json!({"out": most, "low": told[0]["low"], "order": 1, "moved": 2, "products": 50})
        );
        let more = format!(
            "and {} more: {} list --variants --below 1",
            sold_out - most,
            typed(&shop)
        );
        assert_eq!(page["more"], more);
        // The bar is as long as its numbers say.
        let parts: Vec<f64> = page["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w.as_f64().unwrap())
            .collect();
        let share = parts[2] / parts.iter().sum::<f64>();
        assert!(
            (share - sold_out as f64 / variants as f64).abs() < 0.01,
            "{parts:?}"
        );
    }
}

/// A shop that kept its snapshots for so many nights.
fn nights(shop: &Shop, nights: i64) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let random = &mut fastrand::Rng::with_seed(7);
    shop.run(&["snapshot"]).ends(0);
    let memory = rusqlite::Connection::open(shop.state().join("memory.db")).unwrap();
    let back = nights * DAY;
    memory
        .execute_batch(&format!("UPDATE snapshots SET started_at = started_at - {back}, ended_at = ended_at - {back}; BEGIN"))
        .unwrap();
    let first: Vec<u8> = memory
        .query_row("SELECT packed FROM levels", [], |found| found.get(0))
        .unwrap();
    let mut stock: Vec<(i64, i64)> = unpack(&first)
        .map(|(sku, quantity)| (sku, quantity.unwrap()))
        .collect();
    for night in 1..nights {
        let number = night + 1;
        let mut changed = Vec::new();
        for (sku, quantity) in &mut stock {
            let popular = random.u32(0..300) < (*sku as u32 % 40);
            if !popular {
                continue;
            }
            *quantity = match *quantity {
                0..3 if random.bool() => 40,
                0 => continue,
                some => (some - random.i64(1..5)).max(0),
            };
            changed.push((*sku, Some(*quantity)));
        }
        let night_of = (number, pack(changed));
        memory
            .execute("INSERT INTO levels VALUES (?1, 1, ?2)", night_of)
            .unwrap();
        let units: i64 = stock.iter().map(|(_, quantity)| quantity).sum();
        memory
            .execute(
                "INSERT INTO snapshots SELECT ?1, store, started_at + ?2, ended_at + ?2, products, variants, ?3, 9
                 FROM snapshots WHERE number = 1",
                (number, night * DAY, units),
            )
            .unwrap();
    }
    memory.execute_batch("COMMIT").unwrap();
    let store = rusqlite::Connection::open(shop.folder.path().join("shop.db")).unwrap();
    for (sku, quantity) in stock {
        let sold = if sku % 9 == 0 { 2 } else { 0 };
        let now = (quantity - sold).max(0);
        store
            .execute(
                "UPDATE variants SET quantity = ?2 WHERE sku_id = ?1",
                (sku, now),
            )
            .unwrap();
    }
}

#[test]
#[ignore = "makes docs/pictures/report.png anew; see CONTRIBUTING.md"]
fn the_picture_on_the_page_about_it() {
    let shop = Shop::new();
    nights(&shop, 60);
    shop.file("levels.csv", include_str!("../../examples/levels.csv"));
    let levels = "levels.csv";
    shop.run(&["report", "stock.html", "--levels", levels])
        .ends(0);
    let shot = format!(
        "--screenshot={}/docs/pictures/report.png",
        env!("CARGO_MANIFEST_DIR")
    );
    let options = ["--hide-scrollbars", "--window-size=900,1000", &shot];
    browser(shop.folder.path(), "stock.html", &options).unwrap();
}
