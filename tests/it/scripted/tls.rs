//! The scripted server behind TLS, with certificates made for the test.

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{Answer, Request, Server, Wire};

/// An authority, and what it signs.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Two of one name would be taken for each other.
        let name = format!("Authority {}", fastrand::u64(..));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Authority { pem, issuer }
    }

    /// Writes down what a client needs to trust it.
    pub fn write(&self, path: &Path) {
        std::fs::write(path, &self.pem).unwrap();
    }

    /// A server that shows a certificate of this authority, for these names, that expires at the end of a year.
    pub fn server(
        &self,
        names: &[&str],
        expires: i32,
        answer: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = date_time_ymd(expires, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        // Fails only where it is done already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let connect = move |mut stream: TcpStream| {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            // A client that does not trust it goes away.
            while tls.is_handshaking() {
                tls.complete_io(&mut stream).ok()?;
            }
            Some(StreamOwned::new(tls, stream))
        };
        Server::over("https", connect, answer)
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {}
