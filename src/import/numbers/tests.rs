//! Numbers as people and programs write them.

use super::*;

#[test]
fn whole_numbers_are_read() {
    for (text, number) in [
        ("12", 12),
        ("+12", 12),
        ("-3", -3),
        ("\u{2212}3", -3),
        ("12.0", 12),
        ("12.00", 12),
        ("-0", 0),
        ("007", 7),
        ("1234.000", 1234),
        ("0.000", 0),
        ("12.0000", 12),
        (" 12\u{A0}", 12),
        ("9223372036854775807", i64::MAX),
        ("\u{9E9}\u{9E6}", 30),
        ("-\u{9E9}\u{9E6}.\u{9E6}", -30),
        ("\u{967}\u{968}", 12),
        ("\u{661}\u{662}", 12),
        ("\u{FF11}\u{FF12}", 12),
    ] {
        assert_eq!(whole(text, None), Ok(number), "{text}");
    }
}

#[test]
fn thousands_are_read_where_they_are_said_to_be() {
    for (c, text, number) in [
        (',', "1,200", 1200),
        (',', "1,200,000", 1_200_000),
        (',', "10.000", 10),
        (',', "1,200.00", 1200),
        (',', "12", 12),
        (',', "-1,200", -1200),
        (',', "1200", 1200),
        ('.', "10.000", 10_000),
        ('.', "1.200,00", 1200),
        ('.', "12,0", 12),
        (' ', "1 200", 1200),
        (' ', "1\u{202F}200,0", 1200),
        (',', "1,00,000", 100_000),
        (',', "-12,34,567.00", -1_234_567),
        ('.', "30,00", 30),
        (' ', "1 200,00", 1200),
        ('\'', "1'200", 1200),
        ('\'', "1\u{2019}200.00", 1200),
        (',', "\u{9E7},\u{9E8}\u{9E6},\u{9E6}\u{9E6}\u{9E6}", 120_000),
    ] {
        assert_eq!(whole(text, Some(c)), Ok(number), "{text} by {c}");
    }
    for (c, text) in [
        (',', "12,00"),
        (',', "1,20"),
        (',', "1,2000"),
        (',', "0,123"),
        (',', "1,200.5"),
        (',', ",200"),
        (',', "1.200,00"),
        ('.', "1,200"),
        ('.', "1.2"),
        (' ', "10.000"),
        (' ', "10,000"),
        (',', "1,200."),
        (',', "1,00,00"),
        (',', "100,00,000"),
        (',', "1,00,0000"),
        (',', "1,000,00,000"),
    ] {
        assert!(whole(text, Some(c)).is_err(), "{text} by {c}");
    }
}

#[test]
fn what_is_no_whole_number_says_why() {
    for (text, why) in [
        ("12.5", "not whole"),
        ("12,5", "not whole"),
        (
            "1e3",
            "1e3 is in scientific notation, 1000 if nothing was rounded: write all its digits",
        ),
        ("1.2E+12", "notation, 1200000000000 if nothing was rounded"),
        ("-1,5e1", "notation, -15 if nothing was rounded"),
        (
            "1e-3",
            "1e-3 is in scientific notation: write all its digits",
        ),
        ("1e99", "notation: write"),
        ("1.2.3e4", "notation: write"),
        (
            "-1.000",
            "-1.000 could be -1 (--thousands ,) or -1000 (--thousands .)",
        ),
        (
            "\u{2212}1,200",
            "could be -1200 (--thousands ,) or \u{2212}1.2, which is not whole",
        ),
        ("-30,00", "-30,00 could be -30 (--thousands .)"),
        ("-1'000", "could be -1000 (--thousands \"'\")"),
        ("-1.5", "-1.5 is not whole"),
        (
            "1,200",
            "could be 1200 (--thousands ,) or 1.2, which is not whole",
        ),
        ("1,200,000", "could be 1200000 (--thousands ,)"),
        ("1,00,000", "could be 100000 (--thousands ,)"),
        ("1 200", "could be 1200 (--thousands \" \")"),
        ("1\u{A0}200", "could be 1200 (--thousands \" \")"),
        ("1 200,00", "could be 1200 (--thousands \" \")"),
        ("1'200", "could be 1200 (--thousands \"'\")"),
        ("1,200.00", "could be 1200 (--thousands ,)"),
        ("1.200,00", "could be 1200 (--thousands .)"),
        ("30,00", "could be 30 (--thousands .)"),
        ("3-", "write -3"),
        ("\u{2013}3", "write -3"),
        ("- 3", "write -3"),
        ("12 pcs", "write 12"),
        ("$12", "write 12"),
        ("PRB12", "not a whole number"),
        ("-3.", "is not a whole number"),
        ("(1,200)", "write -1,200"),
        ("<5", "is not a whole number"),
        ("~8", "is not a whole number"),
        ("25%", "is not a whole number"),
        ("1e", "is not a whole number"),
        ("12 \u{20AC}", "write 12"),
        ("\u{661}\u{9E8}", "digits 0 to 9"),
        ("1\u{9E8}", "digits 0 to 9"),
        ("\u{BD}", "digits 0 to 9"),
        (
            "\u{9E7},\u{9E8}\u{9E6}\u{9E6}",
            "could be 1200 (--thousands ,)",
        ),
        ("\u{9E9}\u{9E6} \u{99F}\u{9BF}", "write 30"),
        ("0x1F", "not a whole number"),
        ("", "empty"),
        ("-", "not a whole number"),
        ("--3", "not a whole number"),
        ("+-3", "not a whole number"),
        ("(3)", "write -3"),
        ("=A1+2", "formula"),
        ("#DIV/0!", "spreadsheet's error"),
        ("9223372036854775808", "too large"),
        ("1..0", "not a whole number"),
        ("1.", "not a whole number"),
        ("NaN", "not a whole number"),
    ] {
        let said = whole(text, None).unwrap_err();
        assert!(said.contains(why), "{text}: {said}");
    }
}
