//! What was found in the order in which pages are read, put into the order that was asked for.

use std::cmp::Ordering;

use crate::api::{Sort, SortBy};
use crate::model::{ProductId, ProductSummary};
use crate::time::UtcTime;

/// What a product is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Time(Option<UtcTime>),
    Units(Option<i64>),
    /// As well as we can compare names; the server may know better.
    Name(Box<str>),
}

impl Key {
    fn of(product: &ProductSummary, by: SortBy) -> Key {
        match by {
            SortBy::UpdatedAt => {
                let time = product.updated_at.as_deref();
                Key::Time(time.and_then(|time| time.parse().ok()))
            }
            SortBy::TotalQuantity => Key::Units(product.total_quantity),
            SortBy::Name => Key::Name(product.name.to_lowercase().into()),
        }
    }
}

struct Row<T> {
    key: Key,
    id: ProductId,
    kept: T,
}

/// Collects what is to be kept of each product, `T`.
pub struct InOrder<T> {
    sort: Sort,
    rows: Vec<Row<T>>,
    /// What was found after its place was passed.
    late: Vec<Row<T>>,
}

impl<T> InOrder<T> {
    /// Nothing yet.
    pub fn new(sort: Sort) -> InOrder<T> {
        InOrder {
            sort,
            rows: Vec::new(),
            late: Vec::new(),
        }
    }

    /// The next product that was found, `late` when it is out of order, and what to keep of it.
    pub fn push(&mut self, product: &ProductSummary, late: bool, kept: T) {
        let row = Row {
            key: Key::of(product, self.sort.by),
            id: product.product_id,
            kept,
        };
        if late {
            self.late.push(row);
        } else {
            self.rows.push(row);
        }
    }

    /// All of it in order: times and quantities by their values, as they were seen; names as the server had them, with
    /// the late ones put where they belong by our own comparison.
    pub fn finish(mut self) -> impl Iterator<Item = T> {
        let descending = self.sort.descending;
        let compare = move |a: &Row<T>, b: &Row<T>| {
            let order = a.key.cmp(&b.key).then(a.id.cmp(&b.id));
            if descending { order.reverse() } else { order }
        };
        self.late.sort_by(&compare);
        let rows = if self.sort.by == SortBy::Name {
            merged(self.rows, self.late, compare)
        } else {
            self.rows.append(&mut self.late);
            self.rows.sort_by(compare);
            self.rows
        };
        rows.into_iter().map(|row| row.kept)
    }
}

/// The late ones among the others, which stay in their order.
fn merged<T>(
    rows: Vec<Row<T>>,
    late: Vec<Row<T>>,
    compare: impl Fn(&Row<T>, &Row<T>) -> Ordering,
) -> Vec<Row<T>> {
    let places: Vec<usize> = late
        .iter()
        .map(|late| rows.partition_point(|row| compare(row, late).is_lt()))
        .collect();
    let mut all = Vec::with_capacity(rows.len() + late.len());
    let mut late = places.into_iter().zip(late).peekable();
    for (n, row) in rows.into_iter().enumerate() {
        while let Some((_, late)) = late.next_if(|(place, _)| *place <= n) {
            all.push(late);
        }
        all.push(row);
    }
    all.extend(late.map(|(_, row)| row));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Flag;

    fn product(id: i64, name: &str, updated_at: &str, units: i64) -> ProductSummary {
        ProductSummary {
            product_id: ProductId::new(id).unwrap(),
            name: name.to_owned(),
            is_active: Flag(true),
            updated_at: Some(updated_at.to_owned()),
            total_quantity: Some(units),
            variant_count: 1,
            has_stock: Flag(units > 0),
            odd: None,
        }
    }

    fn sorted(sort: &str, products: &[(ProductSummary, bool)]) -> Vec<i64> {
        let mut order = InOrder::new(sort.parse().unwrap());
        for (product, late) in products {
            order.push(product, *late, product.product_id.get());
        }
        order.finish().collect()
    }

    #[test]
    fn times_and_quantities_are_sorted_by_value() {
        let products = [
            (product(1, "a", "2025-01-01T00:00:00Z", 9), false),
            (product(2, "b", "2025-01-01T00:00:00.500Z", 10), true),
            (product(3, "c", "2024-12-31T23:00:00-05:00", 9), false),
        ];
        assert_eq!(sorted("updated_at:desc", &products), [3, 2, 1]);
        assert_eq!(sorted("updated_at:asc", &products), [1, 2, 3]);
        assert_eq!(sorted("total_quantity:asc", &products), [1, 3, 2]);
        assert_eq!(sorted("total_quantity:desc", &products), [2, 3, 1]);
    }

    #[test]
    fn names_stay_as_the_server_had_them_and_late_ones_are_put_between() {
        let at = "2025-01-01T00:00:00Z";
        // The server has its own idea of where é belongs.
        let products = [
            (product(1, "Aster", at, 0), false),
            (product(2, "Églantine", at, 0), false),
            (product(3, "Fern", at, 0), false),
            (product(4, "Rose", at, 0), false),
            (product(5, "iris", at, 0), true),
            (product(6, "Zinnia", at, 0), true),
        ];
        assert_eq!(sorted("name:asc", &products), [1, 2, 3, 5, 4, 6]);
        let back = [
            (product(4, "Rose", at, 0), false),
            (product(3, "Fern", at, 0), false),
            (product(5, "iris", at, 0), true),
        ];
        assert_eq!(sorted("name:desc", &back), [4, 5, 3]);
    }
}
