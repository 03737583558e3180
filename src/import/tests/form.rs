//! The file as a whole: encoding, separators, lines and quotes.

use super::*;

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
        (
            &b"PK\x03\x04\0\0\0\0xl/workbook.bin"[..],
            "binary workbook (xlsb)",
        ),
        (b"PK\x03\x04\0\0\0\0xl/styles", "cut off"),
        (
            b"PK\x03\x04\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "cut off",
        ),
        (b"PK\x03\x04\0\0\0\0photo.jpg", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"\n<!DOCTYPE html><table>", "HTML"),
        (b"\x1F\x8B\x08\0", "gzip"),
    ] {
        says(&refusal(bytes), &[kind, "not CSV", "hint: "]);
    }
    says(&refusal("SKU,Qty\nA,1\nB\0,2\n"), &["line 3: a NUL byte"]);
    let mut tar = [0; 512];
    tar[..9].copy_from_slice(b"stock.csv");
    tar[257..262].copy_from_slice(b"ustar");
    says(&refusal(tar), &["the file is a tar archive", "unpack it"]);
    for (bytes, what) in [
        (&b"PAR1\x15\x04\0"[..], "is a Parquet file"),
        (b"\x7FELF\x02\x01\0", "is a program"),
        (
            b"RIFF\x24\0\0\0WEBPVP8 \xF0\x9D",
            "is neither text nor a spreadsheet",
        ),
    ] {
        says(&refusal(bytes), &[what]);
    }
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
}

#[test]
fn rows_may_lack_empty_cells_at_their_end() {
    let set = sheet("sku,qty,remark\nA,1\nB,2,x\nC,\nD,4,y,,\n");
    assert_eq!(rows(&set), [(2, "A", 1), (3, "B", 2), (5, "D", 4)]);
    assert_eq!(set.left_alone, 1);
    assert_eq!(
        rows(&sheet("SKU,Qty,,\nA,1\nB,2,,,,\n")),
        [(2, "A", 1), (3, "B", 2)]
    );
    assert_eq!(sheet("sku,delta,reason\nA,1\nB,2,x\n").rows.len(), 2);
}

#[test]
fn a_cell_under_no_header_is_a_fault() {
    says(
        &refusal("SKU,Name,Qty,\nLOVE-24,Eternal Love, 24,41,\nB,x,1,,,\n"),
        &[
            "a fault",
            "line 2: 41 stands under no header: the row has 5 cells, the header has 3",
        ],
    );
    says(
        &refusal("SKU,Qty,\nPRB-SM-RED,1,200,"),
        &["200 stands under no header"],
    );
    says(
        &refusal("SKU,Qty\nA,1\nB,2,x\n"),
        &["line 3: x stands under no header"],
    );
    // Programs that number their rows leave that column without a name.
    assert_eq!(rows(&sheet(",SKU,Qty\n0,A,1\n")), [(2, "A", 1)]);
}

#[test]
fn a_row_that_lacks_a_cell_which_is_read_is_a_fault() {
    for (text, place) in [
        (
            "name,sku,qty\nrose,A,30\nB,20\n",
            "line 3: has 2 of 3 cells, and qty may be one",
        ),
        (
            "sku,qty\nA,30\nB\n",
            "line 3: has 1 of 2 cells, and qty may be one",
        ),
        (
            "sku,qty,name,expected quantity\nA,30,25\nB,20,tulip,20\n",
            "line 2: has 3 of 4 cells, and expected quantity may be one",
        ),
        // The first of two cells behind the quantity may be missing as well as the last.
        (
            "qty,sku,name\n30,rose\n20,B,tulip\n",
            "line 2: has 2 of 3 cells, and sku may be one",
        ),
    ] {
        says(
            &refusal(text),
            &["a fault", place, "hint: write the empty cells"],
        );
    }
}

#[test]
fn a_lone_quote_swallows_no_rows() {
    let feed = "product-name\tsku\tquantity\n\"Deluxe box\tPRB-SM-RED\t30\nBouquet\tPRB-LG-RED\t15\nSunflower\tSUN-MD\t12\nVase 12\"\tVASE-RIB-30\t7\nCandle\tCAND-ROS\t9\n";
    says(
        &refusal(feed),
        &[
            "a fault",
            "line 2: the quoted cell that begins here runs to line 5, over lines that are rows of their own",
            "--quote none",
            "--quote '\"'",
        ],
    );
    let with = |quote| Options {
        quote: Some(quote),
        ..Options::default()
    };
    assert_eq!(
        read(feed.as_bytes(), &with(Quote::None))
            .unwrap()
            .rows
            .len(),
        5
    );
    assert_eq!(
        rows(&read(feed.as_bytes(), &with(Quote::Double)).unwrap()),
        [(2, "VASE-RIB-30", 7), (6, "CAND-ROS", 9)]
    );
    // Within a line, and in the header.
    says(
        &refusal("name,sku,note,qty\n\"rose,A,12\",30\n"),
        &["line 2: the quoted cell holds what would be cells"],
    );
    says(
        &refusal("sku,qty,\"name\nA,30,rose\nB,5,Vase 12\"\nC,7,tulip\n"),
        &["line 1: the quoted cell that begins here runs to line 3"],
    );
    says(
        &refusal("sku,qty,\"note,name\nA,30,x,rose\nB,5,y5\",tulip\nC,7,z,w\n"),
        &["line 1: the quoted cell that begins here runs to line 3"],
    );
    // Texts over lines are no rows.
    for fine in [
        "sku,qty,text\nA,30,\"first line\nsecond line\"\nB,2,x\n",
        "sku,qty,text\nA,30,\"red, green\nfresh, cut, today\"\n",
        "text,sku,qty\n\"\n\n\",A,3\n",
        "name,sku,qty,note\n\"rose, red\",A,30\n",
        "sku,\"Bin\nno\",qty\nA,x,3\n",
    ] {
        assert!(read(fine.as_bytes(), &Options::default()).is_ok(), "{fine}");
    }
}

#[test]
fn odd_quotes_are_doubted_where_they_may_matter() {
    for (text, place) in [
        ("SKU,Qty,5\" pot\nA,3,x\n", "line 1, column 5\" pot: a"),
        ("SKU,Qty\n5\"A,3\n", "line 2, column SKU: a quote stands"),
        (
            "SKU,Name,Qty\nA,vase 5\",1\nB,\"vase\",2\n",
            "line 2, column Name: a quote stands in the middle",
        ),
        ("SKU,Qty,Name\nA,1,vase 5\"\nB,2\n", "line 2, column Name"),
        (
            "SKU,Name,Qty\nA,\"vase\" 5,1\n",
            "line 2, column Name: the cell goes on behind",
        ),
        (
            "SKU,Name,Qty\nA, \"vase\",1\nB,\"x\",2\n",
            "line 2, column Name: a blank stands before",
        ),
    ] {
        says(
            &refusal(text),
            &["a fault", place, "--quote none", "--quote '\"'"],
        );
        let trusted = Options {
            quote: Some(Quote::Double),
            ..Options::default()
        };
        assert!(read(text.as_bytes(), &trusted).is_ok(), "{text}");
        let letters = Options {
            quote: Some(Quote::None),
            ..Options::default()
        };
        assert!(read(text.as_bytes(), &letters).is_ok(), "{text}");
    }
    // An inch sign in a file that quotes nothing is a letter.
    assert_eq!(
        sheet("SKU,Name,Qty\nA,vase 5\" high,1\nB,x,2").rows.len(),
        2
    );
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
