//! Cells that a spreadsheet merged over several rows. What stands in one stands in its first row alone; whether it is meant
//! for the others can be seen by people, and by nobody who reads the cells.

use std::collections::HashMap;

use calamine::Dimensions;

use super::text::COLUMNS;
use super::too_large;
use crate::error::Result;

/// How many merged cells a sheet may have, each counted once in every column that it covers.
const MOST: usize = 500_000;

/// The merged cells of a sheet, by column.
#[derive(Debug, Default)]
pub(super) struct Merged {
    columns: HashMap<u32, Vec<Cell>>,
    count: usize,
}

/// The rows that one covers in a column, from 0.
#[derive(Clone, Copy, Debug)]
struct Cell {
    first: u32,
    last: u32,
}

impl Merged {
    /// An error, usage: there are too many.
    pub(super) fn of(dimensions: impl IntoIterator<Item = Dimensions>) -> Result<Merged> {
        let mut merged = Merged::default();
        for at in dimensions {
            merged.add((at.start.0, at.end.0), (at.start.1, at.end.1))?;
        }
        merged.finish();
        Ok(merged)
    }

    /// Adds one that covers these rows and columns, the last ones included. An error, usage: there are too many.
    pub(super) fn add(&mut self, rows: (u32, u32), columns: (u32, u32)) -> Result<()> {
        let (first, last) = rows;
        if first >= last {
            return Ok(());
        }
        for column in columns.0..=columns.1.min(COLUMNS - 1) {
            self.count += 1;
            if self.count > MOST {
                return Err(too_large("it has over 500,000 merged cells"));
            }
            let cells = self.columns.entry(column).or_default();
            cells.push(Cell { first, last });
        }
        Ok(())
    }

    /// To be called when all were added.
    pub(super) fn finish(&mut self) {
        for cells in self.columns.values_mut() {
            cells.sort_unstable_by_key(|cell| cell.first);
            // They never overlap where a spreadsheet wrote them.
            let mut last = 0;
            for cell in cells {
                last = last.max(cell.last);
                cell.last = last;
            }
        }
    }

    /// In which row stands what is meant for this cell too, where that is another one.
    pub(super) fn begins(&self, row: u32, column: u32) -> Option<u32> {
        let cells = self.columns.get(&column)?;
        let before = cells.partition_point(|cell| cell.first < row);
        let cell = cells.get(before.checked_sub(1)?)?;
        (row <= cell.last).then_some(cell.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_first_row_of_a_merged_cell_belong_to_that() {
        let at = |start, end| Dimensions::new(start, end);
        let merged = Merged::of([at((5, 0), (7, 1)), at((1, 0), (2, 0)), at((3, 0), (3, 4))]);
        let merged = &merged.unwrap();
        let begins = |column| (0..9).map(move |row| merged.begins(row, column));
        let (two, six) = (Some(1), Some(5));
        assert!(begins(0).eq([None, None, two, None, None, None, six, six, None]));
        assert!(begins(1).eq([None, None, None, None, None, None, six, six, None]));
        assert!(begins(2).all(|row| row.is_none()), "in one row alone");
        let wide = at((0, 0), (1, 16_383));
        assert!(Merged::of([wide]).is_ok());
        assert!(Merged::of([wide; 600]).is_err());
    }
}
