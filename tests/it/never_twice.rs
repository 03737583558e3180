//! Five hundred adjustments while requests and answers get lost: no variant moves twice, and what is reported is true.

use std::collections::HashMap;

use crate::shop::{Shop, variants};

#[test]
fn five_hundred_adjustments_with_sixteen_workers_while_messages_get_lost() {
    let shop = Shop::with_faults(
        "lost-request=0.05,lost-answer=0.05,500-before=0.025,500-after=0.025,seed=16",
    );
    let list = ["list", "--limit", "20", "--variants", "-o", "json"];
    let listed = shop.run(&list).ends(0).json();
    let variants = variants(&listed);
    let mut text = "product_id,sku_id,adjustment,reason\n".to_owned();
    for n in 0..500 {
        // In turns, so that rows of one variant follow each other.
        let (product, sku) = variants[n % variants.len()];
        text += &format!("{product},{sku},{},Row {n}\n", 1 + n % 7);
    }
    let file = shop.file("moves.csv", text);
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--yes",
        "-o",
        "json",
        "--concurrency",
        "16",
    ];
    let ran = shop.run(&words);
    assert!([0, 8].contains(&ran.code), "{ran:#?}");
    let document = ran.json();
    let run = document["run"].as_str().unwrap();
    let mut applied: HashMap<usize, i64> = HashMap::new();
    for movement in shop.store().movements().unwrap() {
        let row = movement
            .request_id
            .strip_prefix(run)
            .unwrap()
            .trim_start_matches('-');
        let twice = applied.insert(row.parse().unwrap(), movement.adjustment);
        assert_eq!(twice, None, "row {row} was applied twice");
    }
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), 500);
    let mut unknown = 0;
    for (row, result) in results.iter().enumerate() {
        match result["outcome"].as_str().unwrap() {
            "applied" => {
                let by = result["quantity"].as_i64().unwrap()
                    - result["previous_quantity"].as_i64().unwrap();
                assert_eq!(applied.get(&row), Some(&by), "{result}");
            }
            "unknown" => unknown += 1,
            other => panic!("{other}: {result}"),
        }
    }
    let faults = shop.store().faults().unwrap();
    let doubtful = faults.iter().filter(|fault| fault.method == "POST").count();
    assert!(
        doubtful >= 20 && unknown <= doubtful,
        "{unknown} of {doubtful}"
    );
}
