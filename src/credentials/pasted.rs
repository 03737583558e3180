//! Credentials as people paste them, and what can't be one.

use super::Secret;
use crate::error::{Error, Kind, Result};

/// What each kind of credential begins with, and what it is.
const FORMS: [(Meant, &str, &str); 4] = [
    (Meant::Token, "sx_at_", "an access token"),
    (Meant::ClientId, "sx_app_", "a client id"),
    (Meant::ClientSecret, "sx_secret_", "a client secret"),
    (Meant::WebhookSecret, "whsec_", "a webhook secret"),
];

/// What stands before a token in a header.
const SCHEME: &str = "bearer";

/// Which kind of credential a text is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// `sx_at_…`.
    Token,
    /// `sx_app_…`.
    ClientId,
    /// `sx_secret_…`.
    ClientSecret,
    /// `whsec_…`.
    WebhookSecret,
}

impl Meant {
    /// The credential in a pasted text: without the blanks, the quotes and the `Bearer` around it. The error says why it
    /// can't be one, to stand behind its name, and repeats nothing of it.
    pub fn read(self, text: &str) -> Result<Secret, String> {
        let bare = bare(text);
        if bare.is_empty() || bare.eq_ignore_ascii_case(SCHEME) {
            return Err("is empty".to_owned());
        }
        if !bare.bytes().all(|b| b.is_ascii_graphic()) || bare.contains(['"', '\'', '`']) {
            return Err("has blanks or other characters that no credential has".to_owned());
        }
        let form = FORMS.iter().find(|(_, prefix, _)| bare.starts_with(prefix));
        match form {
            Some((other, prefix, what)) if *other != self => {
                Err(format!("is {what} ({prefix}…), not {}", self.what()))
            }
            _ => Ok(Secret::new(bare)),
        }
    }

    /// The command that prints the credential. The error says why a text can't be one, to stand behind its name: it is empty, or
    /// itself a credential, which a shell would repeat.
    pub fn command(self, text: &str) -> Result<String, String> {
        let (whole, first) = (bare(text), text.split_whitespace().next());
        let words = [whole, bare(first.unwrap_or_default())];
        let is_one = |prefix: &str| words.iter().any(|word| word.starts_with(prefix));
        match FORMS.iter().find(|(_, prefix, _)| is_one(prefix)) {
            _ if whole.is_empty() => Err("is empty".to_owned()),
            Some((_, prefix, what)) => {
                let what = format!("{what} ({prefix}…)");
                Err(format!(
                    "takes a command that prints it, and this is {what}"
                ))
            }
            None => Ok(text.trim().to_owned()),
        }
    }

    /// The credential in what a command printed. An error is auth.
    pub fn printed(self, printed: Secret) -> Result<Secret> {
        // Where the command was not run there is nothing to read.
        if printed.is_empty() {
            return Ok(printed);
        }
        self.read(printed.expose())
            .map_err(|why| Error::new(Kind::Auth, format!("what the command printed {why}")))
    }

    /// Its key in the profile file.
    pub fn key(self) -> &'static str {
        match self {
            Meant::Token => "token",
            Meant::ClientId => "client_id",
            Meant::ClientSecret => "client_secret",
            Meant::WebhookSecret => "webhook_secret",
        }
    }

    /// The key of the command that prints it.
    pub fn command_key(self) -> String {
        format!("{}_command", self.key())
    }

    fn what(self) -> &'static str {
        let form = FORMS.iter().find(|(meant, ..)| *meant == self);
        form.map_or("", |(_, _, what)| what)
    }
}

/// A text without what people copy along with it.
fn bare(text: &str) -> &str {
    let mut bare = text;
    loop {
        let before = bare;
        bare = bare.trim();
        for quote in ['"', '\'', '`'] {
            let inner = bare.strip_prefix(quote).and_then(|b| b.strip_suffix(quote));
            bare = inner.unwrap_or(bare);
        }
        if let Some((scheme, token)) = bare.split_once(char::is_whitespace)
            && scheme.eq_ignore_ascii_case(SCHEME)
        {
            bare = token;
        }
        if bare == before {
            return bare;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_along_is_left_out() {
        for text in [
            "sx_at_x",
            " sx_at_x\r\n",
            "\"sx_at_x\"",
            "'sx_at_x'",
            "Bearer sx_at_x",
            "\"bearer  sx_at_x\" ",
            "Bearer 'sx_at_x'",
            "\u{a0}sx_at_x\u{a0}",
        ] {
            let token = Meant::Token.read(text);
            assert_eq!(
                token.map(|t| t.expose().to_owned()).as_deref(),
                Ok("sx_at_x"),
                "{text}"
            );
        }
        // Another form may be one some day.
        assert!(Meant::Token.read("0d1f").is_ok());
    }

    #[test]
    fn a_credential_is_no_command_that_prints_one() {
        for text in [
            "sx_at_x9",
            " 'sx_secret_x9' | cat",
            "Bearer sx_at_x9",
            "whsec_x9",
        ] {
            let why = Meant::Token.command(text).unwrap_err();
            assert!(
                why.starts_with("takes a command") && !why.contains("x9"),
                "{why}"
            );
        }
        assert_eq!(Meant::Token.command(" "), Err("is empty".to_owned()));
        assert_eq!(
            Meant::Token.command(" pass show a ").as_deref(),
            Ok("pass show a")
        );
    }

    #[test]
    fn what_can_not_be_one_is_refused_and_not_repeated() {
        for (meant, text, why) in [
            (Meant::Token, "", "is empty"),
            (Meant::Token, "\"\"", "is empty"),
            (Meant::Token, "Bearer ", "is empty"),
            (Meant::Token, "sx_at_\thidden", "no credential"),
            (Meant::Token, "sx_at_\"hidden", "no credential"),
            (Meant::Token, "sx_at_hidden…", "no credential"),
            (
                Meant::Token,
                "Authorization: Bearer sx_at_hidden",
                "no credential",
            ),
            (
                Meant::Token,
                "sx_secret_hidden",
                "is a client secret (sx_secret_…), not an access token",
            ),
            (Meant::ClientSecret, "sx_app_hidden", "is a client id"),
            (Meant::ClientId, "sx_at_hidden", "is an access token"),
            (Meant::ClientSecret, "whsec_hidden", "is a webhook secret"),
        ] {
            let error = meant.read(text).err().unwrap();
            assert!(error.contains(why) && !error.contains("hidden"), "{error}");
        }
    }
}
