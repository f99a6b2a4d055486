//! Every transition of the connection is in this file, and this file does not know which protocol is spoken.
//!
//! A state is a struct named for what it waits for; [`State::on`] consumes it and returns the next. A step that means
//! nothing in a state changes nothing. docs/states.md is drawn from the table below; a test compares them.
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
#[derive(Clone, Copy, Debug)]
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) socket: u32,
    pub(crate) since: Instant,
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
    pub(crate) backoff: &'a mut Backoff,
    pub(crate) patience: &'a mut Patience,
    /// Counts attempts and sockets: the generation number of both.
    pub(crate) generation: &'a mut u32,
    pub(crate) offline: bool,
    /// Why the last connection ended; kept until the next one works.
    pub(crate) cause: &'a mut Option<Code>,
    pub(crate) orders: &'a mut Vec<Order>,
}

/// What a transition wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Resolve {
        attempt: u32,
        why: TokenWhy,
    },
    Open {
        socket: u32,
    },
    /// Close the socket; whatever it still says is of no interest.
    Abandon {
        socket: u32,
        code: u16,
    },
    /// Close the socket and hear its last words.
    Finish {
        socket: u32,
    },
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
    /// The next state.
    pub(crate) fn on(self, step: Step, cx: &mut Cx<'_>) -> Self {
        if let Step::Reconnect = step {
            if let Some(socket) = self.socket() {
                cx.orders.push(Order::Abandon { socket, code: DONE });
            }
            cx.backoff.reset();
            *cx.patience = Patience::default();
            *cx.cause = None;
            return cx.resolve(TokenWhy::Connect);
        }
        match self {
            Self::Idle | Self::Closed => match step {
                Step::Connect => cx.resolve(TokenWhy::Connect),
                _ => self,
            },
            Self::Failed => match step {
                Step::Connect => {
                    cx.backoff.reset();
                    *cx.patience = Patience::default();
                    cx.resolve(TokenWhy::Connect)
                }
                Step::Close => Self::Closed,
                _ => self,
            },
            Self::Resolving(state) => state.on(step, cx),
            Self::Opening(state) => state.on(step, cx),
            Self::Handshaking(state) => state.on(step, cx),
            Self::Ready(state) => state.on(step, cx),
            Self::Waiting(state) => state.on(step, cx),
            Self::Closing(state) => state.on(step, cx),
        }
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

impl Resolving {
    fn on(self, step: Step, cx: &mut Cx<'_>) -> State {
        match step {
            Step::Resolved { attempt } if attempt == self.attempt => {
                let socket = cx.next_generation();
                cx.orders.push(Order::Open { socket });
                State::Opening(Opening { socket, deadline: cx.now + cx.config.open_timeout })
            }
            Step::ResolveFailed { attempt } if attempt == self.attempt => cx.wait(Code::LostProvider, None),
            Step::Deadline if self.deadline <= cx.now => cx.wait(Code::LateResolve, None),
            Step::Close => State::Closed,
            Step::Left => cx.leave(),
            _ => State::Resolving(self),
        }
    }
}

impl Opening {
    fn on(self, step: Step, cx: &mut Cx<'_>) -> State {
        match step {
            Step::Opened { socket } if socket == self.socket => {
                let deadline = cx.now + cx.config.handshake_timeout;
                State::Handshaking(Handshaking { socket, deadline })
            }
            Step::Ended { verdict, wait } => cx.end(self.socket, verdict, wait),
            Step::Deadline if self.deadline <= cx.now => cx.end(self.socket, Verdict::Retry(Code::LateOpen), None),
            Step::Close => {
                cx.orders.push(Order::Abandon { socket: self.socket, code: DONE });
                State::Closed
            }
            Step::Left => cx.abandon_and_leave(self.socket),
            _ => State::Opening(self),
        }
    }
}

impl Handshaking {
    fn on(self, step: Step, cx: &mut Cx<'_>) -> State {
        match step {
            Step::Ready(session) => {
                cx.patience.admit();
                *cx.cause = None;
                State::Ready(Ready { socket: self.socket, since: cx.now, session })
            }
            Step::Ended { verdict, wait } => cx.end(self.socket, verdict, wait),
            Step::Deadline if self.deadline <= cx.now => cx.end(self.socket, Verdict::Retry(Code::LateHandshake), None),
            Step::Close => cx.finish(self.socket),
            Step::Left => cx.abandon_and_leave(self.socket),
            _ => State::Handshaking(self),
        }
    }
}

impl Ready {
    fn on(self, step: Step, cx: &mut Cx<'_>) -> State {
        match step {
            Step::Ended { verdict, wait } => {
                if cx.now.since(self.since) >= cx.config.backoff.stable {
                    cx.backoff.reset();
                    cx.patience.forgive();
                }
                cx.end(self.socket, verdict, wait)
            }
            Step::Close => cx.finish(self.socket),
            Step::Left => cx.abandon_and_leave(self.socket),
            _ => State::Ready(self),
        }
    }
}

impl Waiting {
    fn on(self, step: Step, cx: &mut Cx<'_>) -> State {
        match step {
            Step::Wake if !self.asked => cx.resolve(TokenWhy::Connect),
            Step::Retry => cx.resolve(TokenWhy::Connect),
            Step::Deadline if self.until.is_some_and(|until| until <= cx.now) => cx.resolve(TokenWhy::Connect),
            Step::Close => State::Closed,
            Step::Left if !self.asked => cx.leave(),
            _ => State::Waiting(self),
        }
    }
}

impl Closing {
    fn on(self, step: Step, cx: &mut Cx<'_>) -> State {
        let next = match step {
            Step::Ended { .. } | Step::Left => State::Closed,
            Step::Deadline if self.deadline <= cx.now => State::Closed,
            Step::Connect => cx.resolve(TokenWhy::Connect),
            _ => return State::Closing(self),
        };
        cx.orders.push(Order::Abandon { socket: self.socket, code: DONE });
        next
    }
}

impl Cx<'_> {
    fn next_generation(&mut self) -> u32 {
        *self.generation = self.generation.wrapping_add(1);
        *self.generation
    }

    fn resolve(&mut self, why: TokenWhy) -> State {
        let attempt = self.next_generation();
        self.orders.push(Order::Resolve { attempt, why });
        State::Resolving(Resolving { attempt, deadline: self.now + self.config.resolve_timeout })
    }

    fn finish(&mut self, socket: u32) -> State {
        self.orders.push(Order::Finish { socket });
        State::Closing(Closing { socket, deadline: self.now + LAST_WORDS })
    }

    fn end(&mut self, socket: u32, verdict: Verdict, wait: Option<Duration>) -> State {
        let code = if matches!(verdict, Verdict::Violation) { VIOLATED } else { ABANDONED };
        self.orders.push(Order::Abandon { socket, code });
        match self.patience.judge(verdict, self.config.has_token) {
            Next::Retry(cause) => self.wait(cause, wait),
            Next::RetrySlowly(cause) => {
                let slow = Backoff::slow(&self.config.backoff, self.rng);
                self.wait(cause, Some(wait.map_or(slow, |wait| wait.max(slow))))
            }
            Next::NewToken(cause) => {
                *self.cause = Some(cause);
                self.resolve(TokenWhy::Refused)
            }
            Next::Fail(cause) => {
                *self.cause = Some(cause);
                State::Failed
            }
        }
    }

    /// Waits as long as the backoff says, and at least `at_least`; or gives up.
    fn wait(&mut self, cause: Code, at_least: Option<Duration>) -> State {
        *self.cause = Some(cause);
        if self.backoff.is_exhausted(&self.config.backoff) {
            return State::Failed;
        }
        let mut wait = self.backoff.next(&self.config.backoff, self.rng);
        if self.offline {
            // The browser's word lengthens the wait, but it is not always right: never for ever.
            wait = wait.max(Backoff::slow(&self.config.backoff, self.rng));
        }
        let wait = at_least.map_or(wait, |at_least| wait.max(at_least));
        State::Waiting(Waiting { until: Some(self.now + wait), asked: at_least.is_some() })
    }

    fn leave(&mut self) -> State {
        *self.cause = Some(Code::LostPageHidden);
        State::Waiting(Waiting { until: None, asked: false })
    }

    fn abandon_and_leave(&mut self, socket: u32) -> State {
        self.orders.push(Order::Abandon { socket, code: ABANDONED });
        self.leave()
    }
}
