//! The address of a server, as people paste it.

use std::net::IpAddr;

use crate::error::{Error, Result};

/// A base URL as people paste it, with or without `/api` and a slash at the end, as it is kept. Errors
/// are usage, and their message stands behind what the address is: no URL, credentials in it, or `http` to another
/// machine.
pub fn base_url(text: &str) -> Result<String> {
    let wrong = |why: &str| Error::usage(format!("can't be used: {why}"));
    let url = url::Url::parse(text.trim())
        .map_err(|_| wrong("it is not a URL").hinted("it looks like https://api.selorax.io"))?;
    // Not repeated in the message: it may hold a secret.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("credentials stand in it")
            .hinted("credentials belong in a profile or in the environment"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a query or a fragment"));
    }
    let local = match url.host() {
        None => return Err(wrong("it names no host")),
        // Nothing else: what stands before `.localhost` may be looked up elsewhere.
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        "http" => {
            return Err(wrong("http:// would send the credentials in the clear")
                .hinted("use https://; http:// is only for this machine"));
        }
        other => {
            return Err(wrong(&format!(
                "{other}:// is neither https:// nor http://"
            )));
        }
    }
    let path = url.path().trim_end_matches('/');
    let prefix = path
        .strip_suffix("/api/apps/v1/inventory")
        .or_else(|| path.strip_suffix("/api/apps/v1"))
        .or_else(|| path.strip_suffix("/api"))
        .unwrap_or(path);
    let origin = url.origin().ascii_serialization();
    Ok(format!("{origin}{}", prefix.trim_end_matches('/')))
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
        ] {
            assert_eq!(base_url(text).unwrap(), "https://api.selorax.io", "{text}");
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
