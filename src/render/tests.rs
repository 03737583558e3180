//! Every format, from the rows that the API sends to the bytes that leave.

use std::io::{self, Write};

use serde_json::value::RawValue;

use super::*;
use crate::error::Result;
use crate::format::Format;

const COLUMNS: &[Column] = &[
    Column::new("product_id", "ID", Kind::Id),
    Column::new("name", "NAME", Kind::Name),
    Column::new("total_quantity", "STOCK", Kind::Stock),
    Column::new("has_stock", "IN STOCK", Kind::Flag).hidden(),
];

const ROWS: [&str; 2] = [
    r#"{"product_id":150, "name":"Rose, \"red\"\nlarge","total_quantity":1234,"has_stock":1,"price":1.50,"new":{"a": [1]}}"#,
    r#"{"product_id":149,"name":"Basket\u001b[31m","total_quantity":0,"has_stock":0,"price":2}"#,
];

fn terminal(width: Option<u16>, color: bool) -> Terminal {
    Terminal {
        width,
        color,
        time_zone: TimeZone::UTC,
        pager: None,
    }
}

fn render(format: Format, fields: Option<&str>, terminal: &Terminal) -> Result<String> {
    let fields = fields.map(|fields| Fields::parse(fields).unwrap());
    let mut out = Vec::new();
    let mut records = Records::new(&mut out, format, COLUMNS, fields.as_ref(), terminal);
    for row in ROWS {
        records.push(&RawValue::from_string(row.to_owned()).unwrap())?;
    }
    assert_eq!(records.finish()?, 2);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn json_is_one_document_as_the_api_sent_it() {
    let piped = terminal(None, false);
    let json = render(Format::Json, None, &piped).unwrap();
    assert_eq!(
        json,
        "[{\"product_id\":150,\"name\":\"Rose, \\\"red\\\"\\nlarge\",\"total_quantity\":1234,\"has_stock\":1,\"price\":1.50,\"new\":{\"a\":[1]}},{\"product_id\":149,\"name\":\"Basket\\u001b[31m\",\"total_quantity\":0,\"has_stock\":0,\"price\":2}]\n"
    );
    let pretty = render(Format::Json, None, &terminal(Some(80), false)).unwrap();
    assert!(
        pretty.starts_with("[\n  {\n    \"product_id\": 150,\n"),
        "{pretty}"
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&pretty).unwrap(),
        serde_json::from_str::<serde_json::Value>(&json).unwrap()
    );
    let none = Records::new(Vec::new(), Format::Json, COLUMNS, None, &piped);
    assert_eq!(none.finish().unwrap(), 0);
}

#[test]
fn fields_choose_and_order_in_every_format() {
    let piped = terminal(None, false);
    let fields = Some("price,product_id");
    assert_eq!(
        render(Format::Jsonl, fields, &piped).unwrap(),
        "{\"price\":1.50,\"product_id\":150}\n{\"price\":2,\"product_id\":149}\n"
    );
    assert_eq!(
        render(Format::Csv, fields, &piped).unwrap(),
        "price,product_id\r\n1.50,150\r\n2,149\r\n"
    );
    assert_eq!(
        render(Format::Table, fields, &piped).unwrap(),
        "PRICE   ID\n1.50   150\n2      149\n"
    );
    let error = render(Format::Json, Some("nam"), &piped).unwrap_err();
    assert_eq!(error.hint(), Some("did you mean name?"));
    assert!(Fields::parse("a,,b").is_err() && Fields::parse("a,a").is_err());
}

#[test]
fn csv_is_rfc_4180() {
    assert_eq!(
        render(Format::Csv, None, &terminal(None, false)).unwrap(),
        "product_id,name,total_quantity,has_stock\r\n150,\"Rose, \"\"red\"\"\nlarge\",1234,1\r\n149,Basket\u{1b}[31m,0,0\r\n"
    );
    let shown = render(Format::Csv, None, &terminal(Some(80), false)).unwrap();
    assert!(!shown.contains('\u{1b}'));
}

#[test]
fn tables_clean_and_colour() {
    let shown = render(Format::Table, None, &terminal(Some(80), true)).unwrap();
    assert!(shown.contains("Basket\u{FFFD}[31m"), "{shown}");
    assert!(shown.contains("1,234"), "{shown}");
    assert!(shown.contains("\u{1b}["), "{shown}");
    let piped = render(Format::Table, None, &terminal(None, false)).unwrap();
    assert_eq!(
        piped,
        " ID  STOCK  NAME\n150   1234  Rose, \"red\" large\n149      0  Basket\u{FFFD}[31m\n"
    );
}

#[test]
fn a_closed_pipe_is_told_apart() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let piped = terminal(None, false);
    let mut records = Records::new(Closed, Format::Jsonl, COLUMNS, None, &piped);
    let row = RawValue::from_string(ROWS[0].to_owned()).unwrap();
    assert!(records.push(&row).unwrap_err().is_closed_pipe());
}
