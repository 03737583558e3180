//! The address of a server, as people paste it.

use std::net::IpAddr;

use crate::error::{Error, Result};

/// A base URL as people paste it, with or without `/api` and a slash at the end, as [`Address::Server`] has it. Errors
/// are usage: no URL, credentials in it, or `http` to another machine.
pub fn base_url(text: &str) -> Result<String> {
    let wrong = |why: &str| Error::usage(format!("the address can't be used: {why}"));
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
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        "http" => {
            return Err(wrong("http:// would send the credentials in the clear")
                .hinted("use https://; http:// is for this machine alone"));
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
