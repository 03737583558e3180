//! The proxy that requests leave through: the environment names it, as it does for curl.

use std::ffi::OsString;
use std::fmt;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::error::{Error, Result};

/// Where a proxy for `https://` is looked for, the first that is set.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Where the hosts are named that need none.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy, and who named it. Shown without its user and password.
#[derive(Debug)]
pub struct Proxy {
    url: Url,
    source: &'static str,
}

impl Proxy {
    /// The proxy for requests to `base`, if there is one; `environment` says what a variable holds. An error is usage: a
    /// variable can't be read as a proxy.
    pub fn of(base: &str, environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Proxy>> {
        let Some(target) = base.parse::<Uri>().ok().filter(is_https) else {
            return Ok(None);
        };
        let first = |names: &[&'static str]| {
            let mut set = names.iter().filter_map(|name| {
                let value = environment(name).filter(|value| !value.is_empty())?;
                Some((*name, value))
            });
            set.next()
        };
        let except = match first(&EXCEPTIONS) {
            Some((name, hosts)) => hosts
                .into_string()
                .map_err(|_| Error::usage(format!("{name} is not valid text")))?,
            None => String::new(),
        };
        let Some((source, value)) = first(&VARIABLES) else {
            return Ok(of_the_system(&target, &except));
        };
        // The matcher knows what the exceptions mean; which proxy it would take does not matter to it.
        let matcher = Matcher::builder()
            .all("http://localhost")
            .no(except)
            .build();
        if matcher.intercept(&target).is_none() {
            return Ok(None);
        }
        match value.to_str().and_then(read) {
            Some(url) => Ok(Some(Proxy { url, source })),
            // Not repeated: a password may stand in it.
            None => Err(
                Error::usage(format!("{source} does not name a proxy that can be used"))
                    .hinted("it looks like http://proxy.example.com:3128 or socks5h://127.0.0.1:1080; unset it to go without"),
            ),
        }
    }

    /// The whole address, for the one who connects to it.
    pub(super) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// What opens it, if it needs that.
    pub(super) fn password(&self) -> Option<&str> {
        self.url.password()
    }

    /// The variable that named it.
    pub fn source(&self) -> &'static str {
        self.source
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.scheme();
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "{scheme}://{host}")?;
        match self.url.port() {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

fn is_https(target: &Uri) -> bool {
    target.scheme_str() == Some("https")
}

/// What macOS and Windows are set to, where the environment says nothing; elsewhere there is nothing else.
fn of_the_system(target: &Uri, except: &str) -> Option<Proxy> {
    if !cfg!(any(target_os = "macos", windows)) || except == "*" {
        return None;
    }
    let found = Matcher::from_system().intercept(target)?;
    let url = Url::parse(&found.uri().to_string()).ok()?;
    let source = "the system's settings";
    Some(Proxy { url, source })
}

/// A proxy's address with or without a scheme, `http` where there is none.
fn read(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let url = url.ok()?;
    let whole = url.has_host()
        && SCHEMES.contains(&url.scheme())
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    whole.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "https://api.selorax.io";

    fn of(base: &str, variables: &[(&str, &str)]) -> Result<Option<String>> {
        let environment = |name: &str| {
            let set = variables.iter().find(|(variable, _)| *variable == name);
            set.map(|(_, value)| OsString::from(value))
        };
        let proxy = Proxy::of(base, &environment)?;
        Ok(proxy.map(|proxy| format!("{proxy} by {}", proxy.source())))
    }

    #[test]
    fn the_environment_names_the_proxy() {
        for (value, shown) in [
            ("http://proxy.corp:3128", "http://proxy.corp:3128"),
            ("proxy.corp:3128", "http://proxy.corp:3128"),
            (
                "http://me:hidden@proxy.corp:3128/",
                "http://proxy.corp:3128",
            ),
            ("https://proxy.corp", "https://proxy.corp"),
            ("socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080"),
            ("http://[::1]:3128", "http://[::1]:3128"),
        ] {
            let found = of(API, &[("HTTPS_PROXY", value)]).unwrap();
            assert_eq!(found.unwrap(), format!("{shown} by HTTPS_PROXY"));
        }
        let all = [
            ("ALL_PROXY", "a:1"),
            ("https_proxy", "b:1"),
            ("HTTP_PROXY", "c:1"),
        ];
        assert_eq!(of(API, &all).unwrap().unwrap(), "http://b:1 by https_proxy");
        assert_eq!(of(API, &all[2..]).unwrap(), None, "that one is for http://");
        let empty = [("HTTPS_PROXY", ""), ("all_proxy", "d:1")];
        assert_eq!(of(API, &empty).unwrap().unwrap(), "http://d:1 by all_proxy");
    }

    #[test]
    fn hosts_that_need_none_get_none() {
        for hosts in ["*", "selorax.io", ".selorax.io", "x, api.selorax.io"] {
            let set = [("HTTPS_PROXY", "p:1"), ("NO_PROXY", hosts)];
            assert_eq!(of(API, &set).unwrap(), None, "{hosts}");
        }
        let others = [("HTTPS_PROXY", "p:1"), ("no_proxy", "example.com")];
        assert!(of(API, &others).unwrap().is_some());
        let broken = [("HTTPS_PROXY", "http//p"), ("NO_PROXY", "selorax.io")];
        assert_eq!(of(API, &broken).unwrap(), None, "nobody needs it");
        assert_eq!(of("http://127.0.0.1:8080", &broken[..1]).unwrap(), None);
    }

    #[test]
    fn what_names_no_proxy_is_an_error_that_does_not_repeat_it() {
        for value in [
            "http//me:hidden@proxy:3128",
            "http://proxy:port",
            "ftp://me:hidden@proxy",
            "http://",
            "http://[::1",
            "proxy:3128/path",
            "http://proxy?x",
            "socks://proxy",
        ] {
            let error = of(API, &[("ALL_PROXY", value)]).unwrap_err();
            assert_eq!(error.kind(), crate::error::Kind::Usage, "{value}");
            assert!(error.message().contains("ALL_PROXY"), "{error}");
            assert!(!error.message().contains("hidden"), "{error}");
        }
    }
}
