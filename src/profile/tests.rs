//! The profile file: what is right, what is wrong and where, and changes that keep what people wrote.

use std::fs;
use std::path::PathBuf;

use super::*;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    (folder, path)
}

fn read(text: &str) -> Result<ProfileFile> {
    let (_folder, path) = file(text);
    Ok(ProfileFile::read(&path)?.unwrap())
}

const EXAMPLE: &str = r#"# Our shops
default_profile = "flowers"

[profiles.flowers]
token = "sx_at_hidden"

[profiles.warehouse]
client_id = "sx_app_x"
client_secret = "sx_secret_hidden" # rotate in May
store_id = 22
api_url = "https://api-dev.selorax.io"
read_only = true

[profiles.vault]
token_command = "pass show selorax/token"
"#;

#[test]
fn the_documented_example_is_read() {
    let file = read(EXAMPLE).unwrap();
    assert_eq!(file.default.as_deref(), Some("flowers"));
    let names: Vec<&str> = file.profiles.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["flowers", "warehouse", "vault"]);
    assert!(matches!(
        &file.get("warehouse").unwrap().access,
        Access::Client { id, store_id: 22, .. } if id == "sx_app_x"
    ));
    assert!(file.get("warehouse").unwrap().read_only);
    assert!(matches!(
        &file.get("vault").unwrap().access,
        Access::Token(SecretSource::Command(command)) if command == "pass show selorax/token"
    ));
}

/// Files that are wrong, in which line, and what is said of it.
const WRONG: &[(&str, u32, &str)] = &[
    ("[profiles.a]\ntokn = \"hidden\"\n", 2, "unknown key tokn"),
    ("token = \"hidden\"\n", 1, "unknown key token"),
    ("[profiles.a]\ntoken = hidden\n", 2, "not TOML"),
    ("[profiles.a]\ntoken = \"hidden\n", 2, "not TOML"),
    (
        "[profiles.a]\ntoken = 5\n",
        2,
        "token in profile a takes a text",
    ),
    ("[profiles.a]\ntoken = \" \"\n", 2, "is empty"),
    (
        "[profiles.a]\nclient_id = \"x\"\n",
        2,
        "no client_secret: half",
    ),
    (
        "[profiles.a]\nclient_id = \"x\"\nclient_secret = \"hidden\"\n",
        2,
        "no store_id: half",
    ),
    ("[profiles.a]\nstore_id = 22\n", 2, "no client_id: half"),
    (
        "[profiles.a]\nclient_id = \"x\"\nclient_secret = \"hidden\"\nstore_id = -1\n",
        4,
        "above 0",
    ),
    (
        "[profiles.a]\ntoken = \"hidden\"\nstore_id = 22\n",
        3,
        "one kind",
    ),
    (
        "[profiles.a]\ntoken = \"hidden\"\ntoken_command = \"x\"\n",
        3,
        "one of them",
    ),
    ("[profiles.a]\n", 1, "no credentials"),
    (
        "[profiles.a]\ntoken = \"hidden\"\nread_only = \"yes\"\n",
        3,
        "true or false",
    ),
    ("[profiles.sandbox]\ntoken = \"hidden\"\n", 1, "built in"),
    (
        "\ndefault_profile = \"b\"\n",
        2,
        "names a profile that is not there",
    ),
    (
        "default_profile = \"hidden\"\n[profiles.a]\ntoken = \"x\"\n",
        1,
        "not there",
    ),
    (
        "[profiles.sx_at_hidden]\ntoken = \"x\"\n",
        1,
        "not a secret",
    ),
    (
        "[profiles.a]\nsx_at_hidden = \"x\"\n",
        2,
        "unknown key in profile a;",
    ),
    (
        "[profiles.a]\nhidden7 = \"x\"\n",
        2,
        "unknown key in profile a;",
    ),
    ("[sx_at_hidden]\n", 1, "unknown key;"),
    ("sx_at_hidden\n", 1, "not TOML"),
    (
        "[profiles.a]\ntoken = \"x\"\n[profiles.a]\n\"hidden\" = 1",
        3,
        "not TOML",
    ),
    (
        "[profiles.a]\nhidden = \"x\"\nhidden = \"x\"\n",
        3,
        "not TOML",
    ),
    (
        "[profiles.a]\ntoken = \"sx_secret_hidden\"\n",
        2,
        "token in profile a is a client secret",
    ),
    (
        "[profiles.a]\ntoken = \"x\"\napi_url = \"https://hidden@api.selorax.io\"\n",
        3,
        "api_url in profile a can't be used: credentials stand in it",
    ),
    (
        "[profiles.a]\ntoken = \"x\"\napi_url = \"https://api.selorax.io/?hidden\"\n",
        3,
        "a query",
    ),
    ("profiles = 3\n", 1, "a table"),
    ("[profiles]\na = 3\n", 2, "a table"),
];

#[test]
fn what_is_wrong_is_told_with_line_and_key_and_without_secrets() {
    for (text, line, says) in WRONG {
        let error = read(text).err().unwrap();
        assert_eq!(error.kind(), Kind::Usage, "{text}");
        let message = error.full_message();
        assert!(
            message.contains(&format!("config.toml, line {line}: ")),
            "{message}"
        );
        assert!(message.contains(says), "{message}");
        assert!(!message.contains("hidden"), "{message}");
    }
    assert_eq!(
        read("[profiles.a]\ntokn = \"x\"\n").err().unwrap().hint(),
        Some("did you mean token?")
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused_with_the_chmod_that_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = file(EXAMPLE);
    for mode in [0o640, 0o604, 0o610, 0o601, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = ProfileFile::read(&path).err().unwrap();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(error.hint().unwrap().starts_with("chmod 600 "));
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(ProfileFile::read(&path).unwrap().is_some());
}

fn new(name: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        access: Access::Token(SecretSource::Here(Secret::new("sx_at_new"))),
        api_url: Some("http://127.0.0.1:4000".to_owned()),
        read_only: true,
        tag_reasons: false,
        webhook_secret: None,
    }
}

#[test]
fn changes_keep_comments_and_order() {
    let (_folder, path) = file(EXAMPLE);
    edit::change(&path, |file| {
        file.make_default("warehouse");
        file.put(&new("garden"))
    })
    .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        EXAMPLE.replace("\"flowers\"", "\"warehouse\"")
            + "\n[profiles.garden]\ntoken = \"sx_at_new\"\napi_url = \"http://127.0.0.1:4000\"\nread_only = true\n"
    );
    edit::change(&path, |file| {
        file.remove("garden");
        file.remove("warehouse");
        Ok(())
    })
    .unwrap();
    let file = ProfileFile::read(&path).unwrap().unwrap();
    assert_eq!(file.default, None);
    assert_eq!(file.profiles.len(), 2);
}

#[test]
fn what_takes_a_place_keeps_the_comments_there() {
    let before = "\
default_profile = \"b\" # which

[profiles.a] # the shop
# renewed in May
token = \"sx_at_old\" # by Mina
store = 5

# the depot
[profiles.b]
token = \"sx_at_b\"

[recipes.r]
file = \"x.csv\" # nightly
buffer = 5
# tail
";
    let (_folder, path) = file(&before.replace("store = 5\n", ""));
    edit::change(&path, |file| {
        file.make_default("a");
        let recipe = file.recipe("r")?;
        assert!(file.put_recipe(&recipe)?);
        file.put(&new("a"))
    })
    .unwrap();
    let after = before
        .replace("\"b\" #", "\"a\" #")
        .replace("sx_at_old", "sx_at_new")
        .replace(
            "store = 5\n",
            "api_url = \"http://127.0.0.1:4000\"\nread_only = true\n",
        );
    assert_eq!(fs::read_to_string(&path).unwrap(), after);
}

#[test]
fn the_first_profile_is_the_default_and_the_file_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/sxinv/config.toml");
    edit::change(&path, |file| file.put(&new("flowers"))).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("default_profile = \"flowers\"\n"),
        "{text}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert_eq!(
        ProfileFile::read(&path)
            .unwrap()
            .unwrap()
            .default
            .as_deref(),
        Some("flowers")
    );
}
