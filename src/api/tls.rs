//! Why a secure connection did not come about, in words.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use crate::error::{Error, Result};
use crate::time::{DAY, UtcTime};
use crate::words::listed;

/// Names the file with the authorities that are trusted, where it is not the system's own.
const CERTIFICATES: &str = "SSL_CERT_FILE";

/// What is wrong, as the end of a sentence, and what to do about it.
pub struct Trouble {
    pub what: String,
    pub hint: &'static str,
}

/// An error, usage, when the file with the trusted authorities is named and can't be read.
pub fn check_certificates() -> Result<()> {
    // macOS and Windows ask the system alone.
    let named = std::env::var_os(CERTIFICATES).filter(|name| !name.is_empty());
    let named = named.filter(|_| !cfg!(any(target_vendor = "apple", windows)));
    let Some(path) = named.map(PathBuf::from) else {
        return Ok(());
    };
    let readable = std::fs::File::open(&path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(()),
    });
    readable.map_err(|e| {
        let message = format!(
            "{CERTIFICATES} names {}, which can't be read",
            path.display()
        );
        Error::usage(message).caused_by(e).hinted(format!(
            "unset {CERTIFICATES}, or name a file with certificates"
        ))
    })
}

/// The error for no trusted authority at all.
pub fn no_certificates(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let message = "no certificate authority can be trusted";
    match std::env::var_os(CERTIFICATES) {
        Some(path) => Error::usage(message).caused_by(error).hinted(format!(
            "{CERTIFICATES} names {}: there is no certificate in it",
            PathBuf::from(path).display()
        )),
        None => Error::internal(message).caused_by(error).hinted(format!(
            "install ca-certificates, or name a file with certificates in {CERTIFICATES}"
        )),
    }
}

/// What is wrong with TLS, where that is what lies beneath an error.
pub fn trouble(error: &reqwest::Error) -> Option<Trouble> {
    let trouble = |what: String, hint| Some(Trouble { what, hint });
    match beneath(error)? {
        rustls::Error::InvalidCertificate(certificate) => {
            let (what, hint) = distrust(certificate);
            trouble(format!("the server's certificate {what}"), hint)
        }
        rustls::Error::NoCertificatesPresented => trouble(
            "the server showed no certificate".to_owned(),
            "check the address (--api-url)",
        ),
        other => trouble(
            format!("the server does not speak TLS as it should ({other})"),
            "check the address (--api-url), and whether its port is one for https",
        ),
    }
}

fn distrust(error: &CertificateError) -> (String, &'static str) {
    const OWNER: &str =
        "check this machine's clock; where it is right, the server's owner has to mend this";
    const ADDRESS: &str = "check the address (--api-url)";
    const AUTHORITY: &str = "where a proxy or a virus scanner reads what is encrypted, name the file with its certificate in SSL_CERT_FILE";
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "is signed by an authority that this machine does not know".to_owned(),
            AUTHORITY,
        ),
        CertificateError::Expired => ("expired".to_owned(), OWNER),
        CertificateError::ExpiredContext { not_after, .. } => {
            (format!("expired on {}", day(*not_after)), OWNER)
        }
        CertificateError::NotValidYet => ("is not valid yet".to_owned(), OWNER),
        CertificateError::NotValidYetContext { not_before, .. } => {
            (format!("is valid from {} only", day(*not_before)), OWNER)
        }
        CertificateError::Revoked => ("was revoked".to_owned(), OWNER),
        CertificateError::NotValidForName => ("is for another name".to_owned(), ADDRESS),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            let names = match names.as_slice() {
                [] => "no name".to_owned(),
                [first, second, ..] if names.len() > 4 => format!("{first}, {second} and others"),
                names => listed(names, "and"),
            };
            (
                format!("is for {names}, not for {}", expected.to_str()),
                ADDRESS,
            )
        }
        // The library has no name of its own for it.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => (
            "is an authority's own, which no server may show as its own".to_owned(),
            "the server needs a certificate that an authority signed; SSL_CERT_FILE may name that authority's",
        ),
        _ => ("can't be trusted".to_owned(), AUTHORITY),
    }
}

/// `DnsName("example.com")` without what is not the name.
fn bare(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    UtcTime::from_millis(seconds.saturating_mul(1000)).local(&TimeZone::UTC, DAY)
}

/// The error of the TLS library, however deep it lies.
fn beneath(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // What an I/O error holds is not what it says to be its source.
        let held = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    None
}
