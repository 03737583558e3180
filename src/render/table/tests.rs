//! Layouts of all widths.

use jiff::tz::TimeZone;

use super::*;

fn terminal(width: Option<u16>) -> Terminal {
    Terminal {
        width,
        color: false,
        time_zone: TimeZone::UTC,
        pager: None,
    }
}

fn column(title: &str, kind: Kind) -> TableColumn {
    TableColumn {
        title: title.to_owned(),
        kind,
        spare: false,
    }
}

fn columns() -> Vec<TableColumn> {
    [
        ("ID", Kind::Id),
        ("NAME", Kind::Name),
        ("UPDATED", Kind::Time),
        ("STOCK", Kind::Stock),
        ("ACTIVE", Kind::Flag),
    ]
    .map(|(title, kind)| column(title, kind))
    .to_vec()
}

fn json(fields: &[&str]) -> Vec<Option<Box<str>>> {
    fields.iter().map(|json| Some((*json).into())).collect()
}

fn row(id: &str, name: &str, stock: &str) -> Vec<Option<Box<str>>> {
    json(&[
        id,
        &format!("{name:?}"),
        "\"2025-06-12T14:30:00.000Z\"",
        stock,
        "1",
    ])
}

#[test]
fn a_terminal_gets_groups_local_times_and_short_names_last() {
    let rows = [
        row(
            "150",
            "Premium Rose Bouquet with a very long name indeed",
            "1234567",
        ),
        row("149", "花束の詰め合わせ大きいサイズ特別版", "0"),
    ];
    let shown = table(&columns(), &rows, false, &terminal(Some(60)));
    let rule = "─".repeat(60);
    let expected = [
        " ID  UPDATED               STOCK  ACTIVE  NAME",
        &rule,
        "150  2025-06-12 14:30  1,234,567  yes     Premium Rose Bouq…",
        "149  2025-06-12 14:30          0  yes     花束の詰め合わせ…",
    ];
    assert_eq!(shown, expected.join("\n"));
}

#[test]
fn a_pipe_gets_plain_columns() {
    let rows = [row("150", "Premium Rose Bouquet", "1234567")];
    let expected = [
        " ID  UPDATED                     STOCK  ACTIVE  NAME",
        "150  2025-06-12T14:30:00.000Z  1234567  1       Premium Rose Bouquet",
    ];
    assert_eq!(
        table(&columns(), &rows, false, &terminal(None)),
        expected.join("\n")
    );
}

#[test]
fn columns_that_were_asked_for_keep_their_order() {
    let rows = [row("150", "Rose", "1")];
    let shown = table(&columns(), &rows, true, &terminal(Some(60)));
    assert!(shown.starts_with(" ID  NAME  UPDATED"), "{shown}");
}

#[test]
fn below_60_columns_a_row_is_a_few_lines() {
    let rows = [row(
        "150",
        "Premium Rose Bouquet with a very long name",
        "1234567",
    )];
    let shown = table(&columns(), &rows, false, &terminal(Some(40)));
    let expected = [
        "150  Premium Rose Bouquet with a very l…",
        "  updated 2025-06-12 14:30",
        "  stock 1,234,567 · active yes",
    ];
    assert_eq!(shown, expected.join("\n"));
}

#[test]
fn numbers_and_codes_are_never_cut() {
    let columns = [column("SKU", Kind::Code), column("STOCK", Kind::Stock)];
    let code = "A-VERY-LONG-CODE-FROM-A-LABEL".repeat(3);
    let rows = [json(&[&format!("{code:?}"), "123456789"])];
    for width in [20, 60, 80] {
        let shown = table(&columns, &rows, false, &terminal(Some(width)));
        assert!(
            shown.contains(&code) && shown.contains("123,456,789"),
            "{shown}"
        );
    }
}

#[test]
fn a_reason_that_does_not_fit_stands_below_its_row_whole() {
    let columns = [
        column("LINE", Kind::Id),
        column("SKU", Kind::Code),
        column("OUTCOME", Kind::Outcome),
        column("WHY", Kind::Text),
    ];
    let long =
        "the stock is 25, and the file expects 24; somebody sold one meanwhile, so count again";
    let rows = [
        json(&["2", "\"PRB-SM-RED\"", "\"failed\"", "\"no such variant\""]),
        json(&["3", "\"PRB-LG-RED\"", "\"conflict\"", &format!("{long:?}")]),
    ];
    let shown = table(&columns, &rows, false, &terminal(Some(60)));
    let expected = [
        "LINE  SKU         OUTCOME   WHY",
        "───────────────────────────────────────────",
        "   2  PRB-SM-RED  failed    no such variant",
        "   3  PRB-LG-RED  conflict",
        "    the stock is 25, and the file expects 24; somebody sold",
        "    one meanwhile, so count again",
    ];
    assert_eq!(shown, expected.join("\n"));
    let well = [json(&["2", "\"PRB\"", "\"applied\"", "null"])];
    assert!(!table(&columns, &well, false, &terminal(Some(60))).contains("WHY"));
}

#[test]
fn a_spare_column_leaves_and_what_it_tells_stands_below() {
    let spare = |title: &str, kind| TableColumn {
        spare: true,
        ..column(title, kind)
    };
    let columns = [
        column("RUN", Kind::Code),
        spare("PROFILE", Kind::Code),
        spare("STATUS", Kind::Code),
        column("ROWS", Kind::Number),
    ];
    let run = format!("{:?}", "R".repeat(48));
    let rows = [
        json(&[&run, "\"flowers\"", "\"done\"", "24"]),
        json(&[&run, "\"flowers\"", "\"stopped\"", "24"]),
    ];
    let shown = table(&columns, &rows, false, &terminal(Some(60)));
    assert!(
        !shown.contains("STATUS") && !shown.contains("flowers"),
        "{shown}"
    );
    assert!(shown.contains("\n    status done\n"), "{shown}");
    assert!(shown.ends_with("\n    status stopped"), "{shown}");
}

#[test]
fn names_of_uncertain_width_stand_last_as_one() {
    let columns = [
        column("NAME", Kind::Name),
        column("SKU", Kind::Code),
        column("VARIANT", Kind::Name),
    ];
    let rows = [
        json(&["\"গোলাপ তোড়া\"", "\"A\"", "\"ছোট\""]),
        json(&["\"Rose\"", "\"B\"", "\"\""]),
    ];
    let shown = table(&columns, &rows, false, &terminal(Some(60)));
    assert!(shown.contains("\nA    ছোট · গোলাপ তোড়া"), "{shown}");
    assert!(shown.ends_with("\nB    Rose"), "{shown}");
}
