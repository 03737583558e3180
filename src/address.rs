//! The address of a server, as people paste it.

use url::{Host, Url};

use crate::credentials::redacted;
use crate::error::{Error, Result};

/// A base URL as people paste it, with or without `/api` and a slash at the end, as it is kept. Errors
/// are usage, and their message stands behind what the address is: no URL, credentials in it, or `http` to another
/// machine.
pub fn base_url(text: &str) -> Result<String> {
    let wrong = |why: &str| Error::usage(format!("can't be used: {why}"));
    let text = text.trim();
    if let Some(whole) = with_scheme(text) {
        let error = wrong("it does not say https://");
        return Err(match base_url(&whole) {
            Ok(_) => error.hinted(format!("did you mean {whole}?")),
            Err(_) => error.hinted(LIKE),
        });
    }
    let url = Url::parse(text).map_err(|_| wrong("it is not a URL").hinted(LIKE))?;
    // Not repeated in the message: it may hold a secret.
    let holds_one = !url.username().is_empty() || url.password().is_some();
    if holds_one || redacted(url.as_str()) != url.as_str() {
        return Err(wrong("credentials stand in it")
            .hinted("credentials belong in a profile or in the environment"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a query or a fragment")
            .hinted("leave off what stands behind the ? or the #"));
    }
    if !url.has_host() {
        return Err(wrong("it names no host"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(wrong("http:// would send the credentials in the clear")
                .hinted("use https://; http:// is only for this machine"));
        }
        other => {
            let why = format!("{other}:// is neither https:// nor http://");
            return Err(wrong(&why).hinted(LIKE));
        }
    }
    let origin = url.origin().ascii_serialization();
    Ok(format!("{origin}{}", before_the_api(url.path())))
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // Nothing else: what stands before `.localhost` may be looked up elsewhere.
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

const LIKE: &str = "it looks like https://api.selorax.io";

/// A path without what every request of ours adds to it: `/api`, and whatever of `/apps/v1/inventory/150` follows.
fn before_the_api(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let whole = "/apps/v1/inventory/";
    let cut = path.rmatch_indices("/api").find(|(at, api)| {
        let behind = &path[at + api.len()..];
        let more = behind
            .strip_prefix(whole)
            .is_some_and(|id| id.parse::<u64>().is_ok());
        more || behind.is_empty()
            || whole.starts_with(behind) && whole[behind.len()..].starts_with('/')
    });
    let prefix = cut.map_or(path, |(at, _)| &path[..at]);
    prefix.trim_end_matches('/')
}

/// An address that lacks its scheme, with it: `localhost:4000` would be read as one of the scheme `localhost`.
pub fn with_scheme(text: &str) -> Option<String> {
    if text.is_empty()
        || text.contains("://")
        || text.contains(['@', '\\'])
        || text.starts_with('/')
    {
        return None;
    }
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let named = name.contains('.') || name == "localhost" || name.starts_with('[');
    let loopback = name == "localhost" || name.starts_with("127.") || name == "[::1]";
    let scheme = if loopback { "http" } else { "https" };
    let whole = format!("{scheme}://{text}");
    (named && Url::parse(&whole).is_ok()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_base_url_is_taken_in_every_form_that_people_paste() {
        for text in [
            "https://api.selorax.io",
            "https://api.selorax.io/",
            "https://api.selorax.io/api",
            "https://api.selorax.io/api/",
            " https://API.selorax.io:443/api/apps/v1/ ",
            "https://api.selorax.io/api/apps/v1/inventory",
            "https://api.selorax.io/api/apps/v1/inventory/150",
            "https://api.selorax.io/api/apps",
            "HTTPS://api.selorax.io//api",
        ] {
            assert_eq!(base_url(text).unwrap(), "https://api.selorax.io", "{text}");
        }
        for other in ["https://h.example/apix", "https://h.example/api/v2"] {
            assert_eq!(base_url(other).unwrap(), other);
        }
        for (text, whole) in [
            ("api.selorax.io", "https://api.selorax.io"),
            ("api.selorax.io:443/api", "https://api.selorax.io:443/api"),
            ("localhost:4000", "http://localhost:4000"),
            ("[::1]:4000", "http://[::1]:4000"),
        ] {
            let error = base_url(text).unwrap_err();
            let hint = format!("did you mean {whole}?");
            assert_eq!(error.hint(), Some(hint.as_str()), "{text}");
        }
        assert_eq!(
            base_url("https://proxy.example/selorax/api").unwrap(),
            "https://proxy.example/selorax"
        );
        for local in [
            "http://127.0.0.1:4000",
            "http://127.8.0.1",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert_eq!(base_url(local).unwrap(), local);
        }
        for wrong in [
            "",
            "api.selorax.io",
            "http://api.selorax.io",
            "http://10.0.0.1",
            "http://localhost.example",
            "https://proxy.example/sx_at_Qw9ZkLm3Xr/api",
            "https://sx_secret_x.example",
            "http://shop.localhost",
            "http://localhost./",
            "ftp://api.selorax.io",
            "https://u:secret@api.selorax.io",
            "https://api.selorax.io?x=1",
            "file:///etc/passwd",
            "http://0.0.0.0:80",
        ] {
            let error = base_url(wrong).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{wrong}");
            assert!(!error.full_message().contains("secret"));
        }
    }
}
