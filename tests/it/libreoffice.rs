//! A workbook that went through LibreOffice, headless: what was edited there is all that is sent.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::shop::Shop;

/// Has LibreOffice write a file again as another kind; `false` where it is not installed.
fn converted(folder: &Path, file: &str, kind: &str, to: &str) -> bool {
    let profile = folder.join("profile");
    let ran = Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            profile.display()
        ))
        .args(["--headless", "--convert-to", kind, "--outdir", to, file])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match ran {
        Ok(status) => {
            assert!(status.success(), "soffice could not convert {file}");
            true
        }
        Err(_) => {
            assert!(
                std::env::var_os("LIBREOFFICE_REQUIRED").is_none(),
                "there is no LibreOffice"
            );
            eprintln!("skipped: no LibreOffice here");
            false
        }
    }
}

/// Gives the last cell of the row with this text another number, in LibreOffice's own XML.
fn edit(sheet: &str, code: &str, before: i64, after: i64) -> String {
    let row = sheet.find(&format!("<text:p>{code}</text:p>")).unwrap();
    let end = row + sheet[row..].find("</table:table-row>").unwrap();
    let value = format!("office:value=\"{before}\"");
    let at = row + sheet[row..end].rfind(&value).unwrap();
    let after = format!("office:value=\"{after}\"");
    [&sheet[..at], &after, &sheet[at + value.len()..]].concat()
}

#[test]
fn what_was_edited_in_a_spreadsheet_is_all_that_is_sent() {
    let shop = Shop::new();
    let folder = shop.folder.path();
    shop.run(&["export-csv", "stock.xlsx"]).ends(0);
    if !converted(folder, "stock.xlsx", "fods", ".") {
        return;
    }
    let sheet = shop.read("stock.fods");
    shop.file("stock.fods", edit(&sheet, "PRB-SM-RED", 25, 31));
    converted(folder, "stock.fods", "xlsx", "edited");
    assert!(
        !fs::read(folder.join("edited/stock.xlsx"))
            .unwrap()
            .is_empty()
    );
    let ran = shop.run(&["import-csv", "edited/stock.xlsx", "--yes", "-o", "json"]);
    let document = ran.ends(0).json();
    assert_eq!(document["applied"], 1, "{document}");
    assert_eq!(document["unchanged"], 299);
    assert_eq!(shop.stock(450), 31);
    assert_eq!(shop.store().movements().unwrap().len(), 1);
}
