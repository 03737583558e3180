//! Every setting and where it came from, as `check` shows them.

use crate::context::Context;
use crate::error::Result;
use crate::memory::lock::ListenLock;
use crate::render::row;
use crate::settings::{Address, Source};

row! {
    /// One setting, and where it came from.
    pub struct Setting {
        pub(super) name: &'static str = "NAME" Code,
        pub(super) value: String = "VALUE" Text,
        pub(super) source: String = "FROM" Code,
    }
}

/// Every setting.
pub fn all(context: &Context) -> Result<Vec<Setting>> {
    let connection = context.connection()?;
    let all = context.settings();
    let setting = |name, value: String, source: &Source| Setting {
        name,
        value,
        source: source.to_string(),
    };
    let yes_or_no = |yes| if yes { "yes" } else { "no" }.to_owned();
    let chosen = &connection.chosen_by;
    let mut list = vec![
        setting("profile", connection.profile.clone(), chosen),
        setting(
            "credentials",
            connection.credentials.kind().to_owned(),
            chosen,
        ),
    ];
    if let Some(store) = connection.credentials.store_id() {
        list.push(setting("store_id", store.to_string(), chosen));
    }
    let address = match &connection.address.value {
        Address::Sandbox => "the sandbox in this program".to_owned(),
        Address::Server(url) => url.clone(),
    };
    list.push(setting("api_url", address, &connection.address.source));
    list.push(setting(
        "read_only",
        yes_or_no(connection.read_only),
        chosen,
    ));
    list.push(setting(
        "tag_reasons",
        yes_or_no(connection.tag_reasons),
        chosen,
    ));
    let config = all.profile_path()?;
    list.push(setting(
        "config",
        config.value.display().to_string(),
        &config.source,
    ));
    let state = all.state_folder()?;
    list.push(setting(
        "state",
        state.display().to_string(),
        &all.state_source(),
    ));
    let listener = ListenLock::holder(&state, connection.store());
    list.push(setting(
        "listener",
        listener.unwrap_or_else(|| "none".to_owned()),
        &Source::Default,
    ));
    list.push(setting(
        "output",
        all.output.value.to_string(),
        &all.output.source,
    ));
    let timeout = format!("{:?}", all.timeout.value);
    list.push(setting("timeout", timeout, &all.timeout.source));
    list.push(setting(
        "retries",
        all.retries.value.to_string(),
        &all.retries.source,
    ));
    let color = format!("{:?}", all.color.value).to_lowercase();
    list.push(setting("color", color, &all.color.source));
    Ok(list)
}
