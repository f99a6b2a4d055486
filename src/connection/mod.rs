//! The connection: one state machine, its patience, its backoff.
//!
//! In: [`Step`]s. Out: [`Order`]s and a public state. Not here: transitions (state.rs), what goes over the line (client.rs).

mod close;
mod heartbeat;
mod session;
mod state;

pub(crate) use heartbeat::{Heartbeat, LATE, Pulse};
pub(crate) use session::Session;
pub(crate) use state::{Begin, Close, Orders, Ready, State, Step};

use crate::config::Config;
use crate::error::Code;
use crate::output::PublicState;
use crate::rng::Rng;
use crate::time::Instant;
use crate::timer::Deadline;
use state::{Cx, Lasting};

/// The machine with everything its transitions use.
pub(crate) struct Connection {
    state: State,
    lasting: Lasting,
    /// An attempt since the last `connect` ended, one way or the other.
    tried: bool,
    /// Beats as soon as the server said how, also before its welcome.
    heart: Option<Heartbeat>,
}

/// The public face of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    pub(crate) state: PublicState,
    pub(crate) cause: Option<Code>,
    pub(crate) until: Option<Instant>,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self { state: State::Idle, lasting: Lasting::default(), tried: false, heart: None }
    }

    /// Feeds one step to the machine; returns what it wants done, or `None` where the step meant nothing.
    pub(crate) fn on(&mut self, now: Instant, step: Step, config: &Config, rng: &mut Rng) -> Option<Orders> {
        let mut cx = Cx { now, config, rng, lasting: &mut self.lasting, orders: Orders::default() };
        if !self.state.on(step, &mut cx) {
            return None;
        }
        let orders = cx.orders;
        match self.state {
            State::Waiting(_) | State::Ready(_) => self.tried = true,
            State::Idle | State::Closed | State::Failed | State::Closing(_) => self.tried = false,
            State::Resolving(_) | State::Opening(_) | State::Handshaking(_) => {}
        }
        if matches!(self.state, State::Closed | State::Closing(_)) {
            self.lasting.cause = None;
        }
        if !self.is_listening() {
            self.heart = None;
        }
        Some(orders)
    }

    /// The one place where inner states become public ones.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub(crate) fn face(&self) -> Face {
        let (state, until) = match &self.state {
            State::Idle => (PublicState::Idle, None),
            State::Resolving(_) | State::Opening(_) | State::Handshaking(_) => {
                (if self.tried { PublicState::Reconnecting } else { PublicState::Connecting }, None)
            }
            State::Waiting(waiting) => (PublicState::Reconnecting, waiting.until),
            State::Ready(_) => (PublicState::Connected, None),
            State::Closing(_) | State::Closed => (PublicState::Closed, None),
            State::Failed => (PublicState::Failed, None),
        };
        Face { state, cause: self.lasting.cause, until }
    }

    /// A number for an attempt that is not a connection's: a token refresh.
    pub(crate) const fn next_generation(&mut self) -> u32 {
        self.lasting.next_generation()
    }

    pub(crate) const fn set_offline(&mut self, offline: bool) {
        self.lasting.offline = offline;
    }

    pub(crate) const fn socket(&self) -> Option<u32> {
        self.state.socket()
    }

    pub(crate) fn ready(&self) -> Option<&Ready> {
        if let State::Ready(ready) = &self.state { Some(ready) } else { None }
    }

    pub(crate) fn ready_mut(&mut self) -> Option<&mut Ready> {
        if let State::Ready(ready) = &mut self.state { Some(ready) } else { None }
    }

    /// The server said how the heart beats.
    pub(crate) fn start_heart(&mut self, heart: Heartbeat) {
        if self.is_listening() {
            self.heart = Some(heart);
        }
    }

    pub(crate) const fn heart_mut(&mut self) -> Option<&mut Heartbeat> {
        self.heart.as_mut()
    }

    /// Whether the server may still say something new; false while closing, when only last answers count.
    pub(crate) const fn is_listening(&self) -> bool {
        matches!(self.state, State::Handshaking(_) | State::Ready(_))
    }

    /// Whether the answer to this attempt is awaited.
    pub(crate) fn is_resolving(&self, attempt: u32) -> bool {
        matches!(&self.state, State::Resolving(resolving) if resolving.attempt == attempt)
    }

    pub(crate) const fn is_opening(&self) -> bool {
        matches!(self.state, State::Opening(_))
    }

    /// Attempts since the last stable connection, which may be the present one.
    pub(crate) fn attempt(&self, now: Instant, config: &Config) -> u32 {
        let stable = self.ready().is_some_and(|ready| now.since(ready.since) >= config.backoff.stable);
        if stable { 0 } else { self.lasting.backoff.attempt() }
    }

    pub(crate) const fn is_closing(&self) -> bool {
        matches!(self.state, State::Closing(_))
    }

    pub(crate) fn poll_timeout(&self) -> Deadline {
        self.heart.as_ref().map_or(Deadline::NEVER, Heartbeat::poll_timeout).min(self.state.poll_timeout())
    }
}
