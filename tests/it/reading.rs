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

#[test]
fn a_column_that_could_be_the_quantity_too_is_never_chosen_by_guess() {
    let counted = "SKU,Name,On hand,Counted,Difference\nPRB-SM-RED,Bouquet,25,23,-2\n";
    let says = "On hand would be read as the quantity, and Counted and Difference could be it too";
    refused(
        counted,
        &[],
        &[
            says,
            "--map 'Counted=quantity'",
            "--ignore 'Counted' --ignore 'Difference'",
        ],
    );
    let shop = Shop::new();
    let set = imported(&shop, counted, &["--map", "Counted=quantity"]);
    assert_eq!(set, [(2, "PRB-SM-RED".to_owned(), 23)]);
    for header in [
        "Qty,New Qty",
        "New Qty,Qty",
        "Stock,New stock",
        "Stock,Physical count",
        "Change,Stock",
    ] {
        let text = format!("SKU,{header}\nPRB-SM-RED,1,2\n");
        refused(&text, &[], &["could be it too"]);
    }
}

#[test]
fn ids_of_other_programs_are_left_out_on_request() {
    refused(
        "seller-sku\tquantity\tproduct-id\nPRB-SM-RED\t31\tB07XJ8C8F5\n",
        &[],
        &["B07XJ8C8F5 is not a product id", "--ignore 'product-id'"],
    );
    let text = "product_id,name,model,sku,quantity\n42,Rose bouquet,RB-1,PRB-SM-RED,31\n43,x,RB-2,PRB-LG-RED,5\n";
    let shop = Shop::new();
    let file = shop.file("file.csv", text);
    for words in [&["--yes"][..], &["--dry-run"]] {
        let words = [&["import-csv", file.to_str().unwrap()], words].concat();
        let ran = shop.run(&words).ends(2);
        ran.says(
            "no product id in the column product_id is a product of the store; 42 is the first",
        )
        .says("--ignore 'product_id'");
    }
    assert!(shop.store().movements().unwrap().is_empty());
    let set = imported(&shop, text, &["--ignore", "product_id"]);
    assert_eq!(
        set.iter().map(|(.., stock)| *stock).collect::<Vec<_>>(),
        [31, 5]
    );
    // One that is right shows that the column is ours: the others fail alone.
    let file = shop.file(
        "file.csv",
        "product_id,sku,quantity\n150,PRB-SM-RED,9\n43,PRB-LG-RED,6\n,PRB-LG-WHT,4\n",
    );
    shop.run(&["import-csv", file.to_str().unwrap(), "--yes"])
        .ends(7)
        .says("1 failed");
    assert_eq!(
        (shop.stock(450), shop.stock(451), shop.stock(452)),
        (9, 5, 4)
    );
}

#[test]
fn a_place_column_of_numbers_is_no_place() {
    let shop = Shop::new();
    let text = "SKU,Warehouse,Qty\nPRB-SM-RED,12,31\nPRB-LG-RED,not stocked,5\nPRB-LG-WHT,3,4\n";
    assert_eq!(imported(&shop, text, &[]).len(), 3);
    refused(
        "SKU,Location,Qty\nA,Tom's shop,1\nA,Annex,2\n",
        &[],
        &["--only \"Location=Tom's shop\""],
    );
}

#[test]
fn titles_above_the_header_are_told() {
    let text = "Stock list\n# 24 November\nSKU,Qty\nPRB-SM-RED,31\n";
    refused(
        text,
        &[],
        &["line 3 looks like the header: --header-line 3"],
    );
    let shop = Shop::new();
    let set = imported(&shop, text, &["--header-line", "3"]);
    assert_eq!(set, [(4, "PRB-SM-RED".to_owned(), 31)]);
    refused(text, &["--header-line", "0"], &["--header-line"]);
}

#[test]
fn what_was_read_as_what_is_said_where_it_is_not_in_our_words() {
    let shop = Shop::new();
    let said = |text: &str| {
        let file = shop.file("file.csv", text);
        shop.run(&["import-csv", file.to_str().unwrap(), "--dry-run"])
            .ends(0)
            .stderr
    };
    let theirs = said("Variant SKU,Name,Qty,Expected quantity\nPRB-SM-RED,x,31,25\n");
    assert!(
        theirs.contains("1 row to set: \"Variant SKU\" is sku_code, \"Qty\" is quantity\n"),
        "{theirs}"
    );
    assert!(theirs.contains("not used: \"Name\"\n"), "{theirs}");
    let ours = said("SKU code,quantity\nPRB-SM-RED,31\n");
    assert!(ours.contains("1 row to set\n"), "{ours}");
}

#[test]
fn files_that_are_something_else_are_named_with_a_way_on() {
    for (bytes, says) in [
        (
            &b"{\\rtf1\\ansi sku,qty}\n"[..],
            ["a text document (RTF)", "CSV"],
        ),
        (b"[{\"sku\":\"A\",\"qty\":30}]", ["JSON", "@csv"]),
        (b"{\"sku\":\"A\",\"qty\":30}\n", ["JSON", "@csv"]),
        (b"7z\xBC\xAF\x27\x1C0000", ["7-Zip", "unpack"]),
        (b"Rar!\x1A\x07\x00", ["RAR", "unpack"]),
        (b"SQLite format 3\x00", ["SQLite", "CSV"]),
        (b"\x89PNG\r\n\x1a\n", ["a picture", "CSV"]),
    ] {
        let (server, shop) = untouched();
        let file = shop.file("f.csv", bytes);
        let ran = shop
            .run(&["import-csv", file.to_str().unwrap(), "--yes"])
            .ends(2);
        for said in says {
            assert!(ran.stderr.contains(said), "no `{said}` in {ran:#?}");
        }
        assert!(server.requests().is_empty());
    }
}

#[test]
fn quotes_around_lines_and_blanks_before_quotes_are_told_and_have_a_way_on() {
    refused(
        "\"sku,qty\"\n\"PRB-SM-RED,30\"\n",
        &[],
        &["quotes around whole lines", "sed "],
    );
    refused(
        "sku,qty\n\"PRB-SM-RED,30\"\n",
        &[],
        &["line 2: the line is in quotes as a whole", "sed "],
    );
    let spaced = "\"sku\", \"qty\"\n\"PRB-SM-RED\", \"30\"\n";
    refused(
        spaced,
        &[],
        &["a blank stands before the quote", "--quote '\"'"],
    );
    let shop = Shop::new();
    let rows = imported(&shop, spaced, &["--quote", "\""]);
    assert_eq!(rows, [(2, "PRB-SM-RED".to_owned(), 30)]);
}

#[test]
fn errors_of_spreadsheets_in_any_language_are_no_codes() {
    for error in [
        "#N/D",
        "#N/A",
        "#REF!",
        "#BEZUG!",
        "#\u{BF}NOMBRE?",
        "#NV",
        "#\u{41D}/\u{414}",
        "#DIV/0!",
    ] {
        refused(
            &format!("sku,qty\n{error},30\n{error},3\n"),
            &[],
            &["2 faults", "line 3, column sku", "a spreadsheet's error"],
        );
    }
}

#[test]
fn lots_of_one_variant_have_a_way_on() {
    refused(
        "sku,qty,lot\nPRB-SM-RED,30,A\nPRB-SM-RED,5,B\n",
        &[],
        &["PRB-SM-RED is in line 2 too", "--sum-duplicates"],
    );
}
