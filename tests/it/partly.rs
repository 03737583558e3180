//! Runs of which some rows were not applied: what their end, the guard and the question say, so that nothing is done twice.

use serde_json::Value;

use crate::shop::{Ran, Shop, import, run_of};
#[cfg(unix)]
use crate::terminal::at_terminal;

const DELIVERY: &str = "sku_code,adjustment\nPRB-SM-RED,+10\nPRB-LG-RDE,+6\nPRB-LG-WHT,+4\n";

fn hint(ran: &Ran) -> String {
    ran.error()["hint"].as_str().unwrap().to_owned()
}

/// The command that a hint ends with, as it would be typed behind the words that each command of the shop begins with.
fn typed(shop: &Shop, hint: &str) -> Vec<String> {
    let command = hint
        .lines()
        .find(|line| line.starts_with("sxinv "))
        .unwrap();
    let store = format!("sxinv -p sandbox --api-url {} ", shop.url);
    let words = command.strip_prefix(&store).unwrap().split(' ');
    words.map(str::to_owned).collect()
}

#[test]
fn the_rows_that_failed_can_be_had_alone_by_the_command_of_the_hint() {
    let shop = Shop::new();
    let ran = import(&shop, "d.csv", DELIVERY, &[]).ends(7);
    let said = hint(&ran);
    assert!(said.contains("not the whole file again"), "{said}");
    let words = typed(&shop, &said);
    assert_eq!(words, ["history", &run_of(&ran), "--rejects", "mend.csv"]);
    shop.run(&words).ends(0);
    let mended = shop.read("mend.csv").replace("RDE", "RED");
    // What is known as ours is replaced, and what was edited is not.
    shop.run(&words).ends(0);
    import(&shop, "mend.csv", &mended, &[]).ends(0);
    shop.run(&words).ends(2).says("was edited");
    assert_eq!(
        (shop.stock(450), shop.stock(451), shop.stock(452)),
        (35, 18, 4)
    );
}

#[test]
fn the_guard_names_what_is_left_of_the_earlier_run_before_again() {
    let shop = Shop::new();
    let run = run_of(&import(&shop, "d.csv", DELIVERY, &[]).ends(7));
    let said = hint(&import(&shop, "d.csv", DELIVERY, &["--rejects", "r.csv"]).ends(5));
    let left = said.find(&format!("history {run} --rejects mend.csv"));
    assert!(left.is_some() && left < said.find("--again"), "{said}");
    assert!(said.contains("1 row of that run was not applied"), "{said}");
    // Where nothing is left, there is nothing to mend.
    let all = DELIVERY.replace("RDE", "RED");
    import(&shop, "a.csv", &all, &["--again"]).ends(0);
    let said = hint(&import(&shop, "a.csv", &all, &[]).ends(5));
    assert!(!said.contains("--rejects"), "{said}");
}

#[test]
fn a_file_is_the_same_where_a_row_of_it_fails_by_now() {
    let shop = Shop::new();
    for (text, options, codes) in [
        (
            "sku_code,adjustment\nPRB-SM-RED,-20\nPRB-LG-RED,-2\n",
            &[][..],
            [450, 451],
        ),
        (
            "sku_code,quantity,expected_quantity\nSUN-MD,1,3\nSUN-LG,30,48\n",
            &["--mode", "stocktake"],
            [457, 458],
        ),
    ] {
        import(&shop, "a.csv", text, options).ends(0);
        let then = codes.map(|sku| shop.stock(sku));
        let again = import(&shop, "a.csv", text, options).ends(5);
        assert_eq!(codes.map(|sku| shop.stock(sku)), then, "{again:#?}");
        assert!(hint(&again).contains("--again applies them"), "{again:#?}");
    }
}

#[test]
fn what_was_skipped_and_imported_by_itself_is_not_resumed_beside_that() {
    let shop = Shop::new();
    let text = "sku_code,adjustment\nSUN-MDD,7\nSUN-LGG,7\nSUN-SMM,7\nPRB-SM-RED,7\nPRB-LG-RED,7\n";
    let options = ["--on-error", "stop", "--rejects", "r.csv"];
    let run = run_of(&import(&shop, "d.csv", text, &options).ends(7));
    let mended = shop.read("r.csv");
    let mended = mended.replace("MDD", "MD").replace("LGG", "LG");
    // One of the two that were skipped is left out.
    let mended = mended.rsplit_once("PRB-LG-RED").unwrap().0;
    let ran = import(&shop, "mended.csv", &mended.replace("SMM", "SM"), &[]).ends(0);
    let told = format!(
        "twice if that went on; to leave it as it is: sxinv -p sandbox --api-url {} history {run} --give-up",
        shop.url
    );
    assert!(ran.stderr.contains(&told), "{ran:#?}");
    assert_eq!((shop.stock(450), shop.stock(451)), (32, 12));
    let resumed = shop.run(&["import-csv", "--resume", &run, "-o", "json"]);
    assert!(hint(&resumed.ends(5)).contains("--give-up"));
    shop.run(&["import-csv", "--resume-all", "--yes"]).ends(0);
    assert_eq!((shop.stock(450), shop.stock(451)), (32, 12));
    shop.run(&["import-csv", "--resume", &run, "--again"])
        .ends(7);
    assert_eq!((shop.stock(450), shop.stock(451)), (39, 19));
}

#[test]
fn a_count_that_was_cut_off_does_not_go_on_over_a_later_one() {
    let shop = Shop::new();
    let count = |name: &str, text: &str, more: &[&str]| {
        let text = format!("sku_code,quantity,expected_quantity\n{text}");
        import(
            &shop,
            name,
            &text,
            &[&["--mode", "stocktake"], more].concat(),
        )
    };
    let monday = "NO-SUCH,1,2\nPRB-SM-RED,20,25\nPRB-LG-RED,10,12\n";
    let run = run_of(&count("a.csv", monday, &["--on-error", "stop"]).ends(7));
    shop.run(&["adjust", "PRB-LG-RED", "-1"]).ends(0);
    count("b.csv", "PRB-SM-RED,19,25\n", &[]).ends(0);
    let ran = shop
        .run(&["import-csv", "--resume", &run, "-o", "json"])
        .ends(7);
    let outcomes = ran.json()["results"].clone();
    let outcomes = outcomes.as_array().unwrap().iter();
    let outcomes: Vec<_> = outcomes.map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["failed", "skipped", "applied"]);
    assert_eq!((shop.stock(450), shop.stock(451)), (19, 9));
}

#[test]
fn what_the_rows_need_to_be_imported_as_they_were_is_said() {
    let shop = Shop::new();
    let hint_of = |ran: Ran| hint(&ran.ends(7));
    // The file's own rows are before the buffer, and the ledger's behind it.
    let set = "sku_code,quantity\nSUN-MD,80\nPRB-SM-RDE,30\n";
    let ran = import(
        &shop,
        "s.csv",
        set,
        &["--buffer", "10", "--rejects", "r.csv"],
    );
    let run = run_of(&ran);
    let said = hint_of(ran);
    assert!(said.contains("import that file with --buffer 10"), "{said}");
    shop.run(&["history", &run, "--rejects", "l.csv"])
        .ends(0)
        .says("l.csv: its quantities are after --buffer 10: import it without that");
    // Counts stay counts.
    let count = "sku_code,quantity,expected_quantity\nSUN-MD,3,4\nPRB-SM-RDE,20,25\n";
    let words = [
        "--mode",
        "stocktake",
        "--reason",
        "Count",
        "--rejects",
        "c.csv",
    ];
    let ran = import(&shop, "t.csv", count, &words);
    let run = run_of(&ran);
    let said = hint_of(ran);
    let needs = "import that file with --mode stocktake --reason 'Count', not the whole file again";
    assert!(said.contains(needs), "{said}");
    shop.run(&["history", &run, "--rejects", "k.csv"])
        .ends(0)
        .says("k.csv: its quantities were counted: import it with --mode stocktake");
    // Lots go with the whole of their file.
    let lots = "sku_code,quantity,lot\nSUN-MD,8,1\nSUN-MD,7,2\nPRB-LG-RDE,9,1\n";
    let ran = import(
        &shop,
        "lots.csv",
        lots,
        &["--sum-duplicates", "--buffer", "3"],
    );
    let run = run_of(&ran);
    let needs = "import that whole file again with --sum-duplicates --buffer 3";
    let said = hint_of(ran);
    assert!(said.contains(needs), "{said}");
    let ran = shop.run(&[
        "import-csv",
        "--resume",
        &run,
        "--rejects",
        "o.csv",
        "-o",
        "json",
    ]);
    let said = hint_of(ran);
    let known = "of o.csv: its quantities are after --buffer 3: import it without that";
    assert!(said.contains(needs) && said.contains(known), "{said}");
}

#[test]
fn a_report_is_not_offered_as_the_stock_that_was() {
    let shop = Shop::new();
    let set = "sku_code,quantity\nSUN-MD,50\n";
    import(&shop, "s.csv", set, &["--report", "done.csv"]).ends(0);
    let ran = import(&shop, "done.csv", &shop.read("done.csv"), &[]).ends(2);
    let said = hint(&ran);
    assert!(!said.contains("--map"), "{said}");
    assert!(said.contains("--ignore 'previous_quantity'"), "{said}");
}

#[test]
fn some_of_the_same_adjustments_are_told() {
    let shop = Shop::new();
    let run = run_of(&import(&shop, "d.csv", DELIVERY, &[]).ends(7));
    let mended = DELIVERY.replace("RDE", "RED");
    let told = format!("2 of these 3 adjustments were applied by run {run} a moment ago; 1 row");
    let joined = |ran: &Ran| ran.stderr.replace('\n', " ");
    let dry = import(&shop, "d.csv", &mended, &["--dry-run"]).ends(0);
    assert!(joined(&dry).contains(&told), "{dry:#?}");
    let quiet = import(&shop, "d.csv", &mended, &["--dry-run", "-q"]).ends(0);
    assert_eq!(quiet.stderr, "");
    let again = import(&shop, "d.csv", &mended, &["--dry-run", "--again"]).ends(0);
    assert!(!again.stderr.contains("applied by"), "{again:#?}");
    let ran = import(&shop, "d.csv", &mended, &[]).ends(0);
    assert!(joined(&ran).contains(&told), "{ran:#?}");
}

#[test]
fn quantities_may_be_set_again_and_where_nothing_was_applied_all_may() {
    let shop = Shop::new();
    let text = "sku_code,quantity\nPRB-SM-RED,10\nPRB-LG-RDE,6\n";
    let set = import(&shop, "s.csv", text, &[]).ends(7);
    let none = import(&shop, "n.csv", "sku_code,adjustment\nNO,4\n", &[]).ends(7);
    for ran in [set, none] {
        let said = hint(&ran);
        assert!(!said.contains("whole file"), "{said}");
        shop.run(&typed(&shop, &said)).ends(0);
    }
}

#[test]
fn a_stocktake_of_lots_with_one_that_failed_is_taken_back_before_all_is_imported() {
    let shop = Shop::new();
    // 29 are expected; the second lot's code has a slip.
    let text = "sku_code,quantity,expected_quantity\nPRB-SM-RED,10,25\nPRB-SM-RED,12,25\nPRB-SM-RDE,2,25\n";
    let more = ["--mode", "stocktake", "--sum-duplicates"];
    let ran = import(&shop, "st.csv", text, &more).ends(7);
    assert_eq!(shop.stock(450), 22);
    let said = hint(&ran);
    assert!(said.contains("import the whole of it again"), "{said}");
    let guarded = import(&shop, "st.csv", text, &more).ends(5);
    assert!(hint(&guarded).contains("sxinv -p sandbox"), "{guarded:#?}");
    assert!(
        hint(&guarded).contains(&format!("undo {}", run_of(&ran))),
        "{guarded:#?}"
    );
    let mut undo = typed(&shop, &said);
    undo.push("--yes".to_owned());
    shop.run(&undo).ends(0);
    import(&shop, "st.csv", &text.replace("RDE", "RED"), &more).ends(0);
    assert_eq!(shop.stock(450), 24);
}

#[test]
fn rows_in_doubt_and_rows_that_failed_are_both_told() {
    // The first adjustment is lost on its way; the second names no variant.
    let shop = Shop::with_faults("lost-request=1,writes-only");
    let text = "product_id,sku_id,sku_code,adjustment\n150,450,,3\n,,NO-SUCH,1\n";
    let ran = import(&shop, "d.csv", text, &["--retries", "0"]).ends(8);
    let error: Value = ran.error();
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("1 of 2 rows may or may not have been applied"),
        "{message}"
    );
    assert!(message.contains("1 of 2 rows was not applied"), "{message}");
    let said = hint(&ran);
    assert!(
        said.contains("--resend-unknown") && said.contains("--rejects mend.csv"),
        "{said}"
    );
    let kept = import(
        &shop,
        "e.csv",
        &text.replace(",3", ",4"),
        &["--retries", "0", "--rejects", "r.csv"],
    );
    assert!(hint(&kept.ends(8)).contains("they are in r.csv"));
}

#[cfg(unix)]
#[test]
fn some_of_the_same_adjustments_stand_above_the_question() {
    let shop = Shop::new();
    let run = run_of(&import(&shop, "d.csv", DELIVERY, &[]).ends(7));
    let file = shop.file("d.csv", DELIVERY.replace("RDE", "RED"));
    let command = shop.command(&["import-csv", file.to_str().unwrap(), "-q"]);
    let mut session = at_terminal(&command, 200);
    let before = session.exp_string("Apply 3 changes? [y/N]").unwrap();
    let told = format!("2 of these 3 adjustments were applied by run {run}");
    assert!(before.contains(&told), "{before}");
    session.send_line("n").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(shop.stock(450), 35);
}

#[cfg(unix)]
#[test]
fn the_way_on_is_that_of_the_profile_which_the_run_was_made_under() {
    let shop = Shop::new();
    let text = "product_id,sku_id,sku_code,adjustment\n,,NO-SUCH,1\n150,451,,1\n";
    let run = run_of(&import(&shop, "a.csv", text, &["--on-error", "stop"]).ends(7));
    let mut other = shop.bare(&["--api-url", &shop.url]);
    other.args(["import-csv", "a.csv", "--yes", "-o", "json"]);
    other.env("SELORAX_TOKEN", "sx_at_sandbox");
    let refused = Ran::of(other.output().unwrap()).ends(5);
    let way_on = format!(
        "sxinv -p sandbox --api-url {} import-csv --resume {run}",
        shop.url
    );
    assert!(hint(&refused).contains(&way_on), "{refused:#?}");
}
