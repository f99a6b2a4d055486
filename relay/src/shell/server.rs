//! The server: its addresses, its start and its end.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::{get, post};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, watch};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tracing_subscriber::EnvFilter;

use super::accept::Acceptor;
use super::admission::Admission;
use super::api::{self, ApiKey};
use super::clock::Clock;
use super::counters::Counters;
use super::descriptors;
use super::faults::{self, Outage};
use super::hub_task::HubHandle;
use super::options::{LogFormat, Options, OptionsError};
use super::origin::OriginRule;
use super::tls::{self, TlsStartError};
use super::upgrade::upgrade;
use crate::hub::{Authenticator, Hub, HubConfig};
use crate::redis::{RedisBroker, Status};

/// How long the server says it will be away.
const AWAY_MS: u64 = 1_000;

/// How long websockets get to close, after the hub has told them to, before the process ends anyway.
const END_LIMIT: Duration = Duration::from_secs(3);

/// How long a request may take, with its body.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// How many refused websockets may linger until they have read why, in all and from one address.
const LINGERING: usize = 256;
const LINGERING_PER_ADDRESS: usize = 16;

/// How many connections may wait to be accepted, as far as the system allows: what is more is lost without a word, and
/// some of these clients would wait for ever.
const BACKLOG: u32 = 4_096;

/// How many connections the metrics have.
const METRICS_CONNECTIONS: usize = 16;

/// What every address knows.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) hub: HubHandle,
    pub(crate) config: Arc<HubConfig>,
    pub(crate) counters: Arc<Counters>,
    /// How it goes with Redis, if there is to be one.
    pub(crate) redis: Option<Arc<Status>>,
    pub(crate) origins: Arc<OriginRule>,
    pub(crate) api_key: Option<Arc<ApiKey>>,
    pub(crate) outage: Outage,
    /// Whether everybody may do everything.
    pub(crate) open: bool,
    pub(crate) trust_forwarded: bool,
    pub(crate) queue_total: usize,
    pub(crate) websockets: Arc<Admission>,
    pub(crate) lingering: Arc<Admission>,
    /// Held by every websocket: gone when all of them are.
    pub(crate) alive: mpsc::Sender<()>,
}

/// Why the server could not start or go on.
#[derive(Debug)]
pub enum RunError {
    /// The options do not fit together.
    Options(Vec<OptionsError>),
    /// An address cannot be listened on.
    Listen(&'static str, SocketAddr, io::Error),
    /// The system refused something else.
    Io(io::Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(errors) => {
                let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\ntautline-relay: "))
            }
            Self::Listen(option, address, error) => {
                write!(f, "cannot listen on {address}: {error}. Choose another {option}")
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RunError {}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Runs the server until SIGTERM or SIGINT.
///
/// # Errors
///
/// What kept it from starting, with what to do about it.
pub fn run(options: &Options) -> Result<(), RunError> {
    let problems = options.problems();
    if !problems.is_empty() {
        return Err(RunError::Options(problems));
    }
    log_to_stderr(options.log_format);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options))
}

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("tautline_relay=info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

async fn serve(options: &Options) -> Result<(), RunError> {
    let (listener, address) = listen("--listen", options.listen)?;
    let tls = match options.tls_files().map(tls::watch).transpose() {
        Ok(tls) => tls,
        Err(TlsStartError::Tls(error)) => return Err(RunError::Options(vec![OptionsError::Tls(error)])),
        Err(TlsStartError::Io(error)) => return Err(error.into()),
    };
    let mut stop = Stop::new()?;
    if matches!(options.authenticator(), Authenticator::Open) {
        tracing::warn!("OPEN: everybody who reaches {address} may read and write every channel. For development only");
    }
    let (alive, mut all_gone) = mpsc::channel(1);
    let (stopping, stopped) = watch::channel(false);
    let config = Arc::new(options.hub_config());
    let counters = Arc::<Counters>::default();
    let redis = options.redis_options().transpose().map_err(|error| RunError::Options(vec![error]))?;
    let redis_status = redis.is_some().then(Arc::<Status>::default);
    let make_hub = {
        let (options, config, status) = (options.clone(), config.clone(), redis_status.clone());
        move || {
            let Some((redis, status)) = redis.as_ref().zip(status.clone()) else {
                return (Hub::new((*config).clone(), options.authenticator(), random_seed()), None);
            };
            let broker = RedisBroker::start(redis, (*config).clone(), random_seed(), status);
            (Hub::outside((*config).clone(), options.authenticator(), random_seed()), Some(broker))
        }
    };
    let (hub, hub_running) = HubHandle::start(Clock::new(), counters.clone(), make_hub);
    let (connections, per_address) = options.connection_limits();
    descriptors::raise(connections.saturating_add(LINGERING));
    // Whoever is over a limit has to get through the handshake to hear of it.
    let handshakes = connections.saturating_add(LINGERING);
    // Behind a proxy every connection comes from the same address.
    let handshakes_per_address =
        if options.trust_forwarded { handshakes } else { per_address.saturating_add(LINGERING_PER_ADDRESS) };
    let shared = Shared {
        hub: hub.clone(),
        config: config.clone(),
        counters: counters.clone(),
        redis: redis_status,
        origins: Arc::new(options.origin_rule()),
        api_key: options.api_key.as_ref().map(|key| Arc::new(ApiKey::new(key.reveal()))),
        outage: Outage::default(),
        open: options.open,
        trust_forwarded: options.trust_forwarded,
        queue_total: options.queue_total_bytes(),
        websockets: Admission::new(connections, per_address),
        lingering: Admission::new(LINGERING, LINGERING_PER_ADDRESS),
        alive: alive.clone(),
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let acceptor = Acceptor {
        router: router(shared.clone(), options),
        handshakes: Admission::new(handshakes, handshakes_per_address),
        tls,
        handshake_timeout: Duration::from_millis(config.handshake_timeout_ms),
        stall_timeout: Duration::from_millis(config.dead_after_ms()),
        counters,
        stopping: stopped,
        alive,
    };
    let metrics = match options.metrics_listen {
        Some(address) => Some(listen("--metrics-listen", address)?),
        None => None,
    };
    writeln!(io::stdout(), "listening on {scheme}://{address}")?;
    if let Some((listener, address)) = metrics {
        let handshakes = Admission::new(METRICS_CONNECTIONS, METRICS_CONNECTIONS);
        let acceptor = Acceptor { router: metrics_router(shared), handshakes, tls: None, ..acceptor.clone() };
        tokio::spawn(acceptor.run(listener));
        writeln!(io::stdout(), "metrics on http://{address}/metrics")?;
    } else {
        drop(shared);
    }
    io::stdout().flush()?;
    let mut accepting = tokio::spawn(acceptor.run(listener));

    tokio::select! {
        ended = &mut accepting => return Err(io::Error::other(format!("no more connections are accepted: {ended:?}")).into()),
        // Without its hub the server would answer nobody: better that it ends and is started again.
        _ = hub_running => return Err(io::Error::other("the hub task failed").into()),
        () = stop.asked() => {}
    }
    tracing::info!("shutting down");
    hub.shutdown(AWAY_MS, options.shutdown_jitter).await;
    stopping.send_replace(true);
    let leaving = Duration::from_millis(config.shutdown_ms);
    let _ = tokio::time::timeout(leaving + END_LIMIT, all_gone.recv()).await;
    Ok(())
}

fn listen(option: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), RunError> {
    let listener = bind(address).map_err(|error| RunError::Listen(option, address, error))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart does not wait for the last run's connections to be forgotten. On Windows this would mean another thing.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn router(shared: Shared, options: &Options) -> Router {
    let body_limit = shared.config.frame_limit;
    let mut router = Router::new()
        .route("/ws", get(upgrade))
        .route("/api/publish", post(api::publish).layer(DefaultBodyLimit::max(body_limit)))
        .route("/health", get(api::health));
    if options.metrics_listen.is_none() {
        router = router.route("/metrics", get(api::public_metrics));
    }
    if options.demo_faults {
        router = router
            .route("/demo/restart", post(faults::restart))
            .route("/demo/drop", post(faults::cut))
            .route("/demo/stall", post(faults::stall));
    }
    if let Some(folder) = &options.static_dir {
        let index = ServeFile::new(folder.join("index.html"));
        router = router.fallback_service(ServeDir::new(folder).fallback(index));
    }
    dressed(router, shared)
}

fn metrics_router(shared: Shared) -> Router {
    dressed(Router::new().route("/metrics", get(api::metrics)).route("/health", get(api::health)), shared)
}

/// What every answer has.
fn dressed(router: Router<Shared>, shared: Shared) -> Router {
    let nosniff = HeaderValue::from_static("nosniff");
    router
        .layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, nosniff))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_LIMIT))
        .with_state(shared)
}

/// A number nobody can guess: the standard library takes its hash keys from the system's randomness.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

/// The signals that ask the process to stop.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}
