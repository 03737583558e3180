//! Files as merchants have them: exports of other shops, price lists, stocktakes, in their own scripts.

use super::*;

#[test]
fn a_plus_among_quantities_is_doubted_until_somebody_says_what_the_rows_do() {
    let text = "SKU,Qty\nA,+5\nB,-3\n";
    says(
        &refusal(text),
        &[
            "line 2, column Qty: +5 says how many more",
            "--map 'Qty=adjustment'",
            "--mode set",
        ],
    );
    let set = read(text.as_bytes(), &in_mode(Mode::Set)).unwrap();
    assert_eq!(rows(&set)[0], (2, "A", 5));
    let added = read(text.as_bytes(), &mapped("Qty", Column::Adjustment)).unwrap();
    assert_eq!(
        (added.mode, rows(&added)),
        (Mode::Adjust, vec![(2, "A", 5), (3, "B", -3)])
    );
    // What stands in a column of quantities and is no number is no plus sign either.
    says(&refusal("SKU,Qty\nA,+x\n"), &["+x is not a whole number"]);
}

#[test]
fn digits_of_other_scripts_are_digits() {
    let sheet = sheet("SKU,Qty\nA,\u{9E9}\u{9E6}\nB,\u{967}\u{968}\nC,-\u{661}\n");
    assert_eq!(rows(&sheet), [(2, "A", 30), (3, "B", 12), (4, "C", -1)]);
    // They are numbers to those that look for a rival as well.
    says(
        &refusal("SKU,Qty,Counted\nA,1,\u{9E9}\n"),
        &["Counted could be it too"],
    );
}

#[test]
fn the_column_that_is_suggested_holds_what_it_should() {
    for (text, suggested) in [
        // Bengali: code, product, stock.
        (
            "\u{995}\u{9CB}\u{9A1},\u{9AA}\u{9A3}\u{9CD}\u{9AF},\u{9B8}\u{9CD}\u{99F}\u{995}\nA,x,30\nB,y,\u{9E7}\u{9E8}\n",
            "--map '\u{9B8}\u{9CD}\u{99F}\u{995}=quantity'",
        ),
        // Lightspeed: a flag that has a word of quantities in its header.
        (
            "handle,sku,track_inventory,inventory_Main\nrose,A,1,30\nrose,B,1,15\n",
            "--map 'inventory_Main=quantity'",
        ),
        // Square: what is there, and what is to be.
        (
            "SKU,Price,Current Quantity Shop,New Quantity Shop,Stock Alert Count Shop\nA,5.00,25,30,3\n",
            "such as --map 'New Quantity Shop=quantity'; --save",
        ),
        // Amazon: the merchant's own column is empty.
        (
            "sku,mfn-fulfillable-quantity,afn-warehouse-quantity\nA,,30\n",
            "such as --map 'afn-warehouse-quantity=quantity'",
        ),
        (
            "SKU,Preis,Zahl\nA,2.50,30\nB,3.10,15\n",
            "--map 'Zahl=quantity'",
        ),
        (
            "Name,Code,Qty\nred rose,R1,1\nred rose,R2,2\n",
            "--map 'Code=sku_code'",
        ),
    ] {
        says(&refusal(text), &[suggested]);
    }
}

#[test]
fn the_second_of_two_header_lines_is_suggested() {
    says(
        &refusal("Product,,Stock,\nSKU,Name,Shop,Store\nA,Rose,30,5\n"),
        &["line 2 looks like the header: --header-line 2"],
    );
    says(
        &refusal("Acme\nNovember\n\nSKU;Name;Menge\nA;Rose;30\n"),
        &["--header-line 4"],
    );
    // The line that was taken names the variant itself.
    says(
        &refusal("SKU,Menge\nA,30\nSKU,Menge\n"),
        &["--map 'Menge=quantity'"],
    );
}

#[test]
fn a_header_among_the_rows_is_called_that() {
    says(
        &refusal("SKU,Qty\nA,30\nSKU,Qty\nB,15\n"),
        &["line 3, column Qty: the header stands here again: take the line out"],
    );
}
