//! What an Excel workbook of before 2007 (xls) may hold. It is not packed, but one cell far out makes a large table.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::shown::{Formats, Shown};
use super::{broken, locked, too_large};
use crate::error::Result;

/// The largest file, in bytes.
const FILE: usize = 32 << 20;

/// Cells of the smallest rectangles around what is in the sheets, together.
const CELLS: u64 = 4_000_000;

/// Record types ([MS-XLS] 2.3).
const BEGIN: u16 = 0x0809;
const DIMENSIONS: u16 = 0x0200;
const SHEET: u16 = 0x0085;
const FORMAT: u16 = 0x041E;
const STYLE: u16 = 0x00E0;
const ROW: u16 = 0x0208;

/// The bit of a row that can't be seen, in its flags.
const HIDDEN: u64 = 0x20;

/// How the numbers of each sheet are shown, in the order in which the workbook names its sheets. An error, usage: too large,
/// locked by a password, or no workbook at all.
pub(super) fn check(bytes: &[u8]) -> Result<Vec<Formats>> {
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
    Ok(formats(&stream))
}

/// The number of two bytes there; 0 where there is none.
fn number(bytes: &[u8], at: usize) -> u64 {
    let pair = bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok());
    u64::from(pair.map_or(0, u16::from_le_bytes))
}

/// Each record: where it stands, its type, and what is in it.
fn records(stream: &[u8]) -> impl Iterator<Item = (usize, u16, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let here = at;
        let head = stream.get(here..here + 4)?;
        let length = number(head, 2) as usize;
        at += 4 + length;
        let body = stream.get(here + 4..at).unwrap_or_default();
        Some((here, number(head, 0) as u16, body))
    })
}

/// How the numbers of each sheet are shown.
fn formats(stream: &[u8]) -> Vec<Formats> {
    let mut since_97 = true;
    // Formats that are built in ([MS-XLS] 2.5.165).
    let mut known = HashMap::from([(9, Shown::Percentage), (10, Shown::Percentage)]);
    let (mut styles, mut begins) = (Vec::new(), Vec::new());
    let mut sheets: Vec<Formats> = Vec::new();
    let mut sheet = None;
    for (at, kind, body) in records(stream) {
        let style = |at: usize| -> Option<Shown> {
            let format: &u64 = styles.get(number(body, at) as usize)?;
            known.get(format).copied()
        };
        match kind {
            BEGIN => {
                since_97 = number(body, 0) >= 0x0600;
                sheet = begins.iter().position(|begin| *begin == at);
            }
            SHEET => {
                begins.push((number(body, 0) + (number(body, 2) << 16)) as usize);
                sheets.push(Formats::default());
            }
            FORMAT => {
                if let Some(shown) = Shown::of_format(&text(body, since_97)) {
                    known.insert(number(body, 0), shown);
                }
            }
            STYLE => styles.push(number(body, 2)),
            ROW => {
                let filled = number(body, 2) < number(body, 4);
                if let (Some(sheet), true, true) = (sheet, filled, number(body, 12) & HIDDEN != 0) {
                    sheets[sheet].hidden = true;
                }
            }
            // Several numbers in a row: a style before each, and the last column behind them.
            0x00BD => {
                let columns = body.len().saturating_sub(6) / 6;
                for n in 0..columns {
                    if let (Some(shown), Some(sheet)) = (style(4 + n * 6), sheet) {
                        let column = number(body, 2) as u32 + n as u32;
                        sheets[sheet].add(number(body, 0) as u32, column, shown);
                    }
                }
            }
            0x0006 | 0x0203 | 0x027E => {
                if let (Some(shown), Some(sheet)) = (style(4), sheet) {
                    sheets[sheet].add(number(body, 0) as u32, number(body, 2) as u32, shown);
                }
            }
            _ => {}
        }
    }
    sheets.into_iter().map(Formats::settled).collect()
}

/// The text of a format. Only its ASCII letters say something about a number.
fn text(body: &[u8], since_97: bool) -> String {
    let letter = |b: u8| if b.is_ascii() { char::from(b) } else { '?' };
    let (length, rest) = match since_97 {
        true => (number(body, 2) as usize, body.get(4..).unwrap_or_default()),
        false => (
            body.get(2).copied().unwrap_or_default().into(),
            body.get(3..).unwrap_or_default(),
        ),
    };
    let (wide, rest) = match (since_97, rest) {
        (true, [flags, rest @ ..]) => (flags & 1 == 1, rest),
        _ => (false, rest),
    };
    let step = if wide { 2 } else { 1 };
    rest.chunks(step)
        .take(length)
        .map(|c| letter(c[0]))
        .collect()
}

/// Cells of the rectangles around what is in each part of the stream.
fn area(stream: &[u8]) -> u64 {
    let mut total = 0u64;
    let (mut rows, mut columns) = (0, 0);
    for (_, kind, body) in records(stream) {
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
