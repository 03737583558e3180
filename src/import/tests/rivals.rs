//! Which column the quantity is, where several could be.

use super::*;

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

#[test]
fn a_column_that_could_be_the_quantity_too_is_refused_until_somebody_says() {
    for (text, quantity, rivals) in [
        (
            "SKU,Name,On hand,Counted,Difference\nPRB-SM-RED,Bouquet,25,23,-2\n",
            "On hand",
            "Counted and Difference",
        ),
        ("SKU,Qty,New Qty\nA,1,2\n", "Qty", "New Qty"),
        ("SKU,New stock,Stock\nA,1,2\n", "Stock", "New stock"),
        (
            "SKU,Stock,Physical count\nA,1,2.0\n",
            "Stock",
            "Physical count",
        ),
        (
            "Change,SKU,Stock\n-1,A,2\nnot stocked,B,\n",
            "Stock",
            "Change",
        ),
        (
            "SKU,quantity,qty_diff,delta qty\nA,1,x,3\n",
            "quantity",
            "delta qty",
        ),
    ] {
        let said = refusal(text);
        says(
            &said,
            &[&format!(
                "{quantity} would be read as the quantity, and {rivals} could be it too"
            )],
        );
        let first = rivals.split(" and ").next().unwrap();
        // A difference is added, not set.
        let column = match first {
            "Change" | "delta qty" => Column::Adjustment,
            _ => Column::Quantity,
        };
        let mut map = mapped(first, column);
        map.mode = Some(Mode::Adjust).filter(|_| column == Column::Adjustment);
        let proposed = format!("--map '{first}={}'", column.name());
        assert!(said.contains(&proposed), "{said}");
        assert!(read(text.as_bytes(), &map).is_ok(), "{text}");
        let mut left_out = Options::default();
        for rival in rivals.split(" and ") {
            assert!(said.contains(&format!("--ignore '{rival}'")), "{said}");
            left_out.ignore.push(rival.to_owned());
        }
        let kept = read(text.as_bytes(), &left_out).unwrap();
        assert!(
            kept.mapping
                .contains(&(quantity.to_owned(), Column::Quantity))
        );
        assert!(!kept.unused.iter().any(|h| left_out.ignore.contains(h)));
    }
    let counted = read(
        b"SKU,Name,On hand,Counted,Difference\nPRB-SM-RED,Bouquet,25,23,-2\n",
        &mapped("counted", Column::Quantity),
    );
    assert_eq!(rows(&counted.unwrap()), [(2, "PRB-SM-RED", 23)]);
}

#[test]
fn what_is_no_rival_is_read_as_it_is() {
    for fine in [
        // No numbers, or none at all.
        "SKU,Stock,New\nA,1,yes\nB,2,no\n",
        "SKU,Stock,Stock place\nA,1,R-14\nB,2,R-15\nC,3,16\n",
        "SKU,On hand,Counted\nA,1,\nB,2,\n",
        // Shopify, WooCommerce, Amazon.
        "Handle,SKU,Location,Incoming (not editable),Unavailable (not editable),Committed (not editable),Available (not editable),On hand (current),On hand (new)\nh,A,Main,0,1,2,3,4,5\n",
        "ID,SKU,In stock?,Stock,Low stock amount,Backorders allowed?,Weight (kg)\n9,A,1,5,2,0,3\n",
        "item-name\tseller-sku\tprice\tquantity\tproduct-id-type\tproduct-id\tpending-quantity\nx\tA\t9.5\t3\t1\tB000123\t0\n",
        "seller-sku\tprice\tquantity\tproduct-id-type\tproduct-id\tpending-quantity\tBusiness Price\tQuantity Price Type\tQuantity Lower Bound 1\tQuantity Price 1\tQuantity Lower Bound 2\tQuantity Price 2\nA\t5.00\t30\t1\tB00X\t0\t4.5\tfixed\t10\t4.2\t50\t4.0\n",
        // Our own export.
        "product_id,product_name,sku_id,sku_code,variant_name,price,expected_quantity,quantity,available\n150,x,450,A,y,9,5,6,1\n",
    ] {
        assert!(read(fine.as_bytes(), &Options::default()).is_ok(), "{fine}");
    }
    // In *adjust* the quantity is not read.
    assert_eq!(sheet("SKU,adjustment,New level\nA,1,3\n").rows.len(), 1);
    // A mode that was said settles it between quantity and adjustment.
    let both = b"SKU,Stock,Delta\nA,5,-2\n";
    assert_eq!(read(both, &in_mode(Mode::Set)).unwrap().rows.len(), 1);
}

#[test]
fn columns_of_one_name_are_not_told_apart_by_an_option() {
    for (text, hint, settled) in [
        (
            "SKU,quantity,Counted,Counted\nA,1,2,3\n",
            "hint: leave out what does not count: --ignore 'Counted'",
            &["Counted"][..],
        ),
        (
            "SKU,quantity,Counted,Counted,Recount\nA,1,2,3,4\n",
            "hint: say which one counts: --map 'Recount=quantity', or leave out what does not: --ignore 'Counted' --ignore 'Recount'",
            &["Counted", "Recount"],
        ),
    ] {
        let said = refusal(text);
        assert!(said.ends_with(hint), "{said}");
        let left_out = Options {
            ignore: settled.iter().map(|h| (*h).to_owned()).collect(),
            ..Options::default()
        };
        assert_eq!(
            rows(&read(text.as_bytes(), &left_out).unwrap()),
            [(2, "A", 1)]
        );
    }
    let same = "SKU,Qty,QTY,quantity\nA,1,2,3\n";
    let said = refusal(same);
    assert!(
        said.ends_with("hint: say which one is meant: --map 'quantity=quantity'"),
        "{said}"
    );
    let meant = read(same.as_bytes(), &mapped("quantity", Column::Quantity)).unwrap();
    assert_eq!(rows(&meant), [(2, "A", 3)]);
    says(
        &refusal("SKU,Qty,QTY\nA,1,2\n"),
        &["two columns are called Qty", "give it another name"],
    );
}

#[test]
fn places_have_many_names() {
    for header in [
        "Outlet name",
        "Warehouse location",
        "Warehouse code",
        "Facility",
        "Stockroom",
    ] {
        says(
            &refusal(format!("SKU,{header},Qty\nA,Main,1\nA,Annex,2\n")),
            &[&format!("--only '{header}=Main'")],
        );
    }
}

#[test]
fn numbers_are_no_places() {
    for fine in [
        "SKU,Warehouse,Qty\nA,12,1\nB,not stocked,2\nC,3,3\n",
        "SKU,Shop,Qty\nA,Main,1\nB,12,2\n",
    ] {
        assert!(read(fine.as_bytes(), &Options::default()).is_ok(), "{fine}");
    }
    says(
        &refusal("SKU,Shop,Qty\nA,Tom's,1\nA,Annex,2\n"),
        &["Shop is Tom's and Annex", "--only \"Shop=Tom's\""],
    );
}
