//! TLS: websockets over it, a new certificate without a restart, and whatever is not TLS.

use std::sync::Arc;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::harness::{End, Folder, Relay, soon};
use crate::raw::{Raw, TEXT, frame, hello};

/// A certificate for localhost that was written to the folder, and the paths of both files.
pub(crate) struct Issued {
    certificate: CertificateDer<'static>,
    files: [String; 2],
}

pub(crate) fn issue(folder: &Folder) -> Issued {
    let CertifiedKey { cert, signing_key }: CertifiedKey<KeyPair> =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let files = [folder.write("cert.pem", &cert.pem()), folder.write("key.pem", &signing_key.serialize_pem())];
    Issued { certificate: cert.der().clone(), files }
}

pub(crate) fn start(issued: &Issued, more: &[&str]) -> Relay {
    let [certificate, key] = &issued.files;
    Relay::start(&[&["--open", "--tls-cert", certificate, "--tls-key", key], more].concat())
}

/// A TLS connection, trusting this certificate alone.
async fn connect(relay: &Relay, trusted: &Issued) -> std::io::Result<Raw<TlsStream<TcpStream>>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = soon(TcpStream::connect(&relay.address)).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    Ok(Raw { stream: soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await? })
}

/// A websocket of this session over TLS.
pub(crate) async fn join(relay: &Relay, trusted: &Issued, session: &str) -> Raw<TlsStream<TcpStream>> {
    let mut raw = connect(relay, trusted).await.expect("a TLS connection");
    raw.ask_for_websocket().await;
    raw.send(&hello(session)).await.expect("sent");
    assert!(raw.frame().await.is_some_and(|(_, welcome)| welcome.starts_with(br#"{"type":"welcome""#)));
    raw
}

async fn pings(raw: &mut Raw<TlsStream<TcpStream>>) {
    raw.send(&frame(TEXT, br#"{"type":"ping"}"#)).await.expect("sent");
    assert_eq!(raw.frame().await, Some((TEXT, br#"{"type":"pong"}"#.to_vec())));
}

#[tokio::test]
async fn a_new_certificate_serves_new_connections_and_a_broken_one_changes_nothing() {
    let folder = Folder::new("reload");
    let first = issue(&folder);
    let relay = start(&first, &[]);
    let mut old = join(&relay, &first, "old").await;
    pings(&mut old).await;

    let second = issue(&folder);
    assert!(connect(&relay, &second).await.is_err(), "files alone change nothing");
    relay.signal("-HUP");
    relay.logged("the certificate was read again").await;
    let mut new = join(&relay, &second, "new").await;
    pings(&mut new).await;
    assert!(connect(&relay, &first).await.is_err(), "the old certificate is gone");

    folder.write("cert.pem", "no certificate");
    relay.signal("-HUP");
    relay.logged("the certificate was not changed").await;
    assert!(relay.log().contains("cert.pem: expected a certificate chain in PEM"), "{}", relay.log());
    let third = issue(&Folder::new("reload-other"));
    folder.write("cert.pem", &format!("{}\n", pem_of(&third)));
    relay.signal("-HUP");
    relay.logged("they cannot be used together").await;
    let mut later = connect(&relay, &second).await.expect("the certificate in use still serves");
    later.ask_for_websocket().await;
    pings(&mut new).await;
}

fn pem_of(issued: &Issued) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(&issued.certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----")
}

#[tokio::test]
async fn what_is_not_tls_gets_nowhere_and_harms_nobody() {
    let folder = Folder::new("plain");
    let issued = issue(&folder);
    let relay = start(&issued, &[]);
    let mut good = join(&relay, &issued, "good").await;
    for bytes in [
        &b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        &[0; 100],
        &[0x16, 3, 1, 0xff, 0xff],
        // A handshake record of the right form with nonsense in it.
        &[0x16, 3, 1, 0, 5, 1, 0xff, 0xff, 0xff, 0xff],
    ] {
        let mut plain = Raw::connect(&relay).await;
        plain.send(bytes).await.unwrap();
        if bytes.len() != 5 {
            // An alert may come, nothing of HTTP does.
            let mut said = Vec::new();
            let _ = soon(tokio::io::AsyncReadExt::read_to_end(&mut plain.stream, &mut said)).await;
            assert!(!said.starts_with(b"HTTP"), "{said:?}");
        }
        pings(&mut good).await;
    }
}

#[tokio::test]
async fn a_tls_handshake_has_its_time_too() {
    let folder = Folder::new("late");
    let issued = issue(&folder);
    let relay = start(&issued, &["--handshake-timeout", "300", "--metrics-listen", "127.0.0.1:0"]);
    let mut late = Raw::connect(&relay).await;
    late.send(&[0x16, 3, 1]).await.unwrap();
    assert_eq!(late.end().await, End::Dropped);
    assert_eq!(relay.metrics().await.limit("handshake_time"), 1.0);
}
