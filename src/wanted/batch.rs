//! Many wanted changes in little memory: a column for each thing that rows say.
//!
//! A plan of a million rows has to fit beside other programs on a shop's machine. Most files name variants in one way
//! and say nothing of most things, so a column takes room only up to the last row that has something in it: a row of
//! ids and a quantity costs twenty-eight bytes, one of a code and a quantity sixteen and the letters of its code.

use super::Wanted;
use crate::model::{ProductId, SkuId};

/// Wanted changes in their order.
#[derive(Clone, Default)]
pub struct Batch {
    lines: Vec<u32>,
    values: Vec<i64>,
    sku_ids: Column<Option<SkuId>>,
    product_ids: Column<Option<ProductId>>,
    expected: Column<Option<i64>>,
    codes: Texts,
    reasons: Texts,
    /// Which of `reasons` a row has, from 1; files give many rows the same one after another.
    reason: Column<u32>,
    /// So many reasons there are.
    distinct: u32,
    /// Which rows fail as they stand, and why: few, in the order of rows.
    faults: Vec<(usize, Box<str>)>,
    /// So many rows are expected.
    rows: usize,
}

impl Batch {
    /// An empty one for about this many rows: no column is moved while they come, which would take twice its room.
    pub fn with_capacity(rows: usize) -> Batch {
        Batch {
            lines: Vec::with_capacity(rows),
            values: Vec::with_capacity(rows),
            rows,
            ..Batch::default()
        }
    }

    /// Adds a row at the end. All codes and all reasons take less than 4 GiB; files are no larger.
    pub fn push(&mut self, wanted: Wanted<'_>) {
        let row = self.len();
        self.lines.push(wanted.line);
        self.values.push(wanted.value);
        self.sku_ids.put(row, wanted.sku_id, self.rows);
        self.product_ids.put(row, wanted.product_id, self.rows);
        self.expected.put(row, wanted.expected, self.rows);
        if let Some(code) = wanted.code {
            self.codes.put(row, code, self.rows);
        }
        if let Some(reason) = wanted.reason {
            let last = self.distinct.checked_sub(1);
            if last.and_then(|last| self.reasons.get(last as usize)) != Some(reason) {
                self.reasons.put(self.distinct as usize, reason, 0);
                self.distinct += 1;
            }
            self.reason.put(row, self.distinct, self.rows);
        }
        if let Some(fault) = wanted.fault {
            self.faults.push((row, fault.into()));
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The row at `row`, below [`Batch::len`].
    pub fn get(&self, row: usize) -> Wanted<'_> {
        let reason = self.reason.get(row).checked_sub(1);
        Wanted {
            line: self.lines[row],
            value: self.values[row],
            sku_id: self.sku_ids.get(row),
            product_id: self.product_ids.get(row),
            expected: self.expected.get(row),
            code: self.codes.get(row),
            reason: reason.and_then(|number| self.reasons.get(number as usize)),
            fault: self.fault(row),
        }
    }

    fn fault(&self, row: usize) -> Option<&str> {
        let at = self.faults.binary_search_by_key(&row, |(row, _)| *row);
        Some(&self.faults[at.ok()?].1)
    }

    /// The rows in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Wanted<'_>> + DoubleEndedIterator + Clone {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl<'a> FromIterator<Wanted<'a>> for Batch {
    fn from_iter<I: IntoIterator<Item = Wanted<'a>>>(rows: I) -> Batch {
        let rows = rows.into_iter();
        let mut batch = Batch::with_capacity(rows.size_hint().0);
        rows.for_each(|row| batch.push(row));
        batch
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// One value a row; rows after the last that has one are not kept.
#[derive(Clone, Default)]
struct Column<T>(Vec<T>);

impl<T: Copy + Default + PartialEq> Column<T> {
    /// Gives a row its value; `room` for so many is made when the first one comes.
    fn put(&mut self, row: usize, value: T, room: usize) {
        if value == T::default() {
            return;
        }
        if self.0.is_empty() {
            self.0.reserve_exact(room);
        }
        self.0.resize(row, T::default());
        self.0.push(value);
    }

    fn get(&self, row: usize) -> T {
        self.0.get(row).copied().unwrap_or_default()
    }
}

/// One text a row, or none; rows after the last that has one are not kept.
#[derive(Clone, Default)]
struct Texts {
    /// One after another, each with [`END`] behind it: an empty text is not the same as none.
    letters: String,
    /// Where each row's letters end and the next one's begin.
    ends: Vec<u32>,
}

const END: char = '\0';

impl Texts {
    fn put(&mut self, row: usize, text: &str, room: usize) {
        if self.ends.is_empty() {
            self.ends.reserve_exact(room);
        }
        self.ends.resize(row, self.end());
        self.letters.push_str(text);
        self.letters.push(END);
        self.ends.push(self.end());
    }

    fn end(&self) -> u32 {
        u32::try_from(self.letters.len()).unwrap_or(u32::MAX)
    }

    fn get(&self, row: usize) -> Option<&str> {
        let to = *self.ends.get(row)?;
        let from = match row {
            0 => 0,
            _ => self.ends[row - 1],
        };
        self.letters[from as usize..to as usize].strip_suffix(END)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::SkuRef;
    use super::*;

    proptest! {
        #[test]
        fn rows_come_back_as_they_went_in(
            rows in prop::collection::vec((
                any::<u32>(), any::<i64>(), prop::option::of(1i64..), prop::option::of(1i64..),
                prop::option::of(any::<i64>()), prop::option::of("[a\0é]{0,3}"), prop::option::of("[a\0]{0,2}"),
                prop::option::of("[a]{0,2}"),
            ), 0..40),
        ) {
            let rows: Vec<Wanted> = rows.iter().map(|(line, value, sku, product, expected, code, reason, fault)| Wanted {
                line: *line,
                value: *value,
                sku_id: sku.and_then(SkuId::new),
                product_id: product.and_then(ProductId::new),
                expected: *expected,
                code: code.as_deref(),
                reason: reason.as_deref(),
                fault: fault.as_deref(),
            }).collect();
            let batch: Batch = rows.iter().copied().collect();
            prop_assert_eq!(batch.len(), rows.len());
            prop_assert_eq!(batch.iter().collect::<Vec<_>>(), rows);
        }
    }

    #[test]
    fn what_no_row_says_takes_no_room() {
        let sku = SkuRef::Id(SkuId::new(1).unwrap());
        let batch: Batch = (0..1000).map(|line| Wanted::adjust(line, sku, 1)).collect();
        assert_eq!(batch.product_ids.0.capacity(), 0);
        assert_eq!(batch.codes.ends.capacity(), 0);
        let same = |line| Wanted::adjust(line, sku, 1).because(Some("Damaged"));
        let batch: Batch = (0..1000).map(same).collect();
        assert_eq!(batch.reasons.letters, "Damaged\0");
    }
}
