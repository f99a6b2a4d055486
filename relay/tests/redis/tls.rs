//! Redis behind TLS.

use std::sync::Arc;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::net::{TcpListener, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::processes::{Redis, Relay, until};
use crate::socket::Socket;

/// Speaks TLS in front of this Redis; its port, and the certificate to trust as PEM.
async fn front(redis: &Redis) -> (u16, String) {
    let CertifiedKey { cert, signing_key }: CertifiedKey<KeyPair> =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key))
        .expect("a server");
    let (acceptor, socket) = (TlsAcceptor::from(Arc::new(config)), redis.socket());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, socket) = (acceptor.clone(), socket.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut behind = UnixStream::connect(socket).await.expect("Redis");
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    (port, cert.pem())
}

#[tokio::test]
async fn a_redis_behind_tls_is_reached_if_its_certificate_is_trusted_and_only_then() {
    let redis = Redis::start();
    let (port, certificate) = front(&redis).await;
    let url = format!("rediss://:hush@localhost:{port}/");
    let stranger = Relay::start_with(&url, &[]);
    until("the certificate is refused", async || stranger.log().contains("Redis cannot be reached")).await;
    assert!(!stranger.log().contains("hush"));
    let file = redis.write("trusted.pem", &certificate);
    let url = format!("rediss://localhost:{port}/");
    let relay = Relay::start_in(&url, &[], &[("SSL_CERT_FILE", &file)]);
    relay.redis_is("up").await;
    let (mut ann, _) = Socket::join(&relay, "a").await;
    ann.subscribe("c").await;
    assert_eq!(ann.publish(1, "c").await["offset"], 1);
    assert_eq!(ann.hear().await["offset"], 1);
    stranger.redis_is("down").await;
}
