//! A connection: what one websocket has shown of itself, and its deadlines.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::auth::{Grant, Identity};
use super::config::HubConfig;
use super::frame::Frame;
use super::hold::Hold;
use super::limit::Bucket;
use super::refusal::Refusal;
use super::session::{SessionKey, member_of, sender_of};

/// Names a websocket. The shell chooses it and never uses one twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// How many bad frames within [`BAD_FRAME_SPAN_MS`] end a connection.
const BAD_FRAMES: usize = 10;
const BAD_FRAME_SPAN_MS: u64 = 60_000;

/// How far beyond the rate a client may go before it is cut: so many bursts at once, refilled at this many times the
/// rate. A client that comes back and sends a full outbox at once stays below.
const FLOOD_BURSTS: u64 = 20;
const FLOOD_REFILL: u64 = 5;

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) state: State,
    pub(crate) opened_ms: u64,
    /// When the last frame came.
    pub(crate) seen_ms: u64,
    pub(crate) rate: Bucket,
    pub(crate) flood: Bucket,
    /// What the hub's timer for it is set to.
    pub(crate) wake_ms: Option<u64>,
    bad_frames: VecDeque<u64>,
    /// What the broker is asked for it.
    pub(crate) pending: Option<Pending>,
    /// Frames that came in the meantime.
    pub(crate) waiting: VecDeque<Frame>,
}

/// What the broker is asked for a connection.
#[derive(Debug)]
pub(crate) enum Pending {
    /// Whether this session may be attached.
    Hello(Box<Open>),
    /// What becomes of a publish; with why it is refused, if it is.
    Settle(Option<Refusal>),
    /// How a channel stands.
    Subscribe,
    /// What a request of this number asks for.
    Request(u64),
}

#[derive(Debug)]
pub(crate) enum State {
    AwaitingHello,
    Open(Box<Open>),
}

/// A connection that has said hello.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) session: SessionKey,
    pub(crate) member: Arc<str>,
    pub(crate) sender: u64,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) grant: Grant,
    pub(crate) expires_ms: Option<u64>,
    /// The channels it subscribes to.
    pub(crate) channels: BTreeSet<Arc<str>>,
    /// The channels it is present in.
    pub(crate) tracked: BTreeSet<Arc<str>>,
    /// The highest id that its session has settled, as far as this connection knows.
    pub(crate) settled: Option<u64>,
    pub(crate) hold: Option<Hold>,
    /// When the server asked whether anybody is there, unless something came since.
    pub(crate) asked_ms: Option<u64>,
}

impl Open {
    pub(crate) fn new(session: &str, identity: Identity) -> Self {
        let Identity { user, grant, expires_ms } = identity;
        Self {
            session: SessionKey::new(session, user.as_deref()),
            member: member_of(session, user.as_deref()),
            sender: sender_of(session, user.as_deref()),
            user,
            grant,
            expires_ms,
            channels: BTreeSet::new(),
            tracked: BTreeSet::new(),
            settled: None,
            hold: None,
            asked_ms: None,
        }
    }

    /// A publish has its answer for ever.
    pub(crate) fn settle(&mut self, id: u64) {
        self.settled = self.settled.max(Some(id));
        if let Some(hold) = &mut self.hold {
            hold.settled();
        }
    }

    /// Takes over what a new token says. The user is the same: whoever calls has checked that.
    pub(crate) fn renew(&mut self, identity: Identity) {
        self.grant = identity.grant;
        self.expires_ms = identity.expires_ms;
    }
}

/// What is due on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    HelloLate,
    TokenExpired,
    Ask,
    Silent,
    Nothing,
}

impl Connection {
    pub(crate) fn new(now_ms: u64, config: &HubConfig) -> Self {
        let flood = config.rate.saturating_mul(FLOOD_BURSTS);
        let refill = config.rate.saturating_mul(FLOOD_REFILL);
        Self {
            state: State::AwaitingHello,
            opened_ms: now_ms,
            seen_ms: now_ms,
            rate: Bucket::new(config.rate, config.rate, config.rate_per_ms, now_ms),
            flood: Bucket::new(flood, refill, config.rate_per_ms, now_ms),
            wake_ms: None,
            bad_frames: VecDeque::new(),
            pending: None,
            waiting: VecDeque::new(),
        }
    }

    /// What it is, once it has said hello.
    pub(crate) fn open(&self) -> Option<&Open> {
        match &self.state {
            State::Open(open) => Some(open),
            State::AwaitingHello => None,
        }
    }

    /// The next time at which something can be due.
    pub(crate) fn deadline_ms(&self, config: &HubConfig) -> u64 {
        match &self.state {
            State::AwaitingHello => self.opened_ms.saturating_add(config.handshake_timeout_ms),
            State::Open(open) => {
                let heartbeat = match open.asked_ms {
                    Some(asked_ms) => asked_ms.saturating_add(config.heartbeat_timeout_ms),
                    None => self.seen_ms.saturating_add(config.silence_ms()),
                };
                heartbeat.min(open.expires_ms.unwrap_or(u64::MAX))
            }
        }
    }

    /// What is due now.
    pub(crate) fn due(&self, now_ms: u64, config: &HubConfig) -> Due {
        if now_ms < self.deadline_ms(config) {
            return Due::Nothing;
        }
        match &self.state {
            State::AwaitingHello => Due::HelloLate,
            State::Open(open) if open.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) => Due::TokenExpired,
            State::Open(open) if open.asked_ms.is_some() => Due::Silent,
            State::Open(_) => Due::Ask,
        }
    }

    /// Any frame is a sign of life.
    pub(crate) fn seen(&mut self, now_ms: u64) {
        self.seen_ms = now_ms;
        if let State::Open(open) = &mut self.state {
            open.asked_ms = None;
        }
    }

    /// Counts a bad frame. True when patience is over.
    pub(crate) fn bad_frame(&mut self, now_ms: u64) -> bool {
        while self.bad_frames.front().is_some_and(|at_ms| now_ms.saturating_sub(*at_ms) >= BAD_FRAME_SPAN_MS) {
            self.bad_frames.pop_front();
        }
        self.bad_frames.push_back(now_ms);
        self.bad_frames.len() >= BAD_FRAMES
    }
}
