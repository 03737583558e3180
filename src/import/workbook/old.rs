//! What an Excel workbook of before 2007 (xls) may hold. It is not packed, but one cell far out makes a large table.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::{broken, locked, too_large};
use crate::error::Result;

/// The largest file, in bytes.
const FILE: usize = 32 << 20;

/// Cells of the smallest rectangles around what is in the sheets, together.
const CELLS: u64 = 4_000_000;

/// Record types ([MS-XLS] 2.3).
const BEGIN: u16 = 0x0809;
const DIMENSIONS: u16 = 0x0200;

/// An error, usage: too large, locked by a password, or no workbook at all.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    if bytes.len() > FILE {
        return Err(too_large("an xls file is read up to 32 MiB"));
    }
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(broken)?;
    if file.exists("/EncryptedPackage") {
        return Err(locked());
    }
    let path = ["/Workbook", "/Book"]
        .into_iter()
        .find(|path| file.exists(path));
    let Some(path) = path else {
        return Err(broken("it is no Excel workbook"));
    };
    let mut stream = Vec::new();
    let part = file.open_stream(path).map_err(broken)?;
    part.take(FILE as u64)
        .read_to_end(&mut stream)
        .map_err(broken)?;
    if area(&stream) > CELLS {
        return Err(too_large("its cells lie too far apart"));
    }
    Ok(())
}

/// Cells of the rectangles around what is in each part of the stream.
fn area(stream: &[u8]) -> u64 {
    let number = |bytes: &[u8], at: usize| {
        let pair = bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok());
        u64::from(pair.map_or(0, u16::from_le_bytes))
    };
    let (mut total, mut at) = (0u64, 0);
    let (mut rows, mut columns) = (0, 0);
    while let Some(head) = stream.get(at..at + 4) {
        let kind = number(head, 0) as u16;
        let length = number(head, 2) as usize;
        let body = stream.get(at + 4..at + 4 + length).unwrap_or_default();
        at += 4 + length;
        match kind {
            BEGIN => {
                total = total.saturating_add(rows * columns);
                (rows, columns) = (0, 0);
            }
            DIMENSIONS => {
                // From row to row, of four bytes each, and from column to column, of two.
                let rows = number(body, 4) + (number(body, 6) << 16);
                columns = columns.max(1);
                total = total.saturating_add(rows.saturating_mul(number(body, 10)));
            }
            // Number, label, formula, several numbers, and so on all begin with row and column.
            0x0006 | 0x00BD | 0x00D6 | 0x00FD | 0x0203..=0x0205 | 0x027E => {
                rows = rows.max(number(body, 0) + 1);
                let last = match kind {
                    0x00BD => number(body, body.len().saturating_sub(2)),
                    _ => number(body, 2),
                };
                columns = columns.max(last + 1);
            }
            _ => {}
        }
    }
    total.saturating_add(rows * columns)
}
