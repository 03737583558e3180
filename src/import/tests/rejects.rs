//! The file of rejected rows that is made from a file.

use std::collections::BTreeMap;

use super::*;

fn rejects(text: &str, options: &Options, lines: &[(u32, &str)]) -> String {
    let lines: BTreeMap<u32, String> = lines
        .iter()
        .map(|(l, why)| (*l, (*why).to_owned()))
        .collect();
    let mut out = Vec::new();
    write_rejects(text.as_bytes(), options, &lines, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn rejects_of_a_file_without_quotes_are_read_the_same_way() {
    let options = Options {
        quote: Some(Quote::None),
        ..Options::default()
    };
    let text = "sku,name,qty\n5\"A,\"Deluxe,30\nB,Vase 12\",7\n";
    let out = rejects(text, &options, &[(2, "no variant 5\"A, sorry\nhm")]);
    assert_eq!(
        out,
        "sku,name,qty,error\n5\"A,\"Deluxe,30,no variant 5\"A  sorry hm\n"
    );
    assert_eq!(
        rows(&read(out.as_bytes(), &options).unwrap()),
        [(2, "5\"A", 30)]
    );
}

#[test]
fn rejects_keep_the_files_own_form() {
    let text =
        "\u{FEFF}sep=;\r\nSKU;Name;Qty\r\n=\"00123\";\"a;b\r\nc\";1\r\n\r\nB;;2;;\r\nC;;3\r\n";
    let out = rejects(
        text,
        &Options::default(),
        &[(3, "no such code; sorry"), (6, "")],
    );
    assert_eq!(
        out,
        "\u{FEFF}sep=;\r\nSKU;Name;Qty;error\r\n\"=\"\"00123\"\"\";\"a;b\r\nc\";1;\"no such code; sorry\"\r\nB;;2;\r\n"
    );
    let again = rejects(&out, &Options::default(), &[(3, "still not")]);
    assert_eq!(
        again,
        "\u{FEFF}sep=;\r\nSKU;Name;Qty;error\r\n\"=\"\"00123\"\"\";\"a;b\r\nc\";1;still not\r\n"
    );
    assert_eq!(rows(&sheet(again)), [(3, "00123", 1)]);
    assert_eq!(
        rejects("SKU,Qty\nA,1\n", &Options::default(), &[]),
        "SKU,Qty,error\n"
    );
}

#[test]
fn rejects_keep_the_lines_above_the_header() {
    let options = Options {
        header_line: Some(3),
        ..Options::default()
    };
    let text = "Stock list, \"today\n# by ERP\nSKU;Qty\nA;3\nB;4\n";
    let out = rejects(text, &options, &[(5, "sorry")]);
    assert_eq!(
        out,
        "Stock list, \"today\n# by ERP\nSKU;Qty;error\nB;4;sorry\n"
    );
    assert_eq!(
        rows(&read(out.as_bytes(), &options).unwrap()),
        [(4, "B", 4)]
    );
}

#[test]
fn rejects_of_any_encoding_are_read_with_the_same_options() {
    let options = Options {
        encoding: Some("windows-1252".to_owned()),
        ..Options::default()
    };
    let lines = BTreeMap::from([(2, "é".to_owned())]);
    let mut once = Vec::new();
    write_rejects(b"SKU,Qty\rROS\xC9,3\r", &options, &lines, &mut once).unwrap();
    assert_eq!(once, "\u{FEFF}SKU,Qty,error\r\nROSÉ,3,é\r\n".as_bytes());
    assert_eq!(rows(&read(&once, &options).unwrap()), [(2, "ROSÉ", 3)]);
    // A column that `--map` reads is the file's own, whatever its name.
    let odd = rejects(
        "SKU,Qty,Error\nA,1,x\n",
        &mapped("error", Column::Reason),
        &[(2, "y")],
    );
    assert_eq!(odd, "SKU,Qty,Error,error_2\nA,1,x,y\n");
}

#[test]
fn rejects_of_a_file_whose_error_is_read_are_read_with_the_same_options() {
    for options in [
        mapped("error", Column::Reason),
        Options {
            only: only("error", "x"),
            ..Options::default()
        },
    ] {
        let text = "SKU,delta,Error\nA,1,x\n";
        let once = rejects(text, &options, &[(2, "y")]);
        assert_eq!(once, "SKU,delta,Error,error_2\nA,1,x,y\n");
        assert_eq!(
            rows(&read(once.as_bytes(), &options).unwrap()),
            [(2, "A", 1)]
        );
        let twice = rejects(&once, &options, &[(2, "z")]);
        assert_eq!(twice, "SKU,delta,Error,error_2\nA,1,x,z\n");
    }
}
