//! Secrets in texts that are going to be shown: one that a server repeats, one that was typed where a name belongs.

use std::borrow::Cow;

/// What secrets begin with. A client id (`sx_app_…`) is none.
const PREFIXES: [&str; 3] = ["sx_at_", "sx_secret_", "whsec_"];

/// This many letters and digits in a row are not a name that a person gave.
const RANDOM: usize = 20;

/// The text with every secret in it cut to what it begins with. The sandbox's own are no secrets.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((at, prefix)) = first_prefix(rest) {
        let behind = at + prefix.len();
        let length = rest[behind..]
            .find(|c: char| !belongs(c))
            .unwrap_or(rest.len() - behind);
        let secret = &rest[behind..behind + length];
        shown += &rest[..behind];
        if secret.is_empty() || secret == "sandbox" || secret == "sandbox_readonly" {
            shown += secret;
        } else {
            shown.push('…');
        }
        rest = &rest[behind + length..];
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shown + rest)
}

fn first_prefix(text: &str) -> Option<(usize, &'static str)> {
    let found = PREFIXES.iter().filter_map(|p| Some((text.find(p)?, *p)));
    found.min()
}

/// Whether a secret may have this character, as it is or in a URL.
fn belongs(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.~+/=%".contains(c)
}

/// Whether a text that stands where a name belongs may well be a secret.
pub fn looks_secret(name: &str) -> bool {
    let known = first_prefix(name).is_some();
    let mut runs = name.split(|c: char| !c.is_ascii_alphanumeric());
    known
        || runs.any(|run| {
            run.len() >= RANDOM
                && run.bytes().any(|b| b.is_ascii_digit())
                && run.bytes().any(|b| b.is_ascii_alphabetic())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_to_what_they_begin_with() {
        for (text, shown) in [
            ("no profile sx_at_9f8e7d in x", "no profile sx_at_… in x"),
            ("https://sx_at_a1@host/", "https://sx_at_…@host/"),
            ("\"sx_secret_A-b_c.d\", whsec_x", "\"sx_secret_…\", whsec_…"),
            ("Access token (sx_at_…)", "Access token (sx_at_…)"),
            ("sx_app_x", "sx_app_x"),
            ("the token is sx_at_sandbox;", "the token is sx_at_sandbox;"),
            ("sx_at_sandbox2", "sx_at_…"),
            ("prefix sx_at_", "prefix sx_at_"),
        ] {
            assert_eq!(redacted(text), shown);
        }
    }

    #[test]
    fn a_name_that_a_person_gave_is_told_from_a_secret() {
        for name in [
            "flowers",
            "flowers-2024-eu-west-1-production",
            "blumenladenmünchen",
            "",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
        for secret in [
            "sx_at_1",
            "whsec_x",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            "0123456789abcdef0123456789abcdef",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
    }
}
