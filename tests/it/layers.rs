//! Arrows point down: what a module may import of the others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from top to bottom. One may import those of the lines below its own, and none of its own line or above.
const LAYERS: [&[&str]; 11] = [
    &["cli"],
    &["commands"],
    &["export"],
    &["import", "story"],
    &["change", "context", "listen", "page", "scan"],
    &["catalogue", "memory", "outputs", "settings"],
    &["profile", "render", "sandbox", "state"],
    &[
        "api",
        "lock_file",
        "near",
        "pager",
        "secret_command",
        "server",
        "sqlite",
        "ui",
        "webhook",
    ],
    &[
        "address",
        "duration",
        "exit",
        "file",
        "interrupt",
        "money",
        "progress",
        "side_by_side",
        "sku_code",
        "wanted",
    ],
    &["credentials", "threads"],
    &[
        "clean",
        "cleanup",
        "color",
        "contained",
        "error",
        "format",
        "invisible",
        "model",
        "shell",
        "stdio",
        "time",
        "width",
        "words",
    ],
];

/// What must not stand in files whose path begins like this: they decide, and know no network, no database and no clock.
const PURE: [&str; 3] = [
    "change/decide.rs",
    "change/doubt.rs",
    "change/doubt/request",
];
const IMPURE: [&str; 8] = [
    "crate::api",
    "crate::state",
    "crate::sqlite",
    "crate::memory",
    "rusqlite",
    "crate::time",
    "Instant",
    "SystemTime",
];

/// Who may know the sandbox as more than a URL.
const HOSTS: [&str; 2] = ["commands/sandbox.rs", "context.rs"];

/// A file of the source: its path below `src/`, and its code without comments and tests.
struct Source {
    path: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut of_tests = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                of_tests.extend(modules_of_tests(&path, &text));
                files.push((path, text));
            }
        }
    }
    let is_test = |path: &Path| {
        of_tests
            .iter()
            .any(|stem: &PathBuf| path.with_extension("") == *stem || path.starts_with(stem))
    };
    let files = files.into_iter().filter(|(path, _)| !is_test(path));
    let source = |(path, text): (PathBuf, String)| Source {
        path: path.strip_prefix(&root).unwrap().display().to_string(),
        code: code(&text),
    };
    files.map(source).collect()
}

/// The modules that a file declares for tests alone, as paths without an ending.
fn modules_of_tests(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = match path.file_stem().unwrap().to_str().unwrap() {
        "mod" | "lib" | "main" => path.parent().unwrap().to_owned(),
        _ => path.with_extension(""),
    };
    let behind = text.split("#[cfg(test)]\n").skip(1);
    let names = behind.filter_map(|text| text.lines().next()?.strip_suffix(';'));
    let names = names.filter_map(|line| line.rsplit_once("mod ").map(|(_, name)| name));
    names.map(|name| folder.join(name)).collect()
}

fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules of the crate that a text names.
fn imports(code: &str) -> BTreeSet<&str> {
    let after = code.split("crate::").skip(1);
    let end = |rest: &str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    after
        .map(|rest| &rest[..end(rest).unwrap_or(rest.len())])
        .collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn every_module_imports_only_what_is_below_it() {
    let mut found = BTreeSet::new();
    for source in sources() {
        let module = source.path.split(['/', '.']).next().unwrap().to_owned();
        if module == "main" || module == "lib" {
            continue;
        }
        let path = &source.path;
        let own = layer(&module).unwrap_or_else(|| panic!("name {module} in LAYERS"));
        assert!(
            !source.code.contains("crate::{"),
            "{path}: one line for each module"
        );
        for import in imports(&source.code)
            .into_iter()
            .filter(|name| *name != module)
        {
            let other = layer(import).unwrap_or_else(|| panic!("{path}: what is {import}?"));
            assert!(
                own < other,
                "{path} imports {import}, which is not below {module}"
            );
        }
        found.insert(module);
    }
    let named: BTreeSet<String> = LAYERS.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(named, found, "LAYERS names what is not there");
}

#[test]
fn what_decides_knows_no_network_no_database_and_no_clock() {
    let sources = sources();
    for pure in PURE {
        let mut files = sources
            .iter()
            .filter(|source| source.path.starts_with(pure))
            .peekable();
        assert!(files.peek().is_some(), "{pure} is not there");
        for source in files {
            for word in IMPURE {
                assert!(!source.code.contains(word), "{} names {word}", source.path);
            }
        }
    }
}

#[test]
fn the_sandbox_is_met_as_a_url() {
    for source in sources() {
        let hosts = HOSTS.contains(&source.path.as_str()) || source.path.starts_with("sandbox/");
        assert!(
            hosts || !source.code.contains("crate::sandbox"),
            "{} imports the sandbox",
            source.path
        );
    }
}
