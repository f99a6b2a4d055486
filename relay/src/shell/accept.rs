//! Connections on their way to a websocket or an answer: accepted, by TLS if it is on, and served by HTTP.
//!
//! Decides who may begin a handshake and how long it may take. What is asked and answered is the router's matter.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::address::Peer;
use super::admission::Admission;
use super::counters::{Counters, ShellLimit};
use super::tls::TlsConfig;

/// How long to wait when the system gives out no more sockets: those that are open go on, and some of them end.
const EXHAUSTED_WAIT: Duration = Duration::from_secs(1);

/// The most bytes of a request's head. Tokens and cookies fit; more would be memory for whoever asks for it.
const HEAD_LIMIT: usize = 16 * 1_024;

/// A connection that ends when its client takes nothing of what is written.
type Stream = Pin<Box<TimeoutStream<TcpStream>>>;

/// What the connections of one listener share.
#[derive(Clone)]
pub(crate) struct Acceptor {
    pub(crate) router: Router,
    /// Who may be in a handshake.
    pub(crate) handshakes: Arc<Admission>,
    pub(crate) tls: Option<TlsConfig>,
    /// How long TLS may take, and after it a request's head.
    pub(crate) handshake_timeout: Duration,
    /// How long a client may take nothing of what is written to it.
    pub(crate) stall_timeout: Duration,
    pub(crate) counters: Arc<Counters>,
    /// True when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Held by every connection: gone when all of them are.
    pub(crate) alive: mpsc::Sender<()>,
}

impl Acceptor {
    /// Accepts until the server stops.
    pub(crate) async fn run(mut self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stopped(&mut self.stopping) => return,
            };
            match accepted {
                Ok((stream, peer)) => self.begin(stream, peer),
                Err(error) if is_its_own(&error) => {}
                Err(error) => {
                    tracing::error!(error.type = "accept", exception.message = %error, "no more connections for now");
                    tokio::time::sleep(EXHAUSTED_WAIT).await;
                }
            }
        }
    }

    fn begin(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(seat) = self.handshakes.enter(peer.ip()) else {
            self.counters.limit(ShellLimit::Handshakes);
            return;
        };
        // Small frames should not wait for each other.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.stall_timeout));
        let stream = Box::pin(stream);
        let (this, held) = (self.clone(), (seat, self.alive.clone()));
        tokio::spawn(async move {
            this.secure(stream, peer).await;
            drop(held);
        });
    }

    async fn secure(self, stream: Stream, peer: SocketAddr) {
        let Some(tls) = &self.tls else { return self.serve(stream, peer).await };
        let tls = TlsAcceptor::from(tls.borrow().clone());
        match tokio::time::timeout(self.handshake_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.serve(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(
                network.peer.address = %peer.ip(),
                error.type = "tls",
                exception.message = %error,
                "no TLS connection"
            ),
            Err(_) => self.counters.limit(ShellLimit::HandshakeTime),
        }
    }

    async fn serve(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr) {
        let service = TowerToHyperService::new(self.router);
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            hyper::service::Service::call(&service, request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.handshake_timeout)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut self.stopping) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            if error.is_timeout() {
                self.counters.limit(ShellLimit::HandshakeTime);
            } else if is_stalled(&error) {
                self.counters.limit(ShellLimit::WriteTime);
            }
            tracing::debug!(
                network.peer.address = %peer.ip(),
                error.type = if error.is_timeout() { "timeout" } else { "http" },
                exception.message = %error,
                "an HTTP connection ended early"
            );
        }
    }
}

/// Whether a connection ended because its client took nothing of what was written to it.
pub(crate) fn is_stalled(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let io = match error.downcast_ref() {
            Some(tungstenite::Error::Io(error)) => Some(error),
            _ => error.downcast_ref::<io::Error>(),
        };
        if io.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Ends when the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Whether the error belongs to the one connection that was about to come.
fn is_its_own(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
