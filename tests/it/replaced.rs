//! Files that are written beside the output, and which of them may be replaced.

use crate::shop::{Shop, import};

#[test]
fn a_file_that_was_edited_is_replaced_only_by_force() {
    let shop = Shop::new();
    let words = ["export-csv", "stock.csv"];
    shop.run(&words).ends(0);
    // What we wrote and nobody changed is replaced.
    shop.run(&words).ends(0);
    let edited = shop.read("stock.csv").replacen(",25\n", ",26\n", 1);
    shop.file("stock.csv", &edited);
    shop.run(&words).ends(2).says("--force");
    assert_eq!(shop.read("stock.csv"), edited);
    shop.run(&["export-csv", "stock.csv", "--force"]).ends(0);
    assert_ne!(shop.read("stock.csv"), edited);
    // Somebody else's file, an empty one, and a rejects file that is being mended.
    shop.file("other.csv", "precious");
    shop.run(&["export-csv", "other.csv"])
        .ends(2)
        .says("did not write it");
    shop.file("empty.csv", "");
    shop.run(&["export-csv", "empty.csv"]).ends(0);
    let text = "sku_code,quantity\nNOT-THERE,3\n";
    let rejects = ["--rejects", "mend.csv"];
    import(&shop, "rows.csv", text, &rejects).ends(7);
    import(&shop, "rows.csv", text, &rejects).ends(7);
    shop.file("mend.csv", "sku_code,quantity\nPRB-SM-RED,3\n");
    import(&shop, "rows.csv", text, &rejects).ends(2);
    assert!(shop.read("mend.csv").contains("PRB-SM-RED"));
}
