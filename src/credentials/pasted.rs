//! Credentials as people paste them, and what can't be one.

use super::Secret;
use crate::error::{Error, Kind, Result};

/// What each kind of credential begins with, and what it is.
const FORMS: [(&str, &str); 4] = [
    ("sx_at_", "an access token"),
    ("sx_app_", "a client id"),
    ("sx_secret_", "a client secret"),
    ("whsec_", "a webhook secret"),
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
        let other = FORMS
            .iter()
            .find(|(prefix, _)| bare.starts_with(prefix) && *prefix != self.prefix());
        match other {
            Some((prefix, what)) => Err(format!("is {what} ({prefix}…), not {}", self.what())),
            None => Ok(Secret::new(bare)),
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

    fn prefix(self) -> &'static str {
        self.form().0
    }

    fn what(self) -> &'static str {
        self.form().1
    }

    fn form(self) -> (&'static str, &'static str) {
        match self {
            Meant::Token => FORMS[0],
            Meant::ClientId => FORMS[1],
            Meant::ClientSecret => FORMS[2],
            Meant::WebhookSecret => FORMS[3],
        }
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
