//! Precedence, with the environment as a map and no process.

use std::collections::HashMap;
use std::fs;

use super::*;
use crate::error::Kind;
use crate::profile::SANDBOX;

fn settings(typed: Typed, variables: &[(&str, &str)]) -> Result<Settings> {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let look_up = |name: &str| variables.get(name).map(Into::into);
    Settings::resolve(typed, Environment::read(look_up)?)
}

struct Home(tempfile::TempDir);

impl Home {
    fn new(text: &str) -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        fs::write(home.config(), text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(home.config(), fs::Permissions::from_mode(0o600)).unwrap();
        }
        home
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("config.toml")
    }

    fn connection(&self, typed: Typed, variables: &[(&str, &str)]) -> Result<Connection> {
        let typed = Typed {
            config: Some(self.config()),
            ..typed
        };
        settings(typed, variables)?.connection()
    }
}

fn profile(name: &str) -> Typed {
    Typed {
        profile: Some(name.to_owned()),
        ..Typed::default()
    }
}

const FILE: &str = "default_profile = \"flowers\"\n[profiles.flowers]\ntoken = \"sx_at_f\"\n[profiles.dev]\nclient_id = \"sx_app_d\"\nclient_secret = \"sx_secret_d\"\nstore_id = 22\napi_url = \"https://api-dev.selorax.io/api/\"\nread_only = true\n";

#[test]
fn credentials_are_taken_whole_from_the_first_place_that_has_them() {
    let home = Home::new(FILE);
    let token = [(env::TOKEN, "sx_at_e")];
    let by_default = home.connection(Typed::default(), &[]).unwrap();
    assert_eq!(by_default.profile, "flowers");
    assert_eq!(by_default.chosen_by, Source::DefaultProfile);
    let environment = home.connection(Typed::default(), &token).unwrap();
    assert_eq!(environment.chosen_by, Source::Env(env::TOKEN));
    assert!(
        environment
            .note
            .unwrap()
            .contains("default profile flowers")
    );
    let named = home.connection(profile("dev"), &token).unwrap();
    assert_eq!(named.profile, "dev");
    assert!(named.read_only && named.note.is_none());
    let by_variable = home
        .connection(
            Typed::default(),
            &[(env::PROFILE, "dev"), (env::TOKEN, "x")],
        )
        .unwrap();
    assert_eq!(by_variable.chosen_by, Source::Env(env::PROFILE));
    let client = [
        (env::CLIENT_ID, "sx_app_e"),
        (env::CLIENT_SECRET, "sx_secret_e"),
        (env::STORE_ID, "7"),
    ];
    let by_client = home.connection(Typed::default(), &client).unwrap();
    assert_eq!(by_client.credentials.store_id(), Some(7));
    for half in [&client[..1], &client[..2], &client[1..]] {
        let error = home.connection(Typed::default(), half).err().unwrap();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(error.message().contains("is not set"), "{error}");
    }
}

#[test]
fn without_credentials_the_error_says_how_to_get_some() {
    let home = Home::new("[profiles.flowers]\ntoken = \"x\"\n");
    let error = home.connection(Typed::default(), &[]).err().unwrap();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(error.hint().unwrap().contains("-p flowers"));
    let error = home.connection(profile("flower"), &[]).err().unwrap();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(error.hint(), Some("did you mean flowers?"));
    let nowhere = Typed {
        config: Some(home.0.path().join("none.toml")),
        ..profile("flowers")
    };
    let error = settings(nowhere, &[]).unwrap().connection().err().unwrap();
    assert!(error.message().contains("there is none"), "{error}");
}

#[test]
fn the_address_is_flag_then_profile_then_environment_then_production() {
    let home = Home::new(FILE);
    let variable = [(env::API_URL, "http://127.0.0.1:9/api")];
    let address = |typed, variables: &[_]| {
        let connection = home.connection(typed, variables).unwrap();
        match connection.address.value {
            Address::Server(url) => url,
            Address::Sandbox => "sandbox".to_owned(),
        }
    };
    assert_eq!(address(profile("flowers"), &[]), "https://api.selorax.io");
    assert_eq!(address(profile("flowers"), &variable), "http://127.0.0.1:9");
    assert_eq!(
        address(profile("dev"), &variable),
        "https://api-dev.selorax.io"
    );
    let typed = |name| Typed {
        api_url: Some("http://localhost:4000/".to_owned()),
        ..profile(name)
    };
    assert_eq!(address(typed("dev"), &variable), "http://localhost:4000");
    assert_eq!(address(profile(SANDBOX), &variable), "sandbox");
    assert_eq!(address(typed(SANDBOX), &variable), "http://localhost:4000");
}

#[test]
fn the_store_is_the_same_however_its_token_is_renewed() {
    let home = Home::new(FILE);
    let key = |typed, variables: &[_]| {
        home.connection(typed, variables)
            .unwrap()
            .store()
            .to_owned()
    };
    assert_eq!(
        key(Typed::default(), &[(env::TOKEN, "a")]),
        key(Typed::default(), &[(env::TOKEN, "b")])
    );
    assert_ne!(
        key(Typed::default(), &[(env::TOKEN, "a"), (env::STORE_ID, "1")]),
        key(Typed::default(), &[(env::TOKEN, "a"), (env::STORE_ID, "2")])
    );
    assert_eq!(
        key(profile("dev"), &[]),
        "https://api-dev.selorax.io store 22"
    );
    assert_ne!(key(profile("dev"), &[]), key(profile("flowers"), &[]));
}

#[test]
fn the_format_of_output() {
    let of = |typed: Typed, variables: &[_]| settings(typed, variables).unwrap();
    assert_eq!(of(Typed::default(), &[]).output.value, Format::Table);
    let variable = [(env::OUTPUT, "csv")];
    assert_eq!(of(Typed::default(), &variable).output.value, Format::Csv);
    let typed = Typed {
        output: Some(Format::Json),
        ..Typed::default()
    };
    assert_eq!(of(typed, &variable).output.source, Source::Flag("--output"));
    assert!(settings(Typed::default(), &[(env::OUTPUT, "xml")]).is_err());
}
