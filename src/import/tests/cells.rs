//! What the cells of a row ask for, and every fault of theirs.

use super::*;

#[test]
fn cells_of_spreadsheets_are_the_codes_they_mean() {
    let cells = "SKU,Qty\n\"=\"\"00123\"\"\",1\n=\"00124\",2\n'00125,3\n'=1+A,4\n \u{A0}a b\t,5\n''x,6\n00126,=\"7\"\n'\tq,8\n";
    let sheet = sheet(cells);
    let codes: Vec<&str> = sheet
        .rows
        .iter()
        .filter_map(|row| row.sku_code.as_deref())
        .collect();
    assert_eq!(
        codes,
        [
            "00123",
            "00124",
            "00125",
            "=1+A",
            " \u{A0}a b\t",
            "'x",
            "00126",
            "\tq"
        ]
    );
    assert_eq!(sheet.rows[6].wanted, 7);
    let said =
        refusal("sku_id,SKU,Qty\n1.2E+12,A,1\n,\"1,2E+12\",2\n,#N/A,3\n4,x,#REF!\n1e5,y,1\n");
    says(
        &said,
        &[
            "5 faults",
            "line 2, column sku_id: 1.2E+12 is what a spreadsheet made",
            "line 3, column SKU: 1,2E+12",
            "line 4, column SKU: #N/A is a spreadsheet's error",
            "line 5, column Qty: #REF!",
            "line 6, column sku_id: 1e5 is not a sku id",
        ],
    );
    assert_eq!(
        self::sheet("SKU,Qty\n1E5,1\n12E+3,1\n\"=\"\"1.2E+12\"\"\",2")
            .rows
            .len(),
        3
    );
}

#[test]
fn a_variant_is_named_by_id_code_or_both() {
    let pandas = sheet("sku_id,SKU,product_id,Qty\n450.0,,,1\n451.0,A,150.0,2\n");
    assert_eq!(pandas.rows[0].sku.map(|id| id.get()), Some(450));
    assert_eq!(pandas.rows[1].product.map(|id| id.get()), Some(150));
    let sheet = sheet("sku_id,SKU,product_id,Qty\n450,,,1\n,A,150,2\n452,B,,3\n,,,\n,,7,\n");
    let named: Vec<_> = sheet
        .rows
        .iter()
        .map(|row| {
            (
                row.sku.map(|id| id.get()),
                row.sku_code.as_deref(),
                row.product.map(|id| id.get()),
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            (Some(450), None, None),
            (None, Some("A"), Some(150)),
            (Some(452), Some("B"), None)
        ]
    );
    assert_eq!(sheet.left_alone, 1);
    let said = refusal(
        "sku_id,SKU,product_id,Qty\n,,,1\n0,A,x,-2\n-4,,,3\n450.5,,0,3\n99999999999999999999,,,\n99999999999999999999,,,1\n",
    );
    says(
        &said,
        &[
            "6 faults",
            "line 3, column sku_id: 0 is not a sku id",
            "line 3, column product_id: x is not a product id",
            "line 4, column sku_id",
            "line 5, column sku_id",
            "line 5, column product_id",
            "line 7, column sku_id",
        ],
    );
}

#[test]
fn what_is_wrong_with_a_row_alone_fails_that_row() {
    let text = format!(
        "sku_id,SKU,product_id,delta,reason\n,,,1,\n,A,7,-2,{}\n,,8,5,Total\n9,,,6,{}\n",
        "é".repeat(255),
        "é".repeat(256)
    );
    let adjust = sheet(text);
    assert_eq!(
        failing(&adjust),
        [
            (2, "no variant is named"),
            (4, "no variant is named"),
            (5, "the reason has 256 characters; at most 255 are recorded"),
        ]
    );
    assert_eq!(
        rows(&adjust),
        [(2, "", 1), (3, "A", -2), (4, "", 5), (5, "", 6)]
    );
    let set = sheet("SKU,Qty,Name\nA,-1,x\n,120,Total\nB,3,y\n");
    assert_eq!(
        failing(&set),
        [
            (
                2,
                "-1: a quantity can't be below 0; --negative-as-zero reads it as 0"
            ),
            (3, "no variant is named"),
        ]
    );
    assert_eq!(rows(&set), [(2, "A", -1), (3, "", 120), (4, "B", 3)]);
}

#[test]
fn rows_that_ask_for_nothing_are_left_alone_and_counted() {
    let set = sheet("SKU,Qty,note\nA,,\nB,Not Stocked,x\nC, \u{A0},\n,,x\nD,0,\n");
    assert_eq!((rows(&set), set.left_alone), (vec![(6, "D", 0)], 4));
    let adjust = sheet("SKU,delta\nA,0\nB,+0\nC,\nD,\u{2212}3\nD,+4\n");
    assert_eq!(
        (rows(&adjust), adjust.left_alone),
        (vec![(5, "D", -3), (6, "D", 4)], 3)
    );
    // So is one that names no variant, such as a total line.
    let nameless = sheet("SKU,delta,quantity of last year\nA,3,\n,0,Total\n,0.0,\n,1,Total\n");
    assert_eq!(nameless.left_alone, 2);
    assert_eq!(rows(&nameless), [(2, "A", 3), (5, "", 1)]);
    assert_eq!(failing(&nameless), [(5, "no variant is named")]);
}

#[test]
fn expected_quantities_are_needed_in_a_stocktake_alone() {
    let text = "SKU,counted quantity,expected quantity\nA,1,\nB,2,3\nC,,\n";
    let set = sheet(text);
    assert_eq!(
        (set.rows[0].expected, set.rows[1].expected),
        (None, Some(3))
    );
    says(
        &refusal_with(text, &in_mode(Mode::Stocktake)),
        &[
            "a fault",
            "line 2, column expected quantity",
            "expected one beside it",
        ],
    );
}

#[test]
fn a_variant_named_twice_names_both_lines() {
    says(
        &refusal("sku_id,Qty\n5,1\n4,1\n5,2\n5,x\n"),
        &[
            "3 faults",
            "line 4, column sku_id: sku id 5 is in line 2 too",
            "line 5, column sku_id: sku id 5 is in line 2",
        ],
    );
    says(
        &refusal("SKU,product_id,Qty\nA,1,1\nA,2,1\nB,,1\nA,2,1\nB,3,1\n"),
        &[
            "2 faults",
            "line 5, column SKU: A is in line 3 too",
            "line 6, column SKU: B is in line 4 too",
        ],
    );
    says(
        &refusal("SKU,product_id,Qty\nA,1,1\nA,,1\n"),
        &["line 3, column SKU: A is in line 2 too"],
    );
    // Whether a row with an unreadable product is the same variant can't be known.
    says(
        &refusal("SKU,product_id,Qty\nA,1,1\nA,x,1\n"),
        &["a fault", "product id"],
    );
    assert_eq!(sheet("SKU,delta\nA,1\nA,1\n").rows.len(), 2);
    assert_eq!(sheet("SKU,Qty\nA,1\nA,\na,2\n").rows.len(), 2);
}

#[test]
fn faults_are_all_counted_and_the_first_kept() {
    let text = format!("SKU,Qty\n{}", "A,x\n".repeat(5_000));
    let error = read(text.as_bytes(), &Options::default()).unwrap_err();
    says(error.message(), &["the file has "]);
    assert_eq!(error.faults().len(), 1_000);
    assert!(error.faults().is_sorted_by_key(|fault| fault.line));
}

#[test]
fn a_stock_below_0_is_a_stock_like_any_other() {
    let sheet = sheet("sku_code,expected_quantity,quantity\nA,-4,-4\nB,-2,3\nC,4,-4\n");
    assert_eq!(sheet.left_alone, 1);
    assert_eq!(rows(&sheet), [(3, "B", 3), (4, "C", -4)]);
    assert_eq!(sheet.rows[0].expected, Some(-2));
    assert_eq!(
        failing(&sheet),
        [(
            4,
            "-4: a quantity can't be below 0; --negative-as-zero reads it as 0"
        )]
    );
    assert!(sheet.stays_below_zero);
    // What is no number is none, in whichever columns it stands.
    let said = refusal(
        "sku_code,expected_quantity,quantity\nA,-n/a,-n/a\nB,\"-1,200\",\"-1,200\"\nC,-12.5,-12.5\nD,-5,-5.0\n",
    );
    says(
        &said,
        &[
            "6 faults",
            "line 2, column quantity: -n/a is not a whole number",
            "line 3, column quantity: -1,200 could be -1200 (--thousands ,)",
            "line 4, column quantity: -12.5 is not whole",
        ],
    );
    let as_zero = Options {
        negative_as_zero: true,
        ..Options::default()
    };
    let text = b"sku_code,expected_quantity,quantity\nA,-4,-4\n";
    let zero = read(text, &as_zero).unwrap();
    assert_eq!((rows(&zero), zero.left_alone), (vec![(2, "A", 0)], 0));
    let text = b"sku_code,expected_quantity,quantity\nA,-4,2\n";
    let count = read(text, &in_mode(Mode::Stocktake)).unwrap();
    assert_eq!(count.rows[0].expected, Some(-4));
}
