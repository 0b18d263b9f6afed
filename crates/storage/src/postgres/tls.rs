//! TLS to PostgreSQL: what `sslmode` and `sslrootcert` of the URL ask for, in the words of libpq.
//!
//! `prefer` and `require` encrypt against those who listen and verify nothing, so that whoever can redirect the connection
//! can read it. `verify-full` also verifies the certificate and that it is the host's; it alone takes `sslrootcert`.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use values::error::{Error, Result};

/// How to reach the server that a URL names.
pub struct Settings {
    pub config: Config,
    pub tls: MakeRustlsConnect,
}

/// Reads the URL, its two settings of TLS included.
pub fn settings(url: &str) -> Result<Settings> {
    let Asked { url, mode, roots } = Asked::of(url)?;
    let parsed: std::result::Result<Config, _> = url.parse();
    let mut config = parsed.map_err(|e| wrong(format!("not a PostgreSQL URL: {}", words(&e))))?;
    if let Some((mode, _)) = mode {
        config.ssl_mode(mode);
    }
    let verified = mode.is_some_and(|(_, verified)| verified);
    if !verified && roots.is_some() {
        return Err(wrong("sslrootcert is read by sslmode=verify-full only; the other modes verify nothing"));
    }
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(format!("TLS: {e}")))?;
    let tls = if verified {
        builder.with_root_certificates(trusted(roots.as_deref())?).with_no_client_auth()
    } else {
        let anybody = Arc::new(Anybody(provider));
        builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth()
    };
    Ok(Settings { config, tls: MakeRustlsConnect::new(tls) })
}

/// What a URL says about TLS, and the URL without what the driver does not know.
#[derive(Debug, PartialEq)]
struct Asked {
    url: String,
    /// The mode for the driver, and whether the certificate is verified.
    mode: Option<(SslMode, bool)>,
    roots: Option<String>,
}

impl Asked {
    fn of(url: &str) -> Result<Self> {
        let mut asked = Self { url: url.to_owned(), mode: None, roots: None };
        let Some((head, query)) = url.split_once('?').filter(|(head, _)| head.contains("://")) else {
            return Ok(asked);
        };
        let mut kept = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => asked.mode = Some(read_mode(mode)?),
                Some(("sslrootcert", file)) => asked.roots = Some(decoded(file)?),
                _ => kept.push(pair),
            }
        }
        asked.url = if kept.is_empty() { head.to_owned() } else { format!("{head}?{}", kept.join("&")) };
        Ok(asked)
    }
}

fn read_mode(mode: &str) -> Result<(SslMode, bool)> {
    match mode {
        "disable" => Ok((SslMode::Disable, false)),
        "prefer" => Ok((SslMode::Prefer, false)),
        "require" => Ok((SslMode::Require, false)),
        "verify-full" => Ok((SslMode::Require, true)),
        other => {
            let known = "choose disable, prefer, require or verify-full";
            Err(wrong(format!("sslmode={other} is not offered; {known}")))
        }
    }
}

/// Undoes percent encoding, as the driver does with everything else in the URL.
fn decoded(text: &str) -> Result<String> {
    let refuse = || wrong(format!("sslrootcert={text} is not a path"));
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(refuse)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| refuse())?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| refuse())
}

/// The authorities that are believed: those of the file, or those of the machine.
fn trusted(file: Option<&str>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let Some(file) = file.filter(|file| *file != "system") else {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let missing = "this machine has no store of certificate authorities; name a file with sslrootcert=FILE";
            return Err(wrong(missing));
        }
        return Ok(roots);
    };
    let unreadable = |e: &dyn StdError| wrong(format!("sslrootcert={file} cannot be read: {}", words(e)));
    for certificate in CertificateDer::pem_file_iter(Path::new(file)).map_err(|e| unreadable(&e))? {
        let certificate = certificate.map_err(|e| unreadable(&e))?;
        roots.add(certificate).map_err(|e| unreadable(&e))?;
    }
    if roots.is_empty() {
        return Err(wrong(format!("sslrootcert={file} holds no certificate in PEM")));
    }
    Ok(roots)
}

/// Takes any certificate, as `prefer` and `require` do; the handshake must still be signed with it.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// An error with its causes, each once.
pub fn words(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text
}

fn wrong(rule: impl Into<String>) -> Error {
    Error::invalid("database_url", rule)
}

#[cfg(test)]
mod tests;
