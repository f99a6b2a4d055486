//! TLS: the certificate and its key, read from files, and read again on SIGHUP.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why a certificate and a key cannot serve.
#[derive(Debug)]
pub enum TlsError {
    /// The file of `--tls-cert` holds no certificate, or cannot be read.
    Certificate(PathBuf, pem::Error),
    /// The file of `--tls-key` holds no key, or cannot be read.
    Key(PathBuf, pem::Error),
    /// The two do not belong together, or are of a kind that is not known.
    Pair(rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(file, error) => {
                write!(f, "--tls-cert {}: expected a certificate chain in PEM: {error}", file.display())
            }
            Self::Key(file, error) => write!(f, "--tls-key {}: expected a private key in PEM: {error}", file.display()),
            Self::Pair(error) => write!(f, "--tls-cert and --tls-key: they cannot be used together: {error}"),
        }
    }
}

impl std::error::Error for TlsError {}

/// The two files.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl TlsFiles {
    pub(crate) fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let chain =
            certificates(&self.certificate).map_err(|error| TlsError::Certificate(self.certificate.clone(), error))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| TlsError::Key(self.key.clone(), error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?;
    if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) }
}

/// What new connections are served with.
pub(crate) type TlsConfig = watch::Receiver<Arc<ServerConfig>>;

/// Loads the files now, and again on every SIGHUP. Files that cannot serve then change nothing.
#[cfg(unix)]
pub(crate) fn watch(files: TlsFiles) -> Result<TlsConfig, TlsStartError> {
    let (sender, receiver) = watch::channel(files.load().map_err(TlsStartError::Tls)?);
    let hangup = tokio::signal::unix::SignalKind::hangup();
    let mut hangup = tokio::signal::unix::signal(hangup).map_err(TlsStartError::Io)?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match files.load() {
                Ok(config) => {
                    sender.send_replace(config);
                    tracing::info!("the certificate was read again");
                }
                Err(error) => {
                    tracing::error!(error.type = "tls", exception.message = %error, "the certificate was not changed");
                }
            }
        }
    });
    Ok(receiver)
}

/// Loads the files now.
#[cfg(not(unix))]
pub(crate) fn watch(files: TlsFiles) -> Result<TlsConfig, TlsStartError> {
    Ok(watch::channel(files.load().map_err(TlsStartError::Tls)?).1)
}

/// Why TLS could not start.
pub(crate) enum TlsStartError {
    Tls(TlsError),
    Io(std::io::Error),
}
