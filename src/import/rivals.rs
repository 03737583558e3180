//! Columns that look like the quantity beside the one that would be read: the stock before a count beside what was
//! counted. Which of them is meant can't be told, so that the user has to say.

use csv::StringRecord;

use super::cells::unwrapped;
use super::columns::{Column, Columns, ORDER, map_option, plain};
use super::likely::{any, is_before, is_change};
use super::numbers::is_like_number;
use crate::error::{Error, Result};
use crate::shell::option;
use crate::words::listed;

/// Words of headers over numbers that may be the quantity.
const QUANTITIES: [&str; 16] = [
    "count",
    "counted",
    "recount",
    "stock",
    "stocktake",
    "qty",
    "quantity",
    "onhand",
    "physical",
    "actual",
    "new",
    "difference",
    "diff",
    "variance",
    "change",
    "delta",
];

/// Words of headers over numbers that are something else, whatever else the header says; `pending` is Amazon's, and so are the
/// bounds from which on a discount holds (`Quantity Lower Bound 1`).
const OTHERS: [&str; 20] = [
    "low",
    "lower",
    "bound",
    "tier",
    "min",
    "minimum",
    "max",
    "maximum",
    "reorder",
    "backorder",
    "committed",
    "incoming",
    "reserved",
    "pending",
    "unavailable",
    "available",
    "instock",
    "price",
    "cost",
    "weight",
];

/// Whether a header is one of those that quantities have.
pub(super) fn is_like_quantity(header: &str) -> bool {
    let words = words(header);
    any(&words, &QUANTITIES) && !any(&words, &OTHERS)
}

/// The words of a header in lower case and the singular: `NewQty`, `new_qty`, `newqty` and `New Qtys` are the same two,
/// and `qty2` is `qty` and `2`.
pub(super) fn words(header: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in header.chars() {
        let begins = !before.is_alphanumeric()
            || before.is_lowercase() && c.is_uppercase()
            || before.is_alphabetic() != c.is_alphabetic();
        if c.is_alphanumeric() {
            if begins {
                parts.push(String::new());
            }
            if let Some(part) = parts.last_mut() {
                part.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    let mut words: Vec<String> = Vec::new();
    for part in &parts {
        let singular = part.strip_suffix('s');
        // The only one of our words that ends so and is no plural.
        let singular = singular.filter(|p| p.len() > 2 && part != "previous");
        let part = singular.unwrap_or(part);
        // No header that somebody wrote is longer.
        match Some(part).filter(|part| part.len() < 40).and_then(cut) {
            Some(known) => words.extend(known.into_iter().map(str::to_owned)),
            None => words.push(part.to_owned()),
        }
    }
    for pair in parts.windows(2) {
        if matches!(&pair.concat()[..], "onhand" | "instock") {
            words.push(pair.concat());
        }
    }
    words
}

/// The known words that a text is made of without anything between them.
fn cut(text: &str) -> Option<Vec<&'static str>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let known = QUANTITIES.iter().chain(&OTHERS);
    known
        .filter(|word| text.starts_with(**word))
        .find_map(|word| {
            let mut rest = cut(&text[word.len()..])?;
            rest.insert(0, word);
            Some(rest)
        })
}

/// What the columns hold whose headers are like those of quantities.
pub(super) struct Rivals<'a> {
    columns: &'a Columns,
    /// By the place in `columns.rivals`.
    seen: Vec<Seen>,
}

/// How many cells hold a number, and how many hold digits among other things. A `-` or a `not counted` between numbers is
/// what people write where they have none.
#[derive(Clone, Copy, Default)]
struct Seen {
    numbers: u64,
    words: u64,
}

impl<'a> Rivals<'a> {
    pub(super) fn new(columns: &'a Columns) -> Rivals<'a> {
        Rivals {
            columns,
            seen: vec![Seen::default(); columns.rivals.len()],
        }
    }

    /// Looks at one more row.
    pub(super) fn look(&mut self, record: &StringRecord) {
        for (at, seen) in self.columns.rivals.iter().zip(&mut self.seen) {
            let cell = unwrapped(record.get(*at).unwrap_or_default());
            if is_like_number(&cell) {
                seen.numbers += 1;
            } else if cell.contains(char::is_numeric) {
                seen.words += 1;
            }
        }
    }

    /// An error, usage, where another column of numbers could be the quantity.
    pub(super) fn refuse(&self) -> Result<()> {
        let headers = &self.columns.headers;
        let numbers = |seen: &Seen| seen.numbers > 0 && seen.numbers >= seen.words;
        let rivals = self.columns.rivals.iter().zip(&self.seen);
        let rivals = rivals.filter(|(_, seen)| numbers(seen));
        let rivals: Vec<&str> = rivals.map(|(at, _)| headers[*at].as_str()).collect();
        if rivals.is_empty() {
            return Ok(());
        }
        let mut ignored: Vec<String> = rivals.iter().map(|h| option("ignore", h)).collect();
        ignored.dedup();
        let quantity = &headers[self.columns.value];
        Err(Error::usage(format!(
            "{quantity} would be read as the quantity, and {} could be it too",
            listed(&rivals, "and")
        ))
        // What the stock was is nothing to write, and an option can't tell columns of one name apart.
        .hinted(
            match rivals
                .iter()
                .find(|header| !is_before(header) && self.is_alone(header))
            {
                Some(first) => format!(
                    "say which one counts: {}, or leave out what does not: {}",
                    read_as(first),
                    ignored.join(" ")
                ),
                None => format!("leave out what does not count: {}", ignored.join(" ")),
            },
        ))
    }

    /// Whether no other column is called the same.
    fn is_alone(&self, header: &str) -> bool {
        let headers = self.columns.headers.iter();
        headers
            .filter(|other| plain(other) == plain(header))
            .count()
            == 1
    }
}

/// The options by which a rival counts: a difference, and what was ordered, is added.
fn read_as(header: &str) -> String {
    match is_change(header) || plain(header) == ORDER {
        true => format!("{} --mode adjust", map_option(header, Column::Adjustment)),
        false => map_option(header, Column::Quantity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_singular_and_previous_is_no_plural() {
        assert_eq!(words("SKUs on hand")[..3], ["sku", "on", "hand"]);
        assert_eq!(words("previous_quantity"), ["previous", "quantity"]);
    }

    #[test]
    fn headers_of_quantities_are_known_by_their_words() {
        for like in [
            "Counted",
            "Difference",
            "New Qty",
            "new_qty",
            "NewQty",
            "newqty",
            "Physical count",
            "New stock",
            "Change",
            "Qty on hand",
            "On-Hand",
            "ON HAND",
            "Stocks",
            "Stock delta",
            "(new)",
            "Qty2",
            "onhand2",
            "QTY 2",
            "Diff.",
            "Recount",
            "Actual",
        ] {
            assert!(is_like_quantity(like), "{like}");
        }
        for other in [
            "Low stock amount",
            "Min. stock",
            "MaxQty",
            "minstock",
            "Reorder quantity",
            "Backorders allowed?",
            "Committed (not editable)",
            "Incoming stock",
            "Reserved qty",
            "pending-quantity",
            "Quantity Lower Bound 1",
            "quantity-lower-bound1",
            "Quantity Tier 2",
            "Unavailable count",
            "Available (not editable)",
            "In stock?",
            "InStock",
            "New price",
            "Stock cost",
            "Discount",
            "Account",
            "Newsletter",
            "Name",
            "Changed by",
            "Total",
            "",
        ] {
            assert!(!is_like_quantity(other), "{other}");
        }
    }
}
