//! Which headers most likely are the column that a file seems to lack, for the option that says so. Nothing is read by
//! what is guessed here.

use super::columns::Column;
use super::numbers::{is_number, is_part};
use super::rivals::{is_like_quantity, words};

/// How many are proposed.
const PROPOSED: usize = 3;

/// Words of headers over codes of variants.
const CODES: [&str; 17] = [
    "sku",
    "code",
    "article",
    "item",
    "ean",
    "barcode",
    "upc",
    "gtin",
    "model",
    "part",
    "ref",
    "reference",
    "artikel",
    "art",
    "number",
    "no",
    "nr",
];

/// Words of headers over stock, beside those that make a column a rival of the quantity.
const STOCKS: [&str; 27] = [
    "available",
    "unit",
    "piece",
    "pc",
    "amount",
    "inventory",
    "level",
    "total",
    "menge",
    "bestand",
    "lagerbestand",
    "lager",
    "anzahl",
    "stück",
    "cantidad",
    "existencia",
    "quantité",
    "quantità",
    "quantidade",
    "giacenza",
    "estoque",
    "voorraad",
    "aantal",
    "ilość",
    "antal",
    "kogus",
    "পরিমাণ",
];

/// Words of headers over what is added or taken away.
const CHANGES: [&str; 9] = [
    "difference",
    "diff",
    "change",
    "delta",
    "variance",
    "adjusted",
    "adjustment",
    "adjust",
    "movement",
];

/// Words of headers over what the stock was.
const BEFORE: [&str; 9] = [
    "expected",
    "current",
    "system",
    "book",
    "old",
    "previous",
    "before",
    "soll",
    "theoretical",
];

/// Words of headers over numbers that no row asks for.
const OTHERS: [&str; 30] = [
    "id",
    "alert",
    "restock",
    "point",
    "price",
    "cost",
    "weight",
    "year",
    "date",
    "time",
    "min",
    "minimum",
    "minimo",
    "mínimo",
    "mindestbestand",
    "max",
    "maximum",
    "low",
    "reorder",
    "sold",
    "sale",
    "incoming",
    "committed",
    "reserved",
    "pending",
    "tax",
    "vat",
    "discount",
    "position",
    "line",
];

/// What to propose for a column that no header is: headers with what each would be. `free` mean nothing yet; `known` mean
/// something else.
pub(super) fn likely<'h>(
    column: Column,
    free: &[&'h str],
    known: &[(&'h str, Column)],
) -> Vec<(&'h str, Column)> {
    let found = match column {
        Column::SkuCode => all(free, column, &CODES),
        Column::ExpectedQuantity => all(free, column, &BEFORE),
        Column::Adjustment => {
            let mut found = all(free, column, &CHANGES);
            let quantities = known.iter().filter(|(_, own)| *own == Column::Quantity);
            found.extend(quantities.map(|(header, _)| (*header, column)));
            found
        }
        _ => quantities(free),
    };
    match (&found[..], free) {
        ([], free) if column == Column::SkuCode || column == Column::Quantity => {
            let meant = |header: &&&str| !any(&words(header), &OTHERS);
            let first = free.iter().find(meant).or(free.first());
            first.map(|header| (*header, column)).into_iter().collect()
        }
        _ => found.into_iter().take(PROPOSED).collect(),
    }
}

/// Of quantities and of changes, each for what it is: those whose words say quantity, those of other stock, changes.
fn quantities<'h>(free: &[&'h str]) -> Vec<(&'h str, Column)> {
    let (mut found, mut stocks, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for header in free {
        let words = words(header);
        let other = any(&words, &OTHERS) || any(&words, &BEFORE);
        if any(&words, &CHANGES) {
            changes.push((*header, Column::Adjustment));
        } else if is_like_quantity(header) && !other {
            found.push((*header, Column::Quantity));
        } else if any(&words, &STOCKS) && !other {
            stocks.push((*header, Column::Quantity));
        }
    }
    found.extend(stocks);
    found.extend(changes);
    found
}

fn all<'h>(free: &[&'h str], column: Column, of: &[&str]) -> Vec<(&'h str, Column)> {
    let all = free.iter().filter(|header| any(&words(header), of));
    all.map(|header| (*header, column)).collect()
}

/// Whether a header is one of those that differences have.
pub(super) fn is_change(header: &str) -> bool {
    any(&words(header), &CHANGES)
}

/// Whether a header is one of those over what the stock was.
pub(super) fn is_before(header: &str) -> bool {
    any(&words(header), &BEFORE)
}

/// Whether one of the words is among these.
pub(super) fn any(words: &[String], of: &[&str]) -> bool {
    words.iter().any(|word| of.contains(&word.as_str()))
}

/// Whether the first cells of a column could be what `column` is: codes, each of one word and each another; or whole numbers
/// that are not just the 0 and 1 of no and yes.
pub(super) fn fits(column: Column, cells: &[&str]) -> bool {
    if column == Column::SkuCode {
        let mut once: Vec<&str> = cells.to_vec();
        once.sort_unstable();
        once.dedup();
        let word = |cell: &&str| !cell.contains(' ');
        return !cells.is_empty() && once.len() == cells.len() && cells.iter().all(word);
    }
    let units = |cell: &&str| is_number(cell) && !is_part(cell) && cell.chars().count() < 9;
    cells.iter().all(units) && cells.iter().any(|cell| !matches!(*cell, "0" | "1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_is_no_id_no_minimum_and_no_old_figure() {
        for (headers, proposed) in [
            (
                &["Product Title", "Expected Stock", "Counted", "Difference"][..],
                &[
                    ("Counted", Column::Quantity),
                    ("Difference", Column::Adjustment),
                ][..],
            ),
            (
                &["Existencias", "Stock mínimo"],
                &[("Existencias", Column::Quantity)],
            ),
            (
                &["ID", "Typ", "Name", "Vorrätig?", "Lager"],
                &[("Lager", Column::Quantity)],
            ),
            (
                &["Date", "Quantity Adjusted"],
                &[("Quantity Adjusted", Column::Adjustment)],
            ),
            (
                &["Current Quantity Main", "New Quantity Main"],
                &[("New Quantity Main", Column::Quantity)],
            ),
            (&["ID", "Wieviel"], &[("Wieviel", Column::Quantity)]),
        ] {
            assert_eq!(
                likely(Column::Quantity, headers, &[]),
                proposed,
                "{headers:?}"
            );
        }
    }
}
