//! One connection to Redis, for commands and for the fan-out: what is one stream of bytes cannot get out of order, and the
//! fan-out cannot be lost in silence while commands still work.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, PushInfo, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::mpsc;

use super::scripts::Scripts;

/// How long Redis may take to let us in, and for any answer. Longer, and it counts as gone.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// How many commands may be without an answer. More are refused.
pub(crate) const OUTSTANDING: usize = 8_192;

/// How much of the fan-out may wait to be handled. More, and the connection is given up: what was missed is asked for on
/// the next one.
const PUSHES: usize = 65_536;

/// A command on its way: its number, and what came back.
type Running = Pin<Box<dyn Future<Output = (u64, RedisResult<Value>)> + Send>>;

pub(crate) struct Link {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) running: FuturesUnordered<Running>,
    pub(crate) pushes: mpsc::Receiver<PushInfo>,
    overflowed: Arc<AtomicBool>,
    /// Names the process that this connection leads to. After another one has taken its place, it may have lost something.
    pub(crate) run: String,
}

impl Link {
    /// Connects, and listens to `own`.
    pub(crate) async fn connect(client: Client, scripts: Arc<Scripts>, own: String) -> RedisResult<Self> {
        let (sender, pushes) = mpsc::channel(PUSHES);
        let overflowed = Arc::<AtomicBool>::default();
        let overflow = overflowed.clone();
        let push = move |push: PushInfo| {
            sender.try_send(push).inspect_err(|_| overflow.store(true, Ordering::Relaxed)).map_err(drop)
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            .set_response_timeout(Some(ANSWER_LIMIT))
            .set_pipeline_buffer_size(OUTSTANDING)
            .set_push_sender(push);
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        // Refused while it still reads its own memory.
        let () = redis::cmd("PING").query_async(&mut connection).await?;
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
        let run = info.lines().find_map(|line| line.strip_prefix("run_id:")).unwrap_or("unknown").trim().to_owned();
        scripts.load(&mut connection).await?;
        connection.subscribe(own).await?;
        Ok(Self { connection, running: FuturesUnordered::new(), pushes, overflowed, run })
    }

    /// Whether a part of the fan-out was lost.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Relaxed)
    }
}

/// Whether an error means that this connection is of no more use.
pub(crate) fn is_fatal(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, MasterDown, ReadOnly};
    let gone = matches!(error.kind(), ErrorKind::Server(BusyLoading | MasterDown | ReadOnly));
    gone || error.is_unrecoverable_error() || error.is_timeout() || error.is_io_error()
}
