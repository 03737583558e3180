//! Every setting and where it came from, as `check` shows them.

use crate::context::Context;
use crate::error::Result;
use crate::memory::lock::ListenLock;
use crate::render::row;
use crate::settings::{Address, Connection, Source};

row! {
    /// One setting, and where it came from.
    pub struct Setting {
        pub(super) name: &'static str = "NAME" Code,
        pub(super) value: String = "VALUE" Text,
        pub(super) source: String = "FROM" Code,
    }
}

/// Every setting; without a connection, those that there are all the same.
pub fn all(context: &Context, connection: Option<&Connection>) -> Result<Vec<Setting>> {
    let all = context.settings();
    let setting = |name, value: String, source: &Source| Setting {
        name,
        value,
        source: source.to_string(),
    };
    let yes_or_no = |yes| if yes { "yes" } else { "no" }.to_owned();
    let (config, state) = (all.profile_path()?, all.state_folder()?);
    let mut list = Vec::new();
    if let Some(connection) = connection {
        let (chosen, credentials) = (&connection.chosen_by, &connection.credentials);
        let address = match &connection.address.value {
            Address::Sandbox => "the sandbox in this program".to_owned(),
            Address::Server(url) => url.clone(),
        };
        let listener = ListenLock::holder(&state.value, connection.store());
        let listener = listener.unwrap_or_else(|| "none".to_owned());
        list.extend([
            setting("profile", connection.profile.clone(), chosen),
            setting("credentials", credentials.kind().to_owned(), chosen),
        ]);
        let store = credentials.store_id();
        list.extend(store.map(|store| setting("store_id", store.to_string(), chosen)));
        list.extend([
            setting("api_url", address, &connection.address.source),
            setting("read_only", yes_or_no(connection.read_only), chosen),
            setting("tag_reasons", yes_or_no(connection.tag_reasons), chosen),
            setting("listener", listener, &Source::Default),
        ]);
    }
    list.extend([
        setting("config", config.value.display().to_string(), &config.source),
        setting("state", state.value.display().to_string(), &state.source),
        setting("output", all.output.value.to_string(), &all.output.source),
        setting(
            "timeout",
            format!("{:?}", all.timeout.value),
            &all.timeout.source,
        ),
        setting(
            "retries",
            all.retries.value.to_string(),
            &all.retries.source,
        ),
        setting(
            "color",
            format!("{:?}", all.color.value).to_lowercase(),
            &all.color.source,
        ),
    ]);
    Ok(list)
}
