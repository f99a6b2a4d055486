//! The server: its addresses, its start and its end.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;
use tracing_subscriber::EnvFilter;

use super::api::{self, ApiKey, failure};
use super::clock::Clock;
use super::faults::{self, Outage};
use super::hub_task::HubHandle;
use super::options::{Options, OptionsError};
use super::origin::OriginRule;
use super::socket;
use crate::hub::{Authenticator, Hub, HubConfig};

/// The websocket subprotocol.
const PROTOCOL: &str = "tautline.v1";

/// How long the server says it will be away.
const AWAY_MS: u64 = 1_000;

/// How long websockets get to close, after the hub has told them to, before the process ends anyway.
const END_LIMIT: Duration = Duration::from_secs(3);

/// Frames up to this many times the limit are read and then closed with 1009 in order; larger ones are not read at all.
const READ_BEYOND: usize = 4;

/// What every address knows.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) hub: HubHandle,
    pub(crate) config: Arc<HubConfig>,
    pub(crate) origins: Arc<OriginRule>,
    pub(crate) api_key: Option<Arc<ApiKey>>,
    pub(crate) outage: Outage,
    /// Held by every websocket: gone when all of them are.
    alive: mpsc::Sender<()>,
}

impl FromRef<Shared> for HubHandle {
    fn from_ref(shared: &Shared) -> Self {
        shared.hub.clone()
    }
}

/// Why the server could not start or go on.
#[derive(Debug)]
pub enum RunError {
    /// The options do not fit together.
    Options(OptionsError),
    /// The address cannot be listened on.
    Listen(std::net::SocketAddr, io::Error),
    /// The folder of `--static` is none.
    Static(PathBuf),
    /// The system refused something else.
    Io(io::Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(error) => error.fmt(f),
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}. Choose another --listen"),
            Self::Static(folder) => write!(f, "--static {}: there is no such folder", folder.display()),
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
pub fn run(options: Options) -> Result<(), RunError> {
    options.check().map_err(RunError::Options)?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("tautline_relay=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), RunError> {
    if let Some(folder) = options.static_dir.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(RunError::Static(folder.clone()));
    }
    let listener = TcpListener::bind(options.listen).await.map_err(|error| RunError::Listen(options.listen, error))?;
    let address = listener.local_addr()?;
    let mut stop = Stop::new()?;
    let authenticator = options.authenticator();
    if matches!(authenticator, Authenticator::Open) {
        tracing::warn!("OPEN: everybody who reaches {address} may read and write every channel. For development only");
    }
    let (alive, mut all_gone) = mpsc::channel(1);
    let config = Arc::new(options.hub_config());
    let make_hub = {
        let (options, config) = (options.clone(), config.clone());
        move || Hub::new((*config).clone(), options.authenticator(), random_seed())
    };
    let (hub, hub_running) = HubHandle::start(Clock::new(), make_hub);
    let shared = Shared {
        hub: hub.clone(),
        config,
        origins: Arc::new(options.origin_rule()),
        api_key: options.api_key.as_deref().map(ApiKey::new).map(Arc::new),
        outage: Outage::default(),
        alive,
    };
    let leaving = Duration::from_millis(shared.config.shutdown_ms);
    let router = router(shared, &options);
    let listener = listener.tap_io(|stream| {
        // Small frames should not wait for each other.
        let _ = stream.set_nodelay(true);
    });
    let (stopping, stopped) = oneshot::channel::<()>();
    let mut serving = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        axum::serve(listener, router).with_graceful_shutdown(stopped).await
    });
    writeln!(io::stdout(), "listening on http://{address}")?;
    io::stdout().flush()?;

    tokio::select! {
        served = &mut serving => return Ok(served.map_err(io::Error::other)??),
        // Without its hub the server would answer nobody: better that it ends and is started again.
        _ = hub_running => return Err(io::Error::other("the hub task failed").into()),
        () = stop.asked() => {}
    }
    tracing::info!("shutting down");
    hub.shutdown(AWAY_MS, options.shutdown_jitter).await;
    drop(stopping);
    let everybody_gone = async {
        let _ = serving.await;
        all_gone.recv().await
    };
    let _ = tokio::time::timeout(leaving + END_LIMIT, everybody_gone).await;
    Ok(())
}

fn router(shared: Shared, options: &Options) -> Router {
    let body_limit = shared.config.frame_limit;
    let mut router = Router::new()
        .route("/ws", get(upgrade))
        .route("/api/publish", post(api::publish).layer(DefaultBodyLimit::max(body_limit)))
        .route("/health", get(api::health));
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
    let nosniff = HeaderValue::from_static("nosniff");
    router.layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, nosniff)).with_state(shared)
}

async fn upgrade(
    State(shared): State<Shared>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if shared.outage.is_on() {
        return failure(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server is down");
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    if upgrade.selected_protocol().is_none() {
        return failure(StatusCode::BAD_REQUEST, "subprotocol", "expected the websocket subprotocol tautline.v1");
    }
    if !shared.origins.allows(&headers) {
        tracing::info!(origin = ?headers.get(header::ORIGIN), "refused: this origin may not connect (--allow-origin)");
        // A page never sees the status of a refused upgrade and would come back for ever: a close code it does see.
        return upgrade.on_upgrade(|socket| socket::refuse(socket, 4403, "this origin may not connect"));
    }
    let read_limit = shared.config.frame_limit.saturating_mul(READ_BEYOND);
    upgrade.max_message_size(read_limit).max_frame_size(read_limit).on_upgrade(move |socket| async move {
        let _alive = shared.alive;
        socket::serve(socket, shared.hub, shared.config).await;
    })
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
