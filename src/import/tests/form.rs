//! The file as a whole: encoding, separators, lines, quotes, and the rejects file made from it.

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
fn every_encoding_reads_alike() {
    let text = "SKU,Qty\nROSÉ,3\n";
    let utf_16 = |bytes: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = format!("\u{FEFF}{text}");
    for bytes in [
        text.as_bytes().to_vec(),
        marked.as_bytes().to_vec(),
        utf_16(u16::to_le_bytes, &marked),
        utf_16(u16::to_be_bytes, &marked),
        utf_16(u16::to_le_bytes, text),
        utf_16(u16::to_be_bytes, text),
        format!("{text}\u{1A}").into_bytes(),
    ] {
        assert_eq!(rows(&sheet(bytes)), [(2, "ROSÉ", 3)]);
    }
    let windows = b"SKU,Qty\r\nA,1\r\nROS\xC9,3\r\n";
    says(
        &refusal(windows),
        &["not UTF-8", "line 3", "É", "--encoding windows-1252"],
    );
    let options = |name: &str| Options {
        encoding: Some(name.to_owned()),
        ..Options::default()
    };
    let read_so = read(windows, &options("windows-1252")).unwrap();
    assert_eq!(rows(&read_so), [(2, "A", 1), (3, "ROSÉ", 3)]);
    assert_eq!(
        rows(&read(marked.as_bytes(), &options("latin1")).unwrap()),
        [(2, "ROSÉ", 3)]
    );
    says(
        &refusal_with(text, &options("utf-7")),
        &["no encoding named utf-7"],
    );
    says(
        &refusal_with(b"SKU,Qty\nA\xFF\xFF,1", &options("shift_jis")),
        &["Shift_JIS", "line 2"],
    );
}

#[test]
fn other_kinds_of_file_are_named() {
    for (bytes, kind) in [
        (&b"PK\x03\x04\0\0\0\0[Content_Types].xml"[..], "xlsx"),
        (
            b"PK\x03\x04\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "ods",
        ),
        (b"PK\x03\x04\0\0\0\0photo.jpg", "ZIP"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1", "xls"),
        (b"%PDF-1.7", "PDF"),
        (b"\n<!DOCTYPE html><table>", "HTML"),
        (b"\x1F\x8B\x08\0", "gzip"),
    ] {
        says(&refusal(bytes), &[kind, "not CSV", "hint: "]);
    }
    says(&refusal("SKU,Qty\nA,1\nB\0,2\n"), &["line 3: a NUL byte"]);
}

#[test]
fn a_file_without_rows_is_refused() {
    for empty in ["", "\n\r\n", "\u{FEFF}", ",,\n , \n", "sep=;\n", "\u{1A}"] {
        says(&refusal(empty), &["the file is empty"]);
    }
    says(&refusal("SKU,Qty\n\n,,\n"), &["has no rows"]);
    says(
        &refusal("450,12\n451,13\n"),
        &["headers are 450, 12", "name the columns"],
    );
}

#[test]
fn the_delimiter_is_recognised() {
    for text in [
        "SKU;Qty, counted;Stock\nA;;3\n",
        "SKU\tName\tQty\nA\tb,c\t3\n",
        "SKU|Name|Qty\nA|b|3\n",
        "\"SKU\";\"Name;x,y,z\";\"Qty\"\nA;;3",
        "\"SKU\",\"a;b;c;d\",\"Qty\"\nA,,3",
        "Handle,Type;Kind,SKU,Qty\nh,,A,3",
    ] {
        assert_eq!(rows(&sheet(text)), [(2, "A", 3)], "{text}");
    }
    let said = "sep=;\r\nSKU;Qty\r\nA;3\r\n";
    assert_eq!(rows(&sheet(said)), [(3, "A", 3)]);
    assert_eq!(
        rows(&sheet("\u{FEFF}\"SEP=^\"\nSKU^Qty\nA^3\n")),
        [(3, "A", 3)]
    );
    let options = Options {
        delimiter: Some(b':'),
        ..Options::default()
    };
    assert_eq!(
        rows(&read(b"SKU:a,b,c:Qty\nA::3", &options).unwrap()),
        [(2, "A", 3)]
    );
    assert_eq!(
        rows(&read(b"sep=;\nSKU:Qty\nA:3", &options).unwrap()),
        [(3, "A", 3)]
    );
    says(&refusal("SKU:Qty\nA:3"), &["--delimiter"]);
    let quote = Options {
        delimiter: Some(b'"'),
        ..Options::default()
    };
    says(&refusal_with("SKU,Qty", &quote), &["can't be separated"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "\nSKU,Name,Qty\n\nA,\"two\nlines\",1\n,,\nB,\"a \"\"b\"\"\n\n\",2\n\n\nC,,3"
            .replace('\n', end);
        let sheet = sheet(&text);
        assert_eq!(
            rows(&sheet),
            [(4, "A", 1), (7, "B", 2), (12, "C", 3)],
            "{end:?}"
        );
    }
}

#[test]
fn a_quote_left_open_is_found() {
    says(
        &refusal("SKU,Qty\nA,1\nB,\"2\nC,3\nD,4\n"),
        &["a fault", "line 3: a quote is opened here and never closed"],
    );
    says(
        &refusal("SKU,Name,Qty\nA,\"x\ny\",1\nB,\"2\nC,3,4\nD,\"q\",4\n"),
        &["line 4: the quoted cell that begins here ends in the middle of a cell on line 6"],
    );
    for last in ["B,\"2", "B,\"2\n", "B,\"2\r\n"] {
        says(
            &refusal(format!("SKU,Qty\nA,1\n{last}")),
            &["a fault", "line 3: a quote"],
        );
    }
    says(&refusal("SKU,\"Qty\nA,1"), &["header", "line 1"]);
    assert_eq!(
        rows(&sheet("Name,SKU,Qty\n\"two\nlines\" ,A,3\n")),
        [(2, "A", 3)]
    );
    // An inch sign inside a cell is no quote that opens.
    assert_eq!(
        sheet("SKU,Name,Qty\nA,vase 5\" high,1\nB,\"vase \"\"x\"\"\",2")
            .rows
            .len(),
        2
    );
}

#[test]
fn rows_of_another_width_are_faults() {
    let said = refusal("SKU,Name,Qty,\nA,x\nB,x,1,,,\nC,x,1,,z\nD,x,2\n");
    says(
        &said,
        &[
            "2 faults",
            "line 2: has 2 cells, the header has 4",
            "line 4: has 5 cells",
        ],
    );
    assert_eq!(
        rows(&sheet("SKU,Qty,,\nA,1\nB,2,,,,\n")),
        [(2, "A", 1), (3, "B", 2)]
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
    assert_eq!(odd, "SKU,Qty,Error,error\nA,1,x,y\n");
}

#[test]
fn the_examples_are_read() {
    let count = read(
        include_bytes!("../../../examples/stock-take-semicolons.csv"),
        &in_mode(Mode::Stocktake),
    )
    .unwrap();
    assert_eq!(
        rows(&count),
        [
            (2, "PRB-SM-RED", 23),
            (3, "PRB-LG-RED", 12),
            (4, "PRB-LG-WHT", 1)
        ]
    );
    let expected: Vec<_> = count.rows.iter().filter_map(|row| row.expected).collect();
    assert_eq!(expected, [25, 12, 0]);
    let shopify = sheet(include_bytes!("../../../examples/shopify-export.csv"));
    assert_eq!(
        rows(&shopify),
        [
            (2, "PRB-SM-RED", 40),
            (3, "PRB-LG-RED", 18),
            (4, "PRB-LG-WHT", 6)
        ]
    );
    assert_eq!(
        (shopify.left_alone, shopify.rows[0].expected),
        (5, Some(25))
    );
    let adjustments = sheet(include_bytes!("../../../examples/adjustments.csv"));
    assert_eq!(adjustments.mode, Mode::Adjust);
    assert_eq!(
        adjustments
            .rows
            .iter()
            .map(|row| row.wanted)
            .collect::<Vec<_>>(),
        [-3, 10, 6, 20]
    );
}
