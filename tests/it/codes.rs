//! Which variant a code means that has blanks or invisible characters around it, or accents written another way.

use crate::catalogue::edits::Edits;
use crate::shop::{Shop, import};

/// The default shop with other codes for these variants.
fn renamed(codes: &[(i64, &str)]) -> Shop {
    let shop = Shop::new();
    let edits = Edits::of(&shop.folder.path().join("shop.db"));
    for (sku, code) in codes {
        edits.rename(*sku, code);
    }
    shop
}

#[test]
fn a_code_with_a_blank_at_its_end_can_be_named() {
    let shop = renamed(&[(450, "TUL RED "), (451, "CAF\u{C9}-1")]);
    for name in [
        "TUL RED ",
        "TUL RED",
        " TUL RED",
        "code:TUL RED",
        "\u{200B}TUL RED\u{A0}",
    ] {
        shop.run(&["adjust", name, "1"]).ends(0);
    }
    assert_eq!(shop.stock(450), 30);
    shop.run(&["set", "TUL RED=7"]).ends(0);
    assert_eq!(shop.stock(450), 7);
    for name in ["TUL RED", "TUL RED ", " TUL RED"] {
        let story = shop.run(&["history", "--sku", name, "-o", "json"]).ends(0);
        assert_eq!(story.json()[0]["after"], 7, "{name:?}");
    }
    for name in ["CAF\u{C9}-1", "CAFE\u{301}-1", "CAFE\u{301}-1 "] {
        shop.run(&["adjust", name, "1"]).ends(0);
        shop.run(&["show", name]).ends(0);
        shop.run(&["adjust", "150", name, "1"]).ends(0);
    }
    assert_eq!(shop.stock(451), 18);
}

#[test]
fn the_closest_code_is_meant_and_two_as_close_are_listed() {
    let shop = renamed(&[(450, "A-1"), (451, "A-1 "), (452, "A-1\u{200B}")]);
    shop.run(&["set", "150", "A-1=40"]).ends(0);
    shop.run(&["set", "A-1 =41"]).ends(0);
    shop.run(&["set", "A-1\u{200B}=42"]).ends(0);
    assert_eq!(
        (shop.stock(450), shop.stock(451), shop.stock(452)),
        (40, 41, 42)
    );
    let ran = shop.run(&["set", "150", " A-1=50"]).ends(2);
    assert!(ran.stderr.contains("any of 3 variants"), "{ran:#?}");
    let ran = shop.run(&["set", " A-1=50"]).ends(2);
    assert!(ran.stderr.contains("any of 3 variants"), "{ran:#?}");
}

#[test]
fn rows_of_a_file_find_codes_as_people_do() {
    let shop = renamed(&[(450, "TUL RED "), (451, "CAFE\u{301}-1"), (452, "A-1")]);
    let file = "sku_code,quantity\n\"TUL RED\",31\nCAF\u{C9}-1,32\n\u{FEFF}A-1\u{A0},33\n";
    import(&shop, "f.csv", file, &[]).ends(0);
    assert_eq!(
        (shop.stock(450), shop.stock(451), shop.stock(452)),
        (31, 32, 33)
    );
    let file = "sku_id,sku_code,quantity\n450,TUL RED,34\n451,CAF\u{C9}-1,35\n";
    import(&shop, "f.csv", file, &[]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (34, 35));
    // The same variant in two spellings is named twice.
    let file = "sku_code,quantity\nA-1,1\n A-1,2\n";
    let ran = import(&shop, "f.csv", file, &[]).ends(2);
    assert!(ran.stderr.contains("as in line 2"), "{ran:#?}");
}

#[test]
fn what_can_not_be_seen_in_a_code_is_named() {
    let shop = renamed(&[(450, "TUL RED ")]);
    shop.run(&["adjust", "TUL-RED", "1"])
        .ends(4)
        .says("did you mean \"TUL RED \" (with a blank at its end)?");
    shop.run(&["adjust", "TUL\u{200B}X ", "1"])
        .ends(4)
        .says("no variant \"TUL\u{200B}X \" (with a blank at its end and a zero-width space, U+200B) in the store");
    let file = "sku_id,sku_code,quantity\n450,TUL\u{A0}RED,34\n";
    let ran = import(&shop, "f.csv", file, &[]).ends(7);
    assert!(
        ran.stdout.contains("(with a no-break space, U+00A0)"),
        "{ran:#?}"
    );
}
