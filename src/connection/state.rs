//! Every transition of the connection is in this file, and this file does not know which protocol is spoken.
//!
//! A state is a struct named for what it waits for; [`State::on`] puts the next in its place. A step that means nothing in a
//! state changes nothing. docs/states.md is drawn from the table below; a test compares them.
//!
//! | state | on | next |
//! | --- | --- | --- |
//! | Idle, Closed, Failed | connect | Resolving |
//! | Resolving | resolved | Opening |
//! | Resolving | resolve failed, deadline | Waiting, Failed |
//! | Opening | opened | Handshaking |
//! | Opening | ended, deadline | Waiting, Resolving, Failed |
//! | Handshaking | ready | Ready |
//! | Handshaking | ended, deadline | Waiting, Resolving, Failed |
//! | Ready | ended | Waiting, Resolving, Failed |
//! | Waiting | deadline, wake, retry | Resolving |
//! | Resolving, Opening, Handshaking, Ready | left | Waiting |
//! | Resolving, Opening, Waiting, Failed | close | Closed |
//! | Handshaking, Ready | close | Closing |
//! | Closing | ended, deadline, left | Closed |
//! | Closing | connect | Resolving |
//! | any | reconnect | Resolving |

use super::close::{Next, Patience};
use super::session::Session;
use crate::backoff::Backoff;
use crate::config::Config;
use crate::error::Code;
use crate::input::TokenWhy;
use crate::protocol::Verdict;
use crate::rng::Rng;
use crate::time::{Duration, Instant};
use crate::timer::{Deadline, Timer};

/// What the connection waits for.
// With a tag of its own: one that hides in a field of a variant takes more wasm to read.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum State {
    /// For the first `connect`.
    Idle,
    Resolving(Resolving),
    Opening(Opening),
    Handshaking(Handshaking),
    Ready(Ready),
    Waiting(Waiting),
    Closing(Closing),
    /// For a `connect` after a `close`.
    Closed,
    /// For a `connect` that may do better.
    Failed,
}

/// For the URL and the token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolving {
    pub(crate) attempt: u32,
    deadline: Instant,
}

/// For the socket to open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) socket: u32,
    deadline: Instant,
}

/// For the server to welcome us.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handshaking {
    pub(crate) socket: u32,
    deadline: Instant,
}

/// For work.
// In this order, so that the socket is where the other states have theirs.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Ready {
    pub(crate) since: Instant,
    pub(crate) socket: u32,
    pub(crate) session: Session,
}

/// For the next attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// `None`: only a page that comes back ends it.
    pub(crate) until: Option<Instant>,
    /// The server named the time: hints do not shorten it.
    asked: bool,
}

/// For the last answers after our close.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    pub(crate) socket: u32,
    deadline: Instant,
}

/// What can happen to a connection.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Step {
    /// The application wants a connection.
    Connect,
    /// The application wants none.
    Close,
    /// The URL and token are there.
    Resolved { attempt: u32 },
    /// The URL or token function failed.
    ResolveFailed { attempt: u32 },
    /// The socket opened.
    Opened { socket: u32 },
    /// The server welcomed us.
    Ready(Session),
    /// The socket closed, the peer is dead, or the server asked or refused.
    Ended { verdict: Verdict, wait: Option<Duration> },
    /// The page is about to be frozen, cached or gone.
    Left,
    /// There is a reason to try now: the network or the page came back.
    Wake,
    /// The application wants the next attempt now.
    Retry,
    /// The application wants another connection, whatever there is now, and all patience anew.
    Reconnect,
    /// Time passed.
    Deadline,
}

/// What a transition may use and order.
pub(crate) struct Cx<'a> {
    pub(crate) now: Instant,
    pub(crate) config: &'a Config,
    pub(crate) rng: &'a mut Rng,
    pub(crate) lasting: &'a mut Lasting,
    pub(crate) orders: Orders,
}

/// What outlives states.
#[derive(Default)]
pub(crate) struct Lasting {
    pub(crate) backoff: Backoff,
    pub(crate) patience: Patience,
    /// Counts attempts and sockets: the generation number of both.
    pub(crate) generation: u32,
    pub(crate) offline: bool,
    /// Why the last connection ended; kept until the next one works.
    pub(crate) cause: Option<Code>,
}

/// What a transition wants done: first this socket closed, then the other thing begun.
#[derive(Clone, Copy, Default)]
pub(crate) struct Orders {
    pub(crate) close: Option<Close>,
    pub(crate) begin: Option<Begin>,
}

/// Close the socket, and hear its last words or have no more interest in it.
#[derive(Clone, Copy)]
pub(crate) struct Close {
    pub(crate) socket: u32,
    pub(crate) code: u16,
    pub(crate) listen: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Begin {
    Resolve { attempt: u32, why: TokenWhy },
    Open { socket: u32 },
}

/// Asked by the application: the peer may forget us.
pub(crate) const DONE: u16 = 1000;
/// The line is lost or left: the peer should expect us back.
const ABANDONED: u16 = 4000;
/// The peer broke the protocol.
const VIOLATED: u16 = 4002;
/// How long last answers may take after our close.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl State {
    /// Becomes the next state; false where the step means nothing.
    pub(crate) fn on(&mut self, step: Step, cx: &mut Cx<'_>) -> bool {
        let next = match (*self, step) {
            (_, Step::Reconnect) => {
                if let Some(socket) = self.socket() {
                    cx.close(socket, DONE);
                }
                cx.lasting.forgive_all();
                cx.lasting.cause = None;
                cx.resolve(TokenWhy::Connect)
            }
            (Self::Failed, Step::Connect) => {
                cx.lasting.forgive_all();
                cx.resolve(TokenWhy::Connect)
            }
            (Self::Idle | Self::Closed, Step::Connect) => cx.resolve(TokenWhy::Connect),

            (Self::Resolving(state), Step::Resolved { attempt }) if attempt == state.attempt => {
                let socket = cx.lasting.next_generation();
                cx.orders.begin = Some(Begin::Open { socket });
                Self::Opening(Opening { socket, deadline: cx.now + cx.config.open_timeout })
            }
            (Self::Resolving(state), Step::ResolveFailed { attempt }) if attempt == state.attempt => {
                cx.wait(Code::LostProvider, None)
            }
            (Self::Resolving(state), Step::Deadline) if state.deadline <= cx.now => cx.wait(Code::LateResolve, None),
            (Self::Opening(state), Step::Opened { socket }) if socket == state.socket => {
                Self::Handshaking(Handshaking { socket, deadline: cx.now + cx.config.handshake_timeout })
            }
            (Self::Opening(state), Step::Deadline) if state.deadline <= cx.now => {
                cx.end(state.socket, Verdict::Retry(Code::LateOpen), None)
            }
            (Self::Handshaking(state), Step::Ready(session)) => {
                cx.lasting.patience.admit();
                cx.lasting.cause = None;
                Self::Ready(Ready { socket: state.socket, since: cx.now, session })
            }
            (Self::Handshaking(state), Step::Deadline) if state.deadline <= cx.now => {
                cx.end(state.socket, Verdict::Retry(Code::LateHandshake), None)
            }
            (
                Self::Opening(Opening { socket, .. })
                | Self::Handshaking(Handshaking { socket, .. })
                | Self::Ready(Ready { socket, .. }),
                Step::Ended { verdict, wait },
            ) => {
                if let Self::Ready(state) = *self
                    && cx.now.since(state.since) >= cx.config.backoff.stable
                {
                    cx.lasting.backoff.reset();
                    cx.lasting.patience.forgive();
                }
                cx.end(socket, verdict, wait)
            }

            (Self::Waiting(_), Step::Retry) => cx.resolve(TokenWhy::Connect),
            (Self::Waiting(state), Step::Wake) if !state.asked => cx.resolve(TokenWhy::Connect),
            (Self::Waiting(state), Step::Deadline) if state.until.is_some_and(|until| until <= cx.now) => {
                cx.resolve(TokenWhy::Connect)
            }

            (
                Self::Opening(Opening { socket, .. })
                | Self::Handshaking(Handshaking { socket, .. })
                | Self::Ready(Ready { socket, .. }),
                Step::Left,
            ) => {
                cx.close(socket, ABANDONED);
                cx.leave()
            }
            (Self::Resolving(_), Step::Left) => cx.leave(),
            (Self::Waiting(state), Step::Left) if !state.asked => cx.leave(),

            (Self::Resolving(_) | Self::Waiting(_) | Self::Failed, Step::Close) => Self::Closed,
            (Self::Opening(state), Step::Close) => {
                cx.close(state.socket, DONE);
                Self::Closed
            }
            (Self::Handshaking(Handshaking { socket, .. }) | Self::Ready(Ready { socket, .. }), Step::Close) => {
                cx.orders.close = Some(Close { socket, code: DONE, listen: true });
                Self::Closing(Closing { socket, deadline: cx.now + LAST_WORDS })
            }
            (Self::Closing(state), Step::Connect) => {
                cx.close(state.socket, DONE);
                cx.resolve(TokenWhy::Connect)
            }
            (Self::Closing(state), Step::Ended { .. } | Step::Left) => {
                cx.close(state.socket, DONE);
                Self::Closed
            }
            (Self::Closing(state), Step::Deadline) if state.deadline <= cx.now => {
                cx.close(state.socket, DONE);
                Self::Closed
            }
            _ => return false,
        };
        *self = next;
        true
    }

    /// The socket whose events count.
    pub(crate) const fn socket(&self) -> Option<u32> {
        match self {
            Self::Opening(Opening { socket, .. })
            | Self::Handshaking(Handshaking { socket, .. })
            | Self::Closing(Closing { socket, .. }) => Some(*socket),
            Self::Ready(ready) => Some(ready.socket),
            Self::Idle | Self::Resolving(_) | Self::Waiting(_) | Self::Closed | Self::Failed => None,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Deadline {
        let (at, why) = match self {
            Self::Idle | Self::Closed | Self::Failed => return Deadline::NEVER,
            Self::Resolving(state) => (Some(state.deadline), Timer::GiveUpResolving),
            Self::Opening(state) => (Some(state.deadline), Timer::GiveUpOpening),
            Self::Handshaking(state) => (Some(state.deadline), Timer::GiveUpHandshaking),
            Self::Ready(state) => return state.session.poll_timeout(),
            Self::Waiting(state) => (state.until, Timer::Retry),
            Self::Closing(state) => (Some(state.deadline), Timer::GiveUpClosing),
        };
        Deadline::new(at, why)
    }
}

impl Lasting {
    /// All attempts and all patience anew.
    fn forgive_all(&mut self) {
        self.backoff.reset();
        self.patience = Patience::default();
    }

    /// Also for an attempt that is not a connection's: a token refresh.
    pub(crate) const fn next_generation(&mut self) -> u32 {
        self.generation = self.generation.wrapping_add(1);
        self.generation
    }
}

impl Cx<'_> {
    fn close(&mut self, socket: u32, code: u16) {
        self.orders.close = Some(Close { socket, code, listen: false });
    }

    fn resolve(&mut self, why: TokenWhy) -> State {
        let attempt = self.lasting.next_generation();
        self.orders.begin = Some(Begin::Resolve { attempt, why });
        State::Resolving(Resolving { attempt, deadline: self.now + self.config.resolve_timeout })
    }

    fn end(&mut self, socket: u32, verdict: Verdict, wait: Option<Duration>) -> State {
        self.close(socket, if matches!(verdict, Verdict::Violation) { VIOLATED } else { ABANDONED });
        let (next, cause) = self.lasting.patience.judge(verdict, self.config.has_token);
        match next {
            Next::Retry => self.wait(cause, wait),
            Next::RetrySlowly => {
                let slow = Backoff::slow(&self.config.backoff, self.rng);
                self.wait(cause, Some(wait.map_or(slow, |wait| wait.max(slow))))
            }
            Next::NewToken => {
                self.lasting.cause = Some(cause);
                self.resolve(TokenWhy::Refused)
            }
            Next::Fail => {
                self.lasting.cause = Some(cause);
                State::Failed
            }
        }
    }

    /// Waits as long as the backoff says, and at least `at_least`; or gives up.
    fn wait(&mut self, cause: Code, at_least: Option<Duration>) -> State {
        self.lasting.cause = Some(cause);
        let config = &self.config.backoff;
        if self.lasting.backoff.is_exhausted(config) {
            return State::Failed;
        }
        let mut wait = self.lasting.backoff.next(config, self.rng);
        if self.lasting.offline {
            // The browser's word lengthens the wait, but it is not always right: never for ever.
            wait = wait.max(Backoff::slow(config, self.rng));
        }
        let wait = at_least.map_or(wait, |at_least| wait.max(at_least));
        State::Waiting(Waiting { until: Some(self.now + wait), asked: at_least.is_some() })
    }

    fn leave(&mut self) -> State {
        self.lasting.cause = Some(Code::LostPageHidden);
        State::Waiting(Waiting { until: None, asked: false })
    }
}
