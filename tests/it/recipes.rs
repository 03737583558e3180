//! Recipes: the options of an import under a name in the profile file.

use std::fs;
use std::path::PathBuf;

use crate::shop::{Ran, Shop};

/// A supplier's file whose headers nobody knows.
const SUPPLIER: &str = "Art.-Nr.;Bin Qty;Location\nPRB-SM-RED;1.050;Main\nPRB-LG-RED;3;Cellar\n";

fn config(shop: &Shop) -> PathBuf {
    shop.folder.path().join(".config/sxinv/config.toml")
}

/// A profile file that its owner alone can read.
fn write(shop: &Shop, text: &str) {
    let path = config(shop);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn refused(shop: &Shop, text: &str) -> Ran {
    write(shop, text);
    shop.run(&["import-csv", "--recipe", "acme", "--dry-run"])
        .ends(2)
}

#[test]
fn what_was_typed_once_is_kept_and_used_again() {
    let shop = Shop::new();
    let file = shop.file("acme.csv", SUPPLIER);
    let path = file.to_str().unwrap();
    let ran = shop.run(&["import-csv", path, "--dry-run"]).ends(2);
    let hint = "such as --map 'Bin Qty=quantity'; --save-recipe NAME keeps it for the next file";
    assert!(ran.stderr.contains(hint), "{ran:#?}");
    write(
        &shop,
        "# mine\n[profiles.shop]\ntoken = \"sx_at_sandbox\" # of today\n",
    );
    let options = [
        "import-csv",
        path,
        "--map",
        "Art.-Nr.=sku_code",
        "--map=Bin Qty=quantity",
        "--only=Location=Main",
        "--only=Location=Attic",
        "--thousands=.",
        "--max-drop=80",
        "--save-recipe",
        "acme",
    ];
    let saved = shop.run(&[&options[..], &["--dry-run"]].concat()).ends(0);
    assert!(
        saved.stderr.contains("recipe acme is kept in"),
        "{saved:#?}"
    );
    let text = fs::read_to_string(config(&shop)).unwrap();
    assert_eq!(
        text,
        format!(
            "# mine\n[profiles.shop]\ntoken = \"sx_at_sandbox\" # of today\n\n[recipes.acme]\nprofile = \"sandbox\"\n\
             file = \"{path}\"\nmap = {{ \"Art.-Nr.\" = \"sku_code\", \"Bin Qty\" = \"quantity\" }}\n\
             only = {{ Location = [\"Main\", \"Attic\"] }}\nthousands = \".\"\nmax_drop = 80\n"
        )
    );
    let ran = shop
        .run(&["import-csv", "--recipe", "acme", "--yes"])
        .ends(0);
    assert!(ran.stderr.contains("recipe acme: "), "{ran:#?}");
    assert_eq!(shop.stock(450), 1050);
    assert_eq!(shop.stock(451), 12);
    // What is typed wins, and what comes of it can be kept in its place.
    let ran = shop
        .run(&[
            "import-csv",
            "--recipe=acme",
            "--only=Location=Cellar",
            "--yes",
            "--save-recipe=acme",
        ])
        .ends(0);
    assert!(ran.stderr.contains("recipe acme is replaced"), "{ran:#?}");
    assert_eq!(shop.stock(451), 3);
    let text = fs::read_to_string(config(&shop)).unwrap();
    assert!(text.contains("only = { Location = \"Cellar\" }"), "{text}");
}

#[test]
fn a_recipe_names_its_store_and_the_one_file_that_matches() {
    let shop = Shop::new();
    let text = format!(
        "[recipes.acme]\nprofile = \"shop\"\nfile = \"in/*.csv\"\nnegative_as_zero = true\n\
         [profiles.shop]\ntoken = \"sx_at_sandbox\"\napi_url = \"{}\"\n",
        shop.url
    );
    write(&shop, &text);
    let run = || {
        Ran::of(
            shop.bare(&["import-csv", "--recipe", "acme", "--yes"])
                .output()
                .unwrap(),
        )
    };
    let none = run().ends(2);
    assert!(
        none.stderr.contains("no file is there for in/*.csv"),
        "{none:#?}"
    );
    fs::create_dir(shop.folder.path().join("in")).unwrap();
    shop.file("in/a.csv", "sku_code,quantity\nPRB-SM-RED,-4\n");
    run().ends(0);
    assert_eq!(shop.stock(450), 0);
    let asked = shop.bare(&["-p", "shop", "undo", "--last", "--dry-run"]);
    let asked = Ran::of({ asked }.output().unwrap()).ends(0);
    let asked = asked
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(asked.contains("--recipe acme --yes (in/a.csv)"), "{asked}");
    shop.file("in/b.csv", "sku_code,quantity\nPRB-SM-RED,7\n");
    let two = run().ends(2);
    assert!(
        two.stderr
            .contains("2 files are there for in/*.csv: in/a.csv, in/b.csv"),
        "{two:#?}"
    );
    // What is kept beside a recipe is all that it says, and its pattern, not the file that was found by it.
    fs::remove_file(shop.folder.path().join("in/b.csv")).unwrap();
    let words = [
        "--recipe=acme",
        "--max-drop=90",
        "--save-recipe=more",
        "--dry-run",
    ];
    Ran::of(
        shop.bare(&[&["import-csv"], &words[..]].concat())
            .output()
            .unwrap(),
    )
    .ends(0);
    let kept = fs::read_to_string(config(&shop)).unwrap();
    let more = "[recipes.more]\nprofile = \"shop\"\nfile = \"in/*.csv\"\nnegative_as_zero = true\nmax_drop = 90\n";
    assert!(kept.contains(more), "{kept}");
    fs::write(config(&shop), text).unwrap();
    shop.file("in/b.csv", "sku_code,quantity\nPRB-SM-RED,7\n");
    let words = ["import-csv", "in/b.csv", "--recipe", "acme", "--yes"];
    Ran::of(shop.bare(&words).output().unwrap()).ends(0);
    assert_eq!(shop.stock(450), 7);
    // A profile that a recipe is for stays: without it the whole file would be wrong.
    let kept = shop.run(&["profile", "remove", "shop", "--yes"]).ends(5);
    assert!(
        kept.stderr.contains("profile shop has recipes: acme"),
        "{kept:#?}"
    );
}

#[test]
fn a_recipe_that_is_wrong_names_line_and_key() {
    let shop = Shop::new();
    for (recipe, said) in [
        (
            "thousand = \".\"",
            "line 2: unknown key thousand in recipe acme",
        ),
        (
            "max_drop = \"80\"",
            "line 2: max_drop in recipe acme takes a number",
        ),
        (
            "yes = true",
            "line 2: yes in recipe acme decides about one run",
        ),
        (
            "map = \"Bin Qty=quantity\"",
            "line 2: map in recipe acme takes a table",
        ),
        (
            "map = { Bin = \"quantities\" }",
            "line 2: map in recipe acme: ",
        ),
        (
            "\nmode = \"sett\"",
            "line 3: mode in recipe acme: takes one of set, adjust, stocktake",
        ),
        (
            "concurrency = 100",
            "line 2: concurrency in recipe acme: 100 is not from 1 to 64",
        ),
        (
            "buffer = 1.5",
            "buffer in recipe acme: takes a whole number",
        ),
        (
            "thousands = \"..\"",
            "thousands in recipe acme: takes one character",
        ),
        (
            "report = \"\"",
            "report in recipe acme: takes another value",
        ),
        (
            "wait = 1",
            "line 2: wait in recipe acme takes true or false",
        ),
        (
            "profile = \"sandbx\"",
            "line 2: profile in recipe acme names a profile that is not there",
        ),
        (
            "delimiter = \"sx_at_hush_hush_hush\"",
            "line 2: delimiter in recipe acme: takes another value",
        ),
    ] {
        let ran = refused(&shop, &format!("[recipes.acme]\n{recipe}\n"));
        assert!(ran.stderr.contains(said), "{recipe}: {ran:#?}");
        assert!(!ran.stderr.contains("hush"), "{ran:#?}");
    }
    let other = refused(&shop, "[recipes.acne]\nwait = true\n");
    assert!(other.stderr.contains("no recipe acme in"), "{other:#?}");
    assert!(other.stderr.contains("did you mean acne?"), "{other:#?}");
}

#[test]
fn every_option_is_kept_so_that_it_can_be_read() {
    let shop = Shop::new();
    let file = shop.file(
        "m.csv",
        "sku_code,quantity,expected_quantity\nPRB-SM-RED,30,25\n",
    );
    for (typed, kept) in [
        (&["--max-drop", "33%"][..], "max_drop = 33\n"),
        (&["--max-drop=12.5 %"], "max_drop = 12.5\n"),
        (
            &["--max-quantity", "9223372036854775807"],
            "max_quantity = 9223372036854775807\n",
        ),
        (
            &["--concurrency=+8", "--header-line=01"],
            "header_line = 1\n",
        ),
        (
            &["--delimiter", ",", "--on-error=stop"],
            "delimiter = \",\"\n",
        ),
        (&["--report=-a=\"b\".csv"], "report = "),
        (
            &[
                "--map",
                "quantity = quantity",
                "--ignore",
                "expected_quantity",
            ],
            "quantity",
        ),
        (&["--quote=\"", "--thousands=."], "thousands = \".\"\n"),
        (&["--on-conflict=overwrite", "--wait"], "wait = true\n"),
    ] {
        let words = [
            "import-csv",
            file.to_str().unwrap(),
            "--dry-run",
            "--save-recipe",
            "acme",
        ];
        fs::remove_file(config(&shop)).ok();
        let ran = shop.run(&[&words[..], typed].concat());
        let ran = ran.says("is kept in");
        let text = fs::read_to_string(config(&shop)).unwrap();
        assert!(text.contains(kept), "{typed:?}: {text}");
        let again = shop.run(&["import-csv", "--recipe", "acme", "--dry-run"]);
        assert_eq!(again.code, ran.code, "{typed:?}: {again:#?}");
    }
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--max-quantity=9223372036854775808",
    ];
    shop.run(&words).ends(2).says("is not from 1 to");
}

#[test]
fn a_recipe_that_is_wrong_is_an_error_of_the_command_that_uses_it_alone() {
    let shop = Shop::new();
    let file = shop.file("m.csv", "sku_code,quantity\nPRB-SM-RED,30\n");
    for broken in [
        "[recipes.acme]\nmax_drop = \"33%\"\n",
        "[recipes]\nacme = 5\n",
        "[recipes.acme]\nprofile = \"gone\"\n",
        "recipes = 5\n",
    ] {
        let text = format!("{broken}[profiles.shop]\ntoken = \"sx_at_sandbox\"\n");
        refused(&shop, &text).says("config.toml, line");
        let listed = Ran::of(
            shop.bare(&["-p", "shop", "--api-url", &shop.url, "list", "--limit=1"])
                .output()
                .unwrap(),
        );
        assert_eq!(listed.ends(0).stderr.matches("recipe").count(), 0);
        let shown = Ran::of(shop.bare(&["profile", "show", "shop"]).output().unwrap());
        shown.ends(0).says("warning: ").says("line ");
    }
    // What is kept in its place mends it.
    let text = "[recipes.acme]\nmax_drop = \"33%\"\n[recipes.other]\nwait = true\n";
    write(&shop, text);
    shop.run(&["import-csv", "m.csv", "--recipe", "other", "--dry-run"])
        .ends(0);
    let words = [
        "import-csv",
        file.to_str().unwrap(),
        "--wait",
        "--dry-run",
        "--save-recipe=acme",
    ];
    shop.run(&words).ends(0).says("recipe acme is replaced");
    shop.run(&["import-csv", "--recipe", "acme", "--dry-run"])
        .ends(0);
}

#[test]
fn recipes_are_shown_with_their_profile() {
    let shop = Shop::new();
    write(
        &shop,
        "[recipes.acme]\nprofile = \"sandbox\"\nfile = \"a.csv\"\nmap = { Qty = \"quantity\" }\n[recipes.any]\nwait = true\n",
    );
    let shown = shop.run(&["profile", "show", "sandbox"]).ends(0);
    for part in ["acme", "a.csv", "--map Qty=quantity", "any", "--wait"] {
        assert!(shown.stdout.contains(part), "{part}: {shown:#?}");
    }
    let shown = shop
        .run(&["profile", "show", "sandbox", "-o", "json"])
        .ends(0);
    assert_eq!(
        shown.json()["recipes"][0]["options"]["map"][0],
        "Qty=quantity"
    );
    assert_eq!(shown.json()["recipes"][1]["options"]["wait"], true);
}
