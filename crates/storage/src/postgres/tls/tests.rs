//! What each mode asks of a server and what it takes for an answer: against a server that speaks just enough of the
//! protocol, with and without TLS.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::super::Postgres;
use super::*;

/// Whom the server refuses once the connection stands, which shows that it stands.
const REFUSAL: &str = "nobody is let in here";
const SSL_REQUEST: i32 = 80_877_103;

#[test]
fn the_url_says_which_mode() {
    let plain = "postgres://concord@db.example/concord";
    let some = |text: &str| Some(text.to_owned());
    for (query, kept, mode, roots) in [
        ("", "", None, None),
        ("?sslmode=disable", "", Some((SslMode::Disable, false)), None),
        ("?sslmode=prefer&connect_timeout=3", "?connect_timeout=3", Some((SslMode::Prefer, false)), None),
        ("?connect_timeout=3&sslmode=require", "?connect_timeout=3", Some((SslMode::Require, false)), None),
        (
            "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20one.pem",
            "",
            Some((SslMode::Require, true)),
            some("/etc/ca one.pem"),
        ),
    ] {
        let expected = Asked { url: format!("{plain}{kept}"), mode, roots };
        assert_eq!(Asked::of(&format!("{plain}{query}")).unwrap(), expected, "{query}");
    }
}

#[test]
fn what_is_not_offered_or_would_mislead_is_refused() {
    for (query, says) in [
        ("sslmode=verify-ca", "sslmode=verify-ca is not offered"),
        ("sslmode=allow", "choose disable, prefer, require or verify-full"),
        ("sslmode=require&sslrootcert=/etc/ca.pem", "verify-full only"),
        ("sslrootcert=/etc/ca.pem", "verify-full only"),
        ("sslmode=verify-full&sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem cannot be read"),
        ("sslmode=verify-full&sslrootcert=%zz", "is not a path"),
        ("sslmode=require&nonsense=1", "unknown option `nonsense`"),
    ] {
        let error = settings(&format!("postgres://concord@db.example/concord?{query}")).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains(says), "{query}: {error}");
    }
}

/// An authority of one's own in a file, and what a server for that host needs.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, _folder: folder, file }
    }

    fn server(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = builder.with_single_cert(vec![certificate.der().clone()], private).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Serves connections until the test is over; the port.
async fn serve(tls: Option<TlsAcceptor>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                let Some(first) = packet(&mut stream).await else { return };
                if first != SSL_REQUEST.to_be_bytes() {
                    return refuse(stream, "without TLS").await;
                }
                let Some(tls) = tls else {
                    let _ = stream.write_all(b"N").await;
                    if packet(&mut stream).await.is_some() {
                        refuse(stream, "without TLS").await;
                    }
                    return;
                };
                let _ = stream.write_all(b"S").await;
                if let Ok(mut stream) = tls.accept(stream).await
                    && packet(&mut stream).await.is_some()
                {
                    refuse(stream, "over TLS").await;
                }
            });
        }
    });
    port
}

/// One packet of the start of the protocol: its length, then the rest.
async fn packet(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let length = usize::try_from(stream.read_i32().await.ok()?).ok()?;
    let mut body = vec![0; length.checked_sub(4)?];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

async fn refuse(mut stream: impl AsyncWrite + Unpin, how: &str) {
    let fields = format!("SFATAL\0C28000\0M{REFUSAL} {how}\0\0");
    let mut message = vec![b'E'];
    message.extend(i32::try_from(fields.len() + 4).unwrap().to_be_bytes());
    message.extend(fields.bytes());
    let _ = stream.write_all(&message).await;
    let _ = stream.shutdown().await;
}

async fn answer(host: &str, port: u16, query: &str) -> String {
    let opened = Postgres::open(&format!("postgres://concord@{host}:{port}/concord{query}")).await;
    opened.map(|_| ()).unwrap_err().to_string()
}

#[tokio::test]
async fn without_tls_at_the_server_require_is_refused_and_prefer_goes_on() {
    let port = serve(None).await;
    let authority = Authority::new("Ours");
    let full = format!("?sslmode=verify-full&sslrootcert={}", authority.file.display());
    for (query, says) in [
        ("?sslmode=disable", "nobody is let in here without TLS"),
        ("?sslmode=prefer", "nobody is let in here without TLS"),
        ("", "nobody is let in here without TLS"),
        ("?sslmode=require", "server does not support TLS"),
        (full.as_str(), "server does not support TLS"),
    ] {
        let words = answer("127.0.0.1", port, query).await;
        assert!(words.contains(says) && words.starts_with("database_url:"), "{query}: {words}");
    }
}

#[tokio::test]
async fn each_mode_verifies_what_it_says() {
    let (ours, theirs) = (Authority::new("Ours"), Authority::new("Theirs"));
    let full = |authority: &Authority| format!("?sslmode=verify-full&sslrootcert={}", authority.file.display());
    let named = serve(Some(ours.server("localhost"))).await;
    let numbered = serve(Some(ours.server("127.0.0.1"))).await;
    let over = "nobody is let in here over TLS";
    for (what, host, port, query, says) in [
        ("disable", "localhost", named, "?sslmode=disable".to_owned(), "nobody is let in here without TLS"),
        ("the default", "localhost", named, String::new(), over),
        ("prefer", "localhost", named, "?sslmode=prefer".to_owned(), over),
        ("require takes any name", "127.0.0.1", named, "?sslmode=require".to_owned(), over),
        ("the right authority and name", "localhost", named, full(&ours), over),
        ("the right authority and address", "127.0.0.1", numbered, full(&ours), over),
        ("another authority", "localhost", named, full(&theirs), "UnknownIssuer"),
        ("another name", "127.0.0.1", named, full(&ours), "certificate not valid for name"),
    ] {
        let words = answer(host, port, &query).await;
        assert!(words.contains(says), "{what}: {words}");
    }
}
