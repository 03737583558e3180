//! What a file says and what is doubted in it: `import-csv`, step 1 of the contract.

use crate::scripted::Server;
use crate::shop::{Ran, Shop};

/// A shop whose server must never be asked: the file alone decides.
fn untouched() -> (Server, Shop) {
    let server = Server::untouched();
    let shop = Shop::at(&server.url);
    (server, shop)
}

/// Imports a file that is refused before anything is sent.
#[track_caller]
fn refused(text: &str, more: &[&str], says: &[&str]) -> Ran {
    let (server, shop) = untouched();
    let file = shop.file("file.csv", text);
    let words = [&["import-csv", file.to_str().unwrap(), "--yes"], more].concat();
    let ran = shop.run(&words).ends(2);
    for said in says {
        assert!(ran.stderr.contains(said), "no `{said}` in {ran:#?}");
    }
    assert!(server.requests().is_empty());
    ran
}

/// Imports a file, and tells what became of the rows: line, code, stock.
#[track_caller]
fn imported(shop: &Shop, text: &str, more: &[&str]) -> Vec<(u64, String, i64)> {
    let file = shop.file("file.csv", text);
    let file = file.to_str().unwrap();
    let words = [&["import-csv", file, "--yes", "-o", "json"], more].concat();
    let ran = shop.run(&words).ends(0);
    let document = ran.json();
    let results = document["results"].as_array().unwrap().iter();
    results
        .map(|row| {
            let code = row["sku_code"].as_str().unwrap().to_owned();
            let line = row["line"].as_u64().unwrap();
            (line, code, row["quantity"].as_i64().unwrap())
        })
        .collect()
}

#[test]
fn a_lone_quote_swallows_no_rows() {
    let feed = "product-name\tsku\tquantity\n\"Deluxe box\tPRB-SM-RED\t30\nBouquet\tPRB-LG-RED\t15\n\
        Sunflower\tSUN-MD\t12\nVase 12\"\tVASE-RIB-30\t7\nCandle\tCAND-ROS\t9\n";
    refused(
        feed,
        &[],
        &[
            "line 2: the quoted cell that begins here runs to line 5",
            "--quote none",
        ],
    );
    let shop = Shop::new();
    let set = imported(&shop, feed, &["--quote", "none"]);
    let stocks: Vec<i64> = set.iter().map(|(.., stock)| *stock).collect();
    assert_eq!(stocks, [30, 15, 12, 7, 9]);
    refused(
        "sku,name,qty\nPRB-SM-RED,\"Deluxe,30\nPRB-LG-RED,Box,15\n",
        &[],
        &[
            "line 2: a quote is opened here and never closed",
            "--quote none",
        ],
    );
    // Who says that the quotes are right has them so.
    let text = "sku,qty,text\nPRB-SM-RED,30,\"box\nPRB-LG-RED,15,box\"\n";
    refused(text, &[], &["line 2: ", "--quote '\"'"]);
    assert_eq!(
        imported(&shop, text, &["--quote", "\""]),
        [(2, "PRB-SM-RED".to_owned(), 30)]
    );
    refused(text, &["--quote", "'"], &["none"]);
}

#[test]
fn cells_that_do_not_line_up_with_headers_refuse_the_file() {
    let stands = "stands under no header";
    refused(
        "SKU,Name,Qty,\nLOVE-24,Eternal Love, 24,41,\n",
        &[],
        &["line 2: 41", stands],
    );
    refused(
        "SKU,Qty,\nPRB-SM-RED,1,200,\n",
        &[],
        &["line 2: 200", stands],
    );
    refused(
        "Name,SKU,Qty\nBouquet,PRB-SM-RED,3\nPRB-LG-RED,15\n",
        &[],
        &["line 3: has 2 of 3 cells, and Qty may be one"],
    );
}

#[test]
fn rows_may_lack_their_last_empty_cells() {
    let shop = Shop::new();
    let set = imported(&shop, "sku,qty,remark\nPRB-SM-RED,30\n", &[]);
    assert_eq!(set, [(2, "PRB-SM-RED".to_owned(), 30)]);
}
