//! Spreadsheets, in and out, as a user has them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;

use crate::shop::Shop;

/// A workbook with these rows of code and quantity.
fn workbook(rows: &[(&str, f64)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Stock").unwrap();
    sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
    for (row, (code, quantity)) in (1..).zip(rows) {
        sheet.write(row, 0, *code).unwrap();
        sheet.write(row, 1, *quantity).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_spreadsheet_restocks_under_any_name_and_from_a_pipe() {
    let shop = Shop::new();
    let bytes = workbook(&[("PRB-SM-RED", 50.0), ("PRB-LG-RED", 20.0)]);
    let file = shop.file("restock.csv", &bytes);
    let ran = shop.run(&["import-csv", file.to_str().unwrap(), "--yes"]);
    ran.ends(0)
        .says("2 rows of sheet Stock to set: \"SKU\" is sku_code");
    assert_eq!((shop.stock(450), shop.stock(451)), (50, 20));
    let again = shop.run_with(&["import-csv", "-", "--yes"], &bytes);
    again.ends(0).says("2 unchanged");
}

#[test]
fn other_sheets_that_could_be_read_are_named() {
    let shop = Shop::new();
    let mut book = Workbook::new();
    for (name, units) in [("Week 47", 20.0), ("Week 48", 30.0)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
        sheet.write(1, 0, "PRB-SM-RED").unwrap();
        sheet.write(1, 1, units).unwrap();
    }
    let sheet = book.add_worksheet().set_name("Notes").unwrap();
    sheet.write_row(0, 0, ["SKU", "What to do"]).unwrap();
    let file = shop.file("weeks.xlsx", book.save_to_buffer().unwrap());
    let words = ["import-csv", file.to_str().unwrap(), "--dry-run"];
    let ran = shop.run(&words).ends(0);
    assert!(
        ran.stderr
            .contains("not read: sheet \"Week 48\"; read one with --sheet 'Week 48'\n"),
        "{ran:#?}"
    );
    let ran = shop
        .run(&[&words[..], &["--sheet", "Week 48"]].concat())
        .ends(0);
    assert!(!ran.stderr.contains("not read"), "{ran:#?}");
}

#[test]
fn a_fault_names_the_cell_and_nothing_is_sent() {
    let shop = Shop::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("My stock").unwrap();
    sheet.write_row(0, 0, ["SKU", "Qty"]).unwrap();
    sheet.write(1, 0, "PRB-SM-RED").unwrap();
    let date = Format::new().set_num_format("dd.mm.yyyy");
    sheet.write_with_format(1, 1, 45_000, &date).unwrap();
    let file = shop.file("restock.xlsx", book.save_to_buffer().unwrap());
    let words = ["import-csv", file.to_str().unwrap(), "--yes"];
    let ran = shop.run(&words).ends(2);
    assert!(
        ran.stderr
            .contains("'My stock'!B2, column Qty: 2023-03-15 is a date"),
        "{ran:#?}"
    );
    let ran = shop.run(&[&words[..], &["-o", "json"]].concat()).ends(2);
    assert_eq!(
        (
            &ran.error()["faults"][0]["cell"],
            &ran.error()["faults"][0]["line"]
        ),
        (&json!("'My stock'!B2"), &json!(2))
    );
    assert_eq!(shop.store().movements().unwrap().len(), 0);
}

/// The cells of the first sheet of a workbook, as `import-csv` would see them, and its raw XML.
fn sheet_xml(path: &std::path::Path) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut xml = String::new();
    let mut part = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
    xml
}

#[test]
fn an_exported_workbook_comes_back_and_sends_nothing_but_its_edits() {
    let shop = Shop::new();
    let file = shop.file("stock.xlsx", "");
    std::fs::remove_file(&file).unwrap();
    let path = file.to_str().unwrap();
    shop.run(&["export-csv", path]).ends(0).says("variants of");
    let xml = sheet_xml(&file);
    for part in [
        "<sheetProtection",
        "<dataValidation",
        "<autoFilter",
        "state=\"frozen\"",
    ] {
        assert!(xml.contains(part), "no {part}");
    }
    assert!(!xml.contains("<f>"), "a formula");
    let ran = shop
        .run(&["import-csv", path, "--yes", "-o", "json"])
        .ends(0);
    let document = ran.json();
    assert_eq!(
        (&document["applied"], &document["unchanged"]),
        (&json!(0), &document["rows"])
    );
    // What a spreadsheet does to the cell that was edited.
    let row = xml
        .split("<row ")
        .find(|row| row.contains("<v>450</v>"))
        .unwrap();
    let edited = {
        let at = row.rfind("<v>25</v>").unwrap();
        format!("{}<v>31</v>{}", &row[..at], &row[at + "<v>25</v>".len()..])
    };
    replace_sheet(&file, &xml.replace(row, &edited));
    let ran = shop
        .run(&["import-csv", path, "--yes", "-o", "json"])
        .ends(0);
    assert_eq!(ran.json()["applied"], 1);
    assert_eq!(shop.stock(450), 31);
    // The same file once more: the stock is not what it expects any more, but it is what it asks for.
    shop.moves(450, 1);
    shop.run(&["import-csv", path, "--yes"])
        .ends(7)
        .says("conflict");
}

fn replace_sheet(path: &std::path::Path, xml: &str) {
    let bytes = std::fs::read(path).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).unwrap();
        if part.name().unwrap().ends_with("sheet1.xml") {
            let options = zip::write::SimpleFileOptions::default();
            to.start_file("xl/worksheets/sheet1.xml", options).unwrap();
            std::io::Write::write_all(&mut to, xml.as_bytes()).unwrap();
        } else {
            to.raw_copy_file(part).unwrap();
        }
    }
    to.finish().unwrap();
}

#[test]
fn reports_and_rejects_are_workbooks_where_their_names_say_so() {
    let shop = Shop::new();
    let file = shop.file(
        "restock.csv",
        "sku_code;quantity;name\nPRB-SM-RED;50;=1+1\n00999;7;x\n",
    );
    let beside = |name: &str| file.with_file_name(name);
    let (report, rejects) = (beside("report.xlsx"), beside("rejects.XLSX"));
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "--report",
        report.to_str().unwrap(),
        "--rejects",
        rejects.to_str().unwrap(),
    ];
    shop.run(&words).ends(7);
    assert!(std::fs::read(&report).unwrap().starts_with(b"PK"));
    let ran = shop.run(&[
        "import-csv",
        rejects.to_str().unwrap(),
        "--dry-run",
        "-o",
        "json",
    ]);
    let ran = ran.ends(7);
    assert_eq!(ran.json()["results"][0]["sku_code"], "00999");
    assert!(!sheet_xml(&rejects).contains("<f>"));
}

#[test]
fn rejects_below_titles_are_read_again_where_they_stand() {
    let shop = Shop::new();
    let text = "Stock list\n\nsku_code;quantity;note\nNOPE;3;\"two\nlines\"\nPRB-SM-RED;50;\n";
    let mut file = shop.file("restock.csv", text);
    for n in 0..2 {
        let rejects = file.with_file_name(format!("rejects{n}.xlsx"));
        let words = [
            "import-csv",
            file.to_str().unwrap(),
            "--header-line",
            "3",
            "--yes",
            "-o",
            "json",
            "--rejects",
            rejects.to_str().unwrap(),
        ];
        let ran = shop.run(&words).ends(7).json();
        let row = &ran["results"][0];
        assert_eq!(
            (&row["line"], &row["sku_code"]),
            (&json!(4), &json!("NOPE"))
        );
        assert_eq!(
            row["error"].as_str().unwrap().matches("no variant").count(),
            1
        );
        file = rejects;
    }
    let xml = sheet_xml(&file);
    assert!(
        xml.contains("Stock list") && xml.contains("two\nlines"),
        "{xml}"
    );
}

#[test]
fn a_code_with_a_line_break_comes_back_from_a_workbook() {
    let shop = Shop::new();
    let state = rusqlite::Connection::open(shop.folder.path().join("shop.db")).unwrap();
    let renamed = state.execute(
        "UPDATE variants SET sku_code = 'new\nline' WHERE sku_id = 450",
        [],
    );
    assert_eq!(renamed.unwrap(), 1);
    shop.run(&["export-csv", "all.xlsx"]).ends(0);
    let path = shop.folder.path().join("all.xlsx");
    let ran = shop.run(&["import-csv", path.to_str().unwrap(), "--yes", "-o", "json"]);
    let ran = ran.ends(0).json();
    assert_eq!(ran["applied"], 0, "{ran:#}");
    assert_eq!(ran["failed"], 0, "{ran:#}");
}

#[test]
fn excel_is_no_option_for_a_workbook() {
    let shop = Shop::new();
    let ran = shop.run(&["export-csv", "never.xlsx", "--excel"]).ends(2);
    assert!(ran.stderr.contains("--excel is for CSV"), "{ran:#?}");
}

/// The workbooks under `tests/data/workbooks`, with what must come of each: codes with the quantities that a dry run plans,
/// or what is said.
#[test]
fn workbooks_of_many_programs_are_read_as_they_are_meant() {
    let shop = Shop::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/workbooks");
    let mut table = csv::Reader::from_path(folder.join("table.csv")).unwrap();
    let mut named = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in table.records() {
        let row = row.unwrap();
        let (file, option, comes) = (&row[0], &row[1], &row[2]);
        named.insert(file.to_owned());
        let path = folder.join(file);
        let mut words = vec!["import-csv", path.to_str().unwrap(), "--dry-run"];
        words.extend(["-o", "csv", "--fields", "sku_code,quantity,error"]);
        words.extend(Some(option).filter(|option| !option.is_empty()));
        let ran = shop.run(&words);
        let wanted = comes.split(' ').map(|pair| pair.split_once('='));
        let right = match wanted.collect::<Option<Vec<_>>>() {
            Some(pairs) => {
                let rows = pairs.iter().map(|(code, units)| format!("{code},{units},"));
                ran.code == 0 && ran.stdout.lines().skip(1).eq(rows)
            }
            None => {
                let said = ran.stdout.clone() + &ran.stderr;
                [2, 7].contains(&ran.code) && said.contains(comes)
            }
        };
        if !right {
            wrong.push(format!("{file} {option}: {comes}, and not {ran:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(named.len() > 50, "{}", named.len());
    // Those that src/import/tests reads with headers of their own.
    let others = ["odfpy.ods", "openpyxl.xlsx", "xlwt.xls"];
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_book = [".xlsx", ".xls", ".ods"]
            .iter()
            .any(|end| name.ends_with(end));
        assert!(
            !is_book || named.contains(&name) || others.contains(&name.as_str()),
            "{name} is not in table.csv"
        );
    }
}
