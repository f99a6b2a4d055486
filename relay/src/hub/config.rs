//! The hub's settings: every limit and every span, with its default and what it trades.

use super::frame::BINARY_HEADER_LIMIT;

/// The hub's settings. Times are milliseconds, sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubConfig {
    /// How long a new connection may take for its `hello`. Default 5,000.
    pub handshake_timeout_ms: u64,
    /// How often a client should ping. Default 25,000: below the idle cut of common proxies (30 to 60 s).
    pub heartbeat_ms: u64,
    /// How long a `pong` may take. Default 10,000. A client silent for 1.5 heartbeats and this much more is cut.
    pub heartbeat_timeout_ms: u64,
    /// How long a dropped member stays present. Default 10,000: longer is calmer, shorter is truer.
    pub presence_grace_ms: u64,
    /// How long a session is remembered after its connection closed. Default 300,000. A client that comes back
    /// later may have a message published twice, which receivers then drop.
    pub session_retention_ms: u64,
    /// How many answers to publishes a session keeps for repetition. Default 1,024.
    pub session_answers: usize,
    /// How many bytes of such answers all sessions together keep. Default 256 MiB. Beyond it the session that keeps most
    /// forgets its oldest answers first: published again, such a message still does not count twice, but is refused.
    pub answers_total: usize,
    /// How many messages a channel keeps. Default 1,000.
    pub history_size: usize,
    /// How long a channel keeps a message. Default 3,600,000 (an hour): a closed laptop comes back within it more
    /// often than not, and `history_size` bounds the memory anyway.
    pub history_age_ms: u64,
    /// How many bytes of messages a channel keeps. Default 4 MiB.
    pub history_bytes: usize,
    /// How many bytes of messages all channels together keep. Default 1 GiB. Beyond it the largest history forgets
    /// its oldest messages first: who fills one loses it, and small ones stay.
    pub history_total: usize,
    /// How many members may be present in a channel. Default 1,000: with the largest states their list is 4 MB, and
    /// everybody who subscribes with presence gets it. One more is refused as `unavailable`.
    pub presence_members: usize,
    /// The largest presence state. Default 4,096 bytes. A larger one is refused as `too-large`.
    pub presence_state_limit: usize,
    /// How many bytes of presence states all channels together hold. Default 256 MiB. What would be more is refused as
    /// `unavailable`.
    pub presence_total: usize,
    /// How long a channel with no subscriber, no member and no message keeps its epoch. Default 600,000. After that
    /// it is freed, and a client that comes back to it is told that it may have missed something.
    pub channel_retention_ms: u64,
    /// The largest frame a client may send. Default 65,536; at least 4,096. Announced in `welcome`.
    pub frame_limit: usize,
    /// How many frames a client may send in each `rate_per_ms`, all at once or spread. Default 100.
    pub rate: u64,
    /// The span of `rate`. Default 1,000.
    pub rate_per_ms: u64,
    /// How many channels one connection may subscribe to. Default 100.
    pub channels_per_connection: usize,
    /// How many channels at once. Default 100,000. What needs one more is refused as `unavailable`.
    pub channels: usize,
    /// How many sessions are remembered at once. Default 100,000. The ones closed longest ago are forgotten first.
    pub sessions: usize,
    /// How long clients get to leave by themselves once they are told to. Default 1,000.
    pub shutdown_ms: u64,
}

impl Default for HubConfig {
    fn default() -> Self {
        Self {
            handshake_timeout_ms: 5_000,
            heartbeat_ms: 25_000,
            heartbeat_timeout_ms: 10_000,
            presence_grace_ms: 10_000,
            session_retention_ms: 300_000,
            session_answers: 1_024,
            answers_total: 256 * 1_024 * 1_024,
            history_size: 1_000,
            history_age_ms: 3_600_000,
            history_bytes: 4 * 1_024 * 1_024,
            history_total: 1_024 * 1_024 * 1_024,
            presence_members: 1_000,
            presence_state_limit: 4_096,
            presence_total: 256 * 1_024 * 1_024,
            channel_retention_ms: 600_000,
            frame_limit: 65_536,
            rate: 100,
            rate_per_ms: 1_000,
            channels_per_connection: 100,
            channels: 100_000,
            sessions: 100_000,
            shutdown_ms: 1_000,
        }
    }
}

/// What the names and numbers of a `message` may add to its payload.
const MESSAGE_HEADER: usize = 1_024;

impl HubConfig {
    /// The largest payload of a publish: what leaves room for the header of the `message` it becomes, so that a frame
    /// from the server is never larger than one a client may send.
    pub fn payload_limit(&self) -> usize {
        self.frame_limit.saturating_sub(MESSAGE_HEADER)
    }

    /// How many milliseconds after its last sign of life a client counts as dead.
    pub fn dead_after_ms(&self) -> u64 {
        self.silence_ms().saturating_add(self.heartbeat_timeout_ms)
    }

    /// How many milliseconds of silence make the server ask.
    pub(crate) fn silence_ms(&self) -> u64 {
        self.heartbeat_ms.saturating_add(self.heartbeat_ms / 2)
    }
}

const _: () = assert!(MESSAGE_HEADER < BINARY_HEADER_LIMIT);
