//! Files of minimum and target levels.

use crate::import::read_levels;
use crate::model::SkuId;
use crate::wanted::Level;

fn faults(text: &str) -> Vec<String> {
    let error = read_levels(text.as_bytes()).unwrap_err();
    error.faults().iter().map(ToString::to_string).collect()
}

#[test]
fn levels_are_read_as_people_write_them() {
    let text = "\u{FEFF}SKU Code;Reorder Point;Target;Pack size;Vendor;Note\n A ;5;20;6; X ;n\n=\"007\";5;20.0;;;\nC;;;;;\n";
    let levels = read_levels(text.as_bytes()).unwrap();
    let a = Level {
        line: 2,
        sku: None,
        sku_code: Some(" A ".to_owned()),
        supplier: Some("X".to_owned()),
        min: 5,
        target: 20,
        pack: 6,
    };
    assert_eq!(levels[0], a);
    assert_eq!(levels[1].sku_code.as_deref(), Some("007"));
    assert_eq!((levels[1].pack, levels[1].supplier.clone()), (1, None));
    assert_eq!(levels.len(), 2, "a row without levels is left alone");
    let by_id = read_levels(b"sku_id,min,target\n450,0,5\n").unwrap();
    assert_eq!(by_id[0].sku, SkuId::new(450));
}

#[test]
fn every_fault_of_a_file_is_told_with_its_line() {
    let text = "sku_code,min,target,pack\nA,5,4,1\n,1,2,1\nB,x,2,0\nA,1,2,\nC,-1,,\nD,1,\"1,200\",\nE,1,2,3,4\n1.2E+12,1,2,1\n";
    assert_eq!(
        faults(text),
        [
            "line 2, column target: 4 is below min, which is 5",
            "line 3, column sku_code: the row names no variant",
            "line 4, column min: x is not a whole number",
            "line 4, column pack: 0: a pack holds at least 1 unit",
            "line 5, column sku_code: A is in line 2 too",
            "line 6, column min: -1: it can't be below 0",
            "line 6, column target: the cell is empty",
            "line 7, column target: 1,200 could be 1200 or 1.2, which is not whole",
            "line 8: cell 5 has no header: a comma or a quote too many",
            "line 9, column sku_code: 1.2E+12 is what a spreadsheet made of a longer number, whose digits are lost: format the column as text and fill it again",
        ]
    );
    assert_eq!(
        faults("sku_id,sku_code,min,target\n1,A,1,2\n2,A,1,2\n1,B,1,2\n"),
        ["line 4, column sku_id: sku id 1 is in line 2 too"]
    );
}

#[test]
fn a_file_that_is_no_list_of_levels_says_what_one_needs() {
    for (text, message) in [
        (&b""[..], "the file is empty"),
        (b"sku_code,min\nA,1\n", "no column target"),
        (b"min,target\n1,2\n", "no column sku_code or sku_id"),
        (b"sku_code,target\nA,1\n", "no column min"),
        (b"sku_code,min,target\n", "no rows"),
        (
            b"sku_code,min,target\nA,,\n",
            "no row of the file has a min",
        ),
        (
            b"sku,min,minimum,target\nA,1,1,1\n",
            "min and minimum would both be min",
        ),
        (b"sku_code,min,target\n\xE4,1,2\n", "not UTF-8"),
    ] {
        let error = read_levels(text).unwrap_err();
        assert!(error.message().contains(message), "{error}");
        assert!(
            !error.hint().unwrap_or_default().contains("--"),
            "{error:?}"
        );
    }
}
