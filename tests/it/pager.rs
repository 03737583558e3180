//! Long tables go through a pager at a terminal, and nothing else does.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::screen::{self, Screen};
use crate::shop::Shop;

/// A program in the test's folder.
fn program(shop: &Shop, name: &str, script: &str) -> String {
    let path = shop.file(name, format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A line at a terminal of 24 rows, with these variables.
fn at(shop: &Shop, line: &str, variables: &[(&str, &str)]) -> Screen {
    let command = shop.command(&[] as &[&str]);
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
    let line = format!("{} {line}", words.join(" "));
    let environment = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    screen::run(&line, 80, 24, |shell| {
        shell.envs(environment).env_remove("SXINV_PAGER");
        shell
            .envs(variables.iter().copied())
            .current_dir(shop.folder.path());
    })
}

#[test]
fn only_a_table_longer_than_the_terminal_goes_through_the_pager() {
    let shop = Shop::new();
    let pager = program(&shop, "pager", "wc -l > \"$1\"; echo paged");
    let named = format!("{pager} 'lines of it'");
    let paged = |line: &str, variables: &[(&str, &str)]| {
        let _ = fs::remove_file(shop.folder.path().join("lines of it"));
        let screen = at(&shop, line, variables);
        assert_eq!(screen.code, 0, "{line}: {:#?}", screen.lines());
        fs::read_to_string(shop.folder.path().join("lines of it")).ok()
    };
    let of = |line: &str| paged(line, &[("SXINV_PAGER", &named)]);
    assert_eq!(of("list --limit 30").unwrap().trim(), "32");
    assert_eq!(of("list --limit 5"), None);
    assert_eq!(of("list --limit 30 --no-pager"), None);
    assert_eq!(of("list --limit 30 -o jsonl"), None);
    assert_eq!(of("list --limit 30 | cat"), None);
    let rows: String = (0..30).map(|n| format!("{},1,{n}\n", 450 + n)).collect();
    shop.file("many.csv", format!("sku_id,adjustment,reason\n{rows}"));
    assert_eq!(of("import-csv many.csv --dry-run"), None);
    let everybodys = [("PAGER", named.as_str())];
    assert!(paged("list --limit 30", &everybodys).is_some());
    let none = [("PAGER", named.as_str()), ("SXINV_PAGER", "")];
    assert_eq!(paged("list --limit 30", &none), None);
}

#[test]
fn a_pager_that_is_missing_dies_or_is_left_early_ends_quietly() {
    let shop = Shop::new();
    let long = "list --all --no-pager";
    let lines = at(&shop, long, &[]).lines();
    let missing = at(
        &shop,
        "list --all",
        &[("SXINV_PAGER", "no-such-pager-anywhere")],
    );
    assert_eq!((missing.code, missing.lines()), (0, lines));
    let early = program(&shop, "early", "head -n 1");
    let dying = program(&shop, "dying", "kill -9 $$");
    for pager in [early, dying] {
        let screen = at(&shop, "list --all", &[("SXINV_PAGER", &pager)]);
        assert_eq!(screen.code, 0, "{pager}: {:#?}", screen.lines());
        let errors = screen.lines().join("\n");
        assert!(!errors.contains("error"), "{errors}");
    }
    let odd = at(&shop, "list", &[("SXINV_PAGER", "less '")]);
    assert_eq!(odd.code, 2, "{:#?}", odd.lines());
}

#[test]
fn ctrl_c_is_the_pagers_own() {
    let shop = Shop::new();
    // As a pager does: the signal ends nothing.
    let pager = program(
        &shop,
        "pager",
        "cat > all; trap 'echo heard' INT; kill -INT 0; echo left",
    );
    let screen = at(&shop, "list --all", &[("SXINV_PAGER", &pager)]);
    let shown = screen.lines().join("\n");
    // It goes on to its end.
    assert!(shown.ends_with("heard\nleft\n120 products"), "{shown}");
}

#[test]
fn a_manual_page_opens_at_a_terminal() {
    let shop = Shop::new();
    program(&shop, "man", "echo opened; grep -c '^.SH EXAMPLES' \"$1\"");
    let folder = shop.folder.path().to_str().unwrap();
    let path = format!("{folder}:/usr/bin:/bin");
    let screen = at(&shop, "man list", &[("PATH", &path)]);
    assert_eq!(screen.lines(), ["opened", "1"]);
    let written = at(&shop, "man list | head -n 1", &[("PATH", &path)]);
    assert!(
        !written.lines().contains(&"opened".to_owned()),
        "{:#?}",
        written.lines()
    );
}
