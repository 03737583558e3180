//! What casts doubt on the file: the neighbours of the examples that the other files have.

use super::*;

fn refused(text: &str) -> Error {
    match read(text.as_bytes(), &Options::default()) {
        Err(error) => error,
        Ok(read) => panic!("{text} was read: {:?}", read.rows),
    }
}

#[test]
fn cells_that_are_no_numbers_do_not_hide_a_rival() {
    for odd in [
        "-",
        "n/a",
        "?",
        "23 pcs",
        "(3)",
        "3-",
        "#N/A",
        "1E+02",
        "not counted",
        "\u{FF13}\u{FF10}",
        "Total: 26",
        "counted by Amina",
    ] {
        let error = refused(&format!("SKU,Qty,Counted\nA,24,23\nB,5,{odd}\n"));
        assert!(
            error.message().contains("Counted could be it too"),
            "{odd}: {error:?}"
        );
    }
    for header in ["Qty2", "onhand2", "Recount", "Diff.", "Actual"] {
        let error = refused(&format!("SKU,Qty,{header}\nA,25,23\n"));
        assert!(error.message().contains("could be it too"), "{header}");
    }
}

#[test]
fn one_line_that_does_not_fit_hides_no_others() {
    for odd in [
        "PRB-LG-RED,15",
        "PRB-LG-RED,n/a",
        "PRB-LG-RED,-",
        "PRB-LG-RED,12.5,x",
        "PRB-LG-RED,5 pcs,x",
        "# shelf 2",
    ] {
        let error = refused(&format!(
            "sku,quantity,name\nA,30,\"Deluxe box\n{odd}\nB,7,Vase\nC,7,Vase 12\"\nD,9,E\n"
        ));
        assert!(
            error.faults()[0].message.contains("rows of their own"),
            "{odd}: {error:?}"
        );
    }
    // Texts of several lines are texts.
    for text in [
        "Deluxe box\nwith 12 roses, red",
        "Bundle of:\nRoses, 5\nTulips, 3",
        "a\nb\nc",
        "1, 2, 3\nand more",
    ] {
        let file = format!("sku,quantity,name\nA,30,\"{text}\"\nB,7,Vase\n");
        assert_eq!(sheet(file).rows.len(), 2, "{text}");
    }
}

#[test]
fn a_number_that_a_comma_cut_in_two_is_seen_by_the_empty_cell_at_the_end() {
    for text in [
        "SKU,Price,Qty,Note\nA,7,50,15,\n",
        "SKU,Price,Qty,Note\nA,5,00,15,\n",
        "SKU,Qty,Note\nA,1,200,\n",
    ] {
        let error = refused(text);
        assert!(
            error.faults()[0].message.contains("cut in two"),
            "{text}: {error:?}"
        );
    }
    // What a spreadsheet leaves behind is no doubt.
    for text in [
        "SKU,Qty,Note\nA,1,x,\n",
        "SKU,Qty,\nA,1,\n",
        "SKU,Name,Qty,Note\nA,Rose,12,,,\n",
        "Line,SKU,Qty\n1,A,12,\n",
    ] {
        assert_eq!(sheet(text).rows.len(), 1, "{text}");
    }
}

#[test]
fn a_line_in_one_cell_is_told_from_one_in_quotes() {
    let error = refused("sku_code;quantity\nPRB-SM-RED,3\n");
    assert!(
        error.faults()[0]
            .message
            .contains("something else separates"),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("--delimiter"));
    let error = refused("sku_code;quantity\n\"PRB-SM-RED;3\"\n");
    assert!(error.hint().unwrap().contains("sed"), "{error:?}");
}

#[test]
fn a_total_line_fails_alone_whatever_number_it_has() {
    for total in ["\"1,200\"", "12.5", "9999999999", "n/a"] {
        let read = sheet(format!("sku,qty\nA,3\n,{total}\n"));
        assert_eq!(read.rows.len(), 2, "{total}");
        assert_eq!(read.rows[1].error(), Some("no variant is named"));
    }
}
