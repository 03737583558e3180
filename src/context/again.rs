//! Commands of ours in hints and notes, as they have to be typed to mean the same store again.

use super::Context;
use crate::error::Result;
use crate::profile::SANDBOX;
use crate::settings::{ENVIRONMENT, Source};
use crate::shell;

/// What is about the store, and so about the profile, the profile file and the address that were typed.
const ABOUT_STORE: &[&str] = &[
    "list",
    "show",
    "set",
    "adjust",
    "import-csv",
    "export-csv",
    "scan",
    "snapshot",
    "diff",
    "reorder",
    "report",
    "listen",
    "history",
    "undo",
    "check",
];

/// What is about the profile file alone.
const ABOUT_FILE: &str = "profile";

impl Context {
    /// The program as it would have to be typed to mean the same store again.
    pub fn typed_again(&self) -> Result<String> {
        let url = self.settings.api_url.as_deref();
        self.typed(self.typed_profile(), url)
    }

    /// The same for a run that was made on the server `server`; under another profile than the one that holds now, where
    /// one is named.
    fn typed_for(&self, profile: Option<&str>, server: &str) -> Result<String> {
        let said = self.settings.untyped_server(profile).ok().flatten();
        let url = http(server).filter(|server| said.as_deref() != Some(server));
        self.typed(profile.or(self.typed_profile()), url)
    }

    /// The same for a run that was made under `profile` on the server `server`; none where that profile is gone.
    pub fn typed_for_run(&self, profile: &str, server: &str) -> Result<Option<String>> {
        let settings = &self.settings;
        let holds = settings
            .profile
            .as_ref()
            .is_some_and(|now| now.value == profile);
        if holds {
            return self.typed_for(None, server).map(Some);
        }
        // Credentials of the environment have no profile that could be named.
        if profile == ENVIRONMENT {
            return self.typed(None, http(server)).map(Some);
        }
        let file = settings.profile_file().ok().flatten();
        match profile == SANDBOX || file.is_some_and(|file| file.get(profile).is_some()) {
            true => self.typed_for(Some(profile), server).map(Some),
            false => Ok(None),
        }
    }

    fn typed_profile(&self) -> Option<&str> {
        let profile = self.settings.profile.as_ref()?;
        let typed = profile.source == Source::Flag("--profile");
        typed.then_some(profile.value.as_str())
    }

    fn typed(&self, profile: Option<&str>, api_url: Option<&str>) -> Result<String> {
        let mut words = vec!["sxinv".to_owned()];
        if let Some(profile) = profile {
            words.extend(["-p".to_owned(), profile.to_owned()]);
        }
        let config = self.settings.profile_path()?;
        if config.source == Source::Flag("--config") {
            let path = config.value.to_string_lossy().into_owned();
            words.extend(["--config".to_owned(), path]);
        }
        if let Some(url) = api_url {
            words.extend(["--api-url".to_owned(), url.to_owned()]);
        }
        Ok(shell::joined(words.iter().map(String::as_str)))
    }

    /// A text whose commands of ours are for the store that was typed. Where that can't be told they stay as they are.
    pub fn in_place(&self, text: &str) -> String {
        match (self.typed_again(), self.typed(None, None)) {
            (Ok(store), Ok(file)) => retyped(text, &store, &file),
            _ => text.to_owned(),
        }
    }
}

/// The address of a server that can be typed: that of the sandbox can't.
fn http(server: &str) -> Option<&str> {
    Some(server).filter(|server| server.starts_with("http"))
}

/// Puts `store` for the program's name where a command about the store follows it, and `file` where one about profiles does.
fn retyped(text: &str, store: &str, file: &str) -> String {
    const PROGRAM: &str = "sxinv ";
    let mut retyped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(PROGRAM) {
        let (before, found) = rest.split_at(at);
        let behind = &found[PROGRAM.len()..];
        let is_letter = |c: char| c.is_ascii_lowercase() || c == '-';
        let command = behind.split(|c| !is_letter(c)).next().unwrap_or_default();
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "-_/.".contains(c));
        retyped.push_str(before);
        retyped.push_str(match command {
            command if begins && ABOUT_STORE.contains(&command) => store,
            ABOUT_FILE if begins => file,
            _ => PROGRAM.trim_end(),
        });
        retyped.push(' ');
        rest = behind;
    }
    retyped.push_str(rest);
    retyped
}

#[cfg(test)]
mod tests {
    use super::retyped;

    #[test]
    fn commands_in_a_text_are_for_what_was_typed() {
        for (text, says) in [
            ("`sxinv list --variants` lists", "`S list --variants` lists"),
            ("go on: sxinv undo X\nsxinv diff", "go on: S undo X\nS diff"),
            ("sxinv profile add NAME", "F profile add NAME"),
            ("sxinv -p sandbox list", "sxinv -p sandbox list"),
            ("a newer sxinv made it", "a newer sxinv made it"),
            ("sxinv sandbox reset", "sxinv sandbox reset"),
            ("/opt/sxinv list", "/opt/sxinv list"),
            ("update sxinv", "update sxinv"),
        ] {
            assert_eq!(retyped(text, "S", "F"), says);
        }
    }
}
