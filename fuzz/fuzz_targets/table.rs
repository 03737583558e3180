//! Files that people import: CSV in every dialect and workbooks. The first bytes choose the options.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use sxinv::error::Result;
use sxinv::import::{self, Options, Quote};
use sxinv::wanted::{Mode, Take, Twice, Wanted};

/// Counts the rows.
#[derive(Default)]
struct Rows(u64);

impl Take for Rows {
    fn take(&mut self, _: &Wanted<'_>) -> Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn named_twice(&self) -> Result<Vec<Twice>> {
        Ok(Vec::new())
    }
}

fn options(choice: [u8; 3]) -> Options {
    let pick = |byte: u8, of: &[Option<char>]| of[usize::from(byte) % of.len()];
    Options {
        mode: [None, Some(Mode::Set), Some(Mode::Adjust), Some(Mode::Stocktake)]
            [usize::from(choice[0] & 3)],
        quote: [None, Some(Quote::None), Some(Quote::Double), None][usize::from(choice[0] >> 2 & 3)],
        negative_as_zero: choice[0] & 16 != 0,
        sum_duplicates: choice[0] & 32 != 0,
        buffer: (choice[0] & 64 != 0).then_some(3),
        header_line: (choice[0] & 128 != 0).then_some(2),
        thousands: pick(choice[1], &[None, Some(','), Some('.'), Some(' '), Some('\'')]),
        delimiter: pick(choice[1] >> 4, &[None, Some(','), Some(';'), Some('\t')]).map(|c| c as u8),
        encoding: [None, Some("windows-1252"), Some("utf-16le"), Some("shift_jis")]
            [usize::from(choice[2] & 3)]
        .map(str::to_owned),
        ..Options::default()
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first_chunk() else {
        return;
    };
    let options = options(*choice);
    let mut rows = Rows::default();
    if let Ok(sheet) = import::read(bytes, &options, &mut rows) {
        assert_eq!(sheet.rows, rows.0);
        let rejected = BTreeMap::from([(2, "why".to_owned())]);
        let _ = import::write_rejects(bytes, &options, &rejected, &mut Vec::new());
    }
    let _ = import::read_levels(bytes);
});
