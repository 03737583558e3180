//! Hints of `import-csv` are what is meant, and can be pasted.

use crate::shop::{Ran, Shop};

fn import(shop: &Shop, text: &str, more: &[&str]) -> Ran {
    let file = shop.file("f.csv", text);
    shop.run(&[&["import-csv", file.to_str().unwrap()], more].concat())
}

#[test]
fn what_is_proposed_for_the_quantity_is_no_old_figure_and_no_minimum() {
    let shop = Shop::new();
    for (headers, proposed) in [
        (
            "SKU,Product Title,Expected Stock,Counted,Difference",
            "--map 'Counted=quantity' or --map 'Difference=adjustment'",
        ),
        (
            "SKU,Existencias,Stock mínimo",
            "--map 'Existencias=quantity';",
        ),
        ("ID,Typ,SKU,Name,Lager", "--map 'Lager=quantity';"),
        (
            "Date,SKU,Quantity Adjusted",
            "--map 'Quantity Adjusted=adjustment';",
        ),
        ("SKU,Difference", "--map 'Difference=adjustment';"),
    ] {
        let cells = "1,".repeat(headers.matches(',').count());
        let refused = import(&shop, &format!("{headers}\n{cells}1\n"), &["--dry-run"]).ends(2);
        refused.says(proposed);
    }
    let refused = import(
        &shop,
        "sku,qty\nSUN-MD,3\n",
        &["--dry-run", "--mode", "adjust"],
    );
    refused.ends(2).says("--map 'qty=adjustment'");
}

#[test]
fn near_misses_are_named_before_anything_is_sent() {
    let shop = Shop::new();
    let text = "sku,quantity\nPRB-LG-RDE,3\nSUN-MD,5\n";
    let dry = import(&shop, text, &["--dry-run", "-o", "json"]).ends(7);
    let error = dry.json()["results"][0]["error"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(error.contains("did you mean PRB-LG-RED?"), "{error}");
    let ran = import(&shop, text, &["--yes", "-o", "json"]).ends(7);
    assert_eq!(
        ran.json()["results"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["line"] == 2)
            .unwrap()["error"],
        error
    );
}

#[test]
fn a_dry_run_under_stop_says_that_the_rest_is_skipped() {
    let shop = Shop::new();
    let text = "sku,quantity\nSUN-SM,43\nXXX,3\nSUN-MD,5\n";
    let stop = ["--on-error", "stop", "-o", "json"];
    let dry = import(&shop, text, &[&stop[..], &["--dry-run"]].concat())
        .ends(7)
        .json();
    let ran = import(&shop, text, &[&stop[..], &["--yes"]].concat())
        .ends(7)
        .json();
    for outcome in ["failed", "skipped"] {
        assert_eq!(dry[outcome], ran[outcome], "{outcome}");
    }
    assert_eq!((&dry["failed"], &dry["skipped"]), (&1.into(), &2.into()));
}

#[test]
fn resend_unknown_alone_applies_nothing() {
    let shop = Shop::new();
    import(
        &shop,
        "sku,quantity\nSUN-MD,5\n",
        &["--yes", "--resend-unknown"],
    )
    .ends(2)
    .says("--resume RUN --resend-unknown");
    assert!(shop.store().movements().unwrap().is_empty());
}

#[test]
fn a_lot_that_failed_is_mended_in_the_file_and_not_by_itself() {
    let shop = Shop::new();
    let text = "sku,qty,lot\nPRB-SM-RED,30,A\nPRB-SM-RDE,5,B\n";
    let more = ["--sum-duplicates", "--yes", "--rejects", "r.csv"];
    let refused = import(&shop, text, &more).ends(7);
    assert!(
        refused.stderr.contains("import that whole file again"),
        "{refused:#?}"
    );
    assert!(
        !refused.stderr.contains("they are in r.csv"),
        "{refused:#?}"
    );
    import(
        &shop,
        &text.replace("RDE", "RED"),
        &["--sum-duplicates", "--yes"],
    )
    .ends(0);
    assert_eq!(shop.stock(450), 35);
}

#[test]
fn rows_that_the_credentials_kept_from_being_sent_go_on_with_better_ones() {
    let shop = Shop::new();
    shop.file(
        "a.csv",
        "sku,adjustment\nPRB-SM-RED,1\nSUN-MD,2\nSUN-SM,3\n",
    );
    let with = |token: &str, words: &[&str]| {
        let mut command = shop.bare(&["--api-url", &shop.url]);
        command.env("SELORAX_TOKEN", token).args(words);
        Ran::of(command.output().unwrap())
    };
    let refused = with(
        "sx_at_sandbox_readonly",
        &["import-csv", "a.csv", "--yes", "-o", "json"],
    )
    .ends(3);
    let run = refused.json()["run"].as_str().unwrap().to_owned();
    assert!(
        refused
            .stderr
            .contains(&format!("import-csv --resume {run}")),
        "{refused:#?}"
    );
    let dry = with(
        "sx_at_sandbox",
        &["import-csv", "--resume", &run, "--dry-run", "-o", "json"],
    )
    .ends(0);
    assert_eq!(dry.json()["planned"], 3);
    let ran = with(
        "sx_at_sandbox",
        &["import-csv", "--resume-all", "-o", "json"],
    )
    .ends(0)
    .json();
    assert_eq!(
        (&ran[0]["run"], &ran[0]["applied"]),
        (&run.as_str().into(), &3.into())
    );
    // What is done is not done again.
    with("sx_at_sandbox", &["import-csv", "--resume", &run]).ends(0);
    assert_eq!(shop.store().movements().unwrap().len(), 3);
}

#[test]
fn files_are_written_as_what_their_names_say() {
    let shop = Shop::new();
    for name in ["e.ods", "e.json", "e.xls"] {
        shop.run(&["export-csv", name])
            .ends(2)
            .says("can't be written");
        assert!(!shop.state().parent().unwrap().join(name).exists());
    }
    import(
        &shop,
        "sku,quantity\nSUN-MD,5\n",
        &["--yes", "--report", "-"],
    )
    .ends(2)
    .says("- is no file");
}

#[test]
fn a_hint_says_what_was_meant_and_nothing_that_was_not_typed() {
    let shop = Shop::new();
    for (typed, hint) in [
        ("set SUN-MD -2", "adjust SUN-MD -2"),
        ("set SUN-MD +2", "adjust SUN-MD +2"),
        ("set SUN-MD=-2", "adjust SUN-MD -2"),
        ("set SUN-MD", "SUN-MD=QUANTITY"),
        ("adjust SUN-MD", "with its sign: +10 or -3"),
        ("adjust -3 SUN-MD", "adjust SUN-MD -3"),
        (
            "adjust SUN-MD +3 Wilted",
            "adjust SUN-MD +3 --reason Wilted",
        ),
        ("set SUN-MD=4 --reason x", "an adjustment has one"),
        ("history --last", "history --limit 1"),
        ("restock PRB-SM-RED 3", "adjust PRB-SM-RED +3"),
        ("inventory list", "list"),
        ("rollback", "undo --last"),
        ("stock SUN-MD", "show SUN-MD"),
        ("profile", "takes a command: add, list"),
        ("sandbox", "takes a command: serve, reset"),
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let refused = shop.run(&words).ends(2);
        assert!(refused.stderr.contains(hint), "{typed}: {refused:#?}");
        assert!(!refused.stderr.contains("=50"), "{typed}: {refused:#?}");
    }
    assert!(shop.store().movements().unwrap().is_empty());
    // Nothing of what was typed is left out.
    shop.run(&["set", "150", "PRB-SM-RED=4", "SUN-MD=5"])
        .ends(4)
        .says("set 150 PRB-SM-RED=4")
        .says("set 152 SUN-MD=5");
    shop.run(&["adjust", "152", "id:450", "+1", "--reason", "Found it"])
        .ends(4)
        .says("adjust 150 id:450 +1 --reason 'Found it'");
    shop.run(&["undo", "last", "--yes"])
        .ends(4)
        .says("undo --last");
}

#[test]
fn sku_ids_of_another_program_can_be_left_out() {
    let shop = Shop::new();
    let text = "sku_id,sku_code,quantity\n9042,PRB-SM-RED,31\n9043,SUN-MD,5\n";
    import(&shop, text, &["--dry-run"])
        .ends(2)
        .says("--ignore 'sku_id'");
    import(&shop, text, &["--yes", "--ignore", "sku_id"]).ends(0);
    assert_eq!(shop.stock(450), 31);
    // One of ours among them: the others fail by themselves.
    let text = "sku_id,sku_code,quantity\n450,PRB-SM-RED,32\n9043,SUN-MD,6\n";
    import(&shop, text, &["--yes"]).ends(7);
}

#[test]
fn commands_on_the_report_are_for_the_profile_that_was_typed() {
    let shop = Shop::new();
    let levels = shop.file("my levels.csv", "sku_code,min,target\nPRB-LG-WHT,5,9\n");
    let page = shop.file("page.html", "");
    let words = [
        "-p",
        "sandbox",
        "report",
        page.to_str().unwrap(),
        "--levels",
        levels.to_str().unwrap(),
        "--below",
        "90",
    ];
    let mut command = shop.bare(&words);
    let ran = Ran::of(command.output().unwrap()).ends(0);
    let page = shop.read("page.html");
    assert!(
        page.contains("sxinv -p sandbox list --variants --below 90"),
        "{ran:#?}"
    );
    assert!(page.contains("sxinv -p sandbox snapshot, every night"));
    let bare = page.split("sxinv ").skip(1);
    for command in bare.filter(|command| !command.starts_with(|c: char| c.is_ascii_digit())) {
        assert!(command.starts_with("-p sandbox "), "{}", &command[..30]);
    }
}

#[test]
fn the_error_of_a_row_proposes_no_command_for_another_store() {
    let shop = Shop::new();
    let text = "sku,quantity\nNO-SUCH-THING-AT-ALL,3\nSUN-MD,5\n";
    for more in [&["--dry-run", "-o", "csv"][..], &["--yes", "-o", "csv"]] {
        let ran = import(&shop, text, more).ends(7);
        assert!(
            ran.stdout
                .contains("no variant NO-SUCH-THING-AT-ALL in the store")
        );
        assert!(!ran.stdout.contains("sxinv"), "{ran:#?}");
    }
}
