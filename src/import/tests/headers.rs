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
        &["SKU and Item Code", "--map 'SKU=sku_code'"],
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
fn several_places_need_only() {
    let text = "SKU,Location,Qty\nA,Main,1\nA,Annex,2\nB, Main ,x\nB,Annex,1e3\n";
    says(
        &refusal(text),
        &["Location is Main and Annex", "--only 'Location=Main'"],
    );
    let only_is = |value: &str| Options {
        only: only("location", value),
        ..Options::default()
    };
    let good = "SKU,Location,Qty\nA,Main,1\nA,Annex,2\nB, Main ,3\nB,Annex,1e3\n";
    let main = read(good.as_bytes(), &only_is("Main")).unwrap();
    assert_eq!(
        (rows(&main), main.filtered),
        (vec![(2, "A", 1), (4, "B", 3)], 2)
    );
    assert!(main.unused.is_empty());
    says(
        &refusal_with(good, &only_is("main")),
        &["leaves no row", "Location is Main or Annex"],
    );
    let missing = Options {
        only: only("Locatoin", "Main"),
        ..Options::default()
    };
    says(
        &refusal_with(good, &missing),
        &["no such header", "did you mean Location?"],
    );
    assert_eq!(
        sheet("SKU,Warehouse,Qty\nA,Main,1\nB,,2\nC,Main,3")
            .rows
            .len(),
        3
    );
}
