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
fn what_reorder_wrote_and_what_lies_at_several_places_is_not_taken_for_the_stock() {
    let shop = Shop::new();
    let order = "product_id,sku_id,sku_code,supplier,quantity,min,target,pack,order,days_left\n150,450,PRB-SM-RED,X,25,30,60,1,35,\n";
    import(&shop, order, &["--dry-run"])
        .ends(2)
        .says("--map 'order=adjustment' --mode adjust");
    import(
        &shop,
        "sku,Menge,Lager\nSUN-MD,3,Keller\nPRB-SM-RED,4,Haupthaus\n",
        &["--dry-run", "--map", "Menge=quantity"],
    )
    .ends(2)
    .says("Lager is Keller and Haupthaus");
    import(
        &shop,
        "sku,quantity,Difference\nSUN-MD,3,-1\n",
        &["--dry-run"],
    )
    .ends(2)
    .says("--map 'Difference=adjustment' --mode adjust");
    import(
        &shop,
        "sku_code,quantity\nSUN-MD,3\n",
        &["--dry-run", "--delimiter", ";"],
    )
    .ends(2)
    .says("leave --delimiter out");
}

#[test]
fn a_row_that_fails_alone_says_nothing_about_the_column_of_ids() {
    let shop = Shop::new();
    let text = "sku_code,sku_id,quantity\nPRB-SM-RED,450,-3\n";
    let ran = import(&shop, text, &["--yes", "--rejects", "r.csv"]).ends(7);
    assert!(!ran.stderr.contains("sku id"), "{ran:#?}");
    let rejected =
        "PRB-SM-RED,450,-3,-3: a quantity can't be below 0; --negative-as-zero reads it as 0";
    assert!(shop.read("r.csv").contains(rejected), "{ran:#?}");
    // One that is open is looked for, whatever became of the others.
    let text = format!("{text}PRB-SM-RED,99999,3\n");
    import(&shop, &text, &["--yes"])
        .ends(2)
        .says("--ignore 'sku_id'");
}

#[test]
fn a_count_is_not_proposed_as_a_delivery() {
    let shop = Shop::new();
    let counted = "sku_code,expected_quantity,quantity\nSUN-MD,4,3\n";
    let mode = ["--mode", "adjust", "--dry-run"];
    let ran = import(&shop, counted, &mode)
        .ends(2)
        .says("--mode stocktake");
    assert!(!ran.stderr.contains("=adjustment"), "{ran:#?}");
    let set = import(&shop, "sku_code,qty\nSUN-MD,4\n", &mode).ends(2);
    set.says("leaving --mode out")
        .says("--map 'qty=adjustment'");
}

#[test]
fn a_column_of_numbers_may_be_codes_or_ids() {
    let shop = Shop::new();
    let ran = import(&shop, "Variant ID,quantity\n450,5\n451,6\n", &["--dry-run"]).ends(2);
    ran.says("--map 'Variant ID=sku_code'")
        .says("--map 'Variant ID=sku_id'");
    for codes in ["0450", "4006381333931", "A-1"] {
        let text = format!("Variant ID,quantity\n{codes},5\n");
        let ran = import(&shop, &text, &["--dry-run"]).ends(2);
        assert!(!ran.stderr.contains("=sku_id"), "{ran:#?}");
    }
}

#[test]
fn quantities_that_are_all_below_zero_look_like_differences() {
    let shop = Shop::new();
    let told = "--map 'quantity=adjustment'";
    let below = "sku_code,quantity\nSUN-MD,-1\nPRB-SM-RED,-2\n";
    import(&shop, below, &["--dry-run"]).ends(7).says(told);
    let mixed = format!("{below}PRB-LG-RED,4\n");
    let ran = import(&shop, &mixed, &["--dry-run"]).ends(7);
    assert!(!ran.stderr.contains("=adjustment"), "{ran:#?}");
    let zero = ["--dry-run", "--negative-as-zero"];
    let ran = import(&shop, below, &zero).ends(0);
    assert!(!ran.stderr.contains("=adjustment"), "{ran:#?}");
}

#[test]
fn what_is_not_near_is_not_proposed() {
    let shop = Shop::new();
    let far = import(&shop, "", &["--force"]).ends(2);
    assert!(!far.stderr.contains("--ignore"), "{far:#?}");
    for (typed, meant) in [
        ("--dryrun", "--dry-run"),
        ("--reject", "--rejects"),
        ("--max", "--max-"),
    ] {
        import(&shop, "", &[typed]).ends(2).says(meant);
    }
    import(&shop, "", &["--map", "quantity=Bin Qty"])
        .ends(2)
        .says("--map 'Bin Qty=quantity'");
}

#[test]
fn a_delimiter_that_separates_nothing_is_to_be_left_out() {
    let shop = Shop::new();
    import(
        &shop,
        "sku_code,quantity\nSUN-MD,4\n",
        &["--delimiter", ";", "--dry-run"],
    )
    .ends(2)
    .says("leave --delimiter out");
}

#[test]
fn places_have_names_in_other_languages() {
    let shop = Shop::new();
    for place in ["Lager", "Filiale", "Almacén", "Magasin"] {
        let text = format!("sku,qty,{place}\nSUN-MD,4,A\nSUN-SM,5,B\n");
        import(&shop, &text, &["--dry-run"])
            .ends(2)
            .says(&format!("--only '{place}=A'"));
    }
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

#[test]
fn options_for_headers_that_begin_with_a_dash_can_be_pasted() {
    let shop = Shop::new();
    let text = "sku_code,-Menge\nPRB-SM-RED,3\n";
    let map = "--map='-Menge=quantity'";
    import(&shop, text, &["--dry-run"]).ends(2).says(map);
    import(&shop, text, &["--dry-run", &map.replace('\'', "")]).ends(0);
    let text = "sku_code,quantity,-new qty\nPRB-SM-RED,3,4\n";
    let ignore = "--ignore='-new qty'";
    import(&shop, text, &["--dry-run"])
        .ends(2)
        .says("--map='-new qty=quantity'")
        .says(ignore);
    import(&shop, text, &["--dry-run", &ignore.replace('\'', "")]).ends(0);
}

#[test]
fn a_first_line_that_names_another_separator_is_answered_with_the_one_meant() {
    let shop = Shop::new();
    for (text, said) in [
        ("sep=;\nsku_code,quantity\nPRB-SM-RED,3\n", ","),
        ("sep=,\nsku_code\tquantity\nPRB-SM-RED\t3\n", "tab"),
    ] {
        import(&shop, text, &["--dry-run"])
            .ends(2)
            .says(&format!("separates its cells: --delimiter '{said}'"));
        import(&shop, text, &["--dry-run", "--delimiter", said]).ends(0);
    }
    import(&shop, "a§b\n", &["--delimiter", "§"])
        .ends(2)
        .says("it is one sign of ASCII, such as ; or |");
}

#[test]
fn ids_of_another_program_are_left_out_as_they_were_read() {
    let shop = Shop::new();
    let text = "sku_code,Product's id,quantity\nPRB-SM-RED,77001,3\n";
    let map = "Product's id=product_id";
    import(&shop, text, &["--dry-run", "--map", map])
        .ends(2)
        .says("where the column has another program's ids, leave this out: --map \"Product's id=product_id\"");
    import(
        &shop,
        &text.replace("77001", "x"),
        &["--dry-run", "--map", map],
    )
    .ends(2)
    .says("ids, leave this out: --map \"Product's id=product_id\"");
    import(&shop, text, &["--dry-run"]).ends(0);
    import(
        &shop,
        "sku,product_id,qty\nPRB-SM-RED,77001,3\n",
        &["--dry-run"],
    )
    .ends(2)
    .says("ids, leave it out: --ignore 'product_id'");
}

#[test]
fn a_shared_code_in_a_file_is_settled_by_a_column_of_it() {
    let shop = Shop::new();
    let text = "sku_code,quantity\nROSE-BUSH,4\n";
    let ran = import(&shop, text, &["--dry-run", "-o", "json"]).ends(7);
    let error = ran.json()["results"][0]["error"]
        .as_str()
        .unwrap()
        .to_owned();
    let hint = "name the one that is meant in a column of the file: 672 under sku_id, or 252 under product_id";
    assert!(error.ends_with(hint), "{error}");
    for column in ["sku_id,672", "product_id,252"] {
        let (name, id) = column.split_once(',').unwrap();
        let text = format!("sku_code,quantity,{name}\nROSE-BUSH,4,{id}\n");
        import(&shop, &text, &["--dry-run"]).ends(0);
    }
    // Who types it names it in a word.
    shop.run(&["set", "ROSE-BUSH=4"])
        .ends(2)
        .says("by its sku id: id:672");
}

#[test]
fn a_column_that_is_mapped_and_not_read_is_an_error() {
    let shop = Shop::new();
    let text = "sku_code,quantity,Why,Delta\nPRB-SM-RED,3,x,1\n";
    for (more, said) in [
        (
            &["--mode", "set", "--map", "Why=reason"][..],
            "--map 'Why=reason': nothing is read as reason in mode set",
        ),
        (
            &["--mode", "set", "--map", "Delta=adjustment"],
            "as adjustment in mode set",
        ),
        (
            &[
                "--map",
                "Delta=adjustment",
                "--mode",
                "adjust",
                "--map",
                "Why=expected_quantity",
            ],
            "as expected_quantity in mode adjust",
        ),
        (
            &["--mode", "adjust", "--map", "quantity=quantity"],
            "as quantity in mode adjust",
        ),
    ] {
        import(&shop, text, &[&["--dry-run"], more].concat())
            .ends(2)
            .says(said);
    }
}
