//! What was reported, held against what the shop recorded.

use std::collections::HashMap;

use serde_json::Value;

use super::{Mode, Tally};
use crate::shop::Shop;

/// In how many rows a field is not null.
pub fn count(document: &Value, field: &str) -> usize {
    let rows = document["results"].as_array().unwrap().iter();
    rows.filter(|row| !row[field].is_null()).count()
}

/// Every outcome is the truth, or unknown.
pub fn hold_against_the_truth(
    shop: &Shop,
    mode: Mode,
    seed: u64,
    document: &Value,
    rows: usize,
    tally: &mut Tally,
) {
    let run = document["run"].as_str().unwrap();
    let mut applied: HashMap<String, Vec<i64>> = HashMap::new();
    for movement in shop.store().movements().unwrap() {
        if let Some(row) = movement.request_id.strip_prefix(&format!("{run}-")) {
            // A PUT goes by its first row; which others it holds tells the variant.
            let key = match mode {
                Mode::Set => format!("sku {}", movement.sku_id),
                _ => row.to_owned(),
            };
            applied.entry(key).or_default().push(movement.adjustment);
        } else {
            // Ids of runs begin with their day.
            let other = movement.request_id.starts_with(&run[..9]);
            assert!(!other, "{} is of a run that is lost", movement.request_id);
        }
    }
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), rows, "every row has an outcome");
    tally.rows = rows;
    for (index, row) in results.iter().enumerate() {
        let key = match mode {
            Mode::Set => format!("sku {}", row["sku_id"]),
            _ => index.to_string(),
        };
        let times = applied.get(&key).map_or(0, Vec::len);
        let at = format!("{mode:?}, seed {seed}, {row}, applied {times} times");
        tally.met.extend(names(mode, row));
        match row["outcome"].as_str().unwrap() {
            "applied" => {
                tally.applied += 1;
                assert_eq!(times, 1, "{at}");
            }
            "unknown" => {
                tally.unknown += 1;
                tally.missed += times;
                assert!(times <= 1, "{at}");
            }
            "unchanged" | "conflict" | "failed" => assert_eq!(times, 0, "{at}"),
            other => panic!("{other}: {at}"),
        }
        if mode != Mode::Set && times == 1 {
            assert_eq!(row["adjustment"], applied[&key][0], "{at}");
        }
    }
}

/// What a row met.
fn names(mode: Mode, row: &Value) -> Vec<String> {
    let outcome = row["outcome"].as_str().unwrap();
    let mut names = vec![format!("{mode:?}: {outcome}")];
    if row["read_back"] == true {
        names.push(format!("{mode:?}: {outcome}, read back"));
    }
    if !row["event_id"].is_null() {
        names.push(format!("{mode:?}: {outcome}, proved"));
    }
    if row["attempts"].as_i64() > Some(1) {
        names.push(format!("{mode:?}: sent again"));
    }
    let why = row["error"].as_str().unwrap_or_default();
    if why.contains("in the 5 s before") {
        names.push(format!("{mode:?}: unknown without a basis"));
    }
    if why.contains("cut off while this was under way") {
        names.push("cut off while it was under way".to_owned());
    }
    names
}
