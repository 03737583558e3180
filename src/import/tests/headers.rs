//! Which column is what.

use super::*;

#[test]
fn headers_are_read_as_documented() {
    for (column, names) in [
        (
            "sku_code",
            "sku_code|SKU|Sku Code|Variant SKU|Item SKU|Item Code|seller-sku",
        ),
        (
            "quantity",
            "quantity|qty|stock|on hand|On hand (new)|new quantity|Counted_Quantity|inventory quantity|Variant Inventory Qty",
        ),
        (
            "adjustment",
            "adjustment|delta|quantity delta|quantity change|quantity adjustment",
        ),
        (
            "expected_quantity",
            "expected_quantity|Current\u{A0}Quantity|On hand (current)",
        ),
        ("reason", "reason|note|comment|Remark|memo"),
        ("sku_id", "sku_id|SKU ID|skuId"),
        ("product_id", "product_id|Product ID"),
    ] {
        for name in names.split('|') {
            assert_eq!(
                columns::builtin(&columns::plain(name)).unwrap().name(),
                column,
                "{name}"
            );
        }
        assert_eq!(column.parse::<Column>().unwrap().to_string(), column);
    }
    for name in [
        "available",
        "ID",
        "Variant ID",
        "Handle",
        "inventory_item_id",
        "price",
        "",
    ] {
        assert_eq!(columns::builtin(&columns::plain(name)), None, "{name}");
    }
    says(
        &"barcode".parse::<Column>().unwrap_err().to_string(),
        &["barcode", "sku_id, sku_code"],
    );
    let sheet = sheet("ID,SKU,available,Qty,Note\n9,A,1,3,x\n");
    assert_eq!(sheet.unused, ["ID", "available", "Note"]);
    assert_eq!(
        sheet.mapping,
        [
            ("SKU".to_owned(), Column::SkuCode),
            ("Qty".to_owned(), Column::Quantity)
        ]
    );
    assert_eq!(sheet.rows[0].reason.as_deref(), None);
}

#[test]
fn a_buffer_is_kept_back_and_quantities_below_0_are_0_where_that_is_said() {
    let text = "SKU,Qty\nA,10\nB,2\nC,-4\n";
    let options = Options {
        buffer: Some(3),
        ..Options::default()
    };
    let read = super::read(text.as_bytes(), &options).unwrap();
    assert_eq!(rows(&read), [(2, "A", 7), (3, "B", 0), (4, "C", -4)]);
    assert_eq!(failing(&read).len(), 1);
    let options = Options {
        negative_as_zero: true,
        ..options
    };
    let read = super::read(text.as_bytes(), &options).unwrap();
    assert_eq!(rows(&read), [(2, "A", 7), (3, "B", 0), (4, "C", 0)]);
    for (text, says_so) in [
        (
            "SKU,Delta\nA,-1\n",
            "--negative-as-zero: the file has adjustments",
        ),
        (
            "SKU,Qty,Expected quantity\nA,1,1\n",
            "--buffer: the file has expected quantities",
        ),
    ] {
        says(&refusal_with(text, &options), &[says_so]);
    }
}

#[test]
fn map_decides_what_a_header_is() {
    let text = "SKU,Bin Qty,Qty\nA,7,3\n";
    let sheet = read(text.as_bytes(), &mapped("bin_qty", Column::Quantity)).unwrap();
    assert_eq!(rows(&sheet), [(2, "A", 7)]);
    assert_eq!(sheet.unused, ["Qty"]);
    says(
        &refusal_with(text, &mapped("Bin Qyt", Column::Quantity)),
        &["no such header", "did you mean Bin Qty?"],
    );
    says(
        &refusal_with(text, &mapped("Shelf", Column::Quantity)),
        &["headers are SKU, Bin Qty"],
    );
    let away = read(b"SKU,Item Code,Qty\nA,B,3", &mapped("SKU", Column::SkuCode)).unwrap();
    assert_eq!(rows(&away), [(2, "A", 3)]);
    let mut twice = mapped("SKU", Column::SkuCode);
    twice.map.push(("sku".to_owned(), Column::Quantity));
    says(
        &refusal_with(text, &twice),
        &["both as sku_code and as quantity"],
    );
}

#[test]
fn two_headers_for_one_meaning_are_refused() {
    says(
        &refusal("SKU,Item Code,Qty\nA,B,1"),
        &[
            "SKU and Item Code",
            "--map 'SKU=sku_code' or --map 'Item Code=sku_code'",
        ],
    );
    says(
        &refusal("SKU,Qty,qty\nA,1,1"),
        &["two columns are called Qty"],
    );
    assert_eq!(
        sheet("SKU,Qty,x,x,note,memo\nA,1,,,,\n").unused,
        ["x", "note", "memo"]
    );
}

#[test]
fn the_mode_is_what_the_headers_say_unless_told() {
    let both = "SKU,Qty,Delta,On hand (current),Note\nA,5,-2,6,sold\n";
    says(
        &refusal(both),
        &["quantity (Qty)", "adjustment (Delta)", "--mode set"],
    );
    let set = read(both.as_bytes(), &in_mode(Mode::Set)).unwrap();
    assert_eq!(
        (rows(&set), set.rows[0].expected),
        (vec![(2, "A", 5)], Some(6))
    );
    assert_eq!(set.unused, ["Delta", "Note"]);
    let adjust = read(both.as_bytes(), &in_mode(Mode::Adjust)).unwrap();
    assert_eq!(
        (rows(&adjust), adjust.rows[0].reason.as_deref()),
        (vec![(2, "A", -2)], Some("sold"))
    );
    assert_eq!((adjust.rows[0].expected, adjust.unused.len()), (None, 2));
    let count = read(both.as_bytes(), &in_mode(Mode::Stocktake)).unwrap();
    assert_eq!(
        (count.rows[0].expected, count.rows[0].reason.as_deref()),
        (Some(6), Some("sold"))
    );
    let set = "SKU,Qty\nA,5";
    assert_eq!(sheet(set).mode, Mode::Set);
    assert_eq!(sheet("SKU,delta\nA,5").mode, Mode::Adjust);
    says(
        &refusal_with(set, &in_mode(Mode::Adjust)),
        &["adjust needs a column adjustment", "SKU, Qty"],
    );
    says(
        &refusal_with(set, &in_mode(Mode::Stocktake)),
        &["needs a column expected_quantity"],
    );
    says(
        &refusal("SKU,available\nA,5"),
        &["quantity or an adjustment", "SKU, available", "--map"],
    );
    says(
        &refusal("Handle,Qty\nA,5"),
        &["which variant", "Handle, Qty", "--map"],
    );
}

#[test]
fn ignored_columns_are_as_if_they_were_not_there() {
    let ignoring = |header: &str| Options {
        ignore: vec![header.to_owned()],
        ..Options::default()
    };
    let text = b"product_id,SKU,Qty,Qty2\nB0ASIN,A,3,x\n";
    says(
        &refusal(text),
        &["B0ASIN is not a product id", "--ignore 'product_id'"],
    );
    let read_so = read(text, &ignoring("Product ID")).unwrap();
    assert_eq!(rows(&read_so), [(2, "A", 3)]);
    assert_eq!(
        (read_so.rows[0].product, &read_so.unused[..]),
        (None, &["Qty2".to_owned()][..])
    );
    says(
        &refusal_with(text, &ignoring("produkt_id")),
        &[
            "--ignore produkt_id: the file has no such header",
            "did you mean product_id?",
        ],
    );
    let both = Options {
        map: vec![("Qty2".to_owned(), Column::Reason)],
        ..ignoring("qty 2")
    };
    says(
        &refusal_with(text, &both),
        &["--map reads Qty2, and --ignore leaves it out"],
    );
    // Two of a name, or two of a meaning.
    assert_eq!(
        rows(&read(b"SKU,Item code,Qty\nA,B,3\n", &ignoring("item code")).unwrap()),
        [(2, "A", 3)]
    );
    assert_eq!(
        rows(&read(b"SKU,x,Qty,x\nA,1,3,2\n", &ignoring("x")).unwrap()),
        [(2, "A", 3)]
    );
}

#[test]
fn invisible_characters_in_headers_do_not_matter() {
    let text = "\u{200B}S\u{AD}KU\u{A0},\u{2060}Qty\u{200E}\nA,3\n";
    assert_eq!(rows(&sheet(text)), [(2, "A", 3)]);
}

#[test]
fn lines_above_the_header_are_told_from_it() {
    let titled = "Stock list, 24 November\n# made by ERP\n\nSKU;Name;Qty\nA;\"x;y\";3\n";
    says(
        &refusal(titled),
        &[
            "no column",
            "hint: line 4 looks like the header: --header-line 4",
        ],
    );
    let at = |line| Options {
        header_line: Some(line),
        ..Options::default()
    };
    assert_eq!(
        rows(&read(titled.as_bytes(), &at(4)).unwrap()),
        [(5, "A", 3)]
    );
    // A line above what was said, and one behind the end.
    says(&refusal_with(titled, &at(5)), &["--header-line 4"]);
    says(
        &refusal_with("SKU,Qty\nA,3", &at(4)),
        &["--header-line 4: the file has 2 lines"],
    );
    // Its own delimiter, quotes that never close above it, and a sep= line.
    let text = "\"Stock\nSKU\tQty\nA\t3\n";
    says(&refusal(text), &["never closed", "--header-line 2"]);
    assert_eq!(rows(&read(text.as_bytes(), &at(2)).unwrap()), [(3, "A", 3)]);
    let text = "sep=;\nStock\nSKU;Qty\nA;3\n";
    says(&refusal(text), &["--header-line 3"]);
    assert_eq!(rows(&read(text.as_bytes(), &at(3)).unwrap()), [(4, "A", 3)]);
    assert_eq!(
        rows(&read(b"sep=;\nSKU;Qty\nA;3\n", &at(1)).unwrap()),
        [(3, "A", 3)]
    );
    // Mapped headers count, and a header that is there is not looked for elsewhere.
    let theirs = Options {
        map: vec![("Art".to_owned(), Column::SkuCode)],
        ..Options::default()
    };
    says(
        &refusal_with("Title\nArt,Qty\nA,3\n", &theirs),
        &["--map Art: the file has no such header", "--header-line 2"],
    );
    let said = refusal("SKU,Qty,Stock\nSKU,Qty,x\n");
    says(&said, &["Qty and Stock would both be quantity"]);
    assert!(!said.contains("--header-line"), "{said}");
}

#[test]
fn hints_name_the_header_that_is_most_likely_meant() {
    for (text, hint) in [
        ("code,quantity\nA,1\n", "--map 'code=sku_code'"),
        ("Name,Art.-Nr.,Qty\nx,A,1\n", "--map 'Art.-Nr.=sku_code'"),
        ("Handle,Qty\nA,1\n", "--map 'Handle=sku_code'"),
        ("SKU,Name,available\nA,x,1\n", "--map 'available=quantity'"),
        ("SKU,Menge\nA,1\n", "--map 'Menge=quantity'"),
    ] {
        says(&refusal(text), &[hint]);
    }
}

#[test]
fn a_barcode_is_no_quantity() {
    says(
        &refusal("SKU,Qty\nA,40170725\nB,5\nC,4017072500001\n"),
        &[
            "line 2, column Qty: 40170725 is more than a quantity may be, 1,000,000 units",
            "line 4, column Qty: 4017072500001 is more",
            "--max-quantity 4017072500001",
        ],
    );
    says(
        &refusal("SKU,Delta\nA,-1000001\n"),
        &["-1000001 is more than an adjustment may be"],
    );
    for text in [
        "SKU,Qty\nA,1000000\n",
        "SKU,Qty,Expected quantity\nA,1200000,1300000\n",
    ] {
        assert_eq!(
            super::read(text.as_bytes(), &Options::default())
                .unwrap()
                .rows
                .len(),
            1
        );
    }
    says(
        &refusal("SKU,Qty,Expected quantity\nA,1300000,1200000\n"),
        &["1300000 is more"],
    );
    let options = Options {
        max_quantity: Some(50),
        ..Options::default()
    };
    says(&refusal_with("SKU,Qty\nA,51\n", &options), &["51 is more"]);
}
