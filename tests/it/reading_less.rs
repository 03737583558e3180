//! Plans read list pages where that is fewer requests, and never believe one that is wrong.

use std::fmt::Write;

use rusqlite::Connection;
use serde_json::Value;

use crate::shop::{Ran, Shop};

/// A shop of so many products with one variant each; its catalogue is on this machine.
fn shop_of(products: u32) -> Shop {
    let shop = Shop::new();
    shop.store().reset(Some(products)).unwrap();
    database(&shop)
        .execute_batch(
            "DELETE FROM variants WHERE sku_id NOT IN (SELECT min(sku_id) FROM variants GROUP BY product_id);
             UPDATE products SET variant_count = 1,
                total_quantity = (SELECT quantity FROM variants AS v WHERE v.product_id = products.product_id);",
        )
        .unwrap();
    shop.run(&["show", "VASE-RIB-15"]).ends(0);
    shop
}

fn database(shop: &Shop) -> Connection {
    Connection::open(shop.folder.path().join("shop.db")).unwrap()
}

/// Product, sku, code and units of every variant that has a code of its own, by product.
fn stock(shop: &Shop) -> Vec<(i64, i64, String, i64)> {
    database(shop)
        .prepare(
            "SELECT product_id, sku_id, sku_code, quantity FROM variants
             WHERE sku_code IN (SELECT sku_code FROM variants GROUP BY 1 HAVING count(*) = 1)
               AND sku_code NOT GLOB '[0-9]*' AND sku_code <> '' AND trim(sku_code) = sku_code ORDER BY product_id",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// A file with every variant's stock; the first so many are to have one unit more.
fn restock(shop: &Shop, more: usize) -> String {
    let mut file = "sku_code,quantity\n".to_owned();
    for (n, (_, _, code, units)) in stock(shop).into_iter().enumerate() {
        let units = units + i64::from(n < more);
        writeln!(file, "\"{code}\",{units}").unwrap();
    }
    file
}

fn import(shop: &Shop, file: &str, more: &[&str]) -> Ran {
    let path = shop.file("file.csv", file);
    let words = [
        "import-csv",
        path.to_str().unwrap(),
        "--yes",
        "-v",
        "-o",
        "json",
    ];
    shop.run(&[&words, more].concat())
}

/// How many requests `-v` told of: list pages, products that were read, writes.
fn requests(ran: &Ran) -> (usize, usize, usize) {
    let count = |start: &str| {
        ran.stderr
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    (
        count("GET /api/apps/v1/inventory?"),
        count("GET /api/apps/v1/inventory/"),
        count("PUT ") + count("POST "),
    )
}

fn outcomes(ran: &Ran) -> Value {
    let mut document = ran.json();
    let mut counts = serde_json::Map::new();
    for name in ["applied", "unchanged", "conflict", "failed", "unknown"] {
        counts.insert(name.to_owned(), document[name].take());
    }
    Value::Object(counts)
}

#[test]
fn a_nightly_file_takes_list_pages_and_two_requests_for_each_changed_row() {
    let shop = shop_of(600);
    let file = restock(&shop, 40);
    let rows = file.lines().count() - 1;
    let ran = import(&shop, &file, &[]).ends(0);
    let counts = outcomes(&ran);
    assert_eq!(counts["applied"], 40, "{counts}");
    assert_eq!(counts["unchanged"], rows - 40);
    let (pages, read, written) = requests(&ran);
    assert_eq!(written, 40);
    // Three pages tell the stock, one what was updated; two products check the pages.
    assert_eq!((pages, read), (3 + 1, 40 + 2));
    let again = restock(&shop, 0);
    assert_eq!(file, again);
}

#[test]
fn rows_that_name_their_product_are_read_from_pages_too() {
    let shop = shop_of(300);
    let mut file = "product_id,sku_id,quantity\n".to_owned();
    for (product, sku, _, units) in stock(&shop) {
        writeln!(file, "{product},{sku},{units}").unwrap();
    }
    let ran = import(&shop, &file, &[]).ends(0);
    assert_eq!(outcomes(&ran)["unchanged"], file.lines().count() - 1);
    assert_eq!(requests(&ran), (2, 2, 0));
}

#[test]
fn a_page_does_not_say_that_a_variant_is_still_the_same() {
    let shop = shop_of(300);
    let mut file = "product_id,sku_code,quantity\n".to_owned();
    for (product, _, code, units) in stock(&shop) {
        writeln!(file, "{product},\"{code}\",{units}").unwrap();
    }
    let (product, sku, _, _) = stock(&shop)[270];
    let change = database(&shop);
    change
        .execute(
            "UPDATE variants SET sku_code = 'NEW' WHERE sku_id = ?1",
            [sku],
        )
        .unwrap();
    change
        .execute(
            "UPDATE products SET updated_at = updated_at + 1 WHERE product_id = ?1",
            [product],
        )
        .unwrap();
    let ran = import(&shop, &file, &[]).ends(7);
    assert_eq!(outcomes(&ran)["failed"], 1);
    assert_eq!(requests(&ran), (2, 2 + 1, 0));
}

#[test]
fn totals_that_are_wrong_are_found_out_and_not_believed() {
    let shop = shop_of(300);
    let file = restock(&shop, 10);
    let rows = file.lines().count() - 1;
    for wrong in ["total_quantity + 1", "0", "2 * total_quantity + 3"] {
        database(&shop)
            .execute_batch(&format!("UPDATE products SET total_quantity = {wrong}"))
            .unwrap();
        let ran = import(&shop, &file, &["--dry-run"]).ends(0);
        let (pages, read, _) = requests(&ran);
        assert_eq!(outcomes(&ran)["unchanged"], rows - 10, "{wrong}");
        assert!(
            read >= rows && pages >= 3,
            "{wrong}: {pages} pages, {read} products"
        );
    }
}

#[test]
fn a_conflict_is_never_decided_by_a_page_alone() {
    let shop = shop_of(300);
    let variants = stock(&shop);
    let mut file = "sku_code,expected_quantity,quantity\n".to_owned();
    for (_, _, code, units) in &variants {
        writeln!(file, "\"{code}\",{units},{}", units + 1).unwrap();
    }
    // The page of one product is late; what it expects is true.
    let (product, sku, _, units) = variants[270];
    database(&shop)
        .execute(
            "UPDATE products SET total_quantity = 77777 WHERE product_id = ?1",
            [product],
        )
        .unwrap();
    let ran = import(&shop, &file, &[]).ends(0);
    assert_eq!(
        outcomes(&ran)["applied"],
        variants.len(),
        "{}",
        outcomes(&ran)
    );
    assert_eq!(shop.stock(sku), units + 1);
    // And where the stock is another one, it is a conflict, told by a reading.
    let file = "sku_code,expected_quantity,quantity\n".to_owned();
    let file = variants.iter().fold(file, |file, (_, _, code, units)| {
        let expected = units + 1 + i64::from(*code == variants[270].2);
        format!(
            "{file}\"{code}\",{expected},{}\n",
            units + 1 + i64::from(*code == variants[270].2) * 5
        )
    });
    let ran = import(&shop, &file, &[]).ends(7);
    let counts = outcomes(&ran);
    assert_eq!(
        (&counts["conflict"], &counts["unchanged"]),
        (&1.into(), &(variants.len() - 1).into())
    );
}

#[test]
fn a_product_that_was_edited_is_read_by_itself() {
    let shop = shop_of(300);
    let variants = stock(&shop);
    let file = restock(&shop, 0);
    // Two codes change places. Their products keep one variant and their totals; only their times tell.
    let ((one, one_sku, code, units), (other, other_sku, other_code, _)) =
        (&variants[7], &variants[270]);
    let change = database(&shop);
    for (sku, code, product) in [(one_sku, other_code, one), (other_sku, code, other)] {
        change
            .execute(
                "UPDATE variants SET sku_code = ?2 WHERE sku_id = ?1",
                (sku, code),
            )
            .unwrap();
        change
            .execute(
                "UPDATE products SET updated_at = 1000 + (SELECT max(updated_at) FROM products) WHERE product_id = ?1",
                [product],
            )
            .unwrap();
    }
    let ran = import(&shop, &file, &[]).ends(0);
    assert_eq!(outcomes(&ran)["failed"], 0);
    // Each code has the units that the file says, whoever bears it now.
    assert_eq!(shop.stock(*other_sku), *units);
    assert_eq!(restock(&shop, 0).len(), file.len());
    assert!(requests(&ran).0 <= 2 + 3, "{:?}", requests(&ran));
}

#[test]
fn a_small_file_and_one_of_few_adjustments_are_read_product_by_product() {
    let shop = shop_of(600);
    for (rows, header, pages_of_stock) in [
        (3, "quantity", 0),
        (5, "quantity", 0),
        (20, "quantity", 3),
        (20, "adjustment", 0),
    ] {
        let mut file = format!("sku_code,{header}\n");
        for (_, _, code, _) in stock(&shop).into_iter().skip(30).take(rows) {
            writeln!(file, "\"{code}\",500").unwrap();
        }
        let ran = import(&shop, &file, &["--dry-run"]).ends(0);
        let (pages, read, _) = requests(&ran);
        assert_eq!(pages, pages_of_stock + 1, "{rows} {header}");
        assert_eq!(
            read,
            if pages_of_stock > 0 { 2 } else { rows },
            "{rows} {header}"
        );
    }
}
