use std::num::NonZeroU16;

use super::*;
use crate::progress::{Amiss, Phase};

const COLOR: Means = Means::Terminal { color: true };
const PLAIN: Means = Means::Terminal { color: false };

const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// What ran for ten seconds, at 210 rows a second, and has lost three.
fn applying() -> At {
    At {
        amiss: Amiss {
            failed: 3,
            ..Amiss::default()
        },
        ..At::counted(Phase::Applying, 4_200, 10_000)
    }
}

/// Every kind of thing that can be shown, and when it began.
fn boards(means: Means, columns: fn() -> usize, began: Instant) -> Vec<Board> {
    let amiss = Amiss {
        failed: 1_203,
        conflicts: 17,
        unknown: 1,
    };
    let at = [
        None,
        Some(applying()),
        Some(At {
            amiss,
            ..At::counted(Phase::TakingBack, 999_999, 1_000_000)
        }),
        Some(At::counted(Phase::ReadingProducts, 0, 0)),
        Some(At::counted(Phase::ListingProducts, 100_000, 340_000)),
        Some(At::begun(Phase::LookingForUpdates)),
    ];
    let waits = [
        None,
        Some("the server asks to wait"),
        Some("trying again in"),
    ];
    let each = at.iter().flat_map(|at| waits.map(|why| (*at, why)));
    each.map(|(at, why)| {
        let mut board = Board::new(means, columns);
        board.begin(began);
        if let Some(at) = at {
            board.update(At { done: 0, ..at }, began);
            board.update(
                At {
                    done: at.done / 2,
                    ..at
                },
                began + millis(1_000),
            );
            board.update(at, began + millis(11_000));
        }
        let until = began + millis(42_000);
        board.wait = why.map(|why| Wait { why, until });
        board
    })
    .collect()
}

/// What a terminal of so many columns shows, and which of its lines it had to break.
fn screen(bytes: &[u8], columns: usize) -> (String, bool) {
    let size = |n: usize| NonZeroU16::new(n as u16).unwrap();
    let mut parser = vt100::Parser::new(size(10), size(columns), 0);
    parser.process(bytes);
    let broken = (0..10).any(|row| parser.screen().row_wrapped(row));
    (parser.screen().contents(), broken)
}

#[test]
fn no_line_breaks_or_stays_however_narrow_the_terminal_is() {
    let began = Instant::now();
    let widths: [fn() -> usize; 9] = [
        || 1,
        || 10,
        || 20,
        || 40,
        || 60,
        || 80,
        || 110,
        || 160,
        || 300,
    ];
    for (columns, means) in widths.iter().flat_map(|w| [(*w, COLOR), (*w, PLAIN)]) {
        for mut board in boards(means, columns, began) {
            let mut bytes = Vec::new();
            board.show(began + millis(11_000), &mut bytes);
            let (shown, broken) = screen(&bytes, columns());
            assert!(!broken, "{} columns: {shown:?}", columns());
            let something = board.meter.is_some() || board.wait.is_some();
            assert_eq!(!shown.is_empty(), something, "{shown:?}");
            if something && columns() > 10 {
                // What a terminal shows of Ctrl-C, and then a note.
                bytes.extend(b"^C");
                board.erase(&mut bytes);
                bytes.extend(b"stopping\r\n");
                board.show(began + millis(11_200), &mut bytes);
                board.clear(&mut bytes);
                assert_eq!(screen(&bytes, columns()).0, "stopping");
            }
        }
    }
}

#[test]
fn a_line_that_a_narrower_terminal_broke_goes_as_a_whole() {
    let began = Instant::now();
    let mut board = boards(PLAIN, || 30, began).swap_remove(3);
    let wide = "━━━─── applying: 4,200 of 10,000 rows, about 2 min left";
    board.drawn = Some((wide.to_owned(), 55));
    let mut bytes = format!("before\r\n{wide}").into_bytes();
    board.show(began + millis(11_000), &mut bytes);
    assert_eq!(screen(&bytes, 30).0, "before\napplying: 42%, 3 failed");
}

#[test]
fn what_fits_is_shown_and_failures_have_their_color() {
    let began = Instant::now();
    let at = |columns: fn() -> usize, wait: bool| {
        let mut board = boards(PLAIN, columns, began).swap_remove(if wait { 4 } else { 3 });
        let mut bytes = Vec::new();
        board.show(began + millis(11_000), &mut bytes);
        screen(&bytes, columns()).0
    };
    assert_eq!(
        at(|| 160, false),
        "━━━━━━━━━━────────────── applying: 4,200 of 10,000 rows, 3 failed, 210 rows/s, about 27 s left"
    );
    assert_eq!(
        at(|| 80, false),
        "━━━───── applying: 4,200 of 10,000, 3 failed, 210 rows/s, about 27 s left"
    );
    assert_eq!(
        at(|| 60, false),
        "applying: 4,200 of 10,000 rows, 3 failed, about 27 s left"
    );
    assert_eq!(at(|| 40, false), "applying: 42%, 3 failed");
    assert_eq!(at(|| 20, false), "42%, 3 failed");
    assert_eq!(
        at(|| 80, true),
        "━━━───── applying: 42%, 3 failed; the server asks to wait 31 s"
    );
    assert_eq!(at(|| 20, true), "waiting 31 s");

    let mut board = boards(COLOR, || 160, began).swap_remove(3);
    let mut bytes = Vec::new();
    board.show(began + millis(11_000), &mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let red = format!("{}3 failed", crate::color::ERROR);
    assert!(text.contains(&red), "{text:?}");
}

#[test]
fn what_is_over_soon_is_never_drawn() {
    let began = Instant::now();
    let mut board = Board::new(PLAIN, || 80);
    board.begin(began);
    board.update(applying(), began);
    let mut bytes = Vec::new();
    board.show(began + millis(299), &mut bytes);
    board.clear(&mut bytes);
    assert_eq!(bytes, b"");
    // Nor over a text that has not come to the end of its line.
    board.begin(began);
    board.update(applying(), began);
    board.mid_line = true;
    board.show(began + millis(5_000), &mut bytes);
    assert_eq!(bytes, b"");
}

#[test]
fn a_log_gets_a_line_every_ten_seconds_and_none_before() {
    let began = Instant::now();
    let mut board = Board::new(Means::Log, || 80);
    let mut lines = Vec::new();
    board.begin(began);
    for second in 0..=45_u64 {
        let now = began + millis(second * 1_000);
        board.update(
            At {
                done: second * 210,
                ..applying()
            },
            now,
        );
        board.show(now, &mut lines);
        if second == 15 {
            // Another phase has no clock of its own.
            board.clear(&mut lines);
            board.begin(now);
        }
    }
    assert_eq!(
        String::from_utf8(lines).unwrap(),
        "applying: 2,100 of 10,000 rows, 3 failed, 210 rows/s, about 37 s left\n\
         applying: 4,200 of 10,000 rows, 3 failed, 210 rows/s, about 27 s left\n\
         applying: 6,300 of 10,000 rows, 3 failed, 210 rows/s, about 17 s left\n\
         applying: 8,400 of 10,000 rows, 3 failed, 210 rows/s, about 7 s left\n"
    );
}

#[test]
fn a_log_tells_of_a_wait_and_of_what_has_no_count() {
    let began = Instant::now();
    let mut lines = String::new();
    for mut board in boards(Means::Log, || 20, began) {
        let mut bytes = Vec::new();
        board.show(began + millis(9_999), &mut bytes);
        assert_eq!(bytes, b"");
        board.show(began + millis(11_000), &mut bytes);
        lines += &String::from_utf8(bytes).unwrap();
    }
    for line in [
        "applying: 4,200 of 10,000 rows, 3 failed, about 27 s left; the server asks to wait 31 s\n",
        "taking back: 999,999 of 1,000,000 rows, 1,203 failed, 17 conflicts, 1 unknown, 50,000 rows/s\n",
        "listing products: 100,000 of 340,000, 5,000/s, about 48 s left\n",
        "looking for updates, 11 s\n",
    ] {
        assert!(lines.contains(line), "no {line:?} in\n{lines}");
    }
}

#[test]
fn a_quiet_program_shows_nothing() {
    let began = Instant::now();
    for mut board in boards(Means::Nothing, || 80, began) {
        let mut bytes = Vec::new();
        board.show(began + millis(60_000), &mut bytes);
        assert_eq!(bytes, b"");
    }
}
