//! `scan`: from a scanner's lines to a file that `import-csv` applies.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::shop::Shop;

#[test]
fn a_count_becomes_a_stocktake_that_keeps_what_is_sold_meanwhile() {
    let shop = Shop::new();
    let file = shop.file("count.csv", "");
    std::fs::remove_file(&file).unwrap();
    let path = file.to_str().unwrap();
    let lines = b"PRB-SM-RED\r\nPRB-SM-RED\r\n12\r\nPRB-LG-RED\r\n-\r\nNO-SUCH\r\nPRB-LG-WHT\r0\r\nend\r\nPRB-LG-RED\n";
    let ran = shop.run_with(&["scan", path], lines).ends(0);
    assert!(ran.stdout.contains("PRB-SM-RED"), "{ran:#?}");
    assert!(ran.stderr.contains("NO-SUCH"), "{ran:#?}");
    let written = shop.read("count.csv");
    let stock = shop.stock(450);
    assert_eq!(written.lines().count(), 3, "{written}");
    assert!(written.contains(&format!(",PRB-SM-RED,")), "{written}");
    assert!(written.contains(&format!(",{stock},13\n")), "{written}");
    let command = ran.stdout.lines().last().unwrap();
    assert!(command.ends_with("--mode stocktake"), "{command}");
    assert!(!file.with_extension("csv.scan").exists());
    shop.moves(450, -2);
    shop.run(&["import-csv", path, "--mode", "stocktake", "--yes"])
        .ends(0);
    assert_eq!(shop.stock(450), 11);
}

#[test]
fn what_comes_in_goes_up_and_what_is_picked_goes_down() {
    let shop = Shop::new();
    let aliases = shop.file("labels.csv", "barcode,sku_code\n4006381333931,PRB-SM-RED\n");
    let before = shop.stock(450);
    for (mode, units) in [("receive", 3), ("pick", -3)] {
        let file = aliases.with_file_name(format!("{mode}.csv"));
        let path = file.to_str().unwrap();
        let words = [
            "scan",
            path,
            "--mode",
            mode,
            "--aliases",
            aliases.to_str().unwrap(),
        ];
        let ran = shop
            .run_with(&words, b"4006381333931\n3\n450450450450\n")
            .ends(0);
        assert!(ran.stderr.contains("450450450450"), "{ran:#?}");
        let was = shop.stock(450);
        shop.run(&["import-csv", path, "--yes"]).ends(0);
        assert_eq!(shop.stock(450), was + units);
    }
    assert_eq!(shop.stock(450), before);
}

#[test]
fn kill_9_loses_no_line_and_resume_goes_on() {
    let shop = Shop::new();
    let file = shop.file("count.csv", "");
    std::fs::remove_file(&file).unwrap();
    let path = file.to_str().unwrap();
    let mut child = shop
        .command(&["scan", path])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut shown = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..20 {
        input.write_all(b"PRB-SM-RED\n").unwrap();
    }
    let mut line = String::new();
    for _ in 0..20 {
        line.clear();
        shown.read_line(&mut line).unwrap();
    }
    assert!(line.trim_end().ends_with("  20"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!file.exists());
    let again = shop.run_with(&["scan", path], b"").ends(2);
    assert!(again.stderr.contains("scan --resume"), "{again:#?}");
    let ran = shop
        .run_with(&["scan", "--resume", path], b"PRB-SM-RED\n")
        .ends(0);
    assert!(
        ran.stderr.contains("goes on after 20 scans of 1 variant"),
        "{ran:#?}"
    );
    assert!(shop.read("count.csv").contains(",21\n"));
    let there = shop.run_with(&["scan", path], b"").ends(2);
    assert!(there.stderr.contains("is there already"), "{there:#?}");
}
