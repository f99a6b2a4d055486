//! Every option of the core, with its default and its trade-off. The TypeScript side checks ranges before they come here.

use crate::backoff::BackoffConfig;
use crate::time::Duration;

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long the URL and token functions may take. Default 15 s.
    pub resolve_timeout: Duration,
    /// How long a socket may take to open. Default 10 s; browsers alone wait up to 4 minutes.
    pub open_timeout: Duration,
    /// How long the server may take to welcome us after that. Default 10 s.
    pub handshake_timeout: Duration,
    /// The waits between attempts.
    pub backoff: BackoffConfig,
    /// The heart.
    pub heartbeat: HeartbeatConfig,
    /// How long the oldest sent message may stay unacknowledged, since it became the oldest, before the link counts as broken. Default 20 s.
    pub ack_timeout: Duration,
    /// How long a subscription may go unanswered before it is asked for again. Default 10 s.
    pub subscribe_timeout: Duration,
    /// The queue of messages that are not yet acknowledged.
    pub queue: QueueConfig,
    /// The application's own limit on outgoing frames; the server's limit holds as well. Default none.
    pub rate: Option<Rate>,
    /// Whether there is a token function to ask again after a refusal.
    pub has_token: bool,
}

/// Overrides of what the server says about heartbeats.
#[derive(Clone, Debug)]
pub struct HeartbeatConfig {
    /// Time between beats. Default: what the server says.
    pub interval: Option<Duration>,
    /// How long the answer may take. Default: what the server says.
    pub timeout: Option<Duration>,
    /// How long the answer may take when there is a reason to doubt the link (the machine woke, the network changed). Default
    /// 4 s: short, because the user is looking.
    pub probe: Duration,
}

/// Bounds of the outbox.
#[derive(Clone, Debug)]
pub struct QueueConfig {
    /// Most messages. Default 1,000.
    pub max: usize,
    /// Most bytes of payload. Default 4 MiB.
    pub max_bytes: usize,
    /// What happens to a message beyond the bounds. Default [`Overflow::Reject`].
    pub overflow: Overflow,
    /// Whether the bounds hold while there is a connection, too. Default true; a stand-in for the browser's socket, which takes
    /// what it is given while it is open, says no.
    pub always: bool,
}

/// Who loses when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// The new message: its caller hears at once.
    Reject,
    /// The oldest message that is not on its way: the newest matter most.
    DropOldest,
}

/// At most `frames` in each `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many frames.
    pub frames: u32,
    /// In how long.
    pub per: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            resolve_timeout: Duration::from_secs(15),
            open_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            backoff: BackoffConfig::default(),
            heartbeat: HeartbeatConfig { interval: None, timeout: None, probe: Duration::from_secs(4) },
            ack_timeout: Duration::from_secs(20),
            subscribe_timeout: Duration::from_secs(10),
            queue: QueueConfig { max: 1000, max_bytes: 4 << 20, overflow: Overflow::Reject, always: true },
            rate: None,
            has_token: false,
        }
    }
}
