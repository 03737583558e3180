//! Prices and values, exactly: decimals as the API wrote them, never through a float.

use std::str::FromStr;

use rust_decimal::Decimal;

/// A price as the API sends it: a JSON number, or a text that holds one. `None` where it is neither, or below 0.
pub fn price(json: &str) -> Option<Decimal> {
    let text = json.trim();
    let text = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
        .trim();
    let price = match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text),
        false => Decimal::from_str_exact(text),
    };
    price.ok().filter(|price| !price.is_sign_negative())
}

/// The value of these units at a price; 0 where there are fewer than none. `None` where it is too large to be told.
pub fn value(price: Decimal, units: i64) -> Option<Decimal> {
    price.checked_mul(Decimal::from(units.max(0)))
}

/// For people: groups of three digits, and two decimals where there are any: `1,234.50`.
pub fn shown(value: Decimal) -> String {
    let value = value.normalize();
    let decimals = match value.scale() {
        0 => 0,
        scale => scale.max(2),
    };
    let text = format!("{:.*}", decimals as usize, value);
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let whole = i64::from_str(whole).map_or_else(|_| whole.to_owned(), crate::words::grouped);
    format!("{whole}{rest}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prices_are_read_as_they_are_written() {
        for (json, shown_as) in [
            ("500", "500"),
            ("12.50", "12.50"),
            ("\"12.5\"", "12.50"),
            ("\" 1234.5 \"", "1,234.50"),
            ("0.005", "0.005"),
            ("1e3", "1,000"),
            ("0", "0"),
        ] {
            assert_eq!(price(json).map(shown).as_deref(), Some(shown_as), "{json}");
        }
        for json in ["null", "\"\"", "\"12,50\"", "-1", "[]", "\"€5\"", "1e99"] {
            assert_eq!(price(json), None, "{json}");
        }
        // A float would say 0.30000000000000004.
        assert_eq!(shown(value(price("0.1").unwrap(), 3).unwrap()), "0.30");
        assert_eq!(shown(value(price("0.1").unwrap(), -3).unwrap()), "0");
        assert_eq!(value(Decimal::MAX, 2), None);
    }

    proptest! {
        #[test]
        fn cents_add_up(cents in 0i64..1_000_000_000, units in 0i64..1_000_000) {
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            let sum = value(price(&text).unwrap(), units).unwrap();
            let exact = i128::from(cents) * i128::from(units);
            prop_assert_eq!(sum, Decimal::from_i128_with_scale(exact, 2));
        }
    }
}
