//! What a draft tells of its rows before they are a run.

use super::*;
use crate::model::Product;
use crate::wanted::Wanted;

/// Rows from line 2 on, +5 each, planned like this: a list of columns with their values in SQL.
fn draft(rows: &[&str]) -> Draft {
    let mut draft = Draft::new(State::in_memory().unwrap(), Mode::Adjust).unwrap();
    let filled = draft.fill(|to| {
        (2..).zip(rows).try_for_each(|(line, _)| {
            to.take(&Wanted {
                line,
                value: 5,
                ..Wanted::default()
            })
        })
    });
    filled.unwrap();
    for (line, planned) in (2..).zip(rows) {
        let sql = format!("UPDATE temp.draft SET {planned} WHERE line = {line}");
        draft.ask(|c| c.execute_batch(&sql)).unwrap();
    }
    draft
}

const FAILED: &str =
    "outcome = 'failed', kind = 'refused', error = 'too few', hint = 'count again'";
const NAMELESS: &str =
    "outcome = 'failed', kind = 'not_found', code = 'c', error = 'no X', hint = 'sxinv list X'";
const CONFLICT: &str = "outcome = 'conflict', kind = 'refused', error = 'expected 3'";
const SENT: &str = "adjustment = 5, previous = 7, quantity = 12";

#[test]
fn what_would_not_end_well_is_told_with_what_to_do_about_it() {
    let draft = draft(&[SENT, FAILED, "outcome = 'unchanged'", CONFLICT, NAMELESS]);
    let told = |most| draft.troubles(most).unwrap();
    let all = [
        (5, "expected 3".to_owned()),
        (3, "too few; count again".to_owned()),
        // A command stands below, once, and not behind each row.
        (6, "no X".to_owned()),
    ];
    assert_eq!(told(9), all);
    assert_eq!(told(2), all[..2]);
    let mut rows = Vec::new();
    let each = draft.each(|row| {
        rows.push((
            row.line,
            row.outcome(),
            row.quantity(),
            row.error().map(str::to_owned),
        ));
        Ok(())
    });
    each.unwrap();
    assert_eq!(
        rows,
        [
            (2, Outcome::Planned, Some(12), None),
            (3, Outcome::Failed, None, Some(all[1].1.clone())),
            (4, Outcome::Unchanged, None, None),
            (5, Outcome::Conflict, None, Some(all[0].1.clone())),
            (6, Outcome::Failed, None, Some(all[2].1.clone())),
        ]
    );
}

#[test]
fn a_command_about_one_change_ends_with_its_failure_before_a_conflict() {
    let error = |rows: &[&str]| draft(rows).first_trouble().unwrap();
    assert!(error(&[SENT, "outcome = 'unchanged'"]).is_none());
    let first = error(&[SENT, CONFLICT, NAMELESS, FAILED]).unwrap();
    assert_eq!(
        (first.kind(), first.message(), first.hint(), first.code()),
        (Kind::NotFound, "no X", Some("sxinv list X"), Some("c"))
    );
    let conflict = error(&[SENT, CONFLICT]).unwrap();
    assert_eq!((conflict.message(), conflict.hint()), ("expected 3", None));
}

#[test]
fn under_stop_one_row_that_failed_keeps_the_others_from_being_sent() {
    let stopped = |rows: &[&str]| {
        let draft = draft(rows);
        draft.stop_at_failures().unwrap();
        let mut ends = Vec::new();
        let each = draft.each(|row| {
            let trouble = row.settled.as_ref().and_then(|s| s.trouble.as_deref());
            ends.push((row.outcome(), trouble.map(|t| (t.kind, t.message.clone()))));
            Ok(())
        });
        each.unwrap();
        ends
    };
    let skipped = (
        Kind::Partial,
        "a row failed and --on-error is stop".to_owned(),
    );
    assert_eq!(
        stopped(&[SENT, "outcome = 'unchanged'", NAMELESS]),
        [
            (Outcome::Skipped, Some(skipped)),
            (Outcome::Unchanged, None),
            (Outcome::Failed, Some((Kind::NotFound, "no X".to_owned()))),
        ]
    );
    // A conflict is no failure.
    assert_eq!(stopped(&[SENT, CONFLICT])[0].0, Outcome::Planned);
}

#[test]
fn only_what_is_in_doubt_and_has_the_stock_that_it_had_can_be_sent_again() {
    let variant = serde_json::json!({"sku_id": 11, "sku_code": "A", "variant_name": "", "price": 1, "quantity": 7,
        "is_default": 0});
    let product =
        serde_json::json!({"product_id": 1, "name": "", "is_active": 1, "variants": [variant]});
    let product: Product = serde_json::from_value(product).unwrap();
    let about = "product_id = 1, sku_id = 11, previous = 7, outcome = ";
    for (row, count) in [
        (format!("{about} 'unknown'"), 1),
        (format!("{about} 'unknown', previous = 8"), 0),
        (format!("{about} 'unknown', code = 'other'"), 1),
        (format!("{about} 'unknown', code = '{MOVED_TWICE}'"), 0),
        (format!("{about} 'unknown', sku_id = 12"), 0),
        (format!("{about} 'applied'"), 0),
        (format!("{about} NULL"), 0),
    ] {
        let draft = draft(&[row.trim_end()]);
        draft.see(&product).unwrap();
        assert_eq!(draft.resendable().unwrap(), count, "{row}");
    }
    let two = draft(&[&format!("{about} 'unknown'"), &format!("{about} 'unknown'")]);
    two.see(&product).unwrap();
    assert_eq!(two.resendable().unwrap(), 2);
}

#[test]
fn a_reason_leaves_room_for_a_tag_or_is_counted() {
    // Of row 0 the tag is `sx:r1/0`, and `sx:r1/0.2` where it is sent again: with the blank 8 and 10 characters of 255.
    for (reason, more, count) in [
        (247, "", 0),
        (248, "", 1),
        (245, ", resends = 1", 0),
        (246, ", resends = 1", 1),
        (255, ", outcome = 'unchanged'", 0),
        (255, ", adjustment = NULL", 0),
    ] {
        let reason = "x".repeat(reason);
        let own = draft(&[&format!("adjustment = 5, reason = '{reason}'{more}")]);
        assert_eq!(
            own.without_room("r1").unwrap(),
            count,
            "{} {more}",
            reason.len()
        );
        let mut of_all = draft(&[&format!("adjustment = 5{more}"), SENT]);
        of_all.give_reason(Some(&reason));
        let both = count + u64::from(reason.len() > 247);
        let rows = of_all.without_room("r1").unwrap();
        assert_eq!(rows, both, "{} {more}", reason.len());
    }
    assert_eq!(draft(&[SENT]).without_room("r1").unwrap(), 0);
}
