//! `scan`: from a scanner's lines to a file that `import-csv` applies.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use rusqlite::{Connection, params};
use sxinv::sandbox::Options;

use crate::shop::{Ran, Shop};

/// A scan whose lines come from a pipe, one by one.
struct Scan {
    child: Child,
    input: ChildStdin,
    shown: Lines<BufReader<ChildStdout>>,
}

impl Scan {
    fn begin(shop: &Shop, words: &[&str]) -> Scan {
        let mut child = shop
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Scan {
            input: child.stdin.take().unwrap(),
            shown: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        }
    }

    /// Scans a code that counts, and waits until it is shown.
    fn scans(&mut self, code: &str) -> String {
        writeln!(self.input, "{code}").unwrap();
        self.shown.next().unwrap().unwrap()
    }

    fn ends(self, code: i32) -> Ran {
        drop(self.input);
        let rest: Vec<String> = self.shown.map(Result::unwrap).collect();
        let ran = Ran::of(self.child.wait_with_output().unwrap());
        Ran {
            stdout: rest.join("\n"),
            ..ran
        }
        .ends(code)
    }
}

fn path(shop: &Shop, name: &str) -> String {
    let path: PathBuf = shop.folder.path().join(name);
    path.to_str().unwrap().to_owned()
}

/// Gives a variant another code, as an edit of its product.
fn recode(shop: &Shop, sku: i64, code: &str) {
    let store = Connection::open(shop.folder.path().join("shop.db")).unwrap();
    store
        .execute(
            "UPDATE variants SET sku_code = ?2 WHERE sku_id = ?1",
            params![sku, code],
        )
        .unwrap();
    store
        .execute(
            "UPDATE products SET updated_at = (SELECT max(updated_at) + 1000 FROM products)
             WHERE product_id = (SELECT product_id FROM variants WHERE sku_id = ?1)",
            [sku],
        )
        .unwrap();
}

#[test]
fn a_count_becomes_a_stocktake_that_keeps_what_is_sold_meanwhile() {
    let shop = Shop::new();
    let file = path(&shop, "count.csv");
    let lines = b"PRB-SM-RED\r\nPRB-SM-RED\r\n12\r\nPRB-LG-RED\r\n-\r\nPRB-SM-RDE\r\nPRB-LG-WHT\r0\r\nend\r\nPRB-LG-RED\n";
    let ran = shop.run_with(&["scan", &file], lines).ends(0);
    assert!(
        ran.stdout
            .contains("PRB-SM-RED  Premium Rose Bouquet / Small / Red  13"),
        "{ran:#?}"
    );
    let told = "warning: not counted: no variant PRB-SM-RDE in the store; did you mean PRB-SM-RED?";
    assert!(ran.stderr.contains(told), "{ran:#?}");
    let written = shop.read("count.csv");
    assert_eq!(
        written,
        "product_id,sku_id,sku_code,name,expected_quantity,quantity\n\
         150,450,PRB-SM-RED,Premium Rose Bouquet / Small / Red,25,13\n\
         150,452,PRB-LG-WHT,Premium Rose Bouquet / Large / White,0,0\n"
    );
    let command = ran.stdout.lines().last().unwrap();
    assert!(command.ends_with("--mode stocktake"), "{command}");
    assert!(!shop.folder.path().join("count.csv.scan").exists());
    shop.moves(450, -2);
    shop.run(&["import-csv", &file, "--mode", "stocktake", "--yes"])
        .ends(0);
    assert_eq!(shop.stock(450), 11);
}

#[test]
fn what_comes_in_goes_up_and_what_is_picked_goes_down() {
    let shop = Shop::new();
    let labels = shop.file("labels.csv", "barcode,sku_code\n4006381333931,PRB-SM-RED\n");
    let before = shop.stock(450);
    for (mode, units) in [("receive", 3), ("pick", -3)] {
        let file = path(&shop, &format!("{mode}.csv"));
        let words = [
            "scan",
            &file,
            "--mode",
            mode,
            "--aliases",
            labels.to_str().unwrap(),
        ];
        let lines = b"4006381333931\n3\n450450450450\n12\n";
        let ran = shop.run_with(&words, lines).ends(0);
        assert!(ran.stderr.contains("no variant 450450450450"), "{ran:#?}");
        // The number of a code that did not count is about no other.
        assert!(ran.stderr.contains("12 is not a code"), "{ran:#?}");
        let was = shop.stock(450);
        shop.run(&["import-csv", &file, "--yes"]).ends(0);
        assert_eq!(shop.stock(450), was + units);
    }
    assert_eq!(shop.stock(450), before);
}

#[test]
fn digits_that_the_store_knows_are_a_code_and_never_an_id() {
    let shop = Shop::new();
    recode(&shop, 451, "12");
    recode(&shop, 452, "4006381333931");
    let file = path(&shop, "in.csv");
    let lines = b"PRB-SM-RED\n12\n7\n4006381333931\n321\nid:450\n";
    let ran = shop
        .run_with(&["scan", &file, "--mode", "receive"], lines)
        .ends(0);
    // 321 is the number of the code before it.
    assert!(
        ran.stdout
            .contains("4006381333931  Premium Rose Bouquet / Large / White  321")
    );
    let written = shop.read("in.csv");
    for row in [
        "150,450,PRB-SM-RED,Premium Rose Bouquet / Small / Red,2\n",
        "150,451,12,Premium Rose Bouquet / Large / Red,7\n",
        "150,452,4006381333931,Premium Rose Bouquet / Large / White,321\n",
    ] {
        assert!(written.contains(row), "{written}");
    }
    // As a spreadsheet would have it, and as import-csv takes it back.
    shop.run(&["import-csv", &file, "--yes"]).ends(0);
    assert_eq!(shop.stock(452), 321);
}

#[test]
fn kill_9_loses_no_line_and_resume_goes_on() {
    let shop = Shop::new();
    let file = path(&shop, "count.csv");
    let mut scan = Scan::begin(&shop, &["scan", &file]);
    scan.input.write_all(&b"PRB-SM-RED\n".repeat(20)).unwrap();
    for n in 1..=20 {
        let line = scan.shown.next().unwrap().unwrap();
        assert!(line.ends_with(&format!("  {n}")), "{line}");
    }
    let second = shop.run_with(&["scan", "--resume", &file], b"").ends(2);
    assert!(second.stderr.contains("somebody scans into"), "{second:#?}");
    scan.child.kill().unwrap();
    scan.child.wait().unwrap();
    assert!(!PathBuf::from(&file).exists());
    let again = shop.run_with(&["scan", &file], b"").ends(2);
    assert!(again.stderr.contains("scan --resume"), "{again:#?}");
    // What was scanned stays what it was, whatever the code means by now.
    recode(&shop, 450, "OLD");
    recode(&shop, 451, "PRB-SM-RED");
    recode(&shop, 450, "PRB-SM-RED-2");
    let ran = shop
        .run_with(&["scan", "--resume", &file], b"PRB-SM-RED\n")
        .ends(7);
    let told = "goes on after 20 scans of 1 variant";
    assert!(ran.stderr.contains(told), "{ran:#?}");
    assert!(ran.stderr.contains("PRB-SM-RED (20 scanned)"), "{ran:#?}");
    let written = shop.read("count.csv");
    assert!(written.contains(",451,PRB-SM-RED,"), "{written}");
    assert!(written.ends_with(",12,1\n"), "{written}");
}

#[test]
fn lines_that_were_not_looked_up_before_the_end_came_are_looked_up_later() {
    let shop = Shop::new();
    let file = path(&shop, "in.csv");
    let mut scan = Scan::begin(&shop, &["scan", &file, "--mode", "receive"]);
    scan.scans("PRB-SM-RED");
    scan.child.kill().unwrap();
    scan.child.wait().unwrap();
    let journal = format!("{file}.scan");
    let mut text = fs::read_to_string(&journal).unwrap();
    text += "{\"line\":\"PRB-LG-RED\"}\n{\"line\":\"NO-SUCH\"}\n{\"line\":\"PRB";
    fs::write(&journal, text).unwrap();
    let ran = shop.run_with(&["scan", "--resume", &file], b"").ends(0);
    assert!(ran.stdout.contains("PRB-LG-RED"), "{ran:#?}");
    assert!(ran.stderr.contains("no variant NO-SUCH"), "{ran:#?}");
    assert!(shop.read("in.csv").contains("PRB-LG-RED"), "{ran:#?}");
}

#[test]
fn a_known_code_needs_no_request_and_one_that_moved_is_found_out() {
    let shop = Shop::new();
    shop.run(&["show", "PRB-SM-RED"]).ends(0);
    let file = path(&shop, "in.csv");
    let mut scan = Scan::begin(&shop, &["-v", "scan", &file, "--mode", "receive"]);
    for _ in 0..10 {
        scan.scans("PRB-SM-RED");
    }
    scan.scans("PRB-LG-RED");
    recode(&shop, 450, "PRB-SM-ROSE");
    let ran = scan.ends(7);
    let products = ran.stderr.matches("/products/150 ").count()
        + ran.stderr.matches("/inventory/150 ").count();
    assert_eq!(products, 1, "{ran:#?}");
    assert!(ran.stderr.contains("PRB-SM-RED (10 scanned)"), "{ran:#?}");
    let written = shop.read("in.csv");
    assert!(
        written.contains("PRB-LG-RED") && !written.contains("ROSE,"),
        "{written}"
    );
}

#[test]
fn a_store_out_of_reach_keeps_nobody_from_scanning() {
    let mut shop = Shop::new();
    shop.run(&["show", "PRB-SM-RED"]).ends(0);
    shop.serve_again(Options {
        faults: "503=1".parse().unwrap(),
        ..Options::default()
    });
    let file = path(&shop, "count.csv");
    let words = ["--retries", "0", "scan", &file, "-o", "jsonl"];
    let mut scan = Scan::begin(&shop, &words);
    let line = scan.scans("PRB-SM-RED");
    assert!(line.contains("\"total\":1"), "{line}");
    let ran = scan.ends(6);
    assert!(
        ran.stderr.contains("codes are those of the last time"),
        "{ran:#?}"
    );
    let hint = ran.error()["hint"].to_string();
    assert!(
        hint.contains("what was scanned is kept: sxinv -p sandbox"),
        "{hint}"
    );
    shop.serve_again(Options::default());
    shop.moves(450, -1);
    let ran = shop
        .run_with(&["scan", "--resume", &file, "-o", "json"], b"")
        .ends(0);
    assert_eq!(ran.json()["read_late"][0], "PRB-SM-RED");
    assert!(
        ran.stderr.contains("read later than they were scanned"),
        "{ran:#?}"
    );
    assert!(shop.read("count.csv").ends_with(",24,1\n"));
}

#[test]
fn a_file_whose_name_begins_with_a_dash_is_no_option_in_the_command_that_applies_it() {
    let shop = Shop::new();
    let ran = shop
        .run_with(&["scan", "--", "-x.csv"], b"PRB-SM-RED\n")
        .ends(0);
    assert!(
        ran.stdout
            .ends_with(" import-csv ./-x.csv --mode stocktake\n"),
        "{ran:#?}"
    );
}

#[test]
fn a_file_that_somebody_edited_is_not_replaced() {
    let shop = Shop::new();
    let file = path(&shop, "in.csv");
    let words = ["scan", &file, "--mode", "receive"];
    for _ in 0..2 {
        shop.run_with(&words, b"PRB-SM-RED\n").ends(0);
    }
    let text = shop.read("in.csv");
    shop.file("in.csv", text.replace(",1\n", ",2\n"));
    let ran = shop.run_with(&words, b"PRB-SM-RED\n").ends(2);
    assert!(ran.stderr.contains("was edited since"), "{ran:#?}");
    let ran = shop.run_with(&["scan", "-"], b"PRB-SM-RED\n").ends(2);
    assert!(ran.stderr.contains("name a file"), "{ran:#?}");
}

#[cfg(unix)]
mod at_a_terminal {
    use super::*;
    use crate::terminal::at_terminal;
    use std::time::Duration;

    #[test]
    fn a_scanner_that_does_not_wait_loses_no_code() {
        let shop = Shop::with(Options {
            latency: Duration::from_millis(100),
            ..Options::default()
        });
        let file = path(&shop, "count.csv");
        let mut command = shop.command(&["scan", &file]);
        command.env("TERM", "xterm");
        let mut session = at_terminal(&command, 80);
        session.exp_string("end ends").unwrap();
        // Far more than twenty in a second, between them codes that the store has to be asked for.
        let codes = ["PRB-SM-RED\r", "NO-SUCH\r", "PRB-LG-RED\r", "PRB-SM-RED\r"];
        for _ in 0..75 {
            for code in codes.iter().filter(|code| !code.starts_with("NO")) {
                session.send(code).unwrap();
            }
        }
        session.send(codes[1]).unwrap();
        session.send_line("end").unwrap();
        session.exp_eof().unwrap();
        let written = shop.read("count.csv");
        assert!(
            written.contains(",450,PRB-SM-RED,Premium Rose Bouquet / Small / Red,25,150\n"),
            "{written}"
        );
        assert!(written.contains(",12,75\n"), "{written}");
    }

    #[test]
    fn the_screen_is_quiet_large_and_put_back() {
        let shop = Shop::new();
        let file = path(&shop, "count.csv");
        let mut command = shop.command(&["scan", &file]);
        command.env("TERM", "xterm");
        let mut session = at_terminal(&command, 80);
        session.exp_string("\u{1b}[?1049h").unwrap();
        session.exp_string("end ends").unwrap();
        session.send_line("PRB-SM-RED").unwrap();
        session.exp_string("1 scan;").unwrap();
        session.send_line("NO-SUCH").unwrap();
        session.exp_string("\u{7}").unwrap();
        session.exp_string("no variant NO-SUCH").unwrap();
        session.send_control('c').unwrap();
        session.exp_string("\u{1b}[?1049l").unwrap();
        session
            .exp_string("interrupted; what was scanned is kept:")
            .unwrap();
        session.exp_string("sxinv").unwrap();
        session.exp_eof().unwrap();
        shop.run_with(&["scan", "--resume", &file], b"").ends(0);
        assert!(shop.read("count.csv").ends_with(",25,1\n"));
    }

    #[test]
    fn a_terminal_that_draws_no_line_again_gets_lines() {
        let shop = Shop::new();
        let mut command = shop.command(&["scan", &path(&shop, "count.csv")]);
        command.env("TERM", "dumb");
        let mut session = at_terminal(&command, 80);
        session.send_line("PRB-SM-RED").unwrap();
        let before = session.exp_string("PRB-SM-RED  Premium").unwrap();
        session.send_line("end").unwrap();
        let after = session.exp_eof().unwrap();
        assert!(
            !before.contains('\u{1b}') && !after.contains('\u{1b}'),
            "{before:?} {after:?}"
        );
    }
}

#[test]
fn a_number_that_became_a_code_meanwhile_is_not_written() {
    let shop = Shop::new();
    let file = path(&shop, "d.csv");
    let mut scan = Scan::begin(&shop, &["scan", &file, "--mode", "receive", "-o", "table"]);
    scan.scans("PRB-SM-RED");
    scan.scans("SUN-MD");
    recode(&shop, 452, "4712");
    scan.scans("4712");
    scan.scans("PRB-LG-RED");
    scan.scans("3");
    let ran = scan.ends(7);
    assert!(ran.stderr.contains("SUN-MD (counted by 4712)"), "{ran:#?}");
    let written = shop.read("d.csv");
    assert!(
        written.contains("PRB-SM-RED") && written.contains(",3\n"),
        "{written}"
    );
    assert!(!written.contains("SUN-MD"), "{written}");
}

#[test]
fn a_name_that_can_not_be_written_is_refused_before_the_first_scan() {
    let shop = Shop::new();
    fs::create_dir(shop.folder.path().join("folder")).unwrap();
    for name in ["stock.xls", "stock.ODS", "folder", "no/such.csv"] {
        let file = path(&shop, name);
        let ran = shop.run_with(&["scan", &file], b"PRB-SM-RED\n").ends(2);
        assert_eq!(ran.stdout, "", "{name}");
        assert!(!shop.folder.path().join(format!("{name}.scan")).exists());
    }
}

#[test]
fn what_was_scanned_can_be_written_to_another_file() {
    let shop = Shop::new();
    let file = path(&shop, "count.csv");
    let mut scan = Scan::begin(&shop, &["scan", &file]);
    scan.scans("PRB-SM-RED");
    // Somebody puts a file of theirs in the way.
    shop.file("count.csv", "mine\n");
    let stuck = scan.ends(2);
    let hint = format!("scan --resume {file} scanned.csv");
    assert!(
        stuck.stderr.replace("\n      ", " ").contains(&hint),
        "{stuck:#?}"
    );
    let again = shop.run_with(&["scan", "--resume", &file], b"").ends(2);
    assert!(
        again.stderr.replace("\n      ", " ").contains(&hint),
        "{again:#?}"
    );
    let other = path(&shop, "other.csv");
    shop.run_with(&["scan", "--resume", &file, &other], b"")
        .ends(0);
    assert!(shop.read("other.csv").contains("PRB-SM-RED"));
    assert_eq!(shop.read("count.csv"), "mine\n");
    assert!(!shop.folder.path().join("count.csv.scan").exists());
}

#[test]
fn a_variant_that_was_taken_back_is_scanned_first_when_it_comes_again() {
    let shop = Shop::new();
    let file = path(&shop, "count.csv");
    let mut scan = Scan::begin(&shop, &["scan", &file]);
    // A wrong label, and its stock is on disk.
    scan.scans("PRB-SM-RED");
    let journal = path(&shop, "count.csv.scan");
    let stock = |times| {
        while fs::read_to_string(&journal)
            .unwrap()
            .matches("\"stock\"")
            .count()
            < times
        {
            std::thread::yield_now();
        }
    };
    stock(1);
    scan.scans("-");
    shop.moves(450, -5);
    scan.scans("PRB-SM-RED");
    stock(2);
    scan.child.kill().unwrap();
    scan.child.wait().unwrap();
    shop.moves(450, -1);
    shop.run_with(&["scan", "--resume", &file], b"").ends(0);
    let written = shop.read("count.csv");
    assert!(written.ends_with(",20,1\n"), "{written}");
}

#[test]
fn what_was_scanned_is_replaced_by_no_other_command() {
    let shop = Shop::new();
    let file = path(&shop, "count.csv");
    // An export can be had again.
    shop.run(&["export-csv", &file]).ends(0);
    let scan = shop.run_with(&["scan", &file], b"PRB-SM-RED\n9\n").ends(0);
    assert!(!scan.stderr.contains("takes its place"), "{scan:#?}");
    let scanned = shop.read("count.csv");
    shop.file("a.csv", "sku_code,adjustment\nNO-SUCH,1\n");
    let import = ["import-csv", "a.csv", "--yes", "--rejects", &file];
    for words in [&["export-csv", &file][..], &import] {
        let hint = shop.run(words).ends(2);
        assert!(hint.stderr.contains("has what was scanned"), "{hint:#?}");
    }
    assert_eq!(shop.read("count.csv"), scanned);
    let rejects = path(&shop, "rejects.csv");
    shop.run(&["import-csv", "a.csv", "--yes", "--rejects", &rejects])
        .ends(7);
    shop.run(&["export-csv", &rejects])
        .ends(2)
        .says("has rows to be mended");
    shop.run(&["export-csv", &rejects, "--force"]).ends(0);
    shop.run(&["export-csv", &file, "--force"]).ends(0);
}

#[test]
fn a_scan_that_takes_the_place_of_another_says_so() {
    let shop = Shop::new();
    let file = path(&shop, "count.csv");
    let first = shop.run_with(&["scan", &file], b"PRB-SM-RED\n9\n").ends(0);
    assert!(!first.stderr.contains("takes its place"), "{first:#?}");
    let joined = |ran: &Ran| ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let second = shop.run_with(&["scan", &file], b"PRB-SM-RED\n8\n").ends(0);
    assert!(
        joined(&second).contains("which was not imported since; this scan takes its place"),
        "{second:#?}"
    );
    let words = [
        "import-csv",
        &file,
        "--mode",
        "stocktake",
        "--yes",
        "-o",
        "json",
    ];
    let run = shop.run(&words).ends(0).json();
    let third = shop.run_with(&["scan", &file], b"PRB-SM-RED\n").ends(0);
    let told = format!("which run {} has imported", run["run"].as_str().unwrap());
    assert!(joined(&third).contains(&told), "{third:#?}");
}

#[test]
fn the_command_of_a_file_that_begins_with_a_dash_can_be_typed() {
    let shop = Shop::new();
    let ran = shop
        .run_with(&["scan", "--", "-x.csv"], b"PRB-SM-RED\n")
        .ends(0);
    assert!(
        ran.stdout.contains("import-csv ./-x.csv --mode stocktake"),
        "{ran:#?}"
    );
}
